from odoo import models


class ConstituentDelivery(models.Model):
    """The mail that carries a letter tells the letter when it does not arrive."""

    _name = "constituent.delivery"
    _inherit = "constituent.delivery"

    def write(self, vals):
        """Write what became of mails; who sent a letter hears that its mail did not arrive.

        Whatever the reason: refused, not sent after all, given up, or bounced.
        """
        waiting = self.browse()
        if vals.get("state") in ("failed", "cancelled"):
            # What failed was told then; what is sent again is not lost.
            waiting = self.filtered(
                lambda delivery: (
                    delivery.correspondence_id
                    and delivery.state in ("queued", "sending", "sent")
                    and not delivery.resend_ids
                )
            )
        result = super().write(vals)
        for delivery in waiting:
            delivery.correspondence_id._delivery_failed(delivery)
        return result


class ConstituentCorrespondence(models.Model):
    """What a letter says when its mail did not arrive, and to whom."""

    _name = "constituent.correspondence"
    _inherit = "constituent.correspondence"

    def _delivery_failed(self, delivery):
        """Tell in the chatter, and to who sees to it, that its mail did not arrive.

        :param delivery: the constituent.delivery that failed, was cancelled or bounced
        """
        self.ensure_one()
        way_out = (
            self.env._(
                "The letter goes by post as well. Ask the constituent for the right email address."
            )
            if self.medium == "both"
            else self.env._(
                "A coordinator can send the mail again from the list of outgoing mail. "
                "Otherwise press “Send by Post” in the letter, or mark it as “Came Back” and "
                "write to another address."
            )
        )
        # No rule of the reader is asked: whoever sees the letter sees its notes.
        letter_sudo = self.sudo()
        letter_sudo.message_post(
            body=self.env._(
                "The mail to %(email)s did not arrive: %(reason)s",
                email=delivery.email,
                reason=delivery.error or "",
            ),
            subtype_xmlid="mail.mt_note",
        )
        user_sudo = letter_sudo._who_sees_to_it()
        if not user_sudo:
            return
        # Without its own mail: the sender works through the queue right now.
        letter_sudo.with_context(mail_activity_quick_update=True).activity_schedule(
            "mail.mail_activity_data_todo",
            summary=self.env._("The letter did not arrive"),
            note=way_out,
            user_id=user_sudo.id,
        )

    def _who_sees_to_it(self):
        """Return who is asked: who sent the letter; when they left, who works its case."""
        asked_sudo = (
            self.sent_by_id, self.case_id.user_id, self.department_id.head_id, self.create_uid,
        )  # fmt: skip
        for user_sudo in asked_sudo:
            if user_sudo.active and self.with_user(user_sudo).has_access("read"):
                return user_sudo
        return self.env["res.users"]
