from lxml import etree

from odoo import fields
from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import Form
from odoo.tools.safe_eval import safe_eval

from .common import PREFIX, ConstituentCommon

ROLES = ("clerk", "caseworker", "coordinator", "manager")
# Models whose screens belong to all roles; the others are the manager's.
MANAGER_MODELS = {
    "constituent.crew",
    "constituent.channel",
    "constituent.case.stage",
    "constituent.case.outcome",
    "constituent.case.tag",
    "constituent.routing.rule",
    "constituent.district",
    "constituent.district.type",
    "constituent.notice",
}
LIST_QUERIES = 12
PAGE = 80


class TestViews(ConstituentCommon):
    """Every screen loads for whoever has a menu to it, and its filters work."""

    def _actions(self):
        """Return the window actions of the addon."""
        names = self.env["ir.model.data"].search(
            [("module", "=", "constituent_services"), ("model", "=", "ir.actions.act_window")]
        )
        return self.env["ir.actions.act_window"].browse(names.mapped("res_id"))

    def _menu_actions(self, user):
        """Return the window actions the user's menus lead to."""
        menus = self.env["ir.ui.menu"].with_user(user)
        root = self.env.ref(f"{PREFIX}menu_root")
        visible = menus.search([("id", "child_of", root.id)])._filter_visible_menus()
        # A menu below one that is hidden is not reached.
        below = menus.browse()
        for menu in visible.sorted(lambda menu: menu.parent_path.count("/")):
            if menu == root or menu.parent_id in below:
                below |= menu
        return self.env["ir.actions.act_window"].browse(
            menu.action.id
            for menu in below
            if menu.action and menu.action._name == "ir.actions.act_window"
        )

    def test_every_menu_opens_for_its_role(self):
        for role in ROLES:
            user = getattr(self, role)
            for action in self._menu_actions(user):
                if self.env[action.res_model]._transient:
                    continue
                with self.subTest(role=role, action=action.name):
                    self._open(user, action)

    def _open(self, user, action):
        """Load an action's views and read its first page, as the web client does."""
        model = self.env[action.res_model].with_user(user)
        views = [(view_id, view_type) for view_id, view_type in action.views]
        if action.search_view_id:
            views.append((action.search_view_id.id, "search"))
        result = model.get_views(views, {"toolbar": True, "load_filters": True})
        for view_type in {view_type for _id, view_type in action.views}:
            self.assertIn(view_type, result["views"])
        arch = etree.fromstring(result["views"]["list"]["arch"])
        names = {node.get("name") for node in arch.xpath("./field")}
        domain = safe_eval(action.domain or "[]", {"uid": user.id})
        model.web_search_read(domain, {name: {} for name in names}, limit=PAGE)

    def test_no_clerk_is_led_to_what_he_may_not_read(self):
        clerk_models = set(self._menu_actions(self.clerk).mapped("res_model"))
        self.assertFalse(clerk_models & MANAGER_MODELS)
        self.assertNotIn("constituent.delivery", clerk_models)
        self.assertIn("constituent.case", clerk_models)

    def test_every_configuration_screen_has_its_menu(self):
        manager_models = set(self._menu_actions(self.manager).mapped("res_model"))
        self.assertLessEqual(
            MANAGER_MODELS
            | {
                "constituent.department",
                "constituent.category",
                "constituent.inbound.mail",
                "constituent.delivery",
                "constituent.correspondence",
                "res.partner",
            },
            manager_models,
        )

    def test_outsiders_have_no_menu(self):
        root = self.env.ref(f"{PREFIX}menu_root").with_user(self.internal_user)
        self.assertFalse(root._filter_visible_menus())
        self.assertFalse(self._menu_actions(self.internal_user))

    def test_every_action_says_what_to_do_when_empty(self):
        for action in self._actions():
            if self.env[action.res_model]._transient:
                continue
            with self.subTest(action=action.name):
                self.assertTrue(action.help, "an empty screen says nothing")

    def test_every_filter_works(self):
        """Each filter and group of each search view runs, for each role that has it."""
        for action in self._actions().filtered("search_view_id"):
            for role in ROLES:
                user = getattr(self, role)
                model = self.env[action.res_model].with_user(user)
                if not model.has_access("read"):
                    continue
                arch = etree.fromstring(model.get_view(action.search_view_id.id, "search")["arch"])
                for node in arch.iter("filter"):
                    with self.subTest(role=role, action=action.name, filter=node.get("name")):
                        self._run_filter(model, node)

    def _run_filter(self, model, node):
        if node.get("domain"):
            model.search(safe_eval(node.get("domain"), {"uid": model.env.uid}), limit=1)
        context = safe_eval(node.get("context") or "{}")
        if context.get("group_by"):
            model.formatted_read_group([], [context["group_by"]], ["__count"])

    def test_partner_form_for_everybody(self):
        for user in (self.clerk, self.internal_user):
            arch = self.env["res.partner"].with_user(user).get_view(view_type="form")["arch"]
            with self.subTest(user=user.login):
                self.assertEqual("constituent_role" in arch, user == self.clerk)

    def test_manager_sets_the_offices_texts(self):
        """A manager who is no administrator gets the office's fields and no others."""
        settings = self.env["constituent.office.settings"].with_user(self.manager)
        with Form(settings) as form:
            self.assertEqual(form.constituent_office_name, "Office of Constituent Services")
            form.constituent_office_name = "Office of the Mayor"
            form.constituent_response_days = 7
        form.record.action_save_settings()
        self.assertEqual(self.company.constituent_office_name, "Office of the Mayor")
        self.assertEqual(self.company.constituent_response_days, 7)
        self.assertEqual(self.company.name, "City of Example")
        with self.assertRaises(AccessError):
            self.company.with_user(self.manager).name = "Mine"

    def test_office_settings_are_no_one_elses(self):
        for user in (self.coordinator, self.clerk, self.internal_user):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                self.env["constituent.office.settings"].with_user(user).create({})

    def test_office_settings_of_another_office_are_refused(self):
        other = self.env["res.company"].create({"name": "Other City"})
        settings = self.env["constituent.office.settings"].with_user(self.manager)
        record = settings.create({"company_id": other.id})
        with self.assertRaises(AccessError):
            record.action_save_settings()

    def test_settings_are_the_managers(self):
        self.manager.group_ids += self.env.ref("base.group_system")
        settings = self.env["res.config.settings"].with_user(self.manager)
        record = settings.create({"constituent_office_name": "Office of the Mayor"})
        record.execute()
        self.assertEqual(self.company.constituent_office_name, "Office of the Mayor")
        self.assertEqual(record.action_constituent_company()["res_id"], self.company.id)
        arch = settings.get_view(view_type="form")["arch"]
        self.assertIn("constituent_office_name", arch)


