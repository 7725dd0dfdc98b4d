import {rpc} from "@web/core/network/rpc";

/* global File, DataTransfer */

// The test has put the file where the browser finds it.
export async function chooseFile() {
    const [{id, name}] = await rpc("/web/dataset/call_kw/ir.attachment/search_read", {
        model: "ir.attachment",
        method: "search_read",
        args: [[["description", "=", "tour"]], ["name"]],
        kwargs: {},
    });
    const response = await fetch(`/web/content/${id}`);
    const transfer = new DataTransfer();
    transfer.items.add(new File([await response.blob()], name, {type: "text/csv"}));
    const input = document.querySelector(
        ".modal .o_field_widget[name=file] input[type=file]"
    );
    input.files = transfer.files;
    input.dispatchEvent(new Event("change", {bubbles: true}));
}
