from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import Form, new_test_user

from .common import ConstituentCommon
from .letter_common import LetterSetup


class MergeCommon(LetterSetup, ConstituentCommon):
    """Ana twice: once with an address, once by telephone."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.twin = cls.env["res.partner"].create(
            {
                "name": "Anna Rivera",
                "email": "anna@example.org",
                "phone": "+1 212-736-5009",
                "street": "12 Home St",
                "city": "Example",
                "is_constituent": True,
                "constituent_role": "resident",
                "language_needed": "Spanish",
            }
        )
        cls.twin_case = cls._make_case(partner_id=cls.twin.id, name="A testpothole by the fence")

    def _merge(self, user=None, destination=None, sources=None):
        destination = destination or self.resident
        destination.with_user(user or self.coordinator)._constituent_merge(
            (sources or self.twin).with_user(user or self.coordinator)
        )


class TestContactMerge(MergeCommon):
    """Nothing that hangs on a contact is lost."""

    # Every model

    def _partner_fields(self):
        """Return (model, field) of every stored link to a contact in this addon."""
        return [
            (name, field)
            for name, model in self.env.registry.items()
            if name.startswith("constituent.") and not model._abstract and not model._transient
            for field in model._fields.values()
            if field.comodel_name == "res.partner"
            and field.type in ("many2one", "many2many")
            and field.store
        ]

    def _pointing(self, partner):
        """Return {"model.field": ids} of the rows that name a contact, by SQL."""
        self.env.flush_all()
        found = {}
        for name, field in self._partner_fields():
            if field.type == "many2many":
                query = f"SELECT {field.column1} FROM {field.relation} WHERE {field.column2} = %s"
            else:
                query = f"SELECT id FROM {self.env[name]._table} WHERE {field.name} = %s"
            self.env.cr.execute(query, (partner.id,))
            ids = {row[0] for row in self.env.cr.fetchall()}
            if ids:
                found[f"{name}.{field.name}"] = ids
        return found

    def _fill(self, partner):
        """Make a row of every model that can name a contact."""
        district_type = self.env["constituent.district.type"].create(
            {"name": "Test Ward", "code": "T-W"}
        )
        district = self.env["constituent.district"].create(
            {"name": "Ward 1", "code": "1", "district_type_id": district_type.id}
        )
        self.env["constituent.district.term"].create(
            {"district_id": district.id, "partner_id": partner.id, "date_from": "2026-01-01"}
        )
        explained = {"translation_waiver": "Explained by telephone"}
        self._make_sent(partner_id=partner.id, case_id=self.twin_case.id, **explained)
        self._make_sent(cc_partner_ids=[Command.set(partner.ids)])
        self._make_case(referrers=[{"partner_id": partner.id}])
        self.env["constituent.call"].create(
            {
                "case_id": self.twin_case.id,
                "partner_id": partner.id,
                "direction": "out",
                "outcome": "voicemail",
            }
        )
        unclear = self._make_case(partner_id=False)
        unclear.identity_candidate_ids = partner
        meeting = self.env["constituent.meeting"].create(
            {"name": "M", "group_id": partner.id, "date": "2026-11-01"}
        )
        self.env["constituent.meeting.concern"].create(
            {"meeting_id": meeting.id, "words": "W", "partner_id": partner.id}
        )

    def test_the_old_address_still_finds_who_it_is(self):
        old = {"partner_email": "ada.old@example.org", "partner_name": self.twin.name}
        self.twin.email = old["partner_email"]
        self._merge()
        case = self._make_case(partner_id=False, **old)
        self.assertEqual(case.partner_id, self.resident)
        # Archived for another reason, somebody is not found.
        self.twin.merged_into_id = False
        case = self._make_case(partner_id=False, **old)
        self.assertTrue(case.partner_id)
        self.assertNotIn(case.partner_id, self.twin | self.resident)

    def test_nothing_still_points_to_the_source(self):
        self._fill(self.twin)
        before = self._pointing(self.twin)
        for wanted in (
            "constituent.call.partner_id",
            "constituent.case.identity_candidate_ids",
            "constituent.case.partner_id",
            "constituent.case.event.partner_id",
            "constituent.case.referrer.partner_id",
            "constituent.case.subscription.partner_id",
            "constituent.correspondence.cc_partner_ids",
            "constituent.correspondence.partner_id",
            "constituent.delivery.partner_id",
            "constituent.district.term.partner_id",
            "constituent.meeting.concern.partner_id",
            "constituent.meeting.group_id",
        ):
            self.assertIn(wanted, before, "the test makes no row of it")
        already = self._pointing(self.resident)
        self._merge()
        left = self._pointing(self.twin)
        self.assertEqual(set(left), {"constituent.contact.merge.source_id"})
        now = self._pointing(self.resident)
        for name, ids in before.items():
            with self.subTest(name):
                self.assertLessEqual(ids | already.get(name, set()), now[name])

    def test_what_moved_is_written_down(self):
        self._fill(self.twin)
        before = self._pointing(self.twin)
        self._merge()
        log = self.env["constituent.contact.merge"].search([("source_id", "=", self.twin.id)])
        self.assertEqual(log.destination_id, self.resident)
        self.assertEqual(log.user_id, self.coordinator)
        self.assertIn("anna@example.org", log.source_facts)
        self.assertIn("12 Home St", log.source_facts)
        for name, ids in before.items():
            self.assertEqual(set(log.moved_rows[name]), ids)
        with self.assertRaises(UserError):
            log.source_name = "Nobody"
        with self.assertRaises(UserError):
            log.unlink()

    def test_no_unique_constraint_names_a_contact(self):
        """Odoo's own merge deletes the source's rows of such a table."""
        for name, field in self._partner_fields():
            if field.type == "many2many":
                continue
            self.env.cr.execute(
                "SELECT indexdef FROM pg_indexes WHERE tablename = %s AND indexdef ILIKE %s",
                (self.env[name]._table, "%UNIQUE%"),
            )
            for (definition,) in self.env.cr.fetchall():
                columns = definition.partition("(")[2].partition(" WHERE ")[0]
                self.assertNotIn(field.name, columns, name)

    # Letters and cases keep what they say

    def test_sealed_letter_keeps_what_it_says(self):
        letter = self._make_sent(
            partner_id=self.twin.id,
            case_id=self.twin_case.id,
            translation_waiver="Explained by telephone",
        )
        document, sha256 = letter.document_id.raw, letter.document_sha256
        self._merge()
        self.assertEqual(letter.partner_id, self.resident)
        self.assertEqual(letter.printed_name, "Anna Rivera")
        self.assertIn("12 Home St", letter.printed_address)
        self.assertEqual((letter.document_id.raw, letter.document_sha256), (document, sha256))
        self.assertEqual(letter._letter_pdf(), document)

    def test_contact_as_given_stays(self):
        self._merge()
        self.assertEqual(self.twin_case.partner_id, self.resident)
        self.assertEqual(self.twin_case.partner_name, "Anna Rivera")
        self.assertEqual(self.twin_case.partner_email, "anna@example.org")

    def test_history_of_the_cases(self):
        self._merge()
        event = self.twin_case.event_ids[-1]
        self.assertEqual(event.kind, "identified")
        self.assertEqual(event.partner_id, self.resident)
        self.assertEqual(event.user_id, self.coordinator)
        self.assertIn("Anna Rivera", event.note)
        self.assertNotIn("merged", " ".join(self.case.event_ids.filtered("note").mapped("note")))

    def test_approved_letter_goes_back_to_draft(self):
        letter = self._make_approved(
            partner_id=self.twin.id,
            case_id=self.twin_case.id,
            translation_waiver="Explained by telephone",
        )
        self._merge()
        letter.action_send()
        self.assertEqual(letter.state, "draft")

    def test_restricted_cases_move_unseen(self):
        case = self._make_case(partner_id=self.twin.id, confidentiality="restricted")
        self._merge()
        self.assertEqual(case.partner_id, self.resident)
        self.assertFalse(case.with_user(self.coordinator).has_access("read"))

    # Subscriptions and referrers

    def test_subscriptions(self):
        other = self.env["constituent.case.subscription"].create(
            {"case_id": self.case.id, "email": "anna@example.org", "partner_id": self.twin.id}
        )
        self._merge()
        self.assertEqual(other.partner_id, self.resident)
        active = self.case.subscription_ids.mapped("email_normalized")
        self.assertEqual(len(active), len(set(active)))

    def test_referrers_of_one_case_are_joined(self):
        offices = self.env["res.partner"].create(
            [{"name": name, "is_company": True} for name in ("Office of Lee", "Lee's office")]
        )
        case = self._make_case(
            referrers=[
                {"partner_id": offices[0].id, "reference": "L-1", "answer_via": "direct"},
                {"partner_id": offices[1].id, "reference": "L-2", "answer_via": "through"},
            ]
        )
        self._merge(destination=offices[0], sources=offices[1])
        (referrer,) = case.referrer_ids
        self.assertEqual(referrer.partner_id, offices[0])
        self.assertEqual(referrer.reference, "L-1, L-2")
        self.assertEqual(referrer.answer_via, "both")

    # The contacts

    def test_source_is_archived_with_a_pointer(self):
        self._merge()
        self.assertFalse(self.twin.active)
        self.assertEqual(self.twin.merged_into_id, self.resident)
        self.assertIn("Merged into", self.twin.message_ids[0].body)
        self.assertIn("Anna Rivera", self.resident.message_ids[0].body)

    def test_what_is_open_is_filled(self):
        self._merge()
        self.assertEqual(self.resident.email, "ana.rivera@example.org")
        self.assertEqual(self.resident.street, "12 Home Street")
        self.assertEqual(self.resident.language_needed, "Spanish")

    def test_address_is_filled(self):
        self.resident.write({"street": False, "city": False, "zip": False})
        self._merge()
        self.assertEqual(self.resident.street, "12 Home St")

    def test_protected_address_is_not_filled(self):
        self.resident.write({"street": False, "city": False, "zip": False})
        self.twin.protected_address = True
        self._merge()
        self.assertFalse(self.resident.street)
        self.assertTrue(self.resident.protected_address)

    def test_do_not_contact_holds(self):
        self.resident.contact_preference = "email"
        self.twin.contact_preference = "none"
        self._merge()
        self.assertEqual(self.resident.contact_preference, "none")

    def test_children_move(self):
        offices = self.env["res.partner"].create(
            [{"name": name, "is_company": True} for name in ("Office of Lee", "Lee's office")]
        )
        aide = self.env["res.partner"].create({"name": "Aide", "parent_id": offices[1].id})
        self._merge(destination=offices[0], sources=offices[1])
        self.assertEqual(aide.parent_id, offices[0])

    def test_imports_find_the_contact_that_goes_on(self):
        self.twin.write({"external_source": "crm", "external_ref": "7"})
        self._merge()
        self.assertEqual(self.resident.external_ref, "7")
        self.assertFalse(self.twin.external_ref)

    def test_three_at_once(self):
        third = self.twin.copy({"name": "A. Rivera"})
        case = self._make_case(partner_id=third.id)
        self._merge(sources=self.twin | third)
        self.assertEqual((case | self.twin_case).partner_id, self.resident)
        self.assertEqual(self.env["constituent.contact.merge"].search_count([]), 2)

    def test_queries_do_not_grow_with_the_cases(self):
        def _count(number):
            twin = self.twin.copy()
            self.Case.intake([{"channel": "phone", "name": "x", "partner_id": twin.id}] * number)
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self._merge(sources=twin)
            self.env.flush_all()
            return self.env.cr.sql_log_count - before

        _count(2)
        self.assertLessEqual(_count(40), _count(2) + 5)


class TestContactMergeRefused(MergeCommon):
    """What is not merged, and who may not."""

    def test_logins(self):
        for user in (self.portal_user, self.internal_user):
            with self.subTest(user=user.login), self.assertRaisesRegex(UserError, "has a login"):
                self._merge(sources=user.partner_id, user=self.manager)
        former = new_test_user(self.env, "t_former_portal", "base.group_portal")
        former.active = False
        with self.assertRaisesRegex(UserError, "has a login"):
            self._merge(sources=former.partner_id, user=self.manager)

    def test_login_may_stay(self):
        self._merge(destination=self.portal_user.partner_id, user=self.manager)
        self.assertEqual(self.twin_case.partner_id, self.portal_user.partner_id)

    def test_an_offices_own(self):
        with self.assertRaises(UserError):
            self._merge(
                self.manager,
                self.env["res.partner"].create({"name": "City", "is_company": True}),
                self.company.partner_id,
            )

    def test_offices(self):
        other = self.env["res.company"].create({"name": "Port Authority"})
        self.manager.company_ids |= other
        self.twin.company_id = other
        with self.assertRaisesRegex(UserError, "another office"):
            self._merge(self.manager)
        self.twin.company_id = False
        self.resident.company_id = self.company
        with self.assertRaisesRegex(UserError, "serves all offices"):
            self._merge(self.manager)

    def test_person_and_organization(self):
        self.twin.is_company = True
        with self.assertRaisesRegex(UserError, "organization"):
            self._merge()

    def test_merged_already(self):
        self._merge()
        with self.assertRaisesRegex(UserError, "already"):
            self._merge()
        with self.assertRaisesRegex(UserError, "Choose two"):
            self._merge(sources=self.resident)

    def test_parent_into_child(self):
        offices = self.env["res.partner"].create({"name": "Office", "is_company": True})
        branch = self.env["res.partner"].create(
            {"name": "Branch", "is_company": True, "parent_id": offices.id}
        )
        with self.assertRaisesRegex(UserError, "organization of"):
            self._merge(destination=branch, sources=offices)

    def test_roles(self):
        for user in (self.clerk, self.caseworker, self.internal_user, self.portal_user):
            with self.subTest(user=user.login):
                with self.assertRaises(AccessError):
                    self._merge(user)
                with self.assertRaises(AccessError):
                    self.env["constituent.contact.merge.wizard"].with_user(user).create({})
                with self.assertRaises(AccessError):
                    self.env["constituent.contact.merge"].with_user(user).search([])
        self.assertTrue(self.twin.active)

    def test_pointer_is_not_written_by_users(self):
        log = self.env["constituent.contact.merge"].with_user(self.manager)
        with self.assertRaises(AccessError):
            log.create({"source_id": self.twin.id, "destination_id": self.resident.id})


class TestContactMergeWizard(MergeCommon):
    """The window shows both side by side."""

    def _wizard(self, partners=None):
        partners = partners or self.resident | self.twin
        return Form(
            self.env["constituent.contact.merge.wizard"]
            .with_user(self.coordinator)
            .with_context(active_model="res.partner", active_ids=partners.ids)
        )

    def test_side_by_side(self):
        form = self._wizard()
        self.assertEqual(form.destination_id, self.resident)
        for text in ("ana.rivera@example.org", "anna@example.org", "12 Home St", "Spanish"):
            self.assertIn(text, form.comparison)

    def test_merge(self):
        action = self._wizard().save().action_merge_contacts()
        self.assertEqual(action["res_id"], self.resident.id)
        self.assertEqual(self.twin.merged_into_id, self.resident)

    def test_the_other_way_round(self):
        form = self._wizard()
        form.destination_id = self.twin
        form.save().action_merge_contacts()
        self.assertEqual(self.resident.merged_into_id, self.twin)

    def test_the_one_with_a_login_stays(self):
        form = self._wizard(self.resident | self.portal_user.partner_id)
        self.assertEqual(form.destination_id, self.portal_user.partner_id)

    def test_somebody_else_does_not_stay(self):
        wizard = self._wizard().save()
        wizard.destination_id = self.twin.copy()
        with self.assertRaisesRegex(UserError, "which of these"):
            wizard.action_merge_contacts()
