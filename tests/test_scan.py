"""Paper in: a scan is uploaded, cut, and registered as letters and cases."""

import base64
import io
from datetime import date, datetime
from unittest.mock import patch

import pikepdf
import psycopg2
from freezegun import freeze_time

from odoo.exceptions import UserError, ValidationError
from odoo.fields import Command
from odoo.tests import Form, tagged
from odoo.tools import mute_logger

from ..models import constituent_scan_register
from ..tools.letter import sha256
from ..tools.scan_file import ScanError
from . import scan_files as make
from .common import PREFIX, ConstituentCommon
from .scan_common import ScanSetup


@tagged("post_install", "-at_install")
class TestUpload(ScanSetup, ConstituentCommon):
    def _refused(self, content, words, name="morning post.pdf"):
        count = self.Scan.search_count([])
        with self.assertRaises(UserError) as caught, self.env.cr.savepoint():
            self._make_scan(content=content, file_name=name)
        for word in (*words, name):
            self.assertIn(word, str(caught.exception))
        self.assertEqual(self.Scan.search_count([]), count, "nothing half done")

    def test_a_scan_is_read_and_kept(self):
        content = make.make_pdf(3)
        with freeze_time("2026-11-22 03:30:00"):
            scan = self._make_scan(content=content)
        self.assertEqual((scan.page_count, scan.state), (3, "draft"))
        self.assertEqual(scan.received_on, date(2026, 11, 21), "the day at the office")
        self.assertEqual(scan.channel_id, self.env.ref(f"{PREFIX}channel_letter"))
        self.assertEqual(base64.b64decode(scan.file), content, "the original, byte for byte")
        self.assertEqual(scan.file_sha256, sha256(content))
        self.assertEqual(scan.file_size, len(content))
        self.assertEqual(scan.piece_ids.mapped("pages"), ["1-3"], "one letter until told otherwise")
        self.assertEqual(scan.display_name, "morning post.pdf")
        self.assertFalse(scan.page_note or scan.leftover_pages)

    def test_pictures_are_shown_as_pdf(self):
        scan = self._make_scan(content=make.make_tiff(3), file_name="fax.tif")
        self.assertEqual(scan.page_count, 3)
        self.assertTrue(base64.b64decode(scan.document).startswith(b"%PDF"))
        self.assertEqual(self._stored(scan, "document").mimetype, "application/pdf")
        photo = self._make_scan(content=make.make_picture(), file_name="photo.jpg")
        self.assertEqual((photo.page_count, photo.piece_ids.pages), (1, "1"))

    def test_the_preview_runs_nothing(self):
        scan = self._make_scan(content=make.make_live_pdf())
        self.assertNotIn("JavaScript", make.everything_in(base64.b64decode(scan.document)))

    def test_what_is_not_taken(self):
        for content, words in (
            (b"", ("is empty",)),
            (b"%PDF-1.7\n" + bytes(40_000_000), ("40.0 MB", "at most 30 MB", "scan_max_mb")),
            (make.make_encrypted(), ("asks for a password",)),
            (b"%PDF-1.7 hello", ("is damaged",)),
            (make.make_pdf(501), ("501 pages", "at most 500")),
            (make.make_lying_count(), ("5000000 pages",)),
            (make.make_zip(), ("neither a PDF nor a picture",)),
            (make.make_png_head(), ("40 megapixels",)),
            (make.make_tiff()[:1200], ("is damaged",)),
        ):
            with self.subTest(words=words):
                self._refused(content, words)

    def test_what_is_no_file_at_all(self):
        for value in ("%%%", "abc", "Ünicode", 7):
            with self.subTest(value), self.assertRaises(UserError), self.env.cr.savepoint():
                self.Scan.with_user(self.clerk).create({"file": value, "file_name": "x.pdf"})

    def test_the_limit_is_raised_by_a_parameter(self):
        parameters = self.env["ir.config_parameter"]
        for value, limit in (
            ("50", 50_000_000),
            ("500", 90_000_000),
            ("0", 30_000_000),
            ("much", 30_000_000),
        ):
            parameters.set_param("constituent_services.scan_max_mb", value)
            self.assertEqual(self.Scan.with_user(self.clerk)._max_bytes(), limit)
        parameters.set_param("constituent_services.scan_max_mb", "1")
        self._refused(make.make_pdf(1) + bytes(1_000_100), ("at most 1 MB",))

    def test_damage_is_mended(self):
        scan = self._make_scan(content=make.make_broken_xref())
        self.assertEqual(scan.page_count, 3)

    def test_not_in_the_future(self):
        with freeze_time("2026-11-22 03:30:00"):
            self._make_scan(received_on="2026-11-21")
            with self.assertRaises(ValidationError):
                self._make_scan(received_on="2026-11-22")

    def test_a_scan_keeps_its_file_and_what_its_steps_wrote(self):
        scan = self._make_scan(pages=2)
        other = base64.b64encode(make.make_pdf(1))
        for vals in (
            {"file": other},
            {"document": other},
            {"file_name": "x.pdf"},
            {"company_id": self.company.id},
            {"state": "registered"},
            {"page_count": 9},
            {"file_sha256": "x"},
            {"registered_by_id": self.clerk.id},
        ):
            with self.subTest(vals=list(vals)), self.assertRaises(UserError):
                scan.write(vals)
            if not {"file", "file_name", "company_id"} & vals.keys():
                with self.subTest(made_with=list(vals)), self.assertRaises(UserError):
                    self._make_scan(**vals)
        defaults = {"default_state": "registered", "default_page_count": 9}
        scan = (
            self.Scan.with_user(self.clerk)
            .with_context(**defaults)
            .create({"file": other, "file_name": "x.pdf"})
        )
        self.assertEqual((scan.state, scan.page_count), ("draft", 1))
        with self.assertRaises(UserError):
            scan.copy()

    def test_the_form_says_what_is_wrong_with_the_pages(self):
        scan = self._make_scan(pages=6)
        with Form(scan) as form:
            for pages, note, leftover in (
                ("1-6", False, False),
                ("1-4", False, "5-6"),
                ("2, 4", False, "1, 3, 5-6"),
                ("1-9", "no page 9; its last one is 6", False),
                ("one", "“one” is no page", False),
                ("", "Letter 1: say which pages", False),
                ("4-2", "ends before it begins", False),
                ("2, 2", "names page 2 twice", False),
            ):
                with form.piece_ids.edit(0) as piece:
                    piece.pages = pages
                if note:
                    self.assertIn(note, form.page_note)
                else:
                    self.assertFalse(form.page_note)
                self.assertEqual(form.leftover_pages or False, leftover)
            with form.piece_ids.edit(0) as piece:
                piece.pages = "1-3"
            with form.piece_ids.new() as piece:
                piece.pages = "3-6"
            self.assertEqual(form.page_note, "Letters 1, 2 have the same pages: 3.")

    def test_drafts_are_thrown_away_with_their_file(self):
        scan = self._make_scan()
        stored = self._stored(scan)
        self.assertTrue(stored)
        scan.unlink()
        self.assertFalse(stored.exists())


