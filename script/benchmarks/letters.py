"""One letter: its words, its page, the whole way to the stored PDF, and wkhtmltopdf."""

import subprocess

from odoo.fields import Domain

from .measuring import measurement
from .office import department, reports

LETTER = "constituent_services.correspondence_letter"
TEMPLATE = "Bench notice"
BODY = """
<p>Thank you for bringing this matter to our attention on {{ object.letter_received_on }}.</p>
<p>It has the number {{ object.number }} and is with {{ object.letter_department ||| our office
}}. Please give the number whenever you write or call.</p>
<p>We inspected the place and will do the work this week. If something changes, or becomes
dangerous, please call us at {{ object.letter_phone ||| the number above }}.</p>
<p>Nothing more is needed from you now. You will have our answer in writing.</p>
"""
CASES = 20


def template(session):
    """Return a template as offices have them, made for good and once."""
    templates = session.env["constituent.letter.template"]
    found = templates.search(Domain("name", "=", TEMPLATE))
    return found or templates.create(
        {"name": TEMPLATE, "occasion": "free", "subject": "{{ object.name }}", "body": BODY}
    )


def answerable(session, count):
    """Return cases of somebody with an address, which may be in a batch.

    :raises LookupError: there are not so many
    """
    cases = session.env["constituent.case"].search(
        Domain("identity", "=", "identified")
        & Domain("confidentiality", "!=", "restricted")
        & Domain("company_id", "=", session.env.company.id)
        & Domain("partner_id.street", "!=", False),
        order="id DESC",
        limit=count,
    )
    if len(cases) < count:
        raise LookupError(f"{len(cases):,} cases have an addressee, {count:,} are needed (--cases)")
    return cases


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
            "medium": "post",
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


@measurement("letter_values")
def letter_values(session, _role):
    """Fill the template for cases one by one, as a batch and whoever writes do."""
    env, words = session.user_env("coordinator"), template(session)
    ids = answerable(session, CASES).ids
    env.cr.commit()

    def step():
        begun = words.with_env(env)
        for number in ids:
            begun._letter_vals(env["constituent.case"].browse(number))

    return step


@measurement("letter_sent")
def letter_sent(session, _role):
    """Number, print, store and seal a letter for the post, and tell who waits for it."""
    draft = approved_letter(session).with_env(session.user_env("coordinator"))

    def step():
        draft.action_send()
        if not draft.document_id.sudo().raw.startswith(b"%PDF"):
            raise LookupError("no PDF was stored")

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
