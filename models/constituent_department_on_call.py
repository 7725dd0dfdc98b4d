from odoo import fields, models


class ConstituentDepartment(models.Model):
    _name = "constituent.department"
    _inherit = "constituent.department"

    on_call_user_id = fields.Many2one(
        "res.users",
        string="On Call",
        domain="[('share', '=', False)]",
        help="Alerted to hazards outside office hours; the office's person when empty.",
    )
