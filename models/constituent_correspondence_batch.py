from odoo import fields, models
from odoo.exceptions import UserError

from .constituent_correspondence import CONTENT_FIELDS

# Of lines whose letters were approved with their batch; some failed when they were sent.
APPROVED_WITH = ("written", "sent", "failed")
# For whom and about what a batch wrote a letter: another one is none of its letters.
WRITTEN_FOR = ("partner_id", "case_id", "company_id")


class ConstituentCorrespondence(models.Model):
    """A letter that was written with many others."""

    _name = "constituent.correspondence"
    _inherit = "constituent.correspondence"

    batch_id = fields.Many2one(
        "constituent.letter.batch",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
    )
    batch_note = fields.Char(compute="_compute_batch_note", compute_sudo=False)

    def _compute_batch_note(self):
        lines_sudo = self._origin._lines_to_go_sudo() if self else ()
        batches = {line_sudo.letter_id.id: line_sudo.batch_id for line_sudo in lines_sudo}
        for letter in self:
            batch_sudo = batches.get(letter._origin.id)
            letter.batch_note = batch_sudo and self.env._(
                "One of the letters of the batch “%(batch)s”: it is approved and sent with them.",
                batch=batch_sudo.name,
            )

    def write(self, vals):
        """Write; a letter that somebody changes leaves the approval of its batch.

        One that goes to another addressee or answers another case leaves the batch itself.
        """
        if not CONTENT_FIELDS & vals.keys():
            return super().write(vals)
        # Compared with what it will be; whether it may be written at all is looked at there.
        in_batches_sudo = self.sudo().filtered("batch_id")
        before = {letter.id: letter._written_for() for letter in in_batches_sudo}
        result = super().write(vals)
        if in_batches_sudo:
            moved_sudo = in_batches_sudo.filtered(
                lambda letter: letter._written_for() != before[letter.id]
            )
            lines = self.env["constituent.letter.batch.line"]
            lines._letter_was_changed(in_batches_sudo, moved_sudo)
        return result

    def _written_for(self):
        return [self[name] for name in WRITTEN_FOR]

    def action_open_batch(self):
        """Return the action that shows the letter's batch.

        :raises AccessError: the batch is not the user's to read
        """
        self.ensure_one()
        self.batch_id.check_access("read")
        return self.batch_id.get_formview_action()

    # With its batch, or alone

    def action_submit(self):
        """Hand over for approval.

        :raises UserError: see the other parts; or it waits to be sent with its batch
        """
        self._check_goes_alone()
        return super().action_submit()

    def _approve(self, comment="", with_signature=False):
        self._check_goes_alone()
        return super()._approve(comment, with_signature)

    def action_send(self):
        """Send letters by themselves.

        :return dict | None: see the other parts
        :raises UserError: see the other parts; or it waits to be sent with its batch
        """
        self._check_goes_alone()
        return super().action_send()

    def _check_goes_alone(self):
        """Raise when letters wait to be sent with a batch: its rules and blackouts hold for them.

        Not those that were taken out or failed, nor of a batch that is over.

        :raises UserError: names the first letter and its batch
        """
        self.check_access("read")
        line_sudo = self._lines_to_go_sudo()[:1]
        if line_sudo:
            raise UserError(
                self.env._(
                    "%(letter)s is approved and sent with its batch, “%(batch)s”. To send it by "
                    "itself, take it out of the batch's letters first.",
                    letter=line_sudo.letter_id.display_name,
                    batch=line_sudo.batch_id.display_name,
                )
            )

    def _lines_to_go_sudo(self):
        """Return the lines with which letters wait to be sent, with superuser rights."""
        # That a letter is one of a batch's counts, whoever may read the batch.
        lines_sudo = self.env["constituent.letter.batch.line"].sudo()
        return lines_sudo.search(
            [
                ("letter_id", "in", self.ids),
                ("state", "=", "written"),
                ("batch_id.state", "not in", ("done", "cancelled")),
            ]
        )

    def _approvals_given(self, content_digest=None):
        """Return the approvals of the letter, or those of the batch it was sent with."""
        given_sudo = super()._approvals_given(content_digest)
        # Whoever may read a letter may know who approved it.
        batch_sudo = self.sudo().batch_id
        if given_sudo or not batch_sudo:
            return given_sudo
        line_sudo = (
            self.env["constituent.letter.batch.line"]
            .sudo()
            .search([("letter_id", "=", self.id), ("batch_id", "=", batch_sudo.id)], limit=1)
        )
        wanted = content_digest or self._approval_digest()
        # What was taken out before has no part in the approval.
        if line_sudo.state not in APPROVED_WITH or line_sudo.digest != wanted:
            return given_sudo
        if not batch_sudo.approved_digest:
            return given_sudo
        return batch_sudo._approvals_given(batch_sudo.approved_digest)
