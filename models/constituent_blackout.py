from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import SQL

from ..tools.opinion import ENOUGH, Opinion, likeness, own_words
from ..tools.text import html_to_text
from .constituent_letter_batch import WRITING_STATES

DAYS_BEFORE, THRESHOLD = 90, 100


class ConstituentBlackout(models.Model):
    """Days before an election on which an office sends no mass mail.

    As in the franking rules of legislatures: so many near-identical letters, unless each
    answers its recipient's own inquiry. Its changes stay in its history, and once it has
    begun it is not deleted: otherwise that would be an override nobody gave a reason for.
    """

    _name = "constituent.blackout"
    _inherit = ["constituent.master.mixin", "mail.thread"]
    _description = "Blackout Before an Election"
    _order = "date_to desc, id desc"

    name = fields.Char(string="Election", required=True, translate=True)
    company_id = fields.Many2one(
        "res.company",
        string="Office",
        index=True,
        tracking=True,
        help="Every office when empty.",
    )
    date_to = fields.Date(string="Election Day", required=True, tracking=True)
    days_before = fields.Integer(default=DAYS_BEFORE, required=True, tracking=True)
    date_from = fields.Date(compute="_compute_date_from", store=True)
    threshold = fields.Integer(
        default=THRESHOLD,
        required=True,
        tracking=True,
        help="From so many near-identical letters on they are mass mail.",
    )

    @api.depends("date_to", "days_before")
    def _compute_date_from(self):
        for blackout in self:
            blackout.date_from = blackout.date_to and blackout.date_to - timedelta(
                days=blackout.days_before
            )

    @api.constrains("days_before", "threshold")
    def _check_figures(self):
        for blackout in self:
            if not 0 <= blackout.days_before <= 366 or blackout.threshold < 1:
                raise ValidationError(
                    self.env._(
                        "%(election)s: up to 366 days before, and a threshold of 1 or more.",
                        election=blackout.name,
                    )
                )

    @api.ondelete(at_uninstall=False)
    def _unlink_except_begun(self):
        today = fields.Date.context_today(self)
        for blackout in self:
            if blackout.date_from <= today:
                raise UserError(
                    self.env._(
                        "%(election)s has begun and is kept. Correct its day or its figures "
                        "instead: the change stays in its history.",
                        election=blackout.name,
                    )
                )

    @api.model
    def _on(self, company, day):
        """Return the blackouts of an office on a day."""
        # Whoever starts a batch need not read the calendar.
        return self.sudo().search(
            Domain("company_id", "in", (False, company.id))
            & Domain("date_from", "<=", day)
            & Domain("date_to", ">=", day)
        )


