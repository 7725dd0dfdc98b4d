"""Text that was made to take long, or to break what reads it: nobody waits for it."""

import time
import unittest

from lxml import html

from odoo.tests import tagged

from ..tools.letter import picture_number
from ..tools.letter_body import MAX_COLUMNS, MAX_DEPTH, clean_body, text_body
from ..tools.letter_number import same_place
from ..tools.letter_pictures import PLACEHOLDER_URI, only_own_pictures
from ..tools.letter_template import (
    body_placeholders,
    clause_codes,
    find_problem,
    is_untranslated,
    text_placeholders,
)
from ..tools.opinion import own_words, read_opinion
from ..tools.quotes import plain_markup, split_html, split_text, without_remote
from ..tools.text import html_to_text, one_line
from .batch_common import BatchSetup
from .common import ConstituentCommon
from .letter_common import LetterSetup

SPIES = (
    "http://spy.example/track.png",
    "//spy.example/track.png",
    "//own.invalid/web/image/9",
    r"/\spy.example/web/image/9",
    r"\\spy.example\web\image\9",
    r"/web/image/9/..\..\..\session\logout",
    "/web/image/res.partner/1/image",
    "/web/session/logout",
    "ftp://spy.example/a.png",
    "h\nttp://spy.example/a.png",
    "",
)


class TestTimes(unittest.TestCase):
    """Each took ten seconds or more, some of them minutes, when it was tried in every way."""

    def _quick(self, function, *texts):
        for text in texts:
            with self.subTest(function=function.__name__, text=text[:30], size=len(text)):
                begun = time.process_time()
                function(text)
                self.assertLess(time.process_time() - begun, 1)

    def test_words_of_a_mail(self):
        self._quick(
            own_words,
            "-" * 50_000,
            "a" * 50_000,
            "1" * 50_000,
            "- " * 25_000,
            "x" + " " * 50_000 + "y",
            "-" * 50_000 + "Dear all of you",
            "NY " * 20_000,
            "AB 12345 " * 8_000,
            "@" * 50_000,
            "www." * 12_000,
            "12 " + "-" * 50_000,
        )
        self._quick(read_opinion, "<p>" + "-" * 50_000 + "</p>")

    def test_quotations(self):
        self._quick(
            split_text,
            " " * 50_000 + "\n> quoted",
            "a\n" + " " * 50_000 + "on\n> quoted",
            "a\n>" + " " * 50_000 + "x\n> quoted",
            "a\nOn Monday" + " wrote" * 8_000 + " \n> quoted",
            "\n" * 50_000 + "x",
            "-" * 50_000,
        )

    def test_clauses_and_placeholders(self):
        self._quick(
            clause_codes,
            "<p>[[clause:" + " " * 50_000 + "</p>",
            "<p>" + "[[clause:" * 6_000 + "</p>",
            "<p>[[" + " " * 50_000 + "</p>",
            "<p>" + "[" * 50_000 + "</p>",
        )
        self._quick(text_placeholders, "{{" * 25_000, "{" * 50_001, "{{ a" * 12_000)
        self._quick(lambda text: find_problem(text, (), is_html=True), "<p>" + "{{ a" * 12_000)
        self._quick(lambda text: is_untranslated(text, text), "<" * 50_000)

    def test_markup(self):
        declared = '<?xml version="1.0" encoding="utf-8"?>' + "<" * 100_000
        many = [
            f"<p>{piece * 30_000}</p>"
            for piece in ("<script>x</script>some words ", "<!--x-->some words ",
                          "<img src='http://x'>some words ", "<font>x</font>some words ")
        ]  # fmt: skip
        self._quick(html_to_text, declared, *many)
        self._quick(clean_body, *many)
        self._quick(without_remote, *many)
        self._quick(
            plain_markup,
            many[2],
            '<p style="text-align:' + " " * 50_000 + '!">a</p>',
            '<p style="text-align:a' + " " * 50_000 + '!">a</p>',
        )
        self.assertEqual(
            plain_markup('<p style="Text-Align : RIGHT ;color:red; font-weight:\nbold\n">a</p>'),
            '<p style="text-align: right; font-weight: bold">a</p>',
        )
        self._quick(text_body, many[2])
        self._quick(split_html, "<div class='gmail_quote'>a</div>some words " * 10_000)

    def test_zip_codes(self):
        self._quick(lambda text: same_place("", text, "", "10001"), "1" + " -" * 25_000 + "x")
        self.assertTrue(same_place("", "10001 - 1234", "", "10001"))

    def test_lists_and_rows(self):
        self._quick(
            clean_body,
            "<ul><li>" + "<p>a</p>" * 10_000 + "</ul>",
            "<table>" + "<tr><td>a" * 10_000 + "</table>",
            "<table>" + "<tr><td colspan=99 rowspan=99>a" * 4_000 + "</table>",
        )


