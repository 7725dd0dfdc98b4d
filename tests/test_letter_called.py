"""Somebody changed their name while the letter was a draft."""

from odoo.tests import tagged

from .common import ConstituentCommon
from .letter_common import LetterSetup


@tagged("post_install", "-at_install")
class TestCalledOtherwise(LetterSetup, ConstituentCommon):
    def _renamed(self, **vals):
        self.resident.honorific = "Ms."
        letter = self._make_letter(**vals)
        self.resident.name = "Ana Ruiz"
        letter.action_submit()
        return letter

    def test_the_new_name_is_greeted_and_printed(self):
        letter = self._renamed()
        self.assertEqual(letter.salutation, "Dear Ms. Ruiz:")
        values = letter._letter_values()
        self.assertEqual(
            (values["salutation"], values["addressee"]), ("Dear Ms. Ruiz:", "Ana Ruiz")
        )

    def test_what_was_typed_stays(self):
        letter = self._renamed(salutation="Dear Ana,")
        self.assertEqual(letter.salutation, "Dear Ana,")

    def test_in_the_letters_language(self):
        self.env["res.lang"]._activate_lang("es_419")
        letter = self._renamed(lang="es_419")
        self.assertIn("Ruiz", letter.salutation)
        self.assertNotIn("Dear", letter.salutation)
