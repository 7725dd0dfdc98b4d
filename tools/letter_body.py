"""A letter's text: from the editor's HTML to what PDF/UA-1 allows. No Odoo in here.

WeasyPrint tags what it is given, so the structure has to be right before: a list
has items and nothing else, a row has as many cells as its table has columns, heading
levels leave no gap, a link is one piece of text, a picture has a description.
"""

import re
from collections import Counter

from lxml import etree, html
from markupsafe import escape

_KEPT_TAGS = {
    "p", "div", "span", "br", "hr", "b", "strong", "i", "em", "u", "s", "sub", "sup", "small",
    "a", "ul", "ol", "li", "table", "thead", "tbody", "tfoot", "tr", "th", "td", "caption",
    "img", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "pre", "code",
}  # fmt: skip
_INLINE_TAGS = {
    "span", "br", "b", "strong", "i", "em", "u", "s", "sub", "sup", "small", "a", "img", "code",
}  # fmt: skip
_KEPT_ATTRIBUTES = {
    "href", "src", "alt", "title", "colspan", "rowspan", "width", "height", "start",
}  # fmt: skip
_DROPPED_TAGS = {
    "script", "style", "head", "title", "meta", "link", "base", "iframe", "object", "embed",
    "form", "input", "button", "select", "textarea", "svg", "math", "video", "audio", "template",
}  # fmt: skip
_LINK = re.compile(r"^(https?:|mailto:|tel:)", re.IGNORECASE)
_ALIGN = re.compile(r"text-align:\s*(left|right|center|justify)", re.IGNORECASE)
_HEADING = re.compile(r"^h([1-6])$")
_SIZE = re.compile(r"^\d{1,4}%?$")
_COUNT = re.compile(r"^\d{1,2}$")
_WIDEST = 99  # that _COUNT reads
_LISTS = ("ul", "ol")
_TABLE_PARTS = ("thead", "tbody", "tfoot", "caption", "tr", "td", "th")
# So many elements may be in each other: the page is made by functions that call each other.
MAX_DEPTH = 60
# What is in them belongs to them: a table is flattened as a whole.
_LEVELS = {"table": 3, "ul": 1, "ol": 1}
# More columns than these come of spans that nobody can have meant: of two dozen cells in each
# row one could make a million.
MAX_COLUMNS = 40
# The name of a tag for a moment, before it goes
_LEFT_OUT = "font"
_BLOCKS = (
    "p", "div", "blockquote", "pre", "hr", "h1", "h2", "h3", "h4", "h5", "h6",
    "table", "thead", "tbody", "tfoot", "tr", "caption",
)  # fmt: skip


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
    etree.strip_elements(root, etree.Comment, etree.PI, *_DROPPED_TAGS, with_tail=False)
    _flatten_tree(root)
    for node in root.iterdescendants():
        _clean_attributes(node)
    _mend_lists(root)
    _mend_links(root)
    for table in list(root.iter("table")):
        _mend_table(table)
    _order_headings(root)
    _wrap_loose_text(root)
    _trim(root)
    return "".join(etree.tostring(child, encoding="unicode", method="html") for child in root)


def body_pictures(body):
    """Return the addresses of the pictures in a text, in their order.

    :param str body: as ``clean_body`` gives it
    """
    if not (body or "").strip():
        return []
    root = html.fragment_fromstring(body, create_parent="div")
    return [picture.get("src") or "" for picture in root.iter("img")]


def _flatten_tree(root):
    """Leave out tags that are not printed, or too deep in others; their text stays.

    All at once at the end: each by itself would copy the text before it.
    """
    depths, too_deep = {root: 0}, set()
    for node in list(root.iterdescendants()):
        parent = node.getparent()
        depth = depths[node] = depths[parent] + 1
        deep = depth + _LEVELS.get(node.tag, 0) > MAX_DEPTH
        # What is left of a table goes with it.
        deep = deep or (parent in too_deep and node.tag in _TABLE_PARTS)
        if node.tag in _KEPT_TAGS and not deep:
            continue
        depths[node] -= 1
        if deep or parent in too_deep:
            too_deep.add(node)
            # The words of two cells do not run together.
            node.tail = " " + (node.tail or "")
        node.tag = _LEFT_OUT
    etree.strip_tags(root, _LEFT_OUT)


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
    for names, shape in ((("width", "height"), _SIZE), (("colspan", "rowspan", "start"), _COUNT)):
        for name in names:
            if name in node.attrib and not shape.match(node.get(name)):
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


def _mend_lists(root):
    """Leave only items in lists, and only lines and further lists in items."""
    for item in list(root.iter("li")):
        if item.getparent().tag not in _LISTS:
            item.tag = "p"
    for node in [node for tag in _LISTS for node in root.iter(tag)]:
        _wrap_strays(node)
    for item in list(root.iter("li")):
        for block in [node for node in item.iter(*_BLOCKS) if node is not item]:
            _flatten(block)
    for node in [node for tag in _LISTS for node in root.iter(tag)]:
        if not len(node):
            _drop(node)


