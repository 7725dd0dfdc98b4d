from odoo import api, fields, models


class ConstituentDepartment(models.Model):
    """A department that holds cases, or an outside agency they are referred to."""

    _name = "constituent.department"
    _inherit = ["mail.alias.mixin.optional", "mail.thread"]
    _description = "Department"
    _order = "sequence, name, id"
    _rec_names_search = ["name", "code"]

    name = fields.Char(required=True, translate=True, tracking=True)
    code = fields.Char(help="Short name used by imports and rules.")
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company
    )
    is_external = fields.Boolean(
        string="Outside Agency", help="Not part of the office: cases are referred to it."
    )
    head_id = fields.Many2one("res.users", string="Head", tracking=True)
    head_title = fields.Char(translate=True, help="Printed under the head's name: Commissioner.")
    member_ids = fields.Many2many(
        "res.users",
        "constituent_department_member_rel",
        "department_id",
        "user_id",
        string="Members",
        domain="[('share', '=', False)]",
        help="Caseworkers see the cases of the departments they are a member of.",
    )
    resource_calendar_id = fields.Many2one(
        "resource.calendar",
        string="Working Hours",
        help="Due dates count these working days. The company's hours when empty.",
    )
    assignment = fields.Selection(
        [("manual", "By hand"), ("balanced", "To the member with the fewest open cases")],
        required=True,
        default="manual",
    )
    escalate_to_id = fields.Many2one("res.users", string="Escalate To")
    email = fields.Char(help="Address for notices to the department.")
    phone = fields.Char()
    website = fields.Char()
    letterhead_address = fields.Text(
        translate=True, help="Address block of the letterhead; the company's when empty."
    )
    case_count = fields.Integer(compute="_compute_case_count", string="Open Cases")

    _code_uniq = models.UniqueIndex(
        "(company_id, upper(code)) WHERE code IS NOT NULL",
        "Another department of this office already has this code.",
    )

    @api.depends("code")
    @api.depends_context("uid")
    def _compute_case_count(self):
        counts = dict(
            self.env["constituent.case"]._read_group(
                [("department_id", "in", self.ids), ("status", "!=", "closed")],
                ["department_id"],
                ["__count"],
            )
        )
        for department in self:
            department.case_count = counts.get(department, 0)

    @api.model_create_multi
    def create(self, vals_list):
        departments = super().create(vals_list)
        self._clear_membership_cache()
        return departments

    def write(self, vals):
        result = super().write(vals)
        if {"member_ids", "active", "company_id"} & set(vals):
            self._clear_membership_cache()
        return result

    def _clear_membership_cache(self):
        """Forget the rule domains: a removed member loses sight of its cases at once."""
        self.env.registry.clear_cache()

    def _alias_get_creation_values(self):
        """Mail to a department's address makes a case and names the door it came by."""
        values = super()._alias_get_creation_values()
        values["alias_model_id"] = self.env["ir.model"]._get_id("constituent.case")
        if self.id:
            values["alias_defaults"] = repr({"door_department_id": self.id})
        return values
