"""An import from start to end: dry run, slices, stop, go on, take back; and the file itself."""

import csv
import io
from datetime import timedelta
from unittest.mock import patch

from odoo.exceptions import UserError
from odoo.fields import Datetime
from odoo.sql_db import db_connect

from ..models import constituent_import_run, constituent_import_take_back
from .import_common import COLUMNS, ImportCommon


class TestImportSlices(ImportCommon):
    def setUp(self):
        super().setUp()
        self.startPatcher(patch.object(constituent_import_run, "SLICE", 2))
        self.five = self._csv(*({"Key": str(number)} for number in range(1, 6)))

    def test_dry_run_writes_nothing(self):
        self.mapping.create_missing = True
        self._run(self._csv({}))
        run = self._new(
            self._csv(
                {"Title": "Changed"},
                {"Key": "2", "Desk": "T-DRY", "Type": "Dry type"},
                {"Key": "3", "Opened": "never"},
            )
        )
        number = self.Case.search([], limit=1).number
        run.action_check()
        self._cron()
        self.assertEqual(run.state, "checked")
        self.assertEqual(self._counts(run), (1, 1, 0, 1))
        self.assertEqual(len(run.row_ids), 3)
        self.assertFalse(run.row_ids.case_id)
        self.assertEqual(self._case("1").name, "A hole")
        self.assertFalse(self._case("2"))
        self.assertFalse(self.env["constituent.department"].search([("code", "=", "T-DRY")]))
        self.assertFalse(self.env["constituent.category"].search([("name", "=", "Dry type")]))
        # Then in earnest: the report begins anew, and no number is lost.
        run.action_import()
        self._cron()
        self.assertEqual((run.state, self._counts(run)), ("done", (1, 1, 0, 1)))
        self.assertEqual(len(run.row_ids), 3)
        self.assertEqual(int(self._case("2").number[-6:]), int(number[-6:]) + 1)

    def test_slices_are_committed_one_by_one(self):
        done = []
        commit = type(self.env["ir.cron"])._commit_progress

        def watch(cron, *args, **kwargs):
            done.append(cron.env["constituent.import.row"].search_count([]))
            return commit(cron, *args, **kwargs)

        before = self.env["constituent.import.row"].search_count([])
        with patch.object(type(self.env["ir.cron"]), "_commit_progress", watch):
            self._run(self.five)
        self.assertEqual([count - before for count in done], [0, 2, 4, 5, 5])

    def test_stop_and_go_on(self):
        run = self._new(self.five)
        run.action_import()
        self._work_slices(run, 1)
        self.assertEqual((run.state, run.row_done), ("importing", 2))
        run.action_stop()
        self.assertTrue(run.is_stopping)
        self._cron()
        self.assertEqual((run.state, run.row_done, run.is_stopping), ("stopped", 2, False))
        self.assertEqual(len(run.row_ids.case_id), 2)
        run.action_resume()
        self._cron()
        self.assertEqual((run.state, self._counts(run)), ("done", (5, 0, 0, 0)))
        self.assertEqual(run.row_ids.mapped("number"), [1, 2, 3, 4, 5])

    def _work_slices(self, run, count):
        """Let a process do so many slices and then run out of time."""
        left = iter([True] * (count - 1) + [False])
        with self._process() as env:
            mine = run.with_env(env)
            mine._work(lambda _done: (env.cr.commit(), next(left))[1])

    def test_stopped_dry_run_is_new_again(self):
        run = self._new(self.five)
        run.action_check()
        self._work_slices(run, 1)
        run.action_stop()
        self._cron()
        self.assertEqual(run.state, "draft")
        run.action_import()
        self._cron()
        self.assertEqual((run.state, self._counts(run)), ("done", (5, 0, 0, 0)))

    def test_one_process_at_a_time(self):
        run = self._new(self.five)
        run.action_import()
        # Another connection than the tests' own, as another process has.
        with db_connect(self.env.cr.dbname).cursor() as other:
            other.execute(
                "SELECT pg_try_advisory_lock(hashtext('constituent.import'), %s)", (run.id,)
            )
            with self._process() as env:
                self.assertFalse(run.with_env(env)._work())
            with self.assertRaisesRegex(UserError, "worked on already"), self._process() as env:
                run.with_env(env).resume()
            self.assertEqual((run.state, run.row_done), ("importing", 0))
            other.execute(
                "SELECT pg_advisory_unlock(hashtext('constituent.import'), %s)", (run.id,)
            )
        self._cron()
        self.assertEqual(run.state, "done")

    def test_resume_without_the_scheduler(self):
        run = self._new(self.five)
        run.action_import()
        self._work_slices(run, 2)
        with self._process() as env:
            run.with_env(env).resume()
        self.assertEqual((run.state, self._counts(run)), ("done", (5, 0, 0, 0)))

    def test_states_forbid_what_makes_no_sense(self):
        run = self._new(self.five)
        for method in ("action_stop", "action_resume", "action_take_back"):
            with self.subTest(method), self.assertRaises(UserError):
                getattr(run, method)()
        run.action_import()
        for method in ("action_check", "action_import", "action_take_back", "unlink"):
            with self.subTest(method), self.assertRaises(UserError):
                getattr(run, method)()

    def test_mapping_stays_while_it_is_used(self):
        run = self._new(self.five)
        run.action_import()
        with self.assertRaisesRegex(UserError, "requests.csv"):
            self.mapping.with_user(self.coordinator).delimiter = "tab"
        with self.assertRaises(UserError):
            self.mapping.line_ids[0].with_user(self.coordinator).unlink()
        self._cron()
        self.mapping.with_user(self.coordinator).note = "works"

    def test_file_that_no_longer_fits_fails_in_words(self):
        run = self._new(self.five)
        run.action_import()
        # Past the mapping's own guard, as an administrator with SQL.
        self.env.cr.execute(
            "UPDATE constituent_import_mapping_line SET \"column\" = 'Gone' WHERE id = %s",
            (self.mapping.line_ids[0].id,),
        )
        self.env.invalidate_all()
        self._cron()
        self.assertEqual(run.state, "failed")
        self.assertIn("not in the file: “Gone”", run.error)

    def test_unexpected_error_is_told_and_logged_without_its_words(self):
        run = self._new(self.five)
        run.action_import()
        secret = KeyError("Ana Rivera")
        logger = "odoo.addons.constituent_services.models.constituent_import_run"
        target = patch.object(type(self.Import), "_refuse_twice", side_effect=secret)
        with self._process() as env, target, self.assertLogs(logger, "ERROR") as logs:
            run.with_env(env)._work()
        self.assertEqual((run.state, run.row_done), ("failed", 0))
        self.assertIn("KeyError", run.error)
        self.assertNotIn("Rivera", run.error + "".join(logs.output))
        run.action_resume()
        self._cron()
        self.assertEqual((run.state, self._counts(run)), ("done", (5, 0, 0, 0)))

    def test_forgotten_drafts_go(self):
        old, new = self._new(self.five), self._new(self.five)
        done = self._run(self.five)
        long_ago = Datetime.now() - timedelta(days=8)
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE constituent_import SET write_date = %s WHERE id IN %s",
            (long_ago, (old.id, done.id)),
        )
        self.env.invalidate_all()
        self.Import._gc_drafts()
        self.assertFalse(old.exists())
        self.assertTrue(new.exists() and done.exists())


