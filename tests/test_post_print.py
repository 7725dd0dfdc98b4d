"""Envelopes, labels and the posting list: what stands on them, and where."""

import io
from unittest.mock import patch

import page as page_validation
from pypdf import PdfReader

from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import tagged

from ..models import constituent_post_run_print as run_print
from ..tools.postal import LABELS
from .common import PREFIX
from .pdf_places import text_places
from .post_common import PEOPLE, PostCommon
from .test_post_tools import texts


def places(pdf, number=0):
    """Return [(text, inches from the left, inches from the top)] of one page's texts."""
    page = PdfReader(io.BytesIO(pdf)).pages[number]
    height, found = float(page.mediabox.height), []

    def visit(text, cm, tm, _font, _size):
        if text.strip():
            x = tm[4] * cm[0] + cm[4]
            y = tm[5] * cm[3] + cm[5]
            found.append((text.strip(), x / 72, (height - y) / 72))

    page.extract_text(visitor_text=visit)
    return found


class PrintCommon(PostCommon):
    def _print(self, name, records, user=None):
        report = self.env["ir.actions.report"].with_user(user or self.coordinator)
        pdf, kind = report._render_qweb_pdf(f"{PREFIX}{name}", records.ids)
        self.assertEqual(kind, "pdf")
        return pdf

    def _assert_accessible(self, pdf):
        report = page_validation.validate_pdf_bytes(
            pdf, profile=page_validation.ValidationProfile.PDF_UA_1
        )
        self.assertTrue(report.is_compliant, report.failures)


@tagged("post_install", "-at_install")
class TestEnvelopes(PrintCommon):
    """#10 envelopes: 9.5 × 4.125 inches."""

    def test_size_order_and_what_stands_on_them(self):
        pdf = self._print("post_run_report_envelopes", self._make_run())
        reader = PdfReader(io.BytesIO(pdf))
        self.assertEqual(len(reader.pages), 4)
        for page in reader.pages:
            self.assertAlmostEqual(float(page.mediabox.width), 9.5 * 72, places=1)
            self.assertAlmostEqual(float(page.mediabox.height), 4.125 * 72, places=1)
        for words, (name, street, code) in zip(texts(pdf), PEOPLE, strict=True):
            self.assertIn(f"{name} {street}", words)
            self.assertIn(code, words)
            self.assertTrue(words.startswith("City of Example Streets Department 100 City Hall"))
            self.assertNotIn("Re:", words)
            self.assertNotIn("To ", words, "nothing of the matter")
        self._assert_accessible(pdf)

    def test_where_the_address_stands(self):
        """Where the post's machines look: 5/8 to 2¾ inches above the foot, 1/2 in clear."""
        self.people["Ann Oak"].write({"street2": "Building C, Suite 1200"})
        letter = self._send_to("Ann Oak")
        pdf = self._print("correspondence_report_envelope", letter)
        lines = letter.printed_address.split("\n")
        address = [piece for piece in text_places(pdf) if piece.left > 3.9]
        self.assertEqual([piece.text for piece in address], lines)
        for piece in address:
            self.assertAlmostEqual(piece.left * 25.4, 101.6, delta=0.3)
            self.assertLess(piece.right, 9)
            self.assertGreater(4.125 - piece.base, 0.625)
            self.assertLess(4.125 - piece.base, 2.75)
        sender = [place for place in places(pdf) if place[0] not in lines]
        self.assertLess(max(top for _text, _left, top in sender), 1.375)
        self.assertAlmostEqual(min(left for _text, left, _top in sender) * 25.4, 10.16, delta=0.3)

    def test_of_a_draft_and_of_a_sent_letter(self):
        draft = self._make_letter(delivery_notation="Personal and confidential")
        (words,) = texts(self._print("correspondence_report_envelope", draft))
        self.assertIn("12 Home Street", words)
        self.assertIn("PERSONAL AND CONFIDENTIAL", words)
        sent = self._make_sent()
        self.resident.street = "9 Other Street"
        (words,) = texts(self._print("correspondence_report_envelope", sent))
        self.assertIn("12 Home Street", words, "as printed in the letter")

    def test_in_pieces(self):
        run = self._make_run()
        whole = texts(run._envelopes_pdf())
        with self._piece(3):
            self.assertEqual(texts(run._envelopes_pdf()), whole)

    def _piece(self, count):
        return patch.object(run_print, "PIECE", count)

    def test_preview_as_html(self):
        html, kind = self.env["ir.actions.report"]._render_qweb_html(
            f"{PREFIX}post_run_report_envelopes", self._make_run().ids
        )
        self.assertEqual(kind, "html")
        self.assertIn(b"Bea Ash", html)


