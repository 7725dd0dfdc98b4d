"""Accepted, declined, decided; and which person of a department gets a case."""

from freezegun import freeze_time

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import Form, tagged

from .common import ConstituentCommon


@tagged("post_install", "-at_install")
class TestAcceptance(ConstituentCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.streets.must_accept = True
        cls.company.constituent_decider_id = cls.manager

    def _kinds(self, case):
        return case.event_ids.mapped("kind")

    def _decline(self, case, user, reason="A state road", department=False):
        action = case.with_user(user).action_decline()
        wizard = self.env[action["res_model"]].with_user(user).with_context(**action["context"])
        form = Form(wizard)
        form.reason = reason
        if department:
            form.department_id = department
        return form.save().action_decline_cases()

    def test_waits_for_the_department_that_asks(self):
        case = self._make_case()
        self.assertEqual((case.department_id, case.acceptance), (self.streets, "pending"))
        other = self._make_case(name="A testtree")
        self.assertEqual((other.department_id, other.acceptance), (self.parks, False))
        other.department_id = self.streets
        self.assertEqual(other.acceptance, "pending")
        self.assertFalse(self._make_case(mode="import", department_id=self.streets.id).acceptance)

    def test_accept(self):
        case = self._make_case()
        case.with_user(self.caseworker).action_accept()
        self.assertEqual(case.acceptance, "accepted")
        self.assertIn("accepted", self._kinds(case))
        with self.assertRaisesRegex(UserError, "nothing to accept"):
            case.with_user(self.caseworker).action_accept()

    def test_who_takes_it_accepts_it(self):
        case = self._make_case()
        case.with_user(self.caseworker).action_assign_to_me()
        self.assertEqual(case.acceptance, "accepted")

    def test_declined_goes_back_with_its_reason_and_promise(self):
        case = self._make_case()
        due, held = case.due_at, case.held_since
        self._decline(case, self.caseworker, department=self.parks)
        self.assertFalse(case.department_id or case.user_id)
        self.assertTrue(case.is_declined)
        self.assertEqual(case.decline_count, 1)
        self.assertEqual(case.due_at, due, "the promise to the resident never restarts")
        self.assertEqual(case.routing_note, "Streets Department declined: A state road")
        event = case.event_ids.filtered(lambda event: event.kind == "declined")
        self.assertEqual(event.department_from_id, self.streets)
        self.assertEqual(event.user_id, self.caseworker)
        moved = case.event_ids.filtered(lambda event: event.kind == "handed_over")
        self.assertEqual((moved.department_from_id, moved.held_from), (self.streets, held))
        case.with_user(self.coordinator).action_take_proposal()
        self.assertEqual(case.department_id, self.parks)
        self.assertFalse(case.is_declined or case.proposed_department_id)
        self.assertEqual(case.due_at, due)

    def test_declined_twice(self):
        """The second refusal goes to the named decider; whoever gets it then keeps it."""
        case = self._make_case()
        due = case.due_at
        self._decline(case, self.caseworker)
        case.with_user(self.coordinator).department_id = self.parks
        self._decline(case, self.other_caseworker, "Not a park")
        self.assertEqual(case.decline_count, 2)
        self.assertFalse(case.department_id)
        self.assertEqual(case.user_id, self.manager)
        activity = case.activity_ids
        self.assertEqual(activity.user_id, self.manager)
        self.assertIn("2 times", activity.summary)
        case.with_user(self.manager).department_id = self.streets
        self.assertEqual(case.acceptance, "decided")
        self.assertFalse(case.with_user(self.caseworker).may_decline)
        with self.assertRaisesRegex(UserError, "was decided"):
            case.with_user(self.caseworker).action_decline()
        self.assertEqual(case.due_at, due)

    def test_without_a_decider_it_stays_in_triage(self):
        self.company.constituent_decider_id = False
        case = self._make_case()
        for user, department in ((self.caseworker, self.parks), (self.other_caseworker, False)):
            self._decline(case, user)
            if department:
                case.department_id = department
        self.assertTrue(case.is_declined)
        self.assertFalse(case.user_id or case.activity_ids)

    def test_what_cannot_be_declined(self):
        case = self._make_case()
        with self.assertRaises(AccessError):
            case.with_user(self.other_caseworker).action_decline()
        with self.assertRaises(AccessError):
            case.with_user(self.clerk).action_decline()
        with self.assertRaisesRegex(UserError, "who has it now"):
            self._decline(case, self.caseworker, department=self.streets)
        with self.assertRaisesRegex(UserError, "Say why"):
            self._decline(case, self.caseworker, reason="   ")
        case._close(self.outcome_resolved)
        with self.assertRaises(UserError):
            case.with_user(self.caseworker).action_decline()

    def test_a_colleagues_department_is_not_declined_by_who_merely_sees_it(self):
        case = self._make_case(user_id=self.other_caseworker.id, department_id=self.streets.id)
        with self.assertRaisesRegex(UserError, "not with a department of yours"):
            case.with_user(self.other_caseworker).action_decline()

    def test_nobody_writes_it_by_hand(self):
        case = self._make_case()
        for vals in ({"acceptance": "decided"}, {"is_declined": True}, {"decline_count": 0},
                     {"proposed_department_id": self.parks.id}):  # fmt: skip
            with self.subTest(vals), self.assertRaises(AccessError):
                case.with_user(self.coordinator).write(vals)

    def test_lists(self):
        case = self._make_case()
        self.assertIn(case, self.Case.search([("acceptance", "=", "pending")]))
        self._decline(case, self.caseworker)
        self.assertIn(case, self.Case.search([("is_declined", "=", True)]))


@tagged("post_install", "-at_install")
class TestAssign(ConstituentCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.third = cls._make_user("caseworker", login="third")
        cls.people = cls.caseworker | cls.other_caseworker | cls.third
        cls.streets.member_ids = [Command.set(cls.people.ids)]

    def _six(self):
        reports = [{"channel": "phone", "name": f"A testpothole {n}"} for n in range(6)]
        return [case.user_id.id for case in self.Case.intake(reports)]

    def test_in_turn_also_within_a_batch(self):
        self.streets.assignment = "round_robin"
        first, then = self._six(), self._six()
        for six in (first, then):
            self.assertEqual({six.count(user.id) for user in self.people}, {2})
            self.assertEqual(len(set(six[:3])), 3, "one after the other")

    def test_fewest_open_also_within_a_batch(self):
        self.streets.assignment = "balanced"
        for _n in range(3):
            self._make_case(name="Other", department_id=self.parks.id, user_id=self.third.id)
        self.assertNotIn(self.third.id, self._six())
        self.assertIn(self.third.id, self._six()[:3])

    def test_by_hand_gives_to_nobody(self):
        self.streets.assignment = "manual"
        self.assertEqual(set(self._six()), {False})

    def test_who_is_away_gets_none(self):
        for assignment in ("round_robin", "balanced"):
            self.streets.assignment = assignment
            with freeze_time("2026-03-03 15:00:00"):
                self.env["constituent.absence"].create(
                    {
                        "user_id": self.third.id,
                        "date_from": "2026-03-02",
                        "date_to": "2026-03-03",
                    }
                )
                self.assertNotIn(self.third.id, self._six())
            with freeze_time("2026-03-04 15:00:00"):
                self.assertIn(self.third.id, self._six())

    def test_the_day_is_the_offices(self):
        """Nine in the evening in New York is the next day in UTC."""
        self.streets.assignment = "round_robin"
        self.env["constituent.absence"].create(
            {"user_id": self.third.id, "date_from": "2026-03-04", "date_to": "2026-03-04"}
        )
        with freeze_time("2026-03-04 02:00:00"):
            self.assertIn(self.third.id, self._six())

    def test_all_away_leaves_it_to_the_department(self):
        self.streets.assignment = "balanced"
        with freeze_time("2026-03-03 15:00:00"):
            self.env["constituent.absence"].create(
                [
                    {"user_id": user.id, "date_from": "2026-03-03", "date_to": "2026-03-03"}
                    for user in self.people
                ]
            )
            self.assertEqual(set(self._six()), {False})

    def test_hand_over_without_a_name_is_assigned_too(self):
        self.streets.assignment = "round_robin"
        cases = self.Case.intake(
            [{"channel": "phone", "name": "Other", "department_id": self.parks.id}] * 3
        )
        wizard = Form(
            self.env["constituent.case.hand.over.wizard"]
            .with_user(self.coordinator)
            .with_context(default_case_ids=cases.ids)
        )
        wizard.department_id = self.streets
        wizard.note = "It is a street"
        wizard.save().action_hand_over_cases()
        self.assertEqual(set(cases.mapped("user_id.id")), set(self.people.ids))

    def test_queries_do_not_grow_with_the_batch(self):
        self.streets.assignment = "balanced"

        def _queries(count):
            reports = [{"channel": "phone", "name": "A testpothole"}] * count
            self.Case.intake(reports)
            start = self.env.cr.sql_log_count
            self.Case._pick_members([self.streets.id] * count)
            return self.env.cr.sql_log_count - start

        self.assertEqual(_queries(1), 1)
        self.assertEqual(_queries(20), 1)

    # Absences

    def test_who_enters_whose_days(self):
        absences = self.env["constituent.absence"]
        own = absences.with_user(self.caseworker).create({"date_from": "2026-03-03",
                                                          "date_to": "2026-03-04"})  # fmt: skip
        self.assertEqual(own.user_id, self.caseworker)
        others = {"user_id": self.caseworker.id}
        with self.assertRaises(AccessError):
            absences.with_user(self.other_caseworker).create(others)
        absences.with_user(self.coordinator).create(others)
        self.assertTrue(own.with_user(self.other_caseworker).read(["user_id"]))
        for record in (own.with_user(self.other_caseworker),):
            with self.assertRaises(AccessError):
                record.note = "x"
            with self.assertRaises(AccessError):
                record.unlink()
        for user in (self.clerk, self.portal_user, self.internal_user):
            with self.subTest(user.login), self.assertRaises(AccessError):
                own.with_user(user).read(["user_id"])
            with self.subTest(user.login), self.assertRaises(AccessError):
                absences.with_user(user).create({})

    def test_days_in_order(self):
        with self.assertRaisesRegex(ValidationError, "before the first"):
            self.env["constituent.absence"].create(
                {"date_from": "2026-03-03", "date_to": "2026-03-02"}
            )
