"""Cases of the same matter: chosen by a person, closed, reopened and answered together."""

from unittest.mock import patch

from psycopg2 import OperationalError

from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged

from .common import ConstituentCommon
from .notice_common import NoticeCommon, html_of

ANA, BELA = "ana.rivera@example.org", "bela.neighbor@example.net"


class SameMatterCommon:
    def _three(self):
        """Take in three reports: Ana's, Bela's in Spanish, and one without a name."""
        bela = self.env["res.partner"].create({"name": "Bela Neighbor", "email": BELA})
        main = self._make_case(street="1 First Street")
        second = self._make_case(partner_id=bela.id, name="Crater", street="2 Second Street")
        third = self._make_case(
            partner_id=False, identity="anonymous", name="Hole", street="3 Third Street"
        )
        return main, second, third

    def _choose(self, cases, user=None, main=None):
        user = user or self.coordinator
        action = cases.with_user(user).action_choose_same()
        form = Form(self.env[action["res_model"]].with_user(user).with_context(**action["context"]))
        if main:
            form.main_id = main.with_user(user)
        return form.save()

    def _close(self, case, outcome, note=False, duplicate_note=False, user=None):
        user = user or self.coordinator
        wizard = Form(
            self.env["constituent.case.close.wizard"]
            .with_user(user)
            .with_context(default_case_ids=case.ids)
        )
        wizard.outcome_id = outcome
        if note:
            wizard.note = note
        if duplicate_note:
            wizard.duplicate_note = duplicate_note
        return wizard.save().action_close_cases()


