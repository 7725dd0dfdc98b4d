"""What the rules look at changes while something waits: it waits for the right people."""

from freezegun import freeze_time

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import Form, tagged
from odoo.tools import mute_logger

from .approval_common import ApprovalSetup
from .batch_common import BatchSetup
from .common import ConstituentCommon
from .test_letter_clause import NEW_WORDS, ClauseSetup


@tagged("post_install", "-at_install")
class TestWaitsForOthers(ApprovalSetup, ConstituentCommon):
    def _people(self, letter):
        return letter.sudo().waiting_for_ids

    def test_whoever_decides_or_drafts_opens_the_form(self):
        """Clerks may not list outgoing mail: the form does not ask for it."""
        self._rule("Counsel reads", self.counsel)
        letter = self._submitted()
        own = self._make_letter(user=self.clerk, case_id=False)
        for user, opened in ((self.counsel, letter), (self.clerk, own)):
            with Form(opened.with_user(user)) as form:
                form.enclosures = "Map"
        self.assertEqual((letter | own).mapped("enclosures"), ["Map", "Map"])
        letter.with_user(self.counsel).action_approve()
        letter.action_send()
        self.env.invalidate_all()
        self.assertTrue(Form(letter.with_user(self.counsel)).is_sealed)

    def test_another_head(self):
        self._rule("The head", approver_kind="head")
        letter = self._submitted()
        self.assertEqual(letter.sudo().activity_ids.user_id, self.head)
        self.streets.head_id = self.deputy
        self.assertEqual(self._people(letter), self.deputy)
        self.assertEqual(letter.sudo().activity_ids.user_id, self.deputy, "they are asked")
        letter.with_user(self.deputy).action_approve()
        self.assertEqual(letter.state, "approved")

    def test_another_kind_of_case(self):
        self._rule("Inquiries", self.counsel, case_kind="inquiry")
        letter = self._submitted()
        self.assertFalse(self._people(letter))
        self.case.with_user(self.caseworker).kind = "inquiry"
        self.assertEqual(self._people(letter), self.counsel)

    def test_another_role_of_the_addressee(self):
        self._rule("Officials", self.counsel, addressee_role="elected_official")
        letter = self._submitted()
        self.resident.constituent_role = "elected_official"
        self.assertEqual(self._people(letter), self.counsel)

    def test_somebody_who_is_archived(self):
        self._rule("Both", self.counsel, self.second, needs_all=True)
        letter = self._submitted()
        self.counsel.active = False
        everybody = letter.sudo().with_context(active_test=False).waiting_for_ids
        self.assertEqual(everybody, self.second)

    def test_new_rules_ask_new_people(self):
        rule = self._rule("Counsel reads", self.counsel)
        letter = self._submitted()
        rule.approver_ids = self.second
        self.assertEqual(letter.sudo().activity_ids.user_id, self.second)

    def test_an_approver_of_any_role_changes_a_word(self):
        self._rule("First", self.counsel, sequence=1)
        self._rule("Second", self.second, sequence=2)
        letter = self._submitted()
        letter.with_user(self.counsel).body = "<p>A better word.</p>"
        self.assertEqual((letter.state, self._people(letter)), ("to_approve", self.counsel))
        letter.with_user(self.counsel).action_approve()
        letter.with_user(self.second).body = "<p>The best word.</p>"
        self.env.invalidate_all()
        self.assertEqual(self._people(letter), self.counsel, "the first is asked again")
        self.assertTrue(letter.with_user(self.second).has_access("read"))
        self.assertFalse(letter.with_user(self.second).has_access("write"))


