"""What an outsider may know of a case, as plain values. No Odoo in here.

Pages, mails and later doors for the public read these and never the records: a
field that is not listed here does not get out.
"""

import re
from dataclasses import dataclass

CONSTITUENT, REFERRER, SUBSCRIBER = "constituent", "referrer", "subscriber"
_TOKEN = re.compile(r"[0-9A-Za-z_-]{16,128}")


def is_token(text):
    """Return whether a text may be the token of a private link at all.

    >>> is_token("1b9d6bcd-bbfd-4b2d-9b5d-ab8dfbbd4bed"), is_token("17"), is_token(None)
    (True, False, False)
    """
    return bool(_TOKEN.fullmatch(text or ""))


@dataclass(frozen=True)
class Reader:
    """Who reads.

    :ivar str audience: CONSTITUENT, whose matter it is; REFERRER, who brought it;
        SUBSCRIBER, anybody else who follows it
    :ivar int partner_id: the reader's contact, 0 when not known
    :ivar int office_id: the office a referrer belongs to (its commercial contact)
    :ivar str lang: the reader's language, empty when not known
    """

    audience: str
    partner_id: int = 0
    office_id: int = 0
    lang: str = ""

    @property
    def is_constituent(self):
        """Whether the matter is the reader's own."""
        return self.audience == CONSTITUENT


@dataclass(frozen=True)
class Day:
    """A day in the office's time zone: for machines and for the reader."""

    iso: str
    text: str


@dataclass(frozen=True)
class Step:
    """Something that happened."""

    day: Day
    text: str


@dataclass(frozen=True)
class Letter:
    """An official letter that went to this reader.

    :ivar int position: from 1, in the order sent; what the download link says
    """

    position: int
    subject: str
    reference: str
    day: Day


@dataclass(frozen=True)
class Office:
    """Whom to ask."""

    company_id: int
    name: str
    city: str
    phone: str
    tty: str
    email: str
    website: str
    has_logo: bool
    emergency: str
    after_hours_phone: str
    language_line: str
    records_notice: str


@dataclass(frozen=True)
class CaseView:
    """A case as one reader may see it.

    :ivar str matter: what it is about, in general words
    :ivar str subject: as the constituent wrote it; empty for everybody else
    :ivar str progress: received, working or closed
    :ivar bool is_minimal: a restricted case: nothing but number, day and status
    """

    number: str
    matter: str
    received: Day
    progress: str
    status: str
    status_label: str
    office: Office
    is_minimal: bool = False
    subject: str = ""
    place: str = ""
    place_note: str = ""
    department: str = ""
    phone: str = ""
    due: Day | None = None
    is_late: bool = False
    closed: Day | None = None
    outcome: str = ""
    outcome_note: str = ""
    steps: tuple[Step, ...] = ()
    letters: tuple[Letter, ...] = ()

    @property
    def is_closed(self):
        """Whether the office is done with it."""
        return self.status == "closed"
