"""What the post wants to know of a printed address, and where labels stand on a sheet.

No Odoo in here.
"""

import re
from dataclasses import dataclass

# At the end of the line of the place: 10001, 10001-1234; nothing else in a US address.
_ZIP = re.compile(r"\b(\d{5})(?:-(\d{4}))?\s*$")
_HOUSE = re.compile(r"^\s*(\d+)\s*(.*)$")
#: Measures of a sheet of Avery 5160 labels, in inches.
LABEL_WIDTH, LABEL_HEIGHT = 2.625, 1.0
LABEL_TOP, LABEL_LEFT, LABEL_GAP = 0.5, 0.1875, 0.125
LABEL_COLUMNS, LABEL_ROWS = 3, 10
LABELS = LABEL_COLUMNS * LABEL_ROWS


def zip_code(address):
    """Return the ZIP code of a printed address; empty abroad, and where there is none.

    >>> zip_code("Ana Rivera\\n12 Home Street\\nExample NY 10001-1234")
    '10001-1234'
    >>> zip_code("Ana Rivera\\nCalle 5\\n06000 Ciudad de México\\nMEXICO")
    ''
    """
    lines = _lines(address)
    found = _ZIP.search(lines[-1]) if len(lines) > 1 else None
    return "-".join(filter(None, found.groups())) if found else ""


def sort_key(address, name=""):
    """Return what a printed address is ordered by for the post.

    By ZIP code; within one by street, house number and name, as a carrier walks. What
    goes abroad, or shows no ZIP code, comes last.

    :param str address: as printed, a line each
    :param str name: the addressee's, to tell apart who lives at one address
    :return tuple: to compare with others
    """
    lines = _lines(address)
    code = zip_code(address)
    # The line above the place; a suite or building may stand between, before the name.
    above = lines[1 : -1 if code else None]
    street = next((line for line in above if _HOUSE.match(line)), above[-1] if above else "")
    house = _HOUSE.match(street)
    number, street_name = (int(house[1][:9]), house[2]) if house else (0, street)
    abroad = "" if code else (lines[-1] if lines else "").casefold()
    return (not code, abroad, code, street_name.casefold(), number, name.casefold())


def _lines(address):
    return [line.strip() for line in (address or "").split("\n") if line.strip()]


@dataclass(frozen=True)
class Label:
    """Where a label stands on its sheet: inches from the sheet's left and upper edge."""

    left: float
    top: float
    lines: tuple[str, ...]


def label_sheets(addresses, start=1):
    """Return sheets of labels.

    :param addresses: printed addresses, in order
    :param int start: the first free label of the first sheet, from 1, row by row
    :return list[list[Label]]: the labels of each sheet
    :raises ValueError: a sheet has no such label
    """
    if not 1 <= start <= LABELS:
        raise ValueError(f"a sheet has labels 1 to {LABELS}")
    sheets = []
    for place, address in enumerate(addresses, start - 1):
        sheet, position = divmod(place, LABELS)
        while len(sheets) <= sheet:
            sheets.append([])
        row, column = divmod(position, LABEL_COLUMNS)
        sheets[sheet].append(
            Label(
                round(LABEL_LEFT + column * (LABEL_WIDTH + LABEL_GAP), 4),
                round(LABEL_TOP + row * LABEL_HEIGHT, 4),
                tuple(_lines(address)),
            )
        )
    return sheets
