import {registry} from "@web/core/registry";

const confirm = () => ({trigger: ".modal .btn-primary", run: "click"});
const stateIs = (label) => ({
    trigger: `.o_statusbar_status .o_arrow_button_current:contains(${label})`,
});

// A template is chosen, and the letters are written in the background.
const write = () => [
    {
        trigger: ".o_field_widget[name=template_id] input",
        run: "edit Test notice",
    },
    {
        trigger: ".o-autocomplete--dropdown-item:contains(Test notice)",
        run: "click",
    },
    {
        trigger: "button[name=action_prepare]",
        run: "click",
    },
    stateIs("Being Written"),
];

// Fifty cases, chosen in the list.
registry.category("web_tour.tours").add("constituent_letter_batch_write", {
    steps: () => [
        {
            trigger: ".o_list_view .o_data_row:contains(Batch tour)",
        },
        {
            trigger: ".o_list_table thead .o_list_record_selector input",
            run: "click",
        },
        {
            content: "All fifty",
            trigger: ".o_selection_box:contains(50)",
        },
        {
            trigger: ".o_cp_action_menus .dropdown-toggle:contains(Actions)",
            run: "click",
        },
        {
            trigger: ".o-dropdown--menu .o_menu_item:contains(Write to These)",
            run: "click",
        },
        {
            content: "A draft with a letter for each",
            trigger: ".o_form_view .oe_stat_button:contains(50)",
        },
        ...write(),
    ],
});

// They are written: a look at the sample, and off to who decides.
registry.category("web_tour.tours").add("constituent_letter_batch_submit", {
    steps: () => [
        stateIs("To Read"),
        {
            trigger: ".o_field_widget[name=sample]:contains(We have your case)",
        },
        {
            trigger: "button[name=action_submit]",
            run: "click",
        },
        stateIs("To Approve"),
    ],
});

// Who decides finds it above their letters, reads the sample, and approves all of them.
registry.category("web_tour.tours").add("constituent_letter_batch_approve", {
    steps: () => [
        {
            trigger: ".o_constituent_waiting_batches:contains(50 letters) button",
            run: "click",
        },
        {
            trigger: "button[name=action_read_sample]",
            run: "click",
        },
        {
            trigger: ".modal .alert:contains(What you decide holds for all of them)",
        },
        {
            trigger: ".modal .o_constituent_reading:contains(We have your case)",
        },
        {
            trigger: ".modal button[name=action_approve_all]",
            run: "click",
        },
        {
            trigger: "body:not(:has(.modal))",
        },
        stateIs("Approved"),
    ],
});

registry.category("web_tour.tours").add("constituent_letter_batch_send", {
    steps: () => [
        {
            trigger: "button[name=action_send]:contains(Send)",
            run: "click",
        },
        confirm(),
        stateIs("Being Sent"),
    ],
});

// Half way: how far it is.
registry.category("web_tour.tours").add("constituent_letter_batch_progress", {
    steps: () => [
        stateIs("Being Sent"),
        {
            trigger: ".o_form_sheet [name=figures]:contains(20):contains(sent)",
        },
        {
            trigger: "button[name=action_pause]",
        },
    ],
});

registry.category("web_tour.tours").add("constituent_letter_batch_done", {
    steps: () => [
        stateIs("Done"),
        {
            trigger: ".o_form_sheet [name=figures]:contains(50):contains(sent)",
        },
        {
            trigger: ".o-mail-Message:contains(50 sent, 0 failed)",
        },
    ],
});

// Opinion mail: one button makes the batch.
registry.category("web_tour.tours").add("constituent_opinion_answer", {
    steps: () => [
        {
            trigger: "button[name=action_for]",
            run: "click",
        },
        stateIs("Confirmed"),
        {
            trigger: "button[name=action_answer]:contains(Answer as a Batch)",
            run: "click",
        },
        {
            content: "Five people wrote six letters",
            trigger: ".o-mail-Message:contains(5 letters for 6 cases)",
        },
        ...write(),
    ],
});

registry.category("web_tour.tours").add("constituent_opinion_answered", {
    steps: () => [
        {
            trigger: ".oe_stat_button:contains(Answered):contains(6)",
        },
        {
            trigger: ".o-mail-Message:contains(5 letters for 6 cases)",
        },
        {
            trigger: ".oe_stat_button:contains(Batches)",
            run: "click",
        },
        {
            trigger: ".o_data_row td[name=name]:contains(About the bike lanes)",
            run: "click",
        },
        stateIs("Done"),
        {
            trigger: "button[name=action_opinion_group]",
            run: "click",
        },
        {
            trigger: ".oe_stat_button:contains(Answered)",
        },
    ],
});
