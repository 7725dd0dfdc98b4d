import json
import unittest

import requests
from hypothesis import given
from hypothesis import strategies as st

from ..tools.geocode import GeocodeError, Place, ask, is_usable, read_answer

URL = "https://places.example.gov/search"


class _Response:
    def __init__(self, status, body):
        self.status_code, self.body = status, body

    def iter_content(self, size):
        """Yield the body in pieces, as requests does."""
        for start in range(0, len(self.body), size):
            yield self.body[start : start + size]

    def __enter__(self):
        return self

    def __exit__(self, *_error):
        return False


class _Session:
    """A server that answers as told, and remembers what it was asked."""

    def __init__(self, status=200, body=b"[]", error=None):
        self.status, self.body, self.error, self.asked = status, body, error, []

    def get(self, url, **kwargs):
        """Answer as told."""
        self.asked.append((url, kwargs))
        if self.error:
            raise self.error
        return _Response(self.status, self.body)


class TestGeocode(unittest.TestCase):
    """Asking a place server, without a network."""

    def _error(self, session):
        with self.assertRaises(GeocodeError) as caught:
            ask(session, URL, "100 Main Street")
        return caught.exception

    def test_found(self):
        session = _Session(body=b'[{"lat": "40.75", "lon": "-73.98"}]')
        place = ask(session, URL, "100 Main Street", "Example", "", "us")
        self.assertEqual(place, Place(40.75, -73.98))
        ((url, kwargs),) = session.asked
        self.assertEqual(url, URL)
        self.assertEqual(
            kwargs["params"],
            {"street": "100 Main Street", "city": "Example", "countrycodes": "us",
             "format": "jsonv2", "limit": 1},
        )  # fmt: skip
        self.assertEqual(kwargs["timeout"], 10)
        self.assertFalse(kwargs["allow_redirects"])

    def test_not_found(self):
        self.assertIsNone(ask(_Session(), URL, "1 Nowhere"))

    def test_what_goes_wrong(self):
        for session, kind in (
            (_Session(status=429), "busy"),
            (_Session(status=503), "busy"),
            (_Session(status=403), "refused"),
            (_Session(status=302), "refused"),
            (_Session(body=b"<html>"), "unreadable"),
            (_Session(body=b"{}"), "unreadable"),
            (_Session(body=b"[1]"), "unreadable"),
            (_Session(body=b'[{"lat": "100", "lon": "0"}]'), "unreadable"),
            (_Session(body=b"[" + b" " * 200_000 + b"]"), "unreadable"),
            (_Session(error=requests.ConnectTimeout("100 Main Street")), "unreachable"),
        ):
            with self.subTest(kind, body=session.body[:20]):
                error = self._error(session)
                self.assertEqual(error.kind, kind)
                self.assertNotIn("Main", str(error))

    def test_which_servers(self):
        for url, usable in {
            URL: True,
            "http://localhost:8080/search": True,
            "http://places.example.gov/search": False,
            "ftp://places.example.gov": False,
            "https://": False,
            "places.example.gov": False,
            "https://[": False,
            "": False,
            None: False,
        }.items():
            with self.subTest(url):
                self.assertIs(is_usable(url), usable)

    @given(st.binary(max_size=60))
    def test_any_bytes_are_an_answer_or_an_error(self, body):
        try:
            place = read_answer(body)
        except GeocodeError as error:
            self.assertEqual(error.kind, "unreadable")
        else:
            self.assertTrue(place is None or isinstance(place, Place))

    @given(
        st.recursive(
            st.none() | st.floats() | st.text(max_size=5),
            lambda part: (
                st.lists(part, max_size=2) | st.dictionaries(st.sampled_from(["lat", "lon"]), part)
            ),
            max_leaves=5,
        )
    )
    def test_any_json_is_an_answer_or_an_error(self, value):
        try:
            read_answer(json.dumps(value).encode())
        except GeocodeError as error:
            self.assertEqual(error.kind, "unreadable")