class TestCaseFilters(ConstituentCommon):
    """The filters of the case list find what their names say."""

    def _find(self, name, user=None):
        user = user or self.coordinator
        cases = self.Case.with_user(user)
        view = self.env.ref(f"{PREFIX}constituent_case_view_search")
        arch = etree.fromstring(cases.get_view(view.id, "search")["arch"])
        (node,) = arch.xpath(f"//filter[@name='{name}']")
        domain = safe_eval(node.get("domain"), {"uid": user.id})
        return cases.search(domain)

    def test_my_cases_and_my_departments(self):
        mine = self._make_case(user_id=self.caseworker.id)
        ours = self._make_case()
        self._make_case(name="A testtree")
        self.assertEqual(self._find("my_cases", self.caseworker), mine)
        self.assertEqual(self._find("my_departments", self.caseworker), mine | ours)

    def test_triage_unassigned_and_open(self):
        triage = self._make_case(name="Nobody can place this")
        placed = self._make_case(user_id=self.caseworker.id)
        closed = self._make_case(name="Nobody placed this")
        closed._close(self.outcome_resolved)
        self.assertIn(triage, self._find("triage"))
        self.assertFalse((placed | closed) & self._find("triage"))
        self.assertNotIn(placed, self._find("unassigned"))
        self.assertIn(triage, self._find("unassigned"))
        self.assertNotIn(closed, self._find("open"))
        self.assertIn(closed, self._find("closed"))

    def test_overdue_and_due_this_week(self):
        now = fields.Datetime.now()
        late = self._make_case()
        late.due_at = fields.Datetime.subtract(now, days=30)
        later = self._make_case()
        later.due_at = fields.Datetime.add(now, days=30)
        today = self._make_case()
        today.due_at = now
        self.assertIn(late, self._find("overdue"))
        self.assertNotIn(later, self._find("overdue"))
        self.assertIn(today, self._find("due_this_week"))
        self.assertFalse((late | later) & self._find("due_this_week"))

    def test_closed_this_week(self):
        recent = self._make_case()
        recent._close(self.outcome_resolved)
        older = self._make_case()
        older._close(self.outcome_resolved)
        older.closed_at = fields.Datetime.subtract(fields.Datetime.now(), days=20)
        found = self._find("closed_this_week")
        self.assertIn(recent, found)
        self.assertNotIn(older, found)

    def test_waiting_reply_hazard_hold(self):
        waiting = self._make_case()
        waiting.stage_id = self.env.ref(f"{PREFIX}stage_waiting")
        reply = self._make_case()
        reply._close(self.outcome_resolved)
        reply.reply_after_closing = True
        self.tree.is_hazard = True
        hazard = self._make_case(name="A testtree")
        held = self._make_case()
        held.legal_hold = True
        self.assertEqual(self._find("waiting") & (waiting | reply | held), waiting)
        self.assertEqual(self._find("reply_after_closing"), reply)
        self.assertIn(hazard, self._find("hazard"))
        self.assertNotIn(waiting, self._find("hazard"))
        self.assertEqual(self._find("legal_hold"), held)

    def test_restricted_filter_is_for_those_who_may(self):
        case = self._make_case(confidentiality="restricted")
        self.assertEqual(self._find("restricted", self.confidant), case)
        arch = self.Case.with_user(self.coordinator).get_view(view_type="search")["arch"]
        self.assertNotIn('name="restricted"', arch)

    def test_search_panel(self):
        self._make_case()
        cases = self.Case.with_user(self.coordinator)
        departments = cases.search_panel_select_multi_range("department_id", enable_counters=True)[
            "values"
        ]
        self.assertIn(self.streets.id, [value["id"] for value in departments])
        categories = cases.search_panel_select_range("category_id")["values"]
        self.assertIn(self.pothole.id, [value["id"] for value in categories])


