from markupsafe import Markup

from odoo import api, fields, models


class ConstituentLetterClauseWizard(models.TransientModel):
    """The window that puts a clause into a letter."""

    _name = "constituent.letter.clause.wizard"
    _inherit = ["constituent.wizard.mixin"]
    _description = "Insert a Clause"

    correspondence_id = fields.Many2one(
        "constituent.correspondence", required=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="correspondence_id.company_id")
    clause_id = fields.Many2one(
        "constituent.letter.clause",
        required=True,
        domain="[('company_id', 'in', [False, company_id])]",
        ondelete="cascade",
    )
    place = fields.Selection(
        [
            ("end", "At the end"),
            ("last", "Before the last paragraph"),
            ("start", "At the beginning"),
        ],
        required=True,
        default="end",
        help="Within the text, a paragraph [[clause:CODE]] becomes the clause when you save.",
    )
    words = fields.Html(compute="_compute_words", sanitize=False)
    is_untranslated = fields.Boolean(compute="_compute_words")
    marker = fields.Char(related="clause_id.marker")
    is_past_review = fields.Boolean(related="clause_id.is_past_review")
    review_by = fields.Date(related="clause_id.review_by")

    @api.depends("clause_id", "correspondence_id")
    def _compute_words(self):
        for wizard in self:
            lang = wizard.correspondence_id.lang
            clause = wizard.clause_id.with_context(lang=lang)
            wizard.words = clause.body
            wizard.is_untranslated = bool(
                clause
                and wizard.correspondence_id.is_foreign
                and not clause._all_translated(clause._words()[clause.id], lang)
            )

    @api.model_create_multi
    def create(self, vals_list):
        """Create; only for letters the user may write.

        :raises AccessError: as Odoo words it
        """
        wizards = super().create(vals_list)
        wizards._check_letter()
        return wizards

    def write(self, vals):
        """Write; only for letters the user may write.

        :raises AccessError: as Odoo words it
        """
        result = super().write(vals)
        self._check_letter()
        return result

    def _check_letter(self):
        if not self.env.su:
            self.correspondence_id.check_access("write")

    def action_insert(self):
        """Put the clause into the letter's text, and keep that it is there.

        :raises AccessError: the letter is not the user's to write
        :raises UserError: it has no words in the letter's language
        """
        self.ensure_one()
        letter = self.correspondence_id
        letter.check_access("write")
        self.clause_id._check_translated(letter.lang)
        paragraph = Markup("<p>%s</p>") % self.clause_id.marker
        vals = {"body": self._placed(letter.body, paragraph)}
        if letter.is_foreign and letter.body_english:
            english = self.clause_id.with_context(lang="en_US").body
            vals["body_english"] = self._placed(letter.body_english, english)
        letter.write(vals)

    def _placed(self, body, paragraph):
        """Return a text with a paragraph at the place that was chosen."""
        body = body or Markup()
        if self.place == "start":
            return paragraph + body
        head, mark, tail = body.rpartition("<p")
        if self.place == "last" and mark:
            return head + paragraph + Markup(mark) + tail
        return body + paragraph
