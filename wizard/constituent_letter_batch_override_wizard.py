from odoo import fields, models


class ConstituentLetterBatchOverrideWizard(models.TransientModel):
    """Ask a manager why a batch goes out in spite of a blackout."""

    _name = "constituent.letter.batch.override.wizard"
    _inherit = ["constituent.wizard.mixin"]
    _description = "Override of a Blackout"

    batch_id = fields.Many2one("constituent.letter.batch", required=True, readonly=True)
    blackout_note = fields.Char(related="batch_id.blackout_note")
    reason = fields.Char(required=True)

    def action_override(self):
        """Let the batch go, with the reason.

        :return dict: closes the window
        :raises AccessError: not a manager
        """
        self.ensure_one()
        self.batch_id._override_blackout(self.reason)
        return {"type": "ir.actions.act_window_close"}
