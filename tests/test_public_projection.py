from dataclasses import asdict
from dataclasses import fields as dataclass_fields

from freezegun import freeze_time

from odoo.tests import tagged
from odoo.tests.common import TransactionCase

from ..tools.projection import (
    CONSTITUENT,
    REFERRER,
    SUBSCRIBER,
    CaseView,
    Reader,
    is_token,
)
from .common_public import OutsideSetup


@tagged("post_install", "-at_install")
class TestPublicProjection(OutsideSetup, TransactionCase):
    """What each reader may know of a case."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        with freeze_time("2026-03-02 15:00:00"):
            cls.case = cls._make_case(location_note="Ask at number 7")
        cls.constituent = Reader(CONSTITUENT, cls.resident.id)
        cls.referrer = Reader(REFERRER, cls.official.id, cls.official.id)
        cls.subscriber = Reader(SUBSCRIBER)

    def _view(self, reader=None, **kwargs):
        return self.case._public_projection(reader or self.constituent, **kwargs)

    def _texts(self, reader=None):
        return [step.text for step in self._view(reader).steps]

    def test_plain_values_only(self):
        """Nobody can walk from a projection to a record."""
        self._make_letter(self.case, self.resident)

        def walk(value):
            if isinstance(value, dict):
                for inner in value.values():
                    walk(inner)
            elif isinstance(value, (list, tuple)):
                for inner in value:
                    walk(inner)
            else:
                self.assertIsInstance(value, (str, int, bool, type(None)))

        walk(asdict(self._view()))

    def test_whitelist(self):
        """A new field gets out by a decision, not by itself: extend with care."""
        self.assertEqual(
            {field.name for field in dataclass_fields(CaseView)},
            {
                "number", "matter", "received", "progress", "status", "status_label",
                "office", "is_minimal", "subject", "place", "place_note", "department",
                "phone", "due", "is_late", "closed", "outcome", "outcome_note", "steps",
                "letters",
            },
        )  # fmt: skip

    def test_own_words_for_the_constituent_only(self):
        self.case._close(self.outcome_refused, "Because of you, Ana.")
        own = self._view()
        self.assertEqual(own.subject, "A testpothole on Main Street")
        self.assertEqual(own.place_note, "Ask at number 7")
        self.assertEqual(own.outcome_note, "Because of you, Ana.")
        for reader in (self.referrer, self.subscriber):
            view = self._view(reader)
            self.assertEqual((view.subject, view.place_note, view.outcome_note), ("", "", ""))
            self.assertEqual(view.matter, "Test Pothole")
            self.assertEqual(view.outcome, self.outcome_refused.public_text)

    def test_internal_category_stays_inside(self):
        self.pothole.is_public = False
        self.case.kind = "complaint"
        self.assertEqual(self._view().matter, "Complaint")
        self.case.category_id = False
        self.assertEqual(self._view().matter, "Complaint")

    def test_public_name_of_the_stage(self):
        stage = self.case.stage_id
        self.assertEqual(self._view().status_label, "Received")
        stage.public_name = False
        self.assertEqual(self._view().status_label, stage.name)

    def test_due_date_while_open(self):
        with freeze_time("2026-03-03 15:00:00"):
            self.env.invalidate_all()
            view = self._view()
            self.assertEqual(view.due.iso, "2026-03-09")
            self.assertEqual(view.due.text, "March 9, 2026")
            self.assertFalse(view.is_late)
        with freeze_time("2026-04-03 15:00:00"):
            self.env.invalidate_all()
            self.assertTrue(self._view().is_late)
            self.case._close(self.outcome_resolved)
            view = self._view()
            self.assertIsNone(view.due)
            self.assertFalse(view.is_late)
            self.assertEqual(view.closed.iso, "2026-04-03")

    def test_department_telephone_falls_back_to_the_office(self):
        self.assertEqual(self._view().phone, "+1 555 0320")
        self.streets.phone = False
        self.assertEqual(self._view().phone, "+1 555 0311")

    def test_what_has_happened(self):
        self.assertEqual(self._texts(), ["We received it", "It is with: Streets Department"])
        self.case.stage_id = self.env.ref("constituent_services.stage_waiting")
        self.case.department_id = self.parks
        self.case._close(self.outcome_resolved, "done")
        self.case._reopen("Secret reason")
        self.assertEqual(
            self._texts(),
            [
                "We received it",
                "It is with: Streets Department",
                "Status: Waiting for you",
                "It is with: Parks Department",
                "We closed it",
                "We opened it again",
            ],
        )

    def test_a_new_person_in_the_same_department_is_no_news(self):
        before = self._texts()
        self.case.user_id = self.caseworker
        self.case.user_id = self.manager
        self.assertEqual(self._texts(), before)

    def test_no_note_of_an_event_gets_out(self):
        kinds = self.env["constituent.case.event"]._fields["kind"].get_values(self.env)
        # The events are made by code alone, whatever their kind.
        events_sudo = self.env["constituent.case.event"].sudo()
        events_sudo.create(
            [
                {
                    "case_id": self.case.id,
                    "company_id": self.company.id,
                    "kind": kind,
                    "note": f"Secret {kind}",
                    "recipient": "someone@example.org",
                    "user_to_id": self.caseworker.id,
                }
                for kind in kinds
            ]
        )
        for reader in (self.constituent, self.referrer, self.subscriber):
            said = repr(self._view(reader))
            self.assertNotIn("Secret", said)
            self.assertNotIn("someone@", said)
            self.assertNotIn(self.caseworker.name, said)

    def test_letter_event_for_its_addressee(self):
        letter = self._make_letter(self.case, self.official)
        # Sending writes this event.
        self.env["constituent.case.event"].sudo().create(
            {
                "case_id": self.case.id,
                "company_id": self.company.id,
                "kind": "letter",
                "correspondence_id": letter.id,
            }
        )
        self.assertNotIn("We sent you an official letter", self._texts())
        self.assertNotIn("We sent you an official letter", self._texts(self.subscriber))
        self.assertIn("We sent you an official letter", self._texts(self.referrer))

    def test_letters(self):
        self._make_letter(self.case, self.official)
        returned = self._make_letter(self.case, self.resident, state="returned_mail")
        for state in (
            "draft",
            "to_approve",
            "approved",
            "sending",
            "rejected",
            "cancelled",
        ):
            self._make_letter(self.case, self.resident, state=state)
        self._make_letter(self.case, self.resident, direction="in")
        letters = self._view().letters
        self.assertEqual([letter.reference for letter in letters], [f"L-{returned.id}"])
        self.assertEqual(len(self._view(self.referrer).letters), 1)
        self.assertFalse(self._view(self.subscriber).letters)

    def test_letter_to_the_officials_staff(self):
        staff = self.env["res.partner"].create({"name": "Staff", "parent_id": self.official.id})
        self._make_letter(self.case, staff)
        self.assertEqual(len(self._view(self.referrer).letters), 1)

    def test_list_without_history(self):
        self._make_letter(self.case, self.resident)
        view = self._view(with_history=False)
        self.assertEqual((view.steps, view.letters), ((), ()))
        self.assertEqual(view.number, self.case.number)

    def test_restricted_is_minimal(self):
        self.case.confidentiality = "restricted"
        self._make_letter(self.case, self.resident)
        view = self._view()
        self.assertTrue(view.is_minimal)
        told = {name for name, value in asdict(view).items() if value not in ("", None, False, ())}
        self.assertEqual(
            told,
            {
                "number",
                "received",
                "progress",
                "status",
                "status_label",
                "office",
                "is_minimal",
            },
        )

    def test_tokens(self):
        self.assertTrue(is_token(self.case.access_token))
        for text in (
            None,
            "",
            "17",
            "a" * 500,
            "0123456789abcdef\n",
            "0123456789abcdef'--",
        ):
            self.assertFalse(is_token(text), text)

    def test_every_case_and_reader_has_a_link_of_their_own(self):
        copy = self.case.copy()
        subscription = self._subscribe(self.case)
        links = {
            self.case._get_private_url(),
            copy._get_private_url(),
            self.case._get_private_url(subscription),
        }
        self.assertEqual(len(links), 3)
        for link in links:
            self.assertRegex(link, r"^https?://[^/]+/constituent/case/[0-9a-f-]{36}$")

    def test_finding_by_token(self):
        cases = self.env["constituent.case"].with_user(self.env.ref("base.public_user"))
        case, reader = cases._find_by_token(self.case.access_token)
        self.assertEqual((case, reader.audience), (self.case, CONSTITUENT))
        token = self._subscribe(
            self.case, audience="referrer", partner_id=self.official.id
        ).access_token
        case, reader = cases._find_by_token(token)
        self.assertEqual((case, reader.audience), (self.case, REFERRER))
        self.assertEqual(reader.office_id, self.official.id)
        self.assertEqual(cases._find_by_token("x" * 36), (cases.browse(), None))

    def test_office_and_zone_of_the_case(self):
        """Another office's case speaks for that office, whoever is logged in."""
        company = self.env["res.company"].create(
            {
                "name": "Harbor Authority",
                "phone": "+1 555 0900",
                "constituent_tz": "Asia/Tokyo",
            }
        )
        case = self._make_case(company_id=company.id, received_at="2026-03-02 16:00:00")
        view = case._public_projection(self.constituent)
        self.assertEqual(view.office.name, "Harbor Authority")
        self.assertEqual(view.received.iso, "2026-03-03")
