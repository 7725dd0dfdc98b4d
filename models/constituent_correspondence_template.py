import pytz

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Command
from odoo.tools import email_normalize

from ..tools.letter_template import clause_codes, expand_clauses
from ..tools.text import html_to_text
from .constituent_letter_version import is_english

# How a letter began: written once, when it is made.
ORIGIN = frozenset({"template_id", "template_version_id", "wanted_lang"})


class ConstituentCorrespondence(models.Model):
    """What a letter began from, and the clauses in it."""

    _name = "constituent.correspondence"
    _inherit = "constituent.correspondence"

    template_id = fields.Many2one(
        "constituent.letter.template",
        string="Begun From",
        readonly=True,
        index="btree_not_null",
        ondelete="restrict",
    )
    template_version_id = fields.Many2one(
        "constituent.letter.version",
        string="Template's Version",
        readonly=True,
        index="btree_not_null",
        ondelete="restrict",
    )
    template_gaps = fields.Text(
        string="Empty Placeholders",
        readonly=True,
        copy=False,
        help="What the template found nothing for when the letter was begun, one a line.",
    )
    wanted_lang = fields.Char(
        string="Language Wanted",
        readonly=True,
        help="The language the template has no translation for: the letter is in English.",
    )
    clause_use_ids = fields.One2many(
        "constituent.letter.clause.use", "correspondence_id", string="Clauses", copy=True
    )
    clause_trouble = fields.Text(
        compute="_compute_clause_trouble", string="Clauses to Look At", compute_sudo=False
    )
    body_english = fields.Html(
        string="English Text",
        sanitize="email_outgoing",
        help="Beside a letter in another language, for who approves and signs it. Not printed.",
    )
    body_beside = fields.Html(string="Text as Written", compute="_compute_body_beside")
    is_foreign = fields.Boolean(compute="_compute_is_foreign")
    is_english_missing = fields.Boolean(compute="_compute_is_english_missing")

    @api.depends("clause_use_ids.trouble", "state")
    def _compute_clause_trouble(self):
        for letter in self:
            open_uses = letter.clause_use_ids if not letter.is_sealed else ()
            letter.clause_trouble = "\n".join(use.trouble for use in open_uses if use.trouble)

    @api.depends("body")
    def _compute_body_beside(self):
        for letter in self:
            letter.body_beside = letter.body

    @api.depends("lang")
    def _compute_is_foreign(self):
        for letter in self:
            letter.is_foreign = not is_english(letter.lang)

    @api.depends("lang", "body_english", "direction")
    def _compute_is_english_missing(self):
        """Whoever signs a letter in another language has to be able to read it."""
        for letter in self:
            letter.is_english_missing = (
                letter.direction == "out"
                and bool(letter.lang)
                and not is_english(letter.lang)
                and not html_to_text(letter.body_english)
            )

    @api.constrains("template_id", "template_version_id")
    def _check_template_version(self):
        for letter in self:
            if letter.template_version_id.template_id != letter.template_id:
                raise ValidationError(
                    self.env._("%(letter)s: not a version of its template.", letter=letter.subject)
                )

    # CRUD

    @api.model_create_multi
    def create(self, vals_list):
        """Create; clauses that the text names are put in.

        :raises UserError: a clause that is not there
        """
        vals_list = [self._begin(vals) for vals in vals_list]
        return super().create(vals_list)

    def write(self, vals):
        """Write; clauses that the text names are put in.

        :raises UserError: how the letter began; a clause that is not there
        """
        for name in ORIGIN & vals.keys():
            kept = {self._fields[name].convert_to_write(letter[name], letter) for letter in self}
            if kept - {vals[name] or False}:
                raise UserError(
                    self.env._(
                        "%(fields)s: stays as it was when the letter was begun.",
                        fields=self._field_labels([name]),
                    )
                )
        vals = dict(vals)
        if {"body", "subject"} & vals.keys() and any(self.mapped("template_gaps")):
            # Somebody has been at the text since.
            vals.setdefault("template_gaps", False)
        if not clause_codes(vals.get("body"))[0]:
            return super().write(vals)
        result = True
        for letter in self:
            lang = vals.get("lang", letter.lang)
            result &= super(ConstituentCorrespondence, letter).write(
                letter._with_clauses(vals, lang, letter.company_id)
            )
        return result

    @api.model
    def _begin(self, vals):
        vals = dict(vals)
        template = self.env["constituent.letter.template"].browse(vals.get("template_id"))
        template.check_access("read")
        if template and not vals.get("template_version_id"):
            vals["template_version_id"] = template._current_versions().id
        elif not template:
            # A version is its template's: none without one.
            vals.pop("template_version_id", None)
        if not clause_codes(vals.get("body"))[0]:
            return vals
        company = self.env["res.company"].browse(vals.get("company_id")) or self.env.company
        return self._with_clauses(vals, vals.get("lang") or self.env.lang, company)

    @api.model
    def _with_clauses(self, vals, lang, company):
        """Return values with the clauses' words where the text has their markers.

        :param dict vals: with a text
        :param str lang: of the letter
        :param company: its office
        :raises UserError: a clause that is not there, or not in that language
        """
        codes = list(dict.fromkeys(clause_codes(vals["body"])[0]))
        clauses = self.env["constituent.letter.clause"]._find(codes, company)
        for code in codes:
            if code not in clauses:
                raise UserError(
                    self.env._("There is no clause %(code)s that this office may use.", code=code)
                )
        for code in codes:
            clauses[code]._check_translated(lang)
        uses = [clauses[code]._use_vals(lang) for code in codes]
        texts = dict(zip(codes, (use["text"] for use in uses), strict=True))
        commands = [*(vals.get("clause_use_ids") or []), *map(Command.create, uses)]
        return {
            **vals,
            "body": expand_clauses(vals["body"], texts),
            "clause_use_ids": commands,
        }

    # Before it goes

    def _letter_obstacle(self):
        """Return why a letter cannot go; nor with clauses nobody looked at."""
        return super()._letter_obstacle() or self._clause_obstacle()

    def _blocked_obstacle(self):
        # Its addressee counts, whichever contacts and blocked senders the user may open.
        address = (email_normalize(self.partner_id.sudo().email) or "").lower()
        entry = self.env["constituent.blocked.sender"]._entry(address, self.company_id.id)
        if not entry:
            return ""
        blocked, until, reason = entry
        if until:
            return self.env._(
                "the addressee is blocked until %(date)s (%(blocked)s: %(reason)s). A coordinator "
                "can end that.",
                blocked=blocked,
                date=self._letter_day(until),
                reason=reason,
            )
        return self.env._(
            "the addressee is blocked (%(blocked)s: %(reason)s). A coordinator can end that.",
            blocked=blocked,
            reason=reason,
        )

    def _clause_obstacle(self):
        # Its clauses count, whichever of them who approves or sends it may open.
        trouble = self.sudo().clause_use_ids._trouble_today()
        if not trouble:
            return ""
        return self.env._(
            "%(trouble)s Look at it on the page “Clauses”: take the new words, or say that the "
            "letter keeps its own.",
            trouble=" ".join(trouble),
        )

    def _is_translation_needed(self):
        """Return whether the letter is in English though another language was wanted.

        The template's that it was begun from, or the one its addressee is written to in.
        """
        needed = super()._is_translation_needed()
        if needed or self.direction != "out" or not is_english(self.lang):
            return needed
        # Its addressee counts, whichever contacts and cases the user may open.
        partner_sudo, case_sudo = self.partner_id.sudo(), self.case_id.sudo()
        own = case_sudo.lang if case_sudo.partner_id == partner_sudo else False
        wanted = self.wanted_lang or own or partner_sudo.lang
        return bool(partner_sudo and not is_english(wanted))

    def _letter_local_date(self, moment):
        """Return the day of a moment in the office's time zone."""
        zone = pytz.timezone(self.env["res.company"]._office(self.company_id.id).tz)
        return pytz.utc.localize(moment).astimezone(zone).date()

    # At hand while writing

    def action_insert_clause(self):
        """Return the window to choose a clause in."""
        self.ensure_one()
        if self.is_sealed:
            raise UserError(self.env._("The letter was sent and is sealed."))
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Insert a Clause"),
            "res_model": "constituent.letter.clause.wizard",
            "views": [(False, "form")],
            "target": "new",
            "context": {"default_correspondence_id": self.id},
        }
