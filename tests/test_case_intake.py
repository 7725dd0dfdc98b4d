from datetime import datetime
from unittest.mock import patch

from freezegun import freeze_time
from psycopg2 import OperationalError

from odoo import fields
from odoo.fields import Command
from odoo.tools import mute_logger

from .common import PREFIX, ConstituentCommon

INTAKE_LOGGER = "odoo.addons.constituent_services.models.constituent_case_intake"


class TestIdentify(ConstituentCommon):
    """Who brought it."""

    def _report(self, **values):
        return {"channel": "mail", "name": "A matter", **values}

    def _kinds(self, case):
        return case.event_ids.mapped("kind")

    def test_known_constituent_by_mail_address(self):
        case = self.Case.intake(
            [self._report(partner_name="Ana Rivera", partner_email="Ana.Rivera@Example.org")]
        )
        self.assertEqual(case.partner_id, self.resident)
        self.assertEqual(case.partner_email, "Ana.Rivera@Example.org", "kept as given")
        event = case.event_ids.filtered(lambda event: event.kind == "identified")
        self.assertEqual(event.note, "Identified by mail address")
        self.assertEqual(event.partner_id, self.resident)

    def test_known_constituent_by_telephone_however_written(self):
        case = self.Case.intake(
            [self._report(partner_name="A. Rivera", partner_phone="(212) 736 5000")]
        )
        self.assertEqual(case.partner_id, self.resident)

    def test_sibling_with_the_same_address_is_somebody_else(self):
        case = self.Case.intake(
            [self._report(partner_name="Luis Rivera", partner_email=self.resident.email)]
        )
        self.assertNotEqual(case.partner_id, self.resident)
        self.assertEqual(case.partner_id.name, "Luis Rivera")
        self.assertTrue(case.partner_id.is_constituent)

    def test_two_people_of_one_address_and_no_name_are_not_guessed(self):
        self.resident.copy({"name": "Luis Rivera", "email": self.resident.email})
        case = self.Case.intake([self._report(partner_email=self.resident.email)])
        self.assertNotIn(case.partner_id.name, ("Ana Rivera", "Luis Rivera"))

    def test_the_same_new_person_twice_in_a_batch_is_one_contact(self):
        report = self._report(partner_name="Nora New", partner_email="nora@example.org")
        cases = self.Case.intake([report, dict(report, name="Another matter")])
        self.assertEqual(len(cases.partner_id), 1)
        self.assertEqual(cases.partner_id.email, "nora@example.org")

    def test_anonymous_keeps_nothing(self):
        case = self.Case.intake(
            [
                self._report(
                    identity="anonymous",
                    partner_name="Ana Rivera",
                    partner_email=self.resident.email,
                    partner_phone="+1 212-736-5000",
                )
            ]
        )
        self.assertFalse(case.partner_id)
        self.assertFalse(case.partner_name or case.partner_email or case.partner_phone)

    def test_confidential_keeps_the_number_and_links_nobody(self):
        case = self.Case.intake(
            [self._report(identity="confidential", partner_phone="+1 212-736-5000")]
        )
        self.assertFalse(case.partner_id)
        self.assertEqual(case.partner_phone, "+1 212-736-5000")

    def test_contact_as_given_survives_a_change_of_the_contact(self):
        case = self._make_case()
        self.resident.write({"name": "Ana Soto", "email": "soto@example.org"})
        self.assertEqual(case.partner_name, "Ana Rivera")
        self.assertEqual(case.partner_email, "ana.rivera@example.org")

    def test_an_unusable_number_is_kept_as_given(self):
        case = self.Case.intake([self._report(partner_name="Nora", partner_phone="call me")])
        self.assertEqual(case.partner_phone, "call me")
        self.assertEqual(case.partner_id.name, "Nora")

    def test_a_clerk_identifies_without_more_rights(self):
        case = self.Case.with_user(self.clerk).create(
            {"name": "By hand", "partner_name": "Ana Rivera", "partner_phone": "212 736 5000"}
        )
        self.assertEqual(case.partner_id, self.resident)


