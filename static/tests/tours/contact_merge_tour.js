import {registry} from "@web/core/registry";

// Two contacts of one person are seen side by side and merged.
registry.category("web_tour.tours").add("constituent_contact_merge", {
    steps: () => [
        {
            trigger: ".o_searchview_input",
            run: "edit Rivera",
        },
        {
            trigger: ".o_searchview_input",
            run: "press Enter",
        },
        {
            trigger: ".o_list_view:has(.o_data_row:eq(1)):not(:has(.o_data_row:eq(2)))",
        },
        {
            content: "Both of them",
            trigger: "thead .o_list_record_selector input",
            run: "click",
        },
        {
            trigger: ".o_cp_action_menus button:contains(Actions)",
            run: "click",
        },
        {
            trigger: ".o-dropdown--menu .o_menu_item:contains(Merge (Constituents))",
            run: "click",
        },
        {
            content: "Side by side",
            trigger: ".modal td:contains(anna@example.org)",
        },
        {
            trigger: ".modal th:contains(Ana Rivera) .badge:contains(stays)",
        },
        {
            trigger: ".modal button[name=action_merge_contacts]",
            run: "click",
        },
        {
            content: "The one that goes on, with both cases",
            trigger:
                ".o_form_view button[name=action_constituent_cases] .o_stat_value:contains(2)",
        },
    ],
});
