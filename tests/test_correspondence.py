from unittest.mock import patch

from freezegun import freeze_time

from odoo.exceptions import LockError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import Form, tagged
from odoo.tools import mute_logger

from ..models.constituent_correspondence import CONTENT_FIELDS, WORKFLOW_FIELDS
from ..tools.letter import sha256
from .common import PREFIX, ConstituentCommon
from .letter_common import LetterSetup, make_noise
from .notice_common import NoticeCommon, html_of


@tagged("post_install", "-at_install")
class TestWriting(LetterSetup, ConstituentCommon):
    """From the case to a draft."""

    def _write_letter(self, case):
        action = case.with_user(self.caseworker).action_write_letter()
        letters = self.Letter.with_user(self.caseworker).with_context(**action["context"])
        return Form(letters)

    def test_the_draft_knows_what_the_case_knows(self):
        self.resident.honorific = "Ms."
        with freeze_time("2026-11-22 03:30:00"):
            case = self._make_case(channel="mail")
        form = self._write_letter(case)
        form.body += "<p>We will fill it.</p>"
        letter = form.save()
        self.assertEqual(letter.case_id, case)
        self.assertEqual(letter.partner_id, self.resident)
        self.assertEqual(letter.salutation, "Dear Ms. Rivera:")
        self.assertEqual(letter.subject, "A testpothole on Main Street, 100 Main Street")
        self.assertIn("on November 21, 2026", letter.body, "the day in the office's zone")
        self.assertEqual(str(letter.their_date), "2026-11-21")
        self.assertEqual(letter.department_id, self.streets)
        self.assertEqual(letter.signatory_ids, self.manager)
        self.assertEqual(letter.lang, "en_US")
        self.assertEqual(letter.medium, "post")
        self.assertEqual(letter.state, "draft")
        self.assertEqual(letter.company_id, case.company_id)
        letter.action_submit()

    def test_subject_does_not_say_the_place_twice(self):
        case = self._make_case(name="Testpothole at 100 MAIN street")
        self.assertEqual(self._write_letter(case).subject, "Testpothole at 100 MAIN street")

    def test_by_telephone_there_is_no_letter_of_theirs(self):
        self.assertFalse(self._write_letter(self.case).their_date)

    def test_medium(self):
        self.resident.contact_preference = "email"
        self.assertEqual(self._write_letter(self.case).medium, "email")
        self.resident.contact_preference = "letter"
        self.assertEqual(self._write_letter(self.case).medium, "post")
        self.resident.street = False
        self.assertEqual(self._write_letter(self.case).medium, "email")

    def test_in_the_constituents_language(self):
        self.env["res.lang"]._activate_lang("es_419")
        case = self._make_case(lang="es_419")
        form = self._write_letter(case)
        self.assertEqual(form.lang, "es_419")
        self.assertRegex(form.body, r"\d+ de \w+ de \d{4}")

    def test_nobody_to_write_to(self):
        case = self._make_case(partner_id=False, identity="anonymous")
        with self.assertRaisesRegex(UserError, "Nobody is named"):
            case.action_write_letter()

    def test_the_cases_letters(self):
        letter = self._make_letter()
        case = self.case.with_user(self.caseworker)
        action = case.action_view_correspondence()
        self.assertEqual(self.Letter.search(action["domain"]), letter)
        self.assertEqual(case.correspondence_count, 1)

    def test_another_addressee(self):
        letter = self._make_letter()
        official = self.env["res.partner"].create(
            {"name": "Kim Lee", "constituent_role": "elected_official", "function": "Mayor"}
        )
        letter.salutation = "Dear Ana:"
        letter.partner_id = official
        self.assertEqual(letter.salutation, "Dear Mayor Lee:")


