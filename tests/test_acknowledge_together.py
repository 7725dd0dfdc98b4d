from odoo.exceptions import AccessError

from .notice_common import NoticeCommon, html_of, text_of


class TestAcknowledgeTogether(NoticeCommon):
    """Several cases of one reader: one acknowledgement with all numbers."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.only(("received", "constituent"), ("received", "referrer"))
        cls.ana = "ana.rivera@example.org"

    def _three(self, **vals):
        return self._make_case(**vals) | self._make_case(**vals) | self._make_case(**vals)

    def _mails(self, cases):
        return self.Delivery.search([("case_id", "in", cases.ids)], order="id")

    def test_three_cases_one_mail(self):
        cases = self._three()
        joined = cases._acknowledge_together()
        self.assertEqual(len(joined), 1)
        smtp = self.send_all()
        (mail,) = smtp.to(self.ana)
        html, text = html_of(mail), text_of(mail)
        for case in cases:
            self.assertIn(case.number, html)
            self.assertIn(case.number, text)
        self.assertTrue(all(cases.mapped("acknowledged_at")))

    def test_each_case_has_its_own_link_and_stop(self):
        cases = self._three()
        cases._acknowledge_together()
        (mail,) = self.send_all().to(self.ana)
        html = html_of(mail)
        for subscription in cases.subscription_ids:
            self.assertIn(subscription._get_private_url(), html)
            self.assertIn(subscription._get_stop_url(), html)
        self.assertNotIn("List-Unsubscribe", mail)
        self.assertEqual(mail["Auto-Submitted"], "auto-replied")

    def test_each_case_keeps_that_it_was_acknowledged(self):
        cases = self._three()
        cases._acknowledge_together()
        self.send_all()
        for case in cases:
            event = case.event_ids.filtered(lambda event: event.kind == "acknowledged")
            self.assertEqual(event.recipient, self.ana)
            message = case.message_ids.filtered(lambda one: one.message_type == "auto_comment")
            self.assertIn(case.number, message.body)
            for subscription in cases.subscription_ids:
                self.assertNotIn(subscription.access_token, message.body)
        states = sorted(self._mails(cases).mapped("state"))
        self.assertEqual(states, ["cancelled", "cancelled", "sent"])

    def test_answers_belong_to_the_first(self):
        cases = self._three()
        joined = cases._acknowledge_together()
        self.send_all()
        message = self.env["mail.message"].search([("message_id", "=", joined.message_id)])
        self.assertEqual(message.res_id, cases[0].id)

    def test_nothing_is_in_the_senders_words(self):
        cases = self._three(name="Buy at evil.example.com")
        cases._acknowledge_together()
        (mail,) = self.send_all().to(self.ana)
        self.assertNotIn("evil.example.com", html_of(mail) + mail["Subject"])

    def test_one_case_alone_stays_as_it_is(self):
        case = self._make_case()
        self.assertFalse(case._acknowledge_together())
        (mail,) = self.send_all().to(self.ana)
        self.assertIn("We have received your request", mail["Subject"])
        self.assertNotIn("requests", mail["Subject"])

    def test_different_readers_get_their_own(self):
        other = self._make_case(
            partner_id=False, partner_name="Jo Stone", partner_email="jo@example.org"
        )
        cases = self._make_case() | self._make_case() | other
        cases._acknowledge_together()
        smtp = self.send_all()
        self.assertEqual(len(smtp.to(self.ana)), 1)
        (mail,) = smtp.to("jo@example.org")
        self.assertNotIn(cases[0].number, html_of(mail))
        self.assertNotIn(other.number, html_of(smtp.to(self.ana)[0]))

    def test_what_was_acknowledged_is_named_again(self):
        first = self._make_case()
        self.send_all()
        moment = first.acknowledged_at
        second = self._make_case()
        (first | second)._acknowledge_together()
        mails = self.send_all().to(self.ana)
        self.assertEqual(len(mails), 2)
        self.assertIn(first.number, html_of(mails[1]))
        self.assertIn(second.number, html_of(mails[1]))
        self.assertEqual(first.acknowledged_at, moment)

    def test_called_twice(self):
        cases = self._three()
        cases._acknowledge_together()
        cases._acknowledge_together()
        self.assertEqual(len(self.send_all().to(self.ana)), 1)

    def test_a_fourth_case_joins_the_three(self):
        cases = self._three()
        cases._acknowledge_together()
        fourth = self._make_case()
        (cases | fourth)._acknowledge_together()
        (mail,) = self.send_all().to(self.ana)
        for case in cases | fourth:
            self.assertIn(case.number, html_of(mail))

    def test_stopped_case_is_left_out(self):
        cases = self._three()
        cases._acknowledge_together()
        cases[0].subscription_ids._stop()
        (mail,) = self.send_all().to(self.ana)
        self.assertNotIn(cases[0].number, html_of(mail))
        self.assertIn(cases[1].number, html_of(mail))
        self.assertFalse(cases[0].acknowledged_at)
        self.assertTrue(cases[1].acknowledged_at)

    def test_all_stopped_nothing_is_sent(self):
        cases = self._three()
        joined = cases._acknowledge_together()
        cases.subscription_ids._stop()
        self.assertFalse(self.send_all().to(self.ana))
        self.assertEqual(joined.state, "cancelled")
        self.assertIn("stopped", joined.error)

    def test_do_not_contact_holds_for_all(self):
        cases = self._three()
        joined = cases._acknowledge_together()
        self.resident.contact_preference = "none"
        self.assertFalse(self.send_all().to(self.ana))
        self.assertEqual(joined.state, "cancelled")

    def test_closed_meanwhile_is_left_out(self):
        cases = self._three()
        cases._acknowledge_together()
        cases[1]._close(self.outcome_resolved)
        mails = self.send_all().to(self.ana)
        self.assertNotIn(cases[1].number, html_of(mails[0]))
        self.assertIn(cases[2].number, html_of(mails[0]))

    def test_restricted_case_is_acknowledged_alone(self):
        """In one mail, and with it in the other case's file, it would be told of."""
        ordinary, restricted = self._make_case(), self._make_case(confidentiality="restricted")
        other = self._make_case()
        (ordinary | restricted | other)._acknowledge_together()
        self.patch(self.registry["constituent.delivery"], "_is_combined", lambda _self: False)
        mails = [html_of(mail) for mail in self.send_all().to(self.ana)]
        self.assertEqual(len(mails), 2)
        for html in mails:
            together = ordinary.number in html and other.number in html
            self.assertNotEqual(together, restricted.number in html)
        notes = " ".join(f"{body}" for body in (ordinary | other).message_ids.mapped("body"))
        self.assertNotIn(restricted.number, notes)

    def test_referrer_gets_one_mail_for_the_batch(self):
        office = self.env["res.partner"].create(
            {"name": "Office of Lee", "email": "lee@council.example", "is_company": True}
        )
        cases = self._three(referrers=[{"partner_id": office.id}])
        cases._acknowledge_together()
        smtp = self.send_all()
        (mail,) = smtp.to("lee@council.example")
        self.assertNotIn("Rivera", html_of(mail))
        for case in cases:
            self.assertIn(case.number, html_of(mail))
        self.assertEqual(len(smtp.to(self.ana)), 1)

    def test_machines_stay_unanswered(self):
        cases = self._three(automatic=True)
        self.assertFalse(cases._acknowledge_together())
        self.assertFalse(self.send_all().to(self.ana))

    def test_sent_again_names_all(self):
        cases = self._three()
        joined = cases._acknowledge_together()
        joined.write({"state": "failed", "error": "No such mailbox"})
        joined.with_user(self.coordinator).action_send_again()
        (mail,) = self.send_all().to(self.ana)
        for case in cases:
            self.assertIn(case.number, html_of(mail))

    def test_by_a_clerk(self):
        cases = self.Case.with_user(self.clerk).intake(
            [
                {"channel": "phone", "name": name, "partner_id": self.resident.id}
                for name in ("One", "Two")
            ]
        )
        cases._acknowledge_together()
        self.assertEqual(len(self.send_all().to(self.ana)), 1)
        with self.assertRaises(AccessError):
            self.Delivery.with_user(self.clerk).search([])

    def test_in_the_readers_language(self):
        self.env["res.lang"]._activate_lang("es_ES")
        cases = self._three(lang="es_ES")
        joined = cases._acknowledge_together()
        self.assertEqual(joined.lang, "es_ES")
        (mail,) = self.send_all().to(self.ana)
        self.assertIn('lang="es-ES"', html_of(mail))

    def test_preview_of_the_template(self):
        template = self.env.ref("constituent_services.mail_template_received_together")
        case = self._make_case()
        body = template._render_field("body_html", case.ids)[case.id]
        self.assertIn("own number", body)
