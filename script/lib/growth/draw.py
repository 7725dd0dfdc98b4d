"""What looks like chance: digests of a row's number and the seed, as SQL."""

from odoo.tools import SQL


def chance(number, salt, seed):
    """Return SQL for a number from 0 to below 1 that depends on these alone."""
    return SQL(
        "((hashint8extended(%s, %s) & 1073741823) / 1073741824.0)", SQL(number), seed * 1000 + salt
    )


def pick(ids, drawn, skew=1.0):
    """Return SQL that picks one of some ids, the first ones more often: Zipf's law."""
    weights = [1 / (number + 1) ** skew for number in range(len(ids))]
    total, bounds, reached = sum(weights), [], 0.0
    for weight in weights[:-1]:
        reached += weight / total
        bounds.append(reached)
    return SQL("(%s::int[])[1 + width_bucket(%s, %s::float[])]", list(ids), drawn, bounds)


def word(words, number, salt, seed):
    """Return SQL that draws one of some words."""
    return SQL(
        "(%s::text[])[1 + (%s * %s)::int]", list(words), chance(number, salt, seed),
        len(words) - 0.5001,
    )  # fmt: skip
