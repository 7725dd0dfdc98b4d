from odoo.exceptions import UserError
from odoo.tests import Form

from .common import PREFIX, ConstituentCommon
from .letter_common import LetterSetup
from .mail_common import InboundCommon


class TestTranslationNeeded(LetterSetup, ConstituentCommon):
    """No answer in English goes unnoticed to somebody who needs another language."""

    def _need(self, language="Vietnamese"):
        self.resident.language_needed = language

    def test_the_case_follows_the_contact(self):
        self.assertFalse(self.case.translation_needed)
        self._need()
        self.assertTrue(self.case.translation_needed)
        self.assertTrue(self._make_case().translation_needed)
        self._need(False)
        self.assertFalse(self.case.translation_needed)

    def test_without_a_contact_somebody_ticks_it(self):
        case = self._make_case(
            identity="confidential", partner_id=False, partner_email="a@example.org"
        ).with_user(self.coordinator)
        with Form(case) as form:
            form.translation_needed = True
        self.assertTrue(case.translation_needed)
        case.name = "Another subject"
        self.assertTrue(case.translation_needed)
        with self.assertRaisesRegex(UserError, "another language"):
            case.message_post(
                body="Hello", message_type="comment", outgoing_email_to="a@example.org"
            )

    # Letters

    def test_a_letter_in_english_waits(self):
        self._need()
        letter = self._make_letter()
        self.assertTrue(letter.is_translation_needed)
        with self.assertRaisesRegex(UserError, "needs Vietnamese, and the letter is in English"):
            letter.action_submit()
        letter.translation_waiver = "Ms. Tran of the library reads it to her"
        letter.action_submit()
        letter.action_approve()
        letter.action_send()
        self.assertEqual(letter.state, "sent")
        self.assertIn(
            f"{letter.reference} went in English: Ms. Tran of the library reads it to her",
            self.case.event_ids.mapped("note"),
        )

    def test_written_to_in_another_language(self):
        """The language of the contact or case: nobody ticked anything."""
        self.env["res.lang"]._activate_lang("es_419")
        self.resident.lang = "es_419"
        self.case.lang = False
        letter = self._make_letter(lang="en_US")
        self.assertTrue(letter.is_translation_needed)
        with self.assertRaisesRegex(UserError, "the letter is in English"):
            letter.action_submit()
        self.case.lang = "en_US"
        letter.invalidate_recordset(["is_translation_needed"])
        self.assertFalse(letter.is_translation_needed, "on this case they write in English")
        letter.action_submit()
        self.assertEqual(letter.state, "to_approve")
        self.resident.lang, self.case.lang = "en_US", "es_419"
        self.assertTrue(self._make_letter(lang="en_US").is_translation_needed)

    def test_learned_after_the_approval_it_waits_too(self):
        letter = self._make_approved()
        self._need()
        with self.assertRaisesRegex(UserError, "needs Vietnamese"):
            letter.action_send()
        self.assertEqual(letter.state, "approved")

    def test_a_waiver_asks_for_another_approval(self):
        letter = self._make_approved()
        letter.translation_waiver = "English will do"
        self.assertEqual(letter.state, "draft")

    def test_a_translated_letter_goes(self):
        self._need("Spanish")
        self.env["res.lang"]._activate_lang("es_419")
        letter = self._make_letter(lang="es_419")
        self.assertFalse(letter.is_translation_needed)
        letter.action_submit()
        self.assertEqual(letter.state, "to_approve")

    def test_settled_for_the_whole_case(self):
        self._need()
        self.case.with_user(self.caseworker).translation_waiver = "Interpreter on the telephone"
        letter = self._make_letter()
        letter.action_submit()
        self.assertEqual(letter.state, "to_approve")

    def test_letters_to_others_go(self):
        self._need()
        office = self.env["res.partner"].create(
            {"name": "Councilmember Lee", "street": "1 City Hall", "city": "Example"}
        )
        letter = self._make_letter(partner_id=office.id)
        self.assertFalse(letter.is_translation_needed)
        letter.action_submit()
        self.assertEqual(letter.state, "to_approve")

    # Messages

    def _post(self, partner, user=None, **kwargs):
        return self.case.with_user(user or self.caseworker).message_post(
            body="We will fill it.",
            message_type="comment",
            subtype_xmlid="mail.mt_comment",
            partner_ids=partner.ids,
            **kwargs,
        )

    def test_a_message_to_the_constituent_waits(self):
        self._post(self.resident)
        self._need()
        for user in (self.caseworker, self.coordinator):
            with (
                self.subTest(user=user.login),
                self.assertRaisesRegex(UserError, "the constituent needs Vietnamese"),
            ):
                self._post(self.resident, user=user)
        self.case.with_user(self.caseworker).translation_waiver = "Written in Vietnamese"
        self.assertTrue(self._post(self.resident))

    def test_by_their_address_it_waits_too(self):
        self._need()
        none = self.env["res.partner"]
        with self.assertRaises(UserError):
            self._post(none, outgoing_email_to="Ana <ana.rivera@example.org>")
        twin = self.env["res.partner"].create({"name": "A.", "email": self.resident.email})
        with self.assertRaises(UserError):
            self._post(twin)

    def test_by_the_composer_it_waits_too(self):
        self._need()
        composer = (
            self.env["mail.compose.message"]
            .with_user(self.caseworker)
            .with_context(default_model="constituent.case", default_res_ids=self.case.ids)
            .create({"body": "Hello", "partner_ids": self.resident.ids})
        )
        with self.assertRaisesRegex(UserError, "the constituent needs Vietnamese"):
            composer.action_send_mail()

    def test_notes_and_colleagues_are_not_asked(self):
        self._need()
        self.assertTrue(self._post(self.coordinator.partner_id))
        self.assertTrue(
            self.case.with_user(self.caseworker).message_post(
                body="A note", message_type="comment", subtype_xmlid="mail.mt_note"
            )
        )

    def test_the_waiver_stays_in_the_history(self):
        case = self.case.with_user(self.caseworker)
        case.translation_waiver = "Interpreter"
        case.translation_waiver = "Interpreter"
        case.translation_waiver = False
        notes = case.event_ids.mapped("note")
        self.assertEqual(notes.count("Language settled: Interpreter"), 1)
        self.assertIn("Language is not settled any more", notes)

    def test_the_filter_finds_them(self):
        self._need()
        view = self.env.ref(f"{PREFIX}constituent_case_view_search")
        self.assertIn('name="translation_needed"', view.arch)
        found = self.Case.search([("translation_needed", "=", True), ("status", "!=", "closed")])
        self.assertEqual(found, self.case)


class TestIncomingMail(InboundCommon):
    def test_mail_that_comes_in_is_not_asked(self):
        """What somebody writes to us needs no word about its language."""
        self.resident.language_needed = "Vietnamese"
        case = self._make_case()
        inbound = self._take(self._mail(Subject=f"Re: [{case.number}] A testpothole"))
        self.assertEqual(inbound.state, "reply")
        self.assertEqual(inbound.case_id, case)
        self.assertIn("Please mend it.", case.message_ids[0].body)
