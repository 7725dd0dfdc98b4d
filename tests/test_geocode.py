"""Places looked up from addresses: where configured, in the background, never protected ones."""

from unittest.mock import patch

import requests

from odoo.exceptions import AccessError, ValidationError
from odoo.tests import tagged

from ..models import constituent_case_geocode
from .common import PREFIX, ConstituentCommon

URL = "https://places.example.gov/search"


class _Answer:
    def __init__(self, body, status=200):
        self.body, self.status_code = body, status

    def iter_content(self, _size):
        """Yield the body, as requests does."""
        yield self.body

    def __enter__(self):
        return self

    def __exit__(self, *_error):
        return False


@tagged("post_install", "-at_install")
class TestGeocode(ConstituentCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # Whatever else has an address is not this test's.
        cls.env.cr.execute("UPDATE constituent_case SET place_state = 'unknown'")
        cls.env.invalidate_all()
        cls.company.constituent_geocoder_url = URL

    def _run(self, *answers):
        """Run the scheduled action with these answers; return the streets that were asked for."""
        asked, left = [], list(answers)

        def _get(_session, url, **kwargs):
            self.assertEqual(url, URL)
            asked.append(kwargs["params"]["street"])
            answer = left.pop(0) if left else _Answer(b"[]")
            if isinstance(answer, Exception):
                raise answer
            return answer

        with (
            patch.object(requests.Session, "get", _get),
            patch.object(constituent_case_geocode, "PAUSE", 0),
            self.enter_registry_test_mode(),
        ):
            self.env.ref(f"{PREFIX}ir_cron_places").method_direct_trigger()
        self.env.invalidate_all()
        return asked

    def test_found_and_located(self):
        case = self._make_case(street="100 Main Street")
        self.assertFalse(case.has_location)
        self.assertEqual(self._run(_Answer(b'[{"lat": "40.75", "lon": "-73.98"}]')), [case.street])
        self.assertEqual((case.latitude, case.longitude), (40.75, -73.98))
        self.assertEqual(case.place_state, "found")
        self.assertIn("Place looked up by its address", case.event_ids.mapped("note"))
        self.assertEqual(self._run(), [], "once")

    def test_protected_address(self):
        """Never looked up, whatever the case is about: it may be reported at home."""
        self.resident.protected_address = True
        case = self._make_case(street="12 Home Street")
        self.assertEqual(self._run(), [])
        self.assertFalse(case.has_location)
        self.assertEqual(case.place_state, "unknown")

    def test_restricted_cases_stay_here(self):
        self._make_case(street="100 Main Street", confidentiality="restricted")
        self.assertEqual(self._run(), [])

    def test_nothing_is_asked_where_no_server_is_named(self):
        self.company.constituent_geocoder_url = False
        case = self._make_case(street="100 Main Street")
        self.assertEqual(self._run(), [])
        self.assertIn(case, self.Case.search([("has_location", "=", False)]))

    def test_unknown_places_are_not_asked_for_again_until_corrected(self):
        case = self._make_case(street="1 Nowhere")
        self._run()
        self.assertEqual(case.place_state, "unknown")
        self.assertEqual(self._run(), [])
        case.with_user(self.coordinator).street = "100 Main Street"
        self.assertEqual(self._run(), ["100 Main Street"])

    def test_a_server_that_does_not_answer_is_left_alone(self):
        cases = self._make_case(street="1 First") | self._make_case(street="2 Second")
        with self.assertLogs(
            "odoo.addons.constituent_services.models.constituent_case_geocode"
        ) as logs:
            asked = self._run(requests.ConnectTimeout("2 Second"))
        self.assertEqual(len(asked), 1, "one failure ends the run")
        self.assertNotIn("Second", " ".join(logs.output))
        self.assertEqual(set(cases.mapped("place_state")), {False})

    def test_gives_up_after_three_times(self):
        case = self._make_case(street="1 First")
        for _try in range(3):
            with self.assertLogs(
                "odoo.addons.constituent_services.models.constituent_case_geocode"
            ):
                self._run(_Answer(b"<html>"))
        self.assertEqual(case.place_state, "failed")
        self.assertEqual(self._run(), [])

    def test_closed_and_placed_cases_are_not_asked_for(self):
        self._make_case(street="100 Main Street", latitude=40.7, longitude=-74)
        self._make_case(street="100 Main Street")._close(self.outcome_resolved)
        self._make_case(street=False)
        self.assertEqual(self._run(), [])

    def test_only_servers_that_can_be_trusted_with_it(self):
        for url in ("http://places.example.gov", "ftp://x", "nonsense"):
            with self.subTest(url), self.assertRaisesRegex(ValidationError, "https://"):
                self.company.constituent_geocoder_url = url

    def test_who_sets_it(self):
        with self.assertRaises(AccessError):
            self.company.with_user(self.coordinator).constituent_geocoder_url = URL
        case = self._make_case(street="100 Main Street")
        with self.assertRaises(AccessError):
            case.with_user(self.coordinator).place_state = "found"