@tagged("post_install", "-at_install")
class TestSameMatter(SameMatterCommon, ConstituentCommon):
    # Choosing

    def test_of_several_the_oldest_is_worked(self):
        main, second, third = self._three()
        main.sudo().received_at = "2026-01-02 03:04:05"
        wizard = self._choose(third | main | second)
        self.assertEqual(wizard.main_id, main)
        wizard.action_link()
        self.assertEqual((second | third).duplicate_of_id, main)
        self.assertFalse(main.duplicate_of_id)
        self.assertEqual(main.duplicate_count, 2)
        self.assertEqual(self.Case.search(main.action_duplicates()["domain"]), third | second)

    def test_one_asks_under_which(self):
        main, second, _third = self._three()
        action = second.with_user(self.coordinator).action_choose_same()
        wizard = self.env[action["res_model"]].with_user(self.coordinator)
        wizard = wizard.with_context(**action["context"])
        self.assertFalse(wizard.new({"case_ids": second.ids}).main_id)
        self._choose(second, main=main).action_link()
        self.assertEqual(second.duplicate_of_id, main)

    def test_itself_is_no_choice(self):
        main, _second, _third = self._three()
        with self.assertRaisesRegex(UserError, "another case"):
            self._choose(main, main=main).action_link()

    def test_main_may_be_changed_by_a_second_choice(self):
        main, second, third = self._three()
        self._choose(second, main=main).action_link()
        self._choose(main, main=third).action_link()
        self.assertEqual((main | second).duplicate_of_id, third)

    def test_who_may(self):
        main, second, _third = self._three()
        parks = self._make_case(name="A testtree")
        self._choose(second, user=self.caseworker, main=main).action_link()
        self.assertEqual(second.duplicate_of_id, main)
        for user in (self.clerk, self.other_caseworker, self.portal_user):
            with self.subTest(user.login), self.assertRaises(AccessError):
                main.with_user(user).action_choose_same()
        with self.assertRaises(AccessError):
            main.with_user(self.caseworker).action_same_as(parks.id)

    def test_history_of_both(self):
        main, second, _third = self._three()
        second.with_user(self.coordinator).action_same_as(main.id)
        for case, note in (
            (second, f"The same matter as {main.number}"),
            (main, f"{second.number} reports the same matter"),
        ):
            event = case.event_ids.filtered(lambda event, note=note: event.note == note)
            self.assertTrue(event)
            self.assertEqual(event[-1].user_id, self.coordinator)

    # Ending

    def test_the_close_window_says_who_reported_the_same(self):
        main, second, third = self._three()
        (second | third).action_same_as(main.id)
        wizard = self.env["constituent.case.close.wizard"].new({"case_ids": main.ids})
        self.assertEqual(wizard.duplicate_count, 2)
        self._close(main, self.outcome_resolved)
        wizard.invalidate_recordset()
        self.assertEqual((second | third).mapped("status"), ["closed", "closed"])

    def test_each_gets_its_own_words(self):
        main, second, third = self._three()
        (second | third).action_same_as(main.id)
        self._close(main, self.outcome_refused, "For Ana alone", "For who reported the same")
        self.assertEqual(main.outcome_note, "For Ana alone")
        self.assertEqual(
            set((second | third).mapped("outcome_note")), {"For who reported the same"}
        )

    def test_no_words_where_the_outcome_asks_for_none(self):
        main, second, _third = self._three()
        second.action_same_as(main.id)
        self._close(main, self.outcome_resolved, "For Ana alone")
        self.assertFalse(second.outcome_note)
        self.assertEqual(second.outcome_id, self.outcome_resolved)

    def test_also_those_the_closer_does_not_see(self):
        main, second, _third = self._three()
        second.action_same_as(main.id)
        second.sudo().department_id = self.parks
        self.assertFalse(second.with_user(self.caseworker).has_access("read"))
        self._close(main, self.outcome_resolved, user=self.caseworker)
        self.assertEqual(second.status, "closed")

    def test_one_closed_before_stays_as_it_ended(self):
        main, second, third = self._three()
        (second | third).action_same_as(main.id)
        second._close(self.outcome_refused, "Told long ago")
        closed_at = second.closed_at
        self._close(main, self.outcome_resolved)
        self.assertEqual((second.outcome_note, second.closed_at), ("Told long ago", closed_at))
        self.assertEqual(third.outcome_id, self.outcome_resolved)

    def test_reopened_with_the_main_case(self):
        main, second, third = self._three()
        (second | third).action_same_as(main.id)
        self._close(main, self.outcome_resolved)
        main.with_user(self.coordinator)._reopen("It is back")
        self.assertNotIn("closed", (main | second | third).mapped("status"))
        self.assertFalse(second.outcome_id)
        self.assertNotIn("It is back", " ".join(second.event_ids.filtered("note").mapped("note")))

    def test_one_that_ended_on_its_own_stays_closed(self):
        main, second, third = self._three()
        (second | third).action_same_as(main.id)
        second._close(self.outcome_refused, "Told long ago")
        self._close(main, self.outcome_resolved)
        main.with_user(self.coordinator)._reopen("It is back")
        self.assertEqual((second.status, second.outcome_note), ("closed", "Told long ago"))
        self.assertNotEqual(third.status, "closed")
        self.assertFalse(third.closed_with_main)

    def test_undo_after_it_was_handed_over(self):
        main, second, _third = self._three()
        second.action_same_as(main.id)
        main.department_id = self.parks
        second.with_user(self.coordinator).action_not_same()
        self.assertFalse(second.duplicate_of_id)
        self.assertFalse(second.department_id, "in triage, where it was")
        self.assertIn(main, second.not_duplicate_ids)

    def test_chosen_beside_its_main_case_it_keeps_its_own_words(self):
        main, second, _third = self._three()
        second.action_same_as(main.id)
        self._close(main | second, self.outcome_refused, "For Ana alone", "For the others")
        self.assertEqual(main.outcome_note, "For Ana alone")
        self.assertEqual(second.outcome_note, "For the others")

    def test_undo_after_a_change_of_person(self):
        main, second, _third = self._three()
        second.department_id = self.parks
        main.department_id = self.streets
        second.action_same_as(main.id)
        second.user_id = self.caseworker
        second.with_user(self.coordinator).action_not_same()
        self.assertEqual(second.department_id, self.parks)

    def test_undo_after_a_plain_change_of_department(self):
        main, second, _third = self._three()
        second.department_id = self.streets
        main.department_id = self.parks
        second.action_same_as(main.id)
        second.with_user(self.coordinator).department_id = self.office
        self.assertEqual(second.routing_note, "Given by hand")
        second.with_user(self.coordinator).action_not_same()
        self.assertEqual(second.department_id, self.streets, "where it was before it was linked")

    def test_what_reported_the_same_is_not_proposed_again(self):
        place = {"latitude": 40.75, "longitude": -73.98, "category_id": self.pothole.id}
        main, second = self._make_case(**place), self._make_case(**place)
        second.action_same_as(main.id)
        third = self._make_case(**place)
        found = third.with_user(self.coordinator).duplicate_suggestions
        self.assertEqual([one["id"] for one in found], main.ids)


