"""Reading a table from a file that nobody has checked. No Odoo in here.

Everything is read as a stream: a file of 100 MB never lies in memory whole.
"""

import codecs
import csv
import hashlib
import io
from collections import deque
from dataclasses import dataclass, field

from .text import fold

# What a mapping may say of its files: Python's name of each encoding.
ENCODINGS = {
    "utf-8": "utf-8-sig",
    "cp1252": "cp1252",
    "latin-1": "latin-1",
    "utf-16": "utf-16",
}
DELIMITERS = {"comma": ",", "semicolon": ";", "tab": "\t", "pipe": "|"}
# A cell as long as this is no cell but a quotation mark that was never closed.
MAX_CELL = 1_000_000
_CHUNK = 1 << 20
# How files that are no tables begin.
_SIGNATURES = (
    (b"PK\x03\x04", "workbook"),
    (b"\xd0\xcf\x11\xe0", "workbook"),
    (b"%PDF", "pdf"),
    (b"\x89PNG", "picture"),
    (b"\xff\xd8\xff", "picture"),
    (b"GIF8", "picture"),
    (b"\x1f\x8b", "archive"),
)
_MARKUP = (b"<!doctype", b"<html", b"<?xml", b"<svg")


class TableError(Exception):
    """A file that cannot be read as the mapping says.

    :ivar str kind: which sentence tells it
    :ivar dict values: what the sentence names
    """

    def __init__(self, kind, **values):
        super().__init__(kind)
        self.kind, self.values = kind, values


@dataclass(frozen=True)
class TableFormat:
    """How a file is written down.

    :ivar str encoding: a key of ENCODINGS
    :ivar str delimiter: a key of DELIMITERS
    """

    encoding: str = "utf-8"
    delimiter: str = "comma"


@dataclass
class TableRow:
    """A row of the file below its head.

    :ivar int number: 1 for the first row below the head
    :ivar int line: the line of the file on which it begins
    :ivar list cells: texts in the order of the head; empty when there is a problem
    :ivar problem: None, or (kind, values) of the sentence that says what is wrong
    """

    number: int
    line: int
    cells: list = field(default_factory=list)
    problem: tuple | None = None

    def digest(self):
        """Return a key for a row of a file that has none: the same cells, the same key."""
        return "row-" + hashlib.sha256("\0".join(self.cells).encode()).hexdigest()[:16]


@dataclass(frozen=True)
class TableFacts:
    """What a check of the whole file found."""

    size: int
    sha256: str
    header: tuple
    rows: int


def check_table(stream, table_format, max_bytes):
    """Read the whole file once and say what it is.

    :param stream: binary, at its beginning, seekable
    :param TableFormat table_format: as the mapping says
    :param int max_bytes: a larger file is refused before it is read
    :return TableFacts:
    :raises TableError: not a table, or not as the mapping says
    """
    size = stream.seek(0, io.SEEK_END)
    if size > max_bytes:
        raise TableError("too_large", megabytes=megabytes(size), limit=megabytes(max_bytes))
    if not size:
        raise TableError("empty")
    stream.seek(0)
    _check_signature(stream.read(512), table_format)
    digest = _check_bytes(stream, table_format)
    header, rows = None, 0
    for row in table_rows(stream, table_format):
        if header is None:
            header = row
        else:
            rows += 1
    if header is None or not any(header):
        raise TableError("empty")
    if not rows:
        raise TableError("only_head")
    return TableFacts(size, digest, tuple(header), rows)


def megabytes(size):
    """Return a number of bytes in words a person reads: 200 MB, 0.3 MB."""
    number = size / 1_000_000
    return f"{number:.0f} MB" if number >= 10 else f"{number:.1f} MB"


