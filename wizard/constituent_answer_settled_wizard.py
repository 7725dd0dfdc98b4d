from odoo import fields, models


class ConstituentAnswerSettledWizard(models.TransientModel):
    """Ask why no answer is owed any more, though a letter came back."""

    _name = "constituent.answer.settled.wizard"
    _inherit = ["constituent.wizard.mixin"]
    _description = "No Answer Is Owed"

    case_ids = fields.Many2many(
        "constituent.case",
        "constituent_answer_settled_wizard_rel",
        "wizard_id",
        "case_id",
        string="Cases",
        required=True,
    )
    reason = fields.Char(required=True)

    def action_settle(self):
        """Take the cases off the list; the reason stays in their history.

        :return dict: closes the window
        :raises AccessError: a case that is not the user's to write
        :raises UserError: no reason, or no answer is owed
        """
        self.ensure_one()
        self.case_ids._settle_answer(self.reason)
        return {"type": "ir.actions.act_window_close"}
