"""A batch: chosen, written, read in a sample, approved as one, sent in slices."""

import gc

from freezegun import freeze_time

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import tagged
from odoo.tools import mute_logger

from ..models import constituent_letter_batch_run as batch_run
from .batch_common import BatchSetup
from .common import ConstituentCommon


@tagged("post_install", "-at_install")
class TestBatch(BatchSetup, ConstituentCommon):
    def _states(self, batch):
        return sorted(batch.sudo().line_ids.mapped("state"))

    def test_the_whole_way(self):
        batch = self._written()
        self.assertEqual(batch.state, "written")
        letters = batch.sudo().line_ids.letter_id
        self.assertEqual(set(letters.mapped("state")), {"draft"})
        for case, letter in zip(self.cases, letters.sorted("id"), strict=True):
            self.assertEqual((letter.case_id, letter.partner_id), (case, case.partner_id))
            self.assertEqual(letter.subject, f"About {case.number}")
            self.assertIn(case.name, letter.body)
        self.assertEqual(batch.progress, 0, "nothing is being done")
        batch.action_submit()
        self.assertEqual(batch.state, "to_approve")
        self._read_and_approve(batch)
        batch.action_send()
        self.assertEqual(batch.progress, 0)
        self._work(batch)
        self.assertEqual(batch.state, "done")
        self.assertEqual(self._states(batch), ["sent"] * 5)
        self.assertEqual(set(letters.mapped("state")), {"sent"})
        self.assertEqual(len(set(letters.mapped("reference"))), 5)
        self.assertEqual(set(letters.mapped("sent_by_id")), {self.caseworker})
        self.assertEqual(batch.progress, 100)

    def test_chosen_by_a_filter(self):
        batch = self._batch(cases=self.Case)
        batch.case_domain = f"[('id', 'in', {self.cases[:3].ids})]"
        batch.action_add()
        batch.action_add()
        self.assertEqual(batch.line_count, 3, "each once")
        for text, words in (("[]", "everybody"), ("[('id'", "cannot be read"), ("1/0", "read")):
            batch.case_domain = text
            with self.assertRaisesRegex(UserError, words):
                batch.action_add()

    def test_chosen_in_a_list(self):
        action = (
            self.env["constituent.letter.batch"]
            .with_user(self.caseworker)
            ._open_for(self.cases.with_user(self.caseworker))
        )
        batch = self.env["constituent.letter.batch"].browse(action["res_id"])
        self.assertEqual(batch.line_count, 5)

    def test_only_what_the_user_sees_and_nothing_restricted(self):
        hidden = self._make_case(name="testtree", partner_id=self.neighbors[0].id)
        with self.assertRaises(AccessError):
            self._batch(cases=hidden)
        restricted = self._make_case(confidentiality="restricted")
        anonymous = self._make_case(partner_id=False, identity="anonymous")
        batch = self._batch(user=self.confidant, cases=restricted | anonymous)
        self.assertFalse(batch.line_count)

    def test_constituents_without_a_case(self):
        self.template.write({"subject": "News", "body": "<p>The library opens on Sundays.</p>"})
        batch = self._batch(cases=self.Case)
        batch.choose_from = "res.partner"
        batch.partner_domain = f"[('id', 'in', {self.neighbors.ids})]"
        batch.action_add()
        batch.action_prepare()
        self._work(batch)
        self.assertEqual(batch.written_count, 5)
        letter = batch.sudo().line_ids[0].letter_id
        self.assertIn("on Sundays", letter.body)
        self.assertFalse(letter.case_id)

    def test_what_a_template_says_of_no_case(self):
        batch = self._batch(cases=self.Case)
        batch._add(self.neighbors[:1].with_user(self.caseworker))
        batch.action_prepare()
        self._work(batch)
        self.assertIn("object.number", batch.sudo().line_ids.error)

    def test_a_subject_of_a_case_alone_is_said_to_be_empty_for_none(self):
        self.template.subject = "{{ object.number }}"
        batch = self._batch(cases=self.Case)
        batch._add(self.neighbors[:1].with_user(self.caseworker))
        batch.action_prepare()
        self._work(batch)
        error = batch.sudo().line_ids.error
        self.assertIn("object.number", error)
        self.assertNotIn("subject is missing", error)
        # Who wrote the batch is not told to read what is not there.
        self.assertIn("0 letters are written, 1 failed", batch.message_ids[0].body)

    def test_a_letter_without_a_subject_has_a_name_in_what_is_missing(self):
        letter = self._make_letter()
        letter.subject = " "
        with self.assertRaisesRegex(UserError, "^This letter: the subject is missing"):
            letter.action_submit()

    def test_what_fails_is_named_and_the_others_go_on(self):
        batch = self._batch(cases=self.cases | self._without_address())
        batch.action_prepare()
        self._work(batch)
        self.assertEqual((batch.written_count, batch.failed_count), (5, 1))
        failed = batch.sudo().line_ids.filtered(lambda line: line.state == "failed")
        self.assertIn("no mailing address", failed.error)
        self.assertFalse(failed.letter_id, "nothing half made")
        failed.partner_id.write({"street": "1 Street", "city": "Example"})
        batch.action_retry()
        self._work(batch)
        self.assertEqual((batch.written_count, batch.failed_count), (6, 0))

    def test_an_error_of_the_program_is_noted_without_its_text(self):
        batch = self._batch()
        batch.action_prepare()
        template = type(self.template)
        self.patch(template, "_letter_vals", lambda *_args: {}["Ana Rivera"])
        with mute_logger("odoo.addons.constituent_services.models.constituent_letter_batch_run"):
            self._work(batch)
        self.assertEqual(batch.failed_count, 5)
        self.assertNotIn("Ana", " ".join(batch.sudo().line_ids.mapped("error")))

    def test_pause_and_go_on(self):
        batch = self._approved_batch()
        batch.action_send()
        self.patch_slice(2)
        turns = []

        def _seconds(done):
            turns.append(done)
            if len(turns) == 1:
                batch.action_pause()
            return 1

        batch.with_user(self.env.ref("base.user_root"))._work(_seconds)
        batch.invalidate_recordset()
        self.assertEqual((batch.state, batch.sent_count), ("paused", 2))
        batch.action_send()
        self._work(batch)
        self.assertEqual((batch.state, batch.sent_count), ("done", 5))

    def _paused_while_written(self):
        """Two of five letters are written."""
        batch = self._batch()
        batch.action_prepare()
        self.patch(batch_run, "WRITE_SLICE", 2)

        def _seconds(_done):
            if batch.state == "preparing":
                batch.action_pause()
            return 1

        batch.with_user(self.env.ref("base.user_root"))._work(_seconds)
        batch.invalidate_recordset()
        self.assertEqual((batch.state, batch.written_count, batch.progress), ("halted", 2, 40))
        return batch

    def test_pause_while_it_is_written_and_go_on(self):
        batch = self._paused_while_written()
        with self.assertRaises(UserError):
            batch.template_id = self.template.copy()
        with self.assertRaises(UserError):
            batch.action_submit()
        # Its letters wait for the others, and may be read and changed meanwhile.
        letter = batch.line_ids.letter_id[0]
        letter.subject = "Another word"
        with self.assertRaisesRegex(UserError, "with its batch"):
            letter.action_submit()
        # The scheduled action leaves it alone.
        self._work(batch)
        self.assertEqual(batch.written_count, 2)
        batch.action_prepare()
        self._work(batch)
        self.assertEqual((batch.state, batch.written_count), ("written", 5))
        batch.action_submit()
        self._read_and_approve(batch)
        batch.action_send()
        self._work(batch)
        self.assertEqual((batch.state, batch.sent_count), ("done", 5))
        self.assertEqual(letter.state, "sent")

    def test_paused_when_the_last_was_written(self):
        batch = self._paused_while_written()
        batch.sudo().line_ids.filtered(lambda line: line.state == "waiting").write(
            {"state": "taken_out"}
        )
        batch.action_prepare()
        self._work(batch)
        self.assertEqual((batch.state, batch.written_count), ("written", 2))

    def test_paused_while_it_is_written_it_is_chosen_again_or_cancelled(self):
        for step, state in (("action_reset_draft", "draft"), ("action_cancel", "cancelled")):
            batch = self._paused_while_written()
            letters = batch.line_ids.letter_id
            getattr(batch, step)()
            with self.subTest(step):
                self.assertEqual(batch.state, state)
                self.assertEqual(set(letters.mapped("state")), {"cancelled"})

    def test_what_was_set_aside_is_collected_again(self):
        """Also when a slice breaks off: the process goes on with other work."""
        batch = self._batch()
        batch.action_prepare()

        def _seconds(_done):
            frozen.append(gc.get_freeze_count())
            raise KeyError("the database went away")

        frozen, before = [], gc.get_freeze_count()
        with self.assertRaises(KeyError):
            batch.with_user(self.env.ref("base.user_root"))._work(_seconds)
        self.assertGreater(frozen[0], before)
        self.assertEqual(gc.get_freeze_count(), 0)

    def patch_slice(self, size):
        """Let a slice be of another size."""
        from ..models import constituent_letter_batch_run

        self.patch(constituent_letter_batch_run, "SEND_SLICE", size)

    def test_steps_ask_for_their_state(self):
        batch = self._batch()
        for step in ("action_submit", "action_approve", "action_send", "action_pause"):
            with self.subTest(step=step), self.assertRaises(UserError):
                getattr(batch, step)()
        with self.assertRaisesRegex(UserError, "for whom"):
            self._batch(cases=self.Case).action_prepare()
        batch.action_prepare()
        with self.assertRaisesRegex(UserError, "nobody is added"):
            batch._add(self.cases.with_user(self.caseworker))

    def test_chosen_again(self):
        batch = self._approved_batch()
        letters = batch.sudo().line_ids.letter_id
        batch.action_reset_draft()
        self.assertEqual((batch.state, self._states(batch)), ("draft", ["waiting"] * 5))
        self.assertEqual(set(letters.mapped("state")), {"cancelled"})
        batch.action_prepare()
        self._work(batch)
        self.assertEqual(batch.written_count, 5)

    def test_offices_do_not_mix(self):
        company = self.env["res.company"].create({"name": "Harbor Authority"})
        with self.assertRaises(ValidationError):
            self._batch(company_id=company.id)


