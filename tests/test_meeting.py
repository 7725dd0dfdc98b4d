import datetime
import io

import pypdf
from freezegun import freeze_time

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import Form

from .letter_common import LetterSetup
from .notice_common import NoticeCommon, html_of

PAGE = """1. A testpothole in front of 5 Elm Street
2) A testtree leans over Canal Street

- When does the library open on Sundays?
"""


class MeetingCommon(LetterSetup, NoticeCommon):
    """A neighborhood association and its meeting of November 12."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.only(("received", "constituent"), ("received", "referrer"))
        cls.group = cls.env["res.partner"].create(
            {
                "name": "Elm Street Association",
                "email": "board@elm.example",
                "is_company": True,
                "is_constituent": True,
                "constituent_role": "neighborhood_association",
                "street": "1 Elm Street",
                "city": "Example",
                "contact_preference": "letter",
            }
        )
        cls.Meeting = cls.env["constituent.meeting"]
        cls.meeting = cls._make_meeting()

    @classmethod
    def _make_meeting(cls, user=None, **vals):
        values = {
            "name": "Elm Street, November",
            "date": "2026-11-12",
            "group_id": cls.group.id,
            "department_id": cls.streets.id,
            "page": PAGE,
        }
        return cls.Meeting.with_user(user or cls.coordinator).create({**values, **vals})

    def _cases(self, user=None):
        meeting = self.meeting.with_user(user or self.coordinator)
        meeting.action_read_page()
        meeting.action_make_cases()
        return self.meeting.concern_ids.case_id.sudo(False)


class TestMeetingCases(MeetingCommon):
    """A page of concerns becomes cases in one go."""

    def test_page_becomes_lines(self):
        self.meeting.action_read_page()
        self.assertEqual(
            self.meeting.concern_ids.mapped("words"),
            [
                "A testpothole in front of 5 Elm Street",
                "A testtree leans over Canal Street",
                "When does the library open on Sundays?",
            ],
        )

    def test_page_read_twice_makes_no_doubles(self):
        self.meeting.action_read_page()
        self.meeting.page = f"{PAGE}\nTrucks at night"
        self.meeting.action_read_page()
        self.assertEqual(len(self.meeting.concern_ids), 4)
        self.assertEqual(self.meeting.concern_ids[-1].words, "Trucks at night")

    def test_empty_page(self):
        self.meeting.page = " \n"
        with self.assertRaisesRegex(UserError, "Paste the page"):
            self.meeting.action_read_page()

    def test_three_lines_three_cases(self):
        hole, tree, library = self._cases().sorted("id")
        self.assertEqual(hole.category_id, self.pothole)
        self.assertEqual(tree.department_id, self.parks)
        self.assertFalse(library.department_id)
        for case in hole | tree | library:
            self.assertEqual(case.channel_id.code, "meeting")
            self.assertEqual(case.received_at, datetime.datetime(2026, 11, 12, 17, 0))
            self.assertEqual(case.referrer_ids.partner_id, self.group)
            self.assertEqual(case.referrer_ids.answer_via, "through")
            self.assertFalse(case.partner_id)
            self.assertIn("Elm Street, November", self._linked(case))

    def _linked(self, case):
        return case.event_ids.filtered(lambda event: event.kind == "linked").note

    def test_who_raised_it(self):
        self.meeting.concern_ids = [
            Command.create({"words": "A lamp", "raised_by": "the lady from Elm Street"}),
            Command.create(
                {"words": "A bench", "partner_id": self.resident.id, "answer_via": "both"}
            ),
        ]
        self.meeting.action_make_cases()
        lamp, bench = self.meeting.concern_ids.case_id.sorted("id")
        self.assertIn("the lady from Elm Street", self._linked(lamp))
        self.assertFalse(lamp.partner_id, "a contact was made of hearsay")
        self.assertEqual(bench.partner_id, self.resident)
        self.assertEqual(bench.referrer_ids.answer_via, "both")

    def test_group_gets_one_acknowledgement(self):
        cases = self._cases()
        (mail,) = self.send_all().to("board@elm.example")
        for case in cases:
            self.assertIn(case.number, html_of(mail))

    def test_only_lines_without_a_case(self):
        cases = self._cases()
        self.meeting.concern_ids = [Command.create({"words": "One more"})]
        self.meeting.action_make_cases()
        self.assertEqual(len(self.meeting.concern_ids.case_id - cases), 1)
        with self.assertRaisesRegex(UserError, "already"):
            self.meeting.action_make_cases()

    @freeze_time("2026-11-12 13:00:00")
    def test_never_received_in_the_future(self):
        self.assertEqual(self.meeting._received_at(), datetime.datetime(2026, 11, 12, 13, 0))

    def test_counts(self):
        cases = self._cases()
        cases[0]._close(self.outcome_resolved)
        self.assertEqual(
            (self.meeting.concern_count, self.meeting.case_count, self.meeting.answered_count),
            (3, 3, 1),
        )
        domain = [("concern_ids.case_id.status", "!=", "closed")]
        self.assertIn(self.meeting, self.Meeting.search(domain))
        action = self.meeting.action_cases()
        self.assertEqual(self.Case.search(action["domain"]), cases.sorted("id", reverse=True))

    def test_what_became_a_case_stays(self):
        self._cases()
        with self.assertRaisesRegex(UserError, "case already"):
            self.meeting.concern_ids[0].unlink()
        with self.assertRaisesRegex(UserError, "is kept"):
            self.meeting.unlink()

    def test_form(self):
        form = Form(self.Meeting.with_user(self.clerk))
        form.name = "Night meeting"
        form.group_id = self.group
        with form.concern_ids.new() as line:
            line.words = "Trucks"
        meeting = form.save()
        self.assertEqual(meeting.concern_ids.words, "Trucks")


class TestMeetingReply(MeetingCommon):
    """One letter says what became of each concern."""

    def _reply(self, user=None):
        action = self.meeting.with_user(user or self.coordinator).action_reply()
        return self.Letter.browse(action["res_id"])

    def test_each_concern_has_its_answer(self):
        hole, tree, library = self._cases().sorted("id")
        hole._close(self.outcome_resolved, "Told to Ana alone.")
        letter = self._reply()
        self.assertEqual(letter.partner_id, self.group)
        self.assertEqual(letter.state, "draft")
        self.assertEqual(letter.medium, "post")
        for case in hole | tree | library:
            self.assertIn(case.number, letter.body)
        self.assertIn(self.outcome_resolved.public_text, letter.body)
        self.assertIn("testtree leans over Canal Street", letter.body)
        self.assertIn("Concerns still open: 2", letter.body.replace("\n", " "))
        self.assertNotIn("Told to Ana alone", letter.body)
        self.assertEqual(letter.also_case_ids, hole)
        self.assertEqual(self.meeting.letter_ids, letter)

    def test_nobody_is_named(self):
        self.meeting.concern_ids = [
            Command.create({"words": "A lamp", "partner_id": self.resident.id}),
        ]
        self.meeting.action_make_cases()
        self.meeting.concern_ids.case_id.description = "<p>Ana's own words.</p>"
        body = self._reply().body
        self.assertNotIn("Rivera", body)
        self.assertNotIn("own words", body)

    def test_confidential_and_restricted_ones_say_nothing(self):
        hole, tree, _library = self._cases().sorted("id")
        hole.confidentiality = "restricted"
        tree.identity = "confidential"
        letter = self._reply()
        for case in hole | tree:
            self.assertNotIn(case.number, letter.body)
        self.assertNotIn("testpothole", letter.body)
        self.assertNotIn("testtree", letter.body)
        self.assertEqual(letter.body.count("answer separately"), 2)

    def test_concern_without_a_case(self):
        self.meeting.concern_ids = [Command.create({"words": "A lamp"})]
        self.assertIn("We have noted it", self._reply().body)

    def test_nothing_to_answer(self):
        with self.assertRaisesRegex(UserError, "no concern"):
            self._reply()

    def test_printed_and_sealed(self):
        cases = self._cases()
        cases._close(self.outcome_resolved)
        letter = self._reply()
        letter.signatory_ids = self.manager
        letter.action_submit()
        letter.action_approve()
        letter.action_send()
        reader = pypdf.PdfReader(io.BytesIO(letter.document_id.raw))
        text = " ".join(" ".join(page.extract_text() for page in reader.pages).split())
        self.assertIn("Elm Street Association", text)
        for case in cases:
            self.assertIn(case.number, text)
            self.assertIn("letter", case.event_ids.mapped("kind"))
        self.assertEqual(set(letter.answers_numbers.split("\n")), set(cases.mapped("number")))

    def test_in_the_groups_language(self):
        self.env["res.lang"]._activate_lang("es_ES")
        self.group.lang = "es_ES"
        self._cases()
        letter = self._reply()
        self.assertEqual(letter.lang, "es_ES")
        self.assertIn("noviembre", letter.subject)


class TestMeetingRights(MeetingCommon):
    """Who sees meetings and concerns."""

    def test_roles(self):
        self.meeting.action_read_page()
        sees = {
            self.clerk: False,
            self.caseworker: True,
            self.other_caseworker: False,
            self.coordinator: True,
            self.manager: True,
        }
        for user, expected in sees.items():
            for record in (self.meeting, self.meeting.concern_ids[0]):
                with self.subTest(user=user.login, model=record._name):
                    self.assertEqual(record.with_user(user).has_access("read"), expected)
                    self.assertEqual(record.with_user(user).has_access("write"), expected)

    def test_clerk_sees_what_they_typed(self):
        meeting = self._make_meeting(self.clerk)
        meeting.action_read_page()
        meeting.action_make_cases()
        self.assertEqual(meeting.case_count, 3)
        with self.assertRaises(AccessError):
            meeting.unlink()

    def test_outsiders_have_nothing(self):
        for user in (self.portal_user, self.internal_user):
            for model in ("constituent.meeting", "constituent.meeting.concern"):
                with self.subTest(user=user.login, model=model), self.assertRaises(AccessError):
                    self.env[model].with_user(user).search([])

    def test_restricted_case_hides_its_concern(self):
        hole = self._cases().sorted("id")[0]
        hole.confidentiality = "restricted"
        seen = self.meeting.with_user(self.coordinator).concern_ids
        self.env.invalidate_all()
        seen = (
            self.env["constituent.meeting.concern"]
            .with_user(self.coordinator)
            .search([("meeting_id", "=", self.meeting.id)])
        )
        self.assertNotIn(hole, seen.case_id)
        self.assertEqual(len(seen), 2)

    def test_cases_are_linked_by_the_button_only(self):
        other = self._make_case()
        self.meeting.action_read_page()
        with self.assertRaises(AccessError):
            self.meeting.concern_ids[0].with_user(self.coordinator).case_id = other
        with self.assertRaises(AccessError):
            self.env["constituent.meeting.concern"].with_user(self.coordinator).create(
                {"meeting_id": self.meeting.id, "words": "x", "case_id": other.id}
            )

    def test_another_office(self):
        other = self.env["res.company"].create({"name": "Port Authority"})
        with self.assertRaisesRegex(UserError, "same office"):
            self._make_meeting(self.env.user, company_id=other.id)
        meeting = self.Meeting.create(
            {"name": "Port", "group_id": self.group.id, "company_id": other.id}
        )
        self.assertFalse(meeting.with_user(self.manager).has_access("read"))
