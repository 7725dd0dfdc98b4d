import json

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import HttpCase, tagged
from odoo.tools import mute_logger

from .common import PREFIX, ConstituentCommon, ConstituentSetup

OPERATIONS = ("read", "write", "create", "unlink")
# What a role may do with a model at all; letters of OPERATIONS. Rows are narrowed by rules.
MASTERS = (
    "channel", "case.stage", "case.outcome", "category", "category.question",
    "category.question.value", "department",
    "district.type", "district", "district.term", "routing.rule", "notice", "diversion",
)  # fmt: skip
EXPECTED = {
    **{
        f"constituent.{name}": {"clerk": "r", "caseworker": "r", "coordinator": "r",
                                "manager": "rwcu"}
        for name in MASTERS
    },
    "constituent.case.tag": {"clerk": "r", "caseworker": "rwc", "coordinator": "rwc",
                             "manager": "rwcu"},
    "constituent.case": dict.fromkeys(("clerk", "caseworker", "coordinator", "manager"), "rwc"),
    "constituent.case.referrer": dict.fromkeys(
        ("clerk", "caseworker", "coordinator", "manager"), "rwcu"
    ),
    "constituent.case.answer": {"clerk": "rc", "caseworker": "rwc", "coordinator": "rwc",
                                "manager": "rwc"},
    "constituent.case.event": dict.fromkeys(
        ("clerk", "caseworker", "coordinator", "manager"), "r"
    ),
    "constituent.case.subscription": {"clerk": "r", "caseworker": "rwc", "coordinator": "rwc",
                                      "manager": "rwc"},
    "constituent.absence": {"clerk": "", "caseworker": "rwcu", "coordinator": "rwcu",
                            "manager": "rwcu"},
    "constituent.call": dict.fromkeys(("clerk", "caseworker", "coordinator", "manager"), "rwc"),
    "constituent.delivery": {"clerk": "", "caseworker": "r", "coordinator": "r", "manager": "r"},
    "constituent.inbound.mail": {"clerk": "", "caseworker": "r", "coordinator": "r",
                                 "manager": "r"},
    "constituent.crew": {"clerk": "", "caseworker": "r", "coordinator": "r", "manager": "rwcu"},
    "constituent.category.task": {"clerk": "r", "caseworker": "r", "coordinator": "r",
                                  "manager": "rwcu"},
    "constituent.work.order": {"clerk": "", "caseworker": "rwcu", "coordinator": "rwcu",
                               "manager": "rwcu"},
    "constituent.work.order.task": {"clerk": "", "caseworker": "rwcu", "coordinator": "rwcu",
                                    "manager": "rwcu"},
    "constituent.blocked.sender": {"clerk": "", "caseworker": "", "coordinator": "rwc",
                                   "manager": "rwcu"},
    "constituent.correspondence": {"clerk": "rwc", "caseworker": "rwcu", "coordinator": "rwcu",
                                   "manager": "rwcu"},
    "constituent.letter.template": {"clerk": "r", "caseworker": "r", "coordinator": "r",
                                    "manager": "rwc"},
    "constituent.letter.clause": {"clerk": "r", "caseworker": "r", "coordinator": "r",
                                  "manager": "rwc"},
    "constituent.letter.version": dict.fromkeys(
        ("clerk", "caseworker", "coordinator", "manager"), "r"
    ),
    "constituent.letter.clause.use": dict.fromkeys(
        ("clerk", "caseworker", "coordinator", "manager"), "rc"
    ),
    "constituent.import": {"clerk": "", "caseworker": "", "coordinator": "rwcu",
                           "manager": "rwcu"},
    "constituent.import.row": {"clerk": "", "caseworker": "", "coordinator": "r", "manager": "r"},
    "constituent.import.stop": dict.fromkeys(("clerk", "caseworker", "coordinator", "manager"), ""),
    "constituent.import.mapping": {"clerk": "", "caseworker": "", "coordinator": "rwcu",
                                   "manager": "rwcu"},
    "constituent.meeting": {"clerk": "rwc", "caseworker": "rwc", "coordinator": "rwcu",
                            "manager": "rwcu"},
    "constituent.meeting.concern": dict.fromkeys(
        ("clerk", "caseworker", "coordinator", "manager"), "rwcu"
    ),
    "constituent.contact.merge": {"clerk": "", "caseworker": "", "coordinator": "r",
                                  "manager": "r"},
    "constituent.issue": {"clerk": "", "caseworker": "r", "coordinator": "rwcu",
                          "manager": "rwcu"},
    "constituent.opinion.group": {"clerk": "", "caseworker": "r", "coordinator": "rw",
                                  "manager": "rw"},
    "constituent.opinion.print": dict.fromkeys(
        ("clerk", "caseworker", "coordinator", "manager"), ""
    ),
    "constituent.approval": {"clerk": "", "caseworker": "", "coordinator": "", "manager": "r"},
    **{
        f"constituent.{name}": {"clerk": "", "caseworker": "r", "coordinator": "r",
                                "manager": "rwcu"}
        for name in ("approval.rule", "signatory.term", "blackout")
    },
    "constituent.approval.delegation": dict.fromkeys(
        ("clerk", "caseworker", "coordinator", "manager"), "rwcu"
    ),
    "constituent.signature": dict.fromkeys(
        ("clerk", "caseworker", "coordinator", "manager"), "rwcu"
    ),
    "constituent.scan": dict.fromkeys(("clerk", "caseworker", "coordinator", "manager"), "rwcu"),
    "constituent.scan.piece": dict.fromkeys(
        ("clerk", "caseworker", "coordinator", "manager"), "rwcu"
    ),
    "constituent.post.run": {"clerk": "", "caseworker": "", "coordinator": "rwcu",
                             "manager": "rwcu"},
    "constituent.letter.batch": {"clerk": "rw", "caseworker": "rwcu", "coordinator": "rwcu",
                                 "manager": "rwcu"},
    "constituent.letter.batch.line": {"clerk": "", "caseworker": "r", "coordinator": "r",
                                      "manager": "r"},
    "constituent.import.mapping.line": {"clerk": "", "caseworker": "", "coordinator": "rwcu",
                                        "manager": "rwcu"},
}  # fmt: skip


