import {registry} from "@web/core/registry";
import {rpc} from "@web/core/network/rpc";

/* global File, DataTransfer, DragEvent */

// The test has put the files where the browser finds them.
async function offered() {
    const found = await rpc("/web/dataset/call_kw/ir.attachment/search_read", {
        model: "ir.attachment",
        method: "search_read",
        args: [[["description", "=", "tour"]], ["name", "mimetype"]],
        kwargs: {order: "id"},
    });
    const transfer = new DataTransfer();
    for (const {id, name, mimetype} of found) {
        const response = await fetch(`/web/content/${id}`);
        transfer.items.add(new File([await response.blob()], name, {type: mimetype}));
    }
    return transfer;
}

async function choose() {
    const input = document.querySelector(".o_control_panel input.o_input_file");
    input.files = (await offered()).files;
    input.dispatchEvent(new Event("change", {bubbles: true}));
}

async function drop() {
    const dataTransfer = await offered();
    const target = document.querySelector(".o_list_view");
    for (const type of ["dragover", "drop"]) {
        target.dispatchEvent(
            new DragEvent(type, {bubbles: true, cancelable: true, dataTransfer})
        );
    }
}

const upload = [
    {
        content: "Upload the scan",
        trigger: ".o_control_panel button.o_constituent_upload",
    },
    {
        trigger: ".o_control_panel input.o_input_file:not(:visible)",
        run: choose,
    },
    {
        content: "Its pages are shown",
        trigger: ".o_form_view .o_field_pdf_viewer iframe",
    },
];

const cell = (row, name) =>
    `.o_field_widget[name=piece_ids] .o_data_row:eq(${row}) td[name=${name}]`;
const input = (name) =>
    `.o_field_widget[name=piece_ids] .o_selected_row td[name=${name}] input`;

registry.category("web_tour.tours").add("constituent_scan_three", {
    steps: () => [
        ...upload,
        {
            content: "All pages are one letter, until told otherwise",
            trigger: `${cell(0, "pages")}:contains(1-5)`,
            run: "click",
        },
        {trigger: input("pages"), run: "edit 1-2"},
        {trigger: input("subject"), run: "edit A testpothole"},
        {trigger: input("sender_name"), run: "edit Olga Lind"},
        {
            content: "Which pages are left is said at once",
            trigger: ".alert[name=leftover]:contains(3-5)",
        },
        {
            trigger: ".o_field_x2many_list_row_add a:contains(Add a letter)",
            run: "click",
        },
        {trigger: `${cell(1, "pages")} input`, run: "edit 3"},
        {
            content: "This one belongs to a case that is here already",
            trigger: input("case_id"),
            run: "edit The lamp on Main",
        },
        {
            trigger: ".o-autocomplete--dropdown-item:contains(The lamp on Main Street)",
            run: "click",
        },
        {
            trigger: ".o_field_x2many_list_row_add a:contains(Add a letter)",
            run: "click",
        },
        {trigger: `${cell(2, "pages")} input`, run: "edit 4-5"},
        {trigger: input("subject"), run: "edit The testtree fell"},
        {trigger: ".o_form_view:not(:has(.alert[name=leftover]))"},
        {
            trigger: "button[name=action_register]",
            run: "click",
        },
        {
            content: "Three letters, each with its number",
            trigger: ".o_list_view .o_data_row:eq(2) td[name=reference]:contains(I-)",
        },
        {
            trigger: ".o_data_row td[name=printed_name]:contains(Olga Lind)",
            run: "click",
        },
        {
            content: "The letter is shown as it came",
            trigger: ".o_form_view .o_field_pdf_viewer[name=document_file] iframe",
        },
        {
            trigger: ".o_form_view:not(:has(button[name=action_submit]))",
        },
    ],
});

registry.category("web_tour.tours").add("constituent_scan_one", {
    steps: () => [
        ...upload,
        {
            trigger: "button[name=action_register]",
            run: "click",
        },
        {
            trigger: ".o_list_view .o_data_row td[name=reference]:contains(I-)",
        },
    ],
});

registry.category("web_tour.tours").add("constituent_scan_several", {
    steps: () => [
        {
            content: "Drop three files on the list",
            trigger: ".o_list_view",
            run: drop,
        },
        {
            content: "One asks for a password",
            trigger: ".o_notification:contains(secret.pdf):contains(password)",
        },
        {trigger: ".o_data_row td[name=file_name]:contains(one.pdf)"},
        {trigger: ".o_data_row td[name=file_name]:contains(two.pdf)"},
    ],
});
