from odoo import api, fields, models

from ..models.constituent_letter_template import OCCASIONS


class ConstituentLetterChooseWizard(models.TransientModel):
    """The window that begins a letter: the templates that fit the case first."""

    _name = "constituent.letter.choose.wizard"
    _inherit = ["constituent.wizard.mixin"]
    _description = "Write Letter"

    case_id = fields.Many2one("constituent.case", required=True)
    line_ids = fields.One2many("constituent.letter.choose.line", "wizard_id")
    other_ids = fields.One2many("constituent.letter.choose.line", compute="_compute_lines")
    fitting_ids = fields.One2many("constituent.letter.choose.line", compute="_compute_lines")

    prepared_id = fields.Many2one(
        "constituent.correspondence",
        compute="_compute_prepared_id",
        compute_sudo=False,
        string="In Preparation",
    )
    prepared_note = fields.Char(compute="_compute_prepared_id", compute_sudo=False)

    @api.depends("case_id")
    @api.depends_context("uid", "allowed_company_ids")
    def _compute_prepared_id(self):
        for wizard in self:
            letter, note = wizard.case_id._letter_in_preparation()
            wizard.prepared_id, wizard.prepared_note = letter, note

    @api.depends("line_ids.fits")
    def _compute_lines(self):
        for wizard in self:
            wizard.fitting_ids = wizard.line_ids.filtered("fits")
            wizard.other_ids = wizard.line_ids - wizard.fitting_ids

    def action_without_template(self):
        """Return the action with the form of a letter that has the first words alone."""
        self.ensure_one()
        return self.case_id.action_write_letter()


class ConstituentLetterChooseLine(models.TransientModel):
    """One template to choose, with what the letter would be about."""

    _name = "constituent.letter.choose.line"
    _inherit = ["constituent.wizard.mixin"]
    _description = "Template to Choose"
    _order = "sequence, id"

    wizard_id = fields.Many2one(
        "constituent.letter.choose.wizard", required=True, index=True, ondelete="cascade"
    )
    template_id = fields.Many2one("constituent.letter.template", required=True, ondelete="cascade")
    occasion = fields.Selection(OCCASIONS, readonly=True)
    sequence = fields.Integer()
    fits = fields.Boolean()

    def action_write(self):
        """Draft the letter in the constituent's language, and open it.

        :return dict: action with the form of the draft
        :raises UserError: a placeholder fails; nothing is drafted then
        """
        self.ensure_one()
        case = self.wizard_id.case_id
        vals = self.template_id._letter_vals(case)
        return self.env["constituent.correspondence"].create(vals).action_open()
