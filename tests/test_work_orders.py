"""Work orders from draft to done, and what their cases learn of it."""

from datetime import datetime

from freezegun import freeze_time
from lxml import etree
from psycopg2 import IntegrityError

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import Form, tagged
from odoo.tools import mute_logger
from odoo.tools.safe_eval import safe_eval

from ..models.constituent_work_order import ORDER_STATES
from .common import PREFIX, ConstituentCommon
from .dispatch_common import WINDOW, DispatchSetup


@tagged("post_install", "-at_install")
class TestDispatch(DispatchSetup, ConstituentCommon):
    """From a case, or several, to an order."""

    def test_the_form_is_filled_in(self):
        self.case.write({"latitude": 41.3, "longitude": -72.4, "priority": "2"})
        action = self.case.with_user(self.caseworker).action_dispatch()
        orders = self.Order.with_user(self.caseworker).with_context(**action["context"])
        form = Form(orders)
        self.assertEqual(form.street, "100 Main Street")
        self.assertEqual((form.city, form.zip), ("Example", "10001"))
        self.assertEqual(form.location_note, "By the stop")
        self.assertEqual((form.latitude, form.longitude), (41.3, -72.4))
        self.assertEqual(form.name, "A testpothole on Main Street")
        self.assertEqual(form.category_id, self.pothole)
        self.assertEqual(form.department_id, self.streets)
        self.assertEqual(form.priority, "2")
        self.assertFalse(form.place_warning)
        self.assertEqual(
            [form.task_ids.edit(n).name for n in range(3)],
            ["Close the lane", "Move the hydrant cap", "Fill the hole"],
        )
        form.crew_id = self.park_crew
        self.assertEqual(form.department_id, self.parks)
        form.crew_id = self.crew
        self.assertEqual(form.supervisor_id, self.caseworker)
        order = form.save()
        self.assertEqual(order.state, "draft")
        self.assertEqual(order.case_ids, self.case)
        self.assertRegex(order.number, r"^WO-\d{4}-\d{6}$")
        self.assertEqual(len(order.task_ids), 3)
        self.assertTrue(order.task_ids[2].needs_photo)
        self.assertIn(f"{order.number} ordered: A testpothole on Main Street", self._notes())

    def test_numbers_are_of_the_year_and_office(self):
        with freeze_time("2027-01-01 03:00:00"):  # still 2026 in New York
            first, second = self._make_order(), self._make_order()
        with freeze_time("2027-01-01 12:00:00"):
            third = self._make_order()
        self.assertTrue(first.number.startswith("WO-2026-"))
        self.assertEqual(int(second.number[-6:]), int(first.number[-6:]) + 1)
        self.assertEqual(third.number, "WO-2027-000001")
        self.assertNotEqual(first.copy().number, first.number)

    def test_several_at_one_place(self):
        twin = self._make_case(name="Another testpothole", street="102 Main Street")
        cases = self.case | twin
        order = self._make_order(cases)
        self.assertEqual(order.case_ids, cases)
        self.assertFalse(order.place_warning)
        for case in cases:
            self.assertIn(f"{order.number} ordered: {order.name}", self._notes(case))
        self.assertEqual(case.with_user(self.caseworker).work_order_count, 1)

    def test_several_places_are_warned_of(self):
        other = self._make_case(name="testpothole", street="7 Side Street")
        context = (self.case | other).with_user(self.coordinator).action_dispatch()["context"]
        form = Form(self.Order.with_user(self.coordinator).with_context(**context))
        self.assertIn("different streets: 100 Main Street, 7 Side Street", form.place_warning)
        self.case.write({"latitude": 41.3, "longitude": -72.4})
        other.write({"latitude": 41.31, "longitude": -72.4})
        order = self._make_order(self.case | other, self.coordinator)
        self.assertIn("1112 meters apart", order.place_warning)
        self.assertEqual((order.latitude, order.street), (41.3, "100 Main Street"))

    def test_what_is_not_dispatched(self):
        other = self.env["res.company"].create({"name": "Harbor Authority"})
        elsewhere = self.Case.intake([{"name": "There", "company_id": other.id}])
        with self.assertRaisesRegex(UserError, "several offices"):
            (self.case | elsewhere).action_dispatch()
        with self.assertRaisesRegex(ValidationError, "same office"), self.env.cr.savepoint():
            self._make_order().sudo().case_ids = elsewhere
        with self.assertRaises(AccessError):
            self.case.with_user(self.clerk).action_dispatch()
        self.case._close(self.outcome_resolved)
        with self.assertRaisesRegex(UserError, "reopen"):
            self.case.with_user(self.caseworker).action_dispatch()

    def test_tasks_of_the_parent_and_of_another_category(self):
        child = self.env["constituent.category"].create(
            {"name": "Deep hole", "parent_id": self.pothole.id}
        )
        order = self._make_order()
        order.category_id = child
        self.assertEqual(len(order.task_ids), 3, "inherited")
        order.category_id = self.tree
        self.assertFalse(order.task_ids)
        order.task_ids = [Command.create({"name": "Saw it up"})]
        order.action_dispatch()
        order.category_id = self.pothole
        self.assertEqual(order.task_ids.mapped("name"), ["Saw it up"], "the crew has this list")

    def test_views_show_it_to_caseworkers(self):
        for user, shown in ((self.caseworker, True), (self.clerk, False)):
            for kind in ("form", "list"):
                arch = self.Case.with_user(user).get_view(view_type=kind)["arch"]
                self.assertEqual('name="action_dispatch"' in arch, shown, (user.login, kind))
        action = self.case.with_user(self.caseworker).action_work_orders()
        order = self._make_order()
        orders = self.Order.with_user(self.caseworker)
        self.assertEqual(orders.search(action["domain"]), order)
        self.assertEqual(action["context"]["default_street"], "100 Main Street")

    def test_cases_with_orders_stay(self):
        self._make_order()
        with self.assertRaises(IntegrityError), mute_logger("odoo.sql_db"):
            self.env.cr.execute("DELETE FROM constituent_case WHERE id = %s", (self.case.id,))


