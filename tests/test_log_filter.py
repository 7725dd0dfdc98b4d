import logging

from odoo.tests import BaseCase, tagged

from ..tools.logs import LOGGERS, TokenFilter, install_token_filter, mask
from .common_public import OutsideHttpCase

TOKEN = "1b9d6bcd-bbfd-4b2d-9b5d-ab8dfbbd4bed"


@tagged("post_install", "-at_install")
class TestMask(BaseCase):
    """What the filter makes of a record."""

    def _record(self, msg, *args, exc_info=None):
        record = logging.LogRecord("test", logging.INFO, "test.py", 1, msg, args, exc_info)
        self.assertTrue(TokenFilter().filter(record))
        return record

    def test_addresses(self):
        for text in (
            f"GET /constituent/case/{TOKEN} HTTP/1.1",
            f"GET /constituent/case/{TOKEN}?lang=es_MX HTTP/1.1",
            f"POST /constituent/stop/{TOKEN}/ HTTP/1.1",
            f"GET /es/constituent/case/{TOKEN} HTTP/1.1",
            f"GET /CONSTITUENT/Case/{TOKEN} HTTP/1.1",
            f"GET /mail/view?model=a.b&res_id=1&access_token={TOKEN} HTTP/1.1",
            f"GET /web/login?redirect=/my%3Faccess_token%3D{TOKEN} HTTP/1.1",
            f'https://city.example.org/constituent/case/{TOKEN}">',
            f"GET /constituent%2Fcase%2F{TOKEN} HTTP/1.1",
            f"GET /constituent/case//{TOKEN} HTTP/1.1",
            f"GET /rate/{TOKEN}/5 HTTP/1.1",
            f"GET /constituent/case?t={TOKEN} HTTP/1.1",
        ):
            masked = mask(text)
            self.assertNotIn(TOKEN, masked)
            self.assertIn("***", masked)

    def test_nothing_else_is_masked(self):
        for text in (
            "GET /constituent/case HTTP/1.1",
            "GET /constituent/case?place=2 HTTP/1.1",
            "GET /constituent/letter/1/1 HTTP/1.1",
            "GET /my/cases/12 HTTP/1.1",
            "tokens were made",
            "",
        ):
            self.assertEqual(mask(text), text)

    def test_rest_of_the_address_stays(self):
        self.assertEqual(
            mask(f"/mail/view?access_token={TOKEN}&res_id=1"),
            "/mail/view?access_token=***&res_id=1",
        )

    def test_message_and_arguments(self):
        url = f"/constituent/case/{TOKEN}"
        for record in (
            self._record(f"plain {url}"),
            self._record("with %s and %s", url, 200),
            self._record("with %(url)s", {"url": url}),
            self._record("with %s", ValueError(url)),
        ):
            self.assertNotIn(TOKEN, record.getMessage())

    def test_arguments_keep_their_kind(self):
        self.assertEqual(self._record("%s %d %.2f", "a", 200, 0.5).getMessage(), "a 200 0.50")

    def test_traceback(self):
        try:
            raise ValueError(f"/constituent/stop/{TOKEN}")
        except ValueError as error:
            info = (type(error), error, error.__traceback__)
        record = self._record("failed", exc_info=info)
        text = logging.Formatter().format(record)
        self.assertIn("ValueError", text)
        self.assertNotIn(TOKEN, text)

    def test_installed_once(self):
        install_token_filter()
        install_token_filter()
        for name in LOGGERS:
            known = logging.getLogger(name).filters
            self.assertEqual(len([one for one in known if isinstance(one, TokenFilter)]), 1)


@tagged("post_install", "-at_install")
class TestRequestLog(OutsideHttpCase):
    """The real HTTP server's log."""

    def _logged(self, url, **kwargs):
        with self.assertLogs("werkzeug", logging.INFO) as captured:
            self.url_open(url, allow_redirects=False, **kwargs)
            self._wait_remaining_requests()
        self.assertTrue(captured.output)
        return "\n".join(captured.output)

    def test_our_routes(self):
        case = self._make_case()
        stop = self._subscribe(case).access_token
        for url, token in (
            (f"/constituent/case/{case.access_token}", case.access_token),
            (f"/constituent/case/{TOKEN}", TOKEN),
            (f"/constituent/stop/{stop}", stop),
        ):
            logged = self._logged(url)
            self.assertIn("/constituent/", logged)
            self.assertNotIn(token, logged)
        logged = self._logged(f"/constituent/stop/{stop}", data={"List-Unsubscribe": "One-Click"})
        self.assertNotIn(stop, logged)

    def test_odoos_own_links(self):
        case = self._make_case()
        logged = self._logged(
            f"/mail/view?model=constituent.case&res_id={case.id}&access_token={case.access_token}"
        )
        self.assertIn("/mail/view", logged)
        self.assertNotIn(case.access_token, logged)
