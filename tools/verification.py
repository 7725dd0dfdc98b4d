"""The short code at a letter's foot, by which anybody can ask whether we wrote it.

No Odoo in here.
"""

import re
import secrets

# Without what is taken for something else when read aloud, written by hand or copied:
# 0 O Q, 1 I L, 2 Z, 5 S, 8 B, U V.
ALPHABET = "34679ACDEFGHJKMNPRTWXY"
GROUP = 5
LENGTH = 2 * GROUP
# What people type between the groups.
_BETWEEN = re.compile(r"[\s\-–—_./]+")


def draw_code():
    """Return a new code, such as ``K7RMX-39AHT``.

    Nobody guesses one: 22 signs in ten places are 2.6 × 10¹³.
    """
    signs = "".join(secrets.choice(ALPHABET) for _place in range(LENGTH))
    return f"{signs[:GROUP]}-{signs[GROUP:]}"


def read_code(text):
    """Return a code as it is kept, from what somebody typed; empty when it is none.

    >>> read_code(" k7rmx 39aht "), read_code("K7RMX39AHT"), read_code("L-2026-000123")
    ('K7RMX-39AHT', 'K7RMX-39AHT', '')
    """
    signs = _BETWEEN.sub("", (text or "")[:100]).upper()
    if len(signs) != LENGTH or any(sign not in ALPHABET for sign in signs):
        return ""
    return f"{signs[:GROUP]}-{signs[GROUP:]}"
