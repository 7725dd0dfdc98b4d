from odoo import api, models
from odoo.exceptions import ValidationError

from ..tools.ours import OUR_MODELS


class MailFollowers(models.Model):
    """Nobody from outside follows the office's records, however they would be added."""

    _name = "mail.followers"
    _inherit = "mail.followers"

    @api.constrains("res_model", "partner_id")
    def _check_constituent_outsiders(self):
        # Whether somebody has an internal user is no secret.
        followers_sudo = self.sudo().filtered(lambda row: row.res_model.startswith(OUR_MODELS))
        if any(followers_sudo.partner_id.mapped("partner_share")):
            raise ValidationError(
                self.env._(
                    "Only people of the office follow its cases, letters and other records. "
                    "Subscribe others to the notices of a case instead."
                )
            )
