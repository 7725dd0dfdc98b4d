from datetime import datetime

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import Form

from .notice_common import NoticeCommon, html_of

LETTER = (
    "<p>Dear Office,</p><p></p><p>A testpothole on Main Street is as deep as a wheel.</p><p></p>"
    "<p>A testtree leans over the fence of the school on Elm Street.</p><p></p>"
    "<p>When will the library be open on Sundays again, please?</p><p></p><p>Sincerely,</p>"
)


class TestSplit(NoticeCommon):
    """One letter with three matters becomes three cases in one step."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.only(("received", "constituent"))
        cls.office_of_lee = cls.env["res.partner"].create(
            {"name": "Office of Lee", "email": "lee@council.example", "is_company": True}
        )
        cls.case = cls._make_case(
            channel="letter",
            description=LETTER,
            received_at=datetime(2026, 11, 2, 15, 0),
            zip="10001",
            referrers=[
                {"partner_id": cls.office_of_lee.id, "reference": "L-9", "answer_via": "both"}
            ],
        )
        cls.attachments = cls.env["ir.attachment"].create(
            [
                {"name": name, "raw": raw, "res_model": "constituent.case", "res_id": cls.case.id}
                for name, raw in (("car.jpg", b"car"), ("tree.jpg", b"tree"))
            ]
        )

    def _wizard(self, user=None, case=None):
        action = (case or self.case).with_user(user or self.caseworker).action_split()
        model = self.env[action["res_model"]].with_user(user or self.caseworker)
        return Form(model.browse(action["res_id"]))

    def _split(self, user=None, case=None):
        wizard = self._wizard(user, case).save()
        wizard.action_split_case()
        return (case or self.case).split_into_ids.sorted("id")

    # Proposals

    def test_a_line_for_each_matter(self):
        wizard = self._wizard().save()
        self.assertEqual(len(wizard.line_ids), 3)
        own, tree, library = wizard.line_ids
        self.assertEqual(own.subject, self.case.name)
        self.assertEqual(own.category_id, self.pothole)
        self.assertIn("deep as a wheel", own.words)
        self.assertEqual(tree.category_id, self.tree)
        self.assertIn("testtree leans", tree.subject)
        self.assertFalse(library.category_id)
        self.assertEqual(wizard.new_count, 2)
        self.assertEqual(wizard.attachment_ids, self.attachments)

    # Three matters

    def test_three_matters_become_three_cases(self):
        tree, library = self._split()
        self.assertEqual(len((self.case | tree | library).mapped("number")), 3)
        self.assertIn("deep as a wheel", self.case.description_text)
        self.assertNotIn("library", self.case.description_text)
        self.assertIn("testtree leans", tree.description_text)
        self.assertIn("library", library.description_text)
        self.assertEqual(tree.department_id, self.parks)
        self.assertFalse(library.department_id)

    def test_all_else_is_the_letters(self):
        number = self.case.number
        for case in self._split():
            self.assertEqual(case.partner_id, self.resident)
            self.assertEqual(case.partner_email, self.case.partner_email)
            self.assertEqual(case.received_at, datetime(2026, 11, 2, 15, 0))
            self.assertEqual(case.channel_id, self.case.channel_id)
            self.assertEqual(case.street, "100 Main Street")
            self.assertEqual(case.zip, "10001")
            self.assertEqual(case.referrer_ids.partner_id, self.office_of_lee)
            self.assertEqual(case.referrer_ids.reference, "L-9")
            self.assertEqual(case.referrer_ids.answer_via, "both")
            self.assertEqual(case.split_from_id, self.case)
            self.assertFalse(case.parent_id)
        self.assertEqual(self.case.number, number)

    def test_due_counts_from_the_letters_day(self):
        tree, _library = self._split()
        due = self.Case._due_at(
            self.company.id, self.parks.id, self.tree.id, datetime(2026, 11, 2, 15, 0)
        )
        self.assertEqual(tree.due_at, due)

    def test_words_and_category_can_be_changed(self):
        form = self._wizard()
        with form.line_ids.edit(2) as line:
            line.subject = "Library hours"
            line.words = "Open on Sundays?"
            line.department_id = self.streets
        wizard = form.save()
        wizard.action_split_case()
        library = self.case.split_into_ids.sorted("id")[1]
        self.assertEqual(library.name, "Library hours")
        self.assertEqual(library.description_text, "Open on Sundays?")
        self.assertEqual(library.department_id, self.streets)

    def test_attachments_are_apportioned(self):
        wizard = self._wizard().save()
        wizard.line_ids[1].attachment_ids = self.attachments[1]
        wizard.action_split_case()
        attachments = self.env["ir.attachment"]
        tree, library = self.case.split_into_ids.sorted("id")
        domain = [("res_model", "=", "constituent.case")]
        (copy,) = attachments.search([*domain, ("res_id", "=", tree.id)])
        self.assertEqual(copy.name, "tree.jpg")
        self.assertEqual(copy.raw, b"tree")
        self.assertEqual(copy.checksum, self.attachments[1].checksum)
        self.assertFalse(attachments.search([*domain, ("res_id", "=", library.id)]))
        self.assertEqual(attachments.search_count([*domain, ("res_id", "=", self.case.id)]), 2)

    def test_foreign_attachments_are_refused(self):
        other = self._make_case()
        foreign = self.env["ir.attachment"].create(
            {"name": "x", "raw": b"x", "res_model": "constituent.case", "res_id": other.id}
        )
        wizard = self._wizard().save()
        wizard.line_ids[1].attachment_ids = foreign
        with self.assertRaisesRegex(UserError, "Only attachments of this case"):
            wizard.action_split_case()

    # History

    def test_both_sides_say_so(self):
        cases = self._split()
        linked = self.case.event_ids.filtered(lambda event: event.kind == "linked")
        for case in cases:
            self.assertIn(case.number, linked.note)
            back = case.event_ids.filtered(lambda event: event.kind == "linked")
            self.assertIn(self.case.number, back.note)
            self.assertEqual(back.user_id, self.caseworker)

    def test_the_words_before_stay_in_the_history(self):
        self._split()
        (event,) = self.case.event_ids.filtered(lambda event: event.kind == "split")
        self.assertIn("library be open", event.note)
        with self.assertRaises(UserError):
            event.note = "Nothing"

    def test_button_shows_the_family(self):
        cases = self._split()
        for case in self.case | cases:
            action = case.action_split_family()
            self.assertEqual(
                self.Case.search(action["domain"]), (self.case | cases).sorted("id", reverse=True)
            )

    # One acknowledgement

    def test_three_numbers_in_one_acknowledgement(self):
        cases = self.case | self._split()
        (mail,) = self.send_all().to("ana.rivera@example.org")
        for case in cases:
            self.assertIn(case.number, html_of(mail))
        self.assertTrue(all(cases.mapped("acknowledged_at")))

    def test_acknowledged_before_gets_one_more_mail(self):
        self.send_all()
        cases = self.case | self._split()
        mails = self.send_all().to("ana.rivera@example.org")
        self.assertEqual(len(mails), 2)
        for case in cases:
            self.assertIn(case.number, html_of(mails[1]))

    def test_confidential_caller(self):
        case = self._make_case(
            partner_id=False,
            identity="confidential",
            partner_name="C. Aller",
            partner_phone="+1 212-736-5001",
            description=LETTER,
        )
        for part in self._split(self.coordinator, case):
            self.assertEqual(part.identity, "confidential")
            self.assertFalse(part.partner_id)
            self.assertEqual(part.partner_phone, "+1 212-736-5001")

    def test_restricted_stays_restricted(self):
        case = self._make_case(confidentiality="restricted", description=LETTER)
        parts = self._split(self.confidant, case)
        self.assertEqual(set(parts.mapped("confidentiality")), {"restricted"})

    # Refusals

    def test_one_line_is_refused(self):
        wizard = self._wizard().save()
        wizard.line_ids[1:].unlink()
        with self.assertRaisesRegex(UserError, "only one"):
            wizard.action_split_case()

    def test_closed_and_imported_are_refused(self):
        self.case._close(self.outcome_resolved)
        with self.assertRaisesRegex(UserError, "closed"):
            self.case.with_user(self.caseworker).action_split()
        imported = self._make_case(mode="import", department_id=self.streets.id)
        with self.assertRaisesRegex(UserError, "imported"):
            imported.with_user(self.caseworker).action_split()

    def test_who_may_not(self):
        for user in (self.other_caseworker, self.portal_user, self.internal_user):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                self.case.with_user(user).action_split()
        values = {
            "case_id": self.case.id,
            "line_ids": [Command.create({"subject": "A"}), Command.create({"subject": "B"})],
        }
        for user in (self.clerk, self.portal_user, self.internal_user):
            wizard = self.env["constituent.case.split.wizard"].with_user(user)
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                wizard.create(values)
        wizard = self.env["constituent.case.split.wizard"].with_user(self.other_caseworker)
        with self.assertRaises(AccessError):
            wizard.create(values).action_split_case()

    def test_origin_is_kept_by_the_code(self):
        other = self._make_case()
        with self.assertRaises(AccessError):
            self.case.with_user(self.coordinator).split_from_id = other
        case = self.Case.with_user(self.coordinator).create(
            {"name": "X", "split_from_id": other.id}
        )
        self.assertFalse(case.split_from_id)
