import json
from unittest.mock import patch

from psycopg2 import IntegrityError
from psycopg2.errors import RestrictViolation

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import Form, HttpCase, new_test_user, tagged
from odoo.tools import mute_logger

from .common import ConstituentCommon
from .letter_common import LetterSetup

# Odoo takes these out of any write: they follow from the content.
FOLLOWS_CONTENT = {"store_fname", "checksum", "file_size"}
CONTEXT_KEYS = {
    "_force_unlink": True,
    "tracking_disable": True,
    "mail_notrack": True,
    "install_mode": True,
    "module": "constituent_services",
    "import_file": True,
    "active_test": False,
    "constituent_seal": False,
    "no_seal": True,
}


class SealedSetup(LetterSetup):
    """A letter that was sent, its document, its event, and a mail that became a case."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.letter = cls._make_sent(cc_partner_ids=[Command.set(cls.company.partner_id.ids)])
        cls.document = cls.letter.document_id.sudo()
        cls.event = cls.case.event_ids.filtered(lambda event: event.kind == "letter")
        raw = cls.env["ir.attachment"].create({"name": "original.eml", "raw": b"From: a@b.c"})
        cls.mail = cls.env["constituent.inbound.mail"].create(
            {
                "raw": raw.id,
                "raw_sha256": "0" * 64,
                "state": "case",
                "case_id": cls.case.id,
                "subject": "Testpothole",
                "email_from": "ana.rivera@example.org",
                "company_id": cls.company.id,
            }
        )
        raw._constituent_seal()
        cls.raw = raw
        cls.env.flush_all()
        cls.sealed = (cls.letter, cls.document, cls.event, cls.mail, cls.raw)

    def _rows(self):
        """Return what the sealed columns hold now, read from the tables."""
        self.env.flush_all()
        rows = {}
        for record in self.sealed:
            columns = ["id", *record._seal_columns, record._seal_field or "id"]
            self.env.cr.execute(
                f"SELECT {', '.join(columns)} FROM {record._table} WHERE id = %s",
                [record.id],
            )
            rows[record._name, record.id] = [str(value) for value in self.env.cr.fetchone()]
        return rows

    def setUp(self):
        super().setUp()
        self.before = self._rows()

    def _assert_unchanged(self):
        self.env.invalidate_all()
        self.assertEqual(self._rows(), self.before)
        self.assertEqual(self.document.raw[:5], b"%PDF-")
        self.assertEqual(self.raw.raw, b"From: a@b.c")

    def _assert_refused(self, step, *args, **kwargs):
        # AccessError is one, too.
        with self.assertRaises(UserError):
            step(*args, **kwargs)
            self.env.flush_all()


@tagged("post_install", "-at_install")
class TestSealed(SealedSetup, ConstituentCommon):
    """What is sealed stays as it is, whoever asks and however."""

    def _vals(self, record):
        """Return a change of each covered field, one by one."""
        for name in (*record._seal_columns, *record._seal_fields):
            field = record._fields[name]
            yield (
                name,
                {
                    "char": "changed",
                    "text": "changed",
                    "html": "<p>changed</p>",
                    "binary": b"Y2hhbmdlZA==",
                    "boolean": not record[name],
                    "date": "2001-01-01",
                    "datetime": "2001-01-01 00:00:00",
                    "integer": 1,
                    "many2one_reference": 1,
                    "many2one": False,
                    "many2many": [Command.clear()],
                    "selection": next(
                        iter(
                            [v for v in field.get_values(self.env) if v != record[name]] or [False]
                        )
                    )
                    if field.type == "selection"
                    else None,
                }[field.type],
            )

    def test_every_covered_field_by_write_as_superuser(self):
        for record in self.sealed:
            for name, value in self._vals(record):
                with self.subTest(model=record._name, field=name):
                    if name in FOLLOWS_CONTENT:
                        record.sudo().write({name: value})
                    else:
                        self._assert_refused(record.sudo().write, {name: value})
                    self.env.invalidate_all()
        self._assert_unchanged()

    def test_columns_that_are_left_open(self):
        """A column added later must be put under the seal, or here, deliberately."""
        open_columns = {
            "constituent.correspondence": {
                "partner_id", "state", "returned_at", "returned_reason",
                "message_main_attachment_id", "write_uid", "write_date",
                # What the post does with it afterwards
                "post_state", "post_run_id", "post_order", "returned_kind", "forwarding_address",
            },
            "constituent.case.event": {"partner_id", "write_uid", "write_date"},
            # Where a message is now; where it was filed first is sealed.
            "constituent.inbound.mail": {"state", "error", "route", "spam_since", "moved_to_id",
                                         "write_uid", "write_date"},
            "constituent.contact.merge": {"write_uid", "write_date"},
            "ir.attachment": {"constituent_sealed", "public", "access_token", "index_content",
                              "description", "write_uid", "write_date"},
        }  # fmt: skip
        for model_name, expected in open_columns.items():
            model = self.env[model_name]
            stored = {
                name
                for name, field in model._fields.items()
                if field.store
                and field.column_type
                and field._module in ("constituent_services", "base", "mail", None)
            }
            missing = stored - set(model._seal_all_columns()) - expected
            self.assertFalse(missing, model_name)

    def test_all_users_and_context_keys(self):
        admin = self.env.ref("base.user_admin")
        root = self.env.ref("base.user_root")
        for user in (self.manager, admin, root):
            for record in self.sealed:
                guarded = record._seal_columns[0]
                for env_record in (
                    record.with_user(user),
                    record.with_user(user).with_context(**CONTEXT_KEYS),
                    record.with_user(user).sudo().with_context(**CONTEXT_KEYS),
                ):
                    with self.subTest(model=record._name, user=user.login):
                        self._assert_refused(env_record.write, {guarded: False})
                        self._assert_refused(env_record.unlink)
        self._assert_unchanged()

    def test_low_level_write(self):
        for record in self.sealed:
            name = record._seal_columns[0]
            with self.subTest(model=record._name):
                self._assert_refused(record.sudo()._write, {name: "in"})
        self._assert_refused(self.letter.sudo()._write, {"state": "draft"})
        self._assert_refused(self.letter.sudo()._write, {"create_uid": self.clerk.id})
        self._assert_unchanged()

    def test_pending_seal_holds_in_the_same_breath(self):
        letter = self._make_approved()
        letter._advance("sent")
        self._assert_refused(letter.write, {"subject": "changed"})

    @mute_logger("odoo.sql_db")
    def test_sql(self):
        cr = self.env.cr
        for record in self.sealed:
            table = record._table
            statements = [
                f"DELETE FROM {table} WHERE id = {record.id}",
                f"UPDATE {table} SET create_date = now() - interval '1 day' WHERE id = {record.id}",
                f"UPDATE {table} SET id = id + 1000000 WHERE id = {record.id}",
                f"TRUNCATE {table} CASCADE",
            ]
            statements += [
                f"UPDATE {table} SET {name} = {self._other_sql(record, name)} "
                f"WHERE id = {record.id}"
                for name in record._seal_columns
            ]
            for statement in statements:
                with self.subTest(statement=statement), self.assertRaises(RestrictViolation):
                    with cr.savepoint(flush=False):
                        cr.execute(statement)
        self._assert_unchanged()

    def _other_sql(self, record, name):
        """Return an SQL value that differs from the one there is."""
        kind = record._fields[name].type
        if kind in ("integer", "many2one", "many2one_reference"):
            return f"COALESCE({name}, 0) + 1"
        return {
            "boolean": f"NOT COALESCE({name}, FALSE)",
            "binary": "'changed'::bytea",
            "date": "'2001-01-01'",
            "datetime": "'2001-01-01'",
        }.get(kind, "'changed'")

    @mute_logger("odoo.sql_db")
    def test_sql_moves(self):
        """Of all states only returned mail follows sent."""
        cr = self.env.cr
        for state in ("draft", "approved", "sending", "cancelled", "nonsense", None):
            with self.assertRaises(RestrictViolation), cr.savepoint(flush=False):
                cr.execute(
                    "UPDATE constituent_correspondence SET state = %s WHERE id = %s",
                    [state, self.letter.id],
                )
        with self.assertRaises(RestrictViolation), cr.savepoint(flush=False):
            cr.execute(
                "UPDATE ir_attachment SET constituent_sealed = FALSE WHERE id = %s",
                [self.document.id],
            )
        self._assert_unchanged()
        cr.execute(
            "UPDATE constituent_correspondence SET state = 'returned_mail' WHERE id = %s",
            [self.letter.id],
        )

    def test_what_is_open_stays_open(self):
        """Drafts, other attachments and unfinished mail are changed as ever."""
        draft = self._make_letter()
        draft.write({"subject": "Changed"})
        draft.unlink()
        attachment = self.env["ir.attachment"].create({"name": "a", "raw": b"1"})
        attachment.write({"raw": b"2", "name": "b"})
        attachment.unlink()
        spam = self.mail.create({"state": "received", "subject": "s"})
        spam.write({"state": "spam"})
        spam.unlink()
        self._assert_unchanged()

    def test_form(self):
        form = Form(self.letter.with_user(self.manager))
        with self.assertRaisesRegex(AssertionError, "readonly"):
            form.subject = "changed"
        # A form of somebody's own, without our readonly.
        self.env["ir.ui.view"].create(
            {
                "name": "bare",
                "model": self.letter._name,
                "type": "form",
                "priority": 1,
                "arch": "<form><field name='subject'/></form>",
            }
        )
        form = Form(self.letter.with_user(self.manager))
        form.subject = "changed"
        with self.assertRaisesRegex(UserError, "sealed"):
            form.save()
        self._assert_unchanged()

    def test_copy_starts_anew(self):
        copy = self.letter.copy()
        self.assertEqual(copy.state, "draft")
        for name in (
            "reference",
            "document_id",
            "document_sha256",
            "sent_at",
            "printed_name",
            "approved_by_id",
        ):
            self.assertFalse(copy[name], name)
        copy.write({"subject": "Free to change"})
        attachment = self.document.copy()
        self.assertFalse(attachment.constituent_sealed)
        attachment.unlink()
        self._assert_unchanged()

    def test_import(self):
        self.env["ir.model.data"].create(
            {
                "module": "__import__",
                "name": "sealed_letter",
                "model": "constituent.correspondence",
                "res_id": self.letter.id,
            }
        )
        letters = self.Letter.with_user(self.manager)
        for column, value in (("subject", "changed"), ("state", "Draft"), ("reference", "X")):
            result = letters.load(["id", column], [["__import__.sealed_letter", value]])
            self.assertFalse(result["ids"], column)
            self.assertIn("error", {message["type"] for message in result["messages"]})
        result = letters.load(["subject", "state"], [["New", "Sent"]])
        self.assertFalse(result["ids"])
        self._assert_unchanged()

    def test_server_actions(self):
        model = self.env["ir.model"]._get("constituent.correspondence")
        field = self.env["ir.model.fields"]._get(model.model, "subject")
        actions = self.env["ir.actions.server"].create(
            [
                {
                    "name": "code",
                    "model_id": model.id,
                    "state": "code",
                    "code": "record.sudo().with_context(_force_unlink=True).unlink()",
                },
                {
                    "name": "sql",
                    "model_id": model.id,
                    "state": "code",
                    "code": "record.sudo().write({'subject': 'changed'})",
                },
                {
                    "name": "update",
                    "model_id": model.id,
                    "state": "object_write",
                    "update_path": field.name,
                    "value": "changed",
                },
            ]
        )
        for action in actions:
            with self.subTest(action=action.name):
                self._assert_refused(
                    action.with_context(
                        active_model=model.model, active_id=self.letter.id,
                        active_ids=self.letter.ids,
                    ).run
                )  # fmt: skip
        self._assert_unchanged()

    def test_contact_merge(self):
        """Odoo's merge goes through; the letter keeps what was printed."""
        double = self.resident.copy({"name": "Ana Rivera"})
        address = self.letter.printed_address
        wizard = self.env["base.partner.merge.automatic.wizard"].with_user(
            self.env.ref("base.user_admin")
        )
        wizard._merge((self.resident | double).ids, double)
        self.env.invalidate_all()
        self.assertFalse(self.resident.exists())
        self.assertEqual(self.letter.partner_id, double)
        self.assertEqual(self.event.partner_id, double)
        self.assertEqual(self.letter.printed_name, "Ana Rivera")
        self.assertEqual(self.letter.printed_address, address)
        self._assert_unchanged()

    def test_a_users_deletion_takes_nothing_along(self):
        self.env.flush_all()
        with self.assertRaises(IntegrityError), mute_logger("odoo.sql_db"):
            with self.env.cr.savepoint():
                self.caseworker.unlink()
        self._assert_unchanged()

    def test_storage_of_files(self):
        """Moving the file store and collecting garbage leave sealed documents alone."""
        self.env["ir.config_parameter"].set_param("ir_attachment.location", "db")
        (self.document | self.raw)._migrate()
        self._assert_unchanged()
        self.document._file_delete(self.document.store_fname)
        self.env["ir.attachment"]._gc_file_store_unsafe()
        self._assert_unchanged()

    def test_sealed_documents_are_not_opened_to_strangers(self):
        for user in (self.clerk, self.caseworker, self.manager, self.env.ref("base.user_root")):
            for document in (self.document, self.raw):
                document = document.with_user(user)
                for vals in (
                    {"public": True},
                    {"access_token": "x" * 36},
                    {"description": "forged"},
                ):
                    with self.subTest(user=user.login, vals=vals):
                        with self.assertRaises(UserError):
                            document.write(vals)
                        with self.assertRaises(UserError):
                            document.sudo().write(vals)
                if document._constituent_ours():
                    self.assertEqual(document.generate_access_token(), [""])
                    continue
                with self.assertRaises(UserError):
                    document.generate_access_token()
        self.env.invalidate_all()
        for document in (self.document, self.raw):
            self.assertFalse(document.public or document.access_token or document.description)

    def test_documents_of_cases_are_not_public(self):
        attachments = self.env["ir.attachment"].with_user(self.caseworker)
        vals = {"name": "a.txt", "raw": b"a", "res_model": "constituent.case"}
        vals["res_id"] = self.case.id
        document = attachments.create(vals)
        for step, given in (
            (document.write, {"public": True}),
            (attachments.create, {**vals, "public": True}),
            (attachments.with_context(default_public=True).create, vals),
        ):
            with self.assertRaises(AccessError), self.env.cr.savepoint():
                step(given)
        self.env.invalidate_all()
        self.assertFalse(document.public)
        self.assertEqual(document.generate_access_token(), [""])
        # Nothing else is touched: pictures of web pages, and the editor's own links.
        other = attachments.create({"name": "b", "raw": b"b", "public": True})
        self.assertTrue(other.public)
        self.assertTrue(other.generate_access_token()[0])

    def test_sealing_is_not_for_users(self):
        attachments = self.env["ir.attachment"].with_user(self.manager)
        with self.assertRaises(AccessError):
            attachments.create({"name": "a", "raw": b"1", "constituent_sealed": True})
        attachment = attachments.create({"name": "a", "raw": b"1"})
        with self.assertRaises(AccessError):
            attachment.write({"constituent_sealed": True})

    def test_guard_survives_an_update(self):
        """The addon's update renews the guard and may alter columns."""
        self.Letter.init()
        self.env.cr.execute(
            "ALTER TABLE constituent_correspondence ALTER COLUMN subject TYPE varchar(9000)"
        )
        self.env.cr.execute(
            "ALTER TABLE constituent_correspondence ADD COLUMN x_new varchar DEFAULT 'x'"
        )
        self.env.cr.execute(
            "SELECT tgname, tgenabled FROM pg_trigger WHERE NOT tgisinternal"
            " AND tgrelid = 'constituent_correspondence'::regclass ORDER BY tgname"
        )
        self.assertEqual(
            self.env.cr.fetchall(),
            [("constituent_seal_row", "A"), ("constituent_seal_table", "A")],
        )
        self._assert_unchanged()

    def test_tables_and_columns_are_not_dropped(self):
        """The context key that passes Odoo's own check passes nothing here."""
        models = self.env["ir.model"].with_context(_force_unlink=True)
        fields = self.env["ir.model.fields"].with_context(_force_unlink=True)
        for record in self.sealed:
            with self.subTest(model=record._name):
                self._assert_refused(models._get(record._name)._drop_table)
                for name in (record._seal_columns[-1], record._seal_field):
                    if name:
                        field = fields._get(record._name, name)
                        self._assert_refused(field._drop_column)
        # Odoo deletes the attachments first, by SQL.
        with self.assertRaises(RestrictViolation), mute_logger("odoo.sql_db"):
            with self.env.cr.savepoint():
                models._get("constituent.correspondence").unlink()
        self._assert_unchanged()
        # What no seal covers may go, as in an update that gives a field up.
        fields._get("constituent.correspondence", "returned_reason")._drop_column()
        self._assert_unchanged()

    def test_the_addon_is_not_uninstalled(self):
        modules = self.env["ir.module.module"].with_user(self.env.ref("base.user_admin"))
        for name in ("constituent_services", "mail"):
            module = modules.search([("name", "=", name)])
            with self.subTest(module=name):
                with self.assertRaisesRegex(UserError, "sealed records"):
                    module.button_uninstall()
        other = modules.search([("name", "=", "base_import")])
        with patch.object(type(other), "downstream_dependencies", lambda self, *a, **k: self):
            if other.state == "installed":
                other.button_uninstall()
                self.assertEqual(other.state, "to remove")

    def test_a_literal_of_the_guard_is_a_plain_word(self):
        with self.assertRaises(ValueError):
            self.Letter._seal_literal("x'); DROP TABLE res_partner; --")

    def test_an_integrity_error_reads_well(self):
        """What only the trigger stops reaches the user as a sentence."""
        with mute_logger("odoo.sql_db"), self.assertRaises(RestrictViolation) as caught:
            with self.env.cr.savepoint(flush=False):
                self.env.cr.execute(
                    "DELETE FROM constituent_case_event WHERE id = %s", [self.event.id]
                )
        message = self.event._sql_error_to_message(caught.exception)
        self.assertIn("is sealed and is not deleted", message)


