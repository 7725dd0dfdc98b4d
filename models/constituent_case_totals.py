import pytz

from odoo import api, fields, models

# Totals by department and month over five years of a big city: 6 MB; PostgreSQL's own
# 4 MB would send them through files on the disk, which takes twice as long.
TOTALS_WORK_MEM = "64MB"


class ConstituentCase(models.Model):
    """What leadership asks: how many, of what, when; over everything there is."""

    _name = "constituent.case"
    _inherit = "constituent.case"

    # A day of the office's own calendar: totals by month need no time zone for each row.
    received_on = fields.Date(
        compute="_compute_received_on",
        store=True,
        precompute=True,
        help="The day it was received, in the office's time zone.",
    )

    # What totals by department and time ask, record rules included, without the rows.
    _department_received_idx = models.Index(
        "(department_id, received_on) INCLUDE (company_id, confidentiality, status, user_id,"
        " create_uid, is_shared, id, stage_id, category_id, channel_id, outcome_id)"
    )

    @api.depends("received_at", "company_id")
    def _compute_received_on(self):
        offices = self.env["res.company"]
        for case in self:
            zone = pytz.timezone(offices._office(case.company_id.id).tz)
            moment = case.received_at and pytz.utc.localize(case.received_at)
            case.received_on = moment and moment.astimezone(zone).date()

    @api.model
    def _read_grouping_sets(self, domain, grouping_sets, aggregates=(), order=None):
        """Count for a pivot; see Odoo. With room to do it in memory."""
        # For this transaction only, and only where nobody has given more.
        self.env.cr.execute(
            "SELECT set_config('work_mem', %s, TRUE)"
            " WHERE pg_size_bytes(current_setting('work_mem')) < pg_size_bytes(%s)",
            (TOTALS_WORK_MEM, TOTALS_WORK_MEM),
        )
        return super()._read_grouping_sets(domain, grouping_sets, aggregates, order)
