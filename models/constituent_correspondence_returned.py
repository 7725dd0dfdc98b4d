from odoo import api, fields, models
from odoo.tools import format_date

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
    returned_note = fields.Char(compute="_compute_returned_note")
    can_write_again = fields.Boolean(compute="_compute_can_write_again", compute_sudo=False)

    @api.depends("state", "returned_at", "returned_reason")
    def _compute_returned_note(self):
        for letter in self:
            if letter.state != "returned_mail" or not letter.returned_at:
                letter.returned_note = False
                continue
            moment = fields.Datetime.context_timestamp(letter, letter.returned_at)
            day = format_date(self.env, moment.date(), date_format="long")
            letter.returned_note = (
                self.env._(
                    "It came back on %(day)s (%(reason)s).", day=day, reason=letter.returned_reason
                )
                if letter.returned_reason
                else self.env._("It came back on %(day)s.", day=day)
            )

    @api.depends("state", "direction", "corrected_by_ids.state")
    def _compute_can_write_again(self):
        for letter in self:
            letter.can_write_again = (
                letter.direction == "out"
                and letter.state == "returned_mail"
                and all(other.state == "cancelled" for other in letter.corrected_by_ids)
            )

    def action_came_back(self):
        """Open the window for returned mail, with the numbers of these letters.

        :return dict: a window action
        :raises AccessError: a clerk
        :raises UserError: not sent, or marked already
        """
        self._check_may_send()
        self.check_access("read")
        self._check_step(("sending", "sent"))
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "constituent_services.constituent_returned_mail_wizard_action"
        )
        numbers = "\n".join(self.mapped("reference"))
        context = {"default_references": numbers, "constituent_from_letter": True}
        if len(self.env.companies) > 1:
            # Another office may have given the same number.
            context["allowed_company_ids"] = self.company_id.ids
        return {**action, "context": context}

    def action_write_again(self):
        """Begin a letter by post that replaces one that came back.

        :return dict: action that opens the new draft
        :raises AccessError: a clerk
        :raises UserError: it did not come back, or is replaced already
        """
        self.ensure_one()
        self._check_may_send()
        self._check_step(("returned_mail",))
        # An address that did not take it is no help, nor is the page of the case.
        return self._draft_again(medium="post").action_open()

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
