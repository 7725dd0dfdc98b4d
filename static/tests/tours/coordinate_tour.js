import {registry} from "@web/core/registry";
import {openAllCases} from "./all_cases";
import {stepUtils} from "@web_tour/tour_utils";

// A coordinator finds a case in triage, gives it to a department, and closes it.
registry.category("web_tour.tours").add("constituent_coordinate", {
    steps: () => [
        ...openAllCases(),
        {
            content: "All open cases, the placed one too",
            trigger: ".o_data_row td[name=name]:contains(A testpothole)",
        },
        {
            content: "Search by the constituent",
            trigger: ".o_searchview_input",
            run: "edit rivera",
        },
        {
            trigger:
                ".o_searchview_autocomplete .o-dropdown-item:contains(Constituent)",
            run: "click",
        },
        {
            trigger: ".o_searchview_facet:contains(rivera)",
        },
        {
            content: "Only what is in triage",
            trigger: ".o_searchview_dropdown_toggler",
            run: "click",
        },
        {
            trigger: ".o_filter_menu .o_menu_item:contains(Triage)",
            run: "click",
        },
        {
            trigger: ".o_list_view:not(:has(td[name=name]:contains(A testpothole)))",
        },
        {
            trigger: ".o_data_row td[name=name]:contains(A matter nobody can place)",
            run: "click",
        },
        {
            content: "Give it to a department and say why",
            trigger: "button[name=action_hand_over]",
            run: "click",
        },
        {
            trigger: ".modal .o_field_widget[name=department_id] input",
            run: "edit Parks",
        },
        {
            trigger: ".o-autocomplete--dropdown-item:contains(Parks Department)",
            run: "click",
        },
        {
            trigger: ".modal .o_field_widget[name=note] input",
            run: "edit It is in the park.",
        },
        {
            trigger: ".modal button[name=action_hand_over_cases]",
            run: "click",
        },
        {
            trigger:
                ".o_form_view .o_field_widget[name=routing_note]:contains(It is in the park)",
        },
        {
            content: "Reassign",
            trigger: ".o_form_view .o_field_widget[name=user_id] input",
            run: "edit Test Other",
        },
        {
            trigger: ".o-autocomplete--dropdown-item:contains(Test Other Caseworker)",
            run: "click",
        },
        ...stepUtils.saveForm(),
        {
            content: "Close, and say how it ended",
            trigger: "button[name=action_close]",
            run: "click",
        },
        {
            trigger: ".modal .o_field_widget[name=outcome_id] input",
            run: "edit Not Gran",
        },
        {
            trigger: ".o-autocomplete--dropdown-item:contains(Not Granted)",
            run: "click",
        },
        {
            content: "What the constituent will read stands beside it",
            trigger:
                ".modal .o_field_widget[name=public_text]:contains(cannot do what was asked)",
        },
        {
            trigger: ".modal .o_field_widget[name=note] textarea",
            run: "edit The bench is privately owned.",
        },
        {
            trigger: ".modal button[name=action_close_cases]",
            run: "click",
        },
        {
            trigger:
                ".o_form_view .o_field_widget[name=outcome_note]:contains(privately owned)",
        },
        {
            trigger: "button[name=action_reopen]",
        },
    ],
});
