import time
import unittest
from datetime import datetime

from hypothesis import example, given, settings
from hypothesis import strategies as st

from ..tools.authentication import authenticate
from ..tools.bounce import read_bounce
from ..tools.mail import (
    addresses,
    case_numbers,
    decode,
    known_charset,
    parse,
    read_heads,
    readable_text,
    sent_at,
)
from ..tools.quotes import plain_markup, safe_links, split_html, split_text, without_remote

NOON = datetime(2026, 11, 21, 17, 0)
MAIL = b"""\
Message-ID: <one@example.org>
Date: Sat, 21 Nov 2026 09:00:00 -0500
From: =?utf-8?q?Ana_Rivi=C3=A8re?= <Ana@Example.org>
To: Streets <streets@city.example>, ana@example.org
Cc: office@city.example
Delivered-To: streets@city.example
References: <first@city.example> <second@city.example>
In-Reply-To: <third@city.example>
Subject: =?utf-8?b?TGEgY2FsbGUgZXN0w6EgcmF5YWRh?=

Body
"""

head_names = st.sampled_from(
    [
        b"From", b"To", b"Cc", b"Subject", b"Date", b"Message-ID", b"References",
        b"Content-Type", b"Content-Transfer-Encoding", b"Content-Disposition",
        b"Auto-Submitted", b"Precedence", b"Authentication-Results", b"Return-Path",
    ]
)  # fmt: skip
head_values = st.one_of(
    st.binary(max_size=60),
    st.sampled_from(
        [
            b"multipart/report; report-type=delivery-status; boundary=b",
            b"multipart/mixed; boundary=b", b"text/html; charset=x-unknown", b"message/rfc822",
            b"message/delivery-status", b"=?nonsense?q?=ff?=", b"=?utf-8?b?!?=", b"<@>, :;",
            b"quoted-printable", b"base64", b"mx.city.example; spf=pass smtp.mailfrom=a@b.c",
            b"text/plain; charset*=utf-9''%ff", b"attachment; filename*0*=''%E9",
        ]
    ),
)  # fmt: skip
messages = st.builds(
    lambda heads, body: b"".join(n + b": " + v + b"\n" for n, v in heads) + b"\n" + body,
    st.lists(st.tuples(head_names, head_values), max_size=8),
    st.one_of(
        st.binary(max_size=200), st.just(b"--b\n\nx\n--b\nContent-Type: text/x\n\n\0\n--b--")
    ),
)


