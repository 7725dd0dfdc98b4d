"""Cases, in the order they were received: what they are is drawn, then the words are joined."""

from odoo.tools import SQL

from .contacts import STREETS
from .draw import chance, pick, word
from .words import SENTENCES, make_sentences

YEARS = 5
# Of this many cases one has what is said.
ONE_IN = {"anonymous": 33, "restricted": 200}

DRAWN = """
    CREATE TEMP TABLE grown_case AS
    SELECT *,
        CASE WHEN status = 'closed' THEN %(outcome)s END AS outcome_id,
        CASE WHEN status = 'closed' THEN date_trunc('second', LEAST(%(until)s,
            received_at + interval '1 day' * (0.1 + 30 * power(%(length)s, 3)))) END
            AS closed_at,
        CASE status WHEN 'closed' THEN %(closed)s WHEN 'waiting' THEN %(waiting)s
            WHEN 'new' THEN %(new)s ELSE %(open)s END AS stage_id,
        -- Triage: nobody's, and not closed.
        CASE WHEN status = 'closed' OR %(triage)s > 0.04 THEN
            (%(departments)s::int[])[1 + category_rank %% %(department_count)s]
        END AS department_id,
        CASE WHEN status <> 'new' THEN %(user)s END AS user_id,
        NULL::text AS number
    FROM (
        SELECT g, md5(%(seed)s || '-' || g)::uuid::text AS token,
            date_trunc('second', %(until)s - interval '1 day' * 365.25 * %(years)s
                * (1 - power(%(share)s, 0.85))) AS received_at,
            CASE WHEN %(state)s > 0.05 + 0.6 * power(%(share)s, 5) THEN 'closed'
                WHEN %(kind)s < 0.15 THEN 'new' WHEN %(kind)s < 0.35 THEN 'waiting'
                ELSE 'open' END AS status,
            %(category)s AS category_id, %(rank)s AS category_rank, %(channel)s AS channel_id,
            CASE WHEN g %% %(anonymous)s = 0 THEN 'anonymous' ELSE 'identified' END AS identity,
            CASE WHEN g %% %(restricted)s = 7 THEN 'restricted' ELSE 'internal' END
                AS confidentiality,
            CASE WHEN %(kind)s < 0.5 THEN 'complaint' ELSE 'request' END AS kind,
            CASE WHEN %(urgent)s > 0.97 THEN '3' WHEN %(urgent)s > 0.9 THEN '1' ELSE '0' END
                AS priority,
            low + ((power(%(contact)s, 1.6) * pool)::bigint * 7919 %% people)::int
                AS contact_id,
            1 + (%(house)s * 9998)::int AS house, %(street)s AS street_name,
            round((40.5 + %(latitude)s * 0.4)::numeric, 7) AS latitude,
            round((-74.2 + %(longitude)s * 0.5)::numeric, 7) AS longitude,
            (%(text_1)s * %(last)s)::int AS text_1, (%(text_2)s * %(last)s)::int AS text_2,
            (%(text_3)s * %(last)s)::int AS text_3, (%(text_4)s * %(last)s)::int AS text_4
        FROM generate_series(%(from)s::bigint, %(to)s) AS g,
            (SELECT min(id) AS low, count(*) AS people,
                    LEAST(count(*), GREATEST(1, %(to)s * 0.6)) AS pool
             FROM res_partner WHERE city = 'Growth') AS grown
    ) AS drawn
"""

