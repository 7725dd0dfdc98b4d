"""Every letter template that comes with the addon, as it is printed and sent."""

import io

import pikepdf
from freezegun import freeze_time
from pypdf import PdfReader

from odoo.fields import Command
from odoo.tests import tagged

from .common import PREFIX, ConstituentCommon
from .golden_common import GOLDEN, SPANISH, GoldenSetup
from .pdf_places import text_places, window_faults

# Written when the case is over.
CLOSING = ("resolution", "refusal")
DATA = "data/constituent_letter_template_data.xml"


@tagged("post_install", "-at_install")
@freeze_time("2026-11-20 15:00:00")
class TestGoldenLetters(GoldenSetup, ConstituentCommon):
    """Text, pages, place of the address and accessibility of each, in two languages."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.council = cls.env["res.partner"].create(
            {
                "name": "Office of Council Member Jordan Lee",
                "is_company": True,
                "constituent_role": "official_office",
                "street": "1 Council Square",
                "city": "Example",
                "zip": "10001",
            }
        )
        cls.templates = cls._shipped()
        cls.cases = {
            (spanish, kind): cls._case_for(kind, spanish)
            for spanish in (False, True)
            for kind in ("open", *CLOSING)
        }

    @classmethod
    def _shipped(cls):
        """Return {short name: template} of all that come with the addon."""
        data = cls.env["ir.model.data"].search(
            [("module", "=", PREFIX[:-1]), ("model", "=", "constituent.letter.template")]
        )
        prefix = "letter_template_"
        templates = cls.env["constituent.letter.template"]
        return {row.name.removeprefix(prefix): templates.browse(row.res_id) for row in data}

    @classmethod
    def _case_for(cls, kind, spanish):
        case = cls._matter(spanish, referrers=[{"partner_id": cls.council.id}])
        cls.env["constituent.call"].with_user(cls.caseworker).create(
            [
                {"case_id": case.id, "outcome": "no_answer", "called_at": f"2026-11-{day} 15:00"}
                for day in ("17", "19")
            ]
        )
        if kind == "resolution":
            note = "La cuadrilla lo rellenó ayer." if spanish else "The crew filled it yesterday."
            case.with_user(cls.manager)._close(cls.outcome_resolved, note)
        elif kind == "refusal":
            note = (
                "La calle es del estado, que la repavimentará en 2027."
                if spanish
                else "The street belongs to the State, which will repave it in 2027."
            )
            case.with_user(cls.manager)._close(cls.outcome_refused, note)
        return case

    def _letter(self, name, spanish):
        """Return the approved letter of a template."""
        template = self.templates[name].with_user(self.caseworker)
        occasion = template.occasion if template.occasion in CLOSING else "open"
        case = self.cases[spanish, occasion].with_user(self.caseworker)
        if template.is_covering_note:
            return self._covering_note(case, spanish)
        vals = template._letter_vals(case, SPANISH if spanish else "en_US")
        letter = self.Letter.with_user(self.caseworker).create(vals)
        self.assertFalse(letter.template_gaps or letter.wanted_lang)
        return letter

    def _covering_note(self, case, spanish):
        """Return the note to who brought the case, of a letter that has gone out."""
        self.council.lang = SPANISH if spanish else "en_US"
        vals = self.templates["free"]._letter_vals(case, case.partner_id.lang)
        first = self.Letter.with_user(self.caseworker).create(vals)
        self._send(first)
        writer = first.with_context(lang=self.council.lang)
        return self.Letter.with_user(self.caseworker).browse(writer.action_cover()["res_id"])

    def _check_all(self, spanish):
        for name, template in self.templates.items():
            with self.subTest(template=name):
                first = 900000 + 10 * template.sequence
                self.numbers.update(constituent_letter_reference=first, code=template.sequence)
                letter = self._letter(name, spanish)
                self._send(letter)
                self.assert_letter(f"letter_{name}_{'es' if spanish else 'en'}", letter)

    def test_in_english(self):
        self._check_all(spanish=False)

    def test_in_spanish(self):
        self._check_all(spanish=True)

    def test_every_template_is_among_them_and_nothing_else(self):
        names = {f"letter_{name}_{lang}" for name in self.templates for lang in ("en", "es")}
        kept = {path.stem for path in GOLDEN.glob("letter_*.txt")}
        self.assertEqual(kept, names)
        self.assertGreaterEqual(len(self.templates), 11)

    def test_spanish_has_no_english_left(self):
        """Words of the English texts that would show a missing translation."""
        for path in GOLDEN.glob("*_es.txt"):
            _head, _line, text = path.read_text(encoding="utf-8").partition("\n")
            words = set(text.lower().split())
            with self.subTest(path.name):
                self.assertFalse(words & {"the", "your", "dear", "sincerely,", "of:", "letter"})


@tagged("post_install", "-at_install")
@freeze_time("2026-11-20 15:00:00")
class TestGoldenPages(GoldenSetup, ConstituentCommon):
    """What may stand on a letter besides its words."""

    LONG = "<p>%s</p>" % ("We inspected the street and the sidewalk. " * 30) * 6

    def _golden(self, **vals):
        vals = {"case_id": self._matter().id, "subject": "Pothole in the bus lane", **vals}
        return self._make_letter(**vals)

    def test_draft_across_each_page(self):
        letter = self._golden(body=self.LONG)
        self.assert_letter("page_draft", letter)
        pdf = letter._letter_pdf()
        pages = len(PdfReader(io.BytesIO(pdf)).pages)
        self.assertGreater(pages, 2)
        for number in range(pages):
            marks = [piece for piece in text_places(pdf, number) if "DRAFT" in piece.text]
            self.assertEqual([mark.artifact for mark in marks], [True], f"page {number + 1}")
            self.assertGreater(marks[0].size, 0)
        letter.action_submit()
        self.assertIn("DRAFT", self._words(letter), "not approved yet")
        letter.action_approve()
        self.assertNotIn("DRAFT", self._words(letter))

    def _words(self, letter):
        pages = PdfReader(io.BytesIO(letter._letter_pdf())).pages
        return " ".join(one.extract_text() for one in pages)

    def test_draft_in_spanish(self):
        letter = self._golden(partner_id=self.maria.id, case_id=False, lang=SPANISH)
        marks = [place.text for place in text_places(letter._letter_pdf()) if place.artifact]
        self.assertIn("BORRADOR", "".join(marks))

    def test_scanned_signature(self):
        self._keep_signature(self.head)
        letter = self._golden()
        letter.action_submit()
        letter.with_user(self.head).action_approve_and_sign()
        letter.action_send()
        self.assert_letter("page_signature", letter)
        pdf = letter.document_id.sudo().raw
        with pikepdf.open(io.BytesIO(pdf)) as document:
            alts = [str(one.get("/Alt", "")) for one in document.objects if self._is_figure(one)]
        self.assertEqual(sorted(alts), ["Seal of City of Example", "Signature of Rosa Delgado"])
        (name,) = [place for place in text_places(pdf) if place.text == "Rosa Delgado"]
        self.assertGreater(name.base, 5)

    @staticmethod
    def _is_figure(one):
        return isinstance(one, pikepdf.Dictionary) and one.get("/S") == "/Figure"

    def test_acting(self):
        self.deputy.name = "Sam Ortiz"
        self._rule("The head", approver_kind="head")
        for style in ("acting", "for"):
            delegation = self._delegate(self.head, self.deputy, style=style)
            letter = self._golden(case_id=self._matter().id)
            letter.action_submit()
            letter.with_user(self.deputy).action_approve()
            letter.with_user(self.caseworker).action_send()
            self.assert_letter(f"page_signed_{style}", letter)
            delegation.unlink()

    def test_several_signatories_enclosures_and_copies(self):
        self.counsel.write({"name": "Dana Fox"})
        self.counsel.partner_id.function = "City Attorney"
        self.second.write({"name": "Lee Park"})
        self.second.partner_id.function = "Director of Operations"
        letter = self._golden(
            signatory_ids=[Command.clear()],
            enclosures="Map of the work\nBrochure",
            cc_partner_ids=self._set(self.company.partner_id),
            delivery_notation="Via certified mail",
            their_date="2026-11-03",
            their_reference="AR-7",
        )
        letter.signatory_ids = self._set(self.counsel | self.head | self.second)
        letter.action_submit()
        for user in letter._signatories():
            letter.with_user(user).action_approve()
        letter.action_send()
        self.assert_letter("page_signatories", letter)

    def test_a4_by_the_offices_setting(self):
        self.company.constituent_letter_paper = "a4"
        for name, vals in (
            ("page_a4_en", {}),
            (
                "page_a4_es",
                {
                    "partner_id": self.maria.id,
                    "lang": SPANISH,
                    "subject": "Bache en el carril del autobús",
                    "body": "<p>Inspeccionamos el lugar y lo rellenaremos.</p>",
                },
            ),
        ):
            letter = self._golden(case_id=self._matter(name == "page_a4_es").id, **vals)
            self._send(letter)
            self.assert_letter(name, letter, "a4")

    def test_verification_line(self):
        letter = self._golden()
        pdf = self._send(letter)
        line = [place for place in text_places(pdf) if "311.example.gov" in place.text]
        (line,) = line
        self.assertIn(letter.verification_code, line.text)
        self.assertIn(letter.reference, line.text)
        self.assertGreater(line.base, 10, "at the foot")
        self.assertLess(line.base, 10.75)
        self.assertGreaterEqual(line.left, 1)
        self.assertLessEqual(line.right, 7.5)
        self.assertEqual(window_faults(pdf, "letter"), [])

    def test_what_is_measured_is_seen(self):
        """A place too far to a side, too low or beside the address is found."""
        letter = self._golden()
        values = letter._letter_values()
        for address, size, fault in (
            (["W" * 60], "", "too far to a side"),
            (["Ana Rivera"] * 9, "", "too low"),
        ):
            pdf = letter._letter_render({**values, "address": address, "address_size": size})
            with self.subTest(fault=fault):
                self.assertIn(fault, " ".join(window_faults(pdf, "letter")))
