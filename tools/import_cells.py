"""From a cell of somebody's table to a value. No Odoo in here.

A value that had to be mended comes with notes, one that cannot be read with a
`CellError`; both name a sentence that the importing model has in the user's language.
"""

import math
import re
from datetime import datetime, timedelta, timezone

import ftfy

# Spreadsheets run cells that begin with one of these; our own exports put an
# apostrophe before them, which is taken off again here.
FORMULA_STARTS = ("=", "+", "-", "@")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ufeff]")
_TRUE = {"1", "x", "y", "yes", "true", "si", "sí", "s"}
_FALSE = {"0", "", "n", "no", "false"}
# How the files of a mapping write dates and times; the first pattern that fits counts.
_TIMES = (" %I:%M:%S %p", " %I:%M %p", " %H:%M:%S", " %H:%M", "")
DATE_STYLES = {
    "mdy": tuple(f"%m/%d/{year}{time}" for year in ("%Y", "%y") for time in _TIMES),
    "dmy": tuple(f"%d/%m/{year}{time}" for year in ("%Y", "%y") for time in _TIMES),
    "dotted": tuple(f"%d.%m.{year}{time}" for year in ("%Y", "%y") for time in _TIMES),
    "iso": ("iso",),
}
# Earlier ones are slips of the pen, and some databases write 1900 for "never".
EARLIEST_YEAR = 1901


class CellError(Exception):
    """A cell that cannot be read as what it should be.

    :ivar str kind: which sentence tells it
    :ivar dict values: what the sentence names
    """

    def __init__(self, kind, **values):
        super().__init__(kind)
        self.kind, self.values = kind, values


def clean_text(cell, empty_words=frozenset()):
    """Return the text of a cell, mended where another program has spoiled it.

    :param str cell: as in the file
    :param empty_words: case-folded words that mean "nothing": n/a, unspecified
    :return: (text, list of note kinds)
    """
    text, notes = cell, []
    if not text.isascii():
        fixed = ftfy.fix_encoding(text)
        if fixed != text:
            text = fixed
            notes.append("mojibake")
        if "\ufffd" in text:
            notes.append("lost_characters")
        text = text.replace("\xa0", " ")
    text = _CONTROL.sub("", text.replace("\r\n", "\n").replace("\r", "\n")).strip()
    if len(text) > 1 and text[0] == "'" and text[1] in FORMULA_STARTS:
        text = text[1:]
    if text.casefold() in empty_words:
        return "", notes
    return text, notes


def one_line(text):
    """Return text with every run of white space as one space: 555 WEST  171 STREET."""
    return " ".join(text.split())


def parse_moment(text, formats, zone):
    """Return a moment as naive UTC.

    :param str text: as in the file, on the clock of a place
    :param formats: patterns as ``datetime.strptime`` takes them, or iso, tried in order
    :param zone: tzinfo of that place; not used where the text has its own offset
    :return: (datetime, list of note kinds)
    :raises CellError: no pattern fits, or a year nobody means
    """
    moment = _parse(text, formats)
    if moment is None:
        raise CellError("moment", text=text)
    if not EARLIEST_YEAR <= moment.year <= 2999:
        raise CellError("moment_year", text=text)
    if moment.tzinfo:
        return moment.astimezone(timezone.utc).replace(tzinfo=None), []
    moment = moment.replace(microsecond=0)
    first, second = (moment.replace(tzinfo=zone, fold=value) for value in (0, 1))
    notes = []
    if first.utcoffset() != second.utcoffset():
        # An hour of the autumn that comes twice, or one of the spring that there is not.
        twice = first.utcoffset() > second.utcoffset()
        notes.append("hour_twice" if twice else "hour_missing")
    utc = first.astimezone(timezone.utc).replace(tzinfo=None)
    return utc, notes


def _parse(text, formats):
    for pattern in formats:
        try:
            if pattern == "iso":
                # Python 3.10 does not know the Z.
                return datetime.fromisoformat(re.sub("[zZ]$", "+00:00", text))
            return datetime.strptime(text, pattern)
        except ValueError:
            continue
    return None


def parse_number(text):
    """Return a number written with a decimal point or comma.

    :raises CellError: not a number
    """
    try:
        number = float(text.replace(",", ".") if "." not in text else text)
    except ValueError as error:
        raise CellError("number", text=text) from error
    if not math.isfinite(number):
        raise CellError("number", text=text)
    return number


def parse_flag(text):
    """Return whether a cell says yes.

    :raises CellError: neither a yes nor a no
    """
    word = text.casefold()
    if word in _TRUE:
        return True
    if word in _FALSE:
        return False
    raise CellError("flag", text=text)


def parse_place(latitude, longitude):
    """Return coordinates a place on earth has, or None.

    :param latitude: degrees, 0 or None when not given
    :param longitude: the same
    :return: ((latitude, longitude) or None, note kind or "")
    """
    if not latitude and not longitude:
        return None, "no_place"
    if not latitude or not longitude:
        return None, "half_a_place"
    if not (-90 <= latitude <= 90 and -180 <= longitude <= 180):
        return None, "place_impossible"
    return (latitude, longitude), ""


def check_order(received_at, closed_candidates, is_closed, now):
    """Return when a case was closed, of the moments its file gives for it.

    The first that is not before the case was received counts. Without one a closed
    case is taken as closed when it was received: a moment nobody can mistake for a
    real one, and the figures of later years stay right.

    :param datetime received_at: naive UTC
    :param closed_candidates: naive UTC moments in the order of their columns
    :param bool is_closed: whether the file says that the case is closed
    :param datetime now: naive UTC
    :return: (moment or None, list of note kinds)
    """
    notes = []
    if received_at > now + timedelta(days=1):
        notes.append("received_in_future")
    if not is_closed:
        # A date in the second column alone (last changed) is no closing.
        if any(closed_candidates[:1]):
            notes.append("closed_date_but_open")
        return None, notes
    given = [moment for moment in closed_candidates if moment]
    if given and given[0] < received_at:
        notes.append("closed_before_received")
    for moment in given:
        if moment >= received_at:
            return moment, notes
    if not given:
        notes.append("closed_without_date")
    return received_at, notes


def neutral(value):
    """Return a cell for a CSV file that no spreadsheet takes for a formula.

    :param value: anything; only text is looked at
    """
    if isinstance(value, str) and value.startswith((*FORMULA_STARTS, "\t", "\r")):
        return "'" + value
    return value
