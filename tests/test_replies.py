from odoo.exceptions import AccessError, UserError
from odoo.fields import Command

from .mail_common import InboundCommon

PROVEN = "mx.city.example; dmarc=pass header.from=city.example.org"


class RepliesCommon(InboundCommon):
    """A case with a letter from Ana, an answer of the office and a caseworker."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.case = cls._make_case(
            department_id=cls.streets.id, user_id=cls.caseworker.id, channel="mail"
        )
        cls.question = cls.case.with_context(
            mail_notify_force_send=False, mail_post_autofollow_author_skip=True
        ).message_post(
            body="Where exactly is it?",
            author_id=cls.caseworker.partner_id.id,
            subtype_xmlid="mail.mt_comment",
            message_type="comment",
        )

    def _reply(self, body="By the church.", **heads):
        return self._send(body, **{"In_Reply_To": self.question.message_id, **heads})

    def _close(self):
        self.case._close(self.outcome_resolved)


class TestReplyLands(RepliesCommon):
    """Which case a message answers to."""

    def test_by_reference(self):
        row = self._reply("By the church.\n\n> Where exactly is it?")
        self.assertEqual((row.state, row.case_id), ("reply", self.case))
        self.assertEqual(self.result, self.case.id)
        message = self.case.message_ids[0]
        self.assertEqual(message.author_id, self.resident)
        self.assertEqual(message.parent_id, self.question)
        self.assertEqual(message.subtype_id, self.env.ref("mail.mt_comment"))
        self.assertIn("church", message.body)
        self.assertIn("Where exactly", row.quoted)
        self.assertIn("ana.rivera@example.org", self._notes(self.case))

    def test_by_reference_wherever_it_is_sent(self):
        for address in (self.parks_address, f"catchall@{self.alias_domain}", "x@y.example"):
            with self.subTest(address):
                self.assertEqual(self._reply(address, To=address).case_id, self.case)

    def test_by_references_of_a_long_thread(self):
        references = f"<a@x> {self.question.message_id} <b@x>"
        row = self._send("More", References=references)
        self.assertEqual(row.case_id, self.case)

    def test_to_a_notice(self):
        delivery = self.case.delivery_ids[:1]
        self.assertTrue(delivery)
        delivery.message_id = "<notice@city.example>"
        self.assertEqual(
            self._send("Thanks", In_Reply_To="<notice@city.example>").case_id, self.case
        )

    def test_by_number_of_a_known_sender(self):
        subject = f"Re: [{self.case.number}] your report"
        self.assertEqual(self._send("Here", Subject=subject).case_id, self.case)
        self.assertEqual(
            self._send(
                "There", Subject=subject.lower(), To=f"catchall@{self.alias_domain}"
            ).case_id,
            self.case,
        )
        row = self._send("Me too", Subject=subject, From="stranger@example.org")
        self.assertEqual(row.state, "case")
        self.assertNotEqual(row.case_id, self.case)

    def test_who_is_known_to_the_case(self):
        other = self.env["res.partner"].create({"name": "Eva", "email": "eva@example.org"})
        self.case.write(
            {
                "partner_email": "ana.work@example.org",
                "email_cc": "Bob <bob@example.org>",
                "referrer_ids": [Command.create({"partner_id": other.id})],
            }
        )
        self.env["constituent.case.subscription"].create(
            {
                "case_id": self.case.id,
                "company_id": self.company.id,
                "email": "Sub@example.org",
                "email_normalized": "sub@example.org",
            }
        )
        for address in ("ana.rivera", "ana.work", "eva", "sub", "bob"):
            with self.subTest(address):
                self.assertTrue(self.case._knows_address(f"{address}@example.org"))
        for address in ("", "stranger@example.org"):
            self.assertFalse(self.case._knows_address(address))

    def test_a_number_of_no_case(self):
        self.assertEqual(self._send(Subject="[CS-2026-999999] Hello").state, "case")

    def test_an_answer_to_something_else_is_a_new_case(self):
        message = self.resident.message_post(body="A contact's message")
        row = self._send("Hello", In_Reply_To=message.message_id)
        self.assertEqual(row.state, "case")

    def test_forwarded_to_another_model(self):
        self.env["mail.alias"].create(
            {
                "alias_name": "t-contacts",
                "alias_model_id": self.env["ir.model"]._get_id("res.partner"),
            }
        )
        self.assertFalse(self._reply(To=f"t-contacts@{self.alias_domain}"))

    def test_people_newly_in_copy_are_recorded(self):
        self._reply(Cc=f"Eva <eva@example.org>, {self.streets_address}")
        self.assertEqual(self.case.email_cc, '"Eva" <eva@example.org>')
        self.assertFalse(self.case.message_partner_ids.filtered("partner_share"))

    def test_attachments_of_a_reply(self):
        raw = self._mail(attachments=[("a.bin", b"1")], In_Reply_To=self.question.message_id)
        self._take(raw)
        self.assertEqual(self.case.message_ids[0].attachment_ids.raw, b"1")


class TestReplyWakes(RepliesCommon):
    """What a reply does to the case."""

    def test_waiting_goes_on(self):
        self.case.stage_id = self.env.ref("constituent_services.stage_waiting")
        self._reply()
        self.assertEqual(self.case.stage_id, self.env.ref("constituent_services.stage_in_progress"))
        self.assertEqual(self.case.event_ids[-1].kind, "stage")

    def test_waiting_goes_on_without_the_shipped_stage(self):
        self.case.stage_id = self.env.ref("constituent_services.stage_waiting")
        self.env.ref("constituent_services.stage_in_progress").active = False
        self._reply()
        self.assertEqual(self.case.status, "open")

    def test_closed_stays_closed_and_says_so(self):
        self._close()
        self._reply("Thank you!")
        self.assertEqual(self.case.status, "closed")
        self.assertTrue(self.case.reply_after_closing)
        self.assertIn("reply_after_closing", self.case.event_ids.mapped("kind"))

    def test_a_machine_wakes_nobody(self):
        self._close()
        row = self._reply("I am away.", Auto_Submitted="auto-replied")
        self.assertEqual(row.state, "reply")
        self.assertFalse(self.case.reply_after_closing)
        self.assertEqual(self.case.message_ids[0].subtype_id, self.env.ref("mail.mt_note"))
        self.assertIn("Automatic reply", self._notes(self.case))

    def test_an_unknown_sender_is_a_note_that_is_seen(self):
        self._close()
        self._reply(From="stranger@example.org")
        message = self.case.message_ids[0]
        self.assertEqual(message.subtype_id, self.env.ref("mail.mt_note"))
        self.assertTrue(message.is_internal)
        self.assertIn(self.caseworker.partner_id, message.notified_partner_ids)
        self.assertIn("does not know", self._notes(self.case))
        self.assertTrue(self.case.reply_after_closing)
        self.assertFalse(self.case.email_cc)


class TestForgedReply(RepliesCommon):
    """Our mail server says a mail is not from the constituent it names."""

    FORGED = "mx.city.example; spf=fail smtp.mailfrom=evil.example; dmarc=fail"

    def test_it_is_a_note_with_a_warning(self):
        row = self._reply(Authentication_Results=self.FORGED, Cc="eve@evil.example")
        self.assertEqual((row.state, row.authentication), ("reply", "fail"))
        message = self.case.message_ids[0]
        self.assertTrue(message.is_internal)
        self.assertFalse(message.author_id)
        self.assertEqual(message.subtype_id, self.env.ref("mail.mt_note"))
        self.assertIn(self.caseworker.partner_id, message.notified_partner_ids)
        self.assertFalse(self.case.email_cc)
        self.assertIn("dmarc=fail", self._notes(self.case))
        self.assertIn("Ask back", self._notes(self.case))

    def test_proven_or_not_checked_it_is_the_constituents(self):
        proven = "mx.city.example; dmarc=pass header.from=example.org"
        for results in (proven, None):
            with self.subTest(results):
                self._reply(Authentication_Results=results, Subject=str(results))
                message = self.case.message_ids[0]
                self.assertEqual(message.author_id, self.resident)
                self.assertFalse(message.is_internal)


class TestReplyOfStaff(RepliesCommon):
    """A caseworker answers from their own mail program."""

    def setUp(self):
        super().setUp()
        self._reply("By the church.")
        self.answer = self.case.message_ids[0]

    def _answer(self, **heads):
        with self.mock_mail_gateway():
            return self._send(
                "We will come.",
                From=f"Test <{self.caseworker.email}>",
                **{
                    "In_Reply_To": self.answer.message_id,
                    "Authentication_Results": PROVEN,
                    **heads,
                },
            )

    def test_it_goes_on_to_the_constituent(self):
        self._answer()
        message = self.case.message_ids[0]
        self.assertEqual(message.author_id, self.caseworker.partner_id)
        self.assertIn(self.resident, message.notified_partner_ids)
        self.assertIn("Answer by mail", self._notes(self.case))
        sent = [mail for mail in self._mails if "ana.rivera@example.org" in str(mail["email_to"])]
        self.assertEqual(len(sent), 1)
        self.assertIn(self.streets_address, sent[0]["reply_to"])

    def test_it_wakes_nobody(self):
        self._close()
        self._answer()
        self.assertFalse(self.case.reply_after_closing)

    def test_not_proven_it_stays_inside(self):
        for results in ("mx.city.example; dmarc=fail", None):
            with self.subTest(results):
                self._answer(Authentication_Results=results, Subject=str(results))
                message = self.case.message_ids[0]
                self.assertFalse(message.author_id)
                self.assertNotIn(self.resident, message.notified_partner_ids)
                self.assertEqual(message.subtype_id, self.env.ref("mail.mt_note"))
                self.assertIn("does not know", self._notes(self.case))

    def test_where_nothing_is_checked_nobody_is_staff(self):
        self.env["ir.config_parameter"].set_param("constituent_services.authserv_id", False)
        for results in (None, PROVEN):
            with self.subTest(results):
                self._answer(Authentication_Results=results, Subject=str(results))
                message = self.case.message_ids[0]
                self.assertFalse(message.author_id)
                self.assertNotIn(self.resident, message.notified_partner_ids)
                self.assertTrue(message.is_internal)

    def test_an_answer_to_a_note_is_a_note(self):
        note = self.case.with_user(self.caseworker).message_post(
            body="Internal", subtype_xmlid="mail.mt_note"
        )
        self._answer(In_Reply_To=note.message_id)
        self.assertEqual(self.case.message_ids[0].subtype_id, self.env.ref("mail.mt_note"))

    def test_who_may_not_see_the_case_answers_nobody(self):
        with self.mock_mail_gateway():
            for user in (self.other_caseworker, self.clerk, self.internal_user):
                with self.subTest(user.login):
                    self._send(
                        f"From {user.login}",
                        From=user.email,
                        In_Reply_To=self.answer.message_id,
                        Authentication_Results=PROVEN,
                    )
                    message = self.case.message_ids[0]
                    self.assertNotIn(self.resident, message.notified_partner_ids)
                    self.assertEqual(message.subtype_id, self.env.ref("mail.mt_note"))


class TestReplyButtons(RepliesCommon):
    """A reply after closing: file it, or make a new case of it."""

    def setUp(self):
        super().setUp()
        self._close()
        self._take(
            self._mail(
                "The other side has a testtree down.",
                Subject="One more thing",
                In_Reply_To=self.question.message_id,
                attachments=[("a.bin", b"1")],
            )
        )
        self.assertTrue(self.case.reply_after_closing)
        self.mine = self.case.with_user(self.caseworker)

    def test_file(self):
        self.mine.action_reply_file()
        self.assertFalse(self.case.reply_after_closing)
        self.assertEqual(self.case.status, "closed")
        self.assertIn("filed", self._notes(self.case))

    def test_new_case(self):
        action = self.mine.action_reply_new_case()
        new = self.env["constituent.case"].browse(action["res_id"])
        self.assertEqual(new.parent_id, self.case)
        self.assertEqual(new.partner_id, self.resident)
        self.assertEqual(new.name, "One more thing")
        self.assertEqual(new.category_id, self.tree)
        self.assertIn("testtree", new.description)
        self.assertEqual(new.message_ids.attachment_ids.raw, b"1")
        self.assertFalse(self.case.reply_after_closing)
        self.assertEqual(self.case.status, "closed")
        self.assertIn(new.number, self._notes(self.case, "linked"))
        self.assertIn(self.case.number, self._notes(new, "linked"))

    def test_new_case_of_a_stranger(self):
        self._reply("My own matter", From="Sam Stranger <sam@example.org>")
        new = self.env["constituent.case"].browse(self.mine.action_reply_new_case()["res_id"])
        self.assertEqual(new.partner_name, "Sam Stranger")
        self.assertNotEqual(new.partner_id, self.resident)

    def test_no_reply_no_case(self):
        other = self._make_case(department_id=self.streets.id)
        with self.assertRaises(UserError):
            other.with_user(self.caseworker).action_reply_new_case()

    def test_others_may_not(self):
        for method in ("action_reply_file", "action_reply_new_case"):
            for user in (self.other_caseworker, self.internal_user):
                with self.subTest(user.login, method=method), self.assertRaises(AccessError):
                    getattr(self.case.with_user(user), method)()


class TestAnswers(RepliesCommon):
    """What leaves the office by the chatter."""

    def _post(self, case=None, **values):
        with self.mock_mail_gateway():
            (case or self.case).with_user(self.caseworker).message_post(
                body="We will come on Tuesday.",
                partner_ids=self.resident.ids,
                subtype_xmlid="mail.mt_comment",
                **values,
            )
        return next(
            mail for mail in self._mails if "ana.rivera@example.org" in str(mail["email_to"])
        )

    def test_the_constituent_is_suggested(self):
        suggested = self.case.with_user(self.caseworker)._message_get_suggested_recipients()
        self.assertIn(self.resident.id, [entry["partner_id"] for entry in suggested])

    def test_answers_come_to_the_department(self):
        self.assertIn(self.streets_address, self._post()["reply_to"])
        self.streets.alias_name = False
        self.assertIn(self.office_address, self._post()["reply_to"])
        self.office.alias_name = False
        self.assertIn("catchall", self._post()["reply_to"])

    def test_threading(self):
        row = self._reply()
        mail = self._post(parent_id=self.case.message_ids[0].id)
        self.assertIn(row.message_id, mail["references"])

    def test_no_link_into_the_office(self):
        body = self._post()["body"]
        self.assertIn("Tuesday", body)
        for inside in ("/odoo/", "/mail/view", "signup_token", "auth_login"):
            self.assertNotIn(inside, body)

    def test_staff_keep_their_link(self):
        self.case.message_subscribe(self.coordinator.partner_id.ids)
        self._post()
        mail = next(mail for mail in self._mails if self.coordinator.email in str(mail["email_to"]))
        self.assertIn("/mail/view", mail["body"])
