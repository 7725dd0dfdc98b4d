"""Code enforcement, and what follows for the case when all work is done."""

from datetime import date, datetime

from freezegun import freeze_time

from odoo.exceptions import UserError
from odoo.tests import Form, tagged

from .common import ConstituentCommon
from .dispatch_common import DispatchSetup


@tagged("post_install", "-at_install")
class TestCodeEnforcement(DispatchSetup, ConstituentCommon):
    """Notice, compliance date, reinspection."""

    def _inspect(self, **vals):
        order = self._make_order(kind="code", category_id=False)
        order.action_dispatch()
        order.write(vals)
        order.action_done()
        return order

    def test_what_an_inspection_must_say(self):
        for vals, message in (
            ({}, "what the inspection found"),
            ({"result": "violation"}, "notice was served"),
            (
                {
                    "result": "violation",
                    "notice_served_on": date(2026, 12, 1),
                    "compliance_on": date(2026, 12, 15),
                },
                "inspected again",
            ),
            ({"result": "no_access"}, "inspected again"),
        ):
            with self.subTest(vals), self.assertRaisesRegex(UserError, message):
                self._inspect(**vals)
        self.assertEqual(self._inspect(result="complied").state, "done")
        self.assertTrue(self._notes()[-1].endswith("done: Complied"))

    def test_reinspection(self):
        first = self._inspect(result="no_access", reinspection_on=date(2026, 12, 15))
        due = [
            ("id", "=", first.id),
            ("state", "=", "done"),
            ("reinspection_on", "<=", "today"),
            ("is_reinspected", "=", False),
        ]
        with freeze_time("2026-12-14 12:00:00"):
            self.assertFalse(self.Order.search(due))
        with freeze_time("2026-12-15 12:00:00"):
            self.assertEqual(self.Order.search(due), first)
            self.assertFalse(self.case.is_work_done)
            action = first.action_reinspect()
            self.assertFalse(self.Order.search(due))
        again = self.Order.browse(action["res_id"])
        self.assertEqual((again.kind, again.state), ("code", "draft"))
        self.assertEqual(again.follow_up_of_id, first)
        self.assertEqual(again.case_ids, self.case)
        self.assertEqual(again.crew_id, self.crew)
        self.assertEqual(again.window_start, datetime(2026, 12, 15, 14, 0), "nine in New York")
        self.assertIn(f"{again.number}: reinspection of {first.number}", self._notes())
        with self.assertRaisesRegex(UserError, "ordered already"):
            first.action_reinspect()
        again._cancel("Another day")
        self.assertFalse(first.is_reinspected, "it is due once more")
        once_more = self.Order.browse(first.action_reinspect()["res_id"])
        once_more.action_dispatch()
        once_more.result = "complied"
        once_more.action_done()
        self.assertTrue(self.case.is_work_done)

    def test_an_inspector_of_the_crew_orders_it(self):
        first = self._inspect(result="no_access", reinspection_on=date(2026, 12, 15))
        again = first.with_user(self.worker).action_reinspect()
        self.assertEqual(self.Order.browse(again["res_id"]).case_ids, self.case)


@tagged("post_install", "-at_install")
class TestAfterTheWork(DispatchSetup, ConstituentCommon):
    """All orders done: the case is proposed to be closed, and an answer drafted."""

    def _banner(self, user=None):
        self.env.flush_all()
        self.env.invalidate_all()
        return self.case.with_user(user or self.caseworker).is_work_done

    def test_when_all_is_done(self):
        self.assertFalse(self._banner())
        first, second = self._make_order(), self._make_order()
        self._make_done(first)
        self.assertFalse(self._banner())
        second._cancel("Not needed")
        self.assertTrue(self._banner())
        # Another department's order counts, seen or not.
        self.case.user_id = self.other_caseworker
        self._make_order(crew_id=self.crew.id, user=self.coordinator)
        self.assertFalse(self._banner())
        self.assertFalse(self._banner(self.other_caseworker))

    def test_cancelled_alone_is_not_done(self):
        self._make_order()._cancel("x")
        self.assertFalse(self._banner())

    def test_closing(self):
        order = self._make_order(report="We filled the hole.")
        with freeze_time("2026-11-30 20:00:00"):
            self._make_done(order)
        action = self.case.with_user(self.caseworker).action_close_after_work()
        wizard = Form(
            self.env[action["res_model"]]
            .with_user(self.caseworker)
            .with_context(**action["context"])
        )
        self.assertEqual(wizard.outcome_id, self.outcome_resolved)
        self.assertEqual(
            wizard.note, "We finished the work on November 30, 2026. We filled the hole."
        )
        wizard.save().action_close_cases()
        self.assertEqual(self.case.status, "closed")
        self.assertFalse(self._banner())

    def test_the_answer_is_a_draft(self):
        order = self._make_order(report="We filled the hole.\nThe lane is <open>.")
        self._make_done(order)
        mails = self.env["mail.mail"].search_count([])
        action = self.case.with_user(self.caseworker).action_draft_work_answer()
        letter = self.env["constituent.correspondence"].browse(action["res_id"])
        self.assertEqual(letter.state, "draft")
        self.assertEqual((letter.case_id, letter.partner_id), (self.case, self.resident))
        self.assertIn("Thank you for bringing this matter", letter.body)
        self.assertIn("We filled the hole.", letter.body)
        self.assertIn("&lt;open&gt;", letter.body)
        self.assertIn(self.case.number, letter.body)
        self.assertEqual(self.env["mail.mail"].search_count([]), mails, "nothing is sent")

    def test_nobody_to_answer(self):
        self.case.write({"partner_id": False, "identity": "anonymous"})
        self._make_done()
        with self.assertRaisesRegex(UserError, "Nobody is named"):
            self.case.with_user(self.caseworker).action_draft_work_answer()

    def test_an_inspection_is_called_one(self):
        order = self._make_order(kind="code", category_id=False)
        order.action_dispatch()
        order.write({"result": "complied", "report": "The fence stands again."})
        order.action_done()
        (sentence,) = self.case._work_sentences()
        self.assertRegex(sentence, r"^We inspected the place on .*\. The fence stands again\.$")
