from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command

from ..tools.text import html_to_text

PREVIEW = 200


class ConstituentCaseMoveWizard(models.TransientModel):
    """Choose messages of a case that belong to another one, or are a new matter."""

    _name = "constituent.case.move.wizard"
    _inherit = ["constituent.wizard.mixin"]
    _description = "Move a Message"

    case_id = fields.Many2one("constituent.case", required=True)
    company_id = fields.Many2one(related="case_id.company_id")
    line_ids = fields.One2many("constituent.case.move.line", "wizard_id", string="Messages")
    way = fields.Selection(
        [("move", "Belongs to another case"), ("new", "Is a new matter: make a linked case")],
        string="The Message",
        required=True,
        default="move",
    )
    target_id = fields.Many2one(
        "constituent.case",
        string="Right Case",
        domain="[('id', '!=', case_id), ('company_id', '=', company_id)]",
    )
    reason = fields.Char(string="Why")

    @api.model
    def _propose(self, case):
        """Return a window with the case's incoming messages, the newest first.

        :param case: the case they are in now
        :raises UserError: nothing came in
        """
        messages_sudo = case._incoming_messages()
        if not messages_sudo:
            raise UserError(self.env._("No message came in on this case."))
        return self.create(
            {
                "case_id": case.id,
                "line_ids": [
                    Command.create(
                        {
                            "message_id": message.id,
                            "date": message.date,
                            "sender": message.email_from or message.author_id.name,
                            "subject": message.subject,
                            "preview": html_to_text(message.body)[:PREVIEW],
                            "attachment_count": len(message.attachment_ids),
                            "chosen": len(messages_sudo) == 1,
                        }
                    )
                    for message in messages_sudo
                ],
            }
        )

    def action_move(self):
        """Move the chosen messages, or make a case of each.

        :return dict: the action that shows the case they are in now
        :raises UserError: nothing chosen, no case, or no reason
        """
        self.ensure_one()
        chosen = self.line_ids.filtered("chosen")
        if not chosen:
            raise UserError(self.env._("Choose a message."))
        messages = self.env["mail.message"].browse(chosen.mapped("message_id"))
        if self.way == "new":
            cases = self.env["constituent.case"]
            for message in messages.sorted("id"):
                cases |= self.case_id._new_case_of(message)
            return cases._get_records_action()
        reason = (self.reason or "").strip()
        if not reason:
            raise UserError(self.env._("Say why the message belongs elsewhere."))
        if not self.target_id:
            raise UserError(self.env._("Choose another case to move it to."))
        self.case_id._move_messages(messages, self.target_id, reason)
        return self.target_id._get_records_action()