@tagged("post_install", "-at_install")
class TestLabels(PrintCommon):
    """Avery 5160: 3 × 10 on US Letter, 2.625 × 1 in."""

    def test_where_they_stand(self):
        run = self._make_run()
        pdf = self._print("post_run_report_labels", run)
        reader = PdfReader(io.BytesIO(pdf))
        self.assertEqual(len(reader.pages), 1)
        self.assertEqual(
            (reader.pages[0].mediabox.width, reader.pages[0].mediabox.height), (612, 792)
        )
        found = {text: (left, top) for text, left, top in places(pdf)}
        for number, (name, _street, _code) in enumerate(PEOPLE):
            row, column = divmod(number, 3)
            left = 0.1875 + column * 2.75
            top = 0.5 + row
            text_left, text_top = found[name]
            self.assertAlmostEqual((text_left - left) * 25.4, 0.12 * 25.4, delta=0.3)
            self.assertGreater(text_top, top + 0.1)
            self.assertLess(text_top, top + 0.4)

    def test_all_lines_within_their_label(self):
        for name in (
            "Anna-Maria Rivera y Fernández de Córdoba de la Cruz y Mendoza",
            "Anna-Maria Rivera y Fernández de Córdoba",
            "THE WOMEN OF WOODLAWN MEMORIAL",
        ):
            partner = self.env["res.partner"].create(
                {
                    "name": name,
                    "street": "1 Home Street",
                    "street2": "Building C, Suite 1200",
                    "city": "Exampletown",
                    "zip": "10002",
                    "country_id": self.env.ref("base.mx").id,
                }
            )
            self._make_sent(case_id=False, partner_id=partner.id)
        run = self._make_run(label_start=LABELS)
        pdf = self._print("post_run_report_labels", run)
        for number in range(len(PdfReader(io.BytesIO(pdf)).pages)):
            for piece in text_places(pdf, number):
                column = (piece.left - 0.1875) % 2.75
                row = (piece.base - 0.5) % 1
                self.assertLess(column, 2.625)
                self.assertLess(column + piece.right - piece.left, 2.625 - 0.1, piece)
                self.assertTrue(0.1 < row < 0.98, row)

    def test_start_position(self):
        run = self._make_run(label_start=30)
        pdf = self._print("post_run_report_labels", run)
        self.assertEqual(len(PdfReader(io.BytesIO(pdf)).pages), 2)
        (first,) = [place for place in places(pdf, 0) if place[0] == "Bea Ash"]
        self.assertAlmostEqual(first[1], 5.6875 + 0.12, delta=0.02)
        self.assertGreater(first[2], 9.5)
        (second,) = [place for place in places(pdf, 1) if place[0] == "Cal Ash"]
        self.assertAlmostEqual(second[1], 0.1875 + 0.12, delta=0.02)


@tagged("post_install", "-at_install")
class TestPostingList(PrintCommon):
    """Number, name, ZIP and office of each letter."""

    def test_what_it_says(self):
        run = self._make_ready()
        pdf = self._print("post_run_report_list", run)
        self._assert_accessible(pdf)
        words = " ".join(texts(pdf))
        self.assertIn(run.name, words)
        self.assertIn("Letters: 4, pages: 4", words)
        rows = run._list_values()["rows"]
        self.assertEqual([row[0] for row in rows], [1, 2, 3, 4])
        for row, (name, _street, code) in zip(rows, PEOPLE, strict=True):
            self.assertEqual(row[2:], (name, code, "Streets Department"))
            self.assertIn(row[1], words)
        self.assertNotIn("Ash Street", words, "the address is on the letter")

    def test_in_spanish(self):
        self.env["res.lang"]._activate_lang("es_419")
        self.coordinator.lang = "es_419"
        run = self._make_ready()
        values = run.with_context(lang="es_419")._list_values()
        self.assertEqual(values["lang"], "es-419")
        self.assertRegex(values["day"], r"\d+ de \w+ de \d{4}")

    def test_what_is_left_out_is_named(self):
        run = self._make_run()
        returned = run.letter_ids[0]
        returned.sudo().action_returned("Lost")
        run.action_make_file()
        words = " ".join(texts(run._list_pdf()))
        self.assertIn("Not in the print file", words)
        self.assertIn(returned.reference, words)

    def test_many_pages_say_their_columns_again(self):
        run = self._make_run()
        values = run._list_values()
        values["rows"] = [values["rows"][0]] * 120
        pdf = run._render_sheet(run_print.LIST, values, "posting")
        pages = texts(pdf)
        self.assertGreater(len(pages), 2)
        for number, words in enumerate(pages, start=1):
            self.assertIn("ZIP", words)
            self.assertIn(f"{number} / {len(pages)}", words)

    def test_only_letters_the_reader_may_see(self):
        """A case that became restricted after the letter was taken in."""
        reference = self._make_sent().reference
        run = self._make_run()
        self.case.confidentiality = "restricted"
        self.env.invalidate_all()
        rows = run._list_values()["rows"]
        self.assertNotIn(reference, [row[1] for row in rows])
        self.assertEqual(len(rows), 4)

    def test_strangers_print_nothing(self):
        run = self._make_run()
        for user in (self.clerk, self.caseworker, self.internal_user, self.portal_user):
            for name in ("list", "envelopes", "labels"):
                self.env.invalidate_all()
                with self.subTest(user=user.login, name=name), self.assertRaises(AccessError):
                    self._print(f"post_run_report_{name}", run, user)
        letter = self._make_letter(cc_partner_ids=[Command.clear()])
        with self.assertRaises(AccessError):
            self._print("correspondence_report_envelope", letter, self.other_caseworker)
