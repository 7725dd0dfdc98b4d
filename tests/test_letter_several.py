import io

import pypdf
from psycopg2 import Error

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tools import mute_logger

from .common import ConstituentCommon
from .letter_common import LetterSetup


class TestLetterSeveral(LetterSetup, ConstituentCommon):
    """One letter answers several cases of the same constituent."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.second = cls._make_case(name="A second testpothole")
        cls.third = cls._make_case(name="A third testpothole")
        cls.also = cls.second | cls.third

    def _letter(self, **vals):
        return self._make_letter(also_case_ids=[Command.set(self.also.ids)], **vals)

    def _sent(self, **vals):
        letter = self._letter(**vals)
        letter.action_submit()
        letter.action_approve()
        letter.action_send()
        return letter

    def test_all_numbers_are_printed(self):
        letter = self._sent()
        reader = pypdf.PdfReader(io.BytesIO(letter.document_id.raw))
        text = " ".join(reader.pages[0].extract_text().split())
        for case in self.case | self.also:
            self.assertIn(case.number, text)
        self.assertIn(letter.reference, text)

    def test_event_in_each_case(self):
        letter = self._sent()
        for case in self.case | self.also:
            (event,) = case.event_ids.filtered(lambda event: event.kind == "letter")
            self.assertEqual(event.correspondence_id, letter)

    def test_letter_that_came_back_is_in_each_case(self):
        letter = self._sent()
        letter.action_returned("Moved")
        for case in self.case | self.also:
            self.assertIn("letter_returned", case.event_ids.mapped("kind"))

    def test_each_case_lists_it(self):
        letter = self._letter()
        for case in self.case | self.also:
            self.assertEqual(case.correspondence_count, 1)
            action = case.action_view_correspondence()
            self.assertEqual(self.Letter.search(action["domain"]), letter)

    def test_numbers_are_sealed(self):
        letter = self._sent()
        self.assertEqual(
            letter.answers_numbers.split("\n"), (self.case | self.also).mapped("number")
        )
        for values in ({"answers_numbers": "CS-1"}, {"also_case_ids": [Command.clear()]}):
            with self.assertRaises(UserError):
                letter.sudo().write(values)
        with mute_logger("odoo.sql_db"), self.assertRaises(Error), self.env.cr.savepoint():
            self.env.cr.execute(
                "UPDATE constituent_correspondence SET answers_numbers = 'X' WHERE id = %s",
                (letter.id,),
            )

    def test_page_says_what_it_said_though_the_relation_is_rewritten(self):
        letter = self._sent()
        line = letter._letter_numbers_line()
        self.env.cr.execute("DELETE FROM constituent_correspondence_also_case_rel")
        self.env.invalidate_all()
        self.assertEqual(letter._letter_numbers_line(), line)

    def test_many_numbers_do_not_push_the_text_away(self):
        self.also |= self._make_case() | self._make_case() | self._make_case() | self._make_case()
        line = self._letter()._letter_numbers_line()
        self.assertIn("and 1 more", line)

    def test_another_constituents_case_is_refused(self):
        other = self._make_case(
            partner_id=False, partner_name="Jo Stone", partner_email="jo@example.org"
        )
        with self.assertRaisesRegex(ValidationError, "another constituent"):
            self._make_letter(also_case_ids=[Command.set(other.ids)])

    def test_group_that_brought_them_gets_one_letter(self):
        group = self.env["res.partner"].create(
            {"name": "Elm Street Association", "is_company": True, "street": "1 Elm", "city": "E"}
        )
        brought = self._make_case(
            partner_id=False,
            partner_name="Jo Stone",
            partner_email="jo@example.org",
            referrers=[{"partner_id": group.id}],
        )
        letter = self._make_letter(
            case_id=False, partner_id=group.id, also_case_ids=[Command.set(brought.ids)]
        )
        self.assertEqual(letter.also_case_ids, brought)

    def test_restricted_case_gets_its_own_letter(self):
        restricted = self._make_case(confidentiality="restricted")
        with self.assertRaisesRegex(ValidationError, "restricted"):
            self._make_letter(self.confidant, also_case_ids=[Command.set(restricted.ids)])

    def test_case_out_of_sight_is_refused(self):
        hidden = self._make_case(department_id=self.parks.id)
        with self.assertRaises(AccessError):
            self._make_letter(also_case_ids=[Command.set(hidden.ids)])

    def test_another_case_asks_for_another_approval(self):
        letter = self._letter()
        letter.action_submit()
        letter.action_approve()
        letter.also_case_ids = [Command.unlink(self.third.id)]
        self.assertEqual(letter.state, "draft")

    def test_letter_to_the_constituent_of_one_case(self):
        letter = self._make_sent()
        self.assertEqual(letter.answers_numbers, self.case.number)
        self.assertEqual(letter._letter_numbers_line(), f"{self.case.number} / {letter.reference}")
