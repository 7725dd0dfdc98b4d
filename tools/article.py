"""A department's name within a sentence: "the Streets Department". No Odoo in here."""

# Words by which an office is known, and their article in Spanish.
_ENGLISH = {
    "department": "el", "bureau": "el", "center": "el", "office": "la", "division": "la",
    "agency": "la", "authority": "la", "commission": "la", "board": "la", "unit": "la",
}  # fmt: skip
_SPANISH = {
    "departamento": "el", "centro": "el", "consejo": "el", "instituto": "el", "servicio": "el",
    "oficina": "la", "dirección": "la", "división": "la", "secretaría": "la", "comisión": "la",
    "agencia": "la", "autoridad": "la", "unidad": "la", "junta": "la",
}  # fmt: skip


def with_article(name, lang):
    """Return the name of an office as it stands within a sentence.

    >>> with_article("Streets Department", "en_US"), with_article("Parks", "en_US")
    ('the Streets Department', 'Parks')
    >>> with_article("Departamento de Calles", "es_419")
    'el Departamento de Calles'

    :param str name: of an office
    :param str lang: code of the language of the sentence; names stay as they are in others
        than English and Spanish
    :return str: with its article, where the name shows that it has one
    """
    name = (name or "").strip()
    words = name.partition(",")[0].casefold().split()
    if not words:
        return name
    article = _SPANISH.get(words[0]) or _ENGLISH.get(words[-1])
    if not article and len(words) > 1 and words[1] == "of":
        article = _ENGLISH.get(words[0])
    if not article or words[0] in ("the", "el", "la", "our", "nuestro", "nuestra"):
        return name
    language = (lang or "").split("_")[0]
    if language == "en":
        return f"the {name}"
    return f"{article} {name}" if language == "es" else name
