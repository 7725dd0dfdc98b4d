import pytz

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain

from ..tools.postal import LABELS, sort_key

RUN_STATES = [
    ("draft", "New"),
    ("printing", "Making the Print File"),
    ("ready", "Ready"),
    ("posted", "Posted"),
    ("failed", "Failed"),
]
# What whoever begins a run may say; all else is written by its own steps.
GIVEN = {"company_id", "duplex", "label_start", "is_restricted", "note"}
# Afterwards
CHANGED = {"duplex", "label_start", "note"}
# One run of more is two days' work of an office, and a file no printer takes.
RUN_LETTERS = 20_000


class ConstituentPostRun(models.Model):
    """The post of a day: sealed letters in the order of their ZIP codes, one print file.

    This file holds the record and its steps; the print file is made in `_file`, slice by
    slice, and envelopes, labels and the posting list in `_print`.
    """

    _name = "constituent.post.run"
    _inherit = ["mail.thread"]
    _description = "Post Run"
    _order = "id desc"

    name = fields.Char(string="Run", readonly=True, copy=False)
    day = fields.Date(readonly=True, copy=False)
    company_id = fields.Many2one(
        "res.company",
        string="Office",
        required=True,
        index=True,
        default=lambda self: self.env.company,
    )
    user_id = fields.Many2one(
        "res.users",
        string="Begun By",
        readonly=True,
        required=True,
        default=lambda self: self.env.uid,
        ondelete="restrict",
    )
    state = fields.Selection(
        RUN_STATES, required=True, readonly=True, default="draft", copy=False, tracking=True
    )
    is_restricted = fields.Boolean(
        string="Letters of Restricted Cases",
        help="A run of its own, seen by those who may see restricted cases.",
    )
    duplex = fields.Boolean(
        string="Printed on Both Sides",
        help="A blank back follows a letter with an odd number of pages.",
    )
    label_start = fields.Integer(
        string="First Free Label",
        default=1,
        help="On a sheet of 30 that was begun: counted row by row, from 1.",
    )
    note = fields.Char()
    letter_ids = fields.One2many("constituent.correspondence", "post_run_id", string="Letters")
    letter_count = fields.Integer(string="Number of Letters", readonly=True, copy=False)
    waiting_count = fields.Integer(
        compute="_compute_waiting_count", string="Waiting Letters", help="In no run yet."
    )
    left_out = fields.Text(
        readonly=True,
        copy=False,
        help="Letters that are not in the print file, and why. They wait for the next run.",
    )

    # The print file
    document_id = fields.Many2one(
        "ir.attachment", string="Print File", readonly=True, copy=False, ondelete="restrict"
    )
    document_sha256 = fields.Char(string="SHA-256", readonly=True, copy=False)
    page_count = fields.Integer(string="Pages", readonly=True, copy=False)
    done_count = fields.Integer(string="Letters Done", readonly=True, copy=False)
    progress = fields.Float(compute="_compute_progress", help="Per cent of the letters.")
    error = fields.Text(string="What Went Wrong", readonly=True, copy=False)
    posted_at = fields.Datetime(readonly=True, copy=False)
    posted_by_id = fields.Many2one("res.users", readonly=True, copy=False, ondelete="restrict")

    _label_start_range = models.Constraint(
        f"CHECK (label_start BETWEEN 1 AND {LABELS})",
        "A sheet has the labels 1 to 30: the first free one is among them.",
    )
    _printing_idx = models.Index("(id) WHERE state = 'printing'")

    # Computes

    @api.depends("letter_count", "done_count", "state")
    def _compute_progress(self):
        for run in self:
            run.progress = 100 * run.done_count / run.letter_count if run.letter_count else 0
            if run.state in ("ready", "posted"):
                run.progress = 100

    @api.depends("company_id", "is_restricted", "state")
    def _compute_waiting_count(self):
        for run in self:
            letters = self.env["constituent.correspondence"]
            run.waiting_count = letters.search_count(run._waiting_domain(), limit=RUN_LETTERS)

    def _waiting_domain(self):
        """Return which letters wait for a run like this one."""
        restricted = [("confidentiality", "=", "restricted")]
        of_restricted = Domain("case_id", "any", restricted)
        of_restricted |= Domain("also_case_ids", "any", restricted)
        return (
            Domain("company_id", "=", self.company_id.id)
            & Domain("post_state", "=", "waiting")
            & Domain("state", "in", ("sending", "sent"))
            & (of_restricted if self.is_restricted else ~of_restricted)
        )

    # CRUD

    @api.model_create_multi
    def create(self, vals_list):
        """Begin runs, with the letters that wait.

        :raises AccessError: a column that is not given by hand, or a run of restricted
            cases by somebody who may not see those
        """
        for vals in vals_list:
            self._check_given(vals, GIVEN)
        clean = [{name: vals[name] for name in vals if name in GIVEN} for vals in vals_list]
        runs = super().create(
            [{**vals, "user_id": self.env.uid, "state": "draft"} for vals in clean]
        )
        for run in runs:
            run._name_run()
            run._gather()
        return runs

    def write(self, vals):
        """Write; what a run says of itself is not changed by hand.

        :raises AccessError: such a column
        """
        kept = vals.keys() - CHANGED - {"message_follower_ids", "message_ids"}
        # Emptying is changing, too.
        self._check_given(dict.fromkeys(kept, True), ())
        if {"duplex"} & vals.keys() and any(run.state not in ("draft", "failed") for run in self):
            raise UserError(self.env._("The print file is made already: take the run back first."))
        return super().write(vals)

    def _check_given(self, vals, allowed):
        wrong = {name for name in vals if name not in allowed and vals[name]}
        if wrong and not self.env.su:
            raise AccessError(self.env._("What a post run says of itself is not changed by hand."))
        may_see = self.env.user.has_group("constituent_services.group_restricted")
        if vals.get("is_restricted") and not self.env.su and not may_see:
            raise AccessError(
                self.env._("Letters of restricted cases are posted by who may see those cases.")
            )

    def unlink(self):
        """Delete runs that were not posted; their letters wait again.

        :raises UserError: posted, or being printed
        """
        self.check_access("unlink")
        for run in self:
            if run.state not in ("draft", "failed"):
                raise UserError(
                    self.env._("%(run)s is kept: it says what was posted.", run=run.display_name)
                )
        self._release(self.letter_ids)
        return super().unlink()

    def _name_run(self):
        """Name a run by its day in the office's time zone, and its number in that day."""
        zone = pytz.timezone(self.env["res.company"]._office(self.company_id.id).tz)
        day = pytz.utc.localize(fields.Datetime.now()).astimezone(zone).date()
        # How many, of those too that the user may not see.
        others_sudo = self.sudo().search_count(
            [("company_id", "=", self.company_id.id), ("day", "=", day), ("id", "<", self.id)]
        )
        self._step(name=f"{day.isoformat()} / {others_sudo + 1}", day=day)

    def _step(self, **vals):
        """Write what a run's own steps write; the caller has checked who takes it."""
        # Whoever works with the run does not write these by hand: see `write`.
        self.sudo().write(vals)

    # Gathering

    def action_gather(self):
        """Take in what came to wait since the run was begun.

        :raises UserError: its print file is made already
        """
        self._check_step(("draft", "failed"))
        for run in self:
            run._gather()

    def _gather(self):
        """Take the waiting letters into the run, each into one run only.

        Letters somebody else works on are left for the next run.
        """
        letters = self.env["constituent.correspondence"]
        waiting = letters.search(self._waiting_domain(), order="id", limit=RUN_LETTERS)
        # Whoever begins a run may not write every letter it posts.
        waiting_sudo = waiting.sudo().try_lock_for_update(allow_referencing=True)
        # Read again: before the lock somebody may have been quicker.
        waiting_sudo.invalidate_recordset(["post_state"])
        waiting_sudo = waiting_sudo.filtered(lambda letter: letter.post_state == "waiting")
        waiting_sudo._note_post(post_state="run", post_run_id=self.id)
        self._put_in_order()

    def _put_in_order(self):
        """Order the letters as the post wants them: by ZIP code, then street."""
        # As above: the order is the run's, not the letter's text.
        letters_sudo = self._letters_sudo()
        ordered = letters_sudo.sorted(
            lambda letter: (
                *sort_key(letter.printed_address, letter.printed_name or ""),
                letter.id,
            )
        )
        places = [(letter.id, place) for place, letter in enumerate(ordered, start=1)]
        if places:
            # One statement for thousands of rows; the column is not sealed.
            self.env.cr.execute_values(
                "UPDATE constituent_correspondence AS letter SET post_order = place.place"
                " FROM (VALUES %s) AS place (id, place) WHERE letter.id = place.id",
                places,
            )
            letters_sudo.invalidate_recordset(["post_order"])
        self._step(letter_count=len(places))

    def _letters_sudo(self, after=0, limit=None):
        """Return the letters of the run in its order, whoever may open each of them.

        :param int after: only those behind this place
        :param int limit: how many at most
        """
        # Who may see the run posts all that is in it.
        letters_sudo = self.env["constituent.correspondence"].sudo()
        domain = Domain("post_run_id", "=", self.id)
        if after:
            domain &= Domain("post_order", ">", after)
        return letters_sudo.search(domain, order="post_order, id", limit=limit)

    def _take_out(self, letters):
        """Take letters out of runs whose print file is not made: they wait again.

        :param letters: of these runs
        :raises UserError: the print file is made already
        """
        self._check_step(("draft", "failed"))
        self._release(letters)
        for run in self:
            run._put_in_order()

    def _release(self, letters):
        """Let letters wait for another run."""
        # Bookkeeping of the run: the user may not write every letter it posts.
        letters_sudo = letters.sudo()
        letters_sudo._note_post(post_state="waiting", post_run_id=False, post_order=False)

    # Steps

    def action_posted(self):
        """Note that the letters were handed to the post; it stands in each case's history.

        :raises UserError: the print file is not made
        """
        self._check_step(("ready",))
        now = fields.Datetime.now()
        for run in self:
            letters_sudo = run._letters_sudo()
            letters_sudo._note_post(post_state="posted")
            rows = [
                (
                    case,
                    {
                        "kind": "letter_posted",
                        "note": self.env._(
                            "%(letter)s went to the post (run %(run)s).",
                            letter=letter.reference,
                            run=run.name,
                        ),
                        "correspondence_id": letter.id,
                        "partner_id": letter.partner_id.id,
                    },
                )
                for letter in letters_sudo
                for case in letter._answered_cases()
            ]
            self.env["constituent.case"]._log_events(rows)
            run._step(state="posted", posted_at=now, posted_by_id=self.env.uid)

    def action_take_back(self):
        """Take a run back whose print file is not used; the letters stay in it.

        :raises UserError: posted already, or being made
        """
        self._check_step(("ready", "failed"))
        for run in self:
            run._drop_file()
            run._step(state="draft", done_count=0, error=False)

    def _check_step(self, states):
        """Raise unless the user may write the runs and all stand in one of the states."""
        self.check_access("write")
        self.lock_for_update(allow_referencing=True)
        labels = dict(self._fields["state"]._description_selection(self.env))
        for run in self:
            if run.state not in states:
                raise UserError(
                    self.env._(
                        "Post run %(run)s is “%(state)s”: this step is not open to it.",
                        run=run.display_name,
                        state=labels[run.state],
                    )
                )

    def action_letters(self):
        """Open the letters of the run in a list.

        :return dict: a window action
        """
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "constituent_services.constituent_correspondence_action"
        )
        action.update(
            name=self.env._("Letters of Post Run %(run)s", run=self.name),
            domain=[("post_run_id", "=", self.id)],
            context={},
        )
        return action
