import gc
import logging
import traceback

from markupsafe import Markup
from psycopg2 import OperationalError
from psycopg2.errors import DeadlockDetected, SerializationFailure

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tools import SQL

from .constituent_letter_batch import BUSY_STATES, PAUSED_STATES

_logger = logging.getLogger(__name__)
# So many letters are one transaction: written, or printed and sealed.
WRITE_SLICE, SEND_SLICE = 50, 10
SAMPLE = 12
# So often in a row two processes may get in each other's way before one gives up.
CLASHES = 5


class ConstituentLetterBatch(models.Model):
    """Writing and sending in the background, in slices, by two scheduled actions.

    Each takes lines that nobody else holds (SKIP LOCKED), works on a slice and commits. What
    a killed process was at is undone with its transaction and taken up by the next.
    """

    _name = "constituent.letter.batch"
    _inherit = "constituent.letter.batch"

    def action_prepare(self):
        """Write the letters, or go on with it, in the background.

        :raises UserError: neither a draft nor paused while written, or nobody or no template
            chosen
        """
        self._check_may_send()
        self._check_step(("draft", "halted"))
        for batch in self:
            if batch.state == "draft" and not batch.waiting_count:
                raise UserError(self.env._("Choose for whom the letters are first."))
            if not batch.template_id:
                raise UserError(self.env._("Choose the template of the letters first."))
        self._advance("preparing", sender_id=self.env.uid)
        self._wake()

    def action_send(self):
        """Send the letters, in the background.

        :raises AccessError: a clerk
        :raises UserError: not approved, not what was approved, or a blackout stops it
        """
        self._check_may_send()
        self._check_step(("approved", "paused"))
        for batch in self:
            batch._check_blackout()
            refused = batch._refuse_stale()
            if refused:
                return refused
        self._advance("sending", sender_id=self.env.uid)
        self._wake()
        return None

    def _refuse_stale(self):
        """Void the approval of a batch that is not what was approved, or needs another.

        :return dict | None: the notification that says so
        """
        self.ensure_one()
        gap = self._approval_gap()
        if not gap:
            return None
        self._decide("voided", comment=gap)
        self._take_back("rejected")
        return self._not_sent(
            self.env._("%(batch)s is not what was approved: read it again.", batch=self.name)
        )

    def action_pause(self):
        """Stop after the slice that is being worked on.

        :raises UserError: neither being written nor being sent
        """
        self._check_may_send()
        self._check_step(tuple(PAUSED_STATES))
        for batch in self:
            batch._advance(PAUSED_STATES[batch.state])

    def action_retry(self):
        """Try again what failed, without another approval of what was approved.

        :return dict | None: a notification when the rules ask for another one by now
        :raises UserError: it still waits, or nothing failed
        """
        self._check_may_send()
        self._check_step(("done", "paused", "written"))
        # The lines are written by the batch's steps only.
        failed_sudo = self.sudo().line_ids.filtered(lambda line: line.state == "failed")
        if not failed_sudo:
            raise UserError(self.env._("Nothing failed."))
        if "written" in self.mapped("state"):
            failed_sudo.write({"state": "waiting", "error": False})
            self._advance("preparing", sender_id=self.env.uid)
        else:
            self._retry_sending(failed_sudo)
            # Now that they are counted again.
            self._check_blackout()
            for batch in self:
                refused = batch._refuse_stale()
                if refused:
                    return refused
            self._advance("sending", sender_id=self.env.uid)
        self._wake()
        return None

    def _retry_sending(self, failed_sudo):
        """Let letters that failed when they were sent wait to be sent again.

        :param failed_sudo: lines, with superuser rights
        :raises UserError: none of them was written, so none was approved
        """
        written_sudo = failed_sudo.filtered("letter_id")
        if not written_sudo:
            raise UserError(
                self.env._(
                    "These letters were never written, so nobody approved them. Mend what is "
                    "said of each, and write to them from their cases or in another batch."
                )
            )
        written_sudo.write({"state": "written", "error": False})

    @api.model
    def _wake(self):
        for number in (1, 2):
            cron = self.env.ref(f"constituent_services.ir_cron_letter_batch_{number}")
            # Whoever starts a batch may not read scheduled actions.
            cron.sudo()._trigger()

    # In the background

    @api.model
    def _cron_run(self):
        """Go on with batches, in slices of the time the scheduler gives (10 s)."""
        cron = self.env["ir.cron"]
        batches = self.search([("state", "in", BUSY_STATES)], order="id")
        remaining = sum(batch.waiting_count + batch.written_count for batch in batches)
        if not cron._commit_progress(remaining=remaining):
            return
        for batch in batches:
            if not batch._work(cron._commit_progress):
                return

    def _work(self, seconds):
        """Do slice after slice until the end, a pause, or the time is over.

        :param seconds: called after each slice with how many letters; commits and returns
            how much time is left
        :return bool: whether there is time for another batch
        :raises OperationalError: another process was quicker again and again
        """
        self.ensure_one()
        # What Odoo itself holds is not looked at after each slice, only what the letters left:
        # a fifth of a second each time, for a second of work.
        gc.collect()
        gc.freeze()
        try:
            return self._work_slices(seconds)
        finally:
            gc.unfreeze()

    def _work_slices(self, seconds):
        tries_left = CLASHES
        while True:
            self.invalidate_recordset()
            if self.state not in BUSY_STATES:
                return True
            mine = self.with_user(self.sender_id).with_company(self.company_id)
            mine = mine.with_context(lang=self.sender_id.lang, tz=self.sender_id.tz)
            if mine._stop_for_blackout():
                seconds(0)
                return True
            try:
                done = mine._slice()
                if not done:
                    self._end_phase()
                left = seconds(done)
            except (SerializationFailure, DeadlockDetected):
                # The other process was quicker at the same lines, or said that all is done.
                self.env.cr.rollback()
                tries_left -= 1
                if not tries_left:
                    raise
                continue
            tries_left = CLASHES
            if not done:
                return True
            # Two hundred pages of pictures and trees would add up.
            self.env.invalidate_all()
            gc.collect()
            if not left:
                return False

    def _slice(self):
        """Work on lines that no other process holds; return how many."""
        state, size = ("waiting", WRITE_SLICE) if self.state == "preparing" else (
            "written", SEND_SLICE
        )  # fmt: skip
        self.env.flush_all()
        # That the other process was quicker is nothing to log: the slice is done again.
        self.env.cr.execute(
            SQL(
                "SELECT id FROM constituent_letter_batch_line WHERE batch_id = %s AND state = %s"
                " ORDER BY id LIMIT %s FOR UPDATE SKIP LOCKED",
                self.id, state, size,
            ),
            log_exceptions=False,
        )  # fmt: skip
        rows = self.env.cr.fetchall()
        # The lines are written by the batch's steps only.
        lines_sudo = self.env["constituent.letter.batch.line"].sudo().browse(row[0] for row in rows)
        for line_sudo in lines_sudo:
            work = self._write_one if state == "waiting" else self._send_line
            self._try(line_sudo, work)
        return len(lines_sudo)

    def _try(self, line_sudo, work):
        """Work on one letter; what is wrong with it is noted, and the others go on."""
        try:
            with self.env.cr.savepoint():
                work(line_sudo)
        except OperationalError:
            # Of the database, not of the letter: the slice is done again.
            raise
        except (UserError, ValidationError, AccessError) as error:
            line_sudo.write({"state": "failed", "error": str(error)})
        except Exception as error:
            # Where and what kind; the text of an error may carry personal data.
            where = "".join(traceback.format_tb(error.__traceback__))
            _logger.error("Letter of line %s: %s\n%s", line_sudo.id, type(error).__name__, where)
            line_sudo.write(
                {
                    "state": "failed",
                    "error": self.env._("An error of the program: see the server's log."),
                }
            )

    def _write_one(self, line_sudo):
        """Write one letter from the template, as the sender may."""
        vals = self._letter_vals_of_line(line_sudo)
        letter = self.env["constituent.correspondence"].create(vals)
        letter._advance("draft", batch_id=self.id)
        # Before what is missing in the letter: for want of it, its subject may be empty.
        if letter.template_gaps:
            raise UserError(
                self.env._(
                    "Nothing to put in: %(gaps)s",
                    gaps=", ".join(letter.template_gaps.split("\n")),
                )
            )
        letter._check_complete()
        line_sudo.write(
            {"state": "written", "letter_id": letter.id, "digest": letter._approval_digest()}
        )

    def _letter_vals_of_line(self, line_sudo):
        """Return the values of a line's letter, as the sender may know them."""
        case = self.env["constituent.case"].browse(line_sudo.case_id.id)
        if case:
            case.check_access("read")
            if case.confidentiality == "restricted":
                raise UserError(self._why_restricted())
            vals = self.template_id._letter_vals(case)
        else:
            vals = self.template_id._letter_vals_of(line_sudo.partner_id.with_env(self.env))
        vals["company_id"] = self.company_id.id
        if self.department_id:
            vals["department_id"] = self.department_id.id
        if self.signatory_ids:
            vals["signatory_ids"] = [fields.Command.set(self.signatory_ids.ids)]
        if self.medium != "preference":
            vals["medium"] = self.medium
        return vals

    def _why_restricted(self):
        return self.env._("Its case is restricted by now: it gets a letter of its own.")

    def _seen_by_counsel(self):
        given_sudo = self._approvals_given(self.approved_digest)
        return any((row.step or "").endswith(":counsel") for row in given_sudo)

    def _send_line(self, line_sudo):
        """Send one letter, when it is what was approved."""
        letter = self.env["constituent.correspondence"].browse(line_sudo.letter_id.id)
        if letter.state != "draft" or letter._approval_digest() != line_sudo.digest:
            raise UserError(
                self.env._("It is not what was approved: the letter or its addressee was changed.")
            )
        if letter._salutation_by_now():
            raise UserError(self.env._("Its addressee is greeted otherwise by now."))
        if letter._approval_is_restricted():
            raise UserError(self._why_restricted())
        if letter._approval_facts()["needs_counsel"] and not self._seen_by_counsel():
            raise UserError(self.env._("Counsel must see it by now: submit it by itself."))
        letter._check_complete()
        letter._advance(
            "approved",
            approved_by_id=self.approved_by_id.id,
            approved_at=self.approved_at,
            approved_digest=line_sudo.digest,
        )
        letter._send_one()
        line_sudo.state = "sent"

    def _end_phase(self):
        """Say that all is written, or sent, unless another process is still at it."""
        self.invalidate_recordset()
        busy = "waiting" if self.state == "preparing" else "written"
        # Locked lines are still there: whoever holds them ends the phase.
        rows = self.env.execute_query(
            SQL(
                "SELECT FROM constituent_letter_batch_line WHERE batch_id = %s AND state = %s"
                " LIMIT 1",
                self.id, busy,
            )
        )  # fmt: skip
        if rows:
            return
        if self.state == "preparing":
            self._advance("written")
            self._tell(self._written_sentence())
        elif self.state == "sending":
            self._advance("done", finished_at=fields.Datetime.now())
            self._tell(
                self.env._(
                    "Done: %(sent)s sent, %(failed)s failed.",
                    sent=self.sent_count,
                    failed=self.failed_count,
                )
            )

    def _written_sentence(self):
        if not self.failed_count:
            return self.env._("The letters are written: read the sample.")
        return self.env._(
            "%(written)s letters are written, %(failed)s failed: each says why.",
            written=self.written_count,
            failed=self.failed_count,
        )

    def _tell(self, text):
        self.message_post(
            body=text, subtype_xmlid="mail.mt_note", partner_ids=self.sender_id.partner_id.ids
        )

    # The sample

    sample = fields.Html(compute="_compute_sample", sanitize=False)

    @api.depends("state")
    def _compute_sample(self):
        for batch in self:
            shown = batch.state in ("written", "to_approve", "approved")
            # Whoever sees the batch reads its sample.
            letters_sudo = batch._sample().sudo() if shown and isinstance(batch.id, int) else ()
            batch.sample = Markup("<hr/>").join(letter._reading_page() for letter in letters_sudo)

    def action_read_sample(self):
        """Open the window in which the sample is read, and the batch decided on.

        :return dict: a window action
        :raises UserError: it does not wait for the user
        """
        self.ensure_one()
        if not self.waits_for_me:
            raise UserError(self.env._("%(batch)s does not wait for you.", batch=self.name))
        wizards = self.env["constituent.approval.wizard"]
        # The letters of the sample are shown to whoever decides on the batch.
        return wizards._open_with(self._sample().sudo(), self)

    def _sample_letters(self, letters):
        """Return which of some letters are in these batches."""
        # Whose letters they are; the right to read the batches was looked at.
        letters_sudo = letters.sudo().filtered(
            lambda letter: letter.batch_id in self and not letter._approval_is_restricted()
        )
        return letters_sudo.with_env(self.env)

    def _sample(self):
        """Return letters to read before the decision: first, last, and some between.

        Those whose text is longest and shortest are among them: there the template breaks.
        Not those that answer a case that became restricted, as their own or among others:
        they are not sent with the batch.
        """
        self.ensure_one()
        rows = self.env.execute_query(
            SQL(
                "SELECT l.letter_id FROM constituent_letter_batch_line l"
                " JOIN constituent_correspondence c ON c.id = l.letter_id"
                " LEFT JOIN constituent_case m ON m.id = c.case_id"
                " WHERE l.batch_id = %s AND l.state = 'written'"
                " AND m.confidentiality IS DISTINCT FROM 'restricted'"
                " AND NOT EXISTS (SELECT FROM constituent_correspondence_also_case_rel also"
                " JOIN constituent_case further ON further.id = also.case_id"
                " WHERE also.correspondence_id = c.id AND further.confidentiality = 'restricted')"
                " ORDER BY length(c.body), l.id",
                self.id,
            )
        )
        ids = [row[0] for row in rows]
        step = max(1, (len(ids) - 1) / (SAMPLE - 1))
        places = dict.fromkeys(round(number * step) for number in range(SAMPLE))
        return self.env["constituent.correspondence"].browse(
            ids[place] for place in places if place < len(ids)
        )
