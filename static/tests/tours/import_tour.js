import {chooseFile} from "./choose_file";
import {registry} from "@web/core/registry";

const openWizard = [
    {
        content: "Imports have a menu of their own",
        trigger: ".o_menu_sections button:contains(Import)",
        run: "click",
    },
    {
        trigger: ".o-dropdown--menu .dropdown-item:contains(Import a File)",
        run: "click",
    },
    {
        content: "Choose the file",
        trigger: ".modal .o_field_widget[name=file] input[type=file]:not(:visible)",
        run: chooseFile,
    },
];

registry.category("web_tour.tours").add("constituent_import", {
    steps: () => [
        ...openWizard,
        {
            trigger: ".modal .o_field_widget[name=mapping_id] input",
            run: "edit NYC",
        },
        {
            trigger: ".o-autocomplete--dropdown-item:contains(NYC 311)",
            run: "click",
        },
        {
            content: "See the first rows as they would become",
            trigger: ".modal button[name=action_preview]",
            run: "click",
        },
        {
            trigger:
                ".modal .o_constituent_import_preview:contains(Traffic Signal Condition)",
            // Four megabytes to and fro, and twice through the check.
            timeout: 60000,
        },
        {
            content: "What was mended is said",
            trigger: ".modal li:contains(garbled)",
        },
        {
            trigger: ".modal button[name=action_import]",
            run: "click",
        },
        {
            content: "The import is under way",
            trigger: ".o_form_view .progress[role=progressbar]",
            timeout: 60000,
        },
        {
            trigger: ".o_form_view button[name=action_stop]",
        },
    ],
});

registry.category("web_tour.tours").add("constituent_import_report", {
    steps: () => [
        {
            trigger:
                ".o_data_row:contains(Done):contains(4,999) .o_data_cell[name=name]",
            run: "click",
        },
        {
            content: "Every row is accounted for",
            trigger:
                ".o_constituent_import_counts div:contains(4,999):contains(created)",
        },
        {
            trigger: ".o_form_view .progress-bar:contains(100)",
        },
        {
            trigger: ".o_field_widget[name=note_summary] td:contains(UNKNOWN)",
        },
        {
            trigger: "button[name=action_rows_noted]",
            run: "click",
        },
        {
            trigger: ".o_list_view .o_data_row:contains(No coordinates)",
            timeout: 30000,
        },
        {
            trigger: ".breadcrumb-item a:contains(nyc311), .o_back_button",
            run: "click",
        },
        {
            content: "And here they are",
            trigger: "button[name=action_records]",
            run: "click",
        },
        {
            trigger: ".o_list_view .o_data_row:contains(CS-2023-)",
            timeout: 30000,
        },
    ],
});

registry.category("web_tour.tours").add("constituent_import_wrong_file", {
    steps: () => [
        ...openWizard,
        {
            trigger: ".modal .o_field_widget[name=mapping_id] input",
            run: "edit NYC",
        },
        {
            trigger: ".o-autocomplete--dropdown-item:contains(NYC 311)",
            run: "click",
        },
        {
            trigger: ".modal button[name=action_preview]",
            run: "click",
        },
        {
            content: "A file of something else is told in words",
            trigger:
                ".o_error_dialog:contains(These columns of the mapping are not in the file)",
        },
        {
            trigger: ".o_error_dialog button.btn-primary",
            run: "click",
        },
        {
            content: "Make a mapping from its own columns",
            trigger: ".modal button[name=action_new_mapping]",
            run: "click",
        },
        {
            trigger:
                ".o_form_view .o_data_row:contains(Ticket ID):contains(Key in the Other System)",
        },
    ],
});
