"""What the heads of a mail say. No Odoo in here, and reading them never raises.

Mail comes from strangers and broken programs: unknown charsets, NULs, folded
nonsense. Whatever cannot be read reads as empty, never as an error.
"""

import binascii
import codecs
import email
import email.policy
import hashlib
import re
from dataclasses import dataclass, field
from datetime import timezone
from email.errors import HeaderParseError
from email.header import decode_header
from email.parser import BytesHeaderParser
from email.utils import getaddresses, parsedate_to_datetime

UTC = timezone.utc
_ID = re.compile(r"<[^<>\s]+>")
_ADDRESS = re.compile(r"[^@\s]+@[^@\s]+")
_NUMBER = re.compile(r"\[([A-Za-z0-9]{1,10}-\d{4}-\d{6,})\]")
_BULK = {"bulk", "junk", "list", "auto_reply"}
_NO_REPLY = {"noreply", "no-reply", "no_reply", "donotreply", "do-not-reply"}
_DAEMONS = {"mailer-daemon", "mail-daemon", "postmaster"}
_SUPPRESS = {"all", "autoreply", "oof"}
RECIPIENT_HEADS = ("To", "Cc", "Delivered-To", "X-Original-To", "Resent-To", "Resent-Cc")
MAX_HEAD = 10_000
MAX_CONTENT_HEAD = 2_000  # Python's parser takes seconds for longer ones
MAX_TEXT = 200_000  # of a head that is read; nobody writes longer ones in good faith
MAX_ID = 900  # longer ones do not fit into an index


@dataclass
class Heads:
    """What the register keeps of a message, and what routing asks of it.

    :ivar sender: address of From, lower case, empty when there is none
    :ivar recipients: addresses it was sent to, lower case, as they first occur
    :ivar references: Message-Ids of References and In-Reply-To, newest first
    :ivar automatic: why it counts as sent by a machine, empty when by a person
    :ivar fingerprint: equal for two copies of one message that came different ways
    """

    message_id: str = ""
    date: str = ""
    email_from: str = ""
    sender: str = ""
    email_to: str = ""
    email_cc: str = ""
    subject: str = ""
    recipients: list = field(default_factory=list)
    references: list = field(default_factory=list)
    automatic: str = ""
    raw_sha256: str = ""
    body_sha256: str = ""
    fingerprint: str = ""


def read_heads(raw):
    """Return the heads of a message.

    :param bytes raw: the message as it came in
    :return Heads: never raises; what cannot be read is empty
    """
    message = only_heads(raw)
    body_sha256 = hashlib.sha256(_body(raw)).hexdigest()
    heads = Heads(
        message_id=_one_line(head(message, "Message-Id"))[:MAX_ID],
        date=_one_line(head(message, "Date")),
        email_from=_one_line(head(message, "From")),
        sender=next(iter(addresses(head(message, "From"))), ""),
        email_to=_one_line(head(message, "To")),
        email_cc=_one_line(head(message, "Cc")),
        subject=_one_line(head(message, "Subject")),
        recipients=list(
            dict.fromkeys(a for name in RECIPIENT_HEADS for a in addresses(head(message, name)))
        ),
        references=references(message),
        automatic=automatic_reason(message),
        raw_sha256=hashlib.sha256(raw).hexdigest(),
        body_sha256=body_sha256,
    )
    same = (heads.message_id, heads.email_from, heads.date, body_sha256)
    heads.fingerprint = (
        hashlib.sha256("\0".join(same).encode("utf-8", "replace")).hexdigest()
        if heads.message_id
        else heads.raw_sha256
    )
    return heads


def only_heads(raw):
    """Return a message of which only the heads are read.

    Python's parser gives up on parts within parts without end; heads have no such depth.

    :param bytes raw: the message as it came in
    :return email.message.Message: by policy compat32, its body unread
    """
    return BytesHeaderParser(policy=email.policy.compat32).parsebytes(raw)


def _body(raw):
    """Return what comes after the heads, with plain line ends and no space at the end."""
    plain = raw.replace(b"\r\n", b"\n")
    _heads, _sep, body = plain.partition(b"\n\n")
    return body.rstrip()


def head(message, name):
    """Return all heads of a name, decoded and joined by commas.

    :param message: a message parsed by policy compat32
    :param str name: case does not matter
    :return str: empty when there is none
    """
    values = message.get_all(name, [])
    return ", ".join(filter(None, (decode(value) for value in values)))[:MAX_TEXT]


def decode(value):
    """Return a head as text: encoded words read, unknown charsets and NULs survived."""
    text = str(value)[:MAX_TEXT].encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    try:
        parts = decode_header(text)
    except (HeaderParseError, binascii.Error, ValueError):
        parts = [(text, None)]
    words = []
    for word, charset in parts:
        if isinstance(word, bytes):
            word = word.decode(known_charset(charset or "ascii"), "replace")
        words.append(word)
    return "".join(words).replace("\0", "")


def known_charset(name):
    """Return a charset Python knows: the given one, or UTF-8."""
    try:
        codec = codecs.lookup(str(name))
    except (LookupError, ValueError, TypeError):
        return "utf-8"
    # rot13, hex and their like turn text into something else: no charsets.
    return codec.name if getattr(codec, "_is_text_encoding", True) else "utf-8"


