from odoo import api, models
from odoo.fields import Domain


class IrRule(models.Model):
    """Windows of ours belong to who opened them."""

    _name = "ir.rule"
    _inherit = "ir.rule"

    @api.model
    def _compute_domain(self, model_name, mode="read"):
        """Add that a wizard's rows are its author's: Odoo has no such rule by itself."""
        domain = super()._compute_domain(model_name, mode)
        if model_name.startswith("constituent.") and self.env[model_name]._transient:
            return Domain(domain) & Domain("create_uid", "=", self.env.uid)
        return domain
