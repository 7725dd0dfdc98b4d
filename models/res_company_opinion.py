from odoo import fields, models


class ResCompany(models.Model):
    """From how many letters of the same text on they are one campaign's."""

    _name = "res.company"
    _inherit = "res.company"

    constituent_opinion_from = fields.Integer(
        string="Opinion Mail From",
        default=5,
        help="So many people with the same text within 30 days, and their letters are grouped "
        "as opinion mail. Never when 0.",
    )

    _constituent_opinion_from_range = models.Constraint(
        "CHECK (constituent_opinion_from = 0 OR constituent_opinion_from >= 2)",
        "Opinion mail begins with two people who write the same, or never with 0.",
    )
