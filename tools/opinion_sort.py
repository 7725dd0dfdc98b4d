"""Which of the letters that arrive belong to which campaign. No Odoo in here.

A letter joins the group whose text it has. Where there is none yet, it waits with the
others of its text until enough people have sent it: then they are a group, the earlier
ones too.
"""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from .opinion import Opinion, bands, common_words, likeness, same_letter

# Within this time so many people must have written for it to be a campaign.
WINDOW = timedelta(days=30)


@dataclass(eq=False)
class Founded:
    """A group that does not exist yet.

    :ivar Opinion opinion: what its letters have in common
    :ivar list letters: those it was found in
    :ivar int record_id: the group, once it is made
    """

    opinion: Opinion
    letters: list
    record_id: int = 0


@dataclass(eq=False)
class Letter:
    """A letter as it is compared; or the text of a group, which has one already.

    :ivar Opinion opinion: what it says
    :ivar datetime seen_at: when it was received
    :ivar sender: the same for two letters of the same person
    :ivar int company_id: whose mail it is
    :ivar int case_id: its case, 0 while there is none
    :ivar group: of a group, its id or a Founded; None for a letter that waits
    :ivar bool refused: somebody said that letters of this text are not one group
    :ivar list bands: its fingerprint, worked out when not given
    """

    opinion: Opinion
    seen_at: datetime
    sender: object = None
    company_id: int = 0
    case_id: int = 0
    group: object = None
    refused: bool = False
    bands: list = field(default_factory=list)

    def __post_init__(self):
        self.bands = self.bands or bands(self.opinion)


def sort_letters(arrived, known, needed):
    """Find the group of each letter, and found those that have become groups.

    Letters get their `group`, also earlier ones of a group that is founded; `refused` is
    set where their text was refused.

    :param list[Letter] arrived: in the order they came
    :param list[list[Letter]] known: for each, groups and waiting letters that may be alike;
        the same letter is the same object everywhere
    :param needed: company id → so many people make a group; 0 for never
    :return list[Founded]: the new groups, in order
    """
    founded, waiting = [], defaultdict(list)
    for letter, candidates in zip(arrived, known, strict=True):
        near = dict.fromkeys(candidates)
        near.update(dict.fromkeys(one for band in letter.bands for one in waiting[band]))
        alike = [
            one
            for one in near
            if one.company_id == letter.company_id and same_letter(one.opinion, letter.opinion)
        ]
        grouped = [one for one in alike if one.group is not None or one.refused]
        if grouped:
            nearest = max(grouped, key=lambda one: likeness(one.opinion, letter.opinion))
            letter.group, letter.refused = nearest.group, nearest.refused
            continue
        group = _found([*alike, letter], letter, needed(letter.company_id))
        if group:
            founded.append(group)
        # Those to come are compared with what the founders have in common.
        stands_for = group and Letter(
            group.opinion, letter.seen_at, company_id=letter.company_id, group=group
        )
        for band in (stands_for or letter).bands:
            waiting[band].append(stands_for or letter)
    return founded


def _found(letters, latest, needed):
    """Return a group of letters of one text, None while too few people have sent it."""
    senders = {one.sender for one in letters if abs(latest.seen_at - one.seen_at) <= WINDOW}
    if not needed or len(senders) < needed:
        return None
    group = Founded(common_words([one.opinion for one in letters]), letters)
    for one in letters:
        one.group = group
    return group
