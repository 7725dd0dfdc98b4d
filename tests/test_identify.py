"""Who it is and who brought it: candidates to confirm, offices, forwarded mail, confidential."""

from email.message import EmailMessage

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import Form

from .common import ConstituentCommon
from .mail_common import InboundCommon
from .notice_common import NoticeCommon, html_of

FORWARD = """\
Please look into this for my constituent.

---------- Forwarded message ---------
From: Jordan Smith <jordan.smith@example.org>
Date: Fri, Nov 20, 2026 at 9:12 AM
Subject: Streetlight out
To: <lee@council.example>

The light in front of my house is out.
"""


class TestCandidates(ConstituentCommon):
    """Several it may be: nobody is guessed, a person says."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.sibling = cls.resident.copy({"name": "Luis Rivera", "email": "luis@example.org"})

    def _call(self, user=None, **values):
        """Take a call as the desk does, and return the case."""
        cases = self.Case.with_user(user or self.clerk)
        result = cases.phone_desk_save({"name": "The light is out", **values})
        return cases.browse(result["id"])

    def _question(self, case):
        return case.read(["identity_choices"])[0]["identity_choices"]

    def test_siblings(self):
        """Two siblings share a telephone: the name says who, an unknown name is a third."""
        for name, expected in (("Luis Rivera", self.sibling), ("Ana Rivera", self.resident)):
            case = self._call(partner_name=name, partner_phone="212 736 5000")
            self.assertEqual(case.partner_id, expected)
            self.assertFalse(case.identity_to_confirm)
        case = self._call(partner_name="Marta Rivera", partner_phone="212 736 5000")
        self.assertNotIn(case.partner_id, self.resident | self.sibling)
        self.assertEqual(case.partner_id.name, "Marta Rivera")

    def test_caller_without_name(self):
        """A number of two and no name: linked to nobody, both are offered."""
        before = self.env["res.partner"].search_count([])
        case = self._call(partner_phone="(212) 736-5000")
        self.assertFalse(case.partner_id)
        self.assertTrue(case.identity_to_confirm)
        self.assertEqual(case.identity_candidate_ids, self.resident | self.sibling)
        self.assertEqual(case.partner_phone, "(212) 736-5000", "as given")
        self.assertEqual(self.env["res.partner"].search_count([]), before)
        question = self._question(case)
        self.assertIn("(212) 736-5000", question["question"])
        names = [choice["name"] for choice in question["choices"]]
        self.assertEqual(names[:2], ["Ana Rivera", "Luis Rivera"])
        self.assertEqual(question["choices"][-1]["id"], 0)
        event = case.event_ids.filtered(lambda event: event.kind == "identified")
        self.assertIn("2 contacts", event.note)

    def test_one_click_says_who(self):
        case = self._call(partner_phone="(212) 736-5000")
        case.action_identify_as(self.sibling.id)
        self.assertEqual(case.partner_id, self.sibling)
        self.assertFalse(case.identity_to_confirm)
        self.assertFalse(case.identity_candidate_ids)
        self.assertFalse(self._question(case))
        event = case.event_ids.filtered(lambda event: event.kind == "identified")[-1]
        self.assertEqual(event.partner_id, self.sibling)
        self.assertIn(self.clerk.name, event.note)
        with self.assertRaisesRegex(UserError, "said already"):
            case.action_identify_as(self.resident.id)

    def test_somebody_new(self):
        case = self._call(partner_phone="(212) 736-5000")
        case.action_identify_as(0)
        self.assertNotIn(case.partner_id, self.resident | self.sibling)
        self.assertEqual(case.partner_id.phone, "(212) 736-5000")
        self.assertTrue(case.partner_id.is_constituent)
        self.assertEqual(case.partner_id.constituent_role, "resident")
        self.assertFalse(case.identity_to_confirm)

    def test_nobody_else_can_be_chosen_by_the_button(self):
        case = self._call(partner_phone="(212) 736-5000")
        stranger = self.env["res.partner"].create({"name": "Stranger"})
        with self.assertRaisesRegex(UserError, "none of those"):
            case.action_identify_as(stranger.id)
        self.assertFalse(case.partner_id)

    def test_put_aside_or_chosen_in_the_case(self):
        case = self._call(partner_phone="(212) 736-5000")
        case.action_identify_other()
        self.assertFalse(case.identity_to_confirm or case.identity_candidate_ids)
        self.assertFalse(case.partner_id)
        case = self._call(partner_phone="(212) 736-5000")
        with Form(case) as form:
            form.partner_id = self.resident
        self.assertFalse(case.identity_to_confirm)
        self.assertEqual(case.partner_id, self.resident)

    def test_who_may_say_it(self):
        case = self._call(self.coordinator, partner_phone="212 736 5000")
        case = case.sudo()
        case.department_id = self.parks
        for user in (self.clerk, self.caseworker, self.internal_user, self.portal_user):
            for step, arguments in (
                ("action_identify_as", [self.sibling.id]),
                ("action_identify_other", []),
                ("action_answer_both", []),
            ):
                with self.subTest(user=user.login, step=step), self.assertRaises(AccessError):
                    getattr(case.with_user(user), step)(*arguments)
        self.assertTrue(case.identity_to_confirm)

    def test_what_is_kept_is_not_given_by_users(self):
        case = self._call(partner_phone="(212) 736-5000")
        for values in (
            {"identity_to_confirm": False},
            {"identity_candidate_ids": [Command.set(self.env.user.partner_id.ids)]},
            {"proposed_email": "evil@example.org"},
            {"answer_to_decide": False},
        ):
            with self.subTest(values), self.assertRaises(AccessError):
                case.write(values)
        made = self.Case.with_user(self.clerk).create(
            {"name": "x", "proposed_name": "Evil", "identity_to_confirm": True}
        )
        self.assertFalse(made.proposed_name or made.identity_to_confirm)

    def test_listed_until_it_is_said(self):
        case = self._call(partner_phone="(212) 736-5000")
        domain = [("identity_to_confirm", "=", True)]
        self.assertIn(case, self.Case.search(domain))
        case.action_identify_as(self.sibling.id)
        self.assertNotIn(case, self.Case.search(domain))

    def test_an_import_asks_nobody(self):
        case = self._make_case(
            mode="import", partner_id=False, partner_phone="(212) 736-5000", partner_name=False
        )
        self.assertFalse(case.identity_to_confirm)

    def test_anonymous_and_confidential_are_not_looked_up(self):
        for identity in ("anonymous", "confidential"):
            case = self._call(partner_phone="212 736 5000", identity=identity)
            with self.subTest(identity):
                self.assertFalse(case.partner_id or case.identity_to_confirm)

    def test_several_are_acknowledged_by_the_address_as_given(self):
        self.sibling.email = self.resident.email
        case = self.Case.intake(
            [{"channel": "mail", "name": "Light", "partner_email": self.resident.email}]
        )
        self.assertTrue(case.identity_to_confirm)
        told = case.delivery_ids.filtered(lambda mail: mail.audience == "constituent")
        self.assertEqual(told.email, self.resident.email)
        self.assertFalse(told.partner_id)

    def test_a_portal_user_is_who_they_are(self):
        case = self.Case.intake(
            [{"channel": "web", "name": "Light", "partner_id": self.portal_user.partner_id.id}]
        )
        self.assertEqual(case.partner_id, self.portal_user.partner_id)
        self.assertFalse(case.identity_to_confirm)


class TestConfidential(NoticeCommon):
    """A number to call back, and nothing else: linked, exported and told to nobody."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.case = cls._make_case(
            partner_id=False,
            identity="confidential",
            partner_name="Quinn Quiet",
            partner_phone="+1 212-555-0188",
            partner_email="quinn@example.org",
        )

    def test_linked_to_nobody_and_kept_for_the_call_back(self):
        self.assertFalse(self.case.partner_id)
        seen = self.case.with_user(self.caseworker).read(["partner_name", "partner_phone"])[0]
        self.assertEqual(seen["partner_name"], "Quinn Quiet")
        self.assertEqual(seen["partner_phone"], "+1 212-555-0188")
        self.assertFalse(self.env["res.partner"].search([("name", "=", "Quinn Quiet")]))

    def test_not_in_exports(self):
        other = self._make_case()
        exporters = self.caseworker | self.coordinator | self.manager
        exporters.group_ids += self.env.ref("base.group_allow_export")
        paths = ["number", "partner_name", "partner_phone", "partner_email", "department_id/name"]
        for cases in (self.case | other, other | self.case):
            for user in exporters:
                rows = cases.with_user(user).export_data(paths)["datas"]
                with self.subTest(user=user.login):
                    self.assertEqual([row[0] for row in rows], cases.mapped("number"))
                    by_number = {row[0]: row for row in rows}
                    self.assertEqual(by_number[self.case.number][1:4], ["", "", ""])
                    self.assertEqual(by_number[self.case.number][4], "Streets Department")
                    self.assertEqual(by_number[other.number][1], "Ana Rivera")
        rows = self.case.export_data(["subscription_ids/email", "delivery_ids/email", "name"])
        self.assertNotIn("quinn", str(rows))

    def test_not_in_what_departments_and_others_are_told(self):
        self.case.referrer_ids = [
            Command.create(
                {
                    "partner_id": self.env["res.partner"]
                    .create({"name": "Club", "email": "club@example.org"})
                    .id
                }
            )
        ]
        self.Notice.with_context(active_test=False).search([]).write({"active": True})
        self.case.department_id = self.parks
        self.case.department_id = self.streets
        self.send_all()
        self.case._close(self.outcome_resolved)
        smtp = self.send_all()
        outside = [mail for mail in smtp.sent if mail.smtp_to != ["quinn@example.org"]]
        self.assertIn(["club@example.org"], [mail.smtp_to for mail in outside])
        self.assertIn(["streets@city.example.org"], [mail.smtp_to for mail in outside])
        for mail in outside:
            for word in ("Quinn", "555-0188", "quinn@"):
                self.assertNotIn(word, mail.as_string() + html_of(mail))

    def test_no_letter_to_nobody(self):
        with self.assertRaisesRegex(UserError, "Nobody is named"):
            self.case.with_user(self.caseworker).action_write_letter()

    def test_a_case_that_becomes_confidential_is_unlinked(self):
        case = self._make_case(partner_name=False)
        case.with_user(self.caseworker).write({"identity": "confidential"})
        self.assertFalse(case.partner_id)
        self.assertEqual(case.partner_phone, "+1 212-736-5000")
        self.assertEqual(case.partner_name, "Ana Rivera")
        self.assertFalse(case.other_case_count)

    def test_a_case_that_becomes_anonymous_keeps_nothing(self):
        case = self._make_case()
        case.with_user(self.caseworker).write({"identity": "anonymous"})
        self.assertFalse(case.partner_id)
        self.assertFalse(case.partner_name or case.partner_phone or case.partner_email)


