from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools.translate import html_translate

from ..tools.letter_template import clause_codes, find_problem, to_qweb
from .constituent_case_placeholder import ALLOWED

OCCASIONS = [
    ("acknowledgement", "Acknowledgement"),
    ("referral", "Referral"),
    ("holding", "Holding Reply"),
    ("resolution", "Resolution"),
    ("refusal", "Refusal"),
    ("thanks", "Thanks"),
    ("condolence", "Condolence"),
    ("unable_to_reach", "Unable to Reach"),
    ("free", "Free"),
]
HTML_WORDS = ("body",)


class ConstituentLetterTemplate(models.Model):
    """The words a letter begins with. Its placeholders are filled from the case.

    No code runs in a template, whoever writes it: placeholders are of a fixed list. How
    a letter is made of one is in ``constituent_letter_template_render``.
    """

    _name = "constituent.letter.template"
    _inherit = ["constituent.letter.worded.mixin", "mail.render.mixin"]
    _description = "Letter Template"
    _order = "sequence, name, id"
    _word_fields = ("subject", "body", "enclosures", "delivery_notation")
    _version_field = "template_id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    occasion = fields.Selection(OCCASIONS, required=True, default="free", index=True)
    is_covering_note = fields.Boolean(
        string="Covering Note",
        help="Goes to the office or group that brought the case, with a copy of our letter.",
    )
    category_ids = fields.Many2many(
        "constituent.category", string="Categories", help="And those below. Every one when empty."
    )
    department_ids = fields.Many2many(
        "constituent.department", string="Departments", help="Every department when empty."
    )
    company_id = fields.Many2one(
        "res.company", string="Office", index=True, help="All offices when empty."
    )
    subject = fields.Char(required=True, translate=True)
    body = fields.Html(
        string="Text", translate=html_translate, sanitize="email_outgoing", render_engine="qweb"
    )
    enclosures = fields.Text(translate=True, help="One a line, as printed.")
    delivery_notation = fields.Char(
        translate=True, help="Via certified mail; personal and confidential..."
    )
    version_ids = fields.One2many("constituent.letter.version", "template_id", string="Versions")
    letter_count = fields.Integer(compute="_compute_letter_count", string="Letters")
    placeholder_list = fields.Html(compute="_compute_placeholder_list", sanitize=False)

    def _compute_render_model(self):
        self.render_model = "constituent.case"

    @api.depends_context("uid", "allowed_company_ids")
    def _compute_letter_count(self):
        groups = self.env["constituent.correspondence"]._read_group(
            [("template_id", "in", self.ids)], ["template_id"], ["__count"]
        )
        counts = dict(groups)
        for template in self:
            template.letter_count = counts.get(template, 0)

    @api.depends_context("lang")
    def _compute_placeholder_list(self):
        row = Markup("<tr><td><code>{{ %s }}</code></td><td>%s</td></tr>")
        rows = Markup().join(row % pair for pair in self._placeholder_labels().items())
        self.placeholder_list = Markup("<table class='table table-sm'>%s</table>") % rows

    @api.constrains("category_ids", "department_ids", "company_id")
    def _check_same_office(self):
        for template in self:
            office = template.company_id
            others = template.category_ids.company_id | template.department_ids.company_id
            if office and others - office:
                raise ValidationError(
                    self.env._(
                        "%(template)s: its categories and departments must be of its office.",
                        template=template.display_name,
                    )
                )

    @api.constrains("subject", "body", "enclosures", "delivery_notation", "company_id")
    def _check_words(self):
        """Refuse what would not be rendered, with the place and the reason."""
        labels = self.fields_get(self._word_fields, ["string"])
        languages = dict(self.env["res.lang"].get_installed())
        for template_id, words in self._words().items():
            template = self.browse(template_id)
            for lang, texts in words.items():
                for name, text in texts.items():
                    reason = template._word_problem(name, text)
                    if reason:
                        raise ValidationError(
                            self.env._(
                                "%(template)s, %(field)s (%(language)s): %(reason)s",
                                template=template.display_name,
                                field=labels[name]["string"],
                                language=languages.get(lang, lang),
                                reason=reason,
                            )
                        )
        self._check_clauses()

    def _word_problem(self, name, text):
        """Return why words cannot be rendered, in a sentence, or nothing.

        :param str name: the field
        :param str text: its words in one language
        """
        problem = find_problem(text, ALLOWED, is_html=name in HTML_WORDS)
        if not problem and name in HTML_WORDS:
            # Odoo's own look, beside ours: it reads the markup in its own way.
            if self._has_unsafe_expression_template_qweb(to_qweb(text), self.render_model):
                problem = (name, "directive")
        if not problem:
            return ""
        what, reason = problem
        reasons = {
            "directive": self.env._("“%(what)s” is code, and no code runs in a letter.", what=what),
            "attribute": self.env._(
                "“%(what)s”: a placeholder stands in the text, not in a link or picture.", what=what
            ),
            "open": self.env._(
                "“%(what)s”: a placeholder begins with %(begin)s and ends with %(end)s, without "
                "bold or colors in between.",
                what=what,
                begin="{{",
                end="}}",
            ),
            "default": self.env._(
                "“%(what)s”: the words for an empty placeholder are plain text without &, < and >.",
                what=what,
            ),
            "unknown": self.env._(
                "%(what)s is not one of the placeholders. They are listed on the page "
                "“Placeholders”.",
                what=what,
            ),
        }
        return reasons[reason]

    def _check_clauses(self):
        """Refuse markers of clauses that are not there, or that stand within a sentence."""
        clauses = self.env["constituent.letter.clause"]
        for template_id, words in self._words().items():
            template = self.browse(template_id)
            for texts in words.values():
                codes, loose = clause_codes(texts.get("body"))
                if loose:
                    raise ValidationError(
                        self.env._(
                            "%(template)s: [[clause:%(code)s]] must be a paragraph of its own.",
                            template=template.display_name,
                            code=loose[0],
                        )
                    )
                found = clauses._find(codes, template.company_id)
                missing = [code for code in codes if code not in found]
                if missing:
                    raise ValidationError(
                        self.env._(
                            "%(template)s: there is no clause %(code)s that this office may use.",
                            template=template.display_name,
                            code=missing[0],
                        )
                    )

    def _words_changed(self):
        """Look at the words in every language: translating asks for no constraints."""
        self._check_words()
        return super()._words_changed()

    def copy_data(self, default=None):
        vals_list = super().copy_data(default)
        for template, vals in zip(self, vals_list, strict=True):
            vals["name"] = self.env._("%(name)s (copy)", name=template.name)
        return vals_list

    def action_preview(self):
        """Return the window that shows the letter on a real case."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Preview"),
            "res_model": "constituent.letter.preview.wizard",
            "views": [(False, "form")],
            "target": "new",
            "context": {"default_template_id": self.id},
        }

    def action_view_letters(self):
        """Return the action that lists the letters of these templates, by version."""
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "constituent_services.constituent_correspondence_action"
        )
        return {
            **action,
            "domain": [("template_id", "in", self.ids)],
            "context": {"group_by": "template_version_id"},
        }

    # Which one fits

    def _fit(self, case):
        """Return how well a template fits a case, less is better; nothing when it does not.

        :param case: constituent.case
        :return: a tuple to sort by, or None
        """
        self.ensure_one()
        above = [int(part) for part in (case.category_id.parent_path or "").split("/") if part]
        nearest = max(
            (above.index(one) for one in self.category_ids.ids if one in above), default=-1
        )
        if self.category_ids and nearest < 0:
            return None
        if self.department_ids and case.department_id not in self.department_ids:
            return None
        occasions = case._letter_occasions()
        rank = occasions.index(self.occasion) if self.occasion in occasions else len(occasions)
        return (rank, -nearest, not self.department_ids, self.sequence, self.id)

    @api.model
    def _for_case(self, case):
        """Return the templates for a case, the fitting ones first.

        :param case: constituent.case
        :return: (template, whether it fits) pairs; what is for another category, department
            or occasion comes last
        """
        templates = self.search(
            [("company_id", "in", [False, case.company_id.id]), ("is_covering_note", "=", False)]
        )
        last = len(case._letter_occasions())
        fits = [(template._fit(case), template) for template in templates]
        fitting = sorted((fit, template.id, template) for fit, template in fits if fit)
        return [
            *((template, fit[0] < last) for fit, _id, template in fitting),
            *((template, False) for fit, template in fits if not fit),
        ]


class ConstituentCase(models.Model):
    """For which occasions a case is written about, as it stands."""

    _name = "constituent.case"
    _inherit = "constituent.case"

    def _letter_occasions(self):
        """Return the occasions that fit the case, the likeliest first; all others come last."""
        self.ensure_one()
        if self.status == "closed":
            refused = self.outcome_id.code in ("refused", "no_violation")
            first = ["refusal", "resolution"] if refused else ["resolution", "refusal"]
        elif self.status == "new":
            first = ["acknowledgement", "referral", "holding"]
        elif self.status == "waiting":
            first = ["holding", "unable_to_reach", "referral"]
        else:
            first = ["holding", "referral", "acknowledgement"]
        if self.unreached_count and self.status != "closed":
            first = ["unable_to_reach", *(one for one in first if one != "unable_to_reach")]
        if self.kind == "comment":
            first = ["thanks", *first]
        return [*first, *({"thanks", "free"} - set(first))]
