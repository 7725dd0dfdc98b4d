"""Who approves what, in which order, and what makes an approval void."""

from datetime import date

from freezegun import freeze_time

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import Form, tagged

from .approval_common import ApprovalSetup
from .common import ConstituentCommon


@tagged("post_install", "-at_install")
class TestApprovalRules(ApprovalSetup, ConstituentCommon):
    """Which letters need whom."""

    def _people(self, letter):
        return letter.sudo().waiting_for_ids

    def test_without_rules_any_caseworker(self):
        letter = self._submitted()
        self.assertFalse(self._people(letter))
        self.assertTrue(letter.with_user(self.caseworker).waits_for_me)
        letter.with_user(self.caseworker).action_approve()
        self.assertEqual(letter.state, "approved")
        self.assertEqual(
            self._decisions(letter), [("submitted", self.caseworker), ("approved", self.caseworker)]
        )

    def test_whoever_is_named_and_nobody_else(self):
        self._rule("Counsel reads", self.counsel)
        letter = self._submitted()
        self.assertEqual(self._people(letter), self.counsel)
        for user in (self.caseworker, self.coordinator, self.manager):
            with self.assertRaisesRegex(AccessError, "waits for"):
                letter.with_user(user).action_approve()
            with self.assertRaisesRegex(AccessError, "waits for"):
                letter.with_user(user).action_reject("No")
        letter.with_user(self.counsel).action_approve()
        self.assertEqual((letter.state, letter.approved_by_id), ("approved", self.counsel))

    def test_a_superuser_is_who_they_are(self):
        """Server actions and other code with more rights decide nothing."""
        self._rule("Counsel reads", self.counsel)
        letter = self._submitted()
        for user in (self.caseworker, self.env.ref("base.user_root")):
            with self.assertRaises(AccessError):
                letter.with_user(user).sudo().action_approve()

    def test_one_after_the_other(self):
        self._rule("Then counsel", self.counsel, sequence=20)
        self._rule("First the head", approver_kind="head", sequence=10)
        letter = self._submitted()
        self.assertEqual(self._people(letter), self.head)
        letter.with_user(self.head).action_approve()
        self.assertEqual((letter.state, self._people(letter)), ("to_approve", self.counsel))
        letter.with_user(self.counsel).action_approve()
        self.assertEqual(letter.state, "approved")

    def test_any_or_all(self):
        self._rule("Both", self.counsel, self.second, needs_all=True)
        letter = self._submitted()
        self.assertEqual(self._people(letter), self.counsel | self.second)
        letter.with_user(self.second).action_approve()
        self.assertEqual((letter.state, self._people(letter)), ("to_approve", self.counsel))
        with self.assertRaises(AccessError):
            letter.with_user(self.second).action_approve()
        letter.with_user(self.counsel).action_approve()
        self.assertEqual(letter.state, "approved")
        self.Rule.search([]).needs_all = False
        other = self._submitted()
        other.with_user(self.second).action_approve()
        self.assertEqual(other.state, "approved")

    def test_which_letters(self):
        self.resident.constituent_role = "media"
        self.case.kind = "inquiry"
        for vals, needed in (
            ({"department_ids": [Command.set(self.streets.ids)]}, True),
            ({"department_ids": [Command.set(self.parks.ids)]}, False),
            ({"addressee_role": "media"}, True),
            ({"addressee_role": "elected_official"}, False),
            ({"case_kind": "inquiry"}, True),
            ({"case_kind": "media"}, False),
            ({"company_id": self.env["res.company"].create({"name": "Other"}).id}, False),
            ({"active": False}, False),
        ):
            rule = self._rule("Needed", self.counsel, **vals)
            with self.subTest(vals=vals):
                self.assertEqual(
                    self._people(self._submitted()),
                    self.counsel.filtered(lambda _user, needed=needed: needed),
                )
            rule.unlink()

    def test_one_person_in_two_steps_decides_once(self):
        self._rule("The head", approver_kind="head", sequence=1)
        self._rule("Who signs", approver_kind="signatories", sequence=2)
        letter = self._submitted()
        letter.with_user(self.head).action_approve()
        self.assertEqual(letter.state, "approved")
        steps = letter.sudo().approval_ids.filtered("step").mapped("step_label")
        self.assertEqual(len(steps), 2, "a row for each step")

    def test_several_signatories_in_their_order(self):
        self._rule("Who signs", approver_kind="signatories")
        letter = self._make_letter(signatory_ids=[Command.clear()])
        for user in (self.second, self.counsel):
            letter.signatory_ids = [Command.link(user.id)]
        letter.signatory_ids = [Command.unlink(self.head.id)]
        self.assertEqual(list(letter._signatories()), [self.second, self.counsel])
        names = [block["name"] for block in letter._letter_values()["signatories"]]
        self.assertEqual(names, [self.second.name, self.counsel.name])
        letter.action_submit()
        self.assertEqual(self._people(letter), self.second)
        with self.assertRaises(AccessError):
            letter.with_user(self.counsel).action_approve()
        letter.with_user(self.second).action_approve()
        letter.with_user(self.counsel).action_approve()
        self.assertEqual(letter.state, "approved")
        # In the other order it is another letter.
        letter.signatory_ids = [Command.set([self.counsel.id, self.second.id])]
        self.assertEqual(letter.state, "draft")
        self.assertEqual(list(letter._signatories()), [self.counsel, self.second])

    def test_a_letter_for_counsel_needs_counsel(self):
        self.case.needs_counsel = True
        letter = self._make_letter()
        with self.assertRaisesRegex(UserError, "Counsel"):
            letter.action_submit()
        self.company.constituent_counsel_ids = self.counsel
        letter.action_submit()
        self.assertEqual(self._people(letter), self.counsel)
        letter.with_user(self.counsel).action_approve()
        self.assertEqual(letter.state, "approved")

    def test_counsel_of_a_rule_is_not_asked_twice(self):
        self.case.needs_counsel = True
        self.company.constituent_counsel_ids = self.counsel
        self._rule("Counsel, at the end", approver_kind="counsel", sequence=99)
        self._rule("Head", approver_kind="head")
        letter = self._submitted()
        self.assertEqual(self._people(letter), self.head)
        letter.with_user(self.head).action_approve()
        letter.with_user(self.counsel).action_approve()
        self.assertEqual(letter.state, "approved")

    def test_nobody_who_may_see_it(self):
        self._rule("Counsel reads", self.counsel)
        self.case.confidentiality = "restricted"
        letter = self._make_letter(user=self.confidant)
        with self.assertRaisesRegex(UserError, "Counsel reads"):
            letter.action_submit()
        self.assertEqual(letter.state, "draft")
        self.counsel.group_ids = [
            Command.link(self.env.ref("constituent_services.group_restricted").id)
        ]
        letter.action_submit()
        letter.with_user(self.counsel).action_approve()
        self.assertEqual(letter.state, "approved")

    def test_an_archived_approver_holds_up(self):
        self._rule("Counsel reads", self.counsel)
        self.counsel.active = False
        with self.assertRaisesRegex(UserError, "Counsel reads"):
            self._submitted()

    def test_changed_rules_change_whom_it_waits_for(self):
        rule = self._rule("Counsel reads", self.counsel)
        letter = self._submitted()
        rule.approver_ids = self.second
        self.assertEqual(self._people(letter), self.second)
        rule.unlink()
        self.assertFalse(self._people(letter))

    def test_stricter_rules_hold_what_was_approved(self):
        letter = self._make_approved()
        self._rule("Counsel reads", self.counsel)
        answer = letter.action_send()
        self.assertIn("Counsel reads", answer["params"]["message"])
        self.assertEqual(letter.state, "draft")
        self.assertFalse(letter.reference)

    def test_refused_rules(self):
        with self.assertRaisesRegex(ValidationError, "name who approves"):
            self._rule("Nobody")
        with self.assertRaisesRegex(ValidationError, "of its office"):
            company = self.env["res.company"].create({"name": "Other"})
            self._rule("x", self.counsel, company_id=company.id, department_ids=self.streets.ids)


