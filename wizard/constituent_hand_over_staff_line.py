from odoo import fields, models


class ConstituentHandOverStaffLine(models.TransientModel):
    """Who takes over in one department."""

    _name = "constituent.hand.over.staff.line"
    _inherit = ["constituent.wizard.mixin"]
    _description = "Successor in a Department"
    _order = "id"

    wizard_id = fields.Many2one(
        "constituent.hand.over.staff.wizard", required=True, ondelete="cascade", index=True
    )
    department_id = fields.Many2one("constituent.department")
    member_ids = fields.Many2many(related="department_id.member_ids", string="Members")
    case_count = fields.Integer(string="Open Cases")
    successor_id = fields.Many2one("res.users", domain="[('share', '=', False)]")
