import time
import unittest
from datetime import datetime, timedelta
from itertools import combinations

from hypothesis import given, settings
from hypothesis import strategies as st

from ..tools.opinion import (
    BANDS,
    MAX_WORDS,
    Opinion,
    bands,
    common_words,
    differing,
    likeness,
    opposed,
    own_words,
    read_opinion,
    same_letter,
)
from ..tools.opinion_sort import Letter, sort_letters
from ..tools.stance import stances, turned
from .opinion_common import BIKE_FOR, CAMPAIGNS, DIFFERENT, OWN, TURNED, as_html, personal

word = st.text("abcdefghij", min_size=2, max_size=9)
texts = st.lists(word, min_size=25, max_size=120).map(" ".join)
# Words that stand once: where a word is put in among equal ones, nobody could say.
distinct = st.lists(word, min_size=25, max_size=120, unique=True)


def read(campaign, number, own=""):
    text, name = personal(campaign, number, own)
    return read_opinion(as_html(text), names=[name])


def meets(one, other):
    """Return whether an index that knows the bands of one finds it for the other."""
    return bool(set(bands(one)) & set(bands(other)))


class TestWhatIsTheSendersOwn(unittest.TestCase):
    """Salutation, signature, address, numbers, names and quotations are no part of it."""

    def test_a_plain_letter(self):
        text, name = personal("bike lanes, for", 3)
        words = own_words(text, [name])
        self.assertEqual(words[:4], ("i", "am", "writing", "to"))
        self.assertEqual(words[-3:], ("be", "delayed", "again"))

    def test_salutation_in_the_line_of_the_first_sentence(self):
        for opening in ("Dear Mayor Lee, ", "Estimado señor alcalde: ", "Hello! ", ""):
            text = f"{opening}The lamp at the corner of the park has been dark since Easter Sunday"
            with self.subTest(opening):
                self.assertEqual(own_words(text)[:3], ("the", "lamp", "at"))

    def test_a_salutation_alone_says_nothing(self):
        self.assertEqual(own_words("\nDear Mayor,\n"), ())
        self.assertEqual(own_words(""), ())

    def test_thanks_within_the_letter_do_not_end_it(self):
        text = (
            "The crew came on Monday and was done within an hour or so.\n"
            "Thank you for sending them so quickly to us.\nBut the hole is back."
        )
        self.assertEqual(own_words(text)[-5:], ("but", "the", "hole", "is", "back"))

    def test_a_signature_of_a_telephone(self):
        text = "The crew came on Monday and was done within an hour or so.\nSent from my phone"
        self.assertNotIn("sent", own_words(text))

    def test_addresses_numbers_and_labels(self):
        text = (
            "Name: Ana Rivera\nAddress: 12 Elm Street\n12 Elm Street\nRivermouth, CT 06499\n"
            "P.O. Box 7\nWrite to me@example.org or see https://example.org/x of 3 May."
        )
        self.assertEqual(own_words(text), ("write", "to", "or", "see", "of", "may"))

    def test_negations_are_words(self):
        words = own_words("We don't, can't, won\u2019t and cannot wait; it isn\u2019t right")
        self.assertEqual(words.count("not"), 5)
        self.assertIn("can", words)
        self.assertIn("will", words)

    def test_quotations_are_left_out(self):
        mail = as_html(personal("bike lanes, for", 1)[0])
        quoted = f"{mail}<div class='gmail_quote'>On Monday Bob wrote: <p>zebra</p></div>"
        self.assertEqual(read_opinion(quoted).words, read_opinion(mail).words)

    def test_too_little_to_be_recognised(self):
        self.assertIsNone(read_opinion("<p>Please fix the lamp at the corner soon.</p>"))
        self.assertIsNone(read_opinion(""))
        self.assertIsNone(read_opinion(None))

    def test_the_subject_without_marks_of_replies(self):
        text, _name = personal("bike lanes, for", 1)
        self.assertEqual(read_opinion(text, "RE: Fwd: Vote YES!").subject, ("vote", "yes"))

    def test_a_book_is_cut(self):
        self.assertEqual(len(read_opinion("word " * 5000).words), MAX_WORDS)

    @given(st.text(max_size=300))
    def test_anything_can_be_read(self, text):
        for result in (own_words(text, [text]), own_words(text)):
            self.assertTrue(all(result))
        read_opinion(text, text, [text])


