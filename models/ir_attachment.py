from odoo import api, fields, models
from odoo.exceptions import AccessError

from ..tools.ours import OUR_MODELS


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
            case or letter, by a token either
        """
        if "constituent_sealed" in vals and not self.env.su:
            self._constituent_refuse_seal()
        if vals.get("access_token") and not self.env.su and self._constituent_ours():
            raise AccessError(self.env._("Documents of cases and letters are not made public."))
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
        if self.filtered("public")._constituent_ours():
            raise AccessError(self.env._("Documents of cases and letters are not made public."))

    def _constituent_ours(self):
        """Return those that belong to cases, letters and other records of this addon."""
        # Whose they are is asked before it is known who may read them.
        return self.browse(
            attachment_sudo.id
            for attachment_sudo in self.sudo().exists()
            if (attachment_sudo.res_model or "").startswith(OUR_MODELS)
        )

    # Tokens: who has one reads without a login, also when the case is restricted since

    def generate_access_token(self):
        """Return tokens, by which a document is read without a login; see Odoo.

        :return list[str]: an empty one for documents of cases and letters, which have
            none: the editor's pictures are then shown to who may read them
        """
        ours = self._constituent_ours()
        others = iter(super(IrAttachment, self - ours).generate_access_token())
        return ["" if attachment in ours else next(others) for attachment in self]

    def _can_return_content(self, field_name=None, access_token=None):
        """Return whether the file is given to who may not read it; not for a token of ours."""
        if access_token and self._constituent_ours():
            access_token = None
        return super()._can_return_content(field_name, access_token)

    def _has_attachments_ownership(self, attachment_tokens):
        """Return whether the user may change the documents: of ours, not for a token."""
        ours = self._constituent_ours()
        if ours and attachment_tokens and len(attachment_tokens) == len(self):
            attachment_tokens = [
                None if attachment in ours else token
                for attachment, token in zip(self, attachment_tokens, strict=True)
            ]
        return super()._has_attachments_ownership(attachment_tokens)

    # The seal

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
