"""How small an address must be printed to stay within its window, label or envelope.

The width of a line is estimated from its signs in the widest of the fonts the style
sheets name, so that it fits whichever of them a server has. No Odoo in here.
"""

import unicodedata
from dataclasses import dataclass

_WIDTHS = {
    0.3: "'",
    0.35: " ,./:;\\ijl|",
    0.4: "()-I[]f",
    0.45: "!Jt",
    0.5: '"*_`r',
    0.55: "?sz",
    0.6: "cvxy",
    0.65: "$0123456789abdeghknopqu{}",
    0.7: "FLPSTYZ",
    0.75: "ABEKVX",
    0.8: "CGR",
    0.85: "#+<=>DOQU^~",
    0.9: "&HNw",
    1.05: "MW",
}
_WIDTH = {sign: width for width, signs in _WIDTHS.items() for sign in signs}


@dataclass(frozen=True)
class Frame:
    """What an address is printed into.

    :ivar width: in points
    :ivar steps: (class of the style sheet, size in points, rows), largest first; with 0
        rows a line is never broken, else all lines together take so many at most
    """

    width: float
    steps: tuple


#: The window shows 3 1/4 inches of the sheet wherever it slides, of A4 76.6 mm.
WINDOW = Frame(217, (("", 10, 0), ("wide", 9, 0), ("widest", 8, 6), ("smallest", 7, 7)))
#: Avery 5160, less what stays free at its edges.
LABEL = Frame(171, (("", 9.5, 0), ("wide", 8, 0), ("widest", 7, 7)))
#: The face of a #10 envelope, from 4 inches to half an inch of its right edge.
FACE = Frame(360, (("", 11, 0), ("widest", 9, 8)))


def line_width(line):
    """Return how wide a line is, in ems: not less than it will be.

    >>> round(line_width("Ana"), 2), line_width("") == 0, line_width("ñ") == line_width("n")
    (2.05, True, True)
    """
    plain = unicodedata.normalize("NFD", line)
    return sum(_WIDTH.get(sign, 1.0) for sign in plain if not unicodedata.combining(sign))


def address_size(lines, frame=WINDOW):
    """Return which size of its style sheet an address is printed in.

    :param lines: of the address
    :param Frame frame: what it is printed into
    :return str: a class: empty for the usual size, "wide" and smaller ones; the smallest
        also when nothing is small enough
    """
    for name, size, rows in frame.steps:
        limit = frame.width / size
        if sum(_rows(line, limit) for line in lines) <= (rows or len(lines)):
            return name
    return frame.steps[-1][0]


def _rows(line, limit):
    """Return how many rows a line takes when it is broken between words."""
    rows, filled = 1, 0.0
    for word in line.split():
        width = line_width(word)
        if filled and filled + _WIDTH[" "] + width > limit:
            rows, filled = rows + 1, 0.0
        filled += width + (_WIDTH[" "] if filled else 0)
        # A word wider than all of it is broken anywhere.
        while filled > limit:
            rows, filled = rows + 1, filled - limit
    return rows
