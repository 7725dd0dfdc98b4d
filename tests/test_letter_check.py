import logging
from unittest.mock import patch

from odoo.tests import tagged

from ..controllers.letter_check import WRONG_CODES
from ..models import constituent_correspondence_verify as verify
from .common import ConstituentCommon
from .common_public import OutsideHttpCase
from .letter_common import LetterSetup

CODE = r"^[A-Z3-9]{5}-[A-Z3-9]{5}$"


@tagged("post_install", "-at_install")
class TestVerification(LetterSetup, ConstituentCommon):
    """A letter's code: drawn when it is sent, sealed, printed and looked up."""

    def test_drawn_when_it_is_sent(self):
        letter = self._make_approved()
        self.assertFalse(letter.verification_code)
        letter.action_send()
        self.assertRegex(letter.verification_code, CODE)
        self.assertNotEqual(letter.verification_code, self._make_sent().verification_code)
        self.assertIn("verification_code", letter._seal_columns)

    def test_no_code_twice(self):
        taken = self._make_sent().verification_code
        with patch.object(verify, "draw_code", side_effect=[taken, "K7RMX-39AHT"]):
            self.assertEqual(self._make_sent().verification_code, "K7RMX-39AHT")
        with patch.object(verify, "draw_code", return_value=taken), self.assertRaises(RuntimeError):
            self.Letter._draw_verification_code()

    def test_where_to_ask_is_printed_for_a_safe_address_only(self):
        parameters = self.env["ir.config_parameter"]
        letter = self._make_sent()
        for base, shown in (
            ("https://311.example.gov", True),
            ("http://311.example.gov", False),
            ("http://localhost:8069", False),
        ):
            parameters.set_param("web.base.url", base)
            line = letter._verification_line()
            with self.subTest(base=base):
                self.assertIn(letter.verification_code, line)
                self.assertIn(letter.reference, line)
                self.assertEqual("311.example.gov/letter/check" in line, shown)
                self.assertNotIn("http", line)
        self.assertEqual(self._make_letter()._letter_values()["verification"], "")

    def test_found_by_code_and_number(self):
        letter = self._make_sent()
        self._make_sent()
        code = letter.verification_code
        letters = self.Letter.with_user(self.caseworker)
        for typed in (code, code.lower(), code.replace("-", " "), letter.reference):
            with self.subTest(typed=typed):
                found = letters.name_search(typed)
                self.assertEqual([record_id for record_id, _name in found], letter.ids)
        for typed in (code, code.lower().replace("-", "")):
            self.assertEqual(letters.search([("verification_search", "=", typed)]), letter)
        self.assertFalse(letters.search([("verification_search", "=", "pothole")]))
        stranger = self.Letter.with_user(self.other_caseworker)
        self.assertFalse(stranger.name_search(code), "the code opens nothing")

    def test_what_the_page_may_know(self):
        letter = self._make_sent(letter_date="2026-11-21")
        found = self.Letter._find_by_code(letter.verification_code.lower())
        self.assertEqual(
            found,
            {
                "reference": letter.reference,
                "date": "November 21, 2026",
                "company_id": self.company.id,
                "is_replaced": False,
            },
        )
        draft = self.Letter.browse(letter.action_correct()["res_id"])
        self.assertFalse(self.Letter._find_by_code(letter.verification_code)["is_replaced"])
        draft.action_submit()
        draft.action_approve()
        draft.action_send()
        self.assertTrue(self.Letter._find_by_code(letter.verification_code)["is_replaced"])

    def test_as_many_queries_for_a_wrong_code(self):
        code = self._make_sent().verification_code
        self.Letter._find_by_code(code)
        for typed in (code, "K7RMX-39AHT", "", "' OR 1=1 --", "x" * 10_000):
            with self.subTest(typed=typed[:20]), self.assertQueryCount(1):
                self.Letter._find_by_code(typed)


