"""Where an address lies, asked of a Nominatim server. No Odoo in here.

The protocol is that of https://nominatim.org/release-docs/latest/api/Search/ (format=jsonv2).
"""

import json
from dataclasses import dataclass
from urllib.parse import urlsplit

import requests

TIMEOUT = 10  # seconds, to connect and for each part of the answer
MAX_BYTES = 100_000


class GeocodeError(Exception):
    """The server gave no usable answer.

    :ivar str kind: refused, busy, unreachable, unreadable
    """

    def __init__(self, kind):
        super().__init__(kind)
        self.kind = kind


@dataclass(frozen=True)
class Place:
    """Where an address lies, in degrees."""

    latitude: float
    longitude: float


def is_usable(url):
    """Return whether an address of a server is one we ask: https, or this machine."""
    try:
        parts = urlsplit(url or "")
        host = parts.hostname
    except ValueError:
        return False
    local = host in ("localhost", "127.0.0.1", "::1")
    return bool(host) and (parts.scheme == "https" or parts.scheme == "http" and local)


def ask(session, url, street, city="", zip_code="", country=""):
    """Return where an address lies; None when the server knows no such place.

    :param session: a requests session, which says who is asking
    :param str url: of the server's search
    :param str country: two letters
    :raises GeocodeError: no usable answer
    """
    params = {"street": street, "city": city, "postalcode": zip_code, "countrycodes": country}
    params = {name: value for name, value in params.items() if value}
    params.update(format="jsonv2", limit=1)
    try:
        with session.get(
            url, params=params, timeout=TIMEOUT, stream=True, allow_redirects=False
        ) as response:
            if response.status_code in (429, 503):
                raise GeocodeError("busy")
            if response.status_code != 200:
                raise GeocodeError("refused")
            body = b""
            for chunk in response.iter_content(8192):
                body += chunk
                if len(body) > MAX_BYTES:
                    raise GeocodeError("unreadable")
    except requests.RequestException:
        # Its text has the address in it.
        raise GeocodeError("unreachable") from None
    return read_answer(body)


def read_answer(body):
    """Return the first place of an answer, None when there is none.

    :param bytes body: JSON
    :raises GeocodeError: not an answer of such a server
    """
    try:
        found = json.loads(body)
        if not isinstance(found, list):
            raise TypeError
        if not found:
            return None
        place = Place(float(found[0]["lat"]), float(found[0]["lon"]))
    except (ValueError, TypeError, KeyError, RecursionError):
        raise GeocodeError("unreadable") from None
    if not (-90 <= place.latitude <= 90 and -180 <= place.longitude <= 180):
        raise GeocodeError("unreadable")
    return place
