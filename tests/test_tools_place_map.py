import json
import unittest

from hypothesis import example, given
from hypothesis import strategies as st
from lxml import etree

from ..tools.place_map import Mark, boundary_lines, draw_place

SVG = "{http://www.w3.org/2000/svg}"
HERE = Mark(40.75, -73.98, "Here")


def _ring(west, south, east, north):
    corners = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    return json.dumps({"type": "Polygon", "coordinates": [corners]})


class TestPlaceMap(unittest.TestCase):
    """The picture of a place, without a database."""

    def _draw(self, *marks, radius=50, boundaries=()):
        return etree.fromstring(draw_place(HERE, marks, radius, boundaries))

    def _dots(self, root):
        return [
            (float(node.get("cx")), float(node.get("cy")))
            for node in root.iter(f"{SVG}circle")
            if node.get("r") == "6"
        ]

    def test_here_is_in_the_middle_and_north_is_above(self):
        north = Mark(40.75 + 40 / 111_320, -73.98, "1")
        east = Mark(40.75, -73.98 + 40 / 84_300, "2")
        first, second, here = self._dots(self._draw(north, east))
        self.assertEqual(here, (160, 160))
        self.assertAlmostEqual(first[0], 160, delta=0.2)
        self.assertLess(first[1], 100)
        self.assertGreater(second[0], 220)
        self.assertAlmostEqual(second[1], 160, delta=0.2)

    def test_the_circle_and_the_scale_agree(self):
        root = self._draw(radius=50)
        (circle,) = (node for node in root.iter(f"{SVG}circle") if node.get("r") != "6")
        (bar,) = root.iter(f"{SVG}path")
        _left, right = bar.get("d").split("H")
        width = float(right.split("V")[0]) - 14
        texts = [node.text for node in root.iter(f"{SVG}text")]
        self.assertEqual(texts, ["Here", "20 m"])
        self.assertAlmostEqual(width / 20, float(circle.get("r")) / 50, places=2)

    def test_what_is_far_away_is_in_the_picture(self):
        far = Mark(40.76, -73.98, "far")
        for x, y in self._dots(self._draw(far)):
            self.assertTrue(0 < x < 320 and 0 < y < 320)

    def test_boundaries_end_where_the_map_ends(self):
        (line,) = boundary_lines(HERE, _ring(-73.98, 40.0, -73.0, 41.0), 100)
        self.assertEqual({place[1] for place in line}, {-73.98})
        self.assertAlmostEqual(abs(line[0][0] - line[1][0]) * 111_320, 200, delta=0.1)
        self.assertEqual(boundary_lines(HERE, _ring(-10, -10, 10, 10), 100), [])

    def test_boundaries_that_cross_it_are_lines(self):
        near, away = _ring(-73.9801, 40.7, -73.9, 40.8), _ring(-73.5, 40.7, -73.4, 40.8)

        def _lines(*boundaries):
            return len(list(self._draw(boundaries=boundaries).iter(f"{SVG}polyline")))

        self.assertGreater(_lines(near), 0)
        self.assertEqual(_lines(near, away), _lines(near))
        self.assertEqual(_lines(away), 0)

    def test_labels_are_text(self):
        root = self._draw(Mark(40.75, -73.98, "<script>&"))
        self.assertFalse(list(root.iter(f"{SVG}script")))
        self.assertIn("<script>&", [node.text for node in root.iter(f"{SVG}text")])

    @example(0.0, 0.0, 0.0, [(0.0, 5e-324)])
    @given(
        st.floats(-89, 89), st.floats(-179, 179), st.floats(0, 5000),
        st.lists(st.tuples(st.floats(-0.02, 0.02), st.floats(-0.02, 0.02)), max_size=4),
    )  # fmt: skip
    def test_any_place_can_be_drawn(self, latitude, longitude, radius, around):
        marks = [Mark(latitude + up, longitude + across) for up, across in around]
        root = etree.fromstring(draw_place(Mark(latitude, longitude), marks, radius))
        for x, y in self._dots(root):
            self.assertTrue(0 <= x <= 320 and 0 <= y <= 320)
