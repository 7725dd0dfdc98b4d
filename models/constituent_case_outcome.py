from odoo import fields, models


class ConstituentCaseOutcome(models.Model):
    """How a case ended, in words that may be read by the constituent."""

    _name = "constituent.case.outcome"
    _inherit = ["constituent.master.mixin"]
    _description = "Case Outcome"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    code = fields.Char(required=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    requires_note = fields.Boolean(
        help="Closing with this outcome asks for a note that explains it."
    )
    public_text = fields.Text(
        translate=True, help="A sentence for the constituent. The name when empty."
    )
    company_id = fields.Many2one("res.company", index=True)

    _code_uniq = models.UniqueIndex(
        "(code, COALESCE(company_id, 0))", "An outcome with this code exists already."
    )
