"""Who wrote what somebody forwards. No Odoo in here, and reading it never raises.

Mail programs put the heads of a forwarded message into the text, below a line that says
so or, as Outlook does, as a block of From, Sent, To and Subject.
"""

import re
from dataclasses import dataclass

from . import mail

MAX_LINES = 5_000
MAX_LINE = 1_000
MAX_SENDERS = 10
MAX_NAME = 100
# Between the line that says so and the sender are heads of other kinds and empty lines.
REACH = 12
_MARK = re.compile(
    r"(begin forwarded message|forwarded message|original message|mensaje reenviado|"
    r"inicio del mensaje reenviado|mensaje original|message transféré|message d'origine)\b",
    re.IGNORECASE,
)
_FROM = re.compile(r"(from|de|von)\s*:\s*(\S.*)", re.IGNORECASE)
_SENT = re.compile(r"(sent|date|enviado(?: el)?|fecha|envoyé|gesendet|datum)\s*:", re.IGNORECASE)
_SUBJECT = re.compile(r"(subject|asunto|objet|betreff)\s*:", re.IGNORECASE)
_ADDRESS = re.compile(r"[^\s<>\[\]()\"',;:]{1,64}@[^\s<>\[\]()\"',;:@]{1,190}")
_FORWARD_SUBJECT = re.compile(r"\s*(fwd?|fw|rv|reenv|wg|tr)\s*:", re.IGNORECASE)


@dataclass(frozen=True)
class Quoted:
    """Who wrote a forwarded message.

    :ivar name: as the mail program wrote it, may be empty
    :ivar email: lower case, may be empty
    """

    name: str = ""
    email: str = ""


def is_forward(subject):
    """Return whether a subject says that the message is forwarded.

    >>> is_forward("Fwd: Streetlight"), is_forward("RV: Farola"), is_forward("Re: Fwd: x")
    (True, True, False)
    """
    return bool(_FORWARD_SUBJECT.match(subject or ""))


def forwarded_senders(text):
    """Return who wrote the messages that a text forwards, the outermost first.

    :param str text: of a mail, without markup
    :return list[Quoted]: each sender once, at most MAX_SENDERS
    """
    lines = [_bare(line) for line in (text or "").split("\n", MAX_LINES)[:MAX_LINES]]
    found, reach = {}, -1
    for index, line in enumerate(lines):
        if _is_mark(line):
            reach = index + REACH
            continue
        match = _FROM.match(line)
        if not match or not (index <= reach or _is_head(lines, index)):
            continue
        reach = -1
        quoted = read_sender(_unfolded(match[2], lines, index))
        if quoted:
            found.setdefault(quoted.email or quoted.name, quoted)
        if len(found) == MAX_SENDERS:
            break
    return list(found.values())


def attached_senders(message):
    """Return who wrote the messages attached to a message.

    :param message: a message parsed by policy compat32
    :return list[Quoted]: at most MAX_SENDERS
    """
    found = []
    for part in message.walk():
        if part.get_content_type() != "message/rfc822" or len(found) == MAX_SENDERS:
            continue
        payload = part.get_payload()
        inner = payload[0] if isinstance(payload, list) and payload else None
        quoted = read_sender(mail.head(inner, "From")) if inner is not None else None
        if quoted:
            found.append(quoted)
    return found


def read_sender(value):
    """Return the sender a From line names, or nothing.

    >>> read_sender('"Smith, Jordan" <Jordan@example.org>')
    Quoted(name='Jordan Smith', email='jordan@example.org')
    >>> read_sender("Jordan Smith [mailto:jordan@example.org]").email
    'jordan@example.org'
    """
    value = value[:MAX_LINE]
    match = _ADDRESS.search(value)
    email = match[0].lower().rstrip(".*") if match else ""
    name = re.split(r"[<\[(]", value)[0]
    if email:
        name = name.replace(match[0], "")
    name = " ".join(re.sub(r"[\"*_<>{}\x00-\x1f]", " ", name).split()).strip("' ,;")[:MAX_NAME]
    if name.count(",") == 1:
        last, first = name.split(",")
        name = f"{first.strip()} {last.strip()}"
    return Quoted(name, email) if name or email else None


def _bare(line):
    """Return a line without marks of quotation, stars of bold print and outer space."""
    return line[:MAX_LINE].lstrip("> \t\xa0").replace("*", "").rstrip()


def _is_mark(line):
    return bool(_MARK.match(line.lstrip("-_= :")))


def _is_head(lines, index):
    """Return whether From, Sent and Subject stand together here, as Outlook writes them."""
    block = lines[index + 1 : index + 7]
    return any(map(_SENT.match, block)) and any(map(_SUBJECT.match, block))


def _unfolded(value, lines, index):
    """Return a From line with the address that a long one carries in its next line."""
    following = lines[index + 1] if index + 1 < len(lines) else ""
    if not _ADDRESS.search(value) and following.startswith(("<", "[")):
        return f"{value} {following}"
    return value
