"""The registers of letters, on the screen and on paper."""

import io
import re

import page
from freezegun import freeze_time
from lxml import etree
from pypdf import PdfReader

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import HttpCase, tagged
from odoo.tools import SQL
from odoo.tools.safe_eval import safe_eval

from ..wizard import constituent_register_wizard
from .common import PREFIX, ConstituentCommon
from .letter_common import LetterSetup
from .scan_common import ScanSetup

REPORT = f"{PREFIX}correspondence_report_register"


class RegisterSetup(ScanSetup, LetterSetup):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Register = cls.env["constituent.register.wizard"]

    @classmethod
    def _make_received_on(cls, day, user=None, **piece):
        scan = cls._make_scan(user=user or cls.coordinator, received_on=day)
        scan.piece_ids.write(piece)
        scan.action_register()
        return scan.piece_ids.correspondence_id

    def _register(self, user=None, **vals):
        return self.Register.with_user(user or self.coordinator).create(vals)

    def _print(self, wizard):
        reports = self.env["ir.actions.report"].with_env(wizard.env)
        pdf, kind = reports._render_qweb_pdf(REPORT, wizard.ids)
        self.assertEqual(kind, "pdf")
        return pdf

    def _pages(self, pdf):
        return [re.sub(r"\s+", " ", one.extract_text()) for one in PdfReader(io.BytesIO(pdf)).pages]

    def _assert_accessible(self, pdf):
        report = page.validate_pdf_bytes(pdf, profile=page.ValidationProfile.PDF_UA_1)
        self.assertTrue(report.is_compliant, report.failures)


