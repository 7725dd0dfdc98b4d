"""Letters are looked for among the newest first, and what is found is the same."""

from odoo.fields import Command, Domain
from odoo.tests import tagged
from odoo.tools import SQL

from ..models import constituent_words_mixin
from .common import ConstituentCommon
from .letter_common import LetterSetup

COMMON, RARE = "testcommon", "testrare"


@tagged("post_install", "-at_install")
class TestLetterSearch(LetterSetup, ConstituentCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.letters = cls.Letter.create(
            [
                {
                    "medium": "post",
                    "case_id": cls.case.id,
                    "department_id": cls.streets.id,
                    "partner_id": cls.resident.id,
                    # Every third has the common word; the rare one is in the oldest alone.
                    "subject": f"{COMMON if number % 3 == 0 else 'Other'} matter {number}"
                    + f" {RARE}" * (number < 2),
                }
                for number in range(60)
            ]
        )
        cls.common = cls.letters.filtered(lambda one: COMMON in one.subject).sorted(
            "id", reverse=True
        )

    def setUp(self):
        super().setUp()
        self.bits = constituent_words_mixin.SLICE_BITS
        # Two letters are a slice: there are some thirty of them.
        self.patch(constituent_words_mixin, "SLICE_BITS", 1)
        self.patch(constituent_words_mixin, "FIRST_SLICES", 3)

    def _find(self, word, user=None, **kwargs):
        """Search as the word's field in the search view does."""
        model = self.Letter.with_user(user or self.coordinator)
        domain = ["|", ("subject", "ilike", word), ("reference", "ilike", word)]
        return model.search(domain, **kwargs)

    def test_a_page_is_that_of_all(self):
        for limit in (1, 2, 5, 19, 20, 21, 80):
            for offset in (0, 3, 18):
                with self.subTest(limit=limit, offset=offset):
                    found = self._find(COMMON, limit=limit, offset=offset)
                    self.assertEqual(found.ids, self.common.ids[offset : offset + limit])

    def test_what_is_old_is_found(self):
        self.assertEqual(self._find(RARE, limit=80), self.letters[1::-1])
        self.assertFalse(self._find("testnowhere", limit=80))

    def test_a_number_is_found(self):
        self.env.cr.execute(
            "UPDATE constituent_correspondence SET reference = 'L-1999-000007' WHERE id = %s",
            (self.letters[0].id,),
        )
        self.letters.invalidate_recordset(["reference"])
        self.assertEqual(self._find("1999-000007", limit=80), self.letters[0])

    def test_counting_up_to_a_limit(self):
        model = self.Letter.with_user(self.coordinator)
        domain = [("subject", "ilike", COMMON)]
        for limit in (1, 7, 19, 20, 21, 1000):
            with self.subTest(limit=limit):
                self.assertEqual(
                    model.search_count(domain, limit=limit), min(limit, len(self.common))
                )
        self.assertEqual(model.search_count(domain), len(self.common))
        self.assertEqual(model.search_count([("id", "in", self.letters.ids)], limit=7), 7)

    def test_rules_hold_in_every_slice(self):
        """The newest are another department's, and one answers a restricted case."""
        case = self.case.copy({"department_id": self.parks.id})
        mine = self.common[-3:]
        (self.common - mine).write({"case_id": case.id, "department_id": self.parks.id})
        self.assertEqual(self._find(COMMON, user=self.caseworker, limit=6), mine)
        other = self.case.copy()
        mine[1].also_case_ids = [Command.link(other.id)]
        other.confidentiality = "restricted"
        self.assertEqual(self._find(COMMON, user=self.caseworker, limit=6), mine[0] + mine[2])

    def test_where_the_newest_are_not_enough_words_come_first(self):
        """Else all letters are walked through: 380 ms in place of 9, of 180,000."""
        domain = Domain("subject", "ilike", RARE) | Domain("reference", "not ilike", RARE)
        asked = []
        self.Letter._find_newest_first(domain, 80, lambda part: asked.append(part) or self.Letter)
        query = self.Letter.with_user(self.caseworker)._search(asked[-1])
        sql = query.select().code
        self.assertRegex(sql, r"= ANY\(ARRAY\(SELECT .* ILIKE")
        # What they have not is no few.
        self.assertRegex(sql, r"reference\W.*NOT ILIKE")
        self.assertEqual(sql.count("ARRAY(SELECT"), 1)
        # Looked up without the rules, and judged by them.
        self.assertEqual(sql.count("confidentiality"), self._rules_alone().count("confidentiality"))

    def _rules_alone(self):
        return self.Letter.with_user(self.caseworker)._search([]).select().code

    def test_one_index_answers_for_both(self):
        """With slices as large as the index has them."""
        self.patch(constituent_words_mixin, "SLICE_BITS", self.bits)
        self.env.flush_all()
        for way in ("seqscan", "indexscan", "indexonlyscan"):
            self.env.cr.execute(SQL("SET LOCAL enable_%s = off", SQL(way)))
        # No letter here was sent: what has no number is as short a way to nothing.
        self.env.cr.execute("DROP INDEX constituent_correspondence_reference_uniq")
        newest = self.Letter._newest_slices(3, 2, {"subject", "reference"})
        for field in ("subject", "reference"):
            query = self.Letter._search(newest & Domain(field, "ilike", RARE))
            self.env.cr.execute(SQL("EXPLAIN %s", query.select()))
            plan = "\n".join(row[0] for row in self.env.cr.fetchall())
            with self.subTest(field=field):
                self.assertIn("constituent_correspondence_words_idx", plan)
                both = rf"Index Cond: \(\(ARRAY\[\(id >> {self.bits}\)\] && .* ~~\*"
                self.assertRegex(plan, both)
