"""Boundaries: what is read, what is refused and why, and which district a point is in."""

import json
import math
import unittest
from datetime import date

from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from odoo.tests import tagged

from ..tools import districts
from ..tools.district_map import MARKED, Outline, draw
from ..tools.districts import BoundaryError, DistrictIndex

SQUARE = [[0, 0], [2, 0], [2, 2], [0, 2], [0, 0]]
BOW = [[0, 0], [2, 2], [2, 0], [0, 2], [0, 0]]


def feature(coordinates, kind="Polygon", **properties):
    if kind == "Polygon":
        coordinates = [coordinates]
    return {
        "type": "Feature",
        "properties": properties,
        "geometry": {"type": kind, "coordinates": coordinates},
    }


def collection(*features):
    return json.dumps({"type": "FeatureCollection", "features": features}).encode()


def shifted(east, north=0):
    return [[x + east, y + north] for x, y in SQUARE]


@tagged("post_install", "-at_install")
class TestReading(unittest.TestCase):
    def read_all(self, *features, code="code", name="name"):
        found = districts.read_collection(collection(*features))
        return districts.read_features(found, code, name)

    def refusal(self, call, *args, **kwargs):
        with self.assertRaises(BoundaryError) as caught:
            call(*args, **kwargs)
        return caught.exception

    def test_codes_and_names(self):
        found = self.read_all(
            feature(SQUARE, code=101.0, name="Harbor"), feature(shifted(3), code="W-2", name=None)
        )
        self.assertEqual(
            [(f.number, f.code, f.name) for f in found], [(1, "101", "Harbor"), (2, "W-2", "W-2")]
        )

    def test_parts_of_one_code_are_one_district(self):
        (found,) = self.read_all(feature(SQUARE, code=1), feature(shifted(5), code=1))
        self.assertEqual(found.geometry.geom_type, "MultiPolygon")
        self.assertEqual(found.geometry.area, 8)

    def test_properties_to_choose_from(self):
        found = districts.read_collection(
            collection(feature(SQUARE, code=1, area=2), feature(SQUARE, area=1, code=2, x=1))
        )
        self.assertEqual(districts.property_names(found), ["code", "area"])
        self.assertEqual(districts.property_names([{"properties": None}, "no feature"]), [])

    def test_height_is_left_out(self):
        (found,) = self.read_all(feature([[x, y, 7] for x, y in SQUARE], code=1))
        self.assertFalse(found.geometry.has_z)

    def test_files_that_are_no_boundaries(self):
        for content, kind in (
            (b"\xff\xfe{", "not_json"),
            (b"PK\x03\x04", "not_json"),
            (b"[" * 100_000, "not_json"),
            (b"[]", "not_a_collection"),
            (b'{"type": "FeatureCollection"}', "not_a_collection"),
            (json.dumps(feature(SQUARE)).encode(), "not_a_collection"),
            (collection(), "no_features"),
        ):
            with self.subTest(content=content[:30]):
                self.assertEqual(self.refusal(districts.read_collection, content).kind, kind)

    def test_files_that_are_too_large(self):
        content = b" " * (districts.MAX_BYTES + 1)
        self.assertEqual(self.refusal(districts.read_collection, content).kind, "too_large")
        many = collection(*[feature(SQUARE, code=1)] * (districts.MAX_FEATURES + 1))
        self.assertEqual(self.refusal(districts.read_collection, many).kind, "too_many")

    def test_features_that_are_refused(self):
        good = feature(SQUARE, code=1)
        for bad, kind in (
            (feature(SQUARE), "no_code"),
            (feature(SQUARE, code="  "), "no_code"),
            (feature(SQUARE, code=True), "no_code"),
            ("no feature", "no_code"),
            (feature([1, 1], "Point", code=2), "not_an_area"),
            ({"properties": {"code": 2}, "geometry": None}, "not_an_area"),
            ({"properties": {"code": 2}}, "not_an_area"),
            (feature([[0, 0], [1, 1]], code=2), "broken"),
            (feature([], code=2), "broken"),
            (feature([["a", "b"]] * 4, code=2), "broken"),
            (feature("text", code=2), "broken"),
            (feature([[583000, 4500000], [583001, 4500000], [583000, 4500001]] * 2, code=2),
             "not_degrees"),
            (feature([[math.nan, 0], [1, 0], [1, 1], [math.nan, 0]], code=2), "broken"),
            (feature(BOW, code=2), "invalid"),
        ):  # fmt: skip
            with self.subTest(bad=str(bad)[:80]):
                error = self.refusal(self.read_all, good, bad)
                self.assertEqual((error.kind, error.values["number"]), (kind, 2))
        self.assertIn(
            "Self-intersection", self.refusal(self.read_all, feature(BOW, code=1)).values["reason"]
        )

    @given(st.recursive(
        st.none() | st.booleans() | st.floats() | st.text(max_size=5),
        lambda inner: st.lists(inner, max_size=5) | st.dictionaries(
            st.sampled_from(["type", "coordinates", "geometry", "properties", "code"]), inner
        ),
        max_leaves=30,
    ))  # fmt: skip
    def test_whatever_stands_in_a_file(self, junk):
        for features in ([junk], [{"properties": {"code": 1}, "geometry": junk}],
                         [feature(junk, code=1)]):  # fmt: skip
            try:
                districts.read_features(features, "code")
            except BoundaryError as error:
                self.assertTrue(error.kind)


