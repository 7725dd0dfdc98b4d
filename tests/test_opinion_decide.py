"""What a person says of opinion mail, and how it is counted."""

from datetime import timedelta

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Datetime
from odoo.tests import Form
from odoo.tools import mute_logger

from .common import ConstituentCommon
from .opinion_common import OWN, OpinionSetup


class TestDecide(OpinionSetup, ConstituentCommon):
    def _notes(self, case):
        return case.event_ids.filtered(lambda event: event.kind == "opinion").mapped("note")

    def test_for_and_against(self):
        group, cases = self._group(5)
        group = group.with_user(self.coordinator)
        self.assertEqual(set(cases.mapped("position")), {"undecided"})
        for action, position in (
            ("action_for", "for"),
            ("action_against", "against"),
            ("action_neither", "neutral"),
        ):
            getattr(group, action)()
            self.assertEqual((group.position, group.state), (position, "confirmed"))
            self.assertEqual(set(cases.mapped("position")), {position})
        joined = self._letters("bike lanes, for", [7])
        self.assertEqual(joined.position, "neutral", "as those before it")
        tracked = group.message_ids.sudo().tracking_value_ids
        self.assertIn("Neither", tracked.mapped("new_value_char"))

    def test_one_that_says_something_else(self):
        group, cases = self._group(5)
        group.action_for()
        case = cases[0].with_user(self.coordinator)
        case.action_position_against()
        self.assertEqual(cases.mapped("position"), ["against"] + ["for"] * 4)
        group.action_neither()
        self.assertEqual(cases.mapped("position"), ["against"] + ["neutral"] * 4)
        self.assertEqual(self._notes(cases[0])[-1], "Counted by itself: Against")
        case.action_position_as_group()
        self.assertEqual(case.position, "neutral")
        self.assertEqual(self._notes(cases[0])[-1], "Counted as the others of its text")
        case.action_position_for()
        case.action_position_for()
        self.assertEqual(self._notes(cases[0]).count("Counted by itself: For"), 1)

    def test_a_case_in_no_group_has_no_position(self):
        case = self._make_case().with_user(self.coordinator)
        for action in ("action_position_for", "action_split_off_opinion"):
            with self.assertRaisesRegex(UserError, case.number):
                getattr(case, action)()

    def test_split_off(self):
        group, cases = self._group(6)
        cases[2].action_position_against()
        cases[2].with_user(self.coordinator).action_split_off_opinion()
        self.assertFalse(cases[2].opinion_group_id)
        self.assertFalse(cases[2].position)
        self.assertEqual(self._notes(cases[2])[-1], "Split off from the opinion mail")
        self.assertEqual(group.mail_count, 5)
        # It is not put back when it is looked at again.
        cases[2].confidentiality = "public"
        self.assertFalse(cases[2].opinion_group_id)

    def test_not_one_group(self):
        group, cases = self._group(5)
        group.with_user(self.coordinator).action_not_one()
        self.assertEqual(group.state, "not_one")
        self.assertFalse(cases.opinion_group_id)
        self.assertEqual(
            self._notes(cases[0])[-1], "Not one group, somebody said: About the bike lanes"
        )
        more = self._letters("bike lanes, for", range(10, 17))
        self.assertFalse(more.opinion_group_id, "not proposed again")
        for action in ("action_for", "action_against", "action_neither"):
            with self.assertRaises(UserError):
                getattr(group, action)()

    def test_merge(self):
        self.company.constituent_opinion_from = 3
        one, cases = self._group(4)
        other, others = self._group(3, "outfall, long")
        opened = other.with_user(self.coordinator).action_choose_target()
        wizards = self.env[opened["res_model"]].with_user(self.coordinator)
        form = Form(wizards.with_context(**opened["context"]))
        form.target_id = one
        action = form.save().action_merge()
        self.assertEqual(action["res_id"], one.id)
        self.assertFalse(other.exists())
        self.assertEqual(one.case_ids, cases | others)
        self.assertEqual(
            self._notes(others[0])[-1], "Opinion mail: counted with About the bike lanes"
        )
        self.assertIn("About the outfall", one.message_ids[0].body)
        for campaign in ("bike lanes, for", "outfall, long"):
            self.assertEqual(self._letters(campaign, [30]).opinion_group_id, one)

    def test_the_larger_is_proposed_to_stay(self):
        self.company.constituent_opinion_from = 3
        small, _cases = self._group(3)
        large, _cases = self._group(6, "outfall, long")
        opened = (small | large).action_choose_target()
        wizard = self.env[opened["res_model"]].with_context(**opened["context"]).create({})
        self.assertEqual(wizard.target_id, large)
        wizard.action_merge()
        self.assertFalse(small.exists())

    def test_merges_that_cannot_be(self):
        self.company.constituent_opinion_from = 2
        one, _cases = self._group(2)
        refused, _cases = self._group(2, "outfall, long")
        refused.action_not_one()
        harbor = self.env["res.company"].create(
            {"name": "Harbor Authority", "constituent_opinion_from": 2}
        )
        theirs = self._letters(
            "tower, short", (1, 2), company_id=harbor.id, department_id=False
        ).opinion_group_id
        self.assertEqual(theirs.company_id, harbor)
        for others, target, words in (
            (one, one, "another group"),
            (one, refused, "not to be one"),
            (refused, one, "not to be one"),
            (theirs, one, "different offices"),
        ):
            with self.subTest(words), self.assertRaisesRegex(UserError, words):
                others._merge_into(target)
        issue = self._issue()
        with self.assertRaisesRegex(ValidationError, "another office"):
            theirs.issue_id = issue

    def test_kept_by_the_steps(self):
        group, cases = self._group(5)
        group = group.with_user(self.manager)
        for values in (
            {"state": "confirmed"},
            {"company_id": 1},
            {"case_ids": [(5, 0, 0)]},
        ):
            with self.assertRaises(AccessError):
                group.write(values)
        for values in (
            {"opinion_group_id": False},
            {"position": "for"},
            {"position_own": "for"},
            {"opinion_apart": True},
        ):
            with self.assertRaises(AccessError):
                cases[0].with_user(self.manager).write(values)
        made = self.Case.with_user(self.coordinator).create(
            {"name": "x", "opinion_group_id": group.id, "position_own": "for"}
        )
        self.assertFalse(made.opinion_group_id)
        self.assertFalse(made.position)

    def test_the_sample(self):
        cases = self._letters("bike lanes, for", range(4))
        cases += self._letters("bike lanes, for", [4], own=OWN[2])
        sample = cases.opinion_group_id.sample
        self.assertIn("<mark>", sample)
        self.assertIn("My daughter rides", sample.partition("<mark>")[2])
        for case in (cases[0], cases[4]):
            self.assertIn(case.number, sample)

    def test_the_sample_is_text(self):
        cases = self._letters("bike lanes, for", range(4))
        cases += self._letters(
            "bike lanes, for", [4], own="1 < 2 &lt;script&gt;alert(1)&lt;/script&gt; and so on"
        )
        sample = cases.opinion_group_id.sample
        self.assertIn("&lt;script&gt;", sample)
        self.assertNotIn("<script", sample)

    def test_nothing_to_show(self):
        group, _cases = self._group(5)
        group.action_not_one()
        self.assertFalse(group.sample)
        self.assertEqual((group.mail_count, group.people_count), (0, 0))
        self.assertFalse(group.first_seen)

    def test_to_answer(self):
        group, cases = self._group(6)
        letters = self.env["constituent.correspondence"]
        values = {"subject": "Bike lanes", "body": "<p>x</p>", "medium": "post"}
        self.assertEqual(group._cases_to_answer(), cases)
        draft = letters.create(
            {**values, "case_id": cases[0].id, "partner_id": cases[0].partner_id.id}
        )
        self.assertEqual(group._cases_to_answer(), cases[1:], "somebody is writing")
        draft._advance("cancelled")
        self.assertEqual(group._cases_to_answer(), cases)
        draft._advance("draft")
        again = self._letters("bike lanes, for", [0])
        draft.also_case_ids = again
        cases[1]._close(self.outcome_resolved)
        self.assertEqual(group._cases_to_answer(), cases[2:])
        letters.create({**values, "case_id": cases[2].id, "direction": "in"})
        self.assertEqual(group._cases_to_answer(), cases[2:], "it came in")
        cases[3].department_id = self.parks
        self.assertEqual(
            group.with_user(self.caseworker)._cases_to_answer(),
            (cases[2:] - cases[3]).with_user(self.caseworker),
        )

    def test_actions(self):
        group, cases = self._group(5)
        found = self.Case.search(group.action_cases()["domain"])
        self.assertEqual(found, cases.sorted("id", reverse=True))
        opened = cases[0].with_user(self.caseworker).action_opinion_group()
        self.assertEqual(opened["res_id"], group.id)
        with self.assertRaises(AccessError), mute_logger("odoo.addons.base.models.ir_model"):
            cases[0].with_user(self.clerk).action_opinion_group()

    def test_the_line_on_the_case(self):
        group, cases = self._group(5)
        group.issue_id = self._issue()
        group.action_against()
        self.assertEqual(
            cases[0].opinion_line, "Against · Bike lanes on Main Street · like 4 others"
        )
        self.assertFalse(self._make_case().opinion_line)


