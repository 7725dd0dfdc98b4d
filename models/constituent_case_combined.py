from datetime import timedelta

from odoo import fields, models
from odoo.tools import email_normalize

# Whoever writes twice within this time gets one mail about it.
WINDOW = timedelta(minutes=60)
TOGETHER = ("constituent", "referrer")


class ConstituentCase(models.Model):
    """Several matters of one sender within the hour: one acknowledgement for all of them.

    What is still queued for the same reader becomes one mail. When the first has gone out
    already, the others wait until the hour is over and go out together.
    """

    _name = "constituent.case"
    _inherit = "constituent.case"

    def _intake_notify(self, drafts):
        """Queue notices, and put together the acknowledgements of one sender."""
        result = super()._intake_notify(drafts)
        live = self.filtered(
            lambda case: (
                case.intake_mode == "live"
                and case.status != "closed"
                and not (case.alarm_id or case.diversion_id)
            )
        )
        live._combine_acknowledgements()
        return result

    def _combine_acknowledgements(self):
        """Let each reader have one acknowledgement for what came in within the hour."""
        emails = self._acknowledged_addresses()
        if not emails:
            return
        # Who enters a case has no right to outgoing mail.
        recent_sudo = (
            self.env["constituent.delivery"]
            .sudo()
            .search(
                [
                    ("event", "=", "received"),
                    ("email", "in", emails),
                    ("create_date", ">=", fields.Datetime.now() - WINDOW),
                    ("audience", "in", TOGETHER),
                    ("state", "in", ("queued", "sending", "sent")),
                ],
                order="id",
            )
        )
        groups = recent_sudo.grouped(lambda mail: (mail.company_id, mail.email, mail.audience))
        for mails_sudo in groups.values():
            own_sudo = mails_sudo.filtered(lambda mail: mail.case_id.id in self.ids)
            if own_sudo and len(mails_sudo) > 1:
                self._combine(own_sudo, mails_sudo - own_sudo)

    def _acknowledged_addresses(self):
        """Return the mail addresses these cases are acknowledged to."""
        # As above: the contacts are not shown.
        cases_sudo = self.sudo()
        addresses = {
            email_normalize(case.partner_email or case.partner_id.email or "", strict=False)
            for case in cases_sudo
        }
        addresses.update(cases_sudo.referrer_ids.partner_id.mapped("email_normalized"))
        return list(filter(None, addresses))

    def _combine(self, own, earlier):
        """Put the acknowledgements of one reader together, or let them wait for the hour.

        :param own: those queued just now, with superuser rights
        :param earlier: those of other cases within the hour, with superuser rights
        """
        # What has a text of its own is not put together with others.
        earlier = earlier.filtered(lambda mail: not mail.case_id.diversion_id)
        waiting = earlier.filtered(lambda mail: mail.state == "queued")
        if waiting:
            own.write({"retry_at": waiting[-1].retry_at})
        elif earlier:
            own.write({"retry_at": min(earlier.mapped("create_date")) + WINDOW})
        together = getattr(self, "_acknowledge_together", None)
        if together:
            (own | earlier).case_id.with_env(self.env)._acknowledge_together()