@tagged("post_install", "-at_install")
class TestSeveralSign(ApprovalSetup, ConstituentCommon):
    """Whose name goes under a letter of several has said so."""

    def test_each_in_order_without_any_rule(self):
        letter = self._make_letter(signatory_ids=[Command.set((self.second | self.head).ids)])
        first, last = letter._signatories()
        letter.action_submit()
        self.assertEqual(letter.sudo().waiting_for_ids, first)
        for user in (self.caseworker, last):
            with self.assertRaises(AccessError):
                letter.with_user(user).action_approve()
        letter.with_user(first).action_approve()
        letter.with_user(last).action_approve()
        self.assertEqual(letter.state, "approved")

    def test_after_the_steps_of_rules(self):
        self._rule("Counsel reads", self.counsel)
        letter = self._submitted(signatory_ids=[Command.set((self.second | self.head).ids)])
        self.assertEqual(letter.sudo().waiting_for_ids, self.counsel)
        self.assertEqual(len(letter._approval_steps()), 3)

    def test_a_rule_says_where_they_stand(self):
        self._rule("Who signs", approver_kind="signatories", sequence=1)
        self._rule("Counsel reads", self.counsel, sequence=2)
        letter = self._make_letter(signatory_ids=[Command.set((self.second | self.head).ids)])
        labels = [step.label for step in letter._approval_steps()]
        self.assertEqual(len(labels), 3)
        self.assertEqual(labels[-1], "Counsel reads")

    def test_somebody_who_cannot_open_it(self):
        letter = self._make_letter(
            signatory_ids=[Command.set((self.internal_user | self.head).ids)]
        )
        with self.assertRaisesRegex(UserError, "Who signs: t_internal"):
            letter.action_submit()


@tagged("post_install", "-at_install")
@freeze_time("2026-11-19 15:00:00")
class TestDeputiesAreAsked(ApprovalSetup, ConstituentCommon):
    def test_who_acts_today_is_asked_too(self):
        self._rule("The head", approver_kind="head")
        self._delegate(self.head, self.deputy)
        self._delegate(self.head, self.second, date_from="2026-11-20")
        letter = self._submitted()
        self.assertEqual(letter.sudo().activity_ids.user_id, self.head | self.deputy)
        letter.with_user(self.deputy).action_approve()
        self.assertFalse(letter.sudo().activity_ids)

    def test_only_somebody_who_can_open_it(self):
        with self.assertRaisesRegex(ValidationError, "could open nothing"):
            self._delegate(self.head, self.internal_user)
        self._rule("The head", approver_kind="head")
        self._delegate(self.head, self.deputy)
        self.case.confidentiality = "restricted"
        restricted = self.env.ref("constituent_services.group_restricted")
        self.head.group_ids = [Command.link(restricted.id)]
        letter = self._make_letter(user=self.confidant)
        letter.action_submit()
        self.assertEqual(letter.sudo().activity_ids.user_id, self.head)


@tagged("post_install", "-at_install")
class TestBatchesWaitForOthers(BatchSetup, ConstituentCommon):
    def test_handed_over_with_the_rest(self):
        self._rule("Counsel reads", self.counsel)
        batch = self._written()
        batch.action_submit()
        self.assertEqual(batch.sudo().waiting_for_ids, self.counsel)
        self.counsel.with_user(self.manager)._constituent_hand_over({}, self.deputy, "Left")
        self.assertEqual(batch.sudo().waiting_for_ids, self.deputy)
        self._read_and_approve(batch.with_user(self.deputy))
        self.assertEqual(batch.state, "approved")

    def test_whoever_decides_opens_the_form(self):
        self._rule("Counsel reads", self.counsel)
        batch = self._written()
        batch.action_submit()
        self.env.invalidate_all()
        self.assertIn("We have your case", Form(batch.with_user(self.counsel)).sample)

    def test_two_who_sign_all_letters(self):
        batch = self._written(signatory_ids=[Command.set((self.head | self.second).ids)])
        batch.action_submit()
        self.assertEqual(len(batch._approval_steps()), 2)

    @freeze_time("2026-11-19 15:00:00")
    def test_after_the_term_of_who_signs_nothing_goes(self):
        batch = self._approved_batch()
        self.env["constituent.signatory.term"].create(
            {"user_id": self.head.id, "date_from": "2020-01-01", "date_to": "2026-11-18"}
        )
        batch.action_send()
        self._work(batch)
        self.assertEqual((batch.sent_count, batch.failed_count), (0, 5))
        self.assertIn("term of Test Manager has ended", batch.sudo().line_ids[0].error)

    def test_heads_of_several_departments_sign_their_own(self):
        self.cases[0].department_id = self.parks
        self.parks.head_id = self.second
        batch = self._written(user=self.coordinator, department_id=False)
        batch.action_submit()
        self.assertFalse(batch.sudo().waiting_for_ids, "no letter has two names under it")


