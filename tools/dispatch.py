"""Rules of dispatching: are places one place, does a text name somebody. No Odoo here."""

import math
import re
from dataclasses import dataclass

from .text import fold

EARTH_M = 6_371_000
# Farther apart than this is not one place: a crew would have to move.
ONE_PLACE_M = 200
# As folded: "100-102 Main Street" is "100 102 main street".
_HOUSE_NUMBER = re.compile(r"^(?:\d+[a-z]?\s+)+")
_TITLES = {"mr", "mrs", "ms", "miss", "dr", "sr", "sra", "srta", "senor", "senora", "don", "dona"}
MIN_DIGITS = 7


@dataclass(frozen=True)
class Place:
    """Where a case is: what is known of it."""

    street: str = ""
    latitude: float = 0.0
    longitude: float = 0.0

    @property
    def has_point(self):
        """Return whether it can be put on a map."""
        return bool(self.latitude and self.longitude)


def distance_m(one, other):
    """Return how far two places with coordinates lie apart, in meters."""
    south, north = math.radians(one.latitude), math.radians(other.latitude)
    up, across = north - south, math.radians(other.longitude - one.longitude)
    half = math.sin(up / 2) ** 2
    half += math.cos(south) * math.cos(north) * math.sin(across / 2) ** 2
    return 2 * EARTH_M * math.asin(math.sqrt(half))


def street_name(street):
    """Return a street without house number, as it is compared."""
    return _HOUSE_NUMBER.sub("", fold(street))


def apart(places):
    """Return what speaks against some places being one.

    Coordinates have the last word; streets are compared where they are missing.

    :param list places: Place objects
    :return tuple: (meters when they are too far apart, else 0; names of the streets when
        they differ, else an empty list)
    """
    points = [place for place in places if place.has_point]
    far = max(
        (distance_m(one, other) for index, one in enumerate(points) for other in points[:index]),
        default=0,
    )
    meters = round(far) if far > ONE_PLACE_M else 0
    if len(points) == len(places):
        return meters, []
    names = {street_name(place.street): place.street for place in places if place.street}
    return meters, sorted(names.values()) if len(names) > 1 else []


def names_somebody(text, name="", phone="", email=""):
    """Return whether a text names somebody, by name, telephone or email.

    A last name alone may be a street's: it counts after a title, a full name always.

    :param str text: what is to be printed
    :param str name, phone, email: of the person
    """
    words = re.findall(r"[\w']+", fold(text or ""))
    wanted = [word for word in re.findall(r"[\w']+", fold(name or "")) if word not in _TITLES]
    if wanted and _contains(words, wanted):
        return True
    titled = zip(words, words[1:], strict=False)
    if wanted and any(title in _TITLES and word == wanted[-1] for title, word in titled):
        return True
    digits = re.sub(r"\D", "", phone or "")[-10:]
    if len(digits) >= MIN_DIGITS and digits[-MIN_DIGITS:] in re.sub(r"\D", "", text or ""):
        return True
    return bool(email) and fold(email.strip()) in fold(text or "")


def _contains(words, wanted):
    """Return whether words stand one after the other in a text, in this order or turned."""
    size = len(wanted)
    turned = [*wanted[-1:], *wanted[:-1]]
    return any(words[at : at + size] in (wanted, turned) for at in range(len(words) - size + 1))
