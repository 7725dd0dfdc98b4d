import {registry} from "@web/core/registry";

// A page of concerns becomes cases in one go, and one letter answers the group.
registry.category("web_tour.tours").add("constituent_meeting", {
    steps: () => [
        {
            content: "A new meeting",
            trigger: ".o_list_button_add",
            run: "click",
        },
        {
            trigger: ".o_form_view .o_field_widget[name=name] input",
            run: "edit Elm Street, November",
        },
        {
            trigger: ".o_field_widget[name=group_id] input",
            run: "edit Elm Street Asso",
        },
        {
            trigger:
                ".o-autocomplete--dropdown-item:contains(Elm Street Association):not(:contains(Create))",
            run: "click",
        },
        {
            content: "The page that was handed over",
            trigger: ".o_notebook a:contains(Paste a Page)",
            run: "click",
        },
        {
            trigger: ".o_field_widget[name=page] textarea",
            run: (helpers) =>
                helpers.edit(
                    "1. A testpothole at 5 Elm Street\n2. A testtree leans over Canal Street"
                ),
        },
        {
            trigger: "button[name=action_read_page]",
            run: "click",
        },
        {
            trigger: ".o_notebook a:contains(Concerns)",
            run: "click",
        },
        {
            trigger: ".o_data_row td[name=words]:contains(A testtree leans)",
        },
        {
            content: "Cases in one go",
            trigger: "button[name=action_make_cases]",
            run: "click",
        },
        {
            trigger:
                ".o_list_view .o_data_row td[name=name]:contains(A testpothole at 5 Elm)",
        },
        {
            trigger: ".breadcrumb-item a:contains(Elm Street, November)",
            run: "click",
        },
        {
            content: "Each line has its case now",
            trigger: ".o_data_row:eq(1) td[name=case_id]:contains(A testtree)",
        },
        {
            trigger: "button[name=action_reply]",
            run: "click",
        },
        {
            content: "One letter with a line for each concern",
            trigger:
                ".o_form_view .o_field_widget[name=body] td:contains(A testtree leans)",
        },
    ],
});
