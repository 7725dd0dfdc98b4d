from odoo import api, fields, models

from ..tools.article import with_article

# What a letter's template may take from a case, whoever writes it: plain words, no code.
PLACEHOLDERS = (
    "number", "name", "outcome_note", "letter_constituent", "letter_kind", "letter_received_on",
    "letter_due_on", "letter_closed_on", "letter_called_on", "letter_place", "letter_category",
    "letter_department", "letter_the_department", "letter_phone", "letter_outcome",
    "letter_brought_by", "letter_office",
)  # fmt: skip
ALLOWED = frozenset(f"object.{name}" for name in PLACEHOLDERS)


class ConstituentCase(models.Model):
    """What letters say of a case, in the language and with the rights of the reader."""

    _name = "constituent.case"
    _inherit = "constituent.case"

    letter_constituent = fields.Char(
        string="Constituent's Name", compute="_compute_letter_constituent"
    )
    letter_kind = fields.Char(string="Kind, in Small Letters", compute="_compute_letter_kind")
    letter_received_on = fields.Char(string="Day Received", compute="_compute_letter_received_on")
    letter_due_on = fields.Char(string="Day Due", compute="_compute_letter_due_on")
    letter_closed_on = fields.Char(string="Day Closed", compute="_compute_letter_closed_on")
    letter_called_on = fields.Char(
        string="Days Called in Vain", compute="_compute_letter_called_on"
    )
    letter_place = fields.Char(string="Place of the Matter", compute="_compute_letter_place")
    letter_category = fields.Char(string="Category's Name", compute="_compute_letter_category")
    letter_department = fields.Char(
        string="Department's Name", compute="_compute_letter_department"
    )
    letter_the_department = fields.Char(
        string="Department's Name, within a Sentence", compute="_compute_letter_department"
    )
    letter_phone = fields.Char(
        string="Department's or Office's Telephone", compute="_compute_letter_phone"
    )
    letter_outcome = fields.Char(
        string="Outcome, for the Constituent", compute="_compute_letter_outcome"
    )
    letter_brought_by = fields.Char(string="Who Brought It", compute="_compute_letter_brought_by")
    letter_office = fields.Char(string="Our Office's Name", compute="_compute_letter_office")

    @api.model
    def mail_allowed_qweb_expressions(self):
        """Return what templates may take from a case without being code."""
        return (*super().mail_allowed_qweb_expressions(), *sorted(ALLOWED))

    @api.depends("partner_id.name")
    def _compute_letter_constituent(self):
        for case in self:
            case.letter_constituent = case.partner_id.name

    @api.depends("kind")
    @api.depends_context("lang")
    def _compute_letter_kind(self):
        labels = dict(self._fields["kind"]._description_selection(self.env))
        for case in self:
            case.letter_kind = labels.get(case.kind, "").lower()

    def _letter_local_day(self, moment):
        letters = self.env["constituent.correspondence"]
        return moment and letters._letter_day(self._local_date(moment))

    @api.depends("received_at")
    @api.depends_context("lang")
    def _compute_letter_received_on(self):
        for case in self:
            case.letter_received_on = case._letter_local_day(case.received_at)

    @api.depends("due_at")
    @api.depends_context("lang")
    def _compute_letter_due_on(self):
        for case in self:
            # A day that has passed is promised to nobody: the writer is told that it is empty.
            ahead = case.due_at and case.due_at > fields.Datetime.now()
            case.letter_due_on = ahead and case._letter_local_day(case.due_at)

    @api.depends("closed_at")
    @api.depends_context("lang")
    def _compute_letter_closed_on(self):
        for case in self:
            case.letter_closed_on = case._letter_local_day(case.closed_at)

    @api.depends("call_ids.outcome", "call_ids.called_at")
    @api.depends_context("lang", "uid")
    def _compute_letter_called_on(self):
        for case in self:
            missed = case._unreached_calls(
                self.env["constituent.call"].search(case._calls_domain())
            )
            days = sorted({case._local_date(call.called_at) for call in missed})
            letters = self.env["constituent.correspondence"]
            case.letter_called_on = "; ".join(map(letters._letter_day, days))

    @api.depends("street")
    def _compute_letter_place(self):
        for case in self:
            case.letter_place = case.street

    @api.depends("category_id.name")
    @api.depends_context("lang")
    def _compute_letter_category(self):
        for case in self:
            case.letter_category = case.category_id.name

    @api.depends("department_id.name")
    @api.depends_context("lang")
    def _compute_letter_department(self):
        for case in self:
            case.letter_department = name = case.department_id.name
            case.letter_the_department = with_article(name, self.env.lang)

    @api.depends("department_id.phone", "company_id.phone")
    def _compute_letter_phone(self):
        for case in self:
            # Printed on every letter of the office.
            company_sudo = case.company_id.sudo()
            phone = case.department_id.phone or company_sudo.phone
            # A number is not broken at the end of a line.
            case.letter_phone = phone and phone.replace(" ", "\u00a0")

    @api.depends("outcome_id.public_text", "outcome_id.name")
    @api.depends_context("lang")
    def _compute_letter_outcome(self):
        for case in self:
            outcome = case.outcome_id
            case.letter_outcome = outcome.public_text or outcome.name

    @api.depends("referrer_ids.partner_id.name")
    def _compute_letter_brought_by(self):
        for case in self:
            case.letter_brought_by = ", ".join(case.referrer_ids.mapped("partner_id.name"))

    @api.depends("company_id")
    @api.depends_context("lang")
    def _compute_letter_office(self):
        for case in self:
            # Printed on every letter of the office.
            company_sudo = case.company_id.sudo()
            case.letter_office = company_sudo.constituent_office_name or company_sudo.name
