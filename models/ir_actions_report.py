import io

from odoo import api, models
from odoo.exceptions import UserError

LETTER_REPORTS = ("constituent_services.correspondence_letter",)
# Sheets: their models know `_print_pdf` and `_print_values`.
SHEET_REPORTS = (
    "constituent_services.work_order_sheet",
    "constituent_services.category_task_chart",
    "constituent_services.correspondence_register",
)
# Of models that print several things: the methods with the PDF and with the values.
METHOD_REPORTS = {
    "constituent_services.correspondence_file_copy": ("_copy_pdf", "_copy_values"),
    "constituent_services.correspondence_envelope": ("_envelope_pdf", "_envelope_sheet"),
    "constituent_services.post_run_envelopes": ("_envelopes_pdf", "_envelopes_values"),
    "constituent_services.post_run_labels": ("_labels_pdf", "_labels_values"),
    "constituent_services.post_run_list": ("_list_pdf", "_list_values"),
}


class IrActionsReport(models.Model):
    """Letters are printed by WeasyPrint, also where wkhtmltopdf is missing."""

    _name = "ir.actions.report"
    _inherit = "ir.actions.report"

    @api.model
    def _is_constituent_letter(self, report_ref):
        """Return whether a report is printed by us.

        :param report_ref: XML id, name, id or record, as everywhere in reports
        """
        name = self._get_report(report_ref).report_name
        return name in (*LETTER_REPORTS, *SHEET_REPORTS, *METHOD_REPORTS)

    def _pre_render_qweb_pdf(self, report_ref, res_ids=None, data=None):
        """Print letters in tests too: there is no wkhtmltopdf to be spared."""
        if res_ids and self._is_constituent_letter(report_ref):
            data = {**(data or {}), "report_type": "pdf"}
            if isinstance(res_ids, int):
                res_ids = [res_ids]
            return self._render_qweb_pdf_prepare_streams(report_ref, data, res_ids=res_ids), "pdf"
        return super()._pre_render_qweb_pdf(report_ref, res_ids=res_ids, data=data)

    def _render_qweb_pdf_prepare_streams(self, report_ref, data, res_ids=None):
        """Return one tagged PDF for each letter or sheet; Odoo's own way for other reports."""
        if not res_ids or not self._is_constituent_letter(report_ref):
            return super()._render_qweb_pdf_prepare_streams(report_ref, data, res_ids=res_ids)
        report = self._get_report(report_ref)
        method = "_letter_pdf" if report.report_name in LETTER_REPORTS else "_print_pdf"
        if report.report_name in METHOD_REPORTS:
            method = METHOD_REPORTS[report.report_name][0]
        return {
            record.id: {"stream": io.BytesIO(getattr(record, method)()), "attachment": None}
            for record in self.env[report.model].browse(res_ids)
        }

    def _get_rendering_context(self, report, docids, data):
        """Give the letters' values to their template, for the preview as HTML.

        :raises UserError: a letter that was sent, of which there is one true page
        """
        values = super()._get_rendering_context(report, docids, data)
        if report.report_name in LETTER_REPORTS:
            if any(letter.is_sealed for letter in values["docs"]):
                raise UserError(
                    self.env._("A letter that was sent is shown as it was sent: print its PDF.")
                )
            values["letters"] = [letter._letter_values() for letter in values["docs"]]
        if report.report_name in SHEET_REPORTS:
            values["sheets"] = [record._print_values() for record in values["docs"]]
        if report.report_name in METHOD_REPORTS:
            method = METHOD_REPORTS[report.report_name][1]
            values["sheets"] = [getattr(record, method)() for record in values["docs"]]
        return values
