from odoo import fields, models

RETURN_REASONS = [
    ("moved", "Moved"),
    ("unknown", "Addressee Unknown"),
    ("refused", "Refused"),
    ("vacant", "Vacant"),
    ("insufficient", "Insufficient Address"),
    ("other", "Other"),
]


class ConstituentCorrespondence(models.Model):
    """A letter that came back: why, where it should have gone, and an answer is owed."""

    _name = "constituent.correspondence"
    _inherit = "constituent.correspondence"

    returned_kind = fields.Selection(
        RETURN_REASONS, string="Why It Came Back", readonly=True, copy=False
    )
    forwarding_address = fields.Text(
        readonly=True, copy=False, help="As the post wrote it on the envelope."
    )

    def action_returned(self, reason=""):
        """Note that letters came back; their cases are owed an answer.

        :param str reason: what the post or the mail server said
        :raises AccessError: a clerk
        :raises UserError: not sent, marked already, or its mail still waits to be sent
        """
        result = super().action_returned(reason)
        for letter in self:
            letter._answered_cases()._owe_answer(letter)
        return result

    def _note_returned(self, kind, note="", forwarding_address=""):
        """Mark letters that came back by post.

        :param str kind: one of RETURN_REASONS
        :param str note: what else stands on the envelope
        :param str forwarding_address: lines as the post wrote them
        """
        label = dict(self._fields["returned_kind"]._description_selection(self.env))[kind]
        self.action_returned(": ".join(filter(None, (label, (note or "").strip()))))
        for letter in self:
            letter._advance(
                letter.state,
                returned_kind=kind,
                forwarding_address=(forwarding_address or "").strip() or False,
            )

    def _after_sent(self, recipient):
        """Tell; whoever was owed an answer at this address has one on its way now."""
        result = super()._after_sent(recipient)
        self._answered_cases()._answer_sent(self)
        return result
