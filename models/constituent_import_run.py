import logging
import os
import traceback
from contextlib import closing
from dataclasses import dataclass, field
from itertools import islice

from psycopg2 import OperationalError

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from ..tools.import_plan import convert_row
from ..tools.table_file import TableError
from .constituent_import import BUSY_STATES, RESULTS
from .constituent_import_lookup import ImportLookup
from .constituent_import_target_case import CaseTarget
from .constituent_import_target_contact import ContactTarget

_logger = logging.getLogger(__name__)

# So many rows are one transaction: a stop or a crash loses no more than that.
SLICE = 250
# So many different remarks are counted apart in the summary.
MAX_COUNTED = 60


@dataclass
class RowWork:
    """A row on its way through a slice.

    :ivar row: the TableRow of the file
    :ivar converted: what the mapping made of it; None when the row cannot be read
    :ivar dict vals: values for the record
    :ivar list notes: (kind, values) of what was mended or left out
    :ivar str result: one of RESULTS
    :ivar tuple refusal: (kind, values) of why it is refused
    :ivar bool adopts: a contact known by who it is gets the key of the file
    :ivar list steps: what the intake pipeline says of its steps
    """

    row: object
    ref: str = ""
    converted: object = None
    vals: dict = field(default_factory=dict)
    notes: list = field(default_factory=list)
    result: str = ""
    refusal: tuple | None = None
    steps: list = field(default_factory=list)
    referrer_id: int = 0
    case_id: int = 0
    partner_id: int = 0
    made_partner: bool = False
    adopts: bool = False
    given: dict | None = None
    replaced: dict | None = None

    def refuse(self, kind, **values):
        """Refuse the row, with the sentence that says why."""
        self.refusal, self.result = (kind, values), "refused"