class TestHeads(unittest.TestCase):
    """What the register keeps of a message."""

    def test_heads_are_read(self):
        heads = read_heads(MAIL)
        self.assertEqual(heads.message_id, "<one@example.org>")
        self.assertEqual(heads.sender, "ana@example.org")
        self.assertEqual(heads.subject, "La calle está rayada")
        self.assertEqual(heads.email_from, "Ana Rivière <Ana@Example.org>")
        self.assertEqual(
            heads.recipients, ["streets@city.example", "ana@example.org", "office@city.example"]
        )
        self.assertEqual(
            heads.references,
            ["<third@city.example>", "<second@city.example>", "<first@city.example>"],
        )
        self.assertEqual(heads.automatic, "")

    def test_heads_may_be_missing_or_nonsense(self):
        for raw in (b"", b"\n\n", b"Only text", b"From: foo\nTo: \xff\xfe\0\n\nx"):
            with self.subTest(raw):
                heads = read_heads(raw)
                self.assertEqual((heads.sender, heads.recipients), ("", []))
                self.assertEqual(heads.fingerprint, heads.raw_sha256)

    def test_a_copy_by_another_way_has_the_same_fingerprint(self):
        copy = b"Received: by relay\nDelivered-To: parks@city.example\n" + MAIL
        crlf = MAIL.replace(b"\n", b"\r\n") + b"\r\n"
        other = MAIL.replace(b"Body", b"Another body")
        prints = [read_heads(raw).fingerprint for raw in (MAIL, copy, crlf, other)]
        self.assertEqual(prints[0], prints[1])
        self.assertEqual(prints[0], prints[2])
        self.assertNotEqual(prints[0], prints[3])
        self.assertNotEqual(read_heads(MAIL).raw_sha256, read_heads(copy).raw_sha256)

    def test_each_of_four_things_makes_another_message(self):
        for old, new in (
            (b"<one@", b"<two@"), (b"09:00", b"10:00"), (b"<Ana@", b"<Eva@"), (b"Body", b"B"),
        ):  # fmt: skip
            with self.subTest(old):
                other = MAIL.replace(old, new)
                self.assertNotEqual(read_heads(other).fingerprint, read_heads(MAIL).fingerprint)

    def test_automatic_mail(self):
        for head, expected in (
            (b"Auto-Submitted: auto-replied (vacation)", True),
            (b"Auto-Submitted: auto-generated; x=y", True),
            (b"Auto-Submitted: no", False),
            (b"Precedence: bulk", True),
            (b"Precedence: LIST", True),
            (b"Precedence: first-class", False),
            (b"List-Id: <council.example.org>", True),
            (b"List-Unsubscribe: <mailto:x@example.org>", True),
            (b"X-Auto-Response-Suppress: DR, OOF, AutoReply", True),
            (b"X-Auto-Response-Suppress: DR, RN", False),
            (b"Return-Path: <>", True),
            (b"Return-Path: <ana@example.org>", False),
            (b"X-Priority: 1", False),
        ):
            with self.subTest(head):
                self.assertEqual(bool(read_heads(head + b"\n" + MAIL).automatic), expected)

    def test_senders_that_are_machines(self):
        for local_part, expected in (
            ("mailer-daemon", True), ("MAILER-DAEMON", True), ("postmaster", True),
            ("no-reply", True), ("noreply", True), ("norah.reply", False),
        ):  # fmt: skip
            raw = MAIL.replace(b"<Ana@", f"<{local_part}@".encode())
            with self.subTest(local_part):
                self.assertEqual(bool(read_heads(raw).automatic), expected)

    def test_numbers_count_in_brackets_only(self):
        self.assertEqual(
            case_numbers("Re: [CS-2026-000123] AW: [cs-2026-000007]"),
            ["CS-2026-000123", "CS-2026-000007"],
        )
        for subject in ("CS-2026-000123", "[CS-26-000123]", "[CS-2026-123]", "", None):
            self.assertEqual(case_numbers(subject), [])

    def test_unknown_charsets_are_survived(self):
        self.assertEqual(decode("=?x-nonsense?q?Caf=C3=A9?="), "Café")
        self.assertEqual(known_charset("latin1"), "iso8859-1")
        for name in ("x-nonsense", "rot13", "hex", "", "\0", "a" * 500):
            self.assertEqual(known_charset(name), "utf-8")

    def test_sent_at(self):
        self.assertEqual(
            sent_at("Sat, 21 Nov 2026 09:00:00 -0500", NOON), datetime(2026, 11, 21, 14)
        )
        for date in ("", None, "yesterday", "Sat, 21 Nov 2099 09:00:00 -0500", "Mon, 1 Jan 0001"):
            self.assertEqual(sent_at(date, NOON), NOON)

    @settings(deadline=None)
    @given(st.text(max_size=80))
    def test_addresses_are_addresses(self, text):
        for address in addresses(text):
            self.assertEqual(address.count("@"), 1)
            self.assertEqual(address, address.lower())
            self.assertNotRegex(address, r"\s")

    @settings(deadline=None)
    @given(messages)
    @example(b"Subject: =?utf-8?q?=?=\n\n")
    @example(b'Content-Type: text/plain; charset="\n\nx')
    def test_nothing_raises(self, raw):
        heads = read_heads(raw)
        self.assertNotIn("\0", heads.subject + heads.email_from + heads.message_id)
        self.assertLessEqual(len(heads.references), 32)
        self.assertEqual(len(heads.fingerprint), 64)
        self.assertIsInstance(readable_text(raw), str)
        self.assertIn(authenticate(raw, "mx.city.example")[0], ("pass", "fail", "none"))
        read_bounce(raw)

    @settings(deadline=None)
    @given(messages)
    def test_parsed_messages_can_be_read(self, raw):
        message = parse(raw)
        for part in message.walk():
            for name in ("Content-Type", "Content-Disposition", "Content-Id"):
                self.assertIsInstance(str(part[name]), str)
            if part.get_content_maintype() == "text":
                part.get_content()

    def test_malice_takes_neither_time_nor_the_program_down(self):
        nested = b"To: " + b"(" * 100_000 + b" <streets@city.example>\n\nx"
        self.assertEqual(read_heads(nested).recipients, ["streets@city.example"])
        started = time.monotonic()
        for raw in (
            b"To: " + b'"' * 50_000 + b"\n\nx",
            b"Subject: " + b"=?utf-8?q?a?= " * 50_000 + b"\n\nx",
            b"References: " + b"<a@b> " * 100_000 + b"\n\nx",
            b"Authentication-Results: mx; " + b"(" * 50_000 + b"\n\nx",
        ):
            read_heads(raw)
            authenticate(raw, "mx")
            parse(raw)
        with self.assertRaises(ValueError):
            parse(b"Content-Type: " + b'"' * 50_000 + b"\n\nx")
        for text in ("From: x\n" * 50_000, "> a\n" * 50_000, "On " * 50_000):
            split_text(text)
        split_html("<blockquote type='cite'>x</blockquote>y" * 5_000)
        self.assertLess(time.monotonic() - started, 30)

    def test_readable_text_is_short_and_clean(self):
        text = readable_text(b"A\0B\r\n\x1b[31mC" + b"x" * 100, limit=20)
        self.assertTrue(text.startswith("AB\n"))
        self.assertNotRegex(text, r"[\x00\x1b\r]")
        self.assertEqual(len(text), 20)


