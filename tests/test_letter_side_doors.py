"""Ways to a letter that do not pass by the letter are closed as its own door is."""

from odoo.exceptions import AccessError, ValidationError
from odoo.fields import Command
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from .batch_common import BatchSetup
from .common import PREFIX, ConstituentCommon

# Relations of letters that have a field on both ends, and who keeps the other end.
KEPT_ELSEWHERE = {
    ("constituent.case", "also_letter_ids"),
    # A meeting names the letters it is about; the letter has no field for it.
    ("constituent.meeting", "letter_ids"),
}


@tagged("post_install", "-at_install")
class TestFromTheCase(BatchSetup, ConstituentCommon):
    """A case lists the letters that also answer it: the letter's own list, from behind."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.constituent_counsel_ids = cls.counsel
        cls.matter = cls._make_case(name="The second matter")
        cls.stranger = cls._make_case(partner_id=cls.neighbors[0].id, name="A stranger's")

    def test_no_letter_gets_or_loses_a_case(self):
        draft = self._make_letter()
        sent = self._make_sent(also_case_ids=[Command.link(self.matter.id)])
        before = {draft: self.Case.browse(), sent: self.matter}
        for user in (self.caseworker, self.coordinator, self.manager):
            for case, letter, command in (
                (self.matter, draft, Command.link(draft.id)),
                (self.stranger, sent, Command.link(sent.id)),
                (self.matter, sent, Command.unlink(sent.id)),
                (self.matter, sent, Command.clear()),
                (self.matter, sent, Command.set([])),
            ):
                with (
                    self.subTest(user=user.login, command=command),
                    self.assertRaisesRegex(AccessError, "office's own steps"),
                    self.env.cr.savepoint(),
                ):
                    case.with_user(user).write({"also_letter_ids": [command]})
                self.env.invalidate_all()
                self.assertEqual(letter.also_case_ids, before[letter])

    def test_nor_with_a_new_case(self):
        sent = self._make_sent()
        case = self.Case.with_user(self.coordinator)
        vals = {"name": "New", "partner_id": self.resident.id, "channel_id": self._phone().id}
        for new in (
            case.create({**vals, "also_letter_ids": [Command.link(sent.id)]}),
            case.with_context(default_also_letter_ids=[Command.link(sent.id)]).create(vals),
        ):
            self.assertFalse(new.also_letter_ids)
        self.env.invalidate_all()
        self.assertFalse(sent.also_case_ids)

    def _phone(self):
        return self.env.ref(f"{PREFIX}channel_phone")

    def test_counsel_is_not_shed(self):
        self.matter.sudo().needs_counsel = True
        letter = self._make_letter(
            user=self.coordinator, also_case_ids=[Command.link(self.matter.id)]
        )
        letter.action_submit()
        self.assertTrue(letter.needs_counsel)
        with self.assertRaises(AccessError):
            self.matter.with_user(self.caseworker).also_letter_ids = [Command.unlink(letter.id)]
        self.env.invalidate_all()
        self.assertTrue(letter.needs_counsel)

    def test_nor_are_work_orders_tied_to_cases_from_behind(self):
        order = self.env["constituent.work.order"].create(
            {
                "name": "Fill it",
                "department_id": self.streets.id,
                "case_ids": [Command.set(self.matter.ids)],
            }
        )
        with self.assertRaises(AccessError):
            self.stranger.with_user(self.caseworker).work_order_ids = [Command.link(order.id)]
        self.assertEqual(order.case_ids, self.matter)

    def test_every_other_end_is_known(self):
        """A new field of a letter's relation is a way past its guards until it is kept."""
        letters = self.Letter
        relations = {
            field.relation for field in letters._fields.values() if field.type == "many2many"
        }
        ends = {
            (model._name, field.name)
            for name, model in self.registry.items()
            for field in model._fields.values()
            if field.type == "many2many" and field.store and name != letters._name
            if field.relation in relations
            or (field.comodel_name == letters._name and not model._transient)
        }
        self.assertEqual(ends, KEPT_ELSEWHERE)


