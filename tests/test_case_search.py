"""Words are looked for among the newest cases first, and what is found is the same."""

from odoo.fields import Domain
from odoo.tests import tagged
from odoo.tools import SQL

from ..models import constituent_words_mixin
from .common import ConstituentCommon

COMMON, RARE = "testcommon", "testrare"


@tagged("post_install", "-at_install")
class TestCaseSearch(ConstituentCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.cases = cls.Case.intake(
            [
                {
                    "channel": "phone",
                    # Every third has the common word; the rare one is in the oldest alone.
                    "name": f"{COMMON if number % 3 == 0 else 'Another'} matter {number}",
                    "description": f"<p>{RARE if number < 2 else 'Nothing'} to see.</p>",
                    "partner_id": cls.resident.id,
                }
                for number in range(90)
            ]
        )
        cls.common = cls.cases.filtered(lambda case: COMMON in case.name).sorted("id", reverse=True)

    def setUp(self):
        super().setUp()
        self.bits = constituent_words_mixin.SLICE_BITS
        # Two cases are a slice: there are some fifty of them.
        self.patch(constituent_words_mixin, "SLICE_BITS", 1)
        self.patch(constituent_words_mixin, "FIRST_SLICES", 5)
        self.asked = []

    def _find(self, domain, user=None, **kwargs):
        """Search, and note what was asked of the database."""
        model = self.Case.with_user(user or self.coordinator)
        before = self.env.cr.sql_log_count
        found = model.search(domain, **kwargs)
        self.asked = self.env.cr.sql_log_count - before
        return found

    def test_a_page_is_that_of_all(self):
        for limit in (1, 2, 5, 29, 30, 31, 80):
            for offset in (0, 3, 28):
                with self.subTest(limit=limit, offset=offset):
                    found = self._find([("name", "ilike", COMMON)], limit=limit, offset=offset)
                    self.assertEqual(found.ids, self.common.ids[offset : offset + limit])

    def test_what_is_old_is_found(self):
        for field, word in (("description_text", RARE), ("name", "matter 1")):
            found = self._find([(field, "ilike", word)], limit=80)
            everything = self.Case.search([(field, "ilike", word)])
            self.assertEqual(found, everything)
            self.assertTrue(found & self.cases[:2])

    def test_nothing_is_found(self):
        self.assertFalse(self._find([("name", "ilike", "testnowhere")], limit=80))
        self.assertEqual(self.Case.search_count([("name", "ilike", "testnowhere")], limit=5), 0)

    def test_other_texts_are_looked_for_alike(self):
        domain = [("partner_id", "ilike", self.resident.name), ("id", "in", self.cases.ids)]
        found = self._find(domain, limit=7)
        self.assertEqual(found.ids, self.cases.sorted("id", reverse=True)[:7].ids)

    def test_masters_by_name(self):
        self.streets.active = False
        (self.cases - self.common).write({"department_id": self.parks.id})
        self.common.write({"department_id": self.streets.id})
        found = self._find([("department_id", "ilike", self.streets.name)], limit=80)
        self.assertEqual(found, self.common)
        others = self._find([("department_id", "not ilike", self.streets.name)], limit=500)
        self.assertFalse(others & self.common)
        self.assertLessEqual(self.cases - self.common, others)
        self.assertFalse(self._find([("department_id", "ilike", "testnowhere")], limit=80))

    def test_another_order_reads_all(self):
        found = self._find([("name", "ilike", COMMON)], limit=4, order="id")
        self.assertEqual(found.ids, self.common.ids[::-1][:4])

    def test_in_the_order_of_a_master(self):
        self.cases[:50].write({"department_id": self.parks.id})
        self.cases[50:].write({"department_id": self.streets.id})
        self.streets.sequence, self.parks.sequence = -2, -1
        for order in ("department_id ASC, id DESC", "department_id DESC, id", "partner_id, id"):
            everything = self._find([("id", "in", self.cases.ids)], order=order)
            for offset in (0, 30):
                page = self._find(
                    [("id", "in", self.cases.ids)], order=order, limit=20, offset=offset
                )
                with self.subTest(order=order, offset=offset):
                    self.assertEqual(page.ids, everything.ids[offset : offset + 20])
        page = self.Case.with_user(self.coordinator).web_search_read(
            [("id", "in", self.cases.ids)],
            {"name": {}, "department_id": {"fields": {"display_name": {}}}},
            order="department_id DESC, id DESC",
            limit=2,
            count_limit=5,
        )
        self.assertEqual(page["length"], 5)
        names = [record["department_id"]["display_name"] for record in page["records"]]
        self.assertEqual(names, [self.parks.display_name] * 2)

    def test_counting_up_to_a_limit(self):
        domain = [("name", "ilike", COMMON)]
        for limit in (1, 7, 29, 30, 31, 1000):
            with self.subTest(limit=limit):
                count = self.Case.search_count(domain, limit=limit)
                self.assertEqual(count, min(limit, len(self.common)))
        self.assertEqual(self.Case.search_count(domain), len(self.common))

    def test_counting_knows_how_far_apart_they_are(self):
        """Counted after a page, there is one look: at the newest, or at all at once."""
        model = self.Case.with_user(self.coordinator)
        domain = [("name", "ilike", COMMON)]
        model.search(domain, limit=2)
        for limit, count in ((4, 4), (1000, len(self.common))):
            model.search(domain, limit=2)
            before = self.env.cr.sql_log_count
            self.assertEqual(model.search_count(domain, limit=limit), count)
            # The newest id, and the look.
            self.assertEqual(self.env.cr.sql_log_count - before, 2)
        # Another word, or another user, is not of the same density.
        other = [("name", "ilike", "matter 1")]
        self.assertEqual(model.search_count(other, limit=5), 5)
        self.assertEqual(self.Case.search_count(domain, limit=1000), len(self.common))

    def test_rules_hold_in_every_slice(self):
        self.common[4].confidentiality = "restricted"
        found = self._find([("name", "ilike", COMMON)], limit=6)
        self.assertEqual(found, (self.common - self.common[4])[:6])
        mine = self.common[-3:]
        (self.common - mine).write({"department_id": self.parks.id})
        mine.write({"department_id": self.streets.id})
        found = self._find([("name", "ilike", COMMON)], user=self.caseworker, limit=6)
        self.assertEqual(found, mine)

    def test_the_newest_are_enough(self):
        """A page of what is frequent takes one look, what there is little of two or three."""
        self._find([("name", "ilike", COMMON)], limit=2)  # rules and rights are cached
        self._find([("name", "ilike", COMMON)], limit=2)
        frequent = self.asked
        self._find([("description_text", "ilike", RARE)], limit=2)
        self.assertEqual(self.asked - frequent, 1)
        self._find([("name", "ilike", COMMON)], limit=30)
        self.assertLessEqual(self.asked - frequent, 2)

    def test_an_index_answers_for_slices(self):
        """The index of the addon, with slices as large as it has them."""
        self.patch(constituent_words_mixin, "SLICE_BITS", self.bits)
        self.env.flush_all()
        for way in ("seqscan", "indexscan", "indexonlyscan"):
            self.env.cr.execute(SQL("SET LOCAL enable_%s = off", SQL(way)))
        indexes = {"name": "name_words", "description_text": "description_words"}
        for field, index in indexes.items():
            newest = self.Case._newest_slices(3, 2, {field})
            query = self.Case._search(newest & Domain(field, "ilike", RARE))
            with self.subTest(field=field), self.env.cr.savepoint() as savepoint:
                # In a table this small the other one's slices would do.
                (other,) = set(indexes.values()) - {index}
                self.env.cr.execute(f"DROP INDEX constituent_case_{other}_idx")
                self.env.cr.execute(SQL("EXPLAIN %s", query.select()))
                plan = "\n".join(row[0] for row in self.env.cr.fetchall())
                savepoint.rollback()
                self.assertIn(f"constituent_case_{index}_idx", plan)
                both = rf"Index Cond: \(\(ARRAY\[\(id >> {self.bits}\)\] && .* ~~\*"
                self.assertRegex(plan, both)