class TestTables(unittest.TestCase):
    """What a table grows to when its rows are filled up."""

    def test_spans_that_make_a_million_cells(self):
        cells = "<td colspan=99 rowspan=99>a</td>" * 50
        cleaned = clean_body("<table>" + f"<tr>{cells}</tr>" * 50 + "</table>")
        self.assertEqual(cleaned.count("<td"), 2_500)
        self.assertNotIn("span=", cleaned)

    def test_spans_within_reason_stay(self):
        body = "<table><tr><td colspan=3>a<td>b<tr><td rowspan=2>c<tr><td>d</table>"
        cleaned = html.fromstring(clean_body(body))
        self.assertEqual([len(row) for row in cleaned.iter("tr")], [2, 4, 3])
        self.assertEqual(cleaned.xpath("//td/@colspan"), ["3"])

    def test_one_long_row(self):
        many = MAX_COLUMNS * 100
        body = "<table><tr>" + "<td>a" * many + "<tr><td>b" * 200 + "</table>"
        cleaned = html.fromstring(clean_body(body))
        rows = list(cleaned.iter("tr"))
        self.assertLess(sum(map(len, rows)), many + 200 * (many // 99 + 3))
        for row in rows:
            self.assertEqual(sum(int(cell.get("colspan", 1)) for cell in row), many)


class TestDepth(unittest.TestCase):
    """Elements in each other without end stopped the printing with a bare error."""

    def test_tables_lists_and_quotations(self):
        for opening, closing in (
            ("<table><tr><td>", "</td></tr></table>"),
            ("<ul><li>", "</li></ul>"),
            ("<blockquote>", "</blockquote>"),
            ("<b>", "</b>"),
        ):
            with self.subTest(opening):
                body = f"{opening}one " * 60 + "two" + closing * 60
                cleaned = html.fromstring(clean_body(body))
                depth = max(len(list(node.iterancestors())) for node in cleaned.iter())
                # Beside what lxml puts around them
                self.assertLessEqual(depth, MAX_DEPTH + 2)
                self.assertEqual(cleaned.text_content().split(), ["one"] * 60 + ["two"])

    def test_words_of_cells_stay_apart(self):
        body = "<div>" * MAX_DEPTH + "<table><tr><td>one</td><td>two</td></tr></table>"
        cleaned = clean_body(body)
        self.assertNotIn("<td", cleaned)
        self.assertEqual(html.fromstring(cleaned).text_content().split(), ["one", "two"])


class TestOwnPictures(unittest.TestCase):
    """What a browser would fetch from a letter's text."""

    def test_what_stays(self):
        for address in (
            "/web/image/9",
            "/web/image/9-ab12cd/map%20of%20it.png",
            "/web/image/9?access_token=3f2c-1a",
            "/web/content/9?download=1",
            "data:image/png;base64,AAAA",
        ):
            with self.subTest(address):
                image = html.fromstring(only_own_pictures(f'<p>a<img src="{address}" alt="b"></p>'))
                self.assertEqual(image.xpath("//img/@src"), [address])

    def test_what_goes(self):
        for address in SPIES:
            with self.subTest(address):
                body = f'<p>a<img src="{address}" srcset="http://spy.example/2.png 2x">b</p>'
                image = html.fromstring(only_own_pictures(body)).find(".//img")
                number = picture_number(address)
                own = f"/web/image/{number}" if number else PLACEHOLDER_URI
                self.assertEqual(dict(image.attrib), {"src": own})

    def test_what_else_fetches(self):
        body = (
            '<p style="background: u&#114;l(http://spy.example/1)">a</p>'
            "<p style='background: image-set(\"http://spy.example/1\" 1x)'>b</p>"
            '<table background="http://spy.example/2"><tr><td>c</td></tr></table>'
            "<style>@import 'http://spy.example/3'</style>"
            '<video poster="http://spy.example/4"></video><input type=image src=//spy.example/5>'
        )
        cleaned = only_own_pictures(body)
        self.assertNotIn("spy.example", cleaned)
        self.assertEqual(html.fromstring(f"<div>{cleaned}</div>").text_content(), "abc")

    def test_what_fetches_nothing_is_not_touched(self):
        for body in (None, False, "", "<p>a & b <i>c</p>"):
            self.assertIs(only_own_pictures(body), body)

    def test_lines(self):
        for text in ("a\r\nb", "a\nb", "a\x0bb", "a \u2028\u2029 b", "\na\x85\x0cb\r"):
            self.assertEqual(one_line(text), "a b")
        self.assertIs(one_line(False), False)

    def test_placeholders_and_clauses_as_before(self):
        self.assertEqual(clause_codes("<p>[[ clause :  app-1 ]]</p>"), (["APP-1"], []))
        self.assertEqual(clause_codes("<p>see [[clause:a[b]]</p>"), ([], ["A[B"]))
        self.assertEqual(len(body_placeholders("<p>{{ object.a }}{{object.b|||\nnone}}</p>")), 2)
        self.assertEqual(find_problem("{{ a {{ object.b }}", ("object.b",))[1], "open")


@tagged("post_install", "-at_install")
class TestLetterFromOutside(LetterSetup, ConstituentCommon):
    """What is stored and read of a text somebody pasted."""

    def _spying(self):
        return "<p>a" + "".join(f'<img src="{address}">' for address in SPIES) + "</p>"

    def _check(self, markup):
        self.assertNotIn("spy.example", str(markup))
        self.assertNotIn("logout", str(markup))
        self.assertIn(PLACEHOLDER_URI, str(markup))

    def test_remote_pictures_are_not_stored(self):
        letter = self._make_letter(body=self._spying())
        self._check(letter.body)
        letter.body = "<p>b</p>"
        letter.write({"body": self._spying(), "body_english": self._spying()})
        self._check(letter.body)
        self._check(letter.body_english)
        copied = letter.with_context(default_body=self._spying()).create(
            {"subject": "a", "partner_id": self.resident.id, "department_id": self.streets.id}
        )
        self._check(copied.body)

    def test_remote_pictures_of_earlier_are_not_read(self):
        letter = self._make_letter()
        letter.flush_recordset()
        self.env.cr.execute(
            "UPDATE constituent_correspondence SET body = %s WHERE id = %s",
            [self._spying(), letter.id],
        )
        letter.invalidate_recordset()
        self._check(letter._reading_page())
        self._check(letter._letter_values()["body"])

    def test_lines_are_one_line(self):
        names = ("subject", "salutation", "their_reference", "delivery_notation")
        letter = self._make_letter(**dict.fromkeys(names, "Hello\r\nBcc: evil@example.org"))
        for name in names:
            self.assertEqual(letter[name], "Hello Bcc: evil@example.org")
        letter.write({"subject": "Hello\n\nagain", "translation_waiver": "by\r\nphone"})
        self.assertEqual((letter.subject, letter.translation_waiver), ("Hello again", "by phone"))
        letter.partner_id.name = "Ann\r\nLee"
        values = letter._letter_values()
        self.assertEqual(values["addressee"], "Ann Lee")

    def test_a_subject_of_earlier_goes_by_mail(self):
        delivery = self.env["constituent.delivery"].new({"email": "a@example.org"})
        message = delivery._build_message(
            self.env["ir.mail_server"],
            {
                "email_from": "office@example.org", "subject": "Hello\r\nBcc: evil@example.org",
                "body_html": "<p>a</p>", "body_text": "a", "reply_to": False, "headers": {},
                "attachments": [],
            },
        )  # fmt: skip
        self.assertEqual(message["Subject"], "Hello Bcc: evil@example.org")
        self.assertIsNone(message["Bcc"])

    def test_deep_tables_are_printed(self):
        letter = self._make_letter(body="<table><tr><td>" * 60 + "a" + "</td></tr></table>" * 60)
        self.assertTrue(letter._letter_pdf().startswith(b"%PDF"))


@tagged("post_install", "-at_install")
class TestBatchName(BatchSetup, ConstituentCommon):
    def test_is_one_line(self):
        batch = self.env["constituent.letter.batch"].create({"name": "All\r\nBcc: a@example.org"})
        self.assertEqual(batch.name, "All Bcc: a@example.org")
        batch.name = "None\nof them"
        self.assertEqual(batch.name, "None of them")
