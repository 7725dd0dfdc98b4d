import uuid

from odoo import models

GIVEN = {"partner_name": "name", "partner_email": "email", "partner_phone": "phone"}


class ConstituentCase(models.Model):
    """What follows when a case turns out to be somebody else's."""

    _name = "constituent.case"
    _inherit = "constituent.case"

    def write(self, vals):
        """Write; a constituent that was corrected loses link, notices and address."""
        before = {case.id: case.partner_id for case in self} if "partner_id" in vals else {}
        result = super().write(vals)
        for case in self:
            old = before.get(case.id)
            if old and old != case.partner_id:
                case._leave_constituent(old, vals)
        return result

    def _leave_constituent(self, old, vals):
        """Take the case away from who was its constituent by mistake.

        Merging contacts rewrites the column and does not come here: it is the same
        person then.

        :param old: the contact that was the constituent
        :param dict vals: what was written along; it is not overruled
        """
        self.ensure_one()
        new = self.partner_id
        values = {"access_token": str(uuid.uuid4())}
        # What a sender gave in a mail stays as given; what the desk took over from the
        # wrong contact does not: notices would go there.
        # Who corrects a case need not read the mail register.
        if not self.sudo().inbound_mail_ids:
            for given, name in GIVEN.items():
                if given not in vals and self[given] and self[given] == old[name]:
                    values[given] = new[name]
        # The token is for nobody's eyes; whoever corrects the case may write it.
        self.sudo().write(values)
        # Who corrects a case has no right to other people's links.
        subscriptions_sudo = self.sudo().subscription_ids
        subscriptions_sudo.filtered(
            lambda sub: (
                sub.audience == "constituent" and sub.email_normalized != new.email_normalized
            )
        )._stop()
        note = self.env._("Constituent corrected")
        self._log_event(note, kind="identified", partner_id=new.id)