@tagged("post_install", "-at_install")
class TestRegister(ScanSetup, ConstituentCommon):
    def _texts(self, letter):
        return make.texts_of(letter.document_id.sudo().raw)

    @freeze_time("2026-11-27 20:00:00")
    def test_three_letters_in_one_scan(self):
        old = self._make_case(name="Something else", department_id=False, category_id=False)
        old.department_id = False
        scan = self._make_scan(
            pages=6,
            received_on="2026-11-25",
            pieces=[
                {
                    "pages": "1-2",
                    "subject": "A testpothole at my door",
                    "sender_name": "Olga Lind",
                    "sender_street": "7 Elm Street",
                    "sender_city": "Example",
                    "sender_zip": "10002",
                    "their_date": "2026-11-20",
                },
                {"pages": "3", "case_id": old.id, "partner_id": self.resident.id},
                {"pages": "4-5", "subject": "Thanks", "summary": "The testtree <b>is</b> gone."},
            ],
            leftover_ignored=True,
        )
        action = scan.action_register()
        first, second, third = scan.piece_ids.mapped("correspondence_id").sorted("reference")
        self.assertEqual(self.Letter.search(action["domain"]), third | second | first)
        self.assertEqual(
            (first | second | third).mapped("reference"),
            [f"I-2026-{number:06}" for number in range(1, 4)],
        )
        for letter, pages, numbers in (
            (first, "1-2", (1, 2)),
            (second, "3", (3,)),
            (third, "4-5", (4, 5)),
        ):
            self.assertEqual((letter.direction, letter.state), ("in", "received"))
            self.assertEqual((letter.scan_id, letter.scan_pages), (scan, pages))
            self.assertEqual(letter.received_on, date(2026, 11, 25))
            self.assertEqual(letter.create_uid, self.clerk)
            texts = self._texts(letter)
            self.assertEqual(len(texts), len(numbers))
            for text, number in zip(texts, numbers, strict=True):
                self.assertIn(f"Page {number} of the scan", text)
            attachment = letter.document_id.sudo()
            self.assertTrue(attachment.constituent_sealed)
            self.assertEqual(attachment.name, f"{letter.reference}.pdf")
            self.assertEqual(letter.document_sha256, sha256(attachment.raw))
        # As on the paper, and what became of it
        self.assertEqual(first.printed_name, "Olga Lind")
        self.assertEqual(first.printed_address, "7 Elm Street\nExample 10002")
        self.assertEqual(first.their_date, date(2026, 11, 20))
        self.assertEqual(first.case_id.category_id, self.pothole, "found by its words")
        self.assertEqual(first.case_id.department_id, self.streets)
        self.assertEqual(first.partner_id, first.case_id.partner_id)
        self.assertEqual(first.partner_id.street, "7 Elm Street", "to be answered by post")
        self.assertEqual(second.case_id, old)
        self.assertEqual((second.subject, second.printed_name), (
            "Letter from Ana Rivera", "Ana Rivera"
        ))  # fmt: skip
        self.assertEqual(second.printed_address, "12 Home Street\nExample 10001")
        self.assertEqual(third.case_id.category_id, self.tree)
        self.assertEqual(third.case_id.description_text, "The testtree <b>is</b> gone.")
        self.assertEqual(third.case_id.identity, "anonymous", "nobody signed it")
        self.assertEqual((scan.state, scan.registered_by_id), ("registered", self.clerk))

    @freeze_time("2026-11-27 20:00:00")
    def test_promises_count_from_the_day_of_the_stamp(self):
        scan = self._make_scan(received_on="2026-11-23")
        scan.piece_ids.subject = "A testpothole"
        scan.action_register()
        case = scan.piece_ids.case_id
        # Noon in New York, and five working days after that Monday.
        self.assertEqual(case.received_at, datetime(2026, 11, 23, 17, 0))
        self.assertEqual(case.due_at.date(), date(2026, 11, 30))
        self.assertEqual(case.channel_id.code, "letter")
        self.assertEqual(case.create_uid, self.clerk)

    def test_never_received_in_the_future(self):
        with freeze_time("2026-11-27 13:00:00"):
            scan = self._make_scan()
            scan.action_register()
            self.assertEqual(scan.piece_ids.case_id.received_at, datetime(2026, 11, 27, 13, 0))

    def test_the_register_of_a_year_has_what_came_in_that_year(self):
        with freeze_time("2027-01-04 15:00:00"):
            for received_on, number in (
                ("2026-12-31", "I-2026-000001"),
                ("2027-01-04", "I-2027-000001"),
                ("2026-12-30", "I-2026-000002"),
            ):
                scan = self._make_scan(received_on=received_on)
                scan.action_register()
                self.assertEqual(scan.piece_ids.correspondence_id.reference, number)

    def test_one_letter_is_registered_as_it_was_uploaded(self):
        scan = self._make_scan(pages=2)
        scan.action_register()
        letter = scan.piece_ids.correspondence_id
        self.assertEqual(letter.subject, "Letter without a name")
        self.assertEqual(len(self._texts(letter)), 2)
        self.assertEqual(letter.case_id.name, "Letter without a name")

    def test_the_letter_is_seen_in_its_case(self):
        letter = self._make_received(sender_name="Olga Lind")
        case = letter.case_id
        event = case.event_ids.filtered(lambda one: one.kind == "letter_received")
        self.assertIn(letter.reference, event.note)
        self.assertEqual(event.correspondence_id, letter)
        message = case.message_ids.filtered("attachment_ids")
        self.assertEqual(message.attachment_ids, letter.document_id)
        self.assertTrue(message.is_internal or message.subtype_id.internal, "a note")
        self.assertIn("The lamp is out", message.body)
        self.assertEqual(case.correspondence_count, 1)
        self.assertEqual(letter._letter_pdf(), letter.document_id.raw, "printed as received")

    def test_joining_wakes_the_case_up_as_a_mail_does(self):
        waiting, closed, open_case = (self._make_case(user_id=self.caseworker.id) for _ in "123")
        stage = self.env["constituent.case.stage"].search([("status", "=", "waiting")], limit=1)
        waiting.stage_id = stage
        closed._close(self.outcome_resolved)
        for case in (waiting, closed, open_case):
            self._make_received(user=self.caseworker, case_id=case.id)
        self.assertEqual(waiting.status, "open")
        self.assertEqual(closed.status, "closed")
        self.assertTrue(closed.reply_after_closing)
        self.assertIn("reply_after_closing", closed.event_ids.mapped("kind"))
        self.assertEqual(open_case.status, "new")
        self.assertFalse(open_case.reply_after_closing)

    def test_who_works_the_case_hears_of_a_letter(self):
        case = self._make_case(user_id=self.caseworker.id)
        letter = self._make_received(user=self.coordinator, case_id=case.id)
        message = case.message_ids.filtered(lambda one: letter.document_id in one.attachment_ids)
        self.assertEqual(message.notified_partner_ids, self.caseworker.partner_id)
        self.assertFalse(letter.partner_id, "nobody said whose it is")

    def test_pages_that_do_not_fit_are_said(self):
        for texts, words in (
            (("1-2", "2-3"), "Letters 1, 2 have the same pages: 2"),
            (("1",), "are of no letter: 2-3"),
            (("1-3", "4"), "the scan has no page 4"),
            (("1-3", ""), "Letter 2: say which pages"),
        ):
            scan = self._make_scan(pages=3, pieces=[{"pages": text} for text in texts])
            with self.subTest(texts), self.assertRaises(UserError) as caught:
                scan.action_register()
            self.assertIn(words, str(caught.exception))
            self.assertEqual(scan.state, "draft")
        scan = self._make_scan()
        scan.piece_ids.unlink()
        with self.assertRaisesRegex(UserError, "add a line for each letter"):
            scan.action_register()

    def test_other_pages_stay_in_the_scan(self):
        scan = self._make_scan(pages=3, pieces=[{"pages": "2"}], leftover_ignored=True)
        scan.action_register()
        self.assertIn("Page 2", self._texts(scan.piece_ids.correspondence_id)[0])

    def test_all_or_none(self):
        scan = self._make_scan(pages=2, pieces=[{"pages": "1"}, {"pages": "2"}])
        last = self.Case.search([], limit=1), self.Letter.search([], limit=1)

        def _fail_second(content, pages):
            if pages == (2,):
                raise ScanError("broken")
            return content

        self.patch(constituent_scan_register, "cut_pages", _fail_second)
        with self.assertRaisesRegex(UserError, "is damaged"), self.env.cr.savepoint():
            scan.action_register()
        letters = type(self.Letter)
        with (
            patch.object(letters, "_after_received", side_effect=UserError("late")),
            self.assertRaises(UserError),
            self.env.cr.savepoint(),
        ):
            self.patch(constituent_scan_register, "cut_pages", lambda content, pages: content)
            scan.action_register()
        self.env.invalidate_all()
        self.assertEqual((self.Case.search([], limit=1), self.Letter.search([], limit=1)), last)
        self.assertEqual(scan.state, "draft")
        self.assertFalse(scan.piece_ids.correspondence_id)
        self.assertFalse(self._stored(scan).constituent_sealed)

    def test_once(self):
        scan = self._make_scan()
        scan.action_register()
        with self.assertRaisesRegex(UserError, "registered already"):
            scan.action_register()

    def test_nothing_live_is_carried_into_a_letter(self):
        scan = self._make_scan(content=make.make_live_pdf())
        scan.action_register()
        letter = scan.piece_ids.correspondence_id
        found = make.everything_in(letter.document_id.raw)
        for word in ("JavaScript", "Launch", "EmbeddedFile", "evil", "OpenAction"):
            self.assertNotIn(word, found)
        with pikepdf.open(io.BytesIO(letter.document_id.raw)) as document:
            self.assertFalse(document.check_pdf_syntax())
        # The original is evidence, as it came.
        self.assertIn("evil", make.everything_in(self._stored(scan).raw))

    def test_letters_of_a_scan_are_listed_from_it(self):
        scan = self._make_scan(pages=2, pieces=[{"pages": "1"}, {"pages": "2"}])
        scan.action_register()
        action = scan.action_letters()
        self.assertEqual(
            self.Letter.search(action["domain"]), scan.piece_ids.correspondence_id.sorted("id DESC")
        )


