"""The 48 messages of CONSTITUENT_DATA/email, which broken programs wrote."""

import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import odoo
from odoo.tests import HOST, HttpCase, new_test_user, tagged
from odoo.tools import mute_logger

from odoo.addons.mail.tests.common import MailCommon

from .common import ConstituentCommon, ConstituentSetup

EX_NOUSER = 67  # sysexits.h: the mail server sends the message back

CHECKOUT = Path(__file__).resolve().parents[1]
DATA = Path(os.environ.get("CONSTITUENT_DATA") or CHECKOUT.parent / "shared" / "data")
MESSAGES = sorted((DATA / "email").glob("msg_*.txt"))


def mail_gate():
    """Return the path of Odoo's command-line mail gate."""
    paths = [Path(path) / "mail/static/scripts/odoo-mailgate.py" for path in odoo.addons.__path__]
    return next(path for path in paths if path.exists())


def delivered_to(raw, address):
    """Return a message as our mail server hands it over: with Delivered-To on top."""
    head = f"Delivered-To: {address}\n".encode()
    if raw.startswith(b"From "):  # the line of an mbox comes first
        first, _sep, rest = raw.partition(b"\n")
        return first + b"\n" + head + rest
    return head + raw


# Only where the messages are: elsewhere these tests are not collected at all.
if MESSAGES:

    class TestMailGateway(ConstituentCommon):
        """Each of the messages ends in a final state, and most are cases."""

        def _process(self, raw, **kwargs):
            with self.enter_registry_test_mode():
                return self.env["mail.thread"].message_process("constituent.case", raw, **kwargs)

        def test_each_message_is_accounted_for(self):
            self.assertEqual(len(MESSAGES), 48)
            inbounds = self.env["constituent.inbound.mail"]
            states = Counter()
            for path in MESSAGES:
                with self.subTest(path.name):
                    before = inbounds.search([], limit=1)
                    case_id = self._process(path.read_bytes())
                    row = inbounds.search([("id", ">", before.id or 0)])
                    self.assertEqual(len(row), 1)
                    self.assertNotEqual(row.state, "received")
                    self.assertEqual(bool(case_id), row.state in ("case", "reply"))
                    self.assertEqual(row.raw.raw, path.read_bytes())
                    states[row.state] += 1
            self.assertEqual(sum(states.values()), 48)
            self.assertGreaterEqual(states["case"], 38)
            self.assertEqual(states["not_understood"], 0)

    @tagged("post_install", "-at_install")
    class TestCommandLineMailGate(ConstituentSetup, MailCommon, HttpCase):
        """The same through the program a mail server calls for each message."""

        def _gate(self, raw, password=None):
            """Hand a message to the mail gate and return what became of the program."""
            login = self.gate_user.login
            with self.allow_requests(all_requests=True):
                return subprocess.run(
                    [
                        sys.executable, mail_gate(), f"--database={self.env.cr.dbname}",
                        f"--userid={self.gate_user.id}", f"--password={password or login}",
                        f"--host={HOST}", f"--port={self.http_port()}",
                    ],
                    input=raw,
                    capture_output=True,
                    check=False,
                    timeout=60,
                )  # fmt: skip

        def setUp(self):
            super().setUp()
            self.gate_user = new_test_user(
                self.env,
                "t_mail_gate",
                "constituent_services.group_mail_gateway",
                email="gate@city.example.org",
            )
            self.inbounds = self.env["constituent.inbound.mail"]

        def test_each_message_is_accounted_for(self):
            address = f"t-streets@{self.alias_domain}"
            for path in MESSAGES:
                with self.subTest(path.name):
                    result = self._gate(delivered_to(path.read_bytes(), address))
                    self.assertEqual((result.returncode, result.stderr), (0, b""))
            rows = self.inbounds.search([])
            states = Counter(rows.mapped("state"))
            self.assertEqual(len(rows), 48)
            self.assertGreaterEqual(states["case"], 38)
            self.assertFalse(states["received"] + states["not_understood"])
            self.assertEqual(rows.case_id.department_id, self.streets)

        def test_a_plain_user_is_no_gate(self):
            self.gate_user.group_ids = self.env.ref("base.group_user")
            raw = delivered_to(MESSAGES[0].read_bytes(), f"t-streets@{self.alias_domain}")
            with mute_logger("odoo.http", "odoo.addons.rpc.controllers.xmlrpc"):
                self.assertNotEqual(self._gate(raw).returncode, 0)
            self.assertFalse(self.inbounds.search([]))

        def test_a_message_for_nobody_and_a_wrong_password(self):
            raw = b"From: a@example.org\nTo: nobody@elsewhere.example\nSubject: x\n\nx"
            with mute_logger("odoo.http", "odoo.addons.rpc.controllers.xmlrpc"):
                self.assertEqual(self._gate(raw).returncode, EX_NOUSER)
                self.assertNotEqual(self._gate(raw, password="wrong").returncode, 0)
            self.assertFalse(self.inbounds.search([]))
