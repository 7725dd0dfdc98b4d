import {chooseFile} from "./choose_file";
import {registry} from "@web/core/registry";
import {stepUtils} from "@web_tour/tour_utils";

// A manager imports the wards of the city and looks at one on the map.
registry.category("web_tour.tours").add("constituent_districts", {
    steps: () => [
        ...stepUtils.goToAppSteps("constituent_services.menu_root"),
        {
            trigger: "[data-menu-xmlid='constituent_services.menu_configuration']",
            run: "click",
        },
        {
            trigger: "[data-menu-xmlid='constituent_services.menu_districts']",
            run: "click",
        },
        {
            trigger:
                ".o_list_buttons, .o_control_panel button:contains(Import from GeoJSON)",
        },
        {trigger: "button:contains(Import from GeoJSON)", run: "click"},
        {
            trigger: ".modal .o_field_widget[name=district_type_id] input",
            run: "edit Ward",
        },
        {
            trigger: ".o-autocomplete--dropdown-item:contains(Ward)",
            run: "click",
        },
        {
            trigger: ".modal .o_field_widget[name=file] input[type=file]:not(:visible)",
            run: chooseFile,
        },
        {
            content: "It says what is in the file before anything is done",
            trigger:
                ".modal .o_field_widget[name=summary]:contains(2 districts: 1 Harbor, 2 Hill)",
        },
        {trigger: ".modal button[name=action_import]", run: "click"},
        {trigger: ".o_notification:contains(2 districts made)"},
        {trigger: ".o_data_row td[name=name]:contains(Harbor)", run: "click"},
        {trigger: ".o_form_view a[name=map]", run: "click"},
        {
            content: "The picture is there",
            trigger: ".o_constituent_district_map img",
            async run() {
                await this.anchor.decode();
            },
        },
    ],
});
