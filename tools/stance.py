"""Words that turn what a text asks for: for, against, not, more, less. No Odoo in here.

English and Spanish, folded (``tools.text.fold``). A stem ends in ``*``.
"""

import re

_NEGATIONS = "not no never nor neither nobody none without nunca jamas tampoco ni sin"
_PRO = "support* favor favour favors favours approv* endors* yes apoy* aprueb* aprob* respald*"
_CON = (
    "against oppose* opposing opposition opponent* reject* disapprov* object objecting "
    "objection* veto* blocking "
    "contra opong* oponer* oponemos oposicion rechaz* vetar veten desaprueb*"
)
# Each says something only against its contrary: "raise" where the other text has "lower".
_TURNS = (
    "for back backing pass adopt* block "
    "increas* decreas* reduc* rais* lower* cut cuts cutting expand* keep keeping remov* clos* "
    "open opening build building demolish* allow* ban bans banning prohibit* permit* fund "
    "funding defund* stop stopping save saving protect* kill more less fewer higher start "
    "begin end ending halt* preserv* repeal* "
    "si aument* reduz* redujer* cerrar cierr* abran abre abrir construy* construir demol* "
    "quiten quitar manten* elimin* prohib* mas menos bajen bajar suban subir detengan detener "
    "salven salvar proteg* financ*"
)
# A negation turns a stance that follows so soon.
_REACH = 3
_VOTES = frozenset({"vote", "voting", "votes", "vota", "voten", "votar", "say", "on", "to"})


def _pattern(*lists):
    words = " ".join(lists).split()
    return re.compile("|".join(re.escape(word).replace(r"\*", r"\w*") for word in words))


def _stems(*lists):
    words = {word.rstrip("*") for word in " ".join(lists).split()}
    return sorted(words, key=len, reverse=True)


_IS_NEGATION, _IS_PRO, _IS_CON = map(_pattern, (_NEGATIONS, _PRO, _CON))
_IS_PLAIN = _pattern(_NEGATIONS, _PRO, _CON)
_IS_SIGNAL = _pattern(_NEGATIONS, _PRO, _CON, _TURNS)
_STEMS = _stems(_NEGATIONS, _PRO, _CON, _TURNS)


def turned(words, others):
    """Return whether a text changes its meaning with some words in place of others.

    >>> turned(("do",), ("do", "not")), turned(("raise",), ("lower",)), turned(("raise",), ())
    (True, True, False)

    :param words: a few folded words
    :param others: what another text has in their place
    """
    mine, theirs = _signals(words), _signals(others)
    if mine == theirs:
        return False
    if mine and theirs:
        return True
    return any(map(_IS_PLAIN.fullmatch, (*words, *others)))


def _signals(words):
    """Return the stems of the words that turn a text, each as often as it stands."""
    return sorted(
        next(stem for stem in _STEMS if word.startswith(stem))
        for word in words
        if _IS_SIGNAL.fullmatch(word)
    )


def stances(words):
    """Return what words plainly speak for: a set of "for" and "against".

    >>> stances(("i", "do", "not", "support", "it")), stances(("we", "like", "it"))
    ({'against'}, set())
    """
    found = set()
    for index, word in enumerate(words):
        if word == "no" and _VOTES & {*words[max(0, index - 2) : index], *words[index + 1 :][:1]}:
            found.add("against")
        elif _IS_PRO.fullmatch(word) or _IS_CON.fullmatch(word):
            before = words[max(0, index - _REACH) : index]
            denied = any(map(_IS_NEGATION.fullmatch, before))
            found.add("for" if bool(_IS_PRO.fullmatch(word)) != denied else "against")
    return found
