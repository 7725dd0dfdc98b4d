from odoo import fields, models


class ConstituentCorrespondenceReasonWizard(models.TransientModel):
    """Ask why a letter is sent back to its drafter."""

    _name = "constituent.correspondence.reason.wizard"
    _inherit = ["constituent.wizard.mixin"]
    _description = "Reason for Sending a Letter Back"

    letter_ids = fields.Many2many(
        "constituent.correspondence",
        "constituent_correspondence_reason_rel",
        "wizard_id",
        "letter_id",
        string="Letters",
        required=True,
    )
    reason = fields.Char(required=True)

    def action_apply(self):
        """Send the letters back with the reason.

        :return dict: closes the window
        :raises UserError: the step is not open to one of the letters
        """
        self.ensure_one()
        self.letter_ids.action_reject(self.reason)
        return {"type": "ir.actions.act_window_close"}
