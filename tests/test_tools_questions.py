import unittest

from hypothesis import given
from hypothesis import strategies as st

from ..tools.questions import DATATYPES, Answer, AnswerError, Choice, Question, read_answer

CHOICES = (
    Choice("SM", "Small"),
    Choice("BIG", "Bigger than a plate"),
    Choice("FIRE", "It burns", "Call 911 now."),
)


class TestQuestions(unittest.TestCase):
    """Typed answers, without a database."""

    def _read(self, datatype, given_, **values):
        return read_answer(Question("q", datatype, choices=CHOICES, **values), given_)

    def _refused(self, datatype, given_, kind, **values):
        with self.assertRaises(AnswerError) as caught:
            self._read(datatype, given_, **values)
        self.assertEqual(caught.exception.kind, kind)

    def test_nothing(self):
        for nothing in (None, "", "  ", [], ["", None]):
            self.assertIsNone(self._read("string", nothing))
            self._refused("singlevaluelist", nothing, "missing", required=True)

    def test_text(self):
        self.assertEqual(self._read("string", " Pole 7 "), Answer("Pole 7", "Pole 7"))
        self._refused("string", "x" * 201, "long")
        self.assertEqual(len(self._read("text", "x" * 5_000).value), 5_000)
        self._refused("text", "x" * 5_001, "long")

    def test_numbers(self):
        for text, value in (("7", "7"), ("-2,5", "-2.5"), ("+3.0", "3.0"), ("0", "0")):
            self.assertEqual(self._read("number", text).value, value)
        for text in ("seven", "1e9", "1.2.3", "--1", "NaN", "9" * 300):
            self._refused("number", text, "number")
        self.assertEqual(self._read("number", 0).value, "0")

    def test_moments(self):
        self.assertEqual(
            self._read("datetime", "2026-03-03T10:00"),
            Answer("2026-03-03T10:00:00", "2026-03-03 10:00"),
        )
        for text in ("yesterday", "2026-13-01", "03/03/2026"):
            self._refused("datetime", text, "datetime")

    def test_one_of_a_list_by_key_or_name(self):
        for text in ("SM", "small", "SMALL"):
            self.assertEqual(self._read("singlevaluelist", text), Answer("SM", "Small"))
        self._refused("singlevaluelist", "huge", "choice")
        self._refused("singlevaluelist", ["SM", "BIG"], "choice")

    def test_several_of_a_list(self):
        wanted = Answer("SM|BIG", "Small, Bigger than a plate")
        for given_ in (["SM", "BIG"], "SM|BIG", "Small; bigger than a plate", ["SM", "BIG", "SM"]):
            self.assertEqual(self._read("multivaluelist", given_), wanted)
        self._refused("multivaluelist", ["SM", "nothing"], "choice")

    def test_an_answer_may_stop(self):
        self.assertEqual(self._read("singlevaluelist", "FIRE").stops, "Call 911 now.")
        self.assertEqual(self._read("multivaluelist", "SM|FIRE").stops, "Call 911 now.")
        self.assertEqual(self._read("singlevaluelist", "SM").stops, "")

    @given(
        st.sampled_from(DATATYPES),
        st.one_of(st.none(), st.text(max_size=300), st.lists(st.text(max_size=20), max_size=4),
                  st.integers(), st.floats()),
        st.booleans(),
    )  # fmt: skip
    def test_any_answer_is_understood_or_refused(self, datatype, given_, required):
        try:
            found = self._read(datatype, given_, required=required)
        except AnswerError as error:
            self.assertIn(error.kind, {"missing", "long", "number", "datetime", "choice"})
        else:
            self.assertTrue(found is None or found.value)
