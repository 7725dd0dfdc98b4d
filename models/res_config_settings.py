from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    """The office's names, defaults and texts; all of them belong to its company."""

    _name = "res.config.settings"
    _inherit = "res.config.settings"

    constituent_office_name = fields.Char(
        related="company_id.constituent_office_name", readonly=False
    )
    constituent_number_prefix = fields.Char(
        related="company_id.constituent_number_prefix", readonly=False
    )
    constituent_tz = fields.Selection(related="company_id.constituent_tz", readonly=False)
    constituent_department_id = fields.Many2one(
        related="company_id.constituent_department_id", readonly=False
    )
    constituent_response_days = fields.Integer(
        related="company_id.constituent_response_days", readonly=False
    )
    constituent_emergency_text = fields.Text(
        related="company_id.constituent_emergency_text", readonly=False
    )
    constituent_after_hours_phone = fields.Char(
        related="company_id.constituent_after_hours_phone", readonly=False
    )
    constituent_tty = fields.Char(related="company_id.constituent_tty", readonly=False)
    constituent_records_notice = fields.Text(
        related="company_id.constituent_records_notice", readonly=False
    )
    constituent_language_line = fields.Text(
        related="company_id.constituent_language_line", readonly=False
    )
    constituent_letter_closing = fields.Char(
        related="company_id.constituent_letter_closing", readonly=False
    )
    constituent_letter_paper = fields.Selection(
        related="company_id.constituent_letter_paper", readonly=False
    )
    constituent_geocoder_url = fields.Char(
        related="company_id.constituent_geocoder_url", readonly=False
    )
    constituent_map_tiles_url = fields.Char(
        related="company_id.constituent_map_tiles_url", readonly=False
    )
    constituent_map_attribution = fields.Char(
        related="company_id.constituent_map_attribution", readonly=False
    )
    constituent_authserv_id = fields.Char(
        string="Name of Our Mail Server in Its Checks",
        config_parameter="constituent_services.authserv_id",
    )

    def action_constituent_company(self):
        """Open the company, whose address and logo are the letterhead's.

        :return dict: a window action
        """
        return {
            "type": "ir.actions.act_window",
            "name": self.company_id.display_name,
            "res_model": "res.company",
            "res_id": self.company_id.id,
            "views": [(False, "form")],
            "target": "current",
        }