@tagged("post_install", "-at_install")
class TestSteps(DispatchSetup, ConstituentCommon):
    """Draft, dispatched, in progress, done, cancelled."""

    def test_the_whole_way_is_in_the_history(self):
        order = self._make_order()
        with freeze_time("2026-11-30 13:00:00"):
            order.action_dispatch()
        with freeze_time("2026-11-30 13:10:00"):
            order.with_user(self.worker).action_start()
        order.with_user(self.worker).task_ids[0].action_toggle_done()
        order.with_user(self.worker).task_ids[2].action_toggle_done()
        order.with_user(self.worker).after_photo_ids = self._upload(order, user=self.worker)
        with freeze_time("2026-11-30 15:00:00"):
            order.with_user(self.worker).action_done()
        self.assertEqual(order.state, "done")
        self.assertEqual(order.done_by_id, self.worker)
        self.assertEqual(order.hours_actual, 1.75)
        number = order.number
        self.assertEqual(
            self._notes(),
            [
                f"{number} ordered: A testpothole on Main Street",
                f"{number} dispatched to Pothole Crew, Nov 30, 2026, 8:00 AM – 12:00 PM",
                f"{number} begun",
                f"{number} done",
            ],
        )
        events = self.case.event_ids.filtered(lambda event: event.kind == "work_order")
        self.assertEqual(events.mapped("user_id"), self.caseworker | self.worker)
        self.assertEqual(events[1].happened_at, datetime(2026, 11, 30, 13, 0))

    def test_nobody_works_over_night(self):
        order = self._make_order(category_id=False)
        order.action_dispatch()
        with freeze_time("2026-11-30 20:00:00"):
            order.action_start()
        with freeze_time("2026-12-01 14:00:00"):
            order.action_done()
        self.assertEqual(order.hours_actual, 0)
        order.action_reopen()
        order.hours_actual = 3.5
        order.action_done()
        self.assertEqual(order.hours_actual, 3.5, "what was said holds")

    def test_what_is_asked_before_it_is_dispatched(self):
        for vals, message in (
            ({"crew_id": False}, "choose the crew"),
            ({"window_start": False}, "when the crew"),
            ({"street": False, "location_note": False}, "where it is"),
        ):
            order = self._make_order(**{"department_id": self.streets.id, **vals})
            with self.subTest(vals), self.assertRaisesRegex(UserError, message):
                order.action_dispatch()

    def test_each_step_has_its_state(self):
        steps = ("action_dispatch", "action_start", "action_done", "action_take_back",
                 "action_cancel", "action_reopen", "action_reinspect")  # fmt: skip
        allowed = {
            "draft": {"action_dispatch", "action_cancel"},
            "dispatched": {"action_start", "action_done", "action_take_back", "action_cancel"},
            "in_progress": {"action_done", "action_cancel"},
            "done": {"action_reopen"},
            "cancelled": {"action_reopen"},
        }
        for state, names in allowed.items():
            order = self._make_order(category_id=False)
            order._advance({"state": state})
            for step in steps:
                with self.subTest(state=state, step=step):
                    savepoint = self.env.cr.savepoint()
                    if step in names:
                        getattr(order, step)()
                    else:
                        with self.assertRaises(UserError):
                            getattr(order, step)()
                    savepoint.close(rollback=True)
                    order.invalidate_recordset()

    def test_done_asks_for_every_task_and_its_photo(self):
        order = self._make_order()
        order.action_dispatch()
        with self.assertRaisesRegex(UserError, "Close the lane, Fill the hole"):
            order.action_done()
        order.task_ids[0].action_toggle_skipped()
        self.assertEqual(order.state, "in_progress", "the first tick begins the work")
        order.task_ids[2].action_toggle_done()
        with self.assertRaisesRegex(UserError, "“Fill the hole” asks for a photo"):
            order.action_done()
        order.after_photo_ids = self._upload(order)
        order.action_done()
        self.assertEqual(order.state, "done")

    def test_ticking(self):
        order = self._make_order()
        task = order.task_ids[0]
        with self.assertRaisesRegex(UserError, "not dispatched yet"):
            task.action_toggle_done()
        order.action_dispatch()
        with freeze_time("2026-11-30 14:00:00"):
            task.with_user(self.worker).action_toggle_done()
        self.assertEqual(task.done_by_id, self.worker)
        self.assertEqual(task.done_at, datetime(2026, 11, 30, 14, 0))
        with self.assertRaisesRegex(UserError, "was done"):
            task.unlink()
        task.action_toggle_done()
        self.assertFalse(task.is_done or task.done_at or task.done_by_id)
        task.action_toggle_skipped()
        self.assertTrue(task.is_skipped)
        task.action_toggle_skipped()
        self.assertFalse(task.is_skipped)

    def test_finished_orders_stay_as_they_are(self):
        order = self._make_done()
        for change in (
            lambda: order.write({"name": "x"}),
            lambda: order.write({"report": "x"}),
            lambda: order.task_ids[0].write({"name": "x"}),
            lambda: order.task_ids[0].action_toggle_done(),
            lambda: order.task_ids[1].unlink(),
            lambda: self.env["constituent.work.order.task"].create(
                {"order_id": order.id, "name": "x"}
            ),
        ):
            with self.assertRaisesRegex(UserError, "finished|was done"), self.env.cr.savepoint():
                change()
        order.action_reopen()
        self.assertEqual(order.state, "in_progress")
        self.assertFalse(order.done_at or order.done_by_id)
        order.report = "x"

    def test_nobody_sets_the_state(self):
        order = self._make_order()
        task = order.task_ids[0]
        for user in (self.caseworker, self.manager, self.env.ref("base.user_root")):
            for vals in (
                {"state": "done"},
                {"number": "WO-1"},
                {"done_by_id": user.id},
                {"is_restricted": False},
                {"case_department_id": self.parks.id},
                {"follow_up_of_id": order.id},
            ):
                with self.subTest(user=user.login, vals=vals), self.assertRaises(UserError):
                    order.with_user(user).write(vals)
            with self.assertRaises(UserError):
                task.with_user(user).write({"is_done": True})
        made = self.Order.with_user(self.caseworker).create(
            {
                "name": "x",
                "department_id": self.streets.id,
                "state": "done",
                "number": "WO-1",
                "done_by_id": self.manager.id,
                "is_restricted": True,
                "task_ids": [Command.create({"name": "t", "is_done": True})],
            }
        )
        self.assertEqual(made.state, "draft")
        self.assertNotEqual(made.number, "WO-1")
        self.assertFalse(made.done_by_id or made.is_restricted or made.task_ids.is_done)

    def test_a_task_stays_with_its_order(self):
        order, other = self._make_order(), self._make_order()
        with self.assertRaisesRegex(UserError, "stays"):
            order.task_ids[0].order_id = other

    def test_dispatched_orders_are_not_deleted(self):
        draft = self._make_order()
        number = draft.number
        draft.unlink()
        self.assertFalse(draft.exists())
        self.assertEqual(self._notes()[-1], f"{number} deleted: it was a draft")
        order = self._make_order()
        order.action_dispatch()
        with self.assertRaisesRegex(UserError, "not deleted"):
            order.with_context(_force_unlink=True).unlink()
        order.action_take_back()
        with self.assertRaisesRegex(UserError, "not deleted"):
            order.with_user(self.manager).unlink()

    def test_cancelling_says_why(self):
        order = self._make_order()
        order.action_dispatch()
        action = order.action_cancel()
        wizard = Form(
            self.env[action["res_model"]]
            .with_user(self.caseworker)
            .with_context(**action["context"])
        )
        wizard.reason = "The state did it"
        wizard.save().action_cancel_orders()
        self.assertEqual((order.state, order.cancel_reason), ("cancelled", "The state did it"))
        self.assertEqual(self._notes()[-1], f"{order.number} cancelled: The state did it")
        with self.assertRaisesRegex(UserError, "Say why"):
            self._make_order()._cancel("  ")
        order.action_reopen()
        self.assertEqual(order.state, "draft")

    def test_a_moved_window_is_told(self):
        order = self._make_order()
        order.window_start = datetime(2026, 11, 30, 14, 0)
        self.assertEqual(len(self._notes()), 1, "a draft is nobody's plan yet")
        order.action_dispatch()
        order.write({"window_start": datetime(2026, 12, 1, 14), "window_end": False})
        self.assertEqual(
            self._notes()[-1], f"{order.number} moved to Pothole Crew, Dec 1, 2026, 9:00 AM"
        )
        order.write({"window_end": datetime(2026, 12, 2, 15)})
        self.assertIn("9:00 AM – Dec 2, 2026, 10:00 AM", self._notes()[-1])
        count = len(self._notes())
        order.write({"window_end": datetime(2026, 12, 2, 15)})
        self.assertEqual(len(self._notes()), count, "nothing moved")

    def test_a_case_added_later_learns_of_it(self):
        order = self._make_order()
        order.action_dispatch()
        twin = self._make_case(name="testpothole again")
        order.case_ids = [Command.link(twin.id)]
        self.assertEqual(self._notes(twin), [f"{order.number} ordered: {order.name}"])
        self.assertEqual(len(self._notes()), 2)

    @mute_logger("odoo.sql_db")
    def test_windows_and_hours_make_sense(self):
        for vals in (
            {"window_start": WINDOW["window_end"], "window_end": WINDOW["window_start"]},
            {"hours_estimated": -1},
            {"hours_actual": -1},
        ):
            with self.assertRaises(IntegrityError), self.env.cr.savepoint():
                self._make_order(**vals)
        with self.assertRaisesRegex(ValidationError, "latitude"):
            self._make_order(latitude=91)

    def test_filters(self):
        now = datetime(2026, 11, 30, 16, 0)
        with freeze_time(now):
            late = self._make_order(window_end=datetime(2026, 11, 30, 14))
            today = self._make_order()
            later = self._make_order(
                window_start=datetime(2026, 12, 9, 9), window_end=datetime(2026, 12, 9, 10)
            )
            every = late | today | later
            self.assertEqual(self._find("today", every), late | today)
            self.assertEqual(self._find("overdue", every), late)
            self.assertTrue(late.is_late)
            self.assertFalse(today.is_late)
        later._cancel("x")
        self.assertEqual(self._find("open", every), late | today)
        self.assertEqual(self._find("my_crews", every, self.worker), every)
        self.assertFalse(self._find("my_crews", every, self.manager))
        self.assertFalse(self._find("reinspection_due", every))

    def test_columns_of_the_kanban(self):
        order = self._make_order()
        states = [state for state, _label in ORDER_STATES]
        self.assertEqual(self._columns(order), states[:3])
        order._cancel("x")
        self.assertEqual(self._columns(order), [*states[:3], "cancelled"])

    def _columns(self, orders):
        records = self.Order.with_user(self.caseworker).with_context(read_group_expand=True)
        groups = records.web_read_group([("id", "in", orders.ids)], ["state"], ["__count"])
        return [group["state"] for group in groups["groups"]]

    def _find(self, name, among, user=None):
        """Search as a filter of the search view does."""
        user = user or self.caseworker
        orders = self.Order.with_user(user)
        view = self.env.ref(f"{PREFIX}constituent_work_order_view_search")
        arch = etree.fromstring(orders.get_view(view.id, "search")["arch"])
        (node,) = arch.xpath(f"//filter[@name='{name}']")
        domain = safe_eval(node.get("domain"), {"uid": user.id})
        return orders.search([("id", "in", among.ids), *domain]).with_env(among.env)
