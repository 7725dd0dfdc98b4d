from odoo import fields, models
from odoo.exceptions import UserError

from ..tools.photo import PhotoError, clean_photo
from .constituent_work_order import PHOTO_FIELDS


class ConstituentWorkOrder(models.Model):
    """Photos before and after the work: pictures alone, without what the telephone adds."""

    _name = "constituent.work.order"
    _inherit = "constituent.work.order"

    before_photo_ids = fields.Many2many(
        "ir.attachment",
        "constituent_work_order_before_photo_rel",
        "order_id",
        "attachment_id",
        string="Photos Before",
        copy=False,
    )
    after_photo_ids = fields.Many2many(
        "ir.attachment",
        "constituent_work_order_after_photo_rel",
        "order_id",
        "attachment_id",
        string="Photos After",
        copy=False,
    )

    def _adopt_photos(self):
        """Make uploaded files photos of their order: small, and without place and device.

        :raises UserError: not a picture, too large, or another record's file
        """
        for order in self:
            # Whose they are is checked one by one, whatever the user may read.
            photos_sudo = order.sudo()
            for name in sorted(PHOTO_FIELDS):
                for photo in photos_sudo[name]:
                    order._adopt_photo(photo)

    def _adopt_photo(self, photo_sudo):
        """Take in one file.

        :param photo_sudo: attachment, with superuser rights
        """
        own = photo_sudo.res_model == self._name and photo_sudo.res_id == self.id
        # Uploaded in the form before the order was saved.
        fresh = photo_sudo.res_model == self._name and not photo_sudo.res_id
        mine = photo_sudo.create_uid == self.env.user or self.env.su
        if photo_sudo.res_field or photo_sudo.public or not (own or (fresh and mine)):
            raise UserError(
                self.env._("%(order)s: upload the photo here.", order=self.display_name)
            )
        try:
            content = clean_photo(photo_sudo.raw or b"")
        except PhotoError as error:
            problems = {
                "large": self.env._("“%(file)s” is too large for a photo (20 MB)."),
                "not_a_photo": self.env._("“%(file)s” is no photo: take or choose a picture."),
            }
            raise UserError(problems[error.kind] % {"file": photo_sudo.name}) from error
        if content != photo_sudo.raw or fresh:
            stem = (photo_sudo.name or "photo").rpartition(".")[0] or photo_sudo.name
            photo_sudo.write(
                {
                    "raw": content,
                    "name": f"{stem}.jpg",
                    "mimetype": "image/jpeg",
                    "res_id": self.id,
                    "company_id": self.company_id.id,
                }
            )
