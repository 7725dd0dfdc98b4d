from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command

CASEWORKER = "constituent_services.group_caseworker"


class ConstituentHandOverStaffWizard(models.TransientModel):
    """Somebody leaves: who takes over what, in one step, with a report of it."""

    _name = "constituent.hand.over.staff.wizard"
    _inherit = ["constituent.wizard.mixin"]
    _description = "Somebody Leaves"

    leaver_id = fields.Many2one(
        "res.users",
        string="Who Leaves",
        required=True,
        domain="[('share', '=', False)]",
        context={"active_test": False},
    )
    way = fields.Selection(
        [
            ("person", "One person takes over"),
            ("department", "A person in each department"),
            ("nobody", "The departments decide: cases are unassigned"),
        ],
        string="Who Takes Over",
        required=True,
        default="person",
    )
    successor_id = fields.Many2one(
        "res.users",
        domain="[('share', '=', False), ('id', '!=', leaver_id)]",
    )
    line_ids = fields.One2many(
        "constituent.hand.over.staff.line",
        "wizard_id",
        string="Departments",
        compute="_compute_line_ids",
        store=True,
        readonly=False,
    )
    note = fields.Char(
        string="Why", required=True, default=lambda self: self.env._("Has left the office")
    )
    summary = fields.Html(compute="_compute_summary", string="Holds Now")
    state = fields.Selection([("choose", "Choose"), ("done", "Done")], default="choose")
    result = fields.Html(readonly=True)
    is_manager = fields.Boolean(compute="_compute_is_manager")

    @api.depends("leaver_id")
    def _compute_line_ids(self):
        for wizard in self:
            lines = [Command.clear()]
            if wizard.leaver_id:
                lines += [
                    Command.create({"department_id": department.id, "case_count": count})
                    for department, count in self.env["res.users"]._open_cases_by_department(
                        wizard.leaver_id
                    )
                ]
            wizard.line_ids = lines

    @api.depends("leaver_id")
    def _compute_summary(self):
        for wizard in self:
            leaver = wizard.leaver_id._origin
            wizard.summary = wizard._summary(leaver) if leaver else False

    @api.depends_context("uid")
    def _compute_is_manager(self):
        self.is_manager = self.env.user.has_group("constituent_services.group_manager")

    def _summary(self, leaver):
        """Return what somebody holds, as a list."""
        counts = {name: len(records) for name, records in leaver._held().items()}
        named = [leaver._named_line(field, records) for field, records in leaver._named_in()]
        return self._as_list([*self._counted(counts), *named])

    @api.model
    def _counted(self, counts):
        """Return lines that say how many of what."""
        labels = {
            "cases": self.env._("Open cases"),
            "activities": self.env._("Activities"),
            "letters": self.env._("Letters to sign, not sent yet"),
            "approvals": self.env._("Letters that wait for their decision"),
            "batch_approvals": self.env._("Batches that wait for their decision"),
            "orders": self.env._("Open work orders to supervise"),
        }
        return [
            f"{labels.get(name, name)}: {count}"
            for name, count in counts.items()
            if isinstance(count, int)
        ]

    @api.model
    def _as_list(self, lines):
        return Markup("<ul>%s</ul>") % Markup("").join(
            Markup("<li>%s</li>") % line for line in lines
        )

    def action_hand_over_staff(self):
        """Hand over, and show what was done.

        :return dict: the action that shows the report
        :raises UserError: nobody chosen
        """
        self.ensure_one()
        nobody = self.env["res.users"]
        if self.way == "person" and not self.successor_id:
            raise UserError(self.env._("Choose who takes over."))
        successors = {}
        if self.way == "department":
            successors = {line.department_id.id: line.successor_id for line in self.line_ids}
        default = self.successor_id if self.way == "person" else nobody
        named = [
            self.leaver_id._named_line(field, records)
            for field, records in self.leaver_id._named_in()
        ]
        done = self.leaver_id._constituent_hand_over(successors, default, self.note.strip())
        lines = self._counted(done)
        if "named_in" in done:
            lines += done["named_in"]
        else:
            lines += [self.env._("For a manager to change: %(what)s", what=what) for what in named]
        self.write({"state": "done", "result": self._as_list(lines)})
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Handed Over"),
            "res_model": self._name,
            "res_id": self.id,
            "views": [(False, "form")],
            "target": "new",
        }
