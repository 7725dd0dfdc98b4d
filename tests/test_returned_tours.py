from unittest.mock import patch

from odoo.tests import HttpCase, tagged

from .letter_common import LetterSetup


@tagged("post_install", "-at_install")
class TestReturnedTours(LetterSetup, HttpCase):
    """A clerk opens the post; a caseworker finds what came back on the case."""

    def test_an_envelope_comes_back(self):
        # The tour types it.
        with patch.object(type(self.Letter), "_draw_reference", lambda letter: "L-2001-004242"):
            letter = self._make_sent()
        self.start_tour("/odoo", "constituent_returned_mail", login="t_clerk")
        self.assertEqual(letter.state, "returned_mail")
        self.assertEqual(letter.returned_reason, "Moved: Nobody of that name here")
        self.assertEqual(letter.forwarding_address, "5 New Road\nNewtown")
        self.assertEqual(letter.case_id.answer_owed_letter_id, letter)
        address = f"/odoo/constituent.case/{letter.case_id.id}"
        self.start_tour(address, "constituent_returned_mail_again", login="t_caseworker")
