"""Terms of office: entered and imported, and nothing guessed from a table."""

from pathlib import Path

from psycopg2 import IntegrityError

from odoo import fields
from odoo.exceptions import AccessError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import ConstituentCommon

CHECKOUT = Path(__file__).resolve().parents[1]
HEAD = ["district_id", "partner_id", "date_from", "date_to"]
OPTIONS = {
    "has_headers": True, "quoting": '"', "separator": ",", "encoding": "utf-8",
    "date_format": "%Y-%m-%d", "datetime_format": "", "float_thousand_separator": ",",
    "float_decimal_separator": ".", "advanced": True,
}  # fmt: skip


@tagged("post_install", "-at_install")
class TestDistrictTerms(ConstituentCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Term = cls.env["constituent.district.term"]
        cls.wards, cls.precincts = cls.env["constituent.district.type"].create(
            [{"name": "Test Wards", "code": "WD"}, {"name": "Test Precincts"}]
        )
        cls.ward, cls.precinct, cls.other = cls.env["constituent.district"].create(
            [
                {"name": "3", "code": "3", "district_type_id": cls.wards.id},
                {"name": "3", "code": "3", "district_type_id": cls.precincts.id},
                {"name": "Ward 100%", "code": "100%", "district_type_id": cls.wards.id},
            ]
        )
        cls.rivera, cls.chen = cls.env["res.partner"].create(
            [{"name": "Office of Inés Rivera"}, {"name": "Office of Chen"}]
        )

    def _import(self, *rows, user=None, dryrun=False):
        """Import a table by the web client's import window."""
        lines = ["District,Office,From,To", *(",".join(row) for row in rows)]
        window = self.env["base_import.import"].with_user(user or self.manager)
        record = window.create(
            {
                "res_model": "constituent.district.term",
                "file": "\n".join(lines).encode(),
                "file_name": "terms.csv",
                "file_type": "text/csv",
            }
        )
        return record.execute_import(HEAD, HEAD, OPTIONS, dryrun=dryrun)

    def _refused(self, *rows, **kwargs):
        """Import rows of which nothing may be kept; return what was said."""
        before = self.Term.search_count([])
        result = self._import(*rows, **kwargs)
        self.assertFalse(result.get("ids"))
        self.assertEqual(self.Term.search_count([]), before)
        self.assertTrue(all(one["type"] == "error" for one in result["messages"]))
        return result["messages"]

    # A table

    def test_a_table_is_taken_in(self):
        result = self._import(
            ("Test Wards / 3", "Office of Inés Rivera", "2024-01-01", "2027-12-31"),
            ("wd/3", "Office of Chen", "2028-01-01", ""),
            ("test precincts /3", "Office of Chen", "2024-01-01", ""),
        )
        self.assertFalse(result["messages"])
        first, second, third = self.Term.browse(result["ids"])
        self.assertEqual((first.district_id, first.partner_id), (self.ward, self.rivera))
        self.assertEqual(first.date_to, fields.Date.to_date("2027-12-31"))
        self.assertEqual((second.district_id, second.date_to), (self.ward, False))
        self.assertEqual(third.district_id, self.precinct)

    def test_a_try_keeps_nothing(self):
        before = self.Term.search_count([])
        result = self._import(("WD / 3", "Office of Chen", "2024-01-01", ""), dryrun=True)
        self.assertFalse(result["messages"])
        self.assertEqual(self.Term.search_count([]), before)

    def test_a_code_of_two_types_is_not_guessed(self):
        good = ("WD / 3", "Office of Inés Rivera", "2024-01-01", "")
        (message,) = self._refused(good, ("3", "Office of Chen", "2024-01-01", ""))
        self.assertIn("“Wards / 3”", message["message"])
        self.assertEqual(message["rows"], {"from": 1, "to": 1})

    def test_two_offices_of_a_name_are_not_guessed(self):
        self.chen.copy({"name": "Office of Chen"})
        (message,) = self._refused(("WD / 3", "Office of Chen", "2024-01-01", ""))
        self.assertEqual(message["field"], "partner_id")

    def test_unknown_ones_are_named(self):
        for row, name in (
            (("WD / 77", "Office of Chen", "2024-01-01", ""), "WD / 77"),
            (("Zones / 3", "Office of Chen", "2024-01-01", ""), "Zones / 3"),
            (("WD / 3", "Office of Nobody", "2024-01-01", ""), "Office of Nobody"),
            (("WD / %", "Office of Chen", "2024-01-01", ""), "WD / %"),
        ):
            with self.subTest(name):
                messages = self._refused(row)
                self.assertIn(name, messages[0]["message"])

    def test_the_same_file_again_is_refused(self):
        row = ("WD / 3", "Office of Chen", "2024-01-01", "2027-12-31")
        self.assertTrue(self._import(row)["ids"])
        (message,) = self._refused(row)
        self.assertIn("holds Test Wards 3 already", message["message"])

    def test_dates_are_checked(self):
        self._refused(("WD / 3", "Office of Chen", "soon", ""))
        self._refused(("WD / 3", "Office of Chen", "", ""))
        with mute_logger("odoo.sql_db"):
            (message,) = self._refused(("WD / 3", "Office of Chen", "2024-01-01", "2023-01-01"))
        self.assertIn("cannot end before it begins", message["message"])

    def test_a_formula_is_a_name_nobody_has(self):
        self._refused(("=1+1", "Office of Chen", "2024-01-01", ""))

    def test_the_template_has_the_columns(self):
        (template,) = self.Term.get_import_templates()
        path = CHECKOUT / template["template"].removeprefix("/constituent_services/")
        head = path.read_text(encoding="utf-8").splitlines()[0].split(",")
        labels = self.Term.fields_get(HEAD, ["string"])
        self.assertEqual(head, [labels[name]["string"] for name in HEAD])

    # By hand

    def test_an_office_holds_a_district_once_at_a_time(self):
        term = self._term(date_to="2025-12-31")
        for start, end in (
            ("2025-12-31", False),
            ("2023-01-01", "2024-01-01"),
            ("2024-05-01",) * 2,
        ):
            with self.assertRaises(ValidationError), self.env.cr.savepoint():
                self._term(date_from=start, date_to=end)
        self._term(date_from="2026-01-01")
        self._term(partner_id=self.chen.id)
        self._term(district_id=self.other.id)
        with self.assertRaises(ValidationError):
            term.date_to = "2026-01-01"

    def test_two_rows_of_one_batch(self):
        vals = {
            "district_id": self.ward.id, "partner_id": self.rivera.id, "date_from": "2024-01-01",
        }  # fmt: skip
        with self.assertRaises(ValidationError):
            self.Term.with_user(self.manager).create([vals, vals])

    @mute_logger("odoo.sql_db")
    def test_ends_after_it_begins(self):
        with self.assertRaises(IntegrityError):
            self._term(date_to="2023-01-01")

    def _term(self, **vals):
        return self.Term.with_user(self.manager).create(
            {
                "district_id": self.ward.id,
                "partner_id": self.rivera.id,
                "date_from": "2024-01-01",
                **vals,
            }
        )

    # Who may

    def test_only_managers_import_and_change(self):
        term = self._term()
        for user in (self.clerk, self.caseworker, self.coordinator):
            with self.subTest(user.login):
                self.assertEqual(term.with_user(user).partner_id, self.rivera)
                with self.assertRaises(AccessError):
                    term.with_user(user).date_to = "2025-01-01"
                self.assertFalse(
                    self._try_import(("WD / 3", "Office of Chen", "2024-01-01", ""), user)
                )
        self.assertFalse(self.Term.search([("partner_id", "=", self.chen.id)]))

    def _try_import(self, row, user):
        """Return what was imported; nothing where even the window is refused."""
        try:
            return self._import(row, user=user)["ids"]
        except AccessError:
            return False

    def test_searched_by_type_in_the_form(self):
        search = self.env["constituent.district"].with_user(self.clerk).name_search
        self.assertEqual([one[0] for one in search("Test Wards / 3")], [self.ward.id])
        self.assertEqual([one[0] for one in search("wd/100%")], [self.other.id])
        self.assertEqual([one[0] for one in search("Ward 100")], [self.other.id])
        self.assertFalse(search("wd / "))
