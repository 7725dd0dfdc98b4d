"""The pictures in a letter's text: the office's own, and none of anybody else. No Odoo in here.

A picture on another server is not printed, and must not be fetched by who reads the text on
the screen either: it would tell its owner who reads, when and where, and the page that is read
would not be the page that is sent.
"""

import base64
import re

from .letter import PLACEHOLDER, picture_number
from .quotes import without_remote

PLACEHOLDER_URI = "data:image/jpeg;base64," + base64.b64encode(PLACEHOLDER).decode()
# As the editor writes the address of an attachment; any other way to write it is read by a
# browser in its own way, with the slashes and dots turned.
_PLAIN = re.compile(
    r"/web/(?:image|content)/\d{1,10}(?:-[\w-]+)?(?:/[\w%., ()+-]+)?(?:\?[\w%=&.-]*)?"
)


def only_own_pictures(body):
    """Return a letter's text in which nothing is fetched but pictures of this database.

    :param body: HTML; a falsy value is given back
    :return: the same when nothing in it could be fetched; HTML in which every other picture is
        the grey placeholder that is printed for it
    """
    # Without an attribute, or a sheet of styles, nothing has an address.
    if not body or not ("=" in body or "<style" in str(body).lower()):
        return body
    return without_remote(body, mend=_own_address)


def _own_address(address):
    """Return the address of a picture as it may stand in a letter."""
    if re.sub(r"[\x00-\x20]", "", address).lower().startswith("data:image/"):
        return address
    number = picture_number(address)
    if not number:
        return PLACEHOLDER_URI
    return address if _PLAIN.fullmatch(address) else f"/web/image/{number}"
