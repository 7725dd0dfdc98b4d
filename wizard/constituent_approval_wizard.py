from odoo import api, fields, models
from odoo.exceptions import UserError

# So many letters are read in one window.
READ_AT_ONCE = 40


class ConstituentApprovalWizard(models.TransientModel):
    """Letters to read one below the other, and to decide on after that.

    What is approved is what was read: each line keeps the digest of the letter as it was
    shown, and a letter that was changed meanwhile is refused.
    """

    _name = "constituent.approval.wizard"
    _inherit = ["constituent.wizard.mixin"]
    _description = "Read and Decide"

    line_ids = fields.One2many("constituent.approval.wizard.line", "wizard_id")
    batch_id = fields.Many2one("constituent.letter.batch", readonly=True, ondelete="cascade")
    batch_digest = fields.Char(readonly=True)
    sample_note = fields.Char(compute="_compute_sample_note")
    comment = fields.Text(help="Kept with the decision; what to change, when you send back.")
    may_sign = fields.Boolean(compute="_compute_may_sign")
    letter_count = fields.Integer(related="batch_id.written_count", related_sudo=False)

    @api.depends("line_ids")
    @api.depends_context("uid")
    def _compute_may_sign(self):
        for wizard in self:
            asked = wizard.batch_id or wizard.line_ids.letter_id
            wizard.may_sign = bool(asked) and all(asked.mapped("may_sign"))

    @api.depends("batch_id")
    def _compute_sample_note(self):
        for wizard in self:
            wizard.sample_note = wizard.batch_id and self.env._(
                "A sample of %(count)s letters: the shortest, the longest, and some between. "
                "What you decide holds for all of them.",
                count=wizard.batch_id.written_count,
            )

    @api.model_create_multi
    def create(self, vals_list):
        """Create; only for a batch the user may read.

        :raises AccessError: as Odoo words it
        """
        wizards = super().create(vals_list)
        wizards.batch_id.check_access("read")
        return wizards

    def write(self, vals):
        """Write; only for a batch the user may read.

        :raises AccessError: as Odoo words it
        """
        result = super().write(vals)
        self.batch_id.check_access("read")
        return result

    @api.model
    def _open_for(self, letters):
        """Return the window in which letters are read.

        :param letters: those to decide on; none: those that have waited longest
        :return dict: a window action
        :raises UserError: none of them waits for the user, or too many to read
        """
        if not letters:
            letters = letters.search(
                [("waits_for_me", "=", True)], order="submitted_at, id", limit=READ_AT_ONCE
            )
            if not letters:
                raise UserError(self._nothing_waits())
        mine = letters.filtered("waits_for_me")
        # A changed name is read as it will be printed; whose turn it is may change with it.
        mine.action_take_salutation()
        mine = mine.filtered("waits_for_me")
        if not mine:
            raise UserError(self.env._("None of these letters waits for you."))
        if len(mine) > READ_AT_ONCE:
            raise UserError(
                self.env._(
                    "%(count)s letters are too many to read at once: choose up to %(most)s.",
                    count=len(mine),
                    most=READ_AT_ONCE,
                )
            )
        return self._open_with(mine)

    @api.model
    def _nothing_waits(self):
        """Return that no letter waits for the user, and which batches do."""
        batches = self.env["constituent.letter.batch"].waiting_for_me()
        if not batches:
            return self.env._("No letter waits for you.")
        return self.env._(
            "No letter waits for you by itself. Batches do; open them above the list: %(batches)s",
            batches=", ".join(batch["name"] for batch in batches),
        )

    @api.model
    def _open_with(self, letters, batch=None):
        """Return the window with letters to read; those of a batch are a sample of it."""
        wizard = self.create(
            {
                "batch_id": batch and batch.id,
                "batch_digest": batch and batch._approval_digest(),
                "line_ids": [
                    fields.Command.create(
                        {"letter_id": letter.id, "digest": letter._approval_digest()}
                    )
                    for letter in letters
                ],
            }
        )
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Read and Decide"),
            "res_model": self._name,
            "res_id": wizard.id,
            "views": [(False, "form")],
            "target": "new",
        }

    def action_approve_all(self):
        """Approve what was read and not left out; what has a comment of its own goes back.

        :return dict: closes the window
        :raises UserError: one of them was changed since, or is decided already
        """
        return self._decide_all(with_signature=False)

    def action_sign_all(self):
        """Approve what was read, and authorize the scanned signature on each."""
        return self._decide_all(with_signature=True)

    def _decide_all(self, with_signature):
        self.ensure_one()
        if self.batch_id:
            batch = self.batch_id.with_context(constituent_read_digest=self.batch_digest)
            batch._approve(self.comment, with_signature)
            return {"type": "ir.actions.act_window_close"}
        lines = self._lines_with_the_others()
        digests = {str(line.letter_id.id): line.digest for line in lines}
        letters = lines.letter_id.with_context(constituent_read_digest=digests)
        letters._approve(self.comment, with_signature)
        self._return_by_themselves()
        return {"type": "ir.actions.act_window_close"}

    def _lines_with_the_others(self):
        """Return the lines the buttons decide on.

        :raises UserError: every letter is left out
        """
        if set(self.line_ids.mapped("answer")) == {"out"} and not self.batch_id:
            raise UserError(self.env._("Every letter is left out: there is nothing to decide."))
        return self.line_ids.filtered(lambda line: line.answer == "with")

    def _return_by_themselves(self):
        """Send back the letters that have a comment of their own.

        :raises UserError: one of them has none
        """
        for line in self.line_ids.filtered(lambda line: line.answer == "back"):
            comment = (line.comment or "").strip()
            if not comment:
                raise UserError(
                    self.env._(
                        "%(letter)s: say what is to be changed.",
                        letter=line.letter_id.display_name,
                    )
                )
            line.letter_id.action_reject(comment)

    def action_return_all(self):
        """Send back what was read, with the comment.

        :return dict: closes the window
        :raises UserError: no comment
        """
        self.ensure_one()
        lines = self._lines_with_the_others()
        if lines and not (self.comment or "").strip():
            raise UserError(self.env._("Say what is to be changed."))
        if self.batch_id:
            self.batch_id.action_reject(self.comment)
        else:
            lines.letter_id.action_reject(self.comment)
            self._return_by_themselves()
        return {"type": "ir.actions.act_window_close"}


