"""The map of a case: who sees what on it, and whom it asks."""

from lxml import etree

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import HttpCase, tagged

from ..tools.place_map import is_tile_address
from .common import ConstituentCommon
from .test_duplicates import HERE, DuplicateSetup, _north

TILES = "https://tiles.example.gov/{z}/{x}/{y}.png"
SQUARE = (
    '{"type": "Polygon", "coordinates": [[[-74.0, 40.7], [-73.9, 40.7], [-73.9, 40.8],'
    " [-74.0, 40.8], [-74.0, 40.7]]]}"
)


@tagged("post_install", "-at_install")
class TestNearbyMap(DuplicateSetup, ConstituentCommon):
    def setUp(self):
        super().setUp()
        self.first = self._first()
        self.second = self._second()

    def _places(self, user=None):
        return self.second.with_user(user or self.coordinator).nearby_places()

    def test_what_may_be_the_same_and_what_else_is_open(self):
        tree = self._make_case(category_id=self.tree.id, name="A tree", **_north(150))
        far = self._make_case(category_id=self.tree.id, name="Away", **_north(900))
        places = self._places()
        self.assertEqual(places["here"], [self.second.latitude, self.second.longitude])
        self.assertEqual(places["radius"], 50)
        self.assertEqual([one["id"] for one in places["same"]], self.first.ids)
        (other,) = [one for one in places["others"] if one["id"] in (tree | far).ids]
        self.assertEqual((other["number"], other["category"]), (tree.number, self.tree.name))
        self.assertNotIn(self.second.id, [one["id"] for one in places["others"]])
        self.assertNotIn(self.first.id, [one["id"] for one in places["others"]])

    def test_a_closed_case_is_not_on_it(self):
        tree = self._make_case(category_id=self.tree.id, **_north(30))
        self.assertIn(tree.id, [one["id"] for one in self._places()["others"]])
        tree._close(self.env.ref("constituent_services.outcome_resolved"), "Done")
        self.assertNotIn(tree.id, [one["id"] for one in self._places()["others"]])

    def test_only_what_the_reader_may_see(self):
        tree = self._make_case(category_id=self.tree.id, **_north(30))
        tree.with_user(self.confidant).confidentiality = "restricted"
        places = self._places()
        self.assertNotIn(tree.id, [one["id"] for one in places["others"]])
        places = self._places(self.confidant)
        self.assertIn(tree.id, [one["id"] for one in places["others"]])

    def test_a_protected_home_is_on_no_map(self):
        self.neighbor.write({"street": "102 Main Street", "protected_address": True})
        with self.assertRaisesRegex(UserError, self.second.number):
            self._places()
        shown = self.first.with_user(self.coordinator).nearby_places()
        known = [one["id"] for one in shown["same"] + shown["others"]]
        self.assertNotIn(self.second.id, known)

    def test_a_case_without_a_place_has_no_map(self):
        case = self._make_case()
        with self.assertRaisesRegex(UserError, case.number):
            case.with_user(self.coordinator).nearby_places()

    def test_a_case_out_of_sight_has_no_map(self):
        self.second.with_user(self.confidant).confidentiality = "restricted"
        for user in (self.coordinator, self.clerk, self.portal_user):
            with self.assertRaises(AccessError):
                self._places(user)

    def test_the_boundaries_are_the_map(self):
        kind = self.env["constituent.district.type"].create({"name": "Test Council"})
        self.env["constituent.district"].create(
            {"name": "Test 4", "code": "4", "district_type_id": kind.id, "boundary": SQUARE}
        )
        case = self._first(name="In a district")
        (boundary,) = case.with_user(self.coordinator).nearby_places()["boundaries"]
        self.assertIn("Test 4", boundary["name"])
        # The western side, as far as the map shows it.
        ((south, north),) = boundary["lines"]
        self.assertEqual((south[1], north[1]), (-74.0, -74.0))
        self.assertAlmostEqual(abs(north[0] - south[0]) * 111_320, 10_000, delta=1)

    def test_no_map_service_is_asked_unless_named(self):
        self.assertFalse(self._places()["tiles"])
        self.env.company.write(
            {"constituent_map_tiles_url": TILES, "constituent_map_attribution": "© City"}
        )
        self.assertEqual(self._places()["tiles"], {"url": TILES, "attribution": "© City"})

    def test_a_map_service_never_learns_of_what_is_restricted_or_confidential(self):
        self.env.company.constituent_map_tiles_url = TILES
        self.second.with_user(self.confidant).confidentiality = "restricted"
        self.assertFalse(self._places(self.confidant)["tiles"])
        case = self._make_case(
            partner_id=False, identity="confidential", partner_phone="212 736 5000", **HERE
        )
        self.assertFalse(case.with_user(self.coordinator).nearby_places()["tiles"])

    def test_the_map_service_is_an_address_of_tiles(self):
        for wrong in ("http://tiles.example.gov/{z}/{x}/{y}.png", "https://tiles.example.gov/"):
            with self.assertRaisesRegex(ValidationError, "https://"):
                self.env.company.constituent_map_tiles_url = wrong

    def test_more_cases_take_no_more_queries(self):
        def _count():
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            shown = case._other_places([])
            return len(shown), self.env.cr.sql_log_count - before

        case = self.second.with_user(self.coordinator)
        self._make_case(category_id=self.tree.id, **_north(30))
        _count()  # what is looked up once is there then
        few, queries = _count()
        for metres in range(31, 36):
            self._make_case(category_id=self.tree.id, **_north(metres))
        self.assertEqual(_count(), (few + 5, queries))

    def test_tile_addresses(self):
        for url in (TILES, "https://{s}.tiles.example.gov/{z}/{x}/{y}.png?key=1"):
            self.assertTrue(is_tile_address(url), url)
        for url in (
            "", "https:///{z}/{x}/{y}", "javascript:alert(1)//{z}/{x}/{y}",
            "https://{z}.{x}.{y}/", "https://[/{z}/{x}/{y}",
        ):  # fmt: skip
            self.assertFalse(is_tile_address(url), url)


@tagged("post_install", "-at_install")
class TestNearbyMapScreen(DuplicateSetup, ConstituentCommon, HttpCase):
    def test_map(self):
        first = self._first(name="Map <b>tour</b> one")
        second = self._second(name="Map tour two")
        self._make_case(category_id=self.tree.id, name="Map tour tree", **_north(60))
        self.start_tour(
            f"/odoo/constituent.case/{second.id}", "constituent_map", login="t_coordinator"
        )
        self.assertEqual(second.duplicate_of_id, first)

    def test_the_button_stands_where_there_is_a_place(self):
        view = self.env.ref("constituent_services.constituent_case_view_form")
        arch = self.env["constituent.case"].with_user(self.coordinator).get_view(view.id)["arch"]
        (button,) = etree.fromstring(arch).xpath("//widget[@name='constituent_map_button']")
        self.assertEqual(button.get("invisible"), "not has_location or not id")