@tagged("post_install", "-at_install")
class TestBatchApproval(BatchSetup, ConstituentCommon):
    """One approval for all, of what was read, and of nothing else."""

    def test_a_sample_is_read(self):
        self._rule("Counsel reads", self.counsel)
        batch = self._written()
        batch.action_submit()
        mine = batch.with_user(self.counsel)
        self.assertTrue(mine.waits_for_me)
        with self.assertRaises(AccessError):
            batch.action_approve()
        action = mine.action_read_sample()
        wizard = self.env[action["res_model"]].with_user(self.counsel).browse(action["res_id"])
        previews = wizard.line_ids.mapped("preview")
        self.assertEqual(len(previews), 5)
        self.assertIn("Hole of Neighbor", previews[0])
        self.assertIn("5 letters", wizard.sample_note)
        wizard.action_approve_all()
        self.assertEqual((batch.state, batch.approved_by_id), ("approved", self.counsel))
        batch.action_send()
        self._work(batch)
        letter = batch.sudo().line_ids[0].letter_id
        self.assertEqual((letter.state, letter.approved_by_id), ("sent", self.counsel))

    def test_sent_back_and_written_anew(self):
        batch = self._written()
        batch.action_submit()
        batch.action_reject("Shorter, please.")
        self.assertEqual(batch.state, "written")
        self.assertIn("Shorter, please.", batch.approval_trail)

    def test_a_letter_changed_meanwhile_voids_what_was_read(self):
        batch = self._written()
        batch.action_submit()
        read = batch.content_digest
        letter = batch.sudo().line_ids[0].letter_id
        letter.with_user(self.caseworker).body = "<p>Another word.</p>"
        self.assertEqual(batch.sudo().line_ids[0].state, "taken_out")
        with self.assertRaisesRegex(UserError, "while you were reading"):
            batch.with_context(constituent_read_digest=read).action_approve()

    def test_a_letter_changed_after_the_approval_goes_with_none(self):
        batch = self._approved_batch()
        letter = batch.sudo().line_ids[0].letter_id
        letter.with_user(self.caseworker).body = "<p>Another word.</p>"
        answer = batch.action_send()
        self.assertEqual(answer["params"]["type"], "danger")
        self.assertEqual(batch.state, "written")

    def test_an_addressee_changed_after_the_approval(self):
        batch = self._approved_batch()
        self.neighbors[0].street = "99 Other Street"
        batch.action_send()
        self._work(batch)
        self.assertEqual((batch.sent_count, batch.failed_count), (4, 1))
        failed = batch.sudo().line_ids.filtered(lambda line: line.state == "failed")
        self.assertIn("not what was approved", failed.error)
        self.assertEqual(failed.letter_id.state, "draft")
        self.assertFalse(failed.letter_id.reference)

    def test_the_text_by_sql(self):
        batch = self._approved_batch()
        letter = batch.sudo().line_ids[0].letter_id
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE constituent_correspondence SET body = '<p>x</p>' WHERE id = %s", (letter.id,)
        )
        self.env.invalidate_all()
        batch.action_send()
        self._work(batch)
        self.assertEqual((batch.sent_count, batch.failed_count), (4, 1))

    def test_counsel_for_one_is_counsel_for_all(self):
        self.cases[0].needs_counsel = True
        self.company.constituent_counsel_ids = self.counsel
        batch = self._written()
        batch.action_submit()
        self.assertEqual(batch.sudo().waiting_for_ids, self.counsel)
        self._read_and_approve(batch.with_user(self.counsel))
        batch.action_send()
        self._work(batch)
        self.assertEqual(batch.sent_count, 5)

    def test_rules_by_template(self):
        self._rule("This notice", self.counsel, template_ids=[Command.set(self.template.ids)])
        batch = self._written()
        batch.action_submit()
        self.assertEqual(batch.sudo().waiting_for_ids, self.counsel)
        letter = self._submitted()
        self.assertFalse(letter.sudo().waiting_for_ids)

    def test_nobody_sets_the_state(self):
        batch = self._written()
        for user in (self.caseworker, self.manager, self.env.ref("base.user_root")):
            for vals in ({"state": "approved"}, {"approved_digest": "x"}, {"override_reason": "x"}):
                with self.assertRaises(UserError):
                    batch.with_user(user).write(vals)
        with self.assertRaisesRegex(UserError, "written already"):
            batch.template_id = self.template.copy()
        with self.assertRaises(UserError):
            batch.copy({"state": "approved"})
        self.assertEqual(batch.copy().state, "draft")


