"""The words of a letter template: placeholders, clauses, translations. No Odoo in here.

A placeholder stands in the text as ``{{ object.number }}``, or with words for when it is
empty, ``{{ object.letter_place ||| the place you named }}``; three bars alone say that it
may be empty. A translator moves it about with its sentence. For Odoo's mail renderer it
becomes ``<t t-out="object.number"/>``, whose value is always escaped. A clause is a
paragraph of its own, ``[[clause:CODE]]``.
"""

import re
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import lru_cache

from lxml import etree, html
from markupsafe import Markup

from .text import fold

# What is between the brackets ends at the next opening ones: each character of a text is
# looked at once, however many brackets are never closed.
_PLACEHOLDER = re.compile(r"\{\{((?:(?!\{\{).)*?)\}\}", re.DOTALL)
_EXPRESSION = re.compile(r"object(\.[a-z][a-z0-9_]*)+")
_CLAUSE = re.compile(r"\[\[\s*clause\s*:((?:[^\[\]]|\[(?!\[))*)\]\]", re.IGNORECASE)
CODE = re.compile(r"[A-Z0-9][A-Z0-9._-]{0,31}")
# As many words as these that are the same in two languages were not translated; and so many
# in a row are more than chance.
_SAME_WORDS = 3


@dataclass(frozen=True)
class Placeholder:
    """One place that is filled from the case: the expression, and the words if it is empty."""

    expression: str
    default: str = ""

    def __str__(self):
        return f"{{{{ {self.expression} }}}}"


def _read(inner):
    expression, bar, default = inner.partition("|||")
    # A space is words, too: what may be empty.
    default = " ".join(default.split()) or (" " if bar else "")
    return Placeholder(" ".join(expression.split()), default)


def _parse(body):
    return html.fragment_fromstring(str(body or "").replace("\0", ""), create_parent="div")


def _inner(root):
    """Return the markup of what is in an element."""
    start = Markup.escape(root.text or "")
    return str(start) + "".join(
        etree.tostring(child, encoding="unicode", method="html") for child in root
    )


def text_placeholders(text):
    """Return the placeholders of a plain text, in order.

    :param text: such as a subject
    :return list[Placeholder]: each as often as it stands there
    """
    return [_read(match[1]) for match in _PLACEHOLDER.finditer(str(text or ""))]


@lru_cache(maxsize=256)
def body_placeholders(body):
    """Return the placeholders of a text with markup, in order.

    :param str body: HTML, with ``{{ }}`` or ``t-out``
    :return tuple[Placeholder]: each as often as it stands there
    """
    found = []
    for node in _parse(to_qweb(body)).iter():
        if isinstance(node.tag, str) and "t-out" in node.attrib:
            found.append(Placeholder(node.get("t-out").strip(), node.text or ""))
    return tuple(found)


@lru_cache(maxsize=256)
def to_qweb(body):
    """Return a text with its placeholders as Odoo's mail renderer reads them.

    :param str body: HTML with ``{{ }}``
    :return str: HTML with ``t-out``; what is in attributes stays as it is
    """
    if "{{" not in (body or ""):
        return str(body or "")
    root = _parse(body)
    for node in list(root.iter()):
        if isinstance(node.tag, str) and "{{" in (node.text or ""):
            _insert(node, None, node.text)
        if node is not root and "{{" in (node.tail or ""):
            _insert(node.getparent(), node, node.tail)
    return _inner(root)


def _insert(parent, after, text):
    """Replace a text by itself with elements for its placeholders."""
    pieces = _PLACEHOLDER.split(text)
    if after is None:
        parent.text, position = pieces[0], 0
    else:
        after.tail, position = pieces[0], parent.index(after) + 1
    for inner, literal in zip(pieces[1::2], pieces[2::2], strict=True):
        placeholder = _read(inner)
        element = etree.Element("t")
        element.set("t-out", placeholder.expression)
        element.text, element.tail = placeholder.default, literal
        parent.insert(position, element)
        position += 1


def fill_text(text, value_of):
    """Return a plain text with its placeholders filled.

    :param text: such as a subject
    :param value_of: function, Placeholder → text
    """
    return _PLACEHOLDER.sub(lambda match: value_of(_read(match[1])), str(text or ""))


def fill_body(body, value_of):
    """Return a text with markup with its placeholders filled; values never become markup.

    :param str body: HTML with ``{{ }}`` or ``t-out``
    :param value_of: function, Placeholder → text
    :return str: HTML
    """
    root = _parse(to_qweb(body))
    for node in list(root.iter()):
        if isinstance(node.tag, str) and "t-out" in node.attrib:
            node.text = value_of(Placeholder(node.get("t-out").strip(), node.text or ""))
            node.tag = "span"
            del node.attrib["t-out"]
    return _inner(root)


def find_problem(text, allowed, is_html=False):
    """Return what is wrong with the placeholders of a text, and why; nothing when all is well.

    :param str text: a subject, or HTML
    :param allowed: expressions that may stand in a template
    :param bool is_html: whether it is HTML
    :return: (what, reason) with the reason one of "directive", "attribute", "open",
        "default" and "unknown", or None
    """
    if is_html:
        problem = _markup_problem(text)
        placeholders = None if problem else body_placeholders(text)
    else:
        rest = _PLACEHOLDER.sub("", str(text or ""))
        problem = (rest.strip()[:60], "open") if "{{" in rest or "}}" in rest else None
        placeholders = text_placeholders(text)
    if problem:
        return problem
    for placeholder in placeholders:
        if not _EXPRESSION.fullmatch(placeholder.expression):
            return str(placeholder), "unknown"
        if placeholder.expression not in allowed:
            return str(placeholder), "unknown"
        if set("&<>{}") & set(placeholder.default):
            return placeholder.default, "default"
    return None


