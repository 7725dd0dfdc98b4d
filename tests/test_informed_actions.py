"""A department that only looks at a case: none of the case's public steps is for it."""

import inspect

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.service.model import call_kw
from odoo.tests import tagged
from odoo.tools import SQL, mute_logger

from .common import PREFIX, ConstituentCommon

RULES = "odoo.addons.base.models.ir_rule"
MODELS = "odoo.addons.base.models.ir_model"
OURS = "odoo.addons.constituent_services"
# What hangs on a case, and would show that a step was taken.
ATTACHED = (
    ("constituent_case_event", "case_id"),
    ("constituent_case_referrer", "case_id"),
    ("constituent_correspondence", "case_id"),
    ("constituent_delivery", "case_id"),
    ("constituent_work_order_case_rel", "case_id"),
    ("constituent_case_subscription", "case_id"),
    ("constituent_case_not_duplicate_rel", "case_id"),
    ("constituent_case", "parent_id"),
    ("mail_activity", "res_id"),
    ("mail_message", "res_id"),
)


class InformedSetup(ConstituentCommon):
    """A case in which every step would have something to do."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.onlooker = cls.other_caseworker
        cls.main = cls._make_case(name="The worked one: testpothole")
        cls.case = cls._ripe_case()
        cls.closed = cls._ripe_case()
        cls.closed._close(cls.outcome_resolved)
        cls.closed.reply_after_closing = True

    @classmethod
    def _ripe_case(cls):
        case = cls._make_case(
            informed_department_ids=cls.parks.ids,
            referrers=[{"partner_id": cls.resident.copy({"name": "Office of Lee"}).id}],
            latitude=40.75,
            longitude=-73.98,
        )
        case.action_same_as(cls.main.id)
        case.sudo().write(
            {
                "acceptance": "pending",
                "proposed_department_id": cls.parks.id,
                "identity_to_confirm": True,
                "identity_candidate_ids": [Command.set(cls.resident.ids)],
                "answer_to_decide": True,
                "duplicate_candidate": True,
                "diversion_id": cls.env.ref(f"{PREFIX}diversion_claim").id,
            }
        )
        return case

    @classmethod
    def _public_actions(cls):
        """Return the names of the case's own steps, as whoever calls by RPC finds them."""
        model = type(cls.Case)
        return [
            name
            for name in dir(model)
            if name.startswith("action_")
            and any(name in vars(one) and one.__module__.startswith(OURS) for one in model.__mro__)
        ]

    def _arguments(self, name):
        known = {"case_id": self.main.id, "partner_id": self.resident.id}
        signature = inspect.signature(getattr(type(self.Case), name))
        return [known[one] for one in signature.parameters if one != "self"]

    def _call(self, user, case, name):
        """Call a step as the web client does."""
        model = self.env["constituent.case"].with_user(user)
        return call_kw(model, name, [case.ids, *self._arguments(name)], {})

    def _snapshot(self, cases):
        """Return what the database has of cases and of what hangs on them, by column."""
        self.env.flush_all()
        self.env.cr.execute(
            "SELECT * FROM constituent_case WHERE id = ANY (%s) ORDER BY id", [cases.ids]
        )
        rows = self.env.cr.dictfetchall()
        found = {name: [row[name] for row in rows] for name in rows[0]}
        for table, column in ATTACHED:
            query = SQL(
                "SELECT count(*) FROM %s WHERE %s = ANY (%s)",
                SQL.identifier(table),
                SQL.identifier(column),
                cases.ids,
            )
            found[f"rows of {table}"] = self.env.execute_query(query)
        return found

    def _changes(self, user, case, name):
        """Take a step as somebody, look what it changed, and take it back.

        :return tuple: the exception or None, and the columns that changed
        """
        before = self._snapshot(case)
        with mute_logger(RULES, MODELS), self.env.cr.savepoint() as request:
            try:
                self._call(user, case, name)
                self.env.cr.precommit.run()
                raised, after = None, self._snapshot(case)
            except UserError as error:  # AccessError among them; it ends the request
                raised, after = error, before
            self.env.cr.precommit.clear()
            request.rollback()
        self.env.invalidate_all()
        return raised, sorted(key for key in before if before[key] != after[key])


