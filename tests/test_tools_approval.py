import unittest

from hypothesis import given
from hypothesis import strategies as st

from ..tools.approval import Decision, Step, digest, waiting

HEAD = Step("head", "Head", (1,))
COUNSEL = Step("counsel", "Counsel", (2, 3))
BOARD = Step("board", "Board", (4, 5), needs_all=True)


class TestSteps(unittest.TestCase):
    """The order of approvals, without a database."""

    def test_one_after_the_other(self):
        steps = (HEAD, COUNSEL, BOARD)
        self.assertEqual(waiting(steps, []), (HEAD, (1,)))
        done = [Decision("head", 1)]
        self.assertEqual(waiting(steps, done), (COUNSEL, (2, 3)))
        done.append(Decision("counsel", 3))
        self.assertEqual(waiting(steps, done), (BOARD, (4, 5)))
        done.append(Decision("board", 5))
        self.assertEqual(waiting(steps, done), (BOARD, (4,)))
        done.append(Decision("board", 4))
        self.assertEqual(waiting(steps, done), (None, ()))

    def test_what_was_approved_too_early_does_not_count_later(self):
        steps = (HEAD, COUNSEL, Step("again", "Head, at the end", (1,)))
        done = [Decision("head", 1), Decision("counsel", 2)]
        self.assertEqual(waiting(steps, done)[0].key, "again")

    def test_others_do_not_count(self):
        self.assertEqual(waiting((HEAD,), [Decision("head", 9)]), (HEAD, (1,)))

    def test_a_step_with_nobody_is_never_taken(self):
        empty = Step("empty", "Nobody", ())
        self.assertEqual(waiting((empty,), [Decision("empty", 1)]), (empty, ()))

    def test_without_steps_nothing_is_waited_for(self):
        self.assertEqual(waiting((), []), (None, ()))

    @given(
        st.lists(
            st.builds(
                Step,
                key=st.sampled_from("abc"),
                label=st.just(""),
                people=st.lists(st.integers(1, 4), min_size=1, unique=True).map(tuple),
                needs_all=st.booleans(),
            ),
            unique_by=lambda step: step.key,
        ),
        st.randoms(),
    )
    def test_whoever_is_asked_in_turn_ends_it(self, steps, chance):
        decisions = []
        for _turn in range(sum(len(step.people) for step in steps)):
            step, people = waiting(steps, decisions)
            if step is None:
                break
            decisions.append(Decision(step.key, chance.choice(people)))
        self.assertEqual(waiting(steps, decisions), (None, ()))


class TestDigest(unittest.TestCase):
    def test_the_order_of_names_does_not_count(self):
        self.assertEqual(digest({"a": 1, "b": [1, 2]}), digest({"b": [1, 2], "a": 1}))

    def test_the_order_of_a_list_counts(self):
        self.assertNotEqual(digest({"a": [1, 2]}), digest({"a": [2, 1]}))

    def test_it_stays_what_it_is(self):
        """Approvals of years ago must still be checked."""
        self.assertEqual(
            digest({"subject": "Café", "lines": ["a", None, False]}),
            "65fb607380a2d81b4d8b9b0e91f40b73ad1fa87193257047d864737d4d378b17",
        )

    @given(st.text(), st.text())
    def test_another_word_is_another_digest(self, one, other):
        self.assertEqual(digest({"t": one}) == digest({"t": other}), one == other)
