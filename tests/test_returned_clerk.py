"""An intake clerk opens the envelopes that came back, and sees no letter."""

import json

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import Form, HttpCase, new_test_user, tagged
from odoo.tools import mute_logger

from .common import PREFIX, ConstituentCommon
from .letter_common import LetterSetup


class ReturnedClerkSetup(LetterSetup):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Wizard = cls.env["constituent.returned.mail.wizard"]
        cls.letter = cls._make_sent(subject="A testtree of hers")

    def _wizard(self, user=None, **vals):
        values = {"references": self.letter.reference, "kind": "moved", **vals}
        return self.Wizard.with_user(user or self.clerk).create(values)


@tagged("post_install", "-at_install")
class TestReturnedByClerk(ReturnedClerkSetup, ConstituentCommon):
    def _assert_not_marked(self, *letters):
        self.env.invalidate_all()
        for letter in letters or [self.letter]:
            self.assertEqual(letter.state, "sent")
            self.assertFalse(letter.case_id.answer_owed)

    def test_marked_and_an_answer_owed(self):
        self.assertFalse(self.letter.with_user(self.clerk).has_access("read"))
        action = self._wizard(
            kind="vacant", note="since May", street="5 New Road", city="Newtown", zip="10009"
        ).action_mark()
        self.assertEqual(self.letter.state, "returned_mail")
        self.assertEqual(self.letter.returned_kind, "vacant")
        self.assertEqual(self.letter.returned_reason, "Vacant: since May")
        self.assertEqual(self.letter.forwarding_address, "5 New Road\nNewtown 10009")
        self.assertTrue(self.case.answer_owed)
        self.assertEqual(self.case.answer_owed_letter_id, self.letter)
        event = self.case.event_ids.filtered(lambda one: one.kind == "letter_returned")
        self.assertEqual(event.user_id, self.clerk, "who opened the envelope")
        self.assertEqual(self.resident.street, "12 Home Street", "that is for a caseworker")
        self.assertFalse(self.letter.corrected_by_ids)
        # What is answered
        self.assertEqual(action["tag"], "display_notification")
        self.assertEqual(action["params"]["message"], f"1: {self.letter.reference}")
        self.assertNotIn("testtree", json.dumps(action))
        self.assertNotIn("Rivera", json.dumps(action))

    def test_no_message_is_theirs_to_read(self):
        """Who wrote a message reads it with the name of its letter."""
        self._wizard().action_mark()
        self.env.cr.precommit.run()
        note = self.letter.message_ids[0]
        self.assertIn(f"{self.clerk.name} opened the envelope", note.body)
        self.assertTrue(note.subtype_id.internal)
        messages = self.letter.message_ids | self.case.message_ids
        for message in messages.with_user(self.clerk):
            with self.assertRaises(AccessError):
                message.read(["record_name"])
        shown = self.env["mail.message"].with_user(self.clerk).search([("model", "like", "const")])
        self.assertFalse(shown & messages)

    def test_several_by_number_and_code(self):
        other = self._make_sent(also_case_ids=[Command.link(self._make_case(name="2").id)])
        wizard = self._wizard(
            references=f"{self.letter.reference.lower()}\n{other.verification_code}"
        )
        message = wizard.action_mark()["params"]["message"]
        self.assertEqual(message[:3], "2: ")
        for letter in (self.letter, other):
            self.assertIn(letter.reference, message)
            self.assertEqual(letter.state, "returned_mail")
        self.assertEqual(other.also_case_ids.mapped("answer_owed"), [True])

    def test_the_window_shows_numbers_only(self):
        with Form(self.Wizard.with_user(self.clerk)) as form:
            form.references = f"{self.letter.reference} L-1999-000001"
            self.assertEqual(form.found_numbers, f"1: {self.letter.reference}")
            self.assertEqual(form.not_found, "L-1999-000001")
            self.assertFalse(form.letter_ids.ids)
            self.assertFalse(form.partner_id)
            self.assertFalse(form.is_single)
        arch = self.Wizard.with_user(self.clerk).get_view(view_type="form")["arch"]
        for name in ("update_contact", "send_again"):
            self.assertNotIn(f'name="{name}"', arch)
        wizard = self._wizard()
        self.env.flush_all()
        self.env.invalidate_all()
        read = json.dumps(wizard.read(), default=str)
        for word in ("testtree", "Rivera", "Home Street"):
            self.assertNotIn(word, read)

    def test_also_their_own_letters_are_not_shown(self):
        mine = self._make_case(department_id=False, category_id=False, name="In triage")
        mine.department_id = False
        letter = self._make_sent(case_id=mine.id)
        self.assertTrue(letter.with_user(self.clerk).has_access("read"))
        self.assertFalse(self._wizard(references=letter.reference).letter_ids)

    def test_what_follows_is_not_theirs(self):
        for vals in ({"update_contact": True}, {"send_again": True}):
            with self.subTest(vals=vals), self.assertRaises(AccessError), self.env.cr.savepoint():
                self._wizard(street="5 New Road", city="Newtown", **vals)
            wizard = self._wizard(street="5 New Road", city="Newtown")
            with self.subTest(written=vals), self.assertRaises(AccessError):
                wizard.write(vals)
            with self.subTest(read=vals), self.assertRaises(AccessError):
                wizard.read(list(vals))
            defaults = {f"default_{name}": value for name, value in vals.items()}
            with self.subTest(default=vals), self.assertRaises(AccessError):
                self.Wizard.with_user(self.clerk).with_context(**defaults).create(
                    {"references": self.letter.reference}
                )
        self._assert_not_marked()

    def test_only_by_this_window(self):
        letter = self.letter.with_user(self.clerk)
        for step in ("action_returned", "action_correct", "action_open", "read"):
            with self.subTest(step=step), self.assertRaises(AccessError):
                getattr(letter, step)()
        with self.assertRaises(AccessError):
            letter._note_returned("moved")
        with self.assertRaises(AccessError):
            self.case.with_user(self.clerk).action_open_returned_letter()

    def test_restricted_ones_are_as_unknown(self):
        secret = self._make_case(confidentiality="restricted")
        hidden = self._make_sent(case_id=secret.id, user=self.env.ref("base.user_root"))
        second = self._make_case(name="Becomes restricted later")
        also = self._make_sent(also_case_ids=[Command.link(second.id)])
        second.confidentiality = "restricted"
        sentences = set()
        for name in (hidden.reference, hidden.verification_code, also.reference, "L-1999-000001"):
            wizard = self._wizard(references=f"{self.letter.reference} {name}")
            self.assertEqual(wizard.not_found, name)
            with self.assertRaises(UserError) as caught, self.env.cr.savepoint():
                wizard.action_mark()
            sentences.add(str(caught.exception).replace(name, "…"))
        self.assertEqual(len(sentences), 1, "the same sentence")
        self._assert_not_marked(self.letter, hidden, also.sudo())

    def test_a_clerk_who_may_see_restricted_cases(self):
        trusted = self._make_user("clerk", "restricted", login="trusted_clerk")
        secret = self._make_case(confidentiality="restricted")
        hidden = self._make_sent(case_id=secret.id, user=self.env.ref("base.user_root"))
        self._wizard(user=trusted, references=hidden.reference).action_mark()
        self.assertEqual(hidden.state, "returned_mail")

    def test_other_offices(self):
        office = self.env["res.company"].create({"name": "Harbor Authority"})
        stranger = new_test_user(
            self.env,
            "t_harbor",
            f"{PREFIX}group_clerk",
            company_id=office.id,
            company_ids=[Command.set(office.ids)],
        )
        with self.assertRaisesRegex(UserError, "no letter to mark"):
            self._wizard(user=stranger).action_mark()
        self._assert_not_marked()

    def test_what_never_left_or_came_in(self):
        draft = self._make_approved()
        self.assertFalse(draft.reference)
        for name in ("I-2026-000001", "", self.case.number):
            with self.subTest(name=name), self.assertRaises(UserError):
                self._wizard(references=name).action_mark()

    def test_twice(self):
        self._wizard().action_mark()
        with self.assertRaises(UserError) as caught:
            self._wizard().action_mark()
        self.assertEqual(
            str(caught.exception), f"Marked as returned already: {self.letter.reference}"
        )

    def test_a_mail_that_has_not_left(self):
        mailed = self._make_sent(medium="email")
        self.assertEqual(mailed.delivery_ids.sudo().state, "queued")
        with self.assertRaisesRegex(UserError, "has not left"):
            self._wizard(references=mailed.reference).action_mark()

    def test_forwarding_addresses(self):
        other = self._make_sent()
        both = f"{self.letter.reference} {other.reference}"
        for vals, words in (
            ({"street": "5 New Road"}, "street and a city"),
            ({"references": both, "street": "5 New Road", "city": "Newtown"}, "for one letter"),
        ):
            with self.subTest(vals=vals), self.assertRaisesRegex(UserError, words):
                self._wizard(**vals).action_mark()
        self._assert_not_marked(self.letter, other)

    def test_a_window_is_its_users_own(self):
        wizard = self._wizard()
        other = self._make_user("clerk", login="other_clerk")
        for user in (other, self.caseworker, self.manager):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                wizard.with_user(user).action_mark()
        self._assert_not_marked()

    def test_it_is_in_the_menu(self):
        menu = self.env.ref(f"{PREFIX}menu_correspondence_returned")
        for user, shown in ((self.clerk, True), (self.manager, True), (self.internal_user, False)):
            with self.subTest(user=user.login):
                menus = self.env["ir.ui.menu"].with_user(user)._visible_menu_ids()
                self.assertEqual(menu.id in menus, shown)


