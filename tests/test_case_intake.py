from .common import ConstituentCommon


class TestCaseIntake(ConstituentCommon):
    """The pipeline: identify, classify, route, date, number, history."""

    def test_known_constituent_by_mail_address(self):
        case = self.Case.intake(
            [
                {
                    "channel": "mail",
                    "name": "Testpothole",
                    "partner_name": "Ana Rivera",
                    "partner_email": "Ana.Rivera@Example.org",
                }
            ]
        )
        self.assertEqual(case.partner_id, self.resident)
        self.assertIn("identified", case.event_ids.mapped("kind"))
