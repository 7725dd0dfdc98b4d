"""A real process that is killed in the middle of an import, and another that goes on."""

import os
import shutil
import signal
import subprocess
import sys
import unittest
import uuid
from pathlib import Path

import psycopg2

import odoo
from odoo.tools import config

ROWS, SLICE = 60, 10
# Runs in `odoo shell`: says after each slice how far it is, and dawdles in the fourth.
IMPORT = """
import time
from odoo import Command
from odoo.addons.constituent_services.models import constituent_import_run
constituent_import_run.SLICE = {slice}
imports = type(env["constituent.import"])
report, commit = imports._report, imports._commit_slice
def slow_report(run, works, lookup, dry):
    report(run, works, lookup, dry)
    if run.row_done > 3 * {slice}:
        run.env.flush_all()
        print("MIDDLE", flush=True)
        time.sleep(60)
imports._report = slow_report
env["constituent.import.mapping"].create({{
    "name": "x", "code": "crash", "external_source": "crash",
    "line_ids": [
        Command.create({{"column": "Key", "case_target": "external_ref"}}),
        Command.create({{"column": "When", "case_target": "received_at"}}),
    ],
}})
env.cr.commit()
env["constituent.import"].run_file({path!r}, "crash")
"""
RESUME = """
run = env["constituent.import"].search([])
env["constituent.import"]._cron_run()
print("RESUMED", run.state, run.created_count, run.unchanged_count, flush=True)
again = env["constituent.import"].run_file({path!r}, "crash")
print("AGAIN", again.created_count, again.unchanged_count, flush=True)
"""


class TestImportCrash(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # script/test says of what a database with the addon is copied: a test must commit.
        template = os.environ["CS_TEMPLATE"]
        cls.database = f"cs_crash_{uuid.uuid4().hex[:8]}"
        cls._sql("postgres", f'CREATE DATABASE "{cls.database}" TEMPLATE "{template}"')
        cls.addClassCleanup(cls._drop)
        cls.store = Path(config["data_dir"], "filestore", cls.database)
        cls.folder = Path(config["data_dir"], f"{cls.database}-files")
        cls.folder.mkdir()
        cls.addClassCleanup(shutil.rmtree, cls.folder)

    @classmethod
    def _drop(cls):
        cls._sql("postgres", f'DROP DATABASE "{cls.database}" WITH (FORCE)')
        shutil.rmtree(cls.store, ignore_errors=True)

    @staticmethod
    def _sql(database, query):
        connection = psycopg2.connect(dbname=database)
        connection.autocommit = True
        try:
            with connection.cursor() as cursor:
                cursor.execute(query)
                return cursor.fetchall() if cursor.description else []
        finally:
            connection.close()

    def _shell(self, code):
        """Start `odoo shell` on the test's own database with some code."""
        script = self.folder / "code.py"
        script.write_text(code)
        command = [
            sys.executable, "-m", "odoo", "shell", "--config", config["config"], "--no-http",
            "--database", self.database, "--log-level", "error",
        ]  # fmt: skip
        paths = [str(Path(path).parents[1]) for path in odoo.addons.__path__[:1]]
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join([*sys.path, *paths])}
        process = subprocess.Popen(
            command,
            stdin=script.open(),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env=environment,
            start_new_session=True,
        )
        self.addCleanup(process.stdout.close)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        return process

    def _wait_for(self, process, word):
        """Return the line of a process that begins with a word."""
        seen = []
        for line in process.stdout:
            seen.append(line)
            if line.startswith(word):
                return line.split()
        self.fail(f"{word} never came: {''.join(seen)[-2000:]}")

    def test_kill_9_leaves_whole_slices_and_the_rest_follows(self):
        path = self.folder / "requests.csv"
        lines = [f"k{number},02/28/2023 10:00\n" for number in range(ROWS)]
        path.write_text("Key,When\n" + "".join(lines))
        process = self._shell(IMPORT.format(slice=SLICE, path=str(path)))
        self._wait_for(process, "MIDDLE")
        os.kill(process.pid, signal.SIGKILL)
        process.wait(30)
        ((cases, rows, done, state),) = self._sql(
            self.database,
            "SELECT (SELECT count(*) FROM constituent_case WHERE external_source = 'crash'),"
            " (SELECT count(*) FROM constituent_import_row), row_done, state"
            " FROM constituent_import",
        )
        self.assertEqual((cases, rows, done), (3 * SLICE,) * 3)
        self.assertEqual(state, "importing")
        process = self._shell(RESUME.format(path=str(path)))
        self.assertEqual(self._wait_for(process, "RESUMED"), ["RESUMED", "done", str(ROWS), "0"])
        self.assertEqual(self._wait_for(process, "AGAIN"), ["AGAIN", "0", str(ROWS)])
        process.wait(60)
        numbers = self._sql(
            self.database,
            "SELECT count(DISTINCT external_ref), count(DISTINCT number), count(*)"
            " FROM constituent_case WHERE external_source = 'crash'",
        )
        self.assertEqual(numbers, [(ROWS, ROWS, ROWS)])
