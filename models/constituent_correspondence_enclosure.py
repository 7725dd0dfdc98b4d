from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Command
from odoo.tools.mimetypes import guess_mimetype

from ..tools.scan_file import ScanError, read_scan

# What addressees can open, and prints as it looks.
KINDS = ("application/pdf", "image/jpeg", "image/png")
# Mail servers take 10 to 25 MB; a third more is lost to their encoding.
MAX_BYTES = 12_000_000


class ConstituentCorrespondence(models.Model):
    """Files that go with a letter: named under it, mailed with it, approved and sealed with it."""

    _name = "constituent.correspondence"
    _inherit = "constituent.correspondence"

    enclosure_file_ids = fields.Many2many(
        "ir.attachment",
        "constituent_correspondence_enclosure_rel",
        "correspondence_id",
        "attachment_id",
        string="Enclosed Files",
        copy=False,
        help="PDF, JPEG or PNG. Named under the letter by title or file name, attached to its "
        "mail, and behind it in the print file of the day's post.",
    )

    @api.constrains("enclosure_file_ids")
    def _check_enclosure_files(self):
        for letter in self:
            # Whoever may read the files was looked at when they were named.
            files_sudo = letter.enclosure_file_ids.sudo()
            letter._check_enclosed_size(sum(files_sudo.mapped("file_size")))
            for file_sudo in files_sudo:
                # What is in it, not what it is called.
                kind = file_sudo.type == "binary" and guess_mimetype(file_sudo.raw or b"")
                if kind not in KINDS or file_sudo.mimetype != kind:
                    raise ValidationError(
                        self.env._(
                            "%(file)s is neither PDF, JPEG nor PNG: it is not enclosed.",
                            file=file_sudo.name,
                        )
                    )
                letter._check_readable(file_sudo)

    def _check_enclosed_size(self, size):
        if size > MAX_BYTES:
            raise ValidationError(
                self.env._(
                    "The enclosed files have %(size)s MB together, more than the %(most)s MB "
                    "that mail servers take.",
                    size=round(size / 1_000_000),
                    most=MAX_BYTES // 1_000_000,
                )
            )

    def _check_readable(self, file_sudo):
        """Raise unless a file opens without a password and can be printed."""
        try:
            read_scan(file_sudo.raw, max_bytes=MAX_BYTES)
        except ScanError as error:
            sentence = self.env["constituent.scan"]._file_sentence(error, file_sudo.name)
            raise ValidationError(sentence) from error

    def _letter_close_values(self, approved):
        """Name the files under the letter, by title or file name, where the writer did not."""
        values = super()._letter_close_values(approved)
        typed = {line.casefold() for line in values["enclosures"]}
        for file_sudo in self._enclosed_sudo():
            name = file_sudo.name.rpartition(".")[0] or file_sudo.name
            title = " ".join((file_sudo.description or "").split())
            if not typed & {name.casefold(), title.casefold()}:
                values["enclosures"].append(title or name)
        return values

    def _enclosed_sudo(self):
        """Return the files by their names, with superuser rights.

        They go with the letter to its addressee, whoever sends it.
        """
        # As above. Not by their ids: a file of the case is copied when the letter goes.
        return self.sudo().enclosure_file_ids.sorted(lambda one: (one.name or "", one.checksum))

    def _approval_content(self):
        """Another file behind the same name is another letter."""
        files = [[one.name, one.checksum] for one in self._enclosed_sudo()]
        return {**super()._approval_content(), "files": files}

    def _send_one(self):
        """Send, and seal the files with the letter."""
        self._keep_enclosures()
        return super()._send_one()

    def _keep_enclosures(self):
        """Make the files the letter's own and seal them: one of the case may go on changing."""
        # Whoever sends the letter may not write every file that goes with it.
        kept_sudo = self.env["ir.attachment"].sudo()
        for file_sudo in self._enclosed_sudo():
            own = file_sudo.res_model == self._name and file_sudo.res_id in (0, self.id)
            holder = {"res_model": self._name, "res_id": self.id, "res_field": False}
            if not own:
                file_sudo = file_sudo.copy(holder)
            elif file_sudo.res_id != self.id:
                file_sudo.write(holder)
            kept_sudo |= file_sudo
        if kept_sudo:
            self._advance(self.state, enclosure_file_ids=[Command.set(kept_sudo.ids)])
            kept_sudo.filtered(lambda one: not one.constituent_sealed)._constituent_seal()

    def _delivery_content(self, delivery):
        """Attach the files to the mail, behind the letter."""
        content = super()._delivery_content(delivery)
        files = [(one.name, one.raw, one.mimetype) for one in self._enclosed_sudo()]
        return {**content, "attachments": [*content["attachments"], *files]}
