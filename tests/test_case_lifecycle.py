from datetime import datetime

from freezegun import freeze_time
from psycopg2 import IntegrityError

from odoo.exceptions import UserError, ValidationError
from odoo.tools import mute_logger

from .common import PREFIX, ConstituentCommon


class TestHandOvers(ConstituentCommon):
    """Who held the case from when to when."""

    def _hand_overs(self, case):
        return case.event_ids.filtered(lambda event: event.kind == "handed_over")

    def test_each_holder_and_the_time_held(self):
        with freeze_time("2026-03-02 10:00:00"):
            case = self._make_case()
        self.assertEqual(case.held_since, datetime(2026, 3, 2, 10))
        with freeze_time("2026-03-03 11:00:00"):
            case.with_user(self.coordinator).write({"user_id": self.caseworker.id})
        with freeze_time("2026-03-05 12:00:00"):
            case.write({"department_id": self.parks.id, "user_id": False})
        first, second = self._hand_overs(case)
        self.assertEqual(first.department_from_id, self.streets)
        self.assertFalse(first.user_from_id)
        self.assertEqual(first.user_to_id, self.caseworker)
        self.assertEqual(first.user_id, self.coordinator)
        self.assertEqual(
            (first.held_from, first.held_to), (datetime(2026, 3, 2, 10), datetime(2026, 3, 3, 11))
        )
        self.assertEqual(second.user_from_id, self.caseworker)
        self.assertEqual(second.department_to_id, self.parks)
        self.assertEqual(
            (second.held_from, second.held_to),
            (datetime(2026, 3, 3, 11), datetime(2026, 3, 5, 12)),
        )
        self.assertEqual(case.held_since, datetime(2026, 3, 5, 12))

    def test_writing_the_same_holder_is_no_hand_over(self):
        case = self._make_case()
        case.write({"department_id": self.streets.id, "name": "x"})
        self.assertFalse(self._hand_overs(case))

    def test_assign_to_me_for_several(self):
        cases = self._make_case() | self._make_case()
        cases.with_user(self.caseworker).action_assign_to_me()
        self.assertEqual(cases.user_id, self.caseworker)
        self.assertEqual(len(self._hand_overs(cases[0])), 1)
        self.assertEqual(len(self._hand_overs(cases[1])), 1)

    def test_taking_a_case_out_of_triage_gives_it_a_department(self):
        triage = self._make_case(name="Other", description=False)
        kept = self._make_case(department_id=self.parks.id, user_id=self.caseworker.id)
        (triage | kept).with_user(self.caseworker).action_assign_to_me()
        self.assertEqual(triage.department_id, self.streets)
        self.assertEqual(kept.department_id, self.parks)
        self.assertEqual((triage | kept).user_id, self.caseworker)
        other = self._make_case(name="Other", description=False)
        other.with_user(self.coordinator).action_assign_to_me()
        self.assertFalse(other.department_id, "the coordinator is in no department")

    def test_routing_again_a_closed_case_is_refused(self):
        case = self._make_case()
        case._close(self.outcome_resolved)
        with self.assertRaisesRegex(UserError, "reopen it first"):
            case.action_route_again()

    def test_tracking_switched_off_by_context_changes_no_history(self):
        case = self._make_case()
        case.with_context(tracking_disable=True, mail_notrack=True).user_id = self.caseworker
        self.assertEqual(len(self._hand_overs(case)), 1)


