"""What gave a case its department, whatever happens to it; and what only code may write."""

from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import tagged

from ..models.constituent_case_guard import KEPT
from .common import ConstituentCommon


@tagged("post_install", "-at_install")
class TestRoutedBy(ConstituentCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["constituent.routing.rule"].search([]).active = False
        cls.rule = cls.env["constituent.routing.rule"].create(
            {"name": "Sinkholes", "keywords": "sinkhole", "department_id": cls.parks.id}
        )

    def test_each_basis(self):
        for vals, basis, department in (
            ({"name": "x", "department_id": self.parks.id}, "hand", self.parks),
            ({"name": "A sinkhole"}, "rule", self.parks),
            ({"name": "x", "door_department_id": self.streets.id}, "door", self.streets),
            ({"name": "A testpothole"}, "category", self.streets),
            ({"name": "x"}, "nothing", self.env["constituent.department"]),
        ):
            with self.subTest(basis):
                case = self._make_case(description=False, **vals)
                self.assertEqual((case.routed_by, case.department_id), (basis, department))

    def test_the_offices_own_door_gives_no_department(self):
        case = self._make_case(name="x", door_department_id=self.office.id)
        self.assertEqual((case.routed_by, case.department_id.id), ("nothing", False))

    def test_rule_before_door_before_category(self):
        door = {"door_department_id": self.streets.id}
        self.assertEqual(self._make_case(name="A sinkhole", **door).routed_by, "rule")
        self.assertEqual(self._make_case(name="A testtree", **door).routed_by, "door")

    def test_imports_are_as_in_the_file_or_by_category(self):
        case = self._make_case(mode="import", name="A sinkhole", category_id=self.pothole.id)
        self.assertEqual((case.routed_by, case.department_id), ("category", self.streets))

    def test_handed_over_is_by_hand(self):
        case = self._make_case(name="A sinkhole")
        wizard = self.env["constituent.case.hand.over.wizard"].with_user(self.coordinator)
        wizard.create(
            {"case_ids": case.ids, "department_id": self.streets.id, "note": "Ours"}
        ).action_hand_over_cases()
        self.assertEqual((case.routed_by, case.department_id), ("hand", self.streets))
        self.assertFalse(case.routing_rule_id)

    def test_emptied_by_hand_is_triage(self):
        case = self._make_case()
        case.with_user(self.coordinator).department_id = False
        self.assertEqual(case.routed_by, "nothing")

    def test_route_again_forgets_the_hand(self):
        case = self._make_case(name="A sinkhole", department_id=self.streets.id)
        case.with_user(self.coordinator).action_route_again()
        self.assertEqual((case.routed_by, case.department_id), ("rule", self.parks))
        self.assertEqual(case.routing_rule_id, self.rule)

    def test_a_person_alone_does_not_place_it(self):
        case = self._make_case()
        case.user_id = self.caseworker
        self.assertEqual(case.routed_by, "category")
        case.category_id = self.tree
        self.assertEqual(case.department_id, self.parks)

    def test_declined_and_given_on(self):
        case = self._make_case()
        case.with_user(self.caseworker)._decline("Not ours", self.parks)
        self.assertEqual(case.routed_by, "nothing")
        case.with_user(self.coordinator).action_take_proposal()
        self.assertEqual((case.routed_by, case.department_id), ("hand", self.parks))
        case.category_id = self.pothole
        self.assertEqual(case.department_id, self.parks)

    def test_rule_comes_with_a_category(self):
        case = self._make_case(name="x")
        self.rule.write({"keywords": False, "category_ids": [Command.set(self.pothole.ids)]})
        case.with_user(self.coordinator).category_id = self.pothole
        self.assertEqual((case.routed_by, case.department_id), ("rule", self.parks))

    def test_many_corrected_at_once(self):
        cases = self.Case.intake(
            [{"channel": "phone", "name": f"A testpothole {n}"} for n in range(50)]
        )
        placed = cases[:5]
        placed.with_user(self.coordinator).department_id = self.parks
        cases[:1].with_user(self.coordinator).department_id = self.streets
        cases[10]._close(self.outcome_resolved)
        cases.with_user(self.coordinator).write({"category_id": self.tree.id})
        self.assertEqual(set(cases.mapped("category_id")), {self.tree})
        self.assertEqual(cases[0].department_id, self.streets, "placed by hand")
        self.assertEqual(cases[1:5].department_id, self.parks)
        self.assertEqual(cases[10].department_id, self.streets, "closed")
        self.assertEqual((cases[5:10] | cases[11:]).department_id, self.parks)

    def test_restricted_cases_too(self):
        case = self._make_case(confidentiality="restricted")
        case.with_user(self.confidant).category_id = self.tree
        self.assertEqual((case.routed_by, case.department_id), ("category", self.parks))

    def test_an_emptied_category_changes_nothing(self):
        case = self._make_case()
        case.with_user(self.coordinator).category_id = False
        self.assertEqual((case.routed_by, case.department_id), ("category", self.streets))

    def test_same_category_again_is_no_change(self):
        case = self._make_case()
        before = len(case.event_ids)
        case.with_user(self.coordinator).category_id = self.pothole
        self.assertEqual(len(case.event_ids), before)


@tagged("post_install", "-at_install")
class TestGates(ConstituentCommon):
    """Columns that follow from what happens are not given by hand, by nobody."""

    def _value(self, name):
        """Return something to write that differs from what a new case has."""
        field = self.Case._fields[name]
        if field.type == "many2one":
            return self.env[field.comodel_name].search([], limit=1).id or 1
        if field.type == "many2many":
            return [Command.set(self.env[field.comodel_name].search([], limit=1).ids)]
        if field.type == "selection":
            return field.get_values(self.env)[-1]
        return {
            "boolean": True,
            "integer": 7,
            "datetime": "2001-02-03 04:05:06",
        }.get(field.type, "made up")

    def test_every_kept_column_is_there(self):
        self.assertGreater(len(KEPT), 25)
        for name in KEPT:
            self.assertIn(name, self.Case._fields)

    def test_refused_when_written(self):
        case = self._make_case()
        for user in (self.caseworker, self.coordinator, self.manager):
            for name in sorted(KEPT):
                with self.subTest(name, user=user.login), self.assertRaises(AccessError):
                    case.with_user(user).write({name: self._value(name)})

    def test_a_clerk_is_refused_in_their_own_case(self):
        case = self.Case.with_user(self.clerk).create({"name": "A testpothole"})
        for name in sorted(KEPT):
            with self.subTest(name), self.assertRaises(AccessError):
                case.write({name: self._value(name)})

    def test_left_out_when_created(self):
        plain = self.Case.with_user(self.coordinator).create({"name": "Plain"}).sudo()
        made = (
            self.Case.with_user(self.coordinator)
            .create({"name": "Made up", **{name: self._value(name) for name in KEPT}})
            .sudo()
        )
        # Those that differ from case to case by themselves.
        for name in KEPT - {"access_token", "held_since"}:
            with self.subTest(name):
                self.assertEqual(made[name], plain[name])
        self.assertNotEqual(made.access_token, "made up")
        self.assertNotEqual(str(made.held_since), "2001-02-03 04:05:06")

    def test_left_out_of_a_copy_and_defaults(self):
        context = {f"default_{name}": self._value(name) for name in KEPT - {"access_token"}}
        made = self.Case.with_user(self.coordinator).with_context(**context).create(
            {"name": "By defaults"}
        )  # fmt: skip
        self.assertTrue(made.sudo().number)
        plain = self.Case.with_user(self.coordinator).create({"name": "Plain"}).sudo()
        self.assertEqual(made.sudo().intake_mode, plain.intake_mode)
