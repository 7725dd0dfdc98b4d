from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError

# What the record rules look at: read along with what a list shows, as Odoo asks them of
# each record once more.
RULE_FIELDS = (
    "company_id", "confidentiality", "create_uid", "department_id", "is_shared", "status",
    "user_id",
)  # fmt: skip
# The same reader within this time is one reading.
READING = timedelta(minutes=15)


class ConstituentCase(models.Model):
    """Who read a restricted case, and who may write to people outside."""

    _name = "constituent.case"
    _inherit = "constituent.case"

    @api.model
    def search_fetch(self, domain, field_names=None, offset=0, limit=None, order=None):
        """Search and read; see Odoo."""
        if field_names and not self.env.su:
            field_names = [*field_names, *(n for n in RULE_FIELDS if n not in field_names)]
        return super().search_fetch(domain, field_names, offset=offset, limit=limit, order=order)

    def _read_format(self, fnames, load="_classic_read"):
        """Read for a person (form, list, RPC); restricted cases remember by whom."""
        self._log_reading()
        return super()._read_format(fnames, load=load)

    def _export_rows(self, fields, *, _is_toplevel_call=True):
        """Export; restricted cases remember by whom."""
        self._log_reading()
        return super()._export_rows(fields, _is_toplevel_call=_is_toplevel_call)

    def _log_reading(self):
        """Write an event for each restricted case, once a reader in 15 minutes."""
        if self.env.su:
            return
        # Who may read was checked before. One column: reading it by itself would fetch all.
        self.sudo().fetch(["confidentiality"])
        restricted = self.filtered(lambda case: case.id and case.confidentiality == "restricted")
        if not restricted:
            return
        # Nobody may create events by hand, and this one even less.
        events_sudo = self.env["constituent.case.event"].sudo()
        logged = events_sudo.search_fetch(
            [
                ("case_id", "in", restricted.ids),
                ("kind", "=", "read"),
                ("user_id", "=", self.env.uid),
                ("happened_at", ">=", fields.Datetime.now() - READING),
            ],
            ["case_id"],
        )
        events_sudo.create(
            [
                {
                    "case_id": case.id,
                    "company_id": case.company_id.id,
                    "kind": "read",
                    "user_id": self.env.uid,
                }
                for case in restricted - logged.case_id
            ]
        )

    def message_post(self, *, partner_ids=None, outgoing_email_to=False, **kwargs):
        """Post, unless an intake clerk would send mail to somebody outside.

        :raises AccessError: clerks enter and draft; they never send
        """
        self._check_may_send(partner_ids, outgoing_email_to)
        return super().message_post(
            partner_ids=partner_ids, outgoing_email_to=outgoing_email_to, **kwargs
        )

    def message_notify(self, *, partner_ids=None, **kwargs):
        """Notify, unless an intake clerk would send mail to somebody outside.

        :raises AccessError: clerks enter and draft; they never send
        """
        self._check_may_send(partner_ids)
        return super().message_notify(partner_ids=partner_ids, **kwargs)

    def _check_may_send(self, partner_ids, addresses=False):
        if self.env.su or not self.env.user._is_constituent_clerk_only():
            return
        # Whether a contact is a colleague does not depend on what the clerk may read.
        partners_sudo = self.env["res.partner"].sudo().browse(partner_ids or [])
        if addresses or any(partner.partner_share for partner in partners_sudo):
            raise AccessError(
                self.env._(
                    "Intake clerks do not write to people outside. Log a note, or ask a "
                    "caseworker to answer."
                )
            )
