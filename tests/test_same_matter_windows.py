"""The same matter, as the windows say it: chosen, closed together, taken up and taken back."""

from dataclasses import asdict

from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged

from ..tools.projection import CONSTITUENT, Reader
from .common import ConstituentCommon
from .test_duplicates import DuplicateSetup


class SameMatterSetup(DuplicateSetup):
    """The windows of the desk, opened as the screens open them."""

    def _window(self, cases, user=None, action="action_choose_same"):
        """Return the window an action opens, with the context it gives."""
        opened = getattr(cases.with_user(user or self.coordinator), action)()
        wizards = self.env[opened["res_model"]].with_user(user or self.coordinator)
        return wizards.with_context(**opened["context"])

    def _link(self, cases, main=None, user=None):
        """Say by the window that the cases are the same, under the proposed one or another."""
        form = Form(self._window(cases, user))
        if main:
            form.main_id = main
        return form.save().action_link()

    def _close(self, cases, outcome=None, user=None, **vals):
        """Close by the window."""
        outcome = outcome or self.outcome_resolved
        wizard = self._window(cases, user, "action_close").create(
            {"case_ids": [(6, 0, cases.ids)], "outcome_id": outcome.id, **vals}
        )
        return wizard.action_close_cases()

    def _pair(self, **vals):
        """Return a case that is worked and one that is linked to it."""
        main, other = self._first(), self._second(**vals)
        other.action_same_as(main.id)
        return main, other

    def _notes(self, case):
        return " | ".join(note or "" for note in case.event_ids.mapped("note"))


@tagged("post_install", "-at_install")
class TestSameWindow(SameMatterSetup, ConstituentCommon):
    """Which case is worked: proposed, chosen, refused."""

    def test_the_oldest_of_several_is_proposed(self):
        newer = self._first(received_at="2026-03-04 10:00:00")
        oldest = self._second(received_at="2026-03-01 10:00:00")
        middle = self._second(received_at="2026-03-02 10:00:00")
        chosen = newer | oldest | middle
        form = Form(self._window(chosen))
        self.assertEqual(form.main_id, oldest.with_user(self.coordinator))
        closed = form.save().action_link()
        self.assertEqual(closed["type"], "ir.actions.act_window_close")
        self.assertEqual((newer | middle).duplicate_of_id, oldest)
        self.assertFalse(oldest.duplicate_of_id)
        self.assertEqual(oldest.duplicate_count, 2)

    def test_another_than_the_oldest(self):
        oldest = self._first(received_at="2026-03-01 10:00:00")
        newer = self._second(received_at="2026-03-02 10:00:00")
        self._link(oldest | newer, newer)
        self.assertEqual(oldest.duplicate_of_id, newer)
        self.assertFalse(newer.duplicate_of_id)

    def test_one_alone_is_given_no_proposal(self):
        main, other = self._first(), self._second()
        self.assertFalse(Form(self._window(other)).main_id)
        self._link(other, main)
        self.assertEqual(other.duplicate_of_id, main)

    def test_chosen_by_its_number(self):
        main, other = self._first(), self._second()
        cases = self.Case.with_user(self.coordinator)
        found = [case_id for case_id, _name in cases.name_search(main.number)]
        self.assertEqual(found, main.ids)
        self._link(other, self.Case.browse(found))
        self.assertEqual(other.duplicate_of_id, main)

    def test_itself_is_refused(self):
        case = self._first()
        wizard = self._window(case).create({"case_ids": [(6, 0, case.ids)], "main_id": case.id})
        with self.assertRaisesRegex(UserError, "Choose another case"):
            wizard.action_link()
        self.assertFalse(case.duplicate_of_id)

    def test_one_that_cannot_stops_them_all(self):
        main, fine, closed = self._first(), self._second(), self._second()
        closed._close(self.outcome_resolved)
        with self.assertRaisesRegex(UserError, f"{closed.number} is closed"):
            self._link(fine | closed, main)
        self.assertFalse((fine | closed).duplicate_of_id)

    def test_another_office_is_refused(self):
        other_office = self.env["res.company"].create({"name": "Other City"})
        self.coordinator.company_ids |= other_office
        main = self._first()
        foreign = self._make_case(company_id=other_office.id)
        with self.assertRaisesRegex(UserError, "another office"):
            foreign.action_same_as(main.id)
        self.assertFalse(foreign.duplicate_of_id)

    def test_the_chosen_one_may_itself_be_a_duplicate(self):
        main, other = self._pair()
        third = self._second()
        third.with_user(self.coordinator).action_same_as(other.id)
        self.assertEqual(third.duplicate_of_id, main)
        self.assertIn(f"The same matter as {main.number}", self._notes(third))

    def test_the_window_is_for_caseworkers(self):
        main, other = self._first(), self._second()
        for user in (self.clerk, self.internal_user, self.portal_user):
            with self.subTest(user.login), self.assertRaises(AccessError):
                self.env["constituent.case.same.wizard"].with_user(user).create(
                    {"case_ids": [(6, 0, other.ids)], "main_id": main.id}
                )
        for user in (self.internal_user, self.portal_user):
            with self.subTest(user.login), self.assertRaises(AccessError):
                other.with_user(user).action_choose_same()
        self.assertFalse(other.duplicate_of_id)

    def test_each_role_that_sees_both_links_them(self):
        for user in (self.caseworker, self.coordinator, self.manager):
            with self.subTest(user.login):
                main = self._first(department_id=self.streets.id)
                other = self._second(department_id=self.streets.id)
                self._link(other, main, user)
                self.assertEqual(other.duplicate_of_id, main)

    def test_a_caseworker_does_not_link_to_what_they_do_not_see(self):
        main = self._first(department_id=self.parks.id)
        other = self._second(department_id=self.streets.id)
        with self.assertRaises(AccessError):
            other.with_user(self.caseworker).action_same_as(main.id)
        with self.assertRaises(AccessError):
            main.with_user(self.caseworker).action_choose_same()
        self.assertFalse((main | other).duplicate_of_id)