class TestOneLetter(unittest.TestCase):
    """Measured: how much of a campaign is found, and that nothing else is."""

    def test_personalised_letters_are_one(self):
        """Other names, addresses, salutations and a sentence of one's own: 95 % and more."""
        for campaign in CAMPAIGNS:
            first = read(campaign, 0)
            letters = [read(campaign, n, OWN[n % len(OWN)]) for n in range(1, 201)]
            found = [one for one in letters if same_letter(first, one) and meets(first, one)]
            with self.subTest(campaign):
                self.assertGreaterEqual(len(found) / len(letters), 0.95)

    def test_two_who_both_added_something(self):
        for campaign in CAMPAIGNS:
            pairs = list(combinations([own for own in OWN if own], 2))
            same = [
                same_letter(read(campaign, 1, one), read(campaign, 2, other))
                for one, other in pairs
            ]
            with self.subTest(campaign):
                self.assertGreaterEqual(sum(same) / len(pairs), 0.8)

    def test_a_name_within_the_text_that_nobody_knows(self):
        base = (
            "As a neighbor of {} Park, where we meet on Sundays, "
            + BIKE_FOR.partition("\n\n")[2].partition("\n")[0]
        )
        one, other = (read_opinion(base.format(park)) for park in ("Linden", "Old Mill Pond"))
        self.assertTrue(same_letter(one, other))

    def test_campaigns_are_told_apart(self):
        for one, other in combinations(CAMPAIGNS, 2):
            with self.subTest(one=one, other=other):
                self.assertFalse(same_letter(read(one, 1), read(other, 1)))

    def test_different_letters_on_one_issue(self):
        for issue, written in DIFFERENT.items():
            letters = [read_opinion(text) for text in written]
            letters += [read(campaign, 1) for campaign in CAMPAIGNS if issue[:7] in campaign]
            for one, other in combinations(letters, 2):
                with self.subTest(issue, one=one.words[:5], other=other.words[:5]):
                    self.assertFalse(same_letter(one, other))

    def test_those_who_wrote_themselves_share_little(self):
        for written in DIFFERENT.values():
            for one, other in combinations(map(read_opinion, written), 2):
                self.assertLess(likeness(one, other), 0.1)

    def test_one_word_turns_it(self):
        for text, here, there in TURNED:
            self.assertIn(here, text)
            one, other = read_opinion(text), read_opinion(text.replace(here, there, 1))
            with self.subTest(here=here, there=there):
                self.assertGreater(likeness(one, other), 0.5, "alike but for that")
                self.assertTrue(opposed(one, other))
                self.assertTrue(opposed(other, one))
                self.assertFalse(same_letter(one, other))

    def test_the_subject_turns_it(self):
        text, _name = personal("outfall, long", 1)
        one, other = (read_opinion(text, f"Vote {vote} on 5") for vote in ("YES", "NO"))
        self.assertEqual(one.words, other.words)
        self.assertFalse(same_letter(one, other))
        self.assertTrue(same_letter(one, read_opinion(text, "The river")))

    def test_who_adds_a_no_of_their_own_stays(self):
        own = "My mother could not cross the street there any more, and she never complained."
        one, other = read("bike lanes, for", 1), read("bike lanes, for", 2, own)
        self.assertTrue(same_letter(one, other))

    def test_who_speaks_for_the_other_side_in_a_sentence_of_their_own(self):
        text = (
            "{} The budget before the council has money for pools, summer jobs, street trees, "
            "night buses and the roof of the library, and it takes nothing from the schools."
        )
        one, other = (
            read_opinion(text.format(own))
            for own in (
                "As somebody who has paid taxes here for forty years I strongly support this.",
                "My neighbors on the hill and my brother in the valley all oppose this plan.",
            )
        )
        self.assertGreaterEqual(likeness(one, other), 0.4)
        self.assertTrue(opposed(one, other))

    @given(texts, st.integers(0, 1000))
    def test_a_changed_word_does_not_hide_it(self, text, place):
        words = text.split()
        words[place % len(words)] = "zzzz"
        one, other = Opinion(tuple(text.split())), Opinion(tuple(words))
        self.assertTrue(same_letter(one, other) or likeness(one, other) < 1)
        self.assertEqual(likeness(one, other), likeness(other, one))

    @given(distinct, st.sampled_from(("not", "never", "oppose", "against", "no", "nunca")))
    @settings(max_examples=60)
    def test_a_word_put_in_anywhere_turns_it(self, words, signal):
        for place in range(3, len(words) - 3, 7):
            turned_words = (*words[:place], signal, *words[place:])
            self.assertTrue(opposed(Opinion(tuple(words)), Opinion(turned_words)))

    @given(texts, texts)
    def test_unlike_texts_are_not_one(self, text, other):
        one, two = Opinion(tuple(text.split())), Opinion(tuple(other.split()))
        if not one.shingles() & two.shingles():
            self.assertFalse(same_letter(one, two))


