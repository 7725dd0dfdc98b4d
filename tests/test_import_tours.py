"""An office's first hour: a file by the browser, and its report."""

import base64

from odoo.tests import HttpCase, tagged

from .common import ConstituentSetup
from .test_import_nyc import FILE


@tagged("post_install", "-at_install")
class TestImportTours(ConstituentSetup, HttpCase):
    def _offer(self, name, content):
        """Put a file where the tour takes it from."""
        self.env["ir.attachment"].with_user(self.coordinator).create(
            {"name": name, "description": "tour", "datas": base64.b64encode(content)}
        )

    def test_a_file_of_something_else(self):
        self._offer("tickets.csv", b"Ticket ID,Date,Subject\n1,2023-02-28,Lamp\n")
        self.start_tour(
            "/odoo/constituent-cases", "constituent_import_wrong_file", login="t_coordinator"
        )
        mapping = self.env["constituent.import.mapping"].search([("code", "=", "tickets")])
        self.assertEqual(mapping.line_ids.mapped("target"), ["external_ref", "received_at", "name"])
        self.assertEqual(mapping.create_uid, self.coordinator)
        self.assertFalse(self.env["constituent.import"].search([]))

    # Not skipped where the data is absent: left out.
    if FILE.exists():

        def test_a_day_of_new_york(self):
            self._offer(FILE.name, FILE.read_bytes())
            self.start_tour(
                "/odoo/constituent-cases", "constituent_import", login="t_coordinator", timeout=120
            )
            run = self.env["constituent.import"].search([])
            self.assertEqual((run.state, run.user_id), ("importing", self.coordinator))
            # Each call has ten seconds, as the scheduler gives.
            for _call in range(20):
                self.env.ref("constituent_services.ir_cron_import").method_direct_trigger()
                self.env.invalidate_all()
                if run.state != "importing":
                    break
            self.assertEqual((run.state, run.created_count), ("done", 4999))
            self.start_tour(
                "/odoo/constituent-imports", "constituent_import_report", login="t_coordinator"
            )
