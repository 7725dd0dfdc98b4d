from psycopg2 import IntegrityError

from odoo.exceptions import AccessError, UserError
from odoo.tests import users
from odoo.tools import mute_logger

from .notice_common import NoticeCommon, text_of

ANA = "ana.rivera@example.org"


class TestSubscription(NoticeCommon):
    """Who is told about a case, with links of their own and a stop that stops."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Subscription = cls.env["constituent.case.subscription"]
        cls.case = cls._make_case(category_id=cls.pothole.id)
        cls.subscription = cls.case.subscription_ids

    def _subscribe(self, email, **vals):
        return self.Subscription.create({"case_id": self.case.id, "email": email, **vals})

    # Who is subscribed

    def test_constituent_is_subscribed_with_the_first_notice(self):
        self.assertEqual(self.subscription.email_normalized, ANA)
        self.assertEqual(self.subscription.audience, "constituent")
        self.assertEqual(self.subscription.partner_id, self.resident)
        self.assertEqual(self.subscription.company_id, self.company)

    def test_nobody_becomes_a_follower(self):
        self.send_all()
        self.assertNotIn(self.resident, self.case.message_partner_ids)

    def test_further_subscriber_is_noted_in_the_history(self):
        self._subscribe("Neighbour <NB@Example.net>")
        event = self.case.event_ids.filtered(lambda event: event.kind == "subscribed")
        self.assertEqual(event.recipient, "nb@example.net")

    def test_address_that_is_none_is_refused(self):
        with self.assertRaises(UserError):
            self._subscribe("no address")

    @mute_logger("odoo.sql_db")
    def test_an_address_is_subscribed_once_a_case(self):
        with self.assertRaises(IntegrityError):
            self._subscribe("ANA.RIVERA@example.org")

    def test_tokens_differ(self):
        other = self._subscribe("nb@example.net")
        self.assertNotEqual(other.sudo().access_token, self.subscription.sudo().access_token)
        self.assertNotEqual(other.sudo().access_token, self.case.access_token)

    # Links

    def test_links_are_absolute_and_carry_the_token(self):
        base = self.case.get_base_url()
        token = self.subscription.sudo().access_token
        self.assertEqual(self.subscription._get_private_url(), f"{base}/constituent/case/{token}")
        self.assertEqual(self.subscription._get_stop_url(), f"{base}/constituent/stop/{token}")

    # Stopping

    def test_stop_stops_everything_to_come(self):
        self.send_all()
        self.subscription._stop()
        self.case.stage_id = self.env.ref("constituent_services.stage_waiting")
        self.case._close(self.outcome_resolved)
        self.case._reopen("New facts")
        self.send_all()
        self.assertEqual(len(self.smtp.to(ANA)), 1, "only what was sent before the stop")
        self.assertEqual(
            self.case.with_context(active_test=False).subscription_ids, self.subscription
        )

    def test_stop_stops_what_is_queued(self):
        self.subscription._stop()
        self.send_all()
        self.assertFalse(self.smtp.to(ANA))

    def test_stop_stops_the_one_reader_and_the_one_case(self):
        neighbour = self._subscribe("nb@example.net")
        other_case = self._make_case()
        self.subscription._stop()
        self.case._close(self.outcome_resolved)
        other_case._close(self.outcome_resolved)
        self.send_all()
        self.assertEqual(len(self.smtp.to("nb@example.net")), 1)
        self.assertTrue(neighbour.active)
        self.assertEqual(len(self.smtp.to(ANA)), 1)
        self.assertIn(other_case.number, text_of(self.smtp.to(ANA)[0]))

    def test_stop_is_dated_and_in_the_history_once(self):
        self.subscription._stop()
        self.subscription._stop()
        self.assertFalse(self.subscription.active)
        self.assertTrue(self.subscription.stopped_at)
        events = self.case.event_ids.filtered(lambda event: event.kind == "unsubscribed")
        self.assertEqual(events.mapped("recipient"), [ANA])

    def test_who_asks_again_is_told_again(self):
        self.subscription._stop()
        again = self._subscribe(ANA, audience="constituent")
        self.case._close(self.outcome_resolved)
        closing = self.case.delivery_ids.filtered(lambda row: row.event == "closed")
        self.assertEqual(closing.subscription_id, again)

    def test_department_cannot_be_stopped_by_a_link(self):
        row = self.case.delivery_ids.filtered(lambda row: row.audience == "department")
        self.assertFalse(row.subscription_id)

    # What staff may do

    @users("t_caseworker")
    def test_caseworker_subscribes_and_stops_on_request(self):
        subscription = self.Subscription.with_env(self.env).create(
            {"case_id": self.case.id, "email": "nb@example.net"}
        )
        self.assertEqual(subscription.company_id, self.company)
        subscription.action_stop()
        self.assertFalse(subscription.active)

    @users("t_caseworker", "t_coordinator", "t_manager")
    def test_a_private_link_does_not_change_hands(self):
        subscription = self.subscription.with_env(self.env)
        other = self._make_case()
        for vals in (
            {"email": "me@city.example.org"},
            {"case_id": other.id},
            {"access_token": "guessed"},
            {"active": False},
            {"stopped_at": "2026-01-01"},
        ):
            with self.assertRaises(UserError):  # AccessError is one
                subscription.write(vals)
        with self.assertRaises(UserError):  # AccessError is one
            subscription.create(
                {"case_id": self.case.id, "email": "x@example.net", "access_token": "known"}
            )

    @users("t_caseworker")
    def test_a_stop_cannot_be_undone_by_staff(self):
        self.subscription._stop()
        with self.assertRaises(UserError):
            self.subscription.with_env(self.env).write({"active": True})

    @users("t_clerk", "t_caseworker", "t_coordinator", "t_manager")
    def test_staff_cannot_read_tokens(self):
        with self.assertRaises(AccessError):
            self.subscription.with_env(self.env).read(["access_token"])

    @users("t_clerk")
    def test_clerks_change_nothing(self):
        subscription = self.subscription.with_env(self.env)
        with self.assertRaises(AccessError):
            subscription.create({"case_id": self.case.id, "email": "nb@example.net"})
        with self.assertRaises(AccessError):
            subscription.write({"lang": "en_US"})
        with self.assertRaises(AccessError):
            subscription.action_stop()

    @users("t_other_caseworker")
    def test_caseworkers_of_other_departments_see_none(self):
        subscription = self.subscription.with_env(self.env)
        self.assertFalse(subscription.search([("id", "=", subscription.id)]))
        with self.assertRaises(AccessError):
            subscription.action_stop()

    @users("t_portal", "t_internal")
    def test_outsiders_have_no_access(self):
        subscription = self.subscription.with_env(self.env)
        with self.assertRaises(AccessError):
            subscription.read(["email"])
        with self.assertRaises(AccessError):
            subscription.write({"lang": "en_US"})
        with self.assertRaises(AccessError):
            subscription.create({"case_id": self.case.id, "email": "nb@example.net"})

    @users("t_caseworker", "t_coordinator", "t_manager", "t_portal")
    def test_nobody_deletes(self):
        with self.assertRaises(AccessError):
            self.subscription.with_env(self.env).unlink()
