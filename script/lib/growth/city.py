"""The masters of the city: departments, categories and people, by the ORM."""

from dataclasses import dataclass
from datetime import datetime

from odoo import Command

from .words import MATTERS

DEPARTMENTS, CATEGORIES, CASEWORKERS = 24, 120, 60
LOGINS = ("coordinator", "manager", "clerk", "caseworker")


@dataclass
class City:
    """The masters that cases are spread over.

    :ivar departments, categories, users, stages, outcomes, channels, tags: ids; of the
        stages and outcomes by status and in order
    :ivar caseworker: whose screens are measured
    :ivar seed: the same seed gives the same rows
    :ivar until: when the last case was received
    """

    company: object
    departments: list
    categories: list
    users: list
    stages: dict
    outcomes: list
    channels: list
    tags: list
    caseworker: int
    seed: int
    until: datetime


def found(env, seed, until):
    """Make, or find, the departments, categories and people of the city."""
    company = env.company
    departments = env["constituent.department"].search([("code", "=like", "G-%")], order="code")
    if not departments:
        departments = env["constituent.department"].create(
            [
                {"name": f"{name.title()} Department {number}", "code": f"G-{number:02}"}
                for number, name in enumerate(_names(DEPARTMENTS))
            ]
        )
        _make_users(env, departments)
        env["constituent.category"].create(
            [
                {
                    "name": f"{name.title()} {number}",
                    "code": f"G-{number:03}",
                    "keywords": f"{name}{number}",
                    "department_id": departments[number % DEPARTMENTS].id,
                    "response_days": 3 + number % 20,
                }
                for number, name in enumerate(_names(CATEGORIES))
            ]
        )
        env["constituent.case.tag"].create(
            [{"name": f"grown {name}"} for name in ("hazard", "school", "election", "media")]
        )
    stages = env["constituent.case.stage"].search([("company_id", "in", (False, company.id))])
    return City(
        company,
        departments.ids,
        env["constituent.category"].search([("code", "=like", "G-%")], order="code").ids,
        env["res.users"].search([("login", "=like", "grow_worker%")], order="login").ids,
        {status: records.ids for status, records in stages.grouped("status").items()},
        env["constituent.case.outcome"].search([("requires_note", "=", False)]).ids,
        env["constituent.channel"].search([]).ids,
        env["constituent.case.tag"].search([("name", "=like", "grown %")]).ids,
        env["res.users"].search([("login", "=", "grow_caseworker")]).id,
        seed,
        until,
    )


def _names(count):
    return [MATTERS[number % len(MATTERS)] for number in range(count)]


def _make_users(env, departments):
    """Make one user for each role, and caseworkers in each department."""
    roles = [(login, login) for login in LOGINS]
    roles += [(f"worker{number:02}", "caseworker") for number in range(CASEWORKERS)]
    users = (
        env["res.users"]
        .with_context(no_reset_password=True)
        .create(
            [
                {
                    "name": f"Grown {login}",
                    "login": f"grow_{login}",
                    # Hashing sixty of them would take longer than all the rest.
                    **({"password": f"grow_{login}"} if login in LOGINS else {}),
                    "email": f"{login}@city.example.org",
                    "tz": "America/New_York",
                    "group_ids": [Command.link(env.ref(f"constituent_services.group_{group}").id)],
                }
                for login, group in roles
            ]
        )
    )
    for number, user in enumerate(users[len(LOGINS) :]):
        departments[number % DEPARTMENTS].member_ids += user
    # The seventh of Zipf's departments has about four of a hundred cases.
    departments[6].member_ids += users[LOGINS.index("caseworker")]
