"""How a letter begins. No Odoo in here: the words come from the caller's language."""

from dataclasses import dataclass

from .article import with_article

# Roles whose contact is a group or an office, not a person.
GROUP_ROLES = {
    "business", "official_office", "neighborhood_association", "civic_group", "agency", "media",
}  # fmt: skip
_PARTICLES = {
    "da", "de", "del", "der", "di", "dos", "du", "el", "la", "las", "le", "los", "van", "von",
    "ter", "st.", "saint", "san", "y",
}  # fmt: skip
_FEMININE = {"ms", "mrs", "miss", "sra", "srta"}
_MASCULINE = {"mr", "sr"}
_SUFFIXES = {"jr", "sr", "ii", "iii", "iv", "esq", "md", "phd", "ret"}


@dataclass
class Addressee:
    """Who is addressed.

    :ivar name: as the contact is called
    :ivar honorific: Ms., Mr., Mx., Dr., Rev....
    :ivar title: of an official: Councilmember, Mayor
    :ivar is_group: an office or a group, not a person
    :ivar lang: language code; Spanish names end in two family names
    """

    name: str
    honorific: str = ""
    title: str = ""
    is_group: bool = False
    lang: str = "en_US"


def family_name(name, lang="en_US"):
    """Return the family name in a full name.

    >>> family_name("Ana María de la Cruz"), family_name("Jordan Lee, Jr.")
    ('de la Cruz', 'Lee')

    :param str name: given names first, or "Family, Given"
    :param str lang: with Spanish, of four words the last two
    """
    name = " ".join((name or "").split())
    head, comma, tail = name.partition(",")
    if comma and _plain(tail) not in _SUFFIXES:
        return head.strip()
    words = [word for word in head.split() if _plain(word) not in _SUFFIXES]
    if len(words) < 2:
        return head.strip()
    start = len(words) - 1
    if lang.startswith("es") and len(words) >= 4 and words[-2].lower() not in _PARTICLES:
        start -= 1
    while start > 1 and words[start - 1].lower() in _PARTICLES:
        start -= 1
    return " ".join(words[start:])


def _plain(word):
    return word.strip().replace(".", "").lower()


def salutation(addressee, phrases):
    """Return the salutation of a letter, with its colon.

    :param Addressee addressee: who is addressed
    :param dict phrases: in the reader's language: "nobody"; "group" with
        %(group_name)s; "person", of whom nothing is known but %(full_name)s; "titled"
        with %(titled_name)s; "feminine" with %(ms_name)s and "masculine" with %(mr_name)s
        for languages that tell them apart
    :return str: "Dear Ms. Rivera:", "Dear Jordan Smith:"
    """
    name = " ".join((addressee.name or "").split())
    title = addressee.title or addressee.honorific
    if not name:
        return phrases["nobody"]
    if addressee.is_group:
        # "de el" is one word in Spanish: names stay as they are there.
        english = addressee.lang.startswith("en")
        return phrases["group"] % {"group_name": with_article(name, "en") if english else name}
    if not title:
        return phrases["person"] % {"full_name": name}
    titled = f"{title} {family_name(name, addressee.lang)}"
    plain = "" if addressee.title else _plain(title)
    if plain in _FEMININE:
        return phrases["feminine"] % {"ms_name": titled}
    if plain in _MASCULINE:
        return phrases["masculine"] % {"mr_name": titled}
    return phrases["titled"] % {"titled_name": titled}
