"""What stands in the margins of a page is told to nobody who is read the page aloud.

WeasyPrint marks the text of margin boxes like the page's own and leaves it out of the
structure; PDF/UA asks that it be an artifact: heads of pages, and DRAFT across them.
No Odoo in here.
"""


def mark_artifacts(_document, pdf):
    """Mark all text that is in no part of a document's structure as an artifact.

    For `finisher` of WeasyPrint's ``write_pdf``.

    :param pdf: pydyf.PDF, complete but not written
    """
    told = _told(pdf)
    for reference in pdf.page_references:
        page = _find(pdf, reference)
        content, resources = _find(pdf, page["Contents"]), _find(pdf, page["Resources"])
        _mark(pdf, content, resources, told.get(reference, ()))


def _find(pdf, thing):
    """Return the object of a reference such as ``b"12 0 R"``, other things as they are."""
    return pdf.objects[int(thing.split()[0])] if isinstance(thing, bytes) else thing


def _told(pdf):
    """Return {reference of a page: ids of its marked content within the structure}."""
    told, elements = {}, [_find(pdf, pdf.catalog["StructTreeRoot"])]
    while elements:
        element = elements.pop()
        for kid in element.get("K", ()):
            if isinstance(kid, int):
                told.setdefault(element["Pg"], set()).add(kid)
            else:
                elements.append(_find(pdf, kid))
    return told


def _mark(pdf, stream, resources, told):
    content = stream.stream
    for at, entry in enumerate(content):
        if entry == b"BDC" and content[at - 1]["MCID"] not in told:
            # As long as it was: the list is being read.
            content[at - 2 : at + 1] = ["/Artifact", b"", b"BMC"]
        elif isinstance(entry, bytes) and entry.endswith(b" Do"):
            name = entry[1:-3].decode()
            drawn = _find(pdf, resources["XObject"][name])
            if drawn.extra.get("Subtype") == "/Form":
                _mark(pdf, drawn, _find(pdf, drawn.extra["Resources"]), told)
