import json

from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from ..tools.letter import sha256
from ..tools.letter_template import is_untranslated

ENGLISH = "en_US"
# Written by the steps of this file alone.
BOOKKEEPING = frozenset({"version", "words_sha256"})


def is_english(lang):
    """Return whether a language's code is one of English."""
    return (lang or ENGLISH).split("_")[0] == "en"


class ConstituentLetterWordedMixin(models.AbstractModel):
    """Words that letters are made of: every change of them is kept as a version.

    The words are compared with the latest version whenever they are changed and whenever
    they are used, so that a version is there whichever way they were changed: a form, a
    translation, an import of translations, the database.
    """

    _name = "constituent.letter.worded.mixin"
    _description = "Words With Versions"

    #: Translated fields that hold the words.
    _word_fields = ()
    #: The field of a version that names the record.
    _version_field = None

    version = fields.Integer(
        readonly=True, copy=False, help="Grows with every change of the words, in any language."
    )
    words_sha256 = fields.Char(readonly=True, copy=False)

    @api.model_create_multi
    def create(self, vals_list):
        """Create; the words are kept as the first version."""
        self._refuse_bookkeeping(vals_list)
        records = super().create(vals_list)
        records._current_versions()
        return records

    def write(self, vals):
        """Write; words that changed are kept as another version."""
        self._refuse_bookkeeping([vals])
        result = super().write(vals)
        if set(self._word_fields) & vals.keys():
            self._words_changed()
        return result

    def _update_field_translations(self, field_name, translations, digest=None, source_lang=""):
        result = super()._update_field_translations(
            field_name, translations, digest=digest, source_lang=source_lang
        )
        if field_name in self._word_fields:
            self._words_changed()
        return result

    def _words_changed(self):
        """Look at words that were just written; extended where they follow rules."""
        self._current_versions()

    @api.model
    def _refuse_bookkeeping(self, vals_list):
        if any(BOOKKEEPING & vals.keys() for vals in vals_list):
            raise UserError(self.env._("The version is counted, not typed."))

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        """Versions are kept, and name what they are versions of."""
        raise UserError(
            self.env._("Archive it instead: its versions are kept for the letters that used them.")
        )

    def _words(self):
        """Return the words as stored, in every language: {id: {language: {field: words}}}."""
        self.flush_recordset(self._word_fields)
        columns = SQL(", ").join(map(SQL.identifier, self._word_fields))
        rows = self.env.execute_query(
            SQL(
                "SELECT id, %s FROM %s WHERE id IN %s",
                columns,
                SQL.identifier(self._table),
                tuple(self.ids) or (0,),
            )
        )
        words = {}
        for record_id, *values in rows:
            of_record = words.setdefault(record_id, {ENGLISH: {}})
            for name, by_lang in zip(self._word_fields, values, strict=True):
                for lang, text in (by_lang or {}).items():
                    # Proposals of the translator's page, not used by anything yet.
                    if text and not lang.startswith("_"):
                        of_record.setdefault(lang, {})[name] = text
        return words

    def _current_versions(self):
        """Return the versions of the words as they are now, made where they are new.

        :return: constituent.letter.version, with superuser rights, one for each record
        """
        # Versions are nobody's to write: they follow from the words.
        self_sudo = self.sudo()
        versions_sudo = self_sudo.env["constituent.letter.version"]
        for record_id, words in self._words().items():
            record_sudo = self_sudo.browse(record_id)
            digest = sha256(json.dumps(words, sort_keys=True).encode())
            if digest != record_sudo.words_sha256:
                number = record_sudo.version + 1
                record_sudo._keep_book(version=number, words_sha256=digest)
                # Before the version: who changes the words meanwhile has to try again.
                record_sudo.flush_recordset(BOOKKEEPING)
                versions_sudo |= versions_sudo.create(
                    {self._version_field: record_id, "number": number, "texts": words}
                )
            else:
                versions_sudo |= versions_sudo.search(
                    [
                        (self._version_field, "=", record_id),
                        ("number", "=", record_sudo.version),
                    ]
                )
        return versions_sudo

    def _all_translated(self, words, lang):
        """Return whether every sentence of the words has a translation.

        :param dict words: of this record, as ``_words`` gives them
        :param str lang: not English
        """
        english, other = words[ENGLISH], words.get(lang, {})
        return not any(
            self._is_untranslated(name, text, other.get(name)) for name, text in english.items()
        )

    def _is_untranslated(self, name, english, other):
        field = self._fields[name]
        terms = field.get_trans_terms(english)
        others = field.get_trans_terms(other) if other else terms
        if len(terms) != len(others):
            return True
        return any(map(is_untranslated, terms, others))

    def _keep_book(self, **vals):
        # pylint: disable-next=super-method-mismatch
        return super().write(vals)