class TestImportTakeBack(ImportCommon):
    def _take_back(self, run):
        run.with_user(self.coordinator).action_take_back()
        self._cron()

    def test_all_of_it_goes(self):
        self.mapping.create_missing = True
        run = self._run(
            self._csv(
                {"Desk": "T-NEW", "Type": "New type", "Name": "Zed Zorn", "Mail": "zed@z.example"},
                {"Key": "2", "Name": "Ana Rivera", "Mail": "ana.rivera@example.org"},
            )
        )
        department, category = run.made_department_ids, run.made_category_ids
        cases, zed = run.row_ids.case_id, run.row_ids.partner_id - self.resident
        self.assertEqual((len(cases), zed.name), (2, "Zed Zorn"))
        self._take_back(run)
        self.assertEqual(run.state, "taken_back")
        self.assertFalse(cases.exists() or zed.exists())
        self.assertTrue(self.resident.exists())
        self.assertFalse(department.exists() or category.exists())
        self.assertEqual(run.row_ids.mapped("result"), ["created", "created"])
        # And can come again.
        self.assertEqual(self._counts(self._run(self._csv({}))), (1, 0, 0, 0))

    def test_masters_in_use_stay(self):
        """Somebody has put the departments and categories of an import to use."""
        self.mapping.create_missing = True
        run = self._run(
            self._csv(
                {"Desk": "T-A", "Type": "Type A"},
                {"Key": "2", "Desk": "T-B", "Type": "Type B"},
                {"Key": "3", "Desk": "T-C", "Type": "Type C"},
            )
        )
        by_code = {department.code: department for department in run.made_department_ids}
        by_name = {category.name: category for category in run.made_category_ids}
        by_code["T-A"].member_ids = self.caseworker
        self.env["constituent.category"].create(
            {"name": "Below", "parent_id": by_name["Type B"].id, "department_id": by_code["T-B"].id}
        )
        self.env["constituent.routing.rule"].create(
            {"name": "r", "category_ids": by_name["Type A"].ids, "active": False}
        )
        self._take_back(run)
        self.assertEqual(run.state, "taken_back")
        self.assertEqual(run.made_department_ids.mapped("code"), ["T-A", "T-B"])
        self.assertEqual(set(run.made_category_ids.mapped("name")), {"Type A", "Type B"})
        self.assertFalse(by_code["T-C"].exists() or by_name["Type C"].exists())

    def test_contacts_a_case_brought_stay_once_used(self):
        run = self._run(self._csv({"Name": "Zed Zorn", "Mail": "zed@z.example"}, {"Key": "2"}))
        zed = run.row_ids.partner_id
        with self._process() as env:
            env["constituent.case"].intake(
                [{"name": "x", "channel": "phone", "partner_id": zed.id}]
            )
        self._take_back(run)
        self.assertEqual(run.state, "taken_back")
        self.assertTrue(zed.exists())

    def test_large_imports_go_back_in_slices(self):
        run = self._run(self._csv(*({"Key": str(number)} for number in range(7))))
        with patch.object(constituent_import_take_back, "SLICE", 3), self._process() as env:
            run.with_env(env).action_take_back()
            left = []
            run.with_env(env)._work(lambda _done: left.append(len(self._left(env))) or True)
        self.assertEqual(left, [4, 1, 0, 0])
        self.assertEqual(run.state, "taken_back")

    def _left(self, env):
        return env["constituent.case"].search([("external_source", "=", "t-cases")])

    def test_updates_become_as_before(self):
        self._run(self._csv({"Status": "Waiting"}))
        case = self._case("1")
        run = self._run(self._csv({"Title": "Other", "Status": "Closed", "Closed": "03/03/2023"}))
        self.assertEqual((case.name, case.status), ("Other", "closed"))
        self._take_back(run)
        self.assertEqual((case.name, case.status, case.closed_at), ("A hole", "waiting", False))
        self.assertEqual(run.state, "taken_back")

    def test_not_once_somebody_has_worked_on_it(self):
        for name in ("write", "note", "activity", "letter", "assign"):
            with self.subTest(name):
                run = self._run(self._csv({"Key": name}, {"Key": f"{name}-2"}))
                number = self._case(name).number
                with self._process() as env:
                    getattr(self, f"_work_{name}")(self._case(name).with_env(env))
                with (
                    self.assertRaisesRegex(UserError, f"1 of the imported.*{number}"),
                    self._process() as env,
                ):
                    run.with_env(env).action_take_back()
                self.assertEqual((run.state, len(run.row_ids.case_id)), ("done", 2))

    def _work_write(self, case):
        case.street = "1 Changed Street"

    def _work_note(self, case):
        case.message_post(body="Called them.")

    def _work_activity(self, case):
        case.activity_schedule("mail.mail_activity_data_todo", summary="Call")

    def _work_letter(self, case):
        letters = case.env["constituent.correspondence"]
        letters.create({"case_id": case.id, "partner_id": self.resident.id, "subject": "x"})

    def _work_assign(self, case):
        case.action_assign_to_me()

    def test_the_database_keeps_what_has_a_history(self):
        """Somebody works on a case between the check and the removal."""
        run = self._run(self._csv({}, {"Key": "2"}))
        run.with_user(self.coordinator).action_take_back()
        self._case("1").with_user(self.coordinator).action_assign_to_me()
        self._cron()
        self.assertEqual(run.state, "failed")
        self.assertIn("meanwhile", run.error)
        self.assertTrue(self._case("1") and self._case("2"))

    def test_live_cases_are_never_removed(self):
        case = self._make_case()
        with self.assertRaises(UserError):
            case._unlink_imported()

    def test_contacts(self):
        run = self._run(
            self._contacts(
                {"Key": "p1", "Name": "Bo Lind", "City": "Here"},
                {"Key": "p2", "Name": "Ana Rivera", "Mail": "ana.rivera@example.org",
                 "Notes": "Note"},
            ),
            "t-contacts",
        )  # fmt: skip
        bo = run.row_ids.partner_id - self.resident
        self._take_back(run)
        self.assertEqual(run.state, "taken_back")
        self.assertFalse(bo.exists())
        self.assertFalse(self.resident.comment)

    def test_contacts_in_use_stay(self):
        run = self._run(self._contacts({"Key": "p1", "Name": "Bo Lind"}), "t-contacts")
        report = {"name": "x", "channel": "phone", "partner_id": run.row_ids.partner_id.id}
        with self._process() as env:
            env["constituent.case"].intake([report])
        with self.assertRaisesRegex(UserError, "Bo Lind"), self._process() as env:
            run.with_env(env).action_take_back()


