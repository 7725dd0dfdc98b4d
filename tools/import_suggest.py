"""What a file's columns probably mean, for somebody who makes a new mapping. No Odoo in here."""

from datetime import datetime

from .import_cells import DATE_STYLES
from .text import fold

# Words by which other systems and people call what we know, most telling first.
SYNONYMS = {
    "external_ref": (
        "unique key", "service request id", "request id", "case id", "case number", "ticket id",
        "reference", "id", "key", "number", "folio", "expediente",
    ),
    "received_at": (
        "created date", "requested datetime", "date received", "received", "opened", "open date",
        "created at", "created", "date opened", "date", "fecha",
    ),
    "closed_at": ("closed date", "date closed", "closed", "closed at", "resolved at"),
    "due_at": ("due date", "due", "expected datetime", "target date"),
    "status": ("status", "state of request", "case status", "estado"),
    "category": (
        "complaint type", "service name", "category", "request type", "type", "service",
        "categoria",
    ),
    "name": ("subject", "title", "summary", "descriptor", "asunto"),
    "description": ("description", "details", "comments", "request details", "descripcion"),
    "department": ("agency", "department", "responsible department", "owner", "departamento"),
    "department_name": ("agency name", "agency responsible", "department name"),
    "channel": ("open data channel type", "channel", "source", "origin", "method", "canal"),
    "outcome_note": ("resolution description", "resolution", "status notes", "answer"),
    "priority": ("priority", "prioridad"),
    "user": ("assigned to", "assignee"),
    "tags": ("tags", "labels"),
    "partner_name": ("requester", "contact name", "citizen", "constituent", "requested by"),
    "partner_email": ("requester email", "contact email"),
    "partner_phone": ("requester phone", "contact phone"),
    "referrer": ("referred by", "council office", "elected official"),
    "latitude": ("latitude", "lat"),
    "longitude": ("longitude", "long", "lon", "lng"),
    "location_note": ("location", "landmark", "cross street"),
    # of contacts
    "is_company": ("is a company", "is company", "organization flag"),
    "parent": ("company", "organization", "office", "employer"),
    "constituent_role": ("role", "contact type"),
    "honorific": ("honorific", "salutation", "prefix"),
    "function": ("job position", "job", "function", "position"),
    "language_needed": ("interpreter", "language needed"),
    "lang": ("language", "idioma"),
    "contact_preference": ("preferred contact", "contact preference"),
    "website": ("website", "web site", "url"),
    "comment": ("notes", "note", "remarks"),
    "street": ("incident address", "street address", "address", "street", "direccion"),
    "street2": ("street2", "address 2", "address line 2"),
    "city": ("city", "town", "ciudad"),
    "state": ("state", "province"),
    "zip": ("incident zip", "zip", "zip code", "zipcode", "postal code", "codigo postal"),
    "country": ("country", "pais"),
}  # fmt: skip
# What the same words mean in a file of contacts, where they are their own.
CONTACT_SYNONYMS = {
    "name": ("name", "full name", "contact name", "first name", "last name", "nombre"),
    "email": ("email", "e mail", "email address", "correo"),
    "phone": ("phone", "telephone", "phone number", "mobile", "telefono"),
}
CASE_SYNONYMS = {
    "partner_name": ("name", "full name", "nombre"),
    "partner_email": ("email", "e mail", "email address", "correo"),
    "partner_phone": ("phone", "telephone", "phone number", "telefono"),
}


def suggest_targets(header, targets):
    """Return which columns of a file probably mean what.

    :param header: names of the columns
    :param targets: keys that may be meant, of TARGETS in ``tools/import_plan.py``
    :return list: (column, target) in the order of the file; a target is meant once, but
        for the parts of a name
    """
    own = CONTACT_SYNONYMS if "email" in targets else CASE_SYNONYMS
    ranks = {}
    for target in targets:
        words = (*own.get(target, ()), *SYNONYMS.get(target, ()))
        for rank, word in enumerate(words):
            ranks.setdefault(word, (rank, target))
    best = {}
    for position, column in enumerate(header):
        rank, target = ranks.get(fold(column), (0, ""))
        if not target:
            continue
        if target == "name" and fold(column) in ("first name", "last name"):
            best[target, position] = (rank, column)
        elif (target, "") not in best or best[target, ""][0] > rank:
            best[target, ""] = (rank, column)
    if ("name", "") in best:
        best = {key: value for key, value in best.items() if key[0] != "name" or key[1] == ""}
    meant = {column: target for (target, _part), (_rank, column) in best.items()}
    return [(column, meant[column]) for column in header if column in meant]


def suggest_date_style(cells):
    """Return the key of the date style that fits most cells of a file.

    :param cells: texts of any columns
    :return str: a key of DATE_STYLES; of equals the earlier
    """
    counts = dict.fromkeys(DATE_STYLES, 0)
    for cell in cells:
        text = cell.strip()
        # The shortest is 1/2/23, the longest ISO with an offset; phone numbers have no such signs.
        if not 6 <= len(text) <= 32 or not text[0].isdigit() or not set(text) & set("/.-"):
            continue
        for style, patterns in DATE_STYLES.items():
            counts[style] += any(_fits(text, pattern) for pattern in patterns)
    return max(counts, key=counts.get)


def _fits(text, pattern):
    try:
        if pattern == "iso":
            datetime.fromisoformat(text.replace("Z", "+00:00"))
        else:
            datetime.strptime(text, pattern)
        return True
    except ValueError:
        return False
