"""A word of an approved letter changed by every door: void or refused each time."""

import json

from psycopg2.errors import RestrictViolation

from odoo import SUPERUSER_ID, api
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import Form, HttpCase, new_test_user, tagged
from odoo.tools import mute_logger

from .approval_common import ApprovalSetup
from .common import ConstituentCommon

OTHER = "<p>We inspected the place on <b>November 13</b> and will fill it.</p>"


@tagged("post_install", "-at_install")
class TestEveryDoor(ApprovalSetup, ConstituentCommon):
    """The commissioner approved it; afterwards somebody writes another word."""

    def setUp(self):
        super().setUp()
        self._rule("The head", approver_kind="head")
        self.letter = self._submitted()
        self.letter.with_user(self.head).action_approve()
        self.assertEqual(self.letter.state, "approved")

    def _assert_void(self):
        self.env.flush_all()
        self.env.invalidate_all()
        self.assertEqual(self.letter.state, "draft")
        self.assertFalse(self.letter.approved_by_id or self.letter.approved_digest)
        self.assertEqual(self.letter.sudo().approval_ids[0].decision, "voided")
        with self.assertRaises(UserError):
            self.letter.with_user(self.manager).action_send()

    def test_by_the_form(self):
        with Form(self.letter.with_user(self.caseworker)) as form:
            form.body = OTHER
        self._assert_void()

    def test_by_context_keys(self):
        letter = self.letter.with_user(self.caseworker).with_context(
            tracking_disable=True, mail_notrack=True, install_mode=True, no_seal=True,
            constituent_read_digest=self.letter.approved_digest, default_state="approved",
        )  # fmt: skip
        letter.write({"body": OTHER})
        self._assert_void()

    def test_by_import(self):
        letters = self.Letter.with_user(self.manager)
        self.env["ir.model.data"].create(
            {
                "module": "__test__",
                "name": "letter",
                "model": letters._name,
                "res_id": self.letter.id,
            }
        )
        result = letters.load(["id", "subject"], [["__test__.letter", "Another subject"]])
        self.assertEqual(result["ids"], self.letter.ids)
        self._assert_void()

    def test_by_a_server_action(self):
        action = self.env["ir.actions.server"].create(
            {
                "name": "Another word",
                "model_id": self.env["ir.model"]._get_id(self.Letter._name),
                "state": "code",
                "code": f"record.sudo().write({{'body': {OTHER!r}}})",
            }
        )
        action.with_context(active_model=self.Letter._name, active_id=self.letter.id).run()
        self._assert_void()

    def test_by_a_superuser(self):
        self.letter.with_user(SUPERUSER_ID).body = OTHER
        self._assert_void()

    def test_by_mail(self):
        """An answer that comes by mail is no word of the letter."""
        before = self.letter.body
        self.letter.message_post(
            body=OTHER, subject="Re: letter", message_type="email", email_from="a@example.org"
        )
        self.assertEqual(self.letter.body, before)
        self.assertEqual(self.letter._approval_gap(), "")
        # Where a gateway would write what it reads, it goes the way of every write.
        self.letter.message_update({"subject": "x"}, {"body": OTHER})
        self._assert_void()

    def test_by_a_copy(self):
        copy = self.letter.with_user(self.caseworker).copy({"body": OTHER})
        self.assertEqual(copy.state, "draft")
        self.assertFalse(copy.approved_digest or copy.sudo().approval_ids)
        with self.assertRaises(UserError):
            copy.action_send()

    def test_by_what_it_refers_to(self):
        self.resident.with_user(self.clerk).name = "Somebody Else"
        answer = self.letter.with_user(self.caseworker).action_send()
        self.assertEqual(answer["params"]["type"], "danger")
        self._assert_void()

    def test_by_sql(self):
        """Even who owns the database finds that the digest does not fit."""
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE constituent_correspondence SET body = %s WHERE id = %s",
            (OTHER, self.letter.id),
        )
        self.env.invalidate_all()
        self.letter.with_user(self.caseworker).action_send()
        self._assert_void()

    def test_state_by_no_door(self):
        draft = self._make_letter()
        for user in (self.caseworker, self.manager, self.env.ref("base.user_root")):
            for vals in (
                {"approved_digest": self.letter.approved_digest},
                {"waiting_for_ids": [Command.clear()]},
                {"decided_by_ids": [Command.link(user.id)]},
                {"submitted_at": "2026-11-01 00:00:00"},
            ):
                with self.assertRaises(UserError):
                    draft.with_user(user).write(vals)


