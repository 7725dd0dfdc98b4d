"""Which reports are something else than they seem: weighted words and senders. No Odoo in here."""

from .keywords import SUBJECT_TIMES


def points(in_subject, in_text):
    """Return how much a text says for each list of words.

    :param dict in_subject: owner → list of ``tools.keywords.Hit`` in the subject
    :param dict in_text: the same of all the text but the subject
    :return dict: owner → (points, the words that speak for it); each word once
    """
    best = {}
    for hits, times in ((in_subject, SUBJECT_TIMES), (in_text, 1)):
        for owner, found in hits.items():
            words = best.setdefault(owner, {})
            for hit in found:
                words.setdefault(hit.phrase, hit.points * times)
    return {
        owner: (sum(words.values()), sorted(word for word, value in words.items() if value > 0))
        for owner, words in best.items()
    }


def read_domains(text):
    """Return the mail domains of a list, folded for comparing.

    >>> sorted(read_domains("@Gazette.example, news.example"))
    ['gazette.example', 'news.example']
    """
    words = (text or "").replace(",", " ").replace(";", " ").split()
    return frozenset(filter(None, (word.lower().rpartition("@")[2].strip(".") for word in words)))


def domain_matches(address, domains):
    """Return whether an address is of one of the domains, or of one below it.

    :param str address: lower case
    :param domains: a set, as ``read_domains`` gives it
    """
    domain = address.rpartition("@")[2]
    while domain:
        if domain in domains:
            return True
        domain = domain.partition(".")[2]
    return False


def is_blocked(address, entries, today):
    """Return the entry by which a sender is blocked, or nothing.

    :param str address: lower case
    :param entries: (address or domain, until or nothing, reason) tuples
    :param date today: the last day of an entry is blocked, too
    """
    for entry in entries:
        blocked, until, _reason = entry
        if until and until < today:
            continue
        if address == blocked or "@" not in blocked and domain_matches(address, {blocked}):
            return entry
    return None
