"""A day of those who draft and approve: what each is told, and when."""

from freezegun import freeze_time

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import Form, tagged

from .approval_common import ApprovalSetup
from .batch_common import BatchSetup
from .common import ConstituentCommon


@tagged("post_install", "-at_install")
class TestAFormerName(ApprovalSetup, ConstituentCommon):
    """Whose name changes is greeted by the new one, or nobody is."""

    def setUp(self):
        super().setUp()
        self.resident.honorific = "Ms."
        self._rule("Counsel reads", self.counsel)

    def _renamed(self, letter, **vals):
        self.resident.write(vals or {"name": "Ana Stone"})
        self.env.invalidate_all()
        return letter.with_user(self.counsel)

    def test_it_is_not_approved(self):
        letter = self._renamed(self._submitted())
        self.assertEqual(letter.salutation_now, "Dear Ms. Stone:")
        with self.assertRaisesRegex(UserError, "“Dear Ms. Rivera:”.*“Dear Ms. Stone:” by now"):
            letter.with_context(constituent_read_digest=letter.content_digest).action_approve()
        self.assertEqual(letter.state, "to_approve")
        letter.action_take_salutation()
        self.assertEqual((letter.salutation, letter.salutation_now), ("Dear Ms. Stone:", False))
        letter.action_approve()
        letter.with_user(self.caseworker).action_send()
        self.assertEqual(letter.state, "sent")

    def test_it_is_not_sent(self):
        """The honorific stands in the salutation only: address and digest are the same."""
        letter = self._submitted()
        letter.with_user(self.counsel).action_approve()
        self._renamed(letter, honorific="Dr.")
        self.assertEqual(letter.salutation_now, "Dear Dr. Rivera:")
        notice = letter.action_send()
        self.assertIn("greeted “Dear Dr. Rivera:” by now", notice["params"]["message"])
        self.assertEqual(letter.state, "draft")
        letter.action_submit()
        self.assertEqual(letter.salutation, "Dear Dr. Rivera:")

    def test_to_take_it_asks_for_another_approval(self):
        letter = self._submitted()
        letter.with_user(self.counsel).action_approve()
        self._renamed(letter)
        letter.action_take_salutation()
        self.assertEqual((letter.state, letter.salutation), ("draft", "Dear Ms. Stone:"))

    def test_what_is_typed_stays(self):
        letter = self._renamed(self._submitted(salutation="Dear Ana,"))
        self.assertFalse(letter.salutation_now)
        letter.action_take_salutation()
        letter.action_approve()
        self.assertEqual((letter.state, letter.salutation), ("approved", "Dear Ana,"))

    def test_the_window_shows_the_new_one(self):
        letter = self._renamed(self._submitted())
        action = letter.action_read_and_decide()
        wizard = self.env[action["res_model"]].with_user(self.counsel).browse(action["res_id"])
        self.assertIn("Dear Ms. Stone:", wizard.line_ids.preview)
        wizard.action_approve_all()
        self.assertEqual(letter.state, "approved")

    def test_a_changed_word_asks_the_first_again(self):
        """Whose turn it is may change with the words: the window has only one's own."""
        self.Rule.search([]).unlink()
        self._rule("First", self.second, sequence=1)
        self._rule("Then", self.counsel, sequence=2)
        letter = self._submitted()
        letter.with_user(self.second).action_approve()
        self._renamed(letter)
        with self.assertRaisesRegex(UserError, "None of these letters"):
            letter.with_user(self.counsel).action_read_and_decide()

    def test_only_who_may_write_takes_it(self):
        letter = self._renamed(self._submitted())
        with self.assertRaises(AccessError):
            letter.with_user(self.other_caseworker).action_take_salutation()
        self.assertEqual(letter.salutation, "Dear Ms. Rivera:")