@tagged("post_install", "-at_install")
@freeze_time("2026-11-27 17:00:00")
class TestPrintedRegister(RegisterSetup, ConstituentCommon):
    def test_incoming(self):
        first = self._make_received_on(
            "2026-11-02",
            subject="The lamp is out",
            sender_name="Olga Lind",
            sender_street="7 Elm Street",
            sender_city="Example",
            sender_zip="10002",
        )
        second = self._make_received_on("2026-11-05", partner_id=self.resident.id)
        self._make_received_on("2026-10-31", subject="Of another month")
        pdf = self._print(self._register(direction="in"))
        self._assert_accessible(pdf)
        (text,) = self._pages(pdf)
        place = 0
        for words in (
            "Register of Incoming Letters",
            "City of Example, Office of Constituent Services",
            "Nov 1, 2026 – Nov 27, 2026",
            "Letters: 2",
            "Number Date From Subject Case By",
            first.reference,
            "Nov 2, 2026",
            "Olga Lind",
            "7 Elm Street, Example 10002",
            "The lamp is out",
            first.case_id.number,
            "Post",
            second.reference,
            "Ana Rivera",
            "Letter from Ana Rivera",
        ):
            found = text.find(words, place)
            self.assertGreaterEqual(found, place, f"{words!r} in {text}")
            place = found
        self.assertIn("Page 1 of 1", text)
        self.assertNotIn("Of another month", text)

    def test_outgoing(self):
        post = self._make_sent(letter_date="2026-11-03")
        mail = self._make_sent(letter_date="2026-11-04", medium="email")
        self._make_letter(subject="Not sent")
        pdf = self._print(self._register(direction="out"))
        self._assert_accessible(pdf)
        (text,) = self._pages(pdf)
        for words in (
            "Register of Outgoing Letters",
            "Number Date To Subject",
            post.reference,
            mail.reference,
            "Nov 3, 2026",
            "12 Home Street, Example",
            "ana.rivera@example.org",
            "Email",
        ):
            self.assertIn(words, text)
        self.assertNotIn("Not sent", text)

    def test_by_number_within_a_day(self):
        """Letters are not sent in the order in which they were begun."""
        later, first = (self._make_approved(letter_date="2026-11-03") for _number in range(2))
        first.action_send()
        later.action_send()
        self.assertLess(first.reference, later.reference)
        letters = self._register(direction="out")._letters()
        self.assertEqual(letters & (first | later), first + later)
        for kind in ("list", "kanban"):
            view = self.env.ref(f"{PREFIX}constituent_outgoing_view_{kind}")
            order = etree.fromstring(view.arch).get("default_order")
            found = self.Letter.search([("letter_date", "=", "2026-11-03")], order=order)
            self.assertEqual(found & (first | later), later + first)

    def test_the_head_is_on_every_page(self):
        scan = self._make_scan(
            user=self.coordinator,
            pages=45,
            received_on="2026-11-05",
            pieces=[{"pages": str(n), "subject": f"Matter {n}"} for n in range(1, 46)],
        )
        scan.action_register()
        pdf = self._print(self._register(direction="in"))
        self._assert_accessible(pdf)
        pages = self._pages(pdf)
        self.assertGreater(len(pages), 1)
        for number, text in enumerate(pages, 1):
            self.assertIn("City of Example, Office of Constituent Services", text)
            self.assertIn("Register of Incoming Letters, Nov 1, 2026 – Nov 27, 2026", text)
            self.assertIn(f"Page {number} of {len(pages)}", text)
            self.assertIn("Number Date From Subject", text)
        sizes = PdfReader(io.BytesIO(pdf)).pages[0].mediabox
        self.assertGreater(sizes.width, sizes.height, "across the paper")

    def test_in_spanish_on_a4(self):
        self.env["res.lang"]._activate_lang("es_419")
        self.company.constituent_letter_paper = "a4"
        self._make_received_on("2026-11-05", subject="Un bache")
        self.coordinator.lang = "es_419"
        wizard = self._register(direction="in").with_context(lang="es_419")
        pdf = self._print(wizard)
        self._assert_accessible(pdf)
        reader = PdfReader(io.BytesIO(pdf))
        self.assertEqual(round(reader.pages[0].mediabox.width), 842)
        self.assertEqual(reader.trailer["/Root"]["/Lang"], "es-419")
        self.assertIn("nov", self._pages(pdf)[0])

    def test_the_letters_chosen(self):
        first = self._make_received_on("2026-09-01", subject="September")
        second = self._make_received_on("2026-11-05", subject="November")
        other = self._make_received_on("2026-10-05", subject="October")
        action = (first | second).with_user(self.coordinator).action_print_register()
        self.assertEqual(action["type"], "ir.actions.report")
        wizard = self.Register.search([], limit=1, order="id desc")
        text = self._pages(self._print(wizard.with_user(self.coordinator)))[0]
        self.assertIn("September", text)
        self.assertIn("Sep 1, 2026 – Nov 5, 2026", text)
        self.assertNotIn(other.reference, text)
        sent = self._make_sent()
        for letters in (first | sent, self._make_letter(), first.browse()):
            with self.assertRaises(UserError):
                letters.with_user(self.coordinator).action_print_register()

    def test_only_what_the_user_may_see(self):
        mine = self._make_received_on("2026-11-05", user=self.clerk, subject="Mine")
        hidden = self._make_received_on("2026-11-05", subject="Somebody else's testpothole")
        for chosen in ([], [Command.set(mine.ids)]):
            wizard = self._register(user=self.clerk, direction="in", letter_ids=chosen)
            text = self._pages(self._print(wizard))[0]
            self.assertIn("Mine", text)
            self.assertNotIn("Somebody else", text)
            self.assertIn("Letters: 1", text)
        with self.assertRaises(AccessError):
            self._register(user=self.clerk, letter_ids=[Command.set((mine | hidden).ids)])

    def test_nothing_to_print_or_too_much(self):
        with self.assertRaisesRegex(UserError, "no letters"):
            self._register(direction="in").action_print()
        with self.assertRaises(ValidationError):
            self._register(date_from="2026-11-05", date_to="2026-11-04").action_print()
        self._make_received_on("2026-11-05")
        self._make_received_on("2026-11-05")
        self.patch(constituent_register_wizard, "MAX_ROWS", 1)
        with self.assertRaisesRegex(UserError, "More than 1 letters"):
            self._register(direction="in").action_print()

    def test_a_long_one_is_made_in_pieces(self):
        """A batch of thousands goes out in a day: that day is printed all the same."""
        letters = [self._make_received_on("2026-11-05", subject=f"No. {n}") for n in range(5)]
        self.patch(constituent_register_wizard, "PIECE", 2)
        pages = self._pages(self._print(self._register(direction="in")))
        self.assertEqual(len(pages), 3)
        for text, count, of_page in zip(
            pages,
            ("Letters 1 to 2 of 5", "Letters 3 to 4 of 5", "Letters 5 to 5 of 5"),
            (letters[:2], letters[2:4], letters[4:]),
            strict=True,
        ):
            self.assertIn(count, text)
            self.assertIn("Number Date From Subject", text)
            for letter in letters:
                self.assertEqual(letter.reference in text, letter in of_page)

    def test_the_button_downloads(self):
        self._make_received_on("2026-11-05")
        action = self._register(direction="in").action_print()
        self.assertEqual(action["report_name"], "constituent_services.correspondence_register")


