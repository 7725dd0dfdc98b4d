"""The clearing house's steps: the whole pipeline, the rules and the search for duplicates."""

import base64
import csv
import datetime
import itertools
import os
import pathlib
from collections import defaultdict

from odoo.fields import Command, Domain

from .facts import texts_and_contacts
from .measuring import measurement

RULES, CATEGORIES, DISTRICTS = 200, 300, 71
NAMED = "Bench"
BOROUGHS = ("MANHATTAN", "BRONX", "BROOKLYN", "QUEENS", "STATEN ISLAND")
CASES = 50


def prepare_masters(session):
    """Make the rules, categories and districts of a big city, for good and once."""
    env = session.env
    if env["constituent.routing.rule"].search_count(Domain("name", "=like", f"{NAMED} %")):
        return
    categories = env["constituent.category"].create(
        [
            {
                "name": f"{NAMED} {number}",
                "code": f"BENCH-{number}",
                "keywords": ", ".join(
                    f"bench{number} {kind}, {kind}{number}*2, {kind} of bench {number}"
                    for kind in ("hole", "lamp", "noise", "tree")
                ),
            }
            for number in range(CATEGORIES)
        ]
    )
    districts = _districts(env)
    conditions = (
        lambda n: {"keywords": f"rule{n}, phrase of rule {n}, hole {n}"},
        lambda n: {"category_ids": [Command.set(categories[n].ids)]},
        lambda n: {"district_ids": [Command.set(districts[n % len(districts)].ids)],
                   "keywords": f"here{n}"},
        lambda n: {"domain": f"[('zip', '=', '9{n:04}'), ('kind', '!=', 'comment')]"},
        lambda n: {"domain": "[('partner_id.constituent_role', '=', 'agency')]"},
    )  # fmt: skip
    env["constituent.routing.rule"].create(
        [
            {
                "name": f"{NAMED} {number}",
                "sequence": 1000 + number,
                **conditions[number % len(conditions)](number),
            }
            for number in range(RULES)
        ]
    )
    env.cr.commit()


def _districts(env):
    """Load the community districts of New York City, where the file is there."""
    path = pathlib.Path(os.environ["CS_BENCH_DATA"], "nyc_community_districts.geojson")
    kind = env["constituent.district.type"].create({"name": f"{NAMED} Districts"})
    wizard = env["constituent.district.import.wizard"].create(
        {
            "district_type_id": kind.id,
            "file": base64.b64encode(path.read_bytes()),
            "code_property": "BoroCD",
        }
    )
    wizard.action_import()
    found = env["constituent.district"].search(Domain("district_type_id", "=", kind.id))
    if len(found) != DISTRICTS:
        raise LookupError(f"{len(found)} districts, not {DISTRICTS}")
    return found


def values(session):
    """Give without end the values of a case with a place in the city and a category."""
    cases = session.user_env("coordinator")["constituent.case"]
    session.env.cr.execute(
        "SELECT latitude, longitude, category_id FROM constituent_case"
        " WHERE status != 'closed' AND latitude != 0 ORDER BY id DESC LIMIT 500"
    )
    places = itertools.cycle(session.env.cr.fetchall())
    source = zip(texts_and_contacts(session.facts), places, strict=False)
    for (text, contact), (latitude, longitude, category_id) in source:
        yield cases._intake_vals(
            {
                "mode": "live",
                "channel": "phone",
                "name": text["name"],
                "description": text["description"],
                "partner_name": contact["name"],
                "partner_email": contact["email"],
                "street": "100 Main Street",
                "zip": "10001",
                "latitude": float(latitude),
                "longitude": float(longitude),
                "category_id": category_id,
            }
        )


@measurement("pipeline")
def pipeline(session, _role):
    """Run all the steps of intake for one case; what writes it is not in this."""
    prepare_masters(session)
    cases, source = session.user_env("coordinator")["constituent.case"], values(session)

    def step():
        given = next(source)
        # By its words, as a mail comes: classifying is a step of it.
        given.pop("category_id")
        (draft,) = cases._intake_run([given])
        if any(event["kind"] == "error" for event in draft.events):
            raise LookupError("a step of intake failed")

    return step