@tagged("post_install", "-at_install")
class TestBatchesOfDepartments(BatchSetup, ConstituentCommon):
    """A rule of one department asks whoever signs its letters, and a changed name stops."""

    def test_who_signs_elsewhere_is_not_asked(self):
        self.cases.department_id = self.streets
        self.cases[0].department_id = self.parks
        self.parks.head_id = self.internal_user
        self._rule(
            "Streets", approver_kind="signatories", department_ids=[Command.set(self.streets.ids)]
        )
        batch = self._written(user=self.coordinator, department_id=False)
        batch.action_submit()
        self.assertEqual(batch.sudo().waiting_for_ids, self.head)
        self.assertEqual(len(batch._approval_steps()), 1)
        self.assertTrue(
            all(letter.signatory_ids for letter in batch.sudo().line_ids.letter_id),
            "the parks' letter is signed by its head",
        )

    def test_without_departments_everybody_who_signs_is(self):
        self.cases.department_id = self.streets
        self.cases[0].department_id = self.parks
        self.parks.head_id = self.second
        self._rule("All", approver_kind="signatories")
        batch = self._written(user=self.coordinator, department_id=False)
        people = {person for step in batch._approval_steps() for person in step.people}
        self.assertEqual(people, {self.head.id, self.second.id})

    def test_greeted_otherwise_by_now(self):
        batch = self._approved_batch()
        self.neighbors[0].honorific = "Dr."
        batch.action_send()
        self._work(batch)
        self.assertEqual((batch.sent_count, batch.failed_count), (4, 1))
        failed = batch.sudo().line_ids.filtered(lambda line: line.state == "failed")
        self.assertIn("greeted otherwise by now", failed.error)


@tagged("post_install", "-at_install")
class TestNobodyIsAsked(BatchSetup, ConstituentCommon):
    """That no rule asks anybody stands on the letter; who cannot be asked is named."""

    def test_it_says_so(self):
        letter = self._make_letter()
        self.assertIn("No approval rule asks anybody", letter.approval_note)
        letter.action_submit()
        self.assertIn("any caseworker who may write here", letter.approval_note)
        self.assertIn("No approval rule asks anybody", letter._reading_page())
        letter.action_approve()
        self.assertFalse(letter.approval_note)
        self.assertFalse(Form(self.Letter.with_user(self.caseworker)).approval_note)

    def test_not_where_a_rule_asks(self):
        self._rule("Counsel reads", self.counsel)
        letter = self._make_letter()
        self.assertFalse(letter.approval_note)
        letter.action_submit()
        self.assertEqual(letter.approval_note, "Waits for Test Counsel.")
        self.assertNotIn("No approval rule", letter._reading_page())

    def test_of_a_batch_too(self):
        batch = self._written()
        self.assertIn("No approval rule asks anybody", batch.approval_note)

    def test_without_a_role(self):
        self._rule("Who signs", approver_kind="signatories")
        letter = self._make_letter(signatory_ids=[Command.set(self.internal_user.ids)])
        words = "t_internal .* has no role in Constituent Services, the administrator gives one"
        with self.assertRaisesRegex(UserError, words):
            letter.action_submit()

    def test_without_the_right_to_restricted_cases(self):
        self._rule("Both", self.counsel, self.second, needs_all=True)
        self.case.confidentiality = "restricted"
        letter = self._make_letter(user=self.confidant)
        words = "Test Counsel does not see restricted cases.*Test Second does not see"
        with self.assertRaisesRegex(UserError, words):
            letter.action_submit()

    def test_archived_and_of_no_office(self):
        letter = self._make_letter()
        self.assertFalse(letter._deciding_obstacle(self.counsel))
        other = self.env["res.company"].create({"name": "Another City"})
        self.counsel.write({"company_ids": [Command.set(other.ids)], "company_id": other.id})
        self.assertIn("not of this office", letter._deciding_obstacle(self.counsel))
        self.counsel.active = False
        self.assertIn("is archived", letter._deciding_obstacle(self.counsel))

    def test_a_rule_that_names_nobody(self):
        self._rule("The head", approver_kind="head")
        self.streets.head_id = False
        letter = self._make_letter(signatory_ids=[Command.set(self.head.ids)])
        with self.assertRaisesRegex(UserError, "names nobody, a manager completes"):
            letter.action_submit()


