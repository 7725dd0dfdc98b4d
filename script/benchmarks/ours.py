"""What is measured of this addon, beside the screens."""

import base64
import datetime
import io
import itertools
import os
import subprocess

from PIL import Image

from odoo.fields import Command, Domain

from . import clearing  # its measurements are ours, too
from .facts import texts_and_contacts
from .mail import mail_step, receiving_user
from .measuring import measurement
from .screens import Product

PRODUCT = Product(
    model="constituent.case",
    action="constituent_services.constituent_case_action",
    pivot_action="constituent_services.constituent_case_action_report",
    logins={"coordinator": "grow_coordinator", "caseworker": "grow_caseworker"},
    search_fields={"name": "name", "description": "description_text"},
)
LETTER = "constituent_services.correspondence_letter"


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


def intake_step(session, count):
    """Return a step that takes in that many cases at once, as coordinator."""
    cases = session.user_env("coordinator")["constituent.case"]
    source = reports(session.facts)
    trial = cases.intake([next(source)])
    if not trial.sudo().delivery_ids:
        raise LookupError("no acknowledgement is queued for a case taken in")
    session.env.cr.rollback()

    def step():
        cases.intake(list(itertools.islice(source, count)))

    return step


@measurement("create")
def create(session, _role):
    """Take in one case: identified, classified, routed, acknowledgement queued."""
    return intake_step(session, 1)


@measurement("batch")
def batch(session, _role):
    """Take in five hundred at once."""
    return intake_step(session, 500)


@measurement("mail")
def mail(session, _role):
    """Hand a message to the gateway, which commits the case in cursors of its own."""
    return mail_step(session, department(session).alias_id.display_name)


def approved_letter(session):
    """Return a letter of one page that waits to be sent, for good."""
    env, office = session.env, department(session)
    contact = session.facts["contacts"][-1]
    case = env["constituent.case"].intake([next(reports({**session.facts, "contacts": [contact]}))])
    case.partner_id.write({"street": "12 Home Street", "city": "Example", "zip": "10001"})
    letter = env["constituent.correspondence"].create(
        {
            "case_id": case.id,
            "partner_id": case.partner_id.id,
            "department_id": office.id,
            "subject": case.name,
            "body": "<p>We inspected the place and will fill the pothole this week.</p>" * 6,
        }
    )
    letter.action_submit()
    letter.action_approve()
    env.cr.commit()
    return letter


@measurement("letter")
def letter(session, _role):
    """Print a letter as tagged PDF through Odoo's report."""
    draft = approved_letter(session)
    report = "constituent_services.correspondence_report_letter"

    def step():
        session.env["ir.actions.report"]._render_qweb_pdf(report, draft.ids)

    return step


def wkhtmltopdf_step(session, wait):
    """Return a step that prints the same page, with the same style sheets, by wkhtmltopdf.

    :param int wait: for scripts in the page, in milliseconds
    """
    # Known once the addon is loaded
    from odoo.addons.constituent_services.tools.letter import STYLES

    env, draft = session.env, approved_letter(session)
    paper = env.company.constituent_letter_paper or "letter"
    names = ("letter.css", f"paper_{paper}.css")
    sheets = "".join((STYLES / name).read_text() for name in names)
    reports = env["ir.actions.report"]
    arguments = reports._build_wkhtmltopdf_args(reports.get_paperformat(), False)
    arguments[arguments.index("--javascript-delay") + 1] = str(wait)

    def step():
        values = draft._letter_values()
        page = env["ir.ui.view"]._render_template(LETTER, {"docs": draft, "letters": [values]})
        page = str(page).replace("</head>", f"<style>{sheets}</style></head>")
        command = ["wkhtmltopdf", *arguments, "-", "-"]
        result = subprocess.run(command, input=page.encode(), capture_output=True)
        if not result.stdout.startswith(b"%PDF"):
            raise LookupError(f"wkhtmltopdf printed nothing: {result.stderr.decode()}")

    return step


@measurement("wkhtmltopdf")
def wkhtmltopdf(session, _role):
    """Print with the wait that is wkhtmltopdf's own default; Odoo's is 1,000 ms."""
    return wkhtmltopdf_step(session, 200)


@measurement("wkhtmltopdf_no_wait")
def wkhtmltopdf_no_wait(session, _role):
    """Print without waiting: nothing but the work."""
    return wkhtmltopdf_step(session, 0)


@measurement("locate")
def locate(_session, _role):
    """Look up places spread over the city, in the districts as the addon indexes them."""
    index, _codes = clearing.nyc_index()
    today = datetime.date.today()
    # The plastic numbers: points that fill a plane evenly.
    spread = [(number * 0.7548776662 % 1, number * 0.5698402910 % 1) for number in range(1000)]
    places = [(40.5 + 0.4 * north, -74.25 + 0.55 * east) for north, east in spread]

    def step():
        if sum(bool(index.at(*place, today)) for place in places) < 300:
            raise LookupError("fewer than three of ten places are in a district")

    return step


def import_step(session):
    """Return a step that imports the NYC file and says what became of its rows."""
    names = ("created", "updated", "unchanged", "refused")
    path = os.environ["CS_BENCH_FILE"]

    def step():
        record = session.env["constituent.import"].run_file(path, "nyc311")
        session.env.cr.commit()
        counts = {name: record[f"{name}_count"] for name in names}
        return sum(counts.values()), ", ".join(f"{counts[name]} {name}" for name in names)

    return step


@measurement("import")
def first_import(session, _role):
    """Import the NYC file: all is new."""
    return import_step(session)


@measurement("import_again")
def import_again(session, _role):
    """Import the file again: nothing is new."""
    return import_step(session)