class ConstituentApprovalWizardLine(models.TransientModel):
    """One letter as it is read."""

    _name = "constituent.approval.wizard.line"
    _description = "Letter to Read"

    wizard_id = fields.Many2one("constituent.approval.wizard", required=True, ondelete="cascade")
    letter_id = fields.Many2one(
        "constituent.correspondence", required=True, readonly=True, ondelete="cascade"
    )
    digest = fields.Char(required=True, readonly=True)
    answer = fields.Selection(
        [("with", "With the Others"), ("back", "Send Back This One"), ("out", "Leave Out")],
        required=True,
        default="with",
    )
    comment = fields.Text(help="What to change in this letter.")
    preview = fields.Html(compute="_compute_preview", compute_sudo=False, sanitize=False)

    @api.model_create_multi
    def create(self, vals_list):
        """Create; only with letters the user may read, as a made-up one shows its name.

        :raises AccessError: as Odoo words it
        """
        lines = super().create(vals_list)
        (lines.letter_id - lines._readable()).check_access("read")
        return lines

    def write(self, vals):
        """Write; only with letters the user may read.

        :raises AccessError: as Odoo words it
        """
        result = super().write(vals)
        (self.letter_id - self._readable()).check_access("read")
        return result

    def _readable(self):
        """Return which letters may be shown: also the sample of a batch to decide on."""
        letters, batches = self.letter_id, self.wizard_id.batch_id
        # Who decides on a batch reads its sample: letters they may not open one by one.
        sample = batches._filtered_access("read")._sample_letters(letters)
        return letters._filtered_access("read") | sample

    @api.depends("letter_id")
    def _compute_preview(self):
        readable = self._readable()
        for line in self:
            # The right to read was looked at above.
            letter_sudo = line.letter_id.sudo()
            line.preview = line.letter_id in readable and letter_sudo._reading_page()
