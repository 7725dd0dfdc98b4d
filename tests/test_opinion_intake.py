"""Letters of one text as they come in: found, grouped, explained; and what is never joined."""

from datetime import timedelta
from unittest.mock import patch

from psycopg2 import IntegrityError

from odoo.fields import Datetime
from odoo.tools import mute_logger

from ..models.constituent_case_opinion import ConstituentCase as OpinionCase
from ..models.constituent_opinion_print import KEPT_DAYS
from .common import PREFIX, ConstituentCommon
from .opinion_common import DIFFERENT, OWN, OpinionSetup, personal


class TestOpinionIntake(OpinionSetup, ConstituentCommon):
    def _prints(self, cases):
        return self.env["constituent.opinion.print"].search([("case_id", "in", cases.ids)])

    def _notes(self, case):
        return case.event_ids.filtered(lambda event: event.kind == "opinion").mapped("note")

    def test_below_the_number_they_only_wait(self):
        cases = self._letters("bike lanes, for", range(4))
        self.assertFalse(cases.opinion_group_id)
        self.assertFalse(any(map(self._notes, cases)))
        self.assertEqual(len(self._prints(cases)), 4)

    def test_the_fifth_makes_a_group_of_all_five(self):
        group, cases = self._group(5)
        self.assertEqual(group.state, "new")
        self.assertEqual(group.position, "undecided")
        self.assertEqual(group.company_id, self.company)
        self.assertEqual(group.name, "About the bike lanes")
        self.assertEqual(group.case_ids, cases)
        for case in cases:
            self.assertEqual(self._notes(case), ["Opinion mail: like 4 others"])
        self.assertFalse(self._prints(cases), "they wait no longer")
        self.assertEqual(len(group.print_ids), 1)

    def test_those_to_come_join(self):
        group, _cases = self._group(5)
        sixth, seventh = self._letters("bike lanes, for", (5, 6), own=OWN[3])
        self.assertEqual((sixth | seventh).opinion_group_id, group)
        self.assertEqual(self._notes(sixth), ["Opinion mail: like 5 others"])
        self.assertEqual(self._notes(seventh), ["Opinion mail: like 6 others"])

    def test_each_keeps_its_case_number_and_words(self):
        _group, cases = self._group(6)
        self.assertEqual(len(set(cases.mapped("number"))), 6)
        self.assertEqual(len(cases.partner_id), 6)
        self.assertIn(personal("bike lanes, for", 2)[1], cases[2].description_text)

    def test_in_one_batch(self):
        cases = self.Case.intake([self._report("outfall, long", n, OWN[n % 7]) for n in range(40)])
        self.assertEqual(len(cases.opinion_group_id), 1)
        self.assertEqual(len(cases.filtered("opinion_group_id")), 40)
        self.assertEqual(self._notes(cases[0]), ["Opinion mail: like 4 others"])
        self.assertEqual(self._notes(cases[39]), ["Opinion mail: like 39 others"])

    def test_for_and_against_are_two_groups(self):
        pro, _cases = self._group(6, "bike lanes, for")
        contra, _cases = self._group(6, "bike lanes, against")
        self.assertNotEqual(pro, contra)
        self.assertEqual((len(pro.case_ids), len(contra.case_ids)), (6, 6))

    def test_spanish(self):
        group, cases = self._group(5, "library, Spanish", lang=False)
        self.assertEqual(group.case_ids, cases)

    def test_who_writes_in_their_own_words_is_alone(self):
        reports = [
            self._report("bike lanes, for", number, description=f"<p>{text}</p>")
            for number, text in enumerate(DIFFERENT["bike lanes"] * 2)
        ]
        self.assertFalse(self.Case.intake(reports[:4]).opinion_group_id)

    def test_the_office_says_how_many(self):
        self.company.constituent_opinion_from = 3
        self._group(3)
        self.company.constituent_opinion_from = 0
        cases = self._letters("outfall, long", range(6))
        self.assertFalse(cases.opinion_group_id)

    def test_a_group_of_one_is_none(self):
        with self.assertRaises(IntegrityError), mute_logger("odoo.sql_db"):
            self.company.constituent_opinion_from = 1
            self.env.flush_all()

    def test_one_person_ten_times_is_no_campaign(self):
        reports = [self._report("bike lanes, for", 1) for _time in range(10)]
        cases = self.Case.browse()
        for report in reports:
            cases += self.Case.intake([report])
        self.assertEqual(len(cases.partner_id), 1)
        self.assertFalse(cases.opinion_group_id)

    def test_within_thirty_days(self):
        now = Datetime.now()
        for days, number in ((100, 0), (70, 1), (45, 2), (5, 3), (0, 4)):
            case = self._letters(
                "bike lanes, for", [number], received_at=now - timedelta(days=days)
            )
        self.assertFalse(case.opinion_group_id)
        group = self._letters("bike lanes, for", (5, 6, 7)).opinion_group_id
        self.assertEqual(len(group.case_ids), 8, "earlier ones of the text join")

    def test_doors_and_kinds(self):
        self._group(5)
        for values in (
            {"channel": "phone"},
            {"channel": "walk_in"},
            {"channel": False},
            {"kind": "claim"},
            {"kind": "records_request"},
            {"kind": "media"},
            {"automatic": True},
            {"mode": "import"},
            {"mode": "test"},
            {"description": "<p>Please support the bike lanes.</p>"},
            {"description": False},
        ):
            with self.subTest(values):
                case = self._letters("bike lanes, for", [20], **values)
                self.assertFalse(case.opinion_group_id)
                self.assertFalse(self._prints(case))
        for values in ({"channel": "web"}, {"channel": "letter"}, {"kind": "complaint"}):
            with self.subTest(values):
                self.assertTrue(self._letters("bike lanes, for", [21], **values).opinion_group_id)

    def test_never_with_who_is_not_to_be_known(self):
        self._group(5)
        for values in (
            {"identity": "anonymous"},
            {"identity": "confidential"},
            {"confidentiality": "restricted"},
        ):
            with self.subTest(values):
                case = self._letters("bike lanes, for", [30], **values)
                self.assertFalse(case.opinion_group_id)
                self.assertFalse(self._prints(case))
                self.assertFalse(self._notes(case))

    def test_restricted_at_the_end_of_a_clerks_request(self):
        group, _cases = self._group(5)
        for count, numbers in ((5, [40]), (0, [41])):
            with self.subTest(numbers):
                report = self._report(
                    "bike lanes, for" if count else "outfall, long", numbers[0],
                    confidentiality="restricted", department_id=False,
                )  # fmt: skip
                case = self.Case.with_user(self.clerk).intake([report]).sudo()
                self.env.cr.precommit.run()
                self.assertEqual(case.confidentiality, "restricted")
                self.assertFalse(case.opinion_group_id)
                self.assertFalse(self._prints(case))
        self.assertEqual(group.mail_count, 5)

    def test_what_becomes_hidden_leaves(self):
        group, cases = self._group(8)
        for case, values in zip(
            cases,
            (
                {"confidentiality": "restricted"},
                {"identity": "anonymous"},
                {"identity": "confidential"},
            ),
            strict=False,
        ):
            with self.subTest(values):
                case.write(values)
                self.assertFalse(case.opinion_group_id)
                self.assertFalse(case.position)
                self.assertIn("Opinion mail: no longer counted with others", self._notes(case))
        self.assertEqual(group.case_ids, cases[3:])

    def test_a_waiting_one_that_becomes_hidden_is_forgotten(self):
        case = self._letters("bike lanes, for", [1])
        self.assertTrue(self._prints(case))
        case.identity = "anonymous"
        self.assertFalse(self._prints(case))
        case = self._letters("bike lanes, for", [2])
        case.confidentiality = "restricted"
        self.assertFalse(self._prints(case))

    def test_what_was_restricted_by_mistake_comes_back(self):
        group, cases = self._group(5)
        cases[0].confidentiality = "restricted"
        cases[0].confidentiality = "internal"
        self.assertEqual(cases[0].opinion_group_id, group)
        self.assertEqual(self._notes(cases[0])[-1], "Opinion mail: like 4 others")

    def test_the_fifth_may_be_one_that_comes_back(self):
        cases = self._letters("bike lanes, for", range(4))
        hidden = self._letters("bike lanes, for", [4], confidentiality="restricted")
        self.assertFalse(cases.opinion_group_id)
        hidden.confidentiality = "internal"
        self.assertEqual(len((cases | hidden).opinion_group_id), 1)
        self.assertEqual((cases | hidden).opinion_group_id.case_ids, cases | hidden)
        alone = self._letters("outfall, long", [1], confidentiality="restricted")
        alone.confidentiality = "internal"
        self.assertTrue(self._prints(alone), "it waits for others")
        alone.confidentiality = "public"
        self.assertEqual(len(self._prints(alone)), 1)

    def test_a_step_that_fails_leaves_the_case_in(self):
        self._letters("bike lanes, for", range(4))
        logger = f"odoo.addons.{PREFIX}models.constituent_case_intake"
        failing = patch.object(OpinionCase, "_opinion_sort", side_effect=ValueError("Ana"))
        with failing, mute_logger(logger):
            case = self._letters("bike lanes, for", [4])
        self.assertTrue(case.number)
        self.assertFalse(case.opinion_group_id)
        self.assertIn("_intake_opinion: ValueError", case.event_ids.mapped("note"))

    def test_a_fingerprint_that_cannot_be_kept(self):
        prints = self.env["constituent.opinion.print"]
        failing = patch.object(type(prints), "_keep", side_effect=ValueError("Ana"))
        logger = f"odoo.addons.{PREFIX}models.constituent_case_opinion"
        with failing, self.assertLogs(logger, "ERROR") as logged:
            case = self._letters("bike lanes, for", [4])
        self.assertTrue(case.number)
        self.assertIn("_opinion_keep: ValueError", case.event_ids.mapped("note"))
        self.assertNotIn("Ana", "".join(logged.output))

    def test_another_office_has_its_own_mail(self):
        harbor = self.env["res.company"].create({"name": "Harbor Authority"})
        self._letters("bike lanes, for", range(4))
        theirs = self._letters(
            "bike lanes, for", range(10, 14), company_id=harbor.id, department_id=False
        )
        self.assertFalse(theirs.opinion_group_id)
        mine = self._letters("bike lanes, for", [4])
        self.assertEqual(len(mine.opinion_group_id.case_ids), 5)

    def test_who_waited_long_enough_is_forgotten(self):
        old = self._letters(
            "bike lanes, for", [1], received_at=Datetime.now() - timedelta(days=KEPT_DAYS + 1)
        )
        fresh = self._letters("bike lanes, for", [2])
        self.env["constituent.opinion.print"]._gc_waiting()
        self.assertFalse(self._prints(old))
        self.assertTrue(self._prints(fresh))

    def test_the_group_holds_nothing_of_one_sender(self):
        cases = self._letters("outfall, long", range(4))
        cases += self._letters("outfall, long", [4], own=OWN[4])
        words = cases.opinion_group_id.print_ids.words
        self.assertNotIn("nurse", words)
        for number in range(5):
            self.assertNotIn(personal("outfall, long", number)[1].split()[0].lower(), words)

    def test_called_by_its_words_where_subjects_differ(self):
        cases = self.Case
        for number in range(5):
            cases += self._letters("bike lanes, for", [number], name=f"From {number} of us")
        self.assertEqual(cases.opinion_group_id.name, "I am writing to ask you to support")


