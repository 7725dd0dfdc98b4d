"""Keeping what somebody wrote apart from what they quote. No Odoo in here.

A forwarded message is no quotation: it is the matter itself. And when nothing
would be left without the quotation, nothing is taken away.
"""

import re

from lxml import etree, html

_FORWARDED = re.compile(
    r"^\W*(begin forwarded message|forwarded message|mensaje reenviado|"
    r"inicio del mensaje reenviado|message transféré)\b",
    re.IGNORECASE,
)
_DIVIDER = re.compile(
    r"^\s*[-_]{2,}\s*(original message|mensaje original|message d'origine|"
    r"original appointment)\s*[-_]{2,}\s*$",
    re.IGNORECASE,
)
# Of text without outer space: who wrote it, and when.
_ATTRIBUTION = re.compile(
    r"^(?:>\s*)?(on|el|le|am|em)\b.{5,300}?\b(wrote|escribió|escribio|a écrit|schrieb|escreveu)"
    r"\s*:$",
    re.IGNORECASE | re.DOTALL,
)
_FROM = re.compile(r"^\s*\*?(from|de|von)\*?\s*:\*?\s*\S", re.IGNORECASE)
_SENT = re.compile(
    r"^\s*\*?(sent|date|enviado(?: el)?|fecha|envoyé|gesendet)\*?\s*:", re.IGNORECASE
)
_SUBJECT = re.compile(r"^\s*\*?(subject|asunto|objet|betreff)\*?\s*:", re.IGNORECASE)
_WORD = re.compile(r"\w")
# Elements that hold a quotation, and elements after which all is quotation.
_HOLDERS = {"gmail_quote", "yahoo_quoted", "protonmail_quote", "moz-cite-prefix", "zmail_extra"}
_MARKS = {"appendonsend", "divrplyfwdmsg", "stopspelling", "outlookmessageheader"}
_OUTLOOK_LINE = re.compile(r"border-top\s*:\s*solid\s+#(e1e1e1|b5c4df)", re.IGNORECASE)


def split_text(text):
    """Split plain text into what is new and the quotation at its end.

    :param str text: of a mail
    :return tuple[str, str]: new and quoted; together they have every word of the text
    """
    new, quoted = _split(text or "")
    if not _WORD.search(new):
        return (text or "").rstrip(), ""
    return new, quoted


def _split(text):
    lines = text.splitlines()
    cut = _cut(lines)
    return "\n".join(lines[:cut]).rstrip(), "\n".join(lines[cut:]).strip("\n")


def _cut(lines):
    """Return the index of the line where the quotation begins."""
    said = False  # whether words came before
    for index, line in enumerate(lines):
        if _FORWARDED.match(line):
            return len(lines)
        if _DIVIDER.match(line) or (said and _is_outlook_head(lines, index)):
            return index
        said = said or bool(_WORD.search(line))
    return _cut_marked(lines)


def _is_outlook_head(lines, index):
    """Return whether From, Sent and Subject stand here together, as in a reply."""
    if not _FROM.match(lines[index]):
        return False
    block = lines[index + 1 : index + 7]
    return any(map(_SENT.match, block)) and any(map(_SUBJECT.match, block))


def _cut_marked(lines):
    """Find the block of lines marked ">" at the end, with "On ... wrote:" above it."""
    index = len(lines)
    while index and (not lines[index - 1].strip() or lines[index - 1].lstrip().startswith(">")):
        index -= 1
    if not any(line.lstrip().startswith(">") for line in lines[index:]):
        return len(lines)
    for height in (1, 2, 3):
        if index >= height and _ATTRIBUTION.match("\n".join(lines[index - height : index]).strip()):
            return index - height
    return index


