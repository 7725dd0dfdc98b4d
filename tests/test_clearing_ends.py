"""What follows a case to its ends: whoever closes it, hides it, leaves it or routes it again."""

from odoo.exceptions import AccessError
from odoo.tests import tagged

from .common import ConstituentCommon
from .dispatch_common import DispatchSetup
from .test_duplicates import DuplicateSetup


@tagged("post_install", "-at_install")
class TestDuplicateEnds(DuplicateSetup, ConstituentCommon):
    """A clerk's case under which others are worked, and what gave a duplicate its place."""

    def setUp(self):
        super().setUp()
        self.mine = self.Case.with_user(self.clerk).intake(
            [{"channel": "phone", "name": "Hole", "category_id": self.pothole.id}]
        )
        self.other = self._second()
        self.other.with_user(self.coordinator).action_same_as(self.mine.id)

    def _close(self, **vals):
        outcome = self.env["constituent.case.outcome"].search(
            [("requires_note", "=", False)], limit=1
        )
        wizard = self.env["constituent.case.close.wizard"].with_user(self.clerk)
        wizard.create(
            {"case_ids": self.mine.ids, "outcome_id": outcome.id, **vals}
        ).action_close_cases()

    def test_a_clerk_closes_their_own_and_the_duplicates_end_with_it(self):
        self._close()
        self.assertEqual(self.other.status, "closed")
        self.assertTrue(self.other.closed_with_main)

    def test_a_clerk_sends_nobody_words_of_their_own(self):
        self._close(duplicate_note="Call me at home.")
        self.assertNotIn("home", self.other.outcome_note or "")

    def test_a_clerk_still_closes_no_case_of_others(self):
        self.other.with_user(self.coordinator).action_not_same()
        stage = self.env["constituent.case.stage"].search([("status", "=", "closed")], limit=1)
        for case in (self.other.with_user(self.clerk), self.other.with_user(self.clerk).sudo()):
            with self.assertRaises(AccessError):
                case.write({"stage_id": stage.id})

    def test_undo_gives_back_what_routed_it(self):
        self.assertEqual(self.other.routed_by, "category")
        self.other.with_user(self.coordinator).action_not_same()
        self.assertEqual(
            (self.other.routed_by, self.other.department_id.id), ("category", self.streets.id)
        )
        self.other.with_user(self.coordinator).category_id = self.tree
        self.assertEqual(self.other.department_id, self.parks)

    def test_a_duplicate_stays_where_it_is_worked(self):
        self.other.with_user(self.coordinator).category_id = self.tree
        self.assertEqual(self.other.department_id, self.mine.department_id)


