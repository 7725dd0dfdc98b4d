"""What somebody might try with a batch of letters, beside the buttons."""

from freezegun import freeze_time

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import tagged

from .batch_common import BatchSetup
from .common import ConstituentCommon

RUN_LOG = "odoo.addons.constituent_services.models.constituent_letter_batch_run"


@tagged("post_install", "-at_install")
@freeze_time("2026-10-20 14:00:00")
class TestBatchAttacks(BatchSetup, ConstituentCommon):
    """To send with a batch what by itself would need somebody's approval."""

    @classmethod
    def _approve_open(cls, batch):
        batch.action_submit()
        cls._read_and_approve(batch)

    def test_a_batch_without_department_follows_its_letters_rules(self):
        self._rule("Of Streets", self.counsel, department_ids=[Command.set(self.streets.ids)])
        self.cases.department_id = self.streets
        batch = self._written(department_id=False)
        self.assertEqual(batch.sudo().line_ids.letter_id.department_id, self.streets)
        batch.action_submit()
        self.assertEqual(batch.waiting_for_ids, self.counsel)
        with self.assertRaises(AccessError):
            batch.action_approve()
        self._read_and_approve(batch.with_user(self.counsel))
        self.assertEqual(batch.state, "approved")

    def test_who_signs_the_letters_of_a_batch_is_asked(self):
        self.cases.department_id = self.streets
        self._rule("Who signs", approver_kind="signatories")
        self._rule("Head", approver_kind="head")
        park = self._make_case(
            name="testtree", partner_id=self.neighbors[0].id, user_id=self.caseworker.id
        )
        park_head = self._make_user("caseworker", login="park_head")
        self.parks.head_id = park_head
        batch = self._written(department_id=False, cases=self.cases | park)
        self.assertEqual(batch.written_count, 6, batch.sudo().line_ids.mapped("error"))
        batch.action_submit()
        with self.assertRaises(AccessError):
            batch.action_approve()
        for user in (self.head, park_head):
            self.assertEqual(batch.state, "to_approve")
            while batch.sudo().waiting_for_ids & user:
                self._read_and_approve(batch.with_user(user))
        while batch.state == "to_approve":
            user = batch.sudo().waiting_for_ids[:1]
            self.assertIn(user, self.head | park_head)
            self._read_and_approve(batch.with_user(user))
        self.assertEqual(batch.state, "approved")

    def test_a_letter_that_was_taken_out_has_no_part_in_the_approval(self):
        self._rule("Counsel", self.counsel)
        batch = self._written()
        line = batch.line_ids[0]
        letter = line.letter_id
        line.action_take_out()
        batch.action_submit()
        self._read_and_approve(batch.with_user(self.counsel))
        letter.action_submit()
        self.assertEqual(letter.waiting_for_ids, self.counsel)
        with self.assertRaises(AccessError):
            letter.action_approve()

    def test_a_rule_made_after_the_approval(self):
        batch = self._approved_batch()
        self._rule("Counsel", self.counsel)
        batch.action_send()
        self.assertEqual(batch.state, "written")
        self.assertEqual(batch.sudo().approval_ids.sorted("id")[-1].decision, "voided")

    def test_counsel_flagged_while_it_is_sent(self):
        self.company.constituent_counsel_ids = self.counsel
        batch = self._approved_batch()
        batch.action_send()
        self.cases[0].needs_counsel = True
        self._work(batch)
        self.assertEqual((batch.sent_count, batch.failed_count), (4, 1))
        failed = batch.sudo().line_ids.filtered(lambda line: line.state == "failed")
        self.assertEqual(failed.case_id, self.cases[0])
        self.assertIn("ounsel", failed.error)

    def test_restricted_after_it_was_chosen(self):
        batch = self._batch(user=self.confidant)
        self.cases[0].confidentiality = "restricted"
        batch.action_prepare()
        self._work(batch)
        self.assertEqual((batch.written_count, batch.failed_count), (4, 1))

    def test_restricted_after_it_was_written(self):
        batch = self._written(user=self.confidant)
        self.cases[0].confidentiality = "restricted"
        self.env.flush_all()
        self.env.invalidate_all()
        name = self.cases[0].name
        self.assertNotIn(name, batch.with_user(self.caseworker).sample)
        self.assertIn(self.cases[1].name, batch.with_user(self.caseworker).sample)
        self._rule("Head", approver_kind="head")
        batch.action_submit()
        action = batch.with_user(self.head).action_read_sample()
        wizard = self.env[action["res_model"]].with_user(self.head).browse(action["res_id"])
        self.assertNotIn(name, "".join(str(line.preview) for line in wizard.line_ids))
        with self.assertRaises(AccessError):
            wizard.write(
                {
                    "line_ids": [
                        Command.create({"letter_id": letter.id, "digest": "x"})
                        for letter in batch.sudo().line_ids.letter_id
                    ]
                }
            )
        self._read_and_approve(batch.with_user(self.head))
        batch.action_send()
        self._work(batch)
        self.assertEqual((batch.sent_count, batch.failed_count), (4, 1))

    def _unasked(self):
        self.template.write({"subject": "News", "body": "<p>The library opens on Sundays.</p>"})
        batch = self._batch(cases=self.Case)
        batch._add(self.neighbors.with_user(self.caseworker))
        batch.action_prepare()
        self._work(batch)
        self._approve_open(batch)
        return batch

    def _election(self, **vals):
        return self.env["constituent.blackout"].create(
            {"name": "General election", "date_to": "2026-11-03", "threshold": 5, **vals}
        )

    def test_a_blackout_is_not_passed_by_trying_again(self):
        batch = self._unasked()
        batch.action_send()
        batch.action_pause()
        batch.sudo().line_ids[0].state = "failed"
        self._election(threshold=4)
        with self.assertRaisesRegex(UserError, "General election"):
            batch.action_retry()

    def test_two_batches_that_are_sent_at_once_count_together(self):
        first, second = self._unasked(), self._unasked()
        self._election(threshold=8)
        first.action_send()
        with self.assertRaisesRegex(UserError, "there are 10"):
            second.action_send()

    def test_a_blackout_that_begins_while_a_batch_is_sent(self):
        batch = self._unasked()
        batch.action_send()
        self._election()
        self._work(batch)
        self.assertEqual((batch.state, batch.sent_count), ("paused", 0))

    def test_what_is_wrong_is_logged_without_the_words_of_it(self):
        batch = self._batch()
        batch.action_prepare()
        self.patch(type(self.template), "_letter_vals", lambda *_args: {}["Ana Rivera"])
        with self.assertLogs(RUN_LOG, "ERROR") as logs:
            self._work(batch)
        formatted = "\n".join(logs.output)
        self.assertIn("KeyError", formatted)
        self.assertNotIn("KeyError: 'Ana", formatted)

    def test_a_batch_is_written_by_its_own_steps(self):
        batch = self._written()
        line = batch.sudo().line_ids[0]
        for user in (self.caseworker, self.coordinator, self.manager):
            own = batch.with_user(user)
            for vals in (
                {"state": "approved"},
                {"line_ids": [Command.update(line.id, {"state": "sent"})]},
                {"line_ids": [Command.delete(line.id)]},
                {"line_ids": [Command.create({"partner_id": self.resident.id})]},
                {"signatory_ids": [Command.set(user.ids)]},
                {"override_reason": "x"},
                {"sender_id": user.id},
            ):
                with self.subTest(user=user.login, vals=vals):
                    with self.assertRaises(UserError), self.env.cr.savepoint():
                        own.write(vals)
        with self.assertRaises(UserError), self.env.cr.savepoint():
            self._make_letter(user=self.clerk, case_id=False, batch_id=batch.id)
        for user in (self.clerk, self.other_caseworker, self.internal_user):
            with self.assertRaises(AccessError):
                batch.with_user(user).read(["sample"])
