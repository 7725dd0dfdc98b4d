import logging
from contextlib import contextmanager
from unittest.mock import patch

from freezegun import freeze_time

from odoo.tests import tagged
from odoo.tests.test_cursor import TestCursor
from odoo.tools import mute_logger

from ..controllers.main import UNKNOWN_LINKS
from .common_public import PDF, OutsideHttpCase

WRITES = ("insert ", "update ", "delete ")


@tagged("post_install", "-at_install")
class TestPublicLink(OutsideHttpCase):
    """The private link: token → session → redirect, and nobody else's case."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.case = cls._make_case()
        cls.other_case = cls._make_case(name="Something else", street="5 Other Road")

    def setUp(self):
        super().setUp()
        UNKNOWN_LINKS.clear()

    @contextmanager
    def _assert_no_write(self):
        """Fail when a request writes, or when Odoo had to give it a writing cursor."""
        written = []
        execute = TestCursor.execute

        def watched(cursor, query, *args, **kwargs):
            text = str(getattr(query, "code", query)).strip().lower()
            if text.startswith(WRITES):
                written.append(text[:200])
            return execute(cursor, query, *args, **kwargs)

        with (
            patch.object(TestCursor, "execute", watched),
            self.assertNoLogs("odoo.http", logging.WARNING),
        ):
            yield
        self.assertFalse(written)

    # The way in

    def test_token_leaves_the_address(self):
        response = self._open(self.case.access_token, follow=False)
        self.assertEqual(response.status_code, 303)
        self.assertTrue(response.headers["Location"].endswith("/constituent/case"))
        self.assertNotIn(self.case.access_token, str(response.headers))
        page = self.url_open("/constituent/case")
        self.assertEqual(page.status_code, 200)
        self.assertIn(self.case.number, self._text(page))
        self.assertNotIn(self.case.access_token, page.text)

    def test_headers_of_every_answer(self):
        letter = self._make_letter(self.case, self.resident)
        self.assertTrue(letter)
        for url in (
            f"/constituent/case/{self.case.access_token}",
            "/constituent/case",
            "/constituent/letter/1/1",
            "/constituent/case/unknown-unknown-unknown",
            f"/constituent/stop/{self._subscribe(self.case).access_token}",
            "/constituent/anything",
        ):
            headers = self.url_open(url, allow_redirects=False).headers
            self.assertEqual(headers["Referrer-Policy"], "no-referrer", url)
            self.assertEqual(headers["Cache-Control"], "no-store", url)
            self.assertEqual(headers["X-Content-Type-Options"], "nosniff", url)
            policy = headers["Content-Security-Policy"]
            self.assertIn("default-src 'none'", policy, url)
            self.assertNotIn("unsafe", policy, url)

    def test_page_loads_no_script(self):
        page = self._open(self.case.access_token)
        self.assertNotIn("<script", page.text)
        self.assertNotIn(" style=", page.text)
        links = self._tree(page).xpath("//link[@rel='stylesheet']/@href")
        self.assertEqual(len(links), 1)
        style = self.url_open(links[0])
        self.assertEqual(style.status_code, 200)
        self.assertIn(".o_cs_header", style.text)
        self.assertLess(len(style.content), 15_000)

    def test_session_id_changes_when_a_link_is_opened(self):
        self.url_open("/constituent/case")
        before = self.opener.cookies["session_id"]
        self._open(self.case.access_token)
        self.assertNotEqual(self.opener.cookies["session_id"], before)

    def test_constituent_sees_the_case(self):
        text = self._text(self._open(self.case.access_token))
        for words in (
            "Test Pothole",
            "A testpothole on Main Street",
            "100 Main Street",
            "Streets Department",
            "+1 555 0320",
            "We plan to answer by",
            "We received it",
        ):
            self.assertIn(words, text)

    def test_nothing_of_people_and_notes(self):
        self.case.user_id = self.caseworker
        self.case.message_post(body="Inner secret", message_type="comment")
        self.case.with_user(self.caseworker).message_post(
            body="Told by telephone",
            message_type="comment",
            subtype_xmlid="mail.mt_comment",
        )
        page = self._open(self.case.access_token).text
        for words in (
            "Inner secret",
            "Told by telephone",
            self.caseworker.name,
            self.caseworker.login,
            self.manager.name,
            "ana.rivera",
            "Home Street",
            "736-5000",
        ):
            self.assertNotIn(words, page)

    @mute_logger("odoo.http")
    def test_error_page_tells_nothing(self):
        def fail(case, *args, **kwargs):
            raise ValueError(f"{case.partner_name} of {case.street}")

        self._open(self.case.access_token)
        with patch.object(type(self.case), "_public_projection", fail):
            page = self.url_open("/constituent/case")
        self.assertEqual(page.status_code, 500)
        for words in ("Ana", "Main Street", "Traceback", self.case.access_token):
            self.assertNotIn(words, page.text)

    def test_markup_in_words_is_shown_as_text(self):
        self.case.write({"name": "<script>alert(1)</script>", "street": "<b>Main</b>"})
        page = self._open(self.case.access_token)
        self.assertNotIn("<script", page.text)
        self.assertIn("<script>alert(1)</script>", self._text(page))
        self.assertIn("<b>Main</b>", self._text(page))

    # Whose is what

    def test_link_opens_one_case_only(self):
        text = self._text(self._open(self.case.access_token))
        self.assertNotIn(self.other_case.number, text)
        for place in ("0", "2", "-1", "x", str(self.other_case.id), "9" * 40):
            page = self.url_open(f"/constituent/case?place={place}")
            self.assertNotIn(self.other_case.number, page.text)

    def test_several_links_in_one_session(self):
        self._open(self.case.access_token)
        text = self._text(self._open(self.other_case.access_token))
        self.assertIn(f"Case {self.other_case.number}", text)
        self.assertIn("Your other cases", text)
        first = self._tree(self.url_open("/constituent/case?place=1"))
        self.assertIn(self.case.number, first.findtext(".//h1/span"))

    def test_another_browser_sees_nothing(self):
        self._open(self.case.access_token)
        self.opener.cookies.clear()
        page = self.url_open("/constituent/case")
        self.assertEqual(page.status_code, 404)
        self.assertNotIn(self.case.number, page.text)

    def test_subscriber_sees_less(self):
        self.case.write({"location_note": "Ask Mrs. Jones", "user_id": self.caseworker.id})
        token = self._subscribe(self.case).access_token
        text = self._text(self._open(token))
        self.assertIn("Test Pothole", text)
        self.assertNotIn("A testpothole on Main Street", text)
        self.assertNotIn("Mrs. Jones", text)

    def test_unknown_stopped_and_malformed_tokens_look_the_same(self):
        stopped = self._subscribe(self.case)
        stopped._stop()
        pages = {}
        for token in (
            "00000000-0000-4000-8000-000000000000",
            stopped.access_token,
            "short",
            str(self.case.id),
            "a" * 500,
            "%27%20OR%201%3D1--%20----------",
            "%00" * 20,
        ):
            page = self._open(token)
            self.assertEqual(page.status_code, 404, token)
            pages[page.text] = token
            UNKNOWN_LINKS.clear()
        self.assertEqual(len(pages), 1, pages.values())

    def test_stopping_closes_an_open_page(self):
        subscription = self._subscribe(self.case)
        self.assertEqual(self._open(subscription.access_token).status_code, 200)
        subscription._stop()
        self.assertEqual(self.url_open("/constituent/case").status_code, 404)

    def test_link_runs_out(self):
        with freeze_time("2026-11-20 12:00:00"):
            self.assertEqual(self._open(self.case.access_token).status_code, 200)
        with freeze_time("2026-11-20 13:59:00"):
            self.assertEqual(self.url_open("/constituent/case").status_code, 200)
        with freeze_time("2026-11-20 14:01:00"):
            self.assertEqual(self.url_open("/constituent/case").status_code, 404)

    def test_leave(self):
        self._open(self.case.access_token)
        page = self.url_open("/constituent/leave", data={"x": "1"})
        self.assertIn("You have left", self._text(page))
        self.assertEqual(self.url_open("/constituent/case").status_code, 404)

    def test_restricted_case(self):
        self.case.confidentiality = "restricted"
        text = self._text(self._open(self.case.access_token))
        self.assertIn(self.case.number, text)
        self.assertIn("in confidence", text)
        for words in (
            "Test Pothole",
            "testpothole",
            "Main Street",
            "Streets",
            "What has happened",
        ):
            self.assertNotIn(words, text)
        token = self._subscribe(self.case).access_token
        self.assertEqual(self._open(token).status_code, 404)

    # Letters

    def test_letter_for_its_addressee(self):
        letter = self._make_letter(self.case, self.resident)
        self._make_letter(self.case, self.official, subject="To somebody else")
        self._make_letter(self.case, self.resident, state="draft", subject="Not sent")
        page = self._open(self.case.access_token)
        text = self._text(page)
        self.assertIn("Your pothole", text)
        self.assertNotIn("To somebody else", text)
        self.assertNotIn("Not sent", text)
        (link,) = self._tree(page).xpath("//a[contains(@href, '/letter/')]/@href")
        answer = self.url_open(link)
        self.assertEqual(answer.content, PDF)
        self.assertEqual(answer.headers["Content-Type"], "application/pdf")
        self.assertIn(f"L-{letter.id}.pdf", answer.headers["Content-Disposition"])

    def test_letter_not_for_others(self):
        self._make_letter(self.case, self.resident)
        self._open(self._subscribe(self.case).access_token)
        for address in ("1/1", "1/2", "1/0", "2/1", "1/-1"):
            page = self.url_open(f"/constituent/letter/{address}")
            self.assertEqual(page.status_code, 404, address)
            self.assertNotIn(PDF, page.content)

    # Stop

    def test_stop_asks_first(self):
        subscription = self._subscribe(self.case)
        page = self.url_open(f"/constituent/stop/{subscription.access_token}")
        self.assertIn("Stop these messages?", self._text(page))
        self.assertTrue(subscription.active)
        self.assertEqual(len(self._tree(page).xpath("//main//form[@method='post']//button")), 1)
        self.assertNotIn(subscription.access_token, page.text)

    def test_stop_by_our_button(self):
        subscription = self._subscribe(self.case)
        url = f"/constituent/stop/{subscription.access_token}"
        form = self._tree(self.url_open(url)).xpath("//main//form")[0]
        page = self.url_open(url, data=dict(form.fields))
        self.assertIn("You will get no more messages", self._text(page))
        subscription.invalidate_recordset()
        self.assertFalse(subscription.active)
        self.assertTrue(subscription.stopped_at)
        self.assertIn("unsubscribed", self.case.event_ids.mapped("kind"))
        again = self.url_open(url)
        self.assertIn("You will get no more messages", self._text(again))

    def test_stop_by_mail_program(self):
        """RFC 8058: no cookies, one fixed field, no redirect."""
        subscription = self._subscribe(self.case)
        self.opener.cookies.clear()
        answer = self.url_open(
            f"/constituent/stop/{subscription.access_token}",
            data={"List-Unsubscribe": "One-Click"},
            allow_redirects=False,
        )
        self.assertEqual(answer.status_code, 200)
        subscription.invalidate_recordset()
        self.assertFalse(subscription.active)

    def test_stop_needs_the_field_and_the_token(self):
        subscription = self._subscribe(self.case)
        url = f"/constituent/stop/{subscription.access_token}"
        self.assertEqual(self.url_open(url, data={"x": "1"}).status_code, 400)
        body = {"List-Unsubscribe": "One-Click"}
        for token in (
            self.case.access_token,
            "unknown-unknown-unknown",
            "%00" * 20,
            "1",
        ):
            for data in (body, None):
                answer = self.url_open(f"/constituent/stop/{token}", data=data)
                self.assertEqual(answer.status_code, 404, token)
        subscription.invalidate_recordset()
        self.assertTrue(subscription.active)

    # Not too often, not too many, not too much

    def test_too_many_unknown_links(self):
        for _attempt in range(UNKNOWN_LINKS.limit):
            self.assertEqual(self._open("unknown-unknown-unknown").status_code, 404)
        for url in ("case/unknown-unknown-unknown", "stop/unknown-unknown-unknown"):
            page = self.url_open(f"/constituent/{url}")
            self.assertEqual(page.status_code, 429)
            self.assertGreater(int(page.headers["Retry-After"]), 0)
            self.assertIn("Too many attempts", self._text(page))
        # Behind the same proxy somebody opens a good link.
        self.assertEqual(self._open(self.case.access_token).status_code, 200)
        UNKNOWN_LINKS.clear()
        self.assertEqual(self._open("unknown-unknown-unknown").status_code, 404)

    def test_known_links_are_not_counted(self):
        for _attempt in range(UNKNOWN_LINKS.limit + 5):
            self.assertEqual(self._open(self.case.access_token, follow=False).status_code, 303)

    def test_reading_writes_nothing(self):
        self._make_letter(self.case, self.resident)
        token = self.case.access_token
        stop = self._subscribe(self.case).access_token
        self.env.flush_all()
        self._open(token)  # compiles the templates and the style sheet
        with self._assert_no_write():
            for url in (
                f"/constituent/case/{token}",
                "/constituent/case",
                "/constituent/letter/1/1",
                f"/constituent/stop/{stop}",
                "/constituent/case/unknown-unknown-unknown",
                "/constituent/nothing",
            ):
                self.assertIn(self.url_open(url).status_code, (200, 404), url)

    def test_query_count_of_the_page(self):
        for number in range(5):
            self._make_letter(self.case, self.resident, subject=f"Letter {number}")
        self._open(self.case.access_token)
        self.env.flush_all()
        self.env.invalidate_all()
        with self.assertQueryCount(16):
            self.url_open("/constituent/case")

    # Where there is nothing

    def test_unknown_addresses_in_our_layout(self):
        for path in (
            "",
            "/",
            "/nothing",
            "/case/a/b",
            "/letter",
            "/stop",
            "/%F0%9F%98%80",
        ):
            page = self.url_open(f"/constituent{path}")
            self.assertEqual(page.status_code, 404, path)
            self.assertTrue(self._tree(page).xpath("//header[@class='o_cs_header']"), path)

    @mute_logger("odoo.http")
    def test_wrong_methods_in_our_layout(self):
        for path in (
            f"/case/{self.case.access_token}",
            "/case",
            "/letter/1/1",
            "/nothing",
        ):
            page = self.url_open(f"/constituent{path}", method="POST", data={"a": "b"})
            self.assertEqual(page.status_code, 405, path)
            self.assertEqual(page.headers["Allow"], "GET")
            self.assertTrue(self._tree(page).xpath("//header[@class='o_cs_header']"), path)
            self.assertNotIn(self.case.access_token, page.text)

    # Language

    def test_language_of_the_reader_and_of_the_switch(self):
        self.env["res.lang"]._activate_lang("es_419")
        self.case.write({"lang": "es_419", "received_at": "2026-03-09 14:00:00"})
        page = self._open(self.case.access_token)
        self.assertEqual(self._tree(page).get("lang"), "es-419")
        self.assertIn("9 de marzo de 2026", self._text(page))
        english = self.url_open("/constituent/case?lang=en_US")
        self.assertEqual(self._tree(english).get("lang"), "en-US")
        self.assertIn("March 9, 2026", self._text(english))
        kept = self.url_open("/constituent/case")
        self.assertEqual(self._tree(kept).get("lang"), "en-US")
        unknown = self.url_open("/constituent/case?lang=xx_XX")
        self.assertEqual(self._tree(unknown).get("lang"), "en-US")

    def test_day_is_of_the_office(self):
        """Half past two at night in London is still yesterday in New York."""
        self.case.received_at = "2026-03-09 02:30:00"
        self.assertIn("March 8, 2026", self._text(self._open(self.case.access_token)))

    # Form of the page

    def test_landmarks_headings_and_labels(self):
        subscription = self._subscribe(self.case)
        pages = [
            self._open(self.case.access_token),
            self.url_open(f"/constituent/stop/{subscription.access_token}"),
            self.url_open("/constituent/nothing"),
        ]
        for page in pages:
            tree = self._tree(page)
            self.assertTrue(tree.findtext(".//title").strip())
            self.assertTrue(tree.get("lang"))
            for landmark in ("header", "main", "footer"):
                self.assertEqual(len(tree.xpath(f"//{landmark}")), 1)
            skip = tree.xpath("//body/a[1]/@href")[0]
            self.assertEqual(len(tree.xpath(f"//*[@id='{skip[1:]}']")), 1)
            levels = [int(heading.tag[1]) for heading in tree.xpath("//h1|//h2|//h3|//h4")]
            self.assertEqual(levels[0], 1)
            self.assertEqual(levels.count(1), 1)
            self.assertTrue(
                all(after - before <= 1 for before, after in zip(levels, levels[1:], strict=False))
            )
            self.assertFalse(tree.xpath("//img[not(@alt)]"))
            self.assertFalse(tree.xpath("//a[not(@href)]"))
            for button in tree.xpath("//button|//a"):
                self.assertTrue(button.text_content().strip())
            named = tree.xpath("//*[@aria-labelledby]/@aria-labelledby")
            ids = tree.xpath("//@id")
            self.assertEqual(len(ids), len(set(ids)))
            self.assertLessEqual(set(named), set(ids))
