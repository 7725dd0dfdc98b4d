from odoo import api, models


class ConstituentDelivery(models.Model):
    """What becomes of a mail that came back."""

    _name = "constituent.delivery"
    _inherit = "constituent.delivery"

    @api.model
    def _mark_bounced(self, message_ids, reason):
        """Mark as failed what a delivery report says did not arrive.

        :param list[str] message_ids: Message-Ids of the mail that came back
        :param str reason: what the report says
        :return: the deliveries that were marked
        """
        # Only the gateway gets here, as superuser.
        bounced_sudo = self.sudo().search(
            [("message_id", "in", message_ids), ("state", "in", ("sending", "sent"))]
        )
        if bounced_sudo:
            bounced_sudo.write({"state": "failed", "error": reason})
        return bounced_sudo
