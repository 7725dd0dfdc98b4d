"""A letter's page: from HTML to tagged PDF/UA-1 by WeasyPrint. No Odoo in here.

Nothing but pictures in ``data:`` URLs and what `read_image` hands out gets into a
letter: no file, no other host. The style sheets and the fonts found are read once a process.
"""

import base64
import hashlib
import io
import logging
import re
import threading
from functools import lru_cache
from html import escape
from pathlib import Path
from urllib.parse import urljoin

from PIL import Image

# It tells of every step, its own import included, and of the address of every picture.
logging.getLogger("weasyprint.progress").setLevel(logging.WARNING)
logging.getLogger("fontTools").setLevel(logging.WARNING)

from weasyprint import CSS, HTML  # noqa: E402
from weasyprint.text.fonts import FontConfiguration  # noqa: E402
from weasyprint.urls import URLFetcher, URLFetcherResponse  # noqa: E402

_logger = logging.getLogger(__name__)

from .letter_artifacts import mark_artifacts  # noqa: E402

STYLES = Path(__file__).parent.parent / "static" / "src" / "letter"
PAPERS = ("letter", "a4")
COMMON = "sheets.css"
# Sheets, and what each is made up with: tables are read across the paper.
SHEETS = {
    "sheet": (("sheet.css",), ""),
    "register": (("sheet.css", "register.css"), " landscape"),
    "posting": (("posting.css",), ""),
    "copy": (("copy.css",), ""),
}
# On paper of its own size
FIXED_SHEETS = ("envelope", "labels")
# Relative addresses are read as if they stood here; the name never resolves.
OWN_HOST = "http://own.invalid"
# Where pictures of the database are, the number of the attachment in it.
_PICTURE = re.compile(r"^/web/(?:image|content)/(\d{1,10})(?:[-/?#]|$)")
# What a column of numbers holds at most.
_LARGEST_ID = 2**31 - 1
MAX_ADDRESS_LINES = 5
# A few kilobytes may hold a picture of gigabytes: the largest one that is read at all,
# more than a scanned page at 400 dpi, and all of a letter together.
MAX_PIXELS = 25_000_000
MAX_LETTER_PIXELS = 4 * MAX_PIXELS
# No format whose reader starts another program.
_FORMATS = ("PNG", "JPEG", "GIF", "BMP")


def _make_placeholder():
    output = io.BytesIO()
    Image.new("RGB", (1, 1), "#ddd").save(output, "JPEG")
    return output.getvalue()


# Shown where a picture may not be read.
PLACEHOLDER = _make_placeholder()
_JPEG = {"Content-Type": "image/jpeg"}
# Pango's font map is not made for several threads at once.
_lock = threading.Lock()


class LetterFetcher(URLFetcher):
    """Reads what a letter may show: pictures in ``data:`` URLs and of its own database.

    :param read_image: function of an address without host that returns bytes, empty
        when the address is not the letter's to read
    """

    def __init__(self, read_image=None):
        super().__init__(allowed_protocols=("data",), allow_redirects=False)
        self.read_image = read_image
        self.refused = 0
        self.pixels_left = MAX_LETTER_PIXELS

    def fetch(self, url, headers=None):
        """Return the content of an address, a placeholder when it may not be read.

        :param str url: absolute; relative ones were completed with OWN_HOST
        :param dict headers: not used
        :return URLFetcherResponse: never fails, as WeasyPrint would log the address
        """
        found = b""
        if url[:5].lower() == "data:":
            found = self._read_data(url)
        elif self.read_image and url.startswith(OWN_HOST + "/"):
            found = self.read_image(url.removeprefix(OWN_HOST))
        picture = self._prepare(found) if found else b""
        if picture:
            return URLFetcherResponse(OWN_HOST + "/picture", picture, _JPEG)
        self.refused += 1
        # The address may name people: it is not logged.
        _logger.warning("A letter refers to something outside, which was not read.")
        # Never with the address asked for: WeasyPrint reads the pictures of a "file:"
        # response from the disk once more, by that address.
        return URLFetcherResponse(OWN_HOST + "/refused", PLACEHOLDER, _JPEG)

    def _read_data(self, url):
        try:
            return URLFetcher.fetch(self, url).read()
        except (OSError, ValueError):
            # Refused like any other address that gives no picture.
            return b""

    def _prepare(self, content):
        """Return a picture as it is printed, empty when the letter holds too much already."""
        pixels = count_pixels(content)
        if not 0 < pixels <= self.pixels_left:
            return b""
        self.pixels_left -= pixels
        return shrink(content)


def picture_number(address):
    """Return which attachment a picture's address names, 0 when it names none.

    :param str address: as it stands in the text, or as the fetcher completed it without the
        host. It is read as WeasyPrint reads it: what is printed is what is found here
    """
    try:
        whole = urljoin(OWN_HOST + "/", address.strip())
    except ValueError:
        return 0
    match = whole.startswith(OWN_HOST + "/") and _PICTURE.match(whole.removeprefix(OWN_HOST))
    number = int(match[1]) if match else 0
    return number if number <= _LARGEST_ID else 0


