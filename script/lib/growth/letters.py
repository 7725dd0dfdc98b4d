"""Letters: an answer to most cases that are over, drafts on open ones, and what came by post."""

from odoo.tools import SQL

from .draw import chance, pick

# Of this many cases one has what is said; of those that are over all but one are answered.
ONE_IN = {"unanswered": 6, "incoming": 5, "draft": 20, "to_approve": 40}
BODY = "<p>Thank you for writing to us. The crew was at the place and did the work.</p>"

OUTGOING = """
    INSERT INTO constituent_correspondence (direction, medium, reference, case_id, partner_id,
        department_id, company_id, subject, body, lang, state, letter_date, submitted_at,
        approved_at, approved_by_id, sent_at, sent_by_id, printed_name, printed_address,
        printed_body, printed_email, post_state, verification_code, create_uid, write_uid,
        create_date, write_date)
    SELECT 'out', medium, CASE WHEN state = 'sent' THEN 'L-G' || lpad(id::text, 8, '0') END,
        id, partner_id, department_id, company_id, name, %(body)s, 'en_US', state,
        (at AT TIME ZONE 'UTC' AT TIME ZONE %(zone)s)::date,
        CASE WHEN state <> 'draft' THEN at END,
        CASE WHEN state = 'sent' THEN at END, CASE WHEN state = 'sent' THEN head END,
        CASE WHEN state = 'sent' THEN at END, CASE WHEN state = 'sent' THEN user_id END,
        partner_name, partner_name || E'\\n' || street || E'\\n' || city || ' ' || zip,
        %(body)s, partner_email,
        CASE WHEN state = 'sent' AND medium = 'post' THEN
            CASE WHEN at > %(until)s - interval '1 day' THEN 'waiting' ELSE 'posted' END END,
        CASE WHEN state = 'sent' THEN 'GROWN-' || lpad(id::text, 8, '0') END,
        COALESCE(user_id, 1), COALESCE(user_id, 1), at, at
    FROM (
        SELECT c.*, COALESCE(closed_at, received_at + interval '1 day') AS at,
            CASE WHEN c.id %% 2 = 0 THEN 'post' ELSE 'email' END AS medium,
            CASE WHEN status = 'closed' THEN 'sent' WHEN c.id %% %(to_approve)s = 1
                THEN 'to_approve' ELSE 'draft' END AS state,
            %(head)s AS head
        FROM constituent_case c
        WHERE c.id > %(first)s AND partner_id IS NOT NULL AND department_id IS NOT NULL
            AND CASE WHEN status = 'closed' THEN c.id %% %(unanswered)s <> 0
                ELSE c.id %% %(draft)s = 1 END
        ORDER BY c.id
    ) AS answered
"""
INCOMING = """
    INSERT INTO constituent_correspondence (direction, medium, reference, case_id, partner_id,
        department_id, company_id, subject, state, received_on, printed_name, printed_address,
        create_uid, write_uid, create_date, write_date)
    SELECT 'in', 'post', 'I-G' || lpad(id::text, 8, '0'), id, partner_id, department_id,
        company_id, name, 'received', received_on, partner_name, street, 1, 1, received_at,
        received_at
    FROM constituent_case
    WHERE id > %(first)s AND id %% %(incoming)s = 2 AND partner_id IS NOT NULL ORDER BY id
"""
# Who decides in a department decided on its letters; what waits, waits for the same person.
DECIDED = """
    INSERT INTO constituent_correspondence_decided_rel (correspondence_id, user_id)
    SELECT id, approved_by_id FROM constituent_correspondence
    WHERE id > %(first)s AND approved_by_id IS NOT NULL
"""
APPROVED = """
    INSERT INTO constituent_approval (correspondence_id, user_id, company_id, decision,
        decided_at, create_uid, write_uid, create_date, write_date)
    SELECT id, approved_by_id, company_id, 'approved', approved_at, 1, 1, approved_at, approved_at
    FROM constituent_correspondence WHERE id > %(first)s AND approved_by_id IS NOT NULL
    ORDER BY id
"""
WAITING = """
    INSERT INTO constituent_correspondence_waiting_rel (correspondence_id, user_id)
    SELECT id, %(head)s FROM constituent_correspondence letter
    WHERE id > %(first)s AND state = 'to_approve'
"""
SIGNED = """
    INSERT INTO constituent_correspondence_res_users_rel
        (constituent_correspondence_id, res_users_id)
    SELECT id, %(head)s FROM constituent_correspondence
    WHERE id > %(first)s AND direction = 'out'
"""


def write_letters(cr, city, first_case):
    """Add the letters of the cases after an id."""
    cr.execute("SELECT COALESCE(max(id), 0) FROM constituent_correspondence")
    first = cr.fetchone()[0]
    zone = city.company.env["res.company"]._office(city.company.id).tz
    values = {"body": BODY, "zone": zone, "until": city.until, "head": _head(city), **ONE_IN}
    for statement in (OUTGOING, INCOMING):
        cr.execute(SQL(statement, first=first_case, **values))
    for statement in (DECIDED, APPROVED, WAITING, SIGNED):
        cr.execute(SQL(statement, first=first, head=values["head"]))


def _head(city):
    """Return SQL for who decides on a department's letters: one of the caseworkers.

    The departments of the measured caseworker are theirs.
    """
    drawn = chance("department_id", 50, city.seed)
    mine = SQL(
        "department_id IN (SELECT department_id FROM constituent_department_member_rel"
        " WHERE user_id = %s)",
        city.caseworker,
    )
    return SQL("CASE WHEN %s THEN %s ELSE %s END", mine, city.caseworker, pick(city.users, drawn))
