import {registry} from "@web/core/registry";

// One click drafts a letter, a clause is put in, and another case is answered with it.
registry.category("web_tour.tours").add("constituent_letter_writing", {
    steps: () => [
        {
            trigger: "button[name=action_choose_letter]",
            run: "click",
        },
        {
            content: "The fitting template, in one click",
            trigger:
                ".modal [name=fitting_ids] .o_data_row:contains(Test words) button[name=action_write]",
            run: "click",
        },
        {
            content: "The draft is there, filled from the case",
            trigger: ".o_field_widget[name=body]:contains(100 Main Street)",
        },
        {
            trigger: "button[name=action_insert_clause]",
            run: "click",
        },
        {
            trigger: ".modal [name=clause_id] input",
            run: "edit appeal",
        },
        {
            trigger: ".o-autocomplete--dropdown-item:contains(How to appeal)",
            run: "click",
        },
        {
            content: "Its words are shown before",
            trigger: ".modal [name=words]:contains(within thirty days)",
        },
        {
            trigger: ".modal button[name=action_insert]",
            run: "click",
        },
        {
            trigger:
                "body:not(:has(.modal)) .o_field_widget[name=body]:contains(within thirty days)",
        },
        {
            trigger: ".o_notebook .nav-link[name=clauses]",
            run: "click",
        },
        {
            trigger: "[name=clause_use_ids] .o_data_row:contains(How to appeal)",
        },
        {
            trigger: ".o_notebook .nav-link[name=earlier]",
            run: "click",
        },
        {
            content: "What is still unanswered joins with one click",
            trigger:
                "[name=unanswered_case_ids] .o_data_row:contains(Another testpothole) button[name=action_answer_in_letter]",
            run: "click",
        },
        {
            trigger: "[name=also_case_ids] .o_tag:contains(Another testpothole)",
        },
        {
            trigger: "button[name=action_submit]:enabled",
            run: "click",
        },
        {
            trigger: ".o_arrow_button_current:contains(To Approve)",
        },
    ],
});
