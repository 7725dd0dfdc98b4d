"""Records requests, media inquiries, claims, threats: recognized before they are answered."""

from datetime import timedelta
from unittest.mock import patch

from freezegun import freeze_time

from odoo import fields
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Command
from odoo.tests import Form, tagged

from ..models.constituent_diversion import DIVERTED_KINDS
from .common import PREFIX, ConstituentCommon
from .mail_common import InboundCommon
from .notice_common import NoticeCommon, html_of

ANA = "ana.rivera@example.org"
FOIL = "Under the Freedom of Information Law I request copies of all records on 12 Home Street."


class DivertSetup:
    """Who gets what is diverted: mixed in before a base with records."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.lines = {
            matter: cls.env.ref(f"{PREFIX}diversion_{matter}")
            for matter in (*DIVERTED_KINDS, "threat", "self_harm")
        }
        cls.law, cls.clerks = cls.env["constituent.department"].create(
            [{"name": "Law Department", "code": "T-LAW"}, {"name": "City Clerk", "code": "T-CLK"}]
        )
        cls.access_officer = cls._make_user("caseworker", login="access_officer")
        cls.clerks.member_ids = cls.access_officer
        cls.counsel = cls._make_user("coordinator", login="counsel")
        cls.lines["records_request"].write(
            {
                "department_id": cls.clerks.id,
                "user_ids": [Command.set(cls.access_officer.ids)],
            }
        )
        cls.lines["claim"].write(
            {
                "department_id": cls.law.id,
                "user_ids": [Command.set((cls.counsel | cls.access_officer).ids)],
            }
        )
        cls.lines["media"].sender_domains = "gazette.example"
        cls.company.constituent_security_ids = cls.confidant

    def _tasks(self, case):
        return case.activity_ids.mapped("user_id")

    def _said(self, case):
        return "\n".join(
            case.event_ids.filtered(lambda event: event.kind == "diverted").mapped("note")
        )


@tagged("post_install", "-at_install")
class TestDivertMail(DivertSetup, InboundCommon):
    """By mail, the way they come."""

    def test_records_request(self):
        """A request under FOIL goes to the access officer, before anything is answered."""
        case = self._send(FOIL, Subject="A testpothole in my street").case_id
        self.assertEqual(case.kind, "records_request")
        self.assertEqual(case.kind_before, False)
        self.assertEqual(case.diversion_id, self.lines["records_request"])
        self.assertEqual(case.department_id, self.clerks, "not the door's, not the category's")
        self.assertEqual(case.routed_by, "diversion")
        self.assertIn("Records Request", case.routing_note)
        self.assertEqual(self._tasks(case), self.access_officer)
        self.assertIn("freedom of information", self._said(case))
        self.assertFalse(case.legal_hold or case.needs_counsel)
        self.assertEqual(case.confidentiality, "internal")
        self.assertEqual(case.partner_id, self.resident, "identified as anybody")

    def test_records_request_in_spanish(self):
        case = self._send("Solicito acceso a la información pública.", Subject="Solicitud").case_id
        self.assertEqual(case.kind, "records_request")

    def test_claim(self):
        case = self._send("This is a notice of claim: the hole damaged my car.").case_id
        self.assertEqual(case.kind, "claim")
        self.assertTrue(case.legal_hold and case.hold_by_diversion and case.needs_counsel)
        self.assertEqual(case.department_id, self.law)
        self.assertEqual(self._tasks(case), self.counsel, "who does not see it gets no task")

    def test_media_by_words_or_by_sender(self):
        for body, heads in (
            ("I am a reporter with the Herald and on deadline.", {}),
            ("Who pays for the new bridge?", {"From": "Newsdesk <desk@gazette.example>"}),
        ):
            case = self._send(body, **heads).case_id
            with self.subTest(body):
                self.assertEqual(case.kind, "media")
        self.assertIn("gazette.example", self._said(case))
        self.assertEqual(case.department_id, self.streets, "its line names no department")

    def test_ordinary_words_divert_nothing(self):
        for subject, body in (
            ("Pothole", "It will kill somebody one day. Somebody gets killed there every year."),
            ("Trash", "They threw aluminum foil and a broken record player into the park."),
            ("Bridge", "Please put up signs of suicide prevention on the bridge."),
            ("Dog", "The reporter line was busy, my car is fine."),
            ("Farola", "La farola está rota y me da miedo la oscuridad."),
            ("Tree", "The tree hurt my fence, a shot in the dark, what a bombshell."),
        ):
            case = self._send(body, Subject=subject).case_id
            with self.subTest(subject):
                self.assertFalse(case.diversion_id or case.alarm_id)
                self.assertEqual(case.kind, "request")

    def test_of_two_kinds_the_clearer_one(self):
        case = self._send(
            "Notice of claim. My lawyer will sue the city. Also a records request."
        ).case_id
        self.assertEqual(case.kind, "claim")

    def test_a_machines_message_is_diverted_and_not_answered(self):
        case = self._send(FOIL, Auto_Submitted="auto-generated").case_id
        self.assertEqual(case.kind, "records_request")
        self.assertNotIn("constituent", case.delivery_ids.mapped("audience"))

    def test_threat(self):
        """Restricted, not answered, the original with its heads, security alerted."""
        row = self._send("I know where you live. I will kill you all.", Subject="Pothole")
        case = row.case_id
        self.assertEqual(case.confidentiality, "restricted")
        self.assertEqual(case.alarm_id, self.lines["threat"])
        self.assertEqual(case.kind, "request")
        self.assertEqual(
            [(mail.audience, mail.email) for mail in case.delivery_ids],
            [("security", "confidant@city.example.org")],
        )
        self.assertEqual(row.state, "case")
        self.assertIn(b"Message-ID:", row.raw.raw)
        self.assertTrue(row.raw.constituent_sealed)
        self.assertEqual(self._tasks(case), self.confidant)
        for user in (self.coordinator, self.caseworker, self.clerk, self.manager):
            with self.subTest(user=user.login):
                self.assertFalse(case.with_user(user).has_access("read"))
                if user != self.clerk:  # who sees no mail at all
                    self.assertFalse(self.Inbound.with_user(user).search([("id", "=", row.id)]))
        action = case.with_user(self.confidant).action_mails()
        self.assertEqual(self.Inbound.with_user(self.confidant).search(action["domain"]), row)

    def test_threats_by_a_machine_alert_all_the_same(self):
        case = self._send("There is a bomb in City Hall.", Precedence="bulk").case_id
        self.assertEqual(case.delivery_ids.mapped("audience"), ["security"])

    def test_a_threat_in_a_reply(self):
        """The case becomes restricted before anybody is sent the words."""
        case = self._send("Please mend it.").case_id
        case.message_subscribe(self.caseworker.partner_id.ids)
        before = self.env["mail.mail"].sudo().search([])
        row = self._send("I will kill you.", In_Reply_To=case.message_ids[0].message_id)
        self.assertEqual((row.state, row.case_id), ("reply", case))
        self.assertEqual(case.confidentiality, "restricted")
        self.assertEqual(case.alarm_id, self.lines["threat"])
        self.assertIn("kill you", self._said(case))
        self.assertIn("security", case.delivery_ids.mapped("audience"))
        told = (self.env["mail.mail"].sudo().search([]) - before).recipient_ids
        self.assertNotIn(self.caseworker.partner_id, told)
        # Once is enough.
        self._send("I will kill you.", In_Reply_To=case.message_ids[0].message_id)
        self.assertEqual(case.delivery_ids.mapped("audience").count("security"), 1)

    def test_self_harm_in_both_languages(self):
        for body in (
            "I want to die.",
            "I will kill myself.",
            "Quiero quitarme la vida.",
            "No quiero vivir más, voy a acabar con mi vida.",
        ):
            case = self._send(body, Subject="Help").case_id
            with self.subTest(body):
                self.assertEqual(case.alarm_id, self.lines["self_harm"])
                self.assertEqual(case.confidentiality, "restricted")

    def test_a_threat_within_a_records_request_is_both(self):
        case = self._send(FOIL + " Or I will kill you.").case_id
        self.assertEqual(case.kind, "records_request")
        self.assertEqual(case.alarm_id, self.lines["threat"])
        self.assertEqual(case.confidentiality, "restricted")
        self.assertEqual(case.delivery_ids.mapped("audience"), ["security"])

    def test_chatter_of_a_restricted_case_tells_nobody_who_does_not_see_it(self):
        before = self.env["mail.mail"].sudo().search([])
        self.streets.assignment = "balanced"  # somebody is assigned and follows
        case = self._send("I will kill you.").case_id
        case.with_user(self.confidant).message_post(
            body="Call the police.", subtype_xmlid="mail.mt_comment"
        )
        mails = self.env["mail.mail"].sudo().search([]) - before
        told = mails.filtered(lambda mail: mail.res_id == case.id).recipient_ids
        self.assertFalse(told - self.confidant.partner_id)


@tagged("post_install", "-at_install")
class TestDivertNotices(DivertSetup, NoticeCommon):
    """What is sent first."""

    def _case(self, name, **values):
        return self._make_case(name=name, description=False, **values)

    def test_own_text_for_records_requests_and_claims(self):
        self._case("FOIA request for the contract")
        self._case("Notice of claim: my fence", partner_id=self.portal_user.partner_id.id)
        smtp = self.send_all()
        (records,) = smtp.to(ANA)
        self.assertIn("records request", records["Subject"])
        self.assertIn("requests for public records", html_of(records))
        (claim,) = smtp.to("portal@example.org")
        self.assertIn("does not admit anything", html_of(claim))

    def test_ordinary_text_for_media(self):
        case = self._case("Press inquiry, on deadline")
        smtp = self.send_all()
        self.assertEqual(case.kind, "media")
        self.assertIn("received your request", smtp.to(ANA)[0]["Subject"])

    def test_none_when_the_line_says_so(self):
        self.lines["claim"].acknowledgement = "none"
        case = self._case("Notice of claim: my fence")
        self.assertNotIn("constituent", case.delivery_ids.mapped("audience"))
        case.with_user(self.counsel).action_not_diverted()
        self.assertIn("constituent", case.delivery_ids.mapped("audience"))
        self.assertIn("received your request", self.send_all().to(ANA)[0]["Subject"])

    def test_a_kind_given_while_the_acknowledgement_waits(self):
        self.lines["claim"].acknowledgement = "none"
        case = self._case("My fence")
        case.with_user(self.caseworker).kind = "claim"
        self.assertFalse(self.send_all().to(ANA))
        told = case.delivery_ids.filtered(lambda mail: mail.audience == "constituent")
        self.assertEqual(told.state, "cancelled")
        self.assertIn("not acknowledged", told.error)

    def test_alert_says_number_and_link_and_nothing_else(self):
        case = self._case("I will kill you", street="66 Hidden Lane", partner_name="Ana Rivera")
        smtp = self.send_all()
        (alert,) = smtp.sent
        self.assertEqual(alert.smtp_to, ["confidant@city.example.org"])
        self.assertIn(case.number, alert["Subject"])
        text = html_of(alert) + alert.as_string()
        self.assertIn(f"res_id={case.id}", text)
        for word in ("kill", "Hidden Lane", "Rivera", ANA):
            self.assertNotIn(word, text)
        self.assertFalse(case.acknowledged_at)

    def test_nothing_goes_out_later_either(self):
        self.Notice.with_context(active_test=False).search([]).write({"active": True})
        case = self._case("I will kill you")
        case.department_id = self.parks
        case._close(self.outcome_resolved)
        case._reopen("More of it")
        self.assertEqual({mail.smtp_to[0] for mail in self.send_all().sent}, {self.confidant.email})

    def test_what_was_queued_before_the_alarm_is_not_sent(self):
        case = self._case("You know what I mean")
        self.assertTrue(case.delivery_ids)
        case.with_user(self.caseworker).action_raise_alarm()
        self.env.cr.flush()
        self.assertEqual(case.confidentiality, "restricted")
        smtp = self.send_all()
        self.assertFalse(smtp.to(ANA))
        self.assertTrue(smtp.to(self.confidant.email))

    def test_without_security_contacts_all_who_see_restricted_cases(self):
        self.company.constituent_security_ids = False
        other = self._make_user("manager", "restricted", login="second_confidant")
        case = self._case("I will kill you")
        self.assertLessEqual(
            {self.confidant.email, other.email}, set(case.delivery_ids.mapped("email"))
        )
        self.assertNotIn(self.manager.email, case.delivery_ids.mapped("email"))

    def test_an_alarm_taken_back_is_acknowledged(self):
        case = self._case("Your joke will kill me, I will kill you with laughter")
        self.assertTrue(case.alarm_id)
        case.with_user(self.confidant).action_no_alarm()
        self.assertFalse(case.alarm_id)
        self.assertEqual(case.confidentiality, "internal")
        self.assertFalse(case.activity_ids)
        smtp = self.send_all()
        self.assertTrue(smtp.to(ANA))
        self.assertFalse(smtp.to(self.confidant.email), "there is no alarm any more")


@tagged("post_install", "-at_install")
class TestDivertByHand(DivertSetup, ConstituentCommon):
    """By hand, by telephone, and back."""

    def test_telephone(self):
        cases = self.Case.with_user(self.clerk)
        values = {"name": "Wants copies", "details": "A public records request for permits."}
        self.assertEqual(cases.phone_desk_preview(values)["department"], "City Clerk")
        result = cases.phone_desk_save(values)
        case = self.Case.browse(result["id"])
        self.assertEqual(case.kind, "records_request")
        self.assertEqual(result["department"], "City Clerk")

    def test_a_threat_by_telephone_is_saved_and_then_hidden(self):
        """The clerk gets the number; whoever may not see it does not see it again."""
        cases = self.Case.with_user(self.clerk)
        result = cases.phone_desk_save({"name": "He says: I will kill you all"})
        self.assertTrue(result["number"])
        self.env.cr.flush()  # the end of the request
        case = self.Case.browse(result["id"])
        self.assertEqual(case.confidentiality, "restricted")
        self.assertFalse(case.with_user(self.clerk).has_access("read"))
        self.assertEqual(case.delivery_ids.mapped("audience"), ["security"])

    def test_a_threat_typed_into_the_form(self):
        with Form(self.Case.with_user(self.clerk)) as form:
            form.name = "Note at the counter: I will kill you"
        case = form.record.sudo()
        self.env.cr.flush()
        self.assertEqual(case.confidentiality, "restricted")
        self.assertEqual(case.alarm_id, self.lines["threat"])

    def test_who_may_see_it_makes_it_restricted_at_once(self):
        case = self.Case.with_user(self.confidant).create({"name": "I will kill you"})
        self.assertEqual(case.confidentiality, "restricted")

    def test_a_kind_given_at_once(self):
        case = self._make_case(kind="claim")
        self.assertEqual(case.diversion_id, self.lines["claim"])
        self.assertTrue(case.legal_hold and case.needs_counsel)
        self.assertIn("by hand", self._said(case))

    def test_a_person_or_department_given_is_kept(self):
        case = self._make_case(name="FOIA request", department_id=self.parks.id)
        self.assertEqual(case.department_id, self.parks)
        self.assertEqual(case.kind, "records_request")

    def test_a_kind_given_later(self):
        case = self._make_case(user_id=self.caseworker.id)
        with Form(case.with_user(self.caseworker)) as form:
            form.kind = "claim"
        self.assertEqual(case.department_id, self.law)
        self.assertFalse(case.user_id)
        self.assertEqual(case.kind_before, "request")
        self.assertTrue(case.legal_hold and case.needs_counsel)
        self.assertIn(self.streets, case.shared_department_ids, "who had it keeps seeing it")
        self.assertTrue(case.with_user(self.caseworker).has_access("read"))
        self.assertEqual(self._tasks(case), self.counsel)
        moved = case.event_ids.filtered(lambda event: event.kind == "handed_over")
        self.assertEqual(moved.department_to_id, self.law)

    def test_who_would_lose_sight_gets_an_answer_first(self):
        case = self._make_case(name="Something else", description=False)
        self.assertFalse(case.department_id)
        answer = case.with_user(self.clerk).web_save({"kind": "records_request"}, {"kind": {}})
        self.assertEqual(answer[0]["kind"], "records_request")
        self.env.cr.flush()  # the end of the request
        self.assertEqual(case.department_id, self.clerks)
        self.assertFalse(case.with_user(self.clerk).has_access("read"))

    def test_taken_back(self):
        case = self._make_case(name="Notice of claim: a testpothole")
        self.assertEqual(case.department_id, self.law)
        case.with_user(self.counsel).action_not_diverted()
        self.assertEqual(case.kind, "request")
        self.assertFalse(case.diversion_id or case.legal_hold or case.needs_counsel)
        self.assertFalse(case.activity_ids)
        self.assertEqual(case.department_id, self.streets, "where it would have gone")
        self.assertIn("Not what it was taken for: Claim", self._said(case))

    def test_a_hold_that_was_there_before_stays(self):
        case = self._make_case()
        case.legal_hold = True
        case.kind = "claim"
        self.assertFalse(case.hold_by_diversion)
        case.action_not_diverted()
        self.assertTrue(case.legal_hold)

    def test_from_one_kind_to_another(self):
        case = self._make_case(name="Notice of claim: my fence", description=False)
        case.kind = "records_request"
        self.assertEqual(case.diversion_id, self.lines["records_request"])
        self.assertFalse(case.legal_hold or case.needs_counsel)
        self.assertEqual(case.department_id, self.clerks)
        self.assertEqual(self._tasks(case), self.access_officer)
        case.kind = "complaint"
        self.assertFalse(case.diversion_id or case.activity_ids)

    def test_routing_again_keeps_to_it(self):
        case = self._make_case(name="FOIA request for a testpothole")
        case.with_user(self.coordinator).action_route_again()
        self.assertEqual(case.department_id, self.clerks)
        self.assertEqual(case.routed_by, "diversion")

    def test_closed_and_imported_cases_are_left_alone(self):
        imported = self._make_case(name="FOIA request", mode="import")
        self.assertFalse(imported.diversion_id)
        closed = self._make_case()
        closed._close(self.outcome_resolved)
        closed.kind = "claim"
        self.assertFalse(closed.diversion_id or closed.legal_hold)

    def test_a_batch(self):
        cases = self.Case.intake(
            [
                {"channel": "web", "name": name}
                for name in ("FOIA request", "Lamp", "I will kill you", "Notice of claim")
            ]
        )
        self.assertEqual(cases.mapped("kind"), ["records_request", "request", "request", "claim"])
        self.assertEqual([bool(case.alarm_id) for case in cases], [False, False, True, False])
        self.assertEqual(cases[1].department_id, self.env["constituent.department"])

    def test_letters_say_that_counsel_must_see_them(self):
        case = self._make_case(name="Notice of claim", department_id=self.streets.id)
        letters = self.env["constituent.correspondence"].with_user(self.caseworker)
        values = {"partner_id": self.resident.id, "subject": "s", "body": "<p>x</p>"}
        self.assertTrue(letters.create({**values, "case_id": case.id}).needs_counsel)
        self.assertFalse(letters.create({**values, "case_id": self._make_case().id}).needs_counsel)


@tagged("post_install", "-at_install")
class TestDiversionLines(DivertSetup, ConstituentCommon):
    """The table of what is diverted."""

    def test_a_change_counts_at_once(self):
        self.assertFalse(self._make_case(name="Quokkas").diversion_id)
        self.lines["media"].keywords = "quokkas*3"
        self.assertEqual(self._make_case(name="Quokkas").kind, "media")
        self.lines["media"].active = False
        self.assertEqual(self._make_case(name="Quokkas").kind, "request")

    def test_an_offices_own_line_replaces_the_line_of_all(self):
        own = self.lines["media"].copy(
            {"company_id": self.company.id, "keywords": "quokkas*3", "sender_domains": False}
        )
        self.assertEqual(self._make_case(name="Quokkas").diversion_id, own)
        self.assertFalse(self._make_case(name="Press inquiry, on deadline").diversion_id)
        own.active = False
        self.assertFalse(self._make_case(name="Press inquiry, on deadline").diversion_id)
        other = self.env["res.company"].create({"name": "Harbor Authority"})
        case = self._make_case(
            name="Press inquiry, on deadline", company_id=other.id, partner_id=False
        )
        self.assertEqual(case.diversion_id, self.lines["media"])

    def test_another_offices_department_gets_nothing(self):
        other = self.env["res.company"].create({"name": "Harbor Authority"})
        case = self._make_case(name="FOIA request", company_id=other.id, partner_id=False)
        self.assertEqual(case.kind, "records_request")
        self.assertNotEqual(case.department_id, self.clerks)

    def test_mistakes_are_said(self):
        with self.assertRaisesRegex(ValidationError, "from -9 to 9"):
            self.lines["media"].keywords = "press*x"

    def test_without_a_line_no_alarm(self):
        with self.assertRaisesRegex(UserError, "no line for threats"):
            self.lines["threat"].active = False
            self._make_case().action_raise_alarm()

    def test_every_matter_has_a_line_and_a_name(self):
        for matter, line in self.lines.items():
            with self.subTest(matter):
                self.assertEqual(line.matter, matter)
                self.assertTrue(line.name)
                self.assertTrue(
                    self.env["constituent.diversion"]._of_matter(self.company.id, matter)
                )

    def test_no_query_for_an_ordinary_case(self):
        drafts = [self.Case._intake_draft({"name": "Lamp", "company_id": self.company.id})]
        self.Case._intake_divert(drafts)
        with self.assertQueryCount(0):
            self.Case._intake_divert(drafts)


@tagged("post_install", "-at_install")
class TestCombined(NoticeCommon):
    """A second matter within the hour: one mail, and none is dropped."""

    NOON = fields.Datetime.to_datetime("2026-11-20 17:00:00")

    def setUp(self):
        super().setUp()
        self.only(("received", "constituent"))

    def _at(self, minutes):
        return freeze_time(self.NOON + timedelta(minutes=minutes))

    def _told(self):
        """Return the text of all mails to Ana so far."""
        return "\n".join(message["Subject"] for message in self.smtp.to(ANA))

    def test_the_second_waits_for_the_hour(self):
        with self._at(0):
            first = self._make_case()
            self.send_all()
        with self._at(20):
            second = self._make_case(name="Lamp")
            self.send_all()
            self.assertIn(first.number, self._told())
            self.assertEqual(second.delivery_ids.state, "queued")
            self.assertEqual(second.delivery_ids.retry_at, self.NOON + timedelta(minutes=60))
        with self._at(40):
            third = self._make_case(name="Tree")
            self.send_all()
            self.assertEqual(third.delivery_ids.retry_at, self.NOON + timedelta(minutes=60))
        self.assertEqual(len(self.smtp.to(ANA)), 1)
        with self._at(61):
            self.send_all()
        last = "".join(html_of(message) for message in self.smtp.to(ANA)[1:])
        for case in second | third:
            self.assertIn(case.number, last + self._told())
        self.assertNotIn("queued", (first | second | third).delivery_ids.mapped("state"))

    def test_after_the_hour_it_goes_at_once(self):
        with self._at(0):
            self._make_case()
            self.send_all()
        with self._at(61):
            self._make_case()
            self.send_all()
        self.assertEqual(len(self.smtp.to(ANA)), 2)

    def test_others_do_not_wait(self):
        with self._at(0):
            self._make_case()
            self._make_case(partner_id=self.portal_user.partner_id.id)
            self.send_all()
        self.assertEqual(len(self.smtp.to(ANA)), 1)
        self.assertEqual(len(self.smtp.to("portal@example.org")), 1)

    def test_those_queued_together_are_handed_to_one_mail(self):
        with self._at(0):
            cases = self._make_case() | self._make_case(name="Lamp") | self._make_case(name="Tree")
            handed = []
            with patch.object(
                type(self.Case),
                "_acknowledge_together",
                lambda these: handed.append(set(these.ids)),
                create=True,
            ):
                self.send_all()
        self.assertEqual(handed[0], set(cases.ids))

    def test_the_one_sent_before_is_named_again(self):
        handed = []
        with patch.object(
            type(self.Case),
            "_acknowledge_together",
            lambda these: handed.append(set(these.ids)),
            create=True,
        ):
            with self._at(0):
                self._make_case()
                self.send_all()
                self.assertFalse(handed)
            with self._at(30):
                second, third = self._make_case(), self._make_case()
                self.send_all()
            with self._at(60):
                self.send_all()
        self.assertIn(set((second | third).ids), handed)

    def test_what_has_its_own_text_goes_at_once(self):
        with self._at(0):
            self._make_case()
            self.send_all()
        with self._at(10):
            self._make_case(name="FOIA request", description=False)
            self.send_all()
        self.assertEqual(len(self.smtp.to(ANA)), 2)

    def test_one_sent_again_by_a_person_does_not_wait(self):
        with self._at(0):
            self._make_case()
            self.send_all()
            case = self._make_case(name="Lamp")
            case.delivery_ids.state = "failed"
            case.delivery_ids.with_user(self.coordinator).action_send_again()
            self.send_all()
        self.assertEqual(len(self.smtp.to(ANA)), 2)