@tagged("post_install", "-at_install")
class TestBatchRights(BatchSetup, ConstituentCommon):
    def test_refused(self):
        batch = self._written()
        for user in (
            self.clerk, self.other_caseworker, self.portal_user, self.internal_user,
            self.env.ref("base.public_user"),
        ):  # fmt: skip
            record = batch.with_user(user)
            with self.subTest(user=user.login):
                self.assertFalse(record.has_access("read"))
                for step in ("action_submit", "action_cancel", "action_send", "action_read_sample"):
                    with self.assertRaises(AccessError):
                        getattr(record, step)()
                with self.assertRaises(AccessError):
                    record.line_ids.read(["error"])
        with self.assertRaises(AccessError):
            self._batch(user=self.clerk, cases=self.Case)

    def test_nobody_writes_lines(self):
        batch = self._written()
        for user in (self.caseworker, self.manager):
            line = batch.with_user(user).line_ids[0]
            with self.assertRaises(AccessError):
                line.digest = "x"
            with self.assertRaises(AccessError):
                line.unlink()
        line.with_user(self.caseworker).action_take_out()
        self.assertEqual(line.state, "taken_out")

    def test_a_case_that_became_restricted(self):
        batch = self._approved_batch()
        self.cases[0].with_user(self.confidant).confidentiality = "restricted"
        self.env.flush_all()
        self.assertEqual(
            len(batch.with_user(self.caseworker).line_ids.search([("batch_id", "=", batch.id)])), 4
        )
        batch.action_send()
        self._work(batch)
        self.assertEqual((batch.sent_count, batch.failed_count), (4, 1))


