from odoo import api, fields, models


class ResUsers(models.Model):
    _name = "res.users"
    _inherit = "res.users"

    # Read by the record rules of caseworkers, whose domains are cached.
    constituent_department_ids = fields.Many2many(
        "constituent.department",
        "constituent_department_member_rel",
        "user_id",
        "department_id",
        string="Constituent Departments",
    )

    @api.model_create_multi
    def create(self, vals_list):
        users = super().create(vals_list)
        if any("constituent_department_ids" in vals for vals in vals_list):
            self.env.registry.clear_cache()
        return users

    def write(self, vals):
        result = super().write(vals)
        if "constituent_department_ids" in vals:
            self.env.registry.clear_cache()
        return result

    def _is_constituent_clerk_only(self):
        """Return whether somebody is an intake clerk and nothing more.

        The code a clerk runs with more rights stays the clerk's: superusers are asked
        by who they are, too.
        """
        self.ensure_one()
        return self.has_group("constituent_services.group_clerk") and not self.has_group(
            "constituent_services.group_caseworker"
        )
