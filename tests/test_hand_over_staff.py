from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import Form

from .common import ConstituentCommon
from .letter_common import LetterSetup


class TestHandOverStaff(LetterSetup, ConstituentCommon):
    """A member of staff leaves: nothing that was theirs is left lying."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.leaver = cls._make_user("caseworker", login="leaver")
        cls.successor = cls._make_user("caseworker", login="successor")
        (cls.streets | cls.parks).member_ids |= cls.leaver
        cls.mine = cls._make_case(user_id=cls.leaver.id, department_id=cls.streets.id)
        cls.park_case = cls._make_case(user_id=cls.leaver.id, department_id=cls.parks.id)
        cls.activity = cls._todo(cls.mine)
        cls.rule = cls.env["constituent.routing.rule"].create(
            {"name": "Holes", "user_id": cls.leaver.id, "department_id": cls.streets.id}
        )

    @classmethod
    def _todo(cls, case):
        return case.with_context(mail_activity_quick_update=True).activity_schedule(
            "mail.mail_activity_data_todo", user_id=cls.leaver.id, summary="Call back"
        )

    def _hand_over(self, user=None, default=None, successors=None, note="Retires"):
        leaver = self.leaver.with_user(user or self.manager)
        return leaver._constituent_hand_over(
            successors or {}, default or self.env["res.users"], note
        )

    def _wizard(self, user=None, **values):
        form = Form(self.env["constituent.hand.over.staff.wizard"].with_user(user or self.manager))
        form.leaver_id = self.leaver
        for name, value in values.items():
            setattr(form, name, value)
        return form

    # Cases

    def test_one_person_takes_over(self):
        self._hand_over(default=self.successor)
        for case in self.mine | self.park_case:
            self.assertEqual(case.user_id, self.successor)
            (event,) = case.event_ids.filtered(lambda event: event.kind == "handed_over")
            self.assertEqual(event.user_from_id, self.leaver)
            self.assertEqual(event.user_to_id, self.successor)
            self.assertEqual(event.department_from_id, event.department_to_id)
            self.assertEqual(event.note, "Retires")
            self.assertEqual(event.user_id, self.manager)
            self.assertEqual(case.held_since, event.held_to)

    def test_a_person_in_each_department(self):
        self._hand_over(
            successors={self.streets.id: self.caseworker, self.parks.id: self.other_caseworker}
        )
        self.assertEqual(self.mine.user_id, self.caseworker)
        self.assertEqual(self.park_case.user_id, self.other_caseworker)

    def test_back_to_the_departments(self):
        self._hand_over()
        self.assertFalse((self.mine | self.park_case).user_id)
        self.assertEqual(self.mine.department_id, self.streets)

    def test_closed_cases_stay_as_they_were(self):
        self.park_case._close(self.outcome_resolved)
        self._hand_over(default=self.successor)
        self.assertEqual(self.park_case.user_id, self.leaver)

    def test_restricted_cases_are_for_who_sees_them(self):
        self.park_case.confidentiality = "restricted"
        done = self._hand_over(self.coordinator, self.successor)
        self.assertEqual(done["cases"], 1)
        self.assertEqual(self.park_case.user_id, self.leaver)
        self._hand_over(self.confidant, self.successor)
        self.assertEqual(self.park_case.user_id, self.successor)

    def test_followers(self):
        self.mine.message_subscribe(self.leaver.partner_id.ids)
        self._hand_over(default=self.successor)
        followers = self.mine.message_partner_ids
        self.assertNotIn(self.leaver.partner_id, followers)
        self.assertIn(self.successor.partner_id, followers)

    def test_nobody_gets_a_mail_for_each(self):
        before = self.env["mail.mail"].search_count([])
        notified = self.env["mail.notification"].search_count([])
        self._hand_over(default=self.successor)
        self.assertEqual(self.env["mail.mail"].search_count([]), before)
        self.assertEqual(self.env["mail.notification"].search_count([]), notified)

    def test_thousands_of_cases(self):
        """The number of queries does not grow with the cases."""

        def _count(number):
            self.Case.intake(
                [
                    {
                        "channel": "phone",
                        "name": "x",
                        "user_id": self.leaver.id,
                        "department_id": self.streets.id,
                    }
                ]
                * number
            )
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self._hand_over(default=self.successor)
            self.env.flush_all()
            return self.env.cr.sql_log_count - before

        _count(1)
        few, many = _count(2), _count(80)
        self.assertLessEqual(many, few + 8)

    # Activities and letters

    def test_activities(self):
        self._hand_over(default=self.successor)
        self.assertEqual(self.activity.user_id, self.successor)

    def test_activities_are_never_nobodys(self):
        park = self._todo(self.park_case)
        self._hand_over(self.coordinator)
        self.assertEqual(self.activity.user_id, self.manager, "the head of Streets")
        self.assertEqual(park.user_id, self.coordinator, "Parks has no head")

    def test_other_peoples_activities_stay(self):
        partner = self._make_case().partner_id
        other = partner.activity_schedule(
            "mail.mail_activity_data_todo", user_id=self.leaver.id, summary="Private"
        )
        self._hand_over(default=self.successor)
        self.assertEqual(other.user_id, self.leaver)

    def test_letters_not_sent_are_signed_by_others(self):
        draft = self._make_letter(case_id=False, signatory_ids=[Command.set(self.leaver.ids)])
        approved = self._make_approved(case_id=False, signatory_ids=[Command.set(self.leaver.ids)])
        sent = self._make_sent(case_id=False, signatory_ids=[Command.set(self.leaver.ids)])
        done = self._hand_over(default=self.successor)
        self.assertEqual(done["letters"], 2)
        self.assertEqual((draft | approved).signatory_ids, self.successor)
        self.assertEqual(approved.state, "draft", "approved with another signature")
        self.assertEqual(sent.signatory_ids, self.leaver)

    # Rules, headships, memberships

    def test_manager_switches_what_names_them(self):
        self.parks.write({"head_id": self.leaver.id, "escalate_to_id": self.leaver.id})
        self._hand_over(default=self.successor)
        self.assertEqual(self.rule.user_id, self.successor)
        self.assertEqual(self.parks.head_id, self.successor)
        self.assertEqual(self.parks.escalate_to_id, self.successor)
        self.assertFalse(self.leaver.constituent_department_ids)
        self.assertFalse(self.leaver._named_in())

    def test_left_without_successor_nobody_is_named(self):
        self._hand_over()
        self.assertFalse(self.rule.user_id)
        self.assertEqual(self.rule.department_id, self.streets)

    def test_new_cases_do_not_go_to_who_left(self):
        self._hand_over(default=self.successor)
        case = self._make_case(name="Another testpothole", department_id=False)
        self.assertEqual(case.routing_rule_id, self.rule)
        self.assertEqual(case.user_id, self.successor)

    def test_coordinator_hands_over_work_only(self):
        done = self._hand_over(self.coordinator, self.successor)
        self.assertNotIn("named_in", done)
        self.assertEqual(self.mine.user_id, self.successor)
        self.assertEqual(self.rule.user_id, self.leaver)
        self.assertIn(self.streets, self.leaver.constituent_department_ids)

    def test_it_is_noted_with_their_contact(self):
        self._hand_over(default=self.successor)
        note = self.leaver.partner_id.message_ids[0]
        self.assertIn("2 cases, 1 activities", note.body)
        self.assertEqual(note.author_id, self.manager.partner_id)

    # Refusals

    def test_who_cannot_take_over(self):
        for user in (self.leaver, self.clerk, self.internal_user):
            with self.subTest(user=user.login), self.assertRaises(UserError):
                self._hand_over(default=user)
        self.successor.active = False
        with self.assertRaisesRegex(UserError, "cannot take over"):
            self._hand_over(default=self.successor)

    def test_roles(self):
        for user in (self.clerk, self.caseworker, self.internal_user, self.portal_user):
            with self.subTest(user=user.login):
                with self.assertRaises(AccessError):
                    self._hand_over(user, self.successor)
                with self.assertRaises(AccessError):
                    self.env["constituent.hand.over.staff.wizard"].with_user(user).create({})
        self.assertEqual(self.mine.user_id, self.leaver)

    # The window

    def test_window_counts(self):
        form = self._wizard()
        for text in ("Open cases: 2", "Activities: 1", "Holes", "Streets Department"):
            self.assertIn(text, form.summary)

    def test_window_one_person(self):
        wizard = self._wizard(successor_id=self.successor).save()
        action = wizard.action_hand_over_staff()
        self.assertEqual(action["res_id"], wizard.id)
        self.assertEqual(wizard.state, "done")
        self.assertIn("Open cases: 2", wizard.result)
        self.assertIn("Holes", wizard.result)
        self.assertEqual(self.mine.user_id, self.successor)

    def test_window_by_department(self):
        form = self._wizard(way="department")
        self.assertEqual(len(form.line_ids), 2)
        wizard = form.save()
        for line in wizard.line_ids:
            self.assertEqual(line.case_count, 1)
            line.successor_id = (
                self.caseworker if line.department_id == self.streets else self.other_caseworker
            )
        wizard.action_hand_over_staff()
        self.assertEqual(self.mine.user_id, self.caseworker)
        self.assertEqual(self.park_case.user_id, self.other_caseworker)

    def test_window_by_coordinator_says_what_is_left(self):
        wizard = self._wizard(self.coordinator, way="nobody").save()
        wizard.action_hand_over_staff()
        self.assertIn("For a manager to change", wizard.result)
        self.assertFalse(self.mine.user_id)

    def test_window_asks_who(self):
        wizard = self._wizard(way="nobody").save()
        wizard.way = "person"
        with self.assertRaisesRegex(UserError, "who takes over"):
            wizard.action_hand_over_staff()