@tagged("post_install", "-at_install")
class TestAlsoRestricted(BatchSetup, ConstituentCommon):
    """A letter's second case becomes restricted: what names the letter goes out of sight, too."""

    def test_what_names_the_letter(self):
        clause = self.env["constituent.letter.clause"].create(
            {"name": "Appeal", "code": "SIDE", "body": "<p>You may appeal.</p>"}
        )
        second = self._make_case(name="Becomes restricted")
        letter = self._make_sent(
            medium="email",
            also_case_ids=[Command.link(second.id)],
            body=f"<p>See.</p><p>{clause.marker}</p>",
        )
        batch = self._written(cases=self.case)
        line = batch.line_ids
        line.letter_id.also_case_ids = [Command.link(second.id)]
        things = {
            "delivery": letter.delivery_ids,
            "clause": letter.clause_use_ids,
            "line": line,
        }
        for what, record in things.items():
            with self.subTest(what):
                self.assertTrue(record)
                self.assertTrue(record.with_user(self.manager).has_access("read"))
        second.confidentiality = "restricted"
        self.env.flush_all()
        self.env.invalidate_all()
        confidant = self._make_user("manager", "restricted", login="trusted_manager")
        for what, record in things.items():
            for user in (self.caseworker, self.coordinator, self.manager):
                with self.subTest(what, user=user.login):
                    self.assertFalse(record.with_user(user).has_access("read"))
                    self.assertFalse(
                        record.with_user(user).search([("id", "in", record.ids)]),
                    )
            with self.subTest(what, user="who may"):
                self.assertTrue(record.with_user(confidant).has_access("read"))


@tagged("post_install", "-at_install")
class TestCoveringNotes(BatchSetup, ConstituentCommon):
    """A covering note takes a letter to who brought its case, and to nobody else."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.office = cls.env["res.partner"].create(
            {"name": "Council Office 3", "street": "3 Hall", "city": "Example", "zip": "10001"}
        )
        cls.case.referrer_ids = [Command.create({"partner_id": cls.office.id})]
        cls.first = cls._make_sent()

    def test_to_nobody_else(self):
        for partner in (self.neighbors[0], self.resident):
            with (
                self.subTest(partner.name),
                self.assertRaisesRegex(ValidationError, "who brought"),
                self.env.cr.savepoint(),
            ):
                self._make_letter(partner_id=partner.id, covers_id=self.first.id)
        note = self._make_letter(partner_id=self.office.id, covers_id=self.first.id)
        with self.assertRaisesRegex(ValidationError, "who brought"):
            note.partner_id = self.neighbors[0]

    def test_who_decides_reads_what_goes_with_it(self):
        note = self._make_letter(partner_id=self.office.id, covers_id=self.first.id)
        page = note._reading_page()
        self.assertIn(self.resident.name, page)
        self.assertIn(f"“{self.first.subject}”", page)
        self.assertNotIn("goes with it", self.first._reading_page())


@tagged("post_install", "-at_install")
class TestCopiesForCounsel(BatchSetup, ConstituentCommon):
    """A copy is no way to be rid of counsel."""

    def _for_counsel(self):
        letter = self._make_letter()
        letter.action_submit()
        letter.with_user(self.coordinator).for_counsel = True
        return letter

    def test_the_mark_stays_on_a_copy(self):
        letter = self._for_counsel()
        for default in (None, {"for_counsel": False}):
            copy = letter.copy(default)
            self.assertTrue(copy.for_counsel)
            with self.subTest(default=default), self.assertRaises(AccessError):
                copy.for_counsel = False
            # Nor by a copy of the copy.
            self.assertTrue(copy.copy({"for_counsel": False}).for_counsel)

    def test_who_may_take_it_off(self):
        letter = self._for_counsel()
        copy = letter.with_user(self.manager).copy({"for_counsel": False})
        self.assertFalse(copy.for_counsel)
        marked = letter.copy()
        marked.with_user(self.manager).for_counsel = False
        self.assertFalse(marked.for_counsel)

    def test_ones_own_draft(self):
        draft = self._make_letter(for_counsel=True)
        self.assertFalse(draft.copy({"for_counsel": False}).for_counsel)
        copy = draft.copy()
        copy.for_counsel = False
        self.assertFalse(copy.for_counsel)


@tagged("post_install", "-at_install")
class TestSignatories(BatchSetup, ConstituentCommon):
    """Who signs is of the office's staff."""

    @mute_logger("odoo.sql_db")
    def test_strangers_sign_nothing(self):
        harbor = self.env["res.company"].create({"name": "Harbor Authority"})
        pilot = new_test_user(
            self.env,
            "t_pilot",
            f"{PREFIX}group_manager",
            company_id=harbor.id,
            company_ids=[Command.set(harbor.ids)],
        )
        letter, batch = self._make_letter(), self._batch()
        for user in (self.portal_user, pilot):
            for record in (letter, batch):
                with (
                    self.subTest(user=user.login, of=record._name),
                    self.assertRaisesRegex(ValidationError, "works for it"),
                    self.env.cr.savepoint(),
                ):
                    record.signatory_ids = [Command.link(user.id)]
            with self.subTest(user=user.login), self.assertRaises(ValidationError):
                self._make_letter(signatory_ids=[Command.set(user.ids)])
        # One who works for both signs for both.
        pilot.company_ids = [Command.link(self.company.id)]
        letter.signatory_ids = [Command.link(pilot.id)]
        self.assertIn(pilot, letter.signatory_ids)


