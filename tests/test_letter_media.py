import contextlib

from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import PREFIX, ConstituentCommon
from .common_public import OutsideHttpCase
from .letter_common import LetterSetup
from .notice_common import NoticeCommon, html_of, text_of


@tagged("post_install", "-at_install")
class TestMedia(LetterSetup, ConstituentCommon):
    """By which ways a letter goes, and what is missing for each."""

    def _obstacle(self, **vals):
        letter = self._make_letter(**vals)
        return letter._letter_obstacle()

    def test_both_needs_both(self):
        self.assertFalse(self._obstacle(medium="both"))
        no_street = self.resident.copy({"street": False})
        no_mail = self.resident.copy({"email": False})
        shy = self.resident.copy({"contact_preference": "none"})
        self.assertIn("mailing address", self._obstacle(medium="both", partner_id=no_street.id))
        self.assertIn("email address", self._obstacle(medium="both", partner_id=no_mail.id))
        self.assertIn("by email", self._obstacle(medium="both", partner_id=shy.id))
        self.assertFalse(self._obstacle(medium="post", partner_id=no_mail.id))
        self.assertFalse(self._obstacle(medium="email", partner_id=no_street.id))

    def test_portal_needs_a_page_the_addressee_sees(self):
        self.assertFalse(self._obstacle(medium="portal"))
        other = self.env["res.partner"].create(
            {"name": "Somebody", "email": "somebody@example.org"}
        )
        self.assertIn("does not see", self._obstacle(medium="portal", partner_id=other.id))
        self.assertIn("choose the case", self._obstacle(medium="portal", case_id=False))
        self.case.referrer_ids = [Command.create({"partner_id": other.id, "answer_via": "both"})]
        self.assertFalse(self._obstacle(medium="portal", partner_id=other.id))

    def test_portal_for_nobody_who_is_not_told(self):
        self.resident.email = False
        self.case.partner_email = False
        self.assertIn("nothing would tell", self._obstacle(medium="portal"))
        self.portal_user.partner_id.email = False
        own = self._make_case(partner_id=self.portal_user.partner_id.id)
        own.partner_email = False
        self.assertFalse(
            self._obstacle(
                medium="portal", case_id=own.id, partner_id=self.portal_user.partner_id.id
            ),
            "who has a login finds it",
        )
        self.resident.write({"email": "a@example.org", "contact_preference": "none"})
        self.assertIn("nothing would tell", self._obstacle(medium="portal"))

    def test_portal_where_no_mail_would_go(self):
        """Each of these would leave the letter unread."""
        subscription = self.env["constituent.case.subscription"].search(
            [("case_id", "=", self.case.id), ("email", "=", "ana.rivera@example.org")]
        )
        self.assertTrue(subscription)
        for change in (
            lambda: subscription._stop(),
            lambda: self.env.ref(f"{PREFIX}notice_letter_portal_constituent").write(
                {"active": False}
            ),
            lambda: self.resident.write({"deceased": True}),
            lambda: self.env["constituent.blocked.sender"].create(
                {"address": "ana.rivera@example.org", "reason": "Threats"}
            ),
        ):
            self.assertFalse(self._obstacle(medium="portal"))
            with contextlib.suppress(InterruptedError), self.env.cr.savepoint():
                change()
                letter = self._make_letter(medium="portal")
                self.assertTrue(letter._letter_obstacle())
                with self.assertRaises(UserError):
                    letter.action_submit()
                # Taken back, for the next one.
                raise InterruptedError
            self.env.invalidate_all()
            self.env.registry.clear_cache()

    def test_the_form_says_how_they_hear_of_it(self):
        letter = self._make_letter(medium="portal")
        self.assertIn("An email tells", letter.portal_note)
        self.assertFalse(self._make_letter(medium="post").portal_note)
        theirs = self.Letter.with_user(self.other_caseworker).new(
            {"medium": "portal", "case_id": self.case.id, "partner_id": self.resident.id}
        )
        self.assertFalse(theirs.portal_note, "of a case they do not see")
        self.resident.email = False
        self.case.partner_email = False
        letter.invalidate_recordset()
        self.assertFalse(letter.portal_note, "that is refused, with its reason")
        own = self._make_case(partner_id=self.portal_user.partner_id.id)
        self.env.ref(f"{PREFIX}notice_letter_portal_constituent").active = False
        letter = self._make_letter(
            medium="portal", case_id=own.id, partner_id=self.portal_user.partner_id.id
        )
        self.assertIn("when they log in", letter.portal_note)

    def test_portal_not_for_restricted_cases(self):
        self.case.confidentiality = "restricted"
        letter = self._make_letter(user=self.confidant, medium="portal")
        self.assertIn("shows no letters", letter._letter_obstacle())

    def test_portal_is_sent_at_once_and_sealed(self):
        letter = self._make_sent(medium="portal")
        self.assertEqual(letter.state, "sent")
        self.assertTrue(letter.is_sealed)
        self.assertFalse(letter.printed_email)
        self.assertFalse(letter.post_state, "nothing goes by post")
        self.assertFalse(letter.delivery_ids)
        event = self.case.event_ids.filtered(lambda event: event.kind == "letter")
        self.assertIn(self.case.number, event.recipient)

    def test_what_waits_for_the_post(self):
        self.assertEqual(self._make_sent(medium="post").post_state, "waiting")
        self.assertEqual(self._make_sent(medium="both").post_state, "waiting")
        self.assertFalse(self._make_sent(medium="email").post_state)

    def test_posted_by_hand(self):
        letter = self._make_sent()
        with self.assertRaises(UserError):
            letter.with_user(self.caseworker).write({"post_state": "posted"})
        letter.with_user(self.caseworker).action_posted_by_hand()
        self.assertEqual(letter.post_state, "by_hand")
        with self.assertRaisesRegex(UserError, "does not wait"):
            letter.action_posted_by_hand()


