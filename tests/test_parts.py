"""Parts for other departments, departments that only look, and outside agencies."""

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import Form, tagged

from .common import ConstituentCommon
from .mail_common import InboundCommon


@tagged("post_install", "-at_install")
class TestParts(ConstituentCommon):
    def setUp(self):
        super().setUp()
        self.case = self._make_case(user_id=self.caseworker.id)

    def _add(self, user=None, **line):
        action = self.case.with_user(user or self.caseworker).action_add_parts()
        wizard = self.env[action["res_model"]].with_user(user or self.caseworker)
        line = {"department_id": self.parks.id, "name": "Cut the roots", **line}
        wizard.with_context(**action["context"]).create(
            {"case_ids": self.case.ids, "line_ids": [Command.create(line)]}
        ).action_add()
        return self.case.sudo().part_ids.sorted("id")[-1:]

    def test_a_part_is_a_case_of_the_other_department(self):
        part = self._add(words="Under the road")
        self.assertEqual((part.department_id, part.name), (self.parks, "Cut the roots"))
        self.assertIn("Under the road", part.description)
        self.assertEqual(part.parent_id, self.case)
        self.assertEqual(part.due_at, self.case.due_at)
        self.assertEqual(part.street, self.case.street)
        self.assertEqual(part.partner_id, self.resident)
        self.assertTrue(part.with_user(self.other_caseworker).has_access("write"))
        self.assertIn(part.number, " ".join(self.case.event_ids.mapped("note")))

    def test_who_has_the_whole_sees_its_state_and_changes_nothing(self):
        colleague = self._make_user("caseworker", login="colleague")
        self.streets.member_ids = [Command.link(colleague.id)]
        part = self._add().with_user(colleague)
        self.assertEqual(part.stage_id.status, "new")
        self.assertIn(part, self.case.with_user(colleague).part_ids)
        self.assertIn(part, self.Case.with_user(colleague).search([]))
        for vals in ({"name": "x"}, {"user_id": colleague.id}):
            with self.assertRaises(AccessError):
                part.write(vals)
        with self.assertRaises(AccessError):
            part.action_assign_to_me()

    def test_the_constituent_hears_of_the_whole_only(self):
        part = self._add()
        deliveries = self.env["constituent.delivery"].search([("case_id", "=", part.id)])
        self.assertLessEqual(set(deliveries.mapped("audience")), {"department"})
        part._close(self.outcome_resolved)
        deliveries = self.env["constituent.delivery"].search([("case_id", "=", part.id)])
        self.assertNotIn("constituent", deliveries.mapped("audience"))
        user = self.portal_user
        self.case.partner_id = part.partner_id = user.partner_id
        self.assertEqual(self.Case.search(self.Case._portal_domain(user)), self.case)

    def test_confidential_callers_are_not_passed_on(self):
        self.case = self._make_case(partner_id=False, identity="confidential",
                                    partner_name="Secret Sam", partner_phone="+12127365999",
                                    user_id=self.caseworker.id)  # fmt: skip
        part = self._add()
        self.assertEqual(part.identity, "confidential")
        self.assertFalse(part.partner_id or part.partner_name or part.partner_phone)

    def test_closes_after_its_parts_or_with_a_reason(self):
        part = self._add()
        with self.assertRaisesRegex(UserError, part.number):
            self.case.with_user(self.caseworker)._close(self.outcome_resolved)
        wizard = Form(
            self.env["constituent.case.close.wizard"]
            .with_user(self.caseworker)
            .with_context(default_case_ids=self.case.ids)
        )
        wizard.outcome_id = self.outcome_resolved
        self.assertEqual(wizard.open_parts, part.number)
        wizard.parts_reason = "She has her answer"
        wizard.save().action_close_cases()
        self.assertEqual(self.case.status, "closed")
        self.assertEqual(part.status, "new")
        self.assertIn("She has her answer", " ".join(self.case.event_ids.mapped("note")))

    def test_the_last_part_tells_the_whole(self):
        first, second = self._add(), self._add(name="Plant a new one")
        first.with_user(self.other_caseworker)._close(self.outcome_resolved)
        self.assertFalse(self.case.activity_ids)
        second.with_user(self.other_caseworker)._close(self.outcome_resolved)
        self.assertEqual(self.case.activity_ids.user_id, self.caseworker)
        self.assertIn("All parts are done", self.case.event_ids.mapped("note"))
        self.case.with_user(self.caseworker)._close(self.outcome_resolved)
        self.assertEqual(self.case.status, "closed")

    def test_refused(self):
        with self.assertRaisesRegex(UserError, "whole case already"):
            self._add(department_id=self.streets.id)
        part = self._add()
        with self.assertRaisesRegex(UserError, "part itself"):
            part.action_add_parts()
        with self.assertRaises(AccessError):
            self.case.with_user(self.other_caseworker).action_add_parts()
        with self.assertRaises(AccessError):
            self._add(user=self.clerk)
        with self.assertRaises(AccessError):
            part.with_user(self.coordinator).is_part = False
        part._close(self.outcome_resolved)
        self.case._close(self.outcome_resolved)
        with self.assertRaisesRegex(UserError, "is closed"):
            self.case.action_add_parts()

    def test_parts_are_no_duplicates_of_the_whole(self):
        part = self._add(name=self.case.name)
        self.assertFalse(part.duplicate_candidate)
        self.assertFalse(self.case.duplicate_suggestions)


