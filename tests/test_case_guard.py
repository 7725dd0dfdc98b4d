from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tools import mute_logger

from .common import PREFIX, ConstituentCommon

RULES = "odoo.addons.base.models.ir_rule"


class TestKeptColumns(ConstituentCommon):
    """What the code keeps is not given by hand."""

    def test_users_cannot_write_what_is_kept(self):
        case = self._make_case().with_user(self.coordinator)
        for values in (
            {"closed_at": "2020-01-01 00:00:00"},
            {"held_since": "2020-01-01 00:00:00"},
            {"acknowledged_at": "2020-01-01 00:00:00"},
            {"intake_mode": "import"},
            {"authentication_warning": False},
            {"reply_after_closing": True},
            {"external_source": "x", "external_ref": "y"},
            {"access_token": "known"},
        ):
            with self.subTest(values), self.assertRaises(AccessError):
                case.write(values)

    def test_users_cannot_give_what_is_kept(self):
        case = self.Case.with_user(self.coordinator).create(
            {"name": "x", "intake_mode": "import", "access_token": "known", "external_ref": "1"}
        )
        self.assertEqual(case.intake_mode, "live")
        self.assertNotEqual(case.sudo().access_token, "known")
        self.assertTrue(case.sudo().access_token)
        self.assertFalse(case.external_ref)

    def test_a_door_is_not_pretended(self):
        case = self.Case.with_user(self.clerk).create(
            {
                "name": "x",
                "partner_id": self.resident.id,
                "intake_door": {"automatic": True, "door_department_id": self.parks.id},
            }
        )
        self.assertFalse(case.department_id)
        self.assertTrue(case.sudo().delivery_ids, "acknowledged as any other")

    def test_a_case_stays_with_its_office(self):
        other = self.env["res.company"].create({"name": "Harbor Authority"})
        self.coordinator.company_ids = [Command.link(other.id)]
        case = self._make_case().with_user(self.coordinator)
        with self.assertRaisesRegex(AccessError, "Company"):
            case.company_id = other
        case.write({"company_id": self.company.id, "name": "the same office is no change"})

    def test_the_token_is_not_for_staff(self):
        case = self._make_case()
        for user in (self.clerk, self.caseworker, self.coordinator, self.manager):
            with self.assertRaises(AccessError), mute_logger(RULES):
                case.with_user(user).read(["access_token"])
        self.assertIn(case.access_token, case.with_user(self.caseworker)._get_private_url())

    def test_the_steps_themselves_go_on(self):
        case = self._make_case()
        case.reply_after_closing = True
        worker = case.with_user(self.caseworker)
        worker._close(self.outcome_resolved)
        self.assertTrue(case.closed_at)
        self.assertFalse(case.reply_after_closing)
        worker._reopen("Still there")
        worker.action_assign_to_me()
        worker.action_route_again()
        self.assertTrue(case.held_since)


