from odoo import api, fields, models
from odoo.exceptions import AccessError


class ConstituentCorrespondence(models.Model):
    """Letters that counsel must see: of a case that says so, or because somebody said so."""

    _name = "constituent.correspondence"
    _inherit = "constituent.correspondence"

    for_counsel = fields.Boolean(
        string="Counsel Must See It",
        tracking=True,
        help="Goes only after counsel has approved it, whatever its case. Once it was submitted, "
        "only counsel or a manager takes this back.",
    )
    counsel_kept = fields.Boolean(
        string="For Counsel from the Start",
        readonly=True,
        copy=False,
        help="Copied from a letter that is for counsel: its drafter does not take this back.",
    )
    needs_counsel = fields.Boolean(compute="_compute_needs_counsel", compute_sudo=False)

    @api.depends("for_counsel", "case_id.needs_counsel", "also_case_ids.needs_counsel")
    @api.depends_context("uid", "allowed_company_ids")
    def _compute_needs_counsel(self):
        for letter in self:
            letter.needs_counsel = (
                letter.for_counsel
                or letter._shown_case_sudo().needs_counsel
                or letter._shown_also_sudo("needs_counsel")
            )

    def _shown_case_sudo(self):
        """Return the letter's case, with superuser rights, as far as something of it is shown.

        Whoever may read the letter sees what it says of its case, whether or not they see
        the case; but a form may name any case.
        """
        case = self.case_id._origin
        saved = self._origin._filtered_access("read").case_id
        # The right to read the letter or the case is looked at here.
        return (case if case == saved else case._filtered_access("read")).sudo()

    def _shown_also_sudo(self, name):
        """Return whether one of the further cases is so, as far as it may be shown."""
        also = self.also_case_ids._origin
        saved = self._origin._filtered_access("read").also_case_ids
        # As above.
        shown_sudo = ((also & saved) | (also - saved)._filtered_access("read")).sudo()
        return any(shown_sudo.mapped(name))

    # Taking it back

    def copy(self, default=None):
        """Copy; whoever may not take the mark off a letter has it on the copy, too."""
        copies = super().copy(default)
        for letter, other in zip(self, copies, strict=True):
            if not letter.for_counsel or letter._is_own_draft():
                continue
            if not other.company_id._may_waive_counsel():
                other._advance("draft", for_counsel=True, counsel_kept=True)
        return copies

    def write(self, vals):
        """Write; a letter for counsel stays one.

        :raises AccessError: the mark is taken off, or the case that needs counsel, by somebody
            who neither drafted the letter before it was first submitted nor is counsel or manager
        """
        if self.env.su or not {"for_counsel", "case_id", "also_case_ids"} & vals.keys():
            return super().write(vals)
        held = self.filtered(lambda letter: letter._is_for_counsel() and not letter._is_own_draft())
        marked = self.filtered("for_counsel")
        result = super().write(vals)
        now = self.filtered("for_counsel")
        ((now | marked) - (now & marked))._note_counsel()
        for letter in held:
            if not letter._is_for_counsel() and not letter.company_id._may_waive_counsel():
                raise AccessError(
                    self.env._(
                        "%(letter)s is for counsel. Only counsel or a manager lets it go without.",
                        letter=letter.display_name,
                    )
                )
        return result

    def _note_counsel(self):
        """Write into the history of the cases that somebody set or took off the mark."""
        for letter in self:
            words = (
                self.env._("“%(letter)s”: counsel must see it.", letter=letter.subject)
                if letter.for_counsel
                else self.env._("“%(letter)s” goes without counsel.", letter=letter.subject)
            )
            letter._answered_cases()._log_event(words)

    def _is_for_counsel(self):
        """Return whether counsel must approve the letter, whichever of its cases one sees."""
        self.ensure_one()
        return self.for_counsel or any(self._answered_cases().mapped("needs_counsel"))

    def _is_own_draft(self):
        """Return whether the user drafted it, and it was never handed over for approval."""
        return self.create_uid == self.env.user and not self.submitted_at and not self.counsel_kept
