"""The mail room's morning, in a browser."""

import base64

from odoo.tests import HttpCase, tagged

from . import scan_files as make
from .scan_common import ScanSetup


@tagged("post_install", "-at_install")
class TestScanTours(ScanSetup, HttpCase):
    def _offer(self, user, name, content):
        """Put a file where the tour takes it from."""
        self.env["ir.attachment"].with_user(user).create(
            {"name": name, "description": "tour", "datas": base64.b64encode(content)}
        )

    def test_a_scan_of_three_letters_is_cut_and_registered(self):
        old = self._make_case(name="The lamp on Main Street")
        self._offer(self.coordinator, "morning post.pdf", make.make_pdf(5))
        self.start_tour("/odoo/constituent-scans", "constituent_scan_three", login="t_coordinator")
        scan = self.Scan.search([])
        self.assertEqual((scan.state, scan.page_count), ("registered", 5))
        self.assertEqual(scan.piece_ids.mapped("pages"), ["1-2", "3", "4-5"])
        first, second, third = scan.piece_ids.mapped("correspondence_id").sorted("reference")
        self.assertEqual(second.case_id, old)
        self.assertEqual((first.subject, first.printed_name), ("A testpothole", "Olga Lind"))
        self.assertEqual(first.case_id.department_id, self.streets)
        self.assertEqual(third.case_id.category_id, self.tree)
        self.assertEqual(len(first.case_id | second.case_id | third.case_id), 3)
        texts = make.texts_of(third.document_id.raw)
        self.assertIn("Page 4 of the scan", texts[0])
        self.assertEqual(len(texts), 2)

    def test_a_scan_of_one_letter_is_two_clicks(self):
        self._offer(self.clerk, "fax.tif", make.make_tiff(2))
        self.start_tour("/odoo/constituent-scans", "constituent_scan_one", login="t_clerk")
        scan = self.Scan.search([])
        self.assertEqual((scan.state, scan.create_uid), ("registered", self.clerk))
        self.assertEqual(scan.piece_ids.correspondence_id.scan_pages, "1-2")

    def test_several_files_at_once_and_one_that_is_not_taken(self):
        self._offer(self.clerk, "one.pdf", make.make_pdf(1))
        self._offer(self.clerk, "secret.pdf", make.make_encrypted())
        self._offer(self.clerk, "two.pdf", make.make_pdf(2))
        self.start_tour("/odoo/constituent-scans", "constituent_scan_several", login="t_clerk")
        self.assertEqual(sorted(self.Scan.search([]).mapped("file_name")), ["one.pdf", "two.pdf"])