@tagged("post_install", "-at_install")
@freeze_time("2026-10-01 15:00:00")
class TestBlackout(BatchSetup, ConstituentCommon):
    """Ninety days before an election mass mail stops, answers do not."""

    def _election(self, **vals):
        return self.env["constituent.blackout"].create(
            {"name": "General election", "date_to": "2026-11-03", "threshold": 5, **vals}
        )

    def _unasked(self):
        self.template.write({"subject": "News", "body": "<p>The library opens on Sundays.</p>"})
        batch = self._batch(cases=self.Case)
        batch._add(self.neighbors.with_user(self.caseworker))
        batch.action_prepare()
        self._work(batch)
        return batch

    def test_defaults(self):
        election = self.env["constituent.blackout"].create(
            {"name": "General election", "date_to": "2026-11-03"}
        )
        self.assertEqual((str(election.date_from), election.threshold), ("2026-08-05", 100))

    def test_unasked_letters_stop(self):
        self._election()
        batch = self._unasked()
        self.assertIn("General election", batch.blackout_note)
        with self.assertRaisesRegex(UserError, "General election"):
            batch.action_submit()

    def test_answers_go_out(self):
        self._election()
        batch = self._approved_batch()
        batch.action_send()
        self._work(batch)
        self.assertEqual(batch.sent_count, 5)

    def test_below_the_threshold_and_other_days(self):
        election = self._election(threshold=6)
        self.assertFalse(self._unasked().blackout_note)
        election.threshold = 5
        election.date_to = "2027-11-03"
        self.assertFalse(self._unasked().blackout_note)

    def test_two_batches_of_one_letter_count_together(self):
        batch = self._unasked()
        batch.action_submit()
        self._read_and_approve(batch)
        batch.action_send()
        self._work(batch)
        self._election(threshold=8)
        with self.assertRaisesRegex(UserError, "there are 10"):
            self._unasked().action_submit()

    def test_an_election_entered_after_the_approval(self):
        batch = self._unasked()
        batch.action_submit()
        self._read_and_approve(batch)
        self._election()
        with self.assertRaisesRegex(UserError, "General election"):
            batch.action_send()

    def test_a_manager_overrides_with_a_reason(self):
        self._election()
        batch = self._unasked()
        wizards = self.env["constituent.letter.batch.override.wizard"]
        with self.assertRaises(AccessError):
            wizards.with_user(self.coordinator).create({"batch_id": batch.id, "reason": "x"})
        with self.assertRaises(AccessError):
            batch.with_user(self.coordinator)._override_blackout("x")
        with self.assertRaisesRegex(UserError, "why"):
            batch.with_user(self.manager)._override_blackout("  ")
        wizards.with_user(self.manager).create(
            {"batch_id": batch.id, "reason": "Boil water"}
        ).action_override()
        batch.action_submit()
        row = batch.sudo().approval_ids.filtered(lambda row: row.decision == "overridden")
        self.assertEqual(row.user_id, self.manager)
        self.assertIn("Boil water", row.comment)
        self.assertIn("General election", row.comment)

    def test_figures_that_make_no_sense(self):
        for vals in ({"days_before": -1}, {"days_before": 1000}, {"threshold": 0}):
            with self.assertRaises(ValidationError):
                self._election(**vals)

    def test_who_enters_elections(self):
        for user in (self.caseworker, self.coordinator, self.clerk):
            with self.assertRaises(AccessError):
                self.env["constituent.blackout"].with_user(user).create(
                    {"name": "x", "date_to": "2026-11-03"}
                )
