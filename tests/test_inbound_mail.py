from datetime import timedelta
from unittest.mock import patch

from freezegun import freeze_time
from psycopg2 import OperationalError
from psycopg2.errors import SerializationFailure

from odoo import fields
from odoo.exceptions import AccessError, UserError

from .mail_common import InboundCommon

REPORT = """\
From: MAILER-DAEMON@mx.example.org
To: {to}
Subject: Undelivered
Message-ID: <report-{name}@mx.example.org>
Content-Type: multipart/report; report-type=delivery-status; boundary=b

--b
Content-Type: text/plain

Sorry.
--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.org

Final-Recipient: rfc822; ana.rivera@example.org
Action: {action}
Status: 5.1.1
Diagnostic-Code: smtp; 550 no such user
--b
Content-Type: text/rfc822-headers

Message-ID: {message_id}
--b--
"""


class TestInboundCase(InboundCommon):
    """A message becomes a case."""

    def test_case_of_a_known_constituent(self):
        row = self._send("It is deep.\n\nAna")
        case = row.case_id
        self.assertEqual((row.state, self.result), ("case", case.id))
        self.assertEqual(case.partner_id, self.resident)
        self.assertEqual(case.partner_email, "ana.rivera@example.org")
        self.assertEqual(case.name, "A testpothole")
        self.assertEqual(case.channel_id.code, "mail")
        self.assertEqual(case.department_id, self.streets)
        self.assertEqual(case.company_id, self.company)
        self.assertFalse(case.user_id)
        self.assertIn("It is deep.", case.description)
        self.assertEqual(case.received_at, row.received_at)

    def test_the_original_is_kept(self):
        raw = self._mail(attachments=[("hole.bin", b"\x00\xff")])
        row = self._take(raw)
        self.assertEqual(row.raw.raw, raw)
        # The web client asks for sizes instead of contents.
        for shown in (row, row.with_context(bin_size=True)):
            shown.invalidate_recordset(["raw_text"])
            self.assertIn("Please mend it.", shown.raw_text)

    def test_message_with_all_attachments(self):
        names = [("a.bin", b"1"), ("b.bin", b"2"), ("a.bin", b"3")]
        case = self._take(self._mail(attachments=names)).case_id
        message = case.message_ids.filtered(lambda one: one.message_type == "email")
        self.assertEqual(message.author_id, self.resident)
        self.assertEqual(sorted(message.attachment_ids.mapped("raw")), [b"1", b"2", b"3"])
        self.assertEqual(set(message.attachment_ids.mapped("res_id")), {case.id})

    def test_quoted_parts_are_kept_apart(self):
        row = self._send("Still there.\n\nOn Friday, City <c@city.example> wrote:\n> We mended it")
        self.assertIn("Still there.", row.case_id.description)
        self.assertNotIn("We mended it", row.case_id.description)
        self.assertIn("We mended it", row.quoted)
        self.assertIn("We mended it", row.case_id.message_ids[-1].body)

    def test_markup_is_clean_and_loads_nothing(self):
        row = self._take(
            self._mail(
                html="<p onclick='x()'>Big <b>hole</b></p><script>x()</script>"
                "<img src='http://spy.example/1.gif' alt='The hole'>"
            )
        )
        for markup in (row.case_id.description, row.case_id.message_ids[-1].body):
            self.assertIn("<b>hole</b>", markup)
            self.assertIn("[The hole]", markup)
            self.assertNotIn("spy.example", markup)
            self.assertNotIn("x()", markup)

    def test_people_in_copy_are_recorded_and_suggested_never_subscribed(self):
        row = self._send(
            To=f"{self.streets_address}, Neighbor <n@example.org>",
            Cc="Bob <bob@example.org>, ana.rivera@example.org",
        )
        case = row.case_id
        self.assertIn("bob@example.org", case.email_cc)
        self.assertIn("n@example.org", case.email_cc)
        self.assertNotIn("ana.rivera", case.email_cc)
        self.assertNotIn("t-streets", case.email_cc)
        self.assertFalse(case.message_partner_ids.filtered("partner_share"))
        suggested = case._message_get_suggested_recipients()
        emails = {entry["email"] for entry in suggested}
        self.assertLessEqual({"bob@example.org", "ana.rivera@example.org"}, emails)

    def test_copies_are_told_from_the_sender(self):
        row = self._send(From="a@example.org", Cc="ba@example.org, A@Example.org")
        self.assertEqual(row.case_id.email_cc, "ba@example.org")
        row = self._send(From=None, Cc="ba@example.org")
        self.assertEqual(row.case_id.email_cc, "ba@example.org")

    def test_acknowledged_unless_automatic(self):
        case = self._send().case_id
        self.assertTrue(
            case.delivery_ids.filtered(lambda one: one.email == "ana.rivera@example.org")
        )
        row = self._send(Auto_Submitted="auto-generated")
        self.assertTrue(row.is_automatic)
        self.assertEqual(row.automatic_reason, "Auto-Submitted: auto-generated")
        self.assertEqual(row.state, "case")
        self.assertFalse(
            row.case_id.delivery_ids.filtered(lambda one: one.email == "ana.rivera@example.org")
        )

    def test_mail_of_our_own_address_is_automatic(self):
        row = self._send(From=f"Parks <{self.parks_address}>")
        self.assertEqual(row.state, "case")
        self.assertTrue(row.is_automatic)

    def test_nothing_readable_is_lost(self):
        raw = self._mail().replace(b"Please", b"Pl\0ease").replace(b"A testpothole", b"A\0b")
        self.assertEqual(self._take(raw).case_id.name, "Ab")
        raw = self._mail().replace(b'charset="utf-8"', b'charset="x-nonsense"')
        self.assertIn("Please", self._take(raw).case_id.description)
        self.assertEqual(self._send(Subject=None, From=None).case_id.name, "(no subject)")

    def test_known_office_is_an_inquiry(self):
        self.assertEqual(self._send(From="Lee <lee@council.example>").case_id.kind, "inquiry")
        self.assertEqual(self._send().case_id.kind, "request")


