from odoo import fields, models


class ConstituentCaseTag(models.Model):
    """A free label on cases."""

    _name = "constituent.case.tag"
    _description = "Case Tag"
    _order = "name, id"

    name = fields.Char(required=True, translate=True)
    color = fields.Integer()
    active = fields.Boolean(default=True)
    company_id = fields.Many2one("res.company", index=True)
