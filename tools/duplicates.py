"""Which reports may speak of the same matter. No Odoo in here."""

import math
import re
from dataclasses import dataclass

from .text import fold

METRES_PER_DEGREE = 111_320
# Subjects resemble each other when so much of the words of both is in both.
ENOUGH = 0.5
# Words that say nothing about what a matter is, in English and Spanish.
_EMPTY = frozenset(
    "a an and at by for from in is it my near not of on our please re fw fwd rv the there this"
    " to was with again request complaint report problem"
    " al con de del el en es esta hay la las los mi no para por que se su un una y favor"
    " queja".split()
)
_NOT_A_HOUSE = re.compile(r"\b(apt|apartment|unit|suite|ste|fl|floor|piso|depto)\b.*")


@dataclass(frozen=True)
class Box:
    """The square around a place within which the circle lies.

    :ivar south, north, west, east: degrees
    """

    south: float
    north: float
    west: float
    east: float


def box_around(latitude, longitude, metres):
    """Return the box around a place.

    :param float latitude: degrees
    :param float longitude: degrees
    :param float metres: half its side
    :return Box:
    """
    up = metres / METRES_PER_DEGREE
    # A degree of longitude is shorter than one of latitude, the farther from the equator.
    across = up / max(math.cos(math.radians(latitude)), 0.01)
    return Box(latitude - up, latitude + up, longitude - across, longitude + across)


def metres_between(one, other):
    """Return how far two places near each other are apart, in metres.

    :param tuple one: (latitude, longitude) in degrees
    :param tuple other: likewise
    """
    squeeze = math.cos(math.radians((one[0] + other[0]) / 2))
    return METRES_PER_DEGREE * math.hypot(one[0] - other[0], (one[1] - other[1]) * squeeze)


def same_street(street):
    """Return a street in the form in which equal ones are equal; empty without a number.

    A street without a house number is too long to be one place.

    >>> same_street("100  Main St., Apt 4"), same_street("Main Street")
    ('100 main st', '')
    """
    words = _NOT_A_HOUSE.sub("", fold(street)).split()
    if not words or not any(character.isdigit() for character in words[0] + words[-1]):
        return ""
    return " ".join(words)


def resembles(one, other):
    """Return whether two subjects may name the same matter.

    >>> resembles("Pothole on Main Street", "RE: pothole Main street again")
    True
    >>> resembles("Pothole on Main Street", "Street light dark")
    False
    """
    words, others = _telling(one), _telling(other)
    if not words or not others:
        return False
    common = words & others
    # Or one says all that the other does, and more.
    return len(common) >= ENOUGH * len(words | others) or common in (words, others)


def _telling(subject):
    return set(fold(subject).split()) - _EMPTY
