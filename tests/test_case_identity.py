from .common import ConstituentCommon


class TestCorrectedConstituent(ConstituentCommon):
    """A case entered for the wrong person leaves nothing with them."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.luis = cls.env["res.partner"].create(
            {"name": "Luis Soto", "email": "luis@example.org", "is_constituent": True}
        )
        cls.case = cls._make_case()
        cls.first = cls.case.subscription_ids.filtered(lambda sub: sub.audience == "constituent")

    def test_link_notices_and_address_go(self):
        token = self.case.access_token
        self.assertEqual(self.first.email_normalized, self.resident.email)
        self.assertTrue(self.Case._find_by_token(token)[0])
        self.case.with_user(self.caseworker).partner_id = self.luis
        self.assertNotEqual(self.case.access_token, token)
        self.assertFalse(self.Case._find_by_token(token)[0])
        self.assertFalse(self.Case._find_by_token(self.first.access_token)[0])
        self.assertFalse(self.first.active)
        self.assertEqual(
            (self.case.partner_name, self.case.partner_email), ("Luis Soto", "luis@example.org")
        )
        event = self.case.event_ids.sorted("id")[-1]
        self.assertEqual((event.kind, event.partner_id), ("identified", self.luis))

    def test_notices_then_go_to_the_right_one(self):
        self.case.partner_id = self.luis
        self.case._close(self.outcome_resolved)
        closed = self.case.delivery_ids.filtered(lambda mail: mail.event == "closed")
        self.assertEqual(closed.mapped("email"), ["luis@example.org"])

    def test_what_was_typed_otherwise_stays(self):
        self.case.partner_email = "another@example.org"
        self.case.write({"partner_id": self.luis.id, "partner_phone": "+1 212-736-5001"})
        self.assertEqual(self.case.partner_email, "another@example.org")
        self.assertEqual(self.case.partner_phone, "+1 212-736-5001")

    def test_the_address_of_a_mail_stays_as_given(self):
        self.env["constituent.inbound.mail"].create(
            {"case_id": self.case.id, "subject": "x", "company_id": self.company.id}
        )
        self.case.partner_id = self.luis
        self.assertEqual(self.case.partner_email, "ana.rivera@example.org")

    def test_a_second_contact_of_the_same_address_keeps_the_notices(self):
        twin = self.resident.copy({"name": "Ana M. Rivera", "email": self.resident.email})
        self.case.partner_id = twin
        self.assertTrue(self.first.active)

    def test_first_identification_and_no_change_keep_the_link(self):
        case = self.Case.create({"name": "Whose?"})
        token = case.access_token
        case.partner_id = self.luis
        case.partner_id = self.luis
        self.assertEqual(case.access_token, token)