@tagged("post_install", "-at_install")
@freeze_time("2026-11-19 15:00:00")
class TestWhoReadsForSomebody(BatchSetup, ConstituentCommon):
    """A deputy reads the signature that will be printed."""

    def setUp(self):
        super().setUp()
        self._rule("Who signs", approver_kind="signatories")

    def _page(self, letter, user):
        page = letter.with_user(user).sudo()._reading_page()
        return " ".join(str(page).split())

    def test_as_it_will_be_printed(self):
        self._delegate(self.head, self.deputy)
        letter = self._submitted()
        page = self._page(letter, self.deputy)
        self.assertIn("You act for Test Manager.", page)
        self.assertIn("Acting Commissioner of Streets", page)
        self.assertIn("<strong>Test Deputy</strong>", page)
        self.assertIn("You act for", letter.with_user(self.deputy).approval_note)
        letter.with_user(self.deputy).action_approve()
        (block,) = letter._letter_values()["signatories"]
        self.assertEqual(
            (block["name"], block["title"]), ("Test Deputy", "Acting Commissioner of Streets")
        )
        self.assertNotIn("You act for", self._page(letter, self.deputy))

    def test_in_the_letters_language(self):
        self.env["res.lang"]._activate_lang("es_419")
        self._delegate(self.head, self.deputy, style="for")
        letter = self._submitted(lang="es_419")
        blocks = letter.with_context(lang="es_419").sudo()
        expected = blocks._acting_title("for", self.head, "Commissioner of Streets")
        self.assertIn(expected, self._page(letter, self.deputy))

    def test_who_signs_reads_their_own(self):
        self._delegate(self.head, self.deputy)
        letter = self._submitted()
        for user in (self.head, self.coordinator):
            with self.subTest(user.login):
                page = self._page(letter, user)
                self.assertNotIn("You act for", page)
                self.assertIn("<strong>Test Manager</strong>", page)

    def test_who_acted_before_stands_there_for_the_next(self):
        self._delegate(self.head, self.deputy)
        letter = self._make_letter(signatory_ids=[Command.set(self.head.ids)])
        letter.signatory_ids = [Command.link(self.second.id)]
        letter.action_submit()
        letter.with_user(self.deputy).action_approve()
        page = self._page(letter, self.second)
        self.assertIn("<strong>Test Deputy</strong>", page)
        self.assertIn("<strong>Test Second</strong>", page)
        self.assertNotIn("You act for", page)

    def test_of_a_batch(self):
        self._delegate(self.head, self.deputy)
        batch = self._written()
        batch.action_submit()
        action = batch.with_user(self.deputy).action_read_sample()
        wizard = self.env[action["res_model"]].with_user(self.deputy).browse(action["res_id"])
        self.assertIn("You act for Test Manager.", wizard.line_ids[0].preview)
        self.assertIn("Acting Commissioner of Streets", wizard.line_ids[0].preview)


@tagged("post_install", "-at_install")
class TestOneByOne(ApprovalSetup, ConstituentCommon):
    """Of several letters read, one goes back and one is left: the others are approved."""

    def setUp(self):
        super().setUp()
        self._rule("Counsel reads", self.counsel)
        for number in range(4):
            letter = self._submitted(subject=f"Letter {number}")
            self.letters = (letter | self.letters) if number else letter
        self.letters = self.letters.sorted("id")
        action = self.letters.with_user(self.counsel).action_read_and_decide()
        wizards = self.env[action["res_model"]].with_user(self.counsel)
        self.wizard = wizards.browse(action["res_id"])
        self.lines = self.wizard.line_ids.sorted(lambda line: line.letter_id.id)

    def _states(self):
        self.env.invalidate_all()
        return self.letters.mapped("state")

    def test_approve_the_others(self):
        self.lines[1].write({"answer": "back", "comment": "Name the day."})
        self.lines[2].answer = "out"
        self.wizard.comment = "Good."
        self.wizard.action_approve_all()
        self.assertEqual(self._states(), ["approved", "rejected", "to_approve", "approved"])
        self.assertIn("Name the day.", self.letters[1].sent_back_note)
        self.assertNotIn("Name the day.", self.letters[0].approval_trail)

    def test_as_the_window_saves_it(self):
        """The client writes the lines through the window."""
        self.wizard.web_save({"line_ids": [[1, self.lines[0].id, {"answer": "out"}]]}, {})
        self.wizard.action_approve_all()
        self.assertEqual(self._states(), ["to_approve", "approved", "approved", "approved"])

    def test_send_back_the_others(self):
        self.lines[0].write({"answer": "back", "comment": "Only this."})
        self.lines[3].answer = "out"
        with self.assertRaisesRegex(UserError, "what is to be changed"):
            self.wizard.action_return_all()
        self.wizard.comment = "All of these."
        self.wizard.action_return_all()
        self.assertEqual(self._states(), ["rejected", "rejected", "rejected", "to_approve"])
        self.assertIn("Only this.", self.letters[0].sent_back_note)
        self.assertIn("All of these.", self.letters[1].sent_back_note)

    def test_one_that_goes_back_says_why(self):
        self.lines[1].answer = "back"
        with self.assertRaisesRegex(UserError, "Letter 1: say what"), self.env.cr.savepoint():
            self.wizard.action_approve_all()
        self.assertEqual(set(self._states()), {"to_approve"}, "all or none")

    def test_nothing_to_decide(self):
        self.lines.write({"answer": "out"})
        for step in ("action_approve_all", "action_return_all"):
            with self.assertRaisesRegex(UserError, "nothing to decide"):
                getattr(self.wizard, step)()

    def test_only_ones_own_window(self):
        with self.assertRaises(AccessError):
            self.lines[0].with_user(self.second).answer = "out"
        letter = self._make_letter(user=self.coordinator, department_id=self.parks.id)
        with self.assertRaises(AccessError):
            self.wizard.write(
                {"line_ids": [Command.create({"letter_id": letter.id, "digest": "x"})]}
            )


