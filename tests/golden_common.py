"""The kept texts of what the office prints, and how a print is compared with its own.

``GOLDEN=renew script/test tests/test_golden_letters.py tests/test_golden_sheets.py``
writes tests/golden/*.txt anew: read the difference before you commit it. With
``GOLDEN_PDF=FOLDER`` each print is also written there, to be looked at.
"""

import io
import os
import re
from pathlib import Path
from unittest.mock import patch

import page as page_validation
from pypdf import PdfReader

from odoo.fields import Command

from ..models import constituent_correspondence_verify as verify
from .approval_common import ApprovalSetup
from .common import PREFIX
from .pdf_places import MM, window_faults, window_places

GOLDEN = Path(__file__).parent / "golden"
SPANISH = "es_419"
# The first number of each test: beyond any a database has.
FIRST = 900001
_NUMBER = re.compile(r"\d+(?:\.\d+)?")


class GoldenSetup(ApprovalSetup):
    """An office, its numbers and its people as they never change, in two languages."""

    @classmethod
    def setUpClass(cls):
        cls.numbers = {}
        super().setUpClass()
        cls.startClassPatcher(patch.object(type(cls.Case), "_draw_sequence", cls._draw_fixed()))
        cls.startClassPatcher(patch.object(verify, "draw_code", cls._draw_code))
        cls.env["ir.config_parameter"].set_param("web.base.url", "https://311.example.gov")
        cls.env["res.lang"]._activate_lang(SPANISH)
        module = cls.env["ir.module.module"].search([("name", "=", "constituent_services")])
        module._update_translations([SPANISH])
        cls.streets.phone = "+1 555 0142"
        cls.manager.name = "Rosa Delgado"
        cls.caseworker.name = "Kim Lee"
        cls.maria = cls.env["res.partner"].create(
            {
                "name": "María Elena Peña Ruiz",
                "honorific": "Sra.",
                "email": "maria.pena@example.org",
                "street": "7 Elm Street",
                "street2": "Apt. 3B",
                "city": "Example",
                "zip": "10002",
                "is_constituent": True,
                "lang": SPANISH,
            }
        )
        for record, words in (
            (cls.company, {"constituent_office_name": "Oficina de Atención Ciudadana"}),
            (cls.streets, {"name": "Departamento de Calles", "head_title": "Comisionada"}),
        ):
            record.with_context(lang=SPANISH).write(words)

    @classmethod
    def _draw_fixed(cls):
        """Return what draws numbers from `numbers` instead of the database's sequences."""

        def draw(_case, kind, _company_id, _year, count):
            first = cls.numbers.get(kind, FIRST)
            cls.numbers[kind] = first + count
            return list(range(first, first + count))

        return draw

    @classmethod
    def _draw_code(cls):
        cls.numbers["code"] = cls.numbers.get("code", 0) + 1
        signs = "ACDEFGHJKMNPRTWXY"
        first, second = divmod(cls.numbers["code"], len(signs))
        return f"K7RMX-39A{signs[first]}{signs[second]}"

    def setUp(self):
        super().setUp()
        kept = dict(self.numbers)
        self.addCleanup(self.numbers.update, kept)

    # A matter and its letters

    @classmethod
    def _matter(cls, spanish=False, **vals):
        """Take in a matter that came by letter, of Ana Rivera or in Spanish of María Peña."""
        name = "Bache en el carril del autobús" if spanish else "Pothole in the bus lane"
        case = cls._make_case(
            **{
                "name": name,
                "partner_id": (cls.maria if spanish else cls.resident).id,
                "channel": "letter",
                "category_id": cls.pothole.id,
                "street": "100 Main Street",
                "received_at": "2026-11-12 15:00:00",
                **vals,
            }
        )
        case.due_at = "2026-12-01 15:00:00"
        return case

    def _send(self, letter):
        letter.action_submit()
        letter.action_approve()
        letter.action_send()
        return letter.document_id.sudo().raw

    def _print(self, report, records, user=None, lang="en_US"):
        reports = self.env["ir.actions.report"].with_user(user or self.caseworker)
        reports = reports.with_context(lang=lang)
        pdf, kind = reports._render_qweb_pdf(f"{PREFIX}{report}", records.ids)
        self.assertEqual(kind, "pdf")
        return pdf

    # Comparing

    def assert_accessible(self, pdf):
        """PDF/UA-1, by a validator of its own."""
        profile = page_validation.ValidationProfile.PDF_UA_1
        report = page_validation.validate_pdf_bytes(pdf, profile=profile)
        self.assertTrue(report.is_compliant, report.failures)

    def assert_letter(self, name, letter, paper="letter"):
        """A letter's text, pages, place in the window and accessibility are those kept."""
        pdf = letter._letter_pdf()
        self.assertEqual(window_faults(pdf, paper), [])
        address = window_places(pdf, paper)
        shown = "\n".join(piece.text for piece in address)
        self.assertEqual(shown, "\n".join(letter._letter_values()["address"]))
        places = (address[0].left, address[0].base, address[-1].base)
        self.assert_golden(name, pdf, f"address from the left, top, to: {self._mm(places)}")
        self.assert_accessible(pdf)

    def _mm(self, inches):
        return ", ".join(f"{inch * MM:.1f}" for inch in inches) + " mm"

    def assert_golden(self, name, pdf, place=""):
        """The words of each page, and where they stand, are those of tests/golden.

        :param str name: of the file, without its extension
        :param bytes pdf: what is printed
        :param str place: words with millimetres, compared to half of one
        """
        path = GOLDEN / f"{name}.txt"
        printed = self._as_text(pdf, place)
        if os.environ.get("GOLDEN_PDF"):
            Path(os.environ["GOLDEN_PDF"], f"{name}.pdf").write_bytes(pdf)
        if os.environ.get("GOLDEN") == "renew":
            GOLDEN.mkdir(exist_ok=True)
            path.write_text(printed, encoding="utf-8")
        self.assertTrue(path.exists(), f"{path.name} is not kept: see CONTRIBUTING.md")
        kept = path.read_text(encoding="utf-8")
        with self.subTest(golden=name):
            kept_head, _line, kept_body = kept.partition("\n")
            head, _line, body = printed.partition("\n")
            self.assertEqual(_NUMBER.sub("#", head), _NUMBER.sub("#", kept_head))
            pairs = zip(_NUMBER.findall(head), _NUMBER.findall(kept_head), strict=True)
            for found, wanted in pairs:
                self.assertAlmostEqual(float(found), float(wanted), delta=0.5, msg=head)
            # Where lines break depends on the fonts a machine has.
            self.assertEqual(body.split(), kept_body.split())

    def _as_text(self, pdf, place):
        pages = PdfReader(io.BytesIO(pdf)).pages
        box = pages[0].mediabox
        size = self._mm((float(box.width) / 72, float(box.height) / 72))
        head = "; ".join(filter(None, (f"{len(pages)} pages of {size}", place)))
        parts = [head]
        for number, one in enumerate(pages, 1):
            lines = [" ".join(line.split()) for line in one.extract_text().split("\n")]
            parts.append("\n".join([f"== {number} ==", *filter(None, lines)]))
        return "\n".join(parts).replace("\u202f", " ") + "\n"

    def _set(self, records):
        return [Command.set(records.ids)]
