"""Who may hand in mail, what a stranger's mail may do, and mail made to break readers."""

import time

from odoo.exceptions import AccessError
from odoo.service.model import call_kw
from odoo.tests import new_test_user

from .mail_common import InboundCommon

OVERLAY = (
    '<div style="position:fixed;top:0;left:0;width:100%;height:100%;z-index:9999" '
    'class="modal o_dialog" id="wrap">Overlay</div>'
    '<p style="text-align: center">Middle</p>'
    '<a href="/web/session/logout">Leave</a> <a href="https://city.example/x">Stay</a>'
)


class TestWhoHandsIn(InboundCommon):
    """Who hands in mail writes in anybody's name: the mail server only."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.gateway = new_test_user(cls.env, "t_gateway", "constituent_services.group_mail_gateway")
        cls.administrator = new_test_user(cls.env, "t_admin", "base.group_system")
        cls.case = cls._make_case(confidentiality="restricted", department_id=cls.parks.id)
        cls.letter = cls.env["constituent.correspondence"].create(
            {"subject": "A letter", "body": "<p>x</p>", "case_id": cls.case.id}
        )
        cls.loose = cls.env["constituent.correspondence"].create(
            {"subject": "A letter of no case", "body": "<p>x</p>"}
        )

    def _call(self, user, model, **heads):
        """Hand a message in as a program does over RPC."""
        thread_id = heads.pop("thread_id", None)
        values = heads.pop("custom_values", None)
        message = self._mail(**{"To": "n@elsewhere.example", **heads}).decode()
        thread = self.env(user=user.id, su=False, context={})["mail.thread"]
        kwargs = {"thread_id": thread_id, "custom_values": values}
        with self.enter_registry_test_mode():
            return call_kw(thread, "message_process", [model, message], kwargs)

    def _count(self):
        return [
            self.env[name].search_count([])
            for name in ("constituent.case", "constituent.inbound.mail", "mail.message",
                         "constituent.correspondence", "constituent.department")
        ]  # fmt: skip

    def test_others_are_refused_whatever_they_try(self):
        message = self.case.message_post(body="Asked")
        of_letter = self.loose.message_post(body="About the letter")
        of_office = self.streets.message_post(body="About the department")
        tries = (
            ("constituent.case", {"thread_id": self.case.id}),
            ("constituent.case", {"custom_values": {"company_id": 1, "mode": "import"}}),
            ("constituent.correspondence", {"thread_id": self.letter.id}),
            ("constituent.correspondence", {}),
            ("constituent.department", {}),
            (False, {"To": self.streets_address}),
            (False, {"In_Reply_To": message.message_id, "From": self.caseworker.email}),
            ("res.partner", {"In_Reply_To": of_letter.message_id}),
            ("res.partner", {"In_Reply_To": of_office.message_id}),
        )
        before = self._count()
        for user in (self.internal_user, self.clerk, self.manager, self.portal_user):
            for model, values in tries:
                with (
                    self.subTest(user.login, model=model, values=values),
                    self.assertRaisesRegex(AccessError, "mail server only"),
                ):
                    self._call(user, model, **values)
        self.assertEqual(self._count(), before)

    def test_the_gateway_and_administrators_hand_in(self):
        for user in (self.gateway, self.administrator):
            with self.subTest(user.login):
                case_id = self._call(user, "constituent.case", Subject=user.login)
                self.assertEqual(self.Case.browse(case_id).name, user.login)
                self.assertEqual(self.Inbound.search([], limit=1).gateway_user_id, user)

    def test_mail_of_others_is_odoos_matter(self):
        partner_id = self._call(self.administrator, "res.partner", Subject="Not ours")
        self.assertEqual(self.env["res.partner"].browse(partner_id).name, "Not ours")
        self.assertFalse(self.Inbound.search([]))

    def test_a_letter_is_no_way_round_the_register(self):
        for values in (
            {"thread_id": self.letter.id, "model": "constituent.correspondence"},
            {"In_Reply_To": self.letter.message_post(body="Sent").message_id, "model": False},
        ):
            with self.subTest(values):
                before = self.letter.message_ids
                model = values.pop("model")
                subject = f"Answer by {model}"
                case_id = self._call(self.gateway, model, Subject=subject, **values)
                self.assertEqual(case_id, self.case.id)
                self.assertEqual(self.Inbound.search([], limit=1).state, "reply")
                self.assertEqual(self.letter.message_ids, before)

    def test_what_answers_nothing_with_a_case_is_a_new_case(self):
        references = [
            record.message_post(body="x").message_id for record in (self.loose, self.streets)
        ]
        before = self.loose.message_ids, self.streets.message_ids
        for number, reference in enumerate(references):
            with self.subTest(number):
                subject = f"Number {number}"
                case_id = self._call(self.gateway, False, In_Reply_To=reference, Subject=subject)
                self.assertEqual(self.Case.browse(case_id).name, subject)
        self.assertEqual((self.loose.message_ids, self.streets.message_ids), before)

    def test_an_alias_of_another_model_of_ours_leads_nowhere(self):
        self.env["mail.alias"].create(
            {
                "alias_name": "t-letters",
                "alias_model_id": self.env["ir.model"]._get_id("constituent.correspondence"),
            }
        )
        before = self._count()
        with self.assertRaises(ValueError), self.enter_registry_test_mode():
            self.env["mail.thread"].message_process(
                False, self._mail(To=f"t-letters@{self.alias_domain}")
            )
        self.assertEqual(self._count(), before)


class TestStrangersMarkup(InboundCommon):
    """Nothing a stranger writes lies over the screen or leads into the office."""

    def test_description_and_message(self):
        case = self._take(self._mail(html=OVERLAY)).case_id
        for word in ("position", "z-index", "modal", "wrap", "/web/session/logout"):
            self.assertNotIn(word, case.description)
        for word in ("Overlay", "Leave", "text-align", 'href="https://city.example/x"'):
            self.assertIn(word, case.description)
        self.assertIn("noopener", case.description)
        body = case.message_ids[-1].body
        self.assertNotIn("/web/session/logout", body)
        self.assertNotIn("position", body)

    def test_the_quoted_part(self):
        outlook = "<div style='border:none;border-top:solid #E1E1E1 1.0pt'>From: x</div>"
        html = f"<p>New words</p>{outlook}{OVERLAY}"
        row = self._take(self._mail(html=html))
        self.assertIn("Overlay", row.quoted)
        self.assertNotIn("Overlay", row.case_id.description)
        for word in ("position", "z-index", "modal", "/web/session/logout"):
            self.assertNotIn(word, row.quoted)


class TestHostileMail(InboundCommon):
    """Whatever is sent, it is in the register within seconds."""

    def _hostile(self):
        to = f"To: {self.streets_address}\n".encode()
        plain = b"From: a@example.org\nSubject: x\n" + to
        nested = b"".join(
            b'Content-Type: multipart/mixed; boundary="b%d"\n\n--b%d\n' % (n, n)
            for n in range(1200)
        )
        return {
            "brackets": plain + b"To: " + b"(" * 3000 + b"\n\nx",
            "brackets in From": b"From: " + b"(" * 3000 + b"a@b.example\n" + to + b"\nx",
            "messages in messages": plain + b"Content-Type: message/rfc822\n\n" * 1500 + b"x",
            "a report of them": b"From: mailer-daemon@x.example\n"
            + to
            + b"Content-Type: message/rfc822\n\n" * 1500
            + b"x",
            "parts in parts": plain + nested + b"Content-Type: text/plain\n\nhi\n",
            "encoded words": b"Subject: " + b"=?utf-8?q?a?= " * 50_000 + b"\n" + plain + b"\nx",
            "a long From": b"From: " + b"a@b.example, " * 80_000 + b"\n" + to + b"\nx",
        }

    def test_each_ends_registered(self):
        for name, raw in self._hostile().items():
            with self.subTest(name):
                started = time.monotonic()
                row = self._take(raw)
                self.assertEqual(len(row), 1)
                self.assertEqual(row.raw.raw, raw)
                self.assertLess(time.monotonic() - started, 15)