CASES = """
    INSERT INTO constituent_case (number, name, kind, description, description_text,
        category_id, channel_id, received_at, received_on, priority, partner_id,
        identity, partner_name, partner_email, partner_phone, lang, street, city, zip,
        latitude, longitude, department_id, user_id, held_since, routing_note,
        stage_id, status,
        outcome_id, closed_at, due_at, confidentiality, intake_mode, access_token,
        company_id, rating_last_value, acknowledged_at, legal_hold, reply_after_closing,
        is_shared, create_uid, write_uid, create_date, write_date)
    SELECT number, s1.words || ': ' || split_part(s2.words, ' ', 1), drawn.kind,
        '<p>' || s2.words || '.</p><p>' || s3.words || '. ' || s4.words || '.</p>',
        s2.words || '.' || E'\\n\\n' || s3.words || '. ' || s4.words || '.',
        category_id, channel_id, received_at,
        ((received_at AT TIME ZONE 'UTC') AT TIME ZONE %(zone)s)::date, priority,
        CASE WHEN identity = 'identified' THEN p.id END, identity,
        CASE WHEN identity = 'identified' THEN p.name END,
        CASE WHEN identity = 'identified' THEN p.email END,
        CASE WHEN identity = 'identified' THEN p.phone END,
        'en_US', house || ' ' || street_name || ' Street', 'Growth',
        '1' || lpad((house %% 9999)::text, 4, '0'), latitude, longitude,
        department_id, CASE WHEN department_id IS NOT NULL THEN drawn.user_id END,
        received_at, 'By the category''s department', stage_id, status, outcome_id,
        closed_at, received_at + interval '7 days', confidentiality, 'live', token,
        %(company)s, 0, received_at + interval '1 minute', FALSE, FALSE, FALSE,
        1, 1, received_at, COALESCE(closed_at, received_at)
    FROM grown_case AS drawn
    JOIN grown_sentence s1 ON s1.id = text_1
    JOIN grown_sentence s2 ON s2.id = text_2
    JOIN grown_sentence s3 ON s3.id = text_3
    JOIN grown_sentence s4 ON s4.id = text_4
    LEFT JOIN res_partner p ON p.id = drawn.contact_id
    ORDER BY g
"""


def grow_cases(cr, city, have, count):
    """Add so many cases to those there are; return the id before the first."""
    make_sentences(cr, city.seed)
    cr.execute("SELECT COALESCE(max(id), 0) FROM constituent_case")
    first = cr.fetchone()[0]
    cr.execute("DROP TABLE IF EXISTS grown_case")
    cr.execute(SQL(DRAWN, **_draws(city), **_span(have, count)))
    _number_cases(cr, city)
    cr.execute(SQL(CASES, company=city.company.id, zone=_office(city).tz))
    return first


def _office(city):
    return city.company.env["res.company"]._office(city.company.id)


def _span(have, count):
    """Return which cases are drawn, and how far through the years each is."""
    share = SQL("((g - %s) / %s::float)", have, count)
    return {"from": have + 1, "to": have + count, "share": share, "years": YEARS}


def _draws(city):
    """Return what is drawn for a case, each with a chance of its own."""

    def drawn(salt):
        return chance("g", 10 + salt, city.seed)

    ranks = range(len(city.categories))
    names = {
        "length": 2, "triage": 4, "state": 6, "kind": 7, "urgent": 10, "contact": 11, "house": 12,
        "latitude": 14, "longitude": 15, "text_1": 16, "text_2": 17, "text_3": 18, "text_4": 19,
    }  # fmt: skip
    return {
        **{name: drawn(salt) for name, salt in names.items()},
        **ONE_IN,
        **{status: city.stages[status][0] for status in ("closed", "waiting", "new")},
        "outcome": pick(city.outcomes, drawn(1)),
        "open": pick(city.stages["open"], drawn(3)),
        "user": pick(city.users, drawn(5), 0.3),
        "category": pick(city.categories, drawn(8)),
        "rank": pick(ranks, drawn(8)),
        "channel": pick(city.channels, drawn(9)),
        "street": word(STREETS, "g", 23, city.seed),
        "departments": city.departments,
        "department_count": len(city.departments),
        "seed": str(city.seed),
        "until": city.until,
        "last": SENTENCES - 1,
    }


def _number_cases(cr, city):
    """Number the drawn cases as the pipeline would, and let its sequences go on behind."""
    office = _office(city)
    year = SQL(
        "extract(year FROM (received_at AT TIME ZONE 'UTC') AT TIME ZONE %s)::int", office.tz
    )
    cr.execute(SQL("SELECT %s AS year, count(*) FROM grown_case GROUP BY 1", year))
    for number, count in cr.fetchall():
        name = f"constituent_case_number_{city.company.id}_{number}"
        cr.execute(f"CREATE SEQUENCE IF NOT EXISTS {name}")
        cr.execute("SELECT nextval(%s)", (name,))
        start = cr.fetchone()[0]
        cr.execute("SELECT setval(%s, %s)", (name, start + count))
        cr.execute(
            SQL(
                """
                UPDATE grown_case SET number = %s || '-' || %s || '-' || lpad(n::text, 6, '0')
                FROM (SELECT g AS key, %s + row_number() OVER (ORDER BY g) AS n
                      FROM grown_case WHERE %s = %s) AS counted
                WHERE g = key
                """,
                office.number_prefix,
                str(number),
                start,
                year,
                number,
            )
        )
