import smtplib
import unittest

from ..tools.notice import Reader, mail_text, safe_colour, safe_place, smtp_verdict


class TestToolsNotice(unittest.TestCase):
    """Rules of automated mail, without a database."""

    def test_reader_outside_may_stop(self):
        self.assertTrue(Reader("constituent", "a@example.org").can_stop)
        self.assertFalse(Reader("department", "a@example.org").can_stop)

    def test_places_as_people_write_them(self):
        for parts, expected in (
            (("100 Main Street",), "100 Main Street"),
            (("100 Main St.", " Example ", "10001"), "100 Main St., Example, 10001"),
            (("Main & 5th Ave", None, False, ""), "Main & 5th Ave"),
            (("Calle Peñón 3, 2º B",), "Calle Peñón 3, 2º B"),
            ((None,), ""),
        ):
            self.assertEqual(safe_place(*parts), expected)

    def test_messages_are_no_places(self):
        for text in (
            "see http://evil.example.com",
            "www.evil.test",
            "buy at evil.com today",
            "write to me@evil",
            "<b>Main</b>",
            "two\nlines",
            "x" * 81,
        ):
            self.assertEqual(safe_place(text), "", text)

    def test_colours(self):
        self.assertEqual(safe_colour("#AABBcc"), "#AABBcc")
        for colour in (False, "", "red", "#12345", "#123456;x:y"):
            self.assertEqual(safe_colour(colour, "#000000"), "#000000")

    def test_plain_text_of_a_page(self):
        page = (
            "<!DOCTYPE html><html><head><title>T</title><style>p{}</style></head><body>"
            "<h1>Head</h1><p>One\n two <strong>three</strong>.</p>"
            "<table><tr><th>Number</th> <td>7</td></tr><tr><th>Place</th><td>Main</td></tr></table>"
            "<p><a href='https://c.example/x'>Look</a></p>"
            "<p><a href='https://c.example/y'>https://c.example/y</a></p></body></html>"
        )
        self.assertEqual(
            mail_text(page),
            "Head\n\nOne two three.\n\nNumber: 7\nPlace: Main\n\n"
            "Look: https://c.example/x\n\nhttps://c.example/y\n",
        )

    def test_what_a_failure_means(self):
        refused = smtplib.SMTPRecipientsRefused
        for error, verdict in (
            (refused({"a@x": (550, b"unknown")}), "refused"),
            (refused({"a@x": (451, b"greylisted")}), "later"),
            (smtplib.SMTPDataError(554, b"spam"), "refused"),
            (smtplib.SMTPDataError(452, b"full"), "later"),
            (smtplib.SMTPSenderRefused(553, b"no", "b@x"), "refused"),
            (smtplib.SMTPResponseException(-1, b"?"), "unknown"),
            (smtplib.SMTPNotSupportedError("SMTPUTF8"), "refused"),
            (UnicodeEncodeError("ascii", "é", 0, 1, "x"), "refused"),
            (smtplib.SMTPServerDisconnected("gone"), "unknown"),
            (TimeoutError("timed out"), "unknown"),
        ):
            self.assertEqual(smtp_verdict(error), verdict, repr(error))
