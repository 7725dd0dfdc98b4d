import {registry} from "@web/core/registry";
import {stepUtils} from "@web_tour/tour_utils";

const inbox = () => [
    ...stepUtils.goToAppSteps("constituent_services.menu_root"),
    {
        trigger: "button[data-menu-xmlid='constituent_services.menu_correspondence']",
        run: "click",
    },
    {
        trigger:
            "[data-menu-xmlid='constituent_services.menu_correspondence_to_approve']",
        run: "click",
    },
    {
        trigger: ".o_data_row td:contains(Letter of the approval tour)",
        run: "click",
    },
];

// The caseworker submits what is drafted.
registry.category("web_tour.tours").add("constituent_approval_submit", {
    steps: () => [
        {
            trigger: "button[name=action_submit]",
            run: "click",
        },
        {
            trigger: ".alert[name=approval_note]:contains(Waits for Test Manager)",
        },
        {
            content: "Others decide: there is no button for it here",
            trigger: ".o_form_view:not(:has(button[name=action_approve]))",
        },
    ],
});

// The commissioner reads it and sends it back.
registry.category("web_tour.tours").add("constituent_approval_return", {
    steps: () => [
        ...inbox(),
        {
            trigger: ".o_statusbar_buttons button:contains(Send Back)",
            run: "click",
        },
        {
            trigger: ".modal .o_field_widget[name=reason] input",
            run: "edit Name the date of the repair.",
        },
        {
            trigger: ".modal button[name=action_apply]",
            run: "click",
        },
        {
            trigger:
                ".o_form_view .o_statusbar_status .o_arrow_button_current:contains(Sent Back)",
        },
    ],
});

// The caseworker changes a word and submits again.
registry.category("web_tour.tours").add("constituent_approval_change", {
    steps: () => [
        {
            content: "What to change stands on top",
            trigger:
                ".alert[name=sent_back_note]:contains(Name the date of the repair)",
        },
        {
            content: "What to change is there to read",
            trigger: ".o_notebook .nav-link:contains(Decisions)",
            run: "click",
        },
        {
            trigger: ".o_constituent_trail:contains(Name the date of the repair)",
        },
        {
            trigger: ".o_notebook .nav-link:contains(Letter)",
            run: "click",
        },
        {
            trigger: ".o_field_widget[name=enclosures] textarea",
            run: "edit Plan of the repair on December 1",
        },
        {
            trigger: "button[name=action_submit]",
            run: "click",
        },
        {
            trigger: ".alert[name=approval_note]:contains(Waits for)",
        },
    ],
});

// Somebody acts for the commissioner: reads it among others and approves.
registry.category("web_tour.tours").add("constituent_approval_delegate", {
    steps: () => [
        ...inbox(),
        {
            trigger: ".o_breadcrumb .o_back_button, .breadcrumb-item a",
            run: "click",
        },
        {
            trigger:
                ".o_data_row:contains(Letter of the approval tour) .o_list_record_selector input",
            run: "click",
        },
        {
            trigger:
                ".o_control_panel button[name=action_read_and_decide], .o_list_buttons button[name=action_read_and_decide], button[name=action_read_and_decide]",
            run: "click",
        },
        {
            content: "The letter is there to read, with what was changed",
            trigger:
                ".modal .o_constituent_reading:contains(Plan of the repair on December 1)",
        },
        {
            content: "Whose signature will be printed is there to read",
            trigger:
                ".modal .o_constituent_reading:contains(You act for Test Manager):contains(Acting Commissioner of Streets)",
        },
        {
            trigger: ".modal button[name=action_approve_all]:contains('(1)')",
            run: "click",
        },
        {
            trigger: "body:not(:has(.modal)) .o_list_view",
        },
    ],
});

// Of three letters one is approved, one goes back with a comment, one is left.
registry.category("web_tour.tours").add("constituent_approval_one_by_one", {
    steps: () => [
        ...inbox(),
        {
            trigger: ".o_breadcrumb .o_back_button, .breadcrumb-item a",
            run: "click",
        },
        {
            trigger: "button[name=action_read_and_decide]",
            run: "click",
        },
        {
            trigger: ".modal button[name=action_approve_all]:contains('(3)')",
        },
        {
            trigger:
                ".modal .o_kanban_record:contains(The one to send back) button[data-answer=back]",
            run: "click",
        },
        {
            trigger: ".modal .o_kanban_record:contains(The one to send back) textarea",
            run: "edit Name the inspector.",
        },
        {
            trigger:
                ".modal .o_kanban_record:contains(The one to leave) button[data-answer=out]",
            run: "click",
        },
        {
            trigger:
                ".modal button[name=action_approve_all]:contains(1, and 1 sent back)",
            run: "click",
        },
        {
            trigger: "body:not(:has(.modal)) .o_list_view",
        },
    ],
});

// The caseworker sends it.
registry.category("web_tour.tours").add("constituent_approval_send", {
    steps: () => [
        {
            trigger: "button[name=action_send]:contains(Send by Post)",
            run: "click",
        },
        {
            trigger: ".modal .btn-primary",
            run: "click",
        },
        {
            trigger: ".o_form_view .alert:contains(is sealed)",
        },
    ],
});