@tagged("post_install", "-at_install")
class TestReturnedByClerkHttp(ReturnedClerkSetup, HttpCase):
    def _call(self, method, *args):
        model = "constituent.returned.mail.wizard"
        return self.url_open(
            f"/web/dataset/call_kw/{model}/{method}",
            data=json.dumps(
                {"params": {"model": model, "method": method, "args": args, "kwargs": {}}}
            ),
            headers={"Content-Type": "application/json"},
        )

    @mute_logger("odoo.http")
    def test_over_the_wire(self):
        self.authenticate("t_clerk", "t_clerk")
        for method in ("_find_letters", "_search_unseen", "_mark_unseen", "_checked_letters"):
            self.assertIn("error", self._call(method, []).json())
        specification = {
            "letter_ids": {"fields": {"display_name": {}}},
            "partner_id": {"fields": {"display_name": {}}},
            "found_numbers": {},
        }
        answer = self._call(
            "onchange", [], {"references": self.letter.reference}, ["references"], specification
        )
        self.assertEqual(
            answer.json()["result"]["value"]["found_numbers"], f"1: {self.letter.reference}"
        )
        for word in ("testtree", "Rivera"):
            self.assertNotIn(word, answer.text)
        (wizard_id,) = self._call("create", [{"references": self.letter.reference}]).json()[
            "result"
        ]
        answer = self._call("action_mark", [wizard_id])
        self.assertNotIn("testtree", answer.text)
        self.env.invalidate_all()
        self.assertEqual(self.letter.state, "returned_mail")
