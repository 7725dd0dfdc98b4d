from odoo import api, fields, models
from odoo.exceptions import UserError


class ConstituentLetterBatch(models.Model):
    """Steps of a batch beside its straight way: the sample read, back, and ended early."""

    _name = "constituent.letter.batch"
    _inherit = "constituent.letter.batch"

    def action_submit(self):
        """Hand over for approval; what failed before has no part in it.

        :raises UserError: not written, without letters, or a blackout stops it
        """
        result = super().action_submit()
        # The lines are written by the batch's steps only. One whose letter nobody reads now
        # would be sent by trying again, after another approval than its own.
        failed_sudo = self.sudo().line_ids.filtered(
            lambda line: line.state == "failed" and line.letter_id
        )
        failed_sudo.write({"state": "taken_out"})
        return result

    # Beside the letters that wait one by one

    @api.model
    def waiting_for_me(self):
        """Return the batches the user has to decide on, for above their stack of letters.

        :return list: a dict each: id, name, count (of letters); the longest waiting first
        """
        if not self.has_access("read"):
            return []
        batches = self.search([("waits_for_me", "=", True)], order="submitted_at, id")
        return [
            {"id": batch.id, "name": batch.name, "count": batch.written_count} for batch in batches
        ]

    # The sample is read before the decision

    def action_read_sample(self):
        """Open the window in which the sample is read, and note who opened it.

        :return dict: a window action
        :raises UserError: it does not wait for the user
        """
        action = super().action_read_sample()
        if not self._was_read():
            self._decide("read")
        return action

    def _was_read(self):
        """Return whether the user was shown the sample of the batch as it is now."""
        self.ensure_one()
        # Whoever may read the batch may know who read its sample.
        rows_sudo = self.sudo().approval_ids.sorted("id")
        last = rows_sudo.filtered(lambda row: row.decision == "submitted")[-1:]
        content_digest = self._approval_digest()
        return any(
            row.decision == "read"
            and row.id > last.id
            and row.user_id == self.env.user
            and row.digest == content_digest
            for row in rows_sudo
        )

    def _check_as_read(self):
        """Raise when the batch is not what the user read, or they read none of it.

        :raises UserError: somebody changed it meanwhile, or the sample was not opened
        """
        super()._check_as_read()
        # Code that nobody is asked by (a bench, a migration) has no eyes.
        if self.env.su and not self.waiting_for_ids:
            return
        if not self._was_read():
            raise UserError(
                self.env._(
                    "%(batch)s: read the sample first, with the button “Read the Sample and "
                    "Decide”. One decision holds for all of its letters.",
                    batch=self.name,
                )
            )

    # Back and to the end

    def action_reset_draft(self):
        """Begin choosing again; letters that were written and not sent are thrown away.

        :raises UserError: choosing already, being worked on, paused or done
        """
        self._withdraw("draft", ("halted", "written", "to_approve", "approved", "cancelled"))

    def action_cancel(self):
        """Cancel batches; letters that were written and not sent go with them.

        :raises UserError: being worked on, paused (which is ended), done or cancelled
        """
        self._withdraw("cancelled", ("draft", "halted", "written", "to_approve", "approved"))

    def action_end(self):
        """End paused batches: what was not sent by now is not sent with them.

        :raises AccessError: a clerk
        :raises UserError: not paused
        """
        self._check_may_send()
        self._check_step(("paused",))
        for batch in self:
            # The lines and letters are the batch's own, whoever may see which case.
            lines_sudo = batch.sudo().line_ids.filtered(
                lambda line: line.state in ("waiting", "written", "failed")
            )
            batch._cancel_letters(lines_sudo)
            unsaid_sudo = lines_sudo.filtered(lambda line: not line.error)
            unsaid_sudo.write({"error": self.env._("The batch was ended before.")})
            lines_sudo.write({"state": "taken_out"})
            batch._advance("done", finished_at=fields.Datetime.now())
            batch._tell(
                self.env._(
                    "Ended: %(sent)s sent, %(left)s not sent.",
                    sent=batch.sent_count,
                    left=len(lines_sudo),
                )
            )

    def _cancel_letters(self, lines_sudo):
        """Cancel drafts of letters that are not sent with the batch.

        Cancelled, not deleted: somebody may have decided on one by itself.

        :param lines_sudo: of this batch, with superuser rights
        """
        letters_sudo = lines_sudo.letter_id.filtered(lambda letter: letter.state == "draft")
        letters_sudo._take_back("cancelled")