@tagged("post_install", "-at_install")
class TestDecisions(ApprovalSetup, ConstituentCommon):
    """What is kept of a decision, and what undoes it."""

    def test_a_return_with_a_comment_begins_anew(self):
        self._rule("First", self.counsel, sequence=1)
        self._rule("Second", self.second, sequence=2)
        letter = self._submitted()
        letter.with_user(self.counsel).action_approve()
        letter.with_user(self.second).action_reject("Name the date.")
        self.assertEqual(letter.state, "rejected")
        self.assertEqual(
            self._decisions(letter),
            [
                ("submitted", self.caseworker), ("approved", self.counsel),
                ("returned", self.second),
            ],
        )  # fmt: skip
        self.assertIn("Name the date.", letter.approval_trail)
        letter.action_submit()
        self.assertEqual(
            letter.sudo().waiting_for_ids, self.counsel, "the same words are read again"
        )

    def test_who_decides_sends_back_by_the_window_whatever_their_role(self):
        self._rule("Counsel reads", self.counsel)
        letter = self._submitted()
        wizards = self.env["constituent.correspondence.reason.wizard"].with_user(self.counsel)
        form = Form(wizards.with_context(default_letter_ids=letter.ids))
        form.reason = "Name the date."
        form.save().action_apply()
        self.assertEqual(letter.state, "rejected")

    def test_a_word_changed_by_an_approver_asks_the_first_again(self):
        self._rule("First", self.counsel, sequence=1)
        self._rule("Second", self.deputy, sequence=2)
        letter = self._submitted()
        letter.with_user(self.counsel).action_approve()
        letter.with_user(self.deputy).body = "<p>Another word.</p>"
        self.assertEqual(letter.state, "to_approve")
        with self.assertRaises(AccessError):
            letter.with_user(self.deputy).action_approve()
        self.assertEqual(letter.sudo().waiting_for_ids, self.counsel)

    def test_who_decided_reads_on_but_writes_no_more(self):
        self._rule("Counsel reads", self.counsel)
        letter = self._make_letter()
        mine = letter.with_user(self.counsel)
        self.assertFalse(mine.has_access("read"))
        letter.action_submit()
        self.assertTrue(mine.has_access("write"))
        mine.action_approve()
        self.env.invalidate_all()
        self.assertTrue(mine.has_access("read"))
        self.assertFalse(mine.has_access("write"))

    def test_what_was_read_is_what_is_approved(self):
        letter = self._submitted()
        read = letter.with_user(self.coordinator).content_digest
        letter.with_user(self.caseworker).body = "<p>Changed meanwhile.</p>"
        self.assertEqual(letter.state, "to_approve")
        mine = letter.with_user(self.coordinator).with_context(constituent_read_digest=read)
        with self.assertRaisesRegex(UserError, "while you were reading"):
            mine.action_approve()
        letter.invalidate_recordset(["content_digest"])
        fresh = letter.with_user(self.coordinator).content_digest
        mine.with_context(constituent_read_digest=fresh).action_approve()
        self.assertEqual(letter.approved_digest, fresh)

    def test_a_change_shows_itself(self):
        letter = self._make_approved()
        approved = letter.approved_digest
        letter.with_user(self.caseworker).subject = "Another"
        self.assertEqual(letter.state, "draft")
        row = letter.sudo().approval_ids.sorted("id")[-1]
        self.assertEqual((row.decision, row.digest), ("voided", approved))
        self.assertIn("Subject", row.comment)
        self.assertIn("Void: Changed", letter.approval_trail)

    def test_activities_ask_and_are_taken_back(self):
        self._rule("Counsel reads", self.counsel)
        letter = self._submitted()
        self.assertEqual(letter.sudo().activity_ids.user_id, self.counsel)
        # Where it is asked, nothing else says what to do.
        self.assertEqual(letter.sudo().activity_ids.summary, "Read and Decide")
        letter.with_user(self.counsel).action_approve()
        self.assertFalse(letter.sudo().activity_ids)
        other = self._submitted()
        other.action_reset_draft()
        self.assertFalse(other.sudo().activity_ids)
        self.assertEqual(self._decisions(other)[-1], ("withdrawn", self.caseworker))

    def test_an_unapproved_page_says_draft(self):
        letter = self._make_letter()
        self.assertTrue(letter._letter_values()["draft"])
        letter = self._make_approved()
        self.assertFalse(letter._letter_values()["draft"])
        self.resident.street = "1 Other Street"
        self.assertTrue(letter._letter_values()["draft"], "not what was approved")
        self.assertIn("another approval", letter.approval_note)

    def test_a_picture_changed_behind_the_text(self):
        picture = self.env["ir.attachment"].create({"name": "map.png", "raw": b"one"})
        letter = self._make_letter(body=f'<p>See <img src="/web/image/{picture.id}"></p>')
        picture.write({"res_model": letter._name, "res_id": letter.id})
        letter.action_submit()
        letter.action_approve()
        picture.raw = b"two"
        answer = letter.action_send()
        self.assertIn("picture", answer["params"]["message"])
        self.assertEqual(letter.state, "draft")


