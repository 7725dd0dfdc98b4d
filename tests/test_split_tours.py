from odoo.tests import HttpCase

from .common import ConstituentCommon
from .test_split import LETTER


class TestSplitTours(ConstituentCommon, HttpCase):
    """A letter is divided in a browser."""

    def test_split_in_three(self):
        case = self._make_case(channel="letter", description=LETTER)
        self.env["ir.attachment"].with_user(self.caseworker).create(
            {
                "name": "tree.jpg",
                "raw": b"tree",
                "res_model": "constituent.case",
                "res_id": case.id,
            }
        )
        self.start_tour(
            f"/odoo/constituent-cases/{case.id}",
            "constituent_split_in_three",
            login="t_caseworker",
        )
        tree, library = case.split_into_ids.sorted("id")
        self.assertEqual(tree.category_id, self.tree)
        self.assertEqual(tree.department_id, self.parks)
        self.assertEqual(library.name, "Library hours on Sundays")
        self.assertIn("deep as a wheel", case.description_text)
        self.assertNotIn("library", case.description_text)
        copy = self.env["ir.attachment"].search(
            [("res_model", "=", "constituent.case"), ("res_id", "=", tree.id)]
        )
        self.assertEqual(copy.name, "tree.jpg")
        self.assertEqual(len((case | tree | library).mapped("number")), 3)

    def test_meeting(self):
        group = self.env["res.partner"].create(
            {
                "name": "Elm Street Association",
                "is_company": True,
                "is_constituent": True,
                "constituent_role": "neighborhood_association",
                "street": "1 Elm Street",
            }
        )
        self.start_tour("/odoo/constituent-meetings", "constituent_meeting", login="t_coordinator")
        meeting = self.env["constituent.meeting"].search([("group_id", "=", group.id)])
        cases = meeting.concern_ids.case_id
        self.assertEqual(len(cases), 2)
        self.assertEqual(cases.category_id, self.pothole | self.tree)
        self.assertEqual(cases.channel_id.code, "meeting")
        letter = meeting.letter_ids
        self.assertEqual(letter.state, "draft")
        self.assertEqual(letter.partner_id, group)
        for case in cases:
            self.assertIn(case.number, letter.body)

    def test_contacts_are_merged(self):
        twin = self.resident.copy({"name": "Anna Rivera", "email": "anna@example.org"})
        self._make_case()
        case = self._make_case(partner_id=twin.id)
        self.start_tour("/odoo/constituents", "constituent_contact_merge", login="t_coordinator")
        self.assertEqual(case.partner_id, self.resident)
        self.assertEqual(twin.merged_into_id, self.resident)
        self.assertFalse(twin.active)
        log = self.env["constituent.contact.merge"].search([("source_id", "=", twin.id)])
        self.assertEqual(log.user_id, self.coordinator)

    def test_somebody_leaves(self):
        cases = self._make_case(user_id=self.caseworker.id)
        cases |= self._make_case(user_id=self.caseworker.id)
        self.start_tour(
            "/odoo/action-constituent_services.constituent_hand_over_staff_wizard_action",
            "constituent_staff_leaves",
            login="t_manager",
        )
        self.assertEqual(cases.user_id, self.other_caseworker)
        self.assertNotIn(self.caseworker, self.streets.member_ids)
        for case in cases:
            self.assertIn("handed_over", case.event_ids.mapped("kind"))
