from collections import defaultdict

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import SQL

from ..tools.approval import digest
from ..tools.text import one_line

# What only the steps of the batch write, never a form, an import or a call.
WORKFLOW_FIELDS = frozenset(
    {
        "state", "submitted_at", "approved_by_id", "approved_at", "approved_digest",
        "waiting_for_ids", "decided_by_ids", "sender_id", "finished_at", "sample_seed",
        "override_reason", "opinion_group_id",
    }
)  # fmt: skip
# What decides how the letters read: fixed once they are being written.
CONTENT_FIELDS = frozenset(
    {"template_id", "department_id", "signatory_ids", "medium", "company_id"}
)
BUSY_STATES = ("preparing", "sending")
PAUSED_STATES = {"preparing": "halted", "sending": "paused"}
# Not all letters are written yet.
WRITING_STATES = ("preparing", "halted")
LINE_STATES = [
    ("waiting", "Waiting"),
    ("written", "Written"),
    ("sent", "Sent"),
    ("failed", "Failed"),
    ("taken_out", "Taken Out"),
]


class ConstituentLetterBatch(models.Model):
    """One template, a letter of its own for each; approved and sent as one.

    The letters are written in the background, read in a sample, approved together by a
    digest over every one of them, and sent in slices. A letter that is not what was
    approved is not sent with them.
    """

    _name = "constituent.letter.batch"
    _inherit = ["constituent.approval.mixin", "mail.thread", "mail.activity.mixin"]
    _description = "Batch of Letters"
    _order = "id desc"
    _approval_link = "batch_id"
    # What is approved are letters that are written, and those are thrown away with a draft.
    _approval_begins = ("written",)

    name = fields.Char(required=True, tracking=True)
    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company
    )
    template_id = fields.Many2one(
        "constituent.letter.template",
        ondelete="restrict",
        index=True,
        help="Each letter begins from it; chosen before the letters are written.",
    )
    department_id = fields.Many2one(
        "constituent.department",
        ondelete="restrict",
        index="btree_not_null",
        help="Whose letterhead and head; that of each case when empty.",
    )
    signatory_ids = fields.Many2many(
        "res.users",
        "constituent_letter_batch_signatory_rel",
        "batch_id",
        "user_id",
        string="Signed By",
        domain="[('share', '=', False)]",
        help="The head of the department when empty.",
    )
    medium = fields.Selection(
        [("preference", "As each prefers"), ("post", "Post"), ("email", "Email")],
        required=True,
        default="preference",
    )
    state = fields.Selection(
        [
            ("draft", "Choosing"),
            ("preparing", "Being Written"),
            ("halted", "Writing Paused"),
            ("written", "To Read"),
            ("to_approve", "To Approve"),
            ("approved", "Approved"),
            ("sending", "Being Sent"),
            ("paused", "Paused"),
            ("done", "Done"),
            ("rejected", "Sent Back"),
            ("cancelled", "Cancelled"),
        ],
        required=True,
        default="draft",
        readonly=True,
        copy=False,
        tracking=True,
        index=True,
    )
    line_ids = fields.One2many("constituent.letter.batch.line", "batch_id", copy=False)
    approval_ids = fields.One2many("constituent.approval", "batch_id")
    waiting_for_ids = fields.Many2many(
        "res.users",
        "constituent_letter_batch_waiting_rel",
        "batch_id",
        "user_id",
        string="Waits For",
        readonly=True,
        copy=False,
    )
    decided_by_ids = fields.Many2many(
        "res.users",
        "constituent_letter_batch_decided_rel",
        "batch_id",
        "user_id",
        readonly=True,
        copy=False,
    )
    sender_id = fields.Many2one("res.users", string="Started By", readonly=True, copy=False)
    finished_at = fields.Datetime(readonly=True, copy=False)

    # Figures

    line_count = fields.Integer(compute="_compute_figures", string="Letters")
    waiting_count = fields.Integer(compute="_compute_figures", string="Waiting")
    written_count = fields.Integer(compute="_compute_figures", string="Written")
    sent_count = fields.Integer(compute="_compute_figures", string="Sent")
    failed_count = fields.Integer(compute="_compute_figures", string="Failed")
    taken_out_count = fields.Integer(compute="_compute_figures", string="Taken Out")
    progress = fields.Float(compute="_compute_figures")

    @api.depends("line_ids.state", "state")
    def _compute_figures(self):
        counts = {
            (batch.id, state): count
            # Whoever sees the batch sees how far it is, also of cases out of their sight.
            for batch, state, count in self.env["constituent.letter.batch.line"]
            .sudo()
            ._read_group([("batch_id", "in", self.ids)], ["batch_id", "state"], ["__count"])
        }
        for batch in self:
            found = {state: counts.get((batch.id, state), 0) for state, _label in LINE_STATES}
            for state, count in found.items():
                batch[f"{state}_count"] = count
            batch.line_count = sum(found.values())
            batch.progress = batch._share_done(found)

    def _share_done(self, found):
        """Return how far what is being done is, in percent: writing first, then sending.

        :param dict found: state of a line → how many
        """
        total = sum(found.values()) - found["taken_out"]
        if not total or self.state not in (*BUSY_STATES, *PAUSED_STATES.values(), "done"):
            return 0
        writing = self.state in WRITING_STATES
        left = found["waiting"] if writing else found["waiting"] + found["written"]
        return 100 * (total - left) / total

    # CRUD

    @api.constrains("company_id", "template_id", "department_id")
    def _check_same_office(self):
        for batch in self:
            others = (batch.template_id, batch.department_id)
            if any(one.company_id and one.company_id != batch.company_id for one in others):
                raise ValidationError(
                    self.env._(
                        "%(batch)s: its template and department must be of the same office.",
                        batch=batch.name,
                    )
                )

    @api.model_create_multi
    def create(self, vals_list):
        """Create; a batch begins as a draft, whatever is asked for.

        :raises UserError: a state or other trace of the batch's steps is given
        """
        for vals in vals_list:
            if any(vals.get(name) for name in WORKFLOW_FIELDS - {"state"}) or vals.get(
                "state", "draft"
            ) not in ("draft", False):
                raise UserError(self.env._("A batch begins as a draft."))
        blank = {**dict.fromkeys(WORKFLOW_FIELDS & self._fields.keys(), False), "state": "draft"}
        return super().create([{**self._one_line_name(vals), **blank} for vals in vals_list])

    def write(self, vals):
        """Write; how the letters read is fixed once they are written.

        :raises UserError: what only the batch's steps write, or what is fixed
        """
        if WORKFLOW_FIELDS & vals.keys():
            raise UserError(self.env._("A batch goes on by its buttons only."))
        if CONTENT_FIELDS & vals.keys() and set(self.mapped("state")) - {"draft"}:
            raise UserError(
                self.env._("The letters are written already: take the batch back to draft first.")
            )
        return super().write(self._one_line_name(vals))

    @api.model
    def _one_line_name(self, vals):
        """Return values whose name can stand in the head of a mail."""
        return {**vals, "name": one_line(vals["name"])} if "name" in vals else vals

    def _advance(self, state, **vals):
        """Write the next state past the guard of `write`: private, so no call reaches it."""
        # pylint: disable-next=super-method-mismatch
        return super().write({"state": state, **vals})

    def _take_back(self, state, **vals):
        """Write a state before the approval, and forget who approved what."""
        if state in ("draft", "cancelled"):
            self._remove_letters()
        elif state == "rejected":
            state = "written"
        return super()._take_back(state, **vals)

    def _remove_letters(self):
        """Throw away the drafts of letters that were not sent; their lines wait again."""
        # The letters are the batch's own, whoever may see which case.
        lines_sudo = self.sudo().line_ids.filtered(lambda line: line.state in ("written", "failed"))
        self._cancel_letters(lines_sudo)
        lines_sudo.write({"state": "waiting", "letter_id": False, "digest": False, "error": False})

    # For the approval

    def _approval_facts(self):
        """Return what the rules look at: all that any of its letters is, as it is written."""
        self.ensure_one()
        user, signs, letter = self._signatory_relation()
        # The rules look at every letter, case and addressee, whoever may see them.
        batch_sudo = self.sudo()
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                "SELECT array_agg(DISTINCT p.constituent_role), array_agg(DISTINCT c.kind),"
                " bool_or(c.needs_counsel OR t.for_counsel), array_agg(DISTINCT t.department_id),"
                " array_agg(DISTINCT ARRAY[t.department_id, s.%(user)s]),"
                " bool_or(EXISTS (SELECT FROM %(signs)s other WHERE other.%(letter)s = t.id"
                " AND other.%(user)s > s.%(user)s)) FROM constituent_letter_batch_line l"
                " LEFT JOIN constituent_correspondence t ON t.id = l.letter_id"
                " LEFT JOIN LATERAL (SELECT COALESCE(t.case_id, l.case_id) AS id"
                " UNION SELECT also.case_id"
                " FROM constituent_correspondence_also_case_rel also"
                " WHERE also.correspondence_id = t.id) answered ON TRUE"
                " LEFT JOIN constituent_case c ON c.id = answered.id"
                " LEFT JOIN res_partner p ON p.id = COALESCE(t.partner_id, l.partner_id)"
                " LEFT JOIN %(signs)s s ON s.%(letter)s = t.id"
                " WHERE l.batch_id = %(batch)s AND l.state = 'written'",
                user=user,
                signs=signs,
                letter=letter,
                batch=self.id,
            )
        )
        roles, kinds, counsel, departments, signatories, together = rows[0]
        by_department = defaultdict(set)
        for department, person in signatories or ():
            if person:
                by_department[department].add(person)
        signing = sorted(set().union(*by_department.values()))
        return {
            "company": batch_sudo.company_id,
            "department": batch_sudo.department_id.browse(filter(None, departments or ())),
            "roles": set(roles or ()),
            "kinds": set(kinds or ()),
            "signatories": batch_sudo.signatory_ids.browse(signing),
            "signatories_by_department": by_department,
            "needs_counsel": bool(counsel),
            "sign_together": bool(together),
            "template": batch_sudo.template_id,
        }

    @api.model
    def _signatory_relation(self):
        """Return the table of who signs which letter: user, name, letter."""
        field = self.env["constituent.correspondence"]._fields["signatory_ids"]
        return map(SQL.identifier, (field.column2, field.relation, field.column1))

    def _approval_gap(self):
        """Return why an approved batch needs another approval, empty when it needs none.

        What was taken out while it is paused does not count: the others were approved.
        """
        self.ensure_one()
        if self.state == "approved" and not self._is_approved():
            return self.env._("A letter was changed or taken out.")
        step, _people = self._approval_waiting(self._approval_steps(), self.approved_digest)
        if step:
            return self.env._(
                "the rules ask for another approval by now: %(step)s", step=step.label
            )
        return ""

    def _approval_digest(self):
        """Return the SHA-256 over every letter of the batch."""
        self.ensure_one()
        # The letters' own digests were written when they were.
        self.env["constituent.letter.batch.line"].flush_model(["digest", "state", "letter_id"])
        rows = self.env.execute_query(
            SQL(
                "SELECT letter_id, digest FROM constituent_letter_batch_line"
                " WHERE batch_id = %s AND state IN ('written', 'sent') ORDER BY letter_id",
                self.id,
            )
        )
        return digest({"letters": [list(row) for row in rows], "medium": self.medium})

    def _check_complete(self):
        """Raise when there is nothing to approve.

        :raises UserError: says why
        """
        for batch in self:
            if not batch.written_count:
                raise UserError(self.env._("%(batch)s has no letters.", batch=batch.name))
            trouble = batch._clause_trouble()
            if trouble:
                raise UserError(
                    self.env._(
                        "%(batch)s: %(trouble)s Take the batch back to draft and write its "
                        "letters anew.",
                        batch=batch.name,
                        trouble=" ".join(trouble),
                    )
                )
            batch._check_blackout()

    def _clause_trouble(self):
        """Return why clauses in its letters must be looked at, each reason once."""
        self.ensure_one()
        # Its letters' clauses count, whichever of them who decides may open.
        letters_sudo = self.sudo().line_ids.filtered(lambda line: line.state == "written").letter_id
        uses_sudo = self.env["constituent.letter.clause.use"].sudo()
        groups = uses_sudo._read_group(
            [("correspondence_id", "in", letters_sudo.ids), ("looked_at", "=", False)],
            ["clause_id", "version_id", "lang"],
            ["id:min"],
        )
        return uses_sudo.browse(row[-1] for row in groups)._trouble_today()

    def _is_approved(self):
        self.ensure_one()
        return self.state in ("approved", "sending", "paused", "done") and (
            self.approved_digest == self._approval_digest()
        )
