from psycopg2 import IntegrityError

from odoo.exceptions import AccessError
from odoo.tests import users
from odoo.tools import mute_logger

from .common import PREFIX
from .notice_common import NoticeCommon

ANA = "ana.rivera@example.org"


class TestNoticeQueue(NoticeCommon):
    """Which notices are queued for whom: the table, the audiences, and who gets none."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.official = cls.env["res.partner"].create(
            {"name": "Office of Councilmember Lee", "email": "lee@council.example.org"}
        )

    def _rows(self, case):
        return {(row.event, row.audience, row.email) for row in case.delivery_ids}

    def _others(self, company):
        """Return a second office with a department and a stage of its own use."""
        other = self.env["res.company"].create({"name": company, "constituent_tz": "UTC"})
        department = self.env["constituent.department"].create(
            {"name": "Desk", "company_id": other.id, "email": "desk@other.example.org"}
        )
        return other, department

    # The ordinary way

    def test_new_case_queues_for_constituent_and_department(self):
        case = self._make_case(category_id=self.pothole.id)
        self.assertEqual(
            self._rows(case),
            {
                ("received", "constituent", ANA),
                ("received", "department", "streets@city.example.org"),
            },
        )
        self.assertEqual(set(case.delivery_ids.mapped("state")), {"queued"})
        self.assertFalse(case.acknowledged_at)

    def test_case_typed_in_by_a_clerk_is_acknowledged(self):
        case = (
            self.Case.with_user(self.clerk)
            .create({"name": "Testpothole", "partner_id": self.resident.id})
            .sudo()
        )
        self.assertIn(("received", "constituent", ANA), self._rows(case))

    def test_the_address_given_with_the_case_wins_over_the_contact(self):
        case = self._make_case(partner_email="Ana Rivera <Ana@Work.Example.org>")
        self.assertIn(("received", "constituent", "ana@work.example.org"), self._rows(case))

    def test_contact_known_by_telephone_gets_mail_at_the_contact_s_address(self):
        case = self._make_case(
            partner_id=False, partner_name="Ana Rivera", partner_phone="(212) 736-5000"
        )
        self.assertEqual(case.partner_id, self.resident)
        self.assertIn(("received", "constituent", ANA), self._rows(case))

    def test_sender_is_woken_once_for_a_batch(self):
        self.env.cr.precommit.run()
        triggers = self.env["ir.cron.trigger"].search_count([("cron_id", "=", self.cron.id)])
        cases = self.Case.intake([self._mail_report(number) for number in range(3)])
        cases._notify_event("letter_sent")
        self.env.cr.precommit.run()
        self.assertEqual(
            self.env["ir.cron.trigger"].search_count([("cron_id", "=", self.cron.id)]),
            triggers + 1,
        )

    def test_nothing_queued_wakes_nobody(self):
        self.env.cr.precommit.run()
        triggers = self.env["ir.cron.trigger"].search_count([("cron_id", "=", self.cron.id)])
        self._make_case(mode="test")
        self.env.cr.precommit.run()
        self.assertEqual(
            self.env["ir.cron.trigger"].search_count([("cron_id", "=", self.cron.id)]), triggers
        )

    # Who gets none

    def test_automatic_mail_is_not_answered_but_the_department_knows(self):
        case = self._make_case(
            category_id=self.pothole.id,
            automatic=True,
            referrers=[{"partner_id": self.official.id}],
        )
        self.assertEqual(self._rows(case), {("received", "department", "streets@city.example.org")})

    def test_imported_and_test_cases_are_told_to_nobody(self):
        for mode in ("import", "test"):
            case = self._make_case(mode=mode, category_id=self.pothole.id)
            case._close(self.outcome_resolved)
            self.assertFalse(case.delivery_ids, mode)

    def test_anonymous_constituent_gets_none(self):
        case = self._make_case(identity="anonymous", partner_id=False, partner_email=ANA)
        self.assertFalse(case.delivery_ids.filtered(lambda row: row.audience == "constituent"))

    def test_confidential_caller_gets_it_where_they_said(self):
        case = self._make_case(
            identity="confidential", partner_id=False, partner_email="quiet@example.net"
        )
        row = case.delivery_ids.filtered(lambda row: row.audience == "constituent")
        self.assertEqual(row.email, "quiet@example.net")
        self.assertFalse(row.partner_id)
        self.assertFalse(row.subscription_id.partner_id)

    def test_confidential_caller_without_address_gets_none(self):
        case = self._make_case(
            identity="confidential", partner_id=False, partner_phone="+1 212-736-5999"
        )
        self.assertFalse(case.delivery_ids.filtered(lambda row: row.audience == "constituent"))

    def test_unusable_addresses_get_none(self):
        for address in ("none", "n/a", "@", "ana at example"):
            case = self._make_case(partner_id=False, partner_name="Bo", partner_email=address)
            self.assertFalse(
                case.delivery_ids.filtered(lambda row: row.audience == "constituent"), address
            )

    def test_answer_through_the_official_leaves_the_constituent_alone(self):
        case = self._make_case(
            referrers=[{"partner_id": self.official.id, "answer_via": "through"}]
        )
        self.assertEqual({row.audience for row in case.delivery_ids}, {"referrer", "department"})

    def test_answer_direct_or_both_tells_constituent_and_official(self):
        for via in ("direct", "both"):
            case = self._make_case(referrers=[{"partner_id": self.official.id, "answer_via": via}])
            self.assertEqual(
                {row.audience for row in case.delivery_ids},
                {"constituent", "referrer", "department"},
            )

    def test_department_without_mailbox_is_not_told(self):
        case = self._make_case(department_id=self.parks.id)
        self.assertFalse(case.delivery_ids.filtered(lambda row: row.audience == "department"))

    def test_outside_agency_is_not_told_by_itself(self):
        self.parks.write({"is_external": True, "email": "agency@state.example.org"})
        case = self._make_case(department_id=self.parks.id)
        self.assertFalse(case.delivery_ids.filtered(lambda row: row.audience == "department"))

    def test_nobody_gets_two_mails_of_one_event(self):
        self.official.email = "ANA.Rivera@example.org"
        case = self._make_case(referrers=[{"partner_id": self.official.id}])
        rows = case.delivery_ids.filtered(lambda row: row.email == ANA)
        self.assertEqual(rows.mapped("audience"), ["constituent"])
        self.assertEqual(len(case.subscription_ids), 1)

    # The table

    def test_off_is_off(self):
        self.notice("received", "constituent").with_user(self.manager).active = False
        case = self._make_case()
        self.assertEqual(case.delivery_ids.mapped("audience"), ["department"])

    def test_routed_to_the_constituent_is_off_until_switched_on(self):
        case = self._make_case(department_id=self.parks.id)
        case.department_id = self.streets
        self.assertNotIn(("routed", "constituent", ANA), self._rows(case))
        self.assertIn(("routed", "department", "streets@city.example.org"), self._rows(case))
        self.notice("routed", "constituent").active = True
        case.department_id = self.parks
        self.assertIn(("routed", "constituent", ANA), self._rows(case))

    def test_an_office_s_own_line_replaces_the_common_one(self):
        common = self.notice("received", "constituent")
        other, department = self._others("Other Office")
        own = common.copy({"company_id": other.id})
        ours = self._make_case()
        theirs = self._make_case(department_id=department.id)
        self.assertEqual(theirs.company_id, other)
        self.assertEqual(ours.delivery_ids.filtered(lambda row: row.email == ANA).notice_id, common)
        self.assertEqual(theirs.delivery_ids.filtered(lambda row: row.email == ANA).notice_id, own)

    def test_an_office_can_switch_off_for_itself(self):
        other, department = self._others("Silent Office")
        self.notice("received", "constituent").copy({"company_id": other.id, "active": False})
        self.assertTrue(self._make_case().delivery_ids)
        theirs = self._make_case(department_id=department.id)
        self.assertEqual(theirs.delivery_ids.mapped("audience"), ["department"])

    def test_a_line_stands_once_in_the_table(self):
        with mute_logger("odoo.sql_db"), self.assertRaises(IntegrityError):
            self.notice("received", "constituent").copy()
            self.env.flush_all()

    def test_button_opens_the_text(self):
        line = self.notice("closed", "constituent")
        action = line.with_user(self.manager).action_open_template()
        self.assertEqual(action["res_model"], "mail.template")
        self.assertEqual(action["res_id"], line.template_id.id)

    def test_name_says_event_and_audience(self):
        self.assertEqual(self.notice("closed", "referrer").name, "Closed → Who brought it")

    # Events

    def test_closing_tells_everybody_concerned(self):
        case = self._make_case(referrers=[{"partner_id": self.official.id}])
        self.env["constituent.case.subscription"].create(
            {"case_id": case.id, "email": "neighbour@example.net"}
        )
        case._close(self.outcome_resolved)
        self.assertLessEqual(
            {
                ("closed", "constituent", ANA),
                ("closed", "referrer", "lee@council.example.org"),
                ("closed", "subscriber", "neighbour@example.net"),
            },
            self._rows(case),
        )

    def test_reopening_tells_the_constituent(self):
        case = self._make_case()
        case._close(self.outcome_resolved)
        case._reopen("Not repaired")
        self.assertIn(("reopened", "constituent", ANA), self._rows(case))

    def test_waiting_for_the_constituent_asks_them(self):
        case = self._make_case()
        case.stage_id = self.env.ref(f"{PREFIX}stage_waiting")
        self.assertIn(("waiting", "constituent", ANA), self._rows(case))

    def test_from_waiting_for_others_to_waiting_for_the_constituent_asks_them_once(self):
        case = self._make_case()
        case.stage_id = self.env.ref(f"{PREFIX}stage_waiting_other")
        self.assertNotIn(("waiting", "constituent", ANA), self._rows(case))
        case.stage_id = self.env.ref(f"{PREFIX}stage_waiting")
        case.stage_id = self.env.ref(f"{PREFIX}stage_waiting_other")
        asked = case.delivery_ids.filtered(lambda row: row.event == "waiting")
        self.assertEqual(asked.mapped("email"), [ANA])

    def test_subscriptions_are_kept_for_the_next_notice(self):
        case = self._make_case()
        first = case.subscription_ids
        case._close(self.outcome_resolved)
        self.assertEqual(case.subscription_ids, first)
        self.assertEqual(case.delivery_ids.subscription_id, first)

    # Cost

    def _mail_report(self, number):
        return {
            "channel": "mail",
            "name": "Testpothole",
            "partner_name": f"Resident {number}",
            "partner_email": f"resident{number}@example.org",
        }

    def _queries_of_intake(self, first, count, on):
        """Return how many queries a warm intake takes, with the notices on or off."""
        self.Notice.with_context(active_test=False).search([("event", "=", "received")]).write(
            {"active": on}
        )
        self.Case.intake([self._mail_report(first)])
        # The sender is woken once for a transaction, which is counted apart.
        self.env.cr.precommit.run()
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        cases = self.Case.intake(
            [self._mail_report(first + number) for number in range(1, count + 1)]
        )
        self.env.flush_all()
        return self.env.cr.sql_log_count - before, cases

    def test_cost_of_one_case_and_of_each_further_one(self):
        one_off, _cases = self._queries_of_intake(100, 1, False)
        one_on, cases = self._queries_of_intake(200, 1, True)
        self.assertEqual(len(cases.delivery_ids), 2)
        many_off, _cases = self._queries_of_intake(300, 11, False)
        many_on, cases = self._queries_of_intake(400, 11, True)
        self.assertEqual(len(cases.delivery_ids), 22)
        self.assertLessEqual(one_on - one_off, 5)
        self.assertLessEqual((many_on - many_off) - (one_on - one_off), 1)

    def test_cost_of_waking_the_sender(self):
        self.Delivery._wake_sender()
        self.env.cr.precommit.run()
        self.env.invalidate_all()
        self.Delivery._wake_sender()
        with self.assertQueryCount(3):
            self.env.cr.precommit.run()

    # Who may change the table

    @users("t_clerk", "t_caseworker", "t_coordinator", "t_portal", "t_internal")
    def test_only_managers_change_the_table(self):
        line = self.notice("received", "constituent").with_env(self.env)
        with self.assertRaises(AccessError):
            line.write({"active": False})
        with self.assertRaises(AccessError):
            self.env["constituent.notice"].create(
                {"event": "routed", "audience": "referrer", "template_id": 1}
            )
        with self.assertRaises(AccessError):
            line.unlink()

    @users("t_clerk", "t_caseworker", "t_coordinator", "t_internal")
    def test_only_managers_change_the_texts(self):
        line = self.notice("received", "constituent").sudo()
        template = line.template_id.with_user(self.env.user)
        with self.assertRaises(AccessError):
            template.write({"subject": "Won!"})
        with self.assertRaises(AccessError):
            template.unlink()
        with self.assertRaises(AccessError):
            self.env["mail.template"].create(
                {
                    "name": "Mine",
                    "model_id": self.env["ir.model"]._get_id("constituent.case"),
                }
            )

    @users("t_manager")
    def test_managers_change_table_and_texts(self):
        line = self.notice("received", "constituent").with_env(self.env)
        line.write({"active": False})
        line.template_id.write({"subject": "[{{ object.number }}] Received"})
        self.assertFalse(line.active)
        self.assertEqual(line.template_id.subject, "[{{ object.number }}] Received")

    @users("t_internal")
    def test_templates_of_other_models_are_not_ours_to_guard(self):
        template = self.env["mail.template"].create(
            {"name": "Mine", "model_id": self.env["ir.model"]._get_id("res.partner")}
        )
        template.write({"subject": "Hello"})
        self.assertEqual(template.subject, "Hello")