@tagged("post_install", "-at_install")
class TestBothByMail(LetterSetup, NoticeCommon):
    """The mail of a letter: with its PDF, and its words for who wants them."""

    def setUp(self):
        super().setUp()
        self.only()

    def _mail(self, letter):
        self.send_all()
        self.env.invalidate_all()
        (message,) = self.smtp.to("ana.rivera@example.org")
        return message

    def test_both(self):
        letter = self._make_sent(medium="both")
        self.assertEqual(letter.state, "sending")
        self.assertEqual(letter.printed_email, "ana.rivera@example.org")
        self._mail(letter)
        self.assertEqual(letter.state, "sent")
        self.assertEqual(letter.post_state, "waiting")
        events = self.case.event_ids.filtered(lambda event: event.kind == "letter")
        self.assertEqual(len(events), 1)

    def test_text_for_who_wants_it(self):
        self.resident.letter_text_in_mail = True
        letter = self._make_sent(
            medium="email",
            body='<p>We will <b>fill</b> it.</p><img src="/web/image/1" alt="The hole">',
            enclosures="Map",
            cc_partner_ids=[Command.set(self.company.partner_id.ids)],
        )
        message = self._mail(letter)
        page = html_of(message)
        for words in ("<b>fill</b>", "[The hole]", "Commissioner of Streets", "Map"):
            self.assertIn(words, page)
        self.assertIn(letter.verification_code, page)
        self.assertNotIn("<img", page)
        self.assertIn("We will fill it.", " ".join(text_of(message).replace("*", "").split()))
        self.assertEqual(len(list(message.iter_attachments())), 1)

    def test_no_text_for_others(self):
        message = self._mail(self._make_sent(medium="email"))
        self.assertNotIn("November 12", html_of(message))

    def test_a_notice_tells_of_the_portal(self):
        self.only(("letter_portal", "constituent"), ("letter_sent", "constituent"))
        letter = self._make_sent(medium="portal")
        message = self._mail(letter)
        self.assertIn("A letter for you", message["Subject"])
        self.assertFalse(list(message.iter_attachments()))
        self.assertNotIn("November 12", html_of(message))
        self.assertIn("/constituent/case/", html_of(message))

    def test_the_portal_is_told_as_the_addon_comes(self):
        """Nobody has to switch the notice on."""
        self.assertTrue(self.env.ref(f"{PREFIX}notice_letter_portal_constituent").event)
        self.only(("letter_portal", "constituent"), ("letter_portal", "referrer"))
        self._make_sent(medium="portal")
        self.send_all()
        (message,) = self.smtp.sent
        self.assertEqual(message.smtp_to, ["ana.rivera@example.org"])
        self._make_sent(medium="post")
        self._make_sent(medium="email")
        rows = self.case.delivery_ids.filtered(lambda row: "letter" in (row.event or ""))
        self.assertEqual(rows.mapped("event"), ["letter_portal"], "of no other letter")

    def test_the_portal_tells_its_addressee_alone(self):
        council = self.env["res.partner"].create(
            {"name": "Office of Lee", "email": "lee@council.example.org"}
        )
        self.case.referrer_ids = [Command.create({"partner_id": council.id, "answer_via": "both"})]
        self.only(("letter_portal", "constituent"), ("letter_portal", "referrer"))
        self._make_sent(medium="portal", partner_id=council.id)
        self.send_all()
        self.assertEqual([mail.smtp_to for mail in self.smtp.sent], [["lee@council.example.org"]])
        self._make_sent(medium="portal")
        self.send_all()
        self.assertEqual(self.smtp.sent[1].smtp_to, ["ana.rivera@example.org"])
        self.assertEqual(len(self.smtp.sent), 2)

    def test_a_closed_case_tells_of_its_letter(self):
        self.only(("letter_portal", "constituent"))
        self._make_sent(medium="portal")
        self.case._close(self.outcome_resolved)
        self.send_all()
        self.assertEqual(len(self.smtp.sent), 1)

    def test_a_letter_whose_mail_failed_goes_by_post(self):
        import smtplib

        letter = self._make_sent(medium="email")
        self.assertFalse(letter.is_undelivered)
        with self.assertRaisesRegex(UserError, "did not arrive"):
            letter.action_send_by_post()
        self.smtp.refusals["ana.rivera@example.org"] = smtplib.SMTPRecipientsRefused(
            {"ana.rivera@example.org": (550, b"unknown")}
        )
        with mute_logger("odoo.addons.constituent_services.models.constituent_delivery_sender"):
            self.send_all()
        self.env.invalidate_all()
        self.assertTrue(letter.is_undelivered)
        action = letter.with_user(self.caseworker).action_send_by_post()
        draft = self.Letter.browse(action["res_id"])
        self.assertEqual((draft.medium, draft.state), ("post", "draft"))
        self.assertEqual(draft.corrects_id, letter)
        self.assertFalse(draft.verification_code)
        with self.assertRaisesRegex(UserError, "replaced already"):
            letter.action_send_by_post()

    def test_a_bounce_offers_a_letter(self):
        letter = self._make_sent(medium="email")
        self._mail(letter)
        delivery = letter.delivery_ids.sudo()
        self.env["constituent.delivery"]._mark_bounced([delivery.message_id], "Mailbox full")
        self.assertTrue(letter.is_undelivered)
        self.assertIn("Send by Post", letter.activity_ids.note)

    def _bounced(self, **vals):
        letter = self._make_sent(**vals)
        self._mail(letter)
        delivery = letter.delivery_ids.sudo()
        self.env["constituent.delivery"]._mark_bounced([delivery.message_id], "Mailbox full")
        return letter

    def test_what_goes_by_post_as_well_is_not_offered_twice(self):
        letter = self._bounced(medium="both")
        self.assertFalse(letter.is_undelivered)
        self.assertIn("goes by post as well", letter.activity_ids.note)
        with self.assertRaisesRegex(UserError, "did not arrive"):
            letter.action_send_by_post()
        self.assertEqual(letter.post_state, "waiting")

    def test_somebody_is_asked_when_the_sender_left(self):
        self.case.user_id = self.coordinator
        letter = self._make_sent(medium="email")
        self._mail(letter)
        self.caseworker.active = False
        delivery = letter.delivery_ids.sudo()
        self.env["constituent.delivery"]._mark_bounced([delivery.message_id], "Mailbox full")
        self.assertEqual(letter.activity_ids.user_id, self.coordinator)


@tagged("post_install", "-at_install")
class TestPortalLetter(LetterSetup, OutsideHttpCase):
    """A letter that lies on the page of its case."""

    def test_on_the_private_page(self):
        letter = LetterSetup._make_sent.__func__(type(self), medium="portal")
        page = self.url_open(f"/constituent/case/{self.case.access_token}")
        self.assertIn(letter.reference, page.text)
        pdf = self.url_open("/constituent/letter/1/1")
        self.assertEqual(pdf.content, letter.document_id.sudo().raw)
