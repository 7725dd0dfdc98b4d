import {registry} from "@web/core/registry";
import {openAllCases} from "./all_cases";
import {CaseCalendarModel} from "@constituent_services/backend/case_calendar";

const {MAX_RECORDS} = CaseCalendarModel;

// More cases are due than a calendar can show: it says so, until a filter makes them fewer.
registry.category("web_tour.tours").add("constituent_calendar", {
    steps: () => [
        ...openAllCases(),
        {
            content: "For once, two cases are many",
            trigger: ".o_data_row td[name=name]:contains(Due last)",
            run() {
                CaseCalendarModel.MAX_RECORDS = 2;
            },
        },
        {trigger: ".o_switch_view.o_calendar", run: "click"},
        {trigger: ".o_notification:contains(These are the 2 cases due first)"},
        {trigger: ".o_calendar_view .o_event:contains(Due first)"},
        {trigger: ".o_calendar_view:not(:has(.o_event:contains(Due last)))"},
        {
            content: "Only those that will be due last",
            trigger: ".o_searchview_input",
            run: "edit Due last",
        },
        {
            trigger:
                ".o_searchview_autocomplete .o-dropdown-item:contains(Number or Subject)",
            run: "click",
        },
        {
            trigger: ".o_calendar_view .o_event:contains(Due last)",
            run() {
                CaseCalendarModel.MAX_RECORDS = MAX_RECORDS;
            },
        },
    ],
});
