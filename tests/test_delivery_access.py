from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError
from odoo.tests import users

from .notice_common import NoticeCommon


class TestDeliveryAccess(NoticeCommon):
    """Who reads outgoing mail; nobody writes it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.case = cls._make_case(category_id=cls.pothole.id)
        cls.delivery = cls.case.delivery_ids.filtered(lambda row: row.audience == "constituent")
        cls.secret = cls._make_case(
            category_id=cls.pothole.id, confidentiality="restricted"
        ).delivery_ids

    def _visible(self):
        return self.Delivery.with_env(self.env).search(
            [("id", "in", (self.delivery | self.secret).ids)]
        )

    @users("t_caseworker", "t_coordinator", "t_manager")
    def test_those_who_see_the_case_see_its_mail(self):
        self.assertEqual(self._visible(), self.delivery.with_env(self.env))
        self.assertEqual(self._visible().email, "ana.rivera@example.org")

    @users("t_other_caseworker")
    def test_other_departments_do_not(self):
        self.assertFalse(self._visible())

    @users("t_confidant")
    def test_restricted_mail_is_seen_by_those_who_may(self):
        self.assertEqual(set(self._visible().ids), set((self.delivery | self.secret).ids))

    @users("t_clerk", "t_portal", "t_internal")
    def test_others_have_no_access(self):
        with self.assertRaises(AccessError):
            self.Delivery.with_env(self.env).search([])
        with self.assertRaises(AccessError):
            self.delivery.with_env(self.env).read(["email"])

    @users("t_clerk", "t_caseworker", "t_coordinator", "t_manager", "t_portal", "t_internal")
    def test_nobody_creates_changes_or_deletes(self):
        delivery = self.delivery.with_env(self.env)
        with self.assertRaises(AccessError):
            delivery.create({"email": "x@example.net", "company_id": self.company.id})
        for vals in ({"email": "x@example.net"}, {"state": "queued"}, {"error": "x"}):
            with self.assertRaises(AccessError):
                delivery.write(vals)
        with self.assertRaises(AccessError):
            delivery.unlink()

    @users("t_clerk", "t_caseworker", "t_portal", "t_internal")
    def test_only_coordinators_send_again_or_settle(self):
        self.delivery.sudo().write(
            {"state": "sending", "started_at": fields.Datetime.now() - timedelta(hours=1)}
        )
        delivery = self.delivery.with_env(self.env)
        with self.assertRaises(AccessError):
            delivery.action_send_again()
        with self.assertRaises(AccessError):
            delivery.action_settle()
        self.assertFalse(self.delivery.sudo().resend_ids)

    @users("t_coordinator")
    def test_coordinators_do_not_send_restricted_mail_again(self):
        self.secret.sudo().write({"state": "failed"})
        with self.assertRaises(AccessError):
            self.secret.with_env(self.env).action_send_again()

    @users("t_caseworker", "t_coordinator", "t_manager")
    def test_queue_and_sender_are_no_remote_procedures(self):
        from odoo.service.model import get_public_method

        for name in ("_queue", "_cron_send", "_send", "_settle", "_record_sent"):
            with self.assertRaises(AccessError):
                get_public_method(self.Delivery, name)
