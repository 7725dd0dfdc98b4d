"""Recognition looks into an index, and asks as often for a hundred letters as for one."""

import re

from odoo.tools import SQL

from ..tools.opinion_sort import Letter
from .common import ConstituentCommon
from .opinion_common import OWN, OpinionSetup
from .test_tools_opinion import read

FILL = """
    INSERT INTO constituent_opinion_print (case_id, company_id, seen_at, bands, words)
    SELECT %(case)s, %(company)s, now(), string_agg(md5(n || '.' || band), ' '), 'made up'
      FROM generate_series(1, %(count)s) AS n, generate_series(1, 30) AS band GROUP BY n
"""


class TestOpinionSpeed(OpinionSetup, ConstituentCommon):
    def _fill(self, count):
        case = self._make_case()
        self.env.cr.execute(FILL, {"case": case.id, "company": self.company.id, "count": count})
        self.env.cr.execute("ANALYZE constituent_opinion_print")

    def test_by_index(self):
        """As the planner likes it, with as few as five thousand."""
        self._fill(5000)
        letter = Letter(read("outfall, long", 1), self.env.cr.now(), company_id=self.company.id)
        prints = self.env["constituent.opinion.print"]
        self.env.cr.execute(SQL("EXPLAIN %s", prints._near_sql([letter])))
        plan = "\n".join(row[0] for row in self.env.cr.fetchall())
        self.assertIn("constituent_opinion_print_bands_idx", plan)
        self.assertNotIn("Seq Scan on constituent_opinion_print", plan)
        self.assertNotRegex(plan, "Seq Scan on constituent_case")

    def test_forgetting_by_index(self):
        self._fill(5000)
        prints = self.env["constituent.opinion.print"]
        query = prints._search([("case_id", "!=", False), ("seen_at", "<", "2020-01-01")])
        self.env.cr.execute(SQL("EXPLAIN %s", query.select()))
        plan = "\n".join(row[0] for row in self.env.cr.fetchall())
        self.assertIn("waiting_idx", plan)

    def test_groups_of_a_caseworker_by_index(self):
        """Their rule asks for the cases in groups only, never for all."""
        self._group(5)
        groups = self.env["constituent.opinion.group"].with_user(self.caseworker)
        self.env.flush_all()
        for way in ("seqscan", "indexscan", "indexonlyscan"):
            self.env.cr.execute(SQL("SET LOCAL enable_%s = off", SQL(way)))
        self.env.cr.execute(SQL("EXPLAIN %s", groups._search([]).select()))
        plan = "\n".join(row[0] for row in self.env.cr.fetchall())
        self.assertTrue(re.search(r"opinion_group_id", plan), plan)

    def _queries(self, reports):
        # What the case before left for the end of its transaction is not this one's.
        self.env.cr.flush()
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        self.Case.intake(reports)
        self.env.cr.flush()
        return self.env.cr.sql_log_count - before

    def _reports(self, campaign, numbers, **values):
        return [self._report(campaign, n, partner_id=self.resident.id, **values) for n in numbers]

    def test_queries_of_one_that_waits(self):
        """Beside a letter that is not compared: one to look, three to keep it."""
        claim = self._reports("outfall, long", [1], channel="walk_in")
        letter = self._reports("outfall, long", [1])
        for reports in (claim, letter):
            self._queries(reports)
        self.assertLessEqual(self._queries(letter) - self._queries(claim), 4)

    def test_queries_of_one_that_joins(self):
        """One to look, one to count, one for its group's position."""
        self._group(5, "outfall, long")
        claim = self._reports("outfall, long", [1], channel="walk_in")
        letter = self._reports("outfall, long", [1])
        for reports in (claim, letter):
            self._queries(reports)
        self.assertLessEqual(self._queries(letter) - self._queries(claim), 4)

    def test_a_batch_asks_no_more(self):
        self._group(5, "outfall, long")
        own = [OWN[n % len(OWN)] for n in range(40)]
        few = self._reports("outfall, long", range(2))
        many = [self._reports("outfall, long", [n], own=own[n])[0] for n in range(40)]
        self._queries(few)
        step = self.Case._intake_opinion
        counts = []
        for reports in (few, many):
            drafts = [
                self.Case._intake_draft(self.Case._intake_vals(dict(report, mode="live")))
                for report in reports
            ]
            self.Case._intake_company(drafts)
            self.env.flush_all()
            before = self.env.cr.sql_log_count
            step(drafts)
            counts.append(self.env.cr.sql_log_count - before)
            self.assertTrue(all(draft.vals.get("opinion_group_id") for draft in drafts))
        self.assertEqual(counts, [2, 2])
