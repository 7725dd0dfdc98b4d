"""What becomes of the rows of a file: made, brought up to date, left alone, refused."""

from datetime import datetime
from unittest.mock import patch

from freezegun import freeze_time
from psycopg2 import OperationalError

from odoo.exceptions import UserError

from .import_common import ImportCommon


class TestImportCases(ImportCommon):
    def test_a_row_becomes_a_case(self):
        run = self._run(
            self._csv(
                {
                    "Closed": "03/02/2023 9:00 AM",
                    "Status": "Closed",
                    "Text": "It is deep.\nVery deep.",
                    "Answer": "Filled.",
                    "Name": "Marta Quill",
                    "Mail": "marta.quill@example.org",
                }
            )
        )
        self.assertEqual(run.state, "done")
        self.assertEqual(self._counts(run), (1, 0, 0, 0))
        case = self._case("1")
        self.assertEqual(case.name, "A hole")
        # New York's winter clock is five hours behind.
        self.assertEqual(case.received_at, datetime(2023, 3, 1, 4, 45))
        self.assertEqual(case.closed_at, datetime(2023, 3, 2, 14))
        self.assertEqual((case.status, case.intake_mode), ("closed", "import"))
        self.assertEqual((case.category_id, case.department_id), (self.pothole, self.streets))
        self.assertEqual(case.channel_id.code, "phone")
        self.assertEqual(case.description_text, "It is deep.\nVery deep.")
        self.assertEqual(case.outcome_note, "Filled.")
        self.assertEqual((case.latitude, case.longitude), (40.7, -74.0))
        self.assertTrue(case.number.startswith("CS-2023-"))
        self.assertEqual(case.routing_note, "As in the imported file")
        self.assertEqual(case.partner_id.name, "Marta Quill")
        self.assertEqual(case.create_uid, self.coordinator)
        row = run.row_ids
        self.assertEqual((row.number, row.line, row.external_ref), (1, 2, "1"))
        self.assertEqual((row.result, row.case_id), ("created", case))

    def test_nobody_is_told_and_nothing_starts(self):
        """No acknowledgement, assignment, escalation or notice; also with rules and members."""
        self.streets.assignment = "balanced"
        self.env["constituent.routing.rule"].create(
            {"name": "all", "department_id": self.parks.id, "user_id": self.other_caseworker.id}
        )
        mails = self.env["mail.mail"].search_count([])
        self._run(self._csv({"Name": "Ana Rivera", "Mail": "ana.rivera@example.org"}))
        case = self._case("1")
        self.assertEqual(case.partner_id, self.resident)
        self.assertEqual(case.department_id, self.streets)
        self.assertFalse(case.user_id | case.activity_ids.user_id)
        self.assertFalse(case.delivery_ids or case.subscription_ids or case.acknowledged_at)
        self.assertFalse(case.due_at or case.routing_rule_id)
        self.assertFalse(case.event_ids, "the report's row is the beginning of its history")
        self.assertEqual(self.env["mail.mail"].search_count([]), mails)

    def test_again_makes_nothing_twice(self):
        content = self._csv({}, {"Key": "2", "Title": "Another"})
        first = self._run(content)
        again = self._run(content)
        self.assertNotEqual(first, again)
        self.assertEqual(self._counts(first), (2, 0, 0, 0))
        self.assertEqual(self._counts(again), (0, 0, 2, 0))
        self.assertEqual(len(self.Case.search([("external_source", "=", "t-cases")])), 2)

    def test_what_changed_in_the_file_is_written(self):
        self._run(self._csv({}))
        run = self._run(self._csv({"Title": "A bigger hole", "Status": "Waiting"}))
        self.assertEqual(self._counts(run), (0, 1, 0, 0))
        case = self._case("1")
        self.assertEqual((case.name, case.status), ("A bigger hole", "waiting"))
        self.assertIn("Subject", run.row_ids.message)
        back = self._run(self._csv({"Title": "A bigger hole"}))
        self.assertEqual(self._counts(back), (0, 1, 0, 0))
        self.assertEqual(case.status, "open")

    def test_what_people_changed_is_kept(self):
        self._run(self._csv({}))
        case = self._case("1")
        case.with_user(self.coordinator).write({"name": "Sinkhole", "department_id": self.parks.id})
        run = self._run(self._csv({"Title": "Hole!", "Desk": "T-STR", "Text": "New words"}))
        self.assertEqual(self._counts(run), (0, 1, 0, 0))
        self.assertEqual((case.name, case.department_id), ("Sinkhole", self.parks))
        self.assertEqual(case.description_text, "New words")
        self.assertIn(
            "Changed here since the last import and therefore kept: Subject", run.row_ids.message
        )
        # Said once: the file's version is known now.
        run = self._run(self._csv({"Title": "Hole!", "Text": "New words"}))
        self.assertEqual(self._counts(run), (0, 0, 1, 0))

    def test_stage_is_kept_with_its_ending(self):
        self._run(self._csv({}))
        case = self._case("1")
        waiting = self.env.ref("constituent_services.stage_waiting_other")
        case.with_user(self.coordinator).stage_id = waiting
        run = self._run(self._csv({"Status": "Closed", "Closed": "03/05/2023"}))
        self.assertEqual(self._counts(run), (0, 0, 1, 0))
        self.assertEqual((case.stage_id, case.closed_at), (waiting, False))
        self.assertIn("Stage", run.row_ids.message)

    def test_file_closes_what_is_open(self):
        self._run(self._csv({}))
        run = self._run(
            self._csv({"Status": "Closed", "Closed": "03/05/2023 10:00 AM", "Answer": "Done"})
        )
        self.assertEqual(self._counts(run), (0, 1, 0, 0))
        case = self._case("1")
        self.assertEqual((case.status, case.outcome_note), ("closed", "Done"))
        self.assertEqual(case.closed_at, datetime(2023, 3, 5, 15))
        self.assertFalse(case.delivery_ids)

    def test_key_twice_in_a_file(self):
        run = self._run(self._csv({}, {"Title": "The same"}, {"Key": "2"}))
        self.assertEqual(self._counts(run), (2, 0, 0, 1))
        refused = run.row_ids.filtered(lambda row: row.result == "refused")
        self.assertEqual(refused.number, 2)
        self.assertIn("the same as that of row 1", refused.message)
        self.assertEqual(self._case("1").name, "A hole")

    def test_without_keys_the_row_is_its_own(self):
        self._make_mapping("t-keyless", "case", {"Opened": "received_at", "Title": "name"})
        content = "Opened,Title\n01/02/2024,One\n01/02/2024,Two\n"
        self.assertEqual(self._counts(self._run(content, "t-keyless")), (2, 0, 0, 0))
        self.assertEqual(self._counts(self._run(content, "t-keyless")), (0, 0, 2, 0))

    def test_dirty_cells_are_mended_and_reported(self):
        run = self._run(
            self._csv(
                {"Title": "Itâ\x80\x99s broken", "By": "UNKNOWN", "Lat": "", "Lon": ""},
                {"Key": "2", "Status": "Closed", "Closed": "01/01/2023"},
                {"Key": "3", "Status": "Closed", "Closed": "01/01/2023", "Changed": "03/01/2023"},
                {"Key": "4", "Status": "Closed"},
                {"Key": "5", "Closed": "03/01/2023"},
                {"Key": "6", "Lat": "140"},
                {"Key": "7", "Desk": "Nobody", "Type": "Unheard of"},
                {"Key": "8", "Status": "Lost"},
            )
        )
        self.assertEqual(self._counts(run), (8, 0, 0, 0))
        self.assertEqual(run.noted_count, 8)
        case = self._case("1")
        self.assertEqual(case.name, "It’s broken")
        self.assertEqual(case.channel_id.code, "import")
        self.assertEqual(self._case("2").closed_at, self._case("2").received_at)
        self.assertEqual(self._case("3").closed_at, datetime(2023, 3, 1, 5))
        self.assertEqual(self._case("4").closed_at, self._case("4").received_at)
        self.assertEqual((self._case("5").status, self._case("5").closed_at), ("open", False))
        self.assertFalse(self._case("6").latitude)
        self.assertFalse(self._case("7").department_id | self._case("7").category_id.department_id)
        self.assertEqual(self._case("8").status, "new")
        messages = {row.external_ref: row.message for row in run.row_ids}
        for ref, words in (
            ("1", ("garbled", "There is no channel “UNKNOWN”", "No coordinates")),
            ("2", ("Closed before it was received",)),
            ("3", ("Closed before it was received",)),
            ("4", ("not when",)),
            ("5", ("Not closed, but with a date of closing",)),
            ("6", ("nowhere on earth",)),
            ("7", ("no department “Nobody”", "no category “Unheard of”")),
            ("8", ("“Lost” in “Status”",)),
        ):
            for word in words:
                self.assertIn(word, messages[ref])
        self.assertIn("garbled", run.note_summary)

    def test_rows_that_are_refused(self):
        run = self._run(
            self._csv({}, {"Key": "2", "Opened": ""}, {"Key": "3", "Opened": "31/31/2023"})
            + "4,02/28/2023,one cell too few\n"
            + '5,02/28/2023,"open quote\n'
            + "6,02/28/2023,,,,,,,,,,,,,\n"
        )
        self.assertEqual(self._counts(run), (2, 0, 0, 4))
        messages = {row.number: row.message for row in run.row_ids}
        self.assertIn("“Opened” is empty or cannot be read", messages[2])
        self.assertIn("“31/31/2023” in “Opened” is no date", messages[3])
        self.assertIn("3 cells, the first line of the file has 15", messages[4])
        self.assertIn("quotation mark is opened", messages[5])
        self.assertEqual(self._case("6").received_at, datetime(2023, 2, 28, 5))

    def test_one_bad_record_takes_no_other_along(self):
        """A rule of the model refuses one row of a slice; the others are saved."""
        self.env["constituent.case"].create(
            {
                "name": "live",
                "external_source": "t-cases",
                "external_ref": "2",
                "department_id": self.streets.id,
                "partner_id": self.resident.id,
            }
        )
        run = self._run(self._csv({}, {"Key": "2", "Status": "Closed"}, {"Key": "3"}))
        self.assertEqual(run.refused_count, 0, "a case of another door is found, not closed")
        self.assertEqual(run.created_count, 2)
        live = self._case("2")
        self.assertEqual((live.status, live.name), ("new", "live"))

    def _refuse(self, refs, error):
        """Let the intake refuse the cases of some keys."""
        original = type(self.Case).intake

        def intake(cases, reports):
            if any(report["external_ref"] in refs for report in reports):
                raise error
            return original(cases, reports)

        return patch.object(type(self.Case), "intake", intake)

    def test_refusal_of_the_model_is_a_sentence(self):
        with self._refuse({"2"}, UserError("Not this one.")):
            run = self._run(self._csv({}, {"Key": "2"}, {"Key": "3"}))
        self.assertEqual(self._counts(run), (2, 0, 0, 1))
        self.assertEqual(
            run.row_ids.filtered(lambda row: row.result == "refused").message,
            "The row could not be saved: Not this one.",
        )
        # Once the reason is gone, the same file brings what is missing.
        self.assertEqual(self._counts(self._run(self._csv({}, {"Key": "2"}))), (1, 0, 1, 0))

    def test_an_unexpected_error_is_logged_without_its_words(self):
        secret = ValueError("Ana Rivera, 12 Home Street")
        logger = "odoo.addons.constituent_services.models.constituent_import_run"
        with self._refuse({"2"}, secret), self.assertLogs(logger, "ERROR") as logs:
            run = self._run(self._csv({}, {"Key": "2"}))
        self.assertEqual(self._counts(run), (1, 0, 0, 1))
        self.assertIn("ValueError", run.row_ids[1].message)
        self.assertNotIn("Rivera", "".join(logs.output) + run.row_ids[1].message)

    def test_a_lost_connection_is_no_refusal(self):
        """The scheduler starts the slice anew: nothing is half done and nothing counted."""
        run = self._new(self._csv({}))
        run.action_import()
        with self._refuse({"1"}, OperationalError("gone")), self.assertRaises(OperationalError):
            with self._process() as env:
                run.with_env(env)._work()
        self.assertEqual((run.state, run.row_done, run.refused_count), ("importing", 0, 0))
        self._cron()
        self.assertEqual((run.state, self._counts(run)), ("done", (1, 0, 0, 0)))

    @freeze_time("2026-05-01 12:00:00")
    def test_times_of_the_zone(self):
        run = self._run(
            self._csv(
                {"Opened": "11/05/2023 1:30 AM"},
                {"Key": "2", "Opened": "03/12/2023 2:30 AM"},
                {"Key": "3", "Opened": "07/04/2023 0:10"},
            )
        )
        self.assertEqual(self._case("1").received_at, datetime(2023, 11, 5, 5, 30))
        self.assertEqual(self._case("3").received_at, datetime(2023, 7, 4, 4, 10))
        self.assertIn("occurs twice", run.row_ids[0].message)
        self.assertIn("never was", run.row_ids[1].message)

    def test_missing_masters_are_made_where_the_mapping_says_so(self):
        self.mapping.create_missing = True
        run = self._run(
            self._csv(
                {"Desk": "T-NEW", "Type": "PLUMBING"},
                {"Key": "2", "Desk": "T-NEW", "Type": "Plumbing"},
            )
        )
        department = self.env["constituent.department"].search([("code", "=", "T-NEW")])
        self.assertEqual(self._case("1").department_id, department)
        self.assertEqual(run.made_department_ids, department)
        # Two systems tell these apart by capitals alone.
        self.assertEqual(set(run.made_category_ids.mapped("name")), {"PLUMBING", "Plumbing"})
        self.assertEqual(run.made_category_ids.department_id, department)
        again = self._run(self._csv({"Desk": "T-NEW", "Type": "PLUMBING"}))
        self.assertEqual(self._counts(again), (0, 0, 1, 0))
        self.assertFalse(again.made_department_ids or again.made_category_ids)

    def test_kind_where_no_column_says_it(self):
        self.assertEqual(self._run(self._csv({})).row_ids.case_id.kind, "request")
        self.mapping.case_kind = "complaint"
        self.assertEqual(self._run(self._csv({"Key": "2"})).row_ids.case_id.kind, "complaint")
        # What somebody here decided is kept.
        self._case("2").kind = "inquiry"
        self.mapping.case_kind = "request"
        self._run(self._csv({"Key": "2"}))
        self.assertEqual(self._case("2").kind, "inquiry")

    def test_another_office_imports_for_itself(self):
        other = self.env["res.company"].create({"name": "Other City"})
        self._run(self._csv({}))
        self.coordinator.write({"company_ids": [(4, other.id)], "company_id": other.id})
        path = self._write(self._csv({"Desk": ""}))
        self.mapping.company_id = False
        with self._process() as env:
            run = env["constituent.import"].with_company(other).run_file(path, "t-cases")
            self.assertEqual(run.created_count, 1)
        self.assertEqual(self._case("1").company_id, self.company | other)

    def test_formula_signs_of_our_own_exports_are_taken_off(self):
        self._run(self._csv({"Title": "'=SUM(A1)"}, {"Key": "2", "Title": "'tis broken"}))
        self.assertEqual(self._case("1").name, "=SUM(A1)")
        self.assertEqual(self._case("2").name, "'tis broken")


