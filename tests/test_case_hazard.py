from datetime import datetime
from unittest.mock import patch

from freezegun import freeze_time

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tools import mute_logger

from .common import ConstituentCommon

# A Thursday in New York: 10:00, 22:00, and the Saturday after
OPEN = datetime(2026, 11, 12, 15, 0)
NIGHT = datetime(2026, 11, 13, 3, 0)
WEEKEND = datetime(2026, 11, 14, 15, 0)


class TestOfficeHours(ConstituentCommon):
    """Closed is closed: by the working hours of the office or of a department."""

    def _closed(self, moment, calendar_id=False):
        with freeze_time(moment):
            return self.company._is_after_hours(calendar_id)

    def test_working_hours(self):
        self.assertFalse(self._closed(OPEN))
        self.assertTrue(self._closed(NIGHT))
        self.assertTrue(self._closed(WEEKEND))

    def test_holidays(self):
        self.env["resource.calendar.leaves"].create(
            {
                "name": "Holiday",
                "calendar_id": self.company.resource_calendar_id.id,
                "date_from": datetime(2026, 11, 12, 5, 0),
                "date_to": datetime(2026, 11, 13, 4, 59),
            }
        )
        self.assertTrue(self._closed(OPEN))

    def test_without_working_hours(self):
        self.company.resource_calendar_id = False
        self.assertFalse(self._closed(OPEN))
        self.assertFalse(self._closed(WEEKEND))
        self.assertTrue(self._closed(NIGHT))

    def test_a_departments_own_hours(self):
        calendar = self.env["resource.calendar"].create(
            {
                "name": "Night shift",
                "tz": "America/New_York",
                "attendance_ids": [
                    Command.create(
                        {
                            "name": "Night",
                            "dayofweek": "3",
                            "hour_from": 20,
                            "hour_to": 23,
                            "day_period": "afternoon",
                        }
                    )
                ],
            }
        )
        self.assertFalse(self._closed(NIGHT, calendar.id))
        self.assertTrue(self._closed(OPEN, calendar.id))
        self.streets.resource_calendar_id = calendar
        self.assertEqual(self._make_case()._calendar_id(), calendar.id)

    def test_the_desk_says_whom_to_call(self):
        self.company.constituent_emergency_text = "Call 911."
        desk = self.Case.with_user(self.clerk)
        with freeze_time(NIGHT):
            self.assertEqual(
                desk.phone_desk_office(),
                {"after_hours": True, "emergency": "Call 911.", "phone": "+1 555 0100"},
            )
        with freeze_time(OPEN):
            self.assertFalse(desk.phone_desk_office()["after_hours"])
        for user in (self.portal_user, self.internal_user):
            with self.subTest(user.login), self.assertRaises(AccessError):
                self.Case.with_user(user).phone_desk_office()


