"""Run in `odoo shell`: fill a database of helpdesk_mgmt with what a grown one of ours holds.

The same people, words, dates, stages, teams and members, by SQL; numbers of rows that
the peer itself writes for a ticket (a message at its creation, the assigned user as
follower) come along. CS_PEER_SOURCE names our database.
"""

import os
import tempfile

from odoo import Command, sql_db

ENV = globals()["env"]  # given by odoo shell
OFFSET = 10_000  # the peer's own contacts have lower ids
# Of the columns that refer to something, those that refer to the same here and there
REFERENCES = {
    "parent_id": f"parent_id + {OFFSET}",
    "commercial_partner_id": f"commercial_partner_id + {OFFSET}",
    "country_id": "country_id",
    "state_id": "state_id",
}
GROUPS = "helpdesk_mgmt.group_helpdesk_"
STAGES = {"new": ["new"], "open": ["in_progress"], "waiting": ["awaiting"]}
CLOSED = ["done", "done", "done", "done", "done", "done", "done", "done", "cancelled", "rejected"]
CASES = """SELECT c.id, c.name, c.description, c.partner_id, c.partner_name, c.partner_email,
                  c.department_id, c.category_id, ch.code, c.user_id, c.status, c.priority,
                  c.received_at, c.closed_at
             FROM constituent_case c LEFT JOIN constituent_channel ch ON ch.id = c.channel_id"""


def fill():
    """Fill the database this shell is in."""
    with sql_db.db_connect(os.environ["CS_PEER_SOURCE"]).cursor() as source:
        copy_contacts(source)
        users = make_users(source)
        teams = make_teams(source, users)
        categories = make_categories(source)
        copy_tickets(source, {"user": users, "team": teams, "category": categories})
        source.rollback()
    add_followers_and_messages()
    set_sequences()
    ENV.cr.commit()


def copy(source, query, table, columns):
    """Copy the rows of a query in one database to a table in the other."""
    with tempfile.TemporaryFile() as file:
        source.copy_expert(f"COPY ({query}) TO STDOUT", file)
        file.seek(0)
        ENV.cr.copy_expert(f"COPY {table} ({', '.join(columns)}) FROM STDIN", file)


def columns_of(cr, table):
    """Return the names of a table's columns."""
    cr.execute("SELECT column_name FROM information_schema.columns WHERE table_name = %s", [table])
    return {name for (name,) in cr.fetchall()}


def referring(cr, table):
    """Return the names of a table's columns that refer to another table."""
    cr.execute(
        """SELECT a.attname FROM pg_constraint c
             JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = ANY (c.conkey)
            WHERE c.contype = 'f' AND c.conrelid = %s::regclass""",
        [table],
    )
    return {name for (name,) in cr.fetchall()}


def copy_contacts(source):
    """Copy all contacts but those of users and companies, ids raised."""
    common = columns_of(source, "res_partner") & columns_of(ENV.cr, "res_partner")
    plain = sorted(common - referring(ENV.cr, "res_partner") - {"id"})
    columns = ["id", *plain, *REFERENCES]
    values = [f"id + {OFFSET}", *plain, *REFERENCES.values()]
    query = f"""SELECT {", ".join(values)} FROM res_partner p
                 WHERE NOT EXISTS (SELECT FROM res_users WHERE partner_id = p.id)
                   AND NOT EXISTS (SELECT FROM res_company WHERE partner_id = p.id)"""
    copy(source, query, "res_partner", columns)
    ENV.cr.execute("ANALYZE res_partner")  # or what refers to it is checked row by row, slowly


def make_users(source):
    """Make a user for each of ours that holds cases or is in a department.

    :return dict: id of our user → id
    """
    source.execute(
        """SELECT u.id, u.login, p.name, p.tz
             FROM res_users u JOIN res_partner p ON p.id = u.partner_id
            WHERE u.login IN ('grow_coordinator', 'grow_caseworker')
               OR EXISTS (SELECT FROM constituent_department_member_rel WHERE user_id = u.id)
               OR EXISTS (SELECT FROM constituent_case WHERE user_id = u.id)"""
    )
    rows = source.fetchall()
    logins = {"grow_coordinator": "peer_manager", "grow_caseworker": "peer_team"}
    vals_list = [
        {
            "name": name,
            "login": logins.get(login, f"peer_{login}"),
            "email": f"user{user_id}@city.example.org",
            "tz": tz,  # months are cut in it
            "group_ids": [Command.link(ENV.ref(GROUPS + group_of(login)).id)],
        }
        for user_id, login, name, tz in rows
    ]
    users = ENV["res.users"].with_context(no_reset_password=True).create(vals_list)
    return {row[0]: user.id for row, user in zip(rows, users, strict=True)}


def group_of(login):
    """Return which of the peer's groups fits one of our users."""
    return "manager" if login == "grow_coordinator" else "user_team"


def make_teams(source, users):
    """Make a team of each department, with its members; return our id → id."""
    source.execute(
        """SELECT d.id, d.name->>'en_US', array_agg(m.user_id)
             FROM constituent_department d
        LEFT JOIN constituent_department_member_rel m ON m.department_id = d.id GROUP BY d.id"""
    )
    rows = source.fetchall()
    teams = ENV["helpdesk.ticket.team"].create(
        [
            {"name": name, "user_ids": [Command.set([users[user] for user in members if user])]}
            for _id, name, members in rows
        ]
    )
    return {row[0]: team.id for row, team in zip(rows, teams, strict=True)}