class TestInboundDoors(InboundCommon):
    """Which address it came by, and whose mail it is."""

    def test_two_of_our_addresses_are_one_case(self):
        rows = self._send(To=f"{self.parks_address}, {self.streets_address}")
        self.assertEqual(len(rows), 1)
        self.assertEqual(rows.case_id.department_id, self.parks)
        self.assertEqual(rows.case_id.shared_department_ids, self.streets)

    def test_the_offices_own_address_gives_no_department(self):
        self.assertFalse(
            self._send(To=self.office_address, Subject="Hello", body="Hi").case_id.department_id
        )
        case = self._send(To=f"{self.office_address}, {self.streets_address}").case_id
        self.assertEqual(case.department_id, self.streets)
        self.assertFalse(case.shared_department_ids)

    def test_delivered_to_is_a_door_when_to_is_not(self):
        row = self._send(To="undisclosed-recipients:;", Delivered_To=self.streets_address)
        self.assertEqual(row.case_id.department_id, self.streets)

    def test_a_copy_by_another_door_shares_the_case(self):
        raw = self._mail(To="undisclosed-recipients:;")
        first = self._take(b"Delivered-To: %s\n" % self.streets_address.encode() + raw)
        second = self._take(b"Delivered-To: %s\n" % self.parks_address.encode() + raw)
        self.assertEqual(second.state, "duplicate")
        self.assertEqual(second.case_id, first.case_id)
        self.assertEqual(first.case_id.shared_department_ids, self.parks)

    def test_two_offices_get_a_case_each(self):
        other = self.env["res.company"].create({"name": "Port Authority"})
        other.alias_domain_id = self.company.alias_domain_id
        self.env["constituent.department"].create(
            {"name": "Port", "company_id": other.id, "alias_name": "t-port"}
        )
        rows = self._send(To=f"{self.streets_address}, t-port@{self.alias_domain}")
        self.assertEqual(rows.mapped("state"), ["case", "case"])
        self.assertEqual(rows.case_id.company_id, self.company + other)
        self.assertEqual(rows.company_id, self.company + other)

    def test_mail_for_others_goes_odoos_way(self):
        self.env["mail.alias"].create(
            {
                "alias_name": "t-contacts",
                "alias_model_id": self.env["ir.model"]._get_id("res.partner"),
            }
        )
        address = f"t-contacts@{self.alias_domain}"
        self.assertFalse(self._send(To=address, From="x@example.org"))
        self.assertTrue(self.result)
        row = self._send(To=f"{self.streets_address}, {address}", Subject="Both of us")
        self.assertEqual(row.state, "case")
        self.assertEqual(self.env["res.partner"].search_count([("name", "=", "Both of us")]), 1)

    def test_mail_for_nobody_is_refused_as_odoo_does(self):
        with self.assertRaisesRegex(ValueError, "No possible route"):
            self._send(To="nobody@elsewhere.example")

    def test_fallback_model_takes_the_rest(self):
        row = self._take(self._mail(To="mailbox@elsewhere.example"), "constituent.case")
        self.assertEqual(row.state, "case")
        self.assertFalse(row.case_id.email_cc)
        values = {"department_id": self.parks.id, "nonsense": 1}
        row = self._take(
            self._mail(To="mailbox@elsewhere.example"), "constituent.case", custom_values=values
        )
        self.assertEqual(row.case_id.department_id, self.parks)

    def test_addresses_for_known_senders_only(self):
        self.streets.alias_id.alias_contact = "partners"
        self.assertEqual(self._send().state, "case")
        row = self._send(From="stranger@example.org")
        self.assertEqual(row.state, "not_understood")
        self.assertIn("unknown senders", row.error)

    def test_portal_users_are_no_gateway(self):
        thread = self.env["mail.thread"].with_user(self.portal_user)
        with self.assertRaises(AccessError), self.enter_registry_test_mode():
            thread.message_process(False, self._mail())
        self.assertFalse(self.Inbound.search([]))

    def test_the_register_says_who_handed_it_in(self):
        gateway = self.internal_user
        gateway.group_ids += self.env.ref("constituent_services.group_mail_gateway")
        self.env = self.env(user=gateway, context={})
        row = self._send().sudo()
        self.assertEqual(row.gateway_user_id, gateway)
        self.assertEqual(row.state, "case")

    def test_local_parts_count_where_odoo_lets_them(self):
        address = "t-streets@elsewhere.example"
        alias = self.streets.alias_id
        with self.assertRaises(ValueError):
            self._send(To=address)
        alias.alias_incoming_local = True
        self.assertEqual(self._send(To=address).case_id.department_id, self.streets)
        set_param = self.env["ir.config_parameter"].set_param
        set_param("mail.catchall.domain.allowed", "elsewhere.example")
        self.assertEqual(self._send("Again", To=address).state, "case")
        set_param("mail.catchall.domain.allowed", "another.example")
        with self.assertRaises(ValueError):
            self._send("And again", To=address)

    def test_attachments_left_out_on_demand(self):
        raw = self._mail(attachments=[("a.bin", b"1")])
        row = self._take(raw, strip_attachments=True)
        self.assertFalse(row.case_id.message_ids.attachment_ids)


