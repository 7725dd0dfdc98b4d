from odoo import models
from odoo.fields import Command

from ..tools.letter_template import expand_clauses, fill_body, fill_text
from .constituent_letter_template_render import HTML_WORDS
from .constituent_letter_version import is_english


class ConstituentLetterTemplate(models.Model):
    """Letters to constituents about no case: an announcement, an invitation, thanks."""

    _name = "constituent.letter.template"
    _inherit = "constituent.letter.template"

    def _letter_vals_of(self, partner):
        """Return the values of a letter to a contact, with no case.

        What a template says of the case is empty then: such a letter is not written.

        :param partner: the addressee, whom the user may read
        :return dict: for ``create`` of constituent.correspondence
        :raises UserError: a placeholder fails, and which
        """
        self.ensure_one()
        partner.check_access("read")
        wanted = partner.lang or self.env.lang or "en_US"
        words = self._words()[self.id]
        clauses = self._named_clauses(words, self.env.company)
        ready = is_english(wanted) or self._has_language(words, wanted, clauses)
        lang = wanted if ready else "en_US"
        case = (
            self.env["constituent.case"]
            .with_context(lang=lang)
            .new({"partner_id": partner.id, "company_id": self.env.company.id})
        )
        filled, gaps = self.with_context(lang=lang)._filled_of(case, clauses)
        return {
            **filled,
            **self._contact_vals(partner, lang, wanted, case),
            "template_gaps": "\n".join(gaps),
            "clause_use_ids": [
                Command.create(clause._use_vals(lang)) for clause in clauses.values()
            ],
        }

    def _contact_vals(self, partner, lang, wanted, case):
        """Return the values of a letter that are the addressee's and the template's."""
        company = self.env.company
        return {
            "partner_id": partner.id,
            "department_id": company.constituent_department_id.id,
            "medium": case._letter_medium(partner),
            "lang": lang,
            "template_id": self.id,
            "template_version_id": self._current_versions().id,
            "wanted_lang": lang != wanted and wanted,
        }

    def _filled_of(self, case, clauses):
        """Return the words for a case that is none, and the placeholders that are empty."""
        gaps = {}

        def _value(placeholder):
            value = self._placeholder_value(case, placeholder)
            if not value and not placeholder.default:
                gaps[str(placeholder)] = None
            return str(value or placeholder.default or "")

        lang = self.env.lang
        texts = {code: clause.with_context(lang=lang).body for code, clause in clauses.items()}
        filled = {}
        for name in self._word_fields:
            text = str(self[name] or "")
            if name in HTML_WORDS:
                filled[name] = fill_body(expand_clauses(text, texts), _value)
            else:
                filled[name] = fill_text(text, _value)
        return filled, gaps
