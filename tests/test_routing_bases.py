"""What gave a case its department, from intake on and after each thing that moves it."""

from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged

from .common import ConstituentCommon


@tagged("post_install", "-at_install")
class TestRoutedBy(ConstituentCommon):
    """The basis is kept through all that moves a case, and a person's word is not overruled."""

    def _rule(self, department, words="testsiren", **vals):
        return self.env["constituent.routing.rule"].create(
            {"name": "Sirens", "keywords": words, "department_id": department.id, **vals}
        )

    def _lost(self, **vals):
        """Take in what no rule, door or category places."""
        return self._make_case(**{"name": "Nothing known", "description": False, **vals})

    def _wizard(self, case, action, user=None, **vals):
        opened = getattr(case.with_user(user or self.coordinator), action)()
        wizards = self.env[opened["res_model"]].with_user(user or self.coordinator)
        form = Form(wizards.with_context(**opened["context"]))
        for name, value in vals.items():
            setattr(form, name, value)
        return form.save()

    def _assert_basis(self, case, basis, department):
        case.invalidate_recordset()
        self.assertEqual((case.routed_by, case.department_id), (basis, department))

    # At intake

    def test_by_the_category(self):
        case = self._make_case()
        self._assert_basis(case, "category", self.streets)
        self.assertEqual(case.routing_note, "By the category's department")
        given = self._lost(category_id=self.tree.id)
        self._assert_basis(given, "category", self.parks)

    def test_by_a_rule_before_the_category(self):
        rule = self._rule(self.parks)
        case = self._make_case(name="A testpothole and a testsiren")
        self._assert_basis(case, "rule", self.parks)
        self.assertEqual((case.category_id, case.routing_rule_id), (self.pothole, rule))
        self.assertIn("testsiren", case.routing_note)

    def test_by_hand_before_a_rule(self):
        self._rule(self.parks)
        case = self._make_case(name="A testsiren", department_id=self.streets.id)
        self._assert_basis(case, "hand", self.streets)
        self.assertEqual(case.routing_note, "Given by hand")

    def test_a_person_who_is_named_is_a_hand_too(self):
        case = self._make_case(user_id=self.caseworker.id)
        self._assert_basis(case, "hand", self.streets)
        self.assertEqual(case.user_id, self.caseworker)

    def test_by_nothing(self):
        case = self._lost()
        self._assert_basis(case, "nothing", self.env["constituent.department"])
        self.assertIn("triage", case.routing_note)

    def test_a_rule_that_only_adds_is_no_basis(self):
        self.env["constituent.routing.rule"].create(
            {"name": "Loud", "keywords": "testsiren", "adds_only": True, "priority": "3"}
        )
        placed = self._make_case(name="A testpothole and a testsiren")
        self._assert_basis(placed, "category", self.streets)
        lost = self._lost(name="A testsiren")
        self._assert_basis(lost, "nothing", self.env["constituent.department"])
        self.assertEqual(lost.priority, "3")

    def test_an_import_that_names_nobody(self):
        self._rule(self.parks)
        case = self._make_case(name="A testsiren", mode="import", category_id=self.pothole.id)
        self._assert_basis(case, "category", self.streets)

    def test_an_import_that_names_a_department(self):
        case = self._make_case(mode="import", department_id=self.parks.id)
        self._assert_basis(case, "hand", self.parks)

    def test_each_of_a_batch_has_its_own(self):
        self._rule(self.office)
        reports = [
            {"channel": "phone", "name": "A testpothole"},
            {"channel": "phone", "name": "A testsiren"},
            {"channel": "phone", "name": "Nothing known"},
            {"channel": "phone", "name": "A testpothole", "department_id": self.parks.id},
        ]
        cases = self.Case.intake(reports)
        self.assertEqual(cases.mapped("routed_by"), ["category", "rule", "nothing", "hand"])

    def test_the_history_says_where_it_went(self):
        rule = self._rule(self.parks)
        case = self._make_case(name="A testsiren")
        event = case.event_ids.filtered(lambda event: event.kind == "routed")
        self.assertEqual((event.rule_id, event.department_to_id), (rule, self.parks))

    # Later

    def test_given_back_to_triage(self):
        case = self._make_case()
        case.with_user(self.coordinator).department_id = False
        self._assert_basis(case, "nothing", self.env["constituent.department"])
        case.with_user(self.coordinator).department_id = self.parks
        self._assert_basis(case, "hand", self.parks)

    def test_another_person_is_not_another_basis(self):
        case = self._make_case()
        case.with_user(self.coordinator).user_id = self.caseworker
        self._assert_basis(case, "category", self.streets)

    def test_handed_over(self):
        case = self._make_case()
        wizard = self._wizard(
            case, "action_hand_over", department_id=self.parks, note="Roots of a tree"
        )
        wizard.action_hand_over_cases()
        self._assert_basis(case, "hand", self.parks)
        case.with_user(self.coordinator).category_id = self.pothole
        case.with_user(self.coordinator).category_id = self.tree
        case.with_user(self.coordinator).category_id = self.pothole
        self._assert_basis(case, "hand", self.parks)

    def test_taken_out_of_triage(self):
        case = self._lost()
        case.with_user(self.coordinator).user_id = self.caseworker
        self._assert_basis(case, "nothing", self.env["constituent.department"])
        case.with_user(self.caseworker).action_assign_to_me()
        self._assert_basis(case, "hand", self.streets)

    def test_routed_again_forgets_the_hand(self):
        case = self._make_case(department_id=self.parks.id)
        case.with_user(self.coordinator).action_route_again()
        self._assert_basis(case, "category", self.streets)
        rule = self._rule(self.office, "testpothole")
        case.with_user(self.coordinator).action_route_again()
        self._assert_basis(case, "rule", self.office)
        self.assertEqual(case.routing_rule_id, rule)
        rule.active = False
        case.with_user(self.coordinator).action_route_again()
        self._assert_basis(case, "category", self.streets)
        self.assertFalse(case.routing_rule_id)

    def test_routed_again_to_nowhere(self):
        case = self._lost(department_id=self.parks.id)
        case.with_user(self.coordinator).action_route_again()
        self._assert_basis(case, "nothing", self.env["constituent.department"])

    def test_a_closed_one_among_several_is_not_routed_again(self):
        fine = self._make_case(department_id=self.parks.id)
        closed = self._make_case(department_id=self.parks.id)
        closed._close(self.outcome_resolved)
        with self.assertRaisesRegex(UserError, "reopen it first"):
            (fine | closed).with_user(self.coordinator).action_route_again()
        self._assert_basis(fine, "hand", self.parks)

    def test_declined_and_placed_as_proposed(self):
        case = self._make_case()
        wizard = self._wizard(
            case, "action_decline", self.caseworker, reason="A root", department_id=self.parks
        )
        wizard.action_decline_cases()
        self._assert_basis(case, "nothing", self.env["constituent.department"])
        case.with_user(self.coordinator).action_take_proposal()
        self._assert_basis(case, "hand", self.parks)
        case.with_user(self.coordinator).category_id = self.tree
        case.with_user(self.coordinator).category_id = self.pothole
        self._assert_basis(case, "hand", self.parks)

    def test_the_same_as_another_lies_where_that_is_worked(self):
        main = self._make_case(name="A testtree")
        other = self._make_case()
        other.with_user(self.coordinator).action_same_as(main.id)
        # What gave it its own department counts again once it is another matter.
        self._assert_basis(other, "category", self.parks)
        self._assert_basis(main, "category", self.parks)
        lost, another = self._lost(), self._make_case()
        another.with_user(self.coordinator).action_same_as(lost.id)
        self._assert_basis(another, "category", self.env["constituent.department"])
        another.with_user(self.coordinator).action_not_same()
        self._assert_basis(another, "category", self.streets)

    # The category is corrected

    def test_a_rule_still_comes_first(self):
        rule = self._rule(self.office)
        case = self._make_case(name="A testpothole and a testsiren")
        case.with_user(self.coordinator).category_id = self.tree
        self._assert_basis(case, "rule", self.office)
        self.assertEqual(case.routing_rule_id, rule)

    def test_a_category_without_a_department(self):
        nobody = self.env["constituent.category"].create({"name": "Test Nobody's"})
        case = self._make_case()
        case.with_user(self.coordinator).category_id = nobody
        expected = self.env["constituent.category"]._routing_defaults(nobody.id)[0]
        self.assertEqual(case.department_id.id, expected)
        self.assertEqual(case.routed_by, "category" if expected else "nothing")

    def test_category_and_department_in_one_write(self):
        case = self._make_case()
        case.with_user(self.coordinator).write(
            {"category_id": self.tree.id, "department_id": self.streets.id}
        )
        self._assert_basis(case, "hand", self.streets)

    def test_the_same_category_again_changes_nothing(self):
        case = self._make_case()
        events = len(case.event_ids)
        case.with_user(self.coordinator).category_id = self.pothole
        self._assert_basis(case, "category", self.streets)
        self.assertEqual(len(case.event_ids), events)

    def test_closed_and_imported_stay(self):
        closed = self._make_case()
        closed._close(self.outcome_resolved)
        imported = self._make_case(mode="import", category_id=self.pothole.id)
        for case in (closed, imported):
            before = len(case.event_ids.filtered(lambda event: event.kind == "routed"))
            case.with_user(self.coordinator).category_id = self.tree
            self._assert_basis(case, "category", self.streets)
            after = len(case.event_ids.filtered(lambda event: event.kind == "routed"))
            self.assertEqual(after, before)

    def test_a_restricted_case_moves_for_who_may_see_it(self):
        case = self._make_case(confidentiality="restricted")
        with self.assertRaises(AccessError):
            case.with_user(self.coordinator).category_id = self.tree
        self._assert_basis(case, "category", self.streets)
        case.with_user(self.confidant).category_id = self.tree
        self._assert_basis(case, "category", self.parks)
        self.assertEqual(case.confidentiality, "restricted")

    def test_fifty_in_one_write(self):
        reports = [{"channel": "phone", "name": f"A testpothole {n}"} for n in range(50)]
        cases = self.Case.intake(reports)
        placed = cases[::10]
        placed.write({"department_id": self.office.id})
        cases.with_user(self.coordinator).write({"category_id": self.tree.id})
        self.assertEqual(cases.category_id, self.tree)
        self.assertEqual(set(placed.mapped("routed_by")), {"hand"})
        self.assertEqual(placed.department_id, self.office)
        moved = cases - placed
        self.assertEqual(set(moved.mapped("routed_by")), {"category"})
        self.assertEqual(moved.department_id, self.parks)
        for case in cases:
            notes = case.event_ids.mapped("note")
            self.assertEqual(notes.count("Category changed: Test Pothole → Test Tree"), 1)
