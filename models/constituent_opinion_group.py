from markupsafe import Markup, escape

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain

from ..tools.opinion import differing
from ..tools.opinion_sort import Letter

POSITIONS = [
    ("undecided", "Not Decided"),
    ("for", "For"),
    ("against", "Against"),
    ("neutral", "Neither"),
]
# So many of the newest letters are looked through for one that differs from the first.
SAMPLES = 6


class ConstituentOpinionGroup(models.Model):
    """Letters of one text, sent by many: proposed by the pipeline, decided by a person.

    What is shown of a group, counts and samples, comes from its cases as far as the reader
    may see them. Restricted cases and those of confidential or anonymous constituents are
    in no group: their text beside a known sender's would say who they are.
    """

    _name = "constituent.opinion.group"
    _inherit = ["mail.thread"]
    _description = "Opinion Mail"
    _order = "id desc"

    name = fields.Char(required=True, tracking=True, help="What the letters are called by.")
    issue_id = fields.Many2one(
        "constituent.issue",
        tracking=True,
        index="btree_not_null",
        ondelete="restrict",
        domain="[('company_id', '=', company_id), ('state', '=', 'open')]",
    )
    position = fields.Selection(
        POSITIONS,
        required=True,
        default="undecided",
        tracking=True,
        help="What the letters ask for in the issue.",
    )
    state = fields.Selection(
        [("new", "To Decide"), ("confirmed", "Confirmed"), ("not_one", "Not One Group")],
        required=True,
        default="new",
        readonly=True,
        tracking=True,
        copy=False,
        index=True,
    )
    company_id = fields.Many2one("res.company", required=True, index=True, readonly=True)
    case_ids = fields.One2many("constituent.case", "opinion_group_id", string="Cases")
    print_ids = fields.One2many(
        "constituent.opinion.print", "group_id", groups="base.group_system", copy=False
    )
    mail_count = fields.Integer(compute="_compute_counts", string="Letters")
    people_count = fields.Integer(
        compute="_compute_counts",
        string="People",
        help="Each constituent once; letters without a known constituent count by themselves.",
    )
    open_count = fields.Integer(compute="_compute_counts", string="Open")
    first_seen = fields.Datetime(compute="_compute_counts", string="First")
    last_seen = fields.Datetime(compute="_compute_counts", string="Latest")
    sample = fields.Html(
        compute="_compute_sample",
        sanitize=False,
        help="Two of the letters; what stands in one only is marked.",
    )

    # Counts as the reader sees them

    @api.depends("case_ids")
    @api.depends_context("uid")
    def _compute_counts(self):
        cases = self.env["constituent.case"]
        mine = Domain("opinion_group_id", "in", self.ids)
        key, counted = ["opinion_group_id"], "__count"
        rows = cases._read_group(
            mine, key, [counted, "partner_id:count_distinct", "received_at:min", "received_at:max"]
        )
        totals = {group.id: values for group, *values in rows}
        unknown = dict(cases._read_group(mine & Domain("partner_id", "=", False), key, [counted]))
        still = dict(cases._read_group(mine & Domain("status", "!=", "closed"), key, [counted]))
        for group in self:
            count, people, first, last = totals.get(group._origin.id, (0, 0, False, False))
            group.mail_count = count
            group.people_count = people + unknown.get(group._origin, 0)
            group.open_count = still.get(group._origin, 0)
            group.first_seen, group.last_seen = first, last

    @api.depends("case_ids")
    @api.depends_context("uid")
    def _compute_sample(self):
        cases = self.env["constituent.case"]
        for group in self:
            mine = [("opinion_group_id", "=", group._origin.id)]
            first = cases.search(mine, order="received_at, id", limit=1)
            newest = cases.search(mine, order="received_at desc, id desc", limit=SAMPLES) - first
            text = first.description_text or ""
            other = next(
                (one for one in newest if (one.description_text or "") != text), newest[:1]
            )
            group.sample = first and group._sample_html(first, other)

    def _sample_html(self, first, other):
        """Return two letters side by side, what differs in a <mark>."""
        texts = (first.description_text or "", other.description_text or "")
        pieces = differing(*texts) if other else ([(texts[0], False)], [])
        columns = Markup().join(
            Markup(
                '<div class="col-12 col-md-6 mb-2"><div class="text-muted small">%s</div>'
                '<div class="o_constituent_opinion_text">%s</div></div>'
            )
            % (case.number, Markup(" ").join(map(self._piece_html, row)))
            for case, row in zip(first + other, pieces, strict=False)
        )
        return Markup('<div class="row o_constituent_opinion_sample">%s</div>') % columns

    @api.model
    def _piece_html(self, piece):
        text, differs = piece
        lines = Markup("<br/>").join(escape(line.strip()) for line in text.split("\n"))
        return Markup("<mark>%s</mark>") % lines if differs and text.strip() else lines

    # Constraints

    @api.constrains("company_id", "issue_id")
    def _check_same_office(self):
        for group in self:
            if group.issue_id and group.issue_id.company_id != group.company_id:
                raise ValidationError(
                    self.env._(
                        "%(group)s: the issue \u201c%(issue)s\u201d is another office's.",
                        group=group.name,
                        issue=group.issue_id.name,
                    )
                )

    # From the pipeline

    @api.model
    def _found(self, founded, drafts):
        """Make groups of letters that were found to be of one text.

        :param list founded: as ``tools.opinion_sort`` gives them; their letters' `group`
            becomes the id of the record
        :param dict drafts: letter → draft, of those that have no case yet
        :return: the new groups
        """
        groups = self.create([self._founded_vals(one, drafts) for one in founded])
        prints = self.env["constituent.opinion.print"]
        prints._keep(
            [
                Letter(
                    one.opinion,
                    one.letters[-1].seen_at,
                    company_id=one.letters[-1].company_id,
                    group=group.id,
                )
                for one, group in zip(founded, groups, strict=True)
            ]
        )
        return groups

    @api.model
    def _founded_vals(self, founded, drafts):
        """Return the values of a group: called as most of its letters are."""
        subject = founded.opinion.subject
        names = [
            drafts[letter].vals["name"]
            for letter in founded.letters
            if letter in drafts and subject and letter.opinion.subject == subject
        ]
        # Folded is better than a subject that one sender alone gave.
        fallback = " ".join(subject or founded.opinion.words[:8]).capitalize()
        return {
            "name": names[-1] if names else fallback,
            "company_id": founded.letters[-1].company_id,
        }
