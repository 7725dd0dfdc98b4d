from collections import namedtuple
from datetime import timedelta

from odoo import api, fields, models, tools
from odoo.exceptions import ValidationError

from ..tools.text import matched_keywords, split_keywords

CompiledRule = namedtuple(
    "CompiledRule",
    "id name company_id category_ids channel_ids district_ids keywords adds_only department_id "
    "user_id priority tag_ids confidentiality",
)
# A rule that has matched nothing for so long may be a mistake, or of no use any more.
IDLE = timedelta(days=90)


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
    district_ids = fields.Many2many(
        "constituent.district",
        string="Districts",
        help="The place of the matter lies in one of them. Anywhere when empty.",
    )
    adds_only = fields.Boolean(
        string="Only Adds",
        help="Sets priority, tags and confidentiality, and the rules below are tried, too. "
        "Otherwise the first rule that fits is the last.",
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
    hit_count = fields.Integer(
        string="Matched", compute="_compute_hits", help="How many cases it has matched so far."
    )
    last_hit = fields.Datetime(string="Last Matched", compute="_compute_hits")
    is_idle = fields.Boolean(
        string="Not Matched in 90 Days", compute="_compute_hits", search="_search_is_idle"
    )

    @api.constrains("adds_only", "department_id", "user_id")
    def _check_adds_only(self):
        for rule in self:
            if rule.adds_only and (rule.department_id or rule.user_id):
                raise ValidationError(
                    self.env._(
                        "“%(rule)s” only adds: leave department and person to the rules below,"
                        " or let it decide.",
                        rule=rule.name,
                    )
                )

    def _compute_hits(self):
        # How often a rule matched is for whoever sees the rule; the cases are not shown.
        events_sudo = self.env["constituent.case.event"].sudo()
        hits = {
            rule: (count, last)
            for rule, count, last in events_sudo._read_group(
                [("rule_id", "in", self.ids)], ["rule_id"], ["__count", "happened_at:max"]
            )
        }
        since = fields.Datetime.now() - IDLE
        for rule in self:
            rule.hit_count, rule.last_hit = hits.get(rule, (0, False))
            # A new one has not had its time yet.
            rule.is_idle = (rule.last_hit or rule.create_date or since) < since

    def _search_is_idle(self, operator, value):
        if operator != "in" or set(value) != {True}:
            return NotImplemented
        # As above.
        events_sudo = self.env["constituent.case.event"].sudo()
        since = fields.Datetime.now() - IDLE
        busy = events_sudo._read_group(
            [("rule_id", "!=", False), ("happened_at", ">=", since)], ["rule_id"]
        )
        return [
            ("id", "not in", [rule.id for (rule,) in busy]),
            ("create_date", "<", fields.Datetime.to_string(since)),
        ]

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
                frozenset(rule.district_ids.ids),
                tuple(split_keywords(rule.keywords)),
                rule.adds_only,
                rule.department_id.id,
                rule.user_id.id,
                rule.priority,
                tuple(rule.tag_ids.ids),
                rule.confidentiality,
            )
            for rule in rules_sudo
        )

    @api.model
    def _matches(self, company_id, category_id, channel_id, district_ids, folded_text):
        """Return the rules whose every condition holds: those that only add, then the first other.

        :param int company_id: the case's office
        :param int category_id: the case's category, falsy when not classified
        :param int channel_id: the case's channel, falsy when unknown
        :param district_ids: ids of the districts its place lies in
        :param str folded_text: subject and description as ``tools.text.fold`` gives them
        :return list: (CompiledRule, list of keywords found), in the order of the rules; the
            last decides unless it only adds
        """
        found = []
        for rule in self._compiled():
            if rule.company_id != company_id:
                continue
            if rule.category_ids and category_id not in rule.category_ids:
                continue
            if rule.channel_ids and channel_id not in rule.channel_ids:
                continue
            if rule.district_ids and rule.district_ids.isdisjoint(district_ids):
                continue
            words = matched_keywords(rule.keywords, folded_text)
            if rule.keywords and not words:
                continue
            found.append((rule, words))
            if not rule.adds_only:
                break
        return found