class TestImportContacts(ImportCommon):
    def test_people_and_offices(self):
        run = self._run(
            self._contacts(
                {"Key": "o1", "Name": "Office of Ward 3", "Role": "Official's Office"},
                {
                    "Key": "p1",
                    "Name": "Bo Lind",
                    "Office": "o1",
                    "Mail": "bo@ward3.example.org",
                    "Phone": "(212) 555-0123",
                    "Country": "United States",
                    "Notes": "Chief of staff",
                },
                {"Key": "p2", "Name": "Cy Noll", "Office": "Nowhere", "Mail": "no address"},
                {"Key": "p3"},
            ),
            "t-contacts",
        )
        self.assertEqual(self._counts(run), (3, 0, 0, 1))
        office, bo, cy = run.row_ids.partner_id.sorted("external_ref")
        self.assertTrue(office.is_company and office.is_constituent)
        self.assertEqual(office.constituent_role, "official_office")
        self.assertEqual((bo.parent_id, bo.email_normalized), (office, "bo@ward3.example.org"))
        self.assertEqual(bo.phone_sanitized, "+12125550123")
        self.assertEqual(bo.country_id.code, "US")
        self.assertEqual((cy.company_name, cy.constituent_role), ("Nowhere", "resident"))
        messages = run.row_ids.mapped("message")
        self.assertIn("no organization “Nowhere”", messages[2])
        self.assertIn("is no mail address", messages[2])
        self.assertIn("There is no name", messages[3])

    def test_again_and_changed(self):
        first = self._contacts({"Key": "p1", "Name": "Bo Lind", "City": "Example"})
        self._run(first, "t-contacts")
        self.assertEqual(self._counts(self._run(first, "t-contacts")), (0, 0, 1, 0))
        changed = self._contacts({"Key": "p1", "Name": "Bo Lind", "City": "Elsewhere"})
        self.assertEqual(self._counts(self._run(changed, "t-contacts")), (0, 1, 0, 0))
        partner = self.env["res.partner"].search([("external_ref", "=", "p1")])
        self.assertEqual(partner.city, "Elsewhere")
        partner.city = "Somewhere"
        back = self._run(first, "t-contacts")
        self.assertEqual(self._counts(back), (0, 0, 1, 0))
        self.assertEqual(partner.city, "Somewhere")

    def test_known_people_are_found_and_only_completed(self):
        run = self._run(
            self._contacts(
                {"Key": "p1", "Name": "A. Rivera", "Mail": "ANA.RIVERA@example.org",
                 "City": "Other", "Notes": "Speaks Spanish"},
                {"Key": "p2", "Name": "Luis Rivera", "Mail": "ana.rivera@example.org"},
            ),
            "t-contacts",
        )  # fmt: skip
        self.assertEqual(self._counts(run), (1, 1, 0, 0))
        ana, luis = run.row_ids.partner_id
        self.assertEqual(ana, self.resident)
        self.assertEqual((ana.name, ana.city), ("Ana Rivera", "Example"))
        self.assertIn("Speaks Spanish", ana.comment)
        self.assertEqual((ana.external_source, ana.external_ref), ("t-contacts", "p1"))
        self.assertEqual(luis.name, "Luis Rivera")
        self.assertIn("Known already", run.row_ids[0].message)

    def test_who_can_log_in_is_not_changed(self):
        run = self._run(
            self._contacts(
                {
                    "Key": "p1",
                    "Name": self.portal_user.name,
                    "Mail": self.portal_user.email,
                    "Notes": "x",
                }
            ),
            "t-contacts",
        )
        self.assertEqual(self._counts(run), (0, 0, 0, 1))
        self.assertIn("somebody with a login", run.row_ids.message)
        self.assertFalse(self.portal_user.partner_id.external_ref)
