from odoo import models
from odoo.exceptions import UserError

from ..tools.text import fold, html_to_text
from .constituent_diversion import ALARMS


class ConstituentInboundMail(models.Model):
    """Mail of blocked senders, which is kept and not answered, and threats in replies."""

    _name = "constituent.inbound.mail"
    _inherit = "constituent.inbound.mail"

    def _end_as_blocked(self, raw):
        """Keep a message of a blocked sender, unless it is a threat or about self-harm.

        It is no spam that was looked at: without a day from which it counts, it is not
        deleted after 30.

        :param bytes raw: the message
        :return bool: whether it has ended
        """
        entry = self.env["constituent.blocked.sender"]._entry(self.sender, self.company_id.id)
        if not entry or self.env.context.get("constituent_take_blocked"):
            return False
        if self._alarms(self._parse(raw)):
            return False
        self._finish("spam", error=self.env._("Blocked sender: %(reason)s", reason=entry[2]))
        return True

    def _alarms(self, msg_dict):
        """Return the lines for threats and self-harm that a message meets, and why."""
        matches = self.env["constituent.diversion"]._matches(
            self.company_id.id,
            (fold(self.subject), fold(html_to_text(msg_dict["constituent_description"]))),
        )
        return [(line, why) for line, why in matches if line.matter in ALARMS]

    def _end_as_reply(self, case, msg_dict, contacts):
        """Put a reply into its case; one with a threat makes it restricted before that."""
        for line, why in self._alarms(msg_dict)[:1]:
            if not case.alarm_id:
                case._divert_as(line, case.kind, why)
        return super()._end_as_reply(case, msg_dict, contacts)

    def action_not_spam(self):
        """Take messages out of spam, those of blocked senders too."""
        taking = self.with_context(constituent_take_blocked=True)
        return super(ConstituentInboundMail, taking).action_not_spam()

    def action_block_sender(self):
        """Ask why the sender is to be blocked, and until when.

        :return dict: the action of the form
        :raises UserError: a message without a sender
        """
        self.ensure_one()
        if not self.sender:
            raise UserError(self.env._("This message does not say who sent it."))
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Block Sender"),
            "res_model": "constituent.blocked.sender",
            "view_mode": "form",
            "views": [(False, "form")],
            "target": "new",
            "context": {
                "default_address": self.sender,
                "default_company_id": self.company_id.id or self.env.company.id,
            },
        }
