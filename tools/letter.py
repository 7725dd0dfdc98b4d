"""A letter's page: from HTML to tagged PDF/UA-1 by WeasyPrint. No Odoo in here.

Nothing but ``data:`` URLs and what `read_image` hands out gets into a letter: no
file, no other host. The style sheets and the fonts found are read once a process.
"""

import base64
import hashlib
import io
import logging
import re
import threading
from functools import lru_cache
from pathlib import Path

from lxml import etree, html
from PIL import Image
from weasyprint import CSS, HTML
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import URLFetcher, URLFetcherResponse

_logger = logging.getLogger(__name__)
# It tells of every step, and of the address of every picture.
logging.getLogger("weasyprint.progress").setLevel(logging.WARNING)
logging.getLogger("fontTools").setLevel(logging.WARNING)

STYLES = Path(__file__).parent.parent / "static" / "src" / "letter"
PAPERS = ("letter", "a4")
# Relative addresses are read as if they stood here; the name never resolves.
OWN_HOST = "http://own.invalid"
MAX_ADDRESS_LINES = 5

_KEPT_TAGS = {
    "p", "div", "span", "br", "hr", "b", "strong", "i", "em", "u", "s", "sub", "sup", "small",
    "a", "ul", "ol", "li", "table", "thead", "tbody", "tfoot", "tr", "th", "td", "caption",
    "img", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "pre", "code",
}  # fmt: skip
_INLINE_TAGS = {
    "span", "br", "b", "strong", "i", "em", "u", "s", "sub", "sup", "small", "a", "img", "code",
}  # fmt: skip
_KEPT_ATTRIBUTES = {"href", "src", "alt", "title", "colspan", "rowspan", "width", "height", "start"}
_DROPPED_TAGS = {
    "script", "style", "head", "title", "meta", "link", "base", "iframe", "object", "embed",
    "form", "input", "button", "select", "textarea", "svg", "math", "video", "audio", "template",
}  # fmt: skip
_LINK = re.compile(r"^(https?:|mailto:|tel:)", re.IGNORECASE)
_ALIGN = re.compile(r"text-align:\s*(left|right|center|justify)", re.IGNORECASE)
_HEADING = re.compile(r"^h([1-6])$")
_SIZE = re.compile(r"^\d{1,4}%?$")

# One pixel of light grey, shown where a picture may not be read.
_PLACEHOLDER = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGO4AAAA1gDVxKsBJwAAAABJRU5ErkJggg=="
)
# Pango's font map is not made for several threads at once.
_lock = threading.Lock()


class LetterFetcher(URLFetcher):
    """Reads what a letter may show: ``data:`` URLs and pictures of its own database.

    :param read_image: function of an address without host that returns bytes, empty
        when the address is not the letter's to read
    """

    def __init__(self, read_image=None):
        super().__init__(allowed_protocols=("data",), allow_redirects=False)
        self.read_image = read_image
        self.refused = 0

    def fetch(self, url, headers=None):
        """Return the content of an address, a placeholder when it may not be read.

        :param str url: absolute; relative ones were completed with OWN_HOST
        :param dict headers: not used
        :return URLFetcherResponse: never fails, as WeasyPrint would log the address
        """
        if url[:5].lower() == "data:":
            return super().fetch(url)
        found = b""
        if self.read_image and url.startswith(OWN_HOST + "/"):
            found = self.read_image(url.removeprefix(OWN_HOST))
        picture = shrink(found) if found else b""
        if picture:
            return URLFetcherResponse(url, picture, {"Content-Type": "image/jpeg"})
        self.refused += 1
        # The address may name people: it is not logged.
        _logger.warning("A letter refers to something outside, which was not read.")
        return URLFetcherResponse(url, _PLACEHOLDER, {"Content-Type": "image/png"})


def render_pdf(page, paper="letter", read_image=None):
    """Return a page as tagged PDF/UA-1.

    :param page: HTML document (str or bytes) with `lang` and `<title>`
    :param str paper: one of PAPERS
    :param read_image: see LetterFetcher
    :return bytes: the PDF
    """
    if isinstance(page, bytes):
        page = page.decode()
    with _lock:
        font_config, sheets = _styles(paper)
        document = HTML(
            string=page, base_url=OWN_HOST + "/", url_fetcher=LetterFetcher(read_image)
        )
        return document.write_pdf(
            stylesheets=sheets, font_config=font_config, pdf_variant="pdf/ua-1"
        )


@lru_cache(maxsize=len(PAPERS))
def _styles(paper):
    """Return the font configuration and style sheets of a paper, read once a process."""
    if paper not in PAPERS:
        raise ValueError(f"unknown paper: {paper!r}")
    font_config = FontConfiguration()
    sheets = [
        CSS(filename=STYLES / name, font_config=font_config)
        for name in ("letter.css", f"paper_{paper}.css")
    ]
    return font_config, sheets