class TestIssue(OpinionSetup, ConstituentCommon):
    """Counts of letters and of people, each once, as the reader sees them."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.issue = cls.env["constituent.issue"].create({"name": "Bike lanes on Main Street"})

    def _counts(self, issue=None, user=None):
        issue = (issue or self.issue).with_user(user or self.coordinator)
        issue.invalidate_recordset()
        letters = (issue.for_count, issue.against_count, issue.unclear_count, issue.mail_count)
        people = (issue.for_people, issue.against_people, issue.unclear_people, issue.people_count)
        return letters, people

    def _on(self, campaign, numbers, **values):
        cases = self._letters(campaign, numbers, **values)
        cases.opinion_group_id.issue_id = self.issue
        return cases

    def test_nothing_yet(self):
        self.assertEqual(self._counts(), ((0, 0, 0, 0), (0, 0, 0, 0)))

    def test_for_against_and_unclear(self):
        pro, contra = self._on("bike lanes, for", range(7)), self._on(
            "bike lanes, against", range(20, 25)
        )  # fmt: skip
        self.assertEqual(self._counts()[0], (0, 0, 12, 12))
        pro.opinion_group_id.action_for()
        self.assertEqual(self._counts()[0], (7, 0, 5, 12))
        contra.opinion_group_id.action_against()
        self.assertEqual(self._counts(), ((7, 5, 0, 12), (7, 5, 0, 12)))
        contra.opinion_group_id.action_neither()
        self.assertEqual(self._counts()[0], (7, 0, 5, 12))

    def test_a_person_counts_once_as_they_wrote_last(self):
        now = Datetime.now()
        pro = self._on("bike lanes, for", range(5), received_at=now - timedelta(days=3))
        pro += self._on("bike lanes, for", [0, 0], received_at=now - timedelta(days=2))
        pro.opinion_group_id.action_for()
        self.assertEqual(self._counts(), ((7, 0, 0, 7), (5, 0, 0, 5)))
        contra = self._on("bike lanes, against", [0, 1, 20, 21, 22], received_at=now)
        contra.opinion_group_id.action_against()
        self.assertEqual(self._counts(), ((7, 5, 0, 12), (3, 5, 0, 8)))

    def test_who_is_not_known_counts_by_themselves(self):
        cases = self._on("bike lanes, for", range(5))
        cases.opinion_group_id.action_for()
        cases[:2].write({"partner_id": False})
        self.assertEqual(self._counts(), ((5, 0, 0, 5), (5, 0, 0, 5)))
        self.assertEqual(cases.opinion_group_id.people_count, 5)

    def test_contacts_that_were_merged_are_one(self):
        cases = self._on("bike lanes, for", range(5))
        cases.opinion_group_id.action_for()
        cases[1].partner_id = cases[0].partner_id
        self.assertEqual(self._counts()[1], (4, 0, 0, 4))

    def test_as_the_reader_sees_them(self):
        cases = self._on("bike lanes, for", range(6))
        cases.opinion_group_id.action_for()
        cases[:4].department_id = self.parks
        self.assertEqual(self._counts()[0], (6, 0, 0, 6))
        self.assertEqual(self._counts(user=self.caseworker)[0], (2, 0, 0, 2))
        self.assertEqual(self._counts(user=self.other_caseworker)[0], (4, 0, 0, 4))

    def test_two_issues_at_once(self):
        other = self._issue("The outfall")
        self._on("bike lanes, for", range(5)).opinion_group_id.action_for()
        group = self._letters("outfall, long", range(20, 26)).opinion_group_id
        group.issue_id = other
        group.action_against()
        both = (self.issue | other).with_user(self.coordinator)
        self.assertEqual(both.mapped("mail_count"), [5, 6])
        self.assertEqual(both.mapped("against_people"), [0, 6])

    def test_letters_over_time(self):
        cases = self._on("bike lanes, for", range(5))
        cases.opinion_group_id.action_for()
        action = self.issue.action_letters()
        rows = self.Case.with_user(self.coordinator).formatted_read_group(
            action["domain"],
            ["received_on:week", "position"],
            ["__count", "partner_id:count_distinct"],
        )
        self.assertEqual([row["partner_id:count_distinct"] for row in rows], [5])

    def test_close_and_reopen(self):
        issue = self.issue.with_user(self.coordinator)
        issue.action_close()
        self.assertEqual(issue.state, "closed")
        issue.action_reopen()
        self.assertEqual(issue.state, "open")

    def test_counted_is_kept(self):
        self._on("bike lanes, for", range(5))
        with self.assertRaisesRegex(UserError, "Bike lanes"):
            self.issue.with_user(self.coordinator).unlink()
        self._issue("Typed in error").with_user(self.coordinator).unlink()