@tagged("post_install", "-at_install")
class TestSameMatterMail(SameMatterCommon, NoticeCommon):
    def test_each_is_told_of_their_own(self):
        main, second, third = self._three()
        (second | third).action_same_as(main.id)
        self.send_all()
        before = {address: len(self.smtp.to(address)) for address in (ANA, BELA)}
        self._close(main, self.outcome_refused, "For Ana alone", "For who reported the same")
        self.send_all()
        for address, own, other, case, others in (
            (ANA, "For Ana alone", "For who reported", main, second),
            (BELA, "For who reported", "For Ana alone", second, main),
        ):
            mails = self.smtp.to(address)[before[address] :]
            text = " ".join(html_of(mail) for mail in mails)
            with self.subTest(address):
                self.assertIn(own, text)
                self.assertNotIn(other, text)
                self.assertIn(case.number, text)
                self.assertNotIn(others.number, text)
        self.assertFalse(third.delivery_ids.filtered(lambda mail: mail.audience == "constituent"))


@tagged("post_install", "-at_install")
class TestPipeline(ConstituentCommon):
    """One report through all the steps, and what a step that fails leaves."""

    STEPS = (
        "_intake_divert", "_intake_identify", "_intake_classify", "_intake_answers",
        "_intake_locate", "_intake_route", "_intake_assign", "_intake_acceptance",
        "_intake_due", "_intake_opinion", "_intake_duplicates",
    )  # fmt: skip

    def _report(self, **vals):
        return {
            "channel": "web",
            "name": "A testpothole",
            "description": "<p>It is deep.</p>",
            "partner_name": "Ana Rivera",
            "partner_email": ANA,
            "street": "100 Main Street",
            **vals,
        }

    def _break(self, step, error=ValueError):
        words = self.resident.name

        def _fail(*_args):
            raise error(words)

        _fail.__name__ = step
        patcher = patch.object(self.registry["constituent.case"], step, _fail)
        patcher.start()
        self.addCleanup(patcher.stop)
        return patcher

    def test_steps_in_their_order(self):
        names = [step.__name__ for step in self.Case._intake_steps()]
        self.assertEqual(names, ["_intake_company", *self.STEPS])

    def test_the_history_tells_them_in_order(self):
        self._make_case(name="A testpothole", street="100 Main Street")
        case = self.Case.intake([self._report()])
        kinds = case.event_ids.mapped("kind")
        self.assertEqual(kinds[0], "received")
        order = [kinds.index(kind) for kind in ("identified", "classified", "routed", "linked")]
        self.assertEqual(order, sorted(order))

    def test_a_step_that_fails_loses_nothing(self):
        for step in self.STEPS:
            with self.subTest(step):
                broken = self._break(step)
                with self.assertLogs(
                    "odoo.addons.constituent_services.models.constituent_case_intake"
                ) as logs:
                    first, second = self.Case.intake([self._report(), self._report(name="Other")])
                self.assertNotIn("Ana Rivera", " ".join(logs.output))
                for case in (first, second):
                    errors = case.event_ids.filtered(lambda event: event.kind == "error")
                    self.assertEqual(errors.mapped("note"), [f"{step}: ValueError"])
                    self.assertIn("deep", case.description)
                    self.assertTrue(case.number)
                broken.stop()

    def test_what_cannot_be_routed_is_in_triage(self):
        self._break("_intake_route")
        with self.assertLogs("odoo.addons.constituent_services.models.constituent_case_intake"):
            case = self.Case.intake([self._report()])
        self.assertFalse(case.department_id)
        self.assertEqual(case.partner_id, self.resident)
        self.assertEqual(case.category_id, self.pothole)
        self.assertIn(case, self.Case.with_user(self.clerk).search([]))

    def test_a_busy_database_is_tried_again_by_odoo(self):
        self._break("_intake_route", OperationalError)
        before = self.Case.search_count([])
        with self.assertRaises(OperationalError):
            self.Case.intake([self._report()])
        self.assertEqual(self.Case.search_count([]), before)

    def test_one_that_fails_does_not_take_the_others_along(self):
        original = self.registry["constituent.case"]._intake_classify

        def _picky(records, drafts):
            if any(draft.vals["name"] == "Bad" for draft in drafts):
                raise ValueError
            return original(records, drafts)

        self.patch(self.registry["constituent.case"], "_intake_classify", _picky)
        with self.assertLogs("odoo.addons.constituent_services.models.constituent_case_intake"):
            good, bad, other = self.Case.intake(
                [
                    self._report(),
                    self._report(name="Bad"),
                    self._report(name="A testtree"),
                ]
            )
        self.assertEqual(good.category_id, self.pothole)
        self.assertEqual(other.category_id, self.tree)
        self.assertFalse(bad.category_id)
        self.assertNotIn("error", (good | other).event_ids.mapped("kind"))
        self.assertIn("error", bad.event_ids.mapped("kind"))

    def test_offices_in_one_batch_keep_to_themselves(self):
        office = self.env["res.company"].create({"name": "Other City"})
        department = self.env["constituent.department"].create(
            {"name": "Their Streets", "company_id": office.id}
        )
        self.pothole.company_id = self.company
        ours, theirs = self.Case.intake(
            [
                self._report(),
                self._report(door_department_id=department.id),
            ]
        )
        self.assertEqual((ours.company_id, theirs.company_id), (self.company, office))
        self.assertEqual(theirs.department_id, department)
        self.assertFalse(theirs.category_id, "our categories are not theirs")
        self.assertNotEqual(ours.number.split("-")[0], theirs.number.split("-")[0])
        self.assertFalse(theirs.duplicate_candidate)

    def test_a_machines_report_runs_the_same_steps(self):
        case = self.Case.intake([self._report(automatic=True)])
        self.assertEqual(case.category_id, self.pothole)
        self.assertEqual(case.department_id, self.streets)
        self.assertNotIn("constituent", case.delivery_ids.mapped("audience"))

    def test_an_import_is_classified_and_not_worked(self):
        case = self.Case.intake([self._report(mode="import")])
        self.assertEqual(case.category_id, self.pothole)
        self.assertFalse(case.user_id or case.acceptance or case.duplicate_candidate)
        self.assertFalse(case.delivery_ids)

    def test_typed_in_by_hand_runs_the_same_steps(self):
        case = self.Case.with_user(self.clerk).create(
            {
                "name": "A testpothole",
                "partner_name": "Ana Rivera",
                "partner_email": ANA,
            }
        )
        case = case.sudo()
        self.assertEqual(case.partner_id, self.resident)
        self.assertEqual((case.category_id, case.department_id), (self.pothole, self.streets))
        self.assertTrue(case.due_at)


