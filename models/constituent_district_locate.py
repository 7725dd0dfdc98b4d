from collections import defaultdict

from odoo import api, fields, models
from odoo.tools import SQL

# So many cases are one transaction.
SLICE = 2000


class ConstituentDistrictType(models.Model):
    """Finding the districts of cases that were here before the boundaries."""

    _name = "constituent.district.type"
    _inherit = "constituent.district.type"
    # Written after each slice: the index of the districts is to outlive that.
    _uncached = frozenset({"locate_below"})

    locate_below = fields.Integer(
        string="Still to Locate",
        readonly=True,
        copy=False,
        help="Cases with a smaller id have not been looked at since boundaries were added.",
    )
    district_count = fields.Integer(compute="_compute_district_count", string="Districts")

    def _compute_district_count(self):
        counts = dict(
            self.env["constituent.district"]._read_group(
                [("district_type_id", "in", self.ids)], ["district_type_id"], ["__count"]
            )
        )
        for kind in self:
            kind.district_count = counts.get(kind, 0)

    def action_districts(self):
        """Open the districts of the layer."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "constituent_services.constituent_district_action"
        )
        return {
            **action,
            "domain": [("district_type_id", "=", self.id)],
            "context": {"default_district_type_id": self.id},
        }

    def action_locate_cases(self):
        """Let the cases that have a place and no district of the layer get theirs.

        In the background: a big city has hundreds of thousands.
        """
        self.env["constituent.district"].check_access("write")
        self.env.cr.execute("SELECT COALESCE(max(id), 0) + 1 FROM constituent_case")
        self.locate_below = self.env.cr.fetchone()[0]
        # Whoever may change districts may have cases looked up in them.
        self.env.ref("constituent_services.ir_cron_locate").sudo()._trigger()

    @api.model
    def _cron_locate_cases(self):
        """Locate cases, in slices of the time the scheduler gives (10 s)."""
        cron = self.env["ir.cron"]
        kinds = self.search([("locate_below", ">", 0)])
        if not cron._commit_progress(remaining=len(kinds)):
            return
        for kind in kinds:
            while kind.locate_below:
                kind._locate_slice()
                if not cron._commit_progress(int(not kind.locate_below)):
                    return

    def _locate_slice(self):
        """Give the newest cases that are still to be located the districts of the layer."""
        self.ensure_one()
        self.env["constituent.case"].flush_model()
        self.env.cr.execute(
            SQL(
                """
                SELECT c.id, c.latitude, c.longitude, c.received_at
                FROM constituent_case c
                WHERE c.id < %s AND c.company_id = %s AND c.latitude <> 0 AND c.longitude <> 0
                  AND NOT EXISTS (
                    SELECT FROM constituent_case_constituent_district_rel r
                    JOIN constituent_district d ON d.id = r.constituent_district_id
                    WHERE r.constituent_case_id = c.id AND d.district_type_id = %s)
                ORDER BY c.id DESC LIMIT %s
                """,
                self.locate_below,
                self.company_id.id,
                self.id,
                SLICE,
            )
        )
        rows = self.env.cr.fetchall()
        found = defaultdict(list)
        mine = set(
            self.env["constituent.district"].search([("district_type_id", "=", self.id)]).ids
        )
        cases = self.env["constituent.case"]
        for case_id, latitude, longitude, received_at in rows:
            districts = cases._districts_of_place(
                self.company_id.id, float(latitude), float(longitude), received_at
            )
            for district_id in mine.intersection(districts):
                found["case"].append(case_id)
                found["district"].append(district_id)
        # A history of a line for each of them would say what the case says itself.
        self.env.cr.execute(
            "INSERT INTO constituent_case_constituent_district_rel"
            " (constituent_case_id, constituent_district_id)"
            " SELECT unnest(%s::int[]), unnest(%s::int[]) ON CONFLICT DO NOTHING",
            (found["case"], found["district"]),
        )
        cases.invalidate_model(["district_ids"])
        self.locate_below = rows[-1][0] if len(rows) == SLICE else 0
