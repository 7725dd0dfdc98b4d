from odoo import api, fields, models
from odoo.exceptions import ValidationError


class ConstituentCrew(models.Model):
    """People of a department who go out together, and who leads them."""

    _name = "constituent.crew"
    # Record rules of work orders read who is in a crew: the cache is cleared on changes.
    _inherit = ["constituent.master.mixin"]
    _description = "Crew"
    _order = "sequence, name, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    color = fields.Integer(help="Of its orders in the calendar.")
    department_id = fields.Many2one(
        "constituent.department", required=True, index=True, ondelete="restrict"
    )
    supervisor_id = fields.Many2one(
        "res.users", domain="[('share', '=', False)]", ondelete="restrict", index="btree_not_null"
    )
    member_ids = fields.Many2many(
        "res.users",
        "constituent_crew_member_rel",
        "crew_id",
        "user_id",
        string="Members",
        domain="[('share', '=', False)]",
        help="They see the work orders of the crew, whatever their department.",
    )
    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company
    )
    order_count = fields.Integer(compute="_compute_order_count", string="Open Orders")

    _name_uniq = models.UniqueIndex(
        "(department_id, (name->>'en_US')) WHERE active",
        "This department already has a crew of this name.",
    )

    @api.depends_context("uid")
    def _compute_order_count(self):
        counts = dict(
            self.env["constituent.work.order"]._read_group(
                [("crew_id", "in", self.ids), ("state", "in", ("dispatched", "in_progress"))],
                ["crew_id"],
                ["__count"],
            )
        )
        for crew in self:
            crew.order_count = counts.get(crew, 0)

    @api.constrains("company_id", "department_id")
    def _check_same_office(self):
        for crew in self:
            if crew.department_id.company_id != crew.company_id:
                raise ValidationError(
                    self.env._("%(crew)s: its department is of another office.", crew=crew.name)
                )