class TestClassifyAndRoute(ConstituentCommon):
    """What it is about and who gets it."""

    def _rule(self, **values):
        return self.env["constituent.routing.rule"].create({"name": "A rule", **values})

    def test_category_by_keyword_without_case_and_accents(self):
        case = self._make_case(name="ARBOL CAIDO en mi calle")
        self.assertEqual(case.category_id, self.tree)
        event = case.event_ids.filtered(lambda event: event.kind == "classified")
        self.assertIn("arbol caido", event.note)

    def test_keyword_in_the_description_counts(self):
        case = self._make_case(name="Help", description="<p>There is a <b>testtree</b>.</p>")
        self.assertEqual(case.category_id, self.tree)

    def test_part_of_a_word_is_no_keyword(self):
        case = self._make_case(name="testtreehouse", description=False)
        self.assertFalse(case.category_id)

    def test_more_and_longer_phrases_win(self):
        case = self._make_case(name="testtree and a hole in the road", description=False)
        self.assertEqual(case.category_id, self.pothole)

    def test_given_category_is_kept(self):
        case = self._make_case(name="testpothole", category_id=self.tree.id)
        self.assertEqual(case.category_id, self.tree)
        self.assertNotIn("classified", case.event_ids.mapped("kind"))

    def test_precedence_of_departments(self):
        """Person > rule > door > category > triage."""
        rule = self._rule(keywords="sinkhole", department_id=self.parks.id)
        text = {"name": "A sinkhole", "category_id": self.pothole.id}
        door = {"door_department_id": self.streets.id}
        by_hand = self._make_case(**text, **door, department_id=self.streets.id)
        self.assertEqual(by_hand.department_id, self.streets)
        self.assertEqual(by_hand.routing_note, "Given by hand")
        by_rule = self._make_case(**text, **door)
        self.assertEqual(by_rule.department_id, self.parks)
        self.assertEqual(by_rule.routing_rule_id, rule)
        by_door = self._make_case(name="Other", category_id=self.tree.id, **door)
        self.assertEqual(by_door.department_id, self.streets)
        by_category = self._make_case(name="Other", category_id=self.tree.id)
        self.assertEqual(by_category.department_id, self.parks)
        triage = self._make_case(name="Other", description=False)
        self.assertFalse(triage.department_id)
        self.assertEqual(triage.status, "new")
        self.assertIn("triage", triage.routing_note)

    def test_the_offices_own_door_gives_no_department(self):
        case = self._make_case(name="Other", door_department_id=self.office.id)
        self.assertFalse(case.department_id)

    def test_false_from_the_web_client_means_not_given(self):
        case = self.Case.create(
            {"name": "testtree", "department_id": False, "user_id": False, "category_id": False}
        )
        self.assertEqual(case.category_id, self.tree)
        self.assertEqual(case.department_id, self.parks)

    def test_category_without_department_asks_its_parent(self):
        child = self.env["constituent.category"].create(
            {"name": "Deep one", "parent_id": self.pothole.id}
        )
        case = self._make_case(name="Other", category_id=child.id)
        self.assertEqual(case.department_id, self.streets)

    def test_first_rule_that_fits_wins(self):
        second = self._rule(sequence=20, department_id=self.parks.id)
        first = self._rule(sequence=10, department_id=self.streets.id)
        self.assertEqual(self._make_case(name="Other").routing_rule_id, first)
        first.active = False
        self.assertEqual(self._make_case(name="Other").routing_rule_id, second)

    def test_rule_by_channel_and_category_below(self):
        child = self.env["constituent.category"].create(
            {"name": "Deep one", "parent_id": self.pothole.id}
        )
        rule = self._rule(
            category_ids=[Command.set(self.pothole.ids)],
            channel_ids=[Command.set(self.env.ref(f"{PREFIX}channel_phone").ids)],
            user_id=self.caseworker.id,
            department_id=self.streets.id,
            priority="3",
            confidentiality="public",
        )
        case = self._make_case(name="Other", category_id=child.id)
        self.assertEqual(case.routing_rule_id, rule)
        self.assertEqual(case.user_id, self.caseworker)
        self.assertEqual(case.priority, "3")
        self.assertEqual(case.confidentiality, "public")
        other = self._make_case(name="Other", category_id=child.id, channel="letter")
        self.assertFalse(other.routing_rule_id)

    def test_person_of_a_rule_is_not_put_on_another_department(self):
        self._rule(department_id=self.streets.id, user_id=self.caseworker.id)
        case = self._make_case(department_id=self.parks.id)
        self.assertEqual(case.department_id, self.parks)
        self.assertFalse(case.user_id)

    def test_balanced_department_gives_to_the_least_loaded(self):
        self.streets.write(
            {
                "assignment": "balanced",
                "member_ids": [Command.set((self.caseworker | self.other_caseworker).ids)],
            }
        )
        self._make_case(user_id=self.caseworker.id)
        self.assertEqual(self._make_case().user_id, self.other_caseworker)

    def test_route_again_follows_the_rules_of_today(self):
        case = self._make_case()
        self.assertEqual(case.department_id, self.streets)
        rule = self._rule(keywords="testpothole", department_id=self.parks.id)
        case.action_route_again()
        self.assertEqual(case.department_id, self.parks)
        self.assertEqual(case.routing_rule_id, rule)
        hand_over = case.event_ids.filtered(lambda event: event.kind == "handed_over")
        self.assertEqual(hand_over.department_from_id, self.streets)
        self.assertEqual(hand_over.department_to_id, self.parks)