@measurement("rules")
def rules(session, _role):
    """Try two hundred rules of which none fits."""
    prepare_masters(session)
    cases, source = session.user_env("coordinator")["constituent.case"], values(session)
    drafts = [cases._intake_draft(given) for given in itertools.islice(source, CASES)]
    for draft in drafts:
        draft.vals["company_id"] = session.env.company.id
    book = session.env["constituent.routing.rule"]

    def step():
        for draft in drafts:
            book._matches(draft, ())

    return step


@measurement("duplicates")
def duplicates(session, _role):
    """Look for open cases that may be the same, one case after the other."""
    cases, source = session.user_env("coordinator")["constituent.case"], values(session)
    wanted = [
        cases._duplicate_query(
            {**given, "company_id": session.env.company.id, "received_at": "2026-11-20 12:00:00",
             "partner_id": contact_id}
        )
        for given, contact_id in zip(source, _people(session), strict=False)
    ]  # fmt: skip

    def step():
        if not sum(len(cases._find_duplicates([one])[0]) for one in wanted):
            raise LookupError("no case has a duplicate: are there places in the database?")

    return step


def _people(session):
    session.env.cr.execute(
        "SELECT partner_id FROM constituent_case WHERE partner_id IS NOT NULL"
        " ORDER BY id DESC LIMIT %s",
        [CASES],
    )
    return [row[0] for row in session.env.cr.fetchall()]


def nyc_index():
    """Return the 71 districts as the addon indexes them, and their codes by number."""
    # Known once the addon is loaded
    from odoo.addons.constituent_services.tools import districts

    path = pathlib.Path(os.environ["CS_BENCH_DATA"], "nyc_community_districts.geojson")
    features = districts.read_features(districts.read_collection(path.read_bytes()), "BoroCD")
    index = districts.DistrictIndex(
        (feature.number, districts.to_geojson(feature.geometry), None, None) for feature in features
    )
    return index, {feature.number: feature.code for feature in features}


@measurement("agreement")
def agreement(session, _role):
    """Compare what the addon says of each record of the NYC file with the record itself."""
    with open(os.environ["CS_BENCH_FILE"], encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    index, codes = nyc_index()

    def step():
        agreed, labelled = _boards(rows, index, codes)
        right, single = _agencies(session.env, rows)
        share = 100 * agreed / labelled
        note = (
            f"district as the record's own board: {agreed:,} of {labelled:,} ({share:.2f} %);"
            f" department as its agency: {right} of {single} types of one agency"
        )
        return len(rows), note

    return step


def _boards(rows, index, codes):
    """Return how many places lie in the record's own community board, of how many."""
    agreed = labelled = 0
    for row in rows:
        number, _space, borough = row["Community Board"].partition(" ")
        if not (row["Latitude"] and number.isdigit() and borough in BOROUGHS):
            continue
        labelled += 1
        board = f"{BOROUGHS.index(borough) + 1}{int(number):02}"
        day = datetime.datetime.strptime(row["Created Date"][:10], "%m/%d/%Y").date()
        found = index.at(float(row["Latitude"]), float(row["Longitude"]), day)
        agreed += [str(codes[number]) for number in found] == [board]
    return agreed, labelled


def _agencies(env, rows):
    """Return how many types of one agency the category sends there, of how many."""
    agencies = defaultdict(set)
    for row in rows:
        agencies[row["Complaint Type"]].add(row["Agency"])
    single = {kind: found for kind, found in agencies.items() if len(found) == 1}
    categories = env["constituent.category"].search_fetch(
        Domain("name", "in", list(single)), ["name", "department_id"]
    )
    given = {category.name: {category.department_id.code} for category in categories}
    return sum(given.get(kind) == found for kind, found in single.items()), len(single)
