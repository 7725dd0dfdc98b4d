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


class ResPartner(models.Model):
    """Finding a constituent while somebody is on the telephone."""

    _name = "res.partner"
    _inherit = "res.partner"

    _complete_name_trgm_idx = models.Index(_name_trigrams)

    @api.model
    def _constituent_search_domain(self, term):
        """Return the domain that finds contacts by a part of what somebody says.

        Only indexed columns are read: the beginning of a mail address, the beginning
        of a telephone number in the office's country or in international form, or any
        part of the name.

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
            prefixes = {f"+{digits}"}
            code = self.env.company.country_id.phone_code
            if code and not term.startswith("+"):
                prefixes.add(f"+{code}{digits.lstrip('0')}")
            return Domain.OR(
                Domain("phone_sanitized", "=like", f"{prefix}%") for prefix in sorted(prefixes)
            )
        # Each word somewhere in the name: "rivera ana" finds Ana Rivera.
        return Domain.AND(Domain("complete_name", "ilike", word) for word in term.split())


def _like(text):
    """Return text with the wildcards of LIKE taken literally."""
    return re.sub(r"([\\%_])", r"\\\1", text)
