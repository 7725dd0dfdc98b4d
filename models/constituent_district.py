from odoo import api, fields, models


class ConstituentDistrictType(models.Model):
    """A layer of districts: council ward, police precinct, school zone..."""

    _name = "constituent.district.type"
    _description = "District Type"
    _order = "sequence, name, id"

    name = fields.Char(required=True, translate=True)
    code = fields.Char()
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company
    )


class ConstituentDistrict(models.Model):
    """An area with a boundary that holds for a time."""

    _name = "constituent.district"
    _description = "District"
    _order = "district_type_id, code, id"
    _rec_names_search = ["name", "code"]

    name = fields.Char(required=True, translate=True)
    code = fields.Char(required=True)
    district_type_id = fields.Many2one(
        "constituent.district.type", required=True, index=True, ondelete="restrict"
    )
    boundary = fields.Text(help="GeoJSON geometry, longitude before latitude.")
    valid_from = fields.Date()
    valid_to = fields.Date()
    term_ids = fields.One2many("constituent.district.term", "district_id")
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company
    )

    _dates_in_order = models.Constraint(
        "CHECK (valid_from IS NULL OR valid_to IS NULL OR valid_from <= valid_to)",
        "A district cannot end before it begins.",
    )


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
    date_from = fields.Date(required=True)
    date_to = fields.Date()
    company_id = fields.Many2one(related="district_id.company_id", store=True, index=True)

    _dates_in_order = models.Constraint(
        "CHECK (date_to IS NULL OR date_from <= date_to)", "A term cannot end before it begins."
    )

    @api.depends("district_id", "partner_id", "date_from")
    def _compute_display_name(self):
        for term in self:
            term.display_name = f"{term.partner_id.name} ({term.district_id.name})"
