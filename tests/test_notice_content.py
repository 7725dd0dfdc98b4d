from freezegun import freeze_time

from .notice_common import NoticeCommon, html_of, text_of

ANA = "ana.rivera@example.org"
OFFICIAL = "ward5@council.example.org"
NEIGHBOUR = "neighbour@example.net"


@freeze_time("2026-11-20 15:00:00")
class TestNoticeContent(NoticeCommon):
    """What the notices say, to whom, and what they never say."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.official = cls.env["res.partner"].create(
            {"name": "Office of Councilmember Lee", "email": OFFICIAL, "lang": "en_US"}
        )

    def _make_brought_case(self, **vals):
        """A case of Ana's that an official brought and a neighbour follows."""
        case = self._make_case(
            name="My landlord Robert Poe threatens me",
            description="<p>He said he would call the police.</p>",
            referrers=[{"partner_id": self.official.id, "reference": "LEE-7"}],
            **vals,
        )
        self.env["constituent.case.subscription"].create(
            {"case_id": case.id, "email": NEIGHBOUR, "lang": "en_US"}
        )
        return case

    def _sent_to(self, address):
        messages = self.smtp.to(address)
        self.assertEqual(len(messages), 1, f"{len(messages)} mails to {address}")
        return messages[0]

    # The acknowledgement

    def test_acknowledgement_says_what_was_understood_and_what_follows(self):
        # 22:30 of the day before in the office's time zone
        case = self._make_case(
            channel="mail",
            received_at="2026-11-20 03:30:00",
            city="Example",
            category_id=self.pothole.id,
        )
        self.send_all()
        message = self._sent_to(ANA)
        due = case._notice_date(case.due_at)
        for part in (html_of(message), text_of(message)):
            self.assertNotIn(" ,", part)
            for expected in (
                case.number,
                "November 19, 2026",
                "Email",
                "Test Pothole",
                "100 Main Street, Example",
                "Streets Department",
                f"We expect to answer by {due}"
                if "<p" not in part
                else f"We expect to answer by <strong>{due}</strong>",
                "Reply to this mail",
                "call 911",
                "+1 555 0100",
                "711",
                "Free language help",
                "public records",
                "Office of Constituent Services",
            ):
                self.assertIn(expected, part)
        self.assertEqual(message["Subject"], f"[{case.number}] We have received your request")

    def test_acknowledgement_has_links_of_the_reader_alone(self):
        case = self._make_case()
        self.send_all()
        subscription = case.subscription_ids
        message = self._sent_to(ANA)
        for part in (html_of(message), text_of(message)):
            self.assertIn(subscription._get_private_url(), part)
            self.assertIn(subscription._get_stop_url(), part)
            self.assertNotIn(case.access_token, part)

    def test_acknowledgement_repeats_nothing_of_the_sender(self):
        self._make_case(
            channel="mail",
            name="CLAIM YOUR PRIZE",
            description="<p>Visit evil.example.com <a href='http://evil.example.com'>now</a></p>",
            partner_id=False,
            partner_name="Buy Now Cheap",
            partner_email="victim@example.net",
            street="Prize at http://evil.example.com",
            location_note="call this number",
        )
        self.send_all()
        message = self._sent_to("victim@example.net")
        whole = message.as_string() + html_of(message) + text_of(message)
        for word in ("PRIZE", "Prize", "evil", "Buy Now", "call this number"):
            self.assertNotIn(word, whole)

    def test_acknowledgement_of_triage_promises_no_department(self):
        self._make_case(name="Something else", street=False)
        self.send_all()
        text = text_of(self._sent_to(ANA))
        self.assertIn("finding out which department", text)
        self.assertNotIn("Place:", text)
        self.assertNotIn("About:", text)

    def test_acknowledgement_of_a_case_past_due_names_no_date(self):
        self._make_case(received_at="2026-09-01 12:00:00")
        self.send_all()
        text = text_of(self._sent_to(ANA))
        self.assertNotIn("We expect to answer by", text)
        self.assertIn("You will hear from us", text)

    def test_acknowledgement_heads(self):
        self._make_case()
        self.send_all()
        message = self._sent_to(ANA)
        self.assertEqual(message["Auto-Submitted"], "auto-replied")
        self.assertEqual(message["X-Auto-Response-Suppress"], "All")
        self.assertIn("/constituent/stop/", message["List-Unsubscribe"])
        self.assertEqual(message["List-Unsubscribe-Post"], "List-Unsubscribe=One-Click")
        self.assertIn("Office of Constituent Services", message["From"])
        self.assertIn(f"t-311@{self.alias_domain}", message["From"])
        self.assertIn(f"t-streets@{self.alias_domain}", message["Reply-To"])
        self.assertEqual(message["To"], ANA)
        self.assertNotIn("rivera", message["Message-Id"])

    def test_answer_goes_to_the_office_where_a_department_has_no_alias(self):
        self._make_case(name="A testtree fell")
        self.send_all()
        self.assertIn(f"t-311@{self.alias_domain}", self._sent_to(ANA)["Reply-To"])

    def test_sheet_carries_language_colour_and_no_remote_picture(self):
        self.company.primary_color = "#7a1f2b"
        self._make_case()
        self.send_all()
        page = html_of(self._sent_to(ANA))
        self.assertTrue(page.startswith("<!DOCTYPE html>"))
        self.assertIn('lang="en-US"', page)
        self.assertIn("#7a1f2b", page)
        self.assertNotIn("<img", page)

    def test_colour_cannot_carry_a_style(self):
        self.company.primary_color = "red;background:url(http://evil.example.com)"
        self._make_case()
        self.send_all()
        self.assertNotIn("evil", html_of(self._sent_to(ANA)))

    # Afterwards in the case

    def test_history_chatter_and_date_of_the_acknowledgement(self):
        case = self._make_case()
        self.assertFalse(case.acknowledged_at)
        self.send_all()
        self.assertEqual(str(case.acknowledged_at), "2026-11-20 15:00:00")
        events = case.event_ids.filtered(lambda event: event.kind == "acknowledged")
        self.assertEqual(events.mapped("recipient"), [ANA])
        delivery = case.delivery_ids.filtered(lambda row: row.email == ANA)
        chatter = case.message_ids.filtered(lambda mail: mail.message_id == delivery.message_id)
        self.assertEqual(chatter.message_type, "auto_comment")
        self.assertTrue(chatter.is_internal)
        self.assertEqual(chatter.outgoing_email_to, ANA)
        self.assertIn(case.number, chatter.body)
        self.assertFalse(chatter.notified_partner_ids)
        self.assertNotIn(self.resident, case.message_partner_ids)

    def test_staff_do_not_get_the_private_links(self):
        case = self._make_case()
        self.send_all()
        body = "".join(case.message_ids.mapped("body"))
        token = case.subscription_ids.sudo().access_token
        self.assertIn("See where the case stands", body)
        self.assertNotIn(token, body)

    def test_reply_to_the_acknowledgement_lands_in_the_case(self):
        case = self._make_case()
        self.send_all()
        sent = self._sent_to(ANA)
        cases = self.Case.search_count([])
        with self.mock_mail_gateway(), self.enter_registry_test_mode():
            self.env["mail.thread"].message_process(
                False,
                f"From: Ana Rivera <{ANA}>\nTo: {sent['Reply-To']}\n"
                f"Subject: Re: {sent['Subject']}\nMessage-Id: <reply-1@example.org>\n"
                f"In-Reply-To: {sent['Message-Id']}\n"
                "Date: Fri, 20 Nov 2026 10:00:00 -0500\n\nIt is at number 102.\n",
            )
        self.assertEqual(self.Case.search_count([]), cases)
        self.assertIn("It is at number 102.", "".join(case.message_ids.mapped("body")))

    def test_second_notice_continues_the_conversation(self):
        case = self._make_case()
        self.send_all()
        case._close(self.outcome_resolved)
        self.send_all()
        first, second = self.smtp.to(ANA)
        self.assertEqual(second["In-Reply-To"], first["Message-Id"])
        self.assertEqual(second["Auto-Submitted"], "auto-generated")

    # Closing

    def test_closing_tells_outcome_and_note_to_the_constituent(self):
        self.only(("closed", "constituent"))
        case = self._make_case()
        case._close(self.outcome_refused, "The street is private.\nAsk the owner.")
        self.send_all()
        message = self._sent_to(ANA)
        self.assertIn("We cannot do what was asked.", html_of(message))
        self.assertIn("The street is private.", text_of(message))
        self.assertIn("reply to this mail and say why", text_of(message))
        self.assertFalse(case.acknowledged_at)

    def test_others_learn_the_outcome_and_nothing_about_the_constituent(self):
        self.only(("received", "referrer"), ("closed", "referrer"), ("closed", "subscriber"))
        case = self._make_brought_case()
        self.send_all()
        case._close(self.outcome_refused, "Ms. Rivera owes the city money.")
        self.send_all()
        self.assertEqual(len(self.smtp.to(OFFICIAL)), 2)
        self.assertEqual(len(self.smtp.to(NEIGHBOUR)), 1)
        self.assertEqual(len(self.smtp.sent), 3)
        for message in self.smtp.sent:
            whole = message.as_string() + html_of(message) + text_of(message)
            for secret in ("Rivera", "rivera", "owes", "landlord", "Poe", "police", "736-5000"):
                self.assertNotIn(secret, whole)
        self.assertIn("We cannot do what was asked", html_of(self.smtp.to(NEIGHBOUR)[0]))

    def test_each_reader_has_links_of_their_own(self):
        case = self._make_brought_case()
        case._close(self.outcome_resolved)
        # only the closing is still true when the sender runs
        self.send_all()
        links = {
            address: self._sent_to(address)["List-Unsubscribe"]
            for address in (ANA, OFFICIAL, NEIGHBOUR)
        }
        self.assertEqual(len(set(links.values())), 3)
        for address, link in links.items():
            for other in set(links) - {address}:
                self.assertNotIn(links[other].strip(" <>"), html_of(self._sent_to(address)))
            self.assertEqual(self._sent_to(address)["To"], address)
            self.assertFalse(self._sent_to(address)["Cc"])
            self.assertIn(link.strip(" <>"), html_of(self._sent_to(address)))

    # The department

    def test_department_gets_the_matter_and_a_link_for_staff(self):
        case = self._make_case()
        self.send_all()
        message = self._sent_to("streets@city.example.org")
        self.assertIn(f"res_id={case.id}", text_of(message))
        self.assertIn("Test Pothole", text_of(message))
        self.assertFalse(message["List-Unsubscribe"])
        whole = message.as_string() + html_of(message)
        for secret in ("Rivera", "It is deep", "/constituent/case/", "/constituent/stop/"):
            self.assertNotIn(secret, whole)

    # Restricted cases

    def test_restricted_case_is_told_to_the_constituent_without_the_matter(self):
        self._make_brought_case(confidentiality="restricted", department_id=self.streets.id)
        self.send_all()
        self.assertEqual(len(self.smtp.sent), 1)
        text = text_of(self._sent_to(ANA))
        for hidden in ("Test Pothole", "100 Main", "Streets", "t-streets"):
            self.assertNotIn(hidden, text)
            self.assertNotIn(hidden, self._sent_to(ANA)["Reply-To"])
        self.assertIn("Case number: CS-", text)

    def test_restricted_closing_leaves_the_note_out(self):
        self.only(("closed", "constituent"))
        case = self._make_case(confidentiality="restricted")
        case._close(self.outcome_refused, "The officer was dismissed.")
        self.send_all()
        self.assertNotIn("dismissed", text_of(self._sent_to(ANA)))

    # Other events

    def test_every_line_of_the_table_can_be_sent(self):
        # All but the alarm, which no case has beside other notices: see test_divert.
        domain = [("event", "!=", "alarm")]
        lines = self.Notice.with_context(active_test=False).search(domain)
        lines.write({"active": True})
        case = self._make_brought_case(category_id=self.pothole.id)
        self.parks.email = "parks@city.example.org"
        waiting = self.env.ref("constituent_services.stage_waiting")
        for change in (
            lambda: case.write({"department_id": self.parks.id}),
            lambda: case.write({"department_id": self.streets.id}),
            lambda: case.write({"stage_id": waiting.id}),
            lambda: case._notify_event("letter_sent"),
            lambda: case._notify_event("letter_portal"),
            lambda: case._close(self.outcome_resolved),
            lambda: case._reopen("New facts"),
        ):
            self.send_all()
            change()
        self.send_all()
        sent = case.delivery_ids.filtered(lambda row: row.state == "sent")
        self.assertEqual(set(sent.notice_id), set(lines))
        self.assertFalse(case.delivery_ids.filtered("error").mapped("error"))
        for message in self.smtp.sent:
            self.assertIn(f"[{case.number}]", message["Subject"])
            self.assertNotIn("notice[", html_of(message))

    def test_waiting_for_others_is_not_waiting_for_you(self):
        self.only(("waiting", "constituent"))
        case = self._make_case()
        case.stage_id = self.env.ref("constituent_services.stage_waiting_other")
        self.assertFalse(case.delivery_ids)

    # The text is the office's

    def test_office_changes_the_text(self):
        template = self.notice("received", "constituent").template_id
        template.with_user(self.manager).write(
            {"body_html": "<p>Ours: <t t-out=\"notice['number']\"/></p>"}
        )
        case = self._make_case()
        self.send_all()
        self.assertIn(f"Ours: {case.number}", text_of(self._sent_to(ANA)))

    def test_template_can_be_previewed(self):
        case = self._make_case()
        template = self.notice("received", "constituent").template_id
        preview = template._render_field("body_html", case.ids)[case.id]
        self.assertIn(case.number, preview)
