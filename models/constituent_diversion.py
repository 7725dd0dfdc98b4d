from collections import namedtuple

from odoo import api, fields, models, tools
from odoo.exceptions import ValidationError
from odoo.tools import email_normalize

from ..tools.divert import domain_matches, points, read_domains
from ..tools.keywords import KeywordError, KeywordIndex, read_keywords

DIVERTED_KINDS = ("records_request", "media", "claim")
ALARMS = ("threat", "self_harm")
Diversion = namedtuple(
    "Diversion",
    "id matter points domains department_id sets_hold needs_counsel acknowledgement",
)


class ConstituentDiversion(models.Model):
    """What comes as a complaint and is something else: how it is recognized, and who gets it."""

    _name = "constituent.diversion"
    _inherit = ["constituent.master.mixin"]
    _description = "Diversion"
    _order = "sequence, id"

    name = fields.Char(compute="_compute_name")
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    matter = fields.Selection(
        [
            ("threat", "Threat"),
            ("self_harm", "Self-harm"),
            ("claim", "Claim"),
            ("records_request", "Records Request"),
            ("media", "Media Inquiry"),
        ],
        required=True,
        help="A threat or self-harm makes the case restricted, is never answered by itself and "
        "alerts the security contacts; the others give the case its kind.",
    )
    keywords = fields.Text(
        help="Words and phrases of every language, separated by commas or lines, with a weight "
        "where one says more or speaks against it: foia*3, suicide prevention*-2. Each word of "
        "a phrase counts, and twice in the subject.",
    )
    points_needed = fields.Integer(
        default=3, required=True, help="From how many points on a report is diverted."
    )
    sender_domains = fields.Text(
        string="Senders",
        help="Mail domains, separated by commas or lines: whatever comes from there is diverted. "
        "For media outlets, law firms.",
    )
    department_id = fields.Many2one(
        "constituent.department",
        ondelete="restrict",
        help="Gets these cases: the access officer's, communications, the law department.",
    )
    user_ids = fields.Many2many(
        "res.users",
        string="Who Is Told",
        domain="[('share', '=', False)]",
        help="Get a task on each of these cases: access officer, communications, records "
        "officer and counsel.",
    )
    sets_hold = fields.Boolean(string="Legal Hold", help="Nothing of the case may be destroyed.")
    needs_counsel = fields.Boolean(
        string="Letters Need Counsel", help="Letters of the case say that counsel must see them."
    )
    acknowledgement = fields.Selection(
        [("ordinary", "As any case"), ("own", "Own text"), ("none", "None")],
        required=True,
        default="ordinary",
        help="What is sent by itself when it comes in. Nothing for threats and self-harm.",
    )
    template_id = fields.Many2one(
        "mail.template",
        string="Own Text",
        domain="[('model', '=', 'constituent.case')]",
        ondelete="restrict",
    )
    company_id = fields.Many2one(
        "res.company",
        string="Office",
        index=True,
        help="An office's own line replaces the line of all offices for the same matter, also "
        "when it is archived.",
    )

    _once_per_office = models.UniqueIndex(
        "(matter, COALESCE(company_id, 0))", "There is a line for this matter already."
    )
    _points_positive = models.Constraint(
        "CHECK (points_needed > 0)", "Without points everything would be diverted."
    )
    _own_text = models.Constraint(
        "CHECK (acknowledgement != 'own' OR template_id IS NOT NULL)",
        "Choose the text of the acknowledgement.",
    )

    @api.depends("matter")
    @api.depends_context("lang")
    def _compute_name(self):
        for diversion in self:
            diversion.name = self._matter_label(diversion.matter)

    @api.constrains("keywords")
    def _check_keywords(self):
        for diversion in self:
            try:
                read_keywords(diversion.keywords)
            except KeywordError as error:
                raise ValidationError(
                    self.env._(
                        "%(diversion)s: the weight in “%(keyword)s” must be a whole number from "
                        "-9 to 9, not 0.",
                        diversion=diversion.name,
                        keyword=error.keyword,
                    )
                ) from error

    @api.model
    @tools.ormcache("company_id")
    def _compiled(self, company_id):
        """Return the lines of an office as plain data.

        :return tuple: {id: Diversion} in their order, and the KeywordIndex of their words
        """
        # What a report is does not depend on who takes it.
        lines_sudo = (
            self.sudo()
            .with_context(active_test=False)
            .search([("company_id", "in", (False, company_id))])
        )
        own = {line.matter for line in lines_sudo if line.company_id}
        chosen = [
            line
            for line in lines_sudo
            if line.active and (line.company_id or line.matter not in own)
        ]
        table = {
            line.id: Diversion(
                line.id,
                line.matter,
                line.points_needed,
                read_domains(line.sender_domains),
                line.department_id.id if line.department_id.company_id.id == company_id else False,
                line.sets_hold,
                line.needs_counsel,
                "none" if line.matter in ALARMS else line.acknowledgement,
            )
            for line in chosen
        }
        return table, KeywordIndex([(line.id, read_keywords(line.keywords)) for line in chosen])

    @api.model
    def _matter_label(self, matter):
        return dict(self._fields["matter"]._description_selection(self.env)).get(matter, "")

    @api.model
    def _of_matter(self, company_id, matter):
        """Return the line of an office for a matter, or nothing."""
        table, _index = self._compiled(company_id)
        return next((line for line in table.values() if line.matter == matter), None)

    @api.model
    def _matches(self, company_id, folded, sender=""):
        """Return what a report is by its words or its sender.

        :param int company_id: the office
        :param tuple folded: subject and text as ``tools.text.fold`` gives them
        :param str sender: the sender's mail address
        :return list: (Diversion, why) pairs; all alarms, and of the kinds the clearest
        """
        table, index = self._compiled(company_id)
        found = points(*map(index.find, folded))
        sender = email_normalize(sender or "", strict=False) or ""
        alarms, kinds = [], []
        for line in table.values():
            score, words = found.get(line.id, (0, []))
            if score >= line.points:
                why = ", ".join(words)
            elif sender and domain_matches(sender, line.domains):
                why = sender.rpartition("@")[2]
            else:
                continue
            (alarms if line.matter in ALARMS else kinds).append((score, line, why))
        alarms.sort(key=lambda one: -one[0])  # stable: of equal ones the first line
        # The first of equal ones, in the order of the lines.
        best = max(kinds, key=lambda one: one[0], default=None)
        return [(line, why) for _score, line, why in (*alarms, *([best] if best else []))]