@tagged("post_install", "-at_install")
class TestWorkflow(LetterSetup, ConstituentCommon):
    """Draft, to approve, approved, sent; and back."""

    def _clerks_case(self):
        """Return a case the clerk took in, which was routed to the department at once."""
        case = self.Case.with_user(self.clerk).create({"name": "A testpothole"})
        self.assertEqual(case.department_id, self.streets)
        return case.with_env(self.env)

    def _texts(self, letter):
        return " ".join(letter.message_ids.mapped("body"))

    @freeze_time("2026-11-22 03:30:00")
    def test_the_whole_way_by_post(self):
        case = self._clerks_case()
        letter = self._make_letter(
            user=self.clerk,
            case_id=case.id,
            enclosures="Map",
            cc_partner_ids=[Command.set(self.company.partner_id.ids)],
        )
        letter.with_user(self.clerk).action_submit()
        self.assertEqual(letter.state, "to_approve")
        letter = letter.with_user(self.caseworker)
        letter.action_approve()
        self.assertEqual(letter.approved_by_id, self.caseworker)
        self.assertTrue(letter.approved_at)
        letter.action_send()
        self.assertEqual(letter.state, "sent")
        # The day and year are the office's, not the server's.
        self.assertRegex(letter.reference, r"^L-2026-\d{6}$")
        self.assertEqual(str(letter.letter_date), "2026-11-21")
        self.assertEqual(letter.printed_name, "Ana Rivera")
        self.assertEqual(letter.printed_address, "Ana Rivera\n12 Home Street\nExample 10001")
        self.assertIn("November 12", letter.printed_body)
        self.assertEqual(letter.printed_signature, "Test Manager\nCommissioner of Streets")
        self.assertEqual(letter.printed_cc, "City of Example")
        self.assertFalse(letter.printed_email)
        self.assertEqual(letter.sent_by_id, self.caseworker)
        document = letter.document_id.sudo()
        self.assertTrue(document.constituent_sealed)
        self.assertEqual(document.name, f"{letter.reference}.pdf")
        self.assertEqual((document.res_model, document.res_id), (letter._name, letter.id))
        self.assertEqual(letter.document_sha256, sha256(document.raw))
        self.assertTrue(letter.is_sealed)
        event = case.event_ids.filtered(lambda event: event.kind == "letter")
        self.assertEqual(event.recipient, "Ana Rivera, 12 Home Street, Example 10001")
        self.assertEqual(event.partner_id, self.resident)
        self.assertEqual(event.correspondence_id, letter)
        self.assertEqual(event.user_id, self.caseworker)

    def test_references_are_drawn_once_each(self):
        first, second = self._make_sent(), self._make_sent()
        numbers = [int(letter.reference.rpartition("-")[2]) for letter in (first, second)]
        self.assertEqual(numbers[1], numbers[0] + 1)
        company = self.env["res.company"].create({"name": "Authority"})
        letter = self.Letter.create({"subject": "s", "company_id": company.id})
        self.assertRegex(letter._draw_reference(), r"^L-\d{4}-000001$", "a count per office")

    def test_every_step_asks_for_its_state(self):
        steps = {
            "action_submit": {"draft", "rejected"},
            "action_approve": {"to_approve"},
            "action_reject": {"to_approve", "approved"},
            "action_send": {"approved"},
            "action_reset_draft": {"to_approve", "approved", "rejected", "cancelled"},
            "action_cancel": {"draft", "to_approve", "approved", "rejected"},
            "action_returned": {"sending", "sent"},
        }
        states = [value for value, _label in self.Letter._fields["state"].selection]
        for step, allowed in steps.items():
            for state in set(states) - allowed:
                letter = self._make_letter()
                letter._advance(state)
                letter.flush_recordset()
                with self.subTest(step=step, state=state), self.assertRaises(UserError):
                    getattr(letter, step)()
                self.assertEqual(letter.state, state)

    def test_back_and_forth(self):
        letter = self._make_approved()
        letter.action_reject("Name the date.")
        self.assertEqual(letter.state, "rejected")
        self.assertFalse(letter.approved_by_id)
        self.assertIn("Name the date.", self._texts(letter))
        letter.action_submit()
        letter.action_reset_draft()
        letter.action_cancel()
        with self.assertRaisesRegex(UserError, "cancelled"):
            letter.body = "<p>x</p>"
        letter.action_reset_draft()
        self.assertEqual(letter.state, "draft")

    def test_reasons_by_the_window(self):
        letter = self._make_approved()
        wizards = self.env["constituent.correspondence.reason.wizard"].with_user(self.caseworker)
        form = Form(wizards.with_context(default_letter_ids=letter.ids))
        form.reason = "Name the date."
        form.save().action_apply()
        self.assertEqual(letter.state, "rejected")

    def test_the_reason_is_in_the_history(self):
        sent = self._make_sent()
        sent.with_user(self.caseworker).action_returned("Moved")
        self.assertEqual((sent.state, sent.returned_reason), ("returned_mail", "Moved"))
        self.assertTrue(sent.returned_at)
        event = self.case.event_ids.filtered(lambda event: event.kind == "letter_returned")
        self.assertIn("Moved", event.note)
        self.assertEqual(event.correspondence_id, sent)

    def test_a_changed_text_asks_for_another_approval(self):
        for name, value in (
            ("subject", "Other"),
            ("body", "<p>Other</p>"),
            ("medium", "email"),
            ("partner_id", self.company.partner_id.id),
            ("cc_partner_ids", [Command.set(self.resident.ids)]),
            ("signatory_ids", [Command.set(self.coordinator.ids)]),
            ("enclosures", "Map"),
            ("letter_date", "2026-01-01"),
        ):
            with self.subTest(field=name):
                letter = self._make_approved()
                letter.write({name: value})
                self.assertEqual(letter.state, "draft")
                self.assertFalse(letter.approved_by_id)

    def test_who_approves_may_change_a_word(self):
        letter = self._make_letter()
        letter.action_submit()
        letter.body = "<p>One word.</p>"
        self.assertEqual(letter.state, "to_approve")
        # Who drafts may not: the approver would not see it.
        own = self._make_letter(user=self.clerk, case_id=self._clerks_case().id)
        own.action_submit()
        own.body = "<p>Another word.</p>"
        self.assertEqual(own.state, "draft")

    def test_other_fields_leave_the_approval(self):
        letter = self._make_approved()
        letter.message_post(body="Looks good")
        letter.activity_schedule("mail.mail_activity_data_todo", user_id=self.caseworker.id)
        self.assertEqual(letter.state, "approved")

    def test_fields_are_content_way_or_neither(self):
        """A new field of the letter must be put into one of the lists, or here."""
        neither = {
            "id", "create_uid", "create_date", "write_uid", "write_date", "display_name",
            "corrected_by_ids", "is_sealed", "case_description", "delivery_ids",
            "needs_counsel", "case_partner_id", "is_translation_needed", "approval_ids",
            "waits_for_me", "may_sign", "content_digest", "approval_trail", "approval_note",
            # How it began, and what is in view while writing.
            "template_id", "template_version_id", "template_gaps", "wanted_lang",
            "clause_use_ids", "clause_trouble", "body_beside", "is_foreign", "earlier_ids",
            "unanswered_case_ids", "covered_by_ids", "can_cover",
            "unanswered_count", "prepared_id", "prepared_note", "not_sent_yet",
            "document_file", "salutation_found", "addressee_warning",
            "verification_search", "is_in_flight", "is_undelivered",
            "sent_back_note", "salutation_now", "is_english_missing",
            "can_write_again", "returned_note", "portal_note",
            "copies_by_email", "copies_by_hand", "batch_note",
        }  # fmt: skip
        own = {
            name
            for name, field in self.Letter._fields.items()
            if field._module == "constituent_services" or name in neither
        }
        self.assertFalse(own - CONTENT_FIELDS - WORKFLOW_FIELDS - neither)

    def test_what_is_missing_is_said(self):
        nowhere = self.env["res.partner"].create({"name": "Nowhere"})
        dead = self.resident.copy({"deceased": True})
        shy = self.resident.copy({"contact_preference": "none"})
        for vals, words in (
            ({"partner_id": False}, "whom it is addressed to"),
            ({"partner_id": dead.id}, "deceased"),
            ({"partner_id": nowhere.id}, "no mailing address"),
            ({"partner_id": nowhere.id, "medium": "email"}, "no email address"),
            ({"partner_id": shy.id, "medium": "email"}, "not to be contacted by email"),
            ({"subject": "  "}, "subject is missing"),
            ({"body": "<p> <br></p>"}, "text is missing"),
            ({"body": False}, "text is missing"),
            ({"salutation": False}, "salutation is missing"),
            ({"signatory_ids": [Command.clear()], "department_id": False}, "who signs"),
            ({"direction": "in"}, "incoming letter"),
        ):
            letter = self._make_letter()
            letter.write({**vals, "department_id": vals.get("department_id", self.streets.id)})
            if "signatory_ids" in vals:
                letter.signatory_ids = False
            if "salutation" in vals:
                letter.salutation = False
            with self.subTest(vals=vals), self.assertRaisesRegex(UserError, words):
                letter.action_submit()

    def test_no_copy_to_somebody_who_is_dead(self):
        dead = self.resident.copy({"deceased": True, "name": "Late Neighbor"})
        for name in ("cc_partner_ids", "bcc_partner_ids"):
            letter = self._make_letter(**{name: [Command.set(dead.ids)]})
            with self.subTest(name=name), self.assertRaisesRegex(UserError, "Late Neighbor"):
                letter.action_submit()

    def test_what_changed_since_the_approval(self):
        """The addressee died, or moved away, after the letter was approved."""
        letter = self._make_approved()
        self.resident.deceased = True
        with self.assertRaisesRegex(UserError, "deceased"):
            letter.action_send()
        self.assertEqual(letter.state, "approved")
        self.assertFalse(letter.reference)

    def test_an_addressee_changed_since_the_approval(self):
        """What was approved for one person never goes to another."""
        cc = self.env["res.partner"].create({"name": "Council Member Lee"})
        for medium, contact, vals in (
            ("post", self.resident, {"name": "Somebody Else"}),
            ("post", self.resident, {"street": "1 Other Street"}),
            ("email", self.resident, {"email": "other@example.org"}),
            ("post", cc, {"name": "Council Member Poe"}),
        ):
            letter = self._make_approved(medium=medium, cc_partner_ids=[Command.set(cc.ids)])
            contact.with_user(self.clerk).write(vals)
            with self.subTest(vals=vals):
                answer = letter.action_send()
                self.assertEqual(answer["tag"], "display_notification")
                self.assertIn(letter.subject, answer["params"]["message"])
                self.assertEqual(letter.state, "draft")
                self.assertFalse(letter.reference or letter.document_id or letter.delivery_ids)
                self.assertFalse(letter.approved_by_id or letter.approved_digest)
                self.assertIn("changed after the approval", letter.message_ids[0].body)
                letter.action_submit()
                letter.action_approve()
                self.assertIsNone(letter.action_send(), "approved anew as it is now")
                self.assertIn(letter.state, ("sent", "sending"))

    def test_of_several_only_the_changed_one_stays(self):
        other = self.resident.copy({"name": "Bea Other"})
        letters = self._make_approved() | self._make_approved(partner_id=other.id)
        other.city = "Elsewhere"
        # Nothing that is printed.
        self.resident.phone = "+1 212-736-5001"
        letters.action_send()
        self.assertEqual(letters.mapped("state"), ["sent", "draft"])

    def test_nothing_is_sealed_when_printing_fails(self):
        letter = self._make_approved()
        with patch.object(type(letter), "_letter_render", side_effect=ValueError("no")):
            with self.assertRaises(ValueError), self.env.cr.savepoint():
                letter.action_send()
        self.env.invalidate_all()
        self.assertEqual(letter.state, "approved")
        self.assertFalse(letter.reference)
        letter.action_send()
        self.assertEqual(letter.state, "sent")

    def test_two_people_press_send(self):
        letter = self._make_approved()
        with patch.object(type(letter), "lock_for_update", side_effect=LockError("busy")):
            with self.assertRaises(LockError):
                letter.action_send()
        self.assertEqual(letter.state, "approved")

    def test_several_at_once(self):
        letters = self._make_approved() | self._make_approved(subject="Second")
        letters.action_send()
        self.assertEqual(set(letters.mapped("state")), {"sent"})
        self.assertEqual(len(set(letters.mapped("reference"))), 2)
        mixed = self._make_approved() | self._make_letter()
        with self.assertRaises(UserError):
            mixed.action_send()

    def test_correction(self):
        with self.assertRaisesRegex(UserError, "was sent"):
            self._make_approved().action_correct()
        letter = self._make_sent()
        draft = self.Letter.browse(letter.action_correct()["res_id"])
        self.assertEqual(draft.state, "draft")
        self.assertEqual(draft.corrects_id, letter)
        self.assertEqual(draft.subject, letter.subject)
        self.assertFalse(draft.letter_date)
        with self.assertRaisesRegex(UserError, "replaced already"):
            letter.action_correct()
        draft.action_cancel()
        letter.action_correct()
        self.assertEqual(letter.state, "sent")

    def test_a_letter_without_a_case(self):
        letter = self._make_sent(case_id=False)
        self.assertEqual(letter.state, "sent")
        self.assertFalse(self.case.event_ids.filtered(lambda event: event.kind == "letter"))

    def test_of_one_office(self):
        company = self.env["res.company"].create({"name": "Authority"})
        with self.assertRaisesRegex(ValidationError, "same office"):
            self.Letter.create({"subject": "s", "case_id": self.case.id, "company_id": company.id})

    def test_pictures_alone_are_a_text(self):
        image = self.env["ir.attachment"].create({"name": "a.png", "raw": make_noise(9, 9)})
        letter = self._make_letter(body=f'<p><img src="/web/image/{image.id}"></p>')
        letter.action_submit()
        self.assertEqual(letter.state, "to_approve")

    def test_display_name_and_search(self):
        letter = self._make_sent()
        self.assertEqual(letter.display_name, f"{letter.reference} A testpothole on Main Street")
        found = self.Letter.name_search(letter.reference)
        self.assertEqual([found_id for found_id, _name in found], letter.ids)

    def test_print_button(self):
        action = self._make_letter().action_print()
        self.assertEqual(action["report_name"], f"{PREFIX}correspondence_letter")


