from odoo import fields, models


class ConstituentCaseReopenWizard(models.TransientModel):
    """Take closed cases up again, with the reason."""

    _name = "constituent.case.reopen.wizard"
    _inherit = ["constituent.wizard.mixin"]
    _description = "Reopen Cases"

    case_ids = fields.Many2many("constituent.case", string="Cases", required=True)
    reason = fields.Text(string="Why", required=True)

    def action_reopen_cases(self):
        """Reopen the cases; the reason stays in their history.

        :return dict: closes the window
        :raises UserError: an empty reason, or a case that is not closed
        """
        self.ensure_one()
        self.case_ids._reopen(self.reason)
        return {"type": "ir.actions.act_window_close"}
