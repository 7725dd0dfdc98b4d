"""Words, texts and people of the grown database, given to both sides."""

import itertools
import math

from odoo.tools import html2plaintext

# In so many cases is a rare, a middling and a common word, however many cases there are:
# figures of different sizes show as many rows. The last is the most frequent there is.
HITS = {"rare": 20, "middling": 1000, "common": math.inf}
COLUMNS = {"name": "name", "description": "description_text"}


def read_facts(env):
    """Return what both sides work with; JSON can carry it.

    :return dict: words (where → kind → [word, cases with it]), texts, contacts, postgresql
    """
    env.cr.execute("SHOW server_version")
    version = env.cr.fetchone()[0]
    return {
        "words": {where: _words(env, column) for where, column in COLUMNS.items()},
        "texts": _texts(env),
        "contacts": _contacts(env),
        "postgresql": version.split()[0],
    }


def _words(env, column):
    """Return the words that are in about as many cases as wanted.

    Parts of other words do not count here but are found by the search: the middling
    word may have some more hits.
    """
    env.cr.execute(
        f"""SELECT word, count(*)
              FROM constituent_case,
                   LATERAL (SELECT DISTINCT regexp_split_to_table(lower({column}), '\\W+') AS word)
             WHERE word ~ '^[a-z]{{5,}}$'
          GROUP BY word ORDER BY count(*), word"""
    )
    rows = env.cr.fetchall()
    if not rows:
        raise LookupError(f"there are no words in {column}: is the database grown?")
    return {
        kind: min(rows, key=lambda row: abs(row[1] - min(hits, rows[-1][1])))
        for kind, hits in HITS.items()
    }


def _texts(env):
    env.cr.execute(
        "SELECT name, description FROM constituent_case WHERE description IS NOT NULL"
        " ORDER BY id DESC LIMIT 500"
    )
    return [
        {"name": name, "description": description, "words": html2plaintext(description)}
        for name, description in env.cr.fetchall()
    ]


def _contacts(env):
    """Return residents with a mail address, each address once, spread over all."""
    env.cr.execute(
        """SELECT min(name), email_normalized, min(phone) FROM res_partner
            WHERE id % (SELECT greatest(1, count(*) / 3000) FROM res_partner) = 0
              AND email_normalized IS NOT NULL
              AND constituent_role = 'resident' AND active
         GROUP BY email_normalized ORDER BY email_normalized LIMIT 2000"""
    )
    return [
        {"name": name, "email": address, "phone": phone}
        for name, address, phone in env.cr.fetchall()
    ]


def texts_and_contacts(facts):
    """Give without end a text and who says it, the same to both sides."""
    return zip(itertools.cycle(facts["texts"]), itertools.cycle(facts["contacts"]), strict=False)
