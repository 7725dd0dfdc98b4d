import {registry} from "@web/core/registry";

// A letter with three matters becomes three cases in one step.
registry.category("web_tour.tours").add("constituent_split_in_three", {
    steps: () => [
        {
            content: "The letter, as it was taken in",
            trigger:
                ".o_form_view .o_cp_action_menus button, .o_cp_action_menus button",
            run: "click",
        },
        {
            trigger:
                ".o-dropdown--menu .o_menu_item:contains(Split into Several Cases)",
            run: "click",
        },
        {
            content: "A line for each matter is proposed",
            trigger: ".modal .o_data_row:eq(2) td[name=words]:contains(library)",
        },
        {
            trigger:
                ".modal .o_data_row:eq(1) td[name=category_id]:contains(Test Tree)",
        },
        {
            content: "Put one of them into plain words",
            trigger: ".modal .o_data_row:eq(2) td[name=subject]",
            run: "click",
        },
        {
            trigger: ".modal .o_selected_row td[name=subject] input",
            run: "edit Library hours on Sundays",
        },
        {
            content: "And take the picture along with the tree",
            trigger: ".modal .o_data_row:eq(1) td[name=attachment_ids]",
            run: "click",
        },
        {
            trigger: ".modal .o_selected_row td[name=attachment_ids] input",
            run: "edit tree",
        },
        {
            trigger: ".o-autocomplete--dropdown-item:contains(tree.jpg)",
            run: "click",
        },
        {
            trigger: ".modal td[name=attachment_ids] .o_tag:contains(tree.jpg)",
        },
        {
            trigger: ".modal button[name=action_split_case]",
            run: "click",
        },
        {
            content: "Three cases of one letter",
            trigger:
                ".o_list_view .o_data_row td[name=name]:contains(Library hours on Sundays)",
        },
        {
            trigger: ".o_list_view:has(.o_data_row:eq(2)):not(:has(.o_data_row:eq(3)))",
        },
    ],
});
