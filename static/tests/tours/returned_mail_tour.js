import {registry} from "@web/core/registry";
import {stepUtils} from "@web_tour/tour_utils";

const LETTER = "L-2001-004242";

// Whoever opens the post has the envelope, not the letter.
registry.category("web_tour.tours").add("constituent_returned_mail", {
    steps: () => [
        ...stepUtils.goToAppSteps("constituent_services.menu_root"),
        {
            trigger:
                "button[data-menu-xmlid='constituent_services.menu_correspondence']",
            run: "click",
        },
        {
            trigger:
                "[data-menu-xmlid='constituent_services.menu_correspondence_returned']",
            run: "click",
        },
        {
            trigger: ".modal .o_field_widget[name=references] textarea",
            run: `edit ${LETTER}`,
        },
        {
            trigger: ".modal .o_field_widget[name=note] input",
            run: "edit Nobody of that name here",
        },
        {
            content: "The number alone is shown, and what will become of it",
            trigger: `.modal .o_field_widget[name=found_numbers]:contains(1: ${LETTER})`,
        },
        {
            trigger: ".modal:not(:contains(Rivera)) .o_field_widget[name=city] input",
            run: "edit Newtown",
        },
        {
            trigger: ".modal .o_field_widget[name=street] input",
            run: "edit 5 New Road",
        },
        {
            trigger: ".modal button[name=action_mark]",
            run: "click",
        },
        {
            trigger: `.o_notification:contains(Marked as returned):contains(${LETTER})`,
        },
        {
            trigger: "body:not(:has(.modal))",
        },
    ],
});

// Who works the case finds it owed an answer, and writes to the new address.
registry.category("web_tour.tours").add("constituent_returned_mail_again", {
    steps: () => [
        {
            trigger: ".alert[name=answer_owed]:contains(an answer is owed)",
        },
        {
            trigger:
                ".alert[name=answer_owed] button[name=action_open_returned_letter]",
            run: "click",
        },
        {
            content: "What stood on the envelope",
            trigger:
                ".o_form_view:contains(Nobody of that name here):contains(5 New Road)",
        },
    ],
});
