"""The register of mail: who reads it, what is sealed, and the gateway's ways in."""

import xmlrpc.client
from unittest.mock import patch

from odoo.exceptions import AccessError, UserError
from odoo.tests import Form

from .mail_common import InboundCommon


class TestRegisterAccess(InboundCommon):
    """A caseworker reads the mail of their cases, a coordinator all of it."""

    def _rows(self, user):
        return self.Inbound.with_user(user).search([])

    def test_who_reads_what(self):
        streets = self._send(To=self.streets_address)
        parks = self._send(To=self.parks_address, body="A swing is broken", Subject="Swing")
        with patch.object(type(self.Case), "message_new", side_effect=KeyError("x")):
            loose = self._send("Nothing")
        self.assertEqual(self._rows(self.caseworker), streets)
        self.assertEqual(self._rows(self.other_caseworker), parks)
        self.assertEqual(self._rows(self.coordinator), loose + parks + streets)
        for user in (self.clerk, self.internal_user, self.portal_user):
            with self.subTest(user.login), self.assertRaises(AccessError):
                self._rows(user)

    def test_restricted_cases_hide_their_mail(self):
        row = self._send()
        row.case_id.confidentiality = "restricted"
        self.assertFalse(self._rows(self.coordinator))
        self.assertEqual(self._rows(self.confidant), row)

    def test_the_original_follows_the_row(self):
        row = self._send()
        self.assertTrue(row.raw.with_user(self.caseworker).raw)
        for user in (self.other_caseworker, self.internal_user):
            with self.subTest(user.login), self.assertRaises(AccessError):
                row.raw.with_user(user).raw  # noqa: B018

    def test_a_form_to_read(self):
        row = self._send()
        form = Form(row.with_user(self.coordinator))
        self.assertEqual(form.subject, "A testpothole")
        self.assertIn("Please mend it.", form.raw_text)
        with self.assertRaises(AssertionError):
            form.subject = "Another"


class TestRegisterSeal(InboundCommon):
    """What became a case or a reply is a record; the rest is not yet."""

    def test_a_case_is_sealed(self):
        row = self._send()
        for values in ({"state": "spam"}, {"subject": "x"}, {"case_id": False}, {"quoted": "x"}):
            with self.subTest(values), self.assertRaises(UserError):
                row.write(values)
        with self.assertRaises(UserError):
            row.unlink()
        for change in ({"raw": b"x"}, {"name": "x"}, {"res_id": 0}):
            with self.subTest(change), self.assertRaises(UserError):
                row.raw.write(change)
        with self.assertRaises(UserError):
            row.raw.unlink()

    def test_a_reply_and_a_case_by_hand_are_sealed(self):
        case = self._send().case_id
        reply = self._send("More", Subject=f"[{case.number}]")
        with patch.object(type(self.Case), "message_new", side_effect=KeyError("x")):
            by_hand = self._send("By hand")
        self.assertFalse(by_hand.raw.constituent_sealed)
        by_hand.with_user(self.coordinator).action_make_case()
        for row in (reply, by_hand):
            self.assertTrue(row.raw.constituent_sealed)
            with self.assertRaises(UserError):
                row.unlink()

    def test_a_duplicate_is_not(self):
        raw = self._mail()
        self._take(raw)
        row = self._take(raw)
        row.action_mark_spam()
        self.assertEqual(row.state, "spam")


class TestGatewayWaysIn(InboundCommon):
    """However the message is handed over, and whatever others make of it."""

    def test_text_and_binary(self):
        for number, wrap in enumerate((bytes.decode, xmlrpc.client.Binary, bytes)):
            with self.subTest(wrap):
                row = self._take(wrap(self._mail(f"Number {number}: ñ")))
                self.assertIn("ñ", row.case_id.description)

    def test_message_new_of_other_code(self):
        case = self.Case.message_new(
            {
                "subject": "A testpothole",
                "email_from": "Ana Rivera <ana.rivera@example.org>",
                "cc": "Bob <bob@example.org>",
                "body": "<p>Deep <img src='http://spy.example/1.gif'></p>",
            },
            {"kind": "complaint", "nonsense": True},
        )
        self.assertEqual((case.kind, case.channel_id.code), ("complaint", "mail"))
        self.assertEqual(case.partner_id, self.resident)
        self.assertEqual(case.email_cc, '"Bob" <bob@example.org>')
        self.assertNotIn("spy.example", case.description)

    def test_what_others_cannot_do_is_still_ours(self):
        self.env["mail.alias"].create(
            {
                "alias_name": "t-contacts",
                "alias_model_id": self.env["ir.model"]._get_id("res.partner"),
            }
        )
        both = f"{self.streets_address}, t-contacts@{self.alias_domain}"
        partners = type(self.env["res.partner"])
        with patch.object(partners, "message_new", side_effect=KeyError("x"), create=True):
            try:  # without assertRaises, which would roll everything back
                self._send(To=both)
            except KeyError as error:
                failure = error
        self.assertEqual(failure.args, ("x",))
        row = self.Inbound.search([])
        self.assertEqual(row.state, "case")

    def test_an_answer_to_a_letter(self):
        case = self._make_case(department_id=self.streets.id)
        letter = self.env["constituent.correspondence"].create(
            {"case_id": case.id, "subject": "Your case", "partner_id": self.resident.id}
        )
        message = letter.message_post(body="Sent")
        row = self._send("Thanks", In_Reply_To=message.message_id)
        self.assertEqual((row.state, row.case_id), ("reply", case))

    def test_the_same_letter_mailed_comes_back(self):
        case = self._make_case(department_id=self.streets.id)
        letter = self.env["constituent.correspondence"].create(
            {"case_id": case.id, "subject": "Your case", "partner_id": self.resident.id}
        )
        delivery = self.env["constituent.delivery"].create(
            {
                "correspondence_id": letter.id,
                "email": "ana.rivera@example.org",
                "company_id": self.company.id,
                "state": "sent",
                "message_id": "<letter@city.example>",
            }
        )
        raw = (
            "From: mailer-daemon@mx.example\nTo: x@city.example\n"
            "In-Reply-To: <letter@city.example>\n\nNobody lives here."
        )
        row = self._take(raw)
        self.assertEqual((row.state, row.case_id), ("bounce", case))
        self.assertEqual((delivery.state, delivery.error), ("failed", "Nobody lives here."))

    def test_an_endless_head_is_kept_for_a_person(self):
        raw = self._mail().replace(b"Content-Type: ", b"Content-Type: " + b'"' * 3000)
        row = self._take(raw)
        self.assertEqual(row.state, "not_understood")
        self.assertIn("ValueError", row.error)
        row.with_user(self.coordinator).action_make_case()
        self.assertIn("Please mend it.", row.case_id.description)
