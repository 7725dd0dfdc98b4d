"""A city's worth of records for trying and measuring: grow(env, cases, contacts, seed).

Set-based SQL, so that 200,000 cases and a million contacts take minutes. All that looks
like chance is a digest of a row's number and the seed: the same seed gives the same
rows. Nothing of it is for a database that people work in.
"""

import random
from dataclasses import dataclass

from odoo import Command, fields
from odoo.tools import SQL

YEARS = 5
DEPARTMENTS, CATEGORIES, CASEWORKERS, SENTENCES, VOCABULARY = 24, 120, 60, 20_000, 6_000
CLOSED_SHARE = 0.85
LOGINS = ("coordinator", "manager", "clerk", "caseworker")
# Of this many cases one has what is said.
ONE_IN = {"anonymous": 33, "restricted": 200, "shared": 20, "part": 100, "message": 8, "tag": 6}
FIRST_NAMES = (
    "Ana Luis Marta Jordan Grace Denise Rosa Angela Helen Carmen Wei Fatima Omar Nadia Pierre "
    "Marie Jean Sofia Diego Lucia Ivan Olga Noah Emma Liam Mia Kofi Amara Yuki Hana"
).split()
LAST_NAMES = (
    "Rivera Smith Lee Brooks Delgado Abbott Castellano Ibanez Nguyen Chen Hassan Okafor Dupont "
    "Baptiste Joseph Garcia Lopez Martinez Petrov Kim Park Cohen Levy Murphy Kelly Rossi Bianchi "
    "Novak Silva Costa Mensah Tanaka Sato Ali Khan Patel Singh Johnson Brown Davis"
).split()
AREA_CODES = [212, 315, 347, 516, 607, 646, 718, 914, 917, 929]
STREETS = "Main Oak Elm Canal River Park Church Mill Bridge Market Cedar Harbor Lake Hill".split()
# The subjects of every city begin with these; what follows is drawn.
MATTERS = (
    "pothole streetlight noise garbage graffiti hydrant sidewalk tree rodents heating water sewer "
    "parking signal snow dumping playground bus mold elevator"
).split()
_SYLLABLES = "ba cor di fen gar ho lin mar nes pol ran sel tur vin wes dal ber kin ros tal".split()
# From so many cases on, indexes and keys are made anew in place of being kept up.
MANY = 20_000
INDEXED = ("res_partner", "constituent_case", "constituent_case_event", "mail_message")


@dataclass
class City:
    """The masters that cases are spread over.

    :ivar departments, categories, users, stages, outcomes, channels, tags: ids; of the
        stages and outcomes by status and in order
    """

    company: object
    departments: list
    categories: list
    users: list
    stages: dict
    outcomes: list
    channels: list
    tags: list


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
    city = _city(env, seed)
    env.flush_all()
    cr = env.cr
    have_contacts = _count(cr, "res_partner")
    have_cases = _count(cr, "constituent_case")
    dropped = _drop_indexes_and_keys(cr) if cases - have_cases >= MANY else []
    if contacts > have_contacts:
        say(f"{contacts - have_contacts:,} contacts")
        _grow_contacts(cr, city, have_contacts, contacts - have_contacts, seed, until)
    if cases > have_cases:
        say(f"{cases - have_cases:,} cases")
        _sentences(cr, seed)
        first = _grow_cases(cr, city, have_cases, cases - have_cases, seed, until)
        _hang_on(cr, city, first, seed)
    if dropped:
        say(f"{len(dropped)} indexes and keys")
        cr.execute("SET LOCAL maintenance_work_mem = '512MB'")
        for definition in dropped:
            cr.execute(definition)
        # What belongs to an index and does not stand in its definition.
        env["constituent.case"]._register_hook()
    env.invalidate_all()


def vocabulary():
    """Return the words of the descriptions, the most frequent first.

    Of 200,000 cases the first is in about one of seven descriptions, the three
    hundredth in one of fifty, the last in about one of a thousand.
    """
    draw = random.Random("vocabulary")
    words = dict.fromkeys(MATTERS)
    while len(words) < VOCABULARY:
        words["".join(draw.choice(_SYLLABLES) for _number in range(draw.randint(2, 4)))] = None
    return list(words)


# Masters, by the ORM


