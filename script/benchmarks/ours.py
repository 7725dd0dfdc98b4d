"""What is measured of this addon, beside the screens."""

import datetime
import itertools
import os

from . import clearing, letter_screens, letters  # their measurements are ours, too
from .letter_batch import make_print_file, work_on_batch
from .mail import mail_step
from .measuring import measurement
from .office import department, prepare, reports
from .screens import Product

# What a worker is asked for beside measurements.
__all__ = ["PRODUCT", "letter_screens", "letters", "make_print_file", "prepare", "work_on_batch"]

PRODUCT = Product(
    model="constituent.case",
    action="constituent_services.constituent_case_action",
    pivot_action="constituent_services.constituent_case_action_report",
    logins={"coordinator": "grow_coordinator", "caseworker": "grow_caseworker"},
    search_fields={"name": "name", "description": "description_text"},
)


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
