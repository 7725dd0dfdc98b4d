"""How many queries the daily ways take. Times are for the bench; these cannot waver.

A case alone, a mail and a letter are counted where they are tested (test_case_intake,
test_inbound_speed, test_letter_pdf), the first page of the list in test_views.
"""

from datetime import date, datetime, timedelta
from functools import partial
from unittest.mock import patch

from lxml import etree

from odoo.fields import Datetime
from odoo.tools import SQL

from ..models import constituent_import_run
from ..models.constituent_words_mixin import WORD_SAMPLES
from .common import ConstituentCommon
from .import_common import ImportCommon

PAGE = 80


class SpeedCommon(ConstituentCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        now = Datetime.now()
        cls.cases = cls.Case.intake(
            [
                {
                    "channel": "phone",
                    "name": f"A testpothole number {number}",
                    "description": "<p>It is deep and full of brackwater.</p>",
                    "partner_id": cls.resident.id,
                    "received_at": now - timedelta(days=number),
                }
                for number in range(PAGE + 10)
            ]
        )
        cls.cases[:20].write({"user_id": cls.caseworker.id})
        cls.cases[20:30]._close(cls.outcome_resolved)

    def _warm(self, work):
        """Do it once: rules, rights and views are cached on a running server."""
        work()
        self.env.flush_all()
        self.env.invalidate_all()

    def _specification(self, user, kind):
        arch = etree.fromstring(self.Case.with_user(user).get_view(view_type=kind)["arch"])
        specification = {}
        for node in arch.iter("field"):
            field = self.Case._fields[node.get("name")]
            specification[field.name] = {"fields": {"display_name": {}}} if field.relational else {}
        return specification

    def assertQueries(self, limit, work):
        self._warm(work)
        with self.assertQueryCount(limit):
            result = work()
        return result


class TestScreenQueries(SpeedCommon):
    def test_kanban(self):
        """One query for the counts, one a column for its cards, and the names on them."""
        for user in (self.coordinator, self.caseworker):
            read = partial(
                self.Case.with_user(user).web_read_group,
                [("status", "!=", "closed")],
                ["stage_id"],
                ["__count"],
                auto_unfold=True,
                unfold_read_specification=self._specification(user, "kanban"),
                unfold_read_default_limit=PAGE,
            )
            with self.subTest(user=user.login):
                groups = self.assertQueries(22, read)["groups"]
                self.assertTrue([group for group in groups if group["__count"]])

    def test_search_of_a_word(self):
        for user in (self.coordinator, self.caseworker):
            for field, word in (("name", "testpothole"), ("description_text", "brackwater")):
                read = partial(
                    self.Case.with_user(user).web_search_read,
                    [(field, "ilike", word)],
                    self._specification(user, "list"),
                    limit=PAGE,
                    count_limit=1001,
                )
                with self.subTest(user=user.login, field=field):
                    page = self.assertQueries(15, read)
                    self.assertEqual(len(page["records"]), PAGE)

    def test_pivot(self):
        for user in (self.coordinator, self.caseworker):
            month = "received_on:month"
            read = partial(
                self.Case.with_user(user).formatted_read_grouping_sets,
                [],
                [[], ["department_id"], [month], ["department_id", month]],
                ["__count"],
            )
            with self.subTest(user=user.login):
                total = self.assertQueries(7, read)[0]
                self.assertEqual(total[0]["__count"], PAGE + 10)

    def test_contact(self):
        """The form of somebody with ninety cases counts them; it does not read them."""
        contact = self.resident.with_user(self.coordinator)
        names = ["case_count", "correspondence_count", "salutation", "name", "email", "phone"]
        self.assertEqual(self.assertQueries(6, lambda: contact.read(names))[0]["case_count"], 90)

    def test_desk_finds_a_caller(self):
        partners = self.env["res.partner"].with_user(self.clerk)
        for term in ("rivera", "212-736-5000", "ana.rivera@"):
            with self.subTest(term):
                domain = partners._constituent_search_domain(term)
                found = self.assertQueries(
                    2, lambda domain=domain: partners.search(domain, limit=8)
                )
                self.assertEqual(found, self.resident)


class TestSharedWithMe(SpeedCommon):
    """The rule's plain column and its subquery say the same as the relation."""

    def _seen(self, user):
        return self.Case.with_user(user).search([("id", "in", self.cases.ids)])

    def test_column_follows_the_relation(self):
        case = self.cases[0]
        self.assertFalse(case.is_shared)
        case.shared_department_ids = self.parks
        self.assertTrue(case.is_shared)
        self.assertIn(case, self._seen(self.other_caseworker))
        case.shared_department_ids = self.streets
        self.assertNotIn(case, self._seen(self.other_caseworker))
        self.assertFalse(case.with_user(self.other_caseworker).has_access("read"))
        case.shared_department_ids = False
        self.assertFalse(case.is_shared)

    def test_search_and_check_agree(self):
        """What a list finds is what may be opened: SQL and Python read the rule alike."""
        self.cases[:3].shared_department_ids = self.parks
        self.cases[3:5].shared_department_ids = self.streets | self.parks
        for user in (self.clerk, self.caseworker, self.other_caseworker, self.coordinator):
            with self.subTest(user=user.login):
                self.env.flush_all()
                self.env.invalidate_all()
                found = self._seen(user)
                self.assertEqual(
                    found, self.cases.with_user(user)._filtered_access("read").sorted()
                )

    def test_who_loses_the_department_loses_the_case(self):
        case = self.cases[0]
        case.shared_department_ids = self.parks
        self.assertIn(case, self._seen(self.other_caseworker))
        self.parks.member_ids -= self.other_caseworker
        self.assertNotIn(case, self._seen(self.other_caseworker))
        self.assertFalse(case.with_user(self.other_caseworker).has_access("read"))

    def test_day_of_the_office(self):
        """New York's evening is the next day of the clocks in Greenwich."""
        case = self._make_case(received_at=datetime(2026, 3, 1, 2, 30))
        self.assertEqual(case.received_on, date(2026, 2, 28))
        case.sudo().received_at = datetime(2026, 3, 1, 12)
        self.assertEqual(case.received_on, date(2026, 3, 1))


class TestBatchQueries(SpeedCommon):
    def test_batch_of_500(self):
        reports = [
            {"channel": "phone", "name": f"A testpothole {n}", "partner_id": self.resident.id}
            for n in range(500)
        ]
        self.Case.intake(reports[:1])
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        self.Case.intake(reports)
        self.env.flush_all()
        self.assertLessEqual((self.env.cr.sql_log_count - before) / 500, 2.5)


class TestImportQueries(ImportCommon):
    def _count(self, rows, again=False):
        """Return the queries of importing so many rows in one slice."""
        content = self._csv(*({"Key": f"{rows}-{number}"} for number in range(rows)))
        if again:
            self._run(content)
        with patch.object(constituent_import_run, "SLICE", 1000):
            before = self.env.cr.sql_log_count
            run = self._run(content)
            count = self.env.cr.sql_log_count - before
        self.assertEqual(run.unchanged_count if again else run.created_count, rows)
        return count

    def test_each_further_row(self):
        for again, limit in ((False, 1.2), (True, 0.2)):
            self._count(2, again)
            few, many = self._count(10, again), self._count(210, again)
            with self.subTest(again=again):
                self.assertLessEqual((many - few) / 200, limit)


class TestIndexes(SpeedCommon):
    """The indexes answer the very queries the screens send, whatever the planner prefers."""

    def _plan(self, records, domain, **kwargs):
        """Return the plan of a search as text, where reading a whole table costs too much."""
        query = records._search(domain, **kwargs)
        self.env.flush_all()
        # In a table this small every index is as good as the office's own: without it.
        self.env.cr.execute("DROP INDEX IF EXISTS constituent_case__company_id_index")
        # Of what it is now, not of what it was when the server last looked.
        self.env.cr.execute(SQL("ANALYZE %s", SQL.identifier(records._table)))
        self.env.cr.execute("SET LOCAL enable_seqscan = off")
        self.env.cr.execute(SQL("EXPLAIN %s", query.select()))
        return "\n".join(row[0] for row in self.env.cr.fetchall())

    def test_open_cases(self):
        # In a table this small the totals' index is as short as that of the open cases.
        self.env.cr.execute("DROP INDEX constituent_case_department_received_idx")
        plan = self._plan(
            self.Case.with_user(self.coordinator), [("status", "!=", "closed")], limit=PAGE
        )
        self.assertIn("constituent_case_open", plan)
        self.assertNotIn("IS NULL", plan)

    def test_every_arm_of_a_caseworkers_rule(self):
        """A word is looked up among what the caseworker sees: two bitmaps, one of each."""
        plan = self._plan(
            self.Case.with_user(self.caseworker), [("description_text", "ilike", "brackwater")]
        )
        self.assertIn("description_text", plan)
        # Each arm must be answerable by an index, or the planner cannot combine them.
        self.env.cr.execute("SET LOCAL enable_indexscan = off")
        self.env.cr.execute("SET LOCAL enable_indexonlyscan = off")
        plan = self._plan(self.Case.with_user(self.caseworker), [])
        self.assertIn("BitmapOr", plan)
        for name in ("create_uid", "department", "user_id", "triage", "shared"):
            self.assertIn(name, plan)

    def test_words_are_sampled_closely(self):
        """Else a rare word is taken for a frequent one, and all cases are walked through."""
        self.env.cr.execute(
            "SELECT c.relname, a.attnum FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid"
            " WHERE a.attstattarget = %s AND c.relname LIKE 'constituent%%'",
            (WORD_SAMPLES,),
        )
        wanted = {
            (index, column)
            for model in ("constituent.case", "constituent.correspondence")
            for index, columns in self.env[model]._word_indexes.items()
            for column in columns
        }
        self.assertEqual(set(self.env.cr.fetchall()), wanted)
        self.assertEqual(len(wanted), 5)

    def test_contacts_by_mail_and_telephone(self):
        for domain, index in (
            ([("email_normalized", "=", "a@example.org")], "email_normalized"),
            ([("phone_sanitized", "=", "+12127365000")], "phone_sanitized"),
            ([("external_source", "=", "x"), ("external_ref", "=", "1")], "external_idx"),
        ):
            plan = self._plan(self.env["res.partner"], domain)
            with self.subTest(index):
                self.assertRegex(plan, f"Index.*{index}")
