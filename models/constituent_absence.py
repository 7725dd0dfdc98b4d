from odoo import api, fields, models, tools
from odoo.exceptions import ValidationError


class ConstituentAbsence(models.Model):
    """Days on which somebody is away and gets no new cases."""

    _name = "constituent.absence"
    _inherit = ["constituent.master.mixin"]
    _description = "Absence"
    _order = "date_from desc, id desc"
    _rec_name = "user_id"

    user_id = fields.Many2one(
        "res.users",
        string="Who Is Away",
        required=True,
        index=True,
        ondelete="cascade",
        default=lambda self: self.env.user,
        domain="[('share', '=', False)]",
    )
    date_from = fields.Date(string="From", required=True, default=fields.Date.context_today)
    date_to = fields.Date(string="Through", required=True, default=fields.Date.context_today)
    note = fields.Char(help="Who to ask meanwhile. Colleagues read it: no reasons.")

    @api.constrains("date_from", "date_to")
    def _check_dates(self):
        for absence in self:
            if absence.date_to < absence.date_from:
                raise ValidationError(
                    self.env._(
                        "%(name)s is away through a day before the first.",
                        name=absence.user_id.name,
                    )
                )

    @api.model
    @tools.ormcache("day")
    def _away_on(self, day):
        """Return the ids of the users who are away.

        :param date day: of the office's time zone
        :return frozenset[int]:
        """
        # Whoever enters a case need not read who is away.
        found_sudo = self.sudo().search([("date_from", "<=", day), ("date_to", ">=", day)])
        return frozenset(found_sudo.user_id.ids)
