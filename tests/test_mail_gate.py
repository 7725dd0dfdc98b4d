"""The 48 messages of CONSTITUENT_DATA/email, which broken programs wrote."""

import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import odoo
from odoo.tests import HttpCase, tagged

from .common import ConstituentCommon, ConstituentSetup

CHECKOUT = Path(__file__).resolve().parents[1]
DATA = Path(os.environ.get("CONSTITUENT_DATA", CHECKOUT.parent / "shared" / "data"))
MESSAGES = sorted((DATA / "email").glob("msg_*.txt"))
GATE = Path(odoo.addons.__path__[0])


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
