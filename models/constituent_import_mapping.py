import re
from zoneinfo import ZoneInfo

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError

from odoo.addons.base.models.res_partner import _tz_get

from ..tools.import_cells import DATE_STYLES
from ..tools.import_plan import TARGETS, Plan, PlanLine, split_translations
from ..tools.table_file import TableFormat
from ..tools.text import fold
from .constituent_case import CASE_KINDS

CASE_TARGET_LABELS = [
    ("external_ref", "Key in the Other System"),
    ("name", "Subject"),
    ("description", "Description"),
    ("kind", "Kind"),
    ("category", "Category"),
    ("department", "Department (Code or Name)"),
    ("department_name", "Name of a New Department"),
    ("user", "Assigned To"),
    ("channel", "Channel"),
    ("received_at", "Received"),
    ("status", "Status or Stage"),
    ("closed_at", "Closed At"),
    ("due_at", "Due"),
    ("outcome", "Outcome"),
    ("outcome_note", "Outcome Note"),
    ("priority", "Priority"),
    ("confidentiality", "Confidentiality"),
    ("tags", "Tags"),
    ("partner_name", "Constituent's Name"),
    ("partner_email", "Constituent's Email"),
    ("partner_phone", "Constituent's Telephone"),
    ("identity", "Identity"),
    ("lang", "Language"),
    ("referrer", "Brought By"),
    ("street", "Street of the Matter"),
    ("city", "City of the Matter"),
    ("zip", "ZIP of the Matter"),
    ("location_note", "Where Exactly"),
    ("latitude", "Latitude"),
    ("longitude", "Longitude"),
]
CONTACT_TARGET_LABELS = [
    ("external_ref", "Key in the Other System"),
    ("name", "Name"),
    ("is_company", "Is an Organization"),
    ("parent", "Organization (Name or Key)"),
    ("constituent_role", "Role"),
    ("honorific", "Honorific"),
    ("function", "Job or Title"),
    ("email", "Email"),
    ("phone", "Telephone"),
    ("street", "Street"),
    ("street2", "Second Line of the Street"),
    ("city", "City"),
    ("state", "State"),
    ("zip", "ZIP"),
    ("country", "Country"),
    ("lang", "Language"),
    ("contact_preference", "Preferred Contact"),
    ("language_needed", "Language or Interpreter Needed"),
    ("accessibility_needs", "Accessibility Needs"),
    ("protected_address", "Address Is Protected"),
    ("deceased", "Deceased"),
    ("website", "Web Site"),
    ("comment", "Notes"),
]
# Without these a mapping makes nothing anybody could use.
NEEDED_TARGETS = {"case": {"received_at"}, "contact": {"name"}}
CHOICE_MODELS = {"case": "constituent.case", "contact": "res.partner"}


