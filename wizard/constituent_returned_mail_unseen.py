from odoo import SUPERUSER_ID, api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from ..models.constituent_approval_mixin import CAN_SEND_GROUP


class ConstituentReturnedMailWizard(models.TransientModel):
    """Letters that who opens the envelopes does not see: marked by their number.

    The number stands on what they hold in their hands; the answer names it again and
    nothing else of the letter. The contact's address and a new letter are for who works
    the case, on whose desk it comes as an answer owed. To intake clerks all letters are so.
    """

    _name = "constituent.returned.mail.wizard"
    _inherit = "constituent.returned.mail.wizard"

    found_numbers = fields.Char(compute="_compute_found")
    found_count = fields.Integer(compute="_compute_found")

    @api.depends("references")
    def _compute_found(self):
        for wizard in self:
            _letters, unseen, _missing = wizard._find_letters()
            wizard.found_count = len(unseen)
            wizard.found_numbers = wizard._count_sentence(unseen) if unseen else False

    def _search_letters(self, named):
        """Return none to a clerk, who is told numbers alone, also of letters they see."""
        if self.env.user._is_constituent_clerk_only():
            return self.env["constituent.correspondence"]
        return super()._search_letters(named)

    def _search_unseen(self, named):
        """Return any letter the office sent, but those of restricted cases."""
        # Whoever opens the envelope marks it, also of another department's case; from here
        # only the numbers are shown, which the user has typed.
        letters_sudo = self.env["constituent.correspondence"].sudo()
        allowed = Domain("company_id", "in", self.env.companies.ids)
        allowed &= Domain("direction", "=", "out")
        allowed &= Domain("state", "in", letters_sudo._seal_values)
        if not self.env["constituent.case"]._may_make_restricted():
            hidden = Domain("confidentiality", "=", "restricted")
            allowed &= ~Domain("case_id", "any", hidden)
            allowed &= ~Domain("also_case_ids", "any", hidden)
        return letters_sudo.search(named & allowed)

    def _check_single(self):
        """Refuse one address for several letters: whom they went to is not said."""
        if not self.found_count:
            return super()._check_single()
        if self.found_count != 1 or self.letter_ids:
            raise UserError(
                self.env._(
                    "A forwarding address is for one letter: enter the letters one after the other."
                )
            )
        return None

    def _mark_unseen(self, letters_sudo, place):
        """Mark letters and note the new address, with rights of the office's.

        :raises UserError: came back before, or more is wanted than to mark them
        """
        before_sudo = letters_sudo.filtered(lambda letter: letter.state == "returned_mail")
        if before_sudo:
            raise UserError(
                self.env._(
                    "Marked as returned already: %(numbers)s",
                    numbers=", ".join(before_sudo.mapped("reference")),
                )
            )
        more = self.env.user.has_group(CAN_SEND_GROUP) and (self.update_contact or self.send_again)
        if more:
            raise UserError(
                self.env._(
                    "These letters are of cases you do not see, and can only be marked: "
                    "%(numbers)s. Enter them apart.",
                    numbers=", ".join(letters_sudo.mapped("reference")),
                )
            )
        # No tracking and a message of the office's: who wrote one reads the letter's name.
        quiet_sudo = letters_sudo.with_context(mail_notrack=True)
        quiet_sudo._note_returned(self.kind, self.note, "\n".join(place))
        for letter_sudo in quiet_sudo.with_user(SUPERUSER_ID):
            letter_sudo.message_post(
                body=self.env._(
                    "Came back. %(user)s opened the envelope.", user=self.env.user.name
                ),
                subtype_xmlid="mail.mt_note",
            )

    def _unseen_notification(self, letters_sudo, then):
        """Return what names the letters and closes the window, or opens those that are seen.

        :param letters_sudo: with the office's rights
        :param dict then: an action, or nothing
        """
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success",
                "title": self.env._("Marked as returned"),
                "message": self._count_sentence(letters_sudo),
                "next": then or {"type": "ir.actions.act_window_close"},
            },
        }

    def _count_sentence(self, letters):
        return self.env._(
            "%(count)s: %(numbers)s",
            count=len(letters),
            numbers=", ".join(letters.mapped("reference")),
        )
