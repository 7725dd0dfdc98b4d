"""Weighted keywords: which of many lists a text speaks of, and how clearly. No Odoo in here."""

import re
from collections import defaultdict
from dataclasses import dataclass

from .text import fold

MAX_WEIGHT = 9
# A word in the subject says what it is about; in the text it may be in passing.
SUBJECT_TIMES = 2
_SPLIT = re.compile(r"[,;\n\r]+")


class KeywordError(ValueError):
    """A keyword list that cannot be read.

    :ivar str keyword: the entry, as written
    """

    def __init__(self, keyword):
        super().__init__(keyword)
        self.keyword = keyword


@dataclass(frozen=True)
class Hit:
    """A keyword that occurs.

    :ivar str phrase: folded
    :ivar int points: what it says for its list; negative when it speaks against it
    """

    phrase: str
    points: int


@dataclass(frozen=True)
class Ranked:
    """How clearly a text speaks of one list.

    :ivar owner: whose list
    :ivar int score: 0 to 100
    :ivar tuple words: the phrases that speak for it
    """

    owner: object
    score: int
    words: tuple


def read_keywords(text):
    """Return the weighted keywords of a list.

    A keyword is a word or phrase, with ``*`` and a weight from -9 to 9 behind it where it
    says more, less or the contrary; a phrase of several words says more by itself.

    :param str text: keywords separated by commas, semicolons or lines
    :return dict: folded phrase → points; the first of equal phrases counts
    :raises KeywordError: a weight that is none

    >>> read_keywords("Pothole*3, hole in the road; Christmas tree*-2")
    {'pothole': 3, 'hole in the road': 4, 'christmas tree': -4}
    """
    found = {}
    for entry in _SPLIT.split(text or ""):
        phrase, star, weight = entry.rpartition("*")
        phrase, weight = (phrase, _weight(weight, entry)) if star else (entry, 1)
        folded = fold(phrase)
        if folded:
            found.setdefault(folded, weight * len(folded.split()))
        elif star:
            raise KeywordError(entry.strip())
    return found


def _weight(text, entry):
    try:
        weight = int(text)
    except ValueError:
        weight = 0
    if not weight or abs(weight) > MAX_WEIGHT:
        raise KeywordError(entry.strip())
    return weight


class KeywordIndex:
    """Many keyword lists, found in a text by one walk over its words.

    What it costs grows with the distinct words of the text and the phrases that begin
    with one of them, not with the number of lists.
    """

    def __init__(self, lists):
        """Build the index.

        :param lists: (owner, {folded phrase: points}) pairs
        """
        phrases = defaultdict(list)
        for owner, keywords in lists:
            for phrase, points in keywords.items():
                phrases[phrase].append((owner, points))
        self._by_first = defaultdict(list)
        for phrase, owners in phrases.items():
            self._by_first[phrase.split(" ", 1)[0]].append((phrase, tuple(owners)))
        self._firsts = frozenset(self._by_first)

    def find(self, folded_text):
        """Return what occurs in a text as whole words.

        :param str folded_text: as ``fold`` gives it
        :return dict: owner → list of Hit
        """
        padded = f" {folded_text} "
        found = defaultdict(list)
        for word in self._firsts.intersection(folded_text.split()):
            for phrase, owners in self._by_first[word]:
                if phrase == word or f" {phrase} " in padded:
                    for owner, points in owners:
                        found[owner].append(Hit(phrase, points))
        return found


def rank(in_subject, in_text, related, wanted=3):
    """Return the lists a text speaks of, the clearest first.

    The score is what speaks for a list, of all that speaks for it and for its best rival
    and of one point of doubt: 50 is one word in the text and nothing else, 67 the same
    word in the subject, 33 a word each for two lists. Lists above and below each other in
    a tree are no rivals; of equal ones the lower, which is the more exact, comes first.

    :param dict in_subject: owner → list of Hit, in the subject
    :param dict in_text: the same of all the text but the subject
    :param related: owner → set of the owners above it and itself
    :param int wanted: how many at most
    :return list[Ranked]:
    """
    points, words = defaultdict(int), defaultdict(dict)
    for hits, times in ((in_subject, SUBJECT_TIMES), (in_text, 1)):
        for owner, found in hits.items():
            for hit in found:
                # Once, where it says most: repeating a word proves nothing.
                if hit.phrase not in words[owner]:
                    points[owner] += hit.points * times
                    words[owner][hit.phrase] = hit.points
    order = sorted(
        (owner for owner in points if points[owner] > 0),
        key=lambda owner: (-points[owner], -len(related(owner)), owner),
    )
    return [
        Ranked(owner, _score(owner, order, points, related), _speaking(words[owner]))
        for owner in order[:wanted]
    ]


def _score(owner, order, points, related):
    rival = next(
        (
            points[other]
            for other in order
            if other != owner and other not in related(owner) and owner not in related(other)
        ),
        0,
    )
    return round(100 * points[owner] / (points[owner] + rival + 1))


def _speaking(words):
    return tuple(sorted(phrase for phrase, points in words.items() if points > 0))
