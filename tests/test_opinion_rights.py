"""Who sees opinion mail, and who says what it is: refusals for each role."""

from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import new_test_user
from odoo.tools import mute_logger

from .common import PREFIX, ConstituentCommon
from .opinion_common import OpinionSetup

QUIET = ("odoo.addons.base.models.ir_model", "odoo.addons.base.models.ir_rule", "odoo.models")
DECISIONS = ("action_for", "action_against", "action_neither", "action_not_one")
ON_THE_CASE = (
    "action_position_for", "action_position_against", "action_position_as_group",
    "action_split_off_opinion",
)  # fmt: skip


class TestOpinionRights(OpinionSetup, ConstituentCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.issue = cls.env["constituent.issue"].create({"name": "Bike lanes on Main Street"})

    def setUp(self):
        super().setUp()
        self.group, self.cases = self._group(6)
        self.group.issue_id = self.issue
        self.env.flush_all()

    def assertRefused(self, work, *args, **kwargs):
        with self.assertRaises(AccessError), mute_logger(*QUIET), self.env.cr.savepoint():
            work(*args, **kwargs)
            self.env.flush_all()

    def test_coordinators_and_managers_decide(self):
        for user in (self.coordinator, self.manager):
            group = self.group.with_user(user)
            group.action_for()
            group.issue_id = False
            group.name = "As they call it"
            self.cases[0].with_user(user).action_position_against()
            issue = self.env["constituent.issue"].with_user(user).create({"name": user.login})
            issue.name = f"{user.login} again"
            issue.unlink()

    def test_nobody_makes_or_deletes_groups(self):
        for user in (self.clerk, self.caseworker, self.coordinator, self.manager):
            groups = self.env["constituent.opinion.group"].with_user(user)
            with self.subTest(user=user.login):
                self.assertRefused(groups.create, {"name": "x", "company_id": self.company.id})
                self.assertRefused(groups.browse(self.group.id).unlink)

    def test_caseworkers_look(self):
        group = self.group.with_user(self.caseworker)
        self.assertEqual(group.mail_count, 6)
        self.assertEqual(group.issue_id.name, "Bike lanes on Main Street")
        self.assertTrue(group.sample)
        for name in DECISIONS:
            self.assertRefused(getattr(group, name))
        self.assertRefused(group.write, {"issue_id": False})
        self.assertRefused(group.action_choose_target)
        for name in ON_THE_CASE:
            self.assertRefused(getattr(self.cases[0].with_user(self.caseworker), name))
        issue = self.issue.with_user(self.caseworker)
        self.assertRefused(issue.write, {"name": "x"})
        self.assertRefused(issue.action_close)
        self.assertRefused(issue.create, {"name": "x"})
        wizards = self.env["constituent.opinion.merge.wizard"].with_user(self.caseworker)
        self.assertRefused(
            wizards.create, {"group_ids": self.group.ids, "target_id": self.group.id}
        )

    def test_caseworkers_see_groups_through_their_cases(self):
        groups = self.env["constituent.opinion.group"].with_user(self.other_caseworker)
        self.assertNotIn(self.group, groups.search([]))
        self.assertRefused(groups.browse(self.group.id).read, ["name"])
        self.cases[:2].department_id = self.parks
        theirs = groups.browse(self.group.id)
        self.assertIn(theirs, groups.search([]))
        theirs.invalidate_recordset()
        self.assertEqual((theirs.mail_count, theirs.people_count, theirs.open_count), (2, 2, 2))
        self.assertEqual(self.group.with_user(self.caseworker).mail_count, 4)
        for case in self.cases[2:]:
            self.assertNotIn(case.number, theirs.sample)

    def test_own_and_shared_cases_open_it(self):
        groups = self.env["constituent.opinion.group"].with_user(self.other_caseworker)
        self.cases[0].user_id = self.other_caseworker
        self.assertIn(self.group, groups.search([]))
        self.cases[0].user_id = False
        self.assertNotIn(self.group, groups.search([]))
        self.cases[0].informed_department_ids = self.parks
        self.assertIn(self.group, groups.search([]))
        self.assertEqual(groups.browse(self.group.id).mail_count, 1)

    def test_clerks_have_the_line_of_the_case(self):
        report = self._report("bike lanes, for", 9, department_id=False)
        case = self.Case.with_user(self.clerk).intake([report])
        self.assertEqual(case.sudo().opinion_group_id, self.group)
        self.assertEqual(
            case.opinion_line,
            "Not Decided · Bike lanes on Main Street · one of many of its text",
        )
        for model in ("constituent.opinion.group", "constituent.issue"):
            records = self.env[model].with_user(self.clerk)
            self.assertRefused(records.search, [])
            self.assertRefused(records.browse(1).read, ["name"])
        for name in ON_THE_CASE:
            self.assertRefused(getattr(case, name))

    def test_fingerprints_are_for_nobody(self):
        self._letters("outfall, long", [1])
        for user in (self.clerk, self.caseworker, self.coordinator, self.manager, self.confidant):
            prints = self.env["constituent.opinion.print"].with_user(user)
            self.assertRefused(prints.search, [])
            self.assertRefused(
                prints.create,
                {
                    "case_id": self.cases[0].id, "company_id": self.company.id, "bands": "x",
                    "words": "x", "seen_at": "2026-01-01",
                },
            )  # fmt: skip

    def test_outsiders(self):
        for user in (self.portal_user, self.internal_user):
            for model in (
                "constituent.opinion.group", "constituent.issue", "constituent.opinion.print",
                "constituent.opinion.merge.wizard",
            ):  # fmt: skip
                with self.subTest(user=user.login, model=model):
                    self.assertRefused(self.env[model].with_user(user).search, [])

    def test_another_office(self):
        harbor = self.env["res.company"].create({"name": "Harbor Authority"})
        theirs = new_test_user(
            self.env, "t_harbor", f"{PREFIX}group_manager", company_id=harbor.id,
            company_ids=[Command.set(harbor.ids)], email="harbor@example.org",
        )  # fmt: skip
        for record in (self.group, self.issue):
            self.assertNotIn(record, record.with_user(theirs).search([]))
            self.assertRefused(record.with_user(theirs).read, ["name"])
        self.assertRefused(self.group.with_user(theirs).action_for)
        issue = self.env["constituent.issue"].with_user(theirs).create({"name": "Pier 4"})
        self.assertEqual(issue.company_id, harbor)

    def test_restricted_ones_are_counted_for_nobody(self):
        """Not even for who may see them: the group says nothing of them to anybody."""
        self.cases[0].confidentiality = "restricted"
        for user in (self.coordinator, self.confidant):
            self.assertEqual(self.group.with_user(user).mail_count, 5)
            self.assertNotIn(self.cases[0].number, self.group.with_user(user).sample)
            self.assertEqual(self.issue.with_user(user).mail_count, 5)

    def test_no_count_by_the_back_door(self):
        """A restricted case that the code left in a group is still not counted."""
        self.env.cr.execute(
            "UPDATE constituent_case SET confidentiality = 'restricted' WHERE id = %s",
            [self.cases[0].id],
        )
        self.env.invalidate_all()
        group = self.group.with_user(self.coordinator)
        self.assertEqual((group.mail_count, group.people_count), (5, 5))
        self.assertEqual(self.issue.with_user(self.coordinator).mail_count, 5)
        self.assertNotIn(self.cases[0].sudo().number, group.sample)
        self.assertEqual(len(group._cases_to_answer()), 5)

    def test_windows_are_their_users(self):
        wizards = self.env["constituent.opinion.merge.wizard"]
        mine = wizards.with_user(self.coordinator).create(
            {"group_ids": self.group.ids, "target_id": self.group.id}
        )
        self.assertRefused(mine.with_user(self.manager).read, ["target_id"])
        self.assertNotIn(mine, wizards.with_user(self.manager).search([]))
