"""Screens of opinion mail: what each role finds on them, and the way a coordinator takes."""

from lxml import etree

from odoo.tests import Form

from .common import PREFIX, ConstituentCommon
from .opinion_common import OpinionSetup

DECIDE = {"action_for", "action_against", "action_neither", "action_choose_target",
          "action_not_one"}  # fmt: skip
ON_THE_CASE = {"action_position_for", "action_position_against", "action_split_off_opinion"}


class TestOpinionScreens(OpinionSetup, ConstituentCommon):
    def _buttons(self, user, model, view=None, kind="form"):
        view_id = view and self.env.ref(PREFIX + view).id
        arch = self.env[model].with_user(user).get_view(view_id, kind)["arch"]
        return {node.get("name") for node in etree.fromstring(arch).iter("button")}

    def _menus(self, user):
        menus = self.env["ir.ui.menu"].with_user(user)
        wanted = menus.browse(
            [self.env.ref(f"{PREFIX}{name}").id for name in ("menu_opinion_mail", "menu_issues")]
        )
        return len(wanted._filter_visible_menus())

    def test_who_is_offered_to_decide(self):
        for user, offered in (
            (self.caseworker, set()),
            (self.coordinator, DECIDE),
            (self.manager, DECIDE),
        ):
            with self.subTest(user=user.login):
                found = self._buttons(user, "constituent.opinion.group")
                self.assertEqual(found & DECIDE, offered)

    def test_on_the_case(self):
        for user, offered, opens in (
            (self.clerk, set(), False),
            (self.caseworker, set(), True),
            (self.coordinator, ON_THE_CASE, True),
        ):
            with self.subTest(user=user.login):
                found = self._buttons(user, "constituent.case")
                self.assertEqual(found & ON_THE_CASE, offered)
                self.assertEqual("action_opinion_group" in found, opens)

    def test_the_letters_of_an_issue(self):
        for user, offered in ((self.caseworker, set()), (self.coordinator, ON_THE_CASE)):
            found = self._buttons(
                user, "constituent.case", "constituent_case_view_list_opinion", "list"
            )
            self.assertEqual(found & ON_THE_CASE, offered)

    def test_menus(self):
        for user, count in ((self.clerk, 0), (self.caseworker, 2), (self.manager, 2)):
            self.assertEqual(self._menus(user), count, user.login)

    def test_a_clerk_opens_a_case_of_a_group(self):
        self._group(5)
        report = self._report("bike lanes, for", 9, department_id=False)
        case = self.Case.with_user(self.clerk).intake([report])
        with Form(case) as form:
            self.assertIn("Not Decided", form.opinion_line)
            form.name = "As it was written"

    def test_choosing_the_issue_on_the_form(self):
        group, cases = self._group(5)
        issue = self._issue()
        with Form(group.with_user(self.coordinator)) as form:
            form.issue_id = issue
            form.name = "Lanes, yes"
        self.assertEqual(group.issue_id, issue)
        group.with_user(self.coordinator).action_for()
        self.assertEqual(issue.with_user(self.coordinator).for_people, 5)
        self.assertEqual(set(cases.mapped("position")), {"for"})

    def test_a_new_issue(self):
        form = Form(self.env["constituent.issue"].with_user(self.coordinator))
        form.name = "Library hours"
        self.assertEqual(form.save().company_id, self.company)

    def test_kept_windows_of_the_office(self):
        """A manager sets from how many people on it is a campaign."""
        settings = self.env["constituent.office.settings"].with_user(self.manager)
        with Form(settings) as form:
            self.assertEqual(form.constituent_opinion_from, 5)
            form.constituent_opinion_from = 3
        form.record.action_save_settings()
        self.assertEqual(self.company.constituent_opinion_from, 3)
        self._group(3)