@tagged("post_install", "-at_install")
class TestApprovalRows(ApprovalSetup, ConstituentCommon):
    """Nobody writes, changes or removes a decision."""

    def setUp(self):
        super().setUp()
        self.letter = self._make_approved()
        self.rows = self.letter.sudo().approval_ids

    def _vals(self, user):
        return {
            "correspondence_id": self.letter.id,
            "user_id": user.id,
            "decision": "approved",
            "digest": self.letter.approved_digest,
            "company_id": self.company.id,
        }

    def test_no_role_writes_one(self):
        system = new_test_user(self.env, "t_system3", "base.group_system")
        for user in (
            self.clerk, self.caseworker, self.coordinator, self.manager, self.confidant,
            self.portal_user, self.internal_user, system, self.env.ref("base.public_user"),
        ):  # fmt: skip
            rows = self.env["constituent.approval"].with_user(user)
            with self.subTest(user=user.login):
                with self.assertRaises(AccessError):
                    rows.create(self._vals(user))
                with self.assertRaises(AccessError):
                    rows.browse(self.rows.ids).write({"comment": "x"})
                with self.assertRaises(AccessError):
                    rows.browse(self.rows.ids).unlink()
                with self.assertRaises(AccessError):
                    self.letter.with_user(user).write(
                        {"approval_ids": [Command.create(self._vals(user))]}
                    )
                if user != self.manager:
                    self.assertFalse(rows.has_access("read"))

    def test_not_even_a_superuser_changes_one(self):
        with self.assertRaises(UserError):
            self.rows[0].comment = "x"
        with self.assertRaises(UserError):
            self.rows.unlink()

    @mute_logger("odoo.sql_db")
    def test_the_database_refuses_too(self):
        self.env.flush_all()
        for query in (
            "UPDATE constituent_approval SET comment = 'x' WHERE id = %s",
            "UPDATE constituent_approval SET digest = 'x' WHERE id = %s",
            "DELETE FROM constituent_approval WHERE id = %s",
        ):
            with self.assertRaises(RestrictViolation), self.env.cr.savepoint():
                self.env.cr.execute(query, (self.rows[0].id,))

    def test_a_letter_with_decisions_is_not_deleted(self):
        self.letter.action_reset_draft()
        with self.assertRaisesRegex(UserError, "cancel it instead"):
            self.letter.with_user(self.caseworker).unlink()
        self.assertTrue(self.letter.exists())

    def test_managers_read_them_of_their_offices(self):
        rows = self.env["constituent.approval"].with_user(self.manager)
        self.assertIn(self.rows[0], rows.search([]))
        self.case.confidentiality = "restricted"
        self.env.flush_all()
        self.assertNotIn(self.rows[0], rows.search([]))
        company = self.env["res.company"].create({"name": "Harbor Authority"})
        foreign = self._make_user("manager", login="foreign")
        foreign.write({"company_ids": [Command.set(company.ids)], "company_id": company.id})
        self.case.with_user(self.confidant).confidentiality = "public"
        rows = self.env["constituent.approval"].with_user(foreign)
        self.assertNotIn(self.rows[0], rows.search([]))


@tagged("post_install", "-at_install")
class TestSignatures(ApprovalSetup, ConstituentCommon):
    """A scanned signature is its owner's, letter by letter."""

    def setUp(self):
        super().setUp()
        self.signature = self._keep_signature(self.head)

    def _signed(self):
        letter = self._submitted()
        letter.with_user(self.head).action_approve_and_sign()
        return letter

    def test_on_this_letter_and_no_other(self):
        signed = self._signed()
        (block,) = signed._letter_values()["signatories"]
        self.assertTrue(block["image"].startswith("data:image/jpeg"))
        self.assertEqual(block["image_alt"], "Signature of Test Manager")
        other = self._submitted()
        other.with_user(self.head).action_approve()
        self.assertFalse(other._letter_values()["signatories"][0]["image"])
        other.with_user(self.caseworker).action_send()
        signed.with_user(self.caseworker).action_send()
        self.assertGreater(len(signed.document_id.sudo().raw), len(other.document_id.sudo().raw))

    def test_never_on_a_draft(self):
        letter = self._make_letter()
        self.assertFalse(letter._letter_values()["signatories"][0]["image"])
        signed = self._signed()
        signed.with_user(self.caseworker).subject = "Other"
        self.assertFalse(signed._letter_values()["signatories"][0]["image"])

    def test_only_who_signs_authorizes_it(self):
        self._keep_signature(self.caseworker)
        letter = self._submitted()
        self.assertFalse(letter.with_user(self.caseworker).may_sign)
        with self.assertRaisesRegex(UserError, "not yours to sign"):
            letter.with_user(self.caseworker).action_approve_and_sign()
        self.assertTrue(letter.with_user(self.head).may_sign)
        self.signature.with_user(self.head).unlink()
        with self.assertRaisesRegex(UserError, "no scanned signature"):
            letter.with_user(self.head).action_approve_and_sign()

    def test_another_one_was_not_authorized(self):
        letter = self._signed()
        self.signature.with_user(self.head).unlink()
        self._keep_signature(self.head)
        with self.assertRaisesRegex(UserError, "another scanned signature"):
            letter.with_user(self.caseworker).action_send()

    def test_nobody_else_reads_it(self):
        system = new_test_user(self.env, "t_system4", "base.group_system")
        for user in (
            self.clerk, self.caseworker, self.coordinator, self.confidant, self.portal_user,
            self.internal_user, system, self.env.ref("base.user_admin"),
        ):  # fmt: skip
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                self.signature.with_user(user).read(["image"])
        self.assertTrue(self.signature.with_user(self.head).read(["image"])[0]["image"])

    def test_one_keeps_ones_own_only(self):
        signatures = self.env["constituent.signature"]
        vals = {"image": self.signature.image, "user_id": self.head.id}
        own = signatures.with_user(self.clerk).create(vals)
        self.assertEqual(own.user_id, self.clerk)
        with self.assertRaises(AccessError):
            self.signature.with_user(self.clerk).write({"image": own.image})

    def test_it_must_be_a_picture(self):
        with self.assertRaisesRegex(UserError, "must be a picture"):
            self.env["constituent.signature"].create({"image": b"bm90aGluZw=="})


