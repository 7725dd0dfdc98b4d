import json
from unittest.mock import patch

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import HttpCase, new_test_user, tagged, users
from odoo.tools import mute_logger

from .common import ConstituentCommon
from .letter_common import BODY, LetterSetup


@tagged("post_install", "-at_install")
class TestLetterRights(LetterSetup, ConstituentCommon):
    """Who may what with letters."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.draft = cls._make_letter()
        cls.waiting = cls._make_letter()
        cls.waiting.action_submit()
        cls.approved = cls._make_approved()
        cls.sent = cls._make_sent()

    @users("t_clerk")
    def test_clerks_draft_and_submit(self):
        case = self._make_case(department_id=False, category_id=False, name="Something")
        case.sudo().department_id = False
        letter = self.Letter.with_user(self.env.user).create(
            {
                "case_id": case.id,
                "partner_id": self.resident.id,
                "subject": "s",
                "body": BODY,
                "department_id": self.streets.id,
            }
        )
        letter.action_submit()
        for step in ("action_approve", "action_reject", "action_send", "action_returned"):
            with self.subTest(step=step), self.assertRaises(AccessError):
                getattr(letter, step)()
        letter.sudo().action_approve()
        with self.assertRaises(AccessError):
            letter.action_send()
        with self.assertRaises(AccessError):
            letter.unlink()

    def _show(self, user, case):
        """Return what a new form shows of a case that was chosen in it."""
        answer = self.Letter.with_user(user).onchange(
            {"case_id": case.id, "direction": "out", "medium": "post", "subject": "x"},
            ["case_id"],
            {"case_id": {}, "case_description": {}},
        )
        return str(answer["value"].get("case_description") or "")

    def test_a_form_shows_no_case_out_of_sight(self):
        restricted = self._make_case(confidentiality="restricted")
        for user, case, shown in (
            (self.clerk, restricted, False),
            (self.clerk, self.case, False),
            (self.other_caseworker, self.case, False),
            (self.internal_user, self.case, False),
            (self.coordinator, restricted, False),
            (self.caseworker, self.case, True),
            (self.confidant, restricted, True),
        ):
            with self.subTest(user=user.login):
                if user == self.internal_user:
                    with self.assertRaises(AccessError):
                        self._show(user, case)
                else:
                    self.assertEqual("It is deep." in self._show(user, case), shown)
        # Who signs sees the letter, and not the case: the form opens all the same.
        signed = self._make_letter(signatory_ids=[Command.set(self.other_caseworker.ids)])
        values = signed.with_user(self.other_caseworker).read(["subject", "case_description"])[0]
        self.assertTrue(values["subject"])
        self.assertFalse(values["case_description"])

    def test_nothing_out_of_sight_is_written_about(self):
        company = self.env["res.company"].create({"name": "Harbor Authority"})
        foreign = self.env["res.partner"].create({"name": "F", "company_id": company.id})
        hidden = self._make_letter(user=self.coordinator, case_id=False, department_id=False)
        park = self._make_case(name="testtree")
        for vals in (
            {"case_id": park.id},
            {"case_id": self._make_case(confidentiality="restricted").id},
            {"partner_id": foreign.id},
            {"cc_partner_ids": [Command.link(foreign.id)]},
            {"cc_partner_ids": [Command.set(foreign.ids)]},
            {"corrects_id": hidden.id},
        ):
            for user in (self.clerk, self.caseworker):
                letters = self.Letter.with_user(user)
                own = letters.create({"subject": "s", "signatory_ids": [Command.set(user.ids)]})
                with self.subTest(user=user.login, vals=vals):
                    with self.assertRaises(AccessError), self.env.cr.savepoint():
                        letters.create({"subject": "s", "department_id": self.streets.id, **vals})
                    with self.assertRaises(AccessError), self.env.cr.savepoint():
                        own.write(vals)
                    defaults = {f"default_{name}": value for name, value in vals.items()}
                    with self.assertRaises(AccessError), self.env.cr.savepoint():
                        letters.with_context(**defaults).create({"subject": "s"})
        letter = self.Letter.with_user(self.caseworker).create(
            {"subject": "s", "case_id": self.case.id, "cc_partner_ids": self.resident.ids}
        )
        self.assertEqual(letter.case_id, self.case)

    def test_clerks_lose_letters_with_the_case(self):
        case = self._make_case(name="Something", department_id=False)
        letter = self._make_letter(user=self.clerk, case_id=case.id)
        without_case = self._make_letter(user=self.clerk, case_id=False)
        self.assertTrue(letter.has_access("write"))
        case.department_id = self.parks
        self.env.flush_all()
        self.assertFalse(letter.has_access("read"))
        self.assertTrue(without_case.has_access("read"))

    def test_nobody_sets_the_state(self):
        for user in (
            self.clerk,
            self.caseworker,
            self.coordinator,
            self.manager,
            self.env.ref("base.user_admin"),
            self.env.ref("base.user_root"),
        ):
            for record in (self.draft, self.waiting, self.approved):
                for vals in (
                    {"state": "sent"},
                    {"state": "approved", "subject": "x"},
                    {"reference": "L-1"},
                    {"document_sha256": "x"},
                    {"approved_by_id": user.id},
                    {"approved_digest": "Somebody"},
                    {"printed_name": "x"},
                ):
                    with self.subTest(user=user.login, vals=vals):
                        with self.assertRaises(UserError):
                            record.with_user(user).write(vals)
                        with self.assertRaises(UserError):
                            record.with_user(user).sudo().write(vals)

    def test_every_letter_begins_as_a_draft(self):
        vals = {"subject": "s"}
        for extra in (
            {"state": "sent"},
            {"state": "approved"},
            {"reference": "L-1"},
            {"sent_at": "2026-01-01 00:00:00"},
            {"document_sha256": "x"},
        ):
            with self.subTest(extra=extra), self.assertRaises(UserError):
                self.Letter.with_user(self.manager).create({**vals, **extra})
        letter = (
            self.Letter.with_user(self.manager)
            .with_context(
                default_state="sent",
                default_reference="L-1",
                default_approved_by_id=self.manager.id,
            )
            .create(vals)
        )
        self.assertEqual(letter.state, "draft")
        self.assertFalse(letter.reference or letter.approved_by_id)
        self.assertEqual(self.Letter.create({**vals, "state": "draft"}).state, "draft")
        for record in (self.waiting, self.approved, self.sent):
            self.assertEqual(record.copy().state, "draft")
            self.assertEqual(record.copy({"subject": "b"}).state, "draft")
        result = self.Letter.with_user(self.manager).load(
            ["subject", "medium"], [["Imported", "Post"]]
        )
        self.assertEqual(self.Letter.browse(result["ids"]).state, "draft")

    def test_refused_to_strangers(self):
        public = self.env.ref("base.public_user")
        for user in (self.portal_user, public, self.internal_user, self.other_caseworker):
            for letter in (self.draft, self.sent):
                record = letter.with_user(user)
                with self.subTest(user=user.login):
                    self.assertFalse(record.has_access("read"))
                    for step, args in (
                        ("read", [["subject"]]),
                        ("write", [{"subject": "x"}]),
                        ("unlink", []),
                        ("action_cancel", []),
                        ("action_submit", []),
                        ("action_correct", []),
                    ):
                        with self.assertRaises(AccessError):
                            getattr(record, step)(*args)
        for user in (self.portal_user, public, self.internal_user):
            with self.assertRaises(AccessError):
                self.Letter.with_user(user).create({"subject": "s"})
        self.assertFalse(
            self.Letter.with_user(self.other_caseworker).search([("case_id", "=", self.case.id)])
        )

    def test_counted_are_those_that_are_found(self):
        restricted = self._make_case(confidentiality="restricted")
        self._make_letter(case_id=restricted.id, user=self.confidant)
        counts = {}
        for user in (self.caseworker, self.clerk, self.confidant, self.coordinator):
            letters = self.Letter.with_user(user)
            for domain in ([], [("state", "=", "draft")], [("subject", "ilike", "no such")]):
                found = len(letters.search(domain))
                for limit in (None, 0, 1, 2, 10_000):
                    with self.subTest(user=user.login, domain=domain, limit=limit):
                        count = letters.search_count(domain, limit=limit)
                        self.assertEqual(count, min(found, limit or found))
                counts[user, str(domain)] = found
        self.assertGreater(counts[self.confidant, "[]"], counts[self.coordinator, "[]"])

    def test_counting_up_to_a_limit_reads_letter_after_letter(self):
        letters = self.Letter.with_user(self.caseworker)
        with patch.object(
            type(letters), "_search", autospec=True, side_effect=type(letters)._search
        ) as search:
            letters.search_count([], limit=10)
        self.assertEqual(search.call_args.kwargs, {"limit": 10, "order": "id DESC"})

    def test_the_document_follows_the_letter(self):
        for user, allowed in (
            (self.caseworker, True),
            (self.coordinator, True),
            (self.other_caseworker, False),
            (self.portal_user, False),
            (self.internal_user, False),
        ):
            self.assertEqual(
                self.sent.document_id.with_user(user).has_access("read"), allowed, user.login
            )

    def test_restricted_cases(self):
        self.case.confidentiality = "restricted"
        self.env.flush_all()
        self.assertFalse(self.sent.with_user(self.coordinator).has_access("read"))
        self.assertTrue(self.sent.with_user(self.confidant).has_access("read"))

    def test_a_letter_that_also_answers_a_restricted_case(self):
        """Its second case was restricted after it was sent."""
        other = self._make_case(partner_id=self.resident.id)
        letter = self._make_sent(also_case_ids=[Command.set(other.ids)])
        approval = letter.sudo().approval_ids
        document = letter.document_id
        for record in (letter, approval, document):
            self.assertTrue(record.with_user(self.manager).has_access("read"), record)
        other.confidentiality = "restricted"
        self.env.flush_all()
        self.env.invalidate_all()
        for record in (letter, approval, document):
            self.assertFalse(record.with_user(self.manager).has_access("read"), record)
        for record in (letter, document):
            self.assertTrue(record.with_user(self.confidant).has_access("read"), record)
        self.assertNotIn(letter, self.Letter.with_user(self.caseworker).search([]))

    def test_drafts_are_deleted_by_caseworkers(self):
        self.draft.with_user(self.caseworker).unlink()
        self.assertFalse(self.draft.exists())


@tagged("post_install", "-at_install")
class TestLetterByRpc(LetterSetup, HttpCase):
    """The same through the real door."""

    def _call(self, method, *args, **kwargs):
        response = self.url_open(
            f"/web/dataset/call_kw/constituent.correspondence/{method}",
            data=json.dumps(
                {
                    "params": {
                        "model": "constituent.correspondence",
                        "method": method,
                        "args": args,
                        "kwargs": kwargs,
                    }
                }
            ),
            headers={"Content-Type": "application/json"},
        )
        return response.json()

    @mute_logger("odoo.http", "odoo.addons.base.models.ir_model", "odoo.addons.base.models.ir_rule")
    def test_no_way_past_the_buttons(self):
        letter = self._make_approved()
        for login in ("t_clerk", "t_caseworker", "t_manager", "t_portal"):
            self.authenticate(login, login)
            for method, args, context in (
                ("write", [{"state": "sent"}], {"tracking_disable": True}),
                ("_advance", ["sent"], {}),
                ("_send_one", [], {}),
                ("_delivery_done", [letter.delivery_ids.ids], {}),
                ("_write", [{"state": "sent"}], {}),
                ("web_save", [{"state": "sent"}, {}], {"default_state": "sent"}),
            ):
                with self.subTest(login=login, method=method):
                    answer = self._call(method, letter.ids, *args, context=context)
                    self.assertIn("error", answer)
            answer = self._call("create", [{"subject": "s", "state": "sent"}])
            self.assertIn("error", answer)
        self.authenticate("t_clerk", "t_clerk")
        self.assertIn("error", self._call("action_send", letter.ids))
        self.env.invalidate_all()
        self.assertEqual(letter.state, "approved")

    def test_a_caseworker_sends(self):
        letter = self._make_approved()
        self.authenticate("t_caseworker", "t_caseworker")
        self.assertNotIn("error", self._call("action_send", letter.ids))
        self.env.invalidate_all()
        self.assertEqual(letter.state, "sent")


@tagged("post_install", "-at_install")
class TestLetterViews(LetterSetup, ConstituentCommon):
    """The screens open for each role, and their filters find what they say."""

    def test_views_load(self):
        for user in (self.clerk, self.caseworker, self.manager):
            letters = self.Letter.with_user(user)
            for kind in ("list", "form", "search", "activity"):
                self.assertTrue(letters.get_view(view_type=kind)["arch"])
        arch = self.Letter.with_user(self.clerk).get_view(view_type="form")["arch"]
        self.assertNotIn("action_send", arch)
        self.assertIn("action_submit", arch)

    def test_filters(self):
        draft, sent = self._make_letter(), self._make_sent()
        waiting = self._make_letter()
        waiting.action_submit()
        returned = self._make_sent()
        returned.action_returned("Moved")
        arch = self.Letter.get_view(view_type="search")["arch"]
        for name in ("to_approve", "my_signature", "mine", "open", "sent_this_month", "returned"):
            self.assertIn(f'name="{name}"', arch)
        base = [("case_id", "=", self.case.id)]
        for domain, expected in (
            ([("state", "=", "to_approve")], waiting),
            ([("sent_at", ">=", "today =1d")], sent | returned),
            ([("state", "=", "returned_mail")], returned),
            ([("signatory_ids", "in", [self.manager.id])], draft | sent | waiting | returned),
        ):
            self.assertEqual(self.Letter.search(base + domain), expected.sorted("id", True))

    def test_the_form_reads_what_the_case_says(self):
        letter = self._make_letter()
        self.assertIn("It is deep.", letter.case_description)

    def test_case_form_begins_a_letter(self):
        arch = self.Case.with_user(self.clerk).get_view(view_type="form")["arch"]
        self.assertIn("action_choose_letter", arch)
        self.assertIn("action_view_correspondence", arch)

    def test_a_manager_of_the_system_has_no_more_rights(self):
        system = new_test_user(self.env, "t_system2", "base.group_system")
        self.assertFalse(self.Letter.with_user(system).has_access("read"))
