"""Diversions: who may see and change what, and what is not given by users."""

from functools import partial

from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import Form, tagged

from .common import ConstituentCommon
from .test_divert import DivertSetup


@tagged("post_install", "-at_install")
class TestDivertRights(DivertSetup, ConstituentCommon):
    def test_everybody_in_the_office_reads_the_lines(self):
        for user in (self.clerk, self.caseworker, self.coordinator, self.manager):
            with self.subTest(user=user.login):
                self.assertEqual(self.lines["media"].with_user(user).name, "Media Inquiry")

    def test_only_managers_change_them(self):
        public = self.env.ref("base.public_user")
        for user in (
            self.clerk,
            self.caseworker,
            self.coordinator,
            self.internal_user,
            self.portal_user,
            public,
        ):
            mine = self.lines["threat"].with_user(user)
            for call in (
                partial(mine.write, {"active": False}),
                partial(mine.write, {"keywords": "x"}),
                mine.unlink,
                mine.copy,
            ):
                with self.subTest(user=user.login), self.assertRaises(AccessError):
                    call()
        for user in (self.internal_user, self.portal_user, public):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                self.lines["media"].with_user(user).read(["keywords"])
        self.lines["media"].with_user(self.manager).points_needed = 4
        self.assertEqual(self.lines["media"].points_needed, 4)

    def test_other_offices_lines_are_out_of_sight(self):
        other = self.env["res.company"].create({"name": "Harbor Authority"})
        line = self.lines["media"].copy({"company_id": other.id})
        self.assertFalse(line.with_user(self.manager).search([("id", "=", line.id)]))
        with self.assertRaises(AccessError):
            line.with_user(self.manager).write({"active": False})

    def test_what_is_kept_is_not_given(self):
        case = self._make_case(name="Notice of claim", department_id=self.streets.id)
        for values in (
            {"diversion_id": False},
            {"alarm_id": self.lines["threat"].id},
            {"kind_before": "comment"},
            {"hold_by_diversion": False},
        ):
            for user in (self.caseworker, self.coordinator, self.manager):
                with self.subTest(user=user.login, values=values):
                    with self.assertRaises(AccessError):
                        case.with_user(user).write(values)
        made = self.Case.with_user(self.caseworker).create(
            {"name": "Lamp", "alarm_id": self.lines["threat"].id, "hold_by_diversion": True}
        )
        self.assertFalse(made.alarm_id or made.hold_by_diversion)

    def test_who_may_take_back(self):
        case = self._make_case(name="Notice of claim", description=False)
        for user in (self.clerk, self.caseworker, self.internal_user, self.portal_user):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                case.with_user(user).action_not_diverted()
        self.assertEqual(case.kind, "claim")

    def test_an_alarm_is_for_those_who_see_it(self):
        case = self._make_case(name="I will kill you")
        for user in (self.clerk, self.caseworker, self.coordinator, self.manager):
            for step in ("action_no_alarm", "action_raise_alarm", "action_not_diverted"):
                with self.subTest(user=user.login, step=step), self.assertRaises(AccessError):
                    getattr(case.with_user(user), step)()
        self.assertTrue(case.alarm_id)

    def test_the_alarm_is_raised_by_who_works_the_case(self):
        case = self._make_case()
        for user in (self.clerk, self.other_caseworker, self.internal_user):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                case.with_user(user).action_raise_alarm()
        case.with_user(self.caseworker).action_raise_alarm()
        self.env.cr.flush()
        self.assertEqual(case.confidentiality, "restricted")
        self.assertEqual(self._tasks(case), self.confidant)
        self.assertIn("security", case.delivery_ids.mapped("audience"))

    def test_tasks_are_for_those_who_see_the_case(self):
        self.lines["media"].user_ids = [Command.set((self.other_caseworker | self.coordinator).ids)]
        case = self._make_case(name="Press inquiry, on deadline", department_id=self.streets.id)
        self.assertEqual(self._tasks(case), self.coordinator)

    def test_managers_name_the_security_contacts(self):
        settings = self.env["constituent.office.settings"].with_user(self.manager)
        with Form(settings) as form:
            self.assertEqual(form.constituent_security_ids[:], self.confidant)
            form.constituent_security_ids.add(self.coordinator)
        form.record.action_save_settings()
        self.assertEqual(self.company.constituent_security_ids, self.confidant | self.coordinator)
        for user in (self.clerk, self.caseworker, self.coordinator):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                settings.with_user(user).create({})
