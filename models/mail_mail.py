from odoo import api, models
from odoo.exceptions import AccessError
from odoo.tools.mail import email_split


class MailMail(models.Model):
    """The one gate all mail passes: intake clerks write to nobody outside."""

    _name = "mail.mail"
    _inherit = "mail.mail"

    @api.model_create_multi
    def create(self, vals_list):
        """Queue mail, unless an intake clerk would send it to somebody outside.

        :raises AccessError: whatever composer, template or message it comes from
        """
        mails = super().create(vals_list)
        if self.env.user._is_constituent_clerk_only():
            mails._check_inside()
        return mails

    def _check_inside(self):
        """Refuse recipients who are no colleagues.

        :raises AccessError: one of them is not
        """
        # Who is a colleague does not depend on what the clerk may read.
        mails_sudo = self.sudo()
        named = {
            address.lower()
            for mail in mails_sudo
            for address in email_split(f"{mail.email_to or ''},{mail.email_cc or ''}")
        }
        # As above.
        colleagues = self.env["res.users"].sudo().search([("share", "=", False)]).partner_id
        if (mails_sudo.recipient_ids - colleagues) or named - set(
            colleagues.mapped("email_normalized")
        ):
            raise AccessError(
                self.env._(
                    "Intake clerks do not write to people outside. Log a note, or ask a "
                    "caseworker to answer."
                )
            )
