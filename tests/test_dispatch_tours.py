"""The crew's day in a browser; no demo data."""

from odoo.tests import HttpCase, tagged

from .dispatch_common import DispatchSetup


@tagged("post_install", "-at_install")
class TestWorkOrderTour(DispatchSetup, HttpCase):
    """On a telephone."""

    browser_size = "390x844"
    touch_enabled = True

    def test_from_dispatch_to_done(self):
        order = self._make_order()
        self.start_tour(
            f"/odoo/constituent-work-orders/{order.id}",
            "constituent_work_order",
            login="t_worker",
        )
        self.assertEqual(order.state, "done")
        self.assertEqual(order.done_by_id, self.worker)
        self.assertEqual(order.report, "We filled the hole.")
        self.assertEqual(order.task_ids.mapped("is_done"), [True, False, True])
        self.assertTrue(order.task_ids[1].is_skipped)
        self.assertEqual(order.after_photo_ids.mimetype, "image/jpeg")
        self.assertEqual(order.after_photo_ids.res_id, order.id)
        self.assertTrue(self.case.is_work_done)
        self.assertEqual(
            [note.split(" ", 1)[1][:10] for note in self._notes()],
            ["ordered: A", "dispatched", "begun", "done"],
        )


@tagged("post_install", "-at_install")
class TestDispatchTour(DispatchSetup, HttpCase):
    """At the desk."""

    browser_size = "1400x900"

    def test_two_reports_of_one_place(self):
        twin = self._make_case(name="The same testpothole", street="104 Main Street")
        self.start_tour("/odoo", "constituent_dispatch_together", login="t_caseworker")
        order = self.Order.search([("case_ids", "in", twin.ids)])
        self.assertEqual(order.case_ids, self.case | twin)
        self.assertEqual(order.state, "in_progress")
        self.assertEqual(order.crew_id, self.crew)
        self.assertEqual(order.supervisor_id, self.caseworker)
        self.assertEqual(len(order.task_ids), 3)
        self.assertEqual(len(self._notes(twin)), 3)

    def test_answer_and_closing(self):
        order = self._make_order(report="We filled the hole.")
        self._make_done(order)
        self.start_tour(
            f"/odoo/constituent-cases/{self.case.id}",
            "constituent_after_work",
            login="t_caseworker",
        )
        letter = self.case.correspondence_ids
        self.assertEqual(letter.state, "draft")
        self.assertIn("We filled the hole.", letter.body)
        self.assertEqual(self.case.status, "closed")
        self.assertEqual(self.case.outcome_id, self.outcome_resolved)
        self.assertIn("We filled the hole.", self.case.outcome_note)
