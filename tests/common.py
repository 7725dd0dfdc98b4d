"""One office, its masters and one user for each role; every test builds on it."""

from odoo.fields import Command
from odoo.tests import new_test_user, tagged

from odoo.addons.mail.tests.common import MailCommon

PREFIX = "constituent_services."


class ConstituentSetup:
    """Class set-up shared by the bases below: mixed in before Odoo's test case."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env = cls.env(context=dict(cls.env.context, tracking_disable=False))
        cls.company = cls.env.ref("base.main_company")
        cls.company.write(
            {
                "name": "City of Example",
                "constituent_office_name": "Office of Constituent Services",
                "constituent_tz": "America/New_York",
                "constituent_after_hours_phone": "+1 555 0100",
                "country_id": cls.env.ref("base.us").id,
            }
        )
        cls.company.resource_calendar_id.tz = "America/New_York"
        cls.Case = cls.env["constituent.case"]
        cls.clerk = cls._make_user("clerk")
        cls.caseworker = cls._make_user("caseworker")
        cls.other_caseworker = cls._make_user("caseworker", login="other_caseworker")
        cls.coordinator = cls._make_user("coordinator")
        cls.manager = cls._make_user("manager")
        cls.confidant = cls._make_user("coordinator", "restricted", login="confidant")
        cls.portal_user = new_test_user(
            cls.env,
            "t_portal",
            "base.group_portal",
            email="portal@example.org",
            name="Paula Portal",
        )
        cls.internal_user = new_test_user(
            cls.env, "t_internal", "base.group_user", email="internal@example.org"
        )
        cls._make_masters()

    @classmethod
    def _make_user(cls, *roles, login=None):
        login = login or roles[0]
        return new_test_user(
            cls.env,
            f"t_{login}",
            ",".join(f"{PREFIX}group_{role}" for role in roles),
            name=f"Test {login.replace('_', ' ').title()}",
            email=f"{login}@city.example.org",
        )

    @classmethod
    def _make_masters(cls):
        departments = cls.env["constituent.department"].create(
            [
                {
                    "name": "Streets Department",
                    "code": "T-STR",
                    "alias_name": "t-streets",
                    "email": "streets@city.example.org",
                    "head_id": cls.manager.id,
                    "head_title": "Commissioner of Streets",
                    "member_ids": [Command.set(cls.caseworker.ids)],
                },
                {
                    "name": "Parks Department",
                    "code": "T-PRK",
                    "member_ids": [Command.set(cls.other_caseworker.ids)],
                },
            ]
        )
        cls.streets, cls.parks = departments
        cls.office = cls.company.constituent_department_id
        cls.office.alias_name = "t-311"
        categories = cls.env["constituent.category"].create(
            [
                {
                    "name": "Test Pothole",
                    "code": "T-POT",
                    "keywords": "testpothole, hole in the road, bache",
                    "department_id": cls.streets.id,
                    "response_days": 5,
                },
                {
                    "name": "Test Tree",
                    "code": "T-TRE",
                    "keywords": "testtree, fallen tree, árbol caído",
                    "department_id": cls.parks.id,
                },
            ]
        )
        cls.pothole, cls.tree = categories
        cls.resident = cls.env["res.partner"].create(
            {
                "name": "Ana Rivera",
                "email": "ana.rivera@example.org",
                "phone": "+1 212-736-5000",
                "street": "12 Home Street",
                "city": "Example",
                "zip": "10001",
                "is_constituent": True,
                "constituent_role": "resident",
                "lang": "en_US",
            }
        )
        cls.outcome_resolved = cls.env.ref(f"{PREFIX}outcome_resolved")
        cls.outcome_refused = cls.env.ref(f"{PREFIX}outcome_refused")

    @classmethod
    def _make_case(cls, **vals):
        """Take in a case by telephone from Ana Rivera, unless told otherwise."""
        report = {
            "channel": "phone",
            "name": "A testpothole on Main Street",
            "description": "<p>It is deep.</p>",
            "partner_id": cls.resident.id,
            "street": "100 Main Street",
        }
        report.update(vals)
        return cls.Case.intake([report])


@tagged("post_install", "-at_install")
class ConstituentCommon(ConstituentSetup, MailCommon):
    """Base of the tests that need records; MailCommon brings the mocked gateway."""