class TestInboundDuplicates(InboundCommon):
    """One message is one case, two messages are two."""

    def test_the_same_bytes(self):
        for message_id in ("<same@example.org>", None):
            raw = self._mail(Message_ID=message_id)
            first, second = self._take(raw), self._take(raw)
            self.assertEqual((first.state, second.state), ("case", "duplicate"))
            self.assertEqual(second.case_id, first.case_id)
            self.assertFalse(self.result)

    def test_the_same_message_id_with_another_body_is_another_case(self):
        first = self._send(Message_ID="<x@example.org>")
        second = self._send("Something else", Message_ID="<x@example.org>")
        self.assertEqual(second.state, "case")
        self.assertNotEqual(second.case_id, first.case_id)
        self.assertEqual(second.message_id, "<x@example.org>")
        ids = (first + second).case_id.message_ids.mapped("message_id")
        self.assertEqual(len(set(ids)), 2)

    def test_a_copy_at_the_same_moment_starts_again(self):
        raw = self._mail()
        first = self._take(raw)
        with patch.object(type(self.Inbound), "_twin", lambda row: row.browse()):
            # It does not see the other one, as its snapshot is older: the database does.
            second = self._take(raw)
        self.assertEqual(second.state, "not_understood")
        self.assertEqual(first.state, "case")
        self.assertEqual(self.env["constituent.case"].search_count([]), 1)


