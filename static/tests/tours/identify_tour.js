import {registry} from "@web/core/registry";
import {openAllCases} from "./all_cases";

// A clerk says who called, and a coordinator how a council member's case is answered.
registry.category("web_tour.tours").add("constituent_identify", {
    steps: () => [
        ...openAllCases(),
        {
            trigger: ".o_data_row td[name=name]:contains(No light and no name)",
            run: "click",
        },
        {
            content: "Both who have the number are offered",
            trigger:
                ".o_constituent_identity_choices button:contains(Luis Rivera) + button:contains(New contact)",
        },
        {
            trigger: ".o_constituent_identity_choices button:contains(Ana Rivera)",
            run: "click",
        },
        {
            content: "She is the constituent now, and nothing is asked any more",
            trigger:
                ".o_constituent_case_form:not(:has(.o_constituent_identity_choices:visible)) .o_field_widget[name=partner_id] input:value(Ana Rivera)",
        },
    ],
});

registry.category("web_tour.tours").add("constituent_brought_by", {
    steps: () => [
        ...openAllCases(),
        {
            trigger: ".o_data_row td[name=name]:contains(Fwd: Streetlight out)",
            run: "click",
        },
        {
            content: "Whose mail was passed on is proposed",
            trigger:
                ".o_constituent_identity_choices:contains(Councilmember Lee passed on a mail of Jordan Smith)",
        },
        {
            trigger:
                ".o_constituent_identity_choices button:contains(Take Jordan Smith)",
            run: "click",
        },
        {
            trigger: ".o_field_widget[name=partner_id] input:value(Jordan Smith)",
        },
        {
            content: "How are they answered?",
            trigger: "[name=answer_to_decide] button[name=action_answer_both]",
            run: "click",
        },
        {
            trigger:
                ".o_constituent_case_form:not(:has(button[name=action_answer_both]))",
        },
    ],
});

registry.category("web_tour.tours").add("constituent_diverted", {
    steps: () => [
        ...openAllCases(),
        {
            trigger: ".o_data_row td[name=name]:contains(FOIA)",
            run: "click",
        },
        {
            content: "It says what it is",
            trigger: "[name=diversion]:contains(Records Request)",
        },
        {
            trigger: "button[name=action_not_diverted]:contains(Not a Records Request)",
            run: "click",
        },
        {
            content: "And is an ordinary case again",
            trigger:
                ".o_constituent_case_form:not(:has(button[name=action_not_diverted]))",
        },
    ],
});
