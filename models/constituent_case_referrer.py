from odoo import fields, models


class ConstituentCaseReferrer(models.Model):
    """An office or group that brought somebody else's matter."""

    _name = "constituent.case.referrer"
    _description = "Case Referrer"
    _order = "id"
    _rec_name = "partner_id"

    case_id = fields.Many2one("constituent.case", required=True, index=True, ondelete="cascade")
    partner_id = fields.Many2one(
        "res.partner", string="Brought By", required=True, index=True, ondelete="restrict"
    )
    reference = fields.Char(string="Their Reference")
    answer_via = fields.Selection(
        [("direct", "Directly"), ("through", "Through them"), ("both", "Both")],
        string="Answer",
        required=True,
        default="direct",
        help="How the constituent gets the answer.",
    )
    company_id = fields.Many2one(related="case_id.company_id", store=True, index=True)

    def write(self, vals):
        """Write; a way of answering that a person chooses is decided."""
        result = super().write(vals)
        if "answer_via" in vals:
            self.case_id._answer_is_decided()
        return result