@tagged("post_install", "-at_install")
class TestByEmail(LetterSetup, NoticeCommon):
    """A letter that goes by mail with its PDF."""

    def setUp(self):
        super().setUp()
        self.only()

    def test_sent_when_the_mail_server_took_it(self):
        letter = self._make_sent(medium="email")
        self.assertEqual(letter.state, "sending")
        self.assertEqual(letter.printed_email, "ana.rivera@example.org")
        self.assertEqual(letter.delivery_ids.state, "queued")
        self.assertFalse(self.case.event_ids.filtered(lambda event: event.kind == "letter"))
        self.send_all()
        self.env.invalidate_all()
        self.assertEqual(letter.state, "sent")
        (message,) = self.smtp.to("ana.rivera@example.org")
        (attachment,) = message.iter_attachments()
        self.assertEqual(attachment.get_filename(), f"{letter.reference}.pdf")
        self.assertEqual(attachment.get_content_type(), "application/pdf")
        self.assertEqual(sha256(attachment.get_content()), letter.document_sha256)
        self.assertEqual(message["Subject"], letter.subject)
        self.assertIn("t-streets@", message["Reply-To"])
        self.assertIn(letter.reference, html_of(message))
        self.assertIn(self.case.number, html_of(message))
        self.assertNotIn("November 12", html_of(message), "the text is in the PDF")
        event = self.case.event_ids.filtered(lambda event: event.kind == "letter")
        self.assertEqual(event.recipient, "ana.rivera@example.org")
        self.send_all()
        self.assertEqual(len(self.smtp.sent), 1, "at most once")

    def test_what_the_mail_server_refuses_stays_on_the_list(self):
        import smtplib

        letter = self._make_sent(medium="email")
        with self.assertRaisesRegex(UserError, "not left yet"):
            letter.action_returned("Unknown address")
        self.smtp.refusals["ana.rivera@example.org"] = smtplib.SMTPRecipientsRefused(
            {"ana.rivera@example.org": (550, b"unknown")}
        )
        with mute_logger("odoo.addons.constituent_services.models.constituent_delivery_sender"):
            self.send_all()
        self.env.invalidate_all()
        self.assertEqual(letter.state, "sending")
        self.assertEqual(letter.delivery_ids.state, "failed")
        letter.action_returned("Unknown address")
        self.assertEqual(letter.state, "returned_mail")

    def _bounce(self, letter):
        self.env["constituent.delivery"]._mark_bounced(
            [letter.delivery_ids.message_id], "Mailbox full"
        )

    def test_who_sent_it_hears_that_it_did_not_arrive(self):
        letter = self._make_sent(medium="email")
        self.resident.contact_preference = "none"
        self.send_all()
        self.env.invalidate_all()
        self.assertEqual((letter.state, letter.delivery_ids.state), ("sending", "cancelled"))
        self.assertIn("asked not to be contacted", letter.message_ids[0].body)
        activity = letter.activity_ids
        self.assertEqual(activity.user_id, self.caseworker)
        self.assertIn("send the mail again", activity.note)
        self.assertFalse(self.smtp.sent, "the activity is no mail")
        self.resident.contact_preference = False
        arrived = self._make_sent(medium="email")
        self.send_all()
        self.env.invalidate_all()
        self.assertFalse(arrived.activity_ids)
        self._bounce(arrived)
        self.assertEqual(arrived.state, "sent")
        self.assertIn("Mailbox full", arrived.message_ids[0].body)
        self.assertEqual(len(arrived.activity_ids), 1)

    def test_what_is_sent_again_is_told_once(self):
        letter = self._make_sent(medium="email")
        self.send_all()
        self.env.invalidate_all()
        self._bounce(letter)
        letter.delivery_ids.with_user(self.coordinator).action_send_again()
        self.assertEqual(len(letter.activity_ids), 1)
        self.send_all()
        self.env.invalidate_all()
        self.assertEqual(len(letter.activity_ids), 1)
        self.assertEqual(len(self.smtp.sent), 2)

    def test_when_the_sender_left_the_head_is_asked(self):
        letter, other = self._make_sent(medium="email"), self._make_sent(medium="email")
        self.send_all()
        self.caseworker.active = False
        self.env.invalidate_all()
        self._bounce(letter)
        self.assertIn("Mailbox full", letter.message_ids[0].body)
        self.assertEqual(letter.activity_ids.user_id, self.streets.head_id)
        self.streets.head_id.active = False
        self.env.invalidate_all()
        self._bounce(other)
        self.assertFalse(other.activity_ids, "nobody is left")

    def test_the_mail_is_the_sealed_text_whatever_changed(self):
        letter = self._make_sent(medium="email")
        self.resident.write({"name": "Somebody Else", "email": "other@example.org"})
        self.send_all()
        (message,) = self.smtp.sent
        self.assertEqual(message.smtp_to, ["ana.rivera@example.org"])
        (attachment,) = message.iter_attachments()
        self.assertEqual(sha256(attachment.get_content()), letter.document_sha256)

    def test_without_a_case(self):
        self._make_sent(medium="email", case_id=False)
        self.send_all()
        self.assertEqual(len(self.smtp.sent), 1)

    def test_notice_of_the_letter(self):
        case = type(self.case)
        with patch.object(case, "_notify_event") as notify:
            self._make_sent(medium="post")
            self.assertEqual([call.args for call in notify.call_args_list], [("letter_sent",)])
            notify.reset_mock()
            self._make_sent(medium="email")
            notify.assert_not_called()
