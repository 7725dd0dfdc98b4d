"""Crews, and the lists of orders in a large office."""

import json
from datetime import datetime, timedelta

from lxml import etree
from psycopg2 import IntegrityError

from odoo import http
from odoo.fields import Command
from odoo.tests import Form, HttpCase, tagged
from odoo.tools import SQL, mute_logger

from .common import PREFIX, ConstituentCommon
from .dispatch_common import DispatchSetup

PAGE = 80
LIST_QUERIES = 12
FORM_QUERIES = 45


@tagged("post_install", "-at_install")
class TestCrews(DispatchSetup, ConstituentCommon):
    def test_a_manager_makes_one(self):
        form = Form(self.env["constituent.crew"].with_user(self.manager))
        form.name = "Night Crew"
        form.department_id = self.streets
        form.supervisor_id = self.caseworker
        form.member_ids.add(self.worker)
        crew = form.save()
        self.assertEqual(crew.company_id, self.company)
        self.assertIn(crew, self.worker.constituent_crew_ids)

    @mute_logger("odoo.sql_db")
    def test_names_are_the_departments(self):
        crews = self.env["constituent.crew"]
        crews.create({"name": "Pothole Crew", "department_id": self.parks.id})
        with self.assertRaises(IntegrityError), self.env.cr.savepoint():
            crews.create({"name": "Pothole Crew", "department_id": self.streets.id})
        self.crew.active = False
        self.env.flush_all()
        crews.create({"name": "Pothole Crew", "department_id": self.streets.id})

    def test_open_orders_are_counted(self):
        order, other = self._make_order(), self._make_order()
        self.assertEqual(self.crew.order_count, 0, "drafts are nobody's work yet")
        (order | other).action_dispatch()
        order.action_start()
        other._cancel("x")
        self.crew.invalidate_recordset()
        self.assertEqual(self.crew.order_count, 1)

    def test_a_crew_that_is_no_more_sees_nothing(self):
        order = self._make_order()
        self.assertTrue(order.with_user(self.worker).has_access("read"))
        self.crew.active = False
        self.assertFalse(order.with_user(self.worker).has_access("read"))

    def test_a_user_made_with_a_crew(self):
        order = self._make_order()
        user = self._make_user("caseworker", login="newcomer")
        self.assertFalse(order.with_user(user).has_access("read"))
        again = user.copy(
            {"login": "t_second", "constituent_crew_ids": [Command.set(self.crew.ids)]}
        )
        self.assertTrue(order.with_user(again).has_access("read"))

    def test_numbers_of_two_offices_are_their_own(self):
        other = self.env["res.company"].create({"name": "Harbor Authority"})
        department = self.env["constituent.department"].create(
            {"name": "Quays", "company_id": other.id}
        )
        elsewhere = self.Order.create(
            [
                {"name": "a", "department_id": department.id, "company_id": other.id},
                {"name": "b", "department_id": department.id, "company_id": other.id},
            ]
        )
        first = self._make_order()
        self.assertEqual(
            [number[-6:] for number in elsewhere.mapped("number")], ["000001", "000002"]
        )
        self.assertEqual(first.number, elsewhere[0].number, "each office counts for itself")