def split_html(value):
    """Split the markup of a mail into what is new and what is quoted.

    :param str value: HTML; text in ``<pre>`` is read as plain text and made paragraphs
    :return tuple[str, str]: new and quoted markup, neither of them sanitised
    """
    root = _fragment(value)
    if root is None:
        return value or "", ""
    quoted = []
    for pre in root.xpath("//pre[not(*)]"):
        new, old = _split(pre.text or "")
        _fill_paragraphs(pre, new)
        if old:
            quoted.append(_quoted_pre(old))
    if not _is_forward(root):
        quoted += _take_quotes(root)
    if not _says_something(root):
        return value, ""
    return _inner(root), "".join(map(_outer, quoted))


def _fragment(value):
    if not (value or "").strip():
        return None
    try:
        return html.fragment_fromstring(str(value).replace("\0", ""), create_parent="div")
    except (etree.ParserError, ValueError):  # only a comment, or an encoding declaration
        return None


def _fill_paragraphs(pre, text):
    """Turn a ``<pre>`` into paragraphs: long lines of mail do not wrap in it."""
    pre.tag, pre.text = "div", None
    for block in re.split(r"\n\s*\n", text.strip("\n")):
        paragraph = etree.SubElement(pre, "p")
        first, *others = block.split("\n")
        paragraph.text = first
        for line in others:
            etree.SubElement(paragraph, "br").tail = line


def _quoted_pre(text):
    pre = html.Element("pre")
    pre.text = text
    return pre


def _is_forward(root):
    return any(_FORWARDED.match(text.strip()) for text in root.itertext() if isinstance(text, str))


def _take_quotes(root):
    """Take the quotations out of the tree and return them in order."""
    taken, cites = [], root.xpath(".//blockquote[@type='cite']")
    interleaved = len(cites) > 1 and any(_WORD.search(cite.tail or "") for cite in cites[:-1])
    cites = set() if interleaved else set(cites)
    for node in list(root.iterdescendants()):
        if not isinstance(node.tag, str) or not _is_below(root, node):
            continue
        if _marks_rest(node):
            _close_gaps(root)
            taken += _take_rest(root, node)
            break
        if node in cites or _holds_quote(node):
            taken.append(_take(node))
    return taken


def _is_below(root, node):
    return any(ancestor is root for ancestor in node.iterancestors())


def _words(node):
    return {word.lower() for word in f"{node.get('class', '')} {node.get('id', '')}".split()}


def _holds_quote(node):
    # Odoo puts these in the place of Gmail's class when it reads the message; on
    # signatures and on the parents of quotations too.
    marked = node.get("data-o-mail-quote-container") and node.get("data-o-mail-quote")
    if marked and node.find(".//blockquote") is not None:
        return True
    return any(word.removeprefix("x_") in _HOLDERS for word in _words(node))


def _marks_rest(node):
    if any(word.removeprefix("x_") in _MARKS for word in _words(node)):
        return True
    return node.tag == "div" and bool(_OUTLOOK_LINE.search(node.get("style", "")))


def _take(node):
    """Take a node out; the text behind it stays, behind a sign that `_close_gaps` takes out.

    Joined to the text before it, that would be copied again for each of many nodes.
    """
    gap = etree.PI("gap")
    gap.tail, node.tail = node.tail, None
    node.getparent().replace(node, gap)
    return node


def _close_gaps(root):
    etree.strip_elements(root, etree.PI, with_tail=False)


def _take_rest(root, node):
    """Take out a node and everything that comes after it."""
    taken = []
    while node is not root and node is not None:
        parent = node.getparent()
        rest = list(node.itersiblings())
        if not taken:
            rest.insert(0, node)
        for sibling in rest:
            parent.remove(sibling)
            taken.append(sibling)
        node = parent
    return taken


def _says_something(root):
    return bool(_WORD.search(root.text_content())) or bool(root.xpath(".//img"))


def _inner(root):
    _close_gaps(root)
    return _escape(root.text or "") + "".join(map(_outer, root))


def _outer(node):
    return etree.tostring(node, encoding="unicode", method="html", with_tail=True)