class TestDeskCall(ConstituentCommon):
    """A call at the telephone desk is logged with its case."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.desk = cls.Case.with_user(cls.clerk)

    def _save(self, key="k", **vals):
        values = {"name": "A testpothole", "partner_id": self.resident.id, **vals}
        with freeze_time(OPEN):
            return self.Case.browse(self.desk.phone_desk_save(values, key)["id"])

    def test_an_incoming_call_is_logged(self):
        case = self._save(interpreter_used=True, language=" Spanish ")
        call = case.call_ids
        self.assertEqual((call.direction, call.outcome), ("in", "reached"))
        self.assertEqual(call.user_id, self.clerk)
        self.assertEqual(call.partner_id, self.resident)
        self.assertTrue(call.interpreter_used)
        self.assertEqual(call.language, "Spanish")
        self.assertFalse(call.is_call_back_open)
        notes = case.event_ids.filtered(lambda event: event.kind == "call").mapped("note")
        self.assertEqual(notes, ["Incoming, Reached, with an interpreter, Spanish"])

    def test_saved_twice_it_is_one_call(self):
        self.assertEqual(self._save(), self._save())
        self.assertEqual(len(self._save().call_ids), 1)

    def test_the_promise_is_of_the_offices_time(self):
        case = self._save(call_back_by="2026-11-12T15:30")
        self.assertEqual(case.call_ids.call_back_by, datetime(2026, 11, 12, 20, 30))

    def test_a_promise_that_cannot_be_kept_is_refused(self):
        before = self.Case.search_count([])
        for value, words in (
            ("2026-11-12T09:00", "has passed already"),
            ("soon", "is not a date and time"),
            (["2026"], "is not a date and time"),
        ):
            with self.subTest(value), self.assertRaisesRegex(UserError, words):
                self._save(key=str(value), call_back_by=value)
        self.assertEqual(self.Case.search_count([]), before, "nothing is half saved")

    def test_nameless_callers(self):
        case = self._save(partner_id=False, identity="anonymous")
        self.assertFalse(case.call_ids.partner_id)
        case = self._save(
            key="c", partner_id=False, identity="confidential", partner_phone="555 0123"
        )
        self.assertEqual(case.call_ids.phone, "555 0123")


class TestHazard(ConstituentCommon):
    """A new hazard is told to whoever is on call, at once and without a name."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.pothole.is_hazard = True
        cls.company.constituent_on_call_user_id = cls.coordinator
        cls.streets.on_call_user_id = cls.caseworker

    def _report(self, moment=NIGHT, **vals):
        with freeze_time(moment), self.mock_mail_gateway():
            case = self._make_case(**vals)
            self.env.flush_all()
        self.alerts = self.env["mail.message"].search(
            [
                ("model", "=", "constituent.case"),
                ("res_id", "=", case.id),
                ("subject", "like", "Hazard"),
            ]
        )
        return case

    def _notes(self, case, kind="alert"):
        return case.event_ids.filtered(lambda event: event.kind == kind).mapped("note")

    def _alerted(self):
        return self.alerts.partner_ids.user_ids

    def test_at_night_the_departments_person(self):
        case = self._report()
        self.assertEqual(self._alerted(), self.caseworker)
        self.assertEqual(self.alerts.subject, f"Hazard reported: {case.number}")
        mail = self._new_mails.filtered(lambda mail: mail.mail_message_id == self.alerts)
        self.assertTrue(mail, "a mail, whatever the person prefers")
        for text in (self.alerts.body, str(mail.body_html)):
            self.assertIn(case.number, text)
            self.assertNotIn("Rivera", text)
            self.assertNotIn("Main Street", text)
        self.assertEqual(case.activity_ids.user_id, self.caseworker)
        self.assertEqual(self._notes(case), ["Hazard: Test Caseworker, on call, was alerted"])

    def test_who_reads_in_the_office_is_mailed_all_the_same(self):
        self.caseworker.notification_type = "inbox"
        self._report()
        self.assertEqual(self.alerts.notification_ids.notification_type, "email")

    def test_in_office_hours_only_where_the_office_wants_it(self):
        self.assertFalse(self._notes(self._report(OPEN)))
        self.company.constituent_hazard_alert = "always"
        self.assertTrue(self._notes(self._report(OPEN)))
        self.company.constituent_hazard_alert = "never"
        self.assertFalse(self._notes(self._report(NIGHT)))

    def test_the_offices_person_where_the_department_names_nobody(self):
        self.streets.on_call_user_id = False
        self._report()
        self.assertEqual(self._alerted(), self.coordinator)

    def test_a_person_who_left_is_not_on_call(self):
        self.caseworker.active = False
        self._report()
        self.assertEqual(self._alerted(), self.coordinator)

    def test_who_may_not_see_the_case_gives_way(self):
        self.company.constituent_on_call_user_id = self.confidant
        case = self._report(confidentiality="restricted")
        self.assertEqual(self._alerted(), self.confidant)
        self.assertEqual(case.activity_ids.user_id, self.confidant)

    def test_nobody_who_may_see_it_gets_the_number_only(self):
        case = self._report(confidentiality="restricted")
        self.assertEqual(self._alerted(), self.caseworker)
        self.assertIn(case.number, self.alerts.body)
        self.assertIn("call the office's coordinator", self.alerts.body)
        mail = self._new_mails.filtered(lambda mail: mail.mail_message_id == self.alerts)
        for words in (self.pothole.name, case.name):
            self.assertNotIn(words, str(mail.body_html))
        self.assertFalse(case.activity_ids)

    def test_nobody_on_call_is_said(self):
        self.streets.on_call_user_id = self.company.constituent_on_call_user_id = False
        case = self._report()
        self.assertFalse(self.alerts)
        self.assertIn("nobody is on call", self._notes(case, "error")[0])

    def test_other_cases_alert_nobody(self):
        for vals in (
            {"name": "A testtree fell"},
            {"mode": "import"},
            {"mode": "test"},
        ):
            with self.subTest(vals):
                case = self._report(**vals)
                self.assertFalse(self.alerts)
                self.assertFalse(self._notes(case))

    def test_a_category_that_becomes_a_hazard_counts_at_once(self):
        self._report(name="A testtree fell")
        self.assertFalse(self.alerts)
        self.tree.is_hazard = True
        self._report(name="A testtree fell")
        self.assertTrue(self.alerts)

    def test_a_clerk_may_raise_the_alarm(self):
        with freeze_time(NIGHT), self.mock_mail_gateway():
            desk = self.Case.with_user(self.clerk)
            saved = desk.phone_desk_save({"name": "A testpothole", "identity": "anonymous"}, "k")
        self.assertTrue(self._notes(self.Case.browse(saved["id"])))

    @mute_logger("odoo.addons.constituent_services.models.constituent_case_hazard")
    def test_a_failing_alert_loses_no_case(self):
        with patch.object(type(self.Case), "_on_call_user", side_effect=ValueError):
            case = self._report()
        self.assertTrue(case.number)
        self.assertIn("could not be alerted", self._notes(case, "error")[0])

    def test_nobody_forges_the_alerts_context(self):
        """A key in a context that a caller sends opens nothing."""
        case = self._make_case()
        told = {"uid": self.other_caseworker.id, "share": False}
        for value in (True, "ALERT", 1):
            self.assertFalse(case.with_context(constituent_alert=value)._may_be_told(told))
