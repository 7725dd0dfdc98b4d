"""What a letter quotes, and whether two say the same person. No Odoo in here."""

import re

from .duplicates import same_street
from .text import fold

# As people copy it: CS-2026-000123, cs 2026 123, [L–2026–000123].
_NUMBER = re.compile(
    r"(?<![A-Za-z0-9])([A-Za-z0-9]{1,10})[\s\-–—./]{1,3}([0-9]{4})[\s\-–—./]{1,3}([0-9]{1,9})(?![0-9])"
)
# Nobody quotes more of us than fits on a line.
_MAX_TEXT = 200
_EXTENSION = re.compile(r"(?<![\s-])[\s-]+[0-9]{4}$")


def read_numbers(text):
    """Return the numbers of cases and letters in what somebody copied off a letter.

    >>> read_numbers("your cs 2026/123 and [L-2026-000045]"), read_numbers("my lamp")
    (['CS-2026-000123', 'L-2026-000045'], [])
    """
    found = _NUMBER.findall((text or "")[:_MAX_TEXT])
    numbers = (f"{prefix.upper()}-{year}-{int(count):06}" for prefix, year, count in found)
    return list(dict.fromkeys(numbers))


def same_name(one, other):
    """Return whether two names are the same, in whichever order; empty ones never are.

    >>> same_name("Rivera, ANA", "Ana Rivera"), same_name("", "")
    (True, False)
    """
    words = sorted(fold(one).split())
    return bool(words) and words == sorted(fold(other).split())


def same_place(street, zip_code, known_street, known_zip):
    """Return whether an address agrees with a known one: its ZIP, or its street and number.

    The same street under two ZIPs is two places.

    >>> same_place("", "10001-1234", "", "10001"), same_place("7 elm st.", "", "7 Elm St", "1")
    (True, True)
    >>> same_place("7 Elm St", "10002", "7 Elm St", "10001"), same_place("", "", "", "")
    (False, False)
    """
    zips = [_EXTENSION.sub("", (text or "").strip()) for text in (zip_code, known_zip)]
    zips = ["".join(fold(text).split()) for text in zips]
    if all(zips):
        return zips[0] == zips[1]
    house = same_street(street)
    return bool(house) and house == same_street(known_street)
