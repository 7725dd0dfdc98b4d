from odoo import api, fields, models
from odoo.exceptions import AccessError


class IrAttachment(models.Model):
    """A document that is a record: the letter as sent, the mail as it came in."""

    _name = "ir.attachment"
    _inherit = ["ir.attachment", "constituent.sealed.mixin"]

    _seal_field = "constituent_sealed"
    _seal_values = (True,)
    # The file itself stays in the filestore as long as the row does.
    _seal_columns = (
        "name", "type", "url", "mimetype", "res_model", "res_id", "res_field",
        "company_id", "store_fname", "db_datas", "checksum", "file_size",
    )  # fmt: skip
    # How the content is written over the ORM, and what hands it to people without a login:
    # who may read a document is who may read the letter or the mail it belongs to.
    _seal_fields = ("raw", "datas", "public", "access_token", "description")

    constituent_sealed = fields.Boolean(
        string="Sealed", readonly=True, copy=False, help="Neither changed nor deleted any more."
    )

    @api.model_create_multi
    def create(self, vals_list):
        """Create attachments; sealing is for the addon itself.

        :raises AccessError: a user who asks for a sealed attachment, or a public one of a
            case or letter
        """
        if not self.env.su and any(vals.get("constituent_sealed") for vals in vals_list):
            self._constituent_refuse_seal()
        attachments = super().create(vals_list)
        # Afterwards, so that the context's defaults are among what is looked at.
        attachments._constituent_check_public()
        return attachments

    def write(self, vals):
        """Write; sealing is for the addon itself.

        :raises AccessError: a user who asks for the seal, or to make public what is of a
            case or letter
        """
        if "constituent_sealed" in vals and not self.env.su:
            self._constituent_refuse_seal()
        result = super().write(vals)
        if vals.get("public") or vals.get("res_model"):
            self._constituent_check_public()
        return result

    def _constituent_check_public(self):
        """Refuse that users open documents of cases and letters to everybody.

        :raises AccessError: one of the attachments is public and of a model of this addon
        """
        if self.env.su:
            return
        for attachment in self.filtered("public"):
            if (attachment.res_model or "").startswith("constituent."):
                raise AccessError(self.env._("Documents of cases and letters are not made public."))

    def _constituent_refuse_seal(self):
        raise AccessError(self.env._("Attachments are sealed by the office's own steps only."))

    def _constituent_seal(self):
        """Seal attachments for good.

        The caller has checked that the user may: a letter was sent, a mail became a case.
        """
        # Whoever sends a letter may not write attachments otherwise.
        attachments_sudo = self.sudo()
        attachments_sudo.write({"constituent_sealed": True})
        attachments_sudo.flush_recordset(["constituent_sealed"])

    def _migrate(self):
        """Move the content between filestore and database; sealed rows stay as they are."""
        return super(
            IrAttachment, self.filtered(lambda attachment: not attachment.constituent_sealed)
        )._migrate()
