from datetime import timedelta

from odoo import fields
from odoo.tests import HttpCase

from .common import PREFIX
from .mail_common import InboundCommon


class TestTours(InboundCommon, HttpCase):
    """A day at the office in a browser, as each role; no demo data."""

    def test_clerk_takes_a_call(self):
        self.Case.with_user(self.clerk).intake(
            [{"channel": "phone", "name": "The lamp is out", "partner_id": self.resident.id}]
        )
        self._make_case()  # the department's, not the clerk's
        last = self.Case.search([], limit=1)
        self.start_tour("/odoo", "constituent_phone_call", login="t_clerk")
        cases = self.Case.search([("id", ">", last.id)], order="id")
        self.assertEqual(len(cases), 2)
        known, anonymous = cases
        self.assertEqual(known.partner_id, self.resident)
        self.assertEqual(known.name, "A testpothole by the school")
        self.assertEqual(known.description_text, "It is deep. A child fell.")
        self.assertEqual(known.street, "100 Main Street")
        self.assertEqual(known.category_id, self.pothole)
        self.assertEqual(known.department_id, self.streets)
        self.assertEqual(known.create_uid, self.clerk)
        self.assertEqual(known.channel_id, self.env.ref(f"{PREFIX}channel_phone"))
        self.assertEqual(anonymous.identity, "anonymous")
        self.assertEqual(anonymous.name, "Somebody dumps tires on Canal Street")
        self.assertFalse(anonymous.partner_id)

    def test_call_with_a_duplicate_found(self):
        first = self._make_case(name="Crater", category_id=self.pothole.id)
        neighbor = self.env["res.partner"].create(
            {
                "name": "Bela Neighbor",
                "email": "bela.neighbor@example.net",
                "is_constituent": True,
            }
        )
        self.start_tour("/odoo", "constituent_duplicate_call", login="t_coordinator")
        second = self.Case.search([("id", ">", first.id)])
        self.assertEqual(second.partner_id, neighbor)
        self.assertFalse(second.duplicate_of_id)
        self.assertEqual(second.not_duplicate_ids, first)
        self.assertIn(f"The same matter as {first.number}", second.event_ids.mapped("note"))

    def test_triage_of_an_unclear_mail(self):
        mail = self._mail(
            To=self.office_address,
            Subject="Tour of what is unclear",
            body="A testtree fell beside a testpothole.",
        )
        self.env["mail.thread"].message_process(False, mail)
        case = self.Inbound.search([], limit=1).case_id
        self.assertFalse(case.department_id)
        self.start_tour("/odoo", "constituent_triage", login="t_coordinator")
        self.assertEqual(case.category_id, self.tree)
        self.assertEqual(case.department_id, self.parks)

    def test_caseworker_answers_a_mail_by_letter(self):
        self.env["mail.thread"].message_process(False, self._mail())
        case = self.Inbound.search([], limit=1).case_id
        self.assertEqual(case.department_id, self.streets)
        self.start_tour("/odoo", "constituent_mail_to_letter", login="t_caseworker")
        self.assertEqual(case.user_id, self.caseworker)
        letter = case.correspondence_ids
        self.assertEqual(letter.state, "sent")
        self.assertEqual(letter.medium, "post")
        self.assertEqual(letter.partner_id, self.resident)
        self.assertIn("We will fill the hole by Friday.", letter.body)
        self.assertTrue(letter.document_id.raw.startswith(b"%PDF"))
        self.assertTrue(letter.document_sha256)
        self.assertIn("letter", case.event_ids.mapped("kind"))

    def test_coordinator_searches_reassigns_and_closes(self):
        case = self._make_case(name="A matter nobody can place")
        self.assertFalse(case.department_id)
        self._make_case()
        self.start_tour("/odoo", "constituent_coordinate", login="t_coordinator")
        self.assertEqual(case.department_id, self.parks)
        self.assertEqual(case.user_id, self.other_caseworker)
        self.assertEqual(case.status, "closed")
        self.assertEqual(case.outcome_id, self.outcome_refused)
        self.assertEqual(case.outcome_note, "The bench is privately owned.")
        kinds = case.event_ids.mapped("kind")
        self.assertEqual(kinds.count("handed_over"), 2)
        self.assertIn("closed", kinds)

    def test_calendar_shows_what_is_due_first(self):
        today = fields.Datetime.now().replace(hour=15, minute=0)
        for number, name in enumerate(("Due first", "Due then", "Due last")):
            case = self._make_case(name=name)
            # When a case is due is the clock's to say.
            case.sudo().due_at = today + timedelta(minutes=number)
        self.start_tour("/odoo", "constituent_calendar", login="t_coordinator")


class TestStageTour(InboundCommon, HttpCase):
    """Closing asks how it ended, wherever the stage is changed."""

    # Wide enough for the column of closed cases: a drag does not scroll.
    browser_size = "2600x1080"

    def test_closing_by_stage_asks_how_it_ended(self):
        pothole = self._make_case()
        tree = self._make_case(name="A testtree fell")
        self.start_tour(
            "/odoo/constituent-cases?view_type=kanban",
            "constituent_close_by_stage",
            login="t_coordinator",
        )
        self.assertEqual(pothole.outcome_id, self.outcome_resolved)
        self.assertEqual(pothole.status, "closed")
        self.assertEqual(tree.status, "open")
        notes = tree.event_ids.filtered(lambda event: event.kind == "reopened").mapped("note")
        self.assertEqual(notes, ["It fell again."])