def _check_signature(start, table_format):
    """Refuse what is plainly something else; a wrong UTF-16 is told by its first bytes."""
    for signature, what in _SIGNATURES:
        if start.startswith(signature):
            raise TableError("not_a_table", what=what)
    if start.lstrip(b"\xef\xbb\xbf \r\n\t").lower().startswith(_MARKUP):
        raise TableError("not_a_table", what="markup")
    wide = start[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
    if wide and table_format.encoding != "utf-16":
        raise TableError("encoding_guess", encoding=table_format.encoding, guess="utf-16")
    if b"\0" not in start and table_format.encoding == "utf-16":
        raise TableError("encoding_guess", encoding="utf-16", guess="utf-8")
    if b"\0" in start and not wide:
        raise TableError("not_a_table", what="binary")


def _check_bytes(stream, table_format):
    """Decode the whole file; return its SHA-256.

    :raises TableError: bytes that the encoding does not have, or UTF-8 read as if it
        were an encoding of single bytes, which fails nowhere and spoils every accent
    """
    stream.seek(0)
    digest, line, plain = hashlib.sha256(), 1, True
    decoder = codecs.getincrementaldecoder(ENCODINGS[table_format.encoding])()
    # Of a file that is said to be something else: is it UTF-8 all the same?
    other = codecs.getincrementaldecoder("utf-8")() if table_format.encoding != "utf-8" else None
    more = True
    while more:
        chunk = stream.read(_CHUNK)
        more = bool(chunk)
        digest.update(chunk)
        plain = plain and chunk.isascii()
        try:
            decoder.decode(chunk, final=not more)
        except UnicodeDecodeError as error:
            line += error.object[: error.start].count(b"\n")
            raise TableError(
                "encoding",
                line=line,
                byte=f"0x{error.object[error.start]:02x}",
                encoding=table_format.encoding,
                guess="cp1252" if table_format.encoding == "utf-8" else "utf-8",
            ) from error
        line += chunk.count(b"\n")
        other = _still_decodes(other, chunk)
    if other and not plain and table_format.encoding in ("cp1252", "latin-1"):
        raise TableError("encoding_guess", encoding=table_format.encoding, guess="utf-8")
    return digest.hexdigest()


def _still_decodes(decoder, chunk, final=False):
    """Return the decoder, or None once something did not decode."""
    try:
        if decoder:
            decoder.decode(chunk, final)
        return decoder
    except UnicodeDecodeError:
        return None


def table_rows(stream, table_format):
    """Iterate over the file: first its head as a list of names, then TableRow objects.

    Empty lines are no rows. A row that cannot be read, or has more or fewer cells than
    the head, comes with its problem and the reading goes on behind it.

    :param stream: binary, seekable
    :param TableFormat table_format: as the mapping says
    """
    stream.seek(0)
    text = io.TextIOWrapper(stream, ENCODINGS[table_format.encoding], newline="")
    try:
        yield from _rows(_Lines(text), DELIMITERS[table_format.delimiter])
    finally:
        text.detach()


class _Lines:
    """The lines of a file, which remembers those of the present row and can give some back.

    A quotation mark that is never closed swallows all lines up to the next one: they
    are given back, so that only the line with the mark is lost.
    """

    def __init__(self, text):
        self.source = enumerate(text, 1)
        self.returned = deque()
        self.taken = []

    def __iter__(self):
        return self

    def __next__(self):
        number, line = self.returned.popleft() if self.returned else next(self.source)
        self.taken.append((number, line))
        # NUL is no character of a text, and the database takes none.
        return line.replace("\0", "")

    def give_back(self):
        """Return all lines of the present row but its first to those to be read."""
        self.returned.extendleft(reversed(self.taken[1:]))
        del self.taken[1:]


def _rows(lines, delimiter):
    csv.field_size_limit(MAX_CELL)
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    header, number = None, 0
    while True:
        lines.taken.clear()
        problem, cells = None, []
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            problem = _csv_problem(error, len(lines.taken))
        if header is None:
            if problem:
                raise TableError("head_unreadable")
            if any(cell.strip() for cell in cells):
                header = [cell.strip() for cell in cells]
                yield header
            continue
        if not problem and not any(cell.strip() for cell in cells):
            continue
        if not problem and len(cells) != len(header):
            problem = ("cells", {"cells": len(cells), "columns": len(header)})
            if len(lines.taken) > 1:
                problem = ("quote_open", {})
        if problem:
            lines.give_back()
            cells = []
        number += 1
        yield TableRow(number, lines.taken[0][0], cells, problem)


def _csv_problem(error, lines):
    """Return the sentence for an error of the csv module, which are told apart by words."""
    text = str(error)
    if lines > 1 or "end of data" in text or "larger than" in text:
        return "quote_open", {}
    return "quote_inside", {}


def guess_format(stream):
    """Return the format a file seems to have, for somebody who makes a new mapping.

    :param stream: binary, seekable
    :return TableFormat: UTF-8 and commas when nothing speaks for anything else
    """
    stream.seek(0)
    start = stream.read(_CHUNK)
    if start[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
        encoding = "utf-16"
    else:
        decoder = codecs.getincrementaldecoder("utf-8")()
        whole = len(start) < _CHUNK
        encoding = "utf-8" if _still_decodes(decoder, start, whole) else "cp1252"
    text = start.decode(ENCODINGS[encoding], errors="replace")
    first = next((line for line in text.splitlines() if line.strip()), "")
    return TableFormat(encoding, guess_delimiter(first))


def guess_delimiter(line):
    """Return the key of the delimiter that divides a line into the most cells."""

    def _cells(key):
        return len(next(csv.reader([line], delimiter=DELIMITERS[key]), []))

    return max(DELIMITERS, key=_cells)


def find_columns(header, wanted):
    """Return where the columns of a mapping stand in the head of a file.

    Names are compared without regard to case, accents and punctuation, as they differ
    from one export of a system to the next.

    :param header: names as in the file
    :param wanted: names as in the mapping
    :return: (dict of wanted name → position, list of missing names, list of names that
        stand in the head more than once)
    """
    places = {}
    for position, name in enumerate(header):
        places.setdefault(fold(name), []).append(position)
    found, missing, twice = {}, [], []
    for name in dict.fromkeys(wanted):
        positions = places.get(fold(name), [])
        if not positions:
            missing.append(name)
        elif len(positions) > 1:
            twice.append(name)
        else:
            found[name] = positions[0]
    return found, missing, twice