class TestModelRights(ConstituentCommon):
    """What each role may do with each model, whatever the rows."""

    def test_matrix(self):
        for model, roles in EXPECTED.items():
            for role, letters in roles.items():
                records = self.env[model].with_user(getattr(self, role))
                for operation in OPERATIONS:
                    with self.subTest(model=model, role=role, operation=operation):
                        self.assertEqual(
                            records.has_access(operation),
                            operation[0] in letters if operation != "unlink" else "u" in letters,
                        )

    def test_every_model_is_in_the_matrix_and_closed_to_others(self):
        models = {
            name
            for name, model in self.registry.items()
            if name.startswith("constituent.") and not model._abstract and not model._transient
        }
        self.assertEqual(models, set(EXPECTED))
        public = self.env.ref("base.public_user")
        for model in models:
            for user in (self.portal_user, public, self.internal_user):
                for operation in OPERATIONS:
                    with self.subTest(model=model, user=user.login, operation=operation):
                        self.assertFalse(self.env[model].with_user(user).has_access(operation))

    def test_nobody_deletes_a_case(self):
        case = self._make_case()
        for user in (self.clerk, self.caseworker, self.coordinator, self.manager):
            with self.assertRaises(UserError), mute_logger("odoo.addons.base.models.ir_model"):
                case.with_user(user).unlink()
        with self.assertRaisesRegex(UserError, "not deleted"):
            case.unlink()
        self.assertTrue(case.exists())


