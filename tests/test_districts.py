"""Districts: imported from GeoJSON, and kept on cases as they were on the day."""

import base64
import json
from datetime import date, datetime
from unittest.mock import patch

from freezegun import freeze_time

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged

from ..models import constituent_district_locate
from .common import PREFIX, ConstituentCommon
from .test_tools_districts import BOW, SQUARE, collection, feature, shifted


class DistrictCommon(ConstituentCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.ward = cls.env["constituent.district.type"].create({"name": "Ward"})

    def _wizard(self, content, user=None, **vals):
        wizards = self.env["constituent.district.import.wizard"].with_user(user or self.manager)
        return wizards.create(
            {"district_type_id": self.ward.id, "file": base64.b64encode(content), **vals}
        )

    def _import(self, *features, **vals):
        """Import features; return the message."""
        action = self._wizard(collection(*features), **vals).action_import()
        return action["params"]["message"]

    def _districts(self):
        return self.env["constituent.district"].search([("district_type_id", "=", self.ward.id)])

    def _at(self, longitude, latitude=1.0, **vals):
        """Take in a case at a place; the squares of the tests are two degrees wide."""
        return self._make_case(longitude=longitude, latitude=latitude, **vals)


@tagged("post_install", "-at_install")
class TestDistrictImport(DistrictCommon):
    def test_what_is_in_the_file(self):
        wizard = self._wizard(
            collection(
                feature(SQUARE, WARD_CODE=1, label="Harbor"),
                feature(shifted(2), WARD_CODE=2, label="Hill"),
            )
        )
        self.assertEqual(wizard.properties, "WARD_CODE, label")
        self.assertEqual((wizard.code_property, wizard.name_property), ("WARD_CODE", "label"))
        self.assertEqual(wizard.summary, "2 districts: 1 Harbor, 2 Hill")
        # As the web client saves and reads it: with sizes in place of files.
        wizard.invalidate_recordset()
        names = ("properties", "code_property", "summary")
        read = wizard.with_context(bin_size=True).web_read({name: {} for name in names})[0]
        self.assertEqual(read["summary"], "2 districts: 1 Harbor, 2 Hill")

    def test_made_changed_and_as_they_were(self):
        one = feature(SQUARE, code=1, name="Harbor")
        two = feature(shifted(2), code=2, name="Hill")
        self.assertIn("2 districts made", self._import(one, two))
        self.assertEqual(self._districts().mapped("code"), ["1", "2"])
        self.assertTrue(all(self._districts().mapped("has_boundary")))
        self.assertIn("2 as they were", self._import(one, two))
        one["properties"]["name"] = "Old Harbor"
        message = self._import(one, feature(shifted(3), code=2, name="Hill"))
        self.assertIn("0 districts made, 2 changed", message)
        self.assertEqual(self._districts()[0].name, "Old Harbor")
        self.assertIn("[3.0,0.0]", self._districts()[1].boundary)

    def test_new_boundaries_from_a_day_on(self):
        self._import(feature(SQUARE, code=1), feature(shifted(2), code=2))
        self._import(
            feature(SQUARE, code=1), feature(shifted(4), code=2), valid_from=date(2026, 1, 1)
        )
        same, old, new = self._districts().sorted(lambda d: (d.code, d.id))
        self.assertFalse(same.valid_from or same.valid_to)
        self.assertEqual((old.valid_to, new.valid_from), (date(2025, 12, 31), date(2026, 1, 1)))
        # Once more: nothing is doubled.
        self._import(feature(shifted(4), code=2), valid_from=date(2026, 1, 1))
        self.assertEqual(len(self._districts()), 3)

    def test_a_bad_file_changes_nothing(self):
        self._import(feature(SQUARE, code=1))
        before = self._districts().boundary
        for content, words in (
            (b"{", "no GeoJSON"),
            (collection(), "no districts in the file"),
            (collection(feature(shifted(1), code=1), feature(BOW, code=2)), "feature 2 is invalid"),
            (collection(feature(shifted(1), code=1), feature(SQUARE)), "Feature 2 has no"),
            (collection(feature([1, 1], "Point", code=3)), "is no area but: Point"),
            (collection(feature([[9e6, 0], [9e6, 9e6], [0, 0], [9e6, 0]], code=3)), "WGS 84"),
        ):
            wizard = self._wizard(content, code_property="code")
            with self.subTest(words):
                self.assertIn(words, wizard.summary)
                with self.assertRaisesRegex(UserError, words):
                    wizard.action_import()
                self.assertEqual(self._districts().boundary, before)

    def test_a_boundary_typed_in(self):
        self._import(feature(SQUARE, code=1))
        for boundary in ("no json", "[]", json.dumps(feature(BOW)["geometry"])):
            with self.assertRaises(ValidationError):
                self._districts().boundary = boundary
        self._districts().boundary = False
        self.assertFalse(self._districts().has_boundary or self._districts().boundary_display)

    def test_managers_import(self):
        content = collection(feature(SQUARE, code=1))
        for user in (self.coordinator, self.caseworker, self.clerk):
            with self.subTest(user.login), self.assertRaises(AccessError):
                self._wizard(content, user=user)


@tagged("post_install", "-at_install")
class TestDistrictOfCase(DistrictCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        districts = cls.env["constituent.district"]
        cls.west, cls.east = districts.create(
            [
                {
                    "name": f"Ward {number}",
                    "code": str(number),
                    "district_type_id": cls.ward.id,
                    "boundary": json.dumps(feature(shifted(2 * (number - 1)))["geometry"]),
                }
                for number in (1, 2)
            ]
        )

    def test_located_and_explained(self):
        case = self._at(0.5)
        self.assertEqual(case.district_ids, self.west)
        event = case.event_ids.filtered(lambda event: event.kind == "located")
        self.assertEqual(event.note, "By location: Ward 1")
        self.assertFalse(self._at(9.0).district_ids)
        nowhere = self._make_case()
        self.assertFalse(nowhere.district_ids or nowhere.has_location)
        found = self.Case.search([("has_location", "=", False)])
        self.assertIn(nowhere, found)
        self.assertNotIn(case, found)
        half = self._make_case(latitude=1.0)
        self.assertFalse(half.has_location)
        self.assertIn(half, self.Case.search([("has_location", "=", False)]))
        self.assertEqual(self.Case.search([("has_location", "=", True)]) & (case | half), case)

    def test_what_a_district_is_called(self):
        council, precinct = self.env["constituent.district.type"].create(
            [{"name": "City Council Ward"}, {"name": "Police Precinct"}]
        )
        for kind, name, shown in (
            (council, "Ward 4, Northgate", "Ward 4, Northgate"),
            (council, "4", "City Council Ward 4"),
            (precinct, "Midtown North", "Police Precinct Midtown North"),
        ):
            self.west.write({"district_type_id": kind.id, "name": name})
            self.assertEqual(self.west.display_name, shown)

    def test_a_border_is_in_both(self):
        self.assertEqual(self._at(2.0).district_ids, self.west | self.east)

    def test_corrected_place(self):
        case = self._at(0.5)
        case.with_user(self.coordinator).longitude = 3.0
        self.assertEqual(case.district_ids, self.east)
        self.assertIn("By location: Ward 2", case.event_ids.mapped("note"))
        case.with_user(self.coordinator).write({"latitude": 0, "longitude": 0})
        self.assertFalse(case.district_ids)
        self.assertIn("In no district any more", case.event_ids.mapped("note"))

    def test_given_by_hand(self):
        case = self._at(0.5, **{})
        case.district_ids = self.east
        self.assertEqual(case.district_ids, self.east)
        noted = self._make_case()
        noted.district_ids = self.east
        noted.received_at = datetime(2026, 1, 5)
        self.assertEqual(noted.district_ids, self.east)

    def test_districts_and_offices_of_the_day(self):
        terms = self.env["constituent.district.term"]
        old, new = self.env["res.partner"].create([{"name": "Office A"}, {"name": "Office B"}])
        terms.create(
            [
                {"district_id": self.west.id, "partner_id": old.id,
                 "date_from": "2022-01-01", "date_to": "2025-12-31"},
                {"district_id": self.west.id, "partner_id": new.id, "date_from": "2026-01-01"},
            ]
        )  # fmt: skip
        # Five hours behind: New Year's Eve in the office.
        self.env.company.partner_id.tz = "America/New_York"
        for moment, office in (
            (datetime(2026, 1, 1, 2), old), (datetime(2026, 1, 1, 12), new),
        ):  # fmt: skip
            case = self._at(0.5, received_at=moment)
            self.assertEqual(case.district_office_ids, office)
        self._import(feature(shifted(0, 0), code=1, name="Ward 1"),
                     feature(shifted(7), code=2, name="Ward 2"),
                     valid_from=date(2026, 6, 1))  # fmt: skip
        self.assertEqual(self._at(3.0, received_at=datetime(2026, 5, 1)).district_ids, self.east)
        self.assertFalse(self._at(3.0, received_at=datetime(2026, 7, 1)).district_ids)

    def test_offices_of_many_cases_are_one_query(self):
        office = self.env["res.partner"].create({"name": "Office A"})
        self.env["constituent.district.term"].create(
            {"district_id": self.west.id, "partner_id": office.id, "date_from": "2020-01-01"}
        )
        cases = self.Case.union(*(self._at(0.5 + number) for number in range(3)))
        self.env.invalidate_all()
        cases.mapped("received_on")
        cases.district_ids.mapped("code")
        start = self.env.cr.sql_log_count
        offices = [case.district_office_ids for case in cases]
        self.assertLessEqual(self.env.cr.sql_log_count - start, 2)
        self.assertEqual(offices, [office, office, office.browse()])

    def test_slices_of_locating_keep_the_index(self):
        """What is cached for every worker is not thrown away for each 2,000 cases."""
        self._at(0.5)
        with patch.object(type(self.env.registry), "clear_cache") as cleared:
            self.ward.locate_below = 5
            cleared.assert_not_called()
            self.ward.name = "Council Ward"
            cleared.assert_called()

    def test_changes_are_seen_at_once(self):
        self.assertFalse(self._at(5.0).district_ids)
        self.east.boundary = json.dumps(feature(shifted(4))["geometry"])
        self.assertEqual(self._at(5.0).district_ids, self.east)
        self.east.active = False
        self.assertFalse(self._at(5.0).district_ids)

    def test_of_this_office_alone(self):
        other = self.env["res.company"].create({"name": "Other City"})
        self.east.company_id = other
        self.assertFalse(self._at(3.0).district_ids)

    @freeze_time("2026-05-01 12:00:00")
    def test_queries_of_a_batch(self):
        """A batch is located without a query, but for writing what was found."""

        def take_in(**place):
            self.Case.intake(
                [{"channel": "phone", "name": f"A hole {n}", **place} for n in range(30)]
            )
            self.env.flush_all()

        take_in(longitude=0.5, latitude=1.0)
        start = self.env.cr.sql_log_count
        take_in()
        without = self.env.cr.sql_log_count - start
        start = self.env.cr.sql_log_count
        take_in(longitude=0.5, latitude=1.0)
        self.assertLessEqual(self.env.cr.sql_log_count - start - without, 2)

    def test_cases_that_were_here_before(self):
        self.east.boundary = self.west.boundary = False
        cases = self._at(0.5) | self._at(3.0) | self._at(9.0) | self._make_case()
        self.assertFalse(cases.district_ids)
        for number, district in enumerate((self.west, self.east)):
            district.boundary = json.dumps(feature(shifted(2 * number))["geometry"])
        self.ward.with_user(self.manager).action_locate_cases()
        self.assertGreater(self.ward.locate_below, max(cases.ids))
        self.patch(constituent_district_locate, "SLICE", 2)
        with self.enter_registry_test_mode():
            self.env.ref(PREFIX + "ir_cron_locate").method_direct_trigger()
        self.assertFalse(self.ward.locate_below)
        self.assertEqual(
            [case.district_ids for case in cases],
            [self.west, self.east, self.west.browse(), self.west.browse()],
        )
        with self.assertRaises(AccessError):
            self.ward.with_user(self.coordinator).action_locate_cases()
