import io

import pikepdf
from pypdf import PdfReader

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import tagged

from .common import PREFIX, ConstituentCommon
from .letter_common import LetterSetup
from .test_post_tools import texts

REPORT = f"{PREFIX}correspondence_report_file_copy"


@tagged("post_install", "-at_install")
class TestFileCopy(LetterSetup, ConstituentCommon):
    """The letter as it was sent, with what is for the file alone."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.counsel = cls.env["res.partner"].create(
            {"name": "Kim Counsel", "function": "City Attorney"}
        )

    def _copy(self, letter, user=None):
        report = self.env["ir.actions.report"].with_user(user or self.caseworker)
        pdf, kind = report._render_qweb_pdf(REPORT, letter.ids)
        self.assertEqual(kind, "pdf")
        return pdf

    def _sent(self, **vals):
        return self._make_sent(bcc_partner_ids=[Command.set(self.counsel.ids)], **vals)

    def test_on_the_file_copy_only(self):
        letter = self._sent()
        (sent,) = texts(letter.document_id.sudo().raw)
        (copy,) = texts(self._copy(letter))
        for words in ("Counsel", "TM:tc", "File copy"):
            self.assertNotIn(words.lower(), sent.lower())
        self.assertIn("bcc: Kim Counsel, City Attorney", copy)
        self.assertIn("TM:tc", copy)
        self.assertIn("file copy", copy.lower())
        self.assertIn("A testpothole on Main Street", copy)
        self.assertIn(letter.reference, copy)

    def test_of_several_pages(self):
        letter = self._sent(body="<p>%s</p>" % ("Street and sidewalk. " * 60) * 8)
        pages = texts(self._copy(letter))
        self.assertGreater(len(pages), 1)
        for page in pages:
            self.assertIn("file copy", page.lower())
        for page in pages[:-1]:
            self.assertNotIn("Kim Counsel", page)
        self.assertIn("Kim Counsel", pages[-1])

    def test_as_it_was_sent(self):
        """Neither the contact's new name nor another letterhead changes it."""
        letter = self._sent()
        before = texts(self._copy(letter))
        self.counsel.name = "Somebody Else"
        self.company.name = "Town of Elsewhere"
        self.manager.name = "New Manager"
        self.assertEqual(texts(self._copy(letter)), before)

    def test_the_sealed_pdf_stays(self):
        letter = self._sent()
        before = letter.document_id.sudo().raw
        self._copy(letter)
        self.env.invalidate_all()
        self.assertEqual(letter.document_id.sudo().raw, before)
        self.assertEqual(letter._letter_pdf(), before)

    def test_within_the_margins(self):
        """What is printed over the letter covers nothing of its text."""
        letter = self._sent()
        places = []

        def visit(text, cm, tm, _font, _size):
            y = tm[5] * cm[3] + cm[5]
            if any(word in text for word in ("Kim Counsel", "TM:tc")):
                places.append(y / 72)

        PdfReader(io.BytesIO(self._copy(letter))).pages[0].extract_text(visitor_text=visit)
        self.assertTrue(places)
        self.assertLess(max(places), 0.7, "below the verification line")
        self.assertGreater(min(places), 0.2)

    def test_many_blind_copies_end_with_dots(self):
        people = self.env["res.partner"].create(
            [{"name": f"Person With A Long Name {number}"} for number in range(30)]
        )
        letter = self._make_sent(bcc_partner_ids=[Command.set(people.ids)])
        (copy,) = texts(self._copy(letter))
        self.assertIn("Person With A Long Name 0;", copy)
        self.assertIn("…", copy)
        self.assertEqual(len(letter.printed_bcc.split("\n")), 30)

    def test_only_of_what_was_sent(self):
        letter = self._make_letter()
        for step in (letter._copy_pdf, letter.action_print_copy):
            with self.assertRaisesRegex(UserError, "Send it first"):
                step()
        action = self._make_sent().action_print_copy()
        self.assertEqual(action["report_name"], f"{PREFIX}correspondence_file_copy")

    def test_sealed(self):
        letter = self._sent()
        for vals in (
            {"bcc_partner_ids": [Command.clear()]},
            {"printed_bcc": "Nobody"},
            {"printed_initials": "XX"},
        ):
            with self.assertRaises(UserError):
                letter.write(vals)

    def test_a_new_blind_copy_needs_another_approval(self):
        letter = self._make_approved()
        letter.bcc_partner_ids = self.counsel
        self.assertEqual(letter.state, "draft")

    def test_initials(self):
        self.manager.name = "Ana María de la Cruz-Díaz"
        letter = self._make_sent()
        self.assertEqual(letter.printed_initials, "AMDL:tc")
        self.assertEqual(self.Letter._initials(""), "")

    def test_strangers_get_none(self):
        letter = self._sent()
        for user in (self.other_caseworker, self.portal_user, self.internal_user):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                self.env.invalidate_all()
                self._copy(letter, user)

    def test_it_is_a_whole_pdf(self):
        with pikepdf.open(io.BytesIO(self._copy(self._sent()))) as pdf:
            self.assertFalse(pdf.check_pdf_syntax())
