"""The rules of dispatching without a database: one place, naming, photos, flow charts."""

import io
import unittest
from xml.etree import ElementTree

from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from ..tools import district_map
from ..tools.dispatch import Place, apart, distance_m, names_somebody, street_name
from ..tools.flow_chart import FlowError, Step, draw, follow
from ..tools.photo import MAX_BYTES, SIZE, PhotoError, clean_photo
from ..tools.qr import qr_svg
from .dispatch_common import make_photo

SVG = "{http://www.w3.org/2000/svg}"


class TestOnePlace(unittest.TestCase):
    def test_distance(self):
        north, south = Place("", 41.01, -72.0), Place("", 41.0, -72.0)
        self.assertAlmostEqual(distance_m(north, south), 1112, delta=2)
        self.assertEqual(distance_m(north, north), 0)

    def test_streets_without_house_numbers(self):
        for street, name in (
            ("100 Main Street", "main street"),
            ("100-102 Main Street", "main street"),
            ("12b  MAIN Street", "main street"),
            ("5th Avenue", "5th avenue"),
            ("Calle Múñoz 5", "calle munoz 5"),
            (False, ""),
        ):
            self.assertEqual(street_name(street), name)

    def test_coordinates_decide_where_all_have_them(self):
        near = [Place("1 Main St", 41.0, -72.0), Place("2 Side St", 41.001, -72.0)]
        self.assertEqual(apart(near), (0, []))
        far = [*near, Place("1 Main St", 41.01, -72.0)]
        self.assertEqual(apart(far)[0], 1112)

    def test_streets_decide_where_some_have_none(self):
        self.assertEqual(apart([Place("1 Main St"), Place("9 Main St")]), (0, []))
        self.assertEqual(
            apart([Place("1 Main St"), Place("9 Side St", 41.0, -72.0)]),
            (0, ["1 Main St", "9 Side St"]),
        )
        self.assertEqual(apart([Place("1 Main St"), Place("")]), (0, []))
        self.assertEqual(apart([]), (0, []))


class TestNaming(unittest.TestCase):
    def test_names(self):
        person = ("Ana María Rivera", "+1 212-736-5000", "ana.rivera@example.org")
        for text in (
            "Ask Ana Maria Rivera",
            "RIVERA, Ana María: ring twice",
            "Ms. Rivera opens",
            "Sra. Rivera",
            "call 736-5000",
            "call (212) 736 5000",
            "write to Ana.Rivera@Example.org",
        ):
            with self.subTest(text):
                self.assertTrue(names_somebody(text, *person))
        for text in ("Rivera Avenue 12", "Ana", "Lamp 736", "", False, "Maria Ana"):
            with self.subTest(text):
                self.assertFalse(names_somebody(text, *person))
        self.assertFalse(names_somebody("anything", "", "", ""))
        self.assertFalse(names_somebody("anything", False, False, False))

    def test_one_word(self):
        self.assertTrue(names_somebody("ask Prince about it", "Prince"))


class TestPhoto(unittest.TestCase):
    def _open(self, content):
        return Image.open(io.BytesIO(content))

    def test_place_and_device_are_taken_out(self):
        content = make_photo()
        self.assertIn(b"Telephone Maker", content)
        cleaned = clean_photo(content)
        self.assertNotIn(b"Telephone Maker", cleaned)
        self.assertFalse(self._open(cleaned).getexif())
        self.assertEqual(clean_photo(cleaned), cleaned, "clean is clean")

    def test_upright_and_small(self):
        output = io.BytesIO()
        head = Image.Exif()
        head[0x0112] = 6  # lies on its side
        Image.new("RGB", (SIZE[0] + 400, 30), "navy").save(output, "JPEG", exif=head)
        image = self._open(clean_photo(output.getvalue()))
        self.assertEqual(image.height, SIZE[1])
        self.assertLess(image.width, 40)

    def test_other_pictures_become_jpeg(self):
        for kind in ("PNG", "GIF"):
            output = io.BytesIO()
            Image.new("RGBA", (20, 20), (0, 0, 0, 0)).save(output, kind)
            image = self._open(clean_photo(output.getvalue()))
            self.assertEqual(image.format, "JPEG")
            self.assertGreater(min(image.getpixel((5, 5))), 250, "transparent is white")

    def test_refused(self):
        for content, kind in (
            (b"", "not_a_photo"),
            (b"%PDF-1.7", "not_a_photo"),
            (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "not_a_photo"),
            (make_photo()[:200], "not_a_photo"),
            (b"\xff" * (MAX_BYTES + 1), "large"),
        ):
            with self.subTest(kind), self.assertRaises(PhotoError) as caught:
                clean_photo(content)
            self.assertEqual(caught.exception.kind, kind)

    def test_comments_and_trailing_segments_are_taken_out(self):
        output = io.BytesIO()
        Image.new("RGB", (20, 20)).save(output, "JPEG", comment=b"taken by Ana")
        self.assertNotIn(b"Ana", clean_photo(output.getvalue()))
        output = io.BytesIO()
        Image.new("RGB", (20, 20)).save(output, "JPEG")
        self.assertNotIn(b"Ana", clean_photo(output.getvalue() + b"Ana was here"))


