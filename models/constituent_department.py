from collections import namedtuple

from odoo import api, fields, models, tools

DepartmentFacts = namedtuple("DepartmentFacts", "company_id assignment member_ids calendar_id asks")


class ConstituentDepartment(models.Model):
    """A department that holds cases, or an outside agency they are referred to."""

    _name = "constituent.department"
    _inherit = ["constituent.master.mixin", "mail.alias.mixin.optional", "mail.thread"]
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
    head_id = fields.Many2one("res.users", tracking=True)
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
        [
            ("manual", "By hand"),
            ("round_robin", "To each member in turn"),
            ("balanced", "To the member with the fewest open cases"),
        ],
        required=True,
        default="manual",
        help="Who is away gets none.",
    )
    must_accept = fields.Boolean(
        string="Accepts Its Cases",
        help="New cases wait until somebody of the department has accepted them.",
    )
    escalate_to_id = fields.Many2one("res.users")
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

    @api.model
    @tools.ormcache("department_id")
    def _facts(self, department_id):
        """Return what intake needs of a department, read once.

        The master mixin forgets it on any change, and the rule domains with it: a
        removed member loses sight of the department's cases at once.
        """
        # Whoever enters a case need not read the department's members.
        department_sudo = self.sudo().browse(department_id)
        return DepartmentFacts(
            department_sudo.company_id.id,
            department_sudo.assignment,
            tuple(department_sudo.member_ids.ids),
            department_sudo.resource_calendar_id.id,
            department_sudo.must_accept,
        )

    def _alias_get_creation_values(self):
        """Mail to a department's address makes a case and names the door it came by."""
        values = super()._alias_get_creation_values()
        values["alias_model_id"] = self.env["ir.model"]._get_id("constituent.case")
        if self.id:
            values["alias_defaults"] = repr({"door_department_id": self.id})
        return values
