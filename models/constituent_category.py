from odoo import api, fields, models, tools

from ..tools.text import matched_keywords, split_keywords


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
        "Case and accents do not matter; keywords of every language are tried.",
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

    @api.model
    @tools.ormcache()
    def _compiled_keywords(self):
        """Return (category id, company id, folded keywords of every language)."""
        # Read in every language, as a Spanish mail may reach an English desk.
        self.flush_model(["keywords", "active", "company_id"])
        self.env.cr.execute(
            "SELECT id, company_id, keywords FROM constituent_category"
            " WHERE active AND keywords IS NOT NULL ORDER BY id"
        )
        return tuple(
            (
                category_id,
                company_id,
                tuple(split_keywords("\n".join(filter(None, by_lang.values())))),
            )
            for category_id, company_id, by_lang in self.env.cr.fetchall()
        )

    @api.model
    def _by_keywords(self, company_id, folded_text):
        """Return the category whose keywords say most of a text.

        More and longer phrases say more; of equals the older category wins.

        :param int company_id: the case's office
        :param str folded_text: as ``tools.text.fold`` gives it
        :return: (category id or 0, list of keywords found)
        """
        best = (0, 0, 0, [])
        for category_id, owner_id, keywords in self._compiled_keywords():
            if owner_id and owner_id != company_id:
                continue
            hits = matched_keywords(keywords, folded_text)
            if hits:
                best = max(best, (sum(map(len, hits)), -category_id, category_id, hits))
        return best[2], best[3]

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