class TestFlowChart(unittest.TestCase):
    def _draw(self, *steps):
        return ElementTree.fromstring(draw(list(steps), "Start", "End"))

    def _texts(self, tree):
        return [node.text for node in tree.iter(f"{SVG}text")]

    def test_nothing_to_draw(self):
        self.assertEqual(draw([], "a", "b"), b"")

    def test_one_after_the_other(self):
        before, rows = follow([Step(1, "a"), Step(2, "b"), Step(3, "c")])
        self.assertEqual(before, {1: (), 2: (1,), 3: (2,)})
        self.assertEqual(rows, {1: 1, 2: 2, 3: 3})
        tree = self._draw(Step(1, "a"), Step(2, "b"), Step(3, "c"))
        self.assertEqual(self._texts(tree), ["Start", "a", "b", "c", "End"])
        self.assertEqual(len(list(tree.iter(f"{SVG}polyline"))), 4)
        self.assertEqual(len(list(tree.iter(f"{SVG}rect"))), 5)

    def test_branches(self):
        steps = [
            Step(1, "look"),
            Step(2, "cold", (1,), "below 45 °F"),
            Step(3, "hot", (1,), "else"),
            Step(4, "open", (2, 3), mark="Photo"),
        ]
        before, rows = follow(steps)
        self.assertEqual(before[4], (2, 3))
        self.assertEqual(rows, {1: 1, 2: 2, 3: 2, 4: 3})
        texts = self._texts(self._draw(*steps))
        for text in ("below 45 °F", "else", "Photo"):
            self.assertIn(text, texts)

    def test_arrows_that_skip_rows_cross_no_box(self):
        tree = self._draw(
            Step(1, "a"), Step(2, "b"), Step(3, "c"), Step(4, "d", (1, 3)), Step(5, "e", (1,))
        )
        boxes = [
            [float(node.get(name)) for name in ("x", "y", "width", "height")]
            for node in tree.iter(f"{SVG}rect")
        ]
        for line in tree.iter(f"{SVG}polyline"):
            for point in line.get("points").split():
                x, y = map(float, point.split(","))
                for left, top, width, height in boxes:
                    inside = left < x < left + width and top < y < top + height
                    self.assertFalse(inside, (point, left, top))

    def test_two_boxes_never_overlap(self):
        tree = self._draw(
            Step(1, "a"), *(Step(n, f"step {n} " * 9, (1,)) for n in range(2, 7)), Step(9, "z")
        )
        boxes = [
            [float(node.get(name)) for name in ("x", "y", "width", "height")]
            for node in tree.iter(f"{SVG}rect")
        ]
        for index, (x, y, width, height) in enumerate(boxes):
            for other_x, other_y, other_width, other_height in boxes[:index]:
                apart_across = x + width <= other_x or other_x + other_width <= x
                apart_down = y + height <= other_y or other_y + other_height <= y
                self.assertTrue(apart_across or apart_down)

    def test_a_circle_is_refused(self):
        steps = [Step(1, "a", (3,)), Step(2, "b"), Step(3, "c")]
        for call in (lambda: follow(steps), lambda: draw(steps, "", "")):
            with self.assertRaises(FlowError) as caught:
                call()
            self.assertEqual(caught.exception.names, ["a", "b", "c"])

    def test_unknown_and_own_predecessors_are_left_out(self):
        before, _rows = follow([Step(1, "a"), Step(2, "b", (2, 99))])
        self.assertEqual(before[2], (1,))

    @given(st.text(max_size=80), st.text(max_size=60), st.text(max_size=20))
    @settings(max_examples=60, deadline=None)
    def test_whatever_is_typed_stays_text(self, name, condition, mark):
        tree = self._draw(Step(1, name, (), condition, mark), Step(2, f"<script>{name}</script>"))
        names = {node.tag.removeprefix(SVG) for node in tree.iter()}
        self.assertLessEqual(names, {"svg", "rect", "text", "path", "polyline"})

    @given(st.lists(st.lists(st.integers(0, 7), max_size=3), max_size=8))
    @settings(max_examples=80, deadline=None)
    def test_rows_go_down_or_it_is_a_circle(self, lists):
        steps = [Step(key, str(key), tuple(after)) for key, after in enumerate(lists)]
        try:
            before, rows = follow(steps)
        except FlowError as error:
            self.assertTrue(error.names)
            return
        for key, row in rows.items():
            self.assertTrue(all(rows[other] < row for other in before[key]))
        self.assertEqual(bool(draw(steps, "s", "e")), bool(steps))


class TestMapWithAPlace(unittest.TestCase):
    SQUARE = '{"type": "Polygon", "coordinates": [[[0, 0], [2, 0], [2, 2], [0, 2], [0, 0]]]}'

    def test_the_dot_is_where_the_place_is(self):
        outlines = [district_map.Outline(self.SQUARE, "1")]
        plain = ElementTree.fromstring(district_map.draw(outlines))
        self.assertFalse(list(plain.iter(f"{SVG}circle")))
        tree = ElementTree.fromstring(district_map.draw(outlines, (1.5, 0.5)))
        dots = [(float(c.get("cx")), float(c.get("cy"))) for c in tree.iter(f"{SVG}circle")]
        self.assertEqual(len(dots), 2)
        x, y = dots[0]
        self.assertLess(x, district_map.SIZE / 2)
        self.assertLess(y, district_map.SIZE / 2, "north is above")


class TestQrCode(unittest.TestCase):
    def test_it_is_a_square_with_three_corners(self):
        tree = ElementTree.fromstring(
            qr_svg("https://example.org/odoo/orders/12", 'A "code" & <x>')
        )
        self.assertEqual(tree.get("aria-label"), 'A "code" & <x>')
        size = int(tree.get("viewBox").split()[2])
        dark = set(tree.find(f"{SVG}path").get("d").split("z"))
        for column, row in ((4, 4), (size - 11, 4), (4, size - 11)):
            for step in range(7):
                self.assertIn(f"M{column + step} {row}h1v1h-1", dark)
        self.assertNotIn("M0 0h1v1h-1", dark, "white around")

    def test_another_text_is_another_code(self):
        self.assertNotEqual(qr_svg("a", ""), qr_svg("b", ""))
        self.assertEqual(qr_svg("a", ""), qr_svg("a", ""))
