from odoo import fields, models

from .constituent_correspondence import CONTENT_FIELDS

# Of lines whose letters were approved with their batch; some failed when they were sent.
APPROVED_WITH = ("written", "sent", "failed")


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

    def write(self, vals):
        """Write; a letter that somebody changes leaves the approval of its batch."""
        result = super().write(vals)
        if CONTENT_FIELDS & vals.keys():
            in_batches = self.filtered("batch_id")
            if in_batches:
                self.env["constituent.letter.batch.line"]._letter_was_changed(in_batches)
        return result

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
