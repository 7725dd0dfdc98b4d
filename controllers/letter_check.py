from odoo import http
from odoo.http import request

from ..tools.throttle import Throttle, network_of
from .main import PUBLIC, ConstituentPublic

# Wrong codes: nobody mistypes that often in ten minutes.
WRONG_CODES = Throttle(limit=20, seconds=600)


class ConstituentLetterCheck(ConstituentPublic):
    """The page that says whether a letter is the office's: number, date and office only."""

    @http.route("/letter/check", methods=["GET"], readonly=True, **PUBLIC)
    def ask_letter(self, **kwargs):
        """Show the form. A code in the address is not read: addresses are logged."""
        self._choose_language()
        return self._check_page()

    @http.route("/letter/check", methods=["POST"], csrf=False, readonly=True, **PUBLIC)
    def check_letter(self, code="", **kwargs):
        """Say whether a letter is ours.

        Without a CSRF token, as the page changes nothing: what a forged request asks
        is answered to nobody.

        :param str code: as printed at the letter's foot
        """
        self._choose_language()
        caller = network_of(request.httprequest.remote_addr)
        seconds = WRONG_CODES.wait_seconds(caller)
        if seconds:
            response = self._message(
                request.env._("Too many attempts"),
                request.env._("Please wait ten minutes and try again, or call us."),
                status=429,
            )
            response.headers["Retry-After"] = str(seconds)
            return response
        # A form of somebody's own making may send a file in the place of a text.
        code = code if isinstance(code, str) else ""
        found = request.env["constituent.correspondence"]._find_by_code(code)
        if not found:
            WRONG_CODES.hit(caller)
            return self._check_page(is_asked=True)
        company = request.env["res.company"].browse(found["company_id"])
        return self._check_page(found, is_asked=True, office=company._public_office())

    def _check_page(self, found=None, is_asked=False, office=None):
        return self._page(
            "constituent_services.public_letter_check",
            {
                "title": request.env._("Is this letter ours?"),
                "found": found,
                "is_asked": is_asked,
            },
            office=office,
        )