class TestBounce(unittest.TestCase):
    """Delivery reports."""

    REPORT = b"""\
From: MAILER-DAEMON@mx.example.org
To: bounce@city.example
Content-Type: multipart/report; report-type=delivery-status; boundary=b

--b
Content-Type: text/plain

Sorry.
--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.org

Final-Recipient: rfc822; Ana@Example.org
Action: %(action)s
Status: 5.1.1
Diagnostic-Code: smtp; 550 no such user
--b
Content-Type: %(kind)s

Message-ID: <ours@city.example>
Subject: Your case

--b--
"""

    def _report(self, action=b"failed", kind=b"message/rfc822"):
        return read_bounce(self.REPORT % {b"action": action, b"kind": kind})

    def test_failure(self):
        for kind in (b"message/rfc822", b"text/rfc822-headers"):
            with self.subTest(kind):
                bounce = self._report(kind=kind)
                self.assertTrue(bounce.failed)
                self.assertEqual(bounce.message_ids, ["<ours@city.example>"])
                self.assertEqual(bounce.recipient, "ana@example.org")
                self.assertEqual(bounce.reason, "5.1.1 smtp; 550 no such user")

    def test_delay_is_no_failure(self):
        self.assertFalse(self._report(action=b"delayed").failed)

    def test_receipt_is_no_failure(self):
        raw = b"Content-Type: multipart/report; report-type=disposition-notification\n\nRead"
        self.assertFalse(read_bounce(raw).failed)

    def test_daemon_without_a_report(self):
        raw = b"From: mailer-daemon@x.example\nX-Failed-Recipients: Ana@example.org\n\nNo luck"
        bounce = read_bounce(raw)
        self.assertEqual((bounce.recipient, bounce.reason), ("ana@example.org", "No luck"))

    def test_mail_to_the_address_for_reports(self):
        raw = b"From: a@b.example\nTo: Bounce@City.example\nIn-Reply-To: <x@y>\n\nAway"
        self.assertIsNone(read_bounce(raw))
        self.assertEqual(read_bounce(raw, ("bounce@city.example",)).message_ids, ["<x@y>"])

    def test_ordinary_mail_is_none(self):
        self.assertIsNone(read_bounce(MAIL))


