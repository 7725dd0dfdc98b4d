"""What somebody in the correspondence office might try, beside the buttons."""

import base64

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import tagged
from odoo.tools import mute_logger

from .approval_common import ApprovalSetup
from .common import ConstituentCommon
from .letter_common import make_logo, make_noise
from .post_common import PostCommon
from .scan_common import ScanSetup

FETCHER = "odoo.addons.constituent_services.tools.letter"


@tagged("post_install", "-at_install")
class TestApprovalAttacks(ApprovalSetup, ConstituentCommon):
    """To get a letter out that nobody approved, or another one than was approved."""

    def _picture(self, letter, content):
        return self.env["ir.attachment"].create(
            {"name": "p.png", "raw": content, "res_model": letter._name, "res_id": letter.id}
        )

    def test_another_picture_behind_any_way_to_write_its_address(self):
        for address in (
            "/web/image/%s",
            "web/image/%s",
            " /web/image/%s",
            "/web/image/%s-12/p.png",
            "/web/content/%s?x=1",
            "/web/./image/%s",
            "/x/../web/image/%s",
            "//own.invalid/web/image/%s",
            "http://own.invalid/web/image/%s",
            "/we\tb/image/%s",
        ):
            letter = self._make_letter()
            picture = self._picture(letter, make_logo((40, 40)))
            source = address % picture.id
            letter.body = f"<p>Look:</p><p><img src='{source}' alt='The plan'></p>"
            letter.action_submit()
            letter.action_approve()
            picture.raw = make_noise(30, 30)
            with self.subTest(address=address), mute_logger(FETCHER):
                before = letter._letter_pdf()
                picture.raw = make_logo((60, 60))
                self.assertTrue(
                    letter._letter_pdf() == before or not letter._is_approved(),
                    "what is printed is what was approved",
                )

    @mute_logger(FETCHER)
    def test_a_picture_with_a_number_of_no_record(self):
        letter = self._make_letter(body="<p>x<img src='/web/image/99999999999999999999'></p>")
        letter.action_submit()
        letter.action_approve()
        self.assertTrue(letter._letter_pdf().startswith(b"%PDF"))

    def test_another_letter_brought_by_a_covering_note(self):
        firsts = self._make_sent(), self._make_sent(subject="Another")
        self._rule("Two", self.head, self.second, needs_all=True)
        office = self.env["res.partner"].create(
            {"name": "Council Office 3", "street": "3 Hall", "city": "Example", "zip": "10001"}
        )
        self.case.referrer_ids = [Command.create({"partner_id": office.id})]
        note = self._make_letter(covers_id=firsts[0].id, partner_id=office.id)
        note.action_submit()
        note.with_user(self.head).action_approve()
        note.covers_id = firsts[1]
        note.with_user(self.second).action_approve()
        self.assertEqual(note.state, "to_approve", "the first approved another enclosure")
        self.assertEqual(note.waiting_for_ids, self.head)

    def test_a_letter_moved_to_another_office_while_it_waits(self):
        harbor = self.env["res.company"].create({"name": "Harbor Authority"})
        letter = self._make_letter(case_id=False)
        digest = letter._approval_digest()
        (self.caseworker | self.head).company_ids += harbor
        letter.department_id = False
        before = letter._approval_digest()
        letter.company_id = harbor
        self.assertNotIn(letter._approval_digest(), (before, digest))

    def test_nobody_puts_a_signature_under_anothers_name(self):
        signature = self._keep_signature(self.clerk)
        for values in ({"user_id": self.head.id}, {"user_id": self.head.id, "image": False}):
            with self.assertRaises(AccessError), self.env.cr.savepoint():
                signature.with_user(self.clerk).write(values)
        forged = base64.b64encode(make_noise(300, 90))
        made = self.env["constituent.signature"].with_user(self.second).with_context(
            default_user_id=self.head.id
        ).create({"image": forged})  # fmt: skip
        self.assertEqual(made.sudo().user_id, self.second)
        self.assertEqual(self.env["constituent.signature"]._of(self.head), ("", ""))
        # The form writes the name back that it shows.
        signature.with_user(self.clerk).write({"user_id": self.clerk.id, "image": forged})

    def test_nobody_reads_anothers_signature(self):
        signature = self._keep_signature(self.head)
        for user in (self.clerk, self.coordinator, self.confidant, self.internal_user):
            signatures = self.env["constituent.signature"].with_user(user)
            with self.subTest(user=user.login):
                if user != self.internal_user:
                    self.assertFalse(signatures.search([]))
                    self.assertFalse(signatures.search_count([("user_id", "=", self.head.id)]))
                    self.assertFalse(signatures.formatted_read_group([], ["user_id"], ["__count"]))
                for name, arguments in (("read", [["image"]]), ("copy", []), ("unlink", [])):
                    with self.assertRaises(AccessError), self.env.cr.savepoint():
                        getattr(signature.with_user(user), name)(*arguments)

    def test_a_manager_lets_nobody_else_than_themself_be_chosen(self):
        """A manager arranges who acts for others; not that it is the manager who acts."""
        manager = self._make_user("manager", login="second_manager")
        delegations = self.env["constituent.approval.delegation"].with_user(manager)
        vals = {
            "user_id": self.counsel.id, "date_from": "2026-11-01", "date_to": "2026-11-30",
        }  # fmt: skip
        with self.assertRaises(AccessError), self.env.cr.savepoint():
            delegations.create({**vals, "delegate_id": manager.id})
        made = delegations.create({**vals, "delegate_id": self.deputy.id})
        with self.assertRaises(AccessError), self.env.cr.savepoint():
            made.delegate_id = manager
        with self.assertRaises(AccessError), self.env.cr.savepoint():
            self._delegate(self.counsel, self.deputy).with_user(self.deputy).write(
                {"date_to": "2027-11-30"}
            )

    def test_how_a_letter_began_is_not_changed_to_leave_a_rule(self):
        template = self.env["constituent.letter.template"].create(
            {"name": "t", "occasion": "free", "subject": "s", "body": "<p>b</p>"}
        )
        self._rule("Of the template", self.counsel, template_ids=[Command.set(template.ids)])
        letter = self._submitted(template_id=template.id)
        for vals in ({"template_id": False}, {"template_version_id": False}):
            with self.assertRaises(UserError):
                letter.write(vals)
        with self.assertRaises(AccessError):
            letter.action_approve()

    def test_counsel_flagged_after_the_approval(self):
        self.company.constituent_counsel_ids = self.counsel
        letter = self._make_approved()
        self.case.needs_counsel = True
        letter.action_send()
        self.assertEqual(letter.state, "draft")

    def test_rows_of_decisions_through_the_letter(self):
        self._rule("Counsel", self.counsel)
        letter = self._submitted()
        row = {
            "user_id": self.counsel.id,
            "decision": "approved",
            "digest": letter._approval_digest(),
            "company_id": self.company.id,
        }
        for user in (self.caseworker, self.coordinator, self.manager):
            for vals in (
                {"approval_ids": [Command.create(row)]},
                {"approval_ids": [Command.update(letter.sudo().approval_ids.id, row)]},
                {"approval_ids": [Command.delete(letter.sudo().approval_ids.id)]},
                {"waiting_for_ids": [Command.clear()]},
                {"batch_id": 1},
            ):
                with self.subTest(user=user.login, vals=vals):
                    with self.assertRaises(UserError), self.env.cr.savepoint():
                        letter.with_user(user).write(vals)
        with self.assertRaises(UserError), self.env.cr.savepoint():
            self._make_letter(approval_ids=[Command.create(row)])