def _wrap_strays(node):
    """Make items of what stands in a list beside its items."""
    if (node.text or "").strip():
        item = etree.Element("li")
        item.text, node.text = node.text, None
        node.insert(0, item)
    for child in list(node):
        tail, child.tail = child.tail, None
        if child.tag != "li":
            item = etree.Element("li")
            node.replace(child, item)
            item.append(child)
            child = item
        if (tail or "").strip():
            item = etree.Element("li")
            item.text = tail
            child.addnext(item)


def _flatten(block):
    """Make lines of a block: a break before and after it, where something is there."""
    before = block.getprevious() is not None or (block.getparent().text or "").strip()
    after = (block.tail or "").strip()
    if after:
        rest = etree.Element("br")
        rest.tail, block.tail = block.tail, None
        block.addnext(rest)
    if before and (block.text_content().strip() or len(block)):
        block.addprevious(etree.Element("br"))
    # Not `drop_tag`, which looks for its place among all the others.
    text, block.text = block.text, None
    if text and block.getprevious() is not None:
        block.getprevious().tail = (block.getprevious().tail or "") + text
    elif text:
        block.getparent().text = (block.getparent().text or "") + text
    for child in list(block):
        block.addprevious(child)
    _drop(block)


def _mend_links(root):
    """Make one piece of text of each link; one around a picture is taken off."""
    for link in list(root.iter("a")):
        if link.find(".//img") is not None or not link.text_content().strip():
            link.tag = _LEFT_OUT
        elif len(link):
            text = link.text_content()
            for child in list(link):
                link.remove(child)
            link.text = text
    etree.strip_tags(root, _LEFT_OUT)


def _mend_table(table):
    """Fill up short rows, and leave out what is empty or reaches beyond the table."""
    rows = [row for row in table.iter("tr") if len(row)]
    if not rows:
        table.drop_tree()
        return
    for row in list(table.iter("tr")):
        if not len(row):
            row.drop_tree()
    if table.find(".//tbody") is None:
        for part in table.xpath("./thead|./tfoot"):
            part.tag = "tbody"
    widths = _lay_out(rows)
    if max(widths) > MAX_COLUMNS:
        for cell in (cell for row in rows for cell in row):
            cell.attrib.pop("colspan", None)
            cell.attrib.pop("rowspan", None)
        widths = [len(row) for row in rows]
    widest = max(widths)
    for row, width in zip(rows, widths, strict=True):
        _fill_up(row, widest - width)
        cells = [cell.tag for cell in row]
        if cells[0] == "th" and cells.count("th") == 1 and len(cells) > 1:
            row[0].set("scope", "row")


def _fill_up(row, missing):
    """Add empty cells to a row; where very many are missing, wide ones."""
    widest = 1 if missing <= MAX_COLUMNS else _WIDEST
    for start in range(0, missing, widest):
        cell = etree.SubElement(row, "td")
        if widest > 1:
            cell.set("colspan", str(min(widest, missing - start)))


def _lay_out(rows):
    """Return how many columns each row fills, cutting cells that reach too far down.

    Ends with the first row that fills more than MAX_COLUMNS: what hangs into the next ones
    would be more with each.
    """
    widths, hanging = [], []
    left_in = Counter(row.getparent() for row in rows)
    for row in rows:
        left = left_in[row.getparent()]
        left_in[row.getparent()] -= 1
        width = sum(span for span, _rows in hanging)
        coming = [(span, more - 1) for span, more in hanging if more > 1]
        for cell in row:
            span = max(1, int(cell.get("colspan") or 1))
            down = min(max(1, int(cell.get("rowspan") or 1)), left)
            if "rowspan" in cell.attrib:
                cell.set("rowspan", str(down))
            width += span
            if down > 1:
                coming.append((span, down - 1))
        widths.append(width)
        hanging = coming
        if width > MAX_COLUMNS:
            break
    return widths


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
        while (
            len(root)
            and root[end].tag in ("p", "div")
            and not (root[end].text_content().strip() or root[end].xpath(".//img|.//hr"))
        ):
            root.remove(root[end])


def text_body(body):
    """Return the text of a letter for a mail: each picture replaced by what it shows.

    :param str body: as ``clean_body`` gives it
    :return str: HTML; empty when there is none
    """
    if not (body or "").strip():
        return ""
    root = html.fragment_fromstring(body, create_parent="div")
    for picture in list(root.iter("img")):
        words = picture.get("alt") or ""
        words = f"[{words}]" if words else ""
        # What stands behind a picture belongs to it in lxml.
        picture.tail = words + (picture.tail or "")
    etree.strip_elements(root, "img", with_tail=False)
    parts = [html.tostring(child, encoding="unicode") for child in root]
    return str(escape(root.text or "")) + "".join(parts)