class TestAuthentication(unittest.TestCase):
    """Only our own server's word counts, and only for the sender's domain."""

    OURS = "Authentication-Results: mx.city.example; "

    def _judge(self, *heads, sender="lee@council.example"):
        raw = "\n".join([*heads, f"From: Lee <{sender}>", "", "x"]).encode()
        return authenticate(raw, "mx.city.example")

    def test_dmarc_decides(self):
        self.assertEqual(
            self._judge(self.OURS + "dmarc=pass header.from=council.example")[0], "pass"
        )
        verdict, detail = self._judge(
            self.OURS + "spf=pass smtp.mailfrom=council.example; dmarc=fail (p=none) x=y"
        )
        self.assertEqual((verdict, detail), ("fail", "spf=pass, dmarc=fail"))

    def test_spf_and_dkim_count_for_their_domain(self):
        for result, expected in (
            ("spf=pass smtp.mailfrom=lee@council.example", "pass"),
            ("dkim=pass header.d=council.example", "pass"),
            ("dkim=pass header.i=@council.example", "pass"),
            ("spf=pass smtp.mailfrom=evil.example", "fail"),
            ("dkim=pass header.d=example", "fail"),
            ("dkim=pass header.d=il.example", "fail"),
            ("spf=softfail smtp.mailfrom=council.example", "fail"),
            ("auth=pass smtp.auth=lee@council.example", "pass"),
            ("auth=pass smtp.auth=eve@evil.example", "fail"),
            ("spf=pass smtp.helo=council.example", "fail"),
            ("dkim=none", "fail"),
            ("dkim=pass header.d=evil.example header.i=@council.example", "fail"),
            ("dmarc=pass header.from=council.example", "pass"),
            ("dmarc=pass header.from = council.example", "pass"),
            ("dmarc=pass (p=reject; x) header.from=Council.Example", "pass"),
            ("dmarc=pass header.from=evil.example", "fail"),
            ("dmarc=pass header.from=example", "fail"),
            ("dmarc=pass header.from=council.example header.from=evil.example", "fail"),
            ("dmarc=pass", "fail"),
        ):
            with self.subTest(result):
                self.assertEqual(self._judge(self.OURS + result)[0], expected)

    def test_others_are_not_heard(self):
        forged = "Authentication-Results: mx.evil.example; dmarc=pass"
        self.assertEqual(self._judge(forged), ("none", ""))
        self.assertEqual(authenticate(f"{self.OURS}dmarc=pass\n\n".encode(), ""), ("none", ""))

    def test_heads_below_received_are_forged(self):
        verdict, detail = self._judge(
            self.OURS + "spf=fail smtp.mailfrom=evil.example",
            "Received: from evil.example by mx.city.example",
            self.OURS + "dmarc=pass header.from=council.example",
        )
        self.assertEqual((verdict, detail), ("fail", "spf=fail"))

    def test_strangers_words_in_our_heads_are_no_results(self):
        dmarc = "dmarc=pass header.from=council.example"
        for result in (
            f'spf=pass smtp.mailfrom="x; {dmarc} y"@evil.example',
            'spf=pass smtp.mailfrom="x smtp.mailfrom=council.example y"@evil.example',
            'dkim=pass header.i="x header.d=council.example y"@evil.example',
            f"spf=pass (a (b) ; {dmarc} c) smtp.mailfrom=evil.example",
            f"spf=pass (a \\) ; {dmarc} c) smtp.mailfrom=evil.example",
            f'spf=pass (a ")" ; {dmarc} c) smtp.mailfrom=evil.example'.replace('")"', '"('),
            f'spf=pass smtp.mailfrom="x\\"; {dmarc} y"@evil.example',
            f"spf=pass smtp.mailfrom==?utf-8?q?x;_{dmarc.replace(' ', '_')}?=@evil.example",
            "spf=pass smtp.mailfrom=council.example (; dmarc=fail",
        ):
            with self.subTest(result):
                self.assertEqual(self._judge(self.OURS + result)[0], "fail")

    def test_comments_may_stand_anywhere(self):
        proof = "spf=pass (all (of) it) smtp.mailfrom=lee@council.example"
        self.assertEqual(self._judge(f"{self.OURS}(a) {proof}")[0], "pass")

    def test_below_two_received_nothing_is_ours(self):
        verdict, detail = self._judge(
            "Received: from x by mx.city.example",
            "Received: from y by evil.example",
            self.OURS + "dmarc=pass header.from=council.example",
        )
        self.assertEqual((verdict, detail), ("none", ""))

    def test_one_address_can_be_proven(self):
        proof = self.OURS + "dmarc=pass header.from=council.example"
        self.assertEqual(self._judge(proof, sender="lee@mail.council.example")[0], "pass")
        self.assertEqual(self._judge(proof, "From: eve@evil.example")[0], "fail")
        two = f"{proof}\nFrom: lee@council.example, eve@evil.example\n\nx".encode()
        self.assertEqual(authenticate(two, "mx.city.example")[0], "fail")
        self.assertEqual(authenticate(f"{proof}\n\nx".encode(), "mx.city.example")[0], "fail")

    def test_several_heads_of_ours(self):
        verdict, _detail = self._judge(
            "Received: by imap.city.example",
            self.OURS + "spf=none",
            self.OURS + "dkim=pass header.d=council.example",
            "Received: from council.example by mx.city.example",
        )
        self.assertEqual(verdict, "pass")


