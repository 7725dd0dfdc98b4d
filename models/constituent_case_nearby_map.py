import base64

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from ..tools.duplicates import box_around
from ..tools.place_map import Mark, boundary_lines, draw_place
from .constituent_case_duplicate import DEFAULT_RADIUS

# The map shows other matters so many times further away than duplicates are looked for, and
# at least so far (metres); so many of them.
AROUND, AT_LEAST, SHOWN = 6, 300, 60
# Boundaries are drawn so far around, in metres.
IN_VIEW = 5000


class ConstituentCase(models.Model):
    """What lies near a case: a small picture in the form, and a map to move about in.

    Both are drawn from our own boundaries; a map service is asked for tiles only where the
    office named one, and never for what is restricted or confidential.
    """

    _name = "constituent.case"
    _inherit = "constituent.case"

    nearby_map = fields.Char(
        compute="_compute_nearby_map", help="Where they lie: no map service is asked."
    )

    @api.depends("duplicate_suggestions", "latitude", "longitude")
    def _compute_nearby_map(self):
        for case in self:
            case.nearby_map = case._may_be_on_a_map() and case._draw_nearby()

    def _draw_nearby(self):
        """Return the picture of what may be the same, as an address an <img> takes."""
        found = [one for one in self.duplicate_suggestions or [] if one["place"]]
        if not found:
            return False
        picture = draw_place(
            Mark(self.latitude, self.longitude),
            [Mark(*one["place"], one["label"]) for one in found],
            self._nearby_radius(),
            [boundary for _name, boundary in self._boundaries()],
        )
        return f"data:image/svg+xml;base64,{base64.b64encode(picture).decode()}"

    def _nearby_radius(self):
        """Return within how many metres something is perhaps the same matter."""
        return self.category_id.duplicate_radius_m or DEFAULT_RADIUS

    def _may_be_on_a_map(self):
        """Return whether the place may be drawn: a protected home is on no map."""
        return self.has_location and not self._is_at_protected_address()

    def _boundaries(self):
        """Return (name, GeoJSON geometry as text) of the districts the case lies in."""
        # Boundaries are no secret; every reader of a case may see where it lies.
        districts_sudo = self.district_ids.sudo()
        return [(one.display_name, one.boundary) for one in districts_sudo if one.boundary]

    def nearby_places(self):
        """Return what the map shows of a case and what lies around it.

        :return dict: here ([latitude, longitude] in degrees), radius (metres), boundaries
            (name, lines), same (what may be the same, as
            `duplicate_suggestions`), others (id, number, name, category, place of open cases
            the reader may see), tiles (url and attribution of the map service, or False)
        :raises AccessError: a case the user may not see
        :raises UserError: the case has no place, or one that is protected
        """
        self.ensure_one()
        self.check_access("read")
        if not self._may_be_on_a_map():
            raise UserError(
                self.env._("%(number)s has no place that may be shown.", number=self.number)
            )
        here = Mark(self.latitude, self.longitude)
        same = [one for one in self.duplicate_suggestions or [] if one["place"]]
        return {
            "here": [self.latitude, self.longitude],
            "radius": self._nearby_radius(),
            "boundaries": [
                {"name": name, "lines": boundary_lines(here, boundary, IN_VIEW)}
                for name, boundary in self._boundaries()
            ],
            "same": same,
            "others": self._other_places([one["id"] for one in same]),
            "tiles": self._map_tiles(),
        }

    def _other_places(self, known_ids):
        """Return the open cases around this one that the reader may see, the newest first.

        :param list known_ids: of cases shown otherwise
        """
        box = box_around(
            self.latitude, self.longitude, max(AROUND * self._nearby_radius(), AT_LEAST)
        )
        self.flush_model(["latitude", "longitude", "status", "company_id"])
        # Written out for the index of open places, which Odoo's own search does not meet.
        rows = self.env.execute_query(
            SQL(
                "SELECT id FROM constituent_case WHERE status != 'closed' AND latitude != 0"
                " AND latitude BETWEEN %s AND %s AND longitude BETWEEN %s AND %s"
                " AND company_id = %s AND id != ALL (%s) ORDER BY id DESC LIMIT %s",
                box.south, box.north, box.west, box.east,
                self.company_id.id, [self.id, *known_ids], 2 * SHOWN,
            )
        )  # fmt: skip
        found = self.browse(row[0] for row in rows)._filtered_access("read")
        return [
            {
                "id": case.id,
                "number": case.number,
                "name": case.name,
                "category": case.category_id.display_name or "",
                "place": [case.latitude, case.longitude],
            }
            for case in found
            if case._may_be_on_a_map()
        ][:SHOWN]

    def _map_tiles(self):
        """Return the map service the office asks for tiles; False where it may not be asked.

        What is asked for tells the service where the reader is looking.
        """
        if self.confidentiality == "restricted" or self.identity == "confidential":
            return False
        # Staff may not read all of their company; this is no secret.
        company_sudo = self.company_id.sudo()
        return bool(company_sudo.constituent_map_tiles_url) and {
            "url": company_sudo.constituent_map_tiles_url,
            "attribution": company_sudo.constituent_map_attribution or "",
        }
