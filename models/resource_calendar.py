from datetime import timedelta

import pytz

from odoo import api, fields, models, tools

# Where nobody gave working hours
OPENS_AT, CLOSES_AT = 9, 17


class ResourceCalendar(models.Model):
    """Working days, read once for all cases that are due by them."""

    _name = "resource.calendar"
    _inherit = ["resource.calendar", "constituent.master.mixin"]

    @api.model
    @tools.ormcache("calendar_id", "zone_name", "day", "count")
    def _constituent_nth_working_day_end(self, calendar_id, zone_name, day, count):
        """Return the end of the count-th working day after a day.

        Odoo's own plan_days leaves holidays in unless told and returns False when
        nothing fits; it is also slow for a batch.

        :param int calendar_id: working hours; every day from 9 to 5 when falsy
        :param str zone_name: the office's time zone
        :param date day: the day that does not count
        :param int count: working days, at least 1
        :return datetime: naive UTC; without that many working days in reach (three
            times the count and 60 days) the same number of calendar days, at 17:00
        """
        zone = pytz.timezone(zone_name)
        midnight = fields.Datetime.to_datetime(day + timedelta(days=1))
        ends = {}
        if calendar_id:
            # Due dates do not depend on what the user may read.
            calendar_sudo = self.sudo().browse(calendar_id)
            intervals = calendar_sudo._work_intervals_batch(
                zone.localize(midnight), zone.localize(midnight + timedelta(days=3 * count + 60))
            )[False]
            for _begin, end, _meta in intervals:
                local = end.astimezone(zone)
                ends[local.date()] = local
        if len(ends) >= count:
            end = sorted(ends.values())[count - 1]
        else:
            end = zone.localize(midnight + timedelta(days=count - 1, hours=CLOSES_AT))
        return end.astimezone(pytz.utc).replace(tzinfo=None)

    @api.model
    def _constituent_is_open(self, calendar_id, zone_name, moment):
        """Return whether a moment is within working hours, holidays left out.

        :param int calendar_id: working hours; every day from 9 to 5 when falsy
        :param str zone_name: the office's time zone
        :param datetime moment: naive UTC
        """
        local = pytz.utc.localize(moment).astimezone(pytz.timezone(zone_name))
        if not calendar_id:
            return OPENS_AT <= local.hour < CLOSES_AT
        # Whether an office is open does not depend on who asks.
        calendar_sudo = self.sudo().browse(calendar_id)
        return bool(calendar_sudo._work_intervals_batch(local, local + timedelta(seconds=1))[False])


class ResourceCalendarAttendance(models.Model):
    _name = "resource.calendar.attendance"
    _inherit = ["resource.calendar.attendance", "constituent.master.mixin"]


class ResourceCalendarLeaves(models.Model):
    _name = "resource.calendar.leaves"
    _inherit = ["resource.calendar.leaves", "constituent.master.mixin"]
