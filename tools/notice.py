"""Rules of automated mail that need no database. No Odoo in here."""

import re
import smtplib
from dataclasses import dataclass

from lxml import html

PLACE_MAX = 80
# Readers within the office.
INSIDE = ("department", "security")
# Stands for a line break while white space is evened out; a character of no script.
_BREAK = "\ue000"
# A link, an address, a bare domain or a line of another kind: not a place.
_NOT_A_PLACE = re.compile(r"[<>@\\{}\x00-\x1f]|://|\bwww\.|\w\.[a-z]{2,}\b", re.IGNORECASE)
_COLOUR = re.compile(r"#[0-9a-fA-F]{6}")


@dataclass(frozen=True)
class Reader:
    """Somebody who may get a notice.

    :ivar audience: constituent, referrer, subscriber, department or security
    :ivar email: normalised address
    :ivar lang: language code, or an empty string
    :ivar partner_id: contact, or 0
    """

    audience: str
    email: str
    lang: str = ""
    partner_id: int = 0

    @property
    def can_stop(self):
        """Whether the reader is outside the office and may stop the notices."""
        return self.audience not in INSIDE


def safe_place(*parts):
    """Return the place of a matter for a notice, or an empty string.

    The place may have been typed by whoever reported it, who may have given
    somebody else's address: a notice must not carry their message or link.

    >>> safe_place("100 Main Street", "", "Example"), safe_place("win at evil.example.com")
    ('100 Main Street, Example', '')
    """
    place = ", ".join(part.strip() for part in parts if part and part.strip())
    if len(place) > PLACE_MAX or _NOT_A_PLACE.search(place):
        return ""
    return place


def safe_colour(colour, default="#1f3a5f"):
    """Return a colour that can stand in a style sheet."""
    return colour if colour and _COLOUR.fullmatch(colour) else default


def mail_text(markup):
    """Return the plain text alternative of a notice.

    Cells of a row stand in one line, a link is followed by its address.

    :param str markup: the HTML of the mail
    :return str: text without markup
    """
    root = html.document_fromstring(str(markup))
    for junk in root.xpath("//style|//head|//script|//comment()"):
        junk.drop_tree()
    for link in root.xpath("//a[@href]"):
        href = link.get("href")
        if href.startswith(("http:", "https:")) and href not in link.text_content():
            link.tail = f": {href}{link.tail or ''}"
    for cell in root.xpath("//th"):
        cell.tail = f": {cell.tail or ''}"
    for block in root.xpath("//p|//h1|//h2|//table|//div|//ul"):
        block.tail = f"{_BREAK}{_BREAK}{block.tail or ''}"
    for line in root.xpath("//tr|//li|//br"):
        line.tail = f"{_BREAK}{line.tail or ''}"
    text = re.sub(r"[ \t\r\n\xa0]+", " ", root.text_content())
    text = re.sub(f" ?{_BREAK} ?", "\n", text)
    text = re.sub(r" +:", ":", text)
    return re.sub(r"\n{3,}", "\n\n", text).strip() + "\n"


def smtp_verdict(error):
    """Say what became of a message when handing it to the mail server failed.

    :param Exception error: what smtplib raised
    :return str: "refused" (not sent, no use to try again), "later" (not sent, the
        server asks to try again) or "unknown" (it may have been sent)
    """
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        codes = [reply[0] for reply in error.recipients.values()]
    elif isinstance(error, smtplib.SMTPResponseException):
        codes = [error.smtp_code]
    elif isinstance(error, smtplib.SMTPNotSupportedError | UnicodeError | ValueError):
        return "refused"
    else:
        return "unknown"
    if codes and all(400 <= code < 500 for code in codes):
        return "later"
    return "refused" if codes and all(500 <= code < 600 for code in codes) else "unknown"
