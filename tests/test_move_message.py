from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import Form

from .test_replies import RepliesCommon


class TestMoveMessage(RepliesCommon):
    """A message filed in the wrong case goes to the right one, and leaves a trace."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.right = cls._make_case(name="The library", department_id=cls.streets.id)

    def setUp(self):
        super().setUp()
        self.row = self._take(
            self._mail(
                "Open on Sundays?",
                attachments=[("hours.pdf", b"hours")],
                In_Reply_To=self.question.message_id,
                Cc="Jo Stone <jo@example.org>",
                Subject="Sundays",
            )
        )
        self.message = self.case.message_ids.filtered(lambda one: one.subject == "Sundays")

    def _wizard(self, user=None, case=None):
        action = (case or self.case).with_user(user or self.caseworker).action_move_message()
        wizard = self.env[action["res_model"]].with_user(user or self.caseworker)
        return wizard.browse(action["res_id"])

    def _move(self, user=None, target=None, reason="It is about the library."):
        wizard = self._wizard(user)
        wizard.line_ids.filtered(lambda line: line.message_id == self.message.id).chosen = True
        form = Form(wizard)
        form.target_id = target or self.right
        form.reason = reason
        return form.save().action_move()

    # The window

    def test_incoming_messages_newest_first(self):
        self._reply("Another one")
        lines = self._wizard().line_ids
        self.assertEqual(len(lines), 2)
        self.assertIn("Another one", lines[0].preview)
        self.assertEqual(lines[1].subject, "Sundays")
        self.assertEqual(lines[1].attachment_count, 1)
        self.assertNotIn(self.question.id, lines.mapped("message_id"))

    def test_nothing_came_in(self):
        with self.assertRaisesRegex(UserError, "No message"):
            self.right.with_user(self.caseworker).action_move_message()

    def test_a_reason_and_a_case_are_asked_for(self):
        wizard = self._wizard()
        wizard.line_ids.chosen = True
        wizard.target_id = self.right
        with self.assertRaisesRegex(UserError, "why"):
            wizard.action_move()
        wizard.line_ids.chosen = False
        with self.assertRaisesRegex(UserError, "Choose a message"):
            wizard.action_move()

    # Moving

    def test_message_and_attachments_are_in_the_right_case(self):
        action = self._move()
        self.assertEqual(action["res_id"], self.right.id)
        self.assertEqual(self.message.res_id, self.right.id)
        attachment = self.message.attachment_ids
        self.assertEqual(attachment.res_id, self.right.id)
        self.assertEqual(attachment.raw, b"hours")
        self.assertIn(self.message, self.right.message_ids)
        self.assertNotIn(self.message, self.case.message_ids)

    def test_both_cases_say_so(self):
        self._move()
        (there,) = self.case.event_ids.filtered(lambda event: event.kind == "moved")
        (here,) = self.right.event_ids.filtered(lambda event: event.kind == "moved")
        self.assertIn(self.right.number, there.note)
        self.assertIn("Sundays", there.note)
        self.assertIn(self.case.number, here.note)
        self.assertIn("ana.rivera@example.org", here.note)
        self.assertIn("about the library", here.note)
        self.assertEqual(here.user_id, self.caseworker)

    def test_original_stays_provable(self):
        raw = self.row.raw.raw
        self._move()
        self.assertEqual(self.row.case_id, self.case)
        self.assertEqual(self.row.moved_to_id, self.right)
        self.assertEqual(self.row.raw.raw, raw)
        with self.assertRaises(UserError):
            self.row.sudo().case_id = self.right
        self.assertEqual(self.row.action_open_case()["res_id"], self.right.id)

    def test_register_counts_where_it_is(self):
        self.assertEqual(self.case.inbound_mail_count, 1)
        self._move()
        (self.case | self.right).invalidate_recordset(["inbound_mail_count"])
        self.assertEqual(self.case.inbound_mail_count, 0)
        self.assertEqual(self.right.inbound_mail_count, 1)
        self.assertEqual(self.Inbound.search(self.right.action_mails()["domain"]), self.row)
        self.assertFalse(self.Inbound.search(self.case.action_mails()["domain"]))

    def test_moved_twice(self):
        third = self._make_case(name="Third", department_id=self.streets.id)
        self._move()
        self.right.with_user(self.caseworker)._move_messages(self.message, third, "No, here.")
        self.assertEqual(self.row.moved_to_id, third)
        self.assertEqual(self.message.res_id, third.id)

    def test_answers_to_it_find_the_right_case(self):
        self._move()
        row = self._send("And on Mondays?", In_Reply_To=self.message.message_id, Subject="Re")
        self.assertEqual(row.case_id, self.right)

    def test_nobody_is_told_again(self):
        deliveries = self.env["constituent.delivery"].search_count([])
        mails = self.env["mail.mail"].search_count([])
        notifications = self.env["mail.notification"].search_count([])
        self._move()
        self.assertEqual(self.env["constituent.delivery"].search_count([]), deliveries)
        self.assertEqual(self.env["mail.mail"].search_count([]), mails)
        self.assertLessEqual(self.env["mail.notification"].search_count([]), notifications)

    def test_inbox_of_who_does_not_see_the_right_case(self):
        self.assertIn(
            self.caseworker.partner_id, self.message.sudo().notification_ids.res_partner_id
        )
        hidden = self._make_case(department_id=self.parks.id)
        self._move(self.coordinator, hidden)
        self.assertNotIn(
            self.caseworker.partner_id, self.message.sudo().notification_ids.res_partner_id
        )

    # Who is known to the wrong case

    def test_people_in_copy_go_with_it(self):
        self.assertIn("jo@example.org", self.case.email_cc)
        self._move()
        self.assertNotIn("jo@example.org", self.case.email_cc or "")
        self.assertIn("jo@example.org", self.right.email_cc)
        self.assertFalse(self.case._knows_address("jo@example.org"))

    def test_senders_subscription_by_that_mail_stops(self):
        row = self._reply("I am somebody else", From="Sam Hill <sam@example.org>", Subject="Other")
        message = self.case.message_ids.filtered(lambda one: one.subject == "Other")
        self.assertEqual(row.case_id, self.case)
        # The test's own clock stands still.
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE mail_message SET create_date = create_date - interval '1 hour' WHERE id = %s",
            (message.id,),
        )
        self.env.invalidate_all()
        subscription = self.env["constituent.case.subscription"].create(
            {"case_id": self.case.id, "email": "sam@example.org"}
        )
        self.case.with_user(self.caseworker)._move_messages(message, self.right, "Theirs")
        self.assertFalse(subscription.active)
        self.assertTrue(subscription.stopped_at)

    def test_the_constituents_own_subscription_stays(self):
        self._move()
        own = self.case.subscription_ids.filtered(
            lambda one: one.email_normalized == "ana.rivera@example.org"
        )
        self.assertTrue(all(own.mapped("active")))

    # Flags

    def test_reply_after_closing_is_the_right_cases(self):
        self._close()
        self.right._close(self.outcome_resolved)
        self._reply("Late", Subject="Late")
        self.assertTrue(self.case.reply_after_closing)
        late = self.case.message_ids.filtered(lambda one: one.subject == "Late")
        late.sudo().date = self.case.closed_at
        self.case.with_user(self.caseworker)._move_messages(late, self.right, "Theirs")
        self.assertFalse(self.case.reply_after_closing)
        self.assertTrue(self.right.reply_after_closing)

    # A new matter

    def test_a_new_matter_becomes_a_linked_case(self):
        wizard = self._wizard()
        wizard.line_ids.chosen = True
        wizard.way = "new"
        action = wizard.action_move()
        case = self.Case.browse(action["res_id"])
        self.assertEqual(case.name, "Sundays")
        self.assertEqual(case.parent_id, self.case)
        self.assertIn("Open on Sundays?", case.description_text)
        self.assertEqual(case.message_attachment_count, 1)
        self.assertEqual(self.message.res_id, self.case.id)
        self.assertIn(case.number, self._notes(self.case, "linked"))
        self.assertIn(self.case.number, self._notes(case, "linked"))

    # Rights

    def test_both_cases_must_be_the_users(self):
        hidden = self._make_case(department_id=self.parks.id)
        with self.assertRaises(AccessError):
            self._move(self.caseworker, hidden)
        with self.assertRaises(AccessError):
            self.case.with_user(self.other_caseworker).action_move_message()

    def test_other_messages_are_refused(self):
        case = self.case.with_user(self.caseworker)
        foreign = self.right.message_post(body="x", message_type="comment")
        for message in (self.question, foreign):
            with self.assertRaisesRegex(UserError, "came in on this case"):
                case._move_messages(message, self.right, "x")
            with self.assertRaisesRegex(UserError, "came in on this case"):
                case._new_case_of(message)
        with self.assertRaisesRegex(UserError, "another case"):
            case._move_messages(self.message, case, "x")

    def test_forged_line_moves_nothing_of_another_case(self):
        wizard = self._wizard()
        foreign = self.right.message_post(body="x", message_type="comment")
        wizard.write({"line_ids": [Command.create({"message_id": foreign.id, "chosen": True})]})
        wizard.write({"target_id": self.right.id, "reason": "x"})
        with self.assertRaises(UserError):
            wizard.action_move()

    def test_roles_without_the_window(self):
        for user in (self.clerk, self.portal_user, self.internal_user):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                self.env["constituent.case.move.wizard"].with_user(user).create(
                    {"case_id": self.case.id}
                )

    def test_register_follows_the_message(self):
        hidden = self._make_case(department_id=self.parks.id)
        self.assertTrue(self.row.with_user(self.caseworker).has_access("read"))
        self._move(self.coordinator, hidden)
        self.assertFalse(self.row.with_user(self.caseworker).has_access("read"))
        self.assertTrue(self.row.with_user(self.other_caseworker).has_access("read"))

    def test_register_of_a_restricted_case(self):
        restricted = self._make_case(confidentiality="restricted")
        self._move(self.confidant, restricted)
        self.assertFalse(self.row.with_user(self.coordinator).has_access("read"))
        self.assertTrue(self.row.with_user(self.confidant).has_access("read"))
