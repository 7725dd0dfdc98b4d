"""The same matter reported twice: found, linked, answered separately, taken back."""

import re
from contextlib import contextmanager
from datetime import timedelta
from unittest.mock import patch

from freezegun import freeze_time

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import HttpCase, tagged

from .common import ConstituentCommon, ConstituentSetup
from .notice_common import NoticeCommon, html_of

HERE = {"latitude": 40.75, "longitude": -73.98}


def _north(metres):
    return {"latitude": 40.75 + metres / 111_320, "longitude": -73.98}


class DuplicateSetup(ConstituentSetup):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.neighbor = cls.env["res.partner"].create(
            {
                "name": "Bela Neighbor",
                "email": "bela.neighbor@example.net",
                "phone": "+1 212-736-5999",
                "street": "77 Secret Lane",
                "is_constituent": True,
            }
        )
        cls.streetcat, cls.sibling, cls.below = cls.env["constituent.category"].create(
            [{"name": "Test Road"}, {"name": "Test Sunk Road"}, {"name": "Test Crack"}]
        )
        cls.parent_category = cls.env["constituent.category"].create({"name": "Test Roads"})
        (cls.streetcat | cls.sibling | cls.pothole).parent_id = cls.parent_category
        cls.below.parent_id = cls.pothole

    def _first(self, **vals):
        return self._make_case(**{"category_id": self.pothole.id, **HERE, **vals})

    def _second(self, **vals):
        base = {
            "name": "Car damaged by a crater",
            "description": "<p>Words of Bela.</p>",
            "partner_id": self.neighbor.id,
            "category_id": self.pothole.id,
            "street": "102 Main Street",
        }
        return self._make_case(**{**base, **_north(20), **vals})

    def _unknown(self, **vals):
        """Take in the same from nobody: found by its place alone."""
        return self._second(
            **{"partner_id": False, "identity": "anonymous", "street": False, **vals}
        )

    def _proposed(self, case, user=None):
        case.invalidate_recordset()
        found = case.with_user(user or self.coordinator).duplicate_suggestions
        return [one["id"] for one in found or []]