class TestNoDuplicates(OpinionSetup, ConstituentCommon):
    """Letters of one campaign name the same street; they are none of each other's duplicates."""

    PLACE = {"street": "100 Main Street"}

    def _campaign(self, numbers):
        return self._letters("bike lanes, for", numbers, category_id=self.pothole.id, **self.PLACE)

    def test_members_are_not_offered(self):
        self._campaign(range(5))
        sixth = self._campaign([6])
        self.assertTrue(sixth.opinion_group_id)
        self.assertFalse(sixth.duplicate_candidate)
        self.assertFalse(sixth.with_user(self.coordinator).duplicate_suggestions)

    def test_who_was_offered_before_the_group_was_found(self):
        cases = self._campaign(range(4))
        self.assertTrue(cases[3].duplicate_candidate)
        cases += self._campaign([4])
        self.assertFalse(cases.filtered("duplicate_candidate"))
        self.assertFalse(any(cases.mapped("duplicate_suggestions")))

    def test_another_report_of_the_place_still_is(self):
        other = self._make_case(category_id=self.pothole.id, **self.PLACE)
        cases = self._campaign(range(6))
        self.assertTrue(cases[5].duplicate_candidate)
        suggested = cases[5].with_user(self.coordinator).duplicate_suggestions
        self.assertEqual([one["id"] for one in suggested], [other.id])

    def test_the_same_person_twice(self):
        group, cases = self._group(5)
        again = self._letters("bike lanes, for", [4])
        self.assertEqual(again.partner_id, cases[4].partner_id)
        self.assertEqual(again.opinion_group_id, group)
        self.assertFalse(again.duplicate_candidate)
        self.assertEqual((group.mail_count, group.people_count), (6, 5))
