"""The crew's sheet on paper, and who is not named on it."""

import io
import re

from pypdf import PdfReader

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import tagged
from odoo.tools import mute_logger

from ..models import constituent_work_order_sheet
from ..tools.qr import qr_svg
from .common import PREFIX, ConstituentCommon
from .dispatch_common import DispatchSetup

SHEET = f"{PREFIX}work_order_report_sheet"
CHART = f"{PREFIX}category_report_task_chart"
SQUARE = '{"type": "Polygon", "coordinates": [[[0, 0], [2, 0], [2, 2], [0, 2], [0, 0]]]}'
SECRETS = ("Rivera", "Ana", "736-5000", "ana.rivera", "Home Street", "It is deep")


class SheetCommon(DispatchSetup, ConstituentCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        ward = cls.env["constituent.district.type"].create({"name": "Ward"})
        cls.env["constituent.district"].create(
            {"name": "Harbor", "code": "7", "district_type_id": ward.id, "boundary": SQUARE}
        )

    def _pdf(self, record, report=SHEET, user=None):
        reports = self.env["ir.actions.report"].with_user(user or self.worker)
        pdf, kind = reports._render_qweb_pdf(report, record.ids)
        self.assertEqual(kind, "pdf")
        return pdf

    def _pages(self, pdf):
        return [
            re.sub(r"\s+", " ", page.extract_text()) for page in PdfReader(io.BytesIO(pdf)).pages
        ]


@tagged("post_install", "-at_install")
class TestSheet(SheetCommon):
    def test_what_stands_on_it(self):
        order = self._make_order(
            latitude=1.5,
            longitude=0.5,
            priority="3",
            asset="Lamp 4417",
            contact_on_site="Custodian, door B",
            hours_estimated=2.5,
            equipment="Truck 12",
            material="Cold patch, 4 bags",
            permit_note="Lane closure until noon",
            instructions="Mind <the> bus & the stop",
        )
        order.task_ids[0].note = "Cones every ten feet"
        pages = self._pages(self._pdf(order))
        self.assertLessEqual(len(pages), 2)
        text = " ".join(pages)
        for words in (
            "City of Example, Streets Department",
            f"Work Order {order.number}",
            "A testpothole on Main Street",
            "100 Main Street",
            "Example 10001",
            "By the stop",
            "Pothole Crew",
            "Test Caseworker",
            "Nov 30, 2026, 8:00 AM – 12:00 PM",
            "Urgent",
            "Lamp 4417",
            "Custodian, door B",
            "2:30",
            "Truck 12",
            "Cold patch, 4 bags",
            "Lane closure until noon",
            "Mind <the> bus & the stop",
            "Close the lane",
            "Cones every ten feet",
            "Only if: a hydrant is near",
            "Fill the hole Photo",
            "Signature",
            "Scan to report",
        ):
            with self.subTest(words):
                self.assertIn(words, text.replace("\u202f", " "))
        for secret in (*SECRETS, self.case.number):
            self.assertNotIn(secret, text)

    def test_the_code_leads_to_the_order(self):
        order = self._make_order()
        asked = []

        def _code(text, label):
            asked.append(text)
            return qr_svg(text, label)

        self.patch(constituent_work_order_sheet, "qr_svg", _code)
        self._pdf(order)
        url = f"{order.get_base_url()}/odoo/constituent-work-orders/{order.id}"
        self.assertEqual(asked, [url])
        action = self.env.ref(f"{PREFIX}constituent_work_order_action")
        self.assertEqual(action.path, "constituent-work-orders")

    def test_the_map(self):
        placed = self._make_order(latitude=1.5, longitude=0.5)
        self.assertIn(b"<circle", placed.with_user(self.worker)._draw_map())
        self.assertTrue(placed.with_user(self.worker).map_image)
        self.assertFalse(self._make_order().map_image, "without coordinates")
        self.assertIn("7", self._pages(self._pdf(placed))[0])

    def test_several_on_several_pages(self):
        orders = self._make_order() | self._make_order(name="Another hole")
        pages = self._pages(self._pdf(orders))
        self.assertEqual(len(pages), 2)
        self.assertIn("Another hole", pages[1])

    def test_a_long_list_goes_on_the_next_page(self):
        tasks = [Command.create({"name": f"Task number {n}", "note": "x " * 60}) for n in range(30)]
        pages = self._pages(self._pdf(self._make_order(task_ids=tasks)))
        self.assertGreater(len(pages), 1)
        self.assertIn("1 / ", pages[0])
        self.assertIn("Task number 29", " ".join(pages))

    def test_the_days_of_an_inspection(self):
        order = self._make_order(kind="code", compliance_on="2026-12-15")
        self.assertIn("Comply By Dec 15, 2026", self._pages(self._pdf(order))[0])

    def test_preview_and_paper(self):
        order = self._make_order()
        html, _kind = self.env["ir.actions.report"]._render_qweb_html(SHEET, order.ids)
        self.assertIn(order.number.encode(), html)
        for paper, width in (("a4", 595), ("letter", 612)):
            self.company.constituent_letter_paper = paper
            page = PdfReader(io.BytesIO(self._pdf(order))).pages[0]
            self.assertAlmostEqual(float(page.mediabox.width), width, delta=1)

    def test_who_prints(self):
        order = self._make_order()
        self.assertTrue(self._pdf(order, user=self.caseworker))
        for user in (self.clerk, self.other_caseworker, self.internal_user):
            with self.subTest(user.login), self.assertRaises(AccessError):
                with mute_logger("odoo.addons.base.models.ir_rule"):
                    self._pdf(order, user=user)


@tagged("post_install", "-at_install")
class TestNobodyIsNamed(SheetCommon):
    """Confidential identity and protected address stay in the office."""

    def _confidential(self, **vals):
        return self._make_case(
            partner_id=False,
            identity="confidential",
            partner_name="Ana Rivera",
            partner_phone="+1 212-736-5000",
            partner_email="ana.rivera@example.org",
            **vals,
        )

    def test_a_subject_that_names_somebody_is_no_title(self):
        case = self._make_case(name="testpothole, says Ana Rivera")
        self.assertEqual(self._prepared(case)["name"], "Test Pothole")
        case = self._confidential(name="testpothole at the corner")
        self.assertEqual(self._prepared(case)["name"], "Test Pothole")
        case.category_id = False
        self.assertEqual(self._prepared(case)["name"], "Work at the place named below")
        self.assertEqual(self._prepared(self.case)["name"], self.case.name)

    def test_what_would_name_them_is_refused(self):
        order = self._make_order(self._confidential())
        for vals in (
            {"name": "See Ana Rivera"},
            {"instructions": "Ring at Rivera, Ana"},
            {"contact_on_site": "Ms. Rivera"},
            {"contact_on_site": "212 736 5000"},
            {"permit_note": "ana.rivera@example.org"},
            {"equipment": "Ask Ana Rivera"},
            {"material": "Ask Ana Rivera"},
            {"asset": "Ana Rivera's fence"},
            {"location_note": "Behind Ana Rivera's house"},
            {"street": "Ana Rivera"},
            {"task_ids": [Command.create({"name": "Call 736-5000"})]},
            {"task_ids": [Command.create({"name": "Look", "note": "Ana Rivera"})]},
        ):
            for user in (self.caseworker, self.worker):
                with self.subTest(vals=vals, user=user.login):
                    self.env.invalidate_all()
                    with self.assertRaises(ValidationError) as caught, self.env.cr.savepoint():
                        order.with_user(user).write(vals)
                    self.assertIn("confidential", str(caught.exception))
                    self.assertNotIn("Rivera", str(caught.exception))
        order.contact_on_site = "Custodian, Rivera School"
        tasks = self.env["constituent.work.order.task"].with_user(self.worker)
        for vals in ({"name": "Ask Ana Rivera"}, {"note": "736-5000"}, {"condition": "Ms. Rivera"}):
            with self.subTest(vals):
                with self.assertRaises(ValidationError), self.env.cr.savepoint():
                    order.task_ids[0].with_user(self.worker).write(vals)
                with self.assertRaises(ValidationError), self.env.cr.savepoint():
                    tasks.create({"order_id": order.id, "name": "Look", **vals})

    def test_a_case_that_joins_later(self):
        order = self._make_order(contact_on_site="Ana Rivera, 736-5000")
        with self.assertRaisesRegex(ValidationError, "Contact on Site|Contact On Site"):
            order.case_ids = [Command.link(self._confidential().id)]

    def test_a_name_that_became_confidential_is_not_printed(self):
        order = self._make_order(contact_on_site="Ana Rivera, 736-5000")
        self.assertIn("Ana Rivera", self._pages(self._pdf(order))[0], "typed in by hand")
        self.case.write(
            {"partner_name": "Ana Rivera", "partner_id": False, "identity": "confidential"}
        )
        for user in (self.caseworker, self.worker):
            self.env.invalidate_all()
            with self.assertRaisesRegex(UserError, "take it out"):
                self._pdf(order, user=user)
        with self.assertRaisesRegex(UserError, "take it out"):
            order.action_dispatch()
        order.contact_on_site = False
        self.assertNotIn("Rivera", self._pages(self._pdf(order))[0])

    def test_a_protected_address_is_no_place(self):
        self.resident.protected_address = True
        case = self._make_case(street="12 Home  Street", latitude=1.5, longitude=0.5)
        prepared = self._prepared(case)
        self.assertFalse(prepared["street"] or prepared["latitude"] or prepared["zip"])
        order = self._make_order(case, location_note="Ask the supervisor")
        for vals in (
            {"street": "12 HOME STREET"},
            {"latitude": 1.5, "longitude": 0.5},
            {"instructions": "Ana Rivera lives there"},
        ):
            with self.subTest(vals), self.assertRaises(ValidationError), self.env.cr.savepoint():
                order.write(vals)
        text = self._pages(self._pdf(order))[0]
        for secret in SECRETS:
            self.assertNotIn(secret, text)
        # Another place of the same constituent is a place like any other.
        self.assertEqual(self._prepared(self._make_case())["street"], "100 Main Street")

    def test_an_address_that_became_protected_is_neither_printed_nor_mapped(self):
        case = self._make_case(street="12 Home Street", latitude=1.5, longitude=0.5)
        order = self._make_order(case)
        self.assertTrue(order.map_image)
        self.resident.protected_address = True
        self.env.flush_all()
        self.env.invalidate_all()
        self.assertFalse(order.with_user(self.worker).map_image)
        with self.assertRaisesRegex(UserError, "protected address"):
            self._pdf(order)


@tagged("post_install", "-at_install")
class TestTaskList(SheetCommon):
    """The task list of a category and its flow chart."""

    def test_the_chart_is_drawn(self):
        first, second, third = self.pothole.task_ids
        third.after_ids = first | second
        chart = self.pothole._draw_task_chart().decode()
        for words in ("Order received", "Close the lane", "a hydrant is near", "Photo", "Done"):
            self.assertIn(words, chart)
        self.assertTrue(self.pothole.with_user(self.clerk).task_chart)
        self.assertFalse(self.tree.task_chart)
        child = self.env["constituent.category"].create(
            {"name": "Deep", "parent_id": self.pothole.id}
        )
        self.assertEqual(child.task_chart, self.pothole.task_chart)

    def test_it_is_printed(self):
        self.pothole.task_ids[0].note = "Cones every ten feet"
        (text,) = self._pages(self._pdf(self.pothole, CHART, self.clerk))
        for words in ("Test Pothole", "Close the lane", "Fill the hole", "Cones every ten feet"):
            self.assertIn(words, text)
        with self.assertRaisesRegex(UserError, "has no tasks"):
            self._pdf(self.tree, CHART, self.clerk)

    def test_circles_and_foreign_tasks_are_refused(self):
        first, second, third = self.pothole.task_ids
        with self.assertRaisesRegex(ValidationError, "in a circle: "), self.env.cr.savepoint():
            first.after_ids = third
        other = self.env["constituent.category.task"].create(
            {"category_id": self.tree.id, "name": "Saw"}
        )
        with self.assertRaisesRegex(ValidationError, "another category"):
            second.after_ids = other
