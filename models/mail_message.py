from odoo import models


class MailMessage(models.Model):
    """Messages that moved to another case."""

    _name = "mail.message"
    _inherit = "mail.message"

    def _constituent_forget_readers(self, case):
        """Take messages out of the inboxes of colleagues who do not see their new case.

        :param case: where the messages are now
        """
        # Whose inbox it is does not depend on who moves the message.
        notifications_sudo = self.sudo().notification_ids
        users_sudo = notifications_sudo.res_partner_id.user_ids.filtered(
            lambda user: not user.share
        )
        blind_sudo = users_sudo.filtered(
            lambda user: not case.with_user(user).sudo(False).has_access("read")
        ).partner_id
        notifications_sudo.filtered(lambda one: one.res_partner_id in blind_sudo).unlink()