class TestVisibleCases(ConstituentCommon):
    """Which cases each role sees."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.triage = cls._make_case(name="Other", description=False)
        cls.street_case = cls._make_case()
        cls.park_case = cls._make_case(name="testtree")
        cls.restricted = cls._make_case(confidentiality="restricted")
        cls.every = cls.triage | cls.street_case | cls.park_case | cls.restricted

    def _seen(self, user):
        return self.Case.with_user(user).search([("id", "in", self.every.ids)])

    def test_clerk_sees_triage_and_own(self):
        self.assertEqual(self._seen(self.clerk), self.triage)
        own = self.Case.with_user(self.clerk).create({"name": "testpothole"})
        self.assertEqual(own.department_id, self.streets)
        self.assertEqual(own.with_user(self.clerk).name, "testpothole")
        self.triage.with_user(self.manager)._close(self.outcome_resolved)
        self.assertFalse(self._seen(self.clerk), "closed cases are not in triage")

    def test_caseworker_sees_department_own_and_shared(self):
        self.assertEqual(self._seen(self.caseworker), self.street_case | self.triage)
        self.park_case.user_id = self.caseworker
        self.assertIn(self.park_case, self._seen(self.caseworker))
        self.park_case.user_id = False
        self.park_case.shared_department_ids = self.streets
        self.assertIn(self.park_case, self._seen(self.caseworker))
        self.assertNotIn(self.street_case, self._seen(self.other_caseworker))

    def test_coordinator_and_manager_see_all_but_restricted(self):
        expected = self.every - self.restricted
        self.assertEqual(self._seen(self.coordinator), expected)
        self.assertEqual(self._seen(self.manager), expected)
        self.assertEqual(self._seen(self.confidant), self.every)

    def test_restricted_holds_whoever_owns_it(self):
        self.restricted.user_id = self.caseworker
        self.assertNotIn(self.restricted, self._seen(self.caseworker))
        with self.assertRaises(AccessError), mute_logger("odoo.addons.base.models.ir_rule"):
            self.restricted.with_user(self.caseworker).read(["name"])
        with self.assertRaises(AccessError), mute_logger("odoo.addons.base.models.ir_rule"):
            self.restricted.with_user(self.manager).write({"name": "seen"})

    def test_a_removed_member_loses_sight_at_once(self):
        self.assertIn(self.street_case, self._seen(self.caseworker))
        self.streets.member_ids = [Command.unlink(self.caseworker.id)]
        self.assertNotIn(self.street_case, self._seen(self.caseworker))
        self.caseworker.constituent_department_ids = [Command.link(self.streets.id)]
        self.assertIn(self.street_case, self._seen(self.caseworker))
        self.caseworker.constituent_department_ids = [Command.clear()]
        self.assertNotIn(self.street_case, self._seen(self.caseworker))

    def test_other_offices_are_out_of_sight(self):
        other = self.env["res.company"].create({"name": "Harbor Authority"})
        elsewhere = self.Case.intake([{"name": "There", "company_id": other.id}])
        for user in (self.coordinator, self.manager, self.confidant):
            with self.assertRaises(AccessError), mute_logger("odoo.addons.base.models.ir_rule"):
                elsewhere.with_user(user).read(["name"])
            self.assertFalse(self.Case.with_user(user).search([("id", "=", elsewhere.id)]))

    def test_what_hangs_on_a_case_follows_it(self):
        office = self.env["res.partner"].create({"name": "An office"})
        for case in self.every:
            self.env["constituent.case.referrer"].create(
                {"case_id": case.id, "partner_id": office.id}
            )
        for model in ("constituent.case.event", "constituent.case.referrer"):
            for user, seen in (
                (self.clerk, self.triage),
                (self.caseworker, self.street_case | self.triage),
                (self.coordinator, self.every - self.restricted),
                (self.confidant, self.every),
            ):
                with self.subTest(model=model, user=user.login):
                    found = (
                        self.env[model].with_user(user).search([("case_id", "in", self.every.ids)])
                    )
                    self.assertEqual(found.sudo().case_id, seen)

    def test_groups_and_counts_leak_nothing(self):
        rows = self.Case.with_user(self.caseworker)._read_group(
            [("id", "in", self.every.ids)], ["department_id"], ["__count"]
        )
        self.assertEqual(sum(count for _department, count in rows), 2)


class TestRestrictedReading(ConstituentCommon):
    """Each reading of a restricted case is logged."""

    def _readings(self, case):
        return case.event_ids.filtered(lambda event: event.kind == "read")

    def test_reading_is_logged_once_a_while(self):
        case = self._make_case(confidentiality="restricted")
        self.assertFalse(self._readings(case))
        case.with_user(self.confidant).web_read({"name": {}})
        self.assertEqual(self._readings(case).user_id, self.confidant)
        case.with_user(self.confidant).read(["description"])
        self.assertEqual(len(self._readings(case)), 1)

    def test_lists_searches_and_exports_are_readings(self):
        self.confidant.group_ids += self.env.ref("base.group_allow_export")
        for read in (
            lambda cases: cases.search_read([("id", "in", cases.ids)], ["name"]),
            lambda cases: cases.web_search_read([("id", "in", cases.ids)], {"name": {}}),
            lambda cases: cases.export_data(["name"]),
        ):
            case = self._make_case(confidentiality="restricted")
            self.env.flush_all()
            read(case.with_user(self.confidant))
            self.assertEqual(self._readings(case).user_id, self.confidant)

    def test_ordinary_cases_are_not(self):
        case = self._make_case()
        case.with_user(self.coordinator).read(["name"])
        self.assertFalse(self._readings(case))


class TestClerksDoNotSend(ConstituentCommon):
    """A clerk notes for colleagues and never writes to people outside."""

    def test_messages(self):
        case = self.Case.with_user(self.clerk).create(
            {"name": "By hand", "partner_id": self.resident.id}
        )
        case.message_post(body="for you", partner_ids=self.caseworker.partner_id.ids)
        for outside in (
            {"partner_ids": self.resident.ids},
            {"outgoing_email_to": "somebody@example.org"},
        ):
            with self.assertRaisesRegex(AccessError, "do not write"):
                case.message_post(body="Dear Ana", **outside)
        with self.assertRaisesRegex(AccessError, "do not write"):
            case.message_notify(body="Dear Ana", partner_ids=self.resident.ids)
        case.user_id = self.caseworker
        message = case.with_user(self.caseworker).message_post(
            body="Dear Ana", partner_ids=self.resident.ids
        )
        self.assertEqual(message.partner_ids, self.resident)


@tagged("post_install", "-at_install")
class TestRolesByRpc(ConstituentSetup, HttpCase):
    """The same refusals through the real door: JSON-RPC with a session."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.case = cls._make_case()
        cls.park_case = cls._make_case(name="testtree")

    def _call(self, model, method, *args, **kwargs):
        response = self.url_open(
            f"/web/dataset/call_kw/{model}/{method}",
            data=json.dumps(
                {"params": {"model": model, "method": method, "args": args, "kwargs": kwargs}}
            ),
            headers={"Content-Type": "application/json"},
        )
        return response.json()

    def _assert_refused(self, *call, **kwargs):
        with mute_logger(
            "odoo.http", "odoo.addons.base.models.ir_model", "odoo.addons.base.models.ir_rule"
        ):
            answer = self._call(*call, **kwargs)
        self.assertIn("error", answer, call)
        self.assertIn(
            answer["error"]["data"]["name"],
            # A sealed row refuses before rights are asked.
            (
                "odoo.exceptions.AccessError",
                "odoo.exceptions.UserError",
                "builtins.AttributeError",
            ),
            call,
        )

    def test_portal_and_plain_users_get_nothing(self):
        for login in ("t_portal", "t_internal"):
            self.authenticate(login, login)
            for model in EXPECTED:
                self._assert_refused(model, "search_read", [], ["id"])
                self._assert_refused(model, "create", [{"name": "x"}])

    def test_a_caseworker_does_not_reach_another_department(self):
        self.authenticate("t_caseworker", "t_caseworker")
        self.assertEqual(
            self._call("constituent.case", "read", self.case.ids, ["number"])["result"][0][
                "number"
            ],
            self.case.number,
        )
        self._assert_refused("constituent.case", "read", self.park_case.ids, ["number"])
        self._assert_refused("constituent.case", "write", self.park_case.ids, {"name": "x"})
        self._assert_refused("constituent.case", "message_post", self.park_case.ids, body="x")

    def test_private_doors_are_closed(self):
        self.authenticate("t_manager", "t_manager")
        self._assert_refused("constituent.case", "intake", [{"name": "x"}])
        for method in ("_close", "_intake_run", "_draw_sequence"):
            self._assert_refused("constituent.case", method, self.case.ids)

    def test_history_is_written_by_nobody(self):
        self.authenticate("t_manager", "t_manager")
        event = self.case.event_ids[0]
        self._assert_refused("constituent.case.event", "write", event.ids, {"note": "x"})
        self._assert_refused("constituent.case.event", "unlink", event.ids)
        self._assert_refused(
            "constituent.case.event",
            "create",
            [{"case_id": self.case.id, "kind": "closed", "company_id": self.company.id}],
        )

    def test_clerk_configures_nothing(self):
        self.authenticate("t_clerk", "t_clerk")
        for xmlid in ("stage_closed", "outcome_resolved", "channel_phone", "department_office"):
            record = self.env.ref(PREFIX + xmlid)
            self._assert_refused(record._name, "write", record.ids, {"name": "x"})
            self._assert_refused(record._name, "unlink", record.ids)
