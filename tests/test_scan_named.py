"""A letter that names a case: it joins it if the case knows who wrote it."""

from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import tagged

from .common import ConstituentCommon
from .scan_named_common import NamedSetup


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
