from datetime import datetime, timedelta

from freezegun import freeze_time

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import Form, tagged, users

from .common import PREFIX, ConstituentCommon
from .letter_common import LetterSetup


class ReturnedCommon(LetterSetup, ConstituentCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Wizard = cls.env["constituent.returned.mail.wizard"]
        cls.letter = cls._make_sent()

    def _wizard(self, user=None, **vals):
        values = {"references": self.letter.reference, "kind": "moved", **vals}
        return self.Wizard.with_user(user or self.caseworker).create(values)

    def _kinds(self, case=None):
        return (case or self.case).event_ids.mapped("kind")


@tagged("post_install", "-at_install")
class TestReturnedMail(ReturnedCommon):
    """A letter that came back: by its number, with reason and forwarding address."""

    def test_in_the_form(self):
        with Form(self.Wizard.with_user(self.caseworker)) as form:
            form.references = f"{self.letter.reference.lower()}\nL-1999-000001"
            self.assertEqual(form.letter_ids.ids, self.letter.ids)
            self.assertEqual(form.not_found, "L-1999-000001")
            self.assertTrue(form.is_single)
            self.assertEqual(form.partner_id, self.resident)

    def test_marked(self):
        wizard = self._wizard(note="since May", street="5 New Road", city="Example", zip="10009")
        action = wizard.action_mark()
        self.assertEqual(action["res_id"], self.letter.id)
        self.assertEqual(self.letter.state, "returned_mail")
        self.assertEqual(self.letter.returned_kind, "moved")
        self.assertEqual(self.letter.returned_reason, "Moved: since May")
        self.assertEqual(self.letter.forwarding_address, "5 New Road\nExample 10009")
        self.assertEqual(self.resident.street, "12 Home Street", "only when the user says so")
        self.assertIn("letter_returned", self._kinds())

    def test_several_at_once_by_number_and_code(self):
        other = self._make_sent()
        typed = (
            f" {self.letter.reference} ,{other.verification_code.lower()};{self.letter.reference}"
        )
        action = self._wizard(references=typed, kind="vacant").action_mark()
        self.assertEqual({self.letter.state, other.state}, {"returned_mail"})
        self.assertEqual(action["domain"], [("id", "in", [self.letter.id, other.id][::-1])])

    def test_nothing_is_marked_when_one_is_not_known(self):
        wizard = self._wizard(references=f"{self.letter.reference} L-1999-000001")
        with self.assertRaisesRegex(UserError, "L-1999-000001"):
            wizard.action_mark()
        self.assertEqual(self.letter.state, "sent")
        with self.assertRaisesRegex(UserError, "Enter or scan"):
            self._wizard(references=" \n").action_mark()

    def test_twice_is_refused(self):
        self._wizard().action_mark()
        with self.assertRaisesRegex(UserError, "not open"):
            self._wizard().action_mark()

    def test_the_contact_moves_when_the_user_says_so(self):
        state = self.env.ref("base.state_us_5")
        self._wizard(
            street="5 New Road",
            street2="Apt. 2",
            city="Newtown",
            zip="10009",
            state_id=state.id,
            update_contact=True,
        ).action_mark()
        self.assertEqual(self.resident.street, "5 New Road")
        self.assertEqual(self.resident.street2, "Apt. 2")
        self.assertEqual(self.resident.city, "Newtown")
        self.assertEqual(self.resident.state_id, state)
        self.assertIn(f"Newtown {state.code} 10009", self.letter.forwarding_address)
        self.assertIn("12 Home Street", self.letter.printed_address, "the page stays")

    def test_half_an_address(self):
        for vals, words in (
            ({"street": "5 New Road"}, "street and a city"),
            ({"city": "Newtown", "update_contact": True}, "street and a city"),
            ({"update_contact": True}, "Enter the forwarding address"),
        ):
            with self.subTest(vals=vals), self.assertRaisesRegex(UserError, words):
                self._wizard(**vals).action_mark()

    def test_one_address_for_several_people(self):
        other = self._make_sent(
            case_id=False,
            partner_id=self.env["res.partner"]
            .create({"name": "Bo", "street": "1 A", "city": "Example"})
            .id,
        )
        wizard = self._wizard(
            references=f"{self.letter.reference} {other.reference}", street="5 New", city="Town"
        )
        with self.assertRaisesRegex(UserError, "several addressees"):
            wizard.action_mark()

    def test_a_protected_address_is_not_overwritten(self):
        self.resident.protected_address = True
        wizard = self._wizard(street="5 New Road", city="Newtown", update_contact=True)
        self.assertTrue(wizard.is_protected)
        with self.assertRaisesRegex(UserError, "protected address"):
            wizard.action_mark()

    def test_abroad(self):
        self._wizard(
            street="Calle 5", city="México", country_id=self.env.ref("base.mx").id
        ).action_mark()
        self.assertEqual(self.letter.forwarding_address, "Calle 5\nMéxico\nMEXICO")

    def test_the_state_is_the_citys_until_the_country_is_another(self):
        state = self.env.ref("base.state_us_5")
        self.company.write({"country_id": state.country_id.id, "state_id": state.id})
        form = Form(self.Wizard.with_user(self.caseworker))
        form.references = self.letter.reference
        form.street, form.city, form.zip = "5 New Road", "Newtown", "06499"
        self.assertEqual(form.state_id, state)
        form.save().action_mark()
        self.assertEqual(self.letter.forwarding_address, f"5 New Road\nNewtown {state.code} 06499")
        other = self._make_sent()
        form = Form(self.Wizard.with_user(self.caseworker))
        form.references = other.reference
        form.country_id = self.env.ref("base.mx")
        self.assertFalse(form.state_id)
        self._wizard(
            references=other.reference, street="Calle 5", city="México",
            country_id=self.env.ref("base.mx").id,
        ).action_mark()  # fmt: skip
        self.assertEqual(other.forwarding_address, "Calle 5\nMéxico\nMEXICO")

    def test_from_the_letter_in_the_same_window(self):
        letter = self.letter.with_user(self.caseworker)
        action = letter.action_came_back()
        self.assertEqual(action["res_model"], self.Wizard._name)
        self.assertEqual(action["target"], "new")
        form = Form(self.Wizard.with_user(self.caseworker).with_context(**action["context"]))
        self.assertEqual(form.references, letter.reference)
        self.assertEqual(form.letter_ids.ids, letter.ids)
        form.kind, form.note = "vacant", "boarded up"
        done = form.save().action_mark()
        self.assertEqual(done["type"], "ir.actions.act_window_close", "back in the letter")
        self.assertEqual((letter.state, letter.returned_kind), ("returned_mail", "vacant"))
        with self.assertRaisesRegex(UserError, "not open"):
            letter.action_came_back()
        with self.assertRaises(AccessError):
            self._make_sent().with_user(self.clerk).action_came_back()

    def test_only_the_offices_own_letter_of_that_number(self):
        other = self.env["res.company"].create({"name": "Port Authority"})
        self.caseworker.company_ids |= other
        both = [self.company.id, other.id]
        letter = self.letter.with_user(self.caseworker).with_context(allowed_company_ids=both)
        context = letter.action_came_back()["context"]
        self.assertEqual(context["allowed_company_ids"], self.company.ids)
        alone = letter.with_context(allowed_company_ids=self.company.ids).action_came_back()
        self.assertNotIn("allowed_company_ids", alone["context"])

    def test_the_letter_says_so_in_a_sentence(self):
        self.assertFalse(self.letter.returned_note)
        with freeze_time("2026-11-27 15:00:00"):
            self._wizard(note="since May").action_mark()
        letter = self.letter.with_user(self.caseworker).with_context(tz="UTC", lang="en_US")
        self.assertEqual(
            letter.returned_note, "It came back on November 27, 2026 (Moved: since May)."
        )
        other = self._make_sent()
        with freeze_time("2026-11-27 15:00:00"):
            other.with_user(self.caseworker).action_returned()
        self.assertEqual(
            other.with_context(tz="UTC", lang="en_US").returned_note,
            "It came back on November 27, 2026.",
        )

    def test_send_again_afterwards(self):
        letter = self.letter.with_user(self.caseworker)
        self.assertFalse(letter.can_write_again)
        with self.assertRaisesRegex(UserError, "not open"):
            letter.action_write_again()
        self._wizard().action_mark()
        self.assertTrue(letter.can_write_again)
        draft = self.Letter.browse(letter.action_write_again()["res_id"])
        self.assertEqual((draft.corrects_id, draft.medium), (self.letter, "post"))
        self.assertFalse(letter.can_write_again)
        with self.assertRaisesRegex(UserError, "replaced already"):
            letter.action_write_again()
        draft.with_user(self.caseworker).action_cancel()
        self.assertTrue(letter.can_write_again)
        with self.assertRaises(AccessError):
            self.letter.with_user(self.clerk).action_write_again()

    def test_send_again_to_the_new_address(self):
        action = self._wizard(
            street="5 New Road", city="Newtown", update_contact=True, send_again=True
        ).action_mark()
        draft = self.Letter.browse(action["res_id"])
        self.assertEqual(draft.corrects_id, self.letter)
        self.assertEqual((draft.state, draft.medium), ("draft", "post"))
        self.assertFalse(draft.returned_kind)
        for step in ("action_submit", "action_approve", "action_send"):
            getattr(draft.with_user(self.caseworker), step)()
        self.assertIn("5 New Road", draft.printed_address)
        self.assertFalse(self.case.answer_owed)

    @users("t_internal", "t_portal")
    def test_not_for_everybody(self):
        with self.assertRaises(AccessError):
            self._wizard(user=self.env.user)

    def test_letters_out_of_sight_are_marked_by_number(self):
        """Another department's caseworker opens the envelope as a clerk would."""
        wizard = self._wizard(
            user=self.other_caseworker, street="5 New Road", city="Newtown", zip="10009"
        )
        self.assertFalse(wizard.letter_ids)
        self.assertFalse(wizard.partner_id)
        self.assertEqual(wizard.found_numbers, f"1: {self.letter.reference}")
        action = wizard.action_mark()
        self.assertEqual(action["params"]["message"], f"1: {self.letter.reference}")
        self.assertEqual(action["params"]["next"]["type"], "ir.actions.act_window_close")
        self.assertEqual(self.letter.state, "returned_mail")
        self.assertEqual(self.letter.forwarding_address, "5 New Road\nNewtown 10009")
        self.assertTrue(self.case.answer_owed)
        self.assertEqual(self.resident.street, "12 Home Street")
        self.assertFalse(self.letter.with_user(self.other_caseworker).has_access("read"))

    def test_what_follows_is_of_letters_they_see(self):
        place = {"street": "5 New Road", "city": "Newtown"}
        for vals in ({"update_contact": True}, {"send_again": True}):
            wizard = self._wizard(user=self.other_caseworker, **place, **vals)
            with self.subTest(vals=vals), self.assertRaisesRegex(UserError, "Enter them apart"):
                wizard.action_mark()
        self.env.invalidate_all()
        self.assertEqual(self.letter.state, "sent")
        self.assertFalse(self.letter.corrected_by_ids)

    def test_letters_in_sight_and_out_of_it(self):
        case = self._make_case(name="Theirs", department_id=self.parks.id)
        theirs = self._make_sent(
            user=self.manager,
            case_id=case.id,
            department_id=self.parks.id,
            signatory_ids=[Command.link(self.manager.id)],
        )
        both = f"{self.letter.reference} {theirs.reference}"
        wizard = self._wizard(user=self.other_caseworker, references=both)
        self.assertEqual(wizard.letter_ids, theirs)
        self.assertEqual(wizard.found_numbers, f"1: {self.letter.reference}")
        with self.assertRaisesRegex(UserError, "for one letter"), self.env.cr.savepoint():
            self._wizard(
                user=self.other_caseworker, references=both, street="5 New Road", city="Newtown"
            ).action_mark()
        action = wizard.action_mark()
        self.assertEqual((self.letter | theirs).mapped("state"), ["returned_mail"] * 2)
        self.assertEqual(action["params"]["message"], f"1: {self.letter.reference}")
        self.assertEqual(action["params"]["next"]["res_id"], theirs.id)

    def test_a_restricted_one_is_as_unknown(self):
        number = self.letter.reference
        self.case.sudo().confidentiality = "restricted"
        for user in (self.other_caseworker, self.caseworker):
            wizard = self._wizard(user=user, references=number)
            self.assertEqual(wizard.not_found, number)
            with self.subTest(user=user.login), self.assertRaisesRegex(UserError, "no letter to"):
                wizard.action_mark()

    def test_a_window_is_its_users_own(self):
        wizard = self._wizard()
        with self.assertRaises(AccessError):
            wizard.with_user(self.manager).read(["references"])

    def test_by_the_letters_own_steps_only(self):
        for vals in ({"returned_kind": "moved"}, {"forwarding_address": "x"}):
            with self.assertRaises(UserError):
                self.letter.with_user(self.manager).write(vals)


@tagged("post_install", "-at_install")
class TestAnswerOwed(ReturnedCommon):
    """What came back stays on the desk until somebody has seen to it."""

    def _tile(self, user):
        tiles = self.env["constituent.desk"].with_user(user).desk_data()["tiles"]
        return next(tile for tile in tiles if tile["key"] == "answer_owed")

    def test_owed_and_on_the_desk(self):
        self.assertEqual(self._tile(self.coordinator)["total"], 0)
        self.letter.action_returned("Moved")
        self.assertTrue(self.case.answer_owed)
        self.assertEqual(self.case.answer_owed_letter_id, self.letter)
        self.assertIn("answer_owed", self._kinds())
        for user in (self.coordinator, self.caseworker):
            tile = self._tile(user)
            self.assertEqual([row["id"] for row in tile["rows"]], self.case.ids)
        self.assertEqual(self._tile(self.other_caseworker)["total"], 0)
        action = self.case.with_user(self.caseworker).action_open_returned_letter()
        self.assertEqual(action["res_id"], self.letter.id)

    def test_another_letter_to_the_addressee_clears_it(self):
        self.letter.action_returned("Moved")
        official = self.env["res.partner"].create(
            {"name": "Kim Lee", "street": "1 Hall", "city": "Example"}
        )
        self._make_sent(partner_id=official.id)
        self.assertTrue(self.case.answer_owed, "that was to somebody else")
        self._make_sent()
        self.assertFalse(self.case.answer_owed)
        self.assertFalse(self.case.answer_owed_letter_id)
        self.assertIn("answer_settled", self._kinds())

    def test_two_who_did_not_get_theirs(self):
        """The official's letter came back as well: the resident's new one is not all."""
        official = self.env["res.partner"].create(
            {"name": "Kim Lee", "street": "1 Hall", "city": "Example"}
        )
        other = self._make_sent(partner_id=official.id)
        (self.letter | other).action_returned("Moved")
        self.assertEqual(self.case.answer_owed_letter_id, self.letter)
        self._make_sent()
        self.assertTrue(self.case.answer_owed)
        self.assertEqual(self.case.answer_owed_letter_id, other)
        self._make_sent(partner_id=official.id)
        self.assertFalse(self.case.answer_owed)

    def test_what_was_settled_by_hand_stays_settled(self):
        official = self.env["res.partner"].create(
            {"name": "Kim Lee", "street": "1 Hall", "city": "Example"}
        )
        with freeze_time("2026-11-12 15:00:00"):
            self._make_sent(partner_id=official.id).action_returned("Moved")
            self.case._settle_answer("Told by phone")
        with freeze_time("2026-11-13 15:00:00"):
            self.letter.action_returned("Moved")
            self._make_sent()
        self.assertFalse(self.case.answer_owed)

    def test_each_case_it_answered(self):
        second = self._make_case(name="Another matter")
        letter = self._make_sent(also_case_ids=[(4, second.id)])
        letter.action_returned("Moved")
        self.assertTrue(self.case.answer_owed)
        self.assertTrue(second.answer_owed)

    def test_by_hand_with_a_reason(self):
        self.letter.action_returned("Moved")
        wizards = self.env["constituent.answer.settled.wizard"].with_user(self.caseworker)
        with self.assertRaisesRegex(UserError, "Say why"):
            wizards.create({"case_ids": self.case.ids, "reason": "  "}).action_settle()
        wizards.create({"case_ids": self.case.ids, "reason": "Told by phone"}).action_settle()
        self.assertFalse(self.case.answer_owed)
        event = self.case.event_ids.filtered(lambda event: event.kind == "answer_settled")
        self.assertEqual(event.note, "Told by phone")
        with self.assertRaisesRegex(UserError, "no answer is owed"):
            wizards.create({"case_ids": self.case.ids, "reason": "Again"}).action_settle()

    def test_not_written_by_hand(self):
        for name in ("answer_owed", "answer_owed_since", "answer_owed_letter_id"):
            with self.subTest(name=name), self.assertRaises(AccessError):
                self.case.with_user(self.manager).write({name: False})
        wizards = self.env["constituent.answer.settled.wizard"].with_user(self.other_caseworker)
        with self.assertRaises(AccessError):
            wizards.create({"case_ids": self.case.ids, "reason": "Not mine"})

    def test_the_index_is_used(self):
        self.env.cr.execute("SET LOCAL enable_seqscan = off")
        query = self.Case._search([("answer_owed", "=", True)], order="answer_owed_since, id")
        self.env.cr.execute("EXPLAIN " + query.select().code, query.select().params)
        plan = "\n".join(row[0] for row in self.env.cr.fetchall())
        self.assertIn("answer_owed_idx", plan)


@tagged("post_install", "-at_install")
class TestInFlight(ReturnedCommon):
    """Letters whose mail was cut off are listed for a person, never sent by themselves."""

    NOW = datetime(2026, 11, 12, 15, 0)

    def setUp(self):
        super().setUp()
        self.mailed = self._make_sent(medium="email")
        self.delivery = self.mailed.delivery_ids.sudo()

    def _cut_off(self, minutes):
        self.delivery.write(
            {"state": "sending", "started_at": self.NOW - timedelta(minutes=minutes)}
        )
        self.env.flush_all()
        self.env.invalidate_all()

    def _listed(self, user):
        return self.Letter.with_user(user).search([("is_in_flight", "=", True)])

    def _health(self):
        items = self.env["constituent.desk"].with_user(self.coordinator).desk_data()["health"]
        return next(item for item in items if item["key"] == "letters_in_flight")

    @freeze_time("2026-11-12 15:00:00")
    def test_listed_and_counted(self):
        self.assertFalse(self._listed(self.coordinator))
        self.assertEqual(self._health()["value"], "0")
        self._cut_off(5)
        self.assertFalse(self._listed(self.coordinator), "may still be on its way")
        self._cut_off(20)
        self.assertEqual(self._listed(self.coordinator), self.mailed)
        self.assertEqual(self._listed(self.caseworker), self.mailed)
        self.assertFalse(self._listed(self.other_caseworker))
        self.assertTrue(self.mailed.is_in_flight)
        health = self._health()
        self.assertEqual((health["value"], health["is_bad"]), ("1", True))
        self.delivery.with_user(self.coordinator).action_settle()
        self.assertFalse(self._listed(self.coordinator))
        self.assertFalse(self._health()["is_bad"])
        self.assertTrue(self.mailed.is_undelivered, "now a letter by post is offered")

    def test_filter_of_the_list(self):
        view = self.env.ref(f"{PREFIX}constituent_correspondence_view_search")
        arch = self.Letter.with_user(self.caseworker).get_view(view.id, "search")["arch"]
        self.assertIn('name="in_flight"', arch)
