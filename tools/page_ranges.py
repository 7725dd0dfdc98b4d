"""Which pages of a scan belong to which letter: "1-2", "3", "4-6,8". No Odoo in here."""

import re
from collections import defaultdict
from dataclasses import dataclass

# A dash as typed, or as a word processor makes it.
_PART = re.compile(r"(\d{1,9})\s*(?:([-\u2010-\u2015])\s*(\d{0,9}))?")


class PageRangeError(ValueError):
    """Page ranges that cannot be read.

    :ivar str kind: "empty", "not_pages", "outside", "backwards" or "twice"
    :ivar str what: the part of the text that is meant, or the page
    """

    def __init__(self, kind, what=""):
        super().__init__(kind)
        self.kind = kind
        self.what = str(what)


@dataclass(frozen=True)
class Plan:
    """How the pages of a scan are given to its pieces.

    :ivar tuple pieces: for each piece its pages, in the order they were asked for
    :ivar dict shared: page → tuple of the pieces (from 0) that all ask for it
    :ivar tuple leftover: pages that no piece asks for
    """

    pieces: tuple
    shared: dict
    leftover: tuple


def parse_ranges(text, total):
    """Return the pages a text names, in its order.

    >>> parse_ranges("4-6, 8", 9), parse_ranges("7-", 9)
    ((4, 5, 6, 8), (7, 8, 9))

    :param str text: numbers and ranges with commas between; "7-" goes on to the last page
    :param int total: pages of the scan
    :return tuple[int]: from 1; never empty
    :raises PageRangeError: nothing in it, no numbers, a page the scan does not have, a
        range from back to front, a page twice
    """
    parts = [part.strip() for part in (text or "").replace(";", ",").split(",")]
    parts = [part for part in parts if part]
    if not parts:
        raise PageRangeError("empty")
    pages = {}
    for part in parts:
        for page in _parse_part(part, total):
            if page in pages:
                raise PageRangeError("twice", page)
            pages[page] = True
    return tuple(pages)


def _parse_part(part, total):
    match = _PART.fullmatch(part)
    if not match:
        raise PageRangeError("not_pages", part)
    first, last = int(match[1]), int(match[1])
    if match[2]:
        last = int(match[3]) if match[3] else total
    for page in (first, last):
        # Before a range is made of them: somebody may type a telephone number.
        if not 1 <= page <= total:
            raise PageRangeError("outside", page)
    if last < first:
        raise PageRangeError("backwards", part)
    return range(first, last + 1)


def format_ranges(pages):
    """Return pages as short text that `parse_ranges` reads back.

    >>> format_ranges([4, 5, 6, 8, 2])
    '4-6, 8, 2'

    :param pages: numbers, in the order to be kept
    """
    runs = []
    for page in pages:
        if runs and page == runs[-1][1] + 1:
            runs[-1][1] = page
        else:
            runs.append([page, page])
    return ", ".join(str(a) if a == b else f"{a}-{b}" for a, b in runs)


def plan_pieces(texts, total):
    """Return how pages are given to the pieces of a scan.

    :param texts: the ranges of each piece, as `parse_ranges` takes them
    :param int total: pages of the scan
    :return Plan: whether it will do is the caller's to say
    :raises PageRangeError: the first text that cannot be read; `piece` says which, from 0
    """
    pieces, asked = [], defaultdict(list)
    for number, text in enumerate(texts):
        try:
            pages = parse_ranges(text, total)
        except PageRangeError as error:
            error.piece = number
            raise
        pieces.append(pages)
        for page in pages:
            asked[page].append(number)
    return Plan(
        pieces=tuple(pieces),
        shared={page: tuple(who) for page, who in sorted(asked.items()) if len(who) > 1},
        leftover=tuple(page for page in range(1, total + 1) if page not in asked),
    )