@freeze_time("2026-11-22 15:00:00")
@tagged("post_install", "-at_install")
class TestApproversAndClauses(ApprovalSetup, ClauseSetup, ConstituentCommon):
    """Who sees a letter only because it waits for them sees its clauses, too."""

    @mute_logger("odoo.addons.base.models.ir_rule")
    def test_changed_while_it_waits(self):
        self._rule("Counsel reads", self.counsel)
        letter = self._letter_with_clause()
        letter.action_submit()
        self.clause.with_user(self.manager).body = NEW_WORDS
        self.env.flush_all()
        self.env.invalidate_all()
        mine = letter.with_user(self.counsel)
        self.assertIn("was changed", mine.clause_trouble)
        self.assertIn("was changed", letter.sudo()._reading_page())
        with self.assertRaisesRegex(UserError, "was changed since"):
            mine.action_approve()
        stranger = self._make_user("clerk", login="stranger")
        uses = self.env["constituent.letter.clause.use"].with_user(stranger)
        self.assertFalse(uses.search([("correspondence_id", "=", letter.id)]))
        letter.clause_use_ids.action_take_new()
        mine.action_approve()
        self.assertEqual(letter.state, "approved")


@tagged("post_install", "-at_install")
@freeze_time("2026-11-22 15:00:00")
class TestBatchesAndClauses(BatchSetup, ConstituentCommon):
    def test_changed_since_they_were_written(self):
        clause = self.env["constituent.letter.clause"].create(
            {"name": "How to appeal", "code": "APPEAL", "body": "<p>You may appeal.</p>"}
        )
        self.template.body = "<p>About {{ object.number }}.</p><p>[[clause:APPEAL]]</p>"
        batch = self._written()
        batch.action_submit()
        clause.body = "<p>You may not appeal any more, sadly.</p>"
        self.env.flush_all()
        self.env.invalidate_all()
        with self.assertRaisesRegex(UserError, "was changed since it was put in.*anew"):
            batch.action_approve()
        batch.action_reset_draft()
        batch.action_prepare()
        self._work(batch)
        batch.action_submit()
        self._read_and_approve(batch)
        self.assertEqual(batch.state, "approved")


@tagged("post_install", "-at_install")
class TestWhatIsHandedOver(BatchSetup, ConstituentCommon):
    def setUp(self):
        super().setUp()
        self._rule("Counsel reads", self.counsel)
        self.clause = self.env["constituent.letter.clause"].create(
            {"name": "Appeal", "code": "A", "body": "<p>x</p>", "owner_id": self.counsel.id}
        )
        self._submitted()
        self._written().action_submit()

    def _window(self, user):
        wizards = self.env["constituent.hand.over.staff.wizard"].with_user(user)
        return wizards.create({"leaver_id": self.counsel.id, "successor_id": self.deputy.id})

    def test_by_a_manager(self):
        wizard = self._window(self.manager)
        for words in (
            "Letters that wait for their decision: 1", "Batches that wait for their decision: 1",
            "Appeal",
        ):  # fmt: skip
            self.assertIn(words, wizard.summary)
        wizard.action_hand_over_staff()
        self.assertIn("Letters that wait for their decision: 1", wizard.result)
        self.assertEqual(self.clause.owner_id, self.deputy)
        for name in ("constituent.correspondence", "constituent.letter.batch"):
            waiting = self.env[name].search([("state", "=", "to_approve")])
            self.assertEqual(waiting.sudo().waiting_for_ids, self.deputy)

    def test_by_a_coordinator(self):
        wizard = self._window(self.coordinator)
        wizard.action_hand_over_staff()
        self.assertNotIn("wait for their decision", wizard.result)
        self.assertIn("For a manager to change: ", wizard.result)
        self.assertEqual(self.clause.owner_id, self.counsel)
