from odoo import api, fields, models
from odoo.exceptions import UserError


class ConstituentCaseSameWizard(models.TransientModel):
    """Say which case is worked for several that report the same matter."""

    _name = "constituent.case.same.wizard"
    _inherit = ["constituent.wizard.mixin"]
    _description = "Same Matter"

    case_ids = fields.Many2many("constituent.case", string="Cases", required=True)
    main_id = fields.Many2one(
        "constituent.case",
        string="Worked Under",
        required=True,
        domain="[('status', '!=', 'closed'), ('duplicate_of_id', '=', False)]",
        default=lambda self: self._default_main_id(),
    )

    @api.model
    def _default_main_id(self):
        """Of several chosen cases the oldest is worked."""
        chosen = self.env["constituent.case"].browse(self.env.context.get("default_case_ids", []))
        return chosen.sorted("received_at")[:1] if len(chosen) > 1 else False

    def action_link(self):
        """Link the cases to the one that is worked.

        :return dict: closes the window
        :raises UserError: none beside the one that is worked, or they cannot be the same
        """
        self.ensure_one()
        others = self.case_ids - self.main_id
        if not others:
            raise UserError(self.env._("Choose another case than this one."))
        others.action_same_as(self.main_id.id)
        return {"type": "ir.actions.act_window_close"}
