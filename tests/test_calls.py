from datetime import datetime, timedelta

from freezegun import freeze_time
from psycopg2 import IntegrityError

from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, new_test_user
from odoo.tools import mute_logger

from .common import PREFIX, ConstituentCommon
from .letter_common import LetterSetup

# A Thursday, 10:00 in New York
NOW = datetime(2026, 11, 12, 15, 0)


class CallSetup:
    """Cases of each role, and a short way to log a call: mixed in before the test case."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Call = cls.env["constituent.call"]
        cls.case = cls._make_case()

    def _log(self, outcome="reached", user=None, case=None, **vals):
        """Log a call, as a caseworker of the department unless told otherwise."""
        return self.Call.with_user(user or self.caseworker).create(
            {"case_id": (case or self.case).id, "outcome": outcome, **vals}
        )

    def _notes(self, case=None, kind="call"):
        events = (case or self.case).event_ids
        return events.filtered(lambda event: event.kind == kind).mapped("note")


class TestCalls(CallSetup, ConstituentCommon):
    """A call is logged, counted, told in the history, and what was promised is kept."""

    def test_a_call_knows_its_case(self):
        call = self._log(note="She is patient.")
        self.assertEqual(call.partner_id, self.resident)
        self.assertEqual(call.phone, self.resident.phone)
        self.assertEqual(call.user_id, self.caseworker)
        self.assertEqual(call.department_id, self.streets)
        self.assertEqual(call.company_id, self.company)
        self.assertEqual(call.display_name, f"Outgoing {self.case.number}")
        self.assertEqual(self.case.call_count, 1)

    def test_the_department_follows_the_case(self):
        call = self._log()
        self.case.department_id = self.parks
        self.assertEqual(call.department_id, self.parks)

    def test_history_says_how_it_ended_and_not_what_was_said(self):
        with freeze_time(NOW):
            self._log(
                "voicemail",
                note="He shouted.",
                interpreter_used=True,
                language="Spanish",
                call_back_by=NOW + timedelta(hours=5),
            )
        self.assertEqual(
            self._notes(),
            [
                "Outgoing, Voicemail Left, with an interpreter, Spanish, "
                "call-back promised by 12 Nov 2026 15:00"
            ],
        )
        event = self.case.event_ids.filtered(lambda event: event.kind == "call")
        self.assertEqual(event.user_id, self.caseworker)
        self.assertEqual(event.partner_id, self.resident)

    def test_confidential_callers_leave_a_number_only(self):
        case = self._make_case(
            identity="confidential", partner_id=False, partner_name="J.", partner_phone="555 0123"
        )
        call = self._log(case=case, user=self.coordinator)
        self.assertFalse(call.partner_id)
        self.assertEqual(call.phone, "555 0123")
        with self.assertRaisesRegex(ValidationError, "no name to keep"):
            self._log(case=case, user=self.coordinator, partner_id=self.resident.id)

    def test_what_cannot_be(self):
        with freeze_time(NOW):
            for vals, words in (
                ({"called_at": NOW + timedelta(hours=1)}, "after it was made"),
                ({"call_back_by": NOW - timedelta(hours=1)}, "later than the call"),
            ):
                with self.subTest(vals), self.assertRaisesRegex(ValidationError, words):
                    self._log(**vals)
        with (
            mute_logger("odoo.sql_db"),
            self.assertRaises(IntegrityError),
            self.env.cr.savepoint(),
        ):
            self._log(duration=-1)

    def test_calls_are_not_deleted(self):
        call = self._log()
        for user in (self.caseworker, self.manager):
            with self.assertRaises(UserError):
                call.with_user(user).unlink()
        with self.assertRaises(UserError):
            call.sudo().unlink()

    # The promise

    def test_a_promise_is_due_then_overdue(self):
        with freeze_time(NOW):
            call = self._log("call_back", direction="in", call_back_by=NOW + timedelta(hours=2))
            self.assertTrue(call.is_call_back_open)
            self.assertFalse(call.is_call_back_overdue)
            self.assertEqual(self.case.call_back_by, NOW + timedelta(hours=2))
        overdue = [("is_call_back_overdue", "=", True), ("id", "=", call.id)]
        with freeze_time(NOW + timedelta(hours=1)):
            self.assertFalse(self.Call.search(overdue))
            self.assertTrue(self.Call.search(["!", *overdue[:1], *overdue[1:]]))
        with freeze_time(NOW + timedelta(hours=3)):
            call.invalidate_recordset()
            self.assertTrue(call.is_call_back_overdue)
            self.assertEqual(self.Call.search(overdue), call)
        self.assertEqual(
            call._search_is_call_back_overdue("=", True), NotImplemented, "Odoo asks by `in`"
        )

    def test_reaching_them_keeps_it(self):
        with freeze_time(NOW):
            promised = self._log(direction="in", call_back_by=NOW + timedelta(hours=2))
        with freeze_time(NOW + timedelta(hours=1)):
            self._log("voicemail")
            self.assertTrue(promised.is_call_back_open, "a voicemail keeps no promise")
            self._log("reached", direction="in")
            self.assertTrue(promised.is_call_back_open, "they called, not we")
            call = self._log("reached", user=self.coordinator)
        self.assertFalse(promised.is_call_back_open)
        self.assertEqual(promised.called_back_id, call)
        self.assertEqual(promised.called_back_at, call.called_at)
        self.assertFalse(self.case.call_back_by)

    def test_a_call_entered_late_keeps_no_later_promise(self):
        with freeze_time(NOW):
            promised = self._log(direction="in", call_back_by=NOW + timedelta(hours=2))
            self._log("reached", called_at=NOW - timedelta(days=1))
        self.assertTrue(promised.is_call_back_open)

    def test_a_new_promise_takes_the_old_ones_place(self):
        with freeze_time(NOW):
            first = self._log(direction="in", call_back_by=NOW + timedelta(hours=2))
            second = self._log("call_back", call_back_by=NOW + timedelta(days=1))
        self.assertFalse(first.is_call_back_open)
        self.assertTrue(second.is_call_back_open)

    def test_done_without_another_call(self):
        call = self._log(call_back_by=fields.Datetime.now() + timedelta(hours=1))
        call.with_user(self.coordinator).action_called_back()
        self.assertFalse(call.is_call_back_open)
        self.assertEqual(self._notes()[-1], "Call-back done")
        with self.assertRaisesRegex(UserError, "No call-back is open"):
            call.with_user(self.coordinator).action_called_back()

    def test_promises_of_other_cases_stay(self):
        other = self._make_case()
        promised = self._log(case=other, call_back_by=fields.Datetime.now() + timedelta(hours=1))
        self._log("reached")
        self.assertTrue(promised.is_call_back_open)

    # The window

    def _window(self, user=None):
        case = self.case.with_user(user or self.caseworker)
        action = case.action_log_call()
        self.assertEqual(action["target"], "new")
        model = self.env[action["res_model"]].with_user(user or self.caseworker)
        return Form(model.with_context(**action["context"]))

    def test_one_button_logs_the_call(self):
        self.resident.language_needed = "Spanish"
        for outcome in ("reached", "voicemail", "no_answer", "busy", "wrong_number", "call_back"):
            with self.subTest(outcome):
                window = self._window()
                self.assertEqual(window.phone, self.resident.phone)
                self.assertEqual(window.constituent_name, "Ana Rivera")
                self.assertEqual(window.language_needed, "Spanish")
                window.note = "n"
                window.duration = 3
                window.interpreter_used = True
                getattr(window.save(), f"action_{outcome}")()
                call = self.Call.search([], limit=1, order="id desc")
                self.assertEqual(call.outcome, outcome)
                self.assertEqual((call.note, call.duration, call.interpreter_used), ("n", 3, True))
                self.assertEqual(call.case_id, self.case)

    def test_who_wants_a_call_back_gets_a_day(self):
        with freeze_time(NOW):
            self._window().save().action_call_back()
        call = self.Call.search([], limit=1, order="id desc")
        # The end of the next working day, a Friday, in New York.
        self.assertEqual(call.call_back_by, datetime(2026, 11, 13, 22, 0))
        with freeze_time(NOW):
            window = self._window()
            window.call_back_by = NOW + timedelta(hours=1)
            window.save().action_call_back()
        call = self.Call.search([], limit=1, order="id desc")
        self.assertEqual(call.call_back_by, NOW + timedelta(hours=1))

    def test_buttons_lead_to_calls_and_case(self):
        call = self._log()
        action = self.case.action_calls()
        self.assertEqual(self.Call.search(action["domain"]), call)
        self.assertEqual(call.action_open_case()["res_id"], self.case.id)
        self.assertEqual(call.action_log_call()["context"], {"default_case_id": self.case.id})

    # Corrections

    def test_the_author_and_a_coordinator_correct(self):
        call = self._log(note="Wrong")
        call.note = "Right"
        self.assertEqual(self._notes()[-1], "Call corrected: Note")
        call.with_user(self.coordinator).outcome = "busy"
        self.assertEqual(self._notes()[-1], "Call corrected: Outcome")
        colleague = new_test_user(self.env, "t_colleague", f"{PREFIX}group_caseworker")
        self.streets.member_ids += colleague
        with self.assertRaisesRegex(AccessError, "was logged by Test Caseworker"):
            call.with_user(colleague).note = "Mine"

    def test_a_promise_that_moves_is_told(self):
        with freeze_time(NOW):
            call = self._log()
            call.call_back_by = NOW + timedelta(days=1)
        self.assertIn("call-back promised by 13 Nov 2026 10:00", self._notes()[-1])

    def test_what_a_call_keeps(self):
        call = self._log()
        for vals in (
            {"case_id": self._make_case().id},
            {"user_id": self.coordinator.id},
            {"partner_id": False},
            {"company_id": False},
            {"called_back_at": fields.Datetime.now()},
            {"called_back_id": call.id},
        ):
            for user in (self.caseworker, self.manager):
                with self.subTest(vals=vals, user=user.login), self.assertRaises(AccessError):
                    call.with_user(user).write(vals)
        for vals in (
            {"user_id": self.coordinator.id},
            {"called_back_at": fields.Datetime.now()},
        ):
            with self.subTest(vals=vals), self.assertRaises(AccessError):
                self._log(**vals)


class TestCallRights(CallSetup, ConstituentCommon):
    """Calls are seen and logged by whoever sees their case."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.own = cls.Case.with_user(cls.clerk).intake(
            [{"channel": "phone", "name": "Mine, a testtree", "partner_id": cls.resident.id}]
        )
        cls.triage = cls._make_case(name="Nobody can place it")
        cls.restricted = cls._make_case(confidentiality="restricted")
        cls.all = cls.case | cls.own | cls.triage | cls.restricted
        cls.calls = cls.Call.create(
            [{"case_id": case.id, "outcome": "reached"} for case in cls.all]
        )

    def test_each_role_sees_those_of_its_cases(self):
        for user, cases in (
            (self.clerk, self.own | self.triage),
            (self.caseworker, self.case | self.triage),
            (self.other_caseworker, self.own | self.triage),
            (self.coordinator, self.all - self.restricted),
            (self.manager, self.all - self.restricted),
            (self.confidant, self.all),
        ):
            with self.subTest(user=user.login):
                calls = self.Call.with_user(user).search([("id", "in", self.calls.ids)])
                self.assertEqual(calls.case_id, cases)
                for call in self.calls:
                    self.assertEqual(call.with_user(user).has_access("read"), call.case_id in cases)

    def test_nobody_logs_on_a_case_out_of_sight(self):
        for user, case in (
            (self.clerk, self.case),
            (self.caseworker, self.own),
            (self.other_caseworker, self.case),
            (self.coordinator, self.restricted),
        ):
            with (
                self.subTest(user=user.login),
                self.assertRaises(AccessError),
                self.env.cr.savepoint(),
            ):
                self._log(user=user, case=case)
        self.assertTrue(self._log(user=self.clerk, case=self.own))
        self.assertTrue(self._log(user=self.confidant, case=self.restricted))

    def test_a_hidden_promise_is_not_kept_by_strangers(self):
        call = self.calls.filtered(lambda call: call.case_id == self.restricted)
        call.sudo().call_back_by = fields.Datetime.now() + timedelta(hours=1)
        for method in ("action_called_back", "action_log_call", "action_open_case"):
            with self.subTest(method), self.assertRaises(AccessError):
                getattr(call.with_user(self.caseworker), method)()

    def test_outsiders_have_nothing(self):
        for user in (self.portal_user, self.internal_user, self.env.ref("base.public_user")):
            with self.subTest(user=user.login):
                with self.assertRaises(AccessError):
                    self.calls.with_user(user).read(["note"])
                with self.assertRaises(AccessError):
                    self._log(user=user)

    def test_other_offices_are_out_of_sight(self):
        company = self.env["res.company"].create({"name": "Harbor Authority"})
        case = self.Case.with_company(company).intake([{"name": "Harbor", "channel": "phone"}])
        self.assertEqual(case.company_id, company)
        call = self.Call.create({"case_id": case.id, "outcome": "reached"})
        self.assertEqual(call.company_id, company)
        self.assertFalse(call.with_user(self.manager).has_access("read"))
        with self.assertRaises(AccessError), self.env.cr.savepoint():
            self._log(user=self.manager, case=case)

    def test_contacts_out_of_sight_are_not_named(self):
        company = self.env["res.company"].create({"name": "Harbor Authority"})
        foreign = self.env["res.partner"].create({"name": "F", "company_id": company.id})
        with self.assertRaises(AccessError), self.env.cr.savepoint():
            self._log(partner_id=foreign.id)