class ConstituentImportMapping(models.Model):
    """What the columns of another system's files become here, kept for the next time."""

    _name = "constituent.import.mapping"
    _description = "Import Mapping"
    _order = "name, id"

    name = fields.Char(required=True, translate=True)
    code = fields.Char(
        required=True, copy=False, help="How scripts name the mapping: letters, digits, hyphens."
    )
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        "res.company",
        string="Office",
        index=True,
        default=lambda self: self.env.company,
        help="Every office may use it when empty.",
    )
    kind = fields.Selection(
        [("case", "Service Requests (Cases)"), ("contact", "Contacts")],
        string="Makes",
        required=True,
        default="case",
    )
    external_source = fields.Char(
        string="Source",
        required=True,
        help="Name of the other system. A key of the source is imported once, however often "
        "its row comes.",
    )
    encoding = fields.Selection(
        [
            ("utf-8", "UTF-8"),
            ("cp1252", "Windows-1252 (Western Europe)"),
            ("latin-1", "ISO 8859-1 (Latin 1)"),
            ("utf-16", "UTF-16 (“Unicode Text”)"),
        ],
        required=True,
        default="utf-8",
    )
    delimiter = fields.Selection(
        [
            ("comma", "Comma ,"),
            ("semicolon", "Semicolon ;"),
            ("tab", "Tab"),
            ("pipe", "Vertical bar |"),
        ],
        string="Cells Separated By",
        required=True,
        default="comma",
    )
    date_style = fields.Selection(
        [
            ("mdy", "02/28/2023 11:45 PM (month first)"),
            ("dmy", "28/02/2023 23:45 (day first)"),
            ("dotted", "28.02.2023 23:45"),
            ("iso", "2023-02-28 23:45 (ISO 8601)"),
        ],
        string="Dates Look Like",
        required=True,
        default="mdy",
    )
    tz = fields.Selection(
        _tz_get,
        string="Time Zone of the File",
        help="Whose clock the times in the file are of; the office's when empty.",
    )
    empty_words = fields.Char(
        string="Words That Mean Nothing",
        default="N/A, NULL",
        help="Cells with one of these words, separated by commas, are read as empty.",
    )
    create_missing = fields.Boolean(
        string="Make Missing Departments and Categories",
        help="Only a manager can switch this on: imports then add to the office's masters.",
    )
    channel_id = fields.Many2one(
        "constituent.channel",
        string="Channel If None Is Known",
        ondelete="restrict",
        default=lambda self: self.env.ref(
            "constituent_services.channel_import", raise_if_not_found=False
        ),
    )
    case_kind = fields.Selection(
        CASE_KINDS,
        string="Kind If None Is Given",
        required=True,
        default="request",
        help="Where no column says what kind of case a row is, it is of this kind.",
    )
    line_ids = fields.One2many("constituent.import.mapping.line", "mapping_id", copy=True)
    note = fields.Text(help="What whoever imports should know of this source.")

    _code_uniq = models.UniqueIndex(
        "(lower(code), COALESCE(company_id, 0))", "Another mapping already has this code."
    )

    # Constraints

    @api.constrains("code")
    def _check_code(self):
        for mapping in self:
            if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_-]*", mapping.code):
                raise ValidationError(
                    self.env._(
                        "The code “%(code)s” may have letters, digits, hyphens and underscores.",
                        code=mapping.code,
                    )
                )

    @api.constrains("kind", "line_ids")
    def _check_line_ids(self):
        for mapping in self:
            missing = NEEDED_TARGETS[mapping.kind] - set(mapping.line_ids.mapped("target"))
            labels = dict(CASE_TARGET_LABELS if mapping.kind == "case" else CONTACT_TARGET_LABELS)
            if missing and mapping.line_ids:
                raise ValidationError(
                    self.env._(
                        "The mapping “%(mapping)s” needs a column for: %(targets)s.",
                        mapping=mapping.name,
                        targets=", ".join(labels[target] for target in sorted(missing)),
                    )
                )

    # CRUD

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._check_create_missing(vals)
        return super().create(vals_list)

    def write(self, vals):
        self._check_create_missing(vals)
        self._check_not_in_use()
        return super().write(vals)

    def copy_data(self, default=None):
        vals_list = super().copy_data(default)
        for mapping, vals in zip(self, vals_list, strict=True):
            vals["name"] = self.env._("%(name)s (copy)", name=mapping.name)
            vals["code"] = f"{mapping.code}-{self.search_count([]) + 1}"
            if not self.env.user.has_group("constituent_services.group_manager"):
                vals["create_missing"] = False
        return vals_list

    def _check_create_missing(self, vals):
        """Let managers alone decide that imports make departments and categories.

        :raises AccessError: somebody else
        """
        if not vals.get("create_missing") or self.env.su:
            return
        if not self.env.user.has_group("constituent_services.group_manager"):
            raise AccessError(
                self.env._(
                    "Only a manager can let an import make departments and categories that "
                    "are missing."
                )
            )

    def _check_not_in_use(self):
        """Refuse to change what an import is working with.

        :raises UserError: an import under way
        """
        # Whose import it is does not matter, nor whether the user may see it.
        busy_sudo = self.env["constituent.import"].sudo()._search_busy(self)
        if busy_sudo:
            raise UserError(
                self.env._(
                    "“%(file)s” is being imported with this mapping. Wait for its end, or stop it.",
                    file=busy_sudo[0].name,
                )
            )

    # For imports

    @api.model
    def _by_code(self, code):
        """Return the mapping of a code, the present office's own before a shared one.

        :raises UserError: there is none
        """
        mapping = self.search(
            [("code", "=ilike", code), ("company_id", "in", (self.env.company.id, False))],
            order="company_id",
            limit=1,
        )
        if not mapping:
            raise UserError(self.env._("There is no import mapping “%(code)s”.", code=code))
        return mapping

    def _table_format(self):
        """Return how the files of this mapping are written down."""
        self.ensure_one()
        return TableFormat(self.encoding, self.delimiter)

    def _plan(self, company):
        """Return the mapping worked out for a whole file.

        :param company: the office that imports
        :return Plan: see ``tools/import_plan.py``
        """
        self.ensure_one()
        zone = self.tz or self.env["res.company"]._office(company.id).tz
        return Plan(
            self.kind,
            tuple(line._plan_line() for line in self.line_ids),
            ZoneInfo(zone),
            DATE_STYLES[self.date_style],
            frozenset(word.strip().casefold() for word in (self.empty_words or "").split(",")),
            {
                target: self._choices(target)
                for target, kind in TARGETS[self.kind].items()
                if kind == "choice"
            },
        )

    @api.model
    def _choices(self, target, kind=None):
        """Return what words a column of a fixed list may have.

        :param str target: key of the target
        :param str kind: "case" or "contact", the mapping's own when not given
        :return dict: folded word → key; for the status (status, stage id)
        """
        if target == "status":
            return self._stage_choices()
        model = self.env[CHOICE_MODELS[kind or self.kind]]
        choices = {}
        for lang in ("en_US", self.env.lang or "en_US"):
            field = model.with_context(lang=lang)._fields[target]
            for key, label in field._description_selection(self.with_context(lang=lang).env):
                choices[fold(label)] = choices[fold(key)] = key
        if target == "lang":
            choices.update({key.split("_")[0]: key for key in reversed(choices.values())})
        return choices

    @api.model
    def _stage_choices(self):
        """Return {folded name of a status or stage: (status, stage id)}."""
        # The stages are configuration that every role may know.
        stages_sudo = self.env["constituent.case.stage"].sudo()
        found = stages_sudo.search([("company_id", "in", (False, self.env.company.id))])
        choices = {}
        for stage in reversed(found):
            choices[fold(stage.status)] = (stage.status, stage.id)
        for lang in ("en_US", self.env.lang or "en_US"):
            for stage in found.with_context(lang=lang):
                choices[fold(stage.name)] = (stage.status, stage.id)
        return choices

    def action_imports(self):
        """Open the imports made with this mapping.

        :return dict: a window action
        """
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "constituent_services.constituent_import_action"
        )
        action.update(domain=[("mapping_id", "=", self.id)], context={})
        return action


