import unittest

from hypothesis import given
from hypothesis import strategies as st

from ..tools.duplicates import box_around, metres_between, resembles, same_street

latitudes = st.floats(-70, 70)
longitudes = st.floats(-179, 179)


class TestDuplicates(unittest.TestCase):
    """Rules without a database."""

    def test_a_block_of_manhattan(self):
        """23rd to 33rd Street on 5th Avenue is half a mile: ten blocks of 264 feet."""
        one, other = (40.74107, -73.98971), (40.74734, -73.98508)
        self.assertAlmostEqual(metres_between(one, other), 800, delta=20)
        self.assertEqual(metres_between(one, one), 0)

    @given(latitudes, longitudes, st.floats(1, 500))
    def test_the_box_holds_the_circle(self, latitude, longitude, metres):
        box = box_around(latitude, longitude, metres)
        for corner in ((box.south, longitude), (latitude, box.east)):
            self.assertGreater(metres_between((latitude, longitude), corner), metres * 0.99)
        self.assertLess(box.south, latitude)
        self.assertGreater(box.north, latitude)
        self.assertLess(box.west, longitude)
        self.assertGreater(box.east, longitude)

    def test_at_the_pole_there_is_a_box(self):
        self.assertLess(box_around(90, 0, 50).east, 1)

    def test_streets(self):
        for street, wanted in {
            "100 Main Street": "100 main street",
            " 100  MAIN street ": "100 main street",
            "100 Main Street, Apt. 4B": "100 main street",
            "100 Main Street Unit 7": "100 main street",
            "Calle Mayor 12, piso 3": "calle mayor 12",
            "Main Street": "",
            "Main Street and 2nd Avenue": "",
            "": "",
            None: "",
        }.items():
            with self.subTest(street):
                self.assertEqual(same_street(street), wanted)

    def test_resembling_subjects(self):
        for one, other, wanted in (
            ("Pothole on Main Street", "RE: Pothole Main Street again", True),
            ("Bache en la calle Mayor", "bache calle mayor", True),
            ("Pothole", "pothole!", True),
            ("Pothole on Main Street", "Street light dark on Main Street", False),
            ("Pothole", "Pothole on Elm Avenue", True),
            ("Noise", "Trees", False),
            ("The", "the", False),
            ("", "", False),
            (None, "x", False),
        ):
            with self.subTest(one=one, other=other):
                self.assertIs(resembles(one, other), wanted)
                self.assertIs(resembles(other, one), wanted)

    @given(st.text(max_size=40), st.text(max_size=40))
    def test_any_text_gives_an_answer(self, one, other):
        self.assertIs(resembles(one, other), resembles(other, one))
        self.assertIsInstance(same_street(one), str)
