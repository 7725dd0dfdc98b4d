from datetime import date

import pytz

from odoo import api, fields, models
from odoo.fields import Domain

PLACE = {"latitude", "longitude", "received_at"}


class ConstituentCase(models.Model):
    """Which districts a case lies in, and who held their offices on its day."""

    _name = "constituent.case"
    _inherit = "constituent.case"

    has_location = fields.Boolean(
        string="On the Map", compute="_compute_has_location", search="_search_has_location"
    )
    district_office_ids = fields.Many2many(
        "res.partner",
        string="Offices of the Districts",
        compute="_compute_district_office_ids",
        help="Who represented the districts on the day the case was received.",
    )

    # What needs a location, for the list of it.
    _no_location_idx = models.Index(
        "(id DESC) WHERE (latitude IS NULL OR latitude = 0 OR longitude IS NULL OR longitude = 0)"
        " AND status != 'closed'"
    )

    @api.depends("latitude", "longitude")
    def _compute_has_location(self):
        for case in self:
            case.has_location = bool(case.latitude and case.longitude)

    def _search_has_location(self, operator, value):
        if operator != "in" or set(value) != {True}:
            return NotImplemented
        return Domain("latitude", "!=", 0) & Domain("longitude", "!=", 0)

    @api.depends("district_ids", "received_on")
    def _compute_district_office_ids(self):
        # Who represents a district is no secret; the contacts are shown by name alone.
        terms_sudo = self.env["constituent.district.term"].sudo()
        found_sudo = terms_sudo.search_fetch(
            [("district_id", "in", self.district_ids.ids)],
            ["district_id", "partner_id", "date_from", "date_to"],
        )
        for case in self:
            day, districts = case.received_on or fields.Date.today(), case.district_ids._origin
            of_day = found_sudo.filtered(
                lambda term, day=day, districts=districts: (
                    term.district_id in districts
                    and term.date_from <= day <= (term.date_to or date.max)
                )
            )
            case.district_office_ids = of_day.partner_id.sudo(False)

    # Pipeline

    @api.model
    def _intake_locate(self, drafts):
        """Find the districts of the place, as they were on the day."""
        for draft in drafts:
            vals = draft.vals
            if self._intake_districts(draft) or not draft.given("latitude", "longitude"):
                continue
            company_id = vals["company_id"]
            found = self._districts_of_place(
                company_id, vals.get("latitude"), vals.get("longitude"), vals["received_at"]
            )
            if found:
                vals["district_ids"] = [fields.Command.set(found)]
                draft.explain("located", self._located_note(company_id, found))

    @api.model
    def _intake_districts(self, draft):
        """Return the ids of the districts of a draft, given by hand or found."""
        found = set()
        for command in draft.vals.get("district_ids") or []:
            if command[0] == fields.Command.LINK:
                found.add(command[1])
            elif command[0] == fields.Command.SET:
                found.update(command[2])
        return found

    @api.model
    def _districts_of_place(self, company_id, latitude, longitude, moment):
        """Return the ids of the districts of a place on the day of a moment (naive UTC)."""
        if not latitude or not longitude:
            return []
        zone = pytz.timezone(self.env["res.company"]._office(company_id).tz)
        day = pytz.utc.localize(fields.Datetime.to_datetime(moment)).astimezone(zone).date()
        return self.env["constituent.district"]._at(company_id, latitude, longitude, day)

    @api.model
    def _located_note(self, company_id, district_ids):
        labels = self.env["constituent.district"]._labels(company_id)
        names = ", ".join(labels[district_id] for district_id in district_ids)
        return self.env._("By location: %(districts)s", districts=names)

    # Changes

    def write(self, vals):
        """Write; a place that was corrected lies in the districts that are there."""
        result = super().write(vals)
        if PLACE & vals.keys() and "district_ids" not in vals:
            moved = "latitude" in vals or "longitude" in vals
            # Districts given by hand, without a place, stay.
            self.filtered(lambda case: moved or case.has_location)._locate_again()
        return result

    def _locate_again(self):
        """Find the districts anew, and say in the history where they changed."""
        events = []
        for case in self:
            found = self._districts_of_place(
                case.company_id.id, case.latitude, case.longitude, case.received_at
            )
            if set(found) == set(case.district_ids.ids):
                continue
            # The districts follow from the place, whoever may correct that.
            case.sudo().district_ids = [fields.Command.set(found)]
            note = self._located_note(case.company_id.id, found) if found else ""
            note = note or self.env._("In no district any more")
            events.append((case, {"kind": "located", "note": note}))
        self._log_events(events)
