import {registry} from "@web/core/registry";
import {openAllCases} from "./all_cases";

// A caseworker logs a call on a case, promises to call back, and does.
registry.category("web_tour.tours").add("constituent_call", {
    steps: () => [
        ...openAllCases(),
        {
            trigger: ".o_data_row:contains(testpothole) .o_data_cell[name=name]",
            run: "click",
        },
        {
            content: "They called",
            trigger: ".o_form_view button[name=action_log_call]",
            run: "click",
        },
        {
            trigger: ".modal .o_field_widget[name=phone] input:value(212-736-5000)",
        },
        {
            trigger: ".modal .o_field_widget[name=direction] input[data-value=in]",
            run: "click",
        },
        {
            trigger: ".modal .o_field_widget[name=note] textarea",
            run: "edit Asks when it is filled.",
        },
        {
            content: "One button says how it ended, and saves",
            trigger: ".modal button[name=action_call_back]",
            run: "click",
        },
        {
            trigger:
                "body:not(:has(.modal)) .o_form_view button[name=action_calls]:contains(1)",
        },
        {
            trigger: ".o_form_view .o_field_widget[name=call_back_by]:not(:empty)",
        },
        {
            content: "It is on the list of call-backs",
            trigger: "[data-menu-xmlid='constituent_services.menu_cases']",
            run: "click",
        },
        {
            trigger: "[data-menu-xmlid='constituent_services.menu_call_back']",
            run: "click",
        },
        {
            trigger: ".o_data_row:contains(Asks when it is filled.)",
        },
        {
            content: "Call them",
            trigger: ".o_data_row:contains(Asks when) button[name=action_log_call]",
            run: "click",
        },
        {
            trigger: ".modal button[name=action_reached]",
            run: "click",
        },
        {
            content: "Spoken to, they are off the list",
            trigger:
                "body:not(:has(.modal)) .o_list_view .o_view_nocontent:contains(Nobody waits)",
        },
    ],
});
