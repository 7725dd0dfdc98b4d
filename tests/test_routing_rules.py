"""Rules that decide, rules that only add, and how often each has matched."""

from datetime import timedelta

from freezegun import freeze_time

from odoo import fields
from odoo.exceptions import AccessError, ValidationError
from odoo.fields import Command
from odoo.tests import tagged

from .test_district_rights import DistrictScreens


@tagged("post_install", "-at_install")
class TestRoutingRules(DistrictScreens):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.tag, cls.other_tag = cls.env["constituent.case.tag"].create(
            [{"name": "Tour route"}, {"name": "School"}]
        )

    def _rule(self, name, sequence, **vals):
        vals = {"name": name, "sequence": sequence, **vals}
        return self.env["constituent.routing.rule"].create(vals)

    def _adding(self, name="Urgent words", sequence=5, **vals):
        return self._rule(name, sequence, adds_only=True, **vals)

    def test_adds_and_goes_on(self):
        adding = self._adding(keywords="sinkhole, collapse", priority="3",
                              tag_ids=[Command.set(self.tag.ids)])  # fmt: skip
        deciding = self._rule("Parks", 10, department_id=self.parks.id,
                              tag_ids=[Command.set(self.other_tag.ids)])  # fmt: skip
        never = self._rule("Streets", 20, department_id=self.streets.id)
        case = self._make_case(name="A sinkhole")
        self.assertEqual(case.department_id, self.parks)
        self.assertEqual(case.routing_rule_id, deciding)
        self.assertEqual(case.priority, "3")
        self.assertEqual(case.tag_ids, self.tag | self.other_tag)
        routed = case.event_ids.filtered(lambda event: event.kind == "routed")
        self.assertEqual(routed.rule_id, adding | deciding)
        self.assertIn("Rule “Urgent words” adds: sinkhole", routed.mapped("note"))
        self.assertFalse(never.hit_count)

    def test_several_add_and_the_first_says_how_urgent(self):
        self._adding("First", 1, priority="1", tag_ids=[Command.set(self.tag.ids)])
        self._adding("Second", 2, priority="3", tag_ids=[Command.set(self.other_tag.ids)])
        case = self._make_case(name="Other", category_id=self.tree.id)
        self.assertEqual(case.priority, "1")
        self.assertEqual(case.tag_ids, self.tag | self.other_tag)
        # None decides: the category does.
        self.assertFalse(case.routing_rule_id)
        self.assertEqual(case.department_id, self.parks)
        self.assertEqual(case.routing_note, "By the category's department")

    def test_below_the_one_that_decides_nothing_is_tried(self):
        self._rule("Parks", 10, department_id=self.parks.id)
        below = self._adding("Below", 20, priority="3")
        case = self._make_case(name="Other")
        self.assertEqual(case.priority, "0")
        self.assertFalse(below.hit_count)

    def test_what_a_person_gave_is_kept(self):
        self._adding(priority="3", confidentiality="public")
        case = self._make_case(name="Other", priority="1", confidentiality="internal")
        self.assertEqual((case.priority, case.confidentiality), ("1", "internal"))

    def test_who_only_adds_gives_no_department(self):
        for vals in ({"department_id": self.parks.id}, {"user_id": self.caseworker.id}):
            with self.assertRaisesRegex(ValidationError, "only adds"):
                self._adding(**vals)
        rule = self._rule("Parks", 10, department_id=self.parks.id)
        with self.assertRaises(ValidationError):
            rule.adds_only = True

    def test_by_district(self):
        rule = self._rule("West", 5, department_id=self.parks.id,
                          district_ids=[Command.set(self.west.ids)])  # fmt: skip
        self.assertEqual(self._at(1.0).routing_rule_id, rule)
        self.assertFalse(self._at(3.0).routing_rule_id)
        self.assertFalse(self._make_case().routing_rule_id)
        # Routed again after its place was corrected.
        case = self._at(3.0)
        case.longitude = 1.0
        case.action_route_again()
        self.assertEqual(case.routing_rule_id, rule)
        self.assertEqual(case.department_id, self.parks)

    def test_routed_again_rules_that_add_do(self):
        case = self._make_case(name="A sinkhole")
        kept = self._make_case(name="A sinkhole", priority="1")
        adding = self._adding(keywords="sinkhole", priority="3", confidentiality="public",
                              tag_ids=[Command.set(self.tag.ids)])  # fmt: skip
        (case | kept).with_user(self.coordinator).action_route_again()
        self.assertEqual((case.priority, case.tag_ids), ("3", self.tag))
        self.assertEqual(case.confidentiality, "internal")
        self.assertEqual(kept.priority, "1")
        self.assertEqual(adding.hit_count, 2)
        self.assertIn("Rule “Urgent words” adds: sinkhole", case.event_ids.mapped("note"))

    def test_districts_given_by_hand(self):
        rule = self._rule("West", 5, district_ids=[Command.set(self.west.ids)])
        for commands in ([Command.set(self.west.ids)], [Command.link(self.west.id)]):
            case = self.Case.create({"name": "Other", "district_ids": commands})
            self.assertEqual(case.district_ids, self.west)
            self.assertEqual(case.routing_rule_id, rule)
        # An empty field of the web client says nothing: the place does.
        for commands in ([], [Command.clear()], [Command.set([])]):
            vals = {"name": "Other", "latitude": 1.0, "longitude": 1.0, "district_ids": commands}
            self.assertEqual(self.Case.create(vals).district_ids, self.west)

    def test_how_often_and_when_last(self):
        now = fields.Datetime.now()
        rule = self._rule("Parks", 10, keywords="sinkhole", department_id=self.parks.id)
        unused = self._rule("Unused", 20, keywords="nowhere")
        self.assertEqual((rule.hit_count, rule.last_hit, rule.is_idle), (0, False, False))
        # They have been here for long.
        self.env.cr.execute(
            "UPDATE constituent_routing_rule SET create_date = %s WHERE id IN %s",
            (now - timedelta(days=200), tuple((rule | unused).ids)),
        )
        (rule | unused).invalidate_recordset()
        self.assertTrue(rule.is_idle)
        with freeze_time(now - timedelta(days=120)):
            self._make_case(name="A sinkhole")
        rule.invalidate_recordset()
        self.assertEqual((rule.hit_count, rule.is_idle), (1, True))
        idle = [("is_idle", "=", True), ("id", "in", (rule | unused).ids)]
        self.assertEqual(rule.search(idle), rule | unused)
        self._make_case(name="A sinkhole")
        rule.invalidate_recordset()
        self.assertEqual((rule.hit_count, rule.is_idle), (2, False))
        self.assertEqual(rule.search(idle), unused)

    def test_imported_and_test_cases_are_not_ruled(self):
        self._adding(priority="3")
        for mode in ("import", "test"):
            case = self._make_case(name="Other", mode=mode)
            self.assertEqual(case.priority, "0")

    def test_only_managers_write_rules(self):
        rule = self._rule("Parks", 10, department_id=self.parks.id)
        for user in (self.clerk, self.caseworker, self.coordinator):
            with self.subTest(user.login), self.assertRaises(AccessError):
                rule.with_user(user).adds_only = False
        self.assertEqual(rule.with_user(self.coordinator).hit_count, 0)

    def test_two_hundred_rules_ask_nothing(self):
        """Conditions are worked out once: rules cost no query for each case."""

        def take_in():
            start = self.env.cr.sql_log_count
            self.Case.intake([{"channel": "phone", "name": f"A matter {n}"} for n in range(20)])
            self.env.flush_all()
            return self.env.cr.sql_log_count - start

        take_in()
        without = take_in()
        self.env["constituent.routing.rule"].create(
            [
                {
                    "name": f"Rule {number}",
                    "sequence": number,
                    "keywords": f"word{number}, phrase {number}",
                    "district_ids": [Command.set(self.west.ids)],
                }
                for number in range(200)
            ]
        )
        take_in()  # works them out
        self.assertLessEqual(take_in(), without)

    # Further conditions

    def test_conditions_on_who_brings_it(self):
        self._rule("Officials", 1, domain="[('partner_id.constituent_role', '=', 'business')]",
                   department_id=self.parks.id)  # fmt: skip
        self._rule("The east", 2, domain="[('zip', '=like', '100%'), ('kind', '!=', 'comment')]",
                   department_id=self.streets.id)  # fmt: skip
        self.resident.constituent_role = "business"
        self.assertEqual(self._make_case(name="Other").department_id, self.parks)
        self.resident.constituent_role = "resident"
        self.assertEqual(self._make_case(name="Other", zip="10001").department_id, self.streets)
        self.assertFalse(self._make_case(name="Other", zip="20001").department_id)
        self.assertFalse(self._make_case(name="Other", zip="10001", kind="comment").department_id)

    def test_broken_conditions_are_refused_with_their_place(self):
        for broken, place in (
            ("[('zip', '=', ", "at character"),
            ("nonsense", "no list of conditions"),
            ("[('zip', '=', uid)]", "plain values"),
            ("[('no_such_field', '=', 1)]", "no_such_field"),
            ("[('access_token', '!=', False)]", "access_token"),
            ("[('partner_id.user_ids.password', '!=', False)]", "password"),
            ("[('category_id', 'child_of', 1)]", "child_of"),
            ("[('zip', 'resembles', 'x')]", "resembles"),
            ("[('received_at', '>', 'yesterday noon')]", "received_at"),
            ("['&', ('zip', '=', '1')]", "Domain"),
            ("5", "omain"),
        ):
            with self.subTest(broken), self.assertRaises(ValidationError) as caught:
                self._rule("Broken rule", 1, domain=broken)
            self.assertIn("Broken rule", str(caught.exception))
            self.assertIn(place, str(caught.exception))

    def test_conditions_written_past_the_checks_do_not_stop_intake(self):
        broken, failing = self._rule("Broken", 1), self._rule("Failing", 2)
        self._rule("Works", 3, department_id=self.parks.id)
        for rule, domain in ((broken, "[("), (failing, "[('zip', '>', 5)]")):
            self.env.cr.execute(
                "UPDATE constituent_routing_rule SET domain = %s WHERE id = %s", [domain, rule.id]
            )
        self.env.invalidate_all()
        self.env.registry.clear_cache()
        with self.assertLogs("odoo.addons.constituent_services.models.constituent_routing_rule"):
            case = self._make_case(name="Other", zip="10001")
        self.assertEqual(case.department_id, self.parks)
        self.assertNotIn("error", case.event_ids.mapped("kind"))

    def test_conditions_see_what_the_clerk_may_not(self):
        self._rule("Business", 1, domain="[('partner_id.constituent_role', '=', 'resident')]",
                   department_id=self.parks.id)  # fmt: skip
        case = self.Case.with_user(self.clerk).intake(
            [{"channel": "phone", "name": "Other", "partner_id": self.resident.id}]
        )
        self.assertEqual(case.sudo().department_id, self.parks)
