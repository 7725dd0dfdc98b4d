"""What people decide on mail that came in, and who follows what it became."""

from datetime import timedelta
from unittest.mock import patch

from freezegun import freeze_time

from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError

from .mail_common import InboundCommon


class TestInboundDecisions(InboundCommon):
    """What people do with the register."""

    def _not_understood(self):
        with patch.object(type(self.Case), "message_new", side_effect=KeyError("x")):
            return self._take(self._mail(attachments=[("a.bin", b"1")]))

    def test_a_case_by_hand(self):
        row = self._not_understood()
        row.with_user(self.coordinator).action_make_case()
        case = row.case_id
        self.assertEqual(row.state, "case")
        self.assertEqual((case.partner_id, case.intake_mode), (self.resident, "live"))
        self.assertEqual(case.message_ids.attachment_ids.mapped("name"), ["a.bin"])
        self.assertEqual(case.create_uid, self.coordinator)

    def test_a_case_by_hand_of_what_nobody_can_parse(self):
        row = self._not_understood()
        with patch.object(type(row), "_parse", side_effect=ValueError("x")):
            row.with_user(self.coordinator).action_make_case()
        self.assertIn("From: Ana Rivera", row.case_id.description)

    def test_who_may_decide(self):
        row = self._not_understood()
        for user in (self.clerk, self.caseworker, self.internal_user, self.portal_user):
            for method in ("action_make_case", "action_mark_spam", "action_not_spam"):
                with self.subTest(user.login, method=method), self.assertRaises(AccessError):
                    getattr(row.with_user(user), method)()

    def test_nobody_writes_the_register(self):
        row = self._not_understood()
        for user in (self.caseworker, self.coordinator, self.manager):
            with self.assertRaises(AccessError):
                row.with_user(user).state = "spam"
            with self.assertRaises(AccessError):
                row.with_user(user).unlink()

    def test_spam_is_kept_for_30_days(self):
        row = self._not_understood()
        row.with_user(self.coordinator).action_mark_spam()
        self.assertEqual(row.state, "spam")
        original = row.raw
        for days, kept in ((29, True), (31, False)):
            with freeze_time(fields.Datetime.now() + timedelta(days=days)):
                self.Inbound._gc_spam()
            self.assertEqual(bool(row.exists()), kept)
            self.assertEqual(bool(original.exists()), kept)

    def test_not_spam_goes_through_the_gateway(self):
        row = self._not_understood().with_user(self.coordinator)
        with self.assertRaises(UserError):
            row.action_not_spam()
        row.action_mark_spam()
        row.action_not_spam()
        self.assertEqual(row.state, "case")
        self.assertFalse(row.sudo().spam_since)
        self.assertEqual(row.case_id.partner_id, self.resident)

    def test_not_spam_that_still_fails(self):
        row = self._not_understood().with_user(self.coordinator)
        row.action_mark_spam()
        with patch.object(type(self.Case), "message_new", side_effect=KeyError("x")):
            row.action_not_spam()
        self.assertEqual(row.state, "not_understood")

    def test_spam_that_became_a_case_closes_it_quietly(self):
        row = self._send()
        case = row.case_id
        before = case.delivery_ids
        row.with_user(self.coordinator).action_mark_spam()
        self.assertEqual(row.state, "case")
        self.assertEqual(case.outcome_id.code, "error")
        self.assertEqual(case.intake_mode, "test")
        self.assertIn(self.env.ref("constituent_services.tag_spam"), case.tag_ids)
        self.assertEqual(case.delivery_ids, before)
        row.with_user(self.coordinator).action_mark_spam()  # closed already: nothing happens

    def test_a_reply_is_no_spam(self):
        case = self._send().case_id
        row = self._send(Subject=f"Re: [{case.number}] Hello")
        with self.assertRaises(UserError):
            row.with_user(self.coordinator).action_mark_spam()

    def test_open_case(self):
        row = self._send()
        self.assertEqual(row.action_open_case()["res_id"], row.case_id.id)


class TestFollowers(InboundCommon):
    """Nobody from outside follows a case, in whatever way."""

    def test_subscribing_leaves_outsiders_out(self):
        case = self._make_case(department_id=self.streets.id)
        outsiders = self.resident + self.portal_user.partner_id
        for user in (self.caseworker, self.env.user):
            case.with_user(user).message_subscribe((outsiders + self.clerk.partner_id).ids)
            self.assertFalse(case.message_partner_ids & outsiders)
            self.assertIn(self.clerk.partner_id, case.message_partner_ids)

    def test_posting_subscribes_no_outsider(self):
        case = self._make_case(department_id=self.streets.id)
        with self.mock_mail_gateway():
            case.with_user(self.caseworker).with_context(mail_post_autofollow=True).message_post(
                body="Hello", partner_ids=self.resident.ids, subtype_xmlid="mail.mt_comment"
            )
        self.assertNotIn(self.resident, case.message_partner_ids)

    def test_rows_of_outsiders_are_refused(self):
        case = self._make_case()
        values = {"res_model": case._name, "res_id": case.id, "partner_id": self.resident.id}
        with self.assertRaises(ValidationError):
            self.env["mail.followers"].create(values)
        row = self.env["mail.followers"].create({**values, "partner_id": self.clerk.partner_id.id})
        with self.assertRaises(ValidationError):
            row.partner_id = self.resident

    def test_nor_anything_else_of_the_office(self):
        outsider, colleague = self.resident, self.clerk.partner_id
        records = [
            self.streets,
            self.env["constituent.letter.batch"].create({"name": "A batch"}),
            self.env["constituent.issue"].create({"name": "An issue"}),
            self.env["constituent.blackout"].create(
                {"name": "An election", "date_to": "2026-11-03"}
            ),
            self.env["constituent.letter.clause"].create(
                {"name": "A clause", "code": "C1", "body": "<p>c</p>"}
            ),
        ]
        for record in records:
            with self.subTest(model=record._name):
                record.message_subscribe((outsider | colleague).ids)
                self.assertNotIn(outsider, record.message_partner_ids)
                self.assertIn(colleague, record.message_partner_ids)
                row = {"res_model": record._name, "res_id": record.id, "partner_id": outsider.id}
                with self.assertRaises(ValidationError), self.env.cr.savepoint():
                    self.env["mail.followers"].create(row)

    def test_former_staff_hears_nothing(self):
        case = self._make_case(department_id=self.streets.id)
        former = self.other_caseworker
        case.message_subscribe(former.partner_id.ids)
        former.active = False
        with self.mock_mail_gateway():
            message = case.with_user(self.caseworker).message_post(
                body="Hello", subtype_xmlid="mail.mt_comment"
            )
        self.assertNotIn(former.partner_id, message.notified_partner_ids)