def _one_line(text):
    return " ".join(text.split())[:MAX_HEAD]


def addresses(text):
    """Return the mail addresses in a head, lower case, in order, each once."""
    try:
        pairs = getaddresses([text])
    except RecursionError:  # brackets in brackets without end
        pairs = [("", word) for word in re.split(r"[\s<>,;]+", text)]
    found = (address.strip().lower() for _name, address in pairs)
    return list(dict.fromkeys(a for a in found if len(a) < 321 and _ADDRESS.fullmatch(a)))


def sent_at(date, received_at):
    """Return when a message was sent by its own clock, never after it came in.

    :param str date: the Date head
    :param datetime received_at: naive UTC
    :return datetime: naive UTC; when it came in if the date cannot be read
    """
    try:
        sent = parsedate_to_datetime(date or "")
        if sent.tzinfo:
            sent = sent.astimezone(UTC).replace(tzinfo=None)
    except (TypeError, ValueError, IndexError, OverflowError):
        return received_at
    return min(sent.replace(microsecond=0), received_at) if sent.year >= 1970 else received_at


def references(message):
    """Return the Message-Ids a message refers to, newest first, at most 32."""
    ids = _ID.findall(head(message, "In-Reply-To"))
    ids += reversed(_ID.findall(head(message, "References")))
    return list(dict.fromkeys(one for one in ids if len(one) <= MAX_ID))[:32]


def case_numbers(subject):
    """Return the case numbers in square brackets.

    >>> case_numbers("Re: [CS-2026-000123] Your pothole")
    ['CS-2026-000123']
    """
    return list(dict.fromkeys(number.upper() for number in _NUMBER.findall(subject or "")))


def automatic_reason(message):
    """Return which head says that a machine sent the message, empty when none does.

    :param message: a message parsed by policy compat32
    :return str: for the record, like "Precedence: bulk"
    """
    submitted = head(message, "Auto-Submitted").split(";")[0].strip().lower()
    if submitted and submitted != "no":
        return f"Auto-Submitted: {submitted[:60]}"
    precedence = head(message, "Precedence").strip().lower()
    if precedence in _BULK:
        return f"Precedence: {precedence}"
    for name in ("List-Id", "List-Unsubscribe", "X-Autoreply", "X-Autorespond"):
        if message.get(name) is not None:
            return name
    suppress = {
        word.strip().lower() for word in head(message, "X-Auto-Response-Suppress").split(",")
    }
    if suppress & _SUPPRESS:
        return "X-Auto-Response-Suppress"
    if head(message, "Return-Path").strip() == "<>":
        return "Return-Path: <>"
    local_part = next(iter(addresses(head(message, "From"))), "").partition("@")[0]
    if local_part in _DAEMONS | _NO_REPLY:
        return f"From: {local_part}"
    return ""


def parse(raw):
    """Return a message that can be read to the end.

    NULs are taken out, unknown charsets become UTF-8 and Content heads that Python's
    own parser stumbles over are left out. Other heads are not looked at: that parser
    takes minutes for some. The original stays what it was.

    :param bytes raw: the message as it came in
    :return email.message.EmailMessage: by policy SMTP, as Odoo wants it
    :raises ValueError: a Content head without end, which nobody writes in good faith
    """
    plain = email.message_from_bytes(raw, policy=email.policy.compat32)
    if any(
        name.lower().startswith("content-") and len(str(value)) > MAX_CONTENT_HEAD
        for part in plain.walk()
        for name, value in part.items()
    ):
        raise ValueError("a Content head without end")
    message = email.message_from_bytes(raw.replace(b"\0", b""), policy=email.policy.SMTP)
    for part in message.walk():
        _mend_heads(part)
        _mend_charset(part)
    return message


def _mend_heads(part):
    """Leave out the Content heads that cannot be read."""
    for name in list(dict.fromkeys(part.keys())):
        if not name.lower().startswith("content-"):
            continue
        try:
            str(part[name])
        except Exception:  # the parser raises whatever it stumbles upon
            del part[name]


def _mend_charset(part):
    """Make text of an unknown charset readable."""
    if part.get_content_maintype() != "text" or part.is_multipart():
        return
    try:
        part.get_content()
    except Exception:  # whatever the charset's name or the encoding leads to
        kind = "text/html" if part.get_content_subtype() == "html" else "text/plain"
        payload = part.get_payload(decode=True) or b""
        part.set_content(
            payload.decode("utf-8", "replace"),
            subtype=kind.partition("/")[2],
            disposition=part.get_content_disposition(),
            filename=part.get_filename(),
        )


def readable_text(raw, limit=100_000):
    """Return a message as a person can read it when no program could.

    :param bytes raw: the message as it came in
    :param int limit: at most so many characters
    :return str: heads and body, without NULs
    """
    text = raw[: limit * 4].decode("utf-8", "replace")
    return re.sub(r"[^\S\n\t ]|[\x00-\x08\x0b-\x1f\x7f]", "", text)[:limit]
