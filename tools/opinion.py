"""Which letters are one letter, sent by many: "same text but for names". No Odoo in here.

Campaigns send hundreds of letters that differ in the sender's name, the address and
perhaps a sentence of their own. They are found in three steps. What is the sender's own
(salutation, signature, addresses, numbers, names, quotations) is left out. Of the rest a
fingerprint is made (MinHash in bands), so that an index finds the few texts that may be
alike. These are compared word by word; two that differ in what they ask for, be it by one
"not", are never one letter.
"""

import hashlib
import random
import re
from collections import Counter
from dataclasses import dataclass
from difflib import SequenceMatcher

from .quotes import split_html, split_text
from .stance import stances, turned
from .text import fold, html_to_text

# Fewer words than these say too little of their own to be recognised.
MIN_WORDS = 20
# So much of a letter is looked at: campaigns do not write more, and a book is no letter.
MAX_WORDS = 600
SHINGLE = 3
# Two texts are alike when so much of what either says stands in both. Measured: different
# letters on one issue share under a tenth, a form letter of 25 words with a sentence of
# the sender's own still half.
ENOUGH = 0.4
BANDS, ROWS = 30, 3
# Where texts differ: a gap of at most so many words is a word exchanged within a
# sentence, a longer one is what the sender added.
SLOT = 6
# Fewer common words between two differences are chance.
BRIDGE = 3

_MASKS = random.Random(20260101)
MASKS = [_MASKS.getrandbits(64) for _number in range(BANDS * ROWS)]

_NOT = re.compile(r"n['\u2019]t\b", re.IGNORECASE)
_CANNOT = re.compile(r"\b(cannot|can not|can['\u2019]t)\b", re.IGNORECASE)
_WONT = re.compile(r"\bwon['\u2019]t\b", re.IGNORECASE)
# Anchored where a run without spaces begins: a mail may be one run of a megabyte.
_ADDRESS = re.compile(r"(?<!\S)\S+@\S+|\b(?:https?://|www\.)\S+", re.IGNORECASE)
_NO_WORDS = re.compile(r"^\W+")
_SALUTATION = re.compile(
    r"^\W*(dear|hello|hi|hey|greetings|good (?:morning|afternoon|evening|day)|to whom|"
    r"to the honorable|honorable|attention|attn|estimad[oa]s?|querid[oa]s?|señor(?:a|es)?|"
    r"sr|sra|honorable|hola|buen(?:os|as)? (?:d[ií]as?|tardes|noches)|a quien)\b",
    re.IGNORECASE,
)
# What stands at the end of a salutation that goes on in the same line. No \W* before it: it
# would share its characters with what follows, and a line of hyphens be tried in every way.
_SALUTATION_END = re.compile(r"^(?:[^\s,:;!]+\s+){0,7}?[^\s,:;!]+\s*[,:;!]\s*")
_CLOSING = re.compile(
    r"^\W*((very |most )?(sincerely|respectfully|truly|cordially|faithfully)\b|yours\b|"
    r"((kind|best|warm|warmest) )?(regards|wishes)\b|best\W*$|thank(s| you)\b|cheers\b|"
    r"in solidarity\b|your (constituent|neighbor)\b|(muy )?atentamente\b|(un )?cordial(es)?\b|"
    r"cordialmente\b|respetuosamente\b|sinceramente\b|saludos\b|(muchas )?gracias\b|"
    r"su servidora?\b)",
    re.IGNORECASE,
)
_SIGNATURE = re.compile(
    r"^\s*(--\s*$|sent from my\b|get outlook for\b|enviado desde mi\b|__+\s*$)", re.IGNORECASE
)
# A closing line has few words: "Thank you for reading this" may be a sentence.
_CLOSING_WORDS = 5
_POSTAL = re.compile(r"^\W*(\d+\w?\s+\S|p\.? ?o\.? box\b|apartado\b)", re.IGNORECASE)
_POSTAL_END = re.compile(r"\b[A-Z]{2}\s+\d{5}(-\d{4})?\W*$", re.IGNORECASE)
_POSTAL_WORDS = 9
_LABEL = re.compile(
    r"^\W*(name|address|phone|telephone|tel|email|e-mail|zip|city|nombre|direcci[oó]n|"
    r"tel[eé]fono|correo|ciudad)\s*:",
    re.IGNORECASE,
)
_REPLY = frozenset({"re", "fw", "fwd", "rv", "tr"})


@dataclass(frozen=True)
class Opinion:
    """What a letter says, without what is its sender's own.

    :ivar tuple words: folded
    :ivar tuple subject: folded words of the subject
    """

    words: tuple
    subject: tuple = ()

    def shingles(self):
        """Return the runs of words by which texts are compared."""
        words = self.words
        return {words[start : start + SHINGLE] for start in range(len(words) - SHINGLE + 1)}


def read_opinion(description, subject="", names=()):
    """Return what a letter says; None when it says too little to be recognised.

    :param str description: HTML or plain text
    :param str subject: a line
    :param names: names of the sender as known, which are left out of the text
    :return Opinion: or None
    """
    text = html_to_text(split_html(description)[0])
    words = own_words(text, names)
    if len(words) < MIN_WORDS:
        return None
    topic = (word for word in fold(subject).split() if word not in _REPLY)
    return Opinion(words[:MAX_WORDS], tuple(topic)[:MAX_WORDS])


def own_words(text, names=()):
    """Return the folded words of a letter without what is the sender's own.

    :param str text: plain, a line for each paragraph
    :param names: the sender's, as known
    :return tuple[str]: the words, in order
    """
    lines = _without_head(split_text(text)[0].splitlines())
    lines = _without_foot(lines)
    text = _ADDRESS.sub(" ", "\n".join(line for line in lines if not _is_address(line)))
    text = _NOT.sub(" not", _WONT.sub("will not", _CANNOT.sub("can not", text)))
    left_out = {word for name in names for word in fold(name).split() if len(word) > 1}
    return tuple(
        word
        for word in fold(text).split()
        if word not in left_out and not any(character.isdigit() for character in word)
    )


