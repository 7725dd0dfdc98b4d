from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import Form

from .common import PREFIX, ConstituentCommon


class TestCloseReopen(ConstituentCommon):
    """Closing asks how it ended, reopening asks why, a hand-over says why."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.case = cls._make_case()
        cls.stage_closed = cls.env.ref(f"{PREFIX}stage_closed")

    def _wizard(self, user, action):
        """Open the wizard of an action as a user does: by its own context."""
        return Form(self.env[action["res_model"]].with_user(user).with_context(**action["context"]))

    def _close(self, user, cases, outcome, note=False):
        form = self._wizard(user, cases.with_user(user).action_close())
        form.outcome_id = outcome
        if note:
            form.note = note
        return form.save().action_close_cases()

    # Closing

    def test_close_keeps_outcome_and_note(self):
        self._close(self.caseworker, self.case, self.outcome_resolved, " Filled on Tuesday. ")
        self.assertEqual(self.case.status, "closed")
        self.assertEqual(self.case.outcome_id, self.outcome_resolved)
        self.assertEqual(self.case.outcome_note, "Filled on Tuesday.")
        self.assertTrue(self.case.closed_at)
        event = self.case.event_ids.filtered(lambda event: event.kind == "closed")
        self.assertEqual(event.user_id, self.caseworker)
        self.assertIn("Filled on Tuesday.", event.note)

    def test_close_without_outcome_is_refused(self):
        form = self._wizard(self.caseworker, self.case.with_user(self.caseworker).action_close())
        with self.assertRaises(AssertionError):
            form.save()
        self.assertEqual(self.case.status, "new")

    def test_outcome_that_asks_for_a_note(self):
        action = self.case.with_user(self.caseworker).action_close()
        form = self._wizard(self.caseworker, action)
        self.assertFalse(form.requires_note)
        form.outcome_id = self.outcome_refused
        self.assertTrue(form.requires_note)
        with self.assertRaises(AssertionError):  # the form marks the note as required
            form.save()
        wizard = (
            self.env["constituent.case.close.wizard"]
            .with_user(self.caseworker)
            .create(
                {
                    "case_ids": [Command.set(self.case.ids)],
                    "outcome_id": self.outcome_refused.id,
                    "note": "   ",
                }
            )
        )
        with self.assertRaisesRegex(UserError, "asks for a note"):
            wizard.action_close_cases()
        self.assertEqual(self.case.status, "new")

    def test_close_many(self):
        cases = self.case | self._make_case() | self._make_case()
        self._close(self.coordinator, cases, self.outcome_resolved)
        self.assertEqual(set(cases.mapped("status")), {"closed"})

    def test_closed_ones_are_left_out_of_many(self):
        other = self._make_case()
        self.case._close(self.outcome_resolved, "First answer")
        closed_at = self.case.closed_at
        action = (self.case | other).with_user(self.coordinator).action_close()
        self.assertEqual(action["context"]["default_case_ids"], other.ids)
        self._close(self.coordinator, self.case | other, self.outcome_refused, "Second")
        self.assertEqual(self.case.outcome_note, "First answer")
        self.assertEqual(self.case.closed_at, closed_at)

    def test_nothing_to_close(self):
        self.case._close(self.outcome_resolved)
        with self.assertRaises(UserError):
            self.case.with_user(self.coordinator).action_close()

    def test_wizard_counts_hazards(self):
        self.pothole.is_hazard = True
        cases = self.case | self._make_case(name="A testtree fell")
        form = self._wizard(self.coordinator, cases.with_user(self.coordinator).action_close())
        self.assertEqual(form.case_count, 2)
        self.assertEqual(form.hazard_count, 1)

    def test_stage_alone_does_not_close(self):
        with self.assertRaisesRegex(ValidationError, "Close button"):
            self.case.with_user(self.caseworker).stage_id = self.stage_closed

    # Who may close

    def test_clerk_closes_own_case(self):
        own = self.Case.with_user(self.clerk).create({"name": "Opening hours?"})
        self._close(self.clerk, own, self.outcome_resolved)
        self.assertEqual(own.status, "closed")
        self.assertTrue(own.with_user(self.clerk).has_access("read"))

    def test_clerk_has_no_word_to_the_constituent(self):
        own = self.Case.with_user(self.clerk).create({"name": "Opening hours?"})
        form = self._wizard(self.clerk, own.action_close())
        self.assertNotIn("note", form._view["fields"])
        (node,) = form._view["tree"].xpath("//field[@name='outcome_id']")
        self.assertIn("requires_note", node.get("domain"))

    def test_clerk_does_not_close_others_cases(self):
        triage = self._make_case(name="Something nobody can place")
        self.assertFalse(triage.department_id)
        with self.assertRaisesRegex(UserError, "entered themselves"):
            self._close(self.clerk, triage, self.outcome_resolved)
        self.assertEqual(triage.status, "new")

    def test_other_departments_caseworker_does_not_close(self):
        wizard = (
            self.env["constituent.case.close.wizard"]
            .with_user(self.other_caseworker)
            .create({"outcome_id": self.outcome_resolved.id})
        )
        with self.assertRaises(AccessError):
            wizard.case_ids = [Command.set(self.case.ids)]
            wizard.action_close_cases()
        self.env.invalidate_all()
        self.assertEqual(self.case.status, "new")

    def test_outsiders_have_no_wizard(self):
        for user in (self.portal_user, self.internal_user):
            for model in ("close", "reopen", "hand.over"):
                wizard = self.env[f"constituent.case.{model}.wizard"].with_user(user)
                with self.subTest(user=user.login, model=model), self.assertRaises(AccessError):
                    wizard.create({})

    # Reopening

    def test_reopen_asks_why(self):
        self.case._close(self.outcome_resolved)
        action = self.case.with_user(self.caseworker).action_reopen()
        form = self._wizard(self.caseworker, action)
        with self.assertRaises(AssertionError):
            form.save()
        form.reason = "The hole is back."
        form.save().action_reopen_cases()
        self.assertEqual(self.case.status, "open")
        self.assertFalse(self.case.outcome_id)
        event = self.case.event_ids.filtered(lambda event: event.kind == "reopened")
        self.assertEqual(event.note, "The hole is back.")

    def test_reopen_with_blanks_is_refused(self):
        self.case._close(self.outcome_resolved)
        wizard = (
            self.env["constituent.case.reopen.wizard"]
            .with_user(self.caseworker)
            .create({"case_ids": [Command.set(self.case.ids)], "reason": "  "})
        )
        with self.assertRaisesRegex(UserError, "why"):
            wizard.action_reopen_cases()
        self.assertEqual(self.case.status, "closed")

    def test_open_case_is_not_reopened(self):
        with self.assertRaises(UserError):
            self.case.with_user(self.caseworker).action_reopen()

    def test_reopening_answers_the_reply_after_closing(self):
        self.case._close(self.outcome_resolved)
        self.case.reply_after_closing = True
        form = self._wizard(self.caseworker, self.case.with_user(self.caseworker).action_reopen())
        form.reason = "They say it is not fixed."
        form.save().action_reopen_cases()
        self.assertFalse(self.case.reply_after_closing)

    # Handing over

    def _hand_over(self, user, case, department, note="It is a park road."):
        form = self._wizard(user, case.with_user(user).action_hand_over())
        form.department_id = department
        form.note = note
        return form.save().action_hand_over_cases()

    def test_hand_over_leaves_sight_and_says_so(self):
        """The form would save, fail to read and undo it: the window must not."""
        result = self._hand_over(self.caseworker, self.case, self.parks)
        self.assertEqual(result["tag"], "display_notification")
        self.assertIn("Parks Department", result["params"]["message"])
        self.env.invalidate_all()
        self.assertEqual(self.case.department_id, self.parks)
        self.assertFalse(self.case.user_id)
        self.assertFalse(self.case.with_user(self.caseworker).has_access("read"))
        event = self.case.event_ids.filtered(lambda event: event.kind == "handed_over")
        self.assertEqual(event.department_from_id, self.streets)
        self.assertEqual(event.department_to_id, self.parks)
        self.assertEqual(event.note, "It is a park road.")

    def test_hand_over_by_coordinator_stays(self):
        result = self._hand_over(self.coordinator, self.case, self.parks)
        self.assertEqual(result["type"], "ir.actions.act_window_close")

    def test_hand_over_to_a_person_of_the_department(self):
        form = self._wizard(
            self.coordinator, self.case.with_user(self.coordinator).action_hand_over()
        )
        self.assertEqual(form.department_id, self.streets)
        form.user_id = self.caseworker
        form.department_id = self.parks
        self.assertFalse(form.user_id, "somebody of another department was kept")
        form.user_id = self.other_caseworker
        form.note = "Parks answers."
        form.save().action_hand_over_cases()
        self.assertEqual(self.case.user_id, self.other_caseworker)

    def test_hand_over_asks_why(self):
        with self.assertRaises(AssertionError):
            self._hand_over(self.caseworker, self.case, self.parks, note=False)
        wizard = (
            self.env["constituent.case.hand.over.wizard"]
            .with_user(self.caseworker)
            .create(
                {
                    "case_ids": [Command.set(self.case.ids)],
                    "department_id": self.parks.id,
                    "note": " ",
                }
            )
        )
        with self.assertRaisesRegex(UserError, "why"):
            wizard.action_hand_over_cases()
        self.assertEqual(self.case.department_id, self.streets)

    def test_closed_cases_are_not_handed_over(self):
        self.case._close(self.outcome_resolved)
        with self.assertRaises(UserError):
            self.case.with_user(self.coordinator).action_hand_over()

    def test_clerk_does_not_hand_over(self):
        own = self.Case.with_user(self.clerk).create({"name": "Opening hours?"})
        action = own.action_hand_over()
        with self.assertRaises(AccessError):
            self.env[action["res_model"]].with_user(self.clerk).create(
                {"department_id": self.parks.id, "note": "Theirs"}
            )
