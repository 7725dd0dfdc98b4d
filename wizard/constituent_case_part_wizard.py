from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import plaintext2html


class ConstituentCasePartWizard(models.TransientModel):
    """Give parts of a case to other departments, several in one go."""

    _name = "constituent.case.part.wizard"
    _inherit = ["constituent.wizard.mixin"]
    _description = "Parts of a Case"

    case_ids = fields.Many2many("constituent.case", string="Cases", required=True)
    line_ids = fields.One2many("constituent.case.part.wizard.line", "wizard_id", string="Parts")

    @api.model
    def default_get(self, fields_list):
        """Begin with one part, due when the whole is."""
        values = super().default_get(fields_list)
        case = self.env["constituent.case"].browse(self.env.context.get("default_case_ids", [])[:1])
        if case and "line_ids" in fields_list:
            line = {"name": case.name, "due_at": case.due_at}
            values["line_ids"] = [fields.Command.create(line)]
        return values

    def action_add(self):
        """Make the parts.

        :return dict: closes the window
        :raises UserError: none, or the department that has the whole
        """
        self.ensure_one()
        case = self.case_ids.ensure_one()
        case.check_access("write")
        if not self.line_ids:
            raise UserError(self.env._("Add a line for each department."))
        if case.department_id in self.line_ids.department_id:
            raise UserError(
                self.env._(
                    "%(department)s has the whole case already.",
                    department=case.department_id.name,
                )
            )
        parts = case.intake(
            [
                case._add_part(
                    line.department_id, line.name, plaintext2html(line.words or ""), line.due_at
                )
                for line in self.line_ids
            ]
        )
        # Parts belong to other departments; their numbers go into the history of the whole.
        for part_sudo in parts.sudo():
            case._log_event(
                self.env._(
                    "Part %(number)s for %(department)s: %(name)s",
                    number=part_sudo.number,
                    department=part_sudo.department_id.name,
                    name=part_sudo.name,
                ),
                kind="linked",
            )
        return {"type": "ir.actions.act_window_close"}


class ConstituentCasePartWizardLine(models.TransientModel):
    """One department's part."""

    _name = "constituent.case.part.wizard.line"
    _inherit = ["constituent.wizard.mixin"]
    _description = "Part of a Case to Make"

    wizard_id = fields.Many2one("constituent.case.part.wizard", required=True, ondelete="cascade")
    department_id = fields.Many2one("constituent.department", required=True)
    name = fields.Char(string="What They Do", required=True)
    words = fields.Text(string="What They Need to Know")
    due_at = fields.Datetime(string="Until")
