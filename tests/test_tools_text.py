import unittest

from hypothesis import given, settings
from hypothesis import strategies as st

from ..tools.intake import Draft, check_report, name_fits, pick_contact
from ..tools.text import fold, html_to_text, matched_keywords, split_keywords

words = st.text(st.characters(categories=("L", "N", "Z", "P")), max_size=40)


class TestText(unittest.TestCase):
    """Rules on text, without a database."""

    def test_html_to_text(self):
        cases = {
            None: "",
            "": "",
            "plain": "plain",
            "<p>One</p><p>Two</p>": "One\n\nTwo",
            "a<br>b": "a\nb",
            "<script>alert(1)</script>safe": "safe",
            "<style>p{}</style><p>seen</p>": "seen",
            "<!-- hidden -->": "",
            "a &amp; b": "a & b",
            "<ul><li>x</li><li>y</li></ul>": "x\n\ny",
        }
        for given_html, expected in cases.items():
            with self.subTest(given_html):
                self.assertEqual(html_to_text(given_html), expected)

    @settings(deadline=None)  # a busy machine is no failure
    @given(st.text(max_size=200))
    def test_html_to_text_takes_anything(self, text):
        result = html_to_text(text)
        self.assertEqual(result, result.strip())
        self.assertNotIn("\0", result)

    def test_fold(self):
        self.assertEqual(fold("  Señal CAÍDA — ¡ya!"), "senal caida ya")
        self.assertEqual(fold(None), "")

    @settings(deadline=None)  # a busy machine is no failure
    @given(words)
    def test_fold_is_stable(self, text):
        self.assertEqual(fold(fold(text)), fold(text))

    def test_split_keywords(self):
        self.assertEqual(
            split_keywords("Pothole, hole in the road\nBache; pothole,,"),
            ["pothole", "hole in the road", "bache"],
        )
        self.assertEqual(split_keywords(None), [])

    def test_matched_keywords_are_whole_words(self):
        keywords = ["tree", "hole in the road", "lamp"]
        self.assertEqual(matched_keywords(keywords, fold("Treehouse, lamps")), [])
        self.assertEqual(matched_keywords(keywords, fold("Lamp by the TREE.")), ["tree", "lamp"])

    @settings(deadline=None)  # a busy machine is no failure
    @given(st.lists(words, max_size=5), words)
    def test_matched_keywords_are_among_the_given(self, keywords, text):
        folded = [fold(keyword) for keyword in keywords if fold(keyword)]
        found = matched_keywords(folded, fold(text))
        self.assertTrue(set(found) <= set(folded))
        for keyword in found:
            self.assertIn(keyword, fold(text))


class TestReports(unittest.TestCase):
    """What a door may say."""

    def test_falsy_means_not_given(self):
        report = {"name": "x", "department_id": False, "street": "", "zip": None, "latitude": 0.0}
        self.assertEqual(check_report(report), {"name": "x", "mode": "live"})

    def test_unknown_keys_and_modes(self):
        for report in ({"nmae": "x"}, {"mode": "dry"}):
            with self.subTest(report), self.assertRaises(ValueError):
                check_report(report)

    def test_a_copied_draft_is_its_own(self):
        draft = Draft({"name": "x"})
        copy = draft.clone()
        copy.vals["name"] = "y"
        copy.explain("error", "z")
        self.assertEqual((draft.vals["name"], draft.events), ("x", []))
        self.assertTrue(draft.is_live)
        self.assertFalse(Draft({"intake_mode": "import"}).is_live)


class TestNames(unittest.TestCase):
    """Does a name as given fit a contact?"""

    def test_name_fits(self):
        for given_name, known, fits in (
            ("Jordan Smith", "Jordan Smith", True),
            ("JORDAN  SMITH", "Jordan Lee Smith", True),
            ("J. Smith", "Jordan Smith", True),
            ("Jordan", "Jordan Smith", True),
            ("José Núñez", "Jose Nunez", True),
            ("", "Jordan Smith", True),
            (None, "Jordan Smith", True),
            ("Ana Smith", "Jordan Smith", False),
            ("Jordan Smythe", "Jordan Smith", False),
            ("A. Smith", "Jordan Smith", False),
        ):
            with self.subTest(given=given_name, known=known):
                self.assertIs(name_fits(given_name, known), fits)

    @settings(deadline=None)  # a busy machine is no failure
    @given(words)
    def test_a_name_fits_itself(self, name):
        self.assertTrue(name_fits(name, name))

    def test_pick_contact(self):
        people = [(1, "Ana Rivera"), (2, "Luis Rivera")]
        self.assertEqual(pick_contact("Luis Rivera", people), 2)
        self.assertEqual(pick_contact("A Rivera", people), 1)
        self.assertEqual(pick_contact("Nora Rivera", people), 0)
        self.assertEqual(pick_contact("Rivera", people), 0, "not clear who")
        self.assertEqual(pick_contact(None, people), 0)
        self.assertEqual(pick_contact(None, people[:1]), 1)
        self.assertEqual(pick_contact("x", []), 0)
        self.assertEqual(pick_contact("Ana Rivera", [(9, "Ana Rivera"), (4, "ana rivera")]), 4)

    @settings(deadline=None)  # a busy machine is no failure
    @given(words, st.lists(st.tuples(st.integers(1, 99), words), max_size=6))
    def test_pick_contact_picks_a_candidate(self, name, people):
        self.assertIn(pick_contact(name, people), {0, *(cid for cid, _name in people)})
