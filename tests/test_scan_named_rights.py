"""Who registers a letter that joins a case learns nothing of the case."""

import json

from freezegun import freeze_time

from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, HttpCase, tagged
from odoo.tools import mute_logger

from .common import PREFIX, ConstituentCommon
from .scan_named_common import SECRET, NamedSetup


@tagged("post_install", "-at_install")
class TestNothingRevealed(NamedSetup, ConstituentCommon):
    """Who registers a letter learns that it joined, and nothing of the case."""

    def setUp(self):
        super().setUp()
        self.notices = []
        users = type(self.env["res.users"])
        self.patch(users, "_bus_send", lambda _user, *args, **_kwargs: self.notices.append(args))

    def test_told_that_it_joined(self):
        piece = self._register(partner_id=self.resident.id)
        ((kind, notice),) = [one for one in self.notices if one[0] == "simple_notification"]
        self.assertEqual(kind, "simple_notification")
        reference = piece.letter_reference
        self.assertIn(reference, notice["message"])
        self.assertEqual(piece.scan_id.joined_note, reference)
        for text in (json.dumps(notice), self._texts(piece | piece)):
            self.assertNotIn(SECRET, text)
            self.assertNotIn("Parks", text)

    def _told(self, **vals):
        self.notices.clear()
        piece = self._register(**vals)
        told = [notice for kind, notice in self.notices if kind == "simple_notification"]
        return piece, told

    def test_told_that_it_did_not_join(self):
        """A case that does not know the sender, and no such case: the same words."""
        piece, (notice,) = self._told(partner_id=self.other.id)
        self.assertIn(piece.letter_reference, notice["message"])
        self.assertIn("a new case was made", notice["title"])
        nobody, (other,) = self._told(partner_id=self.other.id, number="CS-1999-000001")
        self.assertIn("CS-1999-000001", other["message"])
        same = other["message"].replace(nobody.letter_reference, piece.letter_reference)
        self.assertEqual(same.replace("CS-1999-000001", piece.case_number), notice["message"])
        self.assertNotIn(SECRET, json.dumps(notice))
        _piece, told = self._told(partner_id=self.other.id, case_number=False)
        self.assertFalse(told, "no number, no word")

    def test_what_a_clerk_opens_afterwards(self):
        piece = self._register(partner_id=self.resident.id, number=f"Re: {self.hers.number}")
        self.env.flush_all()
        self.env.invalidate_all()
        clerks = piece.with_user(self.clerk)
        self.assertFalse(clerks.case_id or clerks.is_letter_seen)
        self.assertFalse(clerks.scan_id.is_any_letter_seen, "no button to an empty list")
        self.assertTrue(piece.scan_id.with_user(self.coordinator).is_any_letter_seen)
        self.assertTrue(clerks.letter_reference.startswith("I-"))
        for record in (clerks.scan_id, clerks):
            with Form(record, f"{PREFIX}{record._name.replace('.', '_')}_view_form") as form:
                self.assertTrue(form.id)
            self.assertNotIn(SECRET, self._texts(record))
        letter = piece.sudo().correspondence_id
        for record in (letter, self.hers, letter.document_id):
            self.assertFalse(record.with_user(self.clerk).has_access("read"))
        # The register, and the scan's own button
        action = self.env.ref(f"{PREFIX}constituent_correspondence_action_incoming")
        self.assertTrue(action)
        letters = self.Letter.with_user(self.clerk)
        listed = letters.search([("state", "=", "received")])
        self.assertNotIn(letter, listed)
        listed.web_read({"case_id": {"fields": {"display_name": {}}}, "subject": {}})
        self.assertFalse(letters.search(clerks.scan_id.action_letters()["domain"]))

    def test_no_way_round_to_the_case(self):
        self._register(partner_id=self.resident.id)
        self.env.flush_all()
        pieces = self.env["constituent.scan.piece"].with_user(self.clerk)
        for path in ("correspondence_id.case_id", "correspondence_id.case_id.name"):
            self.assertFalse(pieces.search([(path, "ilike", "testtree")]))
        for groupby in ("case_id", "correspondence_id.case_id"):
            groups = pieces._read_group([("joined_by_number", "=", True)], [groupby], ["__count"])
            self.assertEqual([(bool(one), count) for one, count in groups], [(False, 1)])
        self.clerk.group_ids += self.env.ref("base.group_allow_export")
        rows = pieces.search([]).export_data(["case_id/name", "subject"])["datas"]
        self.assertNotIn(SECRET, json.dumps(rows))
        with self.assertRaises(AccessError):
            pieces.search([]).export_data(["correspondence_id/case_id/name"])

    def test_no_message_is_theirs_to_read(self):
        """Who wrote a message reads it with the name of its case."""
        stage = self.env["constituent.case.stage"].search([("status", "=", "waiting")], limit=1)
        self.hers.stage_id = stage
        self.env.cr.precommit.run()
        scan = self._make_scan(
            pages=2,
            pieces=[
                {"pages": "1", "subject": "A testpothole", "sender_name": "Bo"},
                {"pages": "2", "case_number": self.hers.number, "partner_id": self.resident.id},
            ],
        )
        scan.action_register()
        self.env.cr.precommit.run()
        self.assertEqual(self.hers.status, "open")
        letter = scan.piece_ids[1].sudo().correspondence_id
        hidden = self.hers.message_ids | letter.message_ids
        self.assertTrue(hidden.filtered("attachment_ids"))
        messages = self.env["mail.message"].with_user(self.clerk)
        self.assertFalse(messages.search([("id", "in", hidden.ids)]))
        for message in hidden.with_user(self.clerk):
            with self.assertRaises(AccessError):
                message.read(["record_name"])
        for field, value in (("create_uid", self.clerk.id), ("message_type", "notification")):
            rows = messages.search([(field, "=", value)]).read(["record_name", "body"])
            self.assertNotIn(SECRET, json.dumps(rows, default=str))
        # Where they see the case they are the author, as ever.
        mine = scan.piece_ids[0].case_id.message_ids.filtered("attachment_ids")
        self.assertEqual(mine.author_id, self.clerk.partner_id)

    def test_the_same_is_said_of_every_number_that_leads_nowhere(self):
        restricted = self._make_case(name="testtree", confidentiality="restricted")
        bodies = set()
        for number, contact in (
            ("CS-1999-000001", self.resident),
            (self.hers.number, self.other),
            (restricted.number, self.resident),
        ):
            note = self._assert_new(self._register(number=number, partner_id=contact.id))
            bodies.add(str(note.body).replace(number, "…"))
        self.assertEqual(len(bodies), 1)
        self.assertFalse(restricted.correspondence_ids, "and nothing is left there")
        self.assertFalse(self.hers.correspondence_ids)

    def test_the_note_is_text(self):
        piece = self._register(number="<b>CS</b> <img src=x>", partner_id=self.other.id)
        self.assertFalse(piece.joined_by_number)
        body = piece.case_id.message_ids.filtered(lambda one: "found that knows" in one.body).body
        self.assertIn("&lt;b&gt;CS&lt;/b&gt;", body)
        self.assertNotIn("<img", body)

    def test_no_number_no_note(self):
        piece = self._register(number="  ", partner_id=self.other.id)
        self.assertNotIn("found that knows", str(piece.case_id.message_ids.mapped("body")))

    def test_restricted_cases_are_for_those_who_may_see_them(self):
        self.hers.confidentiality = "restricted"
        letter = self._make_sent()
        self.case.confidentiality = "restricted"
        for number in (self.hers.number, letter.reference):
            for user in (self.clerk, self.caseworker, self.coordinator, self.manager):
                with self.subTest(user=user.login, number=number):
                    piece = self._register(user=user, number=number, partner_id=self.resident.id)
                    self._assert_new(piece)
                    self.assertFalse(piece.scan_id.is_restricted)
        piece = self._register(user=self.confidant, partner_id=self.resident.id)
        self._assert_joined(piece)
        self.assertTrue(piece.scan_id.is_restricted)

    def test_a_case_that_becomes_restricted_takes_the_scan_along(self):
        piece = self._register(partner_id=self.resident.id)
        scan = piece.scan_id
        self.assertFalse(scan.is_restricted)
        self.hers.confidentiality = "restricted"
        self.env.flush_all()
        self.env.invalidate_all()
        self.assertTrue(scan.sudo().is_restricted)
        for user in (self.clerk, self.coordinator):
            for record in (scan, piece):
                self.assertFalse(record.with_user(user).has_access("read"))

    def test_the_number_is_sealed_and_the_join_is_nobodys_to_write(self):
        piece = self._register(partner_id=self.resident.id)
        for user in (self.clerk, self.manager, self.env.ref("base.user_root")):
            for vals in ({"case_number": "x"}, {"joined_by_number": False}):
                with self.subTest(user=user.login, vals=vals), self.assertRaises(UserError):
                    piece.with_user(user).write(vals)
        scan = self._make_scan()
        with self.assertRaises(UserError):
            scan.piece_ids.write({"joined_by_number": True})
        with self.assertRaises(UserError):
            self._make_scan(pieces=[{"pages": "1", "joined_by_number": True}])
        defaults = {"default_joined_by_number": True}
        pieces = self.env["constituent.scan.piece"].with_user(self.clerk).with_context(**defaults)
        self.assertFalse(pieces.create({"scan_id": scan.id}).joined_by_number)

    @freeze_time("2026-11-27 20:00:00")
    def test_all_or_none(self):
        scan = self._make_scan(
            pieces=[
                {"pages": "1", "case_number": self.hers.number, "partner_id": self.resident.id}
            ],
            received_on="2024-01-02",
        )
        with self.assertRaisesRegex(UserError, "more than a year ago"), self.env.cr.savepoint():
            scan.action_register()
        self.assertFalse(self.hers.correspondence_ids)
        self.assertFalse(self.notices)