class ConstituentLetterVersion(models.Model):
    """The words of a template or clause as they once were. Nobody changes or deletes them."""

    _name = "constituent.letter.version"
    _inherit = ["constituent.sealed.mixin"]
    _description = "Version of Letter Words"
    _order = "id desc"
    _seal_columns = ("template_id", "clause_id", "number", "texts")

    template_id = fields.Many2one("constituent.letter.template", ondelete="restrict")
    clause_id = fields.Many2one("constituent.letter.clause", ondelete="restrict")
    number = fields.Integer(string="Version", required=True)
    texts = fields.Json(required=True, help="Language → field → words.")
    words = fields.Html(compute="_compute_words", sanitize=False)
    letter_count = fields.Integer(compute="_compute_letter_count", string="Letters")

    _of_one_thing = models.Constraint(
        "CHECK(num_nonnulls(template_id, clause_id) = 1)",
        "A version is of a template or of a clause.",
    )
    _template_uniq = models.UniqueIndex("(template_id, number) WHERE template_id IS NOT NULL")
    _clause_uniq = models.UniqueIndex("(clause_id, number) WHERE clause_id IS NOT NULL")

    @api.depends("number")
    def _compute_display_name(self):
        for version in self:
            version.display_name = self.env._("Version %(number)s", number=version.number)

    @api.depends("texts")
    def _compute_words(self):
        """Show all the words, one language after the other."""
        names = dict(self.env["res.lang"].get_installed())
        for version in self:
            version.words = Markup().join(
                Markup("<h5>%s</h5><p><b>%s</b></p>%s<p>%s</p><p>%s</p>")
                % (
                    names.get(lang, lang),
                    words.get("subject", ""),
                    # Cleaned when it was written, by the field it comes from.
                    Markup(words.get("body", "")),
                    words.get("delivery_notation", ""),
                    words.get("enclosures", ""),
                )
                for lang, words in (version.texts or {}).items()
            )

    @api.depends_context("uid", "allowed_company_ids")
    def _compute_letter_count(self):
        letters, uses = (
            self.env["constituent.correspondence"],
            self.env["constituent.letter.clause.use"],
        )
        began = dict(
            letters._read_group(
                [("template_version_id", "in", self.ids)], ["template_version_id"], ["__count"]
            )
        )
        used = dict(uses._read_group([("version_id", "in", self.ids)], ["version_id"], ["__count"]))
        for version in self:
            version.letter_count = began.get(version, 0) + used.get(version, 0)

    def action_view_letters(self):
        """Return the action that lists the letters that began from, or contain, these words."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "constituent_services.constituent_correspondence_action"
        )
        domain = ["|", ("template_version_id", "=", self.id)]
        return {
            **action,
            "domain": [*domain, ("clause_use_ids.version_id", "=", self.id)],
            "context": {},
        }

    def _text(self, name, lang):
        """Return words of a version in a language, or in English where they were not there.

        :param str name: the field that held them
        :param str lang: code of a language
        """
        self.ensure_one()
        texts = self.texts or {}
        return texts.get(lang, {}).get(name) or texts.get(ENGLISH, {}).get(name) or ""
