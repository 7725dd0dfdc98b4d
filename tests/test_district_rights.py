"""Districts and where cases lie: who may see and change what, and what the screens ask."""

import base64
import json
from functools import partial

from odoo.exceptions import AccessError
from odoo.tests import HttpCase, tagged
from odoo.tools import SQL

from .common import PREFIX
from .test_districts import DistrictCommon
from .test_tools_districts import SQUARE, collection, feature, shifted


class DistrictScreens(DistrictCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.west, cls.east = cls.env["constituent.district"].create(
            [
                {
                    "name": name,
                    "code": name[0],
                    "district_type_id": cls.ward.id,
                    "boundary": json.dumps(feature(shifted(2 * number))["geometry"]),
                }
                for number, name in enumerate(("West", "East"))
            ]
        )


@tagged("post_install", "-at_install")
class TestDistrictRights(DistrictScreens):
    def test_everybody_in_the_office_reads(self):
        for user in (self.clerk, self.caseworker, self.coordinator, self.manager):
            west = self.west.with_user(user)
            with self.subTest(user.login):
                self.assertEqual(west.display_name, "Ward West")
                self.assertTrue(west.map_image)

    def test_only_managers_write(self):
        for user in (self.clerk, self.caseworker, self.coordinator):
            for record in (self.west, self.ward):
                mine = record.with_user(user)
                with self.subTest(user=user.login, model=record._name):
                    for call in (partial(mine.write, {"name": "Mine"}), mine.unlink, mine.copy):
                        with self.assertRaises(AccessError):
                            call()
        self.west.with_user(self.manager).name = "West End"
        self.assertEqual(self.west.name, "West End")

    def test_other_offices_do_not_see_them(self):
        other = self.env["res.company"].create({"name": "Other City"})
        stranger = self.manager.copy(
            {"login": "t_stranger", "company_id": other.id, "company_ids": [(6, 0, other.ids)]}
        )
        districts = self.env["constituent.district"].with_user(stranger)
        self.assertFalse(districts.search([("id", "in", (self.west | self.east).ids)]))
        with self.assertRaises(AccessError):
            self.west.with_user(stranger).read(["boundary"])
        with self.assertRaises(AccessError):
            self._wizard(collection(feature(SQUARE, code=1)), user=stranger).action_import()

    def test_a_clerks_case_is_located_too(self):
        case = self.Case.with_user(self.clerk).intake(
            [{"channel": "phone", "name": "A hole", "latitude": 1.0, "longitude": 3.0}]
        )
        self.assertEqual(case.sudo().district_ids, self.east)
        # Who may correct the place has the districts follow.
        case.sudo().department_id = self.streets
        case.with_user(self.caseworker).longitude = 1.0
        self.assertEqual(case.sudo().district_ids, self.west)

    def test_restricted_cases_tell_no_district(self):
        case = self._at(1.0)
        case.confidentiality = "restricted"
        found = self.Case.with_user(self.coordinator).search(
            [("district_ids", "in", self.west.ids)]
        )
        self.assertNotIn(case, found)


@tagged("post_install", "-at_install")
class TestDistrictScreens(DistrictScreens):
    def test_the_map_shows_the_layer(self):
        picture = base64.b64decode(self.west.map_image)
        self.assertTrue(picture.startswith(b"<svg"))
        self.assertEqual(picture.count(b"<path"), 2)
        other = self.env["constituent.district.type"].create({"name": "Precinct"})
        self.east.district_type_id = other
        self.west.invalidate_recordset(["map_image"])
        self.assertEqual(base64.b64decode(self.west.map_image).count(b"<path"), 1)
        self.west.boundary = False
        self.west.invalidate_recordset(["map_image"])
        self.assertFalse(self.west.map_image)

    def test_lists_do_not_read_boundaries(self):
        """Seventy of them are four megabytes."""
        self.env.invalidate_all()
        self.env["constituent.district"].search_fetch([], ["name", "code", "has_boundary"])
        cached = self.env.cache.get_records(
            self.env["constituent.district"], self.west._fields["boundary"]
        )
        self.assertFalse(cached)

    def test_layers_and_their_districts(self):
        self.assertEqual(self.ward.district_count, 2)
        action = self.ward.action_districts()
        found = self.env["constituent.district"].search(action["domain"])
        self.assertEqual(found, self.west | self.east)

    def test_cases_by_district(self):
        inside, outside = self._at(1.0), self._at(9.0)
        found = self.Case.search([("district_ids", "ilike", "west")])
        self.assertIn(inside, found)
        self.assertNotIn(outside, found)
        counts = dict(self.Case._read_group([], ["district_ids"], ["__count"]))
        self.assertEqual(counts[self.west], 1)

    def test_what_needs_a_location_is_found_by_an_index(self):
        domain = [("has_location", "=", False), ("status", "!=", "closed")]
        query = self.Case.with_user(self.coordinator)._search(domain, order="id desc", limit=80)
        self.env.flush_all()
        self.env.cr.execute("SET LOCAL enable_seqscan = off")
        self.env.cr.execute("SET LOCAL enable_sort = off")
        self.env.cr.execute(SQL("EXPLAIN %s", query.select()))
        plan = "\n".join(row[0] for row in self.env.cr.fetchall())
        self.assertIn("constituent_case_no_location_idx", plan)


@tagged("post_install", "-at_install")
class TestDistrictTour(DistrictCommon, HttpCase):
    def test_manager_imports_districts(self):
        content = collection(
            feature(SQUARE, CODE="1", NAME="Harbor"), feature(shifted(2), CODE="2", NAME="Hill")
        )
        self.env["ir.attachment"].with_user(self.manager).create(
            {"name": "wards.geojson", "raw": content, "description": "tour"}
        )
        self.start_tour("/odoo", "constituent_districts", login="t_manager")
        self.assertEqual(self._districts().mapped("name"), ["Harbor", "Hill"])
        self.assertEqual(self._at(1.0).district_ids.code, "1")
        self.assertTrue(self.env.ref(PREFIX + "constituent_district_action"))