def _markup_problem(text):
    for node in _parse(text).iter():
        if not isinstance(node.tag, str):
            continue
        for name, value in node.attrib.items():
            plain = name == "t-out" and len(node.attrib) == 1 and not len(node)
            if name.startswith("t-") and (not plain or value != value.strip()):
                return f'{name}="{value}"', "directive"
            if "{{" in value:
                return f'{name}="{value}"', "attribute"
        for part in (node.text, node.tail):
            rest = _PLACEHOLDER.sub("", part or "")
            if "{{" in rest or "}}" in rest:
                return " ".join(rest.split())[:60], "open"
    return None


# Clauses


def clause_codes(body):
    """Return the codes of the clauses a text names, and what is not a paragraph of its own.

    :param body: HTML
    :return: (codes in order, markers that stand within a sentence)
    """
    if "[[" not in str(body or ""):
        return [], []
    root = _parse(body)
    codes = [code for _node, code in _clause_blocks(root)]
    everywhere = _CLAUSE.findall(html.tostring(root, encoding="unicode"))
    loose = [code.strip().upper() for code in everywhere]
    for code in codes:
        loose.remove(code)
    return codes, loose


def _clause_blocks(root):
    """Return the (block, code) pairs of the paragraphs that are a clause's marker alone."""
    found = []
    for node in root.iter("p", "div"):
        if node is root or any(child.tag in ("p", "div") for child in node):
            continue
        match = _CLAUSE.fullmatch(" ".join(node.text_content().split()))
        if match:
            found.append((node, match[1].strip().upper()))
    return found


def expand_clauses(body, texts):
    """Return a text with the clauses' words in the place of their markers.

    :param body: HTML
    :param dict texts: code → HTML of the clause
    :return str: markers of codes that are not given stay
    """
    if "[[" not in str(body or ""):
        return str(body or "")
    root = _parse(body)
    for node, code in _clause_blocks(root):
        if code in texts:
            _swap([node], texts[code])
    return _inner(root)


def _swap(nodes, markup):
    """Put markup in the place of sibling blocks."""
    parent, position = nodes[0].getparent(), nodes[0].getparent().index(nodes[0])
    new = _parse(markup)
    if (new.text or "").strip():
        paragraph = etree.Element("p")
        paragraph.text, new.text = new.text, None
        new.insert(0, paragraph)
    tail = nodes[-1].tail
    for node in nodes:
        parent.remove(node)
    blocks = list(new)
    for offset, block in enumerate(blocks):
        parent.insert(position + offset, block)
    if blocks:
        blocks[-1].tail = (blocks[-1].tail or "") + (tail or "")


def replace_words(body, old, new):
    """Return a text in which one run of paragraphs is replaced, wherever it stands.

    Compared are the words, not the markup: editors change that.

    :param body: HTML
    :param old: HTML of the paragraphs as they were put in
    :param new: HTML to put in their place
    :return str: empty when the paragraphs are not there word for word
    """
    wanted = [words for words in _block_words(_parse(_as_blocks(old))) if words]
    root = _parse(body)
    for parent in [root, *root.iter("div", "blockquote")]:
        blocks = [node for node in parent if isinstance(node.tag, str)]
        words = [fold(node.text_content()) for node in blocks]
        for start in range(len(blocks) - len(wanted) + 1):
            if wanted and words[start : start + len(wanted)] == wanted:
                _swap(blocks[start : start + len(wanted)], new)
                return _inner(root)
    return ""


def words_kept(body, part):
    """Return how much of a part's words still stands in a text, in runs of some words.

    :param body: HTML
    :param part: HTML of the paragraphs as they were put in
    :return float: from 0 to 1; a word here and there does not count
    """
    whole, words = (fold(_parse(_as_blocks(one)).text_content()).split() for one in (body, part))
    runs = SequenceMatcher(None, whole, words, autojunk=False).get_matching_blocks()
    least = min(_SAME_WORDS, len(words))
    return sum(run.size for run in runs if run.size >= least) / max(1, len(words))


def _as_blocks(markup):
    """Return markup with a space after each block, so that words do not run together."""
    return re.sub(r"(</(?:p|div|li|h\d|td|blockquote)>|<br/?>)", r"\1 ", str(markup or ""))


def _block_words(root):
    blocks = [node for node in root if isinstance(node.tag, str)]
    return [fold(root.text), *(fold(node.text_content()) for node in blocks)]


# Translations


def is_untranslated(english, other):
    """Return whether a sentence is the same in another language, so nobody translated it.

    :param str english: a term of the English text
    :param str other: the same term in the other language
    :return bool: names, numbers and placeholders may be the same
    """
    if english != other:
        return False
    words = _CLAUSE.sub(" ", _PLACEHOLDER.sub(" ", re.sub(r"<[^<>]*>", " ", english or "")))
    return len(fold(words).split()) >= _SAME_WORDS
