from odoo.tests import HttpCase

from .mail_common import InboundCommon
from .test_identify import FORWARD


class TestIdentifyTours(InboundCommon, HttpCase):
    """The buttons of who it is, who brought it, and what it is, in a browser."""

    def test_clerk_says_who_called(self):
        self.resident.copy({"name": "Luis Rivera"})
        case = self.Case.with_user(self.clerk).intake(
            [
                {
                    "channel": "phone",
                    "name": "No light and no name",
                    "partner_phone": "212 736 5000",
                }
            ]
        )
        self.assertTrue(case.identity_to_confirm)
        self.start_tour("/odoo", "constituent_identify", login="t_clerk")
        self.assertEqual(case.partner_id, self.resident)
        self.assertFalse(case.identity_to_confirm)

    def test_coordinator_takes_whom_a_member_proposes(self):
        case = self._send(
            FORWARD,
            From="Councilmember Lee <lee@council.example>",
            Subject="Fwd: Streetlight out",
        ).case_id
        self.start_tour("/odoo", "constituent_brought_by", login="t_coordinator")
        self.assertEqual(case.partner_id.name, "Jordan Smith")
        self.assertEqual(case.referrer_ids.partner_id, self.official)
        self.assertEqual(case.referrer_ids.answer_via, "both")
        self.assertFalse(case.answer_to_decide)

    def test_coordinator_takes_a_diversion_back(self):
        case = self._send("A public records request.", Subject="FOIA").case_id
        self.assertEqual(case.kind, "records_request")
        self.start_tour("/odoo", "constituent_diverted", login="t_coordinator")
        self.assertEqual(case.kind, "request")
        self.assertFalse(case.diversion_id)
