import smtplib

from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import tagged
from odoo.tools import mute_logger

from ..tools.letter import sha256
from .letter_common import LetterSetup
from .notice_common import NoticeCommon, html_of
from .scan_files import make_pdf

SENDER = "odoo.addons.constituent_services.models.constituent_delivery_sender"
LEE = "lee@council.example.org"
ANA = "ana.rivera@example.org"


@tagged("post_install", "-at_install")
class TestLetterCopies(LetterSetup, NoticeCommon):
    """Who is named under "Copies To" gets one: by mail, or the sender is asked to post it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        contacts = cls.env["res.partner"]
        cls.lee = contacts.create({"name": "Office of Lee", "email": LEE})
        cls.block = contacts.create({"name": "Block Club", "street": "3 Elm", "city": "Example"})

    def setUp(self):
        super().setUp()
        self.only()

    def _copied(self, *partners, **vals):
        named = [Command.set([one.id for one in partners or (self.lee, self.block)])]
        return self._make_approved(cc_partner_ids=named, **vals)

    def _copies(self, letter):
        return letter.sudo().delivery_ids.filtered("is_copy")

    def _send_all(self):
        with mute_logger(SENDER):
            self.send_all()
        self.env.invalidate_all()

    def test_said_before_it_is_sent(self):
        letter = self._copied()
        self.assertEqual(letter.copies_by_email, "Office of Lee")
        self.assertEqual(letter.copies_by_hand, "Block Club")
        notes = " ".join(letter._reading_notes())
        self.assertIn("by email to: Office of Lee", notes)
        self.assertIn("printed and posted: Block Club", notes)
        plain = self._make_letter()
        self.assertFalse(plain.copies_by_email or plain.copies_by_hand)
        self.assertFalse([note for note in plain._reading_notes() if "copy" in note.lower()])

    def test_by_mail_after_a_letter_by_post(self):
        letter = self._copied()
        letter.action_send()
        self._send_all()
        (message,) = self.smtp.sent
        self.assertEqual(message.smtp_to, [LEE])
        self.assertEqual(message["Subject"], f"Copy: {letter.subject}")
        self.assertIn("Ana Rivera", html_of(message))
        self.assertIn("for your information", html_of(message))
        (attachment,) = message.iter_attachments()
        self.assertEqual(sha256(attachment.get_content()), letter.document_sha256)
        self.assertEqual(letter.state, "sent")
        self.assertFalse(letter.copies_by_hand, "done: the history says it")
        sent = letter.message_ids.filtered(lambda one: f"copy was sent to {LEE}" in one.body)
        self.assertEqual(len(sent), 1)

    def test_who_has_no_email_is_on_the_senders_list(self):
        letter = self._copied()
        letter.action_send()
        (todo,) = letter.activity_ids
        self.assertEqual(todo.user_id, self.caseworker)
        self.assertIn("Block Club", todo.note)
        self.assertNotIn("Office of Lee", todo.note)

    def test_by_mail_only_once_the_letter_itself_left(self):
        letter = self._copied(self.lee, medium="email")
        letter.action_send()
        self.assertFalse(self._copies(letter))
        self._send_all()
        self.assertEqual(letter.state, "sent")
        self._send_all()
        self.assertEqual([message.smtp_to for message in self.smtp.sent], [[ANA], [LEE]])
        self._send_all()
        self.assertEqual(len(self.smtp.sent), 2, "at most once")

    def test_a_letter_that_failed_sends_no_copies(self):
        letter = self._copied(self.lee, medium="email")
        letter.action_send()
        refused = smtplib.SMTPRecipientsRefused({ANA: (550, b"unknown")})
        self.smtp.refusals[ANA] = refused
        self._send_all()
        self.assertTrue(letter.is_undelivered)
        self.assertFalse(self._copies(letter))
        self.smtp.refusals.clear()
        letter.sudo().delivery_ids.with_user(self.coordinator).action_send_again()
        self._send_all()
        self._send_all()
        self.assertEqual([message.smtp_to for message in self.smtp.sent], [[ANA], [LEE]])

    def test_a_copy_that_failed_is_no_letter_that_failed(self):
        letter = self._copied(self.lee, medium="email")
        letter.action_send()
        self.smtp.refusals[LEE] = smtplib.SMTPRecipientsRefused({LEE: (550, b"unknown")})
        self._send_all()
        self._send_all()
        self.assertEqual(self._copies(letter).state, "failed")
        self.assertFalse(letter.is_undelivered)
        self.assertEqual(letter.state, "sent")
        self.assertIn("Office of Lee", letter.activity_ids.note)
        self.smtp.refusals.clear()
        self._copies(letter).with_user(self.coordinator).action_send_again()
        self._send_all()
        self.assertEqual(self.smtp.sent[-1].smtp_to, [LEE])
        self.assertTrue(self.smtp.sent[-1]["Subject"].startswith("Copy: "), "not the letter's mail")

    def test_a_copy_that_waits_does_not_hold_up_returned_mail(self):
        letter = self._copied(self.lee)
        letter.action_send()
        self.assertEqual(self._copies(letter).state, "queued")
        letter.action_returned("Moved")
        self.assertEqual(letter.state, "returned_mail")

    def test_who_gets_none(self):
        """The addressee, the deceased, and who gets a covering note."""
        self.case.referrer_ids = [Command.create({"partner_id": self.lee.id})]
        gone = self.lee.copy({"name": "Gone", "email": "gone@example.org", "deceased": True})
        letter = self._make_letter(cc_partner_ids=[Command.set((gone | self.resident).ids)])
        letter.action_cover()
        self.assertIn(self.lee, letter.cc_partner_ids)
        self.assertFalse(letter.copies_by_email or letter.copies_by_hand)
        # No letter goes while a deceased is named in it.
        letter.cc_partner_ids -= gone
        for step in ("action_submit", "action_approve", "action_send"):
            getattr(letter, step)()
        self.assertFalse(self._copies(letter) or letter.activity_ids)

    def test_who_wants_no_mail_gets_paper(self):
        for preference in ("none", "letter"):
            self.lee.contact_preference = preference
            letter = self._copied(self.lee)
            self.assertEqual(letter.copies_by_hand, "Office of Lee")
            letter.action_send()
            self.assertFalse(self._copies(letter))
            self.assertIn("Office of Lee", letter.activity_ids.note)

    def test_another_address_asks_for_another_approval(self):
        letter = self._copied(self.lee)
        self.lee.email = "somebody@example.com"
        self.assertEqual(letter.action_send()["params"]["type"], "danger")
        self.assertEqual(letter.state, "draft")

    def test_a_covering_note_drafted_later_takes_nothing_back(self):
        letter = self._copied(self.lee)
        self.case.referrer_ids = [Command.create({"partner_id": self.lee.id})]
        letter.action_cover()
        letter.action_send()
        self.assertEqual(letter.state, "sent")
        self.assertFalse(self._copies(letter), "the note brings it")

    def test_what_is_enclosed_does_not_go(self):
        file = (
            self.env["ir.attachment"]
            .with_user(self.caseworker)
            .create({"name": "Plan.pdf", "raw": make_pdf(), "res_model": self.Letter._name})
        )
        letter = self._copied(self.lee, enclosure_file_ids=[Command.set(file.ids)])
        letter.action_send()
        self._send_all()
        self.assertEqual(len(list(self.smtp.sent[0].iter_attachments())), 1)

    def test_a_form_says_nothing_of_contacts_one_does_not_see(self):
        other = self.env["res.company"].create({"name": "Port Authority"})
        hidden = self.lee.copy({"name": "Hidden Harry", "company_id": other.id})
        draft = self.Letter.with_user(self.caseworker).new({"cc_partner_ids": hidden.ids})
        self.assertFalse(draft.copies_by_email or draft.copies_by_hand)

    def test_nobody_makes_such_mail_by_hand(self):
        values = {"is_copy": True, "email": "x@example.org", "company_id": self.company.id}
        letter = self._copied()
        with self.assertRaises(AccessError):
            self.env["constituent.delivery"].with_user(self.manager).create(
                {"correspondence_id": letter.id, **values}
            )
