"""One side of the bench: Odoo with one database, told line by line what to measure.

Each line of standard input is a command (JSON: what to do and its arguments), each line
of the answer what came of it. Arguments: ours or peer, then Odoo's.
"""

import importlib
import json
import os
import signal
import sys
import threading


def start(arguments):
    """Return the superuser's environment of the database named in Odoo's arguments."""
    from odoo import api
    from odoo.modules.registry import Registry
    from odoo.service import server
    from odoo.tools import config

    config.parse_config(arguments, setup_logging=True)
    server.start(preload=[], stop=True)
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    (database,) = config["db_name"]
    threading.current_thread().dbname = database
    registry = Registry(database)
    # Nothing leaves the machine: a million made-up people have addresses here.
    registry["ir.mail_server"]._disable_send = classmethod(lambda _cls: True)
    env = api.Environment(registry.cursor(), api.SUPERUSER_ID, {})
    context = env["res.users"].context_get()
    env.cr.rollback()
    return env(context=context)


class Side:
    """The commands."""

    def __init__(self, kind, env):
        from benchmarks import measuring

        self.code = importlib.import_module(f"benchmarks.{kind}")
        self.measuring = measuring
        self.session = measuring.Session(env, {}, self.code.PRODUCT)

    def facts(self):
        """Return what both sides work with, read from our database."""
        from benchmarks.facts import read_facts

        return read_facts(self.session.env)

    def grown(self):
        """Return when and how fast the database was grown, empty when nobody noted it."""
        parameters = self.session.env["ir.config_parameter"].sudo()
        return json.loads(parameters.get_param("constituent_services.bench_grown", "{}"))

    def prepare(self, facts):
        """Take the facts and make what measurements need."""
        self.session.facts.update(facts)
        self.code.prepare(self.session)
        self.session.env.cr.commit()

    def call(self, name, **arguments):
        """Return what a function of this side's code gives."""
        return getattr(self.code, name)(self.session, **arguments)

    def run(self, **arguments):
        """Return times, queries, a note, rows and megabytes."""
        return self.measuring.run(self.session, **arguments)

    def trace(self, **arguments):
        """Return the statements of one run."""
        return self.measuring.trace(self.session, **arguments)


def answer(side, line):
    """Return the answer to a command; whatever fails is an answer, too."""
    command = json.loads(line)
    try:
        return {"result": getattr(side, command.pop("do"))(**command)}
    except Exception as error:
        side.session.env.cr.rollback()
        text = " ".join(str(error).split())
        return {"error": f"{type(error).__name__}: {text[:300]}"}


def main(kind, *arguments):
    """Serve until the input ends."""
    # Whatever Odoo or an addon prints goes to standard error.
    output = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    side = Side(kind, start([*arguments]))
    for line in sys.stdin:
        print(json.dumps(answer(side, line)), file=output, flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