def render_pdf(page, paper="letter", read_image=None, style="letter"):
    """Return a page as tagged PDF/UA-1.

    :param page: HTML document (str or bytes) with `lang` and `<title>`
    :param str paper: one of PAPERS
    :param read_image: see LetterFetcher
    :param str style: "letter", or one of SHEETS and FIXED_SHEETS: "sheet" for what goes with
        the crew
    :return bytes: the PDF
    """
    if isinstance(page, bytes):
        page = page.decode()
    with _lock:
        font_config, sheets = _styles(paper, style)
        document = HTML(string=page, base_url=OWN_HOST + "/", url_fetcher=LetterFetcher(read_image))
        return document.write_pdf(
            stylesheets=sheets,
            font_config=font_config,
            pdf_variant="pdf/ua-1",
            finisher=mark_artifacts,
        )


@lru_cache(maxsize=(1 + len(SHEETS) + len(FIXED_SHEETS)) * len(PAPERS))
def _styles(paper, style="letter"):
    """Return the font configuration and style sheets of a paper, read once a process."""
    if paper not in PAPERS:
        raise ValueError(f"unknown paper: {paper!r}")
    font_config = FontConfiguration()
    if style in SHEETS:
        names, turned = SHEETS[style]
        sheets = [CSS(filename=STYLES / name, font_config=font_config) for name in (COMMON, *names)]
        size = CSS(string=f"@page {{ size: {paper}{turned} }}", font_config=font_config)
        return font_config, [*sheets, size]
    if style in FIXED_SHEETS:
        names = (COMMON, f"{style}.css")
        return font_config, [CSS(filename=STYLES / name, font_config=font_config) for name in names]
    sheets = [
        CSS(filename=STYLES / name, font_config=font_config)
        for name in ("letter.css", f"paper_{paper}.css")
    ]
    return font_config, sheets


def count_pixels(content):
    """Return how many pixels a picture has, from its head alone.

    :param bytes content: anything
    :return int: 0 when it is no raster picture
    """
    try:
        with Image.open(io.BytesIO(content), formats=_FORMATS) as image:
            return image.width * image.height
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        # `shrink` tells of it.
        return 0


def shrink(content, size=(1950, 2700)):
    """Return a picture on white and not larger than print can show.

    :param bytes content: a raster picture
    :param tuple size: largest width and height in pixels
    :return bytes: JPEG; empty when it is no picture, one of more than MAX_PIXELS, or one
        that cannot be read here, such as a vector drawing
    """
    try:
        with Image.open(io.BytesIO(content), formats=_FORMATS) as image:
            # The head says how large it is, before anything of it is unpacked.
            if image.width * image.height > MAX_PIXELS:
                raise ValueError("too many pixels")
            if _is_ready(image, size):
                return content
            image = image.convert("RGBA")
            image.thumbnail(size)
            white = Image.new("RGB", image.size, "white")
            white.paste(image, mask=image.getchannel("A"))
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        _logger.warning("A picture in a letter cannot be read and is left out.")
        return b""
    output = io.BytesIO()
    # WeasyPrint embeds a JPEG as it is; a PNG with transparency costs it 60 ms.
    white.save(output, "JPEG", quality=92, subsampling=0)
    return output.getvalue()


def _is_ready(image, size):
    """Return whether a picture is as `shrink` makes them, such as an office's seal."""
    if image.format != "JPEG" or image.mode != "RGB" or image.getexif():
        return False
    if image.width > size[0] or image.height > size[1]:
        return False
    image.load()
    return True


@lru_cache(maxsize=32)
def _logo_uri(_checksum, holder):
    picture = shrink(holder.content, (900, 300))
    return picture and "data:image/jpeg;base64," + base64.b64encode(picture).decode()


class _Content:
    """Bytes that are equal for the cache: its key is their checksum alone."""

    def __init__(self, content):
        self.content = content

    def __eq__(self, other):
        return isinstance(other, _Content)

    def __hash__(self):
        return 0


def logo_uri(content):
    """Return an office's seal small, on white, as a ``data:`` URL.

    :param bytes content: any raster picture; worked on once for each content
    :return str: at most 900 × 300 pixels (3 × 1 inch in print); empty when there is
        no picture, or one that cannot be read, such as a vector drawing
    """
    return (content and _logo_uri(sha256(content), _Content(content))) or ""


def address_lines(lines):
    """Return an address as at most five lines, none of them empty.

    :param lines: in order: who, at whom, street, more of the street, place, country;
        lines at the end are the ones the post reads
    :return list[str]: the lines in the middle share one where there are more than five
    """
    lines = [" ".join(line.split()).strip(" ,") for line in lines if line]
    lines = [line for line in lines if line]
    while len(lines) > MAX_ADDRESS_LINES:
        # Never the name and never the place: the two lines before the last two.
        at = max(1, len(lines) - 4)
        lines[at : at + 2] = [f"{lines[at]}, {lines[at + 1]}"]
    return lines


def sha256(content):
    """Return the SHA-256 of some bytes, as 64 hexadecimal digits."""
    return hashlib.sha256(content).hexdigest()


def titled_svg(svg, words):
    """Return a drawing that says in words what it shows, for whoever cannot see it.

    :param str svg: a drawing; empty gives nothing
    :param str words: read instead of it, plain text
    :return str: SVG
    """
    head, end, rest = svg.partition(">")
    return f"{head}{end}<title>{escape(words)}</title>{rest}" if end else ""
