import json
from datetime import datetime, timedelta

from freezegun import freeze_time

from odoo.exceptions import AccessError
from odoo.fields import Domain
from odoo.tests import HttpCase, tagged
from odoo.tools import SQL

from ..models.constituent_desk import COUNT_LIMIT, ROWS
from . import test_index_use
from .common import ConstituentCommon, ConstituentSetup

# A Thursday, 10:00 in New York
NOW = datetime(2026, 11, 12, 15, 0)
TILES = [
    "triage", "not_understood", "unassigned", "overdue", "call_back", "reply_after_closing",
]  # fmt: skip
QUERIES = 26


class DeskCommon(ConstituentCommon):
    def _data(self, user):
        return self.env["constituent.desk"].with_user(user).desk_data()

    def _tile(self, key, user=None):
        tiles = self._data(user or self.coordinator)["tiles"]
        return next(tile for tile in tiles if tile["key"] == key)

    def _names(self, key, user=None):
        return [row["name"] for row in self._tile(key, user)["rows"]]

    def _inbound(self, count=1, state="not_understood"):
        return self.env["constituent.inbound.mail"].create(
            [
                {"subject": f"Mail {n}", "state": state, "company_id": self.company.id}
                for n in range(count)
            ]
        )


class TestDesk(DeskCommon):
    """Each tile lists what waits, with the reader's own rights."""

    def test_tiles_in_their_order(self):
        keys = [tile["key"] for tile in self._data(self.coordinator)["tiles"]]
        self.assertEqual([key for key in keys if key in TILES], TILES)

    def test_empty(self):
        tile = self._tile("reply_after_closing")
        self.assertEqual((tile["count"], tile["rows"]), ("0", []))

    def test_triage(self):
        case = self._make_case(name="Nobody can place it")
        self._make_case()
        tile = self._tile("triage")
        self.assertEqual(tile["count"], "1")
        row = tile["rows"][0]
        self.assertEqual((row["id"], row["number"]), (case.id, case.number))
        self.assertFalse(row["is_late"])
        case.department_id = self.parks
        self.assertEqual(self._tile("triage")["count"], "0")

    def test_unassigned(self):
        self._make_case(name="Nobody can place it")
        case = self._make_case()
        self.assertEqual(self._names("unassigned"), [case.name])
        self.assertEqual(self._tile("unassigned")["rows"][0]["department"], "Streets Department")
        case.user_id = self.caseworker
        self.assertFalse(self._names("unassigned"))

    def test_overdue(self):
        with freeze_time(NOW):
            late = self._make_case(name="Late testpothole")
            later = self._make_case(name="Later testpothole")
            due = self._make_case(name="Due testpothole")
            (late | later | due).sudo().write({"due_at": NOW - timedelta(days=2)})
            later.sudo().due_at = NOW - timedelta(days=1)
            due.sudo().due_at = NOW + timedelta(hours=1)
            self.assertEqual(self._names("overdue"), [late.name, later.name])
            row = self._tile("overdue")["rows"][0]
            self.assertEqual((row["when"], row["is_late"]), ("due 2 days ago", True))

    def test_call_backs_of_today(self):
        case = self._make_case()
        with freeze_time(NOW):
            for hours in (1, 2, 30):
                self.env["constituent.call"].create(
                    {
                        "case_id": case.id,
                        "direction": "in",
                        "outcome": "call_back",
                        "called_at": NOW - timedelta(hours=1),
                        "call_back_by": NOW + timedelta(hours=hours),
                    }
                )
            tile = self._tile("call_back")
            self.assertEqual(tile["count"], "2", "tomorrow's is not due")
            self.assertEqual(tile["rows"][0]["when"], "Call by Nov 12, 11:00")
            self.assertEqual(tile["rows"][0]["number"], case.number)
            self.assertFalse(tile["rows"][0]["is_late"])
        with freeze_time(NOW + timedelta(hours=1, minutes=30)):
            rows = self._tile("call_back")["rows"]
            self.assertEqual([row["is_late"] for row in rows], [True, False])

    def test_replies_after_closing(self):
        case = self._make_case()
        case._close(self.outcome_resolved, "Done")
        case._write_kept({"reply_after_closing": True})
        case.sudo().due_at = NOW - timedelta(days=900)
        row = self._tile("reply_after_closing")["rows"][0]
        self.assertEqual(row["name"], case.name)
        self.assertFalse(row["is_late"], "it is closed")

    def test_mails_not_understood(self):
        self._inbound()
        self._inbound(state="spam")
        self.assertEqual(self._names("not_understood"), ["Mail 0"])
        self.assertFalse(self._names("not_understood", self.caseworker), "a coordinator's")

    def test_first_rows_and_all_of_the_count(self):
        self._inbound(ROWS + 3)
        tile = self._tile("not_understood")
        self.assertEqual(len(tile["rows"]), ROWS)
        self.assertEqual((tile["count"], tile["total"]), (str(ROWS + 3), ROWS + 3))

    def test_a_big_count_is_capped(self):
        self._inbound(COUNT_LIMIT + 1)
        self.assertEqual(self._tile("not_understood")["count"], "999+")

    def test_the_action_lists_the_same(self):
        self._make_case(name="Nobody can place it")
        for tile in self._data(self.coordinator)["tiles"]:
            action = tile["action"]
            with self.subTest(tile["key"]):
                found = self.env[action["res_model"]].search(action["domain"])
                self.assertEqual(len(found), tile["total"])
                self.assertTrue(self.env.ref(action["xml_id"]))

    def test_others_add_tiles(self):
        desk = self.env["constituent.desk"].with_user(self.coordinator)
        added = desk._case_tile("mine", "Mine", Domain("user_id", "=", self.coordinator.id))
        self.assertEqual(desk._tile(*added)["count"], "0")

    # Rights

    def test_each_role_sees_its_own(self):
        self._make_case()
        self._make_case(name="A testtree fell")
        self._make_case(name="Nobody can place it")
        self._make_case(name="Hidden testpothole", confidentiality="restricted")
        for user, unassigned, triage in (
            (self.caseworker, 1, 1),
            (self.other_caseworker, 1, 1),
            (self.coordinator, 2, 1),
            (self.manager, 2, 1),
            (self.confidant, 3, 1),
        ):
            with self.subTest(user=user.login):
                self.assertEqual(self._tile("unassigned", user)["total"], unassigned)
                self.assertEqual(self._tile("triage", user)["total"], triage)

    def test_not_for_clerks_and_outsiders(self):
        for user in (self.clerk, self.portal_user, self.internal_user):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                self._data(user)

    def test_other_offices_are_out_of_sight(self):
        company = self.env["res.company"].create({"name": "Harbor Authority"})
        self.Case.with_company(company).intake([{"name": "Nobody's", "channel": "phone"}])
        self.env["constituent.inbound.mail"].create(
            {"subject": "Theirs", "state": "not_understood", "company_id": company.id}
        )
        for key in ("triage", "not_understood"):
            self.assertFalse(self._names(key, self.manager))

    # Health

    def _health(self, key):
        return next(item for item in self._data(self.caseworker)["health"] if item["key"] == key)

    def test_mail_in(self):
        self.assertEqual(self._health("mail_in")["value"], "never")
        with freeze_time(NOW):
            self._inbound()
        with freeze_time(NOW + timedelta(minutes=5)):
            self.assertEqual(self._health("mail_in")["value"], "5 minutes ago")

    def test_queue_and_acknowledgements(self):
        with freeze_time(NOW):
            self._make_case(channel="mail")
            self.env.flush_all()
            self.env.cr.execute(
                SQL("UPDATE constituent_delivery SET create_date = %s WHERE state = 'queued'", NOW)
            )
            self.env.invalidate_all()
        with freeze_time(NOW + timedelta(minutes=5)):
            self.assertFalse(self._health("queue")["is_bad"])
            self.assertEqual(self._health("unacknowledged")["value"], "0")
        with freeze_time(NOW + timedelta(minutes=11)):
            self.assertTrue(self._health("queue")["is_bad"])
            self.assertEqual(self._health("queue")["value"], "11 minutes ago")
            self.assertEqual(self._health("unacknowledged")["value"], "1")
            self.assertTrue(self._health("unacknowledged")["is_bad"])

    def test_scheduled_actions(self):
        crons = self.env["ir.cron"].search([("model_id.model", "=like", "constituent.%")])
        self.assertTrue(crons)
        crons.write({"nextcall": NOW, "failure_count": 0})
        with freeze_time(NOW):
            self.assertEqual(self._health("crons")["value"], "0")
        with freeze_time(NOW + timedelta(minutes=16)):
            self.assertEqual(self._health("crons")["value"], str(len(crons)))
        crons[0].active = False
        with freeze_time(NOW):
            self.assertEqual(self._health("crons")["value"], "1")
            self.assertTrue(self._health("crons")["is_bad"])