def _without_head(lines):
    """Leave out the salutation, on a line of its own or before the first sentence."""
    for index, line in enumerate(lines):
        if not line.strip():
            continue
        short = len(line.split()) <= 8
        if short and (_SALUTATION.match(line) or line.rstrip().endswith((",", ":"))):
            return lines[index + 1 :]
        if not _SALUTATION.match(line):
            return lines[index:]
        line = _SALUTATION_END.sub("", _NO_WORDS.sub("", line), count=1)
        return [line, *lines[index + 1 :]]
    return []


def _without_foot(lines):
    """Leave out what stands from the closing on, unless nearly all stands there."""
    said = 0
    for index, line in enumerate(lines):
        closes = _CLOSING.match(line) and len(line.split()) <= _CLOSING_WORDS
        if said >= MIN_WORDS // 2 and (closes or _SIGNATURE.match(line)):
            return lines[:index]
        said += len(line.split())
    return lines


def _is_address(line):
    if _LABEL.match(line):
        return True
    if len(line.split()) > _POSTAL_WORDS:
        return False
    return bool(_POSTAL.match(line) or _POSTAL_END.search(line))


# Fingerprints


def bands(opinion):
    """Return the bands of a text: texts that are alike share one, others hardly ever.

    Of all the runs of words each mask picks one, the same in texts that both have it: a
    mask's pick agrees as often as the texts do. Several picks together are a band.

    :param Opinion opinion: what it says
    :return list[str]: always as many, short and without spaces
    """
    hashes = [_hash(" ".join(shingle)) for shingle in opinion.shingles()]
    picks = [min(map(mask.__xor__, hashes)) ^ mask for mask in MASKS]
    return [
        f"{band:x}.{_hash(repr(picks[band * ROWS : (band + 1) * ROWS])) >> 24:x}"
        for band in range(BANDS)
    ]


def _hash(text):
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "big")


def likeness(one, other):
    """Return how much of what either text says stands in both, from 0 to 1."""
    if one.words == other.words:
        return 1.0
    mine, theirs = one.shingles(), other.shingles()
    return len(mine & theirs) / (len(mine | theirs) or 1)


def same_letter(one, other):
    """Return whether two texts are one letter: alike, and asking for the same.

    :param Opinion one: what one says
    :param Opinion other: what the other says
    """
    return likeness(one, other) >= ENOUGH and not opposed(one, other)


def opposed(one, other):
    """Return whether texts that are alike differ in what they ask for.

    A word that turns the meaning ("not", "oppose", "raise") in a gap of a few words
    between common ones does; what a sender has added in a sentence of their own does not,
    unless it speaks plainly for the one side and the other text's for the other.

    :param Opinion one: what one says
    :param Opinion other: what the other says
    """
    if _contrary(one.subject, other.subject):
        return True
    if one.words == other.words:
        return False
    for mine, theirs in _gaps(one.words, other.words):
        if max(len(mine), len(theirs)) <= SLOT:
            if turned(mine, theirs):
                return True
        elif _contrary(mine, theirs):
            return True
    return False


def _contrary(words, others):
    mine, theirs = stances(words), stances(others)
    return bool(mine and theirs and not mine & theirs)


def _gaps(words, others):
    """Return pairs of the words that differ, chance agreements between them bridged."""
    matcher = SequenceMatcher(None, words, others, autojunk=False)
    gaps, start, other_start = [], 0, 0
    for block in matcher.get_matching_blocks():
        if not block.size or block.size >= BRIDGE:
            gap = words[start : block.a], others[other_start : block.b]
            if gap != ((), ()):
                gaps.append(gap)
            start, other_start = block.a + block.size, block.b + block.size
    return gaps


# The letter behind the letters


def common_words(opinions):
    """Return the words most of the texts have in common, in the order of the first.

    What only one has may be about its sender, and is nobody else's business.

    :param list[Opinion] opinions: alike
    :return Opinion: the letter as it was before the senders changed it
    """
    first = opinions[0]
    counts = Counter(shingle for opinion in opinions for shingle in opinion.shingles())
    kept = [False] * len(first.words)
    for start in range(len(first.words) - SHINGLE + 1):
        if counts[first.words[start : start + SHINGLE]] * 2 > len(opinions):
            kept[start : start + SHINGLE] = [True] * SHINGLE
    words = tuple(word for word, keep in zip(first.words, kept, strict=True) if keep)
    subjects = Counter(opinion.subject for opinion in opinions)
    subject, count = subjects.most_common(1)[0]
    return Opinion(words or first.words, subject if count * 2 > len(opinions) else ())


def differing(one, other, limit=MAX_WORDS):
    """Return two texts as pieces, and which of them are not in the other.

    :param str one: plain text, with its line breaks
    :param str other: likewise
    :param int limit: so many words of each at most
    :return tuple[list, list]: for each text (piece, whether it differs) pairs
    """
    tokens = [re.findall(r"\S+|\n+", text)[:limit] for text in (one, other)]
    keys = [[fold(token) or token.strip() for token in row] for row in tokens]
    matcher = SequenceMatcher(None, *keys, autojunk=False)
    result = [], []
    for tag, start, end, other_start, other_end in matcher.get_opcodes():
        spans = (start, end), (other_start, other_end)
        for pieces, row, span in zip(result, tokens, spans, strict=True):
            if span[0] < span[1]:
                pieces.append((" ".join(row[slice(*span)]), tag != "equal"))
    return result
