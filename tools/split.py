"""Where one letter falls into several matters: proposals, that a person decides on.

No Odoo in here.
"""

import re

SUBJECT_MAX = 70
# Below this a paragraph is a greeting, a name, a closing: nobody's matter.
_SHORT = 30
_GREETING = re.compile(
    r"^(dear|hello|hi|good (morning|afternoon|evening)|to whom|estimad[oa]s?|hola|buen[oa]s|"
    r"a quien)\b",
    re.IGNORECASE,
)
_CLOSING = re.compile(
    r"^(sincerely|thank you|thanks|regards|best|kind regards|respectfully|yours|"
    r"atentamente|gracias|saludos|cordialmente)\b",
    re.IGNORECASE,
)
# "1. ", "2) ", "- ", "• " and the like at the beginning of a line.
_MARK = re.compile(r"^\s*(?:\(?\d{1,2}[.):]|[-–—*•·▪])\s+")
_SENTENCE = re.compile(r"(?<=[.!?])\s+")


def strip_mark(line):
    """Return a line without its number or bullet.

    >>> strip_mark("2) The lamp is out"), strip_mark("- 5 trees"), strip_mark("12 Elm Street")
    ('The lamp is out', '5 trees', '12 Elm Street')
    """
    return _MARK.sub("", line).strip()


def lines_of(page):
    """Return the concerns of a pasted page, one a line, without numbers and bullets.

    :param str page: as pasted
    :return list[str]: empty lines left out
    """
    return [line for line in map(strip_mark, (page or "").splitlines()) if line]


def propose_matters(text):
    """Return the parts of a letter, one for each matter it may be about.

    A part is a paragraph or a point of a numbered list. Nothing is left out: greetings
    and introductions go with the first matter, closings with the last.

    :param str text: plain text, paragraphs apart by empty lines
    :return list[str]: at least one, in order
    """
    blocks = _blocks(text or "")
    parts, waiting = [], []
    for block in blocks:
        if not parts and (_GREETING.match(block) or len(block) < _SHORT):
            waiting.append(block)
        elif parts and (_CLOSING.match(block) or len(block) < _SHORT):
            parts[-1] = f"{parts[-1]}\n\n{block}"
        else:
            parts.append("\n\n".join([*waiting, block]))
            waiting = []
    if waiting:
        parts.append("\n\n".join(waiting))
    return parts or [""]


def _blocks(text):
    """Return paragraphs; each point of a list is one of its own."""
    blocks, current = [], []
    for line in [*text.splitlines(), ""]:
        starts = bool(_MARK.match(line))
        if current and (starts or not line.strip()):
            blocks.append("\n".join(current))
            current = []
        if line.strip():
            current.append(line.strip())
    return blocks


def propose_subject(text):
    """Return a line that says what a part is about: its first sentence, shortened.

    >>> propose_subject("1. The lamp at 5 Elm Street is out. It has been dark for weeks.")
    'The lamp at 5 Elm Street is out'
    """
    blocks = [strip_mark(block) for block in (text or "").split("\n\n")]
    told = [block for block in blocks if block and not _GREETING.match(block)] or [""]
    words = " ".join(told[0].split())
    sentence = _SENTENCE.split(words)[0].rstrip(".!? ")
    if len(sentence) <= SUBJECT_MAX:
        return sentence
    return sentence[: SUBJECT_MAX - 1].rsplit(" ", 1)[0].rstrip(",;: ") + "…"