def _city(env, seed):
    """Make, or find, the departments, categories and people of the city."""
    company = env.company
    departments = env["constituent.department"].search([("code", "=like", "G-%")], order="code")
    if not departments:
        departments = env["constituent.department"].create(
            [
                {"name": f"{name.title()} Department {number}", "code": f"G-{number:02}"}
                for number, name in enumerate(_names(DEPARTMENTS))
            ]
        )
        _make_users(env, departments)
        env["constituent.category"].create(
            [
                {
                    "name": f"{name.title()} {number}",
                    "code": f"G-{number:03}",
                    "keywords": f"{name}{number}",
                    "department_id": departments[number % DEPARTMENTS].id,
                    "response_days": 3 + number % 20,
                }
                for number, name in enumerate(_names(CATEGORIES))
            ]
        )
        env["constituent.case.tag"].create(
            [{"name": f"grown {name}"} for name in ("hazard", "school", "election", "media")]
        )
    stages = env["constituent.case.stage"].search([("company_id", "in", (False, company.id))])
    return City(
        company,
        departments.ids,
        env["constituent.category"].search([("code", "=like", "G-%")], order="code").ids,
        env["res.users"].search([("login", "=like", "grow_worker%")], order="login").ids,
        {status: records.ids for status, records in stages.grouped("status").items()},
        env["constituent.case.outcome"].search([("requires_note", "=", False)]).ids,
        env["constituent.channel"].search([]).ids,
        env["constituent.case.tag"].search([("name", "=like", "grown %")]).ids,
    )


def _names(count):
    return [MATTERS[number % len(MATTERS)] for number in range(count)]


def _make_users(env, departments):
    """Make one user for each role, and caseworkers in each department."""
    roles = [(login, login) for login in LOGINS]
    roles += [(f"worker{number:02}", "caseworker") for number in range(CASEWORKERS)]
    users = (
        env["res.users"]
        .with_context(no_reset_password=True)
        .create(
            [
                {
                    "name": f"Grown {login}",
                    "login": f"grow_{login}",
                    # Hashing sixty of them would take longer than all the rest.
                    **({"password": f"grow_{login}"} if login in LOGINS else {}),
                    "email": f"{login}@city.example.org",
                    "tz": "America/New_York",
                    "group_ids": [Command.link(env.ref(f"constituent_services.group_{group}").id)],
                }
                for login, group in roles
            ]
        )
    )
    for number, user in enumerate(users[len(LOGINS) :]):
        departments[number % DEPARTMENTS].member_ids += user
    # The seventh of Zipf's departments has about four of a hundred cases.
    departments[6].member_ids += users[LOGINS.index("caseworker")]


# Chance


def _chance(number, salt, seed):
    """Return SQL for a number from 0 to below 1 that depends on these alone."""
    return SQL(
        "((hashint8extended(%s, %s) & 1073741823) / 1073741824.0)", SQL(number), seed * 1000 + salt
    )


