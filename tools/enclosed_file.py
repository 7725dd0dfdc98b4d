"""A file that goes with a letter, made ready for the printer. No Odoo in here.

What is printed is what a reader shows: filled-in fields and stamps become part of the page;
scripts, links and files within do not come along.
"""

import io

import pikepdf

from .scan_file import read_scan

# Width and height in points, by the paper of letters
PAPERS = {"letter": (612, 792), "a4": (595.28, 841.89)}
# As much may a page differ from the paper, in points: programs round.
_TOLERANCE = 3


def printable(content, paper="letter"):
    """Return a file as pages of the letter's paper.

    A page that is larger is made smaller, one that lies across is turned, a small one stands
    in the middle as large as it is.

    :param bytes content: a PDF, JPEG or PNG
    :param str paper: "letter" or "a4"
    :return bytes: a PDF whose pages all have that size, upright
    :raises ScanError: what cannot be read, or asks for a password
    """
    scan = read_scan(content, max_bytes=len(content))
    with pikepdf.open(io.BytesIO(scan.pdf)) as source, pikepdf.new() as target:
        source.flatten_annotations("print")
        for page in source.pages:
            _put_on(target, page, PAPERS[paper])
        output = io.BytesIO()
        target.save(output, deterministic_id=True)
    return output.getvalue()


def _put_on(target, page, paper):
    """Add a page, on paper of this size."""
    left, bottom, right, top = map(float, page.trimbox)
    size = right - left, top - bottom
    # Upright pages that fit stay as they are, picture for picture.
    if not _turn(page) and _is_near(size, paper) and page.cropbox == page.mediabox:
        target.pages.append(page)
        return
    across = _turn(page) % 180 != 0
    width, height = size[::-1] if across else size
    if width > height:
        page.rotate(90, relative=True)
        width, height = height, width
    scale = min(1, paper[0] / width, paper[1] / height)
    width, height = width * scale, height * scale
    x, y = (paper[0] - width) / 2, (paper[1] - height) / 2
    sheet = target.add_blank_page(page_size=paper)
    sheet.add_overlay(page, pikepdf.Rectangle(x, y, x + width, y + height))


def _turn(page):
    """Return how far a page is turned when it is shown, in degrees."""
    return int(page.obj.get("/Rotate", 0)) % 360


def _is_near(size, paper):
    return all(abs(one - other) <= _TOLERANCE for one, other in zip(size, paper, strict=True))
