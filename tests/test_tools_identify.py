"""Who it is, who wrote what is forwarded, and what a report really is: without a database."""

import time
import unittest
from datetime import date
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import compat32

from hypothesis import given, settings
from hypothesis import strategies as st

from ..tools.divert import domain_matches, is_blocked, points, read_domains
from ..tools.forward import (
    MAX_NAME,
    MAX_SENDERS,
    Quoted,
    attached_senders,
    forwarded_senders,
    is_forward,
    read_sender,
)
from ..tools.identify import Known, Verdict, weigh
from ..tools.keywords import KeywordIndex, read_keywords

ANA, LUIS, CARLA = Known(1, "Ana Rivera"), Known(2, "Luis Rivera"), Known(3, "Carla Cruz")
OFFICE = Known(4, "Office of Councilmember Lee", brings=True)

GMAIL = """\
Please look into this for my constituent.

---------- Forwarded message ---------
From: Jordan Smith <Jordan.Smith@example.org>
Date: Fri, Nov 20, 2026 at 9:12 AM
Subject: Streetlight out
To: <lee@council.example>

The light in front of my house is out.
"""
GMAIL_SPANISH = """\
---------- Mensaje reenviado ---------
De: Jordan Smith <jordan.smith@example.org>
Fecha: vie, 20 nov 2026
Asunto: Farola
"""
APPLE = """\
See below.

Begin forwarded message:

> From: Jordan Smith <jordan.smith@example.org>
> Subject: Streetlight out
> Date: November 20, 2026 at 9:12:00 AM EST
> To: lee@council.example
"""
OUTLOOK = """\
Please help her.

Dana

From: Smith, Jordan <jordan.smith@example.org>
Sent: Friday, November 20, 2026 9:12 AM
To: Councilmember Lee <lee@council.example>
Subject: Streetlight out

The light is out.
"""
OUTLOOK_SPANISH = """\
De: Jordan Smith [mailto:jordan.smith@example.org]
Enviado el: viernes, 20 de noviembre de 2026 9:12
Para: lee@council.example
Asunto: Farola
"""
ORIGINAL = """\
FYI
-----Original Message-----
From: Jordan Smith [mailto:jordan.smith@example.org]
Sent: Friday, November 20, 2026 9:12 AM
Subject: Streetlight
"""
BOLD = """\
---------- Forwarded message ---------
*From:* Jordan Smith
<jordan.smith@example.org>
"""


class TestWeigh(unittest.TestCase):
    """One clear match, several to choose from, or somebody new."""

    def test_one_clear_match(self):
        for name in ("Ana Rivera", "A. Rivera", "ana rivera", ""):
            with self.subTest(name):
                self.assertEqual(weigh(name, [ANA], []), Verdict(1, "email"))
                self.assertEqual(weigh(name, [], [ANA]), Verdict(1, "phone"))

    def test_siblings(self):
        self.assertEqual(weigh("Luis Rivera", [ANA, LUIS], []).contact_id, 2)
        self.assertEqual(weigh("Luis Rivera", [ANA], []), Verdict())
        self.assertEqual(weigh("", [ANA, LUIS], []).candidates, (1, 2))
        self.assertEqual(weigh("Rivera", [ANA, LUIS], []).candidates, (1, 2))

    def test_address_and_telephone_together(self):
        self.assertEqual(weigh("", [ANA, LUIS], [LUIS]), Verdict(2, "phone"))
        self.assertEqual(weigh("", [ANA], [CARLA]).candidates, (1, 3))
        self.assertEqual(weigh("Ana Rivera", [ANA], [CARLA]), Verdict(1, "email"))
        self.assertEqual(weigh("Carla Cruz", [ANA], [CARLA]), Verdict(3, "phone"))
        self.assertEqual(weigh("", [ANA, LUIS], [CARLA]).candidates, (1, 2, 3))

    def test_whoever_writes_from_an_office_is_of_it(self):
        self.assertEqual(weigh("Dana Intern", [OFFICE], []), Verdict(4, "email"))
        self.assertEqual(weigh("Dana Intern", [], [OFFICE]), Verdict(), "a number proves nothing")

    def test_the_same_person_twice_is_no_question(self):
        twin = Known(9, "Ana Rivera")
        self.assertEqual(weigh("Ana Rivera", [twin, ANA], []).contact_id, 1)

    @given(
        st.text(max_size=20),
        st.lists(st.builds(Known, st.integers(1, 5), st.text(max_size=12), st.booleans())),
        st.lists(st.builds(Known, st.integers(1, 5), st.text(max_size=12), st.booleans())),
    )
    def test_a_verdict_names_only_who_shares_something(self, name, by_email, by_phone):
        verdict = weigh(name, by_email, by_phone)
        ids = {one.contact_id for one in (*by_email, *by_phone)}
        self.assertLessEqual({verdict.contact_id, *verdict.candidates} - {0}, ids)
        self.assertFalse(verdict.contact_id and verdict.candidates)
        if verdict.candidates:
            self.assertEqual(len(set(verdict.candidates)), len(verdict.candidates))


