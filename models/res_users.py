from odoo import fields, models


class ResUsers(models.Model):
    _name = "res.users"
    _inherit = "res.users"

    # Read by the record rules of caseworkers; see constituent.department.write,
    # which clears the rule cache when it changes.
    constituent_department_ids = fields.Many2many(
        "constituent.department",
        "constituent_department_member_rel",
        "user_id",
        "department_id",
        string="Constituent Departments",
    )
