"""Whom a report is from, of the contacts that share its address or number. No Odoo in here."""

from dataclasses import dataclass

from .intake import name_fits, pick_contact
from .text import fold


@dataclass(frozen=True)
class Known:
    """A contact that shares the mail address or the telephone of a report.

    :ivar contact_id: its id
    :ivar name: as the contact says
    :ivar brings: it is of an official's office or a group, which bring other people's matters
    """

    contact_id: int
    name: str
    brings: bool = False


@dataclass(frozen=True)
class Verdict:
    """Who it is.

    :ivar contact_id: the one clear match, 0 when there is none
    :ivar how: by which it was found: email or phone
    :ivar candidates: ids of those it may be, for a person to choose from
    """

    contact_id: int = 0
    how: str = ""
    candidates: tuple = ()


def weigh(name, by_email, by_phone):
    """Say who it is, or who it may be.

    One contact whose name does not contradict is a clear match. Several are for a person
    to choose from, and so are an address of one and a telephone of another. When every
    name contradicts, it is somebody new; but whoever writes from the address of an office
    or group is of it, whatever the name.

    :param str name: as given, may be empty
    :param list[Known] by_email: who has the mail address
    :param list[Known] by_phone: who has the telephone
    :return Verdict:

    >>> ana, luis = Known(1, "Ana Rivera"), Known(2, "Luis Rivera")
    >>> weigh("Luis Rivera", [ana, luis], []).contact_id
    2
    >>> weigh("", [], [ana, luis]).candidates
    (1, 2)
    """
    email_id, phone_id = (
        pick_contact(name, [(one.contact_id, one.name) for one in known])
        for known in (by_email, by_phone)
    )
    fitting = [one for one in (*by_email, *by_phone) if name_fits(name, one.name)]
    ids = tuple(dict.fromkeys(one.contact_id for one in fitting))
    if email_id and (phone_id in (0, email_id) or _is_exact(name, email_id, by_email)):
        return Verdict(email_id, "email")
    # Of several with this address, the one who has the telephone, too.
    fits_email = {one.contact_id for one in by_email} & set(ids)
    if phone_id and (phone_id in fits_email or not fits_email):
        return Verdict(phone_id, "phone")
    if ids:
        return Verdict(candidates=ids)
    office = next((one for one in by_email if one.brings), None)
    return Verdict(office.contact_id, "email") if office else Verdict()


def _is_exact(name, contact_id, known):
    return any(one.contact_id == contact_id and fold(one.name) == fold(name) for one in known)
