from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools.translate import html_translate

from ..tools.letter_template import CODE, clause_codes, replace_words, words_kept
from ..tools.text import html_to_text
from .constituent_letter_version import ENGLISH, is_english


class ConstituentLetterClause(models.Model):
    """A paragraph that many letters share: reviewed by counsel, looked at again by a date."""

    _name = "constituent.letter.clause"
    _inherit = ["constituent.letter.worded.mixin", "mail.thread", "mail.activity.mixin"]
    _description = "Letter Clause"
    _order = "name, id"
    _rec_names_search = ["code", "name"]
    _word_fields = ("body",)
    _version_field = "clause_id"

    name = fields.Char(required=True, translate=True)
    code = fields.Char(required=True, copy=False, help="Names the clause in a text.")
    body = fields.Html(
        string="Words",
        required=True,
        translate=html_translate,
        sanitize="email_outgoing",
        help="The same in every letter: no placeholders.",
    )
    owner_id = fields.Many2one(
        "res.users",
        domain="[('share', '=', False)]",
        default=lambda self: self.env.uid,
        ondelete="restrict",
        tracking=True,
        help="Who answers for the words.",
    )
    last_review_on = fields.Date(string="Last Legal Review", tracking=True)
    review_by = fields.Date(
        index="btree_not_null",
        tracking=True,
        help="After this day a letter with the clause is looked at before it goes.",
    )
    is_past_review = fields.Boolean(compute="_compute_is_past_review")
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        "res.company", string="Office", index=True, help="All offices when empty."
    )
    marker = fields.Char(compute="_compute_marker", help="Put into a text as its own paragraph.")
    version_ids = fields.One2many("constituent.letter.version", "clause_id", string="Versions")
    use_count = fields.Integer(compute="_compute_use_count", string="Letters")

    _code_uniq = models.UniqueIndex(
        "(code, COALESCE(company_id, 0))", "A clause with this code exists already."
    )

    @api.depends("code")
    def _compute_marker(self):
        for clause in self:
            clause.marker = f"[[clause:{clause.code}]]" if clause.code else False

    @api.depends("review_by")
    def _compute_is_past_review(self):
        today = fields.Date.context_today(self)
        for clause in self:
            clause.is_past_review = bool(clause.review_by and clause.review_by < today)

    @api.depends_context("uid", "allowed_company_ids")
    def _compute_use_count(self):
        uses = self.env["constituent.letter.clause.use"]
        groups = uses._read_group([("clause_id", "in", self.ids)], ["clause_id"], ["__count"])
        counts = dict(groups)
        for clause in self:
            clause.use_count = counts.get(clause, 0)

    @api.constrains("code")
    def _check_code(self):
        for clause in self:
            if not CODE.fullmatch(clause.code):
                raise ValidationError(
                    self.env._(
                        "%(code)s: a code has capital letters, digits, hyphens, dots and "
                        "underscores, 32 at most.",
                        code=clause.code,
                    )
                )

    @api.constrains("body")
    def _check_body(self):
        languages = dict(self.env["res.lang"].get_installed())
        for clause_id, words in self._words().items():
            for lang, texts in words.items():
                body = texts.get("body", "")
                if any(sign in body for sign in ("{{", "}}", "[[", "t-out", "t-if", "t-call")):
                    raise ValidationError(
                        self.env._(
                            "%(clause)s, %(language)s: a clause is the same in every letter. It "
                            "has no placeholders and no other clauses in it.",
                            clause=self.browse(clause_id).display_name,
                            language=languages.get(lang, lang),
                        )
                    )

    def _words_changed(self):
        """Look at the words in every language: translating asks for no constraints."""
        self._check_body()
        return super()._words_changed()

    @api.constrains("code", "active", "company_id")
    def _check_templates(self):
        """Refuse to take a clause away from templates that name it."""
        # Another office's templates need the clause, too.
        templates_sudo = self.env["constituent.letter.template"].sudo()
        templates_sudo.search([("body", "like", "[[")])._check_clauses()

    @api.model_create_multi
    def create(self, vals_list):
        """Create; codes are in capital letters."""
        return super().create([self._clean(vals) for vals in vals_list])

    def write(self, vals):
        """Write; a code that templates name stays.

        :raises UserError: the code, once a template names the clause
        """
        vals = self._clean(vals)
        if "code" in vals:
            for clause in self.filtered(lambda clause: clause.code != vals["code"]):
                clause._refuse_new_code()
        return super().write(vals)

    def _refuse_new_code(self):
        # Whichever office's templates name it.
        templates_sudo = self.env["constituent.letter.template"].sudo()
        for template_sudo in templates_sudo.search([("body", "like", "[[")]):
            if self.code in clause_codes(template_sudo.body)[0]:
                raise UserError(
                    self.env._(
                        "%(template)s names the clause %(code)s: change the template first.",
                        template=template_sudo.display_name,
                        code=self.code,
                    )
                )

    @api.model
    def _clean(self, vals):
        code = (vals.get("code") or "").strip().upper()
        return {**vals, "code": code} if vals.get("code") else vals

    @api.model
    def _find(self, codes, company):
        """Return {code: clause}, the office's own before one of all offices.

        :param codes: in capital letters
        :param company: the office of the letter or template, nothing for all offices
        """
        domain = [("code", "in", list(codes)), ("company_id", "in", [False, *company.ids])]
        clauses = self.search(domain)
        return {clause.code: clause for clause in clauses.sorted(lambda one: bool(one.company_id))}

    def _check_translated(self, lang):
        """Raise when a letter in a language would get English words.

        :param str lang: of the letter
        :raises UserError: names the clause
        """
        for clause in self:
            if not is_english(lang) and not clause._all_translated(
                clause._words()[clause.id], lang
            ):
                raise UserError(
                    self.env._(
                        "“%(clause)s” has no translation into the language of the letter.",
                        clause=clause.name,
                    )
                )

    def _use_vals(self, lang):
        """Return what a letter keeps of a clause that is put into it.

        :param str lang: of the letter
        """
        self.ensure_one()
        version = self._current_versions()
        return {
            "clause_id": self.id,
            "version_id": version.id,
            "lang": lang,
            "text": version._text("body", lang),
        }

    def action_view_letters(self):
        """Return the action that lists the letters with these clauses."""
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "constituent_services.constituent_correspondence_action"
        )
        return {**action, "domain": [("clause_use_ids.clause_id", "in", self.ids)], "context": {}}


