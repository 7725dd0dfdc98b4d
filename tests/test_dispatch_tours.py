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
