"""What the search views ask has an index that can answer it, as Odoo writes the query.

The planner may prefer another way in a table this small. So all ways but bitmaps are
forbidden here: an index that does not fit the query cannot be used for one.
"""

import re

from lxml import etree

from odoo.tests import tagged
from odoo.tools import SQL
from odoo.tools.safe_eval import safe_eval

from ..models.constituent_case_search import UNACCENT_COST
from .common import PREFIX, ConstituentCommon

FORBIDDEN = ("seqscan", "indexscan", "indexonlyscan")
# (search view, filter) → what the name of its index says
FILTERS = {
    ("constituent_case_view_search", "my_cases"): "user_id",
    ("constituent_case_view_search", "legal_hold"): "legal_hold",
    ("constituent_case_view_search", "reply_after_closing"): "reply_after_closing",
    ("constituent_case_view_search", "triage"): "triage",
    ("constituent_case_view_search", "no_location"): "no_location",
    ("constituent_case_view_search", "overdue"): "due",
    ("constituent_case_view_search", "closed_this_week"): "closed_at",
    ("constituent_case_view_search", "opinion_mail"): "opinion_group_id",
    ("constituent_opinion_group_view_search", "new"): "state",
    ("constituent_delivery_view_search", "failed"): "failed",
    ("constituent_delivery_view_search", "queued"): "queue",
    ("constituent_delivery_view_search", "cancelled"): "cancelled",
    ("constituent_inbound_mail_view_search", "not_proven"): "not_proven",
    ("constituent_inbound_mail_view_search", "spam"): "state",
    ("constituent_correspondence_view_search", "mine"): "create_uid",
    ("constituent_correspondence_view_search", "to_approve"): "to_approve",
    ("constituent_work_order_view_search", "open"): "open",
    ("constituent_work_order_view_search", "overdue"): "open",
    ("constituent_work_order_view_search", "today"): "window",
    ("constituent_work_order_view_search", "reinspection_due"): "reinspection",
    ("constituent_call_view_search", "call_back"): "call_back",
    ("constituent_call_view_search", "call_back_overdue"): "call_back",
    ("constituent_call_view_search", "mine"): "user",
    ("constituent_case_view_search", "translation_needed"): "translation_needed",
    ("res_partner_view_search", "businesses"): "role",
    ("res_partner_view_search", "offices"): "role",
    ("res_partner_view_search", "language_needed"): "language_needed",
    ("res_partner_view_search", "accessibility_needs"): "accessibility_needs",
    ("res_partner_view_search", "protected_address"): "protected_address",
    ("res_partner_view_search", "do_not_contact"): "do_not_contact",
    ("res_partner_view_search", "deceased"): "deceased",
    ("res_partner_view_search", "archived"): "archived",
}
# (search view, field, what is typed) → the indexes, all of them
TYPED = {
    ("constituent_case_view_search", "name", "pothole"): ("number", "name_words"),
    ("constituent_case_view_search", "description_text", "pothole"): ("description_words",),
    ("constituent_case_view_search", "street", "main"): ("street",),
    ("constituent_delivery_view_search", "email", "rivera"): ("email",),
    ("constituent_delivery_view_search", "message_id", "<1@x>"): ("message_id",),
    ("constituent_inbound_mail_view_search", "subject", "rivera"): ("subject", "email_from"),
    ("constituent_inbound_mail_view_search", "sender", "a@x.org"): ("sender",),
    ("constituent_inbound_mail_view_search", "email_to", "311@"): ("email_to",),
    ("constituent_inbound_mail_view_search", "message_id", "<1@x>"): ("message_id",),
    ("constituent_correspondence_view_search", "subject", "rivera"): ("words",),
    ("constituent_work_order_view_search", "name", "pothole"): ("number", "name"),
    ("constituent_work_order_view_search", "street", "main"): ("street",),
    ("res_partner_view_search", "complete_name", "rivera"): ("complete_name",),
    ("res_partner_view_search", "email_normalized", "Ana@X.org"): ("email_normalized",),
    ("res_partner_view_search", "city", "example"): ("city",),
}


