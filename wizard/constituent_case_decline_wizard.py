from odoo import fields, models
from odoo.exceptions import UserError


class ConstituentCaseDeclineWizard(models.TransientModel):
    """Say why cases are not the department's, and perhaps whose they are."""

    _name = "constituent.case.decline.wizard"
    _inherit = ["constituent.wizard.mixin"]
    _description = "Decline Cases"

    case_ids = fields.Many2many("constituent.case", string="Cases", required=True)
    reason = fields.Char(
        string="Why It Is Not Yours",
        required=True,
        help="The coordinators read it; the constituent does not.",
    )
    department_id = fields.Many2one("constituent.department", string="Whose It Is")

    def action_decline_cases(self):
        """Send the cases back.

        Whoever declines still sees them: they are in triage.

        :return dict: closes the window
        :raises UserError: no reason, the same department, or a case that cannot be declined
        """
        self.ensure_one()
        reason = (self.reason or "").strip()
        if not reason:
            raise UserError(self.env._("Say why it is not yours."))
        if self.department_id in self.case_ids.department_id:
            raise UserError(
                self.env._("%(department)s is who has it now.", department=self.department_id.name)
            )
        self.case_ids._decline(reason, self.department_id)
        return {"type": "ir.actions.act_window_close"}
