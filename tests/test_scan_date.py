"""The day paper came in, when it is long past."""

from datetime import date

from freezegun import freeze_time

from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged

from .common import ConstituentCommon
from .scan_common import ScanSetup

TODAY = "2026-11-27 20:00:00"


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestScanDate(ScanSetup, ConstituentCommon):
    def test_what_is_said_of_which_day(self):
        for day, said, long_ago in (
            ("2026-11-27", False, False),
            ("2026-10-28", False, False),
            ("2026-10-27", "October 27, 2026, 31 days ago", False),
            ("2025-11-27", "365 days ago", False),
            ("2025-11-26", "November 26, 2025, more than a year ago", True),
            ("2006-11-27", "November 27, 2006, more than a year ago", True),
        ):
            with self.subTest(day=day):
                scan = self._make_scan(received_on=day)
                self.assertEqual(scan.is_long_ago, long_ago)
                self.assertIn(said, scan.date_note) if said else self.assertFalse(scan.date_note)

    def test_the_day_is_the_offices(self):
        # Still the 26th in New York.
        with freeze_time("2026-11-27 03:00:00"):
            self.assertFalse(self._make_scan(received_on="2026-10-27").date_note)
            self.assertFalse(self._make_scan(received_on="2025-11-26").is_long_ago)

    def test_up_to_a_year_it_is_only_said(self):
        scan = self._make_scan(received_on="2025-11-27")
        scan.action_register()
        self.assertEqual(scan.state, "registered")
        self.assertFalse(scan.date_note, "it is sealed now")
        letter = scan.piece_ids.correspondence_id
        self.assertEqual(letter.received_on, date(2025, 11, 27))

    def test_a_wrong_year_is_refused(self):
        scan = self._make_scan(received_on="2006-11-27")
        with self.assertRaisesRegex(UserError, "morning post.pdf: received on November 27, 2006"):
            scan.action_register()
        self.assertEqual(scan.state, "draft")
        self.assertFalse(scan.piece_ids.correspondence_id)
        scan.received_on = "2026-11-27"
        scan.action_register()
        self.assertEqual(scan.piece_ids.correspondence_id.reference, "I-2026-000001")

    def test_unless_somebody_says_it_is_right(self):
        scan = self._make_scan(received_on="2006-11-27")
        scan.date_confirmed = True
        scan.action_register()
        letter = scan.piece_ids.correspondence_id
        self.assertEqual(letter.received_on, date(2006, 11, 27))
        self.assertTrue(scan.date_confirmed)
        for user in (self.clerk, self.manager, self.env.ref("base.user_root")):
            with self.subTest(user=user.login), self.assertRaises(UserError):
                scan.with_user(user).date_confirmed = False

    def test_another_day_is_asked_again(self):
        scan = self._make_scan(received_on="2006-11-27", date_confirmed=True)
        self.assertTrue(scan.date_confirmed)
        scan.write({"received_on": "2005-11-27"})
        self.assertFalse(scan.date_confirmed)
        with self.assertRaises(UserError):
            scan.action_register()
        scan.write({"received_on": "2004-11-27", "date_confirmed": True})
        self.assertTrue(scan.date_confirmed)

    def test_in_the_form(self):
        scan = self._make_scan()
        with Form(scan) as form:
            self.assertFalse(form.date_note)
            form.received_on = date(2026, 9, 1)
            self.assertIn("87 days ago", form.date_note)
            self.assertFalse(form.is_long_ago)
            form.received_on = date(2006, 11, 27)
            self.assertIn("more than a year ago", form.date_note)
            form.date_confirmed = True
            form.received_on = date(2016, 11, 27)
            self.assertFalse(form.date_confirmed)
            form.date_confirmed = True
        self.assertTrue(scan.date_confirmed)

    def test_not_for_others_to_confirm(self):
        scan = self._make_scan(received_on="2006-11-27")
        for user in (self.caseworker, self.internal_user, self.portal_user):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                scan.with_user(user).write({"date_confirmed": True})
