"""A saved mapping at work: from the cells of a row to the values of a record.

No Odoo in here. Names of departments, categories and the like stay texts; the models
look them up. What had to be mended or left out comes as notes, what makes a row useless
as a refusal; both are (kind, values) pairs of sentences the models have.
"""

from dataclasses import dataclass, field

from .import_cells import (
    CellError,
    check_order,
    clean_text,
    one_line,
    parse_flag,
    parse_moment,
    parse_number,
    parse_place,
)
from .text import fold

# How the columns of a target become one value. "line" and "choice" take the first
# column that says something; "moments" keeps one for each column, in their order.
CASE_TARGETS = {
    "external_ref": "line",
    "name": "subject",
    "description": "paragraphs",
    "kind": "choice",
    "category": "line",
    "department": "line",
    "department_name": "line",
    "user": "line",
    "channel": "line",
    "received_at": "moment",
    "status": "choice",
    "closed_at": "moments",
    "due_at": "moment",
    "outcome": "line",
    "outcome_note": "paragraphs",
    "priority": "choice",
    "confidentiality": "choice",
    "tags": "list",
    "partner_name": "line",
    "partner_email": "line",
    "partner_phone": "line",
    "identity": "choice",
    "lang": "choice",
    "referrer": "line",
    "street": "line",
    "city": "line",
    "zip": "line",
    "location_note": "commas",
    "latitude": "number",
    "longitude": "number",
}
CONTACT_TARGETS = {
    "external_ref": "line",
    "name": "words",
    "is_company": "flag",
    "parent": "line",
    "constituent_role": "choice",
    "honorific": "line",
    "function": "line",
    "email": "line",
    "phone": "line",
    "street": "line",
    "street2": "line",
    "city": "line",
    "state": "line",
    "zip": "line",
    "country": "line",
    "lang": "choice",
    "contact_preference": "choice",
    "language_needed": "line",
    "accessibility_needs": "line",
    "protected_address": "flag",
    "deceased": "flag",
    "website": "line",
    "comment": "paragraphs",
}
TARGETS = {"case": CASE_TARGETS, "contact": CONTACT_TARGETS}
_JOINS = {"subject": ": ", "paragraphs": "\n", "commas": ", ", "words": " "}
# Longer ones are cut from the subject; the whole text stays in the description.
MAX_SUBJECT = 200


@dataclass(frozen=True)
class PlanLine:
    """What becomes of one column.

    :ivar str column: its name in the head of the file
    :ivar str target: a key of the targets
    :ivar str label: put before the text where several columns make one value
    :ivar dict translations: folded text of the file → text it stands for, "" for nothing
    :ivar bool required: a row without it is refused
    """

    column: str
    target: str
    label: str = ""
    translations: dict = field(default_factory=dict)
    required: bool = False


@dataclass(frozen=True)
class Plan:
    """A mapping, worked out once for a whole file.

    :ivar str kind: "case" or "contact"
    :ivar lines: PlanLine objects in order
    :ivar zone: tzinfo of the times in the file
    :ivar formats: patterns of its dates
    :ivar empty_words: case-folded words that mean "nothing"
    :ivar dict choices: target → {folded word: key}, for targets of a fixed list; the key
        of a status is (status, id of the stage)
    """

    kind: str
    lines: tuple
    zone: object
    formats: tuple
    empty_words: frozenset = frozenset()
    choices: dict = field(default_factory=dict)


@dataclass
class Converted:
    """A row on its way: its values, what was mended, and why it is refused, if it is."""

    values: dict = field(default_factory=dict)
    notes: list = field(default_factory=list)
    refusal: tuple | None = None

    def note(self, kind, **values):
        """Remember something that whoever imports should know."""
        self.notes.append((kind, values))

    def refuse(self, kind, **values):
        """Refuse the row; the first reason counts."""
        self.refusal = self.refusal or (kind, values)


def split_translations(text):
    """Return what the words of a file stand for, from the lines of a mapping.

    >>> split_translations("Closed = closed\\n88888 =")
    {'closed': 'closed', '88888': ''}

    :param text: lines "text in the file = text it stands for"
    :return dict: folded left side → right side
    :raises ValueError: a line without an equals sign; its argument is the line
    """
    result = {}
    for line in (text or "").splitlines():
        if not line.strip():
            continue
        left, equals, right = line.partition("=")
        if not equals or not fold(left):
            raise ValueError(line.strip())
        result[fold(left)] = right.strip()
    return result