def make_categories(source):
    """Make the categories; return our id → id."""
    source.execute("SELECT id, name->>'en_US' FROM constituent_category")
    rows = source.fetchall()
    categories = ENV["helpdesk.ticket.category"].create([{"name": name} for _id, name in rows])
    return {row[0]: category.id for row, category in zip(rows, categories, strict=True)}


def map_table(name, pairs):
    """Make a temporary table that maps our ids to the peer's."""
    ENV.cr.execute(f"CREATE TEMP TABLE map_{name} (ours text PRIMARY KEY, id int)")
    if pairs:
        ENV.cr.execute_values(f"INSERT INTO map_{name} VALUES %s", list(pairs.items()))


def copy_tickets(source, maps):
    """Make a ticket of each case.

    :param dict maps: user, team and category → our id → id
    """
    ENV.flush_all()
    ENV.cr.execute(
        """CREATE TEMP TABLE ours (id int, name text, description text, partner_id int,
             partner_name text, partner_email text, team int, category int, channel text,
             user_id int, status text, priority text, received_at timestamp,
             closed_at timestamp)"""
    )
    names = "id name description partner_id partner_name partner_email team category channel"
    names += " user_id status priority received_at closed_at"
    copy(source, CASES, "ours", names.split())
    for name, pairs in maps.items():
        map_table(name, pairs)
    reference = "helpdesk_mgmt.helpdesk_ticket_"
    channels = {"mail": "email", "phone": "phone", "web": "web"}
    map_table("channel", {c: ENV.ref(f"{reference}channel_{p}").id for c, p in channels.items()})
    stages = {**STAGES, "closed": CLOSED}
    map_table(
        "stage",
        {
            f"{status}{digit}": ENV.ref(f"{reference}stage_{names[digit % len(names)]}").id
            for status, names in stages.items()
            for digit in range(10)
        },
    )
    insert_tickets()


def insert_tickets():
    """Write the tickets from the temporary tables."""
    ENV.cr.execute(
        f"""INSERT INTO helpdesk_ticket (id, number, name, description, partner_id,
                commercial_partner_id, partner_name, partner_email, team_id, category_id,
                channel_id, user_id, stage_id, unattended, priority, sequence, active,
                company_id, color, kanban_state, create_date, write_date, create_uid, write_uid,
                assigned_date, last_stage_update, closed_date)
            SELECT o.id, 'HT' || lpad(o.id::text, 5, '0'), o.name, coalesce(o.description, ''),
                   p.id, p.commercial_partner_id, o.partner_name, o.partner_email,
                   t.id, c.id, coalesce(h.id, %(other)s), u.id, s.id, o.status = 'new',
                   o.priority, 10, true, %(company)s, 0, 'normal', o.received_at,
                   coalesce(o.closed_at, o.received_at), 1, 1,
                   CASE WHEN u.id IS NOT NULL THEN o.received_at + interval '1 hour' END,
                   coalesce(o.closed_at, o.received_at), o.closed_at
              FROM ours o
         LEFT JOIN res_partner p ON p.id = o.partner_id + {OFFSET}
         LEFT JOIN map_team t ON t.ours = o.team::text
         LEFT JOIN map_category c ON c.ours = o.category::text
         LEFT JOIN map_channel h ON h.ours = o.channel
         LEFT JOIN map_user u ON u.ours = o.user_id::text
         LEFT JOIN map_stage s ON s.ours = o.status || o.id %% 10
          ORDER BY o.id""",
        {
            "company": ENV.company.id,
            "other": ENV.ref("helpdesk_mgmt.helpdesk_ticket_channel_other").id,
        },
    )


def add_followers_and_messages():
    """Add what the peer writes beside each ticket."""
    ENV.cr.execute(
        """INSERT INTO mail_followers (res_model, res_id, partner_id)
           SELECT 'helpdesk.ticket', t.id, u.partner_id
             FROM helpdesk_ticket t JOIN res_users u ON u.id = t.user_id"""
    )
    ENV.cr.execute(
        """INSERT INTO mail_message (model, res_id, message_type, subtype_id, author_id, body,
                                     date, create_date, write_date, create_uid, write_uid)
           SELECT 'helpdesk.ticket', id, 'notification', %s, %s, '',
                  create_date, create_date, create_date, 1, 1
             FROM helpdesk_ticket""",
        [ENV.ref("helpdesk_mgmt.hlp_tck_created").id, ENV.ref("base.partner_root").id],
    )


def set_sequences():
    """Let new rows and numbers follow."""
    for table in ("res_partner", "helpdesk_ticket"):
        ENV.cr.execute(f"SELECT setval('{table}_id_seq', (SELECT max(id) FROM {table}))")
    sequence = ENV.ref("helpdesk_mgmt.helpdesk_ticket_sequence")
    ENV.cr.execute("SELECT max(id) + 1 FROM helpdesk_ticket")
    (sequence.number_next_actual,) = ENV.cr.fetchone()


fill()
