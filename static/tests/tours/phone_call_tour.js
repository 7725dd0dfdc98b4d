import {registry} from "@web/core/registry";
import {stepUtils} from "@web_tour/tour_utils";

// An intake clerk takes a call by keyboard and reads the number to the caller.
registry.category("web_tour.tours").add("constituent_phone_call", {
    steps: () => [
        ...stepUtils.goToAppSteps("constituent_services.menu_root"),
        {
            content: "Open the telephone desk",
            trigger: "[data-menu-xmlid='constituent_services.menu_phone_call']",
            run: "click",
        },
        {
            content: "Find the caller by a part of the name",
            trigger: "#phone_desk_constituent",
            run: "edit riv",
        },
        {
            trigger: ".o_phone_desk_options li:contains(Ana Rivera)",
        },
        {
            content: "Choose by keyboard",
            trigger: "#phone_desk_constituent",
            run: "press Enter",
        },
        {
            content: "Who it is, and what they were told",
            trigger: ".o_phone_desk_name:contains(Ana Rivera)",
        },
        {
            trigger: ".o_phone_desk_case:contains(The lamp is out)",
        },
        {
            trigger: ".o_phone_desk_side:contains(1 more with other departments)",
        },
        {
            content: "Type what it is about; the cursor is there already",
            trigger: "#phone_desk_name:focus",
            run: "edit A testpothole by the school",
        },
        {
            content: "The desk proposes a category and says what to promise",
            trigger: "#phone_desk_suggestion:contains(Test Pothole)",
        },
        {
            trigger: "#phone_desk_department:contains(Streets Department)",
        },
        {
            trigger: "#phone_desk_details",
            run: "edit It is deep. A child fell.",
        },
        {
            content: "The place of the matter is not the home address",
            trigger: "#phone_desk_street",
            run: "edit 100 Main Street",
        },
        {
            content: "Save by keyboard",
            trigger: "#phone_desk_street",
            run: "press Control+Enter",
        },
        {
            content: "The number to read out",
            trigger: "#phone_desk_number:contains(-)",
        },
        {
            trigger: ".o_phone_desk_facts:contains(Streets Department)",
        },
        {
            content: "The next call begins empty, the cursor at the top",
            trigger: "#phone_desk_next:focus",
            run: "press Enter",
        },
        {
            trigger: "#phone_desk_constituent:focus:empty",
        },
        {
            content: "A caller who gives no name",
            trigger: "#phone_desk_constituent",
            run: "edit nobody at all",
        },
        {
            trigger: ".o_phone_desk_options li:contains(The caller gives no name)",
            run: "click",
        },
        {
            trigger: "#phone_desk_details",
            run: "edit Somebody dumps tires on Canal Street",
        },
        {
            trigger: "#phone_desk_save",
            run: "click",
        },
        {
            trigger: "#phone_desk_number:contains(-)",
        },
        {
            content: "The case is there",
            trigger: "#phone_desk_open",
            run: "click",
        },
        {
            trigger: ".o_form_view .badge:contains(Anonymous)",
        },
        {
            trigger: ".o_form_view .o_field_widget[name=number]:contains(-)",
        },
    ],
});