def convert_row(plan, cells, now):
    """Return what a row of the file becomes.

    :param Plan plan: the mapping
    :param dict cells: name of the column → text of the file
    :param datetime now: naive UTC
    :return Converted: its values are texts, numbers, booleans and naive UTC moments;
        targets whose columns say nothing are left out
    """
    converted = Converted()
    parts = {}
    for line in plan.lines:
        value = _cell_value(plan, line, cells.get(line.column) or "", converted)
        if value in ("", None) and line.required:
            converted.refuse("required", column=line.column)
        parts.setdefault(line.target, []).append((line, value))
    kinds = TARGETS[plan.kind]
    for target, values in parts.items():
        value = _combine(kinds[target], values)
        if value not in ("", None, []):
            converted.values[target] = value
    if plan.kind == "case" and not converted.refusal:
        _finish_case(converted, now, "latitude" in parts or "longitude" in parts)
    elif not converted.refusal:
        _finish_contact(converted)
    return converted


def _cell_value(plan, line, cell, converted):
    """Return the value of one cell; what cannot be read is noted, or refuses the row."""
    text, notes = clean_text(cell, plan.empty_words)
    for kind in notes:
        converted.note(kind, column=line.column)
    kind = TARGETS[plan.kind][line.target]
    if kind != "paragraphs":
        text = one_line(text)
    if text and line.translations:
        known = line.translations.get(fold(text))
        if known == "":
            converted.note("placeholder", column=line.column, text=text)
        text = text if known is None else known
    if not text:
        return ""
    try:
        return _parse_kind(plan, line, kind, text, converted)
    except CellError as error:
        values = {"column": line.column, **error.values}
        if line.required:
            converted.refuse(error.kind, **values)
        else:
            converted.note(error.kind, **values)
        return ""


def _parse_kind(plan, line, kind, text, converted):
    if kind in ("moment", "moments"):
        moment, notes = parse_moment(text, plan.formats, plan.zone)
        for note in notes:
            converted.note(note, column=line.column, text=text)
        return moment
    if kind == "number":
        return parse_number(text)
    if kind == "flag":
        return parse_flag(text)
    if kind == "choice":
        key = plan.choices.get(line.target, {}).get(fold(text))
        if key is None:
            raise CellError("unknown_choice", text=text)
        return key
    if kind == "list":
        return [one_line(word) for word in text.replace(";", ",").split(",") if word.strip()]
    return text


def _combine(kind, values):
    """Return one value of the columns of a target."""
    given = [(line, value) for line, value in values if value not in ("", None)]
    if kind == "moments":
        return [value or None for _line, value in values] if given else []
    if kind == "list":
        return list(dict.fromkeys(word for _line, words in given for word in words))
    if not given:
        return ""
    if kind not in _JOINS:
        return given[0][1]
    texts = [f"{line.label} {value}".strip() for line, value in given]
    return _JOINS[kind].join(dict.fromkeys(texts))


def _finish_case(converted, now, plan_has_place):
    """Hold the values of a case against each other."""
    values = converted.values
    if not values.get("received_at"):
        converted.refuse("no_received_at")
        return
    place, note = parse_place(values.pop("latitude", 0), values.pop("longitude", 0))
    if note and plan_has_place:
        converted.note(note)
    if place:
        values["latitude"], values["longitude"] = place
    closed_at, notes = check_order(
        values["received_at"],
        values.pop("closed_at", []),
        (values.get("status") or ("", 0))[0] == "closed",
        now,
    )
    for note in notes:
        converted.note(note)
    if closed_at:
        values["closed_at"] = closed_at
    subject = values.get("name") or values.get("category") or ""
    if not subject:
        converted.note("no_subject")
    values["name"] = subject if len(subject) <= MAX_SUBJECT else subject[: MAX_SUBJECT - 1] + "…"


def _finish_contact(converted):
    values = converted.values
    if not values.get("name"):
        converted.refuse("no_name")
    elif values.get("parent") == values["name"]:
        # Exports of some systems name a company as its own.
        del values["parent"]