@tagged("post_install", "-at_install")
class TestNothingIsSaidOfThem(BatchSetup, ConstituentCommon):
    """What a letter names out of the user's sight is refused before a rule says what it is."""

    @mute_logger("odoo.addons.base.models.ir_rule", "odoo.addons.base.models.ir_model")
    def test_cases_and_files_out_of_sight(self):
        secret = self._make_case(
            name="A testsecret", partner_id=self.resident.id, confidentiality="restricted"
        )
        theirs = self.env["ir.attachment"].create(
            {
                "name": "testsecret.txt",
                "raw": b"text",
                "res_model": "constituent.case",
                "res_id": secret.id,
            }
        )
        letter = self._make_letter()
        for name, record in (("also_case_ids", secret), ("enclosure_file_ids", theirs)):
            for command in (Command.link(record.id), Command.set(record.ids)):
                values = {name: [command]}
                ways = {
                    "write": lambda values=values: letter.write(values),
                    "create": lambda values=values: self._make_letter(**values),
                    "default": lambda values=values: letter.with_context(
                        **{f"default_{key}": value for key, value in values.items()}
                    ).create({"subject": "s", "case_id": self.case.id}),
                }
                for way, step in ways.items():
                    with (
                        self.subTest(name, way=way),
                        self.assertRaises(AccessError) as caught,
                        self.env.cr.savepoint(),
                    ):
                        step()
                    said = str(caught.exception)
                    self.assertNotIn("testsecret", said)
                    self.assertNotIn(secret.number, said)


@tagged("post_install", "-at_install")
class TestRulesOfAllOffices(BatchSetup, ConstituentCommon):
    """A rule that holds for all offices is changed by who works for all."""

    def _rule_by(self, user, **vals):
        return self._rule("Who signs", approver_kind="signatories", **vals).with_user(user)

    def test_one_offices_manager(self):
        self.env["res.company"].create({"name": "Harbor Authority"})
        shared = self._rule_by(self.manager, company_id=False)
        for what, step in (
            ("write", lambda: shared.write({"name": "x"})),
            ("take", lambda: shared.write({"company_id": self.company.id})),
            ("unlink", shared.unlink),
            ("copy", shared.copy),
            (
                "create",
                lambda: self.Rule.with_user(self.manager).create(
                    {
                        "name": "Me alone",
                        "company_id": False,
                        "approver_ids": [Command.set(self.manager.ids)],
                    }
                ),
            ),
        ):
            with (
                self.subTest(what),
                self.assertRaisesRegex(AccessError, "for all offices"),
                self.env.cr.savepoint(),
            ):
                step()
        mine = self._rule_by(self.manager, company_id=self.company.id)
        mine.write({"name": "Another name"})
        with self.assertRaisesRegex(AccessError, "all offices"), self.env.cr.savepoint():
            mine.company_id = False
        self.env.invalidate_all()
        mine.unlink()

    def test_who_works_for_all(self):
        self.env["res.company"].create({"name": "Harbor Authority"})
        self.manager.company_ids = self.env["res.company"].search([])
        shared = self._rule_by(self.manager, company_id=False)
        shared.write({"name": "Another name"})
        shared.unlink()
        self.assertFalse(shared.exists())
