from unittest.mock import patch

from freezegun import freeze_time
from markupsafe import Markup

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import Form, tagged
from odoo.tools import mute_logger

from .common import ConstituentCommon
from .test_letter_template import TemplateSetup

WORDS = "<p>You may appeal within thirty days.</p>"
NEW_WORDS = "<p>You may appeal within <b>sixty</b> days.</p><p>It is free.</p>"


class ClauseSetup(TemplateSetup):
    """A clause, reviewed until the end of 2026."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.clause = cls._make_clause(review_by="2026-12-31")

    def _letter_with_clause(self, **vals):
        return self._make_letter(body="<p>No.</p><p>[[clause:APPEAL]]</p><p>Yours.</p>", **vals)


@tagged("post_install", "-at_install")
class TestClauses(ClauseSetup, ConstituentCommon):
    """The paragraph itself."""

    def test_code_and_marker(self):
        self.assertEqual(self.clause.code, "APPEAL")
        self.assertEqual(self.clause.marker, "[[clause:APPEAL]]")
        self.assertEqual(self.clause.owner_id, self.manager)
        self.assertEqual(self.Clause.name_search("appeal")[0][0], self.clause.id)
        for code in ("A B", "ÄÖ", "x]]", "A" * 33):
            with self.subTest(code), self.assertRaisesRegex(ValidationError, "capital letters"):
                with self.env.cr.savepoint():
                    self._make_clause(code=code)

    def test_no_placeholders_in_any_language(self):
        for body in ("<p>{{ object.number }}</p>", "<p>[[clause:X]]</p>", '<t t-out="x">y</t>'):
            with self.subTest(body), self.assertRaisesRegex(ValidationError, "same in every"):
                with self.env.cr.savepoint():
                    self.clause.body = body
        self._activate_spanish()
        with self.assertRaisesRegex(ValidationError, "Spanish"):
            self._translate(
                self.clause, "body", {"You may appeal within thirty days.": "{{ object.number }}"}
            )

    def test_version_grows_with_the_words(self):
        self.clause.name = "Appeals"
        self.assertEqual(self.clause.version, 1)
        self.clause.body = NEW_WORDS
        self.assertEqual(self.clause.version, 2)
        first = self.clause.version_ids.sorted("number")[0]
        self.assertEqual(first._text("body", "en_US"), WORDS)

    def test_what_a_template_names_stays(self):
        template = self._make_template(body="<p>[[clause:APPEAL]]</p>")
        with self.assertRaisesRegex(UserError, "names the clause APPEAL"):
            self.clause.code = "OTHER"
        with self.assertRaisesRegex(ValidationError, "no clause APPEAL"), self.env.cr.savepoint():
            self.clause.active = False
        template.active = False
        self.clause.active = False

    def test_an_offices_own_clause_comes_first(self):
        own = self._make_clause(
            body="<p>Ours, not theirs.</p>", company_id=self.company.id, name="Ours"
        )
        self.assertEqual(self.Clause._find(["APPEAL"], self.company), {"APPEAL": own})
        other = self.env["res.company"].create({"name": "Authority"})
        self.assertEqual(self.Clause._find(["APPEAL"], other), {"APPEAL": self.clause})

    def test_past_review(self):
        with freeze_time("2026-12-31 12:00:00"):
            self.assertFalse(self.clause.is_past_review)
        self.clause.invalidate_recordset()
        with freeze_time("2027-01-01 12:00:00"):
            self.assertTrue(self.clause.is_past_review)


@tagged("post_install", "-at_install")
class TestClausesInLetters(ClauseSetup, ConstituentCommon):
    """How a clause gets into a letter, and what is kept of it."""

    def test_by_a_template(self):
        template = self._make_template(
            body="<p>{{ object.number }}</p><p>[[clause:APPEAL]]</p>", name="With clause"
        )
        letter = self._draft(template)
        self.assertIn("within thirty days", letter.body)
        self.assertNotIn("[[", letter.body)
        use = letter.clause_use_ids
        self.assertEqual((use.clause_id, use.version_id.number), (self.clause, 1))
        self.assertEqual((use.text, use.lang), (WORDS, "en_US"))
        self.assertFalse(use.trouble)

    def test_typed_into_the_text(self):
        letter = self._letter_with_clause()
        self.assertEqual(letter.body, f"<p>No.</p>{WORDS}<p>Yours.</p>")
        self.assertEqual(letter.clause_use_ids.clause_id, self.clause)
        self._make_clause(code="FEE", body="<p>There is no fee.</p>")
        form = Form(letter)
        form.body += Markup("<p>[[clause:fee]]</p>")
        form.save()
        self.assertIn("There is no fee.", letter.body)
        self.assertEqual(letter.clause_use_ids.mapped("clause_id.code"), ["APPEAL", "FEE"])
        with self.assertRaisesRegex(UserError, "no clause NOTHING"):
            letter.body = "<p>[[clause:NOTHING]]</p>"

    def _insert(self, letter, **vals):
        wizards = self.env["constituent.letter.clause.wizard"].with_user(self.caseworker)
        form = Form(wizards.with_context(**letter.action_insert_clause()["context"]))
        form.clause_id = self.clause
        for name, value in vals.items():
            form[name] = value
        self.assertIn("thirty days", form.words)
        form.save().action_insert()

    def test_by_the_window(self):
        for place, body in (
            ("end", f"<p>One</p><p>Two</p>{WORDS}"),
            ("last", f"<p>One</p>{WORDS}<p>Two</p>"),
            ("start", f"{WORDS}<p>One</p><p>Two</p>"),
        ):
            letter = self._make_letter(body="<p>One</p><p>Two</p>")
            self._insert(letter, place=place)
            with self.subTest(place):
                self.assertEqual(letter.body, body)
                self.assertEqual(len(letter.clause_use_ids), 1)
        letter = self._make_letter(body=False)
        self._insert(letter)
        self.assertEqual(letter.body, WORDS)

    def test_the_window_refuses(self):
        sent = self._make_sent()
        with self.assertRaisesRegex(UserError, "sealed"):
            sent.action_insert_clause()
        wizards = self.env["constituent.letter.clause.wizard"].with_user(self.other_caseworker)
        letter = self._make_letter()
        with self.assertRaises(AccessError), mute_logger("odoo.addons.base.models.ir_rule"):
            wizards.create({"correspondence_id": letter.id, "clause_id": self.clause.id})

    def test_in_another_language(self):
        self._activate_spanish()
        letter = self._make_letter(lang="es_419", body_english="<p>Hello</p>")
        with self.assertRaisesRegex(UserError, "no translation"):
            self._insert(letter)
        self._translate(
            self.clause, "body", {"You may appeal within thirty days.": "Puede apelar en 30 días."}
        )
        wizard = self.env["constituent.letter.clause.wizard"].with_user(self.caseworker)
        wizard.create({"correspondence_id": letter.id, "clause_id": self.clause.id}).action_insert()
        self.assertIn("Puede apelar", letter.body)
        self.assertEqual(letter.body_english, f"<p>Hello</p>{WORDS}")
        self.assertEqual(letter.clause_use_ids.lang, "es_419")
        # New English words alone are no change of what the letter says.
        self._translate(self.clause, "body", {"You may appeal within thirty days.": "Apele en 30."})
        self.assertIn("was changed", letter.clause_use_ids.trouble)
        letter.clause_use_ids.action_take_new()
        self.assertIn("Apele en 30.", letter.body)
        self.assertEqual(letter.body_english, f"<p>Hello</p>{WORDS}")
        self.assertFalse(letter.clause_use_ids.trouble)

    def test_no_english_in_a_letter_of_another_language(self):
        self._activate_spanish()
        with self.assertRaisesRegex(UserError, "no translation"):
            self._letter_with_clause(lang="es_419")
        self._translate(
            self.clause, "body", {"You may appeal within thirty days.": "Puede apelar en 30 días."}
        )
        letter = self._letter_with_clause(lang="es_419")
        self.assertIn("Puede apelar", letter.body)
        # The English words are new; their translation is not there yet.
        self.clause.body = "<p>Every decision can be appealed, and we tell you how.</p>"
        self.assertIn("was changed", letter.clause_trouble)
        with self.assertRaisesRegex(UserError, "no translation"):
            letter.clause_use_ids.action_take_new()
        self.assertIn("Puede apelar", letter.body)
        # In an English letter they are as good as ever.
        self.assertIn("Every decision", self._letter_with_clause().body)

    def test_which_letters_used_which(self):
        first = self._letter_with_clause()
        self.clause.body = NEW_WORDS
        second = self._letter_with_clause()
        versions = self.clause.version_ids.sorted("number")
        for version, letter in zip(versions, (first, second), strict=True):
            domain = version.action_view_letters()["domain"]
            self.assertEqual(self.Letter.search(domain), letter)
            self.assertEqual(version.letter_count, 1)
        self.assertEqual(self.clause.use_count, 2)
        domain = self.clause.action_view_letters()["domain"]
        self.assertEqual(self.Letter.search(domain), second | first)

    def test_a_correction_has_the_clauses_too(self):
        letter = self._letter_with_clause()
        for step in ("action_submit", "action_approve", "action_send"):
            getattr(letter, step)()
        self.clause.body = NEW_WORDS
        draft = self.Letter.browse(letter.action_correct()["res_id"])
        self.assertEqual(draft.clause_use_ids.version_id.number, 1)
        self.assertIn("was changed", draft.clause_trouble)
        self.assertFalse(letter.clause_trouble, "what was sent is sent")


@freeze_time("2026-11-22 15:00:00")
@tagged("post_install", "-at_install")
class TestLookedAt(ClauseSetup, ConstituentCommon):
    """A letter with a clause that changed, or is past its day, waits for a look."""

    def test_changed_since(self):
        letter = self._letter_with_clause()
        letter.action_submit()
        self.clause.body = NEW_WORDS
        letter.invalidate_recordset()
        self.assertIn("was changed since", letter.clause_trouble)
        with self.assertRaisesRegex(UserError, "How to appeal.*was changed since"):
            letter.action_approve()
        self.assertEqual(letter.state, "to_approve")
        letter.clause_use_ids.action_looked_at()
        use = letter.clause_use_ids
        self.assertEqual(use.looked_by_id, self.caseworker)
        self.assertEqual(str(use.looked_at), "2026-11-22 15:00:00")
        self.assertEqual(use.looked_version_id.number, 2)
        self.assertEqual(use.version_id.number, 1)
        self.assertIn("version 2", letter.message_ids[0].body)
        letter.action_approve()
        self.clause.body = "<p>Once more.</p>"
        with self.assertRaisesRegex(UserError, "was changed since"):
            letter.action_send()
        letter.clause_use_ids.action_looked_at()
        letter.action_send()
        self.assertEqual(letter.state, "sent")

    def test_changed_and_changed_back(self):
        letter = self._letter_with_clause()
        self.clause.body = NEW_WORDS
        self.clause.body = WORDS
        letter.invalidate_recordset()
        self.assertFalse(letter.clause_trouble)

    def test_take_the_new_words(self):
        letter = self._letter_with_clause()
        letter.action_submit()
        letter.action_approve()
        self.clause.body = NEW_WORDS
        use = letter.clause_use_ids
        use.invalidate_recordset()
        self.assertTrue(use.is_changed)
        self.assertEqual(use.current_text, NEW_WORDS)
        use.action_take_new()
        self.assertEqual(letter.body, f"<p>No.</p>{NEW_WORDS}<p>Yours.</p>")
        self.assertEqual(letter.state, "draft", "approved was another text")
        self.assertEqual(use.version_id.number, 2)
        self.assertEqual(use.text, NEW_WORDS)
        letter.action_submit()

    def test_words_changed_by_hand_are_not_overwritten(self):
        letter = self._letter_with_clause()
        letter.body = letter.body.replace("thirty", "40")
        self.clause.body = NEW_WORDS
        with self.assertRaisesRegex(UserError, "by hand"):
            letter.clause_use_ids.action_take_new()
        self.assertIn("40 days", letter.body)

    def test_past_the_review_day(self):
        letter = self._letter_with_clause()
        with freeze_time("2026-12-31 20:00:00"):
            letter.action_submit()
        # Already the next year in Greenwich, not yet in the office.
        with freeze_time("2027-01-01 03:00:00"):
            letter.invalidate_recordset()
            self.assertFalse(letter.clause_trouble)
        with freeze_time("2027-01-01 15:00:00"):
            letter.invalidate_recordset()
            with self.assertRaisesRegex(UserError, "reviewed by December 31, 2026"):
                letter.action_approve()
            letter.clause_use_ids.action_looked_at()
            letter.action_approve()
            self.clause.review_by = "2027-06-30"
        with freeze_time("2027-07-02 15:00:00"):
            with self.assertRaisesRegex(UserError, "reviewed by June 30, 2027"):
                letter.action_send()

    def test_not_used_any_more(self):
        letter = self._letter_with_clause()
        self.clause.active = False
        letter.invalidate_recordset()
        self.assertIn("not used any more", letter.clause_trouble)
        letter.clause_use_ids.action_looked_at()
        self.assertFalse(letter.clause_trouble)

    def test_who_may_look(self):
        case = self.Case.with_user(self.clerk).create({"name": "A testpothole"})
        letter = self._letter_with_clause(user=self.clerk, case_id=case.id)
        self.clause.body = NEW_WORDS
        use = letter.clause_use_ids
        with self.assertRaisesRegex(AccessError, "Clerks draft"):
            use.with_user(self.clerk).action_looked_at()
        with self.assertRaises(AccessError), mute_logger("odoo.addons.base.models.ir_rule"):
            use.with_user(self.other_caseworker).action_looked_at()
        use.with_user(self.clerk).action_take_new()
        self.assertIn("sixty", letter.body)

    def test_taken_out_of_the_text(self):
        letter = self._letter_with_clause()
        with self.assertRaisesRegex(UserError, "still in the letter"):
            letter.clause_use_ids.action_remove()
        # One word is another by now: it is still the clause, and looked at as such.
        letter.body = "<p>No.</p><p>You may appeal within forty days.</p>"
        with self.assertRaisesRegex(UserError, "still in the letter"):
            letter.clause_use_ids.action_remove()
        letter.body = "<p>No.</p>"
        letter.clause_use_ids.action_remove()
        self.assertFalse(letter.clause_use_ids)

    def test_sealed(self):
        letter = self._letter_with_clause()
        for step in ("action_submit", "action_approve", "action_send"):
            getattr(letter, step)()
        use = letter.clause_use_ids
        for step in ("action_looked_at", "action_take_new", "action_remove"):
            with self.subTest(step), self.assertRaisesRegex(UserError, "sealed"):
                getattr(use, step)()
        with self.assertRaisesRegex(UserError, "no further clauses"):
            use.create(
                {
                    "correspondence_id": letter.id,
                    "clause_id": self.clause.id,
                    "version_id": use.version_id.id,
                }
            )


@tagged("post_install", "-at_install")
class TestUseRights(ClauseSetup, ConstituentCommon):
    """Rows of clauses are the letter's: seen with it, written by its buttons alone."""

    def test_nobody_writes_rows(self):
        use = self._letter_with_clause().clause_use_ids
        for user in (self.caseworker, self.coordinator, self.manager):
            with self.subTest(user.login):
                mine = use.with_user(user)
                mine.read(["text"])
                with self.assertRaises(AccessError):
                    mine.looked_by_id = user
                with self.assertRaises(AccessError):
                    mine.unlink()

    def test_nobody_has_looked_at_the_start(self):
        letter = self._make_letter(
            clause_use_ids=[
                Command.create(
                    {
                        **self.clause._use_vals("en_US"),
                        "looked_by_id": self.manager.id,
                        "looked_at": "2026-01-01",
                    }
                )
            ]
        )
        self.assertFalse(letter.clause_use_ids.looked_by_id or letter.clause_use_ids.looked_at)

    def test_seen_with_the_letter(self):
        use = self._letter_with_clause().clause_use_ids
        self.case.confidentiality = "restricted"
        for user, seen in (
            (self.clerk, False),
            (self.other_caseworker, False),
            (self.coordinator, False),
            (self.confidant, True),
        ):
            found = use.with_user(user).search([("id", "=", use.id)])
            with self.subTest(user.login):
                self.assertEqual(bool(found), seen)

    def test_of_another_letter_out_of_sight(self):
        letter = self._make_letter()
        vals = {**self.clause._use_vals("en_US"), "correspondence_id": letter.id}
        uses = self.env["constituent.letter.clause.use"].with_user(self.other_caseworker)
        with self.assertRaises(AccessError), mute_logger("odoo.addons.base.models.ir_rule"):
            uses.create(vals)

    def test_version_of_another_clause(self):
        other = self._make_clause(code="FEE")
        vals = {**self.clause._use_vals("en_US"), "version_id": other.version_ids.id}
        with self.assertRaisesRegex(ValidationError, "not a version"):
            self._make_letter(clause_use_ids=[Command.create(vals)])

    def test_no_queries_without_clauses(self):
        letter = self._make_letter()
        with patch.object(type(self.clause), "_current_versions", side_effect=ValueError):
            self.assertFalse(letter.clause_trouble)
            letter.action_submit()