@tagged("post_install", "-at_install")
class TestNamedHttp(NamedSetup, HttpCase):
    """The same over the wire."""

    def _call(self, model, method, *args, **kwargs):
        params = {"model": model, "method": method, "args": args, "kwargs": kwargs}
        return self.url_open(
            f"/web/dataset/call_kw/{model}/{method}",
            data=json.dumps({"params": params}),
            headers={"Content-Type": "application/json"},
        )

    @mute_logger("odoo.http", "odoo.addons.base.models.ir_rule")
    def test_a_clerk_registers_and_opens_it_again(self):
        scan = self._make_scan(
            pieces=[{"pages": "1", "case_number": self.hers.number, "partner_id": self.resident.id}]
        )
        self.authenticate("t_clerk", "t_clerk")
        answer = self._call("constituent.scan", "action_register", [scan.id]).json()
        self.assertIs(answer["result"], False, "nothing to open: the scan says what happened")
        self.env.invalidate_all()
        self.assertTrue(scan.piece_ids.joined_by_number)
        letter_id = scan.piece_ids.sudo().correspondence_id.id
        name = {"fields": {"display_name": {}}}
        specification = {
            "joined_note": {},
            "piece_ids": {
                "fields": {"case_id": name, "correspondence_id": name, "is_letter_seen": {}}
            },
        }
        opened = self._call("constituent.scan", "web_read", [scan.id], specification)
        self.assertNotIn("error", opened.json())
        self.assertNotIn("testtree", opened.text)
        for model, record_id in (
            ("constituent.correspondence", letter_id),
            ("constituent.case", self.hers.id),
        ):
            refused = self._call(model, "read", [record_id], ["display_name"])
            self.assertIn("error", refused.json())
            self.assertNotIn("testtree", refused.text)
        for method in ("_named_cases_sudo", "_is_known_to", "_keep_registered", "_note_number"):
            refused = self._call("constituent.scan.piece", method, scan.piece_ids.ids)
            self.assertIn("error", refused.json())
