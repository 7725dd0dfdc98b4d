import unittest

from hypothesis import given
from hypothesis import strategies as st

from ..tools.article import with_article


class TestArticle(unittest.TestCase):
    """Departments within a sentence, in English and in Spanish."""

    def test_english(self):
        for name, expected in (
            ("Streets Department", "the Streets Department"),
            ("Department of Public Works", "the Department of Public Works"),
            ("Office of Constituent Services", "the Office of Constituent Services"),
            ("State Highway Agency, District 2", "the State Highway Agency, District 2"),
            ("Departamento de Calles", "the Departamento de Calles"),
            ("Water & Sewer", "Water & Sewer"),
            ("Constituent Services", "Constituent Services"),
            ("The Parks Department", "The Parks Department"),
            ("", ""),
            (None, ""),
        ):
            with self.subTest(name=name):
                self.assertEqual(with_article(name, "en_US"), expected)

    def test_spanish(self):
        for name, expected in (
            ("Departamento de Calles", "el Departamento de Calles"),
            ("Oficina de Atención Ciudadana", "la Oficina de Atención Ciudadana"),
            ("Streets Department", "el Streets Department"),
            ("Calles", "Calles"),
            ("La Oficina", "La Oficina"),
        ):
            with self.subTest(name=name):
                self.assertEqual(with_article(name, "es_419"), expected)

    def test_other_languages(self):
        self.assertEqual(with_article("Streets Department", "ht_HT"), "Streets Department")
        self.assertEqual(with_article("Streets Department", None), "Streets Department")

    @given(st.text(max_size=40), st.sampled_from(["en_US", "es_419", "fr_FR"]))
    def test_the_name_stays(self, name, lang):
        self.assertTrue(with_article(name, lang).endswith(name.strip()))