@tagged("post_install", "-at_install")
class TestInformedActions(InformedSetup):
    def test_the_case_is_seen(self):
        for case in (self.case, self.closed):
            seen = case.with_user(self.onlooker)
            self.assertTrue(seen.has_access("read"))
            self.assertFalse(seen.has_access("write"))
            self.assertEqual(seen.read(["number"])[0]["number"], case.number)

    def test_no_step_changes_anything(self):
        names = self._public_actions()
        self.assertIn("action_accept", names)
        for case in (self.case, self.closed):
            for name in names:
                with self.subTest(name, case=case.status):
                    _error, changed = self._changes(self.onlooker, case, name)
                    self.assertEqual(changed, [])

    def test_each_step_that_changes_something_is_refused(self):
        """What a coordinator can do with these cases, an onlooker is told not to."""
        working = set()
        for case in (self.case, self.closed):
            for name in self._public_actions():
                error, changed = self._changes(self.confidant, case, name)
                if error or not changed:
                    continue
                working.add(name)
                with self.subTest(name, case=case.status):
                    refused, _changed = self._changes(self.onlooker, case, name)
                    self.assertIsInstance(refused, UserError)
        self.assertLessEqual(
            {
                "action_accept", "action_answer_both", "action_answer_direct",
                "action_answer_through", "action_assign_to_me", "action_identify_as",
                "action_identify_other", "action_not_diverted",
                "action_not_duplicates", "action_not_same", "action_raise_alarm",
                "action_reply_file", "action_route_again", "action_take_proposal",
            },
            working,
            "the cases are ripe for them",
        )  # fmt: skip

    def test_an_alarm_hides_the_case_from_onlookers(self):
        self.case.with_user(self.coordinator).action_raise_alarm()
        self.env.cr.precommit.run()
        self.assertFalse(self.case.with_user(self.onlooker).has_access("read"))
        before = self._snapshot(self.case)
        with self.assertRaises(AccessError), mute_logger(RULES):
            self._call(self.onlooker, self.case, "action_no_alarm")
        self.assertEqual(self._snapshot(self.case), before)

    def test_columns_over_rpc(self):
        tried = {
            "name": "Changed",
            "priority": "3",
            "department_id": self.parks.id,
            "user_id": self.onlooker.id,
            "informed_department_ids": [Command.clear()],
            "shared_department_ids": [Command.link(self.parks.id)],
            "confidentiality": "public",
            "legal_hold": True,
            "due_at": "2030-01-01 00:00:00",
            "tag_ids": [Command.create({"name": "Mine"})],
            "category_id": self.tree.id,
        }
        model = self.env["constituent.case"].with_user(self.onlooker)
        for name, value in tried.items():
            before = self._snapshot(self.case)
            with self.subTest(name), self.assertRaises(AccessError), mute_logger(RULES, MODELS):
                call_kw(model, "write", [self.case.ids, {name: value}], {})
            self.env.invalidate_all()
            self.assertEqual(self._snapshot(self.case), before)
            self.assertEqual(self.case.informed_department_ids, self.parks)
            self.assertFalse(self.case.shared_department_ids or self.case.tag_ids)


@tagged("post_install", "-at_install")
class TestInformedWindows(InformedSetup):
    """The windows behind the buttons hold, even when they are filled in by RPC."""

    def _refused(self, model, method, case, **values):
        before = self._snapshot(case)
        wizards = self.env[model].with_user(self.onlooker)
        with self.assertRaises(UserError), mute_logger(RULES, MODELS):
            wizard_id = call_kw(
                wizards, "create", [{"case_ids": [Command.set(case.ids)], **values}], {}
            )
            call_kw(wizards, method, [[wizard_id]], {})
        self.env.invalidate_all()
        self.assertEqual(self._snapshot(case), before)

    def test_close_and_reopen(self):
        self._refused(
            "constituent.case.close.wizard",
            "action_close_cases",
            self.case,
            outcome_id=self.outcome_resolved.id,
        )
        self._refused(
            "constituent.case.reopen.wizard", "action_reopen_cases", self.closed, reason="Mine now"
        )

    def test_hand_over_and_decline(self):
        self._refused(
            "constituent.case.hand.over.wizard",
            "action_hand_over_cases",
            self.case,
            department_id=self.parks.id,
            note="To us",
        )
        self._refused(
            "constituent.case.decline.wizard", "action_decline_cases", self.case, reason="Not ours"
        )

    def test_parts_and_the_same_matter(self):
        line = {"department_id": self.office.id, "name": "A part"}
        self._refused(
            "constituent.case.part.wizard",
            "action_add",
            self.case,
            line_ids=[Command.create(line)],
        )
        other = self._make_case(department_id=self.parks.id)
        self._refused("constituent.case.same.wizard", "action_link", self.case, main_id=other.id)

    def test_several_of_which_one_is_only_looked_at(self):
        own = self._make_case(department_id=self.parks.id)
        before = self._snapshot(own)
        self._refused(
            "constituent.case.close.wizard",
            "action_close_cases",
            own | self.case,
            outcome_id=self.outcome_resolved.id,
        )
        self.assertEqual(self._snapshot(own), before)

    def test_a_department_that_works_on_it_may(self):
        """The same calls go through where the department was asked to work."""
        self.case.write(
            {
                "informed_department_ids": [Command.clear()],
                "shared_department_ids": [Command.set(self.parks.ids)],
            }
        )
        self._call(self.onlooker, self.case, "action_accept")
        self.assertEqual(self.case.acceptance, "accepted")
        self._call(self.onlooker, self.case, "action_answer_both")
        self.assertFalse(self.case.answer_to_decide)
