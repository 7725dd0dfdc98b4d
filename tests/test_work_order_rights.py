"""Who sees and changes which work orders; and that a crew learns nothing of the case."""

import json

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import HttpCase, tagged
from odoo.tools import mute_logger

from .common import ConstituentCommon
from .dispatch_common import DispatchSetup, make_photo

RULES = "odoo.addons.base.models.ir_rule"


@tagged("post_install", "-at_install")
class TestWorkOrderRights(DispatchSetup, ConstituentCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.order = cls._make_order()
        cls.order.action_dispatch()
        cls.park_case = cls._make_case(name="A testtree")
        cls.park_order = cls._make_order(cls.park_case, cls.coordinator, crew_id=cls.park_crew.id)
        cls.every = cls.order | cls.park_order

    def _seen(self, user):
        return self.Order.with_user(user).search([("id", "in", self.every.ids)])

    def test_who_sees_which(self):
        self.env.flush_all()
        for user, expected in (
            (self.caseworker, self.order),
            (self.worker, self.order),
            (self.other_caseworker, self.park_order),
            (self.coordinator, self.every),
            (self.manager, self.every),
            (self.confidant, self.every),
        ):
            with self.subTest(user.login):
                self.assertEqual(self._seen(user), expected)
                tasks = self.env["constituent.work.order.task"].with_user(user)
                found = tasks.search([("order_id", "in", self.every.ids)])
                self.assertEqual(found, expected.task_ids)

    def test_refused_to_all_others(self):
        public = self.env.ref("base.public_user")
        for user in (self.clerk, self.portal_user, self.internal_user, public):
            for record in (self.order, self.order.task_ids[0], self.crew):
                mine = record.with_user(user)
                with self.subTest(user=user.login, model=record._name):
                    for step, args in (
                        ("read", [["name"]]),
                        ("write", [{"name": "x"}]),
                        ("unlink", []),
                        ("copy", []),
                    ):
                        with self.assertRaises(AccessError):
                            getattr(mine, step)(*args)
            for step in ("action_start", "action_done", "action_cancel", "action_take_back"):
                with self.subTest(user=user.login, step=step), self.assertRaises(AccessError):
                    getattr(self.order.with_user(user), step)()
            with self.assertRaises(AccessError):
                self.order.task_ids[0].with_user(user).action_toggle_done()

    @mute_logger(RULES)
    def test_another_departments_caseworker(self):
        for step, args in (
            ("read", [["name"]]),
            ("write", [{"name": "x"}]),
            ("unlink", []),
            ("action_start", []),
        ):
            with self.subTest(step), self.assertRaises(AccessError):
                getattr(self.order.with_user(self.other_caseworker), step)(*args)
        task = self.order.task_ids[0].with_user(self.other_caseworker)
        for step, args in (("write", [{"name": "x"}]), ("action_toggle_done", [])):
            with self.assertRaises(AccessError):
                getattr(task, step)(*args)
        with self.assertRaises(AccessError):
            self.env["constituent.work.order.task"].with_user(self.other_caseworker).create(
                {"order_id": self.order.id, "name": "x"}
            )

    def test_the_cases_department_sees_anothers_order(self):
        order = self._make_order(
            user=self.coordinator, crew_id=self.park_crew.id, department_id=self.parks.id
        )
        self.env.flush_all()
        self.assertTrue(order.with_user(self.caseworker).has_access("read"))
        self.case.department_id = self.parks
        self.env.flush_all()
        self.env.invalidate_all()
        self.assertFalse(order.with_user(self.caseworker).has_access("read"))

    def test_supervisors_and_former_members(self):
        self.assertTrue(self.order.with_user(self.worker).has_access("write"))
        self.crew.member_ids = [Command.clear()]
        self.assertFalse(self.order.with_user(self.worker).has_access("read"), "at once")
        self.worker.constituent_crew_ids = [Command.link(self.crew.id)]
        self.assertTrue(self.order.with_user(self.worker).has_access("read"))
        self.worker.constituent_crew_ids = [Command.clear()]
        self.assertFalse(self.order.with_user(self.worker).has_access("read"))
        self.order.supervisor_id = self.worker
        self.env.flush_all()
        self.assertTrue(self.order.with_user(self.worker).has_access("read"))

    @mute_logger(RULES)
    def test_restricted_cases(self):
        self.assertFalse(self.order.is_restricted)
        self.case.confidentiality = "restricted"
        self.env.flush_all()
        for user in (self.caseworker, self.worker, self.coordinator, self.manager):
            with self.subTest(user.login):
                self.assertNotIn(self.order, self._seen(user))
                with self.assertRaises(AccessError):
                    self.order.with_user(user).read(["name"])
                with self.assertRaises(AccessError):
                    self.order.task_ids[0].with_user(user).read(["name"])
        self.assertIn(self.order, self._seen(self.confidant))
        self.case.confidentiality = "internal"
        self.env.flush_all()
        self.assertIn(self.order, self._seen(self.worker))

    def test_a_restricted_case_keeps_its_order_closed_whoever_writes(self):
        """The cache of the relation is the reader's; the column is of all cases."""
        restricted = self._make_case(confidentiality="restricted")
        order = self._make_order(self.case | restricted, self.confidant)
        self.assertTrue(order.is_restricted)
        both = order.with_user(self.confidant)
        self.case.confidentiality = "public"
        self.assertEqual(len(both.case_ids), 2)
        self.assertTrue(order.sudo().is_restricted)
        both.case_ids = [Command.unlink(restricted.id)]
        self.env.flush_all()
        self.assertFalse(order.sudo().is_restricted)

    @mute_logger(RULES)
    def test_cases_out_of_sight_are_not_linked(self):
        restricted = self._make_case(confidentiality="restricted")
        for case in (self.park_case, restricted):
            for vals in (
                {"case_ids": [Command.link(case.id)]},
                {"case_ids": [Command.set(case.ids)]},
            ):
                with self.subTest(vals), self.assertRaises(AccessError), self.env.cr.savepoint():
                    self.order.with_user(self.caseworker).write(vals)
                with self.assertRaises(AccessError), self.env.cr.savepoint():
                    self.Order.with_user(self.caseworker).create(
                        {"name": "x", "department_id": self.streets.id, **vals}
                    )
        with self.assertRaises(AccessError):
            (self.case | restricted).with_user(self.caseworker).action_dispatch()

    def test_other_offices(self):
        other = self.env["res.company"].create({"name": "Other City"})
        stranger = self.manager.copy(
            {"login": "t_stranger", "company_id": other.id, "company_ids": [(6, 0, other.ids)]}
        )
        for record in (self.order, self.order.task_ids[0], self.crew):
            with mute_logger(RULES), self.assertRaises(AccessError):
                record.with_user(stranger).read(["name"])
        with self.assertRaisesRegex(UserError, "Office|Company"):
            self.order.with_user(self.manager).company_id = other
        with self.assertRaises(ValidationError), self.env.cr.savepoint():
            self.crew.company_id = other

    def test_crews_and_task_lists_are_the_managers(self):
        task = self.pothole.task_ids[0]
        for user in (self.caseworker, self.coordinator):
            for record in (self.crew, task):
                self.assertTrue(record.with_user(user).has_access("read"))
                for step, args in (("write", [{"name": "x"}]), ("unlink", []), ("copy", [])):
                    with self.assertRaises(AccessError):
                        getattr(record.with_user(user), step)(*args)
        self.assertTrue(task.with_user(self.clerk).has_access("read"))
        self.crew.with_user(self.manager).name = "Crew A"
        task.with_user(self.manager).name = "Close the road"

    # What a crew learns of the case

    def _form(self, user, order):
        """Read an order as its form does."""
        arch_fields = {
            name: {"fields": {"display_name": {}}}
            if self.Order._fields[name].type in ("many2many", "one2many", "many2one")
            else {}
            for name in self.Order.with_user(user).get_view(view_type="form")["models"][
                "constituent.work.order"
            ]
        }
        self.env.invalidate_all()
        return order.with_user(user).web_read(arch_fields)[0]

    def test_the_crew_sees_no_case(self):
        self.assertFalse(self.case.with_user(self.worker).has_access("read"))
        values = self._form(self.worker, self.order)
        self.assertEqual(values["case_ids"], [])
        for secret in ("Rivera", "736-5000", "ana.rivera", "12 Home Street", "It is deep"):
            self.assertNotIn(secret, json.dumps(values, default=str))
        self.assertIn(
            self.case.number, json.dumps(self._form(self.caseworker, self.order), default=str)
        )

    def test_the_crew_saves_and_the_case_stays(self):
        """Also what is checked with more rights leaves nothing of the case in the answer."""
        specification = {"report": {}, "case_ids": {"fields": {"display_name": {}}}}
        mine = self.order.with_user(self.worker)
        for vals in ({"report": "Filled"}, {"instructions": "Mind the bus"}, {"street": "9 A"}):
            self.env.invalidate_all()
            (answer,) = mine.web_save(vals, specification)
            self.assertEqual(answer["case_ids"], [])
        self.env.invalidate_all()
        mine.web_save({"case_ids": [Command.set([])]}, specification)
        self.env.invalidate_all()
        self.assertEqual(self.order.case_ids, self.case, "what is not seen is not taken off")
        mine.action_start()
        self.assertIn("begun", self._notes()[-1])

    def test_the_crew_reaches_no_history(self):
        self.env.flush_all()
        events = self.env["constituent.case.event"].with_user(self.worker)
        self.assertFalse(events.search([("case_id", "=", self.case.id)]))
        for name in ("action_close_after_work", "action_draft_work_answer", "action_dispatch"):
            with mute_logger(RULES), self.assertRaises(AccessError):
                getattr(self.case.with_user(self.worker), name)()

    def test_the_crew_finds_nothing_by_asking_about_cases(self):
        orders = self.Order.with_user(self.worker)
        for domain in (
            [("case_ids.partner_name", "ilike", "Ana")],
            [("case_ids", "ilike", "testpothole")],
            [("case_ids.number", "=", self.case.number)],
        ):
            with self.subTest(domain):
                self.env.invalidate_all()
                self.assertFalse(orders.search([("id", "=", self.order.id), *domain]))
        groups = orders.web_read_group([("id", "=", self.order.id)], ["case_ids"], ["__count"])
        self.assertNotIn(self.case.number, str(groups))

    # Photos

    def test_photos_are_pictures_of_this_order(self):
        mine = self.order.with_user(self.worker)
        photo = self._upload(self.order, user=self.worker)
        mine.before_photo_ids = photo
        self.assertEqual(photo.name, "IMG_0001.jpg")
        self.assertNotIn(b"Telephone Maker", photo.raw)
        pdf = self._upload(self.order, b"%PDF-1.7 x", self.worker)
        with self.assertRaisesRegex(UserError, "is no photo"), self.env.cr.savepoint():
            mine.after_photo_ids = pdf
        elsewhere = self._upload(self.park_order, user=self.coordinator)
        foreign = self.env["ir.attachment"].create({"name": "a.jpg", "raw": make_photo()})
        of_case = self.env["ir.attachment"].create(
            {
                "name": "a.jpg",
                "raw": make_photo(),
                "res_model": "constituent.case",
                "res_id": self.case.id,
            }
        )
        for attachment in (elsewhere, foreign, of_case):
            with self.assertRaises(UserError), self.env.cr.savepoint():
                mine.after_photo_ids = [Command.link(attachment.id)]
        own_case = self._upload(self.case, user=self.caseworker, res_model="constituent.case")
        with self.assertRaisesRegex(UserError, "upload the photo here"):
            self.order.with_user(self.caseworker).after_photo_ids = own_case

    def test_photos_of_an_order_that_is_not_saved_yet(self):
        own = self._upload(self.Order)
        order = self._make_order(before_photo_ids=[Command.set(own.ids)])
        self.assertEqual(own.res_id, order.id)
        others = self._upload(self.Order, user=self.coordinator)
        with self.assertRaises(AccessError):
            self._make_order(before_photo_ids=[Command.set(others.ids)])

    def test_photos_follow_the_order(self):
        photo = self._upload(self.order, user=self.worker)
        self.order.with_user(self.worker).after_photo_ids = photo
        for user, allowed in (
            (self.worker, True),
            (self.caseworker, True),
            (self.coordinator, True),
            (self.other_caseworker, False),
            (self.clerk, False),
            (self.internal_user, False),
            (self.portal_user, False),
        ):
            self.env.invalidate_all()
            self.assertEqual(photo.with_user(user).has_access("read"), allowed, user.login)
        with self.assertRaises(AccessError):
            photo.with_user(self.worker).public = True


@tagged("post_install", "-at_install")
class TestWorkOrderByRpc(DispatchSetup, HttpCase):
    """The same through the real door."""

    def _call(self, model, method, *args, **kwargs):
        response = self.url_open(
            "/web/dataset/call_kw",
            data=json.dumps(
                {"params": {"model": model, "method": method, "args": args, "kwargs": kwargs}}
            ),
            headers={"Content-Type": "application/json"},
        )
        return response.json()

    @mute_logger("odoo.http", "odoo.addons.base.models.ir_model", RULES)
    def test_no_way_past_the_buttons(self):
        order = self._make_order()
        model = "constituent.work.order"
        for login in ("t_clerk", "t_caseworker", "t_manager", "t_portal"):
            self.authenticate(login, login)
            for method, args in (
                ("write", [{"state": "done"}]),
                ("_advance", [{"state": "done"}]),
                ("_cancel", ["x"]),
                ("_log", ["x"]),
                ("_every_case", []),
                ("web_save", [{"state": "done"}, {}]),
            ):
                with self.subTest(login=login, method=method):
                    self.assertIn("error", self._call(model, method, order.ids, *args))
        self.env.invalidate_all()
        self.assertEqual(order.state, "draft")

    def test_a_crew_member_works(self):
        order = self._make_order()
        order.action_dispatch()
        self.authenticate("t_worker", "t_worker")
        model = "constituent.work.order"
        self.assertNotIn("error", self._call(model, "action_start", order.ids))
        self.env.invalidate_all()
        self.assertEqual(order.state, "in_progress")
