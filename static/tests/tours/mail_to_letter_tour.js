import {registry} from "@web/core/registry";
import {stepUtils} from "@web_tour/tour_utils";

// A caseworker takes the case a mail made and answers it by a letter that is sent.
registry.category("web_tour.tours").add("constituent_mail_to_letter", {
    steps: () => [
        ...stepUtils.goToAppSteps("constituent_services.menu_root"),
        {
            trigger: "[data-menu-xmlid='constituent_services.menu_cases']",
            run: "click",
        },
        {
            trigger: "[data-menu-xmlid='constituent_services.menu_case_my']",
            run: "click",
        },
        {
            content: "Nothing is mine yet, and the screen says what to do",
            trigger: ".o_view_nocontent:contains(Nothing is assigned to you)",
        },
        {
            trigger: "[data-menu-xmlid='constituent_services.menu_cases']",
            run: "click",
        },
        {
            trigger: "[data-menu-xmlid='constituent_services.menu_case_all']",
            run: "click",
        },
        {
            content: "Open the case the mail made",
            trigger: ".o_data_row td[name=name]:contains(A testpothole)",
            run: "click",
        },
        {
            trigger:
                ".o_form_view .o_field_widget[name=description]:contains(Please mend it)",
        },
        {
            trigger: "button[name=action_assign_to_me]",
            run: "click",
        },
        {
            content: "It is mine now",
            trigger: ".o_form_view:not(:has(button[name=action_assign_to_me]))",
        },
        {
            trigger: "button[name=action_choose_letter]",
            run: "click",
        },
        {
            trigger: ".modal button[name=action_without_template]",
            run: "click",
        },
        {
            content: "The letter is begun",
            trigger:
                ".o_form_view .o_field_widget[name=body] .odoo-editor-editable:contains(Thank you)",
            run: "editor We will fill the hole by Friday.",
        },
        ...stepUtils.saveForm(),
        {
            trigger: "button[name=action_submit]:enabled",
            run: "click",
        },
        {
            trigger: "button[name=action_approve]:enabled",
            run: "click",
        },
        {
            trigger: "button[name=action_send]:contains(Post):enabled",
            run: "click",
        },
        {
            content: "It cannot be taken back: confirm",
            trigger: ".modal .modal-footer .btn-primary",
            run: "click",
        },
        {
            trigger: ".o_form_view .alert:contains(sealed)",
        },
        {
            content: "Back at the case, the letter is there",
            trigger: ".o_back_button",
            run: "click",
        },
        {
            trigger:
                "button[name=action_view_correspondence] .o_stat_value:contains(1)",
        },
    ],
});