def _pick(ids, chance, skew=1.0):
    """Return SQL that picks one of some ids, the first ones more often: Zipf's law."""
    weights = [1 / (number + 1) ** skew for number in range(len(ids))]
    total, bounds, reached = sum(weights), [], 0.0
    for weight in weights[:-1]:
        reached += weight / total
        bounds.append(reached)
    return SQL("(%s::int[])[1 + width_bucket(%s, %s::float[])]", list(ids), chance, bounds)


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
        SELECT format('DROP INDEX %%s', indexrelid::regclass), pg_get_indexdef(indexrelid)
        FROM pg_index WHERE indrelid = ANY(%(tables)s::regclass[])
            AND NOT indisprimary AND NOT indisunique
        """,
        {"tables": list(INDEXED)},
    )
    found = cr.fetchall()
    for drop, _again in found:
        cr.execute(drop)
    return [again for _drop, again in found]


# Contacts


def _grow_contacts(cr, city, have, count, seed, until):
    """Add people, and every fiftieth an office, association or business."""
    cr.execute(
        SQL(
            """
            INSERT INTO res_partner (id, commercial_partner_id, name, complete_name, email,
                email_normalized, phone, phone_sanitized, is_company, is_constituent,
                constituent_role, street, city, zip, lang, active, type, color, partner_share,
                message_bounce, company_id, commercial_company_name, create_uid, write_uid,
                create_date, write_date)
            SELECT id, id, full_name, full_name, mail, mail, phone, phone, is_company, TRUE,
                CASE WHEN is_company THEN %(company_role)s ELSE 'resident' END,
                house || ' ' || street || ' Street', 'Growth', '1' || lpad(house::text, 4, '0'),
                'en_US', TRUE, 'contact', 0, TRUE, 0, %(company)s,
                CASE WHEN is_company THEN full_name END, 1, 1, %(until)s, %(until)s
            FROM (
                SELECT g, id,
                    CASE WHEN g %% 50 = 0 THEN street || ' ' || last || ' Association ' || g
                        ELSE first || ' ' || last || ' ' || to_hex(g) END AS full_name,
                    g %% 50 = 0 AS is_company,
                    -- Siblings share an address; some people have none.
                    CASE WHEN g %% 10 > 0
                        THEN 'person' || (g - (g %% 100 = 1)::int) || '@mail.example.org'
                    END AS mail,
                    CASE WHEN g %% 10 < 7
                        -- Numbers that could be: ten area codes, exchanges from 200 on.
                        THEN '+1' || (%(areas)s::int[])[1 + g %% 10] || 2000000 + g / 10
                    END AS phone,
                    1 + (g * 7919) %% 9999 AS house, street
                FROM (
                    SELECT g, nextval('res_partner_id_seq') AS id, %(first)s AS first,
                        %(last)s AS last, %(street)s AS street
                    FROM generate_series(%(from)s::bigint, %(to)s) AS g
                ) AS drawn
            ) AS person ORDER BY g
            """,
            company_role=SQL(
                "CASE g %% 3 WHEN 0 THEN 'business' WHEN 1 THEN 'neighborhood_association'"
                " ELSE 'official_office' END"
            ),
            company=city.company.id,
            areas=AREA_CODES,
            until=until,
            first=_word(FIRST_NAMES, "g", 1, seed),
            last=_word(LAST_NAMES, "g", 2, seed),
            street=_word(STREETS, "g", 3, seed),
            **{"from": have + 1, "to": have + count},
        )
    )


def _word(words, number, salt, seed):
    """Return SQL that draws one of some words."""
    return SQL(
        "(%s::text[])[1 + (%s * %s)::int]", list(words), _chance(number, salt, seed),
        len(words) - 0.5001,
    )  # fmt: skip


# Cases


def _sentences(cr, seed):
    """Make the sentences that subjects and descriptions are put together from."""
    words = vocabulary()
    weights = [1 / (number + 30) for number in range(len(words))]
    draw = random.Random(seed)
    sentences = [
        " ".join(draw.choices(words, weights, k=7 + number % 3)).capitalize()
        for number in range(SENTENCES)
    ]
    cr.execute("CREATE TEMP TABLE IF NOT EXISTS grown_sentence (id int PRIMARY KEY, words text)")
    cr.execute("TRUNCATE grown_sentence")
    cr.execute(
        "INSERT INTO grown_sentence SELECT n - 1, w FROM unnest(%s) WITH ORDINALITY AS s(w, n)",
        (sentences,),
    )


def _grow_cases(cr, city, have, count, seed, until):
    """Add cases in the order they were received; return the id before the first."""
    cr.execute("SELECT COALESCE(max(id), 0) FROM constituent_case")
    first = cr.fetchone()[0]
    cr.execute("DROP TABLE IF EXISTS grown_case")
    cr.execute(_drawn_cases(city, have, count, seed, until))
    _number_cases(cr, city)
    cr.execute(
        SQL(
            """
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
            """,
            company=city.company.id,
            zone=city.company.env["res.company"]._office(city.company.id).tz,
        )
    )
    return first


def _drawn_cases(city, have, count, seed, until):
    """Return the statement that draws what a case is; the words come by a join."""

    def chance(salt):
        return _chance("g", 10 + salt, seed)

    share = SQL("((g - %s) / %s::float)", have, count)
    return SQL(
        """
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
        """,
        outcome=_pick(city.outcomes, chance(1)),
        until=until,
        length=chance(2),
        closed=city.stages["closed"][0],
        waiting=city.stages["waiting"][0],
        new=city.stages["new"][0],
        open=_pick(city.stages["open"], chance(3)),
        triage=chance(4),
        departments=city.departments,
        department_count=len(city.departments),
        user=_pick(city.users, chance(5), 0.3),
        seed=str(seed),
        years=YEARS,
        share=share,
        state=chance(6),
        kind=chance(7),
        category=_pick(city.categories, chance(8)),
        rank=_pick(range(len(city.categories)), chance(8)),
        channel=_pick(city.channels, chance(9)),
        anonymous=ONE_IN["anonymous"],
        restricted=ONE_IN["restricted"],
        urgent=chance(10),
        contact=chance(11),
        house=chance(12),
        street=_word(STREETS, "g", 23, seed),
        latitude=chance(14),
        longitude=chance(15),
        text_1=chance(16),
        text_2=chance(17),
        text_3=chance(18),
        text_4=chance(19),
        last=SENTENCES - 1,
        **{"from": have + 1, "to": have + count},
    )


def _number_cases(cr, city):
    """Number the drawn cases as the pipeline would, and let its sequences go on behind."""
    office = city.company.env["res.company"]._office(city.company.id)
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


# What hangs on cases


def _hang_on(cr, city, first, seed):
    """Add history, shared departments, parts, tags and messages to the cases after an id."""
    base = {"first": first, "seed": seed, "company": city.company.id}
    events = """
        INSERT INTO constituent_case_event (case_id, kind, happened_at, user_id, note,
            department_to_id, user_to_id, stage_to_id, company_id, create_uid, write_uid,
            create_date, write_date)
        SELECT id, {kind}, {at}, COALESCE(user_id, 1), {note}, {department}, {user}, {stage},
            company_id, 1, 1, {at}, {at}
        FROM constituent_case WHERE id > %(first)s AND {where} ORDER BY id
    """
    for values in (
        {"kind": "'received'", "note": "'Received by Telephone'"},
        {
            "kind": "'routed'",
            "note": "routing_note",
            "department": "department_id",
            "user": "user_id",
        },
        {
            "kind": "'closed'",
            "at": "closed_at",
            "note": "'Resolved'",
            "stage": "stage_id",
            "where": "status = 'closed'",
        },
    ):
        filled = {"at": "received_at", "department": "NULL::int", "user": "NULL::int",
                  "stage": "NULL::int", "where": "TRUE", **values}  # fmt: skip
        cr.execute(events.format(**filled), base)
    cr.execute(
        SQL(
            "INSERT INTO constituent_case_shared_department_rel (case_id, department_id)"
            " SELECT id, %s FROM constituent_case WHERE id > %s AND id %% %s = 3"
            " AND department_id IS NOT NULL ON CONFLICT DO NOTHING",
            _pick(city.departments, _chance("id", 40, seed)),
            first,
            ONE_IN["shared"],
        )
    )
    cr.execute(
        "UPDATE constituent_case SET is_shared = TRUE WHERE id > %(first)s"
        " AND id IN (SELECT case_id FROM constituent_case_shared_department_rel)",
        base,
    )
    cr.execute(
        "UPDATE constituent_case SET parent_id = id - 1 WHERE id > %(first)s + 1"
        " AND id %% %(part)s = 50",
        {**base, "part": ONE_IN["part"]},
    )
    cr.execute(
        SQL(
            "INSERT INTO constituent_case_constituent_case_tag_rel"
            " SELECT id, %s FROM constituent_case WHERE id > %s AND id %% %s = 1",
            _pick(city.tags, _chance("id", 41, seed)),
            first,
            ONE_IN["tag"],
        )
    )
    cr.execute(
        """
        INSERT INTO mail_message (model, res_id, message_type, subtype_id, body, author_id, date,
            email_from, message_id, record_company_id, email_add_signature, create_uid, write_uid,
            create_date, write_date)
        SELECT 'constituent.case', c.id, 'comment', note.res_id, '<p>Called, will look.</p>', 2,
            received_at, 'desk@city.example.org', '<grown-' || c.id || '@city.example.org>',
            c.company_id, TRUE, 1, 1, received_at, received_at
        FROM constituent_case c, ir_model_data note
        WHERE note.module = 'mail' AND note.name = 'mt_note'
            AND c.id > %(first)s AND c.id %% %(message)s = 2
        """,
        {**base, "message": ONE_IN["message"]},
    )
