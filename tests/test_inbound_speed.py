"""What a mail costs on its whole way: from the gateway to the committed case."""

from .common import ConstituentCommon

MAIL = """\
Received: from mx.example.org by mail.city.example.org; Sat, 21 Nov 2026 09:00:02 -0500
Delivered-To: t-streets@{domain}
From: "Luis Ortega" <luis.{number}@example.org>
To: t-streets@{domain}
Subject: The testpothole in front of 12 Main Street
Message-ID: <speed-{number}@example.org>
Date: Sat, 21 Nov 2026 09:00:00 -0500
Content-Type: text/plain; charset=utf-8

Good morning,

there is a hole in the road, number {number}. It grows.

Luis Ortega
"""


class TestInboundSpeed(ConstituentCommon):
    """The promise of the design: at most 45 queries."""

    def _process(self, number):
        raw = MAIL.format(domain=self.alias_domain, number=number).encode()
        with self.enter_registry_test_mode():
            count = self.env.cr.sql_log_count
            case_id = self.env["mail.thread"].message_process(False, raw)
            self.env.cr.flush()
            return case_id, self.env.cr.sql_log_count - count

    def test_mail_to_case(self):
        for number in range(3):  # fills the caches
            self._process(number)
        case_id, queries = self._process(99)
        case = self.env["constituent.case"].browse(case_id)
        self.assertEqual(case.department_id, self.streets)
        self.assertEqual(set(case.delivery_ids.mapped("state")), {"queued"})
        self.assertLessEqual(queries, 45)
