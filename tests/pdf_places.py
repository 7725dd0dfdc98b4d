"""Where each piece of text stands on a page, its right edge included.

pypdf tells where a text begins, not where it ends: the widths of its signs are read
from the fonts in the file, so that what is measured is what is printed.
"""

import io
import re
from dataclasses import dataclass

import pikepdf

_PAIR = re.compile(rb"<([0-9A-Fa-f]+)>\s*<([0-9A-Fa-f]+)>")
MM = 25.4


@dataclass(frozen=True)
class Place:
    """A piece of text: inches from the left and upper edge of its page.

    :ivar base: the line its letters stand on
    :ivar size: of its font, in points
    :ivar artifact: whether readers of the screen are told nothing of it
    """

    text: str
    left: float
    right: float
    base: float
    size: float
    artifact: bool


@dataclass(frozen=True)
class Window:
    """What the window of a #10 envelope shows of a sheet, in inches of the sheet.

    :ivar always: from and to, from its top, wherever the sheet slides; `ever`: at all
    :ivar left: from where to where, from its left, wherever the sheet slides
    """

    always: tuple
    ever: tuple
    left: tuple


# See static/src/letter/paper_*.css.
WINDOWS = {
    "letter": Window((2.5, 3.5), (2.375, 3.625), (0.875, 4.375)),
    "a4": Window((63.5 / MM, 89.3 / MM), (60.7 / MM, 92.1 / MM), (22.2 / MM, 105.2 / MM)),
}
# An eighth of an inch, less what a measure may be off.
CLEAR = 0.12


class _Font:
    """The widths and signs of one font of WeasyPrint's: two bytes a sign."""

    def __init__(self, font):
        inner = font.DescendantFonts[0]
        self.default = float(inner.get("/DW", 1000))
        self.widths = {}
        entries = list(inner.get("/W", []))
        for first, widths in zip(entries[::2], entries[1::2], strict=True):
            self.widths.update(enumerate(map(float, widths), int(first)))
        pairs = _PAIR.findall(font.ToUnicode.read_bytes())
        self.signs = {
            int(code, 16): bytes.fromhex(sign.decode()).decode("utf-16-be", "replace")
            for code, sign in pairs
            if len(code) == 4
        }

    def decode(self, content):
        """Return the text and the width, in thousandths, of a string of signs."""
        starts = range(0, len(content), 2)
        codes = [int.from_bytes(content[at : at + 2], "big") for at in starts]
        text = "".join(self.signs.get(code, "") for code in codes)
        return text, sum(self.widths.get(code, self.default) for code in codes)


class _Reader:
    """Walks through the content of one page and of what it draws."""

    def __init__(self, height):
        self.height = height
        self.found = []

    def walk(self, content, resources, matrix, artifact=False):
        fonts = {name: _Font(font) for name, font in resources.get("/Font", {}).items()}
        stack, marks, line, font = [], [artifact], pikepdf.Matrix(), (None, 0)
        for operands, operator in pikepdf.parse_content_stream(content):
            match str(operator):
                case "q":
                    stack.append(matrix)
                case "Q":
                    matrix = stack.pop()
                case "cm":
                    matrix = pikepdf.Matrix(*map(float, operands)) @ matrix
                case "BMC" | "BDC":
                    marks.append(marks[-1] or operands[0] == "/Artifact")
                case "EMC":
                    marks.pop()
                case "Tm":
                    line = pikepdf.Matrix(*map(float, operands))
                case "Tf":
                    font = (fonts[str(operands[0])], float(operands[1]))
                case "TJ":
                    self._note(operands[0], font, line @ matrix, marks[-1])
                case "Do":
                    self._draw(resources.XObject[str(operands[0])], matrix, marks[-1])

    def _draw(self, form, matrix, artifact):
        if form.Subtype == "/Form":
            own = pikepdf.Matrix(*map(float, form.get("/Matrix", (1, 0, 0, 1, 0, 0))))
            self.walk(form, form.get("/Resources", pikepdf.Dictionary()), own @ matrix, artifact)

    def _note(self, pieces, font, matrix, artifact):
        face, size = font
        text, width = "", 0.0
        for piece in pieces:
            if isinstance(piece, pikepdf.String):
                signs, wide = face.decode(bytes(piece))
                text, width = text + signs, width + wide
            else:
                width -= float(piece)
        left, base = matrix.transform((0, 0))
        right, _base = matrix.transform((width * size / 1000, 0))
        height = (self.height - base) / 72
        place = Place(text, left / 72, right / 72, height, size * abs(matrix.d), artifact)
        self.found.append(place)


def text_places(pdf, number=0):
    """Return the pieces of text on a page, in their order.

    :param bytes pdf: made by WeasyPrint
    :param int number: of the page, from 0
    :return list[Place]:
    """
    with pikepdf.open(io.BytesIO(pdf)) as document:
        page = document.pages[number]
        reader = _Reader(float(page.mediabox[3]))
        reader.walk(page, page.resources, pikepdf.Matrix())
    return reader.found


def window_places(pdf, paper):
    """Return the pieces of text that the window may show of the first page."""
    window = WINDOWS[paper]
    return [
        piece
        for piece in text_places(pdf)
        if not piece.artifact and window.ever[0] < piece.base < window.ever[1]
    ]


def window_faults(pdf, paper):
    """Return what is wrong with what the window shows, in words.

    The address has an eighth of an inch clear on all sides wherever the sheet slides, and
    nothing else comes near.
    """
    window, faults = WINDOWS[paper], []
    address = window_places(pdf, paper)
    for piece in address:
        # Above the base stand signs of 0.77 ems, below it of 0.24.
        em = piece.size / 72
        if piece.base - 0.77 * em < window.always[0] + CLEAR:
            faults.append(f"too high: {piece}")
        if piece.base + 0.24 * em > window.always[1] - CLEAR:
            faults.append(f"too low: {piece}")
        if piece.left < window.left[0] + CLEAR or piece.right > window.left[1] - CLEAR:
            faults.append(f"too far to a side: {piece}")
    for piece in text_places(pdf):
        near = window.ever[0] - 0.1 < piece.base < window.ever[1] + 0.2
        if near and piece not in address and not piece.artifact:
            faults.append(f"seen beside the address: {piece}")
    return faults
