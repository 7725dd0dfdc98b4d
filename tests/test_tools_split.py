import unittest

from ..tools.split import SUBJECT_MAX, lines_of, propose_matters, propose_subject

LETTER = """Dear Office,

The street lamp in front of 5 Elm Street has been dark for two weeks.

Also, somebody dumps tires behind the school on Canal Street every night.

And when will the library on Main Street open on Sundays again?

Sincerely,
Ana Rivera"""


class TestProposals(unittest.TestCase):
    """Where a letter falls into matters."""

    def test_three_paragraphs_are_three_matters(self):
        parts = propose_matters(LETTER)
        self.assertEqual(len(parts), 3)
        self.assertTrue(parts[0].startswith("Dear Office,"))
        self.assertIn("street lamp", parts[0])
        self.assertTrue(parts[1].startswith("Also, somebody"))
        self.assertTrue(parts[2].endswith("Ana Rivera"))

    def test_no_word_is_lost(self):
        self.assertEqual(
            " ".join(" ".join(propose_matters(LETTER)).split()), " ".join(LETTER.split())
        )

    def test_points_of_a_list_are_matters(self):
        parts = propose_matters(
            "Please look into these things, which we have told you of before:\n"
            "1. The lamp at the corner of Elm Street is out.\n"
            "2) Nobody picks up the trash on Sunday\nor on Monday.\n"
            "- The bench in the park is broken again."
        )
        self.assertEqual(len(parts), 4)
        self.assertEqual(parts[2], "2) Nobody picks up the trash on Sunday\nor on Monday.")

    def test_one_paragraph_is_one_matter(self):
        self.assertEqual(propose_matters("The lamp is out."), ["The lamp is out."])
        self.assertEqual(propose_matters(""), [""])
        self.assertEqual(propose_matters(None), [""])

    def test_spanish_greeting_and_closing(self):
        parts = propose_matters(
            "Estimados señores:\n\nHay un bache muy grande en la calle Mayor.\n\n"
            "También falta un semáforo frente a la escuela.\n\nGracias por su atención."
        )
        self.assertEqual(len(parts), 2)
        self.assertTrue(parts[1].endswith("su atención."))

    def test_subject_is_the_first_sentence(self):
        self.assertEqual(
            propose_subject(propose_matters(LETTER)[0]),
            "The street lamp in front of 5 Elm Street has been dark for two weeks",
        )
        self.assertEqual(propose_subject("2) Trash! It lies there."), "Trash")
        self.assertEqual(propose_subject(""), "")

    def test_long_subject_ends_at_a_word(self):
        subject = propose_subject("word " * 40)
        self.assertLessEqual(len(subject), SUBJECT_MAX)
        self.assertTrue(subject.endswith("word…"))

    def test_pasted_page(self):
        page = "1. Lamp out on Elm Street\n\n  2) Potholes\n• Trash\n12 Oak Street: noise\n"
        self.assertEqual(
            lines_of(page),
            ["Lamp out on Elm Street", "Potholes", "Trash", "12 Oak Street: noise"],
        )
        self.assertEqual(lines_of(None), [])
