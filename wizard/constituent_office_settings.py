from odoo import api, fields, models

from ..models.res_company_calls import HAZARD_ALERTS

# What a manager may set of the office's company; all else is the administrator's.
OFFICE_FIELDS = (
    "constituent_office_name",
    "constituent_response_days",
    "constituent_category_score",
    "constituent_decider_id",
    "constituent_security_ids",
    "constituent_emergency_text",
    "constituent_after_hours_phone",
    "constituent_tty",
    "constituent_records_notice",
    "constituent_language_line",
    "constituent_letter_closing",
    "constituent_letter_paper",
    "constituent_counsel_ids",
    "constituent_call_attempts",
    "constituent_hazard_alert",
    "constituent_on_call_user_id",
    "constituent_opinion_from",
)


class ConstituentOfficeSettings(models.TransientModel):
    """The office's texts and defaults for its manager, who is no administrator.

    Odoo's settings page and the company are for administrators only; a manager gets
    these fields and no others.
    """

    _name = "constituent.office.settings"
    _inherit = ["constituent.wizard.mixin"]
    _description = "Office Settings"

    company_id = fields.Many2one(
        "res.company",
        string="Office",
        required=True,
        readonly=True,
        default=lambda self: self.env.company,
    )
    constituent_office_name = fields.Char(string="Office Name")
    constituent_response_days = fields.Integer(string="Days to Answer")
    constituent_category_score = fields.Integer(
        string="Sure From",
        help="From this score on (0 to 100) keywords set the category by themselves; below it "
        "the three best wait to be chosen. 50 is one keyword and no rival, 67 the same in the "
        "subject, 33 two rivals with a keyword each.",
    )
    constituent_decider_id = fields.Many2one(
        "res.users",
        string="Decides Whose It Is",
        domain="[('share', '=', False)]",
        help="Gets what two departments have declined.",
    )
    constituent_security_ids = fields.Many2many(
        "res.users",
        string="Security Contacts",
        domain="[('share', '=', False)]",
        help="Are alerted of threats and self-harm at once. All who see restricted cases when "
        "empty.",
    )
    constituent_emergency_text = fields.Text(string="Emergency Notice")
    constituent_after_hours_phone = fields.Char(string="After-hours Telephone")
    constituent_tty = fields.Char(string="Relay Service")
    constituent_records_notice = fields.Text(string="Public Records Notice")
    constituent_language_line = fields.Text(string="Language Line")
    constituent_letter_closing = fields.Char(string="Complimentary Close")
    constituent_letter_paper = fields.Selection(
        [("letter", "US Letter"), ("a4", "A4")], string="Letter Paper", required=True
    )
    constituent_counsel_ids = fields.Many2many(
        "res.users",
        "constituent_office_settings_counsel_rel",
        string="Counsel",
        domain="[('share', '=', False)]",
        help="Approve letters on claims, and whatever else needs counsel.",
    )
    constituent_call_attempts = fields.Integer(string="Calls Before a Letter")
    constituent_hazard_alert = fields.Selection(
        HAZARD_ALERTS, string="Alert the Person on Call", required=True
    )
    constituent_on_call_user_id = fields.Many2one(
        "res.users", string="On Call", domain="[('share', '=', False)]"
    )
    constituent_opinion_from = fields.Integer(
        string="Opinion Mail From",
        help="So many people with the same text within 30 days, and their letters are grouped "
        "as opinion mail. Never when 0.",
    )

    @api.model
    def default_get(self, fields_list):
        """Begin with what the office has."""
        values = super().default_get(fields_list)
        company = self.env.company
        values.update(
            {
                name: self._fields[name].convert_to_write(company[name], company)
                for name in OFFICE_FIELDS
                if name in fields_list
            }
        )
        return values

    def action_save_settings(self):
        """Write the fields to the office.

        :return dict: reloads the client, which shows some of them
        :raises AccessError: not a manager, or another office
        """
        self.ensure_one()
        self.check_access("write")
        company = self.company_id
        company.check_access("read")
        # A manager may not write companies; these fields of the own office they may.
        company_sudo = company.sudo()
        company_sudo.write({name: self[name] for name in OFFICE_FIELDS})
        return {"type": "ir.actions.act_window_close"}
