from odoo.tests import BaseCase

from ..tools.letter_number import read_numbers, same_name, same_place


class TestReadNumbers(BaseCase):
    def test_as_people_copy_them(self):
        for text, numbers in (
            ("CS-2026-000123", ["CS-2026-000123"]),
            ("[cs-2026-000123]", ["CS-2026-000123"]),
            ("Your letter L 2026 123 of May", ["L-2026-000123"]),
            ("No. L–2026–000123.", ["L-2026-000123"]),
            ("CS-2026/123", ["CS-2026-000123"]),
            ("311-2026-000007", ["311-2026-000007"]),
            ("CS-2026-1234567", ["CS-2026-1234567"]),
            ("CS-2026-000123, L-2026-000045; cs-2026-123", ["CS-2026-000123", "L-2026-000045"]),
        ):
            with self.subTest(text):
                self.assertEqual(read_numbers(text), numbers)

    def test_what_is_none(self):
        for text in (None, False, "", "my lamp", "CS-26-000123", "CS-2026", "2026-000123",
                     "CS2026000123", "CS-2026-1234567890", "ABCDEFGHIJK-2026-000123",
                     "CS-٢٠٢٦-000123", "x" * 300 + " CS-2026-000123"):  # fmt: skip
            with self.subTest(text):
                self.assertEqual(read_numbers(text), [])

    def test_long_nonsense_is_no_burden(self):
        self.assertEqual(read_numbers("A-" * 1_000_000), [])


class TestSameSender(BaseCase):
    def test_names(self):
        for one, other, same in (
            ("Ana Rivera", "ANA  RIVERA", True),
            ("Rivera, Ana", "Ana Rivera", True),
            ("José Núñez", "Jose Nunez", True),
            ("Ana Rivera", "Ana M. Rivera", False),
            ("Ana", "Ana Rivera", False),
            ("Ana Ana", "Ana", False),
            ("", "", False),
            (False, None, False),
            ("—", "…", False),
        ):
            with self.subTest(one=one, other=other):
                self.assertEqual(same_name(one, other), same)

    def test_places(self):
        home = ("12 Home Street", "10001")
        for street, zip_code, known, same in (
            ("", "10001", home, True),
            ("", "10001-4321", home, True),
            ("", "10001 4321", home, True),
            ("12 Home Street", "", home, True),
            ("12 home street, apt 4", "", home, True),
            ("12 Home Street", "10001", ("", "10001-0001"), True),
            ("12 Home Street", "", ("12 Home Street", ""), True),
            ("", "sw1a 1aa", ("", "SW1A1AA"), True),
            ("12 Home Street", "10002", home, False),
            ("14 Home Street", "", home, False),
            ("Home Street", "", ("Home Street", ""), False),
            ("", "", home, False),
            ("12 Home Street", "10001", ("", ""), False),
            (None, False, (None, False), False),
        ):
            with self.subTest(street=street, zip_code=zip_code, known=known):
                self.assertEqual(same_place(street, zip_code, *known), same)
