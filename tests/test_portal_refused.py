from odoo.exceptions import AccessError
from odoo.tests import tagged
from odoo.tests.common import JsonRpcException
from odoo.tools import mute_logger

from .common_public import OutsideHttpCase

OPERATIONS = ("read", "create", "write", "unlink")


@tagged("post_install", "-at_install")
class TestPortalRefused(OutsideHttpCase):
    """Outsiders have no rights on our models, and no way round through Odoo's doors."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.case = cls._make_case(partner_id=cls.portal_user.partner_id.id)
        cls.attachment = cls.env["ir.attachment"].create(
            {
                "name": "photo.txt",
                "raw": b"Attached secret",
                "res_model": "constituent.case",
                "res_id": cls.case.id,
            }
        )
        cls.message = cls.case.message_post(
            body="Said secret",
            message_type="comment",
            subtype_xmlid="mail.mt_comment",
            attachment_ids=cls.attachment.ids,
        )
        cls.letter = cls._make_letter(cls.case, cls.portal_user.partner_id)
        cls.models = sorted(
            name
            for name in cls.env.registry
            if name.startswith("constituent.") and not cls.env[name]._abstract
        )
        cls.public_user = cls.env.ref("base.public_user")

    def _rpc(self, model, method, *args, **kwargs):
        """Call as an outside program of the portal user would."""
        answer = self.url_open(
            "/jsonrpc",
            json={
                "jsonrpc": "2.0",
                "method": "call",
                "params": {
                    "service": "object",
                    "method": "execute_kw",
                    "args": [
                        self.env.cr.dbname,
                        self.portal_user.id,
                        self.portal_user.login,
                        model,
                        method,
                        args,
                        kwargs,
                    ],
                },
            },
        ).json()
        return answer

    def _assert_rpc_refused(self, model, method, *args, **kwargs):
        answer = self._rpc(model, method, *args, **kwargs)
        self.assertIn("error", answer, f"{model}.{method}")
        self.assertIn(
            answer["error"]["data"]["name"],
            ("odoo.exceptions.AccessError", "odoo.exceptions.UserError"),
            f"{model}.{method}: {answer['error']['data']['message']}",
        )
        return answer

    def _call(self, route, **params):
        """Call a JSON route; return its answer as text, errors as an empty one."""
        try:
            return repr(self.make_jsonrpc_request(route, params))
        except JsonRpcException:
            return ""

    # Rights

    def test_there_are_models(self):
        self.assertIn("constituent.case", self.models)
        self.assertGreater(len(self.models), 15)

    def test_no_rights_on_any_model(self):
        for user in (self.portal_user, self.public_user):
            for model in self.models:
                for operation in OPERATIONS:
                    self.assertFalse(
                        self.env[model].with_user(user).has_access(operation),
                        f"{user.login} may {operation} {model}",
                    )

    @mute_logger("odoo.http", "odoo.addons.base.models.ir_model", "odoo.sql_db")
    def test_refused_by_rpc_on_every_model(self):
        for model in self.models:
            # Nothing of a model is read here but an id to try.
            record_id = self.env[model].sudo().search([], limit=1).id or 1
            name = next(
                name
                for name, field in self.env[model]._fields.items()
                if field.store and name != "id" and field.type in ("char", "boolean", "many2one")
            )
            self._assert_rpc_refused(model, "search", [])
            self._assert_rpc_refused(model, "search_read", [], ["display_name"])
            self._assert_rpc_refused(model, "read", [record_id], ["display_name"])
            self._assert_rpc_refused(model, "create", [{}])
            self._assert_rpc_refused(model, "write", [record_id], {name: False})
            self._assert_rpc_refused(model, "unlink", [record_id])

    @mute_logger("odoo.http", "odoo.addons.base.models.ir_model")
    def test_refused_methods_that_tell_or_do_something(self):
        for method, args in (
            ("get_portal_url", ()),
            ("action_assign_to_me", ()),
            ("action_route_again", ()),
            ("message_post", ()),
            ("export_data", (["number", "access_token"],)),
            ("copy", ()),
        ):
            self._assert_rpc_refused("constituent.case", method, [self.case.id], *args)
        self._rpc(
            "constituent.case",
            "message_subscribe",
            [self.case.id],
            [self.portal_user.partner_id.id],
        )
        self.assertFalse(self.case.user_id)
        self.assertNotIn(self.portal_user.partner_id, self.case.message_partner_ids)
        for method in (
            "_find_by_token",
            "_public_projection",
            "intake",
            "_portal_domain",
        ):
            answer = self._rpc("constituent.case", method, [self.case.id])
            self.assertIn("error", answer, method)

    @mute_logger(
        "odoo.http",
        "odoo.addons.base.models.ir_model",
        "odoo.addons.base.models.ir_rule",
    )
    def test_relations_do_not_lead_in(self):
        """Contacts are readable to their owner, but not the cases behind them."""
        partner = self.portal_user.partner_id
        for name in ("case_ids", "case_count", "correspondence_count"):
            answer = self._rpc("res.partner", "read", [partner.id], [name])
            self.assertNotIn(f"[{self.case.id}]", repr(answer.get("result")))
            self.assertFalse((answer.get("result") or [{}])[0].get(name), answer)
        answer = self._rpc("res.partner", "search", [["case_ids.number", "=", self.case.number]])
        self.assertFalse(answer.get("result"))

    # Messages and files

    @mute_logger(
        "odoo.http",
        "odoo.addons.base.models.ir_rule",
        "odoo.addons.base.models.ir_model",
    )
    def test_messages_and_files_by_rpc(self):
        on_case = [["model", "=", "constituent.case"], ["res_id", "=", self.case.id]]
        for model, record, field in (
            ("mail.message", self.message, "body"),
            ("ir.attachment", self.attachment, "raw"),
            ("ir.attachment", self.letter.document_id, "datas"),
        ):
            answer = self._rpc(model, "read", [record.id], [field])
            self.assertEqual(answer["error"]["data"]["name"], "odoo.exceptions.AccessError")
        self.assertFalse(self._rpc("mail.message", "search", on_case).get("result"))
        on_case = [
            ["res_model", "=", "constituent.case"],
            ["res_id", "=", self.case.id],
        ]
        self.assertFalse(self._rpc("ir.attachment", "search", on_case).get("result"))
        followers = self._rpc("mail.followers", "search", [["res_model", "=", "constituent.case"]])
        self.assertFalse(followers.get("result"))

    def test_files_by_address(self):
        for login in (None, self.portal_user.login):
            self.authenticate(login, login)
            for path in (
                f"content/{self.attachment.id}",
                f"content/{self.attachment.id}?access_token={self.case.access_token}",
                f"image/{self.attachment.id}?access_token={self.case.access_token}",
                f"content/{self.letter.document_id.id}",
                f"content/constituent.correspondence/{self.letter.id}/document_id",
                f"content/constituent.case/{self.case.id}/access_token",
                f"content?model=constituent.case&id={self.case.id}&field=description"
                f"&access_token={self.case.access_token}",
            ):
                answer = self.url_open(f"/web/{path}")
                for secret in (b"Attached secret", b"a letter", b"It is deep"):
                    self.assertNotIn(secret, answer.content, path)

    # The portal's chatter

    def _chatter_keys(self):
        """Return what Odoo's portal takes for a permission, right for this case."""
        partner = self.portal_user.partner_id
        return [
            {"token": self.case.access_token},
            {"pid": partner.id, "hash": self.case._sign_token(partner.id)},
            {},
        ]

    @mute_logger("odoo.http", "odoo.addons.mail.models.mail_thread")
    def test_chatter_is_not_read(self):
        thread = {"thread_model": "constituent.case", "thread_id": self.case.id}
        for login in (None, self.portal_user.login):
            self.authenticate(login, login)
            for keys in self._chatter_keys():
                for route in (
                    "/mail/chatter_fetch",
                    "/portal/chatter_init",
                    "/mail/thread/messages",
                    "/mail/thread/recipients",
                    "/mail/thread/recipients/get_suggested_recipients",
                ):
                    said = self._call(route, **thread, **keys)
                    self.assertNotIn("secret", said, route)
                    self.assertNotIn("hasReadAccess", said, route)
                    self.assertNotIn("ana.rivera", said, route)
                said = self._call(
                    "/mail/data",
                    fetch_params=[
                        [
                            "mail.thread",
                            {
                                **thread,
                                "request_list": [
                                    "messages",
                                    "attachments",
                                    "followers",
                                ],
                                "access_params": keys,
                            },
                        ]
                    ],
                )
                self.assertNotIn("secret", said)
                self.assertNotIn("photo.txt", said)

    @mute_logger("odoo.http", "odoo.addons.mail.models.mail_thread")
    def test_chatter_is_not_written(self):
        before = self.case.message_ids
        for login in (None, self.portal_user.login):
            self.authenticate(login, login)
            for keys in self._chatter_keys():
                self._call(
                    "/mail/message/post",
                    thread_model="constituent.case",
                    thread_id=self.case.id,
                    post_data={"body": "Forged"},
                    **keys,
                )
                self._call(
                    "/mail/message/reaction",
                    message_id=self.message.id,
                    content="👍",
                    action="add",
                    **keys,
                )
                self._call(
                    "/mail/message/update_content",
                    message_id=self.message.id,
                    update_data={"body": "Forged", "attachment_ids": []},
                    **keys,
                )
                self.url_open(
                    "/mail/attachment/upload",
                    data={
                        "thread_model": "constituent.case",
                        "thread_id": self.case.id,
                        "is_pending": "false",
                        **keys,
                    },
                    files={"ufile": ("forged.txt", b"Forged")},
                )
        self.env.invalidate_all()
        self.assertEqual(self.case.message_ids, before)
        self.assertIn("Said secret", self.message.body)
        self.assertFalse(self.message.reaction_ids)
        self.assertFalse(self.env["ir.attachment"].search([("name", "=", "forged.txt")]))

    def test_author_picture_is_not_shown_for_a_token(self):
        url = f"/mail/avatar/mail.message/{self.message.id}/author_avatar/50x50"
        plain = self.url_open(url)
        with_token = self.url_open(f"{url}?access_token={self.case.access_token}")
        if with_token.status_code == 200:
            self.assertEqual(with_token.content, plain.content)

    def test_mail_view_gives_nothing_away(self):
        address = f"/mail/view?model=constituent.case&res_id={self.case.id}"
        for keys in ("", f"&access_token={self.case.access_token}"):
            answer = self.url_open(address + keys, allow_redirects=False)
            self.assertIn(answer.status_code, (302, 303))
            self.assertNotIn("constituent/case/", answer.headers["Location"])
            page = self.url_open(address + keys)
            self.assertNotIn(self.case.number, page.text)

    def test_staff_still_have_their_thread(self):
        """The door is shut for tokens, not for who has the right to read."""
        cases = self.env["constituent.case"].with_user(self.coordinator)
        self.assertEqual(cases._get_thread_with_access(self.case.id), self.case)
        cases = self.env["constituent.case"].with_user(self.portal_user)
        for keys in self._chatter_keys():
            self.assertFalse(cases._get_thread_with_access(self.case.id, **keys))
        with self.assertRaises(AccessError):
            cases.browse(self.case.id).read(["name"])
