from freezegun import freeze_time

from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain
from odoo.tests import HttpCase, tagged

from .common import PREFIX, ConstituentCommon, ConstituentSetup

METHODS = (
    ("phone_desk_search", ["ana"]),
    ("phone_desk_partner", [1]),
    ("phone_desk_categories", []),
    ("phone_desk_preview", [{"name": "testpothole"}]),
    ("phone_desk_save", [{"name": "testpothole"}]),
)


class TestPhoneDesk(ConstituentCommon):
    """Find the caller, see what they were told, promise, save: one call each."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.desk = cls.Case.with_user(cls.clerk)
        cls.namesake = cls.env["res.partner"].create(
            {"name": "Ana Smith", "email": "ana.smith@example.org", "is_constituent": True}
        )

    def _names(self, term):
        return [found["name"] for found in self.desk.phone_desk_search(term)]

    # Who is calling

    def test_find_by_part_of_the_name(self):
        self.assertEqual(self._names("rive"), ["Ana Rivera"])
        self.assertEqual(self._names("rivera ana"), ["Ana Rivera"])
        self.assertEqual(self._names("  RIVERA   "), ["Ana Rivera"])

    def test_find_without_accents(self):
        self.resident.name = "Ána Rivéra"
        self.assertEqual(self._names("ana rivera"), ["Ána Rivéra"])

    def test_find_by_telephone_as_people_say_it(self):
        for said in ("212-736-5000", "(212) 736 5000", "+12127365000", "736-5000", "2127365"):
            with self.subTest(said=said):
                self.assertEqual(self._names(said), ["Ana Rivera"])

    def test_few_digits_find_nobody(self):
        self.assertEqual(self._names("212"), [])

    def test_find_by_beginning_of_mail_address(self):
        self.assertEqual(self._names("Ana.Rivera@"), ["Ana Rivera"])
        self.assertEqual(self._names("ana.rivera@example.org"), ["Ana Rivera"])
        self.assertEqual(self._names("rivera@example.org"), [])

    def test_wildcards_are_letters(self):
        self.assertEqual(self._names("%@"), [])
        self.assertEqual(self._names("ana_rivera@"), [])

    def test_find_by_case_number(self):
        case = self.desk.intake([{"name": "Mine", "partner_id": self.resident.id}])
        self.assertEqual(self._names(f" {case.number.lower()} "), ["Ana Rivera"])

    def test_case_number_out_of_sight_finds_nobody(self):
        hidden = self._make_case()
        self.assertEqual(self._names(hidden.number), [])

    def test_search_stops_at_eight(self):
        self.env["res.partner"].create([{"name": f"Zebulon {n}"} for n in range(12)])
        self.assertEqual(len(self._names("zebulon")), 8)

    def test_empty_term_finds_nobody(self):
        self.assertEqual(self._names("   "), [])
        self.assertEqual(self.env["res.partner"]._constituent_search_domain(False), Domain.FALSE)

    def test_people_of_one_name_can_be_told_apart(self):
        details = {found["name"]: found["detail"] for found in self.desk.phone_desk_search("ana")}
        self.assertIn("12 Home Street", details["Ana Rivera"])
        self.assertIn("ana.smith@example.org", details["Ana Smith"])

    def test_protected_address_is_not_shown(self):
        self.resident.protected_address = True
        found = self.desk.phone_desk_search("rivera")[0]
        self.assertNotIn("Home Street", found["detail"])
        caller = self.desk.phone_desk_partner(self.resident.id)
        self.assertTrue(caller["protected"])
        self.assertEqual(caller["address"], {})

    # What we told them

    def test_earlier_cases_of_the_caller(self):
        open_case = self.desk.intake([{"name": "Open", "partner_id": self.resident.id}])
        closed = self.desk.intake([{"name": "Done", "partner_id": self.resident.id}])
        closed.with_user(self.coordinator)._close(self.outcome_refused, "It is a state road.")
        caller = self.desk.phone_desk_partner(self.resident.id)
        self.assertEqual(
            [case["number"] for case in caller["cases"]], [closed.number, open_case.number]
        )
        self.assertEqual(caller["cases"][0]["told"], "Not Granted: It is a state road.")
        self.assertIn("Promised by", caller["cases"][1]["told"])
        self.assertEqual(caller["hidden_count"], 0)
        self.assertEqual(caller["address"]["street"], "12 Home Street")

    def test_others_cases_are_a_number_only(self):
        self._make_case()
        self._make_case(name="A testtree")
        caller = self.desk.phone_desk_partner(self.resident.id)
        self.assertEqual(caller["cases"], [])
        self.assertEqual(caller["hidden_count"], 2)

    def test_restricted_cases_are_not_even_counted(self):
        self._make_case(confidentiality="restricted")
        caller = self.desk.phone_desk_partner(self.resident.id)
        self.assertEqual(caller["hidden_count"], 0)
        caller = self.Case.with_user(self.confidant).phone_desk_partner(self.resident.id)
        self.assertEqual(len(caller["cases"]), 1)

    def test_older_cases_are_counted(self):
        self.desk.intake([{"name": f"Call {n}", "partner_id": self.resident.id} for n in range(8)])
        caller = self.desk.phone_desk_partner(self.resident.id)
        self.assertEqual(len(caller["cases"]), 6)
        self.assertEqual(caller["more_count"], 2)

    def test_notes_on_the_caller(self):
        self.resident.write(
            {
                "language_needed": "Haitian Creole",
                "accessibility_needs": "TTY",
                "contact_preference": "letter",
                "deceased": True,
            }
        )
        caller = self.desk.phone_desk_partner(self.resident.id)
        self.assertEqual(caller["language_needed"], "Haitian Creole")
        self.assertEqual(caller["accessibility_needs"], "TTY")
        self.assertEqual(caller["preference"], "Letter")
        self.assertTrue(caller["deceased"])
        self.assertEqual(caller["role"], "Resident")

    # What can I promise

    def test_categories_to_choose_from(self):
        found = {one["id"]: one for one in self.desk.phone_desk_categories()}
        self.assertEqual(found[self.pothole.id]["name"], "Test Pothole")
        self.assertEqual(found[self.pothole.id]["detail"], "Streets Department")

    def test_preview_proposes_by_keywords(self):
        self.pothole.information = "<p>Five working days.</p>"
        with freeze_time("2026-03-02 15:00:00"):  # a Monday
            preview = self.desk.phone_desk_preview({"name": "A testpothole", "details": ""})
        self.assertEqual(preview["category"]["id"], self.pothole.id)
        self.assertTrue(preview["suggested"])
        self.assertEqual(preview["department"], "Streets Department")
        self.assertEqual(preview["due"], "Monday, March 9")
        self.assertIn("Five working days.", preview["information"])
        self.assertFalse(preview["hazard"])

    def test_preview_of_a_chosen_category(self):
        self.tree.is_hazard = True
        preview = self.desk.phone_desk_preview({"category_id": self.tree.id})
        self.assertFalse(preview["suggested"])
        self.assertEqual(preview["department"], "Parks Department")
        self.assertTrue(preview["hazard"])
        self.assertIn("911", preview["emergency"])

    def test_preview_of_what_nobody_can_place(self):
        preview = self.desk.phone_desk_preview({"name": "Something else"})
        self.assertFalse(preview["category"])
        self.assertEqual(preview["department"], "Triage")
        self.assertTrue(preview["due"])

    def test_preview_keeps_nothing(self):
        def counts():
            return (
                self.Case.search_count([]),
                self.env["res.partner"].search_count([]),
                self.env["constituent.case.event"].search_count([]),
            )

        before = counts()
        self.desk.phone_desk_preview({"name": "A testpothole", "partner_name": "New One"})
        self.assertEqual(counts(), before)

    # Saving

    def test_save_a_call_of_a_known_constituent(self):
        with freeze_time("2026-03-02 15:00:00"):
            saved = self.desk.phone_desk_save(
                {
                    "partner_id": self.resident.id,
                    "name": "A testpothole",
                    "details": "It is <deep> & wide.\n\nSince Monday.",
                    "street": "100 Main Street",
                    "priority": "2",
                    "kind": "complaint",
                }
            )
        case = self.Case.browse(saved["id"])
        self.assertEqual(saved["number"], case.number)
        self.assertEqual(saved["department"], "Streets Department")
        self.assertEqual(saved["due"], "Monday, March 9")
        self.assertEqual(saved["constituent"], "Ana Rivera")
        self.assertEqual(case.partner_id, self.resident)
        self.assertEqual(case.channel_id.code, "phone")
        self.assertEqual(case.create_uid, self.clerk)
        self.assertEqual(case.category_id, self.pothole)
        self.assertEqual(case.street, "100 Main Street")
        self.assertEqual((case.priority, case.kind), ("2", "complaint"))
        self.assertEqual(case.description_text, "It is <deep> & wide.\n\nSince Monday.")
        self.assertTrue(case.with_user(self.clerk).has_access("read"))

    def test_promise_is_the_one_that_was_shown(self):
        vals = {"name": "A testtree fell", "partner_id": self.resident.id}
        preview = self.desk.phone_desk_preview(vals)
        saved = self.desk.phone_desk_save(vals)
        self.assertEqual(saved["due"], preview["due"])
        self.assertEqual(saved["department"], preview["department"])

    def test_save_a_new_constituent(self):
        saved = self.desk.phone_desk_save(
            {
                "partner_name": "Nadia Petit",
                "partner_phone": "212-736-5999",
                "language_needed": "Haitian Creole",
                "name": "Opening hours",
            }
        )
        partner = self.Case.browse(saved["id"]).partner_id
        self.assertEqual(partner.name, "Nadia Petit")
        self.assertEqual(partner.phone_sanitized, "+12127365999")
        self.assertTrue(partner.is_constituent)
        self.assertEqual(partner.language_needed, "Haitian Creole")

    def test_confidential_caller_gets_no_contact(self):
        before = self.env["res.partner"].search_count([])
        saved = self.desk.phone_desk_save(
            {
                "identity": "confidential",
                "partner_name": "A. Nonymous",
                "partner_phone": "212-736-5998",
                "language_needed": "Spanish",
                "name": "My neighbor's fence",
            }
        )
        case = self.Case.browse(saved["id"])
        self.assertFalse(case.partner_id)
        self.assertEqual(case.partner_phone, "212-736-5998")
        self.assertEqual(self.env["res.partner"].search_count([]), before)

    def test_anonymous_caller_leaves_nothing(self):
        saved = self.desk.phone_desk_save(
            {"identity": "anonymous", "partner_name": "Said Too Much", "name": "Dumping"}
        )
        case = self.Case.browse(saved["id"])
        self.assertFalse(case.partner_id)
        self.assertFalse(case.partner_name)
        self.assertEqual(saved["constituent"], "")

    def test_beginning_of_the_text_is_the_subject(self):
        saved = self.desk.phone_desk_save(
            {"partner_id": self.resident.id, "details": "Water in the cellar\nsince Monday"}
        )
        self.assertEqual(saved["name"], "Water in the cellar")
        saved = self.desk.phone_desk_save(
            {"partner_id": self.resident.id, "details": "water " * 40}
        )
        self.assertLessEqual(len(saved["name"]), 81)
        self.assertTrue(saved["name"].endswith("water…"))

    def test_nothing_typed_is_refused(self):
        with self.assertRaisesRegex(UserError, "what the call is about"):
            self.desk.phone_desk_save({"partner_id": self.resident.id, "details": "  "})

    def test_fields_the_screen_does_not_have_are_refused(self):
        for name in ("user_id", "mode", "company_id", "create_uid", "external_ref"):
            with self.subTest(name=name), self.assertRaisesRegex(UserError, name):
                self.desk.phone_desk_save({"name": "A testpothole", name: 1})

    def test_same_key_makes_one_case(self):
        vals = {"name": "A testpothole", "partner_id": self.resident.id}
        first = self.desk.phone_desk_save(vals, "key-1")
        again = self.desk.phone_desk_save(vals, "key-1")
        other = self.desk.phone_desk_save(vals, "key-2")
        self.assertEqual(first, again)
        self.assertNotEqual(first["id"], other["id"])

    def test_key_of_somebody_else_is_not_theirs(self):
        vals = {"name": "A testpothole", "partner_id": self.resident.id}
        first = self.desk.phone_desk_save(vals, "key-1")
        other = self.Case.with_user(self.coordinator).phone_desk_save(vals, "key-1")
        self.assertNotEqual(first["id"], other["id"])

    # Who may not

    def test_outsiders_are_refused(self):
        for user in (self.portal_user, self.internal_user):
            for method, args in METHODS:
                with self.subTest(user=user.login, method=method):
                    with self.assertRaises(AccessError):
                        getattr(self.Case.with_user(user), method)(*args)

    # Beside the case

    def test_search_of_cases_by_the_constituent(self):
        case = self._make_case()
        self._make_case(partner_id=self.namesake.id)
        cases = self.Case.with_user(self.coordinator)
        for said in ("rivera", "ana.rivera@", "736-5000"):
            with self.subTest(said=said):
                found = cases.search([("constituent_search", "ilike", said)])
                self.assertEqual(found, case)

    def test_constituents_address_is_not_the_place_of_the_matter(self):
        case = self._make_case(street="100 Main Street")
        self.assertIn("12 Home Street", case.constituent_address)
        self.assertNotIn("100 Main Street", case.constituent_address)

    def test_counts_beside_the_case(self):
        case = self._make_case()
        part = self._make_case(parent_id=case.id)
        self._make_case(partner_id=self.namesake.id)
        self.assertEqual(case.other_case_count, 1)
        self.assertEqual(case.part_count, 1)
        self.assertEqual(case.event_count, len(case.event_ids))
        for action, found in (
            (case.action_other_cases(), part),
            (case.action_parts(), part),
        ):
            self.assertEqual(self.Case.search(action["domain"]), found)
        events = self.env["constituent.case.event"].search(case.action_history()["domain"])
        self.assertEqual(events, case.event_ids)
        mails = self.env["constituent.inbound.mail"].search(case.action_mails()["domain"])
        self.assertEqual(len(mails), case.inbound_mail_count)

    def test_new_case_in_a_form_has_no_other_cases_of_its_own(self):
        self._make_case()
        case = self.Case.new({"partner_id": self.resident.id, "name": "Typing"})
        self.assertEqual(case.other_case_count, 1)

    def test_indexes_of_the_search_exist(self):
        self.env.cr.execute(
            "SELECT indexdef FROM pg_indexes WHERE tablename = 'res_partner'"
            " AND indexdef LIKE '%gin_trgm_ops%'"
        )
        definitions = " ".join(row[0] for row in self.env.cr.fetchall())
        self.assertIn("complete_name", definitions)
        self.assertIn("phone_sanitized", definitions)


@tagged("post_install", "-at_install")
class TestPhoneDeskRpc(ConstituentSetup, HttpCase):
    """The same through the web client's door."""

    def _rpc(self, method, *args):
        return self.make_jsonrpc_request(
            f"/web/dataset/call_kw/constituent.case/{method}",
            {"model": "constituent.case", "method": method, "args": list(args), "kwargs": {}},
        )

    def test_call_by_rpc(self):
        self.authenticate("t_clerk", "t_clerk")
        found = self._rpc("phone_desk_search", "rivera")
        self.assertEqual([one["id"] for one in found], self.resident.ids)
        saved = self._rpc(
            "phone_desk_save", {"partner_id": found[0]["id"], "name": "A testpothole"}, "k"
        )
        case = self.Case.search([("number", "=", saved["number"])])
        self.assertEqual(case.create_uid, self.clerk)
        self.assertEqual(case.channel_id, self.env.ref(f"{PREFIX}channel_phone"))