@tagged("post_install", "-at_install")
class TestTold(ApprovalSetup, ConstituentCommon):
    """English that is missing, a comment, an approval that is void: who must know is told."""

    def test_english_that_is_missing(self):
        self.env["res.lang"]._activate_lang("es_419")
        letter = self._make_letter(lang="es_419", body="<p>Lo rellenaremos.</p>")
        self.assertTrue(letter.is_english_missing)
        self.assertIn("nobody wrote beside it", letter.sudo()._reading_page())
        letter.body_english = "<p><br></p>"
        self.assertTrue(letter.is_english_missing, "an empty editor is no text")
        letter.body_english = "<p>We will fill it.</p>"
        self.assertFalse(letter.is_english_missing)
        self.assertNotIn("nobody wrote beside it", letter.sudo()._reading_page())
        self.assertFalse(self._make_letter().is_english_missing)

    def test_the_drafter_reads_what_to_change(self):
        self._rule("Counsel reads", self.counsel)
        letter = self._submitted()
        self.assertFalse(letter.sent_back_note)
        letter.with_user(self.counsel).action_reject("Name the date of the inspection.")
        words = "Test Counsel sent it back: Name the date of the inspection."
        self.assertEqual(Form(letter).sent_back_note, words)
        letter.action_submit()
        self.assertFalse(letter.sent_back_note)
        letter.with_user(self.counsel).action_reject()
        self.assertEqual(letter.sent_back_note, "Test Counsel sent it back: no comment")

    def test_it_goes_back_before_it_is_decided(self):
        states = [value for value, _label in self.Letter._fields["state"].selection]
        self.assertLess(states.index("rejected"), states.index("to_approve"))

    def _void_notes(self, letter):
        messages = letter.sudo().message_ids
        return messages.filtered(lambda message: "approval is void" in (message.body or ""))

    def test_who_approved_is_told_of_a_change(self):
        self._rule("Counsel reads", self.counsel)
        letter = self._submitted()
        letter.with_user(self.counsel).action_approve()
        letter.subject = "Another subject"
        note = self._void_notes(letter)
        self.assertIn("Subject", note.body)
        self.assertEqual(note.partner_ids, self.counsel.partner_id)
        self.assertEqual(note.author_id, self.caseworker.partner_id)

    def test_who_approved_is_told_when_it_is_not_sent(self):
        self._rule("Counsel reads", self.counsel)
        letter = self._submitted()
        letter.with_user(self.counsel).action_approve()
        self.resident.street = "13 Home Street"
        letter.action_send()
        self.assertEqual(self._void_notes(letter).partner_ids, self.counsel.partner_id)

    def test_nobody_is_told_of_their_own_change(self):
        letter = self._make_approved()
        letter.subject = "Another subject"
        self.assertEqual(letter.state, "draft")
        self.assertFalse(self._void_notes(letter))
