from markupsafe import Markup

from odoo import fields, models

from ..tools.letter_body import text_body
from .constituent_correspondence import BY_EMAIL, BY_POST


class ResPartner(models.Model):
    """Who cannot open a PDF gets the words in the mail."""

    _name = "res.partner"
    _inherit = "res.partner"

    letter_text_in_mail = fields.Boolean(
        string="Text of Letters in the Mail",
        groups="base.group_user",
        help="For who cannot open or read a PDF: the mail that carries a letter says all "
        "the letter says.",
    )


class ConstituentCorrespondence(models.Model):
    """By which way a letter goes: mail, post, both, or the portal only."""

    _name = "constituent.correspondence"
    _inherit = "constituent.correspondence"

    def _letter_medium_obstacle(self, partner):
        """Return why a letter cannot go the way that was chosen, or an empty string.

        :param partner: the addressee, with rights to read contacts
        """
        if self.medium in BY_EMAIL:
            obstacle = self._letter_email_obstacle(partner)
            if obstacle:
                return obstacle
        if self.medium in BY_POST:
            return self._letter_post_obstacle(partner)
        if self.medium == "portal":
            return self._letter_portal_obstacle(partner)
        return ""

    def _letter_post_obstacle(self, partner):
        if not (partner.street or "").strip() or not (partner.city or "").strip():
            return self.env._("the addressee has no mailing address (street and city).")
        return ""

    def _letter_portal_obstacle(self, partner):
        """Return why nobody would find a letter that only lies on the page of its case."""
        # Who may send the letter may hear why it would not be found.
        case_sudo = self.case_id.sudo()
        if not case_sudo:
            return self.env._(
                "a letter that goes to the portal only lies on the page of its case: choose "
                "the case, or send it by email or post."
            )
        if case_sudo.confidentiality == "restricted":
            return self.env._(
                "the page of a restricted case shows no letters. Send it by email or post."
            )
        if partner != case_sudo.partner_id and partner not in case_sudo.referrer_ids.partner_id:
            return self.env._(
                "the addressee does not see the page of this case: it is neither theirs nor "
                "did they bring it. Send it by email or post."
            )
        if not self._is_told_of_page(case_sudo, partner):
            return self.env._(
                "nothing would tell the addressee that a letter is there: they have no login "
                "and get no notices by email. Send it by post."
            )
        return ""

    def _letter_destination(self, values):
        """Return where a letter went that is not confirmed by a mail server.

        :param dict values: as ``_letter_values`` gives them
        """
        if self.medium == "portal":
            return self.env._("the page of case %(number)s", number=self.case_id.number)
        return ", ".join([values["addressee"], *values["address"][1:]])

    def _letter_text_for_mail(self):
        """Return the words of the sealed letter for its mail, empty where not wanted.

        :return Markup: without pictures, which the reader's program would not get
        """
        self.ensure_one()
        # Whether they asked for it: the sender may not open the contact.
        if not self.partner_id.sudo().letter_text_in_mail:
            return Markup()
        return Markup(text_body(self.printed_body))