def shrink(content, size=(1950, 2700)):
    """Return a picture on white and not larger than print can show.

    :param bytes content: a raster picture
    :param tuple size: largest width and height in pixels
    :return bytes: JPEG; empty when it is no picture, or one that cannot be read here,
        such as a vector drawing
    """
    try:
        with Image.open(io.BytesIO(content)) as image:
            image = image.convert("RGBA")
            image.thumbnail(size)
            white = Image.new("RGB", image.size, "white")
            white.paste(image, mask=image.getchannel("A"))
    except (OSError, ValueError, Image.DecompressionBombError):
        _logger.warning("A picture in a letter cannot be read and is left out.")
        return b""
    output = io.BytesIO()
    # WeasyPrint embeds a JPEG as it is; a PNG with transparency costs it 60 ms.
    white.save(output, "JPEG", quality=92, subsampling=0)
    return output.getvalue()


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


def clean_body(body):
    """Return the text of a letter as it may stand on an accessible page.

    What does not belong on paper goes (scripts, forms, colours, fonts), pictures get
    a description, and heading levels follow each other without gaps, as PDF/UA asks.

    :param body: HTML, as the editor makes it; a falsy value gives an empty string
    :return str: HTML of the kept tags and attributes
    """
    if not body or not str(body).strip():
        return ""
    root = html.fragment_fromstring(str(body).replace("\0", ""), create_parent="div")
    for node in list(root.iter()):
        if node is root:
            continue
        if not isinstance(node.tag, str) or node.tag in _DROPPED_TAGS:
            _drop(node)
        elif node.tag not in _KEPT_TAGS:
            node.drop_tag()
        else:
            _clean_attributes(node)
    _order_headings(root)
    _mend_structure(root)
    _wrap_loose_text(root)
    _trim(root)
    return "".join(etree.tostring(child, encoding="unicode", method="html") for child in root)


def _drop(node):
    """Remove a node with what is in it, but not the text behind it."""
    parent, previous = node.getparent(), node.getprevious()
    if parent is None:
        return
    if node.tail and previous is not None:
        previous.tail = (previous.tail or "") + node.tail
    elif node.tail:
        parent.text = (parent.text or "") + node.tail
    parent.remove(node)


def _clean_attributes(node):
    align = _ALIGN.search(node.get("style") or "")
    for name in list(node.attrib):
        if name not in _KEPT_ATTRIBUTES:
            del node.attrib[name]
    for name in ("width", "height", "colspan", "rowspan", "start"):
        if name in node.attrib and not _SIZE.match(node.get(name)):
            del node.attrib[name]
    if align:
        node.set("style", f"text-align: {align[1].lower()}")
    if node.tag == "img":
        source = (node.get("src") or "").split("?")[0].rstrip("/").rpartition("/")[2]
        name = "" if source.startswith("data:") or ";base64" in source else source
        node.set("alt", (node.get("alt") or node.get("title") or name or "Image").strip())
    elif node.tag == "a" and not _LINK.match(node.get("href") or ""):
        node.attrib.pop("href", None)
        node.tag = "span"
    elif node.tag == "th":
        node.set("scope", "col")


def _order_headings(root):
    """Close gaps in heading levels: h2, h4 become h1, h2."""
    previous = 0
    for node in root.iter():
        match = _HEADING.match(node.tag) if isinstance(node.tag, str) else None
        if match:
            previous = min(int(match[1]), previous + 1)
            node.tag = f"h{previous}"


def _mend_structure(root):
    """Take out empty tables and lists, and items that stand outside of a list."""
    for node in list(root.iter("li")):
        if node.getparent().tag not in ("ul", "ol"):
            node.tag = "p"
    for tag, inner in (("table", ".//td|.//th"), ("ul", "./li"), ("ol", "./li")):
        for node in list(root.iter(tag)):
            if not node.xpath(inner):
                node.drop_tag()
    for node in root.xpath(".//tr[ancestor::table]"):
        first_cells = [cell.tag for cell in node]
        if first_cells.count("th") == 1 and first_cells[0] == "th" and len(first_cells) > 1:
            node[0].set("scope", "row")


def _wrap_loose_text(root):
    """Put text that stands in no paragraph into one."""
    content = list(root)
    loose, root.text = root.text, None
    for child in content:
        root.remove(child)
    paragraph = None
    if (loose or "").strip():
        paragraph = etree.SubElement(root, "p")
        paragraph.text = loose
    for child in content:
        tail, child.tail = child.tail, None
        if child.tag in _INLINE_TAGS:
            paragraph = etree.SubElement(root, "p") if paragraph is None else paragraph
            paragraph.append(child)
            child.tail = tail
            continue
        root.append(child)
        paragraph = None
        if (tail or "").strip():
            paragraph = etree.SubElement(root, "p")
            paragraph.text = tail


def _trim(root):
    """Take out empty paragraphs at the beginning and at the end."""
    for end in (0, -1):
        while len(root) and root[end].tag in ("p", "div") and not (
            root[end].text_content().strip() or root[end].xpath(".//img|.//hr")
        ):
            root.remove(root[end])


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


def address_size(lines):
    """Return how wide the longest line of an address is: "", "wide" or "widest".

    The window of a #10 envelope shows 3¼ inches of the sheet wherever it slides.

    :param list[str] lines: as address_lines gives them
    """
    longest = max(map(len, lines), default=0)
    if longest <= 40:
        return ""
    return "wide" if longest <= 50 else "widest"


def sha256(content):
    """Return the SHA-256 of some bytes, as 64 hexadecimal digits."""
    return hashlib.sha256(content).hexdigest()
