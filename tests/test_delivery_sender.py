import smtplib
from datetime import timedelta
from unittest.mock import patch

from freezegun import freeze_time
from lxml import etree
from psycopg2 import OperationalError

from odoo import fields
from odoo.exceptions import UserError
from odoo.tools import mute_logger
from odoo.tools.safe_eval import safe_eval

from odoo.addons.base.models.ir_mail_server import MailDeliveryException

from .common import PREFIX
from .notice_common import NoticeCommon, html_of

ANA = "ana.rivera@example.org"
SENDER = "odoo.addons.constituent_services.models.constituent_delivery_sender"
QUIET = (SENDER, "odoo.addons.base.models.ir_mail_server", "odoo.addons.base.models.ir_cron")


class Crash(BaseException):
    """The server stops: nothing catches it."""


class TestDeliverySender(NoticeCommon):
    """The sender: at most once, whatever the mail server and the machine do."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.only(("received", "constituent"), ("closed", "constituent"))
        # All to one reader, who would get one mail of them.
        cls.startClassPatcher(
            patch.object(type(cls.Delivery), "_is_combined", lambda _delivery: False)
        )

    def _delivery(self, **report):
        return self._make_case(**report).delivery_ids

    def _crash(self):
        """Run the sender into a crash (Odoo's assertRaises would undo what it committed)."""
        try:
            self.send_all()
        except Crash:
            return
        self.fail("the sender did not crash")

    def _refuse(self, error):
        self.smtp.refusals[ANA] = error

    # At most once

    def test_sent_once_and_not_again(self):
        delivery = self._delivery()
        self.send_all()
        self.send_all()
        self.assertEqual(delivery.state, "sent")
        self.assertTrue(delivery.sent_at)
        self.assertEqual(len(self.smtp.sent), 1)

    def test_on_its_way_is_committed_before_the_mail_server_hears_of_it(self):
        delivery = self._delivery()
        seen = []

        def look(message):
            self.env.cr.execute(
                "SELECT state, message_id, started_at IS NOT NULL FROM constituent_delivery"
                " WHERE id = %s",
                [delivery.id],
            )
            seen.append((*self.env.cr.fetchone(), message["Message-Id"]))

        self.smtp.before = look
        committed = []
        cron = type(self.env["ir.cron"])
        commit = cron._commit_progress

        def watch(*args, **kwargs):
            left = commit(*args, **kwargs)
            self.env.cr.execute(
                "SELECT state FROM constituent_delivery WHERE id = %s", [delivery.id]
            )
            committed.append((self.env.cr.fetchone()[0], len(self.smtp.sent)))
            return left

        with patch.object(cron, "_commit_progress", watch):
            self.send_all()
        state, message_id, started, on_the_wire = seen[0]
        self.assertEqual((state, started), ("sending", True))
        self.assertEqual(message_id, on_the_wire)
        self.assertIn(("sending", 0), committed)
        self.assertEqual(committed[-1], ("sent", 1))

    @mute_logger(*QUIET)
    def test_crash_while_sending_is_listed_and_never_sent_again(self):
        delivery = self._delivery()

        def crash(_message):
            raise Crash

        self.smtp.before = crash
        self._crash()
        self.smtp.before = None
        self.assertEqual(delivery.state, "sending")
        self.send_all()
        self.assertEqual(delivery.state, "sending")
        self.assertFalse(self.smtp.sent)
        later = fields.Datetime.now() + timedelta(minutes=15)
        with freeze_time(later):
            self.assertIn(delivery, self._listed("in_flight"))

    @mute_logger(*QUIET)
    def test_crash_after_the_mail_server_took_it_sends_no_second(self):
        delivery = self._delivery()
        row = type(self.Delivery)
        with patch.object(row, "_record_sent", side_effect=Crash):
            self._crash()
        self.assertEqual(len(self.smtp.sent), 1)
        self.send_all()
        self.assertEqual(len(self.smtp.sent), 1)
        self.assertEqual(delivery.state, "sending")

    def _listed(self, name):
        """Return what a filter of the list shows."""
        view = self.env.ref(f"{PREFIX}constituent_delivery_view_search")
        node = etree.fromstring(view.arch).find(f".//filter[@name='{name}']")
        return self.Delivery.search(safe_eval(node.get("domain")))

    def test_just_started_mail_is_not_listed_as_cut_off(self):
        delivery = self._delivery()
        delivery.write({"state": "sending", "started_at": fields.Datetime.now()})
        self.assertNotIn(delivery, self._listed("in_flight"))

    def test_what_another_sender_has_is_left_alone(self):
        delivery = self._delivery()
        row = type(self.Delivery)
        with patch.object(row, "try_lock_for_update", lambda self, **_kw: self.browse()):
            self.send_all()
        self.assertEqual(delivery.state, "queued")
        self.assertFalse(self.smtp.sent)

    def test_what_another_sender_sent_meanwhile_is_not_sent(self):
        delivery = self._delivery()
        row = type(self.Delivery)
        lock = row.try_lock_for_update

        def late(rows, **kwargs):
            # Between our search and our lock the other one was faster.
            rows.env.cr.execute(
                "UPDATE constituent_delivery SET state = 'sent' WHERE id = %s", rows.ids
            )
            rows.invalidate_recordset(["state"])
            return lock(rows, **kwargs)

        with patch.object(row, "try_lock_for_update", late):
            self.send_all()
        self.assertEqual(delivery.state, "sent")
        self.assertFalse(self.smtp.sent)

    # The mail server refuses

    @mute_logger(*QUIET)
    def test_refused_recipient_fails_with_the_server_s_words(self):
        delivery = self._delivery()
        self._refuse(smtplib.SMTPRecipientsRefused({ANA: (550, b"No such user")}))
        self.send_all()
        self.assertEqual(delivery.state, "failed")
        self.assertIn("550 No such user", delivery.error)
        self.assertFalse(delivery.case_id.acknowledged_at)
        self.assertNotIn("acknowledged", delivery.case_id.event_ids.mapped("kind"))
        self.assertIn(delivery, self._listed("failed"))
        self._refuse(None)
        self.smtp.refusals.clear()
        self.send_all()
        self.assertFalse(self.smtp.sent)

    @mute_logger(*QUIET)
    def test_one_refusal_does_not_stop_the_others(self):
        first = self._delivery()
        second = self._delivery(partner_id=False, partner_name="B", partner_email="b@example.net")
        self._refuse(smtplib.SMTPDataError(554, b"Spam"))
        self.send_all()
        self.assertEqual((first.state, second.state), ("failed", "sent"))

    @mute_logger(*QUIET)
    def test_greylisting_waits_and_tries_again_with_the_same_message_id(self):
        delivery = self._delivery()
        self._refuse(smtplib.SMTPRecipientsRefused({ANA: (451, b"Try later")}))
        self.send_all()
        self.assertEqual((delivery.state, delivery.attempts), ("queued", 1))
        message_id = delivery.message_id
        self.smtp.refusals.clear()
        self.send_all()
        self.assertFalse(self.smtp.sent, "tried again at once")
        with freeze_time(fields.Datetime.now() + timedelta(minutes=3)):
            self.send_all()
        self.assertEqual(delivery.state, "sent")
        self.assertEqual(self.smtp.sent[0]["Message-Id"], message_id)

    @mute_logger(*QUIET)
    def test_connection_broken_in_the_middle_stays_in_flight(self):
        for error in (smtplib.SMTPServerDisconnected("gone"), TimeoutError("timed out")):
            delivery = self._delivery()
            self._refuse(error)
            self.send_all()
            self.assertEqual(delivery.state, "sending")
            self.assertIn("may have been sent", delivery.error)
            self.assertIn(delivery, self._listed("in_flight"))
            self.smtp.refusals.clear()
            self.send_all()
            self.assertFalse(self.smtp.sent)

    @mute_logger(*QUIET)
    def test_mail_server_not_reached_is_tried_later(self):
        deliveries = self._delivery() | self._delivery()
        self.smtp.connect_error = ConnectionRefusedError(111, "Connection refused")
        self.send_all()
        self.assertEqual(deliveries.mapped("state"), ["queued", "queued"])
        self.assertEqual(deliveries.mapped("attempts"), [1, 1])
        self.assertEqual(self.smtp.connections, 1, "waited for a dead server once for each mail")
        self.assertFalse(deliveries[0].started_at)
        self.assertIn("Connection refused", deliveries[0].error)

    @mute_logger(*QUIET)
    def test_after_a_night_without_mail_server_it_fails_and_is_listed(self):
        delivery = self._delivery()
        self.smtp.connect_error = OSError("No route to host")
        now = fields.Datetime.now()
        waits = []
        for _attempt in range(6):
            with freeze_time(now):
                self.send_all()
            if delivery.state == "queued":
                waits.append(delivery.retry_at - now)
                now = delivery.retry_at + timedelta(seconds=1)
        self.assertEqual(delivery.state, "failed")
        self.assertEqual(len(waits), 5)
        self.assertEqual(waits, sorted(waits))
        self.assertGreater(sum(waits, timedelta()), timedelta(hours=12))

    @mute_logger(*QUIET)
    def test_odoo_s_own_wrapping_is_looked_through(self):
        delivery = self._delivery()
        server = type(self.env["ir.mail_server"])

        def fail(*_args, **_kwargs):
            try:
                raise smtplib.SMTPSenderRefused(550, b"Not you", "x@example.org")
            except smtplib.SMTPException:
                raise MailDeliveryException("Mail Delivery Failed", "…")  # noqa: B904

        with patch.object(server, "send_email", fail):
            self.send_all()
        self.assertEqual(delivery.state, "failed")
        self.assertIn("550 Not you", delivery.error)

    @mute_logger(*QUIET)
    def test_mail_that_cannot_be_addressed_fails(self):
        delivery = self._delivery()
        server = type(self.env["ir.mail_server"])
        with patch.object(server, "send_email", side_effect=AssertionError("no recipient")):
            self.send_all()
        self.assertEqual(delivery.state, "failed")
        self.assertIn("no recipient", delivery.error)

    def test_one_connection_serves_the_slice_and_is_closed(self):
        self._delivery()
        self._delivery()
        self.send_all()
        self.assertEqual(len(self.smtp.sent), 2)
        self.assertEqual((self.smtp.connections, self.smtp.closed), (1, 1))

    # The mail itself

    @mute_logger(*QUIET, "odoo.addons.mail.models.mail_render_mixin")
    def test_template_that_breaks_fails_with_the_reason_and_stops_nobody(self):
        broken = self.notice("received", "constituent").template_id
        broken.body_html = '<p t-out="object.no_such_field"/>'
        first = self._delivery()
        other = first.case_id
        other._close(self.outcome_resolved)
        first.notice_id = self.notice("received", "constituent")
        open_case = self._delivery()
        self.send_all()
        self.assertEqual(open_case.state, "failed")
        self.assertIn("could not be made", open_case.error)
        closing = other.delivery_ids.filtered(lambda row: row.event == "closed")
        self.assertEqual(closing.state, "sent")

    def test_database_trouble_while_rendering_is_raised_for_a_new_start(self):
        delivery = self._delivery()
        row = type(self.Delivery)
        with (
            self.mail_server(),
            patch.object(row, "_notice_content", side_effect=OperationalError("serialize")),
            self.assertRaises(OperationalError),
        ):
            delivery._render()
        self.assertEqual(delivery.state, "queued")

    # A case that is being edited

    def test_record_of_a_sent_mail_tries_again(self):
        delivery = self._delivery()
        row = type(self.Delivery)
        record = row._record_notice
        calls = []

        def locked_once(rows, content):
            calls.append(1)
            if len(calls) == 1:
                raise OperationalError("could not serialize access")
            return record(rows, content)

        with patch.object(row, "_record_notice", locked_once):
            self.send_all()
        self.assertEqual(len(calls), 2)
        self.assertEqual(delivery.state, "sent")
        self.assertEqual(len(self.smtp.sent), 1)
        self.assertTrue(delivery.case_id.acknowledged_at)
        kinds = delivery.case_id.event_ids.mapped("kind")
        self.assertEqual(kinds.count("acknowledged"), 1)

    @mute_logger(*QUIET)
    def test_case_locked_for_good_leaves_the_mail_in_flight(self):
        delivery = self._delivery()
        row = type(self.Delivery)
        with patch.object(row, "_record_notice", side_effect=OperationalError("locked")):
            self.send_all()
        self.assertEqual(delivery.state, "sending")
        self.assertEqual(len(self.smtp.sent), 1)

    # What changed since it was queued

    def _assert_not_sent(self, delivery, reason):
        self.send_all()
        self.assertEqual(delivery.state, "cancelled")
        self.assertIn(reason, delivery.error)
        self.assertFalse(self.smtp.to(delivery.email))

    def test_own_address_is_never_written_to(self):
        for address in (self.streets.alias_email, f"catchall.test@{self.alias_domain}"):
            delivery = self._delivery(partner_id=False, partner_name="Loop", partner_email=address)
            self._assert_not_sent(delivery, "our own")

    def test_contact_who_wants_none(self):
        delivery = self._delivery()
        self.resident.contact_preference = "none"
        self._assert_not_sent(delivery, "not to be contacted")

    def test_deceased_contact(self):
        delivery = self._delivery()
        self.resident.deceased = True
        self._assert_not_sent(delivery, "deceased")

    def test_notice_switched_off(self):
        delivery = self._delivery()
        self.notice("received", "constituent").active = False
        self._assert_not_sent(delivery, "switched off")

    def test_notice_deleted(self):
        delivery = self._delivery()
        self.notice("received", "constituent").unlink()
        self._assert_not_sent(delivery, "switched off")

    def test_reader_stopped(self):
        delivery = self._delivery()
        delivery.subscription_id._stop()
        self._assert_not_sent(delivery, "stopped")

    def test_case_closed_before_the_acknowledgement(self):
        delivery = self._delivery()
        delivery.case_id._close(self.outcome_resolved)
        self.send_all()
        self.assertEqual(delivery.state, "cancelled")
        self.assertIn("closed meanwhile", delivery.error)
        self.assertEqual(len(self.smtp.sent), 1, "the closing itself is told")
        self.assertIn("is closed", self.smtp.sent[0]["Subject"])

    def test_case_reopened_before_the_closing(self):
        case = self._make_case()
        self.send_all()
        case._close(self.outcome_resolved)
        closing = case.delivery_ids.filtered(lambda row: row.event == "closed")
        case._reopen("Mistake")
        self.send_all()
        self.assertEqual(closing.state, "cancelled")
        self.assertIn("reopened", closing.error)

    def test_constituent_made_anonymous(self):
        delivery = self._delivery()
        delivery.case_id.identity = "anonymous"
        self._assert_not_sent(delivery, "anonymous")

    def test_case_restricted_before_the_department_was_told(self):
        self.notice("received", "department").active = True
        case = self._make_case(category_id=self.pothole.id)
        case.confidentiality = "restricted"
        self.send_all()
        told = case.delivery_ids.filtered(lambda row: row.state == "sent")
        self.assertEqual(told.mapped("audience"), ["constituent"])

    def test_case_that_no_longer_waits(self):
        self.notice("waiting", "constituent").active = True
        case = self._make_case()
        self.send_all()
        case.stage_id = self.env.ref(f"{PREFIX}stage_waiting")
        case.stage_id = self.env.ref(f"{PREFIX}stage_in_progress")
        self.send_all()
        waiting = case.delivery_ids.filtered(lambda row: row.event == "waiting")
        self.assertEqual(waiting.state, "cancelled")

    # Letters

    def test_letter_goes_out_through_the_same_sender(self):
        case = self._make_case()
        self.send_all()
        letter = self.env["constituent.correspondence"].create(
            {"subject": "Main Street", "case_id": case.id, "medium": "email"}
        )
        done = []
        row = type(letter)
        content = {
            "subject": "Main Street",
            "body_html": "<p>Our letter is enclosed.</p>",
            "attachments": [("letter.pdf", b"%PDF-1.7", "application/pdf")],
            "reply_to": "desk@city.example.org",
        }
        with (
            patch.object(row, "_delivery_content", lambda *_a: dict(content), create=True),
            patch.object(row, "_delivery_done", lambda _s, d: done.append(d.id), create=True),
        ):
            delivery = self.Delivery._queue(
                [
                    {
                        "case_id": case.id,
                        "correspondence_id": letter.id,
                        "email": ANA,
                        "partner_id": self.resident.id,
                        "company_id": self.company.id,
                    }
                ]
            )
            self.send_all()
        self.assertEqual(delivery.state, "sent")
        self.assertEqual(done, delivery.ids)
        message = self.smtp.to(ANA)[-1]
        self.assertEqual(message["Subject"], "Main Street")
        self.assertEqual(message["Reply-To"], "desk@city.example.org")
        self.assertFalse(message["Auto-Submitted"])
        self.assertIn("Our letter is enclosed.", html_of(message))
        attachment = next(message.iter_attachments())
        self.assertEqual(attachment.get_filename(), "letter.pdf")
        self.assertEqual(attachment.get_content(), b"%PDF-1.7")

    # Send again, by a person

    @mute_logger(*QUIET)
    def test_coordinator_sends_a_failed_mail_again(self):
        delivery = self._delivery()
        self._refuse(smtplib.SMTPDataError(554, b"Spam"))
        self.send_all()
        self.smtp.refusals.clear()
        delivery.with_user(self.coordinator).action_send_again()
        self.send_all()
        again = delivery.resend_ids
        self.assertEqual(again.state, "sent")
        self.assertNotEqual(again.message_id, delivery.message_id)
        self.assertEqual(len(self.smtp.sent), 1)
        self.assertEqual(delivery.state, "cancelled")
        self.assertIn("554", delivery.error)
        self.assertIn(self.coordinator.name, delivery.error)
        with self.assertRaises(UserError):
            delivery.with_user(self.coordinator).action_send_again()

    def test_coordinator_settles_without_sending(self):
        delivery = self._delivery()
        started = fields.Datetime.now() - timedelta(hours=1)
        delivery.write({"state": "sending", "started_at": started})
        delivery.with_user(self.coordinator).action_settle()
        self.assertEqual(delivery.state, "cancelled")
        self.assertFalse(delivery.resend_ids)
        self.assertNotIn(delivery, self._listed("in_flight"))

    def test_what_may_still_be_on_its_way_is_not_sent_again(self):
        delivery = self._delivery()
        delivery.write({"state": "sending", "started_at": fields.Datetime.now()})
        with self.assertRaises(UserError):
            delivery.with_user(self.coordinator).action_send_again()

    def test_what_was_sent_or_is_queued_is_not_sent_again(self):
        delivery = self._delivery()
        with self.assertRaises(UserError):
            delivery.with_user(self.coordinator).action_send_again()
        self.send_all()
        with self.assertRaises(UserError):
            delivery.with_user(self.coordinator).action_settle()

    # Many

    def test_slice_ends_in_time_and_goes_on(self):
        deliveries = self.Delivery.union(*(self._delivery() for _number in range(3)))
        cron = type(self.env["ir.cron"])
        commit = cron._commit_progress
        with (
            self.mail_server(),
            self.enter_registry_test_mode(),
            self.registry.cursor() as cr,
            patch.object(
                cron,
                "_commit_progress",
                lambda self, done=0, **kw: commit(self, done, **kw) and (0 if done else 9),
            ),
        ):
            self.env(cr=cr)["constituent.delivery"]._cron_send()
        states = deliveries.mapped("state")
        self.assertEqual(states.count("sent"), 1)
        self.send_all()
        self.assertEqual(set(deliveries.mapped("state")), {"sent"})