class TestDueAndNumber(ConstituentCommon):
    """When it is due, and what it is called."""

    @freeze_time("2026-03-05 15:00:00")  # a Thursday
    def test_due_after_working_days_at_the_end_of_the_day(self):
        case = self._make_case()
        # 5 working days after Thursday: Thursday; 17:00 EDT (summer time began Sunday)
        self.assertEqual(case.due_at, datetime(2026, 3, 12, 21, 0))

    @freeze_time("2026-03-05 15:00:00")
    def test_holidays_and_the_departments_calendar_count(self):
        calendar = self.company.resource_calendar_id.copy({"tz": "America/New_York"})
        self.streets.resource_calendar_id = calendar
        self.assertEqual(self._make_case().due_at.day, 12)
        self.env["resource.calendar.leaves"].create(
            {
                "name": "Founders' Day",
                "calendar_id": calendar.id,
                "date_from": "2026-03-09 04:00:00",
                "date_to": "2026-03-10 03:59:59",
            }
        )
        self.assertEqual(self._make_case().due_at.day, 13)

    @freeze_time("2026-03-06 04:30:00")  # still Thursday evening in New York
    def test_the_day_of_receipt_is_the_offices_day(self):
        self.assertEqual(self._make_case().due_at.day, 12)

    @freeze_time("2026-03-05 15:00:00")
    def test_office_days_without_category_and_no_calendar(self):
        self.company.write({"constituent_response_days": 3, "resource_calendar_id": False})
        case = self._make_case(name="Other", description=False)
        self.assertEqual(case.due_at, datetime(2026, 3, 8, 21, 0))

    def test_a_given_date_is_kept(self):
        case = self.Case.create({"name": "testpothole", "due_at": "2030-01-01 12:00:00"})
        self.assertEqual(case.due_at, datetime(2030, 1, 1, 12))

    def test_numbers_are_distinct_and_say_office_and_year(self):
        with freeze_time("2031-07-01 12:00:00"):
            cases = self.Case.intake([{"name": f"Case {n}"} for n in range(3)])
        prefix = self.company.constituent_number_prefix
        self.assertEqual(cases.mapped("number"), [f"{prefix}-2031-00000{n}" for n in (1, 2, 3)])

    def test_the_year_is_the_offices_year(self):
        with freeze_time("2033-01-01 03:00:00"):  # New Year's Eve in New York
            case = self.Case.intake([{"name": "Late"}])
        self.assertIn("-2032-", case.number)

    def test_imported_history_has_the_year_it_was_received(self):
        case = self._make_case(mode="import", received_at=datetime(2019, 5, 6, 12))
        self.assertIn("-2019-", case.number)
        case = self._make_case(received_at=datetime(2019, 5, 6, 12))
        self.assertNotIn("-2019-", case.number)

    def test_each_office_counts_for_itself(self):
        other = self.env["res.company"].create({"name": "Harbor Authority"})
        self.assertTrue(other.constituent_number_prefix)
        self.assertNotEqual(other.constituent_number_prefix, self.company.constituent_number_prefix)
        cases = self.Case.intake([{"name": "Here"}, {"name": "There", "company_id": other.id}])
        self.assertTrue(cases[1].number.startswith(f"{other.constituent_number_prefix}-"))
        self.assertEqual(cases[1].company_id, other)

    def test_number_cannot_be_chosen_or_changed(self):
        case = self.Case.create({"name": "x", "number": "CS-1999-000001"})
        self.assertNotEqual(case.number, "CS-1999-000001")
        with self.assertRaisesRegex(Exception, "keeps its number"):
            case.number = "CS-1999-000001"


