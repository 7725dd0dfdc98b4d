"""What hangs on cases: history, other departments, parts, tags and messages."""

from odoo.tools import SQL

from .draw import chance, pick

# Of this many cases one has what is said.
ONE_IN = {"shared": 20, "part": 100, "message": 8, "tag": 6}

EVENT = """
    INSERT INTO constituent_case_event (case_id, kind, happened_at, user_id, note,
        department_to_id, user_to_id, stage_to_id, company_id, create_uid, write_uid,
        create_date, write_date)
    SELECT id, %(kind)s, %(at)s, COALESCE(user_id, 1), %(note)s, %(department)s, %(user)s,
        %(stage)s, company_id, 1, 1, %(at)s, %(at)s
    FROM constituent_case WHERE id > %(first)s AND %(where)s ORDER BY id
"""
MESSAGES = """
    INSERT INTO mail_message (model, res_id, message_type, subtype_id, body, author_id, date,
        email_from, message_id, record_company_id, email_add_signature, create_uid, write_uid,
        create_date, write_date)
    SELECT 'constituent.case', c.id, 'comment', note.res_id, '<p>Called, will look.</p>', 2,
        received_at, 'desk@city.example.org', '<grown-' || c.id || '@city.example.org>',
        c.company_id, TRUE, 1, 1, received_at, received_at
    FROM constituent_case c, ir_model_data note
    WHERE note.module = 'mail' AND note.name = 'mt_note'
        AND c.id > %(first)s AND c.id %% %(message)s = 2
"""


def attach(cr, city, first):
    """Add to the cases after an id what the pipeline and people would have added."""
    _history(cr, first)
    _shared(cr, city, first)
    cr.execute(
        # Numbers may have gaps.
        "UPDATE constituent_case part SET parent_id = whole.id FROM constituent_case whole"
        " WHERE whole.id = part.id - 1 AND whole.id > %s AND part.id %% %s = 50",
        (first, ONE_IN["part"]),
    )
    cr.execute(
        SQL(
            "INSERT INTO constituent_case_constituent_case_tag_rel"
            " SELECT id, %s FROM constituent_case WHERE id > %s AND id %% %s = 1",
            pick(city.tags, chance("id", 41, city.seed)),
            first,
            ONE_IN["tag"],
        )
    )
    cr.execute(MESSAGES, {"first": first, "message": ONE_IN["message"]})


def _history(cr, first):
    """Add when a case was received, routed and closed."""
    nothing = SQL("NULL::int")
    common = {"at": SQL("received_at"), "where": SQL("TRUE"), "first": first}
    common |= dict.fromkeys(("department", "user", "stage"), nothing)
    for values in (
        {"kind": "received", "note": "Received by Telephone"},
        {
            "kind": "routed",
            "note": SQL("routing_note"),
            "department": SQL("department_id"),
            "user": SQL("user_id"),
        },
        {
            "kind": "closed",
            "at": SQL("closed_at"),
            "note": "Resolved",
            "stage": SQL("stage_id"),
            "where": SQL("status = 'closed'"),
        },
    ):
        cr.execute(SQL(EVENT, **{**common, **values}))


def _shared(cr, city, first):
    """Share some cases with a second department."""
    cr.execute(
        SQL(
            "INSERT INTO constituent_case_shared_department_rel (case_id, department_id)"
            " SELECT id, %s FROM constituent_case WHERE id > %s AND id %% %s = 3"
            " AND department_id IS NOT NULL ON CONFLICT DO NOTHING",
            pick(city.departments, chance("id", 40, city.seed)),
            first,
            ONE_IN["shared"],
        )
    )
    cr.execute(
        "UPDATE constituent_case SET is_shared = TRUE WHERE id > %s"
        " AND id IN (SELECT case_id FROM constituent_case_shared_department_rel)",
        (first,),
    )