def _escape(text):
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def without_remote(value, keep_cid=True, mend=None):
    """Take out of markup whatever would be fetched from somebody else's server.

    A picture that is fetched tells its sender who read the mail, when and where.
    Pictures that came with the mail (cid:) or are in the text (data:) stay.

    :param str value: HTML
    :param bool keep_cid: keep pictures that came with the mail
    :param mend: function of a picture's address that returns the one it stays with
    :return str: HTML; a picture taken out is named in brackets instead
    """
    own = ("data:image/", "cid:") if keep_cid else ("data:image/",)
    return _each_node(value, lambda node: _cut_remote(node, own, mend))


def safe_links(value):
    """Let markup link only to the web outside, to mail addresses and telephones.

    A link without a host leads into our own server: one click, and the reader is logged
    out or somewhere they did not want to be. It stays as text.

    :param str value: HTML
    :return str: HTML; what links lead to opens in a window of its own and hears nothing
        of where it was opened
    """
    return _each_node(value, _cut_link)


def plain_markup(value):
    """Return markup that says something and does nothing else.

    Beside what ``without_remote`` and ``safe_links`` do, it takes out whatever could make
    a stranger's words look like, or lie over, the screen around them.

    :param str value: HTML
    :return str: HTML, without pictures that came with the mail
    """

    def _clean(node):
        _cut_looks(node)
        _cut_link(node)
        _cut_remote(node, ("data:image/",))

    return _each_node(value, _clean)


def _each_node(value, change):
    root = _fragment(value)
    if root is None:
        return ""
    for node in list(root.iter()):
        if isinstance(node.tag, str):
            change(node)
    return _inner(root)


def _cut_link(node):
    for name in ("action", "formaction", "xlink:href"):
        node.attrib.pop(name, None)
    href = node.attrib.pop("href", None)
    if href is None or node.tag not in ("a", "area"):
        return
    href = re.sub(r"[\x00-\x20]", "", href)
    if _OUTSIDE.match(href):
        node.set("href", href)
        node.set("target", "_blank")
        node.set("rel", "noopener noreferrer")


def _cut_looks(node):
    kept = []
    for part in node.get("style", "").lower().split(";"):
        name, value = (word.strip() for word in part.partition(":")[::2])
        if name in _STYLES and _STYLE_VALUE.fullmatch(value):
            kept.append(f"{name}: {value}")
    style = "; ".join(kept)
    for name in node.attrib:
        if name in ("style", "class", "id", "name") or name.startswith(("data-", "t-", "on")):
            del node.attrib[name]
    if style:
        node.set("style", style)


def _cut_remote(node, own, mend=None):
    for name in ("background", "srcset", "poster", "lowsrc", "dynsrc", "ping"):
        node.attrib.pop(name, None)
    if _STYLE_FETCHES.search(node.get("style", "")):
        del node.attrib["style"]
    if node.tag in _LOADERS and node.getparent() is not None:
        _take(node)
    elif node.tag == "img" and mend:
        node.set("src", mend(node.get("src", "")))
    elif node.tag in ("img", "input", "image") and not _is_own(node, own):
        label = " ".join((node.get("alt") or "").split())[:100]
        tail = f"[{label}]" if _WORD.search(label) else ""
        node.tail = tail + (node.tail or "")
        if node.getparent() is not None:
            _take(node)


_OUTSIDE = re.compile(r"(https?://[^/\\?#]|mailto:|tel:)", re.IGNORECASE)
_STYLES = {"text-align", "font-weight", "font-style", "text-decoration"}
_STYLE_VALUE = re.compile(r"[a-z0-9 -]+")
_STYLE_FETCHES = re.compile(
    r"url\s*\(|image(-set)?\s*\(|src\s*\(|@import|expression|\\", re.IGNORECASE
)
_LOADERS = {
    "style", "link", "script", "iframe", "frame", "object", "embed", "video", "audio",
    "source", "track", "svg", "meta", "base", "portal", "applet", "bgsound",
}  # fmt: skip


def _is_own(node, own):
    return re.sub(r"[\x00-\x20]", "", node.get("src", "")).lower().startswith(own)
