from odoo import fields, models


class ConstituentCorrespondence(models.Model):
    """Letters that counsel must see."""

    _name = "constituent.correspondence"
    _inherit = "constituent.correspondence"

    # Whoever may read the letter is warned, whether or not they see the case.
    needs_counsel = fields.Boolean(related="case_id.needs_counsel")
