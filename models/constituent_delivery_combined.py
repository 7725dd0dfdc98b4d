from datetime import timedelta

from odoo import fields, models

# Nobody gets a second acknowledgement within this time.
WINDOW = timedelta(minutes=60)
TOGETHER = ("constituent", "referrer")


class ConstituentDelivery(models.Model):
    """Several matters of one sender within the hour: acknowledged in one mail, none dropped.

    What is still queued for the same reader when the first goes out becomes one mail.
    What comes later waits until an hour after it, and goes out together then. Decided when
    it is sent: taking in a case costs nothing by it.
    """

    _name = "constituent.delivery"
    _inherit = "constituent.delivery"

    # What went to one reader within the hour.
    _received_idx = models.Index("(email, started_at) WHERE event = 'received'")

    def _send(self, sessions):
        """Send one mail, unless it waits for others of the same reader."""
        if self._is_combined() and self._waits_for_the_hour():
            return None
        return super()._send(sessions)

    def _is_combined(self):
        """Return whether it is an acknowledgement that may be one with others.

        One that waited already does not wait again, and a text of its own stands alone.
        """
        return (
            self.event == "received"
            and self.audience in TOGETHER
            and self.state == "queued"
            and not self.resend_of_id
            and not self.attempts
            and not self.case_id.diversion_id
            and not self.also_case_ids  # put together already
        )

    def _waits_for_the_hour(self):
        """Put off an acknowledgement within an hour of the last; put the queued ones together.

        :return bool: whether it waits
        """
        reader = [
            ("email", "=", self.email),
            ("event", "=", "received"),
            ("audience", "=", self.audience),
            ("company_id", "=", self.company_id.id),
            ("id", "!=", self.id),
        ]
        since = fields.Datetime.now() - WINDOW
        last = self.search(
            [*reader, ("state", "in", ("sending", "sent")), ("started_at", ">", since)],
            order="started_at desc, id desc",
            limit=1,
        )
        if last and not self.retry_at:
            self.retry_at = last.started_at + WINDOW
            return True
        cases = last.case_id | self.search([*reader, ("state", "=", "queued")]).case_id
        if cases:
            (self.case_id | cases)._acknowledge_together()
        return False
