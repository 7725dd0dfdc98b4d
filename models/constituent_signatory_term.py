from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain


class ConstituentSignatoryTerm(models.Model):
    """The days on which somebody holds the office they sign for.

    Who has no term signs without end; who has one signs within it only.
    """

    _name = "constituent.signatory.term"
    _inherit = ["constituent.master.mixin"]
    _description = "Term of a Signatory"
    _order = "date_to desc, id desc"
    _rec_name = "user_id"

    user_id = fields.Many2one(
        "res.users",
        string="Who Signs",
        required=True,
        index=True,
        ondelete="cascade",
        domain="[('share', '=', False)]",
    )
    date_from = fields.Date(string="From", required=True, default=fields.Date.context_today)
    date_to = fields.Date(string="Through", required=True)

    @api.constrains("date_from", "date_to")
    def _check_dates(self):
        for term in self:
            if term.date_to < term.date_from:
                raise ValidationError(
                    self.env._("%(name)s: the term ends before it begins.", name=term.user_id.name)
                )

    @api.model
    def _is_over(self, user, day):
        """Return whether somebody has terms, and none of them on a day.

        :param user: who signs
        :param date day: of the office
        """
        # Whoever writes a letter need not read the terms.
        terms_sudo = self.sudo().search(Domain("user_id", "=", user.id))
        return bool(terms_sudo) and not any(
            term.date_from <= day <= term.date_to for term in terms_sudo
        )