class TestDeskSpeed(DeskCommon):
    """One page, few queries, each answered by an index."""

    # As the filters of the search views are checked
    _bitmaps = test_index_use.TestIndexUse._bitmaps
    assertAnswers = test_index_use.TestIndexUse.assertAnswers

    def _fill(self):
        self._inbound(ROWS + 1)
        for _n in range(ROWS + 2):
            self._make_case()
            self._make_case(name="Nobody can place it")
        late = self._make_case()
        late.sudo().due_at = NOW - timedelta(days=900)
        self.env["constituent.call"].create(
            {
                "case_id": late.id,
                "outcome": "call_back",
                "called_at": NOW - timedelta(days=801),
                "call_back_by": NOW - timedelta(days=800),
            }
        )

    def test_queries(self):
        self._fill()
        for user in (self.caseworker, self.coordinator):
            self._data(user)
            self.env.flush_all()
            self.env.invalidate_all()
            with self.subTest(user=user.login), self.assertQueryCount(QUERIES):
                self._data(user)

    def test_indexes(self):
        """An index of its own can answer each tile."""
        wanted = {
            "triage": "triage",
            "unassigned": "unassigned",
            "overdue": "due",
            "call_back": "call_back",
            "reply_after_closing": "reply_after_closing",
            "not_understood": "state",
        }
        for key, _label, model, domain, _order, _action in self.env["constituent.desk"]._tiles():
            if key in wanted:
                with self.subTest(key):
                    self.assertAnswers(wanted[key], self.env[model], domain)


@tagged("post_install", "-at_install")
class TestDeskOverRpc(ConstituentSetup, HttpCase):
    def test_one_endpoint(self):
        """What the page asks over RPC comes as JSON; private methods are no doors."""
        for login, refused in (("t_coordinator", False), ("t_clerk", True)):
            self.authenticate(login, login)
            answer = self._call("desk_data")
            with self.subTest(login):
                self.assertEqual("error" in answer, refused)
        self.authenticate("t_coordinator", "t_coordinator")
        for method in ("_health", "_tiles", "_of_offices"):
            self.assertIn("error", self._call(method))

    def _call(self, method):
        """Call a method of the desk as the web client does."""
        response = self.url_open(
            f"/web/dataset/call_kw/constituent.desk/{method}",
            data=json.dumps(
                {
                    "params": {
                        "model": "constituent.desk",
                        "method": method,
                        "args": [],
                        "kwargs": {},
                    }
                }
            ),
            headers={"Content-Type": "application/json"},
        )
        return response.json()
