from odoo.tests import HttpCase, tagged

from .common import ConstituentCommon
from .test_letter_clause import ClauseSetup


@tagged("post_install", "-at_install")
class TestLetterTours(ClauseSetup, ConstituentCommon, HttpCase):
    """Writing a letter in the browser."""

    def test_one_click_a_clause_and_another_case(self):
        other = self._make_case(name="Another testpothole")
        self.start_tour(
            f"/odoo/constituent.case/{self.case.id}",
            "constituent_letter_writing",
            login="t_caseworker",
        )
        letter = self.case.correspondence_ids
        self.assertEqual(letter.state, "to_approve")
        self.assertEqual(letter.template_id, self.template)
        self.assertEqual(letter.clause_use_ids.clause_id, self.clause)
        self.assertEqual(letter.also_case_ids, other)
        self.assertIn("within thirty days", letter.body)
