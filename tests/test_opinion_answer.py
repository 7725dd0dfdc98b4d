"""Opinion mail answered as a batch: each person once, and the group says how many."""

from lxml import etree

from odoo.exceptions import AccessError, UserError

from .batch_common import BatchSetup
from .common import ConstituentCommon
from .opinion_common import OpinionSetup


class AnswerSetup(OpinionSetup, BatchSetup):
    """A group of six letters, of which Neighbor 0 wrote two."""

    def setUp(self):
        super().setUp()
        self.template.body = "<p>Thank you for writing about {{ object.name }}.</p>"
        self.letters = self.Case
        for number, neighbor in enumerate([*self.neighbors, self.neighbors[0]]):
            self.letters += self._letters(
                "bike lanes, for", [number], partner_id=neighbor.id, partner_email=False
            )
        self.group = self.letters.opinion_group_id.with_user(self.coordinator)

    def _answer(self, user=None):
        action = self.group.with_user(user or self.coordinator).action_answer()
        batch = self.env[action["res_model"]].browse(action["res_id"])
        return batch.with_user(user or self.coordinator)

    def _sent(self, batch):
        batch.write({"template_id": self.template.id, "department_id": self.streets.id})
        batch.action_prepare()
        self._work(batch)
        batch.action_submit()
        self._read_and_approve(batch)
        batch.action_send()
        self._work(batch)


class TestOpinionAnswer(AnswerSetup, ConstituentCommon):
    def test_each_person_once(self):
        batch = self._answer()
        self.assertEqual((batch.name, batch.state), (self.group.name, "draft"))
        lines = batch.sudo().line_ids
        self.assertEqual(lines.case_id, self.letters[:5], "the earliest of each")
        self.assertEqual(lines.partner_id, self.neighbors)
        self.assertEqual(lines.also_case_ids, self.letters[5])
        self.assertEqual(lines[0].also_case_ids, self.letters[5])
        self.assertIn("5 letters for 6 cases", batch.message_ids[0].body)

    def test_the_group_says_how_many_were_answered(self):
        batch = self._answer()
        self._sent(batch)
        self.assertEqual((batch.state, batch.sent_count), ("done", 5))
        letter = batch.sudo().line_ids[0].letter_id
        self.assertEqual(letter.also_case_ids, self.letters[5])
        self.assertIn(self.letters[5].number, letter.answers_numbers)
        self.group.invalidate_recordset()
        self.assertEqual((self.group.answered_count, self.group.batch_count), (6, 1))
        self.assertRegex(
            self.group.message_ids[0].body, r"Answered by the batch .*5 letters for 6 cases; 0"
        )
        with self.assertRaisesRegex(UserError, "answered or closed"):
            self.group.action_answer()

    def test_pressed_again_it_is_the_same_batch(self):
        batch = self._answer()
        self.assertEqual(self._answer(), batch)
        joined = self._letters("bike lanes, for", [7], partner_id=self.resident.id)
        more = self._answer()
        self.assertNotEqual(more, batch)
        self.assertEqual(more.sudo().line_ids.case_id, joined, "only who came since")
        (batch | more).action_cancel()
        self.assertEqual(self._answer().line_count, 6, "chosen by nobody any more")

    def test_a_batch_that_was_written_and_cancelled_answers_nobody(self):
        batch = self._answer()
        batch.template_id = self.template
        batch.action_prepare()
        self._work(batch)
        self.assertEqual(batch.written_count, 5)
        batch.action_cancel()
        more = self._answer()
        self.assertNotEqual(more, batch)
        self.assertEqual(more.line_count, 5)

    def test_who_is_not_in_it(self):
        unnamed = self._letters("bike lanes, for", [8], partner_name=False, partner_email=False)
        answered = self.letters[2]
        self._make_letter(case_id=answered.id, partner_id=answered.partner_id.id)
        batch = self._answer()
        self.assertNotIn(answered, batch.sudo().line_ids.case_id)
        self.assertFalse(unnamed.partner_id)
        self.assertNotIn(unnamed, batch.sudo().line_ids.case_id)
        self.assertIn("1 cases in which nobody is named", batch.message_ids[0].body)

    def test_what_changed_before_it_is_written(self):
        batch = self._answer()
        self.letters[5].partner_id = self.resident
        batch.template_id = self.template
        batch.action_prepare()
        self._work(batch)
        self.assertEqual(batch.written_count, 5)
        self.assertFalse(batch.sudo().line_ids.letter_id.also_case_ids)

    def test_nobody_named(self):
        self.letters.partner_id = False
        with self.assertRaisesRegex(UserError, "nobody is named"):
            self.group.action_answer()

    def test_counsel_is_asked_for_every_case_that_is_answered(self):
        self.letters[5].needs_counsel = True
        batch = self._answer()
        batch.template_id = self.template
        batch.action_prepare()
        self._work(batch)
        self.assertTrue(batch._approval_facts()["needs_counsel"])

    def test_coordinators_only(self):
        for user in (self.clerk, self.caseworker):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                self.group.with_user(user).action_answer()
        self.assertTrue(self._answer(self.manager))

    def test_the_link_is_the_buttons_alone(self):
        batch = self._batch()
        with self.assertRaisesRegex(UserError, "buttons"):
            batch.opinion_group_id = self.group
        with self.assertRaisesRegex(UserError, "draft"):
            self._batch(opinion_group_id=self.group.id)

    def test_not_one_group(self):
        self.group.action_not_one()
        with self.assertRaisesRegex(UserError, "not to be one group"):
            self.group.action_answer()

    def test_merged_with_another(self):
        batch = self._answer()
        self.company.constituent_opinion_from = 3
        other, _cases = OpinionSetup._group(self, 3, "outfall, long")
        self.group.sudo()._merge_into(other)
        self.assertEqual((batch.opinion_group_id, batch.state), (other, "draft"))

    def test_on_the_screens(self):
        for user, offered in ((self.caseworker, False), (self.coordinator, True)):
            arch = self.env["constituent.opinion.group"].with_user(user).get_view()["arch"]
            names = {node.get("name") for node in etree.fromstring(arch).iter("button")}
            self.assertEqual("action_answer" in names, offered, user.login)
        batch = self._answer()
        self.assertEqual(batch.action_opinion_group()["res_id"], self.group.id)
        domain = self.group.action_batches()["domain"]
        self.assertEqual(batch.search(domain), batch)

    def test_a_template_is_chosen_before_the_letters_are_written(self):
        batch = self._answer()
        with self.assertRaisesRegex(UserError, "template"):
            batch.action_prepare()
