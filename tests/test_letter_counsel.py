"""A letter for counsel goes to counsel, whoever would rather not wait."""

from contextlib import contextmanager

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import Form, tagged
from odoo.tools import mute_logger

from .approval_common import ApprovalSetup
from .batch_common import BatchSetup
from .common import ConstituentCommon


class CounselSetup(ApprovalSetup):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.constituent_counsel_ids = cls.counsel

    def _people(self, letter):
        return letter.sudo().waiting_for_ids

    @contextmanager
    def refused(self, words):
        """Expect a refusal, and forget what was tried, as the end of a request does."""
        with self.assertRaises(AccessError) as caught:
            yield
        self.assertIn(words, str(caught.exception))


@tagged("post_install", "-at_install")
class TestLetterForCounsel(CounselSetup, ConstituentCommon):
    """The mark of a letter itself."""

    def test_it_needs_counsel_without_a_case(self):
        letter = self._make_letter(case_id=False, for_counsel=True)
        self.assertTrue(letter.needs_counsel)
        letter.action_submit()
        self.assertEqual(self._people(letter), self.counsel)
        letter.with_user(self.counsel).action_approve()
        letter.action_send()
        self.assertEqual(letter.state, "sent")

    def test_who_drafted_it_changes_their_mind_until_it_is_submitted(self):
        letter = self._make_letter(for_counsel=True)
        letter.for_counsel = False
        letter.for_counsel = True
        letter.action_submit()
        with self.refused("Only counsel"):
            letter.for_counsel = False
        letter.action_reset_draft()
        with self.refused("Only counsel"):
            letter.for_counsel = False
        self.assertTrue(letter.for_counsel)

    def test_others_never(self):
        letter = self._make_letter(for_counsel=True)
        colleague = self._make_user("caseworker", login="colleague")
        self.streets.member_ids = [Command.link(colleague.id)]
        for user in (colleague, self.coordinator):
            with self.refused("Only counsel"):
                letter.with_user(user).for_counsel = False
        letter.with_user(self.manager).for_counsel = False
        self.assertFalse(letter.needs_counsel)
        event = self.case.event_ids.sorted("id")[-1]
        self.assertIn("goes without counsel", event.note)
        self.assertEqual(event.user_id, self.manager, "it stays in the history, who said so")

    def test_counsel_lets_it_go_without_them(self):
        letter = self._submitted(for_counsel=True)
        self._delegate(self.counsel, self.deputy, date_from="2020-01-01", date_to="2099-12-31")
        letter.with_user(self.deputy).for_counsel = False
        letter.with_user(self.manager).for_counsel = True
        letter.with_user(self.counsel).for_counsel = False
        self.assertEqual((letter.state, letter.needs_counsel), ("to_approve", False))
        self.assertFalse(self._people(letter))

    def test_marked_while_it_waits_or_is_approved(self):
        waiting, approved = self._submitted(), self._make_approved()
        for letter in waiting | approved:
            letter.for_counsel = True
        self.assertEqual(self._people(waiting), self.counsel)
        self.assertEqual(approved.state, "draft")

    def test_a_correction_is_for_counsel_too(self):
        letter = self._submitted(for_counsel=True)
        letter.with_user(self.counsel).action_approve()
        letter.action_send()
        self.assertTrue(self.Letter.browse(letter.action_correct()["res_id"]).for_counsel)

    def test_by_another_case(self):
        """The case that needs counsel is not exchanged for one that does not."""
        other = self._make_case(name="Another testpothole")
        self.case.needs_counsel = True
        letter = self._submitted()
        for vals in ({"case_id": other.id}, {"case_id": False}):
            with self.subTest(vals=vals), self.assertRaises(AccessError), self.env.cr.savepoint():
                letter.write(vals)
        also = self._submitted(case_id=other.id, also_case_ids=[Command.set(self.case.ids)])
        self.assertTrue(also.needs_counsel, "said of each case it answers")
        with self.refused("is for counsel"):
            also.also_case_ids = [Command.clear()]
        also.with_user(self.manager).also_case_ids = [Command.clear()]

    def test_by_the_form(self):
        with Form(self.Letter.with_user(self.caseworker)) as form:
            form.case_id = self.case
            form.partner_id = self.resident
            form.subject = "s"
            self.assertFalse(form.needs_counsel)
            form.for_counsel = True
            self.assertTrue(form.needs_counsel)
        self.assertTrue(form.record.for_counsel)


@tagged("post_install", "-at_install")
class TestCaseForCounsel(CounselSetup, ConstituentCommon):
    """The mark of a case, which counts for all its letters."""

    def _notes(self):
        return self.case.event_ids.mapped("note")

    def test_only_counsel_and_managers_take_it_back(self):
        case = self.case.with_user(self.caseworker)
        case.needs_counsel = True
        self.assertIn("Counsel must see its letters.", self._notes())
        for user in (self.caseworker, self.coordinator):
            with self.refused("only counsel"):
                self.case.with_user(user).needs_counsel = False
        self.assertTrue(self.case.needs_counsel)
        # What is saved with other fields and was off before is no question.
        self._make_case().with_user(self.caseworker).write({"needs_counsel": False})
        self.case.with_user(self.manager).needs_counsel = False
        self.assertIn("Counsel need not see its letters any more.", self._notes())

    def test_counsel_who_works_on_cases(self):
        self.company.constituent_counsel_ids = self.caseworker
        self.case.needs_counsel = True
        self.case.with_user(self.caseworker).needs_counsel = False
        self.assertFalse(self.case.needs_counsel)

    def test_what_waits_already_waits_for_counsel(self):
        letter = self._submitted()
        self.assertFalse(self._people(letter))
        self.case.with_user(self.caseworker).needs_counsel = True
        self.assertEqual(self._people(letter), self.counsel)
        self.assertEqual(letter.sudo().activity_ids.user_id, self.counsel)
        letter.with_user(self.counsel).action_approve()
        self.assertEqual(letter.state, "approved")

    def test_no_claim_after_all(self):
        case = self._make_case(name="Notice of claim", department_id=self.streets.id)
        self.assertTrue(case.needs_counsel)
        letter = self._make_letter(case_id=case.id)
        # Recognized in error: nothing was handed over yet.
        self._make_case(name="Notice of claim").with_user(self.coordinator).action_not_diverted()
        letter.action_submit()
        case.with_user(self.coordinator).action_not_diverted()
        self.assertFalse(case.diversion_id)
        self.assertTrue(case.needs_counsel, "a letter waits for counsel")
        self.assertEqual(self._people(letter), self.counsel)
        case.with_user(self.manager).needs_counsel = False
        self.assertFalse(self._people(letter))

    def test_recognized_in_error(self):
        case = self._make_case(name="Notice of claim", department_id=self.streets.id)
        case.with_user(self.coordinator).action_not_diverted()
        self.assertFalse(case.needs_counsel)


@tagged("post_install", "-at_install")
class TestBatchForCounsel(BatchSetup, ConstituentCommon):
    def test_one_marked_letter_is_counsel_for_all(self):
        self.company.constituent_counsel_ids = self.counsel
        batch = self._written()
        batch.line_ids[0].letter_id.for_counsel = True
        batch.action_submit()
        self.assertEqual(batch.sudo().waiting_for_ids, self.counsel)

    @mute_logger("odoo.addons.base.models.ir_rule")
    def test_without_counsel_it_waits(self):
        batch = self._written()
        batch.line_ids[0].letter_id.for_counsel = True
        with self.assertRaisesRegex(UserError, "Counsel"):
            batch.action_submit()