class TestUnreachable(LetterSetup, CallSetup, ConstituentCommon):
    """After so many calls in vain a letter is offered, and only drafted."""

    def _miss(self, count, case=None):
        for _n in range(count):
            self._log("no_answer", case=case)
        (case or self.case).invalidate_recordset()

    def test_offered_after_three(self):
        self._miss(2)
        self.assertFalse(self.case.offers_unreachable_letter)
        self._miss(1)
        self.assertTrue(self.case.offers_unreachable_letter)
        self.assertEqual(self.case.unreached_count, 3)

    def test_speaking_to_them_begins_anew(self):
        for vals in ({"outcome": "reached"}, {"outcome": "no_answer", "direction": "in"}):
            with self.subTest(vals):
                case = self._make_case()
                self._miss(2, case)
                self._log(case=case, **vals)
                self._miss(2, case)
                self.assertEqual(case.unreached_count, 2)
                self.assertFalse(case.offers_unreachable_letter)

    def test_the_office_says_how_many(self):
        self.company.constituent_call_attempts = 1
        self._miss(1)
        self.assertTrue(self.case.offers_unreachable_letter)
        self.company.constituent_call_attempts = 0
        self.case.invalidate_recordset()
        self.assertFalse(self.case.offers_unreachable_letter)

    def test_not_offered_without_anybody_or_when_closed(self):
        nameless = self._make_case(identity="anonymous", partner_id=False)
        self._miss(3, nameless)
        self.assertFalse(nameless.offers_unreachable_letter)
        self._miss(3)
        self.case._close(self.outcome_resolved, "Done")
        self.case.invalidate_recordset()
        self.assertFalse(self.case.offers_unreachable_letter)

    def test_it_is_a_draft_that_says_how_to_reach_us(self):
        with freeze_time(NOW - timedelta(days=1)):
            self._miss(1)
        with freeze_time(NOW):
            self._miss(2)
            action = self.case.with_user(self.caseworker).action_unreachable_letter()
        letter = self.Letter.browse(action["res_id"])
        self.assertEqual(letter.state, "draft")
        self.assertEqual(letter.partner_id, self.resident)
        self.assertEqual(letter.subject, f"We could not reach you: {self.case.name}")
        for words in ("November 11", "November 12", self.case.number, "+1 555 0199"):
            self.assertIn(words, letter.body)
        self.case.invalidate_recordset()
        self.assertFalse(self.case.offers_unreachable_letter, "it is drafted")

    def test_without_a_telephone_it_asks_for_an_answer(self):
        self.company.phone = False
        self._miss(1)
        action = self.case.action_unreachable_letter()
        self.assertIn("Please answer this letter", self.Letter.browse(action["res_id"]).body)

    def test_not_without_a_call(self):
        with self.assertRaisesRegex(UserError, "no call was made in vain"):
            self.case.action_unreachable_letter()

    def test_a_cancelled_letter_counts_for_nothing(self):
        self._miss(3)
        action = self.case.with_user(self.caseworker).action_unreachable_letter()
        self.Letter.browse(action["res_id"]).action_cancel()
        self.case.invalidate_recordset()
        self.assertTrue(self.case.offers_unreachable_letter)
