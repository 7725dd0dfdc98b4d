import unittest

from hypothesis import given
from hypothesis import strategies as st

from ..tools.letter_template import (
    Placeholder,
    body_placeholders,
    clause_codes,
    expand_clauses,
    find_problem,
    is_untranslated,
    replace_words,
    text_placeholders,
    to_qweb,
    words_kept,
)

ALLOWED = {"object.number", "object.letter_place"}


class TestPlaceholders(unittest.TestCase):
    """Places that are filled from the case."""

    def test_of_a_subject(self):
        self.assertEqual(
            text_placeholders("Your case {{object.number}}, {{ object.letter_place ||| there }}"),
            [Placeholder("object.number"), Placeholder("object.letter_place", "there")],
        )
        self.assertEqual(text_placeholders(False), [])

    def test_of_a_text(self):
        body = (
            "<p>{{ object.number }} and <b>{{ object.letter_place ||| your street }}</b>,</p>"
            "tail {{object.number}} end<p><t t-out='object.number'></t></p>"
        )
        self.assertEqual(
            body_placeholders(body),
            (
                Placeholder("object.number"),
                Placeholder("object.letter_place", "your street"),
                Placeholder("object.number"),
                Placeholder("object.number"),
            ),
        )
        self.assertEqual(str(Placeholder("object.number")), "{{ object.number }}")

    def test_to_qweb(self):
        self.assertEqual(
            to_qweb("<p>No. {{ object.number }}, <i>see</i> {{ object.x ||| it's }}.</p>"),
            '<p>No. <t t-out="object.number"></t>, <i>see</i> <t t-out="object.x">it\'s</t>.</p>',
        )
        self.assertEqual(to_qweb("a & {{ object.n }}"), 'a &amp; <t t-out="object.n"></t>')
        self.assertEqual(to_qweb("<p>Nothing</p>"), "<p>Nothing</p>")
        self.assertEqual(to_qweb(""), "")

    def test_what_may_be_empty(self):
        optional = Placeholder("object.number", " ")
        self.assertEqual(text_placeholders("{{ object.number ||| }}"), [optional])
        self.assertEqual(body_placeholders("<p>{{ object.number |||}}</p>"), (optional,))
        self.assertIsNone(find_problem("<p>{{ object.number ||| }}</p>", ALLOWED, is_html=True))

    def test_two_behind_each_other(self):
        self.assertEqual(
            to_qweb("{{object.a}}{{object.b}}<br>{{object.c}}"),
            '<t t-out="object.a"></t><t t-out="object.b"></t><br><t t-out="object.c"></t>',
        )

    def test_what_is_refused(self):
        for text, what, reason in (
            ("{{ object.nothing }}", "{{ object.nothing }}", "unknown"),
            ("{{ object.number or 1 }}", "{{ object.number or 1 }}", "unknown"),
            ("{{ env['res.users'] }}", "{{ env['res.users'] }}", "unknown"),
            ("{{ object.number", "{{ object.number", "open"),
            ("<p>{{ object.<b>number</b> }}</p>", "{{ object.", "open"),
            ("<p>object.number }}</p>", "object.number }}", "open"),
            ('<a href="{{ object.number }}">x</a>', 'href="{{ object.number }}"', "attribute"),
            ('<p t-if="1">x</p>', 't-if="1"', "directive"),
            ('<t t-call="web.login"></t>', 't-call="web.login"', "directive"),
            ('<p t-out="object.number" class="x">x</p>', 't-out="object.number"', "directive"),
            ('<t t-out="object.number"><b>x</b></t>', 't-out="object.number"', "directive"),
            ('<t t-out="object.env"></t>', "{{ object.env }}", "unknown"),
            ("<p>{{ object.number ||| Tom &amp; Jo }}</p>", "Tom & Jo", "default"),
        ):
            with self.subTest(text=text):
                self.assertEqual(find_problem(text, ALLOWED, is_html=True), (what, reason))

    def test_a_subject_is_refused(self):
        self.assertEqual(find_problem("{{ object.x", ALLOWED), ("{{ object.x", "open"))
        self.assertEqual(find_problem("{{ 1 + 1 }}", ALLOWED), ("{{ 1 + 1 }}", "unknown"))
        self.assertIsNone(find_problem("No. {{ object.number }}", ALLOWED))
        self.assertIsNone(find_problem(False, ALLOWED))

    def test_what_is_allowed(self):
        body = "<p>{{ object.number }} <t t-out='object.letter_place'>there</t></p>"
        self.assertIsNone(find_problem(body, ALLOWED, is_html=True))
        self.assertIsNone(find_problem(False, ALLOWED, is_html=True))

    @given(st.text(alphabet="<>{}|pt-ou\"'=ab .&[]/", max_size=60))
    def test_any_text_is_read(self, text):
        to_qweb(text)
        body_placeholders(text)
        clause_codes(text)
        find_problem(text, ALLOWED, is_html=True)
        find_problem(text, ALLOWED)

    @given(st.text(alphabet="{}|abject.number <b>", max_size=60))
    def test_what_is_not_refused_has_only_allowed_expressions(self, text):
        if find_problem(text, ALLOWED, is_html=True) is None:
            found = {placeholder.expression for placeholder in body_placeholders(text)}
            self.assertLessEqual(found, ALLOWED)


