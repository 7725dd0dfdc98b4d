import time
import unittest

from hypothesis import given
from hypothesis import strategies as st

from ..tools.keywords import KeywordError, KeywordIndex, rank, read_keywords
from ..tools.text import fold


def _alone(owner):
    return {owner}


class TestKeywords(unittest.TestCase):
    """Weighted keyword lists, without a database."""

    def _rank(self, lists, subject, text="", related=_alone):
        index = KeywordIndex((owner, read_keywords(words)) for owner, words in lists.items())
        return rank(index.find(fold(subject)), index.find(fold(text)), related)

    # Reading

    def test_weights_behind_a_star(self):
        self.assertEqual(
            read_keywords("Pothole * 3, bache*2\nhole in the road; tree*-2, , Árbol"),
            {"pothole": 3, "bache": 2, "hole in the road": 4, "tree": -2, "arbol": 1},
        )

    def test_first_of_equal_phrases_counts(self):
        self.assertEqual(read_keywords("Lamp*2, LAMP"), {"lamp": 2})

    def test_nothing_gives_nothing(self):
        self.assertEqual(read_keywords(False), {})
        self.assertEqual(read_keywords(" ,;\n"), {})

    def test_a_weight_that_is_none_is_named(self):
        for entry in ("lamp*x", "lamp*0", "lamp*10", "lamp*-12", "lamp*", "lamp*1.5", "*3"):
            with self.subTest(entry), self.assertRaises(KeywordError) as caught:
                read_keywords(f"dark, {entry}, street")
            self.assertEqual(caught.exception.keyword, entry)

    # Finding

    def test_whole_words_and_phrases(self):
        index = KeywordIndex([("a", {"tree": 1, "fallen tree": 2}), ("b", {"tree": 1})])
        self.assertEqual(index.find(fold("Treehouse")), {})
        found = index.find(fold("A FALLEN tree!"))
        self.assertEqual({hit.phrase for hit in found["a"]}, {"tree", "fallen tree"})
        self.assertEqual([hit.phrase for hit in found["b"]], ["tree"])

    @given(
        st.dictionaries(st.integers(0, 5), st.lists(st.text(max_size=12), max_size=5)),
        st.text(max_size=60),
    )
    def test_finds_what_looking_for_each_finds(self, lists, text):
        folded = fold(text)
        keywords = {
            owner: {fold(word): 1 for word in words if fold(word)} for owner, words in lists.items()
        }
        found = KeywordIndex(keywords.items()).find(folded)
        for owner, words in keywords.items():
            wanted = {word for word in words if f" {word} " in f" {folded} "}
            self.assertEqual({hit.phrase for hit in found.get(owner, [])}, wanted)

    def test_time_grows_with_the_text_alone(self):
        """Linear: ten times the text takes about ten times as long, whatever is in it."""
        index = KeywordIndex(
            (owner, {f"word{owner}": 1, " ".join(["word"] * 9) + f" {owner}": 1})
            for owner in range(300)
        )

        def _seconds(text):
            best = 9.0
            for _try in range(5):
                start = time.perf_counter()
                index.find(text)
                best = min(best, time.perf_counter() - start)
            return best

        short, long = _seconds("word " * 1_000), _seconds("word " * 20_000)
        self.assertLess(long, max(short, 0.0002) * 60)

    # Ranking

    def test_one_word_in_the_text_is_half_sure(self):
        (best,) = self._rank({"lamp": "lamp"}, "Hello", "the lamp is dark")
        self.assertEqual((best.owner, best.score, best.words), ("lamp", 50, ("lamp",)))

    def test_the_subject_says_more(self):
        (best,) = self._rank({"lamp": "lamp"}, "Lamp", "the lamp is dark")
        self.assertEqual(best.score, 67)

    def test_a_tie_is_not_clear(self):
        found = self._rank({"a": "lamp", "b": "tree"}, "", "a lamp in a tree")
        self.assertEqual([(one.owner, one.score) for one in found], [("a", 33), ("b", 33)])

    def test_repeating_a_word_proves_nothing(self):
        once = self._rank({"a": "lamp"}, "", "lamp")
        self.assertEqual(self._rank({"a": "lamp"}, "", "lamp lamp lamp"), once)

    def test_what_speaks_against_counts_against(self):
        lists = {"tree": "tree, christmas tree*-2", "waste": "christmas tree"}
        found = self._rank(lists, "", "collect my christmas tree")
        self.assertEqual([one.owner for one in found], ["waste"])

    def test_above_and_below_are_no_rivals(self):
        def _related(owner):
            return {"streets"} if owner == "streets" else {"streets", owner}

        lists = {"streets": "street", "pothole": "pothole"}
        found = self._rank(lists, "", "pothole in the street", _related)
        self.assertEqual(
            [(one.owner, one.score) for one in found], [("pothole", 50), ("streets", 50)]
        )

    def test_three_at_most(self):
        lists = {number: f"word{number}" for number in range(5)}
        found = self._rank(lists, "", " ".join(lists.values()))
        self.assertEqual([one.owner for one in found], [0, 1, 2])

    @given(
        st.dictionaries(
            st.integers(0, 4), st.dictionaries(st.sampled_from("abcd"), st.integers(-9, 9))
        ),
        st.lists(st.sampled_from("abcd")),
        st.lists(st.sampled_from("abcd")),
    )
    def test_scores_are_between_0_and_100_and_sorted_by_points(self, lists, subject, text):
        index = KeywordIndex(lists.items())
        found = rank(index.find(" ".join(subject)), index.find(" ".join(text)), _alone)
        for one in found:
            self.assertTrue(0 < one.score < 100)
            self.assertTrue(one.words)
        scores = [one.score for one in found]
        self.assertEqual(scores, sorted(scores, reverse=True))
