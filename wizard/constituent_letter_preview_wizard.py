from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import UserError


class ConstituentLetterPreviewWizard(models.TransientModel):
    """A template on a real case: the letter as it would begin, and what is empty."""

    _name = "constituent.letter.preview.wizard"
    _inherit = ["constituent.wizard.mixin"]
    _description = "Preview of a Letter Template"

    template_id = fields.Many2one("constituent.letter.template", required=True, ondelete="cascade")
    case_id = fields.Many2one(
        "constituent.case", default=lambda self: self._default_case(), ondelete="cascade"
    )
    lang = fields.Selection(
        selection=lambda self: self.env["res.lang"].get_installed(),
        string="Language",
        required=True,
        default=lambda self: self.env.lang or "en_US",
    )
    # As the paper has them, whatever language the reader's screen is in.
    re_line = fields.Char(string="Subject", compute="_compute_letter")
    salutation = fields.Char(compute="_compute_letter")
    body = fields.Html(string="Text", compute="_compute_letter", sanitize=False)
    enclosures = fields.Text(compute="_compute_letter")
    delivery_notation = fields.Char(compute="_compute_letter")
    empty = fields.Html(string="Empty Placeholders", compute="_compute_letter", sanitize=False)
    is_in_english = fields.Boolean(compute="_compute_letter")
    problem = fields.Char(compute="_compute_letter")

    @api.model
    def _default_case(self):
        return self.env["constituent.case"].search([("partner_id", "!=", False)], limit=1)

    @api.depends("template_id", "case_id", "lang")
    def _compute_letter(self):
        for wizard in self:
            wizard.update(dict.fromkeys(self._shown(), False))
            if not (wizard.case_id and wizard.template_id and wizard.lang):
                continue
            try:
                wizard._show()
            except UserError as error:
                # Shown in the window: which placeholder, and why.
                wizard.problem = str(error)

    @api.model
    def _shown(self):
        return [name for name, field in self._fields.items() if field.compute == "_compute_letter"]

    def _show(self):
        case, template = self.case_id._origin, self.template_id._origin
        vals = template._letter_vals(case, self.lang)
        partner = case.partner_id.with_context(lang=vals["lang"])
        empty = template._empty_placeholders(case, vals["lang"])
        items = Markup().join(Markup("<li>%s</li>") % one for one in empty)
        letters = self.env["constituent.correspondence"].with_context(lang=vals["lang"])
        enclosures = [line for line in (vals["enclosures"] or "").split("\n") if line.strip()]
        self.update(
            {
                "re_line": letters._letter_re_line(vals["subject"]),
                "salutation": partner.salutation,
                # Rendered, so every value in it is escaped already.
                "body": Markup(vals["body"]),
                "enclosures": letters._letter_enclosures_line(enclosures),
                "delivery_notation": vals["delivery_notation"],
                "empty": empty and Markup("<ul class='mb-0'>%s</ul>") % items,
                "is_in_english": bool(vals["wanted_lang"]),
            }
        )
