from odoo import api, models

from .constituent_words_mixin import words_by_slice


class ConstituentCorrespondence(models.Model):
    """Finding and counting letters among hundreds of thousands."""

    _name = "constituent.correspondence"
    _inherit = ["constituent.correspondence", "constituent.words.mixin"]
    _word_indexes = {
        "constituent_correspondence_words_idx": {2, 3},
        "constituent_correspondence__printed_name_index": {1},
    }
    _sliced_fields = frozenset({"subject", "reference"})
    # A caseworker's four looks into lists of people: it expects half to pass each.
    _words_before_rules = True

    # What is looked for in one of them is looked for in the other: it needs one index of both.
    _words_idx = models.Index(words_by_slice("subject", "reference"))

    @api.model
    def search_count(self, domain, limit=None):
        """Count; see Odoo. Up to a limit they are counted as a page of them is read.

        In an order PostgreSQL looks up the case of one letter after the other until there
        are enough; without one it reads all cases first: 37 ms in place of 128 for a
        caseworker's thousand of 180,000 letters.
        """
        if not limit:
            return super().search_count(domain)
        return len(
            self._find_newest_first(
                domain,
                limit,
                lambda part: range(len(self._search(part, limit=limit, order="id DESC"))),
            )
        )