class TestBroughtBy(InboundCommon):
    """Offices and groups bring matters of others; what they forward says whose."""

    def _forward(self, body=FORWARD, **heads):
        heads = {
            "From": "Councilmember Lee <lee@council.example>",
            "Subject": "Fwd: Streetlight out",
            "Authentication_Results": "mx.city.example; dmarc=pass",
            **heads,
        }
        return self._send(body, **heads).case_id

    def _told(self, case):
        return {(mail.audience, mail.email) for mail in case.delivery_ids}

    def test_inline_forward(self):
        """The member brings it, the quoted sender is proposed, the member alone is told."""
        case = self._forward()
        self.assertEqual(case.referrer_ids.partner_id, self.official)
        self.assertFalse(case.partner_id)
        self.assertFalse(case.partner_email or case.partner_name)
        self.assertEqual(case.proposed_name, "Jordan Smith")
        self.assertEqual(case.proposed_email, "jordan.smith@example.org")
        self.assertTrue(case.identity_to_confirm and case.answer_to_decide)
        self.assertIn("The light in front of my house", case.description)
        outside = {one for one in self._told(case) if one[0] != "department"}
        self.assertEqual(outside, {("referrer", "lee@council.example")})
        question = case.identity_choices
        self.assertIn("Councilmember Lee passed on a mail of Jordan Smith", question["question"])
        self.assertEqual(question["choices"][0]["name"], "Take Jordan Smith")

    def test_the_proposed_is_taken(self):
        case = self._forward().with_user(self.caseworker)
        case.action_identify_as(0)
        jordan = case.partner_id
        self.assertEqual(jordan.email, "jordan.smith@example.org")
        self.assertEqual(case.partner_name, "Jordan Smith")
        self.assertFalse(case.proposed_name or case.identity_to_confirm)
        self.assertEqual(case.referrer_ids.partner_id, self.official)
        # Nothing goes to them until it is decided how.
        self.assertTrue(case.answer_to_decide)
        case.sudo()._close(self.outcome_resolved)
        self.assertNotIn("jordan.smith@example.org", {email for _who, email in self._told(case)})

    def test_known_constituents_are_offered(self):
        case = self._forward(
            FORWARD.replace("Jordan Smith <jordan.smith@example.org>", "ana.rivera@example.org")
        )
        self.assertEqual(case.identity_candidate_ids, self.resident)
        case.action_identify_as(self.resident.id)
        self.assertEqual(case.partner_id, self.resident)
        self.assertEqual(case.partner_email, self.resident.email)

    def test_somebody_else(self):
        case = self._forward()
        case.action_identify_other()
        self.assertFalse(case.proposed_email or case.partner_id or case.identity_to_confirm)
        self.assertEqual(case.referrer_ids.partner_id, self.official)

    def test_answer_direct_through_or_both(self):
        for way, told in (
            ("direct", {"constituent", "referrer"}),
            ("through", {"referrer"}),
            ("both", {"constituent", "referrer"}),
        ):
            case = self._forward(Message_ID=f"<{way}@council.example>")
            case.action_identify_as(0)
            before = case.delivery_ids
            getattr(case.with_user(self.caseworker), f"action_answer_{way}")()
            self.assertEqual(case.referrer_ids.answer_via, way)
            self.assertFalse(case.answer_to_decide)
            self.assertFalse(case.delivery_ids - before, "deciding tells nobody")
            case._close(self.outcome_resolved)
            new = case.delivery_ids - before
            with self.subTest(way):
                self.assertEqual(set(new.mapped("audience")) - {"department"}, told)
                self.assertIn("Answer to the constituent", self._notes(case, "identified"))

    def test_the_way_chosen_in_the_list_is_decided(self):
        case = self._forward()
        case.referrer_ids.with_user(self.caseworker).answer_via = "both"
        self.assertFalse(case.answer_to_decide)

    def test_an_officials_own_matter_makes_them_no_constituent(self):
        case = self._forward("The clock on City Hall is wrong.", Subject="Clock")
        self.assertEqual(case.referrer_ids.partner_id, self.official)
        self.assertFalse(case.partner_id or case.identity_to_confirm)
        self.assertEqual(case.kind, "inquiry")
        self.assertIn("Brought by Councilmember Lee", self._notes(case, "identified"))

    def test_staff_of_an_office_bring_too(self):
        office = self.env["res.partner"].create(
            {
                "name": "Office of Councilmember Lee",
                "email": "office@council.example",
                "is_company": True,
                "constituent_role": "official_office",
            }
        )
        staff = self.env["res.partner"].create(
            {"name": "Dana Ortiz", "email": "dana@council.example", "parent_id": office.id}
        )
        case = self._forward(From="Dana Ortiz <dana@council.example>")
        self.assertEqual(case.referrer_ids.partner_id, staff)
        # An intern nobody knows, from the office's own mailbox
        case = self._forward(From="Ina Intern <office@council.example>")
        self.assertEqual(case.referrer_ids.partner_id, office)
        self.assertIn("Ina Intern", self._notes(case, "identified"))

    def test_groups_and_agencies_bring_too(self):
        for role in ("neighborhood_association", "civic_group", "agency"):
            group = self.env["res.partner"].create(
                {"name": role, "email": f"{role}@example.org", "constituent_role": role}
            )
            case = self._forward(From=f"{role}@example.org")
            with self.subTest(role):
                self.assertEqual(case.referrer_ids.partner_id, group)
                self.assertEqual(case.proposed_name, "Jordan Smith")

    def test_a_forward_of_a_forward_finds_the_constituent(self):
        staff = self.env["res.partner"].create(
            {
                "name": "Dana Ortiz",
                "email": "dana@council.example",
                "constituent_role": "official_office",
            }
        )
        body = (
            "Begin forwarded message:\n\nFrom: Councilmember Lee <lee@council.example>\n\n"
            "For the city.\n\n" + FORWARD
        )
        case = self._forward(body, From="Dana Ortiz <dana@council.example>")
        self.assertEqual(case.referrer_ids.partner_id, staff)
        self.assertEqual(case.proposed_email, "jordan.smith@example.org")

    def test_outlook_keeps_the_words_of_the_constituent(self):
        html = (
            "<p>Please help.</p><div id='divRplyFwdMsg'><p><b>From:</b> Jordan Smith "
            "&lt;jordan.smith@example.org&gt;<br><b>Sent:</b> Friday<br><b>To:</b> Lee<br>"
            "<b>Subject:</b> Light</p></div><p>The light is out.</p>"
        )
        raw = self._mail(
            "x", html=html, From="lee@council.example", Subject="FW: Light", To=self.office_address
        )
        case = self._take(raw).case_id
        self.assertEqual(case.proposed_email, "jordan.smith@example.org")
        self.assertIn("The light is out", case.description)

    def test_an_attached_message(self):
        inner = EmailMessage()
        inner["From"] = "Jordan Smith <jordan.smith@example.org>"
        inner["Subject"] = "Light"
        inner.set_content("The light is out.")
        message = EmailMessage()
        for name, value in (
            ("From", "lee@council.example"),
            ("To", self.office_address),
            ("Subject", "For you"),
            ("Message-ID", "<attached@council.example>"),
        ):
            message[name] = value
        message.set_content("See attached.")
        message.add_attachment(inner)
        case = self._take(message.as_bytes()).case_id
        self.assertEqual(case.proposed_email, "jordan.smith@example.org")

    def test_residents_who_forward_are_constituents(self):
        case = self._forward(From="Ana Rivera <ana.rivera@example.org>")
        self.assertEqual(case.partner_id, self.resident)
        self.assertFalse(case.proposed_email or case.referrer_ids or case.answer_to_decide)

    def test_employees_are_constituents_as_anybody(self):
        employee = self.env["res.partner"].create(
            {"name": "Ed Ito", "email": "ed@city.example", "constituent_role": "employee"}
        )
        case = self._forward("My own street is dark.", From="Ed Ito <ed@city.example>", Subject="x")
        self.assertEqual(case.partner_id, employee)
        self.assertFalse(case.referrer_ids or case.identity_to_confirm)
        self.assertIn(("constituent", "ed@city.example"), self._told(case))
        # and may pass on somebody's mail, as one does
        case = self._forward(From="Ed Ito <ed@city.example>")
        self.assertEqual(case.partner_id, employee)
        self.assertEqual(case.proposed_name, "Jordan Smith")
        case.action_identify_as(0)
        self.assertEqual(case.partner_id.email, "jordan.smith@example.org")
        self.assertEqual(case.referrer_ids.partner_id, employee)

    def test_a_reply_of_the_member_is_known(self):
        case = self._forward()
        self.assertTrue(case._knows_address("lee@council.example"))
        self.assertFalse(case._knows_address("jordan.smith@example.org"), "not confirmed yet")

    def test_a_member_on_the_telephone_brings_it_too(self):
        self.official.phone = "+1 212-555-0150"
        case = self.Case.with_user(self.clerk).intake(
            [
                {
                    "channel": "phone",
                    "name": "Light",
                    "partner_name": "Councilmember Lee",
                    "partner_phone": "212-555-0150",
                }
            ]
        )
        self.assertEqual(case.referrer_ids.partner_id, self.official)
        self.assertFalse(case.partner_id)

    def test_who_a_person_names_is_not_overruled(self):
        case = self._make_case(partner_id=self.official.id)
        self.assertEqual(case.partner_id, self.official)
        self.assertFalse(case.referrer_ids)

    def test_taken_in_by_hand_it_is_the_same(self):
        row = self._send(FORWARD, From="lee@council.example", Subject="Fwd: x")
        row.case_id._close_as_spam()
        other = self._take(
            self._mail(
                FORWARD, From="Lee <lee@council.example>", Subject="Fwd: y", To="x@y.example"
            ),
            "constituent.case",
        )
        self.assertEqual(other.case_id.referrer_ids.partner_id, self.official)
