import base64

from odoo import api, fields, models
from odoo.exceptions import AccessError, ValidationError

from ..tools.letter import count_pixels, logo_uri, sha256, shrink


class ConstituentSignature(models.Model):
    """Somebody's scanned signature. Nobody else reads it, whatever their role.

    It is printed only on letters whose approval by its owner says so: one by one.
    """

    _name = "constituent.signature"
    _description = "Scanned Signature"
    _rec_name = "user_id"

    user_id = fields.Many2one(
        "res.users",
        string="Whose",
        required=True,
        readonly=True,
        ondelete="cascade",
        default=lambda self: self.env.user,
    )
    image = fields.Binary(
        string="Signature",
        required=True,
        attachment=False,
        help="In black on white, cut close: PNG or JPEG.",
    )

    _user_uniq = models.Constraint("UNIQUE (user_id)", "There is one signature for each person.")

    @api.constrains("image")
    def _check_image(self):
        for signature in self.with_context(bin_size=False):
            content = base64.b64decode(signature.image or b"")
            if not count_pixels(content) or not shrink(content):
                raise ValidationError(
                    self.env._("The signature must be a picture: PNG or JPEG, of a scan's size.")
                )

    @api.model_create_multi
    def create(self, vals_list):
        """Keep a signature: one's own, whatever is asked for."""
        return super().create([{**vals, "user_id": self.env.uid} for vals in vals_list])

    def write(self, vals):
        """Write; whose it is stays as it is.

        :raises AccessError: put under somebody else's name
        """
        if "user_id" in vals and any(one.user_id.id != vals["user_id"] for one in self):
            raise AccessError(self.env._("A signature stays its owner's."))
        return super().write(vals)

    @api.model
    def _of(self, user):
        """Return somebody's signature as it is printed, and its SHA-256.

        :param user: a user; the caller says on whose word
        :return tuple: (address of the picture, 64 hexadecimal digits), empty when there is none
        """
        # Read for the page of a letter its owner authorized, or to note that they did.
        signature_sudo = self.sudo().search([("user_id", "=", user.id)])
        if not signature_sudo:
            return "", ""
        # A form asks for sizes in the place of pictures.
        scan = base64.b64decode(signature_sudo.with_context(bin_size=False).image)
        return logo_uri(scan), sha256(scan)
