from odoo.fields import Command
from odoo.tests import tagged

from .letter_common import LetterSetup
from .notice_common import NoticeCommon, html_of

LEE = "lee@council.example.org"


@tagged("post_install", "-at_install")
class TestLetterTold(LetterSetup, NoticeCommon):
    """Who brought a case is told once that it was answered, and only then."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.council = cls.env["res.partner"].create(
            {
                "name": "Office of Council Member Lee",
                "is_company": True,
                "street": "1 City Hall",
                "city": "Example",
                "email": LEE,
            }
        )
        cls.case.referrer_ids = [Command.create({"partner_id": cls.council.id})]

    def setUp(self):
        super().setUp()
        self.only(("letter_sent", "referrer"))

    def _told(self, case=None):
        rows = (case or self.case).delivery_ids
        return rows.filtered(lambda row: row.event == "letter_sent").mapped("email")

    def _template(self, occasion):
        return self.env["constituent.letter.template"].create(
            {"name": occasion, "occasion": occasion, "subject": "x", "body": "<p>x</p>"}
        )

    def test_of_the_answer(self):
        self._make_sent()
        self.assertEqual(self._told(), [LEE])
        self.send_all()
        self.assertIn("We have answered", html_of(self.smtp.to(LEE)[0]))

    def test_a_covering_note_sets_off_no_notice(self):
        letter = self._make_sent()
        note = self.Letter.browse(letter.action_cover()["res_id"]).with_user(self.caseworker)
        for step in ("action_submit", "action_approve", "action_send"):
            getattr(note, step)()
        self.assertEqual(note.state, "sent")
        self.assertEqual(self._told(), [LEE], "once, of the answer")

    def test_a_covering_note_that_waits_tells_them_itself(self):
        letter = self._make_letter()
        note = self.Letter.browse(letter.action_cover()["res_id"]).with_user(self.caseworker)
        for step in ("action_submit", "action_approve", "action_send"):
            getattr(letter | note, step)()
        self.assertFalse(self._told())

    def test_a_covering_note_that_was_given_up_does_not(self):
        letter = self._make_letter()
        self.Letter.browse(letter.action_cover()["res_id"]).action_cancel()
        for step in ("action_submit", "action_approve", "action_send"):
            getattr(letter, step)()
        self.assertEqual(self._told(), [LEE])

    def test_a_holding_reply_is_no_answer(self):
        for occasion in ("holding", "acknowledgement", "unable_to_reach"):
            with self.subTest(occasion=occasion):
                self._make_sent(template_id=self._template(occasion).id)
                self.assertFalse(self._told())
        self._make_sent(template_id=self._template("resolution").id)
        self.assertEqual(self._told(), [LEE])

    def test_a_letter_to_them_or_to_others_is_none_to_the_constituent(self):
        agency = self.env["res.partner"].create(
            {"name": "Water Company", "street": "2 River", "city": "Example"}
        )
        other = self.council.copy({"name": "Other Office", "email": "other@example.org"})
        self.case.referrer_ids = [Command.create({"partner_id": other.id})]
        for partner in (self.council, agency):
            self._make_sent(partner_id=partner.id)
            self.assertFalse(self._told())
        self._make_sent()
        self.assertEqual(sorted(self._told()), [LEE, "other@example.org"])

    def test_of_a_letter_that_replaces_one_they_are_not_told_again(self):
        letter = self._make_sent()
        again = self.Letter.browse(letter.action_correct()["res_id"]).with_user(self.caseworker)
        for step in ("action_submit", "action_approve", "action_send"):
            getattr(again, step)()
        self.assertEqual(self._told(), [LEE])

    def test_the_constituent_is_told_of_any_letter_where_the_office_wants_it(self):
        self.only(("letter_sent", "constituent"), ("letter_sent", "referrer"))
        self._make_sent(template_id=self._template("holding").id)
        self.assertEqual(self._told(), ["ana.rivera@example.org"])
        self._make_sent(partner_id=self.council.id)
        self.assertEqual(self._told(), ["ana.rivera@example.org"], "that was not to them")

    def test_who_brought_their_own_case_is_not_told_of_themselves(self):
        self.case.referrer_ids = [Command.create({"partner_id": self.resident.id})]
        self._make_sent()
        self.assertEqual(self._told(), [LEE])

    def test_of_each_case_that_was_answered(self):
        more = self._make_case(name="Another")
        more.referrer_ids = [Command.create({"partner_id": self.council.id})]
        self._make_sent(also_case_ids=[Command.set(more.ids)])
        self.assertEqual(self._told(), [LEE])
        self.assertEqual(self._told(more), [LEE])
