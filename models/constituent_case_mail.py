from odoo import models


class ConstituentCase(models.Model):
    """A case's mail: what comes in, what goes out, and who is never a follower."""

    _name = "constituent.case"
    _inherit = "constituent.case"