class ConstituentImport(models.Model):
    """An import at work, a slice at a time; each is committed whole or not at all."""

    _name = "constituent.import"
    _inherit = "constituent.import"

    # Doors

    @api.private
    @api.model
    def run_file(self, path, mapping):
        """Import a file of this server, at once and whole.

        Commits after each slice: what was in the transaction before, too.

        :param str path: of a file that this process can read
        :param str mapping: code of a saved mapping
        :return: a new import every time, with its counts
        :raises UserError: the file is not there, is no table, or not one of the mapping
        """
        found = self.env["constituent.import.mapping"]._by_code(mapping)
        try:
            if os.path.getsize(path) > self._max_bytes():
                # The check says so in its own words, without reading it all.
                content = _TooLarge(os.path.getsize(path))
                self._check_content(content, found)
            with open(path, "rb") as stream:
                content = stream.read()
        except OSError as error:
            raise UserError(
                self._sentence("no_file", name=os.path.basename(os.fspath(path)))
            ) from error
        run = self._from_bytes(path, content, found)
        # The state is the import's own to write; this is its start.
        run.sudo().write({"state": "importing"})
        self.env["ir.cron"]._commit_progress()
        run._work()
        return run

    @api.private
    def resume(self):
        """Go on with a stopped or interrupted import, at once, to its end.

        :raises UserError: another process is working on it
        """
        self.ensure_one()
        if self.state in ("stopped", "failed"):
            # The state is the import's own to write; this is its start.
            self.sudo().write({"state": "importing", "error": False})
            self.env["ir.cron"]._commit_progress()
        if not self._work():
            raise UserError(self.env._("“%(file)s” is worked on already.", file=self.name))
        return self

    @api.model
    def _cron_run(self):
        """Go on with imports, in slices of the time the scheduler gives (10 s).

        Also with those whose process was killed: nobody holds them any more.
        """
        cron = self.env["ir.cron"]
        runs = self.search([("state", "in", BUSY_STATES)], order="id")
        remaining = sum(max(run.row_total - run.row_done, 0) for run in runs)
        if not cron._commit_progress(remaining=remaining):
            return
        for run in runs:
            mine = run.with_user(run.user_id).with_company(run.company_id)
            mine = mine.with_context(lang=run.user_id.lang)
            mine._work(seconds=cron._commit_progress)

    # Work

    def _work(self, seconds=None):
        """Do slice after slice until the end, a stop, or the time is over.

        One process works on an import: it holds a lock of its connection, which goes
        with the process, however that ends.

        :param seconds: called after each slice with the number of rows done; commits
            and returns how much time is left
        :return bool: whether this process was the one
        """
        self.ensure_one()
        seconds = seconds or self._commit_slice
        if not self._take_hold():
            return False
        try:
            if self.state == "taking_back":
                self._work_back(seconds)
            elif self.state in BUSY_STATES:
                self._work_rows(seconds)
        except OperationalError:
            raise
        except UserError as error:
            self._fail(str(error))
        except TableError as error:
            self._fail(self._sentence(error.kind, **error.values))
        except Exception as error:
            # Where and what kind; the text of an error may carry personal data.
            trace = "".join(traceback.format_tb(error.__traceback__))
            _logger.error("Import %s failed (%s)\n%s", self.id, type(error).__name__, trace)
            self._fail(self._sentence("unexpected", error=type(error).__name__))
        finally:
            self._let_go()
        return True

    def _commit_slice(self, done):
        return self.env["ir.cron"]._commit_progress()

    def _take_hold(self):
        """Take the import's lock of this connection; False when another has it."""
        self.env.cr.execute(
            "SELECT pg_try_advisory_lock(hashtext('constituent.import'), %s)", (self.id,)
        )
        return self.env.cr.fetchone()[0]

    def _let_go(self):
        self.env.cr.execute(
            "SELECT pg_advisory_unlock(hashtext('constituent.import'), %s)", (self.id,)
        )

    def _fail(self, message):
        """Write down why the import does not go on; what is imported stays."""
        # The slice that failed, and nothing else.
        self.env.cr.rollback()
        # The state is the import's own to write.
        self.sudo().write({"state": "failed", "error": message, "finished_at": _now()})
        self.env["ir.cron"]._commit_progress()

    def _work_rows(self, seconds):
        dry = self.state == "checking"
        lookup = ImportLookup(self, dry)
        plan = self.mapping_id._plan(self.company_id)
        with self._open_file() as stream, closing(self._read_rows(stream, self.row_done)) as rows:
            while True:
                if self._is_asked_to_stop():
                    # The state is the import's own to write.
                    self.sudo().write({"state": "draft" if dry else "stopped"})
                    seconds(0)
                    return
                items = list(islice(rows, SLICE))
                if not items:
                    self._finish(dry)
                    seconds(0)
                    return
                self._work_slice(items, plan, lookup, dry)
                if not seconds(len(items)):
                    return

    def _is_asked_to_stop(self):
        """Return whether somebody asked to stop, and take the request as answered."""
        # Nobody has rights on the requests themselves.
        stops_sudo = self.env["constituent.import.stop"].sudo()
        asked_sudo = stops_sudo.search([("import_id", "=", self.id)])
        asked_sudo.unlink()
        return bool(asked_sudo)

    def _finish(self, dry):
        # The state is the import's own to write.
        self.sudo().write({"state": "checked" if dry else "done", "finished_at": _now()})

    def _work_slice(self, items, plan, lookup, dry):
        """Convert, match and save one slice, and report its rows.

        :param items: (TableRow, {column: cell}) pairs
        :param Plan plan: the mapping
        :param ImportLookup lookup: what the words of the file stand for
        :param bool dry: only report
        """
        works = [self._convert(row, cells, plan) for row, cells in items]
        self._refuse_twice(works)
        self._target(lookup, dry).work([work for work in works if not work.result])
        self._report(works, lookup, dry)

    def _target(self, lookup, dry):
        """Return what rows become: see constituent_import_target.py."""
        return (CaseTarget if self.kind == "case" else ContactTarget)(self, lookup, dry)

    def _convert(self, row, cells, plan):
        """Return the work of a row, as far as it can be told from the row alone."""
        work = RowWork(row)
        if row.problem:
            work.refuse(row.problem[0], **row.problem[1])
            return work
        work.converted = convert_row(plan, cells, fields.Datetime.now())
        work.notes = list(work.converted.notes)
        # Without a key the row itself is one: the same file makes nothing twice.
        work.ref = work.converted.values.pop("external_ref", "") or row.digest()
        if work.converted.refusal:
            work.refuse(work.converted.refusal[0], **work.converted.refusal[1])
        return work

    def _refuse_twice(self, works):
        """Refuse rows whose key an earlier row of the file has."""
        refs = [work.ref for work in works if work.ref]
        rows = self.env["constituent.import.row"].search_fetch(
            [
                ("import_id", "=", self.id),
                ("external_ref", "in", refs),
                ("result", "!=", "refused"),
            ],
            ["external_ref", "number"],
        )
        seen = {row.external_ref: row.number for row in rows}
        for work in works:
            if work.result:
                continue
            if work.ref in seen:
                work.refuse("key_twice", ref=work.ref, number=seen[work.ref])
            else:
                seen[work.ref] = work.row.number

    def _save(self, works, save):
        """Save records together, or one by one where that fails.

        :param works: the rows
        :param save: called with a list of rows; writes and may raise
        :raises OperationalError: so that the scheduler starts the slice anew
        """
        if not works:
            return
        try:
            with self.env.cr.savepoint():
                save(works)
            return
        except OperationalError:
            raise
        except Exception as error:
            self._log_unexpected(works, error)
            if len(works) == 1:
                self._refuse_unsaved(works[0], error)
                return
        for work in works:
            self._save([work], save)

    def _log_unexpected(self, works, error):
        """Log an error that is no refusal of the model: once for a slice where it is.

        Where and what kind; the text of an error may carry personal data.
        """
        if isinstance(error, UserError | ValidationError):
            return
        trace = "".join(traceback.format_tb(error.__traceback__)) if len(works) > 1 else ""
        rows = f"{works[0].row.number} to {works[-1].row.number}"
        name = type(error).__name__
        _logger.error("Import %s: rows %s were not saved (%s)\n%s", self.id, rows, name, trace)

    def _refuse_unsaved(self, work, error):
        """Refuse a row that the database or a rule of the model did not take."""
        known = isinstance(error, UserError | ValidationError)
        work.refuse("not_saved", error=str(error) if known else type(error).__name__)

    # Report

    def _report(self, works, lookup, dry):
        """Write a row of the report for each row of the file, and count."""
        counts = dict.fromkeys(RESULTS, 0)
        note_counts = dict(self.note_counts or {})
        for work in works:
            counts[work.result] += 1
            for key, entry in self._counted_notes(work, len(note_counts) < MAX_COUNTED):
                known = note_counts.get(key) or {"count": 0, **entry}
                note_counts[key] = {**known, "count": known["count"] + 1}
        # Only the import writes its report; nobody has the right to.
        self.env["constituent.import.row"].sudo().create(
            [self._report_vals(work, dry) for work in works]
        )
        vals = {f"{result}_count": self[f"{result}_count"] + n for result, n in counts.items()}
        vals.update(
            row_done=self.row_done + len(works),
            note_counts=note_counts,
            noted_count=self.noted_count + sum(bool(w.notes) for w in works if not w.refusal),
            started_at=self.started_at or _now(),
        )
        if lookup.made_departments:
            vals["made_department_ids"] = [(4, d.id) for d in lookup.made_departments]
        if lookup.made_categories:
            vals["made_category_ids"] = [(4, c.id) for c in lookup.made_categories]
        # As above.
        self.sudo().write(vals)

    def _counted_notes(self, work, each=True):
        """Yield (key, {kind, values}) of what the summary counts of a row.

        Free texts differ in every row: the summary counts them by their column.

        :param bool each: count different words apart, where they are not somebody's own
        """
        for kind, values in [work.refusal] if work.refusal else work.notes:
            shown = {name: value for name, value in values.items() if name not in ("ref", "number")}
            if kind in PERSONAL_NOTES or not each:
                shown = dict.fromkeys(shown, "…") | {
                    name: value for name, value in shown.items() if name == "column"
                }
            shown = {name: str(value)[:80] for name, value in shown.items()}
            shown.update({name: "…" for name in ("ref", "number") if name in values})
            yield f"{kind} {sorted(shown.items())}", {"kind": kind, "values": shown}

    def _report_vals(self, work, dry):
        notes = [work.refusal] if work.refusal else work.notes
        texts = [self._sentence(kind, **values) for kind, values in notes]
        return {
            "import_id": self.id,
            "company_id": self.company_id.id,
            "number": work.row.number,
            "line": work.row.line,
            "external_ref": work.ref,
            "result": work.result,
            "message": "\n".join([*texts, *work.steps]),
            "case_id": not dry and work.case_id,
            "partner_id": not dry and work.partner_id,
            "made_partner": not dry and work.made_partner,
            "given": None if dry else work.given,
            "replaced": None if dry else work.replaced,
        }

    def _forget_report(self):
        """Begin anew: an earlier dry run reported what would have been done then."""
        # Nobody else may delete rows of a report; these report nothing that was done.
        self.env["constituent.import.row"].sudo().search([("import_id", "=", self.id)]).unlink()
        # The counts are the import's own to write.
        self.sudo().write(
            {
                **{f"{result}_count": 0 for result in RESULTS},
                "row_done": 0,
                "noted_count": 0,
                "note_counts": False,
                "started_at": False,
                "finished_at": False,
            }
        )


# Notes that name what somebody wrote of themselves: the summary counts them together.
PERSONAL_NOTES = {
    "bad_email", "unknown_user", "unknown_parent", "unknown_referrer", "not_saved", "moment",
    "moment_year", "number", "flag", "hour_twice", "hour_missing", "kept_here", "written",
}  # fmt: skip


class _TooLarge:
    """A file of which only the size is of interest."""

    def __init__(self, size):
        self.size = size

    def seek(self, _offset, _whence=0):
        """Return the size, as seeking to the end does."""
        return self.size


def _now():
    return fields.Datetime.now()
