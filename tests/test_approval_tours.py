from odoo.tests import HttpCase, tagged

from .approval_common import ApprovalSetup


@tagged("post_install", "-at_install")
class TestApprovalTours(ApprovalSetup, HttpCase):
    """Draft, sent back, changed, approved by who acts for the commissioner, sent."""

    def test_a_letters_way(self):
        self._rule("The commissioner signs", approver_kind="signatories")
        letter = self._make_letter(subject="Letter of the approval tour")
        address = f"/odoo/constituent.correspondence/{letter.id}"
        self.start_tour(address, "constituent_approval_submit", login="t_caseworker")
        self.assertEqual(letter.state, "to_approve")
        self.start_tour("/odoo", "constituent_approval_return", login="t_manager")
        self.assertEqual(letter.state, "rejected")
        self.start_tour(address, "constituent_approval_change", login="t_caseworker")
        self.assertEqual(letter.state, "to_approve")
        # The browser's day is the machine's: the delegation spans it.
        self._delegate(self.head, self.deputy, date_from="2020-01-01", date_to="2099-12-31")
        self.start_tour("/odoo", "constituent_approval_delegate", login="t_deputy")
        self.assertEqual((letter.state, letter.approved_by_id), ("approved", self.deputy))
        self.start_tour(address, "constituent_approval_send", login="t_caseworker")
        self.assertEqual(letter.state, "sent")
        self.assertIn("Acting Commissioner of Streets", letter.printed_signature)
        self.assertEqual(letter.enclosures, "Plan of the repair on December 1")

    def test_several_one_by_one(self):
        self._rule("The commissioner signs", approver_kind="signatories")
        approved = self._submitted(subject="Letter of the approval tour")
        returned = self._submitted(subject="The one to send back")
        left = self._submitted(subject="The one to leave")
        self.start_tour("/odoo", "constituent_approval_one_by_one", login="t_manager")
        states = (approved | returned | left).mapped("state")
        self.assertEqual(states, ["approved", "rejected", "to_approve"])
        self.assertEqual(returned.sent_back_note, "Test Manager sent it back: Name the inspector.")
