import re

from odoo import api, fields, models, tools
from odoo.exceptions import ValidationError

from ..tools.questions import LISTS, Choice, Question

DATATYPE_LABELS = [
    ("string", "A line"),
    ("text", "Text"),
    ("number", "A number"),
    ("datetime", "A day and time"),
    ("singlevaluelist", "One of a list"),
    ("multivaluelist", "Several of a list"),
]


class ConstituentCategory(models.Model):
    """What to ask whoever reports something of a category."""

    _name = "constituent.category"
    _inherit = "constituent.category"

    question_ids = fields.One2many(
        "constituent.category.question", "category_id", string="Questions", copy=True
    )


class ConstituentCategoryQuestion(models.Model):
    """A question to whoever reports something; the code is the variable of Open311."""

    _name = "constituent.category.question"
    _inherit = ["constituent.master.mixin"]
    _description = "Question of a Category"
    _order = "category_id, sequence, id"

    category_id = fields.Many2one(
        "constituent.category", required=True, index=True, ondelete="cascade"
    )
    name = fields.Char(string="Question", required=True, translate=True)
    code = fields.Char(
        string="Variable",
        required=True,
        help="Short name for programs: letters, digits and underscores.",
    )
    sequence = fields.Integer(default=10)
    datatype = fields.Selection(DATATYPE_LABELS, string="Answer", required=True, default="string")
    required = fields.Boolean(string="Must Be Answered")
    help_text = fields.Char(string="Hint", translate=True)
    value_ids = fields.One2many(
        "constituent.category.question.value", "question_id", string="Choices", copy=True
    )
    company_id = fields.Many2one(related="category_id.company_id", store=True, index=True)

    _code_uniq = models.UniqueIndex(
        "(category_id, lower(code))", "Another question of this category has this variable."
    )

    @api.constrains("code")
    def _check_code(self):
        for question in self:
            if not re.fullmatch(r"[A-Za-z][A-Za-z0-9_]{0,63}", question.code):
                raise ValidationError(
                    self.env._(
                        "“%(question)s”: the variable “%(code)s” may have up to 64 letters, digits"
                        " and underscores, and begins with a letter.",
                        question=question.name,
                        code=question.code,
                    )
                )

    @api.constrains("datatype", "value_ids")
    def _check_choices(self):
        for question in self:
            if question.datatype in LISTS and not question.value_ids:
                raise ValidationError(
                    self.env._("“%(question)s” needs choices.", question=question.name)
                )

    @api.model
    @tools.ormcache("category_id", "lang")
    def _questions(self, category_id, lang):
        """Return what is asked for a category, those of the categories above it first.

        :param int category_id: falsy asks nothing
        :param str lang: the language of names and choices
        :return tuple[tuple]: (question id, text, hint, tools.questions.Question)
        """
        # Every door asks, whatever the user may read.
        category_sudo = self.env["constituent.category"].sudo().browse(category_id or [])
        lineage_sudo = category_sudo
        while category_sudo.parent_id:
            category_sudo = category_sudo.parent_id
            lineage_sudo = category_sudo + lineage_sudo
        return tuple(
            (question.id, question.name, question.help_text or "", question._as_question())
            for category in lineage_sudo.with_context(lang=lang)
            for question in category.question_ids
        )

    def _as_question(self):
        """Return the question as plain data, in the language of the context."""
        self.ensure_one()
        choices = tuple(
            Choice(value.key, value.name, value.stops or "") for value in self.value_ids
        )
        return Question(self.code, self.datatype, self.required, choices)


class ConstituentCategoryQuestionValue(models.Model):
    """One choice of a question; it may stop the report: "call 911"."""

    _name = "constituent.category.question.value"
    _inherit = ["constituent.master.mixin"]
    _description = "Choice of a Question"
    _order = "sequence, id"

    question_id = fields.Many2one(
        "constituent.category.question", required=True, index=True, ondelete="cascade"
    )
    sequence = fields.Integer(default=10)
    key = fields.Char(required=True, help="Short name for programs.")
    name = fields.Char(string="Choice", required=True, translate=True)
    stops = fields.Char(
        string="Stops With",
        translate=True,
        help="Who chooses this is told so, and the report is not taken: call 911.",
    )
    company_id = fields.Many2one(related="question_id.company_id", store=True, index=True)

    _key_uniq = models.UniqueIndex(
        "(question_id, lower(key))", "Another choice of this question has this key."
    )

    @api.constrains("key")
    def _check_key(self):
        for value in self:
            if not re.fullmatch(r"[\w.-]{1,64}", value.key):
                raise ValidationError(
                    self.env._(
                        "“%(choice)s”: the key “%(key)s” may have up to 64 letters, digits,"
                        " hyphens, periods and underscores.",
                        choice=value.name,
                        key=value.key,
                    )
                )
