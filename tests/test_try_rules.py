"""Trying the rules: what would happen and why, and nothing is left of it."""

from lxml import etree

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .common import ConstituentCommon

MAIL = """From: =?utf-8?q?In=C3=A9s_Prueba?= <ines@example.com>
To: 311@city.example.org
Subject: A testpothole
Content-Type: text/plain; charset=utf-8

It is deep, and a testtree lies in it.

> On Monday you wrote:
> testtree testtree
"""


@tagged("post_install", "-at_install")
class TestTryRules(ConstituentCommon):
    def _try(self, user=None, **vals):
        wizard = self.env["constituent.try.rules.wizard"].with_user(user or self.coordinator)
        wizard = wizard.create(vals)
        action = wizard.action_try()
        self.assertEqual((action["res_id"], action["target"]), (wizard.id, "new"))
        return wizard.result

    def _counts(self):
        self.env.flush_all()
        return {
            name: self.env[name].with_context(active_test=False).search_count([])
            for name in (
                "constituent.case", "constituent.case.event", "res.partner", "mail.message",
                "constituent.delivery", "constituent.case.subscription", "mail.activity",
            )
        }  # fmt: skip

    def test_a_description(self):
        result = self._try(subject="A testpothole", text="It is deep.")
        for expected in ("Test Pothole", "Streets Department", "By the category", "score 67"):
            self.assertIn(expected, result)

    def test_a_whole_mail_by_its_heads(self):
        result = self._try(text=MAIL)
        self.assertIn("Inés Prueba", result)
        self.assertIn("New contact", result)
        self.assertIn("Test Pothole", result)

    def test_a_known_sender(self):
        sender = "=?utf-8?q?In=C3=A9s_Prueba?= <ines@example.com>"
        result = self._try(text=MAIL.replace(sender, "Ana Rivera <ana.rivera@example.org>"))
        self.assertIn("Identified by mail address", result)

    def test_a_rule_says_its_name(self):
        self.env["constituent.routing.rule"].create(
            {"name": "Sinkholes first", "keywords": "sinkhole", "department_id": self.parks.id}
        )
        result = self._try(text="There is a sinkhole here")
        self.assertIn("Sinkholes first", result)
        self.assertIn("Parks Department", result)

    def test_the_window_shows_it_first(self):
        wizard = self.env["constituent.try.rules.wizard"].with_user(self.coordinator)
        arch = etree.fromstring(wizard.get_view(view_type="form")["arch"])
        names = [node.get("name") for node in arch.iter("field")]
        self.assertEqual(names[:2], ["result", "subject"])

    def test_nothing_is_created(self):
        before = self._counts()
        self._try(text=MAIL)
        self._try(subject="A testpothole", partner_name="New Person", partner_phone="+12125550000")
        self.assertEqual(self._counts(), before)
        self.assertFalse(self.env["res.partner"].search([("email", "=", "ines@example.com")]))

    def test_a_broken_step_shows_and_changes_nothing(self):
        self.patch(
            type(self.Case), "_intake_classify", lambda *_args: (_ for _ in ()).throw(ValueError())
        )
        with self.assertLogs("odoo.addons.constituent_services.models.constituent_case_intake"):
            result = self._try(subject="A testpothole")
        self.assertIn("Step failed", result)

    def test_markup_is_shown_as_text(self):
        result = self._try(subject="<script>alert(1)</script>", partner_name="<b>x</b>")
        self.assertNotIn("<script", result)
        self.assertNotIn("<b>x", result)

    def test_what_looks_like_a_head_is_a_description(self):
        result = self._try(text="Please note: a testtree fell.\nIt blocks the way.")
        self.assertIn("Test Tree", result)

    def test_nothing_to_try(self):
        with self.assertRaisesRegex(UserError, "Paste a mail"):
            self._try(text="  ")
        with self.assertRaisesRegex(UserError, "more than 200000 letters"):
            self._try(text="x" * 200_001)

    def test_coordinators_only(self):
        for user in (self.clerk, self.caseworker, self.portal_user, self.internal_user):
            with self.subTest(user.login), self.assertRaises(AccessError):
                self._try(user=user, subject="x")
