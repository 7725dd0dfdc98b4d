import base64
import json

from odoo import api, fields, models, tools
from odoo.exceptions import ValidationError
from odoo.fields import Domain
from odoo.tools.sql import escape_psql

from ..tools.district_map import Outline, draw
from ..tools.districts import (
    BoundaryError,
    DistrictIndex,
    display_geojson,
    read_geometry,
)
from ..tools.text import fold


class ConstituentDistrictType(models.Model):
    """A layer of districts: council ward, police precinct, school zone..."""

    _name = "constituent.district.type"
    _inherit = ["constituent.master.mixin"]
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
    _inherit = ["constituent.master.mixin"]
    _description = "District"
    _order = "district_type_id, code, id"
    _rec_names_search = ["name", "code"]

    name = fields.Char(required=True, translate=True)
    code = fields.Char(required=True)
    district_type_id = fields.Many2one(
        "constituent.district.type", required=True, index=True, ondelete="restrict"
    )
    # Hundreds of kilobytes: read where they are asked for, not along with whatever else is.
    boundary = fields.Text(
        prefetch="boundary", help="GeoJSON geometry, longitude before latitude; exact."
    )
    boundary_display = fields.Text(
        compute="_compute_boundary_display",
        store=True,
        prefetch="boundary",
        help="A lighter one for maps.",
    )
    map_image = fields.Binary(
        string="Map", compute="_compute_map_image", help="Among the others of its layer."
    )
    has_boundary = fields.Boolean(
        string="Boundary Known", compute="_compute_boundary_display", store=True
    )
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

    @api.depends("boundary")
    def _compute_boundary_display(self):
        for district in self:
            district.has_boundary = bool(district.boundary)
            try:
                area = district.boundary and read_geometry(json.loads(district.boundary))
                district.boundary_display = area and display_geojson(area)
            except (BoundaryError, ValueError):  # refused by the constraint, with the reason
                district.boundary_display = False

    def _compute_map_image(self):
        for district in self:
            others = self.search_fetch(
                [
                    ("district_type_id", "=", district.district_type_id.id),
                    ("has_boundary", "=", True),
                    ("valid_to", "=", False),
                ],
                ["boundary_display", "code"],
            )
            outlines = [
                Outline(other.boundary_display, other.code, marked=other == district)
                for other in (others | district if district.has_boundary else others)
                if other.boundary_display
            ]
            district.map_image = base64.b64encode(draw(outlines)) or False

    @api.constrains("boundary")
    def _check_boundary(self):
        for district in self:
            try:
                if district.boundary:
                    read_geometry(json.loads(district.boundary))
            except (BoundaryError, ValueError, RecursionError) as error:
                known = error if isinstance(error, BoundaryError) else BoundaryError("not_json")
                problem = self._boundary_sentence(known)
                message = self.env._(
                    "%(district)s: %(problem)s", district=district.name, problem=problem
                )
                raise ValidationError(message) from error

    @api.depends("name", "district_type_id")
    def _compute_display_name(self):
        for district in self:
            kind = district.district_type_id.name
            # "Ward 3" of the City Council Wards says what it is, "3" does not.
            named = set(fold(kind).split()) & set(fold(district.name).split())
            whole = not kind or named
            district.display_name = district.name if whole else f"{kind} {district.name}"

    @api.model
    def name_search(self, name="", domain=None, operator="ilike", limit=100):
        """Find districts; also by type and code or name, as in “Wards / 3”.

        Codes are of a type: “3” alone may be a ward and a precinct.
        """
        found = super().name_search(name, domain, operator, limit)
        kind, slash, code = (name or "").partition("/")
        if found or not slash or not kind.strip() or not code.strip():
            return found
        kind, code = escape_psql(kind.strip()), escape_psql(code.strip())
        of_kind = Domain("district_type_id.name", "=ilike", kind) | Domain(
            "district_type_id.code", "=ilike", kind
        )
        of_code = Domain("code", "=ilike", code) | Domain("name", "=ilike", code)
        districts = self.search_fetch(
            Domain(domain or Domain.TRUE) & of_kind & of_code, ["display_name"], limit=limit
        )
        return [(district.id, district.display_name) for district in districts]

    @api.model
    def _boundary_sentence(self, error):
        """Return what a person reads of a boundary that is refused.

        :param BoundaryError error: see tools/districts.py
        """
        sentences = {
            "too_large": self.env._("The file is larger than %(megabytes)s MB."),
            "not_json": self.env._(
                "This is no GeoJSON: a text file that begins with a curly bracket."
            ),
            "not_a_collection": self.env._(
                "This is no collection of districts: export a GeoJSON FeatureCollection."
            ),
            "no_features": self.env._("There are no districts in the file."),
            "too_many": self.env._(
                "There are %(count)s areas in the file; %(limit)s at most can be districts."
            ),
            "too_fine": self.env._(
                "Up to feature %(number)s there are more than %(limit)s points: export the"
                " boundaries simplified."
            ),
            "no_code": self.env._("Feature %(number)s has no “%(name)s”: each needs a code."),
            "not_an_area": self.env._("Feature %(number)s is no area but: %(type)s"),
            "broken": self.env._("Feature %(number)s has a broken boundary: no closed ring."),
            "not_degrees": self.env._(
                "Feature %(number)s is not in degrees of longitude and latitude: export it as"
                " WGS 84 (EPSG 4326)."
            ),
            "invalid": self.env._("The boundary of feature %(number)s is invalid: %(reason)s"),
        }
        return sentences[error.kind] % error.values

    # Looking up

    @api.model
    @tools.ormcache("company_id")
    def _index(self, company_id):
        """Return the index of an office's districts; built once, until one changes."""
        # Districts are looked up for every report, whoever takes it.
        districts_sudo = self.sudo().search_fetch(
            [("company_id", "=", company_id), ("has_boundary", "=", True)],
            ["boundary", "valid_from", "valid_to"],
            order="district_type_id, code, id",
        )
        return DistrictIndex(
            (district.id, district.boundary, district.valid_from, district.valid_to)
            for district in districts_sudo
        )

    @api.model
    @tools.ormcache("company_id", "self.env.lang")
    def _labels(self, company_id):
        """Return {district id: name} of an office, in the user's language."""
        # As above.
        districts_sudo = self.sudo().search([("company_id", "=", company_id)])
        return {district.id: district.display_name for district in districts_sudo}

    @api.model
    def _at(self, company_id, latitude, longitude, day):
        """Return the ids of the districts a point was in on a day.

        :param int company_id: the office whose districts they are
        :param float latitude, longitude: in degrees
        :param date day: of the office's calendar
        """
        return self._index(company_id).at(latitude, longitude, day)
