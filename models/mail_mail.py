import re
from mimetypes import guess_extension

from odoo import SUPERUSER_ID, api, models
from odoo.exceptions import AccessError
from odoo.tools.mail import email_split

from ..tools.ours import OUR_MODELS
from .ir_mail_server import PICTURE

LINK = re.compile(r"/web/(?:content|image)/([0-9]{1,9})\b")
SOURCE = re.compile(r'\bsrc="[^"]*?/web/(?:content|image)/([0-9]{1,9})\b[^"]*"')


class MailMail(models.Model):
    """The one gate all mail passes: intake clerks write to nobody outside.

    Documents of cases and letters go along with a mail. Odoo would leave links in it that
    open them without a login; these open nothing.
    """

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

    # What goes along

    def _estimate_email_size(self, headers, body, attachments_size):
        """Return a mail's size; of ours none, so that no file is turned into a link."""
        if (self.model or "").startswith(OUR_MODELS):
            return 0
        return super()._estimate_email_size(headers, body, attachments_size)

    def _prepare_outgoing_list(self, mail_server=False, doc_to_followers=None):
        """Return the mails to send; see Odoo. With them go documents that they link to."""
        mails = super()._prepare_outgoing_list(mail_server, doc_to_followers)
        linked = {int(found) for mail in mails for found in LINK.findall(mail["body"] or "")}
        if not linked:
            return mails
        # Whoever runs the queue; what the author may send along was asked before.
        named_sudo = self.env["ir.attachment"].sudo().browse(linked)._constituent_ours()
        own_sudo = self.attachment_ids.sudo() & named_sudo
        files_sudo = own_sudo | self._pictures_of_author(named_sudo)
        for mail in mails if files_sudo else ():
            self._take_along(mail, files_sudo, own_sudo)
        return mails

    def _pictures_of_author(self, files):
        """Return the pictures that who wrote the mail may read; the queue runs as superuser.

        What came in by mail links to what its writer likes: of that nothing is taken.
        """
        author = self.create_uid
        if author.id == SUPERUSER_ID or author.partner_id != self.author_id:
            return files.browse()
        readable = files.with_user(author)._filtered_access("read").with_env(files.env)
        return readable.filtered(_is_picture)

    def _take_along(self, mail, files, own):
        """Put files into a mail: pictures where its text shows them.

        :param dict mail: as Odoo prepared it
        :param files: what the mail may have with it
        :param own: those among them that go along even if its text only has a link to them
        """
        pictures = {file.id: PICTURE % file.id for file in files.filtered(_is_picture)}
        shown = {int(found) for found in SOURCE.findall(mail["body"])} & pictures.keys()
        mail["body"] = SOURCE.sub(
            lambda match: f'src="cid:{pictures[int(match[1])]}"' if int(match[1]) in shown
            else match[0],
            mail["body"],
        )  # fmt: skip
        attachments = [*mail["attachments"]]
        for file in files:
            if file.id in shown:
                name = pictures[file.id] + (guess_extension(file.mimetype) or ".png")
                attachments.append((name, file.raw, file.mimetype))
            elif file in own:
                attachments.append((file.name, file.raw, file.mimetype))
        mail["attachments"] = attachments


def _is_picture(file):
    return (file.mimetype or "").startswith("image/")
