import ast
import re
from collections import Counter
from datetime import date, datetime, timedelta
from pathlib import Path

from freezegun import freeze_time
from lxml import etree

from odoo import fields
from odoo.modules.module import Manifest
from odoo.tests import TransactionCase, tagged
from odoo.tools import convert_file, email_normalize
from odoo.tools.safe_eval import safe_eval

from ..tools.districts import DistrictIndex

MODULE = "constituent_services"
REF = re.compile(r"\bref\('([^']+)'\)")
# Telephone numbers that nobody has: 555-0100 to 555-0199.
FICTION = re.compile(r"^\+1 \d{3}-555-01\d\d$")
ANY_PHONE = re.compile(r"\b\d{3}[-. ]\d{3}[-. ]\d{4}\b")
EMAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
NOBODYS_DOMAIN = r"(^|\.)(example\.org|example\.com|example)$"
ROLES = ("clerk", "caseworker", "coordinator", "manager", "restricted")
CENTER = (41.315, -72.388)


@tagged("post_install", "-at_install")
class TestDemo(TransactionCase):
    """The demonstration data as files: whole, made up, and as large as promised.

    Nothing here needs the data to be loaded: a database without it passes too.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        manifest = Manifest.for_addon(MODULE)
        cls.root = Path(manifest.path)
        cls.trees = {name: etree.parse(str(cls.root / name)).getroot() for name in manifest["demo"]}
        cls.records = [record for tree in cls.trees.values() for record in tree.iter("record")]

    # Helpers

    def _of(self, model):
        """Return the records that make one of a model, not those that add to it."""
        seen, made = set(), []
        for record in self.records:
            xid = record.get("id")
            if record.get("model") == model and "." not in xid and xid not in seen:
                seen.add(xid)
                made.append(record)
        return made

    @staticmethod
    def _value(record, name):
        """Return a field's reference, expression or text; None when it is absent."""
        for field in record.iterchildren("field"):
            if field.get("name") == name:
                text = "".join(field.itertext())
                return field.get("ref") or field.get("eval") or text
        return None

    def _values(self, model, name):
        values = (self._value(record, name) for record in self._of(model))
        return [value for value in values if value is not None]

    def _texts(self):
        """Yield (file, text) of every attribute and text."""
        for name, tree in self.trees.items():
            for node in tree.iter(etree.Element):
                yield name, node.text or ""
                for value in node.attrib.values():
                    yield name, value

    # Whole

    def test_listed_in_manifest(self):
        on_disk = {f"demo/{path.name}" for path in (self.root / "demo").glob("*.xml")}
        self.assertEqual(on_disk, set(self.trees), "a demo file is not in the manifest")

    def test_references_exist_when_they_are_read(self):
        """Each reference is of a record before it, or of the addon's own data."""
        known, missing = set(), []
        for tree in self.trees.values():
            for node in tree.iter(etree.Element):
                wanted = REF.findall(node.get("eval") or "")
                wanted += REF.findall(node.get("search") or "")
                wanted += [node.get(key) for key in ("ref", "uid") if node.get(key)]
                missing += [xid for xid in wanted if not self._exists(xid, known)]
                if node.tag == "record":
                    known.add(node.get("id"))
        self.assertFalse(missing)

    def _exists(self, xid, known):
        if xid in known:
            return True
        module, _dot, name = xid.rpartition(".")
        return bool(
            self.env["ir.model.data"].search_count(
                [("module", "=", module or MODULE), ("name", "=", name)]
            )
        )

    def test_fields_exist(self):
        used = {
            (record.get("model"), field.get("name").split("@")[0])
            for record in self.records
            for field in record.iterchildren("field")
        }
        unknown = {(model, name) for model, name in used if name not in self.env[model]._fields}
        self.assertFalse(unknown)

    def test_selections_exist(self):
        """Values of selections are among those of the field."""
        wrong = []
        for record in self.records:
            model = self.env[record.get("model")]
            for field in record.iterchildren("field"):
                definition = model._fields[field.get("name").split("@")[0]]
                # Languages are switched on by the data itself.
                if definition.type != "selection" or definition.name in ("lang", "tz"):
                    continue
                if field.text and field.text not in dict(
                    definition._description_selection(self.env)
                ):
                    wrong.append((record.get("id"), definition.name, field.text))
        self.assertFalse(wrong)

    def test_expressions_are_python(self):
        for node in (node for tree in self.trees.values() for node in tree.iter()):
            if isinstance(node.tag, str) and node.get("eval"):
                ast.parse(node.get("eval"), mode="eval")

    def test_every_record_has_an_id_of_its_own(self):
        made = Counter()
        for record in self.records:
            self.assertTrue(record.get("id"))
            if "." not in record.get("id"):
                made[record.get("model"), record.get("id")] += 1
        by_id = Counter(xid for _model, xid in made)
        self.assertFalse([xid for xid, count in by_id.items() if count > 1])

    # As large as promised

    def test_departments(self):
        departments = self._of("constituent.department")
        inside = [
            record
            for record in departments
            if record.get("id") != "department_office" and not self._value(record, "is_external")
        ]
        self.assertEqual(len(inside), 8)
        self.assertEqual(len(self._values("constituent.department", "is_external")), 1)
        wanted = ("code", "alias_name", "email", "phone", "head_id", "member_ids")
        for record in inside:
            for name in wanted:
                self.assertTrue(self._value(record, name), (record.get("id"), name))
        aliases = self._values("constituent.department", "alias_name")
        self.assertEqual(len(aliases), len(set(aliases)))

    def test_categories(self):
        categories = self._of("constituent.category")
        self.assertTrue(35 <= len(categories) <= 55, len(categories))
        codes = self._values("constituent.category", "code")
        self.assertEqual(len(set(codes)), len(categories))
        leaves = [record for record in categories if self._value(record, "parent_id")]
        for record in leaves:
            self.assertTrue(self._value(record, "keywords"), record.get("id"))
        self.assertTrue(self._values("constituent.category", "is_hazard"))
        self.assertGreaterEqual(len(self._of("constituent.routing.rule")), 6)

    def test_logins_and_roles(self):
        """Twelve people in the roles, eight heads, two outside; the password is the login."""
        roles = Counter()
        outside = []
        for record in self._of("res.users"):
            password = self._value(record, "password")
            if not password:
                continue
            login = self._value(record, "login")
            self.assertEqual(password, login)
            groups = REF.findall(self._value(record, "group_ids"))
            if groups == ["base.group_portal"]:
                outside.append(login)
            else:
                roles[tuple(group.removeprefix("group_") for group in groups)] += 1
        self.assertEqual(sorted(outside), ["councilmember", "resident"])
        self.assertEqual(
            roles,
            {
                ("clerk",): 3,
                # Five who work on cases, and the heads, who approve what they sign.
                ("caseworker",): 5 + 8,
                ("coordinator",): 2,
                ("manager",): 1,
                ("coordinator", "restricted"): 1,
            },
        )
        self.assertEqual(sum(roles.values()), 12 + 8)
        for login in ROLES:
            self.assertIn(login, self._values("res.users", "login"))

    def test_who_signs_approves(self):
        """With a rule that asks whoever signs, the heads log in and find their letters."""
        kinds = self._values("constituent.approval.rule", "approver_kind")
        self.assertIn("signatories", kinds)
        by_id = {record.get("id"): record for record in self._of("res.users")}
        for head in set(self._values("constituent.department", "head_id")):
            self.assertTrue(self._value(by_id[head], "password"), head)
            self.assertIn("ref('group_", self._value(by_id[head], "group_ids"), head)

    def test_constituents(self):
        roles = Counter(
            self._value(record, "constituent_role")
            for record in self._of("res.partner")
            if self._value(record, "is_constituent")
        )
        self.assertEqual(roles["official_office"], 5)
        self.assertEqual(roles["neighborhood_association"], 4)
        self.assertEqual(sum(roles.values()) - 9, 60)
        self.assertGreaterEqual(len(roles), 6)
        for name in (
            "deceased",
            "protected_address",
            "language_needed",
            "accessibility_needs",
        ):
            self.assertTrue(self._values("res.partner", name), name)
        preferences = set(self._values("res.partner", "contact_preference"))
        self.assertEqual(preferences, {"email", "phone", "letter", "none"})
        self.assertEqual(len(self._of("constituent.district")), 5)

    def test_wards_cover_the_city_and_nothing_twice(self):
        index = DistrictIndex(
            (ward.get("id"), self._value(ward, "boundary"), None, None)
            for ward in self._of("constituent.district")
        )
        cases = 0
        for case in self._of("constituent.case"):
            place = [self._value(case, name) for name in ("latitude", "longitude")]
            if all(place):
                cases += 1
                self.assertEqual(len(index.at(*map(float, place), date.today())), 1, case.get("id"))
        self.assertGreater(cases, 100)

    def test_cases_in_every_state(self):
        cases = self._of("constituent.case")
        self.assertGreaterEqual(len(cases), 150)
        self.assertEqual(
            set(self._values("constituent.case", "stage_id")),
            {
                "stage_new",
                "stage_assigned",
                "stage_in_progress",
                "stage_waiting",
                "stage_waiting_other",
                "stage_closed",
            },
        )
        self.assertEqual(len(set(self._values("constituent.case", "outcome_id"))), 10)
        self.assertEqual(len(set(self._values("constituent.case", "channel_id"))), 11)
        self.assertGreaterEqual(len(set(self._values("constituent.case", "kind"))), 6)
        identities = set(self._values("constituent.case", "identity"))
        self.assertEqual(identities, {"confidential", "anonymous"})
        for name in ("reply_after_closing", "legal_hold", "shared_department_ids"):
            self.assertTrue(self._values("constituent.case", name), name)
        self.assertIn("es_419", self._values("constituent.case", "lang"))
        confidentiality = self._values("constituent.case", "confidentiality")
        self.assertIn("restricted", confidentiality)
        kinds = set(self._values("constituent.case.event", "kind"))
        self.assertTrue({"acknowledged", "handed_over", "closed", "reopened"} <= kinds)
        self.assertTrue(self._of("constituent.case.referrer"))
        added = {
            field.get("name")
            for record in self.records
            if record.get("model") == "constituent.case"
            for field in record.iterchildren("field")
        }
        self.assertTrue({"parent_id", "duplicate_of_id"} <= added)

    def test_letters(self):
        """Thirty-one, of which ten and more are sent by the letter's own method."""
        letters = self._of("constituent.correspondence")
        self.assertEqual(len(letters), 31)
        steps = {
            name: self._called("constituent.correspondence", name)
            for name in (
                "action_submit",
                "action_approve",
                "action_reject",
                "action_send",
                "action_returned",
            )
        }
        made = {record.get("id") for record in letters}
        for name, ids in steps.items():
            self.assertTrue(ids and ids <= made, name)
        self.assertGreaterEqual(len(steps["action_send"]), 10)
        self.assertLess(steps["action_send"], steps["action_approve"])
        self.assertLess(steps["action_approve"], steps["action_submit"])
        self.assertLess(steps["action_submit"], made)
        unmailed = {
            record.get("id")
            for record in letters
            if self._value(record, "medium") in ("post", "portal")
        }
        self.assertLessEqual(steps["action_send"], unmailed, "nothing is mailed")
        self.assertIn("es_419", self._values("constituent.correspondence", "lang"))
        bodies = self._values("constituent.correspondence", "body")
        self.assertEqual(len(set(bodies)), 31)
        for name in ("enclosures", "cc_partner_ids", "delivery_notation", "their_date"):
            self.assertTrue(self._values("constituent.correspondence", name), name)

    def test_inbound_mail_ended(self):
        """The register shows each way a message ends, with its original."""
        states = Counter(
            field.text
            for record in self.records
            if record.get("model") == "constituent.inbound.mail"
            for field in record.iterchildren("field")
            if field.get("name") == "state"
        )
        self.assertEqual(
            set(states),
            {"case", "reply", "bounce", "duplicate", "not_understood", "spam"},
        )
        originals = self._values("ir.attachment", "raw")
        self.assertEqual(len(originals), sum(states.values()))

    def _called(self, model, name):
        """Return the XML ids on which the data calls a method."""
        return {
            xid
            for tree in self.trees.values()
            for node in tree.iter("function")
            if (node.get("model"), node.get("name")) == (model, name)
            for value in node.iterchildren("value")
            for xid in REF.findall(value.get("eval") or "")
        }

    def test_closed_cases_say_how(self):
        """What a user could not close without, the data has too."""
        needs_note = {
            f"outcome_{outcome.code}"
            for outcome in self.env["constituent.case.outcome"].search(
                [("requires_note", "=", True)]
            )
        }
        for record in self._of("constituent.case"):
            if self._value(record, "stage_id") != "stage_closed":
                continue
            outcome = self._value(record, "outcome_id")
            self.assertTrue(outcome, record.get("id"))
            self.assertTrue(self._value(record, "closed_at"), record.get("id"))
            if outcome in needs_note:
                self.assertTrue(self._value(record, "outcome_note"), record.get("id"))

    def test_subjects_differ(self):
        subjects = self._values("constituent.case", "name")
        self.assertEqual(len(set(subjects)), len(subjects))
        descriptions = self._values("constituent.case", "description")
        self.assertEqual(len(set(descriptions)), len(subjects))

    def test_alive_on_any_day(self):
        """No date of a case is fixed: the lists look the same next year."""
        for model, name in (
            ("constituent.case", "received_at"),
            ("constituent.case", "due_at"),
            ("constituent.case", "closed_at"),
            ("constituent.case", "acknowledged_at"),
            ("constituent.case.event", "happened_at"),
            ("mail.activity", "date_deadline"),
            ("mail.message", "date"),
        ):
            values = self._values(model, name)
            self.assertTrue(values, (model, name))
            fixed = [value for value in values if "DateTime.now()" not in value]
            self.assertFalse(fixed, (model, name))

    def test_dates_in_order(self):
        """Received, then closed, and nothing in the future but what is promised."""
        for today in ("2024-02-29 00:30:00", "2026-01-01 12:00:00", "2026-12-31 23:30:00"):
            with freeze_time(today):
                now = datetime.now()
                for record in self._of("constituent.case"):
                    xid = record.get("id")
                    received = self._moment(record, "received_at")
                    self.assertLessEqual(received, now, xid)
                    closed = self._moment(record, "closed_at")
                    if closed:
                        self.assertTrue(received <= closed <= now, xid)
                for record in self._of("mail.message"):
                    self.assertLessEqual(self._moment(record, "date"), now)
                for record in self._of("constituent.case.event"):
                    happened = self._moment(record, "happened_at")
                    self.assertTrue(not happened or happened <= now, record.get("id"))

    def _moment(self, record, name):
        """Return a date and time as the data's loader works it out; None when absent."""
        expression = self._value(record, name)
        if not expression:
            return None
        names = {"DateTime": datetime, "timedelta": timedelta}
        return fields.Datetime.to_datetime(safe_eval(expression, names))

    def test_places_are_near_each_other(self):
        for record in self._of("constituent.case"):
            if not self._value(record, "latitude"):
                continue
            self.assertTrue(self._value(record, "street"), record.get("id"))
            latitude = float(self._value(record, "latitude"))
            longitude = float(self._value(record, "longitude"))
            self.assertLess(abs(latitude - CENTER[0]), 0.03, record.get("id"))
            self.assertLess(abs(longitude - CENTER[1]), 0.03, record.get("id"))

    # Made up

    def test_telephone_numbers_are_nobodys(self):
        for model in ("res.partner", "res.company", "constituent.department"):
            for record in self.records:
                if record.get("model") != model:
                    continue
                for name in ("phone", "constituent_after_hours_phone"):
                    number = self._value(record, name)
                    if number:
                        self.assertRegex(number, FICTION, record.get("id"))
        for number in self._values("constituent.case", "partner_phone"):
            self.assertRegex(number, FICTION)
        for name, text in self._texts():
            for number in ANY_PHONE.findall(text):
                self.assertRegex(number, r"^\d{3}-555-01\d\d$", name)

    def test_telephone_numbers_are_one_persons(self):
        numbers = Counter(self._values("res.partner", "phone"))
        self.assertFalse([number for number, count in numbers.items() if count > 1])

    def test_mail_addresses_reach_nobody(self):
        for name, text in self._texts():
            for address in EMAIL.findall(text):
                domain = (email_normalize(address) or "").partition("@")[2]
                self.assertRegex(domain, NOBODYS_DOMAIN, (name, address))

    def test_seal_is_small(self):
        seal = (self.root / "demo" / "constituent_demo_seal.png").read_bytes()
        self.assertTrue(seal.startswith(b"\x89PNG"))
        self.assertLessEqual(len(seal), 20_000)


@tagged("post_install", "-at_install")
class TestDemoLoads(TransactionCase):
    """The demonstration data goes in, by every rule and guard of the addon."""

    def test_it_loads(self):
        """As an installation with demonstration data does it, in the manifest's order."""
        for name in Manifest.for_addon(MODULE)["demo"]:
            with self.subTest(name):
                convert_file(self.env, MODULE, name, {}, mode="init", noupdate=True)
        self.env.flush_all()
        cases = self.env["constituent.case"].search([])
        self.assertGreaterEqual(len(cases), 150)
        self.assertEqual(set(cases.mapped("status")), {"new", "open", "waiting", "closed"})
        letters = self.env["constituent.correspondence"].search([])
        self.assertGreaterEqual(len(letters), 30)
        sent = letters.filtered(lambda letter: letter.state == "sent")
        self.assertGreaterEqual(len(sent), 10)
        for letter in sent:
            self.assertTrue(letter.document_id.raw.startswith(b"%PDF"))
