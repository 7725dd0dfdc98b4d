"""Who brings paper in, who sees what came, and who is refused."""

import base64
import json

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import HttpCase, new_test_user, tagged
from odoo.tools import mute_logger

from . import scan_files as make
from .common import ConstituentCommon
from .scan_common import ScanSetup

OUTSIDE = ("portal_user", "internal_user")


@tagged("post_install", "-at_install")
class TestScanRights(ScanSetup, ConstituentCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.other_clerk = cls._make_user("clerk", login="other_clerk")
        cls.scan = cls._make_scan()

    def _denied(self, user, records, operations=("read", "write", "unlink")):
        records = records.with_user(user)
        for operation in operations:
            with self.subTest(user=user.login, operation=operation):
                with self.assertRaises(AccessError):
                    records.check_access(operation)
        self.assertFalse(records.search([("id", "in", records.ids)]))

    def test_every_role_brings_paper_in(self):
        for user in (self.clerk, self.caseworker, self.coordinator, self.manager):
            with self.subTest(user=user.login):
                letter = self._make_received(user=user)
                self.assertEqual(letter.state, "received")
                self.assertEqual(letter.with_user(user).read(["subject"])[0]["id"], letter.id)
                self.assertTrue(letter.case_id.with_user(user).has_access("read"))

    def test_a_scan_is_its_makers_and_the_coordinators(self):
        pieces = self.scan.piece_ids
        for user in (self.other_clerk, self.caseworker, self.other_caseworker):
            self._denied(user, self.scan)
            self._denied(user, pieces)
            with self.assertRaises(AccessError):
                self.scan.with_user(user).action_register()
        for user in (self.clerk, self.coordinator, self.manager):
            for record in (self.scan, pieces):
                self.assertTrue(record.with_user(user).has_access("write"))

    def test_outsiders_are_refused_everything(self):
        letter = self._make_received()
        for name in OUTSIDE:
            user = getattr(self, name)
            for record in (self.scan, self.scan.piece_ids, letter):
                with self.subTest(user=name, model=record._name):
                    for operation in ("read", "write", "create", "unlink"):
                        self.assertFalse(record.with_user(user).has_access(operation))
            with self.assertRaises(AccessError):
                self._make_scan(user=user)
            with self.assertRaises(AccessError):
                self.scan.with_user(user).action_register()
            with self.assertRaises(AccessError):
                self.scan.with_user(user).action_letters()
            with self.assertRaises(AccessError):
                self.env["constituent.register.wizard"].with_user(user).create({})
            attachments = self._stored(self.scan) | letter.document_id
            for attachment in attachments.with_user(user):
                self.assertFalse(attachment.has_access("read"))

    def test_a_piece_goes_into_no_ones_elses_scan(self):
        pieces = self.env["constituent.scan.piece"].with_user(self.other_clerk)
        with self.assertRaises(AccessError), self.env.cr.savepoint():
            pieces.create({"scan_id": self.scan.id, "pages": "1"})
        own = self._make_scan(user=self.other_clerk)
        with self.assertRaises(AccessError), self.env.cr.savepoint():
            own.piece_ids.scan_id = self.scan

    def test_nothing_out_of_sight_is_named(self):
        office = self.env["res.company"].create({"name": "Harbor Authority"})
        foreign = self.env["res.partner"].create({"name": "F", "company_id": office.id})
        parks = self._make_case(name="testtree")
        restricted = self._make_case(confidentiality="restricted")
        for user, vals in (
            (self.clerk, {"case_id": parks.id}),
            (self.caseworker, {"case_id": parks.id}),
            (self.coordinator, {"case_id": restricted.id}),
            (self.coordinator, {"partner_id": foreign.id}),
        ):
            # Of another office is said before whose it is.
            refused = UserError if "partner_id" in vals else AccessError
            with self.subTest(user=user.login, vals=vals):
                with self.assertRaises(refused), self.env.cr.savepoint():
                    self._make_scan(user=user, pieces=[{"pages": "1", **vals}])
                scan = self._make_scan(user=user)
                with self.assertRaises(refused), self.env.cr.savepoint():
                    scan.piece_ids.write(vals)
                defaults = {f"default_{name}": value for name, value in vals.items()}
                with self.assertRaises(refused), self.env.cr.savepoint():
                    scan.piece_ids.with_context(**defaults).create(
                        {"scan_id": scan.id, "pages": "1"}
                    )

    def test_joined_is_only_what_one_may_work_on(self):
        parks = self._make_case(name="testtree", informed_department_ids=self.streets.ids)
        self.assertTrue(parks.with_user(self.caseworker).has_access("read"))
        self.assertFalse(parks.with_user(self.caseworker).has_access("write"))
        scan = self._make_scan(user=self.caseworker, pieces=[{"pages": "1", "case_id": parks.id}])
        with self.assertRaises(AccessError), self.env.cr.savepoint():
            scan.action_register()
        self.assertEqual(scan.state, "draft")

    def test_who_works_the_case_sees_the_letter(self):
        letter = self._make_received(subject="A testpothole")
        self.env.flush_all()
        self.assertEqual(letter.case_id.department_id, self.streets)
        worker = letter.with_user(self.caseworker)
        self.assertTrue(worker.has_access("read"))
        self.assertTrue(worker.document_id.has_access("read"))
        self.assertTrue(worker.document_file)
        self._denied(self.other_caseworker, letter)
        self._denied(self.other_clerk, letter)
        self.assertFalse(letter.document_id.with_user(self.other_clerk).has_access("read"))
        # Who works the case has no use for the letters of others in the same scan.
        self._denied(self.caseworker, letter.scan_id)

    def test_paper_of_a_restricted_case(self):
        case = self._make_case(confidentiality="restricted", department_id=self.streets.id)
        scan = self._make_scan(
            user=self.confidant,
            pages=2,
            pieces=[{"pages": "1", "case_id": case.id}, {"pages": "2", "subject": "Other"}],
        )
        self.env.flush_all()
        self.assertTrue(scan.is_restricted, "already while it is cut")
        scan.action_register()
        letter = case.correspondence_ids
        for user in (self.clerk, self.caseworker, self.coordinator, self.manager):
            for record in (scan, scan.piece_ids, letter):
                self._denied(user, record)
            for attachment in self._stored(scan) | letter.document_id:
                self.assertFalse(attachment.with_user(user).has_access("read"))
        self.assertTrue(letter.with_user(self.confidant).has_access("read"))
        # The other letter of the scan is not restricted.
        other = scan.piece_ids.correspondence_id - letter
        self.assertTrue(other.with_user(self.coordinator).has_access("read"))

    def test_a_case_that_becomes_restricted_takes_its_paper_along(self):
        self.env["constituent.routing.rule"].create(
            {
                "name": "Abuse",
                "keywords": "testsecret",
                "confidentiality": "restricted",
                "department_id": self.streets.id,
            }
        )
        scan = self._make_scan()
        scan.piece_ids.subject = "A testsecret"
        action = scan.action_register()
        letter, pieces = scan.piece_ids.correspondence_id, scan.piece_ids
        self.env.cr.precommit.run()
        self.env.invalidate_all()
        self.assertEqual(letter.sudo().case_id.confidentiality, "restricted")
        # What the button answers shows nothing that is out of sight now, and no error.
        found = self.Letter.with_user(self.clerk).search(action["domain"])
        self.assertFalse(found)
        for record in (scan, pieces, letter):
            self._denied(self.clerk, record)
        self.assertTrue(scan.with_user(self.confidant).has_access("read"))

    def test_other_offices(self):
        office = self.env["res.company"].create({"name": "Harbor Authority"})
        stranger = new_test_user(
            self.env,
            "t_harbor",
            "constituent_services.group_manager",
            company_id=office.id,
            company_ids=[Command.set(office.ids)],
        )
        letter = self._make_received(user=self.coordinator)
        for record in (self.scan, self.scan.piece_ids, letter):
            self._denied(stranger, record)
        case = self._make_case()
        both = self.manager
        both.company_ids += office
        scan = self._make_scan(user=both, company_id=office.id)
        with self.assertRaises(ValidationError):
            scan.with_context(allowed_company_ids=(self.company | office).ids).piece_ids.write(
                {"case_id": case.id}
            )

    def test_users_seal_nothing_themselves(self):
        with self.assertRaises(AccessError):
            self._stored(self.scan).with_user(self.manager).write({"constituent_sealed": True})

    def test_registers_are_everybodys_own(self):
        mine = self.env["constituent.register.wizard"].with_user(self.clerk).create({})
        for user in (self.other_clerk, self.coordinator, self.manager):
            self._denied(user, mine)


@tagged("post_install", "-at_install")
class TestScanHttp(ScanSetup, HttpCase):
    """The same over the wire: no way past the buttons, and files for who may see them."""

    def _call(self, model, method, *args, **kwargs):
        params = {"model": model, "method": method, "args": args, "kwargs": kwargs}
        return self.url_open(
            f"/web/dataset/call_kw/{model}/{method}",
            data=json.dumps({"params": params}),
            headers={"Content-Type": "application/json"},
        ).json()

    @mute_logger("odoo.http", "odoo.addons.base.models.ir_model", "odoo.addons.base.models.ir_rule")
    def test_no_way_past_the_button(self):
        scan = self._make_scan(user=self.coordinator)
        row = {"case_id": 1, "received_on": "2026-01-01", "company_id": self.company.id}
        for login in ("t_clerk", "t_manager", "t_portal"):
            self.authenticate(login, login)
            for model, method, args in (
                ("constituent.scan", "_register_one", [scan.ids]),
                ("constituent.scan", "_advance", [scan.ids]),
                ("constituent.scan", "write", [scan.ids, {"state": "registered"}]),
                ("constituent.scan.piece", "_advance", [scan.piece_ids.ids]),
                ("constituent.correspondence", "_register_incoming", [[row], ["x"]]),
                ("constituent.correspondence", "_advance", [[1], "received"]),
            ):
                with self.subTest(login=login, method=method):
                    self.assertIn("error", self._call(model, method, *args))
        self.env.invalidate_all()
        self.assertEqual(scan.state, "draft")

    def test_a_clerk_uploads_and_registers(self):
        self.authenticate("t_clerk", "t_clerk")
        content = base64.b64encode(make.make_pdf(2)).decode()
        made = self._call("constituent.scan", "create", [{"file": content, "file_name": "a.pdf"}])
        (scan_id,) = made["result"]
        answer = self._call("constituent.scan", "action_register", [scan_id])
        self.assertEqual(answer["result"]["res_model"], "constituent.correspondence")
        self.env.invalidate_all()
        self.assertEqual(self.Scan.browse(scan_id).state, "registered")

    @mute_logger("odoo.http", "odoo.addons.base.models.ir_binary")
    def test_pages_are_shown_to_who_may_see_them(self):
        scan = self._make_scan()
        scan.piece_ids.subject = "A testpothole"
        scan.action_register()
        letter = scan.piece_ids.correspondence_id
        self.env.flush_all()
        addresses = {
            "scan": f"/web/content?model=constituent.scan&field=document&id={scan.id}",
            "original": f"/web/content?model=constituent.scan&field=file&id={scan.id}",
            "letter": f"/web/content?model={letter._name}&field=document_file&id={letter.id}",
            "attachment": f"/web/content/{letter.document_id.id}",
        }
        for login, shown in (
            ("t_clerk", {"scan", "original", "letter", "attachment"}),
            ("t_caseworker", {"letter", "attachment"}),
            ("t_other_caseworker", set()),
            ("t_internal", set()),
            ("t_portal", set()),
            (None, set()),
        ):
            self.authenticate(login, login)
            for name, address in addresses.items():
                response = self.url_open(address)
                with self.subTest(login=login, name=name):
                    self.assertEqual(response.content.startswith(b"%PDF"), name in shown)
