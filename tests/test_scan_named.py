"""A letter that names a case: it joins it if the case knows who wrote it."""

import json

from freezegun import freeze_time

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import Form, HttpCase, tagged
from odoo.tools import mute_logger

from .common import PREFIX, ConstituentCommon
from .letter_common import LetterSetup
from .scan_common import ScanSetup

SECRET = "A testtree nobody at the desk hears of"


class NamedSetup(ScanSetup, LetterSetup):
    """A case of the Parks Department, which a clerk does not see."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.hers = cls._make_case(name=SECRET, user_id=cls.other_caseworker.id)
        cls.other = cls.env["res.partner"].create(
            {"name": "Olga Lind", "street": "7 Elm Street", "city": "Example", "zip": "10002"}
        )

    @classmethod
    def _make_contact(cls, **vals):
        return cls.env["res.partner"].create({"name": "Somebody", **vals})

    def _register(self, user=None, number=None, **vals):
        """Register a scan of one letter that names the case; return its piece."""
        piece = {"pages": "1", "subject": "My lamp", "case_number": number or self.hers.number}
        scan = self._make_scan(user=user, pieces=[{**piece, **vals}])
        scan.action_register()
        return scan.piece_ids

    def _assert_joined(self, piece, case=None):
        case = case or self.hers
        self.assertTrue(piece.joined_by_number)
        self.assertEqual(piece.sudo().correspondence_id.case_id, case)

    def _assert_new(self, piece):
        """Check that the letter became a case of its own, with a note for who sorts it."""
        self.assertFalse(piece.joined_by_number)
        case = piece.case_id
        self.assertNotIn(case, self.hers | self.case)
        self.assertEqual(case.create_uid, piece.create_uid)
        note = case.message_ids.filtered(lambda one: "was found that knows" in one.body)
        self.assertEqual(len(note), 1)
        self.assertIn(piece.case_number, note.body)
        self.assertTrue(note.subtype_id.internal, "nobody outside reads it")
        return note

    def _texts(self, records):
        """Return all that somebody reads of records, links by name included."""
        return json.dumps([record.read() for record in records], default=str)


@tagged("post_install", "-at_install")
class TestNamedCase(NamedSetup, ConstituentCommon):
    def test_a_clerk_cannot_choose_it_and_names_it(self):
        self.assertFalse(self.hers.with_user(self.clerk).has_access("read"))
        with self.assertRaises(AccessError), self.env.cr.savepoint():
            self._make_scan(pieces=[{"pages": "1", "case_id": self.hers.id}])
        piece = self._register(partner_id=self.resident.id)
        self._assert_joined(piece)
        letter = piece.sudo().correspondence_id
        self.assertEqual((letter.state, letter.direction), ("received", "in"))
        self.assertEqual((letter.partner_id, letter.create_uid), (self.resident, self.clerk))
        self.assertEqual(letter.printed_name, "Ana Rivera")
        self.assertTrue(letter.document_id.constituent_sealed)
        self.assertFalse(piece.case_id, "a link would show its name")

    def test_who_works_the_case_sees_the_letter_and_hears_of_it(self):
        piece = self._register(partner_id=self.resident.id)
        letter = piece.sudo().correspondence_id
        worker = letter.with_user(self.other_caseworker)
        self.assertTrue(worker.has_access("read") and worker.document_file)
        message = self.hers.message_ids.filtered(
            lambda one: letter.document_id in one.attachment_ids
        )
        self.assertEqual(message.notified_partner_ids, self.other_caseworker.partner_id)
        self.assertEqual(message.author_id, self.env.ref("base.partner_root"))
        self.assertTrue(message.subtype_id.internal)
        event = self.hers.event_ids.filtered(lambda one: one.kind == "letter_received")
        self.assertEqual((event.correspondence_id, event.user_id), (letter, self.clerk))

    def test_it_wakes_up(self):
        waiting, closed = self._make_case(name="testtree 1"), self._make_case(name="testtree 2")
        stage = self.env["constituent.case.stage"].search([("status", "=", "waiting")], limit=1)
        waiting.stage_id = stage
        closed._close(self.outcome_resolved)
        for case in (waiting, closed):
            piece = self._register(number=case.number, partner_id=self.resident.id)
            self._assert_joined(piece, case)
        self.assertEqual(waiting.status, "open")
        self.assertEqual(closed.status, "closed")
        self.assertTrue(closed.reply_after_closing)

    def test_whom_the_case_knows(self):
        parent = self._make_contact(name="Rivera Bakery")
        self.resident.parent_id = parent
        child = self._make_contact(name="Her son", parent_id=self.resident.id)
        referrer = self._make_contact(name="Council Office")
        sibling = self._make_contact(name="At the bakery", parent_id=parent.id)
        self.hers.referrer_ids = [Command.create({"partner_id": referrer.id})]
        for contact in (self.resident, parent, child, referrer):
            with self.subTest(contact=contact.name):
                self._assert_joined(self._register(partner_id=contact.id))
        for contact in (sibling, self.other):
            with self.subTest(contact=contact.name):
                self._assert_new(self._register(partner_id=contact.id))

    def test_a_chosen_contact_counts_whatever_is_typed(self):
        piece = self._register(
            partner_id=self.other.id, sender_name="Ana Rivera", sender_zip="10001"
        )
        self._assert_new(piece)

    def test_the_typed_name_with_the_address(self):
        for vals in (
            {"sender_zip": "10001"},
            {"sender_zip": "10001-4321", "sender_street": "Elsewhere"},
            {"sender_street": "12 HOME Street, Apt. 4"},
            {"sender_name": "Rivera, Ana", "sender_zip": "10001"},
        ):
            with self.subTest(vals=vals):
                piece = self._register(**{"sender_name": " ana  RIVERA", **vals})
                self._assert_joined(piece)
                self.assertFalse(piece.sudo().correspondence_id.partner_id, "nobody said whose")

    def test_the_typed_name_alone_or_another(self):
        for vals in (
            {},
            {"sender_name": False, "sender_zip": "10001"},
            {"sender_zip": "10002"},
            {"sender_street": "12 Home Street", "sender_zip": "10002"},
            {"sender_street": "Home Street"},
            {"sender_street": "100 Main Street"},
            {"sender_name": "Ana Rivero", "sender_zip": "10001"},
            {"sender_name": "Olga Lind", "sender_zip": "10002"},
        ):
            with self.subTest(vals=vals):
                self._assert_new(self._register(**{"sender_name": "Ana Rivera", **vals}))

    def test_a_caller_of_whom_the_office_has_no_address(self):
        case = self._make_case(
            name="testtree", partner_id=False, partner_name="Bo Wood", street="3 Oak Road",
            zip="10003",
        )  # fmt: skip
        self.assertFalse(case.partner_id.street or case.partner_id.zip)
        for vals, joined in (
            ({"sender_street": "3 Oak Road"}, True),
            ({"sender_street": "3 Oak Road", "sender_zip": "10003"}, True),
            ({"sender_street": "3 Oak Road", "sender_zip": "10009"}, False),
            ({"sender_zip": "10003"}, False),
            ({"sender_street": "9 Oak Road", "sender_zip": "10003"}, False),
            ({}, False),
        ):
            with self.subTest(vals=vals):
                piece = self._register(number=case.number, sender_name="Bo Wood", **vals)
                self.assertEqual(piece.joined_by_number, joined)

    def test_of_a_confidential_caller_nothing_is_linked(self):
        case = self._make_case(
            name="testtree", partner_id=False, partner_name="Bo Wood", street="3 Oak Road",
            identity="confidential",
        )  # fmt: skip
        piece = self._register(
            number=case.number, sender_name="Bo Wood", sender_street="3 Oak Road"
        )
        self._assert_joined(piece, case)
        self.assertFalse(case.partner_id or piece.sudo().correspondence_id.partner_id)

    def test_nobody_is_known_to_an_anonymous_case(self):
        case = self._make_case(name="testtree", partner_id=False, identity="anonymous")
        for vals in ({"sender_street": "100 Main Street"}, {"partner_id": self.resident.id}):
            with self.subTest(vals=vals):
                self._assert_new(self._register(number=case.number, **vals))

    def test_the_number_of_a_letter_of_ours(self):
        letter = self._make_sent()
        self.assertFalse(self.case.with_user(self.clerk).has_access("read"))
        written = f"your letter {letter.reference.lower().replace('-', ' ')}"
        self._assert_joined(self._register(number=written, partner_id=self.resident.id), self.case)
        self._assert_new(self._register(number=letter.reference, partner_id=self.other.id))

    def test_whom_the_letter_went_to_answers_it(self):
        letter = self._make_sent(partner_id=self.other.id)
        typed = {"sender_name": "Olga Lind", "sender_zip": "10002"}
        for vals in ({"partner_id": self.other.id}, typed):
            with self.subTest(vals=vals):
                self._assert_joined(self._register(number=letter.reference, **vals), self.case)
                # Of the case itself she knows nothing.
                self._assert_new(self._register(number=self.case.number, **vals))

    def test_what_is_no_letter_that_was_sent(self):
        draft = self._make_letter()
        loose = self._make_sent(case_id=False)
        came = self._make_received(user=self.coordinator, case_id=self.case.id)
        self.assertFalse(draft.reference)
        for number in (loose.reference, came.reference, "L-1999-000001", "no number"):
            with self.subTest(number=number):
                self._assert_new(self._register(number=number, partner_id=self.resident.id))

    def test_the_first_of_several_that_knows_the_sender(self):
        foreign = self._make_case(name="testtree", partner_id=self.other.id)
        piece = self._register(
            number=f"{foreign.number}, {self.hers.number}", partner_id=self.resident.id
        )
        self._assert_joined(piece)

    def test_another_office(self):
        office = self.env["res.company"].create({"name": "Harbor Authority"})
        foreign = self._make_case(company_id=office.id, department_id=False)
        self.assertEqual(foreign.company_id, office)
        self._assert_new(self._register(number=foreign.number, partner_id=self.resident.id))

    def test_a_chosen_case_comes_first(self):
        piece = self._register(
            user=self.coordinator, case_id=self.case.id, partner_id=self.resident.id
        )
        self.assertFalse(piece.joined_by_number)
        self.assertEqual((piece.case_id, piece.correspondence_id.case_id), (self.case,) * 2)
        self.assertNotIn("was found that knows", str(self.case.message_ids.mapped("body")))

    def test_who_may_see_the_case_sees_where_it_went(self):
        piece = self._register(user=self.coordinator, partner_id=self.resident.id)
        self._assert_joined(piece)
        self.assertEqual(piece.case_id, self.hers)
        self.assertTrue(piece.is_letter_seen)
        # Also who only hears of it: they were told the number by the sender.
        self.hers.informed_department_ids = self.streets
        worker = self.hers.with_user(self.caseworker)
        self.assertEqual((worker.has_access("read"), worker.has_access("write")), (True, False))
        self._assert_joined(self._register(user=self.caseworker, partner_id=self.resident.id))

    def test_with_others_in_the_same_scan(self):
        scan = self._make_scan(
            pages=3,
            pieces=[
                {"pages": "1", "subject": "A testpothole", "sender_name": "Bo"},
                {"pages": "2", "case_number": self.hers.number, "partner_id": self.resident.id},
                {"pages": "3", "subject": "Thanks"},
            ],
        )
        action = scan.action_register()
        letters = scan.piece_ids.sudo().correspondence_id
        self.assertEqual(letters.mapped("scan_pages"), ["1", "2", "3"])
        self.assertEqual(letters.mapped("reference"), sorted(letters.mapped("reference")))
        self.assertEqual(scan.piece_ids.mapped("joined_by_number"), [False, True, False])
        shown = self.Letter.with_user(self.clerk).search(action["domain"])
        self.assertEqual(shown, (letters[0] | letters[2]).sorted("id DESC"))


@tagged("post_install", "-at_install")
class TestNothingRevealed(NamedSetup, ConstituentCommon):
    """Who registers a letter learns that it joined, and nothing of the case."""

    def setUp(self):
        super().setUp()
        self.notices = []
        users = type(self.env["res.users"])
        self.patch(users, "_bus_send", lambda _user, *args, **_kwargs: self.notices.append(args))

    def test_told_that_it_joined(self):
        piece = self._register(partner_id=self.resident.id)
        ((kind, notice),) = [one for one in self.notices if one[0] == "simple_notification"]
        self.assertEqual(kind, "simple_notification")
        reference = piece.letter_reference
        self.assertIn(reference, notice["message"])
        self.assertEqual(piece.scan_id.joined_note, reference)
        for text in (json.dumps(notice), self._texts(piece | piece)):
            self.assertNotIn(SECRET, text)
            self.assertNotIn("Parks", text)
        self.notices.clear()
        self._register(partner_id=self.other.id)
        self.assertFalse([one for one in self.notices if one[0] == "simple_notification"])

    def test_what_a_clerk_opens_afterwards(self):
        piece = self._register(partner_id=self.resident.id, number=f"Re: {self.hers.number}")
        self.env.flush_all()
        self.env.invalidate_all()
        clerks = piece.with_user(self.clerk)
        self.assertFalse(clerks.case_id or clerks.is_letter_seen)
        self.assertFalse(clerks.scan_id.is_any_letter_seen, "no button to an empty list")
        self.assertTrue(piece.scan_id.with_user(self.coordinator).is_any_letter_seen)
        self.assertTrue(clerks.letter_reference.startswith("I-"))
        for record in (clerks.scan_id, clerks):
            with Form(record, f"{PREFIX}{record._name.replace('.', '_')}_view_form") as form:
                self.assertTrue(form.id)
            self.assertNotIn(SECRET, self._texts(record))
        letter = piece.sudo().correspondence_id
        for record in (letter, self.hers, letter.document_id):
            self.assertFalse(record.with_user(self.clerk).has_access("read"))
        # The register, and the scan's own button
        action = self.env.ref(f"{PREFIX}constituent_correspondence_action_incoming")
        self.assertTrue(action)
        letters = self.Letter.with_user(self.clerk)
        listed = letters.search([("state", "=", "received")])
        self.assertNotIn(letter, listed)
        listed.web_read({"case_id": {"fields": {"display_name": {}}}, "subject": {}})
        self.assertFalse(letters.search(clerks.scan_id.action_letters()["domain"]))

    def test_no_way_round_to_the_case(self):
        self._register(partner_id=self.resident.id)
        self.env.flush_all()
        pieces = self.env["constituent.scan.piece"].with_user(self.clerk)
        for path in ("correspondence_id.case_id", "correspondence_id.case_id.name"):
            self.assertFalse(pieces.search([(path, "ilike", "testtree")]))
        for groupby in ("case_id", "correspondence_id.case_id"):
            groups = pieces._read_group([("joined_by_number", "=", True)], [groupby], ["__count"])
            self.assertEqual([(bool(one), count) for one, count in groups], [(False, 1)])
        self.clerk.group_ids += self.env.ref("base.group_allow_export")
        rows = pieces.search([]).export_data(["case_id/name", "subject"])["datas"]
        self.assertNotIn(SECRET, json.dumps(rows))
        with self.assertRaises(AccessError):
            pieces.search([]).export_data(["correspondence_id/case_id/name"])

    def test_no_message_is_theirs_to_read(self):
        """Who wrote a message reads it with the name of its case."""
        stage = self.env["constituent.case.stage"].search([("status", "=", "waiting")], limit=1)
        self.hers.stage_id = stage
        self.env.cr.precommit.run()
        scan = self._make_scan(
            pages=2,
            pieces=[
                {"pages": "1", "subject": "A testpothole", "sender_name": "Bo"},
                {"pages": "2", "case_number": self.hers.number, "partner_id": self.resident.id},
            ],
        )
        scan.action_register()
        self.env.cr.precommit.run()
        self.assertEqual(self.hers.status, "open")
        letter = scan.piece_ids[1].sudo().correspondence_id
        hidden = self.hers.message_ids | letter.message_ids
        self.assertTrue(hidden.filtered("attachment_ids"))
        messages = self.env["mail.message"].with_user(self.clerk)
        self.assertFalse(messages.search([("id", "in", hidden.ids)]))
        for message in hidden.with_user(self.clerk):
            with self.assertRaises(AccessError):
                message.read(["record_name"])
        for field, value in (("create_uid", self.clerk.id), ("message_type", "notification")):
            rows = messages.search([(field, "=", value)]).read(["record_name", "body"])
            self.assertNotIn(SECRET, json.dumps(rows, default=str))
        # Where they see the case they are the author, as ever.
        mine = scan.piece_ids[0].case_id.message_ids.filtered("attachment_ids")
        self.assertEqual(mine.author_id, self.clerk.partner_id)

    def test_the_same_is_said_of_every_number_that_leads_nowhere(self):
        restricted = self._make_case(name="testtree", confidentiality="restricted")
        bodies = set()
        for number, contact in (
            ("CS-1999-000001", self.resident),
            (self.hers.number, self.other),
            (restricted.number, self.resident),
        ):
            note = self._assert_new(self._register(number=number, partner_id=contact.id))
            bodies.add(str(note.body).replace(number, "…"))
        self.assertEqual(len(bodies), 1)
        self.assertFalse(restricted.correspondence_ids, "and nothing is left there")
        self.assertFalse(self.hers.correspondence_ids)

    def test_the_note_is_text(self):
        piece = self._register(number="<b>CS</b> <img src=x>", partner_id=self.other.id)
        self.assertFalse(piece.joined_by_number)
        body = piece.case_id.message_ids.filtered(lambda one: "found that knows" in one.body).body
        self.assertIn("&lt;b&gt;CS&lt;/b&gt;", body)
        self.assertNotIn("<img", body)

    def test_no_number_no_note(self):
        piece = self._register(number="  ", partner_id=self.other.id)
        self.assertNotIn("found that knows", str(piece.case_id.message_ids.mapped("body")))

    def test_restricted_cases_are_for_those_who_may_see_them(self):
        self.hers.confidentiality = "restricted"
        letter = self._make_sent()
        self.case.confidentiality = "restricted"
        for number in (self.hers.number, letter.reference):
            for user in (self.clerk, self.caseworker, self.coordinator, self.manager):
                with self.subTest(user=user.login, number=number):
                    piece = self._register(user=user, number=number, partner_id=self.resident.id)
                    self._assert_new(piece)
                    self.assertFalse(piece.scan_id.is_restricted)
        piece = self._register(user=self.confidant, partner_id=self.resident.id)
        self._assert_joined(piece)
        self.assertTrue(piece.scan_id.is_restricted)

    def test_a_case_that_becomes_restricted_takes_the_scan_along(self):
        piece = self._register(partner_id=self.resident.id)
        scan = piece.scan_id
        self.assertFalse(scan.is_restricted)
        self.hers.confidentiality = "restricted"
        self.env.flush_all()
        self.env.invalidate_all()
        self.assertTrue(scan.sudo().is_restricted)
        for user in (self.clerk, self.coordinator):
            for record in (scan, piece):
                self.assertFalse(record.with_user(user).has_access("read"))

    def test_the_number_is_sealed_and_the_join_is_nobodys_to_write(self):
        piece = self._register(partner_id=self.resident.id)
        for user in (self.clerk, self.manager, self.env.ref("base.user_root")):
            for vals in ({"case_number": "x"}, {"joined_by_number": False}):
                with self.subTest(user=user.login, vals=vals), self.assertRaises(UserError):
                    piece.with_user(user).write(vals)
        scan = self._make_scan()
        with self.assertRaises(UserError):
            scan.piece_ids.write({"joined_by_number": True})
        with self.assertRaises(UserError):
            self._make_scan(pieces=[{"pages": "1", "joined_by_number": True}])
        defaults = {"default_joined_by_number": True}
        pieces = self.env["constituent.scan.piece"].with_user(self.clerk).with_context(**defaults)
        self.assertFalse(pieces.create({"scan_id": scan.id}).joined_by_number)

    @freeze_time("2026-11-27 20:00:00")
    def test_all_or_none(self):
        scan = self._make_scan(
            pieces=[
                {"pages": "1", "case_number": self.hers.number, "partner_id": self.resident.id}
            ],
            received_on="2024-01-02",
        )
        with self.assertRaisesRegex(UserError, "more than a year ago"), self.env.cr.savepoint():
            scan.action_register()
        self.assertFalse(self.hers.correspondence_ids)
        self.assertFalse(self.notices)


@tagged("post_install", "-at_install")
class TestNamedHttp(NamedSetup, HttpCase):
    """The same over the wire."""

    def _call(self, model, method, *args, **kwargs):
        params = {"model": model, "method": method, "args": args, "kwargs": kwargs}
        return self.url_open(
            f"/web/dataset/call_kw/{model}/{method}",
            data=json.dumps({"params": params}),
            headers={"Content-Type": "application/json"},
        )

    @mute_logger("odoo.http", "odoo.addons.base.models.ir_rule")
    def test_a_clerk_registers_and_opens_it_again(self):
        scan = self._make_scan(
            pieces=[{"pages": "1", "case_number": self.hers.number, "partner_id": self.resident.id}]
        )
        self.authenticate("t_clerk", "t_clerk")
        answer = self._call("constituent.scan", "action_register", [scan.id]).json()
        self.assertIs(answer["result"], False, "nothing to open: the scan says what happened")
        self.env.invalidate_all()
        self.assertTrue(scan.piece_ids.joined_by_number)
        letter_id = scan.piece_ids.sudo().correspondence_id.id
        name = {"fields": {"display_name": {}}}
        specification = {
            "joined_note": {},
            "piece_ids": {
                "fields": {"case_id": name, "correspondence_id": name, "is_letter_seen": {}}
            },
        }
        opened = self._call("constituent.scan", "web_read", [scan.id], specification)
        self.assertNotIn("error", opened.json())
        self.assertNotIn("testtree", opened.text)
        for model, record_id in (
            ("constituent.correspondence", letter_id),
            ("constituent.case", self.hers.id),
        ):
            refused = self._call(model, "read", [record_id], ["display_name"])
            self.assertIn("error", refused.json())
            self.assertNotIn("testtree", refused.text)
        for method in ("_named_cases_sudo", "_is_known_to", "_keep_registered", "_note_number"):
            refused = self._call("constituent.scan.piece", method, scan.piece_ids.ids)
            self.assertIn("error", refused.json())
