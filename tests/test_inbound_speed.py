"""What a mail costs on its whole way: from the gateway to the committed case."""

from .mail_common import InboundCommon

RECEIVED = "from mx.example.org by mail.city.example.org; Sat, 21 Nov 2026 09:00:02 -0500"


class TestInboundSpeed(InboundCommon):
    """The design's promise: at most 45 queries, the queued acknowledgement included."""

    def _count(self, number, **values):
        raw = self._mail(
            f"There is a hole in the road, number {number}. It grows.",
            From=f"Luis Ortega <luis.{number}@example.org>",
            Received=RECEIVED,
            Delivered_To=self.streets_address,
            **values,
        )
        with self.enter_registry_test_mode():
            count = self.env.cr.sql_log_count
            case_id = self.env["mail.thread"].message_process(False, raw)
            self.env.cr.flush()
            count = self.env.cr.sql_log_count - count
        return self.env["constituent.case"].browse(case_id), count

    def _warm(self, **values):
        for number in range(3):
            self._count(number, **values)

    def test_mail_to_case(self):
        self._warm()
        case, queries = self._count(99)
        self.assertEqual(case.department_id, self.streets)
        self.assertEqual(case.partner_id.name, "Luis Ortega")
        self.assertEqual(set(case.delivery_ids.mapped("state")), {"queued"})
        self.assertLessEqual(queries, 45)

    def test_with_attachments(self):
        attachments = [(f"{name}.bin", b"1") for name in "abc"]
        self._warm(attachments=attachments)
        case, queries = self._count(99, attachments=attachments)
        self.assertEqual(len(case.message_ids.attachment_ids), 3)
        self.assertLessEqual(queries, 45)

    def test_with_somebody_assigned(self):
        """Beside the case: they follow it and are sent the message, which is once."""
        self.streets.assignment = "balanced"
        self._warm()
        case, queries = self._count(99)
        self.assertEqual(case.user_id, self.caseworker)
        told = self.env["mail.mail"].search([("recipient_ids", "in", case.user_id.partner_id.ids)])
        self.assertEqual(len(told.filtered(lambda mail: mail.res_id == case.id)), 1)
        self.assertLessEqual(queries, 60)

    def test_a_reply(self):
        case, _queries = self._count(1)
        for number in range(3):
            self._reply(case, number)
        self.assertLessEqual(self._reply(case, 99), 45)

    def _reply(self, case, number):
        message_id = case.message_ids[-1].message_id
        raw = self._mail(f"It grows, {number}.", From="luis.1@example.org", In_Reply_To=message_id)
        with self.enter_registry_test_mode():
            count = self.env.cr.sql_log_count
            self.assertEqual(self.env["mail.thread"].message_process(False, raw), case.id)
            self.env.cr.flush()
            return self.env.cr.sql_log_count - count