@tagged("post_install", "-at_install")
class TestInformed(ConstituentCommon):
    def test_sees_and_changes_nothing(self):
        case = self._make_case(informed_department_ids=self.parks.ids)
        seen = case.with_user(self.other_caseworker)
        self.assertIn(seen, self.Case.with_user(self.other_caseworker).search([]))
        self.assertTrue(seen.event_ids.mapped("note"))
        self.assertTrue(seen.is_shared_with_me)
        self.assertFalse(seen.is_shared_to_work)
        for step in (
            lambda: seen.write({"name": "x"}),
            lambda: seen.referrer_ids.create({"case_id": case.id, "partner_id": 1}),
            lambda: (
                self.env["constituent.correspondence"]
                .with_user(self.other_caseworker)
                .create({"case_id": case.id, "partner_id": self.resident.id, "subject": "x"})
            ),
            seen.action_decline,
            seen.action_close and (lambda: seen._close(self.outcome_resolved)),
        ):
            with self.assertRaises(AccessError):
                step()

    def test_shared_departments_work_on_it(self):
        case = self._make_case(shared_department_ids=self.parks.ids)
        case.with_user(self.other_caseworker).name = "Seen by parks"
        self.assertTrue(case.with_user(self.other_caseworker).is_shared_to_work)

    def test_restricted_stays_restricted(self):
        case = self._make_case(informed_department_ids=self.parks.ids, confidentiality="restricted")
        self.assertNotIn(case, self.Case.with_user(self.other_caseworker).search([]))


@tagged("post_install", "-at_install")
class TestAgency(InboundCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.agency = cls.env["res.partner"].create(
            {
                "name": "State Roads",
                "email": "desk@roads.example.gov",
                "constituent_role": "agency",
                "is_company": True,
                "street": "1 Capitol",
                "city": "Example",
            }
        )

    def _refer(self, case, **vals):
        action = case.with_user(self.caseworker).action_refer_to_agency()
        wizard = self.env[action["res_model"]].with_user(self.caseworker)
        wizard = wizard.with_context(**action["context"]).create(
            {"case_ids": case.ids, "partner_id": self.agency.id, **vals}
        )
        return self.env["constituent.correspondence"].browse(wizard.action_draft()["res_id"])

    def test_passes_on_the_matter_and_not_the_person(self):
        case = self._make_case(description="<p>It is deep.</p><p>Twice now.</p>")
        letter = self._refer(case)
        self.assertEqual(letter.state, "draft")
        self.assertEqual((letter.partner_id, letter.medium), (self.agency, "email"))
        for given in (case.number, "It is deep.", "100 Main Street"):
            self.assertIn(given, letter.body)
        for kept in ("Rivera", "ana.rivera", "736", "Home Street"):
            self.assertNotIn(kept, f"{letter.body} {letter.subject}")
        less = self._refer(case, share_words=False, share_place=False)
        self.assertNotIn("It is deep", less.body)
        self.assertNotIn("Main Street", less.body)

    def test_name_and_contact_only_where_allowed(self):
        case = self._make_case()
        with self.assertRaisesRegex(UserError, "Nobody has allowed"):
            self._refer(case, share_contact=True)
        case.may_share_contact = True
        letter = self._refer(case, share_contact=True)
        self.assertIn("ana.rivera@example.org", letter.body)
        self.assertNotIn("Home Street", letter.body, "never the address")
        case.identity = "confidential"
        with self.assertRaisesRegex(UserError, "Nobody has allowed"):
            self._refer(case, share_contact=True)

    def test_markup_of_the_constituent_is_text(self):
        case = self._make_case(description="<p>&lt;script&gt;x&lt;/script&gt;</p>")
        self.assertNotIn("<script", self._refer(case).body)

    def test_the_answer_comes_back_into_the_case(self):
        case = self._make_case()
        letter = self._refer(case)
        self.assertFalse(case._knows_address(self.agency.email))
        letter.with_user(self.caseworker).action_submit()
        letter.with_user(self.caseworker).action_approve()
        letter.with_user(self.caseworker).action_send()
        self.assertTrue(case._knows_address(self.agency.email))
        self.env.flush_all()
        row = self._take(
            self._mail(
                body="We mend it on Friday.",
                From="Desk <desk@roads.example.gov>",
                Subject=f"RE: {letter.subject}",
                To=self.streets_address,
            )
        )
        self.assertEqual((row.state, row.case_id), ("reply", case))

    def test_refused(self):
        case = self._make_case()
        for user in (self.clerk, self.other_caseworker, self.portal_user):
            with self.subTest(user.login), self.assertRaises(AccessError):
                case.with_user(user).action_refer_to_agency()
