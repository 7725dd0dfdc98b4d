"""The office whose work is measured: its department, its seal, and who writes to it."""

import base64
import io

from PIL import Image

from odoo.fields import Command, Domain

from .facts import texts_and_contacts
from .mail import receiving_user


def prepare(session):
    """Make the office that mail goes to and letters come from, for good."""
    env, user = session.env, receiving_user(session)
    env["constituent.department"].create(
        {
            "name": "Bench Streets",
            "code": "BENCH",
            "alias_name": "bench-streets",
            "head_id": user.id,
            "head_title": "Commissioner",
            "member_ids": [Command.link(user.id)],
        }
    )
    env.company.logo = base64.b64encode(noise_of(20_000))


def department(session):
    """Return the bench's department."""
    return session.env["constituent.department"].search(Domain("code", "=", "BENCH"))


def noise_of(size):
    """Return a PNG of about that many bytes: the worst a logo can be."""
    side, content = 20, b""
    while len(content) < size:
        output = io.BytesIO()
        Image.effect_noise((side, side), 90).save(output, "PNG")
        side, content = side + 4, output.getvalue()
    return content


def reports(facts):
    """Give without end what a telephone desk hands to the intake pipeline."""
    for text, contact in texts_and_contacts(facts):
        yield {
            "channel": "phone",
            "name": text["name"],
            "description": text["description"],
            "partner_name": contact["name"],
            "partner_email": contact["email"],
            "street": "100 Main Street",
        }
