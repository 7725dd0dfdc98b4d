import re

from odoo import api, models
from odoo.fields import Domain

# Fewer digits would be a part of very many numbers.
MIN_DIGITS = 4


def _name_trigrams(registry):
    """Return the definition of the index that finds a part of a name."""
    if not registry.has_trigram:
        return ""
    return f"USING gin ({registry.unaccent('complete_name')} gin_trgm_ops)"


def _phone_trigrams(registry):
    """Return the definition of the index that finds a part of a telephone number."""
    return "USING gin (phone_sanitized gin_trgm_ops)" if registry.has_trigram else ""


class ResPartner(models.Model):
    """Finding a constituent while somebody is on the telephone."""

    _name = "res.partner"
    _inherit = "res.partner"

    _complete_name_trgm_idx = models.Index(_name_trigrams)
    _phone_sanitized_trgm_idx = models.Index(_phone_trigrams)

    @api.model
    def _constituent_search_domain(self, term):
        """Return the domain that finds contacts by a part of what somebody says.

        Only indexed columns are read: the beginning of a mail address, four or more
        digits of a telephone number, or any part of the name.

        :param str term: as typed
        :return Domain: matches nothing when the term is empty
        """
        term = " ".join((term or "").split())
        if not term:
            return Domain.FALSE
        if "@" in term:
            return Domain("email_normalized", "=like", _like(term.lower()) + "%")
        digits = re.sub(r"\D", "", term)
        if len(digits) >= MIN_DIGITS and not re.search(r"[^\W\d_]", term):
            # Nobody says the country code, some leave out the area code.
            return Domain("phone_sanitized", "like", digits.lstrip("0"))
        # Each word somewhere in the name: "rivera ana" finds Ana Rivera.
        return Domain.AND(Domain("complete_name", "ilike", word) for word in term.split())


def _like(text):
    """Return text with the wildcards of LIKE taken literally."""
    return re.sub(r"([\\%_])", r"\\\1", text)
