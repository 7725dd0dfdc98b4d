from datetime import timedelta

from odoo import fields, models

# The same reader within this time is one reading.
READING = timedelta(minutes=15)


class ConstituentCase(models.Model):
    """Who read a restricted case."""

    _name = "constituent.case"
    _inherit = "constituent.case"

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
