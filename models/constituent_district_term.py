from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain
from odoo.tools import format_date


class ConstituentDistrictTerm(models.Model):
    """Who holds the office of a district, from when to when."""

    _name = "constituent.district.term"
    _description = "Term of Office"
    _order = "date_from desc, id desc"

    district_id = fields.Many2one(
        "constituent.district", required=True, index=True, ondelete="cascade"
    )
    partner_id = fields.Many2one(
        "res.partner", string="Office", required=True, index=True, ondelete="restrict"
    )
    date_from = fields.Date(string="From", required=True)
    date_to = fields.Date(string="To")
    company_id = fields.Many2one(related="district_id.company_id", store=True, index=True)

    _dates_in_order = models.Constraint(
        "CHECK (date_to IS NULL OR date_from <= date_to)", "A term cannot end before it begins."
    )

    @api.depends("district_id", "partner_id", "date_from")
    def _compute_display_name(self):
        for term in self:
            term.display_name = f"{term.partner_id.name} ({term.district_id.name})"

    @api.constrains("district_id", "partner_id", "date_from", "date_to")
    def _check_overlap(self):
        """Refuse that an office holds the same district twice at once.

        Several offices may: wards with two members.

        :raises ValidationError: who, where and when
        """
        known = self.search(
            Domain("district_id", "in", self.district_id.ids)
            & Domain("partner_id", "in", self.partner_id.ids)
        )
        by_office = known.grouped(lambda term: (term.district_id, term.partner_id))
        for term in self:
            for other in by_office[term.district_id, term.partner_id] - term:
                if term._overlaps(other):
                    raise ValidationError(
                        self.env._(
                            "%(office)s holds %(district)s already from %(start)s to %(end)s.",
                            office=term.partner_id.name,
                            district=term.district_id.display_name,
                            start=format_date(self.env, other.date_from),
                            end=format_date(self.env, other.date_to) or "…",
                        )
                    )

    def _overlaps(self, other):
        """Return whether two terms have a day in common."""
        last = fields.Date.to_date("9999-12-31")
        return self.date_from <= (other.date_to or last) and other.date_from <= (
            self.date_to or last
        )

    # By import

    @api.model
    def get_import_templates(self):
        """Return the table that the import window offers; see Odoo."""
        return [
            {
                "label": self.env._("Template for Terms of Office"),
                "template": "/constituent_services/static/templates/terms_of_office.csv",
            }
        ]

    @api.model
    def load(self, fields, data):
        """Import; a name that could be several districts or offices is refused, not guessed.

        Odoo takes the first that it finds and warns.
        """
        with self.env.cr.savepoint() as savepoint:
            result = super().load(fields, data)
            doubtful = [one for one in result["messages"] if one["type"] == "warning"]
            if doubtful:
                savepoint.rollback()
                result["ids"] = False
                for message in doubtful:
                    message["type"] = "error"
                    advice = self.env._(
                        "Write a district with its type, as in “Wards / 3”, or use the column"
                        " External ID."
                    )
                    message["message"] = f"{message['message']} {advice}"
        return result
