from odoo import SUPERUSER_ID, api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain


class ConstituentReturnedMailWizard(models.TransientModel):
    """Envelopes that an intake clerk opens: marked by their number, unseen.

    The number stands on what they hold in their hands; the answer names it again and
    nothing else of the letter. The contact's address and a new letter are for who works
    the case, on whose desk it comes as an answer owed.
    """

    _name = "constituent.returned.mail.wizard"
    _inherit = "constituent.returned.mail.wizard"

    found_numbers = fields.Char(compute="_compute_found")
    found_count = fields.Integer(compute="_compute_found")

    @api.depends("references")
    def _compute_found(self):
        for wizard in self:
            letters, _missing = wizard._find_letters()
            shown = letters if wizard._is_clerks() else letters.browse()
            wizard.found_count = len(shown)
            wizard.found_numbers = wizard._count_sentence(shown) if shown else False

    @api.model
    def _is_clerks(self):
        return self.env.user._is_constituent_clerk_only()

    def _search_letters(self, named):
        """Return any letter the office sent, but those of restricted cases."""
        if not self._is_clerks():
            return super()._search_letters(named)
        # Whoever opens the envelope marks it, also of a department's case; from here only
        # the numbers are shown, which the clerk has typed.
        letters_sudo = self.env["constituent.correspondence"].sudo()
        allowed = Domain("company_id", "in", self.env.companies.ids)
        allowed &= Domain("direction", "=", "out")
        allowed &= Domain("state", "in", letters_sudo._seal_values)
        if not self.env["constituent.case"]._may_make_restricted():
            hidden = Domain("confidentiality", "=", "restricted")
            allowed &= ~Domain("case_id", "any", hidden)
            allowed &= ~Domain("also_case_ids", "any", hidden)
        return letters_sudo.search(named & allowed)

    def _missing_sentence(self, numbers):
        if not self._is_clerks():
            return super()._missing_sentence(numbers)
        return self.env._(
            "There is no letter to mark with these numbers: %(numbers)s", numbers=numbers
        )

    def _check_single(self):
        """Refuse one address for several letters: whom they went to is not said."""
        if not self._is_clerks():
            return super()._check_single()
        if self.found_count != 1:
            raise UserError(
                self.env._(
                    "A forwarding address is for one letter: enter the letters one after the other."
                )
            )
        return None

    def _mark_as_clerk(self):
        """Mark the letters and note the new address, with rights of the office's.

        :return dict: a notification that names the numbers
        :raises UserError: a number is not known, or came back before
        """
        letters_sudo = self._checked_letters()
        before_sudo = letters_sudo.filtered(lambda letter: letter.state == "returned_mail")
        if before_sudo:
            raise UserError(
                self.env._(
                    "Marked as returned already: %(numbers)s",
                    numbers=", ".join(before_sudo.mapped("reference")),
                )
            )
        # No tracking and a message of the office's: who wrote one reads the letter's name.
        quiet_sudo = letters_sudo.with_context(mail_notrack=True)
        quiet_sudo._note_returned(self.kind, self.note, "\n".join(self._forwarding_place()))
        for letter_sudo in quiet_sudo.with_user(SUPERUSER_ID):
            letter_sudo.message_post(
                body=self.env._(
                    "Came back. %(user)s opened the envelope.", user=self.env.user.name
                ),
                subtype_xmlid="mail.mt_note",
            )
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success",
                "title": self.env._("Marked as returned"),
                "message": self._count_sentence(letters_sudo),
                "next": {"type": "ir.actions.act_window_close"},
            },
        }

    def _count_sentence(self, letters):
        return self.env._(
            "%(count)s: %(numbers)s",
            count=len(letters),
            numbers=", ".join(letters.mapped("reference")),
        )
