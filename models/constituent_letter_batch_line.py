from odoo import api, fields, models
from odoo.exceptions import AccessError

from .constituent_letter_batch import LINE_STATES, WRITING_STATES


class ConstituentLetterBatchLine(models.Model):
    """One letter of a batch: for whom, how far, and why not."""

    _name = "constituent.letter.batch.line"
    _description = "Letter of a Batch"
    _order = "batch_id, id"
    _rec_name = "partner_id"

    batch_id = fields.Many2one(
        "constituent.letter.batch", required=True, index=True, ondelete="cascade", readonly=True
    )
    case_id = fields.Many2one(
        "constituent.case", index="btree_not_null", ondelete="restrict", readonly=True
    )
    partner_id = fields.Many2one(
        "res.partner",
        string="Addressee",
        required=True,
        index=True,
        ondelete="restrict",
        readonly=True,
    )
    letter_id = fields.Many2one(
        "constituent.correspondence", index="btree_not_null", ondelete="restrict", readonly=True
    )
    state = fields.Selection(LINE_STATES, required=True, default="waiting", readonly=True)
    error = fields.Char(string="Why Not", readonly=True)
    digest = fields.Char(string="SHA-256", readonly=True, help="Of the letter as it was written.")
    is_answer = fields.Boolean(
        string="Answers Them",
        readonly=True,
        help="The addressee brought the case, and it is open or was closed in the last 90 days: "
        "the letter answers their own inquiry.",
    )
    company_id = fields.Many2one(related="batch_id.company_id", store=True, index=True)

    _batch_case_uniq = models.UniqueIndex(
        "(batch_id, case_id) WHERE case_id IS NOT NULL", "A case is in a batch once."
    )
    # Not unique: when two contacts become one, both letters stay.
    _batch_partner_idx = models.Index("(batch_id, partner_id) WHERE case_id IS NULL")
    _batch_state_idx = models.Index("(batch_id, state, id)")

    def action_take_out(self):
        """Take letters out of a batch that is not sent yet.

        :raises AccessError: not the user's batch to change
        """
        self.batch_id.check_access("write")
        batches = self.batch_id.filtered(
            lambda batch: batch.state in ("draft", "written", "paused")
        )
        if batches != self.batch_id:
            raise AccessError(
                self.env._("Letters are taken out while the batch is read, or paused.")
            )
        # The lines are written by the batch's steps only.
        lines_sudo = self.sudo().filtered(lambda line: line.state != "sent")
        lines_sudo.state = "taken_out"

    def action_open_letter(self):
        """Open the letter.

        :return dict: a window action
        """
        self.ensure_one()
        return self.letter_id.action_open()

    @api.model
    def _letter_was_changed(self, letters, moved):
        """Take letters out of their batches that somebody changed by themselves.

        While a batch is read its letters' words may be changed, not for whom they are: by
        that it was chosen, and by that they are answers or mass mail.

        :param letters: constituent.correspondence, just written
        :param moved: those to another addressee, about another case or of another office
        """
        # Whoever may write a letter may do so, whichever batch it is of.
        lines_sudo = self.sudo().search(
            [("letter_id", "in", letters.ids), ("state", "=", "written")]
        )
        for line_sudo in lines_sudo:
            batch_sudo = line_sudo.batch_id
            if line_sudo.letter_id in moved:
                line_sudo.write(
                    {
                        "state": "taken_out",
                        "error": self.env._(
                            "It goes to somebody else, or answers another case, than the letter "
                            "the batch wrote."
                        ),
                    }
                )
            elif batch_sudo.state in (*WRITING_STATES, "written"):
                line_sudo.digest = line_sudo.letter_id._approval_digest()
            else:
                line_sudo.write(
                    {
                        "state": "taken_out",
                        "error": self.env._("Changed after it was submitted."),
                    }
                )