@tagged("post_install", "-at_install")
class TestSameClosing(SameMatterSetup, ConstituentCommon):
    """What those who reported the same are told when the main case ends."""

    def test_each_gets_the_note_meant_for_it(self):
        main, other = self._pair()
        self._close(main, note="Ms. Rivera, it is mended.", duplicate_note="It is mended.")
        self.assertEqual((main.status, other.status), ("closed", "closed"))
        self.assertEqual(main.outcome_note, "Ms. Rivera, it is mended.")
        self.assertEqual(other.outcome_note, "It is mended.")

    def test_the_main_never_gets_the_duplicates_note(self):
        main, other = self._pair()
        self._close(main, duplicate_note="  For the others.  ")
        self.assertFalse(main.outcome_note)
        self.assertIn("For the others.", other.outcome_note)
        self.assertNotIn("For the others", self._notes(main))

    def test_a_note_for_the_others_is_none_for_the_main(self):
        main, other = self._pair()
        with self.assertRaisesRegex(UserError, "asks for a note"):
            self._close(main, self.outcome_refused, duplicate_note="For the others.")
        self.assertNotEqual(main.status, "closed")
        self.assertNotEqual(other.status, "closed")

    def test_a_neutral_sentence_where_a_note_is_asked_for(self):
        main, other = self._pair()
        self._close(main, self.outcome_refused, note="Ms. Rivera knows why.")
        self.assertEqual(other.outcome_id, self.outcome_refused)
        self.assertIn("together with other reports", other.outcome_note)
        self.assertNotIn("Rivera", other.outcome_note)

    def test_blanks_are_no_note(self):
        main, other = self._pair()
        self._close(main, note="  ", duplicate_note=" \n ")
        self.assertEqual(other.status, "closed")
        self.assertFalse(main.outcome_note or other.outcome_note)

    def test_anonymous_ones_end_with_it(self):
        main, other = self._first(), self._unknown()
        other.action_same_as(main.id)
        self._close(main, duplicate_note="It is mended.")
        self.assertEqual((other.status, other.outcome_id), ("closed", self.outcome_resolved))
        self.assertFalse(other.partner_id)

    def test_those_the_closer_does_not_see(self):
        main, other = self._pair()
        other.sudo().department_id = self.parks
        other.sudo().user_id = False
        with self.assertRaises(AccessError):
            other.with_user(self.caseworker).read(["name"])
        window = self._window(main, self.caseworker, "action_close")
        wizard = window.create(
            {"case_ids": [(6, 0, main.ids)], "outcome_id": self.outcome_resolved.id}
        )
        self.assertEqual(wizard.duplicate_count, 1)
        wizard.action_close_cases()
        self.assertEqual(other.status, "closed")
        self.assertEqual(other.department_id, self.parks)

    def test_the_window_counts_open_ones_only(self):
        main, other = self._pair()
        third = self._second()
        third.action_same_as(main.id)
        third._close(self.outcome_refused, "Withdrawn by Bela.")
        wizard = self._window(main, action="action_close").create(
            {"case_ids": [(6, 0, main.ids)], "outcome_id": self.outcome_resolved.id}
        )
        self.assertEqual(wizard.duplicate_count, 1)
        wizard.action_close_cases()
        self.assertEqual(other.outcome_id, self.outcome_resolved)
        self.assertEqual(third.outcome_id, self.outcome_refused, "ended before: stays as it was")
        self.assertIn("Withdrawn by Bela.", third.outcome_note)

    def test_a_duplicate_closed_alone_leaves_the_main_open(self):
        main, other = self._pair()
        self._close(other)
        self.assertEqual(other.status, "closed")
        self.assertNotEqual(main.status, "closed")

    def test_reopened_with_the_main(self):
        main, other = self._pair()
        stranger = self._second()
        self._close(main | stranger)
        wizard = self._window(main, action="action_reopen").create(
            {"case_ids": [(6, 0, main.ids)], "reason": "Ms. Rivera says it is not mended"}
        )
        wizard.action_reopen_cases()
        self.assertNotEqual(main.status, "closed")
        self.assertNotEqual(other.status, "closed")
        self.assertEqual(stranger.status, "closed")
        self.assertEqual(other.duplicate_of_id, main, "still worked under it")
        self.assertNotIn("Rivera", self._notes(other))

    def test_what_the_public_page_of_a_duplicate_shows(self):
        main = self._first(name="Subject of Ana", description="<p>Words of Ana</p>")
        other = self._second()
        self._link(other, main)
        self._close(main, self.outcome_refused, note="Ana was told.", duplicate_note="Not ours.")
        reader = Reader(CONSTITUENT, self.neighbor.id)
        shown = str(asdict(other._public_projection(reader)))
        self.assertIn(other.number, shown)
        self.assertIn("Not ours.", shown)
        for secret in (main.number, "Ana", "Rivera", "100 Main Street"):
            self.assertNotIn(secret, shown)


