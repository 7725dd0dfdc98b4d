"""What somebody might try with single letters of a batch: it is approved and sent as one."""

from freezegun import freeze_time

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import Form, tagged

from ..models import constituent_letter_batch_run as batch_run
from .batch_common import BatchSetup, BlackoutSetup
from .common import ConstituentCommon


@tagged("post_install", "-at_install")
class TestBatchFollowsItsLetters(BatchSetup, ConstituentCommon):
    """The rules look at the letters as they are written, not at what was chosen before."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.official = cls.env["res.partner"].create(
            {
                "name": "Test Official",
                "street": "1 City Hall Plaza",
                "city": "Example",
                "is_constituent": True,
                "constituent_role": "elected_official",
            }
        )

    def _line(self, batch):
        return batch.sudo().line_ids[0]

    def test_readdressed_it_leaves_the_batch(self):
        self._rule("To officials", self.counsel, addressee_role="elected_official")
        batch = self._written()
        letter = batch.line_ids[0].letter_id
        letter.write({"partner_id": self.official.id, "body": "<p>What nobody saw.</p>"})
        line = self._line(batch)
        self.assertEqual((line.state, batch.written_count), ("taken_out", 4))
        self.assertIn("goes to somebody else", line.error)
        batch.action_submit()
        self.assertFalse(batch.sudo().waiting_for_ids)
        self.assertNotIn("What nobody saw", batch.sample)
        letter.action_submit()
        self.assertEqual(letter.sudo().waiting_for_ids, self.counsel)
        with self.assertRaises(AccessError):
            letter.action_approve()

    def test_about_another_case_it_leaves_the_batch(self):
        self._rule("Claims", self.counsel, case_kind="claim")
        claim = self._make_case(partner_id=self.neighbors[0].id, kind="claim")
        claim.needs_counsel = False
        batch = self._written()
        letter = batch.line_ids[0].letter_id
        letter.case_id = claim
        self.assertEqual(self._line(batch).state, "taken_out")
        letter.action_submit()
        self.assertEqual(letter.sudo().waiting_for_ids, self.counsel)

    def test_through_the_case_it_leaves_the_batch(self):
        batch = self._written()
        letter = batch.line_ids[0].letter_id
        other = self._make_case(partner_id=self.neighbors[0].id)
        other.with_user(self.caseworker).write({"correspondence_ids": [Command.link(letter.id)]})
        self.assertEqual((letter.case_id, self._line(batch).state), (other, "taken_out"))

    def test_words_may_be_changed_and_the_addressee_said_again(self):
        batch = self._written()
        letter = batch.line_ids[0].letter_id
        letter.write(
            {
                "body": "<p>A better word.</p>",
                "partner_id": letter.partner_id.id,
                "case_id": letter.case_id.id,
            }
        )
        line = self._line(batch)
        self.assertEqual((line.state, line.digest), ("written", letter.sudo()._approval_digest()))
        batch.action_submit()
        self.assertIn("A better word", batch.sample)

    def test_the_rules_look_at_the_letters(self):
        """However an addressee or a case came into them, as when contacts became one."""
        self._rule("To officials", self.counsel, addressee_role="elected_official")
        self._rule("Claims", self.second, case_kind="claim")
        claim = self._make_case(partner_id=self.neighbors[1].id, kind="claim")
        claim.needs_counsel = False
        batch = self._written()
        letters = batch.sudo().line_ids.letter_id
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE constituent_correspondence SET partner_id = %s WHERE id = %s",
            (self.official.id, letters[0].id),
        )
        self.env.cr.execute(
            "UPDATE constituent_correspondence SET case_id = %s WHERE id = %s",
            (claim.id, letters[1].id),
        )
        self.env.invalidate_all()
        facts = batch._approval_facts()
        self.assertIn("elected_official", facts["roles"])
        self.assertIn("claim", facts["kinds"])
        batch.action_submit()
        self._read_and_approve(batch.with_user(self.counsel))
        self.assertEqual(batch.sudo().waiting_for_ids, self.second)

    def test_two_names_under_one_of_its_letters_ask_both(self):
        batch = self._written()
        letter = batch.line_ids[0].letter_id
        letter.signatory_ids = [Command.set((self.head | self.second).ids)]
        self.assertEqual(self._line(batch).state, "written")
        batch.action_submit()
        for _step in range(2):
            with self.assertRaises(AccessError):
                batch.action_approve()
            asked = batch.sudo().waiting_for_ids
            self.assertIn(asked, (self.head, self.second))
            self._read_and_approve(batch.with_user(asked))
        self.assertEqual(batch.state, "approved")

    def test_another_who_signs_stays(self):
        """As when somebody leaves, and hands over what is not sent yet."""
        batch = self._written()
        letters = batch.line_ids.letter_id
        letters.signatory_ids = [Command.set(self.second.ids)]
        self.assertEqual(batch.written_count, 5)
        self._rule("Who signs", approver_kind="signatories")
        batch.action_submit()
        self.assertEqual(batch.sudo().waiting_for_ids, self.second)


@tagged("post_install", "-at_install")
@freeze_time("2026-10-20 14:00:00")
class TestLettersOfABatchAlone(BlackoutSetup, ConstituentCommon):
    """A letter that waits to be sent with its batch does not go alone: that is mass mail."""

    def _approve(self, batch):
        batch.action_submit()
        self._read_and_approve(batch)
        return batch

    def _send_alone(self, letters):
        letters.action_submit()
        letters.action_approve()
        letters.action_send()
        self.assertEqual(set(letters.mapped("state")), {"sent"})

    def _assert_not_alone(self, batch):
        """Neither singly nor together, by none of the steps, nor when one was handed over."""
        letters = batch.line_ids.letter_id
        for some in (letters[0], letters):
            with self.assertRaisesRegex(UserError, "with its batch, “Test batch”"):
                some.action_submit()
        self.assertEqual(set(letters.mapped("state")), {"draft"})
        for state, steps in {
            "to_approve": ("action_approve", "action_approve_and_sign"),
            "approved": ("action_send",),
        }.items():
            letters[0].sudo()._advance(state)
            for step in steps:
                with self.subTest(step=step), self.assertRaisesRegex(UserError, "with its batch"):
                    getattr(letters[0], step)()
        letters[0].action_reset_draft()

    def test_its_form_says_so(self):
        batch = self._written()
        letter = batch.line_ids[0].letter_id.with_user(self.caseworker)
        self.assertIn(f"“{batch.name}”", Form(letter).batch_note)
        self.assertEqual(letter.action_open_batch()["res_id"], batch.id)
        self.assertFalse(self._make_letter().batch_note)
        self.assertFalse(self.Letter.new({"subject": "s"}).batch_note)
        batch.action_cancel()
        self.env.invalidate_all()
        self.assertFalse(letter.batch_note)

    def test_not_in_a_blackout(self):
        self._election()
        batch = self._unasked_written()
        with self.assertRaisesRegex(UserError, "General election"):
            batch.action_submit()
        self._assert_not_alone(batch)

    def test_not_while_it_is_decided_or_sent(self):
        batch = self._unasked_written()
        batch.action_submit()
        self._assert_not_alone(batch)
        self._read_and_approve(batch)
        self._assert_not_alone(batch)
        batch.action_send()
        self._assert_not_alone(batch)
        self._work(batch)
        self.assertEqual(batch.sent_count, 5, "with the batch they go")

    def test_not_while_it_is_paused(self):
        """A pause, by hand or by a blackout, holds for all of its letters."""
        self._rule("Counsel reads", self.counsel)
        batch = self._unasked_written()
        batch.action_submit()
        self._read_and_approve(batch.with_user(self.counsel))
        batch.action_send()
        batch.action_pause()
        self._assert_not_alone(batch)
        batch.action_send()
        self._election()
        self._work(batch)
        self.assertEqual(batch.state, "paused")
        self._assert_not_alone(batch)

    def test_in_the_window_of_many_letters(self):
        batch = self._unasked_written()
        letter = batch.line_ids[0].letter_id
        letter.sudo()._advance("to_approve")
        action = letter.action_read_and_decide()
        window = self.env[action["res_model"]].with_user(self.caseworker).browse(action["res_id"])
        with self.assertRaisesRegex(UserError, "with its batch"):
            window.action_approve_all()

    def test_taken_out_or_failed_it_goes(self):
        batch = self._unasked_written()
        batch.line_ids[0].action_take_out()
        batch.sudo().line_ids[1].write({"state": "failed", "error": "No paper"})
        self._send_alone(batch.line_ids[:2].letter_id)

    def test_of_a_batch_that_is_over_it_goes(self):
        cancelled = self._unasked_written()
        letters = cancelled.line_ids.letter_id
        cancelled.action_cancel()
        letters.action_reset_draft()
        self._send_alone(letters)
        ended = self._approve(self._unasked_written())
        ended.action_send()
        ended.action_pause()
        letters = ended.line_ids.letter_id
        ended.action_end()
        letters.action_reset_draft()
        self._send_alone(letters)

    def test_taken_out_it_counts(self):
        batch = self._unasked_written()
        self._election(threshold=5)
        lines = batch.line_ids[:2]
        lines.action_take_out()
        self.assertFalse(batch.blackout_note)
        self._send_alone(lines.letter_id)
        batch.invalidate_recordset()
        self.assertIn("there are 5", batch.blackout_note)
        with self.assertRaisesRegex(UserError, "General election"):
            batch.action_submit()

    def test_of_a_cancelled_batch_it_counts(self):
        """Also from a copy of the template; each once, by whichever way it went."""
        batch = self._unasked_written(template_id=self.template.copy().id)
        letters = batch.line_ids.letter_id
        batch.action_cancel()
        letters.action_reset_draft()
        self._send_alone(letters)
        self._election(threshold=6)
        self.assertIn("there are 10", self._unasked_written().blackout_note)

    def test_sent_with_the_batch_each_counts_once(self):
        batch = self._approve(self._unasked_written())
        batch.action_send()
        self.patch(batch_run, "SEND_SLICE", 2)
        batch.with_user(self.env.ref("base.user_root"))._work(lambda _done: 0)
        batch.invalidate_recordset()
        batch.action_pause()
        self.assertEqual(batch.sent_count, 2)
        self._election(threshold=6)
        self.assertFalse(batch.blackout_note, "two sent and three to be sent are five")

    def test_an_answer_that_went_alone_does_not_count(self):
        batch = self._written()
        letters = batch.line_ids.letter_id
        batch.action_cancel()
        letters.action_reset_draft()
        self._send_alone(letters)
        self._election(threshold=6)
        unasked = self._unasked_written()
        self.assertFalse(unasked.blackout_note)

    def test_an_answer_to_somebody_else_counts(self):
        batch = self._written()
        letter = batch.line_ids[0].letter_id
        letter.write({"partner_id": self.resident.id, "case_id": False})
        self._send_alone(letter)
        self._election(threshold=6)
        self.assertIn("there are 6", self._unasked_written().blackout_note)


@tagged("post_install", "-at_install")
@freeze_time("2026-10-20 14:00:00")
class TestFailedBeforeTheApproval(BatchSetup, ConstituentCommon):
    """What failed under one approval is not sent under the next, of people who read none of it."""

    def test_not_by_trying_again(self):
        batch = self._approved_batch()
        batch.action_send()
        batch.action_pause()
        line = batch.sudo().line_ids[0]
        line.write({"state": "failed", "error": "No paper"})
        self._rule("Counsel reads", self.counsel)
        batch.action_send()
        self.assertEqual(batch.state, "written", "the rule asks for another approval")
        batch.action_submit()
        self.assertEqual((line.state, line.error), ("taken_out", "No paper"))
        self._read_and_approve(batch.with_user(self.counsel))
        batch.action_send()
        self._work(batch)
        self.assertEqual((batch.state, batch.sent_count), ("done", 4))
        with self.assertRaisesRegex(UserError, "Nothing failed"):
            batch.action_retry()
        letter = line.letter_id.with_user(self.caseworker)
        letter.action_submit()
        self.assertEqual(letter.sudo().waiting_for_ids, self.counsel)


@tagged("post_install", "-at_install")
class TestSampleOfSeveralCases(BatchSetup, ConstituentCommon):
    """A letter that also answers a case that became restricted is in nobody's sample."""

    def setUp(self):
        super().setUp()
        self.batch = self._written()
        self.further = self._make_case(
            partner_id=self.neighbors[0].id, user_id=self.caseworker.id, name="Further matter"
        )
        letter = self.batch.line_ids[0].letter_id
        letter.write(
            {
                "also_case_ids": [Command.set(self.further.ids)],
                "body": "<p>Words on the further matter.</p>",
            }
        )
        self.assertIn("Words on the further", self.batch.sample)
        self.further.with_user(self.confidant).confidentiality = "restricted"
        self.env.flush_all()
        self.env.invalidate_all()

    def test_not_shown(self):
        for user in (self.caseworker, self.coordinator, self.manager):
            shown = self.batch.with_user(user).read(["sample"])[0]["sample"]
            with self.subTest(user=user.login):
                self.assertNotIn("Words on the further", shown)
                self.assertIn(self.cases[1].name, shown)

    def test_the_others_are_read_and_sent(self):
        self._rule("Head", approver_kind="head")
        self.batch.action_submit()
        action = self.batch.with_user(self.head).action_read_sample()
        window = self.env[action["res_model"]].with_user(self.head).browse(action["res_id"])
        self.assertEqual(len(window.line_ids), 4)
        window.action_approve_all()
        self.batch.action_send()
        self._work(self.batch)
        self.assertEqual((self.batch.sent_count, self.batch.failed_count), (4, 1))
        failed = self.batch.sudo().line_ids.filtered(lambda line: line.state == "failed")
        self.assertIn("restricted", failed.error)
