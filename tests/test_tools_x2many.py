import unittest

from hypothesis import given
from hypothesis import strategies as st

from ..tools.x2many import named_ids, named_lines

ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=3) | st.floats(),
    lambda inner: st.lists(inner, max_size=4) | st.tuples(inner, inner, inner),
    max_leaves=12,
)


class TestNamedIds(unittest.TestCase):
    def test_what_create_and_write_take(self):
        for value, ids in (
            (7, {7}),
            (False, set()),
            (None, set()),
            ([3, 4], {3, 4}),
            ([(6, 0, [1, 2])], {1, 2}),
            ([[4, 5], (3, 6, 0), (1, 7, {"a": 1}), (2, 8)], {5, 6, 7, 8}),
            ([(0, 0, {"case_id": 9}), (5,), (5, 0, 0)], set()),
            ("12", set()),
            ({"id": 4, "name": "x"}, {4}),
            ([{"id": 4}, {"name": "new"}], {4}),
            ([(6, 0, None), (4, "12"), (4, True), [], (4,)], set()),
        ):
            with self.subTest(value=value):
                self.assertEqual(named_ids(value), ids)

    def test_lines(self):
        line = {"case_id": 9}
        for value, lines in (
            ([(0, 0, line), [1, 7, line], (4, 5), 3], [line, line]),
            (line, [line]),
            ([(0, 0, None), (0,), (2, 7, line)], []),
            (7, []),
        ):
            with self.subTest(value=value):
                self.assertEqual(named_lines(value), lines)

    @given(st.lists(st.integers(1, 99), max_size=5), st.lists(st.integers(1, 99), max_size=5))
    def test_however_they_are_given(self, some, others):
        commands = [*some, (6, 0, others), *([4, one] for one in some)]
        self.assertEqual(named_ids(commands), {*some, *others})

    @given(ANYTHING)
    def test_nothing_breaks_it(self, value):
        self.assertLessEqual({type(one) for one in named_ids(value)}, {int})
        self.assertLessEqual({type(one) for one in named_lines(value)}, {dict})
