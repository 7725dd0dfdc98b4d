"""Contacts: people, and every fiftieth an office, association or business."""

from odoo.tools import SQL

from .draw import word

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

PEOPLE = """
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
"""


def grow_contacts(cr, city, have, count):
    """Add so many contacts to those there are."""
    role = SQL(
        "CASE g %% 3 WHEN 0 THEN 'business' WHEN 1 THEN 'neighborhood_association'"
        " ELSE 'official_office' END"
    )
    cr.execute(
        SQL(
            PEOPLE,
            company_role=role,
            company=city.company.id,
            areas=AREA_CODES,
            until=city.until,
            first=word(FIRST_NAMES, "g", 1, city.seed),
            last=word(LAST_NAMES, "g", 2, city.seed),
            street=word(STREETS, "g", 3, city.seed),
            **{"from": have + 1, "to": have + count},
        )
    )