@tagged("post_install", "-at_install")
class TestOrderLists(DispatchSetup, ConstituentCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        start = datetime(2026, 11, 30, 13)
        cls.orders = cls.Order.with_user(cls.caseworker).create(
            [
                {
                    "name": f"Hole {number}",
                    "case_ids": [Command.set(cls.case.ids)],
                    "department_id": cls.streets.id,
                    "crew_id": cls.crew.id,
                    "category_id": cls.pothole.id,
                    "window_start": start + timedelta(hours=number),
                    "window_end": start + timedelta(hours=number + 1),
                }
                for number in range(PAGE + 10)
            ]
        )

    def _columns(self, kind):
        """Return what the web client asks for."""
        records = self.Order.with_user(self.caseworker)
        arch = etree.fromstring(records.get_view(view_type=kind)["arch"])
        names = {node.get("name") for node in arch.iter("field")}
        return {
            name: {"fields": {"display_name": {}}} if self.Order._fields[name].relational else {}
            for name in names
        }

    def test_first_page_is_quick(self):
        for user in (self.caseworker, self.worker, self.coordinator):
            for kind in ("list", "kanban", "calendar"):
                columns = self._columns(kind)
                records = self.Order.with_user(user)

                def _read(records=records, columns=columns):
                    return records.web_search_read(
                        [("state", "in", ("draft", "dispatched", "in_progress"))],
                        columns,
                        limit=PAGE,
                        count_limit=1001,
                    )

                _read()  # rules and rights are cached on a running server
                self.env.flush_all()
                self.env.invalidate_all()
                with self.subTest(user=user.login, view=kind):
                    with self.assertQueryCount(LIST_QUERIES):
                        page = _read()
                    self.assertEqual(len(page["records"]), PAGE)
                    self.assertEqual(page["records"][0]["id"], self.orders[0].id, "soonest first")

    def test_many_are_made_with_few_queries(self):
        def _make(count):
            self.env.flush_all()
            before = self.cr.sql_log_count
            self.Order.with_user(self.caseworker).create(
                [
                    {
                        "name": f"Another {number}",
                        "case_ids": [Command.set(self.case.ids)],
                        "department_id": self.streets.id,
                    }
                    for number in range(count)
                ]
            )
            self.env.flush_all()
            return self.cr.sql_log_count - before

        _make(1)
        few, many = _make(2), _make(12)
        self.assertLess((many - few) / 10, FORM_QUERIES, "an order's own share")

    def test_the_rules_have_indexes(self):
        """What a caseworker sees is found by indexes alone, not by reading all orders."""
        self.env.flush_all()
        query = self.Order.with_user(self.worker)._search([])
        for way in ("seqscan", "indexscan", "indexonlyscan"):
            self.env.cr.execute(SQL("SET LOCAL enable_%s = off", SQL(way)))
        self.env.cr.execute(SQL("EXPLAIN %s", query.select()))
        plan = "\n".join(row[0] for row in self.env.cr.fetchall())
        for way in ("seqscan", "indexscan", "indexonlyscan"):
            self.env.cr.execute(SQL("SET LOCAL enable_%s = on", SQL(way)))
        self.assertNotIn("Seq Scan on constituent_work_order", plan)
        for column in ("crew_id", "supervisor_id", "create_uid"):
            self.assertIn(column, plan)

    def test_every_view_loads(self):
        for user in (self.caseworker, self.manager):
            for kind in ("form", "list", "kanban", "calendar", "search"):
                self.assertTrue(self.Order.with_user(user).get_view(view_type=kind)["arch"])


@tagged("post_install", "-at_install")
class TestSheetByHttp(DispatchSetup, HttpCase):
    """The sheet through the web client's own door."""

    def _download(self, login, order):
        self.authenticate(login, login)
        report = self.env.ref(f"{PREFIX}work_order_report_sheet")
        return self.url_open(
            "/report/download",
            data={
                "data": json.dumps([f"/report/pdf/{report.report_name}/{order.id}", "qweb-pdf"]),
                "context": "{}",
                "csrf_token": http.Request.csrf_token(self),
            },
        )

    def test_a_crew_member_prints(self):
        order = self._make_order()
        answer = self._download("t_worker", order)
        self.assertTrue(answer.content.startswith(b"%PDF"))
        self.assertIn(order.number, answer.headers["Content-Disposition"])

    @mute_logger("odoo.addons.web.controllers.report", "odoo.addons.base.models.ir_rule")
    def test_others_do_not(self):
        order = self._make_order()
        for login in ("t_clerk", "t_other_caseworker", "t_internal"):
            answer = self._download(login, order)
            self.assertFalse(answer.content.startswith(b"%PDF"), login)
            self.assertNotIn(b"Main Street", answer.content)

    def test_the_code_opens_the_order(self):
        order = self._make_order()
        self.authenticate("t_worker", "t_worker")
        answer = self.url_open(f"/odoo/constituent-work-orders/{order.id}")
        self.assertEqual(answer.status_code, 200)
