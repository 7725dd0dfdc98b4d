"""Windows (wizards) on cases: their author's alone, and of cases the author may see."""

from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import tagged

from .common import ConstituentCommon


@tagged("post_install", "-at_install")
class TestWindows(ConstituentCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.case = cls._make_case()
        cls.hidden = cls._make_case(name="A testtree fell")
        cls.restricted = cls._make_case(
            name="Subject that nobody may read", confidentiality="restricted"
        )
        cls.other_office = cls.env["res.company"].create({"name": "Other City"})
        cls.elsewhere = cls._make_case(
            name="Elsewhere", company_id=cls.other_office.id, partner_id=False
        )

    def _windows(self):
        """Return the models of our windows with the fields that name cases."""
        found = {}
        for name, model in self.registry.items():
            if not (name.startswith("constituent.") and model._transient):
                continue
            fields = [
                field.name
                for field in model._fields.values()
                if field.comodel_name == "constituent.case" and field.store
            ]
            if fields:
                found[name] = fields
        return found

    def test_there_are_windows(self):
        windows = self._windows()
        self.assertGreater(len(windows), 8)
        self.assertIn("case_ids", windows["constituent.case.close.wizard"])
        self.assertIn("main_id", windows["constituent.case.same.wizard"])
        self.assertIn("case_id", windows["constituent.call.wizard"])

    def test_every_window_checks_what_it_names(self):
        mixin = self.registry["constituent.wizard.mixin"]
        checked = 0
        for name, model in self.registry.items():
            named = any(
                field.store and (field.comodel_name or "").startswith("constituent.")
                for field in model._fields.values()
            )
            if name == "constituent.approval.wizard.line":
                continue  # checks by itself: a batch's sample is read by who decides on it
            if name.startswith("constituent.") and model._transient and named:
                checked += 1
                with self.subTest(name):
                    self.assertTrue(issubclass(model, mixin), name)
        self.assertGreater(checked, 20)

    def test_letters_templates_and_batches_out_of_sight(self):
        """Neither when a window is made nor when it is written to."""
        harbor = self.env["res.company"].create({"name": "Harbor Authority"})
        template = self.env["constituent.letter.template"].create(
            {
                "name": "Harbor's",
                "occasion": "free",
                "subject": "s",
                "body": "<p>x</p>",
                "company_id": harbor.id,
            }
        )
        letters = self.env["constituent.correspondence"]
        mine, hidden = (
            letters.create({"subject": "s", "case_id": case.id, "body": "<p>x</p>"})
            for case in (self.case, self.restricted)
        )
        own = template.copy({"company_id": self.company.id})
        clause = self.env["constituent.letter.clause"].create(
            {"name": "Appeal", "code": "WINDOW", "body": "<p>x</p>"}
        )
        for model, field, seen, unseen, more in (
            ("clause", "correspondence_id", mine, hidden, {"clause_id": clause.id}),
            ("preview", "template_id", own, template, {"case_id": self.case.id}),
        ):
            window = self.env[f"constituent.letter.{model}.wizard"].with_user(self.manager)
            with self.subTest(model), self.assertRaises(AccessError), self.env.cr.savepoint():
                window.create({field: unseen.id, **more})
            made = window.create({field: seen.id, **more})
            with self.subTest(model, way="write"), self.assertRaises(AccessError):
                made.write({field: unseen.id})

    def test_cases_out_of_sight_are_refused_when_created(self):
        for record in (self.hidden, self.restricted, self.elsewhere):
            for name, fields in self._windows().items():
                window = self.env[name].with_user(self.caseworker)
                if not window.has_access("create"):
                    continue
                for field in fields:
                    many = window._fields[field].type == "many2many"
                    value = [Command.set(record.ids)] if many else record.id
                    with self.subTest(name, field=field, case=record.name):
                        self._assert_refused(window, {field: value})

    def _assert_refused(self, window, vals):
        """Fill what is required beside the case, and expect a refusal."""
        for field in window._fields.values():
            if not field.required or field.name in vals or not field.store:
                continue
            vals[field.name] = self._some_value(field)
        with self.assertRaises(AccessError), self.env.cr.savepoint():
            window.create(vals)

    def _some_value(self, field):
        if field.type == "many2one":
            if field.comodel_name == "constituent.case":
                return self.case.id
            return self.env[field.comodel_name].search([], limit=1).id
        if field.type == "many2many":
            if field.comodel_name == "constituent.case":
                return [Command.set(self.case.ids)]
            return [Command.set(self.env[field.comodel_name].search([], limit=1).ids)]
        if field.type == "selection":
            return field.get_values(self.env)[0]
        return {"char": "x", "text": "x", "integer": 1, "boolean": True}.get(field.type, "x")

    def test_cases_out_of_sight_are_refused_when_written(self):
        window = self.env["constituent.case.same.wizard"].with_user(self.caseworker)
        window = window.create({"case_ids": self.case.ids, "main_id": self.case.id})
        for record in (self.hidden, self.restricted, self.elsewhere):
            with self.subTest(record.name):
                with self.assertRaises(AccessError), self.env.cr.savepoint():
                    window.main_id = record
                with self.assertRaises(AccessError), self.env.cr.savepoint():
                    window.case_ids = [Command.link(record.id)]

    def test_the_call_window_gives_no_number_of_a_case_out_of_sight(self):
        calls = self.env["constituent.call.wizard"]
        for user in (self.clerk, self.caseworker):
            for record in (self.hidden, self.restricted, self.elsewhere):
                with self.subTest(user.login, case=record.name), self.assertRaises(AccessError):
                    calls.with_user(user).create({"case_id": record.id})
        window = calls.with_user(self.caseworker).create({"case_id": self.case.id})
        self.assertTrue(window.phone)

    # Their author's

    def test_rows_are_their_authors(self):
        window = self.env["constituent.case.decline.wizard"].with_user(self.caseworker)
        window = window.create({"case_ids": self.case.ids, "reason": "A secret reason"})
        other = window.with_user(self.coordinator)
        self.assertFalse(other.search([("id", "=", window.id)]))
        with self.assertRaises(AccessError):
            other.read(["reason"])
        with self.assertRaises(AccessError):
            other.reason = "Another"
        with self.assertRaises(AccessError):
            other.action_decline_cases()
        self.assertEqual(window.reason, "A secret reason")
        self.assertEqual(window.search([("id", "=", window.id)]), window)

    def test_every_window_is_its_authors(self):
        rules = self.env["ir.rule"].with_user(self.coordinator)
        for name, model in self.registry.items():
            if name.startswith("constituent.") and model._transient:
                with self.subTest(name):
                    domain = str(list(rules._compute_domain(name, "read")))
                    self.assertIn("create_uid", domain)

    def test_other_windows_are_left_alone(self):
        rules = self.env["ir.rule"].with_user(self.coordinator)
        self.assertNotIn("create_uid", str(list(rules._compute_domain("base.language.install"))))
        self.assertNotIn("create_uid", str(list(rules._compute_domain("res.partner"))))

    def test_what_was_tried_is_cleaned(self):
        window = self.env["constituent.try.rules.wizard"].with_user(self.coordinator)
        window = window.create({"subject": "x"})
        window.result = '<img src="x" onerror="alert(1)"/><script>alert(2)</script>'
        self.assertNotIn("onerror", window.result)
        self.assertNotIn("script", window.result)

    # Names of links

    def test_a_link_does_not_name_a_restricted_case(self):
        self.case.sudo().parent_id = self.restricted
        for user, shown in ((self.caseworker, False), (self.coordinator, False),
                            (self.confidant, True)):  # fmt: skip
            with self.subTest(user.login):
                self.env.invalidate_all()
                (values,) = self.case.with_user(user).read(["parent_id"])
                self.assertEqual("Subject" in values["parent_id"][1], shown)
                self.assertEqual(self.restricted.number in values["parent_id"][1], shown)

    def test_it_is_named_again_when_it_is_not_restricted(self):
        self.case.sudo().parent_id = self.restricted
        self.restricted.sudo().confidentiality = "internal"
        self.env.invalidate_all()
        (values,) = self.case.with_user(self.coordinator).read(["parent_id"])
        self.assertIn(self.restricted.number, values["parent_id"][1])


@tagged("post_install", "-at_install")
class TestOutOfSight(ConstituentCommon):
    """What the second reader found, each by the door it was found at."""

    def test_view_only_departments_do_not_post(self):
        case = self._make_case(informed_department_ids=self.parks.ids)
        seen = case.with_user(self.other_caseworker)
        with self.assertRaises(AccessError):
            seen.message_post(body="x", message_type="comment", subtype_xmlid="mail.mt_comment")
        case.with_user(self.caseworker).message_post(body="x", message_type="comment")

    def test_view_only_departments_do_not_log_calls(self):
        case = self._make_case(informed_department_ids=self.parks.ids)
        calls = self.env["constituent.call"].with_user(self.other_caseworker)
        vals = {"case_id": case.id, "direction": "out", "outcome": "reached"}
        with self.assertRaises(AccessError):
            calls.create(vals)
        call = self.env["constituent.call"].with_user(self.caseworker).create(vals)
        self.assertEqual(call.with_user(self.other_caseworker).outcome, "reached")

    def test_view_only_departments_do_not_order_work(self):
        case = self._make_case(informed_department_ids=self.parks.ids)
        orders = self.env["constituent.work.order"]
        vals = {"case_ids": [Command.set(case.ids)], "department_id": self.parks.id, "name": "x"}
        with self.assertRaises(AccessError):
            orders.with_user(self.other_caseworker).create(vals)
        self.assertTrue(orders.with_user(self.caseworker).create(vals))

    def test_a_letter_does_not_tell_whose_a_case_is(self):
        restricted = self._make_case(confidentiality="restricted")
        letters = self.env["constituent.correspondence"].with_user(self.clerk)
        stranger = self.env["res.partner"].create({"name": "Stranger"})
        for partner in (self.resident, stranger):
            with self.subTest(partner.name), self.assertRaises(AccessError) as caught:
                letters.create(
                    {
                        "partner_id": partner.id,
                        "subject": "x",
                        "also_case_ids": [Command.set(restricted.ids)],
                    }
                )
            self.assertNotIn(restricted.number, str(caught.exception))

    def test_activities_of_restricted_cases_stay(self):
        restricted = self._make_case(confidentiality="restricted")
        case = self._make_case()
        for record in (restricted, case):
            record.activity_schedule(
                "mail.mail_activity_data_todo", user_id=self.confidant.id, summary="Look"
            )
        held = self.confidant.with_user(self.coordinator)._held()["activities"]
        self.assertEqual(held.mapped("res_id"), case.ids)
        held = self.confidant.with_user(self.confidant)._held()["activities"]
        self.assertEqual(set(held.mapped("res_id")), {case.id, restricted.id})

    def test_days_away_stay_the_persons(self):
        absence = self.env["constituent.absence"].create({"user_id": self.caseworker.id})
        named = self.caseworker._named_in()
        self.assertNotIn("constituent.absence", [records._name for _field, records in named])
        self.assertTrue(absence.exists())

    def test_masters_of_other_offices_stay(self):
        office = self.env["res.company"].create({"name": "Other City"})
        ours, theirs = self.env["constituent.department"].create(
            [
                {"name": "Ours", "head_id": self.caseworker.id},
                {"name": "Theirs", "head_id": self.caseworker.id, "company_id": office.id},
            ]
        )
        user = self.caseworker.with_user(self.manager).with_context(
            allowed_company_ids=self.company.ids
        )
        heads = {
            record
            for field, records in user._named_in()
            if field.name == "head_id"
            for record in records
        }
        self.assertIn(ours, heads)
        self.assertNotIn(theirs, heads)

    def test_absences_of_other_offices(self):
        office = self.env["res.company"].create({"name": "Other City"})
        stranger = self._make_user("caseworker", login="stranger")
        stranger.write({"company_ids": [Command.set(office.ids)], "company_id": office.id})
        absences = self.env["constituent.absence"]
        theirs = absences.create({"user_id": stranger.id})
        self.assertNotIn(theirs, absences.with_user(self.coordinator).search([]))
        with self.assertRaises(AccessError):
            absences.with_user(self.coordinator).create({"user_id": stranger.id})
        with self.assertRaises(AccessError):
            theirs.with_user(self.caseworker).read(["note"])

    def test_confidential_callers_are_not_looked_up(self):
        case = self._make_case(partner_id=False, identity="confidential", partner_phone="5550100")
        self.assertFalse(case._may_be_looked_up())
        self.assertTrue(self._make_case()._may_be_looked_up())

    def test_confidential_callers_calls_are_not_exported(self):
        case = self._make_case(
            partner_id=False, identity="confidential", partner_phone="+12127365999"
        )
        self.env["constituent.call"].create(
            {
                "case_id": case.id,
                "direction": "out",
                "outcome": "reached",
                "phone": "+12127365999",
            }
        )
        rows = case.export_data(["number", "call_ids/phone", "event_ids/recipient"])["datas"]
        self.assertNotIn("7365999", str(rows))
        self.assertIn(case.number, str(rows))

    def test_a_protected_place_is_not_passed_on(self):
        case = self._make_case(street="12 Home Street")
        self.assertIn("12 Home Street", str(case._agency_facts(True, True, False)))
        self.resident.protected_address = True
        self.assertNotIn("12 Home Street", str(case._agency_facts(True, True, False)))

    def test_restricted_matters_are_acknowledged_alone(self):
        case = self._make_case()
        restricted = self._make_case(name="Other", confidentiality="restricted")
        joined = (case | restricted)._acknowledge_together()
        self.assertFalse(joined)
        self.assertFalse(case.delivery_ids.also_case_ids)
