"""A batch beside its straight way: read before it is decided on, taken back, ended early."""

from freezegun import freeze_time

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from ..models import constituent_letter_batch_run as batch_run
from .batch_common import BatchSetup
from .common import ConstituentCommon


@tagged("post_install", "-at_install")
class TestSampleRead(BatchSetup, ConstituentCommon):
    """The server, not the form, asks that whoever decides has opened the sample."""

    def _submitted_batch(self):
        batch = self._written()
        batch.action_submit()
        return batch

    def _reads(self, batch):
        return batch.sudo().approval_ids.filtered(lambda row: row.decision == "read")

    def test_not_approved_unread(self):
        batch = self._submitted_batch()
        window = self.env["constituent.approval.wizard"].with_user(self.caseworker)
        window = window.create({"batch_id": batch.id, "batch_digest": batch.content_digest})
        known = batch.with_context(constituent_read_digest=batch.content_digest)
        for name, approve in {
            "call": batch.action_approve,
            "signed": batch.action_approve_and_sign,
            "digest": known.action_approve,
            "window": window.action_approve_all,
        }.items():
            with self.subTest(door=name), self.assertRaisesRegex(UserError, "read the sample"):
                approve()
        self.assertEqual(batch.state, "to_approve")

    def test_the_reading_is_kept(self):
        batch = self._submitted_batch()
        batch.action_read_sample()
        batch.action_read_sample()
        row = self._reads(batch)
        self.assertEqual((len(row), row.user_id), (1, self.caseworker))
        self.assertEqual(row.digest, batch.content_digest)
        self.assertIn("Sample Read", batch.approval_trail)
        batch.action_approve()
        self.assertEqual(batch.state, "approved")

    def test_each_who_decides_reads(self):
        self._rule("Both", self.counsel, self.second, needs_all=True)
        batch = self._submitted_batch()
        self._read_and_approve(batch.with_user(self.counsel))
        with self.assertRaisesRegex(UserError, "read the sample"):
            batch.with_user(self.second).action_approve()
        self._read_and_approve(batch.with_user(self.second))
        self.assertEqual(batch.state, "approved")

    def test_what_changed_since_is_read_again(self):
        batch = self._submitted_batch()
        batch.action_read_sample()
        letter = batch.sudo().line_ids[0].letter_id
        letter.with_user(self.caseworker).body = "<p>Another word.</p>"
        with self.assertRaisesRegex(UserError, "read the sample"):
            batch.action_approve()
        self._read_and_approve(batch)
        self.assertEqual(len(self._reads(batch)), 2)

    def test_submitted_again_it_is_read_again(self):
        batch = self._submitted_batch()
        batch.action_read_sample()
        batch.action_reject("Shorter, please.")
        batch.action_submit()
        with self.assertRaisesRegex(UserError, "read the sample"):
            batch.action_approve()

    def test_it_may_be_sent_back_unread(self):
        batch = self._submitted_batch()
        batch.action_reject("Not before the council has met.")
        self.assertEqual(batch.state, "written")


@tagged("post_install", "-at_install")
class TestBatchBack(BatchSetup, ConstituentCommon):
    """There is a way out of every state in which nobody works on it."""

    def _letters(self, batch):
        return batch.sudo().line_ids.letter_id

    def test_chosen_again_after_reading(self):
        batch = self._written()
        letters = self._letters(batch)
        batch.action_reset_draft()
        self.assertEqual((batch.state, batch.waiting_count), ("draft", 5))
        self.assertEqual(set(letters.mapped("state")), {"cancelled"})

    def test_chosen_again_after_it_was_sent_back(self):
        batch = self._written()
        batch.action_submit()
        batch.action_reject("Another template, please.")
        batch.action_reset_draft()
        batch.template_id = self.template.copy({"name": "Shorter"})
        batch.action_prepare()
        self._work(batch)
        self.assertEqual(batch.written_count, 5)

    def test_cancelled_with_its_drafts(self):
        for steps in ((), ("action_submit",)):
            batch = self._written()
            letters = self._letters(batch)
            for step in steps:
                getattr(batch, step)()
            batch.action_cancel()
            self.assertEqual(batch.state, "cancelled")
            self.assertEqual(set(letters.mapped("state")), {"cancelled"})
            self.assertFalse(self._letters(batch))

    def test_a_letter_taken_out_stays(self):
        batch = self._written()
        line = batch.line_ids[0]
        line.action_take_out()
        batch.action_cancel()
        self.assertEqual(line.sudo().letter_id.state, "draft", "it goes on by itself")

    def test_not_while_it_is_worked_on(self):
        batch = self._batch()
        batch.action_prepare()
        for step in ("action_reset_draft", "action_cancel", "action_end"):
            with self.subTest(step=step), self.assertRaisesRegex(UserError, "not open"):
                getattr(batch, step)()

    def _paused(self):
        batch = self._approved_batch()
        batch.action_send()
        self.patch(batch_run, "SEND_SLICE", 2)
        batch.with_user(self.env.ref("base.user_root"))._work(lambda _done: 0)
        batch.invalidate_recordset()
        batch.action_pause()
        return batch

    def test_ended_early(self):
        batch = self._paused()
        letters = self._letters(batch)
        with self.assertRaises(AccessError):
            batch.with_user(self.clerk).action_end()
        batch.action_end()
        self.assertEqual((batch.state, batch.sent_count, batch.taken_out_count), ("done", 2, 3))
        self.assertTrue(batch.finished_at)
        self.assertEqual(sorted(letters.mapped("state")), ["cancelled"] * 3 + ["sent"] * 2)
        left = batch.sudo().line_ids.filtered(lambda line: line.state == "taken_out")
        self.assertEqual(set(left.mapped("error")), {"The batch was ended before."})
        self.assertIn("2 sent, 3 not sent", batch.message_ids[0].body)
        self._work(batch)
        self.assertEqual(batch.sent_count, 2)
        with self.assertRaisesRegex(UserError, "Nothing failed"):
            batch.action_retry()

    @freeze_time("2026-10-20 14:00:00")
    def test_a_rule_made_meanwhile_is_not_passed_by_trying_again(self):
        batch = self._paused()
        waiting = batch.sudo().line_ids.filtered(lambda line: line.state == "written")
        waiting[0].state = "failed"
        self._rule("Counsel", self.counsel)
        answer = batch.action_retry()
        self.assertEqual(answer["params"]["type"], "danger")
        self.assertEqual(batch.state, "written")
        batch.action_submit()
        self.assertEqual(batch.sudo().waiting_for_ids, self.counsel)
        self._read_and_approve(batch.with_user(self.counsel))
        batch.action_send()
        self._work(batch)
        self.assertEqual((batch.state, batch.sent_count), ("done", 5))

    def test_what_was_never_written_is_not_sent_by_trying_again(self):
        batch = self._written(cases=self.cases | self._without_address())
        batch.action_submit()
        self._read_and_approve(batch)
        batch.action_send()
        self._work(batch)
        self.assertEqual((batch.state, batch.failed_count), ("done", 1))
        with self.assertRaisesRegex(UserError, "never written"):
            batch.action_retry()
        self.assertEqual(batch.state, "done")