@tagged("post_install", "-at_install")
class TestSealedPaper(ScanSetup, ConstituentCommon):
    """What came in stays as it came, whoever asks."""

    def setUp(self):
        super().setUp()
        self.letter = self._make_received(sender_name="Olga Lind")
        self.scan = self.letter.scan_id
        self.env.flush_all()

    def _users(self):
        return (self.clerk, self.coordinator, self.manager, self.env.ref("base.user_root"))

    def test_the_letter(self):
        for vals in (
            {"subject": "x"},
            {"received_on": "2020-01-01"},
            {"scan_id": False},
            {"scan_pages": "9"},
            {"printed_name": "x"},
            {"document_id": False},
            {"case_id": False},
            {"state": "draft"},
            {"partner_id": self.resident.id},
        ):
            for user in self._users():
                with self.subTest(user=user.login, vals=vals), self.assertRaises(UserError):
                    self.letter.with_user(user).write(vals)
        with self.assertRaises(UserError):
            self.letter.sudo().unlink()
        with self.assertRaises(UserError):
            self.letter.sudo().copy()

    def test_the_scan_and_its_pieces(self):
        for vals in ({"notes": "x"}, {"received_on": "2020-01-01"}, {"channel_id": 1}):
            for user in self._users():
                with self.subTest(user=user.login, vals=vals), self.assertRaises(UserError):
                    self.scan.with_user(user).write(vals)
                with self.assertRaises(UserError):
                    self.scan.with_user(user).piece_ids.write({"pages": "9"})
        for record in (self.scan, self.scan.piece_ids):
            with self.assertRaises(UserError):
                record.sudo().unlink()
        with self.assertRaises(UserError):
            self.scan.write({"piece_ids": [Command.create({"pages": "1"})]})
        with self.assertRaises(UserError):
            self.env["constituent.scan.piece"].with_user(self.clerk).create(
                {"scan_id": self.scan.id, "pages": "1"}
            )
        other = self._make_scan()
        with self.assertRaises(UserError):
            other.piece_ids.scan_id = self.scan

    def test_the_files(self):
        for name in ("file", "document"):
            stored = self._stored(self.scan, name)
            self.assertTrue(stored.constituent_sealed)
            for vals in ({"raw": b"x"}, {"res_id": 0}, {"name": "x"}):
                with self.subTest(name=name, vals=vals), self.assertRaises(UserError):
                    stored.write(vals)
            with self.assertRaises(UserError):
                stored.unlink()

    @mute_logger("odoo.sql_db")
    def test_the_database(self):
        for query, record in (
            ("UPDATE constituent_scan SET notes = 'x' WHERE id = %s", self.scan),
            ("UPDATE constituent_scan SET state = 'draft' WHERE id = %s", self.scan),
            ("DELETE FROM constituent_scan WHERE id = %s", self.scan),
            ("UPDATE constituent_scan_piece SET pages = '9' WHERE id = %s", self.scan.piece_ids),
            (
                "UPDATE constituent_correspondence SET received_on = '2020-01-01' WHERE id = %s",
                self.letter,
            ),
            ("UPDATE constituent_correspondence SET state = 'sent' WHERE id = %s", self.letter),
            ("DELETE FROM constituent_correspondence WHERE id = %s", self.letter),
        ):
            with self.subTest(query), self.assertRaises(psycopg2.Error), self.env.cr.savepoint():
                self.env.cr.execute(query, (record.id,))

    def test_no_step_of_an_outgoing_letter_takes_it(self):
        letter = self.letter.with_user(self.manager)
        for step in (
            "action_submit",
            "action_approve",
            "action_reject",
            "action_send",
            "action_reset_draft",
            "action_cancel",
            "action_returned",
            "action_correct",
        ):
            with self.subTest(step), self.assertRaises(UserError):
                getattr(letter, step)()
        self.assertEqual(letter.state, "received")

    def test_nobody_makes_a_received_letter_by_hand(self):
        for vals in (
            {"state": "received"},
            {"received_on": "2026-01-01"},
            {"scan_id": self.scan.id},
            {"scan_pages": "1"},
        ):
            for user in self._users():
                letters = self.Letter.with_user(user)
                with self.subTest(user=user.login, vals=vals), self.assertRaises(UserError):
                    letters.create({"subject": "s", "direction": "in", **vals})
            defaults = {f"default_{name}": value for name, value in vals.items()}
            letter = self.Letter.with_context(**defaults).create({"subject": "s"})
            self.assertEqual((letter.state, letter.scan_id.id), ("draft", False))

    def test_pieces_are_registered_by_the_button_only(self):
        scan = self._make_scan()
        for vals in ({"is_registered": True}, {"correspondence_id": self.letter.id}):
            with self.assertRaises(UserError):
                scan.piece_ids.write(vals)
            with self.assertRaises(UserError):
                self._make_scan(pieces=[{"pages": "1", **vals}])

    def test_merges_of_contacts_take_the_letter_along(self):
        letter = self._make_received(user=self.coordinator, partner_id=self.resident.id)
        other = self.env["res.partner"].create({"name": "A. Rivera", "is_constituent": True})
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE constituent_correspondence SET partner_id = %s WHERE id = %s",
            (other.id, letter.id),
        )
        self.env.cr.execute(
            "UPDATE constituent_scan_piece SET partner_id = %s WHERE scan_id = %s",
            (other.id, letter.scan_id.id),
        )
        self.env.invalidate_all()
        self.assertEqual(letter.partner_id, other)
        self.assertEqual(letter.printed_name, "Ana Rivera", "as on the paper")