@tagged("post_install", "-at_install")
class TestIndex(unittest.TestCase):
    DAY = date(2023, 2, 28)

    def index(self, *entries):
        return DistrictIndex(
            (number, json.dumps(shape), since, until) for number, shape, since, until in entries
        )

    def square(self, east=0):
        return {"type": "Polygon", "coordinates": [shifted(east)]}

    def test_inside_outside_and_on_the_border(self):
        index = self.index((1, self.square(), None, None), (2, self.square(2), None, None))
        self.assertEqual(index.at(1, 0.5, self.DAY), [1])
        self.assertEqual(index.at(1, 3, self.DAY), [2])
        self.assertEqual(index.at(1, 2, self.DAY), [1, 2])
        self.assertEqual(index.at(1, 5, self.DAY), [])

    def test_holes(self):
        ring = [[0.5, 0.5], [0.5, 1.5], [1.5, 1.5], [1.5, 0.5], [0.5, 0.5]]
        index = self.index((1, {"type": "Polygon", "coordinates": [SQUARE, ring]}, None, None))
        self.assertEqual(index.at(1, 1, self.DAY), [])
        self.assertEqual(index.at(0.2, 0.2, self.DAY), [1])

    def test_boundaries_of_the_day(self):
        old = (1, self.square(), None, date(2022, 12, 31))
        new = (2, self.square(), date(2023, 1, 1), None)
        index = self.index(old, new)
        self.assertEqual(index.at(1, 1, date(2022, 12, 31)), [1])
        self.assertEqual(index.at(1, 1, date(2023, 1, 1)), [2])

    def test_nothing_to_look_in(self):
        self.assertEqual(self.index().at(1, 1, self.DAY), [])

    def test_lighter_for_maps(self):
        fine = districts.read_geometry(
            {
                "type": "Polygon",
                "coordinates": [
                    [
                        [math.cos(math.tau * n / 5000), math.sin(math.tau * n / 5000)]
                        for n in range(5000)
                    ]
                    + [[1.0, 0.0]]
                ],
            }
        )
        light = districts.display_geojson(fine)
        self.assertLess(len(light), len(districts.to_geojson(fine)) / 10)
        drawn = districts.read_geometry(json.loads(light))
        self.assertLess(abs(drawn.area - fine.area), 0.001)

    @given(st.floats(-1, 3), st.floats(-1, 3))
    def test_as_arithmetic_has_it(self, latitude, longitude):
        inside = 0 <= latitude <= 2 and 0 <= longitude <= 2
        index = self.index((1, self.square(), None, None))
        self.assertEqual(index.at(latitude, longitude, self.DAY), [1] if inside else [])


@tagged("post_install", "-at_install")
class TestMap(unittest.TestCase):
    def test_drawn_with_its_neighbours(self):
        square = json.dumps(feature(SQUARE)["geometry"])
        other = json.dumps(feature(shifted(2))["geometry"])
        picture = draw([Outline(square, "<1>", marked=True), Outline(other, "2")])
        tree = etree.fromstring(picture)
        paths = tree.findall("{*}path")
        self.assertEqual([path.get("fill") == MARKED for path in paths], [False, True])
        self.assertEqual([text.text for text in tree.findall("{*}text")], ["2", "<1>"])
        self.assertEqual(tree.get("font-size"), "32")
        many = etree.fromstring(draw([Outline(square, str(number)) for number in range(80)]))
        self.assertEqual(many.get("font-size"), "11")
        _x, _y, width, height = map(float, tree.get("viewBox").split())
        self.assertAlmostEqual(width / height, 2, delta=0.1)

    def test_nothing_to_draw(self):
        self.assertEqual(draw([]), b"")
