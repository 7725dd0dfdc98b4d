"""What is measured of OCA helpdesk_mgmt, beside the screens: the same, by its own ways.

Its database is populated by script/lib/peer_growth.py from ours: the same words, people
and dates.
"""

import itertools

from odoo import Command
from odoo.fields import Domain

from .facts import texts_and_contacts
from .mail import mail_step, receiving_user
from .measuring import measurement
from .screens import Product

PRODUCT = Product(
    model="helpdesk.ticket",
    action="helpdesk_mgmt.helpdesk_ticket_action",
    pivot_action="helpdesk_mgmt.helpdesk_ticket_reporting_action",
    logins={"coordinator": "peer_manager", "caseworker": "peer_team"},
    search_fields={"name": "number", "description": "description"},
)


def prepare(session):
    """Make the team that mail goes to, for good."""
    env, user = session.env, receiving_user(session)
    env["helpdesk.ticket.team"].create(
        {
            "name": "Bench Streets",
            "alias_name": "bench-streets",
            "user_ids": [Command.link(user.id)],
        }
    )


def team(session):
    """Return the bench's team."""
    return session.env["helpdesk.ticket.team"].search(Domain("name", "=", "Bench Streets"))


def tickets(session):
    """Give without end what an agent enters for a caller; the peer identifies nobody."""
    facts, env = session.facts, session.env
    addresses = [contact["email"] for contact in facts["contacts"]]
    partners = env["res.partner"].search(Domain("email_normalized", "in", addresses))
    by_address = {partner.email_normalized: partner.id for partner in partners}
    common = {
        "team_id": team(session).id,
        "channel_id": env.ref("helpdesk_mgmt.helpdesk_ticket_channel_phone").id,
        "category_id": env["helpdesk.ticket.category"].search([], limit=1).id,
    }
    for text, contact in texts_and_contacts(facts):
        yield {
            **common,
            "name": text["name"],
            "description": text["description"],
            "partner_id": by_address[contact["email"]],
            "partner_name": contact["name"],
            "partner_email": contact["email"],
        }


def create_step(session, count):
    """Return a step that creates that many tickets at once, as manager."""
    model = session.user_env("coordinator")["helpdesk.ticket"]
    source = tickets(session)
    next(source)  # reads what it needs before anything is timed

    def step():
        model.create(list(itertools.islice(source, count)))

    return step


@measurement("create")
def create(session, _role):
    """Create one ticket."""
    return create_step(session, 1)


@measurement("batch")
def batch(session, _role):
    """Create five hundred at once."""
    return create_step(session, 500)


@measurement("mail")
def mail(session, _role):
    """Hand a message to the gateway."""
    return mail_step(session, team(session).alias_id.display_name)
