import {registry} from "@web/core/registry";
import {user} from "@web/core/user";
import {download} from "@web/core/network/download";
import {getReportUrl} from "@web/webclient/actions/reports/utils";

const LETTER_REPORTS = [
    "constituent_services.correspondence_letter",
    "constituent_services.work_order_sheet",
    "constituent_services.category_task_chart",
    "constituent_services.correspondence_file_copy",
    "constituent_services.correspondence_envelope",
    "constituent_services.post_run_envelopes",
    "constituent_services.post_run_labels",
    "constituent_services.post_run_list",
    "constituent_services.correspondence_register",
];

/**
 * Downloads our letters, which WeasyPrint makes on the server: Odoo's own way first asks
 * for wkhtmltopdf and shows a page of HTML where that is missing.
 *
 * @param {Object} action the report action
 * @param {Object} options options of the action service
 * @param {Object} env
 * @returns {Promise<boolean>} whether the report was one of ours
 */
export async function downloadLetter(action, options, env) {
    if (
        action.report_type !== "qweb-pdf" ||
        !LETTER_REPORTS.includes(action.report_name)
    ) {
        return false;
    }
    env.services.ui.block();
    try {
        await download({
            url: "/report/download",
            data: {
                data: JSON.stringify([getReportUrl(action, "pdf"), action.report_type]),
                context: JSON.stringify({...user.context, ...action.context}),
            },
        });
    } finally {
        env.services.ui.unblock();
    }
    return true;
}

registry
    .category("ir.actions.report handlers")
    .add("constituent_letter_handler", downloadLetter);
