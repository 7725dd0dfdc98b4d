"""The report every door builds, and the rules of taking it in. No Odoo in here.

A report is a plain dict. A falsy value means "not given". Its keys:

=====================  ======================================================
mode                   "live" (default), "import" or "test"
channel                code of the channel: mail, phone, web, letter...
received_at            naive UTC datetime; now when not given
name                   the subject, a line
description            HTML, in the constituent's own words
kind                   complaint, request, inquiry...
category_id            given by a person or a trusted door
partner_id             the constituent, when a person or a login says who
partner_name, partner_email, partner_phone    the contact as given
identity               identified (default), confidential, anonymous
lang                   language code for notices to the constituent
street, city, zip, location_note, latitude, longitude    place of the matter
department_id, user_id      given by a person: nothing overrules them
door_department_id     the department whose door it came by
shared_department_ids  further departments it was addressed to
informed_department_ids  departments that see it and change nothing
is_part                another department's part of the case `parent_id`
referrers              list of dicts: partner_id, reference, answer_via
priority, tag_ids, confidentiality, parent_id    as on the case
external_source, external_ref    where it comes from and its key there
email_cc               people in copy: recorded, never subscribed
automatic              sent by a machine: not acknowledged
channel_id             imports: in place of the code
stage_id, closed_at, due_at, outcome_id, outcome_note    imports: where it stands
answers                dict: variable of the category's question → answer
forwarded              (name, address) pairs of who wrote what the sender forwards
journal                imports: a Journal, which gets what the steps say
company_id             the office; the door's department's when not given
=====================  ======================================================
"""

from dataclasses import dataclass, field

from .text import fold, html_to_text

MODES = ("live", "import", "test")

# Keys that are columns of the case as they stand.
CASE_KEYS = (
    "name", "kind", "description", "category_id", "received_at", "priority",
    "partner_id", "partner_name", "partner_email", "partner_phone", "identity", "lang",
    "street", "city", "zip", "location_note", "latitude", "longitude",
    "department_id", "user_id", "confidentiality", "parent_id", "is_part",
    "external_source", "external_ref", "email_cc", "company_id",
    "channel_id", "stage_id", "closed_at", "due_at", "outcome_id", "outcome_note",
)  # fmt: skip
# Keys that steer the steps and are no columns.
DOOR_KEYS = (
    "mode", "channel", "door_department_id", "shared_department_ids",
    "informed_department_ids", "referrers", "tag_ids", "automatic", "journal", "answers",
    "forwarded",
)  # fmt: skip


@dataclass
class Journal:
    """Where the steps tell what they did, in place of the case's own history.

    The history of a case is never taken back, an import may be: what is imported begins
    with the row of the import's report, and its history with the first who works on it.

    :ivar list notes: what the steps did and why
    :ivar list failed: steps that could not be done
    :ivar bool made_contact: the constituent is a contact made for this case
    """

    notes: list = field(default_factory=list)
    failed: list = field(default_factory=list)
    made_contact: bool = False


@dataclass(frozen=True)
class Door:
    """What only the code behind a door can say: it cannot be given over RPC.

    :ivar department_id: whose door it is, 0 when nobody's
    :ivar automatic: sent by a machine
    :ivar journal: an import's, which writes its own report
    :ivar answers: variable → answer as given, to the questions of the category
    :ivar forwarded: (name, address) pairs of who wrote what the sender forwards
    """

    department_id: int = 0
    automatic: bool = False
    journal: Journal | None = None
    answers: dict | None = None
    forwarded: tuple = ()


@dataclass
class Draft:
    """A case on its way through the steps.

    :ivar vals: what will be written; a falsy value means "not given"
    :ivar door: how it came in
    :ivar events: list of event values, without the case, that explain the steps
    :ivar kept: what a step needs once the case exists, and is no value of it
    """

    vals: dict
    door: Door = Door()
    events: list = field(default_factory=list)
    kept: dict = field(default_factory=dict)
    _folded: tuple = ()

    @property
    def is_live(self):
        """Whether somebody waits for an answer: not imported and not a test."""
        return (self.vals.get("intake_mode") or "live") == "live"

    def clone(self):
        """Return a draft that can be changed without changing this one."""
        return Draft(dict(self.vals), self.door, list(self.events), dict(self.kept), self._folded)

    def folded(self):
        """Return (subject, description) as ``tools.text.fold`` gives them, worked out once.

        :return tuple[str, str]: anew when one of them has changed
        """
        source = self.vals.get("name"), self.vals.get("description")
        if self._folded[:1] != (source,):
            name, description = source
            self._folded = (source, (fold(name), fold(html_to_text(description))))
        return self._folded[1]

    def given(self, *names):
        """Return whether one of the values was given."""
        return any(self.vals.get(name) for name in names)

    def explain(self, kind, note, **values):
        """Remember what a step did and why, for the case's history."""
        self.events.append({"kind": kind, "note": note, **values})

    def write_journal(self):
        """Tell the import what the steps did; where the case is stands on the case."""
        for event in self.events:
            if event["kind"] == "error":
                self.door.journal.failed.append(event["note"])
            elif event["kind"] != "routed":
                self.door.journal.notes.append(event["note"])


def check_report(report):
    """Return the report without keys that say nothing.

    :param dict report: see the module's head
    :raises ValueError: an unknown key or mode, which is a mistake of the door
    """
    unknown = set(report) - set(CASE_KEYS) - set(DOOR_KEYS)
    if unknown:
        raise ValueError(f"unknown keys in an intake report: {', '.join(sorted(unknown))}")
    report = {key: value for key, value in report.items() if value}
    if report.setdefault("mode", "live") not in MODES:
        raise ValueError(f"unknown intake mode: {report['mode']!r}")
    return report


def name_fits(given, known):
    """Return whether a name as given may be the known contact's.

    Two siblings share an address, so the same mail address or telephone is not
    enough; but people leave out middle names and write initials. The given name
    fits when it is missing, or when first and last words agree up to initials.

    >>> name_fits("J. Smith", "Jordan Lee Smith"), name_fits("Ana Smith", "Jordan Smith")
    (True, False)
    """
    given_words, known_words = fold(given).split(), fold(known).split()
    if not given_words or not known_words:
        return True
    if set(given_words) <= set(known_words) or set(known_words) <= set(given_words):
        return True
    return _word_fits(given_words[0], known_words[0]) and _word_fits(
        given_words[-1], known_words[-1]
    )


def _word_fits(one, other):
    return one == other or (1 in (len(one), len(other)) and one[0] == other[0])


def pick_contact(name, candidates):
    """Return the id of the one candidate whose name fits, or 0.

    :param str name: as given
    :param candidates: (id, name) pairs that share the mail address or telephone
    :return int: 0 when none fits or, with two different people, it is not clear who;
        an exact name wins over one that merely fits
    """
    candidates = list(candidates)
    exact = [cid for cid, known in candidates if fold(known) == fold(name)] if name else []
    if exact:
        return exact[0] if len(exact) == 1 else min(exact)
    # One person may be known by two names, from before contacts were merged.
    fitting = {cid for cid, known in candidates if name_fits(name, known)}
    return fitting.pop() if len(fitting) == 1 else 0
