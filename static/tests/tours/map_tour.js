import {registry} from "@web/core/registry";

// The map of a case: what is on it, and saying there that two cases are one matter.
registry.category("web_tour.tours").add("constituent_map", {
    steps: () => [
        {
            content: "From the place of the matter",
            trigger: ".o_constituent_open_map",
            run: "click",
        },
        {
            content: "The other open case, which is another kind of matter",
            trigger: ".modal .o_constituent_map .o_constituent_map_other",
            run: "click",
        },
        {
            trigger: ".leaflet-popup:contains(Map tour tree)",
        },
        {
            content: "Without a map service nothing is fetched",
            trigger: ".o_constituent_map_plain:not(:has(.leaflet-tile))",
        },
        {
            trigger: ".modal-footer button:contains(Close)",
            run: "click",
        },
        {
            content: "From what may be the same",
            trigger: "body:not(:has(.modal)) .o_constituent_nearby",
            run: "click",
        },
        {
            trigger: ".modal .o_constituent_map_same.leaflet-marker-icon",
            run: "click",
        },
        {
            content: "What somebody wrote stays text",
            trigger:
                ".leaflet-popup .text-break:contains('Map <b>tour</b> one'):not(:has(b))",
        },
        {
            trigger: ".leaflet-popup button:contains(Same Matter)",
            run: "click",
        },
        {
            trigger: ".o_form_view .alert:contains(The same matter is worked under)",
        },
    ],
});
