from odoo import api, fields, models


class ResUsers(models.Model):
    """In which crews somebody works."""

    _name = "res.users"
    _inherit = "res.users"

    # Read by the record rules of work orders, whose domains are cached.
    constituent_crew_ids = fields.Many2many(
        "constituent.crew",
        "constituent_crew_member_rel",
        "user_id",
        "crew_id",
        string="Constituent Crews",
    )

    @api.model_create_multi
    def create(self, vals_list):
        users = super().create(vals_list)
        if any("constituent_crew_ids" in vals for vals in vals_list):
            self.env.registry.clear_cache()
        return users

    def write(self, vals):
        result = super().write(vals)
        if "constituent_crew_ids" in vals:
            self.env.registry.clear_cache()
        return result
