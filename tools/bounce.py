"""Reading delivery reports. No Odoo in here, and nothing here ever raises."""

import email
import email.policy
import re
from dataclasses import dataclass, field

from .mail import addresses, head, only_heads, references

_ID = re.compile(r"<[^<>\s]+>")
_ACTIONS = {"failed", "delayed", "delivered", "relayed", "expanded"}


@dataclass
class Bounce:
    """What a report says.

    :ivar message_ids: of the mail it is about, most certain first
    :ivar recipient: the address that did not get it, lower case
    :ivar action: failed, delayed, delivered, relayed, expanded; read for a receipt
    :ivar reason: status and diagnosis, for a person
    """

    message_ids: list = field(default_factory=list)
    recipient: str = ""
    action: str = "failed"
    reason: str = ""

    @property
    def failed(self):
        """Whether the mail did not arrive and will not."""
        return self.action == "failed"


def read_bounce(raw, bounce_addresses=()):
    """Return what a delivery report says, or None when the mail is no report.

    :param bytes raw: the message as it came in
    :param bounce_addresses: addresses only reports are sent to, lower case
    :return Bounce: or None
    """
    heads = only_heads(raw)
    if not _is_report(heads, bounce_addresses):
        return None
    try:
        return _read(email.message_from_bytes(raw, policy=email.policy.compat32))
    except RecursionError:  # parts within parts without end: what the heads say
        return _read(heads)


def _read(message):
    """Return what a report says, by whatever of its parts has been read."""
    bounce = Bounce(action="failed")
    if str(message.get_param("report-type", "")).lower() == "disposition-notification":
        bounce.action = "read"
    for part in message.walk():
        content_type = part.get_content_type()
        if content_type == "message/delivery-status":
            _read_status(part, bounce)
        elif content_type in ("message/rfc822", "text/rfc822-headers"):
            _read_original(part, bounce)
    bounce.recipient = bounce.recipient or next(
        iter(addresses(head(message, "X-Failed-Recipients"))), ""
    )
    bounce.message_ids = list(dict.fromkeys(bounce.message_ids + references(message)))[:32]
    bounce.reason = bounce.reason or _first_words(message)
    return bounce


def _is_report(message, bounce_addresses):
    if message.get_content_type() == "multipart/report":
        return True
    if "report-type=delivery-status" in str(message.get("Content-Type", "")).lower():
        return True
    sender = next(iter(addresses(head(message, "From"))), "")
    if sender.partition("@")[0] == "mailer-daemon":
        return True
    return bool(set(addresses(head(message, "To"))) & set(bounce_addresses))


def _read_status(part, bounce):
    """Read the fields of RFC 3464; the first recipient that failed counts."""
    blocks = part.get_payload() if part.is_multipart() else []
    for block in blocks:
        recipient = head(block, "Final-Recipient") or head(block, "Original-Recipient")
        if not recipient:
            continue
        action = head(block, "Action").strip().lower()
        if action in _ACTIONS:
            bounce.action = action
        bounce.recipient = next(iter(addresses(recipient.partition(";")[2])), "")
        status = (head(block, "Status"), head(block, "Diagnostic-Code"))
        bounce.reason = " ".join(" ".join(status).split())[:500]
        if bounce.failed:
            return


def _read_original(part, bounce):
    """Find the Message-Id of the mail that came back."""
    if part.is_multipart():
        inner = part.get_payload()[0]
    else:
        payload = part.get_payload(decode=True) or b""
        inner = only_heads(payload)
    for name in ("Message-Id", "X-Microsoft-Original-Message-ID"):
        bounce.message_ids += _ID.findall(head(inner, name))


def _first_words(message):
    for part in message.walk():
        if part.get_content_type() == "text/plain" and not part.is_multipart():
            payload = part.get_payload(decode=True) or b""
            words = " ".join(payload.decode("utf-8", "replace").replace("\0", "").split())
            if words:
                return words[:500]
    return ""
