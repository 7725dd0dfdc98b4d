import logging
import time

import requests

from odoo import api, fields, models
from odoo.fields import Domain

from ..tools.geocode import GeocodeError, ask

_logger = logging.getLogger(__name__)

# Public servers allow one question a second.
PAUSE = 1.0
BATCH = 50
TRIES = 3


class ConstituentCase(models.Model):
    """Places looked up from addresses, in the background, where the office has a server for it.

    Odoo's base_geolocalize asks without a time-out, one fixed server, and writes the answer
    of a failed question into the log; this asks the office's own.
    """

    _name = "constituent.case"
    _inherit = "constituent.case"

    place_state = fields.Selection(
        [("found", "Found"), ("unknown", "Not found"), ("failed", "Failed")],
        string="Looked Up",
        readonly=True,
        copy=False,
        help="What became of looking up the place by its address.",
    )
    place_tries = fields.Integer(readonly=True, copy=False)

    _place_idx = models.Index(
        "(id DESC) WHERE street IS NOT NULL AND place_state IS NULL AND status != 'closed'"
        " AND (latitude IS NULL OR latitude = 0)"
    )

    def write(self, vals):
        """Write; a corrected address is looked up anew."""
        if {"street", "city", "zip"} & vals.keys() and "place_state" not in vals:
            # Kept by the code; super checks the right to write the rest.
            result = super().write(vals)
            self.filtered("place_state").sudo().write({"place_state": False, "place_tries": 0})
            return result
        return super().write(vals)

    @api.model
    def _cron_look_up_places(self):
        """Ask for the places of a batch of cases, one question a second.

        :return int: how many were asked for
        """
        done = 0
        # The scheduled action works for all offices.
        for company_sudo in (
            self.env["res.company"]
            .sudo()
            .search([("constituent_geocoder_url", "not in", (False, ""))])
        ):
            cases_sudo = self.sudo().search(self._place_domain(company_sudo), limit=BATCH)
            done += cases_sudo._look_up(company_sudo)
        return done

    @api.model
    def _place_domain(self, company):
        """Return the cases to look up: open, with an address and without a place."""
        return (
            Domain("company_id", "=", company.id)
            & Domain("status", "!=", "closed")
            & Domain("street", "!=", False)
            & Domain("place_state", "=", False)
            & Domain("latitude", "in", (False, 0))
        )

    def _look_up(self, company):
        """Ask for the places of these cases; stop when the server does not answer.

        :return int: how many were asked for
        """
        country = (company.country_id.code or "").lower()
        asked = 0
        with requests.Session() as session:
            session.headers["User-Agent"] = f"constituent_services ({company.website or 'Odoo'})"
            for case in self:
                if not case._may_be_looked_up():
                    case.place_state = "unknown"
                    continue
                if asked:
                    time.sleep(PAUSE)
                asked += 1
                try:
                    place = ask(
                        session, company.constituent_geocoder_url, case.street, case.city,
                        case.zip, country,
                    )  # fmt: skip
                except GeocodeError as error:
                    # Never the address itself.
                    _logger.warning("Place of case %s: %s", case.id, error.kind)
                    case._note_failure()
                    if error.kind != "unreadable":
                        break
                else:
                    case._note_place(place)
                self.env["ir.cron"]._commit_progress(1)
        return asked

    def _may_be_looked_up(self):
        """Return whether the address may leave the office.

        Whoever has a protected address may have reported something at home; who wants to
        stay unknown may have, too, and is linked to no contact that says so.
        """
        return (
            self.identity != "confidential"
            and not self.partner_id.protected_address
            and self.confidentiality != "restricted"
        )

    def _note_failure(self):
        self.place_tries += 1
        if self.place_tries >= TRIES:
            self.place_state = "failed"

    def _note_place(self, place):
        if not place:
            self.place_state = "unknown"
            return
        self.write(
            {
                "latitude": place.latitude,
                "longitude": place.longitude,
                "place_state": "found",
            }
        )
        self._log_event(self.env._("Place looked up by its address"), kind="located")
