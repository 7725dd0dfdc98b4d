import re

from odoo import api, models
from odoo.fields import Domain

# Fewer digits would be a part of very many numbers.
MIN_DIGITS = 4


def _trigrams(column):
    """Return what defines an index that finds a part of a column's text."""

    def _definition(registry):
        if not registry.has_trigram:
            return ""
        return f"USING gin ({registry.unaccent(column)} gin_trgm_ops)"

    return _definition


def _phone_trigrams(registry):
    """Return the definition of the index that finds a part of a telephone number."""
    return "USING gin (phone_sanitized gin_trgm_ops)" if registry.has_trigram else ""


class ResPartner(models.Model):
    """Finding a constituent while somebody is on the telephone."""

    _name = "res.partner"
    _inherit = "res.partner"

    _phone_sanitized_trgm_idx = models.Index(_phone_trigrams)
    # Whatever Odoo looks a contact up by when somebody types into a field: one column
    # without an index, empty or not, and all contacts are read. (The company registry
    # has one already.)
    _complete_name_trgm_idx = models.Index(_trigrams("complete_name"))
    _email_trgm_idx = models.Index(_trigrams("email"))
    _ref_trgm_idx = models.Index(_trigrams("ref"))
    _vat_trgm_idx = models.Index(_trigrams("vat"))
    # Users are found by their contact's name.
    _name_trgm_idx = models.Index(_trigrams("name"))
    _city_trgm_idx = models.Index(_trigrams("city"))

    # The filters of the contact lists, in their order; few contacts are any of these.
    _role_idx = models.Index(
        "(complete_name, id DESC, constituent_role) WHERE constituent_role != 'resident'"
    )
    _language_needed_idx = models.Index("(complete_name) WHERE language_needed IS NOT NULL")
    _accessibility_needs_idx = models.Index("(complete_name) WHERE accessibility_needs IS NOT NULL")
    _protected_address_idx = models.Index("(complete_name) WHERE protected_address IS TRUE")
    _deceased_idx = models.Index("(complete_name) WHERE deceased IS TRUE")
    _do_not_contact_idx = models.Index("(complete_name) WHERE contact_preference = 'none'")
    _archived_idx = models.Index("(complete_name) WHERE active IS NOT TRUE")

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
