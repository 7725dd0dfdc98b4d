from datetime import timedelta

from dateutil.relativedelta import relativedelta

from odoo import api, models
from odoo.exceptions import UserError
from odoo.tools import format_date

# Post is scanned within days: what is older is said, as a slip of the pen is never mended.
SAID_AFTER = timedelta(days=30)
# And this much is more often a wrong year than paper found behind a cupboard.
CONFIRMED_AFTER = relativedelta(years=1)


class ConstituentScan(models.Model):
    """The day paper came in, when it is long past: promises count from it, sealed."""

    _name = "constituent.scan"
    _inherit = "constituent.scan"

    @api.depends("received_on", "company_id", "state")
    def _compute_date_note(self):
        for scan in self:
            scan.date_note, scan.is_long_ago = scan._say_date()

    def _say_date(self):
        """Return what is to be said of the date, and whether it must be confirmed.

        :return tuple[str | bool, bool]:
        """
        self.ensure_one()
        if self.state != "draft" or not self.received_on:
            return False, False
        today = self._today(self.company_id.id)
        if self.received_on >= today - SAID_AFTER:
            return False, False
        if self.received_on < today - CONFIRMED_AFTER:
            return self._long_ago_sentence(), True
        return (
            self.env._(
                "Received on %(day)s, %(count)s days ago: is the date right? Promises to the "
                "constituent count from it, and it is sealed with the letters.",
                day=format_date(self.env, self.received_on, date_format="long"),
                count=(today - self.received_on).days,
            ),
            False,
        )

    def _long_ago_sentence(self):
        return self.env._(
            "%(scan)s: received on %(day)s, more than a year ago. Correct the date, or tick "
            "that it is right.",
            scan=self.file_name,
            day=format_date(self.env, self.received_on, date_format="long"),
        )

    @api.onchange("received_on")
    def _onchange_received_on(self):
        """Ask again: what was confirmed was another day."""
        self.date_confirmed = False

    def _check_long_ago(self):
        """Refuse a day more than a year ago that nobody confirmed.

        :raises UserError: says so
        """
        _note, is_long_ago = self._say_date()
        if is_long_ago and not self.date_confirmed:
            raise UserError(self._long_ago_sentence())