class TestInboundTrouble(InboundCommon):
    """Whatever happens, the message is there."""

    def test_an_error_ends_as_not_understood(self):
        with patch.object(type(self.Case), "message_new", side_effect=KeyError("secret")):
            row = self._send()
        self.assertEqual(row.state, "not_understood")
        self.assertIn("KeyError", row.error)
        self.assertFalse(row.case_id)
        self.assertFalse(self.result)

    def test_a_busy_database_is_tried_again(self):
        real, failures = type(self.Inbound)._process_now, [SerializationFailure()] * 2

        def busy(row, raw=None):
            if failures:
                raise failures.pop()
            return real(row, raw)

        with patch.object(type(self.Inbound), "_process_now", busy):
            self.assertEqual(self._send().state, "case")

    def test_what_was_cut_off_is_finished(self):
        raw = self._mail()
        busy = patch.object(type(self.Inbound), "_process_now", side_effect=OperationalError())
        with busy, self.enter_registry_test_mode():
            self.env["mail.thread"].message_process(False, raw)
        row = self.Inbound.search([])
        self.assertEqual(row.state, "received")
        cron = self.env.ref("constituent_services.ir_cron_finish_received")
        for minutes, state in ((1, "received"), (6, "case")):
            with freeze_time(fields.Datetime.now() + timedelta(minutes=minutes)):
                with self.enter_registry_test_mode():
                    cron.method_direct_trigger()
            self.assertEqual(row.state, state)

    def test_a_database_that_stays_busy_is_final_in_the_end(self):
        busy = patch.object(type(self.Inbound), "_process_now", side_effect=OperationalError())
        with busy, self.enter_registry_test_mode():
            self.env["mail.thread"].message_process(False, self._mail())
            self.Inbound.search([])._process(last=True)
        self.assertEqual(self.Inbound.search([]).state, "not_understood")

    def test_the_21st_mail_is_kept_for_a_person(self):
        self.env["ir.config_parameter"].set_param("mail.gateway.loop.threshold", "3")
        states = [self._send(f"Number {n}").state for n in range(4)]
        self.assertEqual(states, ["case"] * 3 + ["not_understood"])
        self.env["mail.gateway.allowed"].create({"email": "ana.rivera@example.org"})
        self.assertEqual(self._send("More").state, "case")

    def test_the_limit_does_not_hold_for_known_offices(self):
        self.env["ir.config_parameter"].set_param("mail.gateway.loop.threshold", "1")
        staff = self.env["res.partner"].create(
            {"name": "Aide", "email": "aide@council.example", "parent_id": self.official.id}
        )
        for address in (self.official.email, staff.email, self.caseworker.email):
            with self.subTest(address):
                domain = address.partition("@")[2]
                self.assertEqual(
                    self._states(address, f"mx.city.example; dmarc=pass header.from={domain}"),
                    ["case"] * 3,
                )
        for results in ("mx.city.example; dmarc=fail", None):
            with self.subTest(results):
                self.assertIn("not_understood", self._states(self.official.email, results))

    def test_where_nothing_is_checked_known_offices_are_not_limited(self):
        set_param = self.env["ir.config_parameter"].set_param
        set_param("mail.gateway.loop.threshold", "1")
        set_param("constituent_services.authserv_id", False)
        self.assertEqual(self._states(self.official.email, None), ["case"] * 3)
        self.assertIn("not_understood", self._states("stranger@example.org", None))

    def _states(self, address, results):
        """Send three mails and return what became of them."""
        return [
            self._send(f"Number {n} {results}", From=address, Authentication_Results=results).state
            for n in range(3)
        ]