class ConstituentImportMappingLine(models.Model):
    """What one column of the file becomes."""

    _name = "constituent.import.mapping.line"
    _description = "Column of an Import Mapping"
    _order = "sequence, id"
    _rec_name = "column"

    mapping_id = fields.Many2one(
        "constituent.import.mapping", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="mapping_id.company_id", store=True, index=True)
    sequence = fields.Integer(default=10)
    column = fields.Char(string="Column in the File", required=True)
    case_target = fields.Selection(CASE_TARGET_LABELS, string="Becomes")
    contact_target = fields.Selection(CONTACT_TARGET_LABELS, string="Becomes (Contact)")
    target = fields.Char(compute="_compute_target")
    label = fields.Char(
        help="Put before the text where several columns make one value: “Location:”.",
    )
    translations = fields.Text(
        help="A line for each word of the file: word in the file = word here. "
        "Nothing behind the sign means that the word says nothing.",
    )
    required = fields.Boolean(help="A row without it is refused.")

    @api.depends("case_target", "contact_target", "mapping_id.kind")
    def _compute_target(self):
        for line in self:
            is_case = line.mapping_id.kind == "case"
            line.target = line.case_target if is_case else line.contact_target

    @api.constrains("column", "case_target", "contact_target", "translations")
    def _check_target(self):
        for line in self:
            if not line.target:
                raise ValidationError(
                    self.env._("Say what the column “%(column)s” becomes.", column=line.column)
                )
            line._check_translations()

    def _check_translations(self):
        """Refuse translations that could never be understood.

        :raises ValidationError: a line without "=", or a word that is not on the list
        """
        try:
            translations = split_translations(self.translations)
        except ValueError as error:
            raise ValidationError(
                self.env._(
                    "Column “%(column)s”: “%(line)s” should read “word in the file = word here”.",
                    column=self.column,
                    line=error.args[0],
                )
            ) from error
        kind = self.mapping_id.kind
        if TARGETS[kind][self.target] != "choice":
            return
        choices = self.mapping_id._choices(self.target)
        unknown = [word for word in translations.values() if word and fold(word) not in choices]
        if unknown:
            raise ValidationError(
                self.env._(
                    "Column “%(column)s”: “%(word)s” is not one of %(choices)s.",
                    column=self.column,
                    word=unknown[0],
                    choices=", ".join(sorted(choices)),
                )
            )

    @api.model_create_multi
    def create(self, vals_list):
        lines = super().create(vals_list)
        lines.mapping_id._check_not_in_use()
        return lines

    def write(self, vals):
        self.mapping_id._check_not_in_use()
        return super().write(vals)

    def unlink(self):
        self.mapping_id._check_not_in_use()
        return super().unlink()

    def _plan_line(self):
        """Return the column as ``tools/import_plan.py`` sees it."""
        self.ensure_one()
        return PlanLine(
            self.column,
            self.target,
            self.label or "",
            split_translations(self.translations),
            self.required,
        )