class TestImportFile(ImportCommon):
    """Every way in which a file can be wrong: said in words, and nothing is done."""

    def _refusal(self, content, mapping="t-cases", name="requests.csv"):
        """Return what is said of a file, and see that nothing came of it."""
        path = self._write(content, name)
        with self.assertRaises(UserError) as caught, self._process() as env:
            env["constituent.import"].run_file(path, mapping)
        self.assertFalse(self.Import.search([("mapping_id", "=", self.mapping.id)]))
        self.assertFalse(self._case("1"))
        return str(caught.exception)

    def test_wrong_encoding(self):
        text = self._csv({}, {"Key": "2", "Title": "Año"})
        message = self._refusal(text.encode("cp1252"))
        self.assertIn("Line 3 cannot be read: the byte 0xf1 does not occur in utf-8", message)
        self.assertIn("cp1252", message)
        self.assertIn("this one is in utf-16", self._refusal(text.encode("utf-16")))
        self.mapping.encoding = "cp1252"
        self.assertIn("this one is in utf-8", self._refusal(text.encode()))

    def test_encodings_that_fit(self):
        for number, encoding in enumerate(("utf-8", "cp1252", "latin-1", "utf-16")):
            with self.subTest(encoding):
                self.mapping.encoding = encoding
                self._run(self._csv({"Key": f"e{number}", "Title": "Año"}).encode(encoding))
                self.assertEqual(self._case(f"e{number}").name, "Año")
        self.mapping.encoding = "utf-8"
        self._run(b"\xef\xbb\xbf" + self._csv({"Key": "bom"}).encode())
        self.assertTrue(self._case("bom"))

    def test_wrong_delimiter(self):
        message = self._refusal(self._csv({}, delimiter=";"))
        self.assertIn("separated by “;”, the mapping says “,”", message)
        self.mapping.delimiter = "semicolon"
        self.assertEqual(self._run(self._csv({}, delimiter=";")).created_count, 1)
        self.assertIn("separated by “tab”", self._refusal_after_first(delimiter="\t"))

    def _refusal_after_first(self, **options):
        path = self._write(self._csv({}, **options))
        with self.assertRaises(UserError) as caught, self._process() as env:
            env["constituent.import"].run_file(path, "t-cases")
        return str(caught.exception)

    def test_missing_and_doubled_columns(self):
        columns = [name for name in COLUMNS if name not in ("Status", "Lat")]
        rows = {name: value for name, value in self._first_row().items() if name in columns}
        message = self._refusal(self._csv(rows, columns=columns, base={}))
        self.assertIn("not in the file: “Status”, “Lat”", message)
        self.assertIn("The file has: “Key”", message)
        head, rest = self._csv({}).split("\r\n", 1)
        doubled = f"{head},key\r\n" + rest.replace("\r\n", ",x\r\n", 1)
        self.assertIn("more than once", self._refusal(doubled))

    def _first_row(self):
        return next(csv.DictReader(io.StringIO(self._csv({}))))

    def test_order_capitals_and_more_columns_do_not_matter(self):
        row = self._first_row()
        columns = [*reversed(list(row)), "Extra"]
        content = self._csv({}, columns=columns, base=row).replace("Opened", " OPENED ")
        self.assertEqual(self._run(content).created_count, 1)

    def test_not_csv(self):
        for content, words in (
            (b"PK\x03\x04\x14\x00\x06\x00", "CSV UTF-8"),
            (b"%PDF-1.7\n", "a PDF document"),
            (b"\x89PNG\r\n\x1a\n", "a picture"),
            (b"<!DOCTYPE html><html></html>", "a web page"),
            (b"Key,Opened\n\0\0\1\2", "something other than text"),
            (b"", "The file is empty"),
            (b"\n\n  \n", "The file is empty"),
            (self._csv().encode(), "no rows below"),
        ):
            with self.subTest(words):
                self.assertIn(words, self._refusal(content))

    def test_200_megabytes(self):
        path = self._write(b"")
        with path.open("wb") as stream:
            stream.truncate(200_000_000)
        with (
            self.assertRaisesRegex(UserError, "200 MB; at most 100 MB"),
            self._process() as env,
        ):
            env["constituent.import"].run_file(path, "t-cases")
        self.env["ir.config_parameter"].set_param("constituent_services.import_max_mb", "1")
        self.assertIn("at most 1.0 MB", self._refusal(self._csv({}) + "x" * 1_000_000))

    def test_no_file_and_no_mapping(self):
        with self.assertRaisesRegex(UserError, "gone.csv"), self._process() as env:
            env["constituent.import"].run_file("/nowhere/gone.csv", "t-cases")
        with self.assertRaisesRegex(UserError, "“nothing”"), self._process() as env:
            env["constituent.import"].run_file(self._write("x"), "nothing")

    def test_mapping_that_cannot_work(self):
        lines = self.env["constituent.import.mapping.line"]
        for vals, words in (
            ({"column": "X"}, "Say what"),
            ({"column": "X", "case_target": "status", "translations": "a"}, "word in the file"),
            ({"column": "X", "case_target": "status", "translations": "a = Gone"}, "not one of"),
        ):
            with self.subTest(words), self.assertRaisesRegex(UserError, words):
                lines.create({"mapping_id": self.mapping.id, **vals})
        with self.assertRaisesRegex(UserError, "Received"):
            self.mapping.line_ids.filtered(lambda line: line.column == "Opened").unlink()
            self.mapping._check_line_ids()

    def test_original_is_kept(self):
        content = self._csv({})
        run = self._run(content)
        with run._open_file() as stream:
            self.assertEqual(stream.read(), content.encode())
        self.assertEqual((run.file_size, run.row_total), (len(content.encode()), 1))
        self.assertEqual(len(run.file_sha256), 64)
