from odoo import api, models


class ConstituentWizardMixin(models.AbstractModel):
    """Windows: the records that somebody names in one must be what they may see.

    Names of linked records are shown unchecked, and an id can be made up.
    """

    _name = "constituent.wizard.mixin"
    _description = "Window"

    @api.model_create_multi
    def create(self, vals_list):
        """Create; only with records the user may read.

        :raises AccessError: as Odoo words it
        """
        wizards = super().create(vals_list)
        wizards._check_named()
        return wizards

    def write(self, vals):
        """Write; only records the user may read.

        :raises AccessError: as Odoo words it
        """
        result = super().write(vals)
        self._check_named()
        return result

    def _check_named(self):
        if self.env.su:
            return
        for name, field in self._fields.items():
            if field.store and field.type in ("many2one", "many2many") and _is_ours(field):
                self[name].check_access("read")


def _is_ours(field):
    return (field.comodel_name or "").startswith("constituent.")