@tagged("post_install", "-at_install")
class TestIndexUse(ConstituentCommon):
    def _search_view(self, name):
        """Return the model and the nodes of a search view."""
        view = self.env.ref(PREFIX + name)
        records = self.env[view.model]
        return records, etree.fromstring(records.get_view(view.id, "search")["arch"])

    def _node(self, arch, tag, name):
        """Return a filter, or a field by its name; the first of a name is the typed one."""
        nodes = [node for node in arch.iter(tag) if node.get("name") == name]
        self.assertTrue(nodes, f"the view has no {tag} {name}")
        return nodes[0]

    def _bitmaps(self, records, domain):
        """Return the plan of a search that may use bitmaps of indexes only."""
        self.env.flush_all()
        query = records._search(domain)
        for way in FORBIDDEN:
            self.env.cr.execute(SQL("SET LOCAL enable_%s = off", SQL(way)))
        self.env.cr.execute(SQL("EXPLAIN %s", query.select()))
        plan = [row[0] for row in self.env.cr.fetchall()]
        for way in FORBIDDEN:
            self.env.cr.execute(SQL("SET LOCAL enable_%s = on", SQL(way)))
        return "\n".join(line for line in plan if "Index Scan on" in line)

    def test_filters(self):
        for (view, name), index in FILTERS.items():
            records, arch = self._search_view(view)
            node = self._node(arch, "filter", name)
            domain = safe_eval(node.get("domain"), {"uid": self.env.uid})
            with self.subTest(view=view, filter=name):
                self.assertAnswers(index, records, domain)

    def assertAnswers(self, index, records, domain):
        """An index of that name can answer, though the planner may like another better.

        In tables this small several cost the same: those it prefers are taken away.
        """
        savepoint = self.env.cr.savepoint()
        try:
            for _rival in range(8):
                plan = self._bitmaps(records, domain)
                used = re.findall(r"Bitmap Index Scan on (\w+)", plan)
                if any(index in name for name in used) or not used:
                    break
                for name in used:
                    self.env.cr.execute(SQL("DROP INDEX %s", SQL.identifier(name)))
            self.assertIn(index, plan)
        finally:
            savepoint.close(rollback=True)

    def test_words_typed(self):
        for (view, name, typed), indexes in TYPED.items():
            records, arch = self._search_view(view)
            node = self._node(arch, "field", name)
            if node.get("filter_domain"):
                domain = safe_eval(node.get("filter_domain"), {"self": typed})
            else:
                domain = [(name, node.get("operator", "ilike"), typed)]
            with self.subTest(view=view, field=name):
                plan = self._bitmaps(records, domain)
                for index in indexes:
                    self.assertIn(f"_{index}", plan)

    def test_contacts_in_a_drop_down(self):
        """Odoo looks into five columns: one without an index, and it reads all contacts."""
        partners = self.env["res.partner"]
        plan = self._bitmaps(partners, [("display_name", "ilike", "rivera")])
        for column in partners._rec_names_search:
            self.assertIn(f"_{column}_", plan)

    def test_users_by_name(self):
        plan = self._bitmaps(self.env["res.partner"], [("name", "ilike", "rivera")])
        self.assertIn("partner_name_trgm", plan)

    def test_the_planner_knows_what_unaccent_costs(self):
        """Made from our template, the function belongs to the role of the tests."""
        self.env.cr.execute("ALTER FUNCTION unaccent(text) COST 1")
        self.Case.init()
        cost = "SELECT procost FROM pg_proc WHERE oid = 'unaccent(text)'::regprocedure"
        self.env.cr.execute(cost)
        self.assertEqual(self.env.cr.fetchone()[0], UNACCENT_COST)
        # Whoever says more is not overruled.
        self.env.cr.execute("ALTER FUNCTION unaccent(text) COST 200")
        self.Case.init()
        self.env.cr.execute(cost)
        self.assertEqual(self.env.cr.fetchone()[0], 200)

    def test_mail_address_typed_in_capitals(self):
        records, arch = self._search_view("res_partner_view_search")
        node = self._node(arch, "field", "email_normalized")
        domain = safe_eval(node.get("filter_domain"), {"self": "Ana.RIVERA@"})
        self.assertIn(self.resident, records.search(domain))


class TestFlags(ConstituentCommon):
    """Booleans that are worked out: searched as they are computed."""

    def test_hazard(self):
        self.tree.is_hazard = True
        hazard, other = self._make_case(name="A testtree"), self._make_case()
        self._check("category_is_hazard", self.coordinator, hazard, other)
        # Its cases stay what they are.
        self.tree.active = False
        self._check("category_is_hazard", self.coordinator, hazard, other)

    def test_my_departments(self):
        ours, theirs = self._make_case(), self._make_case(name="A testtree")
        nobodys = self._make_case(name="Nobody can place this")
        theirs.user_id = self.caseworker
        self._check("in_my_departments", self.caseworker, ours, theirs)
        self.assertFalse(self.Case.with_user(self.coordinator).search(
            [("in_my_departments", "=", True)]
        ))  # fmt: skip
        self.assertIn(nobodys, self.Case.with_user(self.coordinator).search(
            [("in_my_departments", "=", False)]
        ))  # fmt: skip

    def _check(self, name, user, wanted, unwanted):
        cases = self.Case.with_user(user)
        for value, inside, outside in ((True, wanted, unwanted), (False, unwanted, wanted)):
            found = cases.search([(name, "=", value)])
            self.assertIn(inside, found)
            self.assertNotIn(outside, found)
            self.assertEqual(set(found.mapped(name)), {value})
        self.assertEqual(
            cases.search([(name, "in", (True, False))]), cases.search([]), "all are either"
        )
