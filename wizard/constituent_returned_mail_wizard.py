import re

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from ..models.constituent_approval_mixin import CAN_SEND_GROUP
from ..models.constituent_correspondence_returned import RETURN_REASONS
from ..tools.verification import read_code

# References hold no spaces: a scanner ends each with Enter, people put commas.
_BETWEEN = re.compile(r"[\s,;]+")
# A morning's post; more were scanned by accident.
MAX_REFERENCES = 500


class ConstituentReturnedMailWizard(models.TransientModel):
    """Letters that came back: which, why, and where they should have gone."""

    _name = "constituent.returned.mail.wizard"
    _inherit = ["constituent.wizard.mixin"]
    _description = "Returned Mail"

    references = fields.Text(
        help="The letters' numbers or codes, as typed or scanned; one a line.",
    )
    letter_ids = fields.Many2many(
        "constituent.correspondence",
        "constituent_returned_mail_wizard_rel",
        "wizard_id",
        "letter_id",
        string="Letters",
        compute="_compute_letter_ids",
        store=True,
        # Stored ones are computed as superuser otherwise: only letters the user may read.
        compute_sudo=False,
    )
    not_found = fields.Text(compute="_compute_letter_ids", store=True, compute_sudo=False)
    is_single = fields.Boolean(compute="_compute_is_single")
    partner_id = fields.Many2one("res.partner", string="Addressee", compute="_compute_is_single")
    is_protected = fields.Boolean(compute="_compute_is_single")
    kind = fields.Selection(RETURN_REASONS, string="Reason", required=True, default="moved")
    note = fields.Char(help="What else stands on the envelope.")
    street = fields.Char()
    street2 = fields.Char()
    city = fields.Char()
    zip = fields.Char(string="ZIP")
    # Most move within the state.
    state_id = fields.Many2one(
        "res.country.state",
        domain="[('country_id', '=', country_id)]",
        default=lambda self: self.env.company.state_id.id,
    )
    country_id = fields.Many2one("res.country", default=lambda self: self.env.company.country_id.id)
    # Clerks note what stands on the envelope; what follows from it is a caseworker's.
    update_contact = fields.Boolean(
        string="This Is the Contact's Address Now",
        groups=CAN_SEND_GROUP,
        help="Writes the forwarding address to the contact. Otherwise it is only noted with "
        "the letter.",
    )
    send_again = fields.Boolean(
        groups=CAN_SEND_GROUP,
        help="Begins a letter to each addressee that replaces the one that came back.",
    )

    # Computes

    @api.depends("references")
    def _compute_letter_ids(self):
        for wizard in self:
            letters, _unseen, missing = wizard._find_letters()
            wizard.letter_ids = letters
            wizard.not_found = "\n".join(missing) or False

    @api.depends("letter_ids")
    def _compute_is_single(self):
        for wizard in self:
            # Their addressee is on the letters, which the user may read.
            partners_sudo = wizard.letter_ids.sudo().partner_id
            wizard.is_single = len(partners_sudo) == 1
            wizard.partner_id = partners_sudo.id if wizard.is_single else False
            wizard.is_protected = any(partners_sudo.mapped("protected_address"))

    def _find_letters(self):
        """Return the letters that were named, and what names none.

        :return tuple: letters the user sees; others, which they may mark alone; texts in
            the order they were typed
        """
        words = [word for word in _BETWEEN.split(self.references or "") if word]
        words = list(dict.fromkeys(word.upper() for word in words))[:MAX_REFERENCES]
        codes = {word: read_code(word) for word in words}
        named = Domain("reference", "in", words)
        named |= Domain("verification_code", "in", [code for code in codes.values() if code])
        letters = self._search_letters(named)
        unseen = self._search_unseen(named) - letters
        known = {
            name
            for found in (letters, unseen)
            for field in ("reference", "verification_code")
            for name in found.mapped(field)
        }
        missing = [word for word in words if word not in known and codes[word] not in known]
        return letters, unseen, missing

    def _search_letters(self, named):
        """Return the letters that were sent and that the user sees.

        :param Domain named: by number or code
        """
        letters = self.env["constituent.correspondence"]
        return letters.search(named & Domain("state", "in", letters._seal_values))

    @api.onchange("country_id")
    def _onchange_country_id(self):
        if self.state_id.country_id != self.country_id:
            self.state_id = False

    # Steps

    def action_mark(self):
        """Mark the letters, note the new address, and begin new letters if asked.

        :return dict: the drafts, or the letters that came back; a notification that names
            those the user does not see
        :raises UserError: a number is not known, or a step is not open to one of them
        """
        self.ensure_one()
        letters, unseen = self._checked_letters()
        place = self._forwarding_place()
        if unseen:
            self._mark_unseen(unseen, place)
            return self._unseen_notification(unseen, letters and self._mark_seen(letters, place))
        return self._mark_seen(letters, place)

    def _mark_seen(self, letters, place):
        if self.update_contact and not place:
            raise UserError(self.env._("Enter the forwarding address: street and city."))
        letters._note_returned(self.kind, self.note, "\n".join(place))
        if self.update_contact:
            self._write_address()
        if self.send_again:
            drafts = letters.browse()
            for letter in letters:
                # An address for mail is no help where the mail came back by post.
                drafts |= letter._draft_again(medium="post")
            return self._list_action(self.env._("Send Again"), drafts)
        if self.env.context.get("constituent_from_letter"):
            # They are back in the letter, which says what became of it.
            return {"type": "ir.actions.act_window_close"}
        return self._list_action(self.env._("Returned Mail"), letters)

    def _checked_letters(self):
        letters, unseen, missing = self._find_letters()
        if missing:
            raise UserError(
                self.env._(
                    "There is no letter to mark with these numbers: %(numbers)s",
                    numbers=", ".join(missing),
                )
            )
        if not letters and not unseen:
            raise UserError(self.env._("Enter or scan the number at the head of each letter."))
        return letters, unseen

    def _forwarding_place(self):
        """Return the lines of the forwarding address, none when none was given.

        :raises UserError: half an address, or one for several addressees
        """
        given = (self.street or "").strip(), (self.city or "").strip()
        if not any(given):
            return []
        if not all(given):
            raise UserError(self.env._("The forwarding address needs a street and a city."))
        self._check_single()
        place = " ".join(filter(None, (self.city, self._state().code, self.zip)))
        abroad = self.country_id if self.country_id != self.env.company.country_id else None
        return [
            line
            for line in (self.street, self.street2, place, abroad and abroad.name.upper())
            if line
        ]

    def _state(self):
        """Return the state, unless it is left over from another country."""
        return self.state_id.filtered(lambda state: state.country_id == self.country_id)

    def _check_single(self):
        if not self.is_single:
            raise UserError(
                self.env._(
                    "These letters have several addressees: one forwarding address does not "
                    "fit all. Enter them one after the other."
                )
            )

    def _write_address(self):
        """Write the forwarding address to the contact, as the user asked.

        :raises AccessError: not the user's to write
        :raises UserError: only a substitute address may be kept of this contact
        """
        if self.is_protected:
            raise UserError(
                self.env._(
                    "%(contact)s has a protected address: only a substitute address is kept. "
                    "Ask them for it before you write another.",
                    contact=self.partner_id.display_name,
                )
            )
        names = ("street", "street2", "city", "zip")
        self.partner_id.write(
            {
                **{name: (self[name] or "").strip() or False for name in names},
                "state_id": self._state().id,
                "country_id": self.country_id.id,
            }
        )

    def _list_action(self, name, letters):
        if len(letters) == 1:
            return letters.action_open()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "constituent_services.constituent_correspondence_action"
        )
        action.update(name=name, domain=[("id", "in", letters.ids)], context={})
        return action
