from odoo import fields, models
from odoo.exceptions import UserError


class ConstituentCorrespondence(models.Model):
    """The registers of letters, by number and date: what came in, what went out."""

    _name = "constituent.correspondence"
    _inherit = "constituent.correspondence"

    printed_name = fields.Char(index="trigram")

    # In the order in which the registers are read, and of their letters alone
    _incoming_idx = models.Index("(received_on DESC, reference DESC) WHERE state = 'received'")
    _outgoing_idx = models.Index("(letter_date DESC, reference DESC) WHERE sent_at IS NOT NULL")

    def action_print_register(self):
        """Print the letters chosen in a register as one list.

        :return dict: the action that downloads it
        :raises UserError: letters that are in no register, or of both
        """
        self.check_access("read")
        directions = set(self.mapped("direction"))
        if len(directions) != 1 or not all(self.mapped("is_sealed")):
            raise UserError(
                self.env._(
                    "Choose letters that came in, or letters that were sent: each has its register."
                )
            )
        if len(self.company_id) > 1:
            raise UserError(self.env._("Choose letters of one office: each has its register."))
        wizard = self.env["constituent.register.wizard"].create(
            {
                "direction": directions.pop(),
                "company_id": self.company_id.id,
                "letter_ids": [fields.Command.set(self.ids)],
            }
        )
        return wizard.action_print()
