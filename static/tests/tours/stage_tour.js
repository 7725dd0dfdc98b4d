import {registry} from "@web/core/registry";

// Wherever a stage is changed, closing asks for the outcome and reopening for a reason.
registry.category("web_tour.tours").add("constituent_close_by_stage", {
    steps: () => [
        {
            content: "Drag a card onto Closed",
            trigger: ".o_kanban_record:contains(A testpothole)",
            async run({drag_and_drop}) {
                await drag_and_drop(".o_kanban_group.o_column_folded", {
                    position: {top: 200, left: 20},
                    relative: true,
                });
            },
        },
        {
            trigger: ".modal .o_field_widget[name=outcome_id] input",
            run: "edit Resolved",
        },
        {
            trigger: ".o-autocomplete--dropdown-item:contains(Resolved)",
            run: "click",
        },
        {
            trigger: ".modal button[name=action_close_cases]",
            run: "click",
        },
        {
            content: "It has left the open stages",
            trigger:
                "body:not(:has(.modal)) .o_kanban_group:contains(New):not(:has(.o_kanban_record:contains(A testpothole)))",
        },
        {
            content: "Open another and close it by the status bar",
            trigger: ".o_kanban_record:contains(A testtree)",
            run: "click",
        },
        {
            content: "Closed is folded away",
            trigger: ".o_statusbar_status button.dropdown-toggle:not(.d-none):enabled",
            run: "click",
        },
        {
            trigger: ".o-dropdown--menu .o-dropdown-item:contains(Closed)",
            run: "click",
        },
        {
            trigger: ".modal .o_field_widget[name=outcome_id] input",
            run: "edit Resolved",
        },
        {
            trigger: ".o-autocomplete--dropdown-item:contains(Resolved)",
            run: "click",
        },
        {
            trigger: ".modal button[name=action_close_cases]",
            run: "click",
        },
        {
            content: "Closed; another stage asks for the reason",
            trigger: ".o_form_view .o_field_widget[name=outcome_id]:contains(Resolved)",
        },
        {
            trigger: ".o_statusbar_status button:contains(In Progress):enabled",
            run: "click",
        },
        {
            trigger: ".modal .o_field_widget[name=reason] textarea",
            run: "edit It fell again.",
        },
        {
            trigger: ".modal button[name=action_reopen_cases]",
            run: "click",
        },
        {
            trigger: ".o_form_view button[name=action_close]",
        },
    ],
});
