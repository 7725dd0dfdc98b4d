from functools import lru_cache, reduce

import psycopg2

from odoo import models
from odoo.exceptions import UserError
from odoo.fields import Command

from ..tools.letter_template import (
    body_placeholders,
    clause_codes,
    expand_clauses,
    find_problem,
    text_placeholders,
    to_qweb,
)
from .constituent_case_placeholder import ALLOWED, PLACEHOLDERS
from .constituent_letter_template import HTML_WORDS
from .constituent_letter_version import ENGLISH, is_english


@lru_cache(maxsize=512)
def _problem(text, is_html):
    return find_problem(text, ALLOWED, is_html)


class ConstituentLetterTemplate(models.Model):
    """How a template becomes a letter: with the user's own rights, and never with code."""

    _name = "constituent.letter.template"
    _inherit = "constituent.letter.template"

    def _letter_vals(self, case, lang=None):
        """Return the values of a letter about a case, begun from this template.

        :param case: constituent.case that the user may read
        :param str lang: language wanted; the constituent's when not given. A template
            without a translation gives an English letter that says so
        :return dict: for ``create`` of constituent.correspondence
        :raises UserError: a placeholder fails, and which; nothing is made then
        """
        self.ensure_one()
        case.ensure_one()
        wanted = lang or case._letter_lang()
        words = self._words()[self.id]
        clauses = self._named_clauses(words, case.company_id)
        ready = is_english(wanted) or self._has_language(words, wanted, clauses)
        lang = wanted if ready else ENGLISH
        vals = {
            **case._letter_defaults(lang),
            **self._filled(case, lang, clauses),
            "template_id": self.id,
            "template_version_id": self._current_versions().id,
            "wanted_lang": lang != wanted and wanted,
            "template_gaps": "\n".join(self._empty_placeholders(case, lang, defaults=False)),
            "clause_use_ids": [
                Command.create(clause._use_vals(lang)) for clause in clauses.values()
            ],
        }
        if not is_english(lang):
            vals["body_english"] = self._filled(case, ENGLISH, clauses)["body"]
        return vals

    def _empty_placeholders(self, case, lang=None, defaults=True):
        """Return the placeholders that are empty for a case, in order, each once.

        :param case: constituent.case that the user may read
        :param str lang: language of the letter; the constituent's when not given
        :param bool defaults: also those for which the template has other words
        :return list[str]: such as "Place of the Matter ({{ object.letter_place }})"
        :raises UserError: a placeholder fails, and which
        """
        self.ensure_one()
        lang = lang or case._letter_lang()
        template, case = self.with_context(lang=lang), case.with_context(lang=lang)
        labels = self._placeholder_labels()
        found = {}
        for name in self._word_fields:
            for placeholder in template._placeholders_of(name):
                if placeholder.default and not defaults:
                    continue
                if not self._placeholder_value(case, placeholder):
                    label = labels.get(placeholder.expression, placeholder.expression)
                    found[f"{label} ({placeholder})"] = None
        return list(found)

    def _placeholders_of(self, name):
        text = self[name] or ""
        return body_placeholders(str(text)) if name in HTML_WORDS else text_placeholders(text)

    def _placeholder_labels(self):
        """Return {expression: what it is} of the placeholders, in the reader's language."""
        labels = self.env["constituent.case"].fields_get(PLACEHOLDERS, ["string"])
        return {f"object.{name}": labels[name]["string"] for name in PLACEHOLDERS}

    def _placeholder_value(self, case, placeholder):
        """Return what a placeholder is for a case.

        :raises UserError: it cannot be read; names it
        """
        try:
            return reduce(lambda rec, name: rec[name], placeholder.expression.split(".")[1:], case)
        except psycopg2.Error:
            # Of the database, not of the placeholder: Odoo tries again.
            raise
        except Exception as error:
            raise UserError(
                self.env._(
                    "%(template)s: %(placeholder)s cannot be filled for %(case)s: %(reason)s",
                    template=self.name,
                    placeholder=str(placeholder),
                    case=case.number,
                    reason=error,
                )
            ) from error

    # Rendering

    def _filled(self, case, lang, clauses):
        """Return the template's words, filled from a case in a language.

        :param dict clauses: code → clause, as ``_named_clauses`` gives them
        :return dict: field of the letter → words
        :raises UserError: words that are code or fail; names the placeholder
        """
        template, case = self.with_context(lang=lang), case.with_context(lang=lang)
        filled = {}
        for name in self._word_fields:
            text = str(template[name] or "")
            # Whoever put them there, and however: no code is run, not even an administrator's.
            if _problem(text, name in HTML_WORDS):
                raise UserError(
                    self.env._(
                        "%(template)s: %(reason)s",
                        template=self.name,
                        reason=self._word_problem(name, text),
                    )
                )
            for placeholder in template._placeholders_of(name):
                self._placeholder_value(case, placeholder)
            if name in HTML_WORDS:
                filled[name] = template._render_body(text, case, clauses)
            else:
                filled[name] = template._render_template_inline_template_regex(
                    text, case._name, case.ids
                )[case.id]
        filled["subject"] = " ".join(filled["subject"].split())
        return filled

    def _render_body(self, body, case, clauses):
        """Return the text of the letter: clauses put in, placeholders filled by Odoo."""
        texts = {
            code: clause.with_context(lang=self.env.lang).body for code, clause in clauses.items()
        }
        # Clauses first: what a constituent wrote never becomes one.
        source = to_qweb(expand_clauses(body, texts))
        # The renderer's static mode: it fills in fields and nothing else, and compiles
        # nothing for every letter.
        return self._render_template_qweb_regex(source, case._name, case.ids)[case.id]

    def _named_clauses(self, words, company):
        """Return {code: clause} of the clauses in the text, whichever language names them.

        :param dict words: of this template, as ``_words`` gives them
        :param company: the office of the letter
        :raises UserError: a clause that is not there any more
        """
        codes = dict.fromkeys(
            code for texts in words.values() for code in clause_codes(texts.get("body"))[0]
        )
        if not codes:
            return {}
        found = self.env["constituent.letter.clause"]._find(codes, company)
        missing = [code for code in codes if code not in found]
        if missing:
            raise UserError(
                self.env._(
                    "%(template)s: there is no clause %(code)s that this office may use.",
                    template=self.name,
                    code=missing[0],
                )
            )
        return {code: found[code] for code in codes}

    # Languages

    def _has_language(self, words, lang, clauses):
        """Return whether all the words, and the clauses among them, are in a language.

        :param dict words: of this template, as ``_words`` gives them
        :param str lang: not English
        :param dict clauses: code → clause
        """
        if not self._all_translated(words, lang):
            return False
        return all(
            clause._all_translated(clause._words()[clause.id], lang) for clause in clauses.values()
        )