class TestInboundAuthentication(InboundCommon):
    """Who says they are an official."""

    def _from_lee(self, results):
        return self._send(From="Lee <lee@council.example>", Authentication_Results=results)

    def test_proven(self):
        row = self._from_lee("mx.city.example; dmarc=pass header.from=council.example")
        self.assertEqual(row.authentication, "pass")
        self.assertFalse(row.case_id.authentication_warning)

    def test_not_proven(self):
        row = self._from_lee("mx.city.example; spf=fail smtp.mailfrom=evil.example")
        self.assertEqual((row.authentication, row.authentication_detail), ("fail", "spf=fail"))
        self.assertIn("spf=fail", row.case_id.authentication_warning)
        self.assertIn("does not prove", self._notes(row.case_id))

    def test_not_checked(self):
        row = self._from_lee("mx.evil.example; dmarc=pass")
        self.assertEqual(row.authentication, "none")
        self.assertIn("did not check", row.case_id.authentication_warning)

    def test_other_name_same_address(self):
        row = self._send(From="Mayor Moneymaker <lee@council.example>")
        self.assertTrue(row.case_id.authentication_warning)

    def test_residents_need_no_proof(self):
        row = self._send(Authentication_Results="mx.city.example; spf=fail")
        self.assertEqual(row.authentication, "fail")
        self.assertFalse(row.case_id.authentication_warning)


class TestInboundBounces(InboundCommon):
    """Reports on our own mail."""

    def _bounce(self, message_id, action="failed", to=None):
        report = REPORT.format(
            to=to or f"bounce@{self.alias_domain}",
            name=message_id.strip("<>"),
            action=action,
            message_id=message_id,
        )
        return self._take(report.encode())

    def _delivery(self):
        case = self._send().case_id
        delivery = case.delivery_ids.filtered(lambda one: one.email == "ana.rivera@example.org")
        delivery.write({"state": "sent", "message_id": f"<out-{delivery.id}@city.example>"})
        return delivery

    def test_a_delivery_that_came_back(self):
        delivery = self._delivery()
        row = self._bounce(delivery.message_id)
        self.assertEqual((row.state, row.case_id), ("bounce", delivery.case_id))
        self.assertEqual(delivery.state, "failed")
        self.assertIn("no such user", delivery.error)
        self.assertIn("no such user", self._notes(delivery.case_id))

    def test_a_delay_is_no_failure(self):
        delivery = self._delivery()
        row = self._bounce(delivery.message_id, action="delayed")
        self.assertEqual(row.state, "bounce")
        self.assertEqual(delivery.state, "sent")

    def test_a_message_of_the_case_that_came_back(self):
        case = self._send().case_id
        with self.mock_mail_gateway():
            message = case.with_user(self.caseworker).message_post(
                body="Where exactly?",
                partner_ids=self.resident.ids,
                subtype_xmlid="mail.mt_comment",
            )
        row = self._bounce(message.message_id)
        self.assertEqual(row.case_id, case)
        notification = message.notification_ids.filtered(
            lambda one: one.res_partner_id == self.resident
        )
        self.assertEqual(notification.notification_status, "bounce")

    def test_a_report_to_our_address_on_mail_of_others(self):
        row = self._bounce("<unknown@elsewhere.example>", to=self.streets_address)
        self.assertEqual(row.state, "bounce")
        self.assertFalse(row.case_id)

    def test_reports_of_others_go_odoos_way(self):
        self.assertFalse(self._bounce("<unknown@elsewhere.example>"))

    def test_a_case_by_hand(self):
        row = self._bounce("<unknown@elsewhere.example>", to=self.streets_address)
        action = row.with_user(self.coordinator).action_make_case()
        self.assertEqual(action["res_id"], row.case_id.id)
        self.assertEqual(row.state, "case")
        self.assertIn("Sorry.", row.case_id.description)
        self.assertFalse(
            row.case_id.delivery_ids.filtered(lambda one: one.audience == "constituent")
        )
        with self.assertRaises(UserError):
            row.with_user(self.coordinator).action_make_case()
