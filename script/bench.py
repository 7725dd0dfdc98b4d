"""What a letter, a case, a mail and the list cost, in milliseconds and queries.

Runs inside `odoo shell` (script/bench). A measurement is a function with the decorator
`measure`: it prepares what it needs and returns a function without arguments, which
is what is timed. Arguments: names of measurements, and --runs N.
"""

import argparse
import base64
import email.utils
import io
import json
import os
import statistics
import sys
import time
import uuid
from dataclasses import dataclass

from lxml import etree
from PIL import Image

MEASUREMENTS = {}
ENV = globals()["env"]  # given by odoo shell


@dataclass
class Measurement:
    """One thing that is timed.

    :ivar prepare: returns the function that is timed
    :ivar title: as printed
    :ivar limit_ms: what the office's work allows, 0 when nothing is asked
    :ivar per: how many things one call does
    """

    prepare: callable
    title: str
    limit_ms: int = 0
    per: int = 1


def measure(title, limit_ms=0, per=1):
    """Register a measurement under its function's name."""

    def register(prepare):
        MEASUREMENTS[prepare.__name__] = Measurement(prepare, title, limit_ms, per)
        return prepare

    return register


def run(measurement, runs):
    """Return (median ms, slowest ms, median queries), each for one thing.

    The first call fills the caches and does not count.
    """
    step = measurement.prepare()
    times, queries = [], []
    for number in range(runs + 1):
        ENV.flush_all()
        ENV.invalidate_all()
        before, start = ENV.cr.sql_log_count, time.perf_counter()
        step()
        ENV.flush_all()
        if number:
            times.append((time.perf_counter() - start) * 1000 / measurement.per)
            queries.append((ENV.cr.sql_log_count - before) / measurement.per)
    return statistics.median(times), max(times), statistics.median(queries)


# The office: made once, it stays in the bench's database


def office():
    """Return the department, constituent and caseworker all measurements use."""
    department = ENV["constituent.department"].search([("code", "=", "BENCH")])
    if department:
        return department, ENV["res.partner"].search([("ref", "=", "BENCH")], limit=1)
    user = ENV["res.users"].create(
        {
            "name": "Bench Caseworker",
            "login": "bench",
            "email": "bench@city.example.org",
            "group_ids": [(4, ENV.ref("constituent_services.group_caseworker").id)],
        }
    )
    department = ENV["constituent.department"].create(
        {
            "name": "Streets",
            "code": "BENCH",
            "alias_name": "bench-streets",
            "head_id": user.id,
            "head_title": "Commissioner",
            "member_ids": [(4, user.id)],
        }
    )
    ENV["constituent.category"].create(
        {
            "name": "Pothole",
            "code": "BENCH",
            "keywords": "pothole",
            "department_id": department.id,
            "response_days": 5,
        }
    )
    partner = ENV["res.partner"].create(
        {
            "name": "Ana Rivera",
            "ref": "BENCH",
            "email": "ana.rivera@example.org",
            "phone": "+1 212-736-5000",
            "street": "12 Home Street",
            "city": "Example",
            "zip": "10001",
            "is_constituent": True,
        }
    )
    ENV.company.logo = base64.b64encode(noise_of(20_000))
    ENV.cr.commit()
    return department, partner


def noise_of(size):
    """Return a PNG of about that many bytes: the worst a logo can be."""
    side, content = 20, b""
    while len(content) < size:
        output = io.BytesIO()
        Image.effect_noise((side, side), 90).save(output, "PNG")
        side, content = side + 4, output.getvalue()
    return content


def report(**values):
    """Return what a telephone desk hands to the intake pipeline."""
    _department, partner = office()
    return {
        "channel": "phone",
        "name": "A pothole on Main Street",
        "description": "<p>It is deep.</p>",
        "partner_id": partner.id,
        "street": "100 Main Street",
        **values,
    }


# What is timed