@tagged("post_install", "-at_install")
class TestSameTakenBack(SameMatterSetup, ConstituentCommon):
    """Another matter after all: the case goes back to who had it."""

    def test_back_to_its_people(self):
        main = self._first(department_id=self.parks.id, user_id=self.other_caseworker.id)
        other = self._second(department_id=self.streets.id, user_id=self.caseworker.id)
        self._link(other, main)
        self.assertEqual(other.user_id, self.other_caseworker)
        other.with_user(self.coordinator).action_not_same()
        self.assertEqual((other.department_id, other.user_id), (self.streets, self.caseworker))
        self.assertIn(f"{other.number} is another matter", self._notes(main))
        self.assertEqual(main.duplicate_count, 0)

    def test_not_closed_with_it_any_more(self):
        main, other = self._pair()
        other.with_user(self.coordinator).action_not_same()
        self._close(main)
        self.assertEqual(main.status, "closed")
        self.assertNotEqual(other.status, "closed")

    def test_after_a_hand_over(self):
        main = self._first(department_id=self.parks.id)
        other = self._second(department_id=self.streets.id)
        self._link(other, main)
        both = main | other
        wizard = self._window(both, action="action_hand_over").create(
            {"case_ids": [(6, 0, both.ids)], "department_id": self.office.id, "note": "Ours"}
        )
        wizard.action_hand_over_cases()
        self.assertEqual(both.department_id, self.office)
        other.with_user(self.coordinator).action_not_same()
        self.assertEqual(other.department_id, self.streets, "who had it before it was linked")
        self.assertEqual(main.department_id, self.office)

    def test_several_at_once_or_none(self):
        main, other = self._pair()
        alone = self._second()
        with self.assertRaisesRegex(UserError, f"{alone.number} is no duplicate"):
            (alone | other).with_user(self.coordinator).action_not_same()
        self.assertEqual(other.duplicate_of_id, main)
