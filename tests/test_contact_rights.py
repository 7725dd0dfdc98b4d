from odoo.exceptions import AccessError
from odoo.tests import Form, new_test_user

from .common import PREFIX, ConstituentCommon

STAFF_FIELDS = (
    "accessibility_needs", "case_ids", "constituent_role", "contact_preference", "deceased",
    "honorific", "is_constituent", "language_needed", "protected_address", "salutation",
    "salutation_override",
)  # fmt: skip


class TestContactFields(ConstituentCommon):
    """What the office notes of a constituent is not shown to the constituent."""

    def test_portal_users_read_none_of_it(self):
        own = self.portal_user.partner_id
        own.write({"deceased": False, "accessibility_needs": "Large print"})
        contact = own.with_user(self.portal_user)
        self.assertEqual(contact.read(["name"])[0]["name"], "Paula Portal")
        for name in STAFF_FIELDS:
            with self.subTest(field=name):
                with self.assertRaises(AccessError):
                    contact.read([name])
                with self.assertRaises(AccessError):
                    contact.search([(name, "!=", False)])
                self.assertNotIn(name, contact.fields_get())

    def test_staff_reads_them(self):
        self.resident.language_needed = "Haitian Creole"
        values = self.resident.with_user(self.clerk).read(STAFF_FIELDS)[0]
        self.assertEqual(values["language_needed"], "Haitian Creole")
        self.assertEqual(values["salutation"], "Dear Ana Rivera:")

    def test_other_employees_do_not_search_by_cases(self):
        contacts = self.env["res.partner"].with_user(self.internal_user)
        with self.assertRaises(AccessError):
            contacts.search([("case_ids.name", "ilike", "testpothole")])
        self.assertTrue(contacts.search([("is_constituent", "=", True)], limit=1))

    def test_views_open_for_everybody_inside(self):
        for user in (self.internal_user, self.clerk, self.manager):
            contacts = self.env["res.partner"].with_user(user)
            for name in ("res_partner_view_list", "res_partner_view_search"):
                view = self.env.ref(PREFIX + name)
                arch = contacts.get_view(view.id, view.type)["arch"]
                self.assertIn("complete_name", arch)
                if view.type == "search":
                    self.assertEqual("open_cases" in arch, user != self.internal_user)
        with Form(self.resident.with_user(self.clerk)) as form:
            form.honorific = "Dr."
        self.assertEqual(self.resident.honorific, "Dr.")


class TestClerksAndContacts(ConstituentCommon):
    """Letterheads and logins hang on some contacts."""

    def test_clerks_leave_offices_and_users_alone(self):
        former = new_test_user(self.env, "t_former", "base.group_user")
        former.active = False
        contacts = (
            self.company.partner_id | self.manager.partner_id | self.portal_user.partner_id
            | former.partner_id | self.clerk.partner_id
        )  # fmt: skip
        for contact in contacts:
            with self.subTest(contact=contact.name), self.assertRaisesRegex(AccessError, "login"):
                contact.with_user(self.clerk).write({"email": "mine@example.org"})
        with self.assertRaises(AccessError):
            (self.resident | contacts).with_user(self.clerk).write({"name": "x"})
        self.assertEqual(self.portal_user.partner_id.email, "portal@example.org")

    def test_what_clerks_may_change(self):
        self.resident.with_user(self.clerk).phone = "+1 212-736-5001"
        self.assertEqual(self.resident.phone, "+1 212-736-5001")
        # Their own settings go another way.
        self.clerk.with_user(self.clerk).write({"tz": "America/New_York"})
        self.assertEqual(self.clerk.partner_id.tz, "America/New_York")

    def test_others_may(self):
        for user in (self.caseworker, self.coordinator, self.manager):
            self.portal_user.partner_id.with_user(user).phone = "+1 212-736-5002"
        both = self._make_user("clerk", "caseworker", login="both")
        self.company.partner_id.with_user(both).phone = "+1 212-736-5003"
        self.assertEqual(self.company.partner_id.phone, "+1 212-736-5003")
