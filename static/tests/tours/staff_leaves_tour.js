import {registry} from "@web/core/registry";

// A caseworker leaves; a manager hands over all they held and reads the report.
registry.category("web_tour.tours").add("constituent_staff_leaves", {
    steps: () => [
        {
            trigger: ".modal .o_field_widget[name=leaver_id] input",
            run: "edit Test Caseworker",
        },
        {
            trigger: ".o-autocomplete--dropdown-item:contains(Test Caseworker)",
            run: "click",
        },
        {
            content: "What they hold",
            trigger: ".modal .o_field_widget[name=summary]:contains(Open cases: 2)",
        },
        {
            trigger: ".modal .o_field_widget[name=successor_id] input",
            run: "edit Test Other",
        },
        {
            trigger: ".o-autocomplete--dropdown-item:contains(Test Other Caseworker)",
            run: "click",
        },
        {
            trigger: ".modal button[name=action_hand_over_staff]",
            run: "click",
        },
        {
            content: "The report",
            trigger: ".modal .o_field_widget[name=result]:contains(Open cases: 2)",
        },
        {
            trigger: ".modal .o_field_widget[name=result]:contains(Streets Department)",
        },
    ],
});
