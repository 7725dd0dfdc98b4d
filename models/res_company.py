import re
from collections import namedtuple

from odoo import api, fields, models, tools
from odoo.exceptions import ValidationError

from odoo.addons.base.models.res_partner import _tz_get

from ..tools.geocode import is_usable

Office = namedtuple(
    "Office",
    "tz number_prefix department_id response_days calendar_id country_code phone_code"
    " category_score opinion_from",
)
# What `_office` reads, and the addresses it reads it from.
OFFICE_FIELDS = {
    "constituent_tz", "constituent_number_prefix", "constituent_department_id",
    "constituent_response_days", "resource_calendar_id", "country_id", "partner_id",
    "constituent_category_score", "constituent_opinion_from",
}  # fmt: skip


class ResCompany(models.Model):
    """One company is one office: a city, an authority or an elected official."""

    _name = "res.company"
    _inherit = "res.company"

    constituent_office_name = fields.Char(
        string="Office Name",
        translate=True,
        help="How the office calls itself in letters, notices and on public pages. "
        "The company's name is used when empty.",
    )
    constituent_number_prefix = fields.Char(
        string="Case Number Prefix",
        help="Letters and digits before the year in case numbers: CS-2026-000123.",
    )
    constituent_tz = fields.Selection(
        _tz_get,
        string="Office Time Zone",
        default=lambda self: self.env.user.tz or "UTC",
        help="Dates in letters, notices, due dates and case numbers are of this zone.",
    )
    constituent_department_id = fields.Many2one(
        "constituent.department",
        string="Office Department",
        help="The office's own department. Mail to its address gives no department: "
        "the case is routed by rule, category or by hand.",
    )
    constituent_response_days = fields.Integer(
        string="Days to Answer",
        default=10,
        help="Working days until a case is due when its category says nothing.",
    )
    constituent_category_score = fields.Integer(
        string="Sure From",
        default=50,
        help="From this score on (0 to 100) keywords set the category by themselves; below it "
        "the three best wait to be chosen. 50 is one keyword and no rival, 67 the same in the "
        "subject, 33 two rivals with a keyword each.",
    )
    constituent_geocoder_url = fields.Char(
        string="Place Server",
        help="Address of the search of a Nominatim server, the city's own or one you have a "
        "contract with: https://places.example.gov/search. Open cases with a street and without "
        "a place are looked up there, one a second; never those of protected addresses or "
        "restricted cases. Nothing is asked when empty.",
    )
    constituent_decider_id = fields.Many2one(
        "res.users",
        string="Decides Whose It Is",
        domain="[('share', '=', False)]",
        help="Gets what two departments have declined.",
    )
    constituent_emergency_text = fields.Text(
        string="Emergency Notice",
        translate=True,
        default=lambda self: self.env._(
            "If anyone is in danger, call 911. This address is not watched around the clock."
        ),
    )
    constituent_after_hours_phone = fields.Char(string="After-hours Telephone")
    constituent_tty = fields.Char(string="Relay Service", default="TTY/TDD: 711")
    constituent_records_notice = fields.Text(
        string="Public Records Notice",
        translate=True,
        default=lambda self: self.env._(
            "Messages to this office are public records and may be released on request."
        ),
    )
    constituent_language_line = fields.Text(
        string="Language Line",
        translate=True,
        default=lambda self: self.env._(
            "Free language help is available: tell us the language you speak. "
            "Ayuda gratuita en su idioma. Èd gratis nan lang ou."
        ),
    )
    constituent_security_ids = fields.Many2many(
        "res.users",
        "constituent_company_security_rel",
        string="Security Contacts",
        domain="[('share', '=', False)]",
        help="Are alerted of threats and self-harm at once. All who see restricted cases when "
        "empty.",
    )
    constituent_letter_closing = fields.Char(
        string="Complimentary Close", translate=True, default="Sincerely,"
    )
    constituent_letter_paper = fields.Selection(
        [("letter", "US Letter"), ("a4", "A4")],
        string="Letter Paper",
        default="letter",
        required=True,
    )

    _constituent_number_prefix_uniq = models.UniqueIndex(
        "(upper(constituent_number_prefix)) WHERE constituent_number_prefix IS NOT NULL",
        "Another office already uses this case number prefix.",
    )
    _constituent_category_score_range = models.Constraint(
        "CHECK (constituent_category_score BETWEEN 0 AND 100)",
        "The score from which keywords set the category must be between 0 and 100.",
    )

    @api.model_create_multi
    def create(self, vals_list):
        companies = super().create(vals_list)
        self.env.registry.clear_cache()
        companies._fill_number_prefixes()
        return companies

    def write(self, vals):
        result = super().write(vals)
        if OFFICE_FIELDS & set(vals):
            self.env.registry.clear_cache()
        return result

    @api.model
    @tools.ormcache("company_id")
    def _office(self, company_id):
        """Return what intake needs of an office, read once.

        :param int company_id: the office
        :return Office: plain data; `tz` and `number_prefix` are never empty
        """
        # Every door needs it, whatever the user may read.
        company_sudo = self.sudo().browse(company_id)
        return Office(
            company_sudo.constituent_tz or "UTC",
            company_sudo.constituent_number_prefix or f"C{company_id}",
            company_sudo.constituent_department_id.id,
            company_sudo.constituent_response_days,
            company_sudo.resource_calendar_id.id,
            company_sudo.country_id.code,
            company_sudo.country_id.phone_code,
            company_sudo.constituent_category_score,
            company_sudo.constituent_opinion_from,
        )

    @api.model
    @tools.ormcache()
    def _office_partner_ids(self):
        """Return the ids of the contacts whose country is an office's country."""
        # Only ids, to know when to forget what is cached of an office.
        return frozenset(self.sudo().with_context(active_test=False).search([]).partner_id.ids)

    @api.model
    def _fill_number_prefixes(self):
        """Give every office without a case number prefix the first free of CS, CS2, CS3..."""
        # Every office's prefix counts, whichever offices the user may see.
        companies_sudo = self.sudo().with_context(active_test=False).search([], order="id")
        with_prefix = companies_sudo.filtered("constituent_number_prefix")
        taken = {prefix.upper() for prefix in with_prefix.mapped("constituent_number_prefix")}
        candidates = ("CS" if n == 1 else f"CS{n}" for n in range(1, len(companies_sudo) * 2 + 2))
        free = (prefix for prefix in candidates if prefix not in taken)
        for company in companies_sudo - with_prefix:
            company.constituent_number_prefix = next(free)

    @api.constrains("constituent_geocoder_url")
    def _check_constituent_geocoder_url(self):
        for company in self:
            if company.constituent_geocoder_url and not is_usable(company.constituent_geocoder_url):
                raise ValidationError(
                    self.env._("The place server must be an address that begins with https://.")
                )

    @api.constrains("constituent_number_prefix")
    def _check_constituent_number_prefix(self):
        for company in self:
            prefix = company.constituent_number_prefix
            if prefix and not re.fullmatch(r"[A-Za-z0-9]{1,10}", prefix):
                raise ValidationError(
                    self.env._(
                        "The case number prefix “%(prefix)s” may have up to 10 letters and digits.",
                        prefix=prefix,
                    )
                )
