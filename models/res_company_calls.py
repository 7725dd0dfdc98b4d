from odoo import fields, models

HAZARD_ALERTS = [
    ("never", "Never"),
    ("after_hours", "Outside Office Hours"),
    ("always", "At Any Time"),
]


class ResCompany(models.Model):
    """What an office does when nobody answers, and when nobody is there to answer."""

    _name = "res.company"
    _inherit = "res.company"

    constituent_call_attempts = fields.Integer(
        string="Calls Before a Letter",
        default=3,
        help="After so many calls in a row that reached nobody, a letter is offered. Never when 0.",
    )
    constituent_hazard_alert = fields.Selection(
        HAZARD_ALERTS,
        string="Alert the Person on Call",
        default="after_hours",
        required=True,
        help="When a new case is of a hazard category.",
    )
    constituent_on_call_user_id = fields.Many2one(
        "res.users",
        string="On Call",
        domain="[('share', '=', False)]",
        help="Alerted to hazards where the department names nobody.",
    )

    _constituent_call_attempts_positive = models.Constraint(
        "CHECK (constituent_call_attempts >= 0)", "The number of calls cannot be negative."
    )

    def _is_after_hours(self, calendar_id=False):
        """Return whether the office is closed at this moment.

        :param int calendar_id: a department's own working hours; the office's when falsy
        """
        self.ensure_one()
        office = self._office(self.id)
        return not self.env["resource.calendar"]._constituent_is_open(
            calendar_id or office.calendar_id, office.tz, fields.Datetime.now()
        )
