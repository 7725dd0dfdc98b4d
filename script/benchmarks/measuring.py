"""Timing of one thing inside Odoo."""

import threading
import time
from dataclasses import dataclass, field
from typing import NamedTuple

from odoo import sql_db
from odoo.fields import Domain
from odoo.tools import SQL

MEASUREMENTS = {}
SLOW_MS = 5  # a traced statement from which its plan is shown


class Rows(int):
    """How many rows a screen shows: what a step may return."""


class Done(NamedTuple):
    """What a step did, where it is not always the same.

    :ivar count: how many things
    :ivar note: what there is to say about it
    :ivar megabytes: the most memory that a process of its own held
    :ivar queries: of processes of its own
    """

    count: int
    note: str = ""
    megabytes: float = 0
    queries: int = 0


@dataclass
class Session:
    """What a measurement may use.

    :ivar env: the superuser's
    :ivar facts: words, texts and contacts both sides use (see `facts`)
    :ivar product: what is measured (see `screens.Product`)
    """

    env: object
    facts: dict
    product: object
    steps: dict = field(default_factory=dict)

    def user_env(self, role):
        """Return the environment of a role's user, as their web client has it."""
        login = self.product.logins[role]
        user = self.env["res.users"].search(Domain("login", "=", login))
        if not user:
            raise LookupError(f"there is no user {login} in the database")
        context = self.env["res.users"].with_user(user).context_get()
        return self.env(user=user.id, context={**context, "allowed_company_ids": [1]}, su=False)


def measurement(name):
    """Register a function that prepares a measurement and returns the step to time.

    The function takes the session and the role. What it prepares for later runs it commits:
    every run is rolled back. The step returns nothing, or the Rows it shows, or a Done
    (or the first two of it).
    """

    def register(prepare):
        MEASUREMENTS[name] = prepare
        return prepare

    return register


def step_of(session, name, role):
    """Return the prepared step of a measurement."""
    key = name, role
    if key not in session.steps:
        session.steps[key] = MEASUREMENTS[name](session, role)
    return session.steps[key]


def run(session, name, role, runs, warm=True, per=1):
    """Return milliseconds and queries of each run for one thing; note, rows, MB of the last.

    Queries are those of all cursors of the process: the mail gateway has its own.

    :param bool warm: a run before the first fills the caches and does not count
    :param int per: how many things a run does, where the step does not say
    """
    step, env = step_of(session, name, role), session.env
    times, queries, rows, done = [], [], 0, Done(per)
    for number in range(-1 if warm else 0, runs):
        env.flush_all()
        env.invalidate_all()
        before, start = sql_db.sql_counter, time.perf_counter()
        result = step()
        env.flush_all()
        elapsed, count = time.perf_counter() - start, sql_db.sql_counter - before
        env.cr.rollback()
        done = Done(*result) if isinstance(result, tuple) else Done(per)
        rows = result if isinstance(result, Rows) else 0
        if number >= 0:
            times.append(elapsed * 1000 / done.count)
            queries.append((count + done.queries) / done.count)
    return times, queries, done.note, rows, done.megabytes


def trace(session, name, role):
    """Return [milliseconds, statement, plan] of each statement of one warm run.

    Readings that take long come with their plan.
    """
    run(session, name, role, 1)
    statements, cursor = [], session.env.cr

    def hook(used, query, _params, _start, delay):
        text = (used._obj.query or b"").decode(errors="replace") or str(query)
        statements.append([delay * 1000, text, ""])

    threading.current_thread().query_hooks = [hook]
    try:
        run(session, name, role, 1, warm=False)
    finally:
        threading.current_thread().query_hooks = []
    for statement in statements:
        milliseconds, text, _plan = statement
        if milliseconds >= SLOW_MS and text.lstrip().startswith("SELECT"):
            # The statement as the database got it: nothing is put into it.
            cursor.execute(SQL("EXPLAIN (ANALYZE, BUFFERS, COSTS OFF) %s", SQL(_escaped(text))))
            statement[2] = "\n".join(line for (line,) in cursor.fetchall())
    cursor.rollback()
    return statements


def _escaped(statement):
    return statement.replace("%", "%%")
