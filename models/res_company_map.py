from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..tools.place_map import is_tile_address


class ResCompany(models.Model):
    """The map service behind the office's maps; without one the boundaries are the map."""

    _name = "res.company"
    _inherit = "res.company"

    constituent_map_tiles_url = fields.Char(
        string="Map Server",
        help="Where the maps of the office get their tiles, the city's own or a service you "
        "have a contract with: https://tiles.example.gov/{z}/{x}/{y}.png. It learns where "
        "people are looking, so it is never asked for restricted cases or confidential "
        "constituents. Nothing is asked when empty: the districts' boundaries are the map.",
    )
    constituent_map_attribution = fields.Char(
        string="Source of the Map",
        help="Printed on the map, as the service wishes: © OpenStreetMap contributors",
    )

    @api.constrains("constituent_map_tiles_url")
    def _check_constituent_map_tiles_url(self):
        for company in self:
            url = company.constituent_map_tiles_url
            if url and not is_tile_address(url):
                raise ValidationError(
                    self.env._(
                        "The map server must be an address that begins with https:// and has "
                        "{z}, {x} and {y} in it."
                    )
                )
