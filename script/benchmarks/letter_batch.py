"""A batch of letters by two real processes that commit, and the print file of its post.

What is asked for alone finds or makes what comes before it. CS_BENCH_LETTERS: how many.
"""

import os
import re
import resource
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

from odoo import sql_db
from odoo.fields import Domain

from .letters import answerable, template
from .measuring import Done, measurement
from .office import department
from .side import Side

PROCESSES = 2
NAME = "Bench batch"
STATES = ("draft", "preparing", "written", "approved", "sending", "done")


def how_many():
    """Return of how many letters the batch is."""
    return int(os.environ["CS_BENCH_LETTERS"])


# In the processes


def peak():
    """Return the most memory this process, or one that it began, ever held, in megabytes."""
    status = Path("/proc/self/status").read_text()
    own = int(re.search(r"VmHWM:\s+(\d+) kB", status)[1])
    return max(own, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss) / 1024


def in_process(work):
    """Return a function that does some work and says what it took.

    :param work: called with the environment and what it is told; returns how many it did
    """

    def measured(session, **told):
        before = sql_db.sql_counter
        count = work(session.env, **told)
        session.env.cr.commit()
        return [count, sql_db.sql_counter - before, peak()]

    return measured


@in_process
def work_on_batch(env, batch):
    """Work as the scheduled action does, until nothing is left."""
    done = []

    def commit(count):
        done.append(count)
        env.cr.commit()
        return 1

    env["constituent.letter.batch"].browse(batch)._work(commit)
    return sum(done)


@in_process
def make_print_file(env, run):
    """Work as the scheduled action does: slice by slice, and the joining at the end."""
    record = env["constituent.post.run"].browse(run)
    while record.state == "printing" and record._work_slice():
        env.cr.commit()
    return record.page_count


class Processes:
    """Processes of Odoo on the database of a session, ready to work."""

    def __init__(self, session, count):
        self._stack = ExitStack()
        database = session.env.cr.dbname
        self._sides = [
            self._stack.enter_context(Side("ours", 0, database, "")) for _number in range(count)
        ]
        for side in self._sides:
            side.ask("grown")  # Odoo is loaded

    def work(self, name, **told):
        """Let all of them do the same; end them.

        :return list: of [how many, queries, megabytes], for each process
        """
        with self._stack, ThreadPoolExecutor(len(self._sides)) as pool:
            return list(pool.map(lambda side: side.ask("call", name=name, **told), self._sides))


def done(results, things):
    """Return what processes did as what a step returns."""
    counts, queries, megabytes = zip(*results, strict=True)
    shares = " + ".join(f"{count:,}" for count in counts)
    memory = ", ".join(f"{size:,.0f} MB" for size in megabytes)
    note = f"{shares} {things} in {len(counts)} process(es), at most {memory}"
    return Done(sum(counts), note, max(megabytes), sum(queries))


# The batch


def newest(session):
    """Return the batch, as the coordinator has it; empty when there is none."""
    batches = session.user_env("coordinator")["constituent.letter.batch"]
    return batches.search(Domain("name", "=", NAME), order="id DESC", limit=1)


def begun(session):
    """Return a new batch, for as many cases as asked for."""
    cases = answerable(session, how_many())
    env = session.user_env("coordinator")
    batch = env["constituent.letter.batch"].create(
        {
            "name": NAME,
            "template_id": template(session).id,
            "department_id": department(session).id,
            "medium": "post",
        }
    )
    if batch._add(cases.with_env(env)) != how_many():
        raise LookupError("not all of the cases were added to the batch")
    return batch


def go_on(session, batch):
    """Take the batch one step further."""
    if batch.state in ("preparing", "sending"):
        Processes(session, PROCESSES).work("work_on_batch", batch=batch.id)
    elif batch.state == "written":
        # Whoever has to approve it: the superuser may.
        batch.sudo().action_submit()
        batch.sudo().action_approve()
    else:
        {"draft": batch.action_prepare, "approved": batch.action_send}[batch.state]()


def batch_in(session, state):
    """Return the batch in a state, with all that comes before it done, for good.

    :raises LookupError: it is not in it, and why
    """
    batch = newest(session)
    if not batch or STATES.index(batch.state) > STATES.index(state):
        batch = begun(session)
    while batch.state != state:
        before = batch.state
        go_on(session, batch)
        session.env.cr.commit()
        session.env.invalidate_all()
        if batch.state == before:
            raise LookupError(f"the batch stays in the state {before}")
    return batch


def check(batch, state):
    """Raise unless all letters of a batch have come that far.

    :raises LookupError: says how many have not
    """
    batch.env.cr.rollback()  # what is read next is what the processes committed
    batch.env.invalidate_all()
    if batch[f"{state}_count"] != how_many():
        line = batch.sudo().line_ids.filtered("error")[:1]
        raise LookupError(f"{batch[f'{state}_count']:,} of {how_many():,} {state}: {line.error}")


def batch_step(session, before, after):
    """Return a step in which the processes work on the batch in a state."""
    batch = batch_in(session, before)
    session.env.cr.commit()
    processes = Processes(session, PROCESSES)

    def step():
        results = processes.work("work_on_batch", batch=batch.id)
        check(batch, after)
        return done(results, "letters")

    return step


@measurement("letters_written")
def letters_written(session, _role):
    """Write the letters of the batch from their template."""
    return batch_step(session, "preparing", "written")


@measurement("letters_sent")
def letters_sent(session, _role):
    """Print, store and seal the letters of the approved batch."""
    return batch_step(session, "sending", "sent")


@measurement("letters_print_file")
def letters_print_file(session, _role):
    """Make the print file of all letters of the batch."""
    batch = batch_in(session, "done")
    letters = batch.sudo().line_ids.letter_id
    runs = session.user_env("coordinator")["constituent.post.run"]
    # Of the whole day's post only these.
    others = letters.search(
        Domain("post_state", "=", "waiting") & Domain("id", "not in", letters.ids)
    )
    others._note_post(post_state="by_hand")
    run = runs.create({})
    if run.letter_count != how_many():
        raise LookupError(f"{run.letter_count:,} of {how_many():,} letters are in the post run")
    run.action_make_file()
    session.env.cr.commit()
    processes = Processes(session, 1)

    def step():
        results = processes.work("make_print_file", run=run.id)
        session.env.cr.rollback()
        session.env.invalidate_all()
        if run.state != "ready" or run.left_out:
            raise LookupError(f"the print file is {run.state}: {run.error or run.left_out}")
        return done(results, "pages")

    return step