@tagged("post_install", "-at_install")
class TestDuplicates(DuplicateSetup, ConstituentCommon):
    # Finding

    def test_found_nearby_at_creation_and_in_the_form(self):
        first = self._first()
        second = self._second()
        self.assertFalse(first.duplicate_candidate)
        self.assertTrue(second.duplicate_candidate)
        self.assertIn(f"Perhaps the same as {first.number}", second.event_ids.mapped("note"))
        self.assertEqual(self._proposed(second), first.ids)
        (match,) = second.with_user(self.coordinator).duplicate_suggestions
        self.assertEqual((match["number"], match["how"]), (first.number, "20 m away"))

    def test_the_radius_is_the_categorys(self):
        self._first()
        self.assertTrue(self._unknown(**_north(-49)).duplicate_candidate)
        self.assertFalse(self._unknown(**_north(120)).duplicate_candidate)
        self.pothole.duplicate_radius_m = 200
        self.assertTrue(self._unknown(**_north(300)).duplicate_candidate)

    def test_the_corner_of_the_box_is_too_far(self):
        self._first()
        corner = {"latitude": 40.75 + 40 / 111_320, "longitude": -73.98 + 40 / 84_300}
        self.assertFalse(self._second(**corner).duplicate_candidate)

    def test_of_the_same_or_a_related_category(self):
        first = self._first()
        for category, found in (
            (self.pothole, True),
            (self.sibling, True),
            (self.below, True),
            (self.parent_category, True),
            (self.tree, False),
        ):
            with self.subTest(category.name):
                case = self._second(category_id=category.id)
                self.assertEqual(first.id in self._proposed(case), found)

    def test_sixty_days(self):
        now = fields.Datetime.now()
        first = self._first(received_at=now - timedelta(days=70))
        self.assertFalse(self._second().duplicate_candidate)
        near = self._second(received_at=now - timedelta(days=15))
        self.assertIn(first.id, self._proposed(near))

    def test_open_ones_of_the_same_office_only(self):
        first = self._first()
        first._close(self.outcome_resolved)
        self.assertFalse(self._unknown().duplicate_candidate)
        self.Case.search([("status", "!=", "closed")])._close(self.outcome_resolved)
        other = self.env["res.company"].create({"name": "Other City"})
        self._make_case(category_id=self.sibling.id, company_id=other.id, **HERE)
        self.assertFalse(self._unknown().duplicate_candidate)

    def test_the_same_address_without_a_map(self):
        first = self._make_case(category_id=self.pothole.id, street="100 Main Street")
        typed = {"latitude": 0, "longitude": 0}
        second = self._second(street="100 MAIN Street", **typed)
        self.assertEqual(self._proposed(second), first.ids)
        self.assertFalse(self._unknown(street="Main Street", **typed).duplicate_candidate)
        (first | second).city = "Example"
        elsewhere = self._unknown(street="100 Main Street", city="Elsewhere", **typed)
        self.assertFalse(elsewhere.duplicate_candidate)

    def test_the_same_constituent_with_a_resembling_subject(self):
        first = self._make_case(name="Dark lamp on Elm Avenue", street=False)
        again = self._make_case(name="RE: dark lamp Elm Avenue", street=False)
        self.assertEqual(self._proposed(again), first.ids)
        self.assertFalse(self._make_case(name="Loud bar", street=False).duplicate_candidate)
        neighbor = self._make_case(name="Dark lamp on Elm Avenue", street=False,
                                   partner_id=self.neighbor.id)  # fmt: skip
        self.assertFalse(neighbor.duplicate_candidate)

    def test_the_same_constituent_elsewhere_is_another_matter(self):
        self._first(name="Crater in the road")
        again = self._second(name="Crater in the road", partner_id=self.resident.id, **_north(900))
        self.assertFalse(again.duplicate_candidate)

    def test_restricted_cases_are_not_proposed_to_others(self):
        first = self._first(confidentiality="restricted")
        second = self._second()
        self.assertFalse(second.duplicate_candidate)
        self.assertNotIn(first.number, " ".join(second.event_ids.mapped("note")))
        self.assertEqual(self._proposed(second), [])
        self.assertEqual(self._proposed(second, self.confidant), first.ids)

    def test_a_caseworker_is_not_shown_what_they_may_not_see(self):
        self._first(department_id=self.parks.id)
        second = self._second(department_id=self.streets.id)
        self.assertTrue(second.duplicate_candidate)
        self.assertEqual(self._proposed(second, self.caseworker), [])

    def test_imports_are_not_compared(self):
        self._first()
        imported = self._second(mode="import")
        self.assertFalse(imported.duplicate_candidate)

    def test_one_query_for_a_batch(self):
        self._first()

        def _queries(count):
            reports = [
                {"channel": "phone", "name": f"Matter {n}", "category_id": self.pothole.id, **HERE}
                for n in range(count)
            ]
            self.Case.intake(reports)
            self.env.flush_all()
            start = self.env.cr.sql_log_count
            with self.profile_duplicates() as searches:
                self.Case.intake(reports)
            return self.env.cr.sql_log_count - start, len(searches)

        self.assertEqual(_queries(1)[1], 1)
        self.assertEqual(_queries(30)[1], 1)

    def profile_duplicates(self):
        """Return a context that lists how often duplicates are searched for."""
        model = self.env.registry["constituent.case"]
        original, calls = model._duplicates_sql, []

        def _counted(records, *args):
            calls.append(args)
            return original(records, *args)

        @contextmanager
        def _watch():
            with patch.object(model, "_duplicates_sql", _counted):
                yield calls

        return _watch()

    # The same matter

    def test_same_as_keeps_what_is_the_reports_own(self):
        first, second = self._first(user_id=self.caseworker.id), self._second()
        number, received = second.number, second.received_at
        second.with_user(self.coordinator).action_same_as(first.id)
        self.assertEqual(second.duplicate_of_id, first)
        self.assertFalse(second.duplicate_candidate)
        self.assertEqual((second.number, second.received_at), (number, received))
        self.assertEqual(second.street, "102 Main Street")
        self.assertIn("Words of Bela", second.description)
        self.assertEqual((second.department_id, second.user_id), (self.streets, self.caseworker))
        self.assertEqual(first.duplicate_count, 1)
        self.assertIn(f"{second.number} reports the same matter", first.event_ids.mapped("note"))
        self.assertFalse(self._proposed(second))

    def test_the_duplicate_of_a_duplicate_is_the_mains(self):
        first, second, third = self._first(), self._second(), self._second()
        second.action_same_as(first.id)
        third.action_same_as(second.id)
        self.assertEqual(third.duplicate_of_id, first)
        main = self._first()
        first.action_same_as(main.id)
        self.assertEqual((first | second | third).duplicate_of_id, main)

    def test_what_cannot_be_the_same(self):
        first, second = self._first(), self._second()
        with self.assertRaisesRegex(UserError, "itself"):
            first.action_same_as(first.id)
        with self.assertRaisesRegex(UserError, "no such case"):
            first.action_same_as(999_999_999)
        restricted = self._first(confidentiality="restricted")
        with self.assertRaisesRegex(UserError, "restricted"):
            second.with_user(self.confidant).action_same_as(restricted.id)
        first._close(self.outcome_resolved)
        with self.assertRaisesRegex(UserError, f"{first.number} is closed"):
            second.action_same_as(first.id)

    def test_rights(self):
        first, second = self._first(department_id=self.parks.id), self._second()
        second.department_id = self.streets
        with self.assertRaises(AccessError):
            second.with_user(self.caseworker).action_same_as(first.id)
        with self.assertRaises(AccessError):
            first.with_user(self.caseworker).action_not_duplicates()
        with self.assertRaises(AccessError):
            second.with_user(self.portal_user).action_same_as(first.id)
        with self.assertRaises(AccessError):
            second.with_user(self.caseworker).duplicate_of_id = first
        with self.assertRaises(AccessError):
            second.with_user(self.coordinator).write({"duplicate_candidate": False})

    def test_undo_until_the_main_case_closes(self):
        first, second = self._first(department_id=self.parks.id), self._second()
        self.assertEqual(second.department_id, self.streets)
        second.action_same_as(first.id)
        self.assertEqual(second.department_id, self.parks)
        second.with_user(self.coordinator).action_not_same()
        self.assertFalse(second.duplicate_of_id)
        self.assertEqual(second.department_id, self.streets)
        self.assertEqual(self._proposed(second), [], "nobody is asked again")
        second.action_same_as(first.id)
        first._close(self.outcome_resolved)
        with self.assertRaisesRegex(UserError, "is closed"):
            second.action_not_same()
        with self.assertRaisesRegex(UserError, "no duplicate"):
            first.action_not_same()

    def test_none_of_these(self):
        self._first()
        second = self._second()
        second.with_user(self.coordinator).action_not_duplicates()
        self.assertFalse(second.duplicate_candidate)
        self.assertEqual(self._proposed(second), [])

    def test_ends_with_the_main_case_without_its_note(self):
        first, second = self._first(), self._second()
        second.action_same_as(first.id)
        first._close(self.outcome_refused, "Ms. Rivera at 12 Home Street was told why.")
        self.assertEqual(second.status, "closed")
        self.assertEqual(second.outcome_id, self.outcome_refused)
        self.assertNotIn("Rivera", second.outcome_note)
        self.assertTrue(second.outcome_note)
        first._reopen("It was not mended")
        self.assertEqual(second.status, "new" if second.status == "new" else "open")

    def test_the_notice_in_the_duplicates_language(self):
        self.env["res.lang"]._activate_lang("es_ES")
        first, second = self._first(), self._second(lang="es_ES")
        second.action_same_as(first.id)
        first._close(self.outcome_refused, "Told why.")
        self.assertIn("El asunto", second.outcome_note)

    def test_the_notice_register_lists_them_all(self):
        self.pothole.is_hazard = True
        with freeze_time("2026-03-03 10:00:00"):
            first, second = self._first(street="102 Main Street"), self._second()
        second.action_same_as(first.id)
        first._close(self.outcome_resolved)
        action = second.with_user(self.coordinator).action_nearby()
        self.assertEqual(self.Case.search(action["domain"]), first | second)
        register = self.env.ref("constituent_services.constituent_case_action_notice_register")
        self.assertIn("hazard", register.context)
        nowhere = self._make_case(street=False)
        with self.assertRaisesRegex(UserError, "no place"):
            nowhere.action_nearby()


