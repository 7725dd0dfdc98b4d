"""Several letters are read one below the other, with all that is approved with them."""

from unittest.mock import patch

from freezegun import freeze_time

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import Form, tagged

from ..wizard import constituent_approval_wizard as approval_wizard
from .approval_common import ApprovalSetup
from .common import ConstituentCommon
from .scan_files import make_pdf


@tagged("post_install", "-at_install")
class TestReadSeveral(ApprovalSetup, ConstituentCommon):
    """Several letters, decided on after reading."""

    def setUp(self):
        super().setUp()
        self._rule("Counsel reads", self.counsel)
        self.letters = self._submitted() | self._submitted(subject="The second")

    def _window(self):
        action = self.letters.with_user(self.counsel).action_read_and_decide()
        wizards = self.env[action["res_model"]].with_user(self.counsel)
        return wizards.browse(action["res_id"])

    def test_read_and_approve(self):
        wizard = self._window()
        previews = wizard.line_ids.mapped("preview")
        self.assertIn("November 12", previews[0])
        self.assertIn("12 Home Street", previews[0])
        self.assertIn("The second", previews[1])
        with Form(wizard) as form:
            form.comment = "Good."
        wizard.action_approve_all()
        self.assertEqual(set(self.letters.mapped("state")), {"approved"})
        self.assertIn("Good.", self.letters[0].approval_trail)

    def test_all_that_is_approved_is_read(self):
        self.env["res.lang"]._activate_lang("es_419")
        self.counsel.partner_id.name = "Paula Private"
        plan = self.env["ir.attachment"].create(
            {"name": "plan.pdf", "raw": make_pdf(), "mimetype": "application/pdf"}
        )
        letter = self._make_letter(
            lang="es_419",
            body="<p>Lo rellenaremos.</p>",
            body_english="<p>We will fill it.</p><script>x</script>",
            bcc_partner_ids=[Command.set(self.counsel.partner_id.ids)],
            medium="both",
        )
        letter.sudo().enclosure_file_ids = plan
        page = letter.sudo()._reading_page()
        for words in (
            "Lo rellenaremos.", "We will fill it.", "In English, not printed",
            "Paula Private", "plan.pdf", "Email and Post",
        ):  # fmt: skip
            with self.subTest(words):
                self.assertIn(words, page)
        self.assertNotIn("<script", page)
        english = self._make_letter(translation_waiver="Her son reads it to her")
        self.assertNotIn("not printed", english.sudo()._reading_page())
        self.resident.language_needed = "Vietnamese"
        self.assertIn("Her son reads it to her", english.sudo()._reading_page())
        english.sudo()._advance("draft", template_gaps="Day Due ({{ object.letter_due_on }})")
        self.assertIn("The case had nothing for: Day Due", english.sudo()._reading_page())

    def test_without_choosing_the_longest_waiting(self):
        with freeze_time("2020-01-02 15:00:00"):
            oldest = self._submitted(subject="The oldest")
        with patch.object(approval_wizard, "READ_AT_ONCE", 2):
            action = self.Letter.with_user(self.counsel).action_read_and_decide()
        wizard = self.env[action["res_model"]].with_user(self.counsel).browse(action["res_id"])
        self.assertEqual(len(wizard.line_ids), 2)
        self.assertEqual(wizard.line_ids[0].letter_id, oldest)
        with self.assertRaisesRegex(UserError, "No letter waits for you"):
            self.Letter.with_user(self.caseworker).action_read_and_decide()

    def test_changed_while_reading(self):
        wizard = self._window()
        self.letters[1].with_user(self.coordinator).body = "<p>Something else.</p>"
        with self.assertRaisesRegex(UserError, "while you were reading"), self.env.cr.savepoint():
            wizard.action_approve_all()
        self.env.invalidate_all()
        self.assertEqual(set(self.letters.mapped("state")), {"to_approve"}, "all or none")

    def test_send_back_asks_why(self):
        wizard = self._window()
        with self.assertRaisesRegex(UserError, "what is to be changed"):
            wizard.action_return_all()
        wizard.comment = "Shorter."
        wizard.action_return_all()
        self.assertEqual(set(self.letters.mapped("state")), {"rejected"})

    def test_not_ones_own(self):
        with self.assertRaisesRegex(UserError, "waits for you"):
            self.letters.with_user(self.coordinator).action_read_and_decide()
        wizard = self._window()
        with self.assertRaises(AccessError):
            wizard.with_user(self.coordinator).read(["comment"])
        with self.assertRaises(AccessError):
            wizard.with_user(self.clerk).action_approve_all()
