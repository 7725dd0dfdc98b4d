import logging

from odoo.tests import new_test_user, tagged

from ..controllers.portal import ConstituentPortal
from .common_public import PDF, OutsideHttpCase


@tagged("post_install", "-at_install")
class TestPortalCases(OutsideHttpCase):
    """/my/cases: whose cases a portal user sees, and how they find them."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.me = cls.portal_user.partner_id
        cls.own = cls._make_case(
            partner_id=cls.me.id, name="My own words", received_at="2026-03-02 15:00:00"
        )
        cls.foreign = cls._make_case(name="Words of Ana")
        cls.staff_user = new_test_user(
            cls.env, "t_official", "base.group_portal", name="Olga Official"
        )
        cls.colleague = cls.env["res.partner"].create(
            {"name": "Carl Colleague", "parent_id": cls.official.id}
        )
        cls.staff_user.partner_id.parent_id = cls.official

    def _login(self, user=None):
        user = user or self.portal_user
        self.authenticate(user.login, user.login)

    def _numbers(self, query=""):
        """Return the case numbers of the list in the order shown."""
        tree = self._tree(self.url_open(f"/my/cases{query}"))
        return tree.xpath("//ul[@class='o_cs_list']//span[@class='o_cs_number']/text()")

    # Who sees what

    def test_own_cases_only(self):
        self._login()
        self.assertEqual(self._numbers(), [self.own.number])
        page = self.url_open(f"/my/cases/{self.own.id}")
        self.assertIn("My own words", self._text(page))

    def test_any_other_id_does_not_exist(self):
        self._login()
        for case_id in (self.foreign.id, 0, -1, 2**31, 2**63, 10**30):
            for path in ("", "/letters/1"):
                page = self.url_open(f"/my/cases/{case_id}{path}")
                self.assertEqual(page.status_code, 404, case_id)
                self.assertNotIn(self.foreign.number, page.text)
                self.assertNotIn("Words of Ana", page.text)

    def test_login_is_asked_for(self):
        for path in ("", f"/{self.own.id}", f"/{self.own.id}/letters/1"):
            page = self.url_open(f"/my/cases{path}", allow_redirects=False)
            self.assertEqual(page.status_code, 303)
            self.assertIn("/web/login", page.headers["Location"])

    def test_constituent_is_the_own_contact_only(self):
        """A colleague's private matter is not the office's."""
        case = self._make_case(partner_id=self.colleague.id)
        self._login(self.staff_user)
        self.assertEqual(self._numbers(), [])
        self.assertEqual(self.url_open(f"/my/cases/{case.id}").status_code, 404)

    def test_office_sees_what_its_members_brought(self):
        case = self._make_case(
            name="Words of Ana: testpothole",
            referrers=[{"partner_id": self.colleague.id}],
        )
        by_office = self._make_case(referrers=[{"partner_id": self.official.id}])
        self._login(self.staff_user)
        self.assertEqual(self._numbers(), [by_office.number, case.number])
        text = self._text(self.url_open(f"/my/cases/{case.id}"))
        self.assertIn("Test Pothole", text)
        self.assertNotIn("Words of Ana", text)
        self._login()
        self.assertEqual(self._numbers(), [self.own.number])

    def test_a_case_brought_twice_is_listed_once(self):
        case = self._make_case(
            partner_id=self.staff_user.partner_id.id,
            referrers=[
                {"partner_id": self.colleague.id},
                {"partner_id": self.official.id},
            ],
        )
        self._login(self.staff_user)
        self.assertEqual(self._numbers(), [case.number])

    def test_restricted_case(self):
        """Its constituent sees that it exists; who brought it does not."""
        brought = self._make_case(
            referrers=[{"partner_id": self.official.id}], confidentiality="restricted"
        )
        self.own.confidentiality = "restricted"
        self._login()
        page = self.url_open("/my/cases")
        self.assertIn(self.own.number, page.text)
        self.assertNotIn("My own words", page.text)
        text = self._text(self.url_open(f"/my/cases/{self.own.id}"))
        self.assertIn("in confidence", text)
        self.assertNotIn("My own words", text)
        self._login(self.staff_user)
        self.assertEqual(self._numbers(), [])
        self.assertEqual(self.url_open(f"/my/cases/{brought.id}").status_code, 404)

    def test_nothing_of_staff_and_notes(self):
        self.own.user_id = self.caseworker
        self.own.message_post(body="Inner secret")
        self._login()
        for path in ("", f"/{self.own.id}"):
            page = self.url_open(f"/my/cases{path}").text
            for words in ("Inner secret", self.caseworker.name, self.caseworker.login):
                self.assertNotIn(words, page)
            self.assertNotIn(self.own.access_token, page)

    # Letters

    def test_letter(self):
        self._make_letter(self.own, self.me)
        self._make_letter(self.own, self.resident, subject="To Ana")
        self._login()
        page = self.url_open(f"/my/cases/{self.own.id}")
        (link,) = self._tree(page).xpath("//ul[@class='o_cs_letters']//a/@href")
        self.assertNotIn("To Ana", page.text)
        answer = self.url_open(link)
        self.assertEqual(answer.content, PDF)
        self.assertEqual(answer.headers["Cache-Control"], "no-store")
        self.assertEqual(self.url_open(f"/my/cases/{self.own.id}/letters/2").status_code, 404)
        self._login(self.staff_user)
        self.assertEqual(self.url_open(link).status_code, 404)

    # Finding

    def test_search_filter_and_order(self):
        closed = self._make_case(partner_id=self.me.id, received_at="2026-04-02 15:00:00")
        closed._close(self.outcome_resolved)
        newest = self._make_case(partner_id=self.me.id, received_at="2026-05-02 15:00:00")
        self._login()
        every = [newest.number, closed.number, self.own.number]
        self.assertEqual(self._numbers(), every)
        self.assertEqual(self._numbers("?sortby=oldest"), every[::-1])
        self.assertEqual(self._numbers("?filterby=closed"), [closed.number])
        self.assertEqual(self._numbers("?filterby=open"), [newest.number, self.own.number])
        self.assertEqual(self._numbers(f"?search={closed.number[-6:]}"), [closed.number])
        self.assertEqual(self._numbers(f"?search={self.foreign.number}"), [])
        self.assertEqual(self._numbers("?sortby=name&filterby=x"), every)
        self.assertEqual(self._numbers("?search=%25"), [])

    def test_paging(self):
        step = ConstituentPortal._constituent_cases_per_page
        self.Case.intake([{"name": "More", "partner_id": self.me.id} for _case in range(step)])
        self._login()
        first, second = self._numbers(), self._numbers("/page/2")
        self.assertEqual((len(first), len(second)), (step, 1))
        self.assertFalse(set(first) & set(second))
        self.assertEqual(self._numbers("/page/99"), second)

    def test_empty_list_says_what_to_do(self):
        self._login(self.staff_user)
        text = self._text(self.url_open("/my/cases"))
        self.assertIn("You have no cases yet", text)
        self.assertIn("+1 555 0311", text)
        text = self._text(self.url_open("/my/cases?search=x"))
        self.assertIn("Nothing found", text)

    def test_home_entry_and_counter(self):
        self._login()
        page = self._tree(self.url_open("/my"))
        entry = page.xpath("//a[@href='/my/cases']")[0]
        self.assertIn("Your cases", entry.text_content())
        self.assertTrue(entry.xpath(".//*[@data-placeholder_count='constituent_case_count']"))
        counts = self.make_jsonrpc_request("/my/counters", {"counters": ["constituent_case_count"]})
        self.assertEqual(counts["constituent_case_count"], 1)

    # How it is read

    def test_readonly_and_few_queries(self):
        self.Case.intake([{"name": "More", "partner_id": self.me.id} for _case in range(15)])
        self._make_letter(self.own, self.me)
        self._login()
        self.url_open("/my/cases")
        self.url_open(f"/my/cases/{self.own.id}")
        self.env.flush_all()
        with self.assertNoLogs("odoo.http", logging.WARNING):
            with self.assertQueryCount(12):
                self.url_open("/my/cases")
            with self.assertQueryCount(15):
                self.url_open(f"/my/cases/{self.own.id}")
            self.url_open(f"/my/cases/{self.own.id}/letters/1")

    def test_list_uses_indexes(self):
        """No OR over two tables, which would read every case."""
        cases_sudo = self.env["constituent.case"].sudo()
        domain = cases_sudo._portal_domain(self.staff_user)
        self.env.cr.execute("SET LOCAL enable_seqscan = off")
        query = cases_sudo._search(domain, order="received_at desc, id desc", limit=20)
        sql = query.select()
        self.env.cr.execute(f"EXPLAIN {sql.code}", sql.params)  # pylint: disable=E8103
        plan = "\n".join(row[0] for row in self.env.cr.fetchall())
        self.assertNotIn("Seq Scan on constituent_case", plan)
        self.assertNotIn("Seq Scan on constituent_case_referrer", plan)

    def test_language(self):
        self.env["res.lang"]._activate_lang("es_419")
        self._login()
        page = self.url_open(f"/es_419/my/cases/{self.own.id}")
        self.assertEqual(self._tree(page).get("lang"), "es-419")
        self.assertIn("2 de marzo de 2026", self._text(page))

    def test_form_of_odoos_frame(self):
        """What an accessibility check found: no language, icons without alternative."""
        self._login()
        for path in ("/my", "/my/cases", f"/my/cases/{self.own.id}"):
            tree = self._tree(self.url_open(path))
            self.assertEqual(tree.get("lang"), "en-US", path)
            self.assertFalse(tree.xpath("//img[not(@alt)]"), path)
        self.assertEqual(tree.findtext(".//title"), self.own.number)
        tree = self._tree(self.url_open("/my/cases"))
        self.assertEqual(tree.findtext(".//title"), "Your cases")
        self.assertEqual(len(tree.xpath("//main//h1")), 1)
        for field in tree.xpath("//main//input[not(@type='hidden')]"):
            self.assertTrue(tree.xpath(f"//label[@for='{field.get('id')}']"))
        style = self.url_open(tree.xpath("//link[contains(@href, 'assets_frontend')]/@href")[0])
        self.assertIn("o_cs_case", style.text)
