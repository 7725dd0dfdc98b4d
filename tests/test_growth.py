"""The made-up city for measuring is what the pipeline would have made, and the same each time."""

import importlib
import sys
import unittest
from datetime import datetime
from pathlib import Path

from odoo.tests import TransactionCase, tagged

LIB = Path(__file__).resolve().parent.parent / "script" / "lib"
UNTIL = datetime(2026, 5, 1, 12)
DIGEST = """
    SELECT md5(string_agg(md5(ROW(c.name, c.description, c.received_at, c.closed_at, c.due_at,
        c.priority, c.identity, c.partner_name, c.street, c.latitude, c.status, c.access_token,
        d.code, k.code, u.login)::text), '' ORDER BY c.id))
    FROM constituent_case c JOIN constituent_category k ON k.id = c.category_id
    LEFT JOIN constituent_department d ON d.id = c.department_id
    LEFT JOIN res_users u ON u.id = c.user_id
    WHERE k.code LIKE 'G-%'
"""


@tagged("post_install", "-at_install")
class TestGrowth(TransactionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        if not LIB.exists():
            raise unittest.SkipTest("there is no script/: this is not a checkout")
        cls.addClassCleanup(setattr, sys, "path", list(sys.path))
        sys.path.insert(0, str(LIB))
        cls.growth = importlib.import_module("growth")
        # Users take the longest to make.
        cls.classPatch(cls.growth.city, "CASEWORKERS", 6)
        # Whoever else is here, these are the grown ones.
        cls.before = cls.env["res.partner"].with_context(active_test=False).search([])

    def _grow(self, cases=400, seed=1):
        have = self.env["res.partner"].with_context(active_test=False).search_count([])
        self.growth.grow(
            self.env,
            cases=cases,
            contacts=max(have, len(self.before) + 1000),
            seed=seed,
            say=lambda line: None,
            until=UNTIL,
        )
        return self.env["constituent.case"].search([("category_id.code", "=like", "G-%")])

    def _digest(self, seed):
        savepoint = self.env.cr.savepoint()
        try:
            self._grow(seed=seed)
            self.env.cr.execute(DIGEST)
            return self.env.cr.fetchone()[0]
        finally:
            savepoint.close(rollback=True)
            self.env.invalidate_all()

    def test_same_seed_same_city(self):
        first = self._digest(1)
        self.assertEqual(first, self._digest(1))
        self.assertNotEqual(first, self._digest(2))

    def test_stored_values_are_what_the_orm_would_store(self):
        cases = self._grow()
        self.assertEqual(self.env["constituent.case"].search_count([]), 400)
        partners = self.env["res.partner"].search([("city", "=", "Growth")], limit=200)
        for records, names in (
            (
                cases,
                ("status", "description_text", "is_shared", "received_on", "rating_last_value"),
            ),
            (
                partners,
                (
                    "complete_name", "email_normalized", "phone_sanitized", "partner_share",
                    "commercial_partner_id", "commercial_company_name",
                ),
            ),
        ):  # fmt: skip
            stored = records.read(names, load=None)
            for name in names:
                self.env.add_to_compute(records._fields[name], records)
            records._recompute_recordset()
            self.assertEqual(records.read(names, load=None), stored)
        cases._validate_fields(set(cases._fields))

    def test_spread(self):
        cases = self._grow()
        closed = cases.filtered(lambda case: case.status == "closed")
        self.assertAlmostEqual(len(closed) / len(cases), 0.85, delta=0.06)
        self.assertFalse([c for c in closed if not c.outcome_id or c.closed_at < c.received_at])
        self.assertFalse([c for c in cases - closed if c.closed_at or c.outcome_id])
        self.assertGreater(
            (max(cases.mapped("received_at")) - min(cases.mapped("received_at"))).days, 1500
        )
        self.assertEqual(len(set(cases.mapped("number"))), len(cases))
        self.assertTrue(cases.filtered(lambda case: not case.department_id).ids)
        sizes = sorted(len(records) for records in cases.grouped("department_id").values())
        self.assertGreater(sizes[-1], 5 * sizes[0])
        self.assertTrue(cases.filtered("shared_department_ids") and cases.filtered("parent_id"))
        self.assertEqual(set(cases.event_ids.mapped("kind")), {"received", "routed", "closed"})
        caseworker = self.env["res.users"].search([("login", "=", "grow_caseworker")])
        self.assertTrue(cases.with_user(caseworker).search([]) < cases)

    def test_indexes_and_keys_are_there_again(self):
        self.patch(self.growth, "MANY", 1)
        before = self._indexes_and_keys()
        self._grow()
        self.assertEqual(self._indexes_and_keys(), before)

    def _indexes_and_keys(self):
        self.env.cr.execute(
            """
            SELECT indexdef || COALESCE(obj_description(indexname::regclass), '')
            FROM pg_indexes WHERE tablename = ANY(%(tables)s)
            UNION ALL
            SELECT conname || pg_get_constraintdef(oid) || convalidated FROM pg_constraint
            WHERE conrelid = ANY(%(tables)s::regclass[]) OR confrelid = ANY(%(tables)s::regclass[])
            ORDER BY 1
            """,
            {"tables": list(self.growth.INDEXED)},
        )
        return self.env.cr.fetchall()

    def test_grows_on_and_the_pipeline_goes_on_behind(self):
        self._grow(200)
        cases = self._grow(400)
        self.assertEqual(len(cases), 400)
        case = self.env["constituent.case"].intake([{"name": "next", "received_at": UNTIL}])
        self.assertNotIn(case.number, set(cases.mapped("number")))