@tagged("post_install", "-at_install")
class TestLetterCheck(LetterSetup, OutsideHttpCase):
    """The public page: number, date and office, and nothing of whom or what."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.letter = LetterSetup._make_sent.__func__(cls, letter_date="2026-11-21")

    def setUp(self):
        super().setUp()
        WRONG_CODES.clear()

    def _ask(self, code):
        return self.url_open("/letter/check", data={"code": code})

    def test_the_form(self):
        page = self.url_open("/letter/check")
        self.assertEqual(page.status_code, 200)
        tree = self._tree(page)
        (form,) = tree.xpath("//main//form")
        self.assertEqual(form.get("method"), "post")
        (field,) = form.xpath(".//input")
        self.assertTrue(tree.xpath(f"//label[@for='{field.get('id')}']"))
        self.assertEqual(page.headers["Cache-Control"], "no-store")
        self.assertIn("default-src 'none'", page.headers["Content-Security-Policy"])

    def test_ours(self):
        page = self._ask(self.letter.verification_code.lower().replace("-", " "))
        text = self._text(page)
        for words in (
            "Yes, we wrote",
            self.letter.reference,
            "November 21, 2026",
            "City of Example",
        ):
            self.assertIn(words, text)
        self.assertNotIn(" ,", text)
        for words in ("Rivera", "pothole", "Main Street", "Home Street", self.case.number):
            self.assertNotIn(words, page.text)

    def test_not_ours(self):
        """One page whatever is wrong with the code."""
        pages = {
            self._text(self._ask(code))
            for code in ("K7RMX-39AHT", "no code", self.letter.reference, "<script>", "")
        }
        self.assertEqual(len(pages), 1)
        self.assertIn("We know no letter with this code", pages.pop())

    def test_what_no_form_of_ours_sends(self):
        for files in (
            {"code": ("code.txt", b"K7RMX-39AHT")},
            {"code": (None, "K" * 200_000)},
            {"code": (None, "K7RMX\0-39AHT")},
            {"other": (None, "x")},
        ):
            page = self.url_open("/letter/check", files=files)
            self.assertEqual(page.status_code, 200)
            self.assertIn("We know no letter with this code", self._text(page))

    def test_a_code_in_the_address_is_not_read(self):
        page = self.url_open(f"/letter/check?code={self.letter.verification_code}")
        self.assertNotIn(self.letter.reference, page.text)

    def test_a_draft_has_no_code_and_a_returned_letter_is_ours(self):
        self.letter.action_returned("Moved")
        self.assertIn(self.letter.reference, self._ask(self.letter.verification_code).text)

    def test_replaced(self):
        draft = self.Letter.browse(self.letter.action_correct()["res_id"])
        draft.action_submit()
        draft.action_approve()
        draft.action_send()
        self.assertIn(
            "replaced by a later letter", self._text(self._ask(self.letter.verification_code))
        )

    def test_too_many_wrong_codes(self):
        for _attempt in range(WRONG_CODES.limit):
            self.assertEqual(self._ask("K7RMX-39AHT").status_code, 200)
        page = self._ask("K7RMX-39AHT")
        self.assertEqual(page.status_code, 429)
        self.assertGreater(int(page.headers["Retry-After"]), 0)
        self.assertEqual(self._ask(self.letter.verification_code).status_code, 429)

    def test_right_codes_are_not_counted(self):
        for _attempt in range(WRONG_CODES.limit + 2):
            page = self._ask(self.letter.verification_code)
        self.assertEqual(page.status_code, 200)

    def test_the_code_is_not_logged(self):
        code = self.letter.verification_code
        with self.assertLogs(level=logging.INFO) as logs:
            logging.getLogger("test").info("something")
            self._ask(code)
        self.assertNotIn(code, str(logs.output))

    def test_in_spanish(self):
        self.env["res.lang"]._activate_lang("es_419")
        page = self.url_open("/letter/check?lang=es_419")
        self.assertEqual(self._tree(page).get("lang"), "es-419")