class ConstituentLetterBatch(models.Model):
    """What a blackout stops, and a manager's word against it."""

    _name = "constituent.letter.batch"
    _inherit = "constituent.letter.batch"

    override_reason = fields.Char(string="Sent All the Same", readonly=True, copy=False)
    blackout_note = fields.Char(compute="_compute_blackout_note")

    @api.depends("state", "override_reason", "line_ids")
    def _compute_blackout_note(self):
        for batch in self:
            open_batch = batch.state not in ("done", "cancelled") and not batch.override_reason
            batch.blackout_note = open_batch and isinstance(batch.id, int) and batch._blackout()

    def _check_blackout(self):
        """Raise when a blackout stops the batch.

        :raises UserError: which election, and how many letters
        """
        for batch in self:
            stopped = not batch.override_reason and batch._blackout()
            if stopped:
                raise UserError(stopped)

    def _stop_for_blackout(self):
        """Pause a batch whose blackout has begun while it is sent; return whether it did."""
        self.ensure_one()
        stopped = self.state == "sending" and not self.override_reason and self._blackout()
        if stopped:
            self._advance("paused")
            self._tell(stopped)
        return bool(stopped)

    def _blackout(self):
        """Return which blackout stops the batch, in words; empty when none does."""
        for blackout_sudo in self.env["constituent.blackout"]._on(
            self.company_id, self._approval_today()
        ):
            count = self._mass_mail_count(blackout_sudo)
            if count >= blackout_sudo.threshold:
                return self.env._(
                    "%(election)s: from %(begin)s to %(end)s no %(most)s near-identical letters "
                    "or more go out that do not answer their recipients' own inquiries; with "
                    "this batch there are %(count)s. A manager may decide otherwise, with a "
                    "reason.",
                    election=blackout_sudo.name,
                    begin=blackout_sudo.date_from,
                    end=blackout_sudo.date_to,
                    most=blackout_sudo.threshold,
                    count=count,
                )
        return ""

    def _mass_mail_count(self, blackout):
        """Return how many unasked letters of this text there are in the blackout.

        Those of other batches count, also from another template that says nearly the same:
        nobody goes round it by making two of one; and those that were written by a batch and
        went alone, taken out of it or after its end.
        """
        lines_sudo = self.env["constituent.letter.batch.line"].sudo()  # counts only
        mine = lines_sudo.search_count(
            Domain("batch_id", "=", self.id)
            & Domain("is_answer", "=", False)
            & Domain("state", "in", ("waiting", "written", "sent"))
        )
        if not mine:
            return 0
        templates = self._near_identical_templates(blackout)
        on_their_way = lines_sudo.search_count(
            Domain("batch_id", "!=", self.id)
            & Domain("batch_id.template_id", "in", templates.ids)
            & Domain("batch_id.company_id", "=", self.company_id.id)
            & Domain("is_answer", "=", False)
            & Domain("state", "=", "written")
            & Domain("batch_id.state", "=", "sending")
        )
        return mine + on_their_way + self._mass_mail_sent(blackout, templates)

    def _mass_mail_sent(self, blackout, templates):
        """Return how many unasked letters of batches were sent in the blackout.

        By the letters, not the lines: a batch that is cancelled forgets its letters. Not those
        that this batch sent.

        :param blackout: since whose first day
        :param templates: from which the letters were begun
        """
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                "SELECT count(*) FROM constituent_correspondence c"
                " WHERE c.batch_id IS NOT NULL AND c.sent_at >= %s AND c.company_id = %s"
                " AND c.template_id = ANY(%s)"
                " AND NOT EXISTS (SELECT FROM constituent_letter_batch_line l"
                " WHERE l.letter_id = c.id AND l.state = 'sent'"
                " AND (l.is_answer OR l.batch_id = %s))"
                " AND NOT EXISTS (SELECT FROM constituent_letter_batch_line l"
                " WHERE l.batch_id = c.batch_id AND l.is_answer"
                " AND l.case_id = c.case_id AND l.partner_id = c.partner_id)",
                fields.Datetime.to_datetime(blackout.date_from),
                self.company_id.id,
                templates.ids,
                self.id,
            )
        )
        return rows[0][0]

    def _near_identical_templates(self, blackout):
        """Return the template, and those of other batches that say nearly the same."""
        begin = fields.Datetime.to_datetime(blackout.date_from)
        # Counted across the office, whichever batches the user may see.
        others_sudo = self.sudo().search(
            Domain("company_id", "=", self.company_id.id)
            & Domain("id", "!=", self.id)
            & Domain("template_id", "not in", (False, self.template_id.id))
            & (Domain("state", "in", ("sending", "paused")) | Domain("finished_at", ">=", begin))
        )
        # As above: also of batches that are cancelled, or whose letters went before them.
        letters_sudo = self.env["constituent.correspondence"].sudo()
        sent = letters_sudo._read_group(
            Domain("batch_id", "!=", False)
            & Domain("company_id", "=", self.company_id.id)
            & Domain("sent_at", ">=", begin),
            ["template_id"],
        )
        found_sudo = others_sudo.template_id.union(*(template for (template,) in sent))
        # What the template says is in each letter.
        mine = self.template_id.sudo()._said()
        return self.template_id | (found_sudo - self.template_id.sudo()).filtered(
            lambda template: likeness(mine, template._said()) >= ENOUGH
        ).with_env(self.env)

    def _take_back(self, state, **vals):
        """Go back; what a manager let go was this batch, not what becomes of it."""
        if state in ("draft", "cancelled"):
            vals["override_reason"] = False
        return super()._take_back(state, **vals)

    def _override_blackout(self, reason):
        """Let a batch go in spite of a blackout; kept in its decisions.

        :param str reason: why
        :raises AccessError: not a manager
        :raises UserError: no reason, nothing stops it, or its letters are not written
        """
        self.ensure_one()
        self.check_access("write")
        if not self.env.user.has_group("constituent_services.group_manager"):
            raise AccessError(self.env._("A manager decides what goes out before an election."))
        reason = (reason or "").strip()
        if not reason:
            raise UserError(self.env._("Say why it may go out all the same."))
        stopped = self._blackout()
        if not stopped or self.state in ("draft", *WRITING_STATES):
            # What is let go is a batch as it is: not one that grows afterwards.
            raise UserError(
                self.env._("%(batch)s: write the letters first.", batch=self.name)
                if stopped
                else self.env._("%(batch)s: no blackout stops it.", batch=self.name)
            )
        self._decide("overridden", comment=f"{stopped} {reason}")
        self._advance(self.state, override_reason=reason)


class ConstituentLetterTemplate(models.Model):
    """What a template says, to be compared."""

    _name = "constituent.letter.template"
    _inherit = "constituent.letter.template"

    def _said(self):
        """Return the words of the template as they are compared with another's.

        :return Opinion: in English, by which all templates are written
        """
        body = self.with_context(lang="en_US").body
        return Opinion(own_words(html_to_text(body or "")))
