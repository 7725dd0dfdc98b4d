from odoo.tests import Form

from .mail_common import InboundCommon

BODY = (
    "Dear Office,\n\nA testpothole on Main Street is as deep as a wheel.\n\n"
    "A testtree leans over the fence of the school.\n\n"
    "When will the library be open on Sundays again?\n\nSincerely,\nAna"
)


class TestSplitMail(InboundCommon):
    """A mail with three matters, its original in the register."""

    def _case(self, **heads):
        row = self._take(
            self._mail(BODY, attachments=[("tree.pdf", b"tree")], Subject="Three matters", **heads)
        )
        self.assertEqual(row.state, "case")
        return row.case_id, row

    def _split(self, case):
        action = case.with_user(self.coordinator).action_split()
        wizard = self.env[action["res_model"]].with_user(self.coordinator)
        wizard = wizard.browse(action["res_id"])
        self.assertEqual(len(wizard.line_ids), 3)
        wizard.line_ids[1].attachment_ids = wizard.attachment_ids
        Form(wizard).save().action_split_case()
        return case.split_into_ids.sorted("id")

    def test_the_message_stays_with_the_first(self):
        case, row = self._case()
        parts = self._split(case)
        self.assertEqual(row.case_id, case)
        self.assertFalse(row.moved_to_id)
        messages = case.message_ids.filtered(lambda one: one.message_type == "email")
        self.assertEqual(len(messages), 1)
        self.assertFalse(parts.message_ids.filtered(lambda one: one.message_type == "email"))

    def test_attachment_of_the_mail_is_taken_along(self):
        case, _row = self._case()
        tree, library = self._split(case)
        attachments = self.env["ir.attachment"].search(
            [("res_model", "=", "constituent.case"), ("res_id", "in", (tree | library).ids)]
        )
        self.assertEqual(attachments.mapped("name"), ["tree.pdf"])
        self.assertEqual(attachments.res_id, tree.id)
        self.assertEqual(attachments.raw, b"tree")

    def test_the_original_proves_the_words(self):
        case, row = self._case()
        self._split(case)
        (event,) = case.event_ids.filtered(lambda event: event.kind == "split")
        self.assertNotIn("library", event.note)
        self.assertIn("library", row.raw_text)

    def test_one_acknowledgement_is_queued(self):
        case, _row = self._case()
        parts = self._split(case)
        queued = (case | parts).delivery_ids.filtered(
            lambda mail: mail.state == "queued" and mail.audience == "constituent"
        )
        self.assertEqual(len(queued), 1)
        self.assertEqual(queued.case_id | queued.also_case_ids, case | parts)

    def test_a_machine_is_not_acknowledged(self):
        case, _row = self._case(Auto_Submitted="auto-generated")
        parts = self._split(case)
        told = (case | parts).delivery_ids.filtered(lambda mail: mail.audience == "constituent")
        self.assertFalse(told)

    def test_people_in_copy_are_known_to_each(self):
        case, _row = self._case(Cc="Jo Stone <jo@example.org>")
        for part in self._split(case):
            self.assertTrue(part._knows_address("jo@example.org"))

    def test_a_claim_among_them_does_not_make_the_others_claims(self):
        body = (
            "Dear Office,\n\nThis is a notice of claim: the testpothole broke an axle.\n\n"
            "A testtree leans over the fence of the school.\n\n"
            "When will the library be open on Sundays again?\n\nSincerely,\nAna"
        )
        case = self._take(self._mail(body=body)).case_id
        self.assertEqual(case.kind, "claim")
        wizard_action = case.with_user(self.coordinator).action_split()
        wizard = self.env[wizard_action["res_model"]].browse(wizard_action["res_id"])
        wizard.with_user(self.coordinator).action_split_case()
        others = case.split_into_ids
        self.assertEqual(len(others), 2)
        self.assertNotIn("claim", others.mapped("kind"))
        queued = (case | others).delivery_ids.filtered(
            lambda mail: mail.state == "queued" and mail.audience == "constituent"
        )
        self.assertEqual(len(queued), 2, "the claim's own, and one for both others")