@tagged("post_install", "-at_install")
class TestSealedByRpc(SealedSetup, HttpCase):
    """The same through the real door: JSON-RPC with a session and any context."""

    def _call(self, record, method, *args, context=None):
        response = self.url_open(
            f"/web/dataset/call_kw/{record._name}/{method}",
            data=json.dumps(
                {
                    "params": {
                        "model": record._name,
                        "method": method,
                        "args": [record.ids, *args],
                        "kwargs": {"context": context or {}},
                    }
                }
            ),
            headers={"Content-Type": "application/json"},
        )
        return response.json()

    @mute_logger(
        "odoo.http",
        "odoo.sql_db",
        "odoo.addons.base.models.ir_model",
        "odoo.addons.base.models.ir_rule",
    )
    def test_rpc(self):
        new_test_user(self.env, "t_system", "base.group_system,constituent_services.group_manager")
        for login in ("t_caseworker", "t_manager", "t_system", "t_portal"):
            self.authenticate(login, login)
            for record in self.sealed:
                for method, args in (
                    ("write", [{record._seal_columns[0]: False}]),
                    ("web_save", [{record._seal_columns[0]: False}, {}]),
                    ("unlink", []),
                    ("_write", [{record._seal_columns[0]: False}]),
                ):
                    with self.subTest(login=login, model=record._name, method=method):
                        answer = self._call(record, method, *args, context=CONTEXT_KEYS)
                        self.assertIn("error", answer)
            for vals in ({"state": "draft"}, {"document_id": False}, {"printed_name": "x"}):
                self.assertIn("error", self._call(self.letter, "write", vals))
        self._assert_unchanged()

    @mute_logger("odoo.http", "odoo.addons.base.models.ir_model", "odoo.addons.base.models.ir_rule")
    def test_a_refusal_tells_strangers_nothing(self):
        self.authenticate("t_portal", "t_portal")
        for method, args in (("write", [{"subject": "x"}]), ("unlink", [])):
            answer = self._call(self.letter, method, *args)
            self.assertEqual(answer["error"]["data"]["name"], "odoo.exceptions.AccessError")
            self.assertNotIn("testpothole", json.dumps(answer))


class TestSealedNames(ConstituentCommon):
    """The class attributes name what is there."""

    def test_names_exist(self):
        for name, model in self.registry.items():
            if not hasattr(model, "_seal_columns") or model._abstract:
                continue
            with self.subTest(model=name):
                for column in model._seal_columns:
                    self.assertTrue(model._fields[column].column_type, column)
                    self.assertTrue(model._fields[column].store, column)
                for field in model._seal_fields:
                    self.assertIn(field, model._fields)

    def test_a_validation_error_is_a_user_error(self):
        # What Odoo makes of the trigger's error in a request.
        self.assertTrue(issubclass(ValidationError, UserError))