class TestForwarded(unittest.TestCase):
    """The quoted sender, as mail programs write it."""

    def test_every_program(self):
        jordan = Quoted("Jordan Smith", "jordan.smith@example.org")
        for text in (GMAIL, GMAIL_SPANISH, APPLE, OUTLOOK, OUTLOOK_SPANISH, ORIGINAL, BOLD):
            for ends in ("\n", "\r\n"):
                with self.subTest(text[:40]):
                    self.assertEqual(forwarded_senders(text.replace("\n", ends)), [jordan])

    def test_a_line_that_begins_with_from_is_no_head(self):
        for text in (
            "From: here to the bridge there is no light.\nPlease mend it.",
            "de: mi calle",
            "",
            "---------- Forwarded message ---------\n" + "\n" * 20 + "From: a@example.org",
        ):
            with self.subTest(text[:30]):
                self.assertEqual(forwarded_senders(text), [])

    def test_forwards_within_forwards(self):
        found = forwarded_senders(GMAIL + "\n" + OUTLOOK.replace("jordan.smith", "kim"))
        self.assertEqual(
            [one.email for one in found], ["jordan.smith@example.org", "kim@example.org"]
        )
        many = "".join(
            f"Begin forwarded message:\nFrom: Nn <n{number}@example.org>\n" for number in range(40)
        )
        self.assertEqual(len(forwarded_senders(many)), MAX_SENDERS)

    def test_names(self):
        for value, expected in (
            ('"Smith, Jordan" <j@example.org>', Quoted("Jordan Smith", "j@example.org")),
            ("j@example.org", Quoted("", "j@example.org")),
            ("Jordan Smith", Quoted("Jordan Smith", "")),
            ("Jordan Smith (j@example.org)", Quoted("Jordan Smith", "j@example.org")),
            ("J <j@example.org> on behalf of K", Quoted("J", "j@example.org")),
            ("<>", None),
            ("  ", None),
        ):
            with self.subTest(value):
                self.assertEqual(read_sender(value), expected)

    def test_attached(self):
        inner = EmailMessage()
        inner["From"] = "=?utf-8?q?Jos=C3=A9_Ruiz?= <jose@example.org>"
        inner.set_content("The light is out.")
        outer = EmailMessage()
        outer["From"] = "lee@council.example"
        outer.set_content("See attached.")
        outer.add_attachment(inner)
        message = message_from_bytes(outer.as_bytes(), policy=compat32)
        self.assertEqual(attached_senders(message), [Quoted("José Ruiz", "jose@example.org")])
        empty = message_from_bytes(b"Content-Type: message/rfc822\n\n", policy=compat32)
        self.assertEqual(attached_senders(empty), [])

    def test_subjects(self):
        for subject in ("Fwd: x", "FW: x", "fw : x", "RV: x", "TR: x", "WG: x"):
            with self.subTest(subject):
                self.assertTrue(is_forward(subject))
        for subject in ("Re: Fwd: x", "Forward: march", "x", "", None):
            with self.subTest(subject):
                self.assertFalse(is_forward(subject))

    @settings(deadline=None)
    @given(st.text())
    def test_anything_can_be_read(self, text):
        for quoted in forwarded_senders(text):
            self.assertTrue(quoted.name or quoted.email)
            self.assertLessEqual(len(quoted.name), MAX_NAME + 1)

    @settings(deadline=None)
    @given(
        st.lists(
            st.sampled_from(
                ["Begin forwarded message:", "From: ", "From: a@b.example", "> De: x", "Sent: 1",
                 "Date: 1", "Subject: s", "", "-----Original Message-----", "<c@d.example>"]
            )
        )
    )  # fmt: skip
    def test_heads_in_any_order(self, lines):
        for quoted in forwarded_senders("\n".join(lines)):
            self.assertTrue(quoted.name or quoted.email)

    def test_long_texts_take_no_longer_than_they_are(self):
        for text in (
            "From: " + "a" * 2_000_000,
            "From: x\n" * 300_000,
            "-" * 2_000_000,
            "Begin forwarded message:\n" * 100_000,
            "From: " + "<" * 500_000 + "@" * 500_000,
            "> " * 1_000_000,
        ):
            with self.subTest(text[:20]):
                started = time.perf_counter()
                forwarded_senders(text)
                self.assertLess(time.perf_counter() - started, 2)


