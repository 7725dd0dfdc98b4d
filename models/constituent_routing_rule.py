from collections import namedtuple

from odoo import api, fields, models, tools

from ..tools.text import matched_keywords, split_keywords

CompiledRule = namedtuple(
    "CompiledRule",
    "id name company_id category_ids channel_ids keywords department_id user_id priority "
    "tag_ids confidentiality",
)


class ConstituentRoutingRule(models.Model):
    """An ordered condition that gives a new case its department and person."""

    _name = "constituent.routing.rule"
    _inherit = ["constituent.master.mixin"]
    _description = "Routing Rule"
    _order = "sequence, id"

    name = fields.Char(required=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company
    )
    category_ids = fields.Many2many(
        "constituent.category",
        string="Categories",
        help="These categories and those below them. Any category when empty.",
    )
    channel_ids = fields.Many2many(
        "constituent.channel", string="Channels", help="Any channel when empty."
    )
    keywords = fields.Text(
        help="Words and phrases, separated by commas or lines; one of them must occur "
        "in the subject or description. Case and accents do not matter.",
    )
    department_id = fields.Many2one("constituent.department", ondelete="restrict")
    user_id = fields.Many2one(
        "res.users", string="Assigned To", domain="[('share', '=', False)]", ondelete="restrict"
    )
    priority = fields.Selection(
        [("0", "Normal"), ("1", "Elevated"), ("2", "High"), ("3", "Urgent")],
        help="Set on the case when chosen.",
    )
    tag_ids = fields.Many2many("constituent.case.tag", string="Tags")
    confidentiality = fields.Selection(
        [("public", "Public"), ("internal", "Internal"), ("restricted", "Restricted")],
        help="Set on the case when chosen.",
    )
    note = fields.Text(help="Why this rule exists; shown in the case's history.")

    @api.model
    @tools.ormcache()
    def _compiled(self):
        """Return the active rules in order as plain data, conditions worked out once.

        :return tuple[CompiledRule]: `category_ids` with all below them
        """
        # Rules decide for every clerk, whatever the clerk may read.
        rules_sudo = self.sudo().search([])
        categories_sudo = self.env["constituent.category"].sudo()
        return tuple(
            CompiledRule(
                rule.id,
                rule.name,
                rule.company_id.id,
                frozenset(categories_sudo.search([("id", "child_of", rule.category_ids.ids)]).ids)
                if rule.category_ids
                else frozenset(),
                frozenset(rule.channel_ids.ids),
                tuple(split_keywords(rule.keywords)),
                rule.department_id.id,
                rule.user_id.id,
                rule.priority,
                tuple(rule.tag_ids.ids),
                rule.confidentiality,
            )
            for rule in rules_sudo
        )

    @api.model
    def _first_match(self, company_id, category_id, channel_id, folded_text):
        """Return the first rule whose every condition holds, and the words found.

        :param int company_id: the case's office
        :param int category_id: the case's category, falsy when not classified
        :param int channel_id: the case's channel, falsy when unknown
        :param str folded_text: subject and description as ``tools.text.fold`` gives them
        :return: (CompiledRule or None, list of keywords found)
        """
        for rule in self._compiled():
            if rule.company_id != company_id:
                continue
            if rule.category_ids and category_id not in rule.category_ids:
                continue
            if rule.channel_ids and channel_id not in rule.channel_ids:
                continue
            words = matched_keywords(rule.keywords, folded_text)
            if rule.keywords and not words:
                continue
            return rule, words
        return None, []
