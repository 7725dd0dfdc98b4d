from odoo import api, models
from odoo.exceptions import ValidationError

from .constituent_inbound_route import THREAD_MODELS


class MailFollowers(models.Model):
    """Nobody from outside follows cases and letters, however they would be added."""

    _name = "mail.followers"
    _inherit = "mail.followers"

    @api.constrains("res_model", "partner_id")
    def _check_constituent_outsiders(self):
        # Whether somebody has an internal user is no secret.
        followers_sudo = self.sudo().filtered(lambda row: row.res_model in THREAD_MODELS)
        if any(followers_sudo.partner_id.mapped("partner_share")):
            raise ValidationError(
                self.env._(
                    "Only people of the office follow cases and letters. Subscribe others to "
                    "the notices instead."
                )
            )