@tagged("post_install", "-at_install")
class TestWindowAttacks(ApprovalSetup, ConstituentCommon):
    """To learn from a window what its user may not open."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.secret = cls._make_case(confidentiality="restricted", name="Secret matter")
        cls.hidden = cls._make_letter(
            user=cls.confidant, case_id=cls.secret.id, subject="Secret letter"
        )

    def _refused(self, call, *arguments):
        with self.assertRaises(AccessError), self.env.cr.savepoint():
            call(*arguments)

    def test_made_up_letters_in_windows(self):
        env = self.env(user=self.clerk)
        wizards, lines = (
            env["constituent.approval.wizard"],
            env["constituent.approval.wizard.line"],
        )
        wizard = wizards.create({})
        vals = {"letter_id": self.hidden.id, "digest": "x"}
        self._refused(lambda: wizards.create({"line_ids": [Command.create(vals)]}))
        self._refused(lambda: lines.create({**vals, "wizard_id": wizard.id}))
        own = self._make_letter(user=self.clerk, case_id=False)
        line = lines.create({"wizard_id": wizard.id, "letter_id": own.id, "digest": "x"})
        self._refused(lambda: line.write({"letter_id": self.hidden.id}))
        clause = self.env["constituent.letter.clause"].create(
            {"name": "c", "code": "C1", "body": "<p>c</p>"}
        )
        vals = {"correspondence_id": self.hidden.id, "clause_id": clause.id}
        self._refused(lambda: env["constituent.letter.clause.wizard"].create(vals))

    def test_what_others_have_in_their_windows(self):
        template = self.env["constituent.letter.template"].create(
            {"name": "t", "occasion": "free", "subject": "s", "body": "<p>b</p>"}
        )
        mine = self.env(user=self.confidant)
        preview = mine["constituent.letter.preview.wizard"].create(
            {"template_id": template.id, "case_id": self.secret.id}
        )
        choose = mine["constituent.letter.choose.wizard"].create(
            {
                "case_id": self.secret.id,
                "line_ids": [Command.create({"template_id": template.id})],
            }
        )
        reason = mine["constituent.correspondence.reason.wizard"].create(
            {"letter_ids": self.hidden.ids, "reason": "Her shelter"}
        )
        clause = self.env["constituent.letter.clause"].create(
            {"name": "c", "code": "C1", "body": "<p>c</p>"}
        )
        insert = mine["constituent.letter.clause.wizard"].create(
            {"correspondence_id": self.hidden.id, "clause_id": clause.id}
        )
        self.env.flush_all()
        self.env.invalidate_all()
        for record in (preview, choose, choose.line_ids, reason, insert):
            for user in (self.clerk, self.coordinator, self.manager):
                with self.subTest(model=record._name, user=user.login):
                    self._refused(lambda record=record, user=user: record.with_user(user).read())

    def _new_form(self, user, vals, shown):
        names = [*vals]
        answer = self.env["constituent.correspondence"].with_user(user).onchange(
            {"direction": "out", "medium": "post", "subject": "x", **vals},
            names,
            {**dict.fromkeys(names, {}), **shown},
        )  # fmt: skip
        return answer["value"]

    def test_a_new_letter_tells_nothing_of_a_case_out_of_sight(self):
        shown = {
            "case_partner_id": {"fields": {"display_name": {}}},
            "needs_counsel": {},
            "lang": {},
            "salutation": {},
            "case_description": {},
        }
        self.secret.sudo().needs_counsel = True
        for user in (self.clerk, self.other_caseworker, self.coordinator):
            values = self._new_form(user, {"case_id": self.secret.id}, shown)
            with self.subTest(user=user.login):
                self.assertFalse(values.get("case_partner_id"))
                self.assertFalse(values.get("needs_counsel"))
        values = self._new_form(self.confidant, {"case_id": self.secret.id}, shown)
        self.assertTrue(values.get("case_partner_id"))
        self.assertTrue(values.get("needs_counsel"))

    def test_a_new_letter_tells_nothing_of_a_contact_out_of_sight(self):
        harbor = self.env["res.company"].create({"name": "Harbor Authority"})
        foreign = self.env["res.partner"].create(
            {"name": "Zoe Foreign", "company_id": harbor.id, "lang": "en_US"}
        )
        foreign.deceased = True
        shown = {"salutation": {}, "display_name": {}, "addressee_warning": {}}
        values = self._new_form(self.clerk, {"partner_id": foreign.id}, shown)
        self.assertNotIn("Foreign", str(values))
        self.assertFalse(values.get("addressee_warning"))

    def test_a_letter_out_of_sight_is_opened_by_no_call(self):
        hidden = self.hidden
        for user in (self.clerk, self.other_caseworker, self.coordinator):
            letter = hidden.with_user(user)
            self.env.invalidate_all()
            for name, arguments in (
                ("read", [["content_digest"]]),
                ("web_read", [{"approval_trail": {}}]),
                ("web_save", [{"subject": "x"}, {"subject": {}}]),
                ("copy", []),
                ("action_submit", []),
                ("action_approve", []),
                ("action_reject", ["x"]),
                ("action_correct", []),
                ("action_cover", []),
                ("action_leave_run", []),
                ("onchange", [{}, [], {"needs_counsel": {}, "case_partner_id": {}}]),
            ):
                with self.subTest(user=user.login, call=name):
                    self._refused(getattr(letter, name), *arguments)
            self._refused(lambda letter=letter: letter.message_post(body="x"))
            letters = self.env["constituent.correspondence"].with_user(user)
            self.assertFalse(letters.name_search("Secret letter"))
            self.assertFalse(letters.search([("waits_for_me", "=", True)]) & hidden)


@tagged("post_install", "-at_install")
class TestPostAttacks(PostCommon):
    """A post run says what was posted; it is emptied by nobody."""

    def test_what_a_run_says_of_itself_is_not_emptied(self):
        run = self._make_ready()
        run.action_posted()
        for vals in (
            {"posted_at": False},
            {"posted_by_id": False},
            {"document_id": False},
            {"document_sha256": ""},
            {"letter_count": 0},
            {"left_out": False},
            {"is_restricted": False},
            {"name": False},
            {"letter_ids": []},
        ):
            for user in (self.coordinator, self.confidant, self.manager):
                with self.subTest(user=user.login, vals=vals):
                    with self.assertRaises(UserError), self.env.cr.savepoint():
                        run.with_user(user).write(vals)


@tagged("post_install", "-at_install")
class TestScanAttacks(ScanSetup, ConstituentCommon):
    """A scan shows what its letters say, whatever is said of it when it is uploaded."""

    def test_a_scan_of_a_restricted_case_is_restricted(self):
        secret = self._make_case(confidentiality="restricted")
        scan = self._make_scan(
            user=self.confidant,
            pieces=[{"pages": "1", "case_id": secret.id}],
            is_restricted=False,
        )
        self.env.flush_all()
        self.env.invalidate_all()
        self.assertTrue(scan.is_restricted)
        for user in (self.coordinator, self.manager, self.clerk, self.internal_user):
            for record in (scan, scan.piece_ids):
                with self.subTest(user=user.login), self.assertRaises(AccessError):
                    record.with_user(user).read()
        for attachment in self._stored(scan) | self._stored(scan, "document"):
            for user in (self.coordinator, self.manager, self.portal_user):
                with self.assertRaises(AccessError):
                    attachment.with_user(user).read(["datas"])

    def test_a_scan_becomes_restricted_with_its_case(self):
        letter = self._make_received()
        scan = letter.sudo().scan_id
        scan.with_user(self.coordinator).read(["file_name"])
        letter.sudo().case_id.confidentiality = "restricted"
        self.env.flush_all()
        self.env.invalidate_all()
        for user in (self.clerk, self.coordinator):
            with self.assertRaises(AccessError):
                scan.with_user(user).read(["file"])

    def test_a_made_up_case_in_a_scan(self):
        secret = self._make_case(confidentiality="restricted")
        for user in (self.clerk, self.coordinator):
            with self.assertRaises(AccessError), self.env.cr.savepoint():
                self._make_scan(user=user, pieces=[{"pages": "1", "case_id": secret.id}])
