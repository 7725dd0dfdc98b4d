"""What somebody might try with single letters of a batch: it is approved and sent as one."""

from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import tagged

from .batch_common import BatchSetup
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
