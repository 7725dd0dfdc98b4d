"""Bringing the rows of an older import up to date without undoing people's work.

Three states of a value are held against each other: what the file said last time, what
it says now, and what the record has today. No Odoo in here.
"""

import hashlib
from datetime import date, datetime


def fingerprint(value):
    """Return a short digest of a value; equal values have equal ones.

    Falsy values are all "nothing". Coordinates agree to a centimetre, moments to a second.

    :param value: text, number, boolean, moment, or a list of ids
    """
    if not value:
        return ""
    if isinstance(value, datetime):
        value = value.replace(microsecond=0).isoformat(" ")
    elif isinstance(value, date):
        value = value.isoformat()
    elif isinstance(value, float):
        value = f"{value:.7f}"
    elif isinstance(value, list | tuple | set | frozenset):
        value = ",".join(sorted(map(str, value)))
    return hashlib.blake2b(str(value).encode(), digest_size=6).hexdigest()


def fingerprints(values):
    """Return {name: fingerprint} of values."""
    return {name: fingerprint(value) for name, value in values.items()}


def merge(now, last, today):
    """Return what of a file's row is to be written, and what people's work stands against.

    A value is written when the file changed it and nobody changed it here. Without a
    last time only what is empty here is filled.

    :param dict now: name → fingerprint of what the file says now
    :param last: name → fingerprint of what it said last time; None when it never did
    :param dict today: name → fingerprint of what the record has
    :return: (list of names to write, list of names kept though the file changed)
    """
    write, kept = [], []
    for name, value in now.items():
        if value == today.get(name, ""):
            continue
        if last is None:
            if today.get(name, ""):
                kept.append(name)
            else:
                write.append(name)
        elif value == last.get(name, ""):
            continue
        elif today.get(name, "") == last.get(name, ""):
            write.append(name)
        else:
            kept.append(name)
    return write, kept
