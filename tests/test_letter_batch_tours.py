"""A batch of fifty in the browser, and opinion mail answered as one."""

from odoo.tests import HttpCase

from .batch_common import BatchSetup
from .common import ConstituentCommon
from .test_opinion_answer import AnswerSetup


class TestLetterBatchTours(BatchSetup, ConstituentCommon, HttpCase):
    def test_fifty_from_the_list_to_the_last_letter(self):
        self._rule("Counsel reads", self.counsel)
        for number in range(50):
            self._make_case(partner_id=self.neighbors[number % 5].id, name=f"Batch tour {number}")
        cases = self.Case.search([("name", "like", "Batch tour")])
        cases.department_id = self.streets
        action = self.env["ir.actions.act_window"].create(
            {
                "name": "Cases of the tour",
                "res_model": "constituent.case",
                "view_mode": "list,form",
                "domain": str([("id", "in", cases.ids)]),
            }
        )
        self.start_tour(
            f"/odoo/action-{action.id}", "constituent_letter_batch_write", login="t_caseworker"
        )
        batch = self.env["constituent.letter.batch"].search([], limit=1)
        self.assertEqual((batch.state, batch.create_uid), ("preparing", self.caseworker))
        self._work(batch)
        self.assertEqual((batch.state, batch.written_count), ("written", 50))
        address = f"/odoo/constituent.letter.batch/{batch.id}"
        self.start_tour(address, "constituent_letter_batch_submit", login="t_caseworker")
        stack = "/odoo/action-constituent_services.constituent_correspondence_action_to_approve"
        self.start_tour(stack, "constituent_letter_batch_approve", login="t_counsel")
        self.assertEqual((batch.state, batch.approved_by_id), ("approved", self.counsel))
        self.start_tour(address, "constituent_letter_batch_send", login="t_caseworker")
        self._two_slices(batch)
        self.assertEqual((batch.state, batch.sent_count), ("sending", 20))
        self.start_tour(address, "constituent_letter_batch_progress", login="t_caseworker")
        self._work(batch)
        self.assertEqual((batch.state, batch.sent_count), ("done", 50))
        self.start_tour(address, "constituent_letter_batch_done", login="t_caseworker")

    def _two_slices(self, batch):
        """Work until the time of the scheduled action is over: after two slices."""
        left = iter((1, 0))
        batch.with_user(self.env.ref("base.user_root"))._work(lambda _done: next(left))
        batch.invalidate_recordset()


class TestOpinionAnswerTour(AnswerSetup, ConstituentCommon, HttpCase):
    def test_a_campaign_is_answered(self):
        address = f"/odoo/constituent.opinion.group/{self.group.id}"
        self.start_tour(address, "constituent_opinion_answer", login="t_coordinator")
        batch = self.group.batch_ids
        self.assertEqual(batch.state, "preparing")
        self._work(batch)
        batch.action_submit()
        self._read_and_approve(batch)
        batch.action_send()
        self._work(batch)
        self.assertEqual((batch.state, batch.sent_count), ("done", 5))
        self.start_tour(address, "constituent_opinion_answered", login="t_coordinator")