class TestDivert(unittest.TestCase):
    """Words with weights, and senders."""

    def _points(self, keywords, subject, text):
        index = KeywordIndex([(1, read_keywords(keywords))])
        return points(index.find(subject), index.find(text)).get(1, (0, []))

    def test_points(self):
        self.assertEqual(self._points("foia*3", "", "a foia request"), (3, ["foia"]))
        self.assertEqual(self._points("foia*3", "foia", "foia foia"), (6, ["foia"]))
        self.assertEqual(self._points("records request", "", "records request")[0], 2)
        self.assertEqual(self._points("foia", "", "foiaish"), (0, []))

    def test_what_speaks_against(self):
        words = "suicide*3, suicide prevention*-2"
        self.assertEqual(self._points(words, "", "signs for suicide prevention"), (-1, ["suicide"]))

    def test_domains(self):
        domains = read_domains("@Gazette.example, news.example;\nradio.example.")
        self.assertEqual(domains, {"gazette.example", "news.example", "radio.example"})
        for address, expected in (
            ("desk@gazette.example", True),
            ("desk@sports.gazette.example", True),
            ("desk@notgazette.example", False),
            ("desk@example", False),
            ("gazette.example", True),
            ("", False),
        ):
            with self.subTest(address):
                self.assertEqual(domain_matches(address, domains), expected)
        self.assertEqual(read_domains(None), frozenset())

    def test_blocked(self):
        today = date(2026, 11, 20)
        entries = [
            ("spam@example.org", None, "one"),
            ("junk.example", None, "all"),
            ("late@example.org", date(2026, 11, 19), "over"),
            ("soon@example.org", today, "last day"),
        ]
        for address, reason in (
            ("spam@example.org", "one"),
            ("ham@example.org", None),
            ("any@junk.example", "all"),
            ("any@mail.junk.example", "all"),
            ("late@example.org", None),
            ("soon@example.org", "last day"),
            ("x@spam@example.org", None),
        ):
            with self.subTest(address):
                entry = is_blocked(address, entries, today)
                self.assertEqual(entry[2] if entry else None, reason)

    @given(st.text(), st.text())
    def test_any_domain_can_be_compared(self, address, text):
        self.assertIn(domain_matches(address, read_domains(text)), (True, False))
