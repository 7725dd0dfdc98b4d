"""A mail server that remembers, or fails as told, and the sender run as the scheduler does."""

import email
from contextlib import contextmanager
from email import policy
from unittest.mock import patch

from .common import PREFIX, ConstituentCommon


class FakeSession:
    """What the sender uses of an SMTP connection."""

    from_filter = False
    smtp_from = False

    def __init__(self, server):
        self.server = server

    def send_message(self, message, smtp_from, smtp_to_list):
        self.server.take(message, smtp_from, smtp_to_list)

    def noop(self):
        return (250, b"OK")

    def quit(self):
        self.server.closed += 1


class FakeServer:
    """A mail server.

    :ivar sent: the parsed messages it took
    :ivar refusals: address → exception raised instead of taking a message
    :ivar connect_error: exception raised instead of a connection
    :ivar before: called with each message before it is taken
    """

    def __init__(self):
        self.sent = []
        self.refusals = {}
        self.connect_error = None
        self.before = None
        self.connections = self.closed = 0

    def connect(self, *_args, **_kwargs):
        self.connections += 1
        if self.connect_error:
            raise self.connect_error
        return FakeSession(self)

    def take(self, message, smtp_from, smtp_to_list):
        parsed = email.message_from_bytes(message.as_bytes(), policy=policy.default)
        parsed.smtp_from, parsed.smtp_to = smtp_from, smtp_to_list
        if self.before:
            self.before(parsed)
        for address in smtp_to_list:
            if address in self.refusals:
                raise self.refusals[address]
        self.sent.append(parsed)

    def to(self, address):
        """Return the messages to one address."""
        return [message for message in self.sent if message.smtp_to == [address]]


def html_of(message):
    """Return the HTML of a message with its white space made even."""
    return " ".join(message.get_body(("html",)).get_content().split())


def text_of(message):
    """Return the plain text of a message."""
    return message.get_body(("plain",)).get_content()


class NoticeCommon(ConstituentCommon):
    """Base of the tests of automated mail."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._init_mail_gateway()
        cls.Delivery = cls.env["constituent.delivery"]
        cls.Notice = cls.env["constituent.notice"]
        cls.cron = cls.env.ref(f"{PREFIX}ir_cron_send")
        # What other data queued is not this test's mail.
        cls.Delivery.search([("state", "=", "queued")]).write({"state": "cancelled"})

    def setUp(self):
        super().setUp()
        self.smtp = FakeServer()

    @contextmanager
    def mail_server(self):
        """Let Odoo's own mail code talk to the fake server."""
        server = type(self.env["ir.mail_server"])
        with (
            patch.object(server, "_disable_send", lambda _self: False),
            patch.object(server, "_connect__", lambda _self, **kw: self.smtp.connect(**kw)),
        ):
            yield self.smtp

    def send_all(self):
        """Run the scheduled action as the scheduler does, in a cursor of its own."""
        with self.mail_server(), self.enter_registry_test_mode():
            self.cron.method_direct_trigger()
        return self.smtp

    @classmethod
    def notice(cls, event, audience):
        """Return a line of the table that came with the addon."""
        return cls.env.ref(f"{PREFIX}notice_{event}_{audience}")

    @classmethod
    def only(cls, *pairs):
        """Switch all notices off but these (event, audience) pairs."""
        cls.Notice.with_context(active_test=False).search([]).write({"active": False})
        for event, audience in pairs:
            cls.notice(event, audience).active = True
