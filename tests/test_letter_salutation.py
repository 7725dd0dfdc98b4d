from odoo.tests import Form

from ..tools.salutation import Addressee, family_name, salutation
from .common import ConstituentCommon

ENGLISH = {
    "nobody": "To whom it may concern:",
    "group": "Dear Friends at %(group_name)s:",
    "person": "Dear %(full_name)s:",
    "titled": "Dear %(titled_name)s:",
    "feminine": "Dear %(ms_name)s:",
    "masculine": "Dear %(mr_name)s:",
}
SPANISH = {
    "nobody": "A quien corresponda:",
    "group": "Estimados amigos de %(group_name)s:",
    "person": "Estimado/a %(full_name)s:",
    "titled": "Estimado/a %(titled_name)s:",
    "feminine": "Estimada %(ms_name)s:",
    "masculine": "Estimado %(mr_name)s:",
}


class TestSalutation(ConstituentCommon):
    """How a letter begins."""

    def _partner(self, **vals):
        return self.env["res.partner"].create({"name": "Ana Rivera", **vals})

    def test_family_names(self):
        for name, lang, expected in (
            ("Ana Rivera", "en_US", "Rivera"),
            ("Rivera, Ana", "en_US", "Rivera"),
            ("Jordan Lee, Jr.", "en_US", "Lee"),
            ("Jordan Lee Jr.", "en_US", "Lee"),
            ("Ana María de la Cruz", "en_US", "de la Cruz"),
            ("Vincent van der Meer", "en_US", "van der Meer"),
            ("Gabriel José García Márquez", "es_419", "García Márquez"),
            ("Gabriel José García Márquez", "en_US", "Márquez"),
            ("Ana de la Cruz Ruiz", "es_419", "de la Cruz Ruiz"),
            ("Prince", "en_US", "Prince"),
            ("  Ana   Rivera ", "en_US", "Rivera"),
            ("Jean St. Clair", "en_US", "St. Clair"),
            ("de Gaulle", "en_US", "Gaulle"),
            ("", "en_US", ""),
        ):
            with self.subTest(name=name, lang=lang):
                self.assertEqual(family_name(name, lang), expected)

    def test_phrases(self):
        for addressee, english, spanish in (
            (Addressee("Ana Rivera", "Ms."), "Dear Ms. Rivera:", "Estimada Ms. Rivera:"),
            (Addressee("Luis Ruiz", "Sr."), "Dear Sr. Ruiz:", "Estimado Sr. Ruiz:"),
            (Addressee("Kim Lee", "Dr."), "Dear Dr. Lee:", "Estimado/a Dr. Lee:"),
            (Addressee("Jordan Smith"), "Dear Jordan Smith:", "Estimado/a Jordan Smith:"),
            (
                Addressee("Kim Lee", "Ms.", title="Councilmember"),
                "Dear Councilmember Lee:",
                "Estimado/a Councilmember Lee:",
            ),
            (
                Addressee("Elm Street Association", is_group=True),
                "Dear Friends at Elm Street Association:",
                "Estimados amigos de Elm Street Association:",
            ),
            (Addressee(""), "To whom it may concern:", "A quien corresponda:"),
        ):
            with self.subTest(addressee=addressee):
                self.assertEqual(salutation(addressee, ENGLISH), english)
                self.assertEqual(salutation(addressee, SPANISH), spanish)

    def test_a_percent_sign_in_a_name(self):
        self.assertEqual(salutation(Addressee("100% Clean"), ENGLISH), "Dear 100% Clean:")

    def test_contacts(self):
        for vals, expected in (
            ({}, "Dear Ana Rivera:"),
            ({"honorific": "Ms."}, "Dear Ms. Rivera:"),
            (
                {"constituent_role": "elected_official", "function": "Councilmember"},
                "Dear Councilmember Rivera:",
            ),
            # What a resident does for a living is not how one addresses them.
            ({"constituent_role": "resident", "function": "Plumber"}, "Dear Ana Rivera:"),
            (
                {"name": "Elm Street Block Club", "constituent_role": "civic_group"},
                "Dear Friends at Elm Street Block Club:",
            ),
            ({"name": "Acme", "is_company": True}, "Dear Friends at Acme:"),
            (
                {"name": "Office of Jordan Lee", "is_company": True},
                "Dear Friends at the Office of Jordan Lee:",
            ),
        ):
            with self.subTest(vals=vals):
                self.assertEqual(self._partner(**vals).salutation, expected)

    def test_override_is_kept_and_forgotten(self):
        partner = self._partner(honorific="Ms.")
        partner.salutation = "Dear Ana:"
        self.assertEqual(partner.salutation_override, "Dear Ana:")
        partner.name = "Ana Lopez"
        self.assertEqual(partner.salutation, "Dear Ana:")
        partner.salutation = ""
        self.assertEqual(partner.salutation, "Dear Ms. Lopez:")
        partner.salutation = "Dear Ms. Lopez:"
        self.assertFalse(partner.salutation_override, "what is worked out is not stored")
        partner.name = "Ana Cruz"
        self.assertEqual(partner.salutation, "Dear Ms. Cruz:")

    def test_nothing_is_stored_for_contacts(self):
        self.assertFalse(self.env["res.partner"]._fields["salutation"].store)

    def test_a_letter_takes_the_addressees(self):
        partner = self._partner(honorific="Ms.")
        form = Form(self.env["constituent.correspondence"].with_user(self.caseworker))
        form.partner_id = partner
        self.assertEqual(form.salutation, "Dear Ms. Rivera:")
        form.partner_id = self._partner(name="Kim Lee")
        self.assertEqual(form.salutation, "Dear Kim Lee:")

    def test_counts_and_their_actions(self):
        case = self._make_case()
        self._make_case()
        self.env["constituent.correspondence"].create(
            {"case_id": case.id, "partner_id": self.resident.id, "subject": "s"}
        )
        resident = self.resident.with_user(self.caseworker)
        self.assertEqual((resident.case_count, resident.correspondence_count), (2, 1))
        stranger = self.resident.with_user(self.other_caseworker)
        self.assertEqual((stranger.case_count, stranger.correspondence_count), (0, 0))
        outsider = self.resident.with_user(self.internal_user)
        self.assertEqual((outsider.case_count, outsider.correspondence_count), (0, 0))
        for name, count in (
            ("action_constituent_cases", 2),
            ("action_constituent_correspondence", 1),
        ):
            action = getattr(resident, name)()
            records = self.env[action["res_model"]].search(action["domain"])
            self.assertEqual(len(records), count)