@tagged("post_install", "-at_install")
class TestDuplicateLeaksNothing(DuplicateSetup, NoticeCommon, HttpCase):
    """A's name, words or address never reach B by mail, page or RPC."""

    SECRETS = ("Rivera", "ana.rivera", "736-5000", "12 Home", "Words of Ana", "Subject of Ana")

    def _assert_nothing_of_ana(self, text, where):
        for secret in self.SECRETS:
            self.assertNotIn(secret, text, where)

    def test_duplicate_that_leaks_nothing(self):
        first = self._first(name="Subject of Ana", description="<p>Words of Ana</p>")
        second = self._second()
        second.action_same_as(first.id)
        first.message_post(
            body="Words of Ana in a reply",
            subtype_xmlid="mail.mt_comment",
            message_type="comment",
            author_id=self.resident.id,
        )
        self.send_all()
        first.stage_id = self.env["constituent.case.stage"]._first_stage("waiting")
        first._close(self.outcome_refused, "Words of Ana: Ms. Rivera was told.")
        self.send_all()
        first._reopen("Words of Ana: not mended")
        self.send_all()
        to_bela = self.smtp.to(self.neighbor.email)
        self.assertTrue(any("refus" in str(mail).lower() or "clos" in str(mail).lower()
                            for mail in to_bela), "Bela is told how it ended")  # fmt: skip
        for mail in to_bela:
            self._assert_nothing_of_ana(mail.as_string(), "mail")
            self._assert_nothing_of_ana(html_of(mail), "mail")
            self.assertNotIn(first.number, html_of(mail))
        self.assertNotIn(self.neighbor, first.message_partner_ids)
        page = self.url_open(re.sub(r"^https?://[^/]+", "", second._get_private_url()))
        self.assertEqual(page.status_code, 200)
        self.assertIn(second.number, page.text)
        self.assertNotIn(first.number, page.text)
        self._assert_nothing_of_ana(page.text, "page")

    def test_nothing_over_rpc(self):
        first, second = self._first(), self._second()
        second.action_same_as(first.id)
        self.neighbor.write({"email": self.portal_user.email})
        self.portal_user.partner_id.is_constituent = True
        second.partner_id = self.portal_user.partner_id
        for record, names in ((second, ["duplicate_of_id"]), (first, ["name", "partner_name"])):
            with self.assertRaises(AccessError):
                record.with_user(self.portal_user).read(names)
        with self.assertRaises(AccessError):
            second.with_user(self.portal_user).action_nearby()