class ConstituentLetterClauseUse(models.Model):
    """A clause in a letter: the words as put in, their version, and who looked since.

    Nobody writes or deletes these rows; the letter's own buttons do.
    """

    _name = "constituent.letter.clause.use"
    _description = "Clause in a Letter"
    _order = "id"
    _rec_name = "clause_id"

    correspondence_id = fields.Many2one(
        "constituent.correspondence", required=True, index=True, ondelete="cascade"
    )
    clause_id = fields.Many2one(
        "constituent.letter.clause", required=True, index=True, ondelete="restrict"
    )
    version_id = fields.Many2one(
        "constituent.letter.version", required=True, index=True, ondelete="restrict"
    )
    lang = fields.Char(string="Language")
    text = fields.Html(string="As Put In", sanitize="email_outgoing")
    looked_by_id = fields.Many2one(
        "res.users", string="Looked At By", readonly=True, copy=False, ondelete="restrict"
    )
    looked_at = fields.Datetime(readonly=True, copy=False)
    looked_version_id = fields.Many2one(
        "constituent.letter.version",
        string="Version Looked At",
        readonly=True,
        copy=False,
        ondelete="restrict",
    )
    trouble = fields.Char(compute="_compute_trouble", string="To Look At")
    is_changed = fields.Boolean(compute="_compute_trouble")
    current_text = fields.Html(compute="_compute_trouble", string="Now", sanitize=False)

    @api.depends_context("lang")
    @api.depends(
        "clause_id.version",
        "clause_id.review_by",
        "clause_id.active",
        "version_id",
        "looked_at",
        "looked_version_id",
        "lang",
    )
    def _compute_trouble(self):
        for use in self:
            current, changed = use._current_words()
            use.trouble = use._why_look(current, changed)
            use.is_changed = changed
            use.current_text = current._text("body", use.lang or ENGLISH) if changed else False

    @api.constrains("version_id", "clause_id")
    def _check_version(self):
        for use in self:
            if use.version_id.clause_id != use.clause_id:
                raise ValidationError(
                    self.env._("%(clause)s: not a version of it.", clause=use.clause_id.name)
                )

    @api.model_create_multi
    def create(self, vals_list):
        """Create; nobody has looked yet.

        :raises UserError: the letter was sent
        """
        looked = dict.fromkeys(("looked_by_id", "looked_at", "looked_version_id"), False)
        uses = super().create([{**vals, **looked} for vals in vals_list])
        letters = uses.correspondence_id
        if letters.filtered("is_sealed"):
            raise UserError(self.env._("A letter that was sent gets no further clauses."))
        if not self.env.su:
            letters.check_access("write")
        return uses

    def _current_words(self):
        """Return the clause's version of today, and whether its words differ from those used."""
        self.ensure_one()
        # The letter's clauses count, whichever the reader may open.
        use_sudo = self.sudo()
        current_sudo = use_sudo.clause_id._current_versions()
        lang = use_sudo.lang or ENGLISH
        before, now = (
            version._text("body", lang) for version in (use_sudo.version_id, current_sudo)
        )
        return current_sudo, before != now

    def _trouble_today(self):
        """Return why clauses must be looked at, as of now: what was computed may be old."""
        return [why for why in (use._why_look(*use._current_words()) for use in self) if why]

    def _why_look(self, current, changed):
        """Return why the clause must be looked at before the letter goes, or nothing.

        :param current: the clause's version of today
        :param bool changed: whether it says something else than the letter
        """
        # As above.
        clause_sudo, letter_sudo = self.clause_id.sudo(), self.correspondence_id.sudo()
        looked_on = self.looked_at and letter_sudo._letter_local_date(self.looked_at)
        name = clause_sudo.name
        if changed and self.looked_version_id != current:
            return self.env._("“%(clause)s” was changed since it was put in.", clause=name)
        limit = clause_sudo.review_by
        if (
            limit
            and limit < letter_sudo._approval_today()
            and not (looked_on and looked_on > limit)
        ):
            return self.env._(
                "“%(clause)s” was to be reviewed by %(date)s.",
                clause=name,
                date=letter_sudo._letter_day(limit),
            )
        if not clause_sudo.active and not looked_on:
            return self.env._("“%(clause)s” is not used any more.", clause=name)
        return ""

    def action_looked_at(self):
        """Keep that somebody who may send has looked at the clauses as they are now.

        :raises AccessError: a clerk, or the letter is not the user's to write
        :raises UserError: the letter was sent
        """
        letters = self._open_letters()
        letters._check_may_send()
        for use in self:
            current, _changed = use._current_words()
            # Rows are nobody's to write; who may send the letter may say this.
            use.sudo().write(
                {
                    "looked_by_id": self.env.uid,
                    "looked_at": fields.Datetime.now(),
                    "looked_version_id": current.id,
                }
            )
            use.correspondence_id.message_post(
                body=self.env._(
                    "Looked at the clause “%(clause)s”, version %(number)s: the letter keeps "
                    "its words.",
                    clause=use._clause_name(),
                    number=current.number,
                ),
                subtype_xmlid="mail.mt_note",
            )

    def action_take_new(self):
        """Put the clause's words of today into the letter, in the place of the old ones.

        :raises UserError: the old words are not in the letter as they were put in
        """
        self._open_letters()
        for use in self:
            letter = use.correspondence_id
            current, _changed = use._current_words()
            # The letter's clauses count, whichever the writer may open.
            use.clause_id.sudo()._check_translated(use.lang)
            new = current._text("body", use.lang or ENGLISH)
            body = replace_words(letter.body, use.text, new)
            if not body:
                raise UserError(
                    self.env._(
                        "The words of “%(clause)s” were changed in this letter: change its text "
                        "by hand, then press “Looked At”.",
                        clause=use._clause_name(),
                    )
                )
            vals = {"body": body}
            # Nobody writes the rows; the letter itself is written with the user's rights.
            use_sudo = use.sudo()
            english = replace_words(
                letter.body_english,
                use_sudo.version_id._text("body", ENGLISH),
                current._text("body", ENGLISH),
            )
            if english:
                vals["body_english"] = english
            letter.write(vals)
            use_sudo.write({"version_id": current.id, "text": new})

    def action_remove(self):
        """Forget clauses whose words somebody took out of the letter.

        :raises UserError: the words are still there, or most of them
        """
        self._open_letters()
        for use in self:
            if html_to_text(use.text) and words_kept(use.correspondence_id.body, use.text) > 0.5:
                raise UserError(
                    self.env._(
                        "The words of “%(clause)s” are still in the letter: take them out first.",
                        clause=use._clause_name(),
                    )
                )
        # Rows are nobody's to delete; the letter is the user's to write, and not sent.
        self.sudo().unlink()

    def _clause_name(self):
        # Named in the letter's messages for whoever may read the letter.
        return self.clause_id.sudo().name

    def _open_letters(self):
        """Return the letters, which the user may write and which were not sent."""
        letters = self.correspondence_id
        letters.check_access("write")
        if letters.filtered("is_sealed"):
            raise UserError(self.env._("The letter was sent and is sealed."))
        return letters
