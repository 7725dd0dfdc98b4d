import base64
import json

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..tools.districts import (
    BoundaryError,
    property_names,
    read_collection,
    read_features,
    read_geometry,
    to_geojson,
)

CODE_NAMES = ("code", "id", "number", "district")
NAME_NAMES = ("name", "label", "title")
SHOWN = 8


class ConstituentDistrictImportWizard(models.TransientModel):
    """Read the districts of a layer, with their boundaries, from a GeoJSON file."""

    _name = "constituent.district.import.wizard"
    _inherit = ["constituent.wizard.mixin"]
    _description = "Import Districts"

    district_type_id = fields.Many2one(
        "constituent.district.type", required=True, ondelete="cascade", string="Layer"
    )
    file = fields.Binary(string="GeoJSON File", required=True, attachment=False)
    file_name = fields.Char()
    properties = fields.Char(
        string="Properties in the File",
        compute="_compute_properties",
        store=True,
        help="What every area of the file says of itself.",
    )
    code_property = fields.Char(
        string="Property with the Code",
        compute="_compute_properties",
        store=True,
        readonly=False,
    )
    name_property = fields.Char(
        string="Property with the Name",
        compute="_compute_properties",
        store=True,
        readonly=False,
        help="The code is the name when empty.",
    )
    valid_from = fields.Date(
        help="From when on these boundaries hold. Districts that were there before end the day"
        " before, and cases received until then stay in them. Empty: they have always held."
    )
    summary = fields.Text(compute="_compute_summary", string="What Is in It")

    # What is in the file

    def _content(self):
        # The web client reads sizes in place of contents.
        return base64.b64decode(self.with_context(bin_size=False).file or b"")

    @api.depends("file")
    def _compute_properties(self):
        for wizard in self:
            names = wizard._property_names()
            wizard.properties = ", ".join(names)
            wizard.code_property = _guess(names, CODE_NAMES) or (names[0] if names else False)
            wizard.name_property = _guess(names, NAME_NAMES)

    def _property_names(self):
        try:
            return property_names(read_collection(self._content())) if self.file else []
        except BoundaryError:  # said where the file is read, with the reason
            return []

    @api.depends("file", "code_property", "name_property")
    def _compute_summary(self):
        for wizard in self:
            wizard.summary = False
            if not wizard.file:
                continue
            try:
                found = wizard._features()
            except UserError as error:
                wizard.summary = str(error)
                continue
            names = [f.code if f.code == f.name else f"{f.code} {f.name}" for f in found[:SHOWN]]
            if len(found) > SHOWN:
                names.append("…")
            wizard.summary = self.env._(
                "%(count)s districts: %(names)s", count=len(found), names=", ".join(names)
            )

    def _features(self):
        """Return the areas of the file.

        :raises UserError: what is wrong with the file, and where
        """
        self.ensure_one()
        try:
            return read_features(
                read_collection(self._content()), self.code_property or "", self.name_property or ""
            )
        except BoundaryError as error:
            raise UserError(self.env["constituent.district"]._boundary_sentence(error)) from error

    # Importing

    def action_import(self):
        """Make, change or succeed the districts of the layer.

        :return dict: an action that shows them, with what was done
        :raises UserError: what is wrong with the file; nothing is changed then
        """
        self.ensure_one()
        found = self._features()
        here = self._districts_here()
        new, counts = [], {"created": 0, "updated": 0, "unchanged": 0}
        for feature in found:
            district = here.get(feature.code)
            result, vals = self._compare(feature, district)
            counts[result] += 1
            if vals:
                new.append(vals)
        self.env["constituent.district"].create(new)
        return self._done(counts)

    def _districts_here(self):
        """Return {code: district} of those of the layer that have not ended."""
        districts = self.env["constituent.district"].search(
            [("district_type_id", "=", self.district_type_id.id), ("valid_to", "=", False)],
            order="valid_from desc, id desc",
        )
        return {district.code: district for district in districts}

    def _compare(self, feature, district):
        """Return what becomes of an area, and the values of a new district where one is made.

        :param Feature feature: of the file
        :param district: the one of the code that holds today, None when there is none
        """
        vals = {
            "name": feature.name,
            "code": feature.code,
            "district_type_id": self.district_type_id.id,
            "company_id": self.district_type_id.company_id.id,
            "boundary": to_geojson(feature.geometry),
            "valid_from": self.valid_from,
        }
        if not district:
            return "created", vals
        if self._same_area(feature, district):
            if district.name == feature.name:
                return "unchanged", None
            district.name = feature.name
            return "updated", None
        if self.valid_from and (not district.valid_from or district.valid_from < self.valid_from):
            district.valid_to = fields.Date.subtract(self.valid_from, days=1)
            return "updated", vals
        district.write({"name": vals["name"], "boundary": vals["boundary"]})
        return "updated", None

    def _same_area(self, feature, district):
        if not district.boundary:
            return False
        return read_geometry(json.loads(district.boundary)).equals(feature.geometry)

    def _done(self, counts):
        message = self.env._(
            "%(created)s districts made, %(updated)s changed, %(unchanged)s as they were", **counts
        )
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success",
                "message": message,
                "next": {
                    "type": "ir.actions.act_window",
                    "name": self.district_type_id.name,
                    "res_model": "constituent.district",
                    "views": [(False, "list"), (False, "form")],
                    "domain": [("district_type_id", "=", self.district_type_id.id)],
                },
            },
        }


def _guess(names, wanted):
    """Return the first name that one of the wanted is a part of, False when none is."""
    for part in wanted:
        for name in names:
            if part in name.lower():
                return name
    return False
