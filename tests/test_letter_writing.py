from freezegun import freeze_time

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import Form, tagged
from odoo.tools import mute_logger

from .common import ConstituentCommon
from .notice_common import NoticeCommon
from .test_letter_template import TemplateSetup


@tagged("post_install", "-at_install")
class TestChooser(TemplateSetup, ConstituentCommon):
    """The fitting templates first, a draft in one click."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Template.search([]).active = False
        cls.template.active = True
        cls.parent = cls.env["constituent.category"].create({"name": "Test Roads"})
        cls.pothole.parent_id = cls.parent

    def _names(self, case=None):
        pairs = self.Template._for_case(case or self.case)
        return [template.name for template, fits in pairs if fits]

    def test_category_and_its_parents(self):
        self._make_template(name="Potholes", category_ids=self.pothole.ids)
        self._make_template(name="Roads", category_ids=self.parent.ids)
        self._make_template(name="Trees", category_ids=self.tree.ids)
        self._make_template(name="Both", category_ids=(self.pothole | self.tree).ids, sequence=20)
        self.assertEqual(self._names(), ["Potholes", "Both", "Roads", "Test words"])
        every = [template.name for template, _fits in self.Template._for_case(self.case)]
        self.assertEqual(every[-1], "Trees", "the others come last")

    def test_department(self):
        self._make_template(name="Streets", department_ids=self.streets.ids)
        self._make_template(name="Parks", department_ids=self.parks.ids)
        self.assertEqual(self._names(), ["Streets", "Test words"])

    def test_occasion(self):
        for occasion, label in self.Template._fields["occasion"].selection:
            if occasion != "free":
                self._make_template(name=label, occasion=occasion)
        self._make_template(name="Cover", occasion="referral", is_covering_note=True)
        first = {
            "new": "Acknowledgement",
            "open": "Holding Reply",
            "waiting": "Holding Reply",
            "closed": "Resolution",
        }
        for status, name in first.items():
            case = self._make_case()
            if status == "closed":
                case.with_user(self.manager)._close(self.outcome_resolved)
            else:
                case.stage_id = self.env["constituent.case.stage"].search(
                    [("status", "=", status)], limit=1
                )
            with self.subTest(status):
                self.assertEqual(self._names(case)[0], name)
                self.assertNotIn("Cover", self._names(case))
        refused = self._make_case()
        refused.with_user(self.manager)._close(self.outcome_refused, "It is sound.")
        self.assertEqual(self._names(refused)[0], "Refusal")
        comment = self._make_case(kind="comment")
        self.assertEqual(self._names(comment)[0], "Thanks")
        called = self._make_case()
        self.env["constituent.call"].create({"case_id": called.id, "outcome": "no_answer"})
        self.assertEqual(self._names(called)[0], "Unable to Reach")

    def test_one_click(self):
        other = self._make_template(name="Trees", category_ids=self.tree.ids)
        case = self.case.with_user(self.caseworker)
        action = case.action_choose_letter()
        wizard = self.env[action["res_model"]].with_user(self.caseworker).browse(action["res_id"])
        self.assertEqual(wizard.fitting_ids.template_id, self.template)
        self.assertEqual(wizard.other_ids.template_id, other)
        letter = self.Letter.browse(wizard.fitting_ids.action_write()["res_id"])
        self.assertEqual(letter.template_id, self.template)
        self.assertEqual(letter.create_uid, self.caseworker)
        self.assertIn(self.case.number, letter.body)
        without = wizard.action_without_template()
        self.assertEqual(without["context"]["default_case_id"], self.case.id)
        self.assertFalse(without.get("res_id"))

    def test_refused(self):
        nobody = self._make_case(partner_id=False, identity="anonymous")
        with self.assertRaisesRegex(UserError, "Nobody is named"):
            nobody.action_choose_letter()
        hidden = self._make_case(name="A testtree fell").with_user(self.caseworker)
        with self.assertRaises(AccessError), mute_logger("odoo.addons.base.models.ir_rule"):
            hidden.action_choose_letter()
        with self.assertRaises(AccessError):
            self.case.with_user(self.internal_user).action_choose_letter()


@tagged("post_install", "-at_install")
class TestEarlier(TemplateSetup, ConstituentCommon):
    """What the office wrote earlier, and what is still unanswered."""

    def test_written_earlier(self):
        with freeze_time("2026-11-01 12:00:00"):
            first = self._make_sent(subject="First")
        with freeze_time("2026-11-02 12:00:00"):
            second = self._make_sent(subject="Second", case_id=False)
        official = self.env["res.partner"].create(
            {"name": "Kim Lee", "street": "1 City Hall", "city": "Example"}
        )
        with freeze_time("2026-11-03 12:00:00"):
            third = self._make_sent(subject="Third", partner_id=official.id)
        self._make_letter(subject="A draft")
        self._make_letter(subject="Of somebody else", partner_id=official.id, case_id=False)
        letter = self._make_letter()
        self.assertEqual(letter.earlier_ids.mapped("subject"), ["Third", "Second", "First"])
        self.assertEqual(letter.earlier_ids, third | second | first)
        # Of another department, to somebody of this one's: with the reader's rights.
        other = letter.with_user(self.clerk)
        self.assertFalse(other.sudo().with_user(self.clerk)._earlier() & (first | third))

    def test_answered_as_one_of_several(self):
        other_case = self._make_case(name="Another testpothole")
        sent = self._make_sent(also_case_ids=[Command.set(other_case.ids)])
        official = self.env["res.partner"].create({"name": "Kim Lee"})
        letter = self._make_letter(case_id=other_case.id, partner_id=official.id)
        self.assertEqual(letter.earlier_ids, sent)

    def test_still_unanswered(self):
        letter = self._make_letter()
        open_case = self._make_case(name="Another testpothole")
        answered = self._make_case(name="An answered testpothole")
        self._make_letter(case_id=answered.id)
        cancelled = self._make_case(name="A testpothole with a cancelled letter")
        self._make_letter(case_id=cancelled.id).action_cancel()
        also = self._make_case(name="A testpothole answered with another")
        self._make_letter(case_id=answered.id, also_case_ids=[Command.set(also.ids)])
        closed = self._make_case(name="A closed testpothole")
        closed.with_user(self.manager)._close(self.outcome_resolved)
        self._make_case(name="A testtree of another department")
        letter.invalidate_recordset()
        self.assertEqual(letter.unanswered_case_ids, cancelled | open_case)
        button = open_case.with_user(self.caseworker)
        with self.assertRaisesRegex(UserError, "Save the letter"):
            button.action_answer_in_letter()
        button.with_context(constituent_letter_id=letter.id).action_answer_in_letter()
        self.assertEqual(letter.also_case_ids, open_case)
        self.assertEqual(letter.unanswered_case_ids, cancelled)

    def test_no_case_joins_another_persons_letter(self):
        stranger = self.env["res.partner"].create({"name": "Stranger"})
        case = self._make_case(partner_id=stranger.id).with_user(self.caseworker)
        letter = self._make_letter()
        with self.assertRaisesRegex(ValidationError, "another constituent"):
            case.with_context(constituent_letter_id=letter.id).action_answer_in_letter()

    def test_no_letter_of_others(self):
        letter = self._make_letter()
        case = self._make_case().with_user(self.other_caseworker)
        with self.assertRaises(AccessError), mute_logger("odoo.addons.base.models.ir_rule"):
            case.with_context(constituent_letter_id=letter.id).action_answer_in_letter()

    def test_nobody_chosen_yet(self):
        letter = self.Letter.new({"subject": "x"})
        self.assertFalse(letter.earlier_ids or letter.unanswered_case_ids)


@tagged("post_install", "-at_install")
class TestBlocked(TemplateSetup, ConstituentCommon):
    """Nothing goes to a blocked addressee, by any way."""

    def _block(self, address, **vals):
        return self.env["constituent.blocked.sender"].create(
            {"address": address, "reason": "Threats", **vals}
        )

    def test_address_and_domain(self):
        for address in ("Ana.Rivera@example.org", "example.org"):
            entry = self._block(address)
            for medium in ("post", "email"):
                letter = self._make_letter(medium=medium)
                with self.subTest(address), self.assertRaisesRegex(UserError, "blocked.*Threats"):
                    letter.action_submit()
            entry.active = False
        letter.action_submit()

    @freeze_time("2026-11-22 15:00:00")
    def test_blocked_since_the_approval(self):
        letter = self._make_approved()
        entry = self._block("ana.rivera@example.org", until="2026-11-30")
        with self.assertRaisesRegex(UserError, "blocked until November 30, 2026"):
            letter.action_send()
        entry.until = "2026-11-21"
        letter.action_send()
        self.assertEqual(letter.state, "sent")

    def test_said_while_it_is_written(self):
        form = Form(self.Letter.with_user(self.caseworker))
        form.partner_id = self.resident
        self.assertFalse(form.addressee_warning)
        self._block("ana.rivera@example.org")
        form.partner_id = self.company.partner_id
        form.partner_id = self.resident
        self.assertIn("The addressee is blocked", form.addressee_warning)
        self.resident.deceased = True
        letter = self._make_letter()
        self.assertIn("The addressee is deceased", letter.addressee_warning)

    def test_of_another_office(self):
        company = self.env["res.company"].create({"name": "Authority"})
        self._block("ana.rivera@example.org", company_id=company.id)
        self._make_letter().action_submit()


@tagged("post_install", "-at_install")
class TestCoveringNote(TemplateSetup, NoticeCommon):
    """Who brought the case gets a copy, after the constituent."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.council = cls.env["res.partner"].create(
            {
                "name": "Office of Council Member Lee",
                "is_company": True,
                "street": "1 City Hall",
                "city": "Example",
                "email": "lee@council.example.org",
            }
        )
        cls.case.referrer_ids = [
            Command.create({"partner_id": cls.council.id, "reference": "CML-77"})
        ]

    def setUp(self):
        super().setUp()
        self.only()

    def _cover(self, letter):
        return self.Letter.browse(letter.action_cover()["res_id"]).with_user(self.caseworker)

    def test_the_note(self):
        letter = self._make_letter()
        self.assertTrue(letter.can_cover)
        note = self._cover(letter)
        self.assertEqual(note.covers_id, letter)
        self.assertEqual(note.partner_id, self.council)
        self.assertEqual(note.their_reference, "CML-77")
        self.assertEqual(note.case_id, self.case)
        self.assertTrue(note.template_id.is_covering_note)
        self.assertEqual(note.template_id.occasion, "referral")
        self.assertIn("Ana Rivera", note.subject)
        self.assertEqual(note.enclosures, "Copy of our letter to Ana Rivera")
        self.assertEqual(note.medium, "post")
        letter.invalidate_recordset()
        self.assertEqual(letter.covered_by_ids, note)
        self.assertFalse(letter.can_cover)
        with self.assertRaisesRegex(UserError, "Nobody else"):
            letter.action_cover()
        with self.assertRaisesRegex(UserError, "Nobody else"):
            note.action_cover()
        self.assertEqual(letter.cc_partner_ids, self.council, "the letter says so, too")
        self.assertFalse(note.cc_partner_ids)
        note.action_cancel()
        self.assertNotEqual(self._cover(letter), note)

    def test_what_was_approved_stays_as_it_is(self):
        letter = self._make_approved()
        self._cover(letter)
        self.assertEqual(letter.state, "approved")
        self.assertFalse(letter.cc_partner_ids)

    def test_not_before_the_first_letter(self):
        letter = self._make_letter()
        note = self._cover(letter)
        for one in letter | note:
            one.action_submit()
            one.action_approve()
        with self.assertRaisesRegex(UserError, "has not been sent yet"), self.env.cr.savepoint():
            note.action_send()
        self.assertEqual(note.state, "approved")
        (note | letter).action_send()
        self.assertEqual((letter | note).mapped("state"), ["sent", "sent"])

    def test_not_while_the_first_is_on_its_way(self):
        letter = self._make_sent(medium="email")
        self.assertEqual(letter.state, "sending")
        note = self._cover(letter)
        note.action_submit()
        note.action_approve()
        with self.assertRaisesRegex(UserError, "has not been sent yet"), self.env.cr.savepoint():
            note.action_send()
        self.send_all()
        self.env.invalidate_all()
        note.action_send()
        self.assertEqual(note.state, "sent")

    def test_by_email_the_copy_goes_with_it(self):
        self.council.contact_preference = "email"
        letter = self._make_sent()
        note = self._cover(letter)
        self.assertEqual(note.medium, "email")
        for step in ("action_submit", "action_approve", "action_send"):
            getattr(note, step)()
        self.send_all()
        (message,) = self.smtp.to("lee@council.example.org")
        names = [attachment.get_filename() for attachment in message.iter_attachments()]
        self.assertEqual(names, [f"{note.reference}.pdf", f"{letter.reference}.pdf"])

    def test_several_brought_it(self):
        group = self.env["res.partner"].create({"name": "Hill Society", "is_company": True})
        self.case.referrer_ids = [Command.create({"partner_id": group.id})]
        action = self._make_letter().action_cover()
        notes = self.Letter.search(action["domain"])
        self.assertEqual(notes.partner_id, group | self.council)

    def test_to_who_brought_it_there_is_none(self):
        letter = self._make_letter(partner_id=self.council.id)
        self.assertFalse(letter.can_cover)
        with self.assertRaisesRegex(UserError, "Nobody else"):
            letter.action_cover()

    def test_without_a_template(self):
        self.Template.search([("is_covering_note", "=", True)]).active = False
        with self.assertRaisesRegex(UserError, "no template for a covering note"):
            self._make_letter().action_cover()

    def test_a_note_is_of_the_same_case(self):
        other = self._make_case(name="Another testpothole")
        with self.assertRaisesRegex(ValidationError, "another case"):
            self._make_letter(case_id=other.id, covers_id=self._make_letter().id)
        hidden = self._make_case(name="A testtree fell")
        theirs = self._make_letter(
            user=self.other_caseworker, case_id=hidden.id, department_id=self.parks.id
        )
        with self.assertRaises(AccessError), mute_logger("odoo.addons.base.models.ir_rule"):
            self._make_letter(case_id=hidden.id, covers_id=theirs.id)
