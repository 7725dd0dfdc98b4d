import logging

from odoo import api, fields, models, tools
from odoo.exceptions import ValidationError

from ..tools.keywords import MAX_WEIGHT, KeywordError, KeywordIndex, rank, read_keywords

_logger = logging.getLogger(__name__)


class ConstituentCategory(models.Model):
    """What a case is about, as a tree; the code is the Open311 service_code."""

    _name = "constituent.category"
    _inherit = ["constituent.master.mixin"]
    _description = "Category"
    _parent_store = True
    _order = "complete_name, id"
    _rec_name = "complete_name"
    _rec_names_search = ["complete_name", "code"]

    name = fields.Char(required=True, translate=True)
    complete_name = fields.Char(compute="_compute_complete_name", store=True, recursive=True)
    code = fields.Char(help="Service code of Open311 and key of imports.")
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    parent_id = fields.Many2one("constituent.category", index=True, ondelete="restrict")
    parent_path = fields.Char(index=True)
    child_ids = fields.One2many("constituent.category", "parent_id")
    company_id = fields.Many2one("res.company", index=True)
    department_id = fields.Many2one(
        "constituent.department",
        index="btree_not_null",
        help="Takes cases of this category when no rule and no door says otherwise.",
    )
    keywords = fields.Text(
        translate=True,
        help="Words and phrases, separated by commas or lines, that suggest this category. "
        "Case and accents do not matter; keywords of every language are tried. A word that "
        "says more gets a weight: pothole*3; one that speaks against it a negative one: "
        "christmas tree*-2.",
    )
    response_days = fields.Integer(
        string="Days to Answer",
        help="Working days of the department until a case is due. "
        "The parent's, then the office's, when zero.",
    )
    is_public = fields.Boolean(default=True, help="Offered to the public.")
    is_hazard = fields.Boolean(
        string="Hazard", help="May be legal notice of a danger: never closed automatically."
    )
    duplicate_radius_m = fields.Integer(
        string="Duplicate Radius (m)",
        default=50,
        help="Two cases within this distance may be the same matter.",
    )
    information = fields.Html(
        translate=True, help="What the public should know: rules, programs, what to expect."
    )
    case_count = fields.Integer(compute="_compute_case_count", string="Open Cases")

    _code_uniq = models.UniqueIndex(
        "(upper(code), COALESCE(company_id, 0)) WHERE code IS NOT NULL",
        "Another category already has this code.",
    )
    _duplicate_radius_positive = models.Constraint(
        "CHECK (duplicate_radius_m >= 0)", "The duplicate radius cannot be negative."
    )
    _response_days_positive = models.Constraint(
        "CHECK (response_days >= 0)", "The days to answer cannot be negative."
    )

    @api.depends("name", "parent_id.complete_name")
    def _compute_complete_name(self):
        for category in self:
            parent = category.parent_id.complete_name
            category.complete_name = f"{parent} / {category.name}" if parent else category.name

    def _compute_case_count(self):
        counts = dict(
            self.env["constituent.case"]._read_group(
                [("category_id", "in", self.ids), ("status", "!=", "closed")],
                ["category_id"],
                ["__count"],
            )
        )
        for category in self:
            category.case_count = counts.get(category, 0)

    @api.constrains("keywords")
    def _check_keywords(self):
        for category in self:
            try:
                read_keywords(category.keywords)
            except KeywordError as error:
                raise ValidationError(
                    self.env._(
                        "Keywords of “%(category)s”: in “%(keyword)s” the weight after * must be"
                        " a whole number from -%(most)s to %(most)s, and not 0.",
                        category=category.complete_name,
                        keyword=error.keyword,
                        most=MAX_WEIGHT,
                    )
                ) from None

    # Classifying

    @api.model
    @tools.ormcache("company_id")
    def _keyword_index(self, company_id):
        """Return what texts of an office are classified by.

        :return tuple: KeywordIndex by category id; {category id: set of the ids above it
            and its own}; {category id: name with those above it}
        """
        # Read in every language, as a Spanish mail may reach an English desk.
        self.flush_model(["keywords", "active", "company_id", "parent_path", "complete_name"])
        self.env.cr.execute(
            "SELECT id, keywords, parent_path, complete_name FROM constituent_category"
            " WHERE active AND (company_id IS NULL OR company_id = %s) ORDER BY id",
            [company_id],
        )
        rows = self.env.cr.fetchall()
        return (
            KeywordIndex((row[0], self._read_languages(row[0], row[1])) for row in rows),
            {row[0]: frozenset(map(int, row[2].rstrip("/").split("/"))) for row in rows},
            {row[0]: row[3] for row in rows},
        )

    @api.model
    def _read_languages(self, category_id, by_lang):
        """Return the keywords of every language; a list that cannot be read is left out."""
        found = {}
        for lang, text in (by_lang or {}).items():
            try:
                found = {**read_keywords(text), **found}
            except KeywordError:  # of an older version, or written past the form
                _logger.warning("Keywords of category %s in %s cannot be read", category_id, lang)
        return found

    @api.model
    def _ranked(self, company_id, folded_subject, folded_text):
        """Return the categories a text speaks of, the clearest first, three at most.

        :param int company_id: the case's office
        :param str folded_subject: as ``tools.text.fold`` gives it
        :param str folded_text: the text below the subject, likewise
        :return list[tools.keywords.Ranked]: with the score (0 to 100) and the words met
        """
        index, lineage, _names = self._keyword_index(company_id)
        return rank(index.find(folded_subject), index.find(folded_text), lineage.__getitem__)

    @api.model
    def _clear(self, company_id, folded_subject, folded_text):
        """Return the category a text speaks for clearly enough for the office.

        :return tools.keywords.Ranked: None where none is clear
        """
        ranked = self._ranked(company_id, folded_subject, folded_text)
        return self._clearest(company_id, ranked)

    @api.model
    def _clearest(self, company_id, ranked):
        """Return the first of ranked categories if it is clear, else None."""
        if not ranked:
            return None
        tie = len(ranked) > 1 and ranked[1].score == ranked[0].score
        wanted = self.env["res.company"]._office(company_id).category_score
        return ranked[0] if ranked[0].score >= wanted and not tie else None

    @api.model
    @tools.ormcache("category_id")
    def _routing_defaults(self, category_id):
        """Return (department id, days to answer) of a category, its parents filling in."""
        # Every door needs them, whatever the user may read.
        category_sudo = self.sudo().browse(category_id)
        department_id, days = category_sudo.department_id.id, category_sudo.response_days
        while category_sudo.parent_id and not (department_id and days):
            category_sudo = category_sudo.parent_id
            department_id = department_id or category_sudo.department_id.id
            days = days or category_sudo.response_days
        return department_id, days

    @api.model
    @tools.ormcache("category_id")
    def _duplicate_facts(self, category_id):
        """Return where to look for duplicates of a category's cases.

        :return tuple: ids of the category, those beside, above and below it; metres
        """
        # As above.
        category_sudo = self.sudo().browse(category_id or [])
        if not category_sudo:
            return (), 0
        kin_sudo = category_sudo | category_sudo.parent_id | category_sudo.child_ids
        kin_sudo |= category_sudo.parent_id.child_ids
        return tuple(kin_sudo.ids), category_sudo.duplicate_radius_m