@tagged("post_install", "-at_install")
class TestRegisterScreens(RegisterSetup, ConstituentCommon):
    def _search(self, name):
        action = self.env.ref(f"{PREFIX}constituent_correspondence_action_{name}")
        return safe_eval(action.domain), action

    def test_each_letter_stands_in_its_register(self):
        came = self._make_received_on("2026-01-05")
        sent, draft = self._make_sent(), self._make_letter()
        returned = self._make_sent()
        returned.action_returned("Moved")
        for name, inside in (("incoming", came), ("outgoing", sent | returned)):
            domain, action = self._search(name)
            found = self.Letter.search(domain)
            self.assertLessEqual(inside, found)
            self.assertFalse(found & ((came | sent | returned | draft) - inside))
            views = {kind for _id, kind in action.views}
            self.assertEqual(views, {"list", "kanban", "form"})

    def test_found_by_the_code_at_its_foot(self):
        letter = self._make_sent()
        _domain, action = self._search("outgoing")
        arch = etree.fromstring(self.Letter.get_view(action.search_view_id.id, "search")["arch"])
        (field,) = arch.xpath("//field[@name='verification_search']")
        domain = [(field.get("name"), field.get("operator"), letter.verification_code.lower())]
        self.assertEqual(self.Letter.with_user(self.caseworker).search(domain), letter)

    def test_the_form_of_a_letter_that_came_in(self):
        letter = self._make_received_on("2026-01-05", sender_name="Olga Lind")
        arch = etree.fromstring(
            self.Letter.with_user(self.clerk).get_view(view_type="form")["arch"]
        )
        values = {"state": "received", "direction": "in", "id": letter.id, "is_sealed": True}
        values |= {"waits_for_me": False, "may_sign": False, "can_cover": False}
        shown = []
        for button in arch.xpath("//header/button"):
            hidden = button.get("invisible") or "False"
            if not safe_eval(hidden, {**values, "medium": "post"}):
                shown.append(button.get("name"))
        self.assertEqual(shown, ["action_print"], "printed, and nothing else")
        self.assertTrue(letter.document_file)
        self.assertFalse(self._make_sent().document_file)

    def test_indexes_answer_in_the_order_of_the_registers(self):
        self.env.flush_all()
        for name, order, index in (
            ("incoming", "received_on desc, reference desc", "incoming_idx"),
            ("outgoing", "letter_date desc, reference desc", "outgoing_idx"),
        ):
            domain, action = self._search(name)
            arch = etree.fromstring(
                self.env["constituent.correspondence"].get_view(
                    action.view_ids[:1].view_id.id, "list"
                )["arch"]
            )
            self.assertEqual(arch.get("default_order"), order)
            column = order.split()[0]
            for more in ([], [(column, ">=", "2026-11-01"), (column, "<=", "2026-11-30")]):
                query = self.Letter._search(domain + more, order=order, limit=80)
                for way in ("seqscan", "bitmapscan", "sort"):
                    self.env.cr.execute(SQL("SET LOCAL enable_%s = off", SQL(way)))
                self.env.cr.execute(SQL("EXPLAIN %s", query.select()))
                plan = "\n".join(row[0] for row in self.env.cr.fetchall())
                with self.subTest(register=name, more=more):
                    self.assertIn(index, plan)
                    self.assertNotIn("Sort", plan)
                for way in ("seqscan", "bitmapscan", "sort"):
                    self.env.cr.execute(SQL("SET LOCAL enable_%s = on", SQL(way)))


@tagged("post_install", "-at_install")
class TestRegisterHttp(RegisterSetup, HttpCase):
    def test_a_clerk_downloads_the_register(self):
        with freeze_time("2026-11-27 17:00:00"):
            self._make_received_on("2026-11-05", user=self.clerk)
            wizard = self._register(user=self.clerk, direction="in")
        self.env.flush_all()
        self.authenticate("t_clerk", "t_clerk")
        address = f"/report/pdf/constituent_services.correspondence_register/{wizard.id}"
        response = self.url_open(address, timeout=60)
        self.assertTrue(response.content.startswith(b"%PDF"))
        self.authenticate("t_coordinator", "t_coordinator")
        self.assertFalse(self.url_open(address).content.startswith(b"%PDF"))
