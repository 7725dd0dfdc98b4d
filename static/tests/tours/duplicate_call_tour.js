import {registry} from "@web/core/registry";
import {stepUtils} from "@web_tour/tour_utils";

// A coordinator takes a call about what somebody has reported already.
registry.category("web_tour.tours").add("constituent_duplicate_call", {
    steps: () => [
        ...stepUtils.goToAppSteps("constituent_services.menu_root"),
        {
            trigger: "[data-menu-xmlid='constituent_services.menu_phone_call']",
            run: "click",
        },
        {
            trigger: "#phone_desk_constituent",
            run: "edit Bela Neighbor",
        },
        {
            trigger: ".o_phone_desk_options li:contains(bela.neighbor@example.net)",
            run: "click",
        },
        {
            trigger: "#phone_desk_name:focus",
            run: "edit A testpothole at number 100",
        },
        {
            trigger: "#phone_desk_suggestion:contains(Test Pothole)",
        },
        {
            content: "The address finds what was reported before",
            trigger: "#phone_desk_street",
            run: "edit 100 Main Street",
        },
        {
            trigger: ".o_phone_desk_same:contains(the same address)",
        },
        {
            content: "It is the same matter",
            trigger: ".o_phone_desk_same button:contains(Same Matter)",
            run: "click",
        },
        {
            trigger: ".o_phone_desk_same button[aria-pressed='true']",
        },
        {
            trigger: "#phone_desk_save",
            run: "click",
        },
        {
            content: "A number of its own to read out",
            trigger: "#phone_desk_number:contains(-)",
        },
        {
            trigger: "#phone_desk_open",
            run: "click",
        },
        {
            trigger: ".o_form_view .alert:contains(The same matter is worked under)",
        },
        {
            content: "After all it is another matter",
            trigger: "button[name=action_not_same]",
            run: "click",
        },
        {
            trigger: ".o_form_view:not(:has(.alert:contains(worked under)))",
        },
    ],
});

// Mail that names two things waits in triage, with both to choose from.
registry.category("web_tour.tours").add("constituent_triage", {
    steps: () => [
        ...stepUtils.goToAppSteps("constituent_services.menu_root"),
        {
            trigger: "button[data-menu-xmlid='constituent_services.menu_cases']",
            run: "click",
        },
        {
            trigger: "[data-menu-xmlid='constituent_services.menu_case_triage']",
            run: "click",
        },
        {
            trigger: ".o_data_row td:contains(Tour of what is unclear)",
            run: "click",
        },
        {
            content: "The best are proposed with their score",
            trigger:
                ".o_field_constituent_category_suggestions button:contains(Test Tree)",
            run: "click",
        },
        {
            content: "Saved and routed by the category",
            trigger:
                ".o_field_widget[name=department_id] input:value(Parks Department), .o_field_widget[name=department_id]:contains(Parks Department)",
        },
        {
            trigger:
                ".o_form_view:not(:has(.o_field_constituent_category_suggestions button))",
        },
    ],
});