@tagged("post_install", "-at_install")
class TestApprovalByRpc(ApprovalSetup, HttpCase):
    """The same through the real door."""

    def _call(self, model, method, *args, **kwargs):
        params = {"model": model, "method": method, "args": args, "kwargs": kwargs}
        response = self.url_open(
            f"/web/dataset/call_kw/{model}/{method}",
            data=json.dumps({"params": params}),
            headers={"Content-Type": "application/json"},
        )
        return response.json()

    @mute_logger("odoo.http", "odoo.addons.base.models.ir_model", "odoo.addons.base.models.ir_rule")
    def test_no_way_past_the_decision(self):
        self._rule("The head", approver_kind="head")
        letter = self._submitted()
        for login in ("t_clerk", "t_caseworker", "t_coordinator", "t_portal"):
            self.authenticate(login, login)
            for method in (
                "action_approve", "action_approve_and_sign", "_approve", "_approve_one",
                "_decide", "_after_decision", "action_send",
            ):  # fmt: skip
                with self.subTest(login=login, method=method):
                    answer = self._call(letter._name, method, letter.ids)
                    self.assertIn("error", answer)
            answer = self._call(
                "constituent.approval",
                "create",
                [{"correspondence_id": letter.id, "decision": "approved", "digest": "x"}],
            )
            self.assertIn("error", answer)
        self.env.invalidate_all()
        self.assertEqual(letter.state, "to_approve")

    def test_a_word_by_rpc(self):
        letter = self._make_approved()
        self.authenticate("t_caseworker", "t_caseworker")
        answer = self._call(
            letter._name,
            "web_save",
            letter.ids,
            {"body": OTHER},
            {},
            context={"tracking_disable": True},
        )
        self.assertNotIn("error", answer)
        self.env.invalidate_all()
        self.assertEqual(letter.state, "draft")
        self.assertIn("error", self._call(letter._name, "action_send", letter.ids))


@tagged("post_install", "-at_install")
class TestApprovalsHandedOver(ApprovalSetup, ConstituentCommon):
    """Somebody leaves; what waits for them waits for who takes over."""

    def test_rules_and_counsel(self):
        rule = self._rule("Counsel reads", self.counsel, self.second)
        self.company.constituent_counsel_ids = self.counsel
        letter = self._submitted()
        self.counsel.with_user(self.manager)._constituent_hand_over({}, self.deputy, "Left")
        self.assertEqual(rule.approver_ids, self.second | self.deputy)
        self.assertEqual(self.company.constituent_counsel_ids, self.deputy)
        self.assertEqual(letter.sudo().waiting_for_ids, self.second | self.deputy)
        letter.with_user(self.deputy).action_approve()
        self.assertEqual(letter.state, "approved")

    def test_a_coordinator_hands_no_powers_over(self):
        rule = self._rule("Counsel reads", self.counsel)
        done = self.counsel.with_user(self.coordinator)._constituent_hand_over(
            {}, self.deputy, "Left"
        )
        self.assertEqual(rule.approver_ids, self.counsel)
        self.assertNotIn("named_in", done)

    def test_letters_to_sign(self):
        self._rule("Who signs", approver_kind="signatories")
        letter = self._submitted(signatory_ids=[Command.set(self.second.ids)])
        self.second.with_user(self.coordinator)._constituent_hand_over({}, self.deputy, "Left")
        self.assertEqual(letter.signatory_ids, self.deputy)
        env = api.Environment(self.env.cr, self.deputy.id, {})
        self.assertEqual(letter.state, "to_approve")
        self.assertTrue(letter.with_env(env).waits_for_me)
