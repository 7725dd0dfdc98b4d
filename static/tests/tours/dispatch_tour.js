import {registry} from "@web/core/registry";
import {openAllCases} from "./all_cases";
import {stepUtils} from "@web_tour/tour_utils";

const FIELD = ".o_constituent_work_order_form .o_field_widget";

const choose = (name, text) => [
    {
        content: `Choose ${text}`,
        trigger: `${FIELD}[name=${name}] input`,
        run: `edit ${text}`,
    },
    {
        trigger: `.o-autocomplete--dropdown-item:contains(${text})`,
        run: "click",
    },
];

// At the desk: two reports of one place become one order; when its crew is done, the
// case proposes the answer and how it ended.
registry.category("web_tour.tours").add("constituent_dispatch_together", {
    steps: () => [
        ...openAllCases(),
        {
            content: "Both reports",
            trigger: ".o_list_view thead .o_list_record_selector input",
            run: "click",
        },
        {
            trigger: ".o_control_panel button[name=action_dispatch]",
            run: "click",
        },
        {
            content: "The place is filled in, and it is one",
            trigger: `${FIELD}[name=street] input:value(100 Main Street)`,
        },
        {trigger: ".o_form_view:not(:has([name=place_warning]:visible))"},
        {
            content: "So are the category's tasks",
            trigger: `${FIELD}[name=task_ids] .o_data_row:contains(Fill the hole)`,
        },
        ...choose("crew_id", "Pothole Crew"),
        {
            content: "The crew brings its supervisor",
            trigger: `${FIELD}[name=supervisor_id] input:value(Test Caseworker)`,
        },
        {
            trigger: `${FIELD}[name=window_start] input, ${FIELD}[name=window_start] button`,
            run: "click",
        },
        {
            trigger: `${FIELD}[name=window_start] input`,
            run: "edit 11/30/2026 08:00:00 && press Enter",
        },
        ...stepUtils.saveForm(),
        {
            trigger: ".o_statusbar_buttons button[name=action_dispatch]",
            run: "click",
        },
        {trigger: ".o_arrow_button_current:contains(Dispatched)"},
        {
            content: "The whole list at once from here on",
            trigger: ".o_statusbar_buttons button[name=action_start]",
            run: "click",
        },
        {trigger: ".o_arrow_button_current:contains(In Progress)"},
    ],
});

registry.category("web_tour.tours").add("constituent_after_work", {
    steps: () => [
        {
            content: "All work is done: the answer is drafted",
            trigger: "[name=work_done] button[name=action_draft_work_answer]",
            run: "click",
        },
        {
            trigger:
                ".o_field_widget[name=body] .odoo-editor-editable:contains(We filled the hole.)",
        },
        {
            content: "Nothing was sent: back to the case",
            trigger: ".breadcrumb-item a:contains(CS-), .o_back_button",
            run: "click",
        },
        {
            trigger: "[name=work_done] button[name=action_close_after_work]",
            run: "click",
        },
        {
            trigger: ".modal .o_field_widget[name=outcome_id] input:value(Resolved)",
        },
        {
            trigger:
                ".modal .o_field_widget[name=note] textarea:value(/We filled the hole\\./)",
        },
        {
            trigger: ".modal button[name=action_close_cases]:visible",
            run: "click",
        },
        {trigger: ".o_form_view:not(:has([name=work_done]:visible))"},
        {trigger: ".o_arrow_button_current:contains(Closed)"},
    ],
});