class TestLinks(ConstituentCommon):
    """A user names only what the user sees."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.restricted = cls._make_case(name="SECRET", confidentiality="restricted")
        cls.own = cls.Case.with_user(cls.clerk).create({"name": "mine"})

    def test_restricted_cases_are_not_linked_to(self):
        for name in ("parent_id", "duplicate_of_id"):
            with self.subTest(name), self.assertRaises(AccessError), mute_logger(RULES):
                self.own.with_user(self.clerk).write({name: self.restricted.id})
            with self.subTest(name), self.assertRaises(AccessError), mute_logger(RULES):
                self.Case.with_user(self.clerk).create({"name": "x", name: self.restricted.id})

    def test_contacts_of_another_office(self):
        other = self.env["res.company"].create({"name": "Harbor Authority"})
        foreign = self.env["res.partner"].create(
            {
                "name": "Fiona Foreign",
                "email": "fiona@example.org",
                "phone": "+1 212-736-5999",
                "company_id": other.id,
                "is_constituent": True,
            }
        )
        for user in (self.clerk, self.coordinator):
            cases = self.Case.with_user(user)
            with self.assertRaises(AccessError), mute_logger(RULES):
                cases.create({"name": "x", "partner_id": foreign.id})
            self.env.flush_all()
            self.env.invalidate_all()
            shown = cases.onchange(
                {"partner_id": foreign.id},
                ["partner_id"],
                {"constituent_email": {}, "constituent_address": {}},
            )
            self.assertNotIn("fiona@example.org", str(shown))
        taken_in = self.Case.intake(
            [{"name": "x", "partner_email": "fiona@example.org", "partner_name": "Fiona Foreign"}]
        )
        self.assertNotEqual(taken_in.partner_id, foreign)
        self.assertEqual(taken_in.partner_id.company_id, self.company)
        there = self.Case.intake(
            [{"name": "x", "partner_email": "fiona@example.org", "company_id": other.id}]
        )
        self.assertEqual(there.partner_id, foreign)


class TestClerkCloses(ConstituentCommon):
    """Intake clerks close what they entered, without a word to the constituent."""

    def _values(self, **values):
        closed = self.env.ref(f"{PREFIX}stage_closed")
        return {"stage_id": closed.id, "outcome_id": self.outcome_resolved.id, **values}

    def test_by_the_form_and_rpc(self):
        triage = self._make_case(name="Other", description=False)
        own = self.Case.with_user(self.clerk).create({"name": "mine"})
        with self.assertRaisesRegex(AccessError, "entered themselves"):
            triage.with_user(self.clerk).write(self._values())
        with self.assertRaisesRegex(AccessError, "note to the constituent"):
            own.write(self._values(outcome_note="Visit my page"))
        own.write(self._values())
        self.assertEqual(own.status, "closed")


class TestClerksSendNothing(ConstituentCommon):
    """Whatever composer or record a clerk takes, no mail leaves the office."""

    def _assert_refused(self, send):
        before = self.env["mail.mail"].sudo().search_count([])
        with self.assertRaisesRegex(AccessError, "do not write"), self.env.cr.savepoint():
            send()
        self.assertEqual(self.env["mail.mail"].sudo().search_count([]), before)

    def test_by_other_records(self):
        letters = self.env["constituent.correspondence"].with_user(self.clerk)
        letter = letters.create({"subject": "Draft", "partner_id": self.resident.id})
        self._assert_refused(
            lambda: letter.message_post(body="Dear Ana", partner_ids=self.resident.ids)
        )
        self._assert_refused(
            lambda: self.resident.with_user(self.clerk).message_post(
                body="Dear Ana", partner_ids=self.resident.ids
            )
        )

    def test_by_the_mass_composer(self):
        own = self.Case.with_user(self.clerk).create(
            {"name": "mine", "partner_id": self.resident.id}
        )
        composers = self.env["mail.compose.message"].with_user(self.clerk)
        composer = composers.create(
            {
                "composition_mode": "mass_mail",
                "model": "constituent.case",
                "res_ids": own.ids,
                "body": "Dear Ana",
                "subject": "x",
            }
        )
        self._assert_refused(composer._action_send_mail)

    def test_colleagues_are_written_to(self):
        own = self.Case.with_user(self.clerk).create({"name": "mine"})
        self.caseworker.notification_type = "email"
        own.message_post(body="For you", partner_ids=self.caseworker.partner_id.ids)
        with self.assertRaises(UserError), self.env.cr.savepoint():
            own.message_post(body="x", outgoing_email_to="somebody@example.org")


class TestWhoIsTold(ConstituentCommon):
    """Followers who lost sight of a case hear nothing more of it."""

    def _told(self, case):
        message = case.with_user(self.confidant).message_post(
            body="News", subtype_xmlid="mail.mt_comment"
        )
        return message.sudo().notification_ids.res_partner_id

    def test_restricted_and_moved_cases(self):
        case = self._make_case()
        case.message_subscribe((self.caseworker | self.coordinator).partner_id.ids)
        self.assertEqual(self._told(case), (self.caseworker | self.coordinator).partner_id)
        self.streets.member_ids = [Command.unlink(self.caseworker.id)]
        self.assertEqual(self._told(case), self.coordinator.partner_id)
        case.confidentiality = "restricted"
        self.assertFalse(self._told(case))