class TestModesAndFailures(ConstituentCommon):
    """Imports and tests are quiet; a failing step loses nothing."""

    def test_imported_cases_are_not_assigned_dated_or_acknowledged(self):
        self.env["constituent.routing.rule"].create(
            {"name": "All", "user_id": self.caseworker.id, "department_id": self.parks.id}
        )
        for mode in ("import", "test"):
            case = self._make_case(mode=mode)
            self.assertEqual(case.intake_mode, mode)
            self.assertFalse(case.user_id)
            self.assertFalse(case.due_at)
            self.assertFalse(case.delivery_ids)
            self.assertEqual(case.department_id, self.streets, "by its category")

    def test_unknown_key_or_mode_is_a_mistake_of_the_door(self):
        with self.assertRaisesRegex(ValueError, "subjekt"):
            self.Case.intake([{"subjekt": "x"}])
        with self.assertRaisesRegex(ValueError, "dry-run"):
            self.Case.intake([{"name": "x", "mode": "dry-run"}])

    def test_a_failing_step_is_explained_and_loses_no_report(self):
        original = type(self.Case)._intake_classify

        def classify(cases, drafts):
            if any("poison" in draft.vals["name"] for draft in drafts):
                raise RuntimeError("ana.rivera@example.org is in this text")
            return original(cases, drafts)

        with (
            patch.object(type(self.Case), "_intake_classify", classify),
            mute_logger(INTAKE_LOGGER),
        ):
            cases = self.Case.intake(
                [
                    {"name": "testtree one"},
                    {"name": "poison", "partner_name": "Nora", "partner_email": "n@example.org"},
                    {"name": "testtree three"},
                ]
            )
        self.assertEqual(cases[0].category_id, self.tree)
        self.assertEqual(cases[2].category_id, self.tree)
        self.assertFalse(cases[1].category_id)
        self.assertEqual(cases[1].partner_id.name, "Nora", "the other steps were done")
        error = cases[1].event_ids.filtered(lambda event: event.kind == "error")
        self.assertIn("RuntimeError", error.note)
        self.assertNotIn("@", error.note, "no personal data from the error's text")

    def test_operational_errors_reach_odoo_for_its_retry(self):
        def classify(_cases, _drafts):
            raise OperationalError("could not serialize access")

        with (
            patch.object(type(self.Case), "_intake_classify", classify),
            self.assertRaises(OperationalError),
        ):
            self.Case.intake([{"name": "x"}])

    def test_hand_entry_runs_the_same_steps(self):
        case = self.Case.with_user(self.coordinator).create(
            {"name": "testpothole", "partner_id": self.resident.id}
        )
        self.assertEqual(case.category_id, self.pothole)
        self.assertEqual(case.department_id, self.streets)
        self.assertEqual(case.event_ids[0].kind, "received")
        self.assertEqual(case.event_ids[0].user_id, self.coordinator)

    def test_nul_and_empty_subject(self):
        case = self.Case.intake([{"name": " \0 ", "description": "<p>a\0b</p>"}])
        self.assertEqual(case.name, "(no subject)")
        self.assertEqual(case.description_text, "ab")

    def test_referrers_tags_and_shared_departments(self):
        office = self.env["res.partner"].create(
            {"name": "Office of Councilmember Lee", "constituent_role": "official_office"}
        )
        tag = self.env["constituent.case.tag"].create({"name": "Budget"})
        case = self._make_case(
            referrers=[{"partner_id": office.id, "answer_via": "both"}],
            tag_ids=tag.ids,
            shared_department_ids=self.parks.ids,
        )
        self.assertEqual(case.referrer_ids.partner_id, office)
        self.assertEqual(case.referrer_ids.answer_via, "both")
        self.assertEqual(case.tag_ids, tag)
        self.assertEqual(case.shared_department_ids, self.parks)

    def test_nobody_follows_a_new_case(self):
        case = self.Case.with_user(self.clerk).create({"name": "x"})
        self.assertFalse(case.message_follower_ids)


class TestQueryCounts(ConstituentCommon):
    """Creating a case <= 12 queries, each further one in a batch <= 3."""

    def _reports(self, count):
        return [
            {
                "channel": "phone",
                "name": f"A testpothole {n}",
                "description": "<p>It is deep.</p>",
                "partner_name": "Ana Rivera",
                "partner_email": self.resident.email,
            }
            for n in range(count)
        ]

    def _count(self, reports):
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        self.Case.intake(reports)
        self.env.flush_all()
        return self.env.cr.sql_log_count - before

    def test_creating_cases(self):
        self.Case.intake(self._reports(1))  # masters and sequence are read once
        self.env.flush_all()
        self.env.invalidate_all()
        with self.assertQueryCount(13):
            self.Case.intake(self._reports(1))
            self.env.flush_all()

    def test_each_further_case_of_a_batch(self):
        self.Case.intake(self._reports(1))
        one, batch = self._count(self._reports(1)), self._count(self._reports(21))
        self.assertLessEqual((batch - one) / 20, 3)

    def test_received_at_of_the_door_is_kept(self):
        case = self._make_case(received_at=fields.Datetime.to_datetime("2026-01-02 03:04:05"))
        self.assertEqual(case.received_at, datetime(2026, 1, 2, 3, 4, 5))
