"""Names of letters and scans: told to nobody who may not open them, by whatever door."""

import json

from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import HttpCase, tagged
from odoo.tools import mute_logger

from . import scan_files as make
from .approval_common import ApprovalSetup
from .common import ConstituentCommon
from .letter_common import LetterSetup
from .scan_common import ScanSetup

NAME = {"fields": {"display_name": {}}}
LETTER, SCAN = "constituent.correspondence", "constituent.scan"


class SecretSetup(ApprovalSetup, ScanSetup):
    """A restricted case, a letter of it and a scan with a letter of it; and such of others."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.secret = cls._make_case(confidentiality="restricted", name="Secret matter")
        cls.hidden = cls._make_letter(
            user=cls.confidant, case_id=cls.secret.id, subject="Secret letter"
        )
        cls.scan = cls._make_scan(
            user=cls.confidant,
            file_name="Secret.pdf",
            pieces=[{"pages": "1", "case_id": cls.secret.id, "subject": "Secret piece"}],
        )
        cls.other = cls._make_letter(user=cls.coordinator, subject="Secret of others")
        cls.other_scan = cls._make_scan(user=cls.coordinator, file_name="Secret of others.pdf")
        cls.batch = (
            cls.env["constituent.letter.batch"]
            .with_user(cls.manager)
            .create({"name": "Secret batch"})
        )
        cls.env.flush_all()
        cls.env.invalidate_all()

    def _outsider(self):
        """Return a clerk who entered nothing."""
        return self._make_user("clerk", login="new_clerk")


@tagged("post_install", "-at_install")
class TestRestrictedNames(SecretSetup, ConstituentCommon):
    """What a link shows is read with superuser rights, for whoever sees the link."""

    def _names(self, user, *records):
        self.env.invalidate_all()
        # As Odoo reads the name of a linked record.
        return {record.with_user(user).sudo().display_name for record in records}

    def test_a_restricted_name_is_told_to_those_in_the_know(self):
        records = self.hidden, self.scan, self.scan.piece_ids
        for user in (self.clerk, self.coordinator, self.manager, self.internal_user):
            with self.subTest(user=user.login):
                self.assertEqual(self._names(user, *records), {"Restricted"})
        self.assertEqual(
            self._names(self.confidant, *records), {"Secret letter", "Secret.pdf", "Secret piece"}
        )
        # The office's own steps: printing, sending, scheduled actions.
        self.assertIn("Secret letter", self._names(self.env.ref("base.user_root"), *records))

    def test_a_letter_that_also_answers_a_restricted_case(self):
        first, second = self._make_case(), self._make_case(name="Also")
        letter = self._make_letter(
            user=self.coordinator, case_id=first.id, also_case_ids=second.ids, subject="Of both"
        )
        self.assertEqual(self._names(self.manager, letter), {"Of both"})
        second.with_user(self.confidant).confidentiality = "restricted"
        self.assertEqual(self._names(self.manager, letter), {"Restricted"})

    def test_open_names_stay(self):
        self.assertEqual(
            self._names(self.clerk, self.other, self.other_scan),
            {"Secret of others", "Secret of others.pdf"},
        )
        letter = self.Letter.with_user(self.clerk).new({"subject": "Being written"})
        self.assertEqual(letter.display_name, "Being written")

    def test_a_list_costs_the_same_however_long(self):
        letters = self.Letter.concat(
            *(self._make_letter(case_id=self._make_case().id) for _index in range(6))
        )
        user = self.coordinator
        counts = []
        for some in (letters[:2], letters):
            self.env.flush_all()
            self.env.invalidate_all()
            user.has_group("constituent_services.group_restricted")
            before = self.cr.sql_log_count
            some.with_user(user).sudo().mapped("display_name")
            counts.append(self.cr.sql_log_count - before)
        self.assertEqual(counts[0], counts[1])

    def test_a_form_names_nothing_out_of_sight(self):
        piece = self.other_scan.piece_ids
        clerk = self._outsider()
        for model, name, record in (
            (LETTER, "corrects_id", self.other),
            (LETTER, "covers_id", self.hidden),
            (LETTER, "scan_id", self.other_scan),
            (LETTER, "batch_id", self.batch),
            ("constituent.scan.piece", "correspondence_id", self.other),
            ("constituent.scan.piece", "scan_id", self.other_scan),
            ("constituent.letter.clause.wizard", "correspondence_id", self.other),
        ):
            records = self.env[model].with_user(clerk)
            with self.subTest(model=model, field=name):
                defaults = records.with_context(**{f"default_{name}": record.id})
                for call in (
                    lambda defaults=defaults, name=name: defaults.onchange({}, [], {name: NAME}),
                    lambda records=records, name=name, record=record: records.onchange(
                        {name: record.id}, [], {name: NAME}
                    ),
                    lambda records=records, name=name, record=record: records.onchange(
                        {name: {"id": record.id}}, [], {name: NAME}
                    ),
                ):
                    with self.assertRaises(AccessError) as caught:
                        call()
                    self.assertNotIn("Secret", str(caught.exception))
        scans = self.Scan.with_user(clerk)
        for value in (
            [Command.link(piece.id)],
            [Command.set(piece.ids)],
            [Command.update(piece.id, {})],
            [Command.create({"correspondence_id": self.other.id})],
            piece.ids,
            [{"id": piece.id}],
            [{"correspondence_id": self.other.id}],
        ):
            with self.subTest(value=value), self.assertRaises(AccessError):
                scans.onchange({"piece_ids": value}, [], {"piece_ids": NAME})

    def test_a_form_names_what_its_user_sees(self):
        letters = self.Letter.with_user(self.coordinator)
        answer = letters.with_context(default_corrects_id=self.other.id).onchange(
            {}, [], {"corrects_id": NAME, "case_id": NAME}
        )
        self.assertEqual(answer["value"]["corrects_id"]["display_name"], "Secret of others")
        # What is no link is Odoo's to refuse.
        for value in ([[]], [[0]], [Command.clear()], ["x"], "x", [[6, 0, False]], [[1, "v", 0]]):
            self.Scan.with_user(self.clerk)._constituent_check_named({"piece_ids": value})
        clerks = self.Letter.with_user(self.clerk)
        clerks._constituent_check_named({"nothing": 1, "case_id": [2**31 - 1]})
        # As Odoo takes a link, too: with its name.
        with self.assertRaises(AccessError):
            clerks._constituent_check_named({"case_id": [self.secret.id, "A name"]})

    def test_a_clause_goes_into_no_letter_of_others(self):
        clause = self.env["constituent.letter.clause"].create(
            {"name": "c", "code": "C1", "body": "<p>c</p>"}
        )
        own = self._make_letter(user=self.clerk, case_id=False)
        for user, letter in ((self.clerk, self.other), (self.manager, self.hidden)):
            mine = own if user == self.clerk else self.other
            wizard = (
                self.env["constituent.letter.clause.wizard"]
                .with_user(user)
                .create({"correspondence_id": mine.id, "clause_id": clause.id})
            )
            with self.subTest(user=user.login):
                with self.assertRaises(AccessError), self.env.cr.savepoint():
                    wizard.write({"correspondence_id": letter.id})
                wizard.write({"place": "start", "correspondence_id": mine.id})


@tagged("post_install", "-at_install")
class TestActivityNames(SecretSetup, ConstituentCommon):
    """Activities keep a name, and show it to whoever was asked."""

    def _ask(self, record, user):
        # Whoever gives somebody else something to do.
        return record.sudo().activity_schedule(
            "mail.mail_activity_data_todo", user_id=user.id, summary="Look"
        )

    def _named(self, user, activity):
        self.env.flush_all()
        self.env.invalidate_all()
        return activity.with_user(user).read(["res_name"])[0]["res_name"]

    def test_a_case_that_becomes_restricted_takes_its_name_along(self):
        first, second = self._make_case(), self._make_case(name="Also")
        letter = self._make_letter(
            user=self.coordinator, case_id=first.id, also_case_ids=second.ids, subject="Of both"
        )
        of_case, of_letter = self._ask(second, self.manager), self._ask(letter, self.manager)
        done = self._ask(letter, self.manager)
        done.active = False
        self.assertEqual(self._named(self.manager, of_letter), "Of both")
        second.with_user(self.confidant).confidentiality = "restricted"
        self.assertEqual(self._named(self.manager, of_letter), "Restricted")
        self.assertEqual(self._named(self.manager, done), "Restricted")
        self.assertEqual(self._named(self.manager, of_case), f"Restricted {second.number}")
        second.with_user(self.confidant).confidentiality = "internal"
        self.assertEqual(self._named(self.manager, of_letter), "Of both")
        self.assertEqual(self._named(self.manager, of_case), second.display_name)

    def test_restricted_by_an_alarm_or_rule(self):
        case = self._make_case()
        activity = self._ask(case, self.manager)
        case._restrict_now()
        self.assertNotIn(case.name, self._named(self.manager, activity))

    def test_a_letter_that_goes_to_a_restricted_case(self):
        letter = self._make_letter(user=self.confidant, subject="Secret by now")
        activity = self._ask(letter, self.manager)
        letter.case_id = self.secret
        self.assertEqual(self._named(self.manager, activity), "Restricted")

    def test_who_knows_more_gives_something_to_do(self):
        for record in (self.secret, self.hidden):
            activity = record.with_user(self.confidant).activity_schedule(
                "mail.mail_activity_data_todo", user_id=self.manager.id
            )
            with self.subTest(model=record._name):
                self.assertNotIn("Secret", self._named(self.manager, activity))

    def test_other_records_keep_their_names(self):
        clause = self.env["constituent.letter.clause"].create(
            {"name": "A clause", "code": "C1", "body": "<p>c</p>"}
        )
        self.assertEqual(self._named(self.manager, self._ask(clause, self.manager)), "A clause")
        self.assertEqual(
            self._named(self.manager, self._ask(self.resident, self.manager)), "Ana Rivera"
        )


@tagged("post_install", "-at_install")
class TestRefusalNames(LetterSetup, ScanSetup, HttpCase):
    """In debug mode, which anybody switches on, Odoo names what it refuses."""

    @mute_logger("odoo.http", "odoo.addons.base.models.ir_rule")
    def test_a_refusal_names_nothing(self):
        secret = self._make_case(confidentiality="restricted", name="Secret matter")
        letter = self._make_letter(user=self.coordinator, subject="Secret of others")
        scan = self._make_scan(
            user=self.confidant,
            content=make.make_pdf(1),
            file_name="Secret.pdf",
            pieces=[{"pages": "1", "case_id": secret.id, "subject": "Secret piece"}],
        )
        self.env.flush_all()
        self.authenticate("t_clerk", "t_clerk")
        self.url_open("/web/login?debug=1", allow_redirects=False)
        records = secret, letter, scan, scan.piece_ids
        for record in records:
            for method, arguments in (("read", [["id"]]), ("write", [{}])):
                params = {
                    "model": record._name,
                    "method": method,
                    "args": [record.ids, *arguments],
                    "kwargs": {},
                }
                answer = self.url_open(
                    f"/web/dataset/call_kw/{record._name}/{method}",
                    data=json.dumps({"params": params}),
                    headers={"Content-Type": "application/json"},
                )
                with self.subTest(model=record._name, method=method):
                    self.assertNotIn("Secret", answer.text)
                    self.assertIn(f"access to {record._name} {record.id}", answer.text)
