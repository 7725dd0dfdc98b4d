"""Who imports, what an import shows, and what leaves the house as a file."""

import base64
import csv
import io
import json

from openpyxl import load_workbook

from odoo import http
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.service.model import get_public_method
from odoo.tests import HttpCase, tagged

from .common import ConstituentSetup
from .import_common import ImportCommon

MODELS = (
    "constituent.import",
    "constituent.import.row",
    "constituent.import.mapping",
    "constituent.import.mapping.line",
    "constituent.import.wizard",
)


class TestImportRights(ImportCommon):
    def test_others_have_no_part_in_it(self):
        run = self._run(self._csv({}))
        records = (run, run.row_ids, self.mapping, self.mapping.line_ids)
        for user in (
            self.clerk, self.caseworker, self.internal_user, self.portal_user,
            self.env.ref("base.public_user"),
        ):  # fmt: skip
            for record in records:
                with self.subTest(user=user.login, model=record._name):
                    mine = record.with_user(user)
                    for operation in ("read", "write", "unlink", "create"):
                        self.assertFalse(mine.has_access(operation))
                    with self.assertRaises(AccessError):
                        mine.read(["display_name"])
            with self.assertRaises(AccessError):
                self.env["constituent.import.wizard"].with_user(user).create({"file": "eA=="})
            with self.assertRaises(AccessError):
                run.with_user(user).action_stop()

    def test_coordinators_import_but_write_no_report(self):
        run = self._run(self._csv({})).with_user(self.coordinator)
        self.assertEqual(run.read(["created_count"])[0]["created_count"], 1)
        for vals in ({"state": "draft"}, {"created_count": 7}, {"name": "x"}, {"file": "eA=="}):
            with self.subTest(vals), self.assertRaises(AccessError):
                run.write(vals)
        with self.assertRaises(AccessError):
            self.Import.with_user(self.coordinator).create(
                {"name": "x", "mapping_id": self.mapping.id, "state": "done"}
            )
        row = run.row_ids
        for operation in ("write", "create", "unlink"):
            self.assertFalse(row.has_access(operation))
        with self.assertRaises(UserError):
            run.unlink()
        stops = self.env["constituent.import.stop"].with_user(self.manager)
        for operation in ("read", "write", "create", "unlink"):
            self.assertFalse(stops.has_access(operation))

    def test_what_reads_server_paths_is_not_for_the_net(self):
        for name in ("run_file", "resume", "_from_bytes", "_work"):
            with self.subTest(name), self.assertRaises(AccessError):
                get_public_method(self.Import, name)

    def test_only_managers_let_masters_be_made(self):
        mapping = self.mapping.with_user(self.coordinator)
        with self.assertRaises(AccessError):
            mapping.create_missing = True
        with self.assertRaises(AccessError):
            mapping.create(
                {"name": "x", "code": "x", "external_source": "x", "create_missing": True}
            )
        mapping.with_user(self.manager).create_missing = True
        self.assertFalse(mapping.copy().create_missing)
        # Renaming it is not deciding it.
        mapping.name = "Renamed"

    def test_other_offices(self):
        other = self.env["res.company"].create({"name": "Other City"})
        run = self._run(self._csv({}))
        stranger = self._make_user("manager", login="stranger")
        stranger.write({"company_ids": [Command.set(other.ids)], "company_id": other.id})
        for record in (run, run.row_ids, self.mapping, self.mapping.line_ids):
            with self.subTest(record._name), self.assertRaises(AccessError):
                record.with_user(stranger).read(["display_name"])
        self.assertFalse(self.Import.with_user(stranger).search([]))

    def test_restricted_cases_stay_out_of_sight(self):
        run = self._run(self._csv({}))
        self._case("1").confidentiality = "restricted"
        self.env.flush_all()
        self.assertFalse(
            run.row_ids.with_user(self.coordinator).search([("id", "in", run.row_ids.ids)])
        )
        self.assertTrue(
            run.row_ids.with_user(self.confidant).search([("id", "in", run.row_ids.ids)])
        )
        # Nor are they changed by somebody who may not see them, nor made anew.
        again = self._run(self._csv({"Title": "Other"}))
        self.assertEqual(self._counts(again), (0, 0, 0, 1))
        self.assertIn("you may not change it", again.sudo().row_ids.message)
        self.assertEqual(self._case("1").name, "A hole")

    def test_wizard(self):
        wizard = (
            self.env["constituent.import.wizard"]
            .with_user(self.coordinator)
            .create(
                {
                    "file": base64.b64encode(self._csv({}, {"Key": "2"}).encode()),
                    "file_name": "today.csv",
                    "mapping_id": self.mapping.id,
                }
            )
        )
        wizard.action_preview()
        self.assertEqual(wizard.row_total, 2)
        self.assertIn("A hole", wizard.preview)
        self.assertFalse(self._case("1"))
        action = wizard.action_import()
        self.assertEqual(action["res_id"], wizard.import_id.id)
        self._cron()
        self.assertEqual(self._counts(wizard.import_id), (2, 0, 0, 0))
        self.assertEqual(wizard.import_id.user_id, self.coordinator)
        self.assertEqual(self._case("1").create_uid, self.coordinator)

    def test_wizard_makes_a_mapping(self):
        text = "Case Number;Date Opened;Type;Whatever\n7;28.02.2023 10:00;Lamp;x\n"
        wizard = (
            self.env["constituent.import.wizard"]
            .with_user(self.coordinator)
            .create({"file": base64.b64encode(text.encode()), "file_name": "Old System.csv"})
        )
        mapping = self.env["constituent.import.mapping"].browse(
            wizard.action_new_mapping()["res_id"]
        )
        self.assertEqual((mapping.code, mapping.delimiter), ("old-system", "semicolon"))
        self.assertEqual(mapping.date_style, "dotted")
        self.assertEqual(
            [(line.column, line.target) for line in mapping.line_ids],
            [("Case Number", "external_ref"), ("Date Opened", "received_at"), ("Type", "category")],
        )
        self.assertEqual(self._run(text, "old-system").created_count, 1)
        wizard.file = base64.b64encode(b"foo,bar\n1,2\n")
        with self.assertRaisesRegex(UserError, "foo, bar"):
            wizard.action_new_mapping()

    def test_preview_of_contacts(self):
        run = self._new(
            self._contacts(
                {"Key": "o1", "Name": "Ward Office", "Role": "Official's Office"},
                {"Key": "p1", "Name": "Bo Lind", "Office": "Ward Office", "Role": "Resident"},
                {"Key": "p2", "Name": "Ana Rivera", "Mail": "ana.rivera@example.org"},
                {"Key": "p3"},
            ),
            self.contact_mapping,
        )
        shown = run._preview(5)
        self.assertEqual(
            [row["result"] for row in shown], ["created", "created", "unchanged", "refused"]
        )
        # The office of the same file is expected, not missed.
        self.assertFalse(shown[1]["notes"])
        self.assertIn(("Role", "Official's Office", False), shown[0]["facts"])
        self.assertIn("There is no name.", shown[3]["notes"])
        self.assertFalse(self.env["res.partner"].search([("name", "=", "Bo Lind")]))

    def test_preview_escapes(self):
        run = self._new(self._csv({"Title": "<script>alert(1)</script>", "Desk": "T-<b>"}))
        html = run._preview_html()
        self.assertNotIn("<script>", html)
        self.assertNotIn("T-<b>", html)
        self.assertIn("&lt;script&gt;", html)


