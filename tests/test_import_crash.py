"""A real process that is killed in the middle of an import, and another that goes on."""

from .process_common import ProcessCase

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


class TestImportCrash(ProcessCase):
    def test_kill_9_leaves_whole_slices_and_the_rest_follows(self):
        path = self.folder / "requests.csv"
        lines = [f"k{number},02/28/2023 10:00\n" for number in range(ROWS)]
        path.write_text("Key,When\n" + "".join(lines))
        process = self._shell(IMPORT.format(slice=SLICE, path=str(path)))
        self._wait_for(process, "MIDDLE")
        self._kill(process)
        ((cases, rows, done, state),) = self._sql(
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
            "SELECT count(DISTINCT external_ref), count(DISTINCT number), count(*)"
            " FROM constituent_case WHERE external_source = 'crash'",
        )
        self.assertEqual(numbers, [(ROWS, ROWS, ROWS)])