class TestQuotes(unittest.TestCase):
    """What somebody wrote, apart from what they quoted."""

    def test_plain_text(self):
        quoted = "> old one\n> old two"
        for above in (
            "On Fri, Nov 20, 2026 at 9:00 AM City <c@city.example> wrote:",
            "On Fri, Nov 20, 2026 at 9:00 AM\nThe Office of Constituent Services wrote:",
            "El vie, 20 nov 2026, Ciudad <c@city.example> escribió:",
            "-----Original Message-----",
            "-----Mensaje original-----",
            "From: City\nSent: Friday\nTo: Ana\nSubject: Your case",
            "De: Ciudad\nEnviado: viernes\nPara: Ana\nAsunto: Su caso",
        ):
            with self.subTest(above):
                self.assertEqual(
                    split_text(f"Thank you!\n\n{above}\n{quoted}\n"),
                    ("Thank you!", f"{above}\n{quoted}"),
                )

    def test_nothing_is_cut_from_these(self):
        for text in (
            "Just words",
            "> all of it\n> is quoted",
            "---------- Forwarded message ---------\nFrom: A\nDate: B\nSubject: C\n\nLook\n> x",
            "Please see.\n\nBegin forwarded message:\n\nFrom: A\nSent: B\nSubject: C\n\nLook",
            "From: here to there\nthe road is bad",
            "> your question\nmy answer",
            "",
        ):
            with self.subTest(text):
                self.assertEqual(split_text(text), (text.rstrip(), ""))

    @settings(deadline=None)
    @given(st.text(st.sampled_from("a> \n:-\r\x0b"), max_size=60))
    def test_no_word_is_lost(self, text):
        new, quoted = split_text(text)
        self.assertEqual((new + quoted).count("a"), text.count("a"))

    def test_markup(self):
        for quote in (
            "<blockquote type='cite'>old</blockquote>",
            "<div class='gmail_quote'>On Friday, City wrote:<blockquote>old</blockquote></div>",
            "<div data-o-mail-quote-container='1' data-o-mail-quote='1'>On Friday, City wrote:"
            "<blockquote data-o-mail-quote='1'>old</blockquote></div>",
            "<div id='appendonsend'></div><hr><div>old</div>",
            "<div id='x_divRplyFwdMsg'>From: City</div><div>old</div>",
            "<div style='border:none;border-top:solid #E1E1E1 1.0pt'>From: x</div><p>old</p>",
            "<div class='yahoo_quoted'>old</div>",
            "<pre>&gt; old</pre>",
        ):
            with self.subTest(quote):
                new, quoted = split_html(f"<div><p>Thank you</p>{quote}</div>")
                self.assertIn("Thank you", new)
                self.assertNotIn("old", new)
                self.assertIn("old", quoted)

    def test_a_signature_is_no_quotation(self):
        body = (
            "<div data-o-mail-quote-container='1'><p>Thank you</p>"
            "<div data-o-mail-quote-container='1' data-o-mail-quote='1'>Ana, 555-0100</div></div>"
        )
        self.assertEqual(split_html(body)[1], "")

    def test_forwarded_markup_is_the_matter(self):
        body = "<p>See</p><div class='gmail_quote'>---------- Forwarded message --<br>old</div>"
        self.assertEqual(split_html(body)[1], "")
        self.assertIn("old", split_html(body)[0])

    def test_answers_between_quotations_stay_where_they_are(self):
        body = (
            "<blockquote type='cite'>one?</blockquote>Yes."
            "<blockquote type='cite'>two?</blockquote>No."
        )
        self.assertEqual(split_html(body)[1], "")

    def test_text_behind_a_quotation_stays(self):
        new, quoted = split_html("<p>Above</p><blockquote type='cite'>old</blockquote>below")
        self.assertIn("below", new)
        self.assertNotIn("below", quoted)

    def test_plain_text_becomes_paragraphs(self):
        new, _quoted = split_html("<pre>One\ntwo &lt;b&gt;\n\nthree</pre>")
        self.assertEqual(new, "<div><p>One<br>two &lt;b&gt;</p><p>three</p></div>")

    def test_nothing_left_means_nothing_taken(self):
        body = "<blockquote type='cite'>old</blockquote>"
        self.assertEqual(split_html(body), (body, ""))
        self.assertEqual(split_html(""), ("", ""))

    @settings(deadline=None)
    @given(st.text(st.sampled_from("<>/divpre blockquote='cite&;\n"), max_size=80))
    def test_markup_never_raises(self, text):
        for part in split_html(text):
            without_remote(part)

    def test_remote_pictures_are_not_loaded(self):
        for tag in (
            "<img src='http://spy.example/1.gif'>",
            "<img src='//spy.example/1.gif'>",
            "<img src=' ht\ntps://spy.example/1.gif'>",
            "<img src='cid:1' srcset='http://spy.example/2.gif 2x'>",
            "<td background='http://spy.example/1.gif'>x</td>",
            "<p style='background:url(http://spy.example/1.gif)'>x</p>",
            "<p style='background:u\\72l(http://spy.example/1.gif)'>x</p>",
            "<style>p{background:url(http://spy.example/1.gif)}</style>",
            "<link rel='stylesheet' href='http://spy.example/1.css'>",
            "<video poster='http://spy.example/1.gif' src='http://spy.example/2'></video>",
            "<iframe src='http://spy.example'></iframe>",
            "<svg><image href='http://spy.example/1.gif'/></svg>",
            "<input type='image' src='http://spy.example/1.gif'>",
        ):
            with self.subTest(tag):
                clean = without_remote(f"<div>before {tag} after</div>")
                self.assertNotIn("spy.example", clean)
                self.assertIn("before", clean)
                self.assertIn("after", clean)

    def test_own_pictures_stay_and_others_are_named(self):
        body = (
            "<p><img src='cid:a'><img src='data:image/png;base64,AA'>"
            "<img src='http://x' alt='The hole'></p>"
        )
        clean = without_remote(body)
        self.assertIn("cid:a", clean)
        self.assertIn("data:image", clean)
        self.assertIn("[The hole]", clean)
        self.assertNotIn("cid:a", without_remote(body, keep_cid=False))

    def test_links_to_outside_stay(self):
        for href in (
            "http://example.org/",
            "HTTPS://x.example/?a=b",
            "mailto:a@b.example",
            "tel:1",
        ):
            with self.subTest(href):
                body = f'<a href="{href}">there</a>'
                self.assertEqual(without_remote(body), body)
                safe = f'<a href="{href}" target="_blank" rel="noopener noreferrer">there</a>'
                self.assertEqual(safe_links(body), safe)
                self.assertEqual(plain_markup(body), safe)

    def test_links_into_the_office_are_text(self):
        for href in (
            "/web/session/logout", "web", "?x", "#x", "//evil.example", "javascript:x()",
            "java\nscript:x()", "data:text/html,x", "https:/web/session/logout", "https:web",
            "https:///x", "\\\\evil.example", "",
        ):  # fmt: skip
            with self.subTest(href):
                body = f'<a href="{href}">there</a>'
                self.assertEqual(safe_links(body), "<a>there</a>")
                self.assertEqual(plain_markup(body), "<a>there</a>")

    def test_looks_that_do_harm_are_gone(self):
        for attribute in (
            "style='position:fixed;top:0'", "style='z-index:9'", "style='margin-top:-99px'",
            "class='modal'", "id='wrap'", "data-embedded='x'", "name='x'", "style='color:#fff'",
            "style='text-align:url(x)'", "style='x-text-align:left'",
        ):  # fmt: skip
            with self.subTest(attribute):
                self.assertEqual(plain_markup(f"<p {attribute}>x</p>"), "<p>x</p>")
        self.assertEqual(
            plain_markup("<p style='position:fixed; Text-Align : Left;font-weight:700;'>x</p>"),
            '<p style="text-align: left; font-weight: 700">x</p>',
        )
        self.assertEqual(plain_markup(None), "")