class TestFingerprint(unittest.TestCase):
    def test_it_is_the_same_tomorrow(self):
        """Kept in databases: what makes it must not change by chance."""
        opinion = Opinion(tuple("the quick brown fox jumps over the lazy dog".split()))
        self.assertEqual(bands(opinion)[:2], ["0.fb5f602abc", "1.41ab27e00b"])

    @given(texts)
    def test_its_form(self, text):
        made = bands(Opinion(tuple(text.split())))
        self.assertEqual(len(set(made)), BANDS)
        self.assertNotIn(" ", "".join(made))
        self.assertEqual(made, bands(Opinion(tuple(text.split()))))

    def test_how_often_an_index_finds_what_is_alike(self):
        """Of texts that share half, nearly all; of those that share a twentieth, few."""
        for shared, least, most in ((0.8, 1.0, 1.0), (0.5, 0.95, 1.0), (0.05, 0.0, 0.1)):
            met = sum(self._met(shared, seed) for seed in range(150)) / 150
            with self.subTest(shared):
                self.assertGreaterEqual(met, least)
                self.assertLessEqual(met, most)

    def _met(self, shared, seed):
        common = round(100 * shared * 2 / (1 + shared))
        head = [f"c{seed}w{n}" for n in range(common)]
        one = Opinion(tuple(head + [f"a{seed}w{n}" for n in range(100 - common)]))
        other = Opinion(tuple(head + [f"b{seed}w{n}" for n in range(100 - common)]))
        return meets(one, other)

    def test_the_time_it_takes(self):
        """A case's share at intake is 5 ms; reading, printing and comparing are most of it."""
        text, name = personal("outfall, long", 1, OWN[3])
        other = read("outfall, long", 2, OWN[2])
        start = time.process_time()
        for _number in range(20):
            opinion = read_opinion(as_html(text), "The river", [name])
            bands(opinion)
            same_letter(opinion, other)
        self.assertLess((time.process_time() - start) / 20, 0.015, "generous for a busy machine")


class TestBehindTheLetters(unittest.TestCase):
    def test_what_one_sender_added_is_left_out(self):
        letters = [read("outfall, long", n, OWN[n % len(OWN)]) for n in range(7)]
        common = common_words(letters)
        plain = read("outfall, long", 20)
        self.assertEqual(likeness(common, plain), 1.0)
        for own in ("daughter", "nurse", "familia"):
            self.assertNotIn(own, common.words)

    def test_the_subject_most_have(self):
        letters = [Opinion(("a",) * 20, subject) for subject in (("x",), ("x",), ("y",))]
        self.assertEqual(common_words(letters).subject, ("x",))
        self.assertEqual(common_words(letters[1:]).subject, ())

    def test_what_differs_is_marked(self):
        one, other = differing("We ask Ana to come.\nSoon!", "We ask Luis to come.\nSoon!")
        self.assertEqual([piece for piece, differs in one if differs], ["Ana"])
        self.assertEqual([piece for piece, differs in other if differs], ["Luis"])
        self.assertIn("\n", "".join(piece for piece, _differs in one))

    @given(st.text(max_size=200), st.text(max_size=200))
    def test_nothing_is_lost_when_marked(self, one, other):
        for text, pieces in zip((one, other), differing(one, other), strict=True):
            self.assertEqual("".join("".join(p for p, _d in pieces).split()), "".join(text.split()))

    @given(st.text(max_size=200))
    def test_the_same_has_no_marks(self, text):
        self.assertFalse(any(differs for side in differing(text, text) for _p, differs in side))


