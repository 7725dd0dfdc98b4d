"""Blocked senders: kept, listed, not answered, and taken in by hand."""

from datetime import date, timedelta

from freezegun import freeze_time
from psycopg2 import IntegrityError

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Datetime
from odoo.tests import Form
from odoo.tools import mute_logger

from .common import PREFIX
from .mail_common import InboundCommon

PEST = "pest@junk.example"


class TestBlockedSender(InboundCommon):
    """What becomes of their mail."""

    def _block(self, address=PEST, user=None, **values):
        blocked = self.env["constituent.blocked.sender"].with_user(user or self.coordinator)
        return blocked.create({"address": address, "reason": "Advertising", **values})

    def _pest(self, body="Buy our lamps.", **heads):
        return self._send(body, **{"From": f"Pest <{PEST}>", **heads})

    def test_kept_listed_and_not_answered(self):
        self._block()
        row = self._pest()
        self.assertEqual(row.state, "spam")
        self.assertEqual(row.error, "Blocked sender: Advertising")
        self.assertFalse(row.case_id)
        self.assertIn(b"Buy our lamps", row.raw.raw)
        self.assertFalse(self.env["constituent.delivery"].search([("email", "=", PEST)]))
        listed = self.env.ref(f"{PREFIX}constituent_inbound_mail_view_search")
        self.assertIn('name="blocked"', listed.arch)
        self.assertIn(
            row, self.Inbound.search([("state", "=", "spam"), ("spam_since", "=", False)])
        )

    def test_never_deleted_by_itself(self):
        self._block()
        row = self._pest()
        with freeze_time(Datetime.now() + timedelta(days=400)):
            self.Inbound._gc_spam()
        self.assertTrue(row.exists())
        row.with_user(self.coordinator).action_mark_spam()
        self.assertTrue(row.spam_since)
        with freeze_time(Datetime.now() + timedelta(days=400)):
            self.Inbound._gc_spam()
        self.assertFalse(row.exists())

    def test_taken_in_by_hand(self):
        self._block()
        rows = self._pest() | self._pest("And our poles.")
        rows[0].with_user(self.coordinator).action_not_spam()
        self.assertEqual(rows[0].state, "case")
        self.assertIn("Buy our lamps", rows[0].case_id.description)
        rows[1].with_user(self.coordinator).action_make_case()
        self.assertEqual(rows[1].state, "case")

    def test_no_notice_to_the_blocked(self):
        case = self._pest().case_id
        told = case.delivery_ids.filtered(lambda mail: mail.email == PEST)
        self.assertTrue(told)
        self.assertFalse(told._refusal())
        self._block()
        self.assertEqual(told._refusal(), "The sender is blocked.")

    def test_replies_are_held_back_too(self):
        case = self._pest().case_id
        self._block()
        before = len(case.message_ids)
        row = self._pest("Again!", In_Reply_To=case.message_ids[0].message_id)
        self.assertEqual(row.state, "spam")
        self.assertEqual(len(case.message_ids), before)

    def test_a_domain_and_all_below_it(self):
        self._block("@Junk.example")
        for address, state in (
            ("any@junk.example", "spam"),
            ("any@mail.junk.example", "spam"),
            ("any@notjunk.example", "case"),
        ):
            with self.subTest(address):
                self.assertEqual(self._send(From=address).state, state)

    def test_until_its_last_day(self):
        self._block(until=date(2026, 11, 20))
        with freeze_time("2026-11-20 15:00:00"):
            self.assertEqual(self._pest().state, "spam")
        with freeze_time("2026-11-21 15:00:00"):
            self.assertEqual(self._pest().state, "case")

    def test_ended(self):
        self._block().active = False
        self.assertEqual(self._pest().state, "case")

    def test_threats_come_through(self):
        self._block()
        row = self._pest("I will kill you all.")
        self.assertEqual(row.state, "case")
        self.assertEqual(row.case_id.confidentiality, "restricted")
        self.assertTrue(row.case_id.alarm_id)

    def test_every_office_for_itself(self):
        other = self.env["res.company"].create({"name": "Harbor Authority"})
        self.env["constituent.blocked.sender"].create(
            {"address": PEST, "reason": "Theirs", "company_id": other.id}
        )
        self.assertEqual(self._pest().state, "case")

    def test_the_button(self):
        row = self._pest()
        action = row.with_user(self.coordinator).action_block_sender()
        blocked = self.env[action["res_model"]].with_user(self.coordinator)
        with Form(blocked.with_context(**action["context"])) as form:
            form.reason = "Four times a day"
        self.assertEqual(form.record.address, PEST)
        self.assertEqual(form.record.user_id, self.coordinator)
        self.assertEqual(self._pest("Once more").state, "spam")
        nobody = self._send("Hello", From=None)
        with self.assertRaisesRegex(UserError, "does not say who"):
            nobody.with_user(self.coordinator).action_block_sender()

    def test_what_can_be_blocked(self):
        for address in ("nothing", "a b@example.org", "@", "a@b@c.example"):
            with self.subTest(address), self.assertRaisesRegex(ValidationError, "neither"):
                self._block(address)
        for address in (self.office_address, self.alias_domain, f"x@{self.alias_domain}"):
            with self.subTest(address), self.assertRaisesRegex(ValidationError, "our own"):
                self._block(address)
        self.assertEqual(self._block("  Some.Body@Example.ORG ").address, "some.body@example.org")

    def test_once(self):
        self._block()
        with mute_logger("odoo.sql_db"), self.assertRaises(IntegrityError), self.cr.savepoint():
            self._block()

    def test_who_may_block(self):
        blocked = self._block()
        for user in (
            self.clerk,
            self.caseworker,
            self.internal_user,
            self.portal_user,
            self.env.ref("base.public_user"),
        ):
            with self.subTest(user=user.login):
                with self.assertRaises(AccessError):
                    self._block("other@example.org", user=user)
                for call in (
                    lambda mine: mine.read(["reason"]),
                    lambda mine: mine.write({"active": False}),
                    lambda mine: mine.unlink(),
                ):
                    with self.assertRaises(AccessError):
                        call(blocked.with_user(user))
        with self.assertRaises(AccessError):
            blocked.with_user(self.coordinator).unlink()
        blocked.with_user(self.manager).unlink()
        self.assertFalse(blocked.exists())

    def test_by_whom_is_not_given(self):
        blocked = self._block(user_id=self.manager.id)
        self.assertEqual(blocked.user_id, self.coordinator)
        blocked.write({"user_id": self.manager.id, "reason": "x"})
        self.assertEqual(blocked.user_id, self.coordinator)

    def test_other_offices_do_not_see_it(self):
        other = self.env["res.company"].create({"name": "Harbor Authority"})
        stranger = self.coordinator.copy(
            {"login": "t_stranger", "company_id": other.id, "company_ids": [(6, 0, other.ids)]}
        )
        blocked = self._block()
        self.assertFalse(blocked.with_user(stranger).search([("id", "=", blocked.id)]))
        with self.assertRaises(AccessError):
            blocked.with_user(stranger).write({"active": False})
