from odoo import fields, models


class ConstituentCorrespondenceReasonWizard(models.TransientModel):
    """Ask why a letter is sent back to its drafter, or why it came back by mail."""

    _name = "constituent.correspondence.reason.wizard"
    _inherit = ["constituent.wizard.mixin"]
    _description = "Reason for a Letter's Return"

    letter_ids = fields.Many2many(
        "constituent.correspondence",
        "constituent_correspondence_reason_rel",
        "wizard_id",
        "letter_id",
        string="Letters",
        required=True,
    )
    step = fields.Selection([("reject", "Send Back"), ("returned", "Returned Mail")], required=True)
    reason = fields.Char(required=True)

    def action_apply(self):
        """Take the step with the reason.

        :return dict: closes the window
        :raises AccessError: a clerk
        :raises UserError: the step is not open to one of the letters
        """
        self.ensure_one()
        if self.step == "reject":
            self.letter_ids.action_reject(self.reason)
        else:
            self.letter_ids.action_returned(self.reason)
        return {"type": "ir.actions.act_window_close"}
