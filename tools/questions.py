"""Typed questions of a category and the answers to them. No Odoo in here.

The data types are those of Open311 (GeoReport v2, service definition).
"""

import re
from dataclasses import dataclass
from datetime import datetime

from .text import fold

DATATYPES = ("string", "text", "number", "datetime", "singlevaluelist", "multivaluelist")
LISTS = ("singlevaluelist", "multivaluelist")
MAX_LINE, MAX_TEXT = 200, 5_000
_NUMBER = re.compile(r"[+-]?\d+(?:[.,]\d+)?")


@dataclass(frozen=True)
class Choice:
    """One answer of a list.

    :ivar key: what programs send
    :ivar name: what people read
    :ivar stops: what to tell whoever gives it instead of taking the report, or empty
    """

    key: str
    name: str
    stops: str = ""


@dataclass(frozen=True)
class Question:
    """A question.

    :ivar code: its variable
    :ivar datatype: one of DATATYPES
    :ivar choices: of lists
    """

    code: str
    datatype: str = "string"
    required: bool = False
    choices: tuple = ()


@dataclass(frozen=True)
class Answer:
    """An answer that was understood.

    :ivar value: as programs read it; keys of several choices with a bar between
    :ivar text: as people read it
    :ivar stops: what to tell instead of taking the report, or empty
    """

    value: str
    text: str
    stops: str = ""


class AnswerError(ValueError):
    """An answer that is none.

    :ivar str kind: missing, long, number, datetime, choice
    """

    def __init__(self, kind):
        super().__init__(kind)
        self.kind = kind


def read_answer(question, given):
    """Return what an answer means.

    :param Question question: what was asked
    :param given: as typed or sent: text, or a list of texts for several choices; of
        choices the key or the name
    :return Answer: None when nothing was answered and need not be
    :raises AnswerError: what is wrong with it
    """
    parts = given if isinstance(given, list | tuple) else [given]
    parts = [
        str(part).replace("\0", "").strip() for part in parts if part is not None and part != ""
    ]
    parts = [part for part in parts if part]
    if not parts:
        if question.required:
            raise AnswerError("missing")
        return None
    if question.datatype in LISTS:
        return _read_choices(question, parts)
    text = ", ".join(parts)
    if question.datatype == "number":
        return _read_number(text)
    if question.datatype == "datetime":
        return _read_datetime(text)
    if len(text) > (MAX_TEXT if question.datatype == "text" else MAX_LINE):
        raise AnswerError("long")
    return Answer(text, text)


def _read_choices(question, parts):
    known = {choice.key: choice for choice in question.choices}
    by_name = {fold(choice.name): choice for choice in question.choices}
    if question.datatype == "multivaluelist":
        # Typed by hand, several stand in one text.
        parts = [
            piece.strip()
            for part in parts
            for piece in ([part] if part in known else re.split(r"[|;]", part))
            if piece.strip()
        ]
    chosen = []
    for part in parts:
        choice = known.get(part) or by_name.get(fold(part))
        if not choice:
            raise AnswerError("choice")
        if choice not in chosen:
            chosen.append(choice)
    if question.datatype == "singlevaluelist" and len(chosen) > 1:
        raise AnswerError("choice")
    return Answer(
        "|".join(choice.key for choice in chosen),
        ", ".join(choice.name for choice in chosen),
        next((choice.stops for choice in chosen if choice.stops), ""),
    )


def _read_number(text):
    if len(text) > MAX_LINE or not _NUMBER.fullmatch(text):
        raise AnswerError("number")
    value = text.replace(",", ".").lstrip("+")
    return Answer(value, text)


def _read_datetime(text):
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise AnswerError("datetime") from None
    return Answer(moment.isoformat(), moment.strftime("%Y-%m-%d %H:%M"))