class TestStages(ConstituentCommon):
    """Closing, reopening, waiting, and what each leaves behind."""

    def _last(self, case):
        return case.event_ids.sorted("id")[-1]

    def _stage(self, name):
        return self.env.ref(f"{PREFIX}stage_{name}")

    def test_closing_asks_for_an_outcome(self):
        case = self._make_case()
        with (
            self.assertRaisesRegex(ValidationError, "Close button"),
            self.env.cr.savepoint(),
        ):
            case.stage_id = self._stage("closed")
        self.assertFalse(self._make_case().closed_at)

    def test_an_outcome_that_asks_for_a_note(self):
        case = self._make_case()
        for note in (False, "", "   "):
            with (
                self.assertRaisesRegex(ValidationError, "asks for a note"),
                self.env.cr.savepoint(),
            ):
                case._close(self.outcome_refused, note)
        case._close(self.outcome_refused, "The tree is on private land.")
        self.assertEqual(case.status, "closed")
        self.assertEqual(self._last(case).kind, "closed")
        self.assertEqual(self._last(case).note, "Not Granted: The tree is on private land.")

    @freeze_time("2026-03-02 10:00:00")
    def test_closing_dates_and_reopening_clears(self):
        case = self._make_case()
        case._close(self.outcome_resolved)
        self.assertEqual(case.closed_at, datetime(2026, 3, 2, 10))
        case.with_user(self.caseworker)._reopen("The hole is back.")
        self.assertEqual(case.status, "open")
        self.assertFalse(case.closed_at or case.outcome_id or case.outcome_note)
        event = self._last(case)
        self.assertEqual((event.kind, event.note), ("reopened", "The hole is back."))
        self.assertEqual(event.user_id, self.caseworker)
        self.assertIn("closed", case.event_ids.mapped("kind"), "the history keeps how it ended")

    def test_closing_again_keeps_the_first_date(self):
        case = self._make_case()
        with freeze_time("2026-03-02 10:00:00"):
            case._close(self.outcome_resolved)
        with freeze_time("2026-04-02 10:00:00"):
            case.stage_id = self._stage("closed")
        self.assertEqual(case.closed_at, datetime(2026, 3, 2, 10))

    def test_reopening_needs_a_reason_and_a_closed_case(self):
        case = self._make_case()
        with self.assertRaisesRegex(UserError, "not closed"):
            case._reopen("Because")
        case._close(self.outcome_resolved)
        with self.assertRaisesRegex(UserError, "Say why"):
            case._reopen("  ")
        self.assertEqual(case.status, "closed")

    def test_a_closed_case_is_not_just_dragged_back(self):
        case = self._make_case()
        case._close(self.outcome_resolved)
        with self.assertRaisesRegex(UserError, "Reopen button"), self.env.cr.savepoint():
            case.with_user(self.manager).stage_id = self._stage("in_progress")
        self.assertEqual(case.status, "closed")

    def test_stage_changes_are_history(self):
        case = self._make_case()
        case.stage_id = self._stage("waiting")
        self.assertEqual(case.status, "waiting")
        self.assertEqual(self._last(case).kind, "stage")
        self.assertIn("Waiting for Constituent", self._last(case).note)

    def test_status_and_plain_text_follow_whatever_is_sent(self):
        case = self._make_case()
        case.write({"status": "closed", "description_text": "other"})
        self.assertEqual((case.status, case.description_text), ("new", "It is deep."))
        self.assertEqual(self.Case.create({"name": "x", "status": "closed"}).status, "new")
        case.description = "<p>Deeper</p>"
        self.assertEqual(case.description_text, "Deeper")

    def test_an_office_that_renames_a_stages_status(self):
        case = self._make_case()
        stage = self.env["constituent.case.stage"].create(
            {"name": "On Hold", "status": "open", "sequence": 99}
        )
        case.stage_id = stage
        self.assertEqual(case.status, "open")
        stage.status = "waiting"
        self.assertEqual(case.status, "waiting")

    def test_imported_closed_cases_need_no_outcome(self):
        case = self.Case.create(
            {
                "name": "Old",
                "intake_mode": "import",
                "stage_id": self._stage("closed").id,
                "closed_at": "2020-01-01 00:00:00",
            }
        )
        self.assertEqual(case.closed_at, datetime(2020, 1, 1))

    def test_confidentiality_and_due_date_are_history(self):
        case = self._make_case()
        case.write({"confidentiality": "public", "due_at": "2030-01-01 12:00:00"})
        notes = {event.kind: event.note for event in case.event_ids}
        self.assertEqual(notes["confidentiality"], "Internal → Public")
        self.assertTrue(notes["due"].endswith("→ 1 Jan 2030 07:00"), notes["due"])

    def test_copy_is_a_new_case(self):
        case = self._make_case(external_source="nyc311", external_ref="1")
        case._close(self.outcome_resolved)
        copy = case.copy()
        self.assertNotEqual(copy.number, case.number)
        self.assertNotEqual(copy.access_token, case.access_token)
        self.assertEqual(copy.status, "new")
        self.assertFalse(copy.closed_at or copy.outcome_id or copy.external_ref)


class TestDue(ConstituentCommon):
    """Overdue: computed and searched alike."""

    @freeze_time("2026-03-10 12:00:00")
    def test_overdue(self):
        late = self.Case.create({"name": "late", "due_at": "2026-03-09 12:00:00"})
        soon = self.Case.create({"name": "soon", "due_at": "2026-03-11 12:00:00"})
        done = self.Case.create({"name": "done", "due_at": "2026-03-09 12:00:00"})
        done._close(self.outcome_resolved)
        never = self.Case.create({"name": "never", "intake_mode": "import"})
        every = late | soon | done | never
        domain = [("id", "in", every.ids)]
        self.assertEqual(every.filtered("is_overdue"), late)
        self.assertEqual(self.Case.search([*domain, ("is_overdue", "=", True)]), late)
        self.assertEqual(
            self.Case.search([*domain, ("is_overdue", "=", False)], order="id"),
            soon | done | never,
        )
        self.assertEqual(
            self.Case.search([*domain, ("is_overdue", "in", [True, False])], order="id"), every
        )