@tagged("post_install", "-at_install")
@freeze_time("2026-11-19 15:00:00")
class TestDelegation(ApprovalSetup, ConstituentCommon):
    """The commissioner is away on Thursday; somebody acts."""

    def setUp(self):
        super().setUp()
        self._rule("Who signs", approver_kind="signatories")

    def _approved_by_deputy(self, **vals):
        self._delegate(self.head, self.deputy, **vals)
        letter = self._submitted()
        letter.with_user(self.deputy).action_approve()
        return letter

    def test_acting(self):
        letter = self._approved_by_deputy()
        row = letter.sudo().approval_ids.filtered(lambda row: row.decision == "approved")
        self.assertEqual((row.user_id, row.acting_for_id), (self.deputy, self.head))
        (block,) = letter._letter_values()["signatories"]
        self.assertEqual(
            (block["name"], block["title"]), (self.deputy.name, "Acting Commissioner of Streets")
        )
        letter.with_user(self.caseworker).action_send()
        self.assertEqual(
            letter.printed_signature, f"{self.deputy.name}\nActing Commissioner of Streets"
        )
        self.assertEqual(letter.printed_initials, "TD:tc", "of who signed, not of who is away")
        self.assertIn(f"for {self.head.name}", " ".join(letter.approval_trail.split()))

    def test_for(self):
        letter = self._approved_by_deputy(style="for")
        (block,) = letter._letter_values()["signatories"]
        self.assertEqual(block["title"], f"for {self.head.name}, Commissioner of Streets")

    def test_the_head_signs_for_themself(self):
        self._delegate(self.head, self.deputy)
        letter = self._submitted()
        letter.with_user(self.head).action_approve()
        (block,) = letter._letter_values()["signatories"]
        self.assertEqual(block["name"], self.head.name)

    def test_only_on_those_days(self):
        self._delegate(self.head, self.deputy, date_from="2026-11-20")
        letter = self._submitted()
        self.assertFalse(
            letter.with_user(self.deputy).has_access("read")
            and letter.with_user(self.deputy).waits_for_me
        )
        with self.assertRaises(AccessError):
            letter.with_user(self.deputy).action_approve()
        with freeze_time("2026-11-20 15:00:00"):
            self.env.invalidate_all()
            self.env.registry.clear_cache()
            letter.with_user(self.deputy).action_approve()
        self.assertEqual(letter.state, "approved")

    def test_it_is_not_passed_on(self):
        self._delegate(self.head, self.deputy)
        self._delegate(self.deputy, self.second)
        letter = self._submitted()
        with self.assertRaises(AccessError):
            letter.with_user(self.second).action_approve()

    def test_one_deputy_is_not_two_people(self):
        self.Rule.search([]).unlink()
        self._rule("Both", self.head, self.second, needs_all=True)
        self._delegate(self.head, self.deputy)
        self._delegate(self.second, self.deputy)
        letter = self._submitted()
        for _click in range(2):
            try:
                letter.with_user(self.deputy).action_approve()
            except AccessError:
                continue
        self.assertEqual(letter.state, "to_approve")
        self.assertEqual(len(letter.sudo().waiting_for_ids), 1)
        letter.sudo().waiting_for_ids.ensure_one()
        letter.with_user(letter.sudo().waiting_for_ids).action_approve()
        self.assertEqual(letter.state, "approved")

    def test_the_deputy_finds_it_and_reads_it(self):
        letter = self._submitted(
            case_id=self._make_case(name="testtree").id,
            user=self.coordinator,
            department_id=self.streets.id,
        )
        stranger = self._make_user("clerk", login="stranger")
        self.assertFalse(letter.with_user(stranger).has_access("read"))
        self._delegate(self.head, stranger)
        self.env.invalidate_all()
        found = self.Letter.with_user(stranger).search([("waits_for_me", "=", True)])
        self.assertEqual(found, letter)
        self.assertTrue(found.read(["subject", "body", "approval_note"]))

    def test_whose_to_give(self):
        delegations = self.env["constituent.approval.delegation"]
        vals = {"user_id": self.head.id, "delegate_id": self.caseworker.id}
        for user in (self.caseworker, self.clerk, self.coordinator):
            with self.assertRaises(AccessError):
                delegations.with_user(user).create(vals)
        own = delegations.with_user(self.caseworker).create({"delegate_id": self.deputy.id})
        self.assertEqual(own.user_id, self.caseworker)
        with self.assertRaises(AccessError):
            own.with_user(self.caseworker).user_id = self.head
        with self.assertRaises(AccessError):
            own.with_user(self.clerk).unlink()
        delegations.with_user(self.manager).create(
            {**vals, "user_id": self.caseworker.id, "delegate_id": self.deputy.id}
        )

    def test_refused_delegations(self):
        with self.assertRaisesRegex(ValidationError, "ends before"):
            self._delegate(self.head, self.deputy, date_to="2026-10-01")
        with self.assertRaisesRegex(ValidationError, "for themself"):
            self._delegate(self.head, self.head)


