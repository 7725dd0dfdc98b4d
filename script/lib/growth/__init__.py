"""A city's worth of records for trying and measuring: grow(env, cases, contacts, seed).

Set-based SQL, so that 200,000 cases and a million contacts take minutes. All that looks
like chance is a digest of a row's number and the seed: the same seed gives the same
rows. Nothing of it is for a database that people work in.
"""

from odoo import fields
from odoo.tools import SQL

from .attached import attach
from .cases import grow_cases
from .city import found
from .contacts import grow_contacts
from .letters import write_letters

# From so many cases on, indexes and keys are made anew in place of being kept up.
MANY = 20_000
INDEXED = (
    "res_partner", "constituent_case", "constituent_case_event", "mail_message",
    "constituent_correspondence", "constituent_approval",
)  # fmt: skip


def grow(env, cases=200_000, contacts=1_000_000, seed=1, say=print, until=None):
    """Add records until there are as many as asked for.

    :param env: the superuser's, of a database that nobody works in
    :param int cases: how many cases there shall be
    :param int contacts: how many contacts there shall be
    :param int seed: the same seed gives the same rows
    :param say: called with a line for each step
    :param datetime until: when the last case was received; now when not given
    """
    until = (until or fields.Datetime.now()).replace(microsecond=0)
    city = found(env, seed, until)
    env.flush_all()
    cr = env.cr
    have_contacts = _count(cr, "res_partner")
    have_cases = _count(cr, "constituent_case")
    dropped = _drop_indexes_and_keys(cr) if cases - have_cases >= MANY else []
    if contacts > have_contacts:
        say(f"{contacts - have_contacts:,} contacts")
        grow_contacts(cr, city, have_contacts, contacts - have_contacts)
    if cases > have_cases:
        say(f"{cases - have_cases:,} cases")
        first = grow_cases(cr, city, have_cases, cases - have_cases)
        attach(cr, city, first)
        say("their letters")
        write_letters(cr, city, first)
    if dropped:
        say(f"{len(dropped)} indexes and keys")
        cr.execute("SET LOCAL maintenance_work_mem = '512MB'")
        for definition in dropped:
            cr.execute(definition)
        # What belongs to an index and does not stand in its definition.
        for model in ("constituent.case", "constituent.correspondence"):
            env[model]._register_hook()
    env.invalidate_all()


def _count(cr, table):
    cr.execute(SQL("SELECT count(*) FROM %s", SQL.identifier(table)))
    return cr.fetchone()[0]


def _drop_indexes_and_keys(cr):
    """Drop the indexes and foreign keys of the large tables; return how to make them again.

    All in one transaction: filling first, then indexing and checking all rows at once,
    takes a third of the time.
    """
    cr.execute(
        """
        SELECT format('ALTER TABLE %%s DROP CONSTRAINT %%I', conrelid::regclass, conname),
            format('ALTER TABLE %%s ADD CONSTRAINT %%I %%s', conrelid::regclass, conname,
                pg_get_constraintdef(oid))
        FROM pg_constraint WHERE contype = 'f' AND conrelid = ANY(%(tables)s::regclass[])
        UNION ALL
        -- With its comment, by which Odoo knows the definition.
        SELECT format('DROP INDEX %%s', indexrelid::regclass), pg_get_indexdef(indexrelid)
            || COALESCE(format('; COMMENT ON INDEX %%s IS %%L', indexrelid::regclass,
                obj_description(indexrelid)), '')
        FROM pg_index WHERE indrelid = ANY(%(tables)s::regclass[])
            AND NOT indisprimary AND NOT indisunique
        """,
        {"tables": list(INDEXED)},
    )
    found = cr.fetchall()
    for drop, _again in found:
        cr.execute(drop)
    return [again for _drop, again in found]
