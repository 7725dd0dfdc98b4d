from odoo import models

# Pictures of ours go within the mail: who gets it has no login to fetch them with.
PICTURE = "picture-%s.constituent"


class IrMailServer(models.Model):
    """Mail shows the pictures that go along with it where its text has them."""

    _name = "ir.mail_server"
    _inherit = "ir.mail_server"

    def _build_email__(self, email_from, email_to, subject, body, *args, **kwargs):
        """Build a mail; see Odoo. What its text calls by `cid:` gets that name."""
        message = super()._build_email__(email_from, email_to, subject, body, *args, **kwargs)
        for part in message.iter_attachments() if "cid:" in (body or "") else ():
            name = part.get_filename() or ""
            content_id = name.rpartition(".")[0]
            if content_id and f'"cid:{content_id}"' in body:
                part["Content-ID"] = f"<{content_id}>"
                part.replace_header("Content-Disposition", "inline")
                part.set_param("filename", name, header="Content-Disposition")
        return message
