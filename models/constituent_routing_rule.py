import ast
import logging
from collections import namedtuple
from datetime import timedelta

from psycopg2 import OperationalError

from odoo import api, fields, models, tools
from odoo.exceptions import ValidationError
from odoo.fields import Domain

from ..tools.keywords import KeywordIndex
from ..tools.text import split_keywords

_logger = logging.getLogger(__name__)

CompiledRule = namedtuple(
    "CompiledRule",
    "id name category_ids channel_ids district_ids has_keywords domain adds_only department_id "
    "user_id priority tag_ids confidentiality",
)
# What further conditions may ask of a case: what is known when it comes in.
DOMAIN_FIELDS = (
    "category_id", "channel_id", "city", "confidentiality", "email_cc", "identity", "kind", "lang",
    "name", "partner_email", "partner_id", "partner_name", "partner_phone", "priority",
    "received_at", "street", "zip",
)  # fmt: skip
# Beyond the case itself: what is known of these.
DOMAIN_PATHS = {
    "partner_id": {"constituent_role", "parent_id", "city", "zip", "lang", "is_company"}
}
# Those that ask for nothing but the values.
DOMAIN_OPERATORS = {
    "=", "!=", "in", "not in", "<", "<=", ">", ">=", "like", "ilike", "not like", "not ilike",
    "=like", "=ilike", "not =like", "not =ilike",
}  # fmt: skip
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
    domain = fields.Char(
        string="Further Conditions",
        help="What else must hold of the case as it comes in: who brings it, its kind, its ZIP "
        "code. Nothing more when empty.",
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

    @api.constrains("domain")
    def _check_domain(self):
        for rule in self:
            try:
                rule._read_domain()
            except ValueError as error:
                raise ValidationError(
                    self.env._(
                        "“%(rule)s”: the further conditions cannot be used: %(error)s",
                        rule=rule.name,
                        error=error,
                    )
                ) from None

    def _read_domain(self):
        """Return the further conditions as a domain.

        :raises ValueError: what in them cannot be used, as a sentence
        """
        self.ensure_one()
        try:
            parsed = ast.literal_eval((self.domain or "[]").strip())
        except (SyntaxError, ValueError, TypeError, RecursionError, MemoryError) as error:
            place = getattr(error, "offset", None)
            if place:
                raise ValueError(
                    self.env._("it is no list of conditions (at character %(place)s).", place=place)
                ) from None
            raise ValueError(self.env._("it is no list of conditions with plain values.")) from None
        try:
            domain = Domain(parsed)
        except (ValueError, TypeError, RecursionError) as error:
            raise ValueError(str(error)) from None
        for condition in domain.iter_conditions():
            self._check_condition(condition)
        return domain

    def _check_condition(self, condition):
        """Refuse a condition that asks for more than is known when a case comes in.

        :raises ValueError: which one, as a sentence
        """
        name, _dot, path = condition.field_expr.partition(".")
        shown = repr((condition.field_expr, condition.operator, condition.value))
        if name not in DOMAIN_FIELDS or path and path not in DOMAIN_PATHS.get(name, ()):
            raise ValueError(
                self.env._("%(condition)s: not known when a case comes in.", condition=shown)
            )
        if condition.operator not in DOMAIN_OPERATORS:
            raise ValueError(
                self.env._(
                    "%(condition)s: “%(operator)s” cannot be used here.",
                    condition=shown,
                    operator=condition.operator,
                )
            )
        try:
            condition.optimize(self.env["constituent.case"])
        except Exception as error:
            raise ValueError(
                self.env._("%(condition)s: %(error)s", condition=shown, error=error)
            ) from None

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
    @tools.ormcache("company_id")
    def _compiled(self, company_id):
        """Return an office's active rules in order as plain data, conditions worked out once.

        :param int company_id: the office
        :return tuple: the CompiledRules, `category_ids` with all below them; a KeywordIndex
            of their words by rule id
        """
        # Rules decide for every clerk, whatever the clerk may read.
        rules_sudo = self.sudo().search([("company_id", "=", company_id)])
        categories_sudo = self.env["constituent.category"].sudo()
        words = {rule.id: dict.fromkeys(split_keywords(rule.keywords), 1) for rule in rules_sudo}
        compiled = tuple(
            CompiledRule(
                rule.id,
                rule.name,
                frozenset(categories_sudo.search([("id", "child_of", rule.category_ids.ids)]).ids)
                if rule.category_ids
                else frozenset(),
                frozenset(rule.channel_ids.ids),
                frozenset(rule.district_ids.ids),
                bool(words[rule.id]),
                rule._compiled_domain(),
                rule.adds_only,
                rule.department_id.id,
                rule.user_id.id,
                rule.priority,
                tuple(rule.tag_ids.ids),
                rule.confidentiality,
            )
            for rule in rules_sudo
        )
        return compiled, KeywordIndex(words.items())

    def _compiled_domain(self):
        """Return the further conditions, optimized once; None when there are none.

        A rule that was written past its checks matches nothing: it cannot stop intake.
        """
        if not self.domain:
            return None
        try:
            return self._read_domain().optimize(self.env["constituent.case"])
        except ValueError as error:
            _logger.error("Routing rule %s cannot be read: %s", self.id, type(error).__name__)
            return Domain.FALSE

    @api.model
    def _matches(self, draft, district_ids):
        """Return the rules whose every condition holds: those that only add, then the first other.

        :param Draft draft: with its office
        :param district_ids: ids of the districts its place lies in
        :return list: (CompiledRule, list of keywords found), in the order of the rules; the
            last decides unless it only adds
        """
        vals, record, found = draft.vals, None, []
        rules, index = self._compiled(vals["company_id"])
        if not rules:
            return found
        hits = index.find(" ".join(filter(None, draft.folded())))
        for rule in rules:
            if rule.category_ids and vals.get("category_id") not in rule.category_ids:
                continue
            if rule.channel_ids and vals.get("channel_id") not in rule.channel_ids:
                continue
            if rule.district_ids and rule.district_ids.isdisjoint(district_ids):
                continue
            if rule.has_keywords and rule.id not in hits:
                continue
            if rule.domain is not None:
                record = record or self._record_of(vals)
                if not self._holds(rule, record):
                    continue
            found.append((rule, sorted(hit.phrase for hit in hits.get(rule.id, ()))))
            if not rule.adds_only:
                break
        return found

    @api.model
    def _holds(self, rule, record):
        """Return whether a rule's further conditions hold; never raises for what is in them."""
        try:
            return bool(record.filtered_domain(rule.domain))
        except OperationalError:
            raise
        except Exception as error:
            # One rule that cannot be worked out must not take the others along.
            _logger.error("Routing rule %s does not work: %s", rule.id, type(error).__name__)
            return False

    @api.model
    def _record_of(self, vals):
        """Return a case that is not written, for conditions to look at."""
        # Conditions hold or not whatever the person who enters the case may read.
        cases_sudo = self.env["constituent.case"].sudo()
        return cases_sudo.new({name: vals[name] for name in DOMAIN_FIELDS if vals.get(name)})