class TestStance(unittest.TestCase):
    def test_words(self):
        for words, wanted in (
            ("i support it", {"for"}),
            ("i do not support it", {"against"}),
            ("we oppose the tower", {"against"}),
            ("no one may oppose", {"for"}),
            ("never rejected it", {"for"}),
            ("please vote no", {"against"}),
            ("no to the tower", {"against"}),
            ("there is no light", set()),
            ("apoyo la ley", {"for"}),
            ("no apoye la ley", {"against"}),
            ("estoy en contra", {"against"}),
            ("opposite the park", set()),
            ("", set()),
        ):
            with self.subTest(words):
                self.assertEqual(stances(tuple(words.split())), wanted)

    def test_turned(self):
        for mine, theirs, wanted in (
            ("raise", "lower", True),
            ("raise", "", False),
            ("support", "supporting", False),
            ("", "not", True),
            ("green", "blue", False),
            ("for", "against", True),
            ("", "for", False),
        ):
            with self.subTest(mine=mine, theirs=theirs):
                self.assertEqual(turned(mine.split(), theirs.split()), wanted)
                self.assertEqual(turned(theirs.split(), mine.split()), wanted)


NOW = datetime(2026, 3, 1, 12)


class TestSorting(unittest.TestCase):
    """Which letters become groups, without a database: what is near is given."""

    def _letters(self, numbers, campaign="bike lanes, for", **values):
        return [
            Letter(read(campaign, n), NOW, sender=f"p{n}", company_id=1, **values) for n in numbers
        ]

    def _sort(self, letters, known=None, needed=5):
        return sort_letters(letters, known or [[] for _one in letters], lambda _company: needed)

    def test_too_few_wait(self):
        letters = self._letters(range(4))
        self.assertFalse(self._sort(letters))
        self.assertEqual({one.group for one in letters}, {None})

    def test_the_fifth_makes_a_group_of_all(self):
        letters = self._letters(range(5))
        [founded] = self._sort(letters)
        self.assertEqual(founded.letters, letters)
        self.assertEqual({one.group for one in letters}, {founded})

    def test_those_to_come_join_it(self):
        letters = self._letters(range(30))
        [founded] = self._sort(letters)
        self.assertEqual(len(founded.letters), 5)
        self.assertEqual({one.group for one in letters}, {founded})

    def test_two_campaigns_at_once(self):
        letters = [
            one
            for pair in zip(
                self._letters(range(6)),
                self._letters(range(6), "bike lanes, against"),
                strict=True,
            )
            for one in pair
        ]
        self.assertEqual(len(self._sort(letters)), 2)
        self.assertEqual(len({one.group for one in letters[::2]}), 1)
        self.assertEqual(len({one.group for one in letters}), 2)

    def test_earlier_ones_join(self):
        earlier = self._letters(range(4))
        [latest] = self._letters([9])
        [founded] = self._sort([latest], [earlier])
        self.assertEqual({one.group for one in (*earlier, latest)}, {founded})

    def test_one_person_is_no_campaign(self):
        letters = self._letters(range(10))
        for one in letters:
            one.sender = "p1"
        self.assertFalse(self._sort(letters))

    def test_over_years_is_no_campaign(self):
        letters = self._letters(range(5))
        for number, one in enumerate(letters):
            one.seen_at = NOW - timedelta(days=20 * (5 - number))
        self.assertFalse(self._sort(letters))

    def test_older_ones_join_a_group_of_now(self):
        letters = self._letters(range(6))
        letters[0].seen_at = NOW - timedelta(days=100)
        [founded] = self._sort(letters)
        self.assertEqual(len(founded.letters), 6)

    def test_a_group_that_exists(self):
        [family] = self._letters([0], group=7)
        [letter] = self._letters([3])
        self.assertFalse(self._sort([letter], [[family]]))
        self.assertEqual(letter.group, 7)

    def test_what_was_refused_is_not_proposed_again(self):
        [family] = self._letters([0], group=7, refused=True)
        letters = self._letters(range(1, 9))
        self.assertFalse(self._sort(letters, [[family] for _one in letters]))
        self.assertTrue(all(one.refused for one in letters))

    def test_the_nearest_of_two_groups(self):
        [plain] = self._letters([0], group=7)
        [longer] = self._letters([0], group=8)
        longer.opinion = read("bike lanes, for", 0, OWN[2])
        letter = Letter(read("bike lanes, for", 4, OWN[2]), NOW, "p4", 1)
        self._sort([letter], [[plain, longer]])
        self.assertEqual(letter.group, 8)

    def test_another_office_has_its_own(self):
        letters = self._letters(range(5))
        letters[4].company_id = 2
        self.assertFalse(self._sort(letters))

    def test_never(self):
        self.assertFalse(self._sort(self._letters(range(9)), needed=0))