@tagged("post_install", "-at_install")
class TestOutOfSight(ConstituentCommon):
    """Cases that leave the sight of who takes them down."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["constituent.routing.rule"].create(
            {"name": "Abuse", "keywords": "abused", "confidentiality": "restricted"}
        )

    def _save(self, **vals):
        channel = self.env["constituent.channel"].search([("code", "=", "phone")])
        return self.Case.with_user(self.clerk).web_save(
            {"name": "A child is abused", "channel_id": channel.id, **vals},
            {
                "name": {}, "number": {}, "department_id": {"fields": {"display_name": {}}},
                "tag_ids": {}, "description": {}, "confidentiality": {},
            },
        )  # fmt: skip

    def test_a_clerks_restricted_case_is_kept(self):
        (shown,) = self._save(description="<p>Next door.</p>")
        case = self.Case.browse(shown["id"])
        self.assertEqual((shown["number"], shown["name"]), (case.number, "A child is abused"))
        self.env.cr.precommit.run()
        self.assertEqual(case.confidentiality, "restricted")
        self.assertFalse(case.with_user(self.clerk).has_access("read"))
        with self.assertRaises(AccessError):
            case.with_user(self.clerk).web_read({"name": {}})

    def test_the_telephone_keeps_it_too(self):
        channel = self.env["constituent.channel"].search([("code", "=", "phone")])
        cases = self.Case.with_user(self.clerk).create(
            [
                {"name": name, "channel_id": channel.id}
                for name in ("A child is abused", "A lamp is dark", "Abused dogs")
            ]
        )
        self.env.cr.precommit.run()
        self.assertEqual(
            cases.sudo().mapped("confidentiality"), ["restricted", "internal", "restricted"]
        )

    def test_who_sees_them_has_it_restricted_at_once(self):
        case = self.Case.with_user(self.confidant).create({"name": "A child is abused"})
        self.assertEqual(case.confidentiality, "restricted")

    def test_the_clerk_is_told_its_number(self):
        (shown,) = self._save()
        self.env.cr.precommit.run()
        sent = (
            self.env["bus.bus"]
            .search([("message", "ilike", "simple_notification")])
            .mapped("message")
        )
        self.assertIn(shown["number"], sent[-1])
        self.assertNotIn("abused", " ".join(sent))

    def test_others_are_read_as_ever(self):
        (shown,) = self._save(name="A lamp is dark")
        self.assertEqual(shown["name"], "A lamp is dark")
        self.assertEqual(shown["confidentiality"], "internal")

    def test_parts_follow_what_becomes_restricted(self):
        whole = self._make_case()
        part = self.Case.intake([whole._add_part(self.parks, "Theirs", "<p>x</p>", False)])
        self.assertTrue(part.is_part)
        whole.with_user(self.confidant).confidentiality = "restricted"
        self.assertEqual(part.confidentiality, "restricted")

    def test_calls_forget_who_is_confidential(self):
        case = self._make_case(partner_id=self.resident.id)
        calls = self.env["constituent.call"].with_user(self.caseworker)
        call = calls.create({"case_id": case.id, "direction": "out", "outcome": "reached"})
        self.assertEqual(call.partner_id, self.resident)
        call.phone = "+12127365000"
        case.with_user(self.caseworker).identity = "confidential"
        self.assertEqual((call.partner_id.id, call.phone), (False, "+12127365000"))
        case.with_user(self.caseworker).identity = "anonymous"
        self.assertFalse(call.phone)


@tagged("post_install", "-at_install")
class TestRouteAgainByDoor(ConstituentCommon):
    """The department's own address counts for as long as the case lives."""

    def test_mail_to_a_departments_address(self):
        case = self._make_case(name="x", door_department_id=self.parks.id)
        self.env["constituent.inbound.mail"].create(
            {"case_id": case.id, "state": "case", "route": {"doors": [self.parks.id]}}
        )
        case.department_id = self.streets
        self.assertEqual(case.routed_by, "hand")
        case.with_user(self.coordinator).action_route_again()
        self.assertEqual((case.routed_by, case.department_id), ("door", self.parks))


@tagged("post_install", "-at_install")
class TestSupervisorLeaves(DispatchSetup, ConstituentCommon):
    """Work orders do not stay with who is gone."""

    def test_open_orders_get_another_supervisor(self):
        leaver = self._make_user("caseworker", login="leaver")
        successor = self._make_user("caseworker", login="successor")
        self.streets.member_ids |= leaver | successor
        order, done = self._make_order(), self._make_order()
        (order | done).write({"supervisor_id": leaver.id})
        self._make_done(done)
        form = self.env["constituent.hand.over.staff.wizard"].with_user(self.manager)
        wizard = form.create(
            {"leaver_id": leaver.id, "successor_id": successor.id, "note": "Retires"}
        )
        self.assertIn("supervise: 1", wizard.summary)
        wizard.action_hand_over_staff()
        self.assertEqual(order.supervisor_id, successor)
        self.assertEqual(done.supervisor_id, leaver)


@tagged("post_install", "-at_install")
class TestRestrictedNumbers(DuplicateSetup, ConstituentCommon):
    """The history of an open case does not say the number of a restricted one."""

    def _notes(self, case):
        return " ".join(case.event_ids.mapped("note"))

    def test_a_restricted_duplicate(self):
        main, hidden, plain = self._first(), self._second(), self._second()
        hidden.sudo().confidentiality = "restricted"
        hidden.with_user(self.confidant).action_same_as(main.id)
        plain.with_user(self.confidant).action_same_as(main.id)
        self.assertNotIn(hidden.number, self._notes(main))
        self.assertIn("restricted: 1 reports", self._notes(main))
        self.assertIn(f"{plain.number} reports", self._notes(main))
        self.assertIn(main.number, self._notes(hidden))

    def test_links_of_a_letter(self):
        first, second, hidden = self._first(), self._first(), self._first()
        hidden.sudo().confidentiality = "restricted"
        first._log_links(second | hidden)
        self.assertIn(f"{second.number}, restricted: 1", self._notes(first))
        self.assertNotIn(hidden.number, self._notes(first))
        self.assertIn(first.number, self._notes(hidden))

    def test_between_restricted_cases_numbers_stand(self):
        first, hidden = self._first(), self._first()
        (first | hidden).sudo().write({"confidentiality": "restricted"})
        self.assertEqual(first._numbers_of(hidden), hidden.number)
        self.assertEqual(first._numbers_of(hidden.browse()), "")