@tagged("post_install", "-at_install")
class TestNearby(ConstituentCommon):
    """What was reported of a place: the register and the picture."""

    PLACE = {"latitude": 40.75, "longitude": -73.98}

    def test_the_register_leaves_parts_out(self):
        case = self._make_case(user_id=self.caseworker.id, **self.PLACE)
        part = self.Case.intake([case._add_part(self.parks, "Cut the roots", "", False)])
        domain = case.action_nearby()["domain"]
        self.assertIn(case, self.Case.search(domain))
        self.assertNotIn(part, self.Case.search(domain))

    def test_the_register_by_address_alone(self):
        case = self._make_case(street="100 Main Street")
        same = self._make_case(street="100 main street", partner_id=False, name="x")
        self._make_case(street="102 Main Street", partner_id=False, name="y")
        self.assertEqual(self.Case.search(case.action_nearby()["domain"]), case | same)

    def test_a_protected_home_is_on_no_map(self):
        values = {"category_id": self.pothole.id, "street": "7 Home Lane", **self.PLACE}
        self.resident.street = "7 Home Lane"
        first, second = self._make_case(**values), self._make_case(**values)
        self.assertTrue(second.with_user(self.coordinator).nearby_map)
        self.resident.protected_address = True
        (first | second).invalidate_recordset()
        self.assertFalse(second.with_user(self.coordinator).nearby_map)
        self.assertFalse(first.with_user(self.coordinator).nearby_map)
        (one,) = first.with_user(self.coordinator).duplicate_suggestions
        self.assertEqual((one["id"], one["place"]), (second.id, False))

    def test_the_picture_is_there_when_something_lies_nearby(self):
        values = {"category_id": self.pothole.id, **self.PLACE}
        first = self._make_case(**values)
        self.assertFalse(first.with_user(self.coordinator).nearby_map)
        second = self._make_case(**values)
        picture = second.with_user(self.coordinator).nearby_map
        self.assertTrue(picture.startswith("data:image/svg+xml;base64,"))

    def test_no_picture_without_a_place(self):
        self._make_case(category_id=self.pothole.id)
        second = self._make_case(category_id=self.pothole.id)
        self.assertTrue(second.with_user(self.coordinator).duplicate_suggestions)
        self.assertFalse(second.with_user(self.coordinator).nearby_map)