class TestClauses(unittest.TestCase):
    """Shared paragraphs, named by a marker."""

    def test_codes(self):
        body = (
            "<p>[[clause:records]]</p><p>See [[clause:APPEAL]].</p><p><b>[[ clause: X-1 ]]</b></p>"
        )
        self.assertEqual(clause_codes(body), (["RECORDS", "X-1"], ["APPEAL"]))
        self.assertEqual(clause_codes(False), ([], []))
        self.assertEqual(clause_codes("[[clause:X]]"), ([], ["X"]))

    def test_expand(self):
        body = "<p>Before</p><p>[[clause:A]]</p><p>After</p>"
        self.assertEqual(
            expand_clauses(body, {"A": "<p>One</p><p>Two</p>"}),
            "<p>Before</p><p>One</p><p>Two</p><p>After</p>",
        )
        self.assertEqual(expand_clauses(body, {"A": "Bare"}), body.replace("[[clause:A]]", "Bare"))
        self.assertEqual(expand_clauses(body, {}), body)
        self.assertEqual(expand_clauses("<p>x</p>", {"A": "y"}), "<p>x</p>")

    def test_replace(self):
        body = "<div><p>Before</p><p>One, <b>and</b></p>\n<p>Two</p>tail</div>"
        old, new = "<p>One,  and</p><p>Two</p>", "<p>Three</p>"
        self.assertEqual(replace_words(body, old, new), "<div><p>Before</p><p>Three</p>tail</div>")
        self.assertEqual(replace_words(body, "<p>One</p>", new), "")
        self.assertEqual(replace_words(body, "", new), "")

    def test_words_kept(self):
        clause = "<p>You may appeal within <b>thirty</b> days. There is no fee.</p>"
        for body, least, most in (
            (f"<p>Before.</p>{clause}<p>After</p>", 1, 1),
            ("<p>You may appeal within sixty days.</p><p>There is no fee.</p>", 0.6, 0.95),
            ("<p>You wrote that there is no light. We may see to it.</p>", 0, 0.4),
            ("<p>No.</p>", 0, 0),
            ("", 0, 0),
        ):
            with self.subTest(body):
                self.assertGreaterEqual(words_kept(body, clause), least)
                self.assertLessEqual(words_kept(body, clause), most)
        self.assertEqual(words_kept("<p>No.</p>", "<p>No.</p>"), 1)
        self.assertEqual(words_kept("<p>No.</p>", ""), 0)


class TestTranslated(unittest.TestCase):
    def test_is_untranslated(self):
        self.assertTrue(is_untranslated("We have received it.", "We have received it."))
        self.assertFalse(is_untranslated("We have received it.", "La hemos recibido."))
        self.assertFalse(is_untranslated("{{ object.letter_place }}", "{{ object.letter_place }}"))
        self.assertFalse(is_untranslated("[[clause:THE-ONE-X]]", "[[clause:THE-ONE-X]]"))
        self.assertFalse(is_untranslated("TTY 711", "TTY 711"))
