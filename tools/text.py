"""Plain text: from markup, and folded for comparing. No Odoo in here."""

import re
import unicodedata

from lxml import etree, html

_BLOCKS = {"p", "div", "li", "tr", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "pre"}
_SPLIT = re.compile(r"[,;\n\r]+")
_SPACES = re.compile(r"[^\S\n]+")
_WORD = re.compile(r"\w+")


def html_to_text(value):
    """Return the words of some markup, a line for each block.

    :param value: HTML or plain text; a falsy value gives an empty string
    :return str: text without tags, scripts, styles and comments, outer space removed
    """
    if not value:
        return ""
    value = str(value).replace("\0", "")
    try:
        root = html.fragment_fromstring(value, create_parent="div")
    except (etree.ParserError, ValueError):  # only comments, or an encoding declaration
        return _tidy(re.sub(r"<[^<>]*>", " ", value))
    # All at once: taken out one by one, each copies the text that stands before it.
    etree.strip_elements(root, etree.Comment, "script", "style", "head", with_tail=False)
    for node in root.iter():
        if node.tag == "br":
            node.tail = "\n" + (node.tail or "")
        elif node.tag in _BLOCKS:
            node.text = "\n" + (node.text or "")
            node.tail = "\n" + (node.tail or "")
    return _tidy(root.text_content())


def _tidy(text):
    lines = (_SPACES.sub(" ", line).strip() for line in text.split("\n"))
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def one_line(text):
    """Return text without line breaks of any kind, which end a head of a mail.

    >>> one_line("Hello\\r\\nBcc: x@example.org")
    'Hello Bcc: x@example.org'
    """
    return " ".join(filter(None, map(str.strip, text.splitlines()))) if text else text


def fold(text):
    """Return text for comparing: lower case, without accents, words one space apart.

    >>> fold("  Farolas  ROTAS — ¡Señal caída! ")
    'farolas rotas senal caida'
    """
    # Twice each: taking letters apart can bring capitals, and lowering them accents.
    decomposed = text or ""
    for _pass in range(2):
        decomposed = unicodedata.normalize("NFKD", decomposed).casefold()
    decomposed = unicodedata.normalize("NFKD", decomposed)
    plain = "".join(ch for ch in decomposed if not unicodedata.combining(ch))
    return " ".join(_WORD.findall(plain))


def split_keywords(text):
    """Return the folded, distinct words and phrases of a keyword list, in order.

    :param text: words or phrases separated by commas, semicolons or lines
    :return list[str]: folded; empty ones left out
    """
    return list(dict.fromkeys(filter(None, map(fold, _SPLIT.split(text or "")))))


def matched_keywords(keywords, folded_text):
    """Return which keywords occur in the text as whole words.

    :param list[str] keywords: as split_keywords gives them
    :param str folded_text: as fold gives it
    :return list[str]: those found, in the order given
    """
    padded = f" {folded_text} "
    return [keyword for keyword in keywords if f" {keyword} " in padded]
