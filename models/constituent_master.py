from odoo import api, models


class ConstituentMasterMixin(models.AbstractModel):
    """Masters that intake reads for every case: read once, kept until one changes."""

    _name = "constituent.master.mixin"
    _description = "Cached Master Data"
    # Columns that nothing cached depends on: how far some work is.
    _uncached = frozenset()

    @api.model_create_multi
    def create(self, vals_list):
        records = super().create(vals_list)
        self.env.registry.clear_cache()
        return records

    def write(self, vals):
        result = super().write(vals)
        if not self._uncached.issuperset(vals):
            self.env.registry.clear_cache()
        return result

    def unlink(self):
        result = super().unlink()
        self.env.registry.clear_cache()
        return result