class TestConstraints(ConstituentCommon):
    """Bad input gets a clear message."""

    def test_coordinates(self):
        case = self._make_case()
        for latitude, longitude in ((91, 0), (0, 181), (-90.1, 0)):
            with self.assertRaisesRegex(ValidationError, "within ±90"):
                case.write({"latitude": latitude, "longitude": longitude})

    def test_a_case_is_no_part_of_itself(self):
        case = self._make_case()
        part = self._make_case(parent_id=case.id)
        with self.assertRaisesRegex(ValidationError, "part of itself"):
            case.parent_id = part

    def test_category_tree(self):
        child = self.env["constituent.category"].create(
            {"name": "Deep", "parent_id": self.pothole.id}
        )
        self.assertEqual(child.display_name, "Test Pothole / Deep")
        with self.assertRaisesRegex(UserError, "Recursion"):
            self.pothole.parent_id = child

    def test_codes_are_unique(self):
        with self.assertRaises(IntegrityError), mute_logger("odoo.sql_db"):
            self.env["constituent.category"].create({"name": "Twin", "code": "t-pot"})
        with self.assertRaises(IntegrityError), mute_logger("odoo.sql_db"):
            self.env["constituent.department"].create({"name": "Twin", "code": "t-str"})

    def test_number_prefix(self):
        for prefix in ("C-S", "with space", "WAYTOOLONGPREFIX"):
            with self.assertRaisesRegex(ValidationError, "letters and digits"):
                self.company.constituent_number_prefix = prefix
        self.company.constituent_number_prefix = "CIT"
        self.assertTrue(self._make_case().number.startswith("CIT-"))

    def test_district_dates(self):
        kind = self.env["constituent.district.type"].create({"name": "Ward"})
        with self.assertRaises(IntegrityError), mute_logger("odoo.sql_db"):
            self.env["constituent.district"].create(
                {
                    "name": "Ward 1", "code": "1", "district_type_id": kind.id,
                    "valid_from": "2026-01-02", "valid_to": "2026-01-01",
                }
            )  # fmt: skip

    def test_what_a_case_uses_stays(self):
        case = self._make_case()
        for record in (case.category_id, case.department_id, case.stage_id, case.partner_id):
            with (
                self.subTest(record._name),
                self.assertRaises(Exception) as refused,
                mute_logger("odoo.sql_db"),
                self.env.cr.savepoint(),
            ):
                record.unlink()
            self.assertIsInstance(refused.exception, IntegrityError | UserError)


class TestDepartments(ConstituentCommon):
    """Departments, their counts and addresses."""

    def test_open_cases_are_counted(self):
        before = self.streets.case_count
        case = self._make_case()
        self._make_case()
        case._close(self.outcome_resolved)
        self.streets.invalidate_recordset()
        self.pothole.invalidate_recordset()
        self.assertEqual(self.streets.case_count, before + 1)
        self.assertEqual(self.pothole.case_count, 1)

    def test_an_address_names_the_door(self):
        alias = self.streets.alias_id
        self.assertEqual(alias.alias_model_id.model, "constituent.case")
        self.assertEqual(alias.alias_defaults, repr({"door_department_id": self.streets.id}))
        self.assertFalse(self.parks.alias_id, "an alias only when named")

    def test_facts_are_forgotten_when_they_change(self):
        facts = self.env["constituent.department"]._facts(self.parks.id)
        self.assertEqual(facts.assignment, "manual")
        self.parks.assignment = "balanced"
        self.assertEqual(
            self.env["constituent.department"]._facts(self.parks.id).assignment, "balanced"
        )
        self.company.constituent_tz = "America/Chicago"
        self.assertEqual(self.env["res.company"]._office(self.company.id).tz, "America/Chicago")
        self.company.country_id = self.env.ref("base.ca")
        self.assertEqual(self.env["res.company"]._office(self.company.id).country_code, "CA")
        self.company.partner_id.country_id = self.env.ref("base.mx")
        self.assertEqual(self.env["res.company"]._office(self.company.id).country_code, "MX")