class TestCaseList(ConstituentCommon):
    """The first page of the list is quick, however many departments and people."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        partners = cls.env["res.partner"].create([{"name": f"Person {n}"} for n in range(40)])
        tags = cls.env["constituent.case.tag"].create([{"name": f"Tag {n}"} for n in range(5)])
        cls.Case.intake(
            [
                {
                    "channel": ("phone", "mail", "web")[n % 3],
                    "name": ("A testpothole", "A testtree", "Something")[n % 3],
                    "partner_id": partners[n % 40].id,
                    "user_id": (cls.caseworker | cls.other_caseworker)[n % 2].id,
                    "tag_ids": [tags[n % 5].id],
                }
                for n in range(PAGE + 20)
            ]
        )

    def _specification(self, user):
        """Return what the web client asks for: every column, the optional ones too."""
        view = self.Case.with_user(user).get_view(view_type="list")
        specification = {}
        for node in etree.fromstring(view["arch"]).xpath("./field"):
            field = self.Case._fields[node.get("name")]
            names = {"display_name": {}}
            if field.type in ("many2many", "one2many"):
                specification[field.name] = {"fields": {**names, "id": {}}}
                if "color" in self.env[field.comodel_name]._fields:
                    specification[field.name]["fields"]["color"] = {}
            else:
                specification[field.name] = {"fields": names} if field.relational else {}
        return specification

    def _read_page(self, user):
        hidden = self._hidden_columns(user)
        specification = {
            name: spec for name, spec in self._specification(user).items() if name not in hidden
        }

        def read():
            return self.Case.with_user(user).web_search_read(
                [("status", "!=", "closed")],
                specification,
                limit=PAGE,
                order="id desc",
                count_limit=10001,
            )

        read()  # rules and rights are cached on a running server
        self.env.flush_all()
        self.env.invalidate_all()
        with self.assertQueryCount(LIST_QUERIES):
            return read()

    def _hidden_columns(self, user):
        """Return the columns that show only when the user chooses them."""
        view = self.Case.with_user(user).get_view(view_type="list")
        nodes = etree.fromstring(view["arch"]).xpath("./field[@optional='hide']")
        return {node.get("name") for node in nodes}

    def test_first_page_of_a_coordinator(self):
        page = self._read_page(self.coordinator)
        self.assertEqual(len(page["records"]), PAGE)
        self.assertGreater(page["length"], PAGE)
        self.assertIn("display_name", page["records"][0]["partner_id"])

    def test_first_page_of_a_caseworker(self):
        page = self._read_page(self.caseworker)
        self.assertTrue(page["records"])

    def test_every_column_can_be_shown(self):
        for user in (self.clerk, self.caseworker, self.coordinator):
            page = self.Case.with_user(user).web_search_read(
                [], self._specification(user), limit=PAGE
            )
            with self.subTest(user=user.login):
                self.assertGreaterEqual(page["length"], len(page["records"]))

    def test_columns_are_ordered_by_an_index(self):
        self.assertEqual(self.Case._order, "id desc")
        arch = etree.fromstring(self.Case.get_view(view_type="list")["arch"])
        self.assertEqual(arch.get("default_order"), "id desc")

    def test_caseworkers_do_not_route_in_the_list(self):
        """They hand over by the window, which may leave the case out of their sight."""
        for user, readonly in ((self.caseworker, True), (self.coordinator, False)):
            arch = etree.fromstring(self.Case.with_user(user).get_view(view_type="list")["arch"])
            (node,) = arch.xpath("./field[@name='department_id']")
            with self.subTest(user=user.login):
                self.assertEqual(bool(node.get("readonly")), readonly)

    def test_coordinator_changes_many(self):
        cases = self.Case.with_user(self.coordinator).search([], limit=3)
        cases.web_save({"user_id": self.coordinator.id}, {"user_id": {}})
        self.assertEqual(cases.user_id, self.coordinator)
        cases.web_save({"tag_ids": [Command.clear()]}, {"tag_ids": {}})
        self.assertFalse(cases.tag_ids)
