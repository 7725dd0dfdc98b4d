from markupsafe import Markup, escape

from odoo import fields, models
from odoo.tools import email_normalize

# A letter by mail is on its way from the moment it is sealed.
SENT = ("sending", "sent", "returned_mail")


class ConstituentCase(models.Model):
    """What an outside agency gets to know of a case, and how its answer finds back."""

    _name = "constituent.case"
    _inherit = "constituent.case"

    may_share_contact = fields.Boolean(
        string="Contact May Be Passed On",
        copy=False,
        tracking=True,
        help="The constituent allows that name, mail address and telephone go to other agencies.",
    )

    def action_refer_to_agency(self):
        """Ask which agency gets the case, and what of it.

        :return dict: the action of the wizard
        """
        self.ensure_one()
        self.check_access("write")
        return self._wizard_action(
            "constituent.case.agency.wizard", self.env._("Refer to an Agency")
        )

    def _contact_may_be_shared(self):
        """Return whether name and contact may leave the office."""
        self.ensure_one()
        return (
            self.may_share_contact
            and self.identity == "identified"
            and self.confidentiality != "restricted"
        )

    def _agency_subject(self):
        """Return the subject of a referral: number and kind of matter, no sender's words.

        By the number in brackets an answer finds its case.
        """
        return " ".join(filter(None, (f"[{self.number}]", self.category_id.name)))

    def _agency_facts(self, words, place, contact):
        """Return what is passed on, as (label, HTML) pairs in the language of the context.

        :param bool words: what the constituent said
        :param bool place: the place of the matter; never of who has a protected address, who
            may have reported something at home
        :param bool contact: name, mail address and telephone, where that is allowed
        """
        self.ensure_one()
        facts = [
            (self.env._("Our number"), self.number),
            (self.env._("Received"), self._notice_date(self.received_at)),
        ]
        where = ", ".join(filter(None, (self.street, self.city, self.zip, self.location_note)))
        if place and where and not self.partner_id.protected_address:
            facts.append((self.env._("Place"), where))
        if words:
            text = Markup("<br/>").join(
                escape(line) for line in (self.description_text or self.name or "").split("\n")
            )
            facts.append((self.env._("What was reported"), text))
        if contact and self._contact_may_be_shared():
            partner = self.partner_id
            reach = (
                self.partner_name or partner.name,
                self.partner_email or partner.email,
                self.partner_phone or partner.phone,
            )
            facts.append((self.env._("Reported by"), ", ".join(filter(None, reach))))
        return facts

    def _knows_address(self, address):
        """Know whom the office has written to, too: their answer belongs to the case."""
        if super()._knows_address(address):
            return True
        # The gateway compares addresses; nothing of them is shown.
        letters_sudo = self.sudo().correspondence_ids.filtered(
            lambda letter: letter.direction == "out" and letter.state in SENT
        )
        written_to = {
            *map(email_normalize, filter(None, letters_sudo.mapped("printed_email"))),
            *letters_sudo.partner_id.mapped("email_normalized"),
        }
        return bool(address) and address in written_to
