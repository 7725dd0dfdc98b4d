from odoo.tests import HttpCase

from .mail_common import InboundCommon


class TestDeskTours(InboundCommon, HttpCase):
    """Calls and the start page in a browser, as those who work with them."""

    def test_a_call_is_logged_and_called_back(self):
        case = self._make_case()
        self.start_tour("/odoo", "constituent_call", login="t_caseworker")
        calls = case.call_ids.sorted("id")
        self.assertEqual(calls.mapped("direction"), ["in", "out"])
        self.assertEqual(calls.mapped("outcome"), ["call_back", "reached"])
        self.assertEqual(calls.user_id, self.caseworker)
        self.assertEqual(calls[0].called_back_id, calls[1])
        self.assertFalse(calls[0].is_call_back_open)

    def test_the_desk_by_keyboard(self):
        self._make_case(name="First in triage")
        self._make_case(name="Second in triage")
        self._make_case()
        self.start_tour("/odoo", "constituent_desk", login="t_coordinator")
