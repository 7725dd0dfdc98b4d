"""Who still has to approve something, and what exactly was approved. No Odoo in here."""

import hashlib
import json
from dataclasses import dataclass


@dataclass(frozen=True)
class Step:
    """One step on the way to an approval.

    :ivar str key: tells steps apart, also after the rules were edited
    :ivar str label: for people
    :ivar tuple people: ids of who decides
    :ivar bool needs_all: all of them, not any one
    """

    key: str
    label: str
    people: tuple
    needs_all: bool = False

    def missing(self, decided):
        """Return who still has to decide, an empty tuple when the step is taken.

        :param decided: ids of those who approved in this step
        """
        decided = set(decided)
        if self.needs_all:
            return tuple(person for person in self.people if person not in decided)
        return () if decided.intersection(self.people) else self.people


@dataclass(frozen=True)
class Decision:
    """An approval that was given.

    :ivar str step: key of the step
    :ivar int person: for whom it counts: who gave it, or whom they acted for
    """

    step: str
    person: int


def waiting(steps, decisions):
    """Return the first step that is not taken, and who still has to decide in it.

    :param steps: Step objects in their order
    :param decisions: Decision objects, in any order
    :return: (Step, ids), or (None, ()) when everybody has approved
    """
    for step in steps:
        missing = step.missing(one.person for one in decisions if one.step == step.key)
        if missing or not step.people:
            return step, missing
    return None, ()


def digest(content):
    """Return the SHA-256 of what is approved, as 64 hexadecimal digits.

    :param dict content: plain values (texts, numbers, lists, dicts); their order in it does
        not count
    """
    text = json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