@measure("letter, one page, logo of 20 kB", limit_ms=120)
def letter():
    """Print a letter as tagged PDF through Odoo's report."""
    department, partner = office()
    case = ENV["constituent.case"].intake([report()])
    draft = ENV["constituent.correspondence"].create(
        {
            "case_id": case.id,
            "partner_id": partner.id,
            "department_id": department.id,
            "subject": case.name,
            "body": "<p>We inspected the place and will fill the pothole this week.</p>" * 6,
        }
    )
    draft.action_submit()
    draft.action_approve()
    name = "constituent_services.correspondence_report_letter"
    return lambda: ENV["ir.actions.report"]._render_qweb_pdf(name, draft.ids)


@measure("case, created alone")
def case():
    """Take in one case by telephone."""
    values = report()
    return lambda: ENV["constituent.case"].intake([dict(values)])


@measure("case, in a batch of 100", per=100)
def batch():
    """Take in a hundred cases at once."""
    office()
    return lambda: ENV["constituent.case"].intake([report() for _number in range(100)])


@measure("mail in, to a case (queries of the gateway's own cursors not counted)")
def mail():
    """Hand a message to the gateway, as the mail server does."""
    department, _partner = office()

    def step():
        message = "\r\n".join(
            [
                "From: Ana Rivera <ana.rivera@example.org>",
                f"To: {department.alias_email or 'bench-streets@example.org'}",
                "Subject: A pothole on Main Street",
                f"Message-Id: <{uuid.uuid4()}@example.org>",
                f"Date: {email.utils.formatdate()}",
                "MIME-Version: 1.0",
                "Content-Type: text/plain; charset=utf-8",
                "",
                f"It is deep. {uuid.uuid4()}",
            ]
        )
        ENV["mail.thread"].message_process("constituent.case", message)
        # The gateway commits in cursors of its own: a new transaction sees them.
        ENV.cr.rollback()

    return step


@measure("list of open cases, first page")
def listing():
    """Read the first 80 open cases as the web client's list does."""
    department, _partner = office()
    user = department.member_ids[:1]
    cases = ENV["constituent.case"].with_user(user)
    cases.sudo().intake([report(department_id=department.id) for _number in range(100)])
    arch = etree.fromstring(cases.get_view(view_type="list")["arch"])
    spec = {}
    for node in arch.iter("field"):
        relational = cases._fields[node.get("name")].relational
        spec[node.get("name")] = {"fields": {"display_name": {}}} if relational else {}
    domain = [("status", "!=", "closed")]
    return lambda: cases.web_search_read(domain, spec, limit=80, count_limit=10001)


def main(arguments):
    """Run the named measurements, or all, and print a line for each."""
    parser = argparse.ArgumentParser(prog="script/bench", description=__doc__.split("\n")[0])
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(MEASUREMENTS))
    parser.add_argument("--runs", type=int, default=10)
    options = parser.parse_args(arguments)
    unknown = set(options.names) - set(MEASUREMENTS)
    if unknown:
        parser.error(f"no such measurement: {', '.join(sorted(unknown))}")
    print(f"{'':<72}{'median':>9}{'slowest':>9}{'limit':>7}{'queries':>9}")
    too_slow = []
    for name in options.names or MEASUREMENTS:
        found = MEASUREMENTS[name]
        median, slowest, queries = run(found, options.runs)
        ENV.cr.rollback()
        limit = f"{found.limit_ms}" if found.limit_ms else "-"
        print(f"{found.title:<72}{median:>6.1f} ms{slowest:>6.1f} ms{limit:>7}{queries:>9.1f}")
        if found.limit_ms and median > found.limit_ms:
            too_slow.append(found.title)
    for title in too_slow:
        print(f"over its limit: {title}")
    return 1 if too_slow else 0


sys.exit(main(json.loads(os.environ.get("CS_BENCH_ARGUMENTS", "[]"))))
