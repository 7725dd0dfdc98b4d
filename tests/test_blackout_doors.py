"""What somebody might try to send mass mail in a blackout, beside a manager's word."""

from freezegun import freeze_time

from odoo.exceptions import UserError
from odoo.fields import Datetime
from odoo.tests import tagged

from .batch_common import NEWS, BlackoutSetup
from .common import ConstituentCommon

PARKING = """<p>Snow emergencies are called by radio. Whoever parks on a marked road has an hour to
move the car, and finds it at the pound in Harbor Lane after that.</p>"""


@tagged("post_install", "-at_install")
@freeze_time("2026-10-20 14:00:00")
class TestBlackoutDoors(BlackoutSetup, ConstituentCommon):
    def _overridden(self):
        batch = self._unasked_written()
        batch.with_user(self.manager)._override_blackout("Boil water")
        return batch

    def test_an_override_is_of_the_batch_as_it_is(self):
        self._election()
        batch = self._overridden()
        self.assertFalse(batch.blackout_note)
        batch.action_reset_draft()
        self.assertFalse(batch.override_reason)
        batch.template_id = self.template.copy({"body": PARKING})
        batch.action_prepare()
        self._work(batch)
        with self.assertRaisesRegex(UserError, "General election"):
            batch.action_submit()

    def test_sent_back_an_override_stays(self):
        self._election()
        batch = self._overridden()
        batch.action_submit()
        batch.action_reject("A comma, please.")
        self.assertEqual(batch.override_reason, "Boil water")
        batch.action_submit()

    def test_no_override_in_advance(self):
        batch = self._unasked()
        manager = batch.with_user(self.manager)
        with self.assertRaisesRegex(UserError, "no blackout stops it"):
            manager._override_blackout("Just in case")
        self._election()
        with self.assertRaisesRegex(UserError, "write the letters first"):
            manager._override_blackout("Before anybody is added")
        self.assertFalse(batch.override_reason)

    def _send(self, batch):
        batch.action_submit()
        self._read_and_approve(batch)
        batch.action_send()
        self._work(batch)
        self.assertEqual(batch.state, "done")

    def test_a_copy_of_the_template_counts_with_it(self):
        self._election(threshold=8)
        self._send(self._unasked_written())
        nearly = self.template.copy({"body": NEWS.replace("from noon", "from one o'clock")})
        with self.assertRaisesRegex(UserError, "there are 10"):
            self._unasked_written(template_id=nearly.id).action_submit()

    def test_another_letter_does_not(self):
        self._election(threshold=8)
        self._send(self._unasked_written())
        other = self.template.copy({"body": PARKING})
        batch = self._unasked_written(template_id=other.id)
        self.assertFalse(batch.blackout_note)
        self._send(batch)

    def test_a_letter_of_another_blackout_does_not_count(self):
        with freeze_time("2026-05-01 14:00:00"):
            self._send(self._unasked_written())
        self._election(threshold=8)
        nearly = self.template.copy()
        self.assertFalse(self._unasked_written(template_id=nearly.id).blackout_note)

    def test_what_was_closed_long_ago_is_not_answered(self):
        """All closed cases of a year are an address list, not inquiries."""
        self.cases.department_id = self.streets
        self.env.flush_all()
        for case, closed_at in zip(
            self.cases,
            ("2026-01-10", "2026-07-21", "2026-07-23", "2026-10-19", False),
            strict=True,
        ):
            if closed_at:
                self.env.cr.execute(
                    "UPDATE constituent_case SET status = 'closed', closed_at = %s WHERE id = %s",
                    (Datetime.to_datetime(closed_at), case.id),
                )
        self.env.invalidate_all()
        batch = self._batch()
        lines = batch.sudo().line_ids.sorted(lambda line: line.case_id.id)
        self.assertEqual(lines.mapped("is_answer"), [False, False, True, True, True])
        self._election(threshold=2)
        self.assertIn("there are 2", batch.blackout_note)

    def test_an_election_that_has_begun_is_not_deleted(self):
        election = self._election().with_user(self.manager)
        with self.assertRaisesRegex(UserError, "has begun and is kept"):
            election.unlink()
        self._election(date_to="2027-11-02").with_user(self.manager).unlink()

    def test_its_changes_stay(self):
        election = self._election().with_user(self.manager)
        self.flush_tracking()
        election.write({"threshold": 5000, "date_to": "2026-11-10"})
        self.flush_tracking()
        values = election.message_ids.sudo().tracking_value_ids
        self.assertEqual(
            sorted(values.mapped("field_id.name")), ["date_to", "threshold"], "who reads sees it"
        )
        self.assertEqual(election.message_ids[0].author_id, self.manager.partner_id)
