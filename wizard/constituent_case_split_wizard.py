from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command

from ..tools.split import propose_matters, propose_subject
from ..tools.text import fold, html_to_text


class ConstituentCaseSplitWizard(models.TransientModel):
    """Divide a letter with several matters into several cases, in one step."""

    _name = "constituent.case.split.wizard"
    _inherit = ["constituent.wizard.mixin"]
    _description = "Split a Case"

    case_id = fields.Many2one("constituent.case", required=True)
    number = fields.Char(related="case_id.number")
    line_ids = fields.One2many("constituent.case.split.line", "wizard_id", string="Matters")
    attachment_ids = fields.Many2many("ir.attachment", compute="_compute_attachment_ids")
    new_count = fields.Integer(compute="_compute_new_count")
    is_acknowledged = fields.Boolean(compute="_compute_is_acknowledged")

    @api.model
    def _propose(self, case):
        """Return a window with a line for each paragraph; the first stays with the case."""
        parts = propose_matters(case._words_markup())
        lines = [self._line_values(case, part, index) for index, part in enumerate(parts)]
        return self.create({"case_id": case.id, "line_ids": [*map(Command.create, lines)]})

    @api.model
    def _line_values(self, case, part, index):
        """Return a proposed line; the case's own keeps its subject and category."""
        if not index:
            return {
                "sequence": 0,
                "subject": case.name,
                "words": part,
                "category_id": case.category_id.id,
            }
        subject = propose_subject(part)
        clear = self.env["constituent.category"]._clear(
            case.company_id.id, fold(subject), fold(html_to_text(part))
        )
        return {
            "sequence": index,
            "subject": subject,
            "words": part,
            "category_id": clear.owner if clear else False,
        }

    @api.depends("case_id")
    def _compute_attachment_ids(self):
        for wizard in self:
            wizard.attachment_ids = self.env["ir.attachment"].search(
                [("res_model", "=", "constituent.case"), ("res_id", "=", wizard.case_id.id)]
            )

    @api.depends("line_ids")
    def _compute_new_count(self):
        for wizard in self:
            wizard.new_count = max(len(wizard.line_ids) - 1, 0)

    @api.depends("case_id")
    def _compute_is_acknowledged(self):
        for wizard in self:
            wizard.is_acknowledged = bool(wizard.case_id.acknowledged_at)

    def action_split_case(self):
        """Make the cases.

        :return dict: the action that shows the cases of the letter
        :raises UserError: fewer than two parts
        """
        self.ensure_one()
        lines = self.line_ids.sorted(lambda line: (line.sequence, line.id))
        if len(lines) < 2:
            raise UserError(self.env._("Add a line for each further matter: there is only one."))
        own, others = lines[0], lines[1:]
        case = self.case_id
        case._split(own._part(), [line._part() for line in others])
        return case.action_split_family()