@tagged("post_install", "-at_install")
class TestImportFiles(ConstituentSetup, HttpCase):
    """Through the doors a browser uses."""

    def setUp(self):
        super().setUp()
        self.evil = ["=cmd|' /C calc'!A0", "+1+1", "-2+3", "@SUM(A1)", "\t=1", "plain"]
        self.links = [
            r"external:\\evil\share\a.xlsx",
            "file://evil/a",
            "https://evil.example/" + "a" * 3000,
        ]
        reports = [
            {"mode": "import", "name": name, "channel": "phone", "department_id": self.streets.id}
            for name in self.evil
        ]
        self.cases = self.Case.intake(reports)
        self.pothole.name = "=category"
        self.cases.category_id = self.pothole
        # Who may export at all is Odoo's own question.
        self.coordinator.group_ids += self.env.ref("base.group_allow_export")
        for user in (self.coordinator, self.caseworker):
            user.password = user.login

    def _export(self, kind, **extra):
        data = {
            "model": "constituent.case",
            "fields": [{"name": "name", "label": "=Subject", "type": "char"}],
            "ids": self.cases.ids,
            "domain": [],
            "groupby": [],
            "import_compat": False,
            **extra,
        }
        self.authenticate(self.coordinator.login, self.coordinator.login)
        token = http.Request.csrf_token(self)
        response = self.url_open(
            f"/web/export/{kind}", {"data": json.dumps(data), "csrf_token": token}
        )
        response.raise_for_status()
        return response.content

    def test_csv_has_no_formulas(self):
        rows = list(csv.reader(io.StringIO(self._export("csv").decode())))
        self.assertEqual(len(rows), 7)
        for (cell,) in rows:
            self.assertNotIn(cell[:1], set("=+-@\t"))
        self.assertIn("'@SUM(A1)", {row[0] for row in rows})
        self.assertIn("plain", {row[0] for row in rows})

    def test_workbooks_have_no_links(self):
        for case, link in zip(self.cases, self.links, strict=False):
            case.name = link
        self.pothole.name = "internal:Sheet1!A1"
        grouped = {"groupby": ["category_id"], "ids": False,
                   "domain": [("id", "in", self.cases.ids)]}  # fmt: skip
        for extra in ({}, grouped):
            with self.subTest(extra):
                sheet = load_workbook(io.BytesIO(self._export("xlsx", **extra))).active
                cells = [cell for row in sheet.iter_rows() for cell in row if cell.value]
                self.assertFalse([cell.value for cell in cells if cell.hyperlink])
                # A link that is too long for one was left out altogether.
                self.assertLessEqual(set(self.links), {cell.value for cell in cells})

    def test_workbooks_have_no_formulas(self):
        for extra in ({}, {"groupby": ["category_id"], "ids": False,
                           "domain": [("id", "in", self.cases.ids)]}):  # fmt: skip
            with self.subTest(extra):
                sheet = load_workbook(io.BytesIO(self._export("xlsx", **extra))).active
                cells = [cell for row in sheet.iter_rows() for cell in row if cell.value]
                self.assertGreater(len(cells), 6)
                self.assertFalse([cell.value for cell in cells if cell.data_type == "f"])

    def test_refused_rows_come_back_as_a_file(self):
        mapping = self.env["constituent.import.mapping"].create(
            {
                "name": "t",
                "code": "t-http",
                "external_source": "t",
                "line_ids": [
                    Command.create({"column": "When", "case_target": "received_at"}),
                    Command.create({"column": "What", "case_target": "name"}),
                ],
            }
        )
        content = b'When,What\n01/02/2023,fine\nnever,"=HYPERLINK(1)"\n'
        run = self.env["constituent.import"].with_user(self.coordinator)._from_bytes(
            "t.csv", content, mapping
        )  # fmt: skip
        run.action_import()
        self.env.ref("constituent_services.ir_cron_import").method_direct_trigger()
        url = f"/constituent/import/{run.id}/refused.csv"
        self.authenticate(self.caseworker.login, self.caseworker.login)
        self.assertEqual(self.url_open(url).status_code, 404)
        self.authenticate(self.coordinator.login, self.coordinator.login)
        response = self.url_open(url)
        self.assertIn("t-refused.csv", response.headers["Content-Disposition"])
        head, row = csv.reader(io.StringIO(response.content.decode("utf-8-sig")))
        self.assertEqual(head, ["When", "What", "Row", "Reason"])
        self.assertEqual(row[:3], ["never", "'=HYPERLINK(1)", "2"])
        self.assertIn("no date", row[3])
        self.assertEqual(self.url_open(url.replace(str(run.id), "999999")).status_code, 404)