@tagged("post_install", "-at_install")
@freeze_time("2026-11-19 15:00:00")
class TestTerms(ApprovalSetup, ConstituentCommon):
    """Nothing goes out in the name of somebody whose term has ended."""

    def _term(self, until, since="2020-01-01"):
        return self.env["constituent.signatory.term"].create(
            {"user_id": self.head.id, "date_from": since, "date_to": until}
        )

    def test_what_is_unsent_stops(self):
        approved, waiting, draft = self._make_approved(), self._submitted(), self._make_letter()
        sent = self._make_sent()
        self._term("2026-11-19")
        self.Letter._cron_stop_after_term()
        self.assertEqual(approved.state, "approved", "the last day counts")
        with freeze_time("2026-11-20 15:00:00"):
            with self.assertRaisesRegex(UserError, "term of Test Manager has ended"):
                approved.action_send()
            self.Letter._cron_stop_after_term()
        states = [letter.state for letter in (approved, waiting, draft, sent)]
        self.assertEqual(states, ["draft", "draft", "draft", "sent"])
        row = approved.sudo().approval_ids.sorted("id")[-1]
        self.assertEqual(row.decision, "withdrawn")
        self.assertIn("term", row.comment)

    def test_whoever_left_signs_nothing(self):
        letter = self._make_approved(signatory_ids=[Command.set(self.second.ids)])
        self.second.active = False
        self.Letter._cron_stop_after_term()
        self.assertEqual(letter.state, "draft")

    def test_another_term_goes_on(self):
        self._term("2026-11-18")
        self._term("2030-11-18", "2026-11-19")
        self.assertEqual(self._make_approved().state, "approved")

    def test_a_term_that_ends_before_it_begins(self):
        with self.assertRaisesRegex(ValidationError, "before it begins"):
            self._term(date(2019, 1, 1))
