import csv
import io

from odoo import http
from odoo.http import content_disposition, request


class ConstituentImportController(http.Controller):
    """What an import hands back as a file."""

    @http.route(
        "/constituent/import/<int:import_id>/refused.csv",
        type="http",
        auth="user",
        methods=["GET"],
        readonly=True,
    )
    def refused(self, import_id):
        """Return the refused rows of an import as CSV, each with its reason.

        :param int import_id: of an import the user may read
        """
        run = request.env["constituent.import"].browse(import_id).exists()
        if not run or not run.has_access("read"):
            return request.not_found()
        output = io.StringIO()
        # Spreadsheets take a file for UTF-8 when it begins like this.
        output.write("\ufeff")
        csv.writer(output).writerows(run._refused_lines())
        name = f"{run.name.rpartition('.')[0] or run.name}-refused.csv"
        return request.make_response(
            output.getvalue(),
            [
                ("Content-Type", "text/csv; charset=utf-8"),
                ("Content-Disposition", content_disposition(name)),
                ("Cache-Control", "no-store"),
                ("X-Content-Type-Options", "nosniff"),
            ],
        )
