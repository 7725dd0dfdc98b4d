from odoo import api, models


class ConstituentWizardMixin(models.AbstractModel):
    """Windows on cases: what somebody names in one must be what they may see.

    Names of linked records are shown unchecked, and an id can be made up.
    """

    _name = "constituent.wizard.mixin"
    _description = "Window on Cases"

    @api.model_create_multi
    def create(self, vals_list):
        """Create; only with cases the user may read.

        :raises AccessError: as Odoo words it
        """
        wizards = super().create(vals_list)
        wizards._check_named_cases()
        return wizards

    def write(self, vals):
        """Write; only cases the user may read.

        :raises AccessError: as Odoo words it
        """
        result = super().write(vals)
        self._check_named_cases()
        return result

    def _check_named_cases(self):
        if self.env.su:
            return
        for name, field in self._fields.items():
            if field.comodel_name == "constituent.case" and field.store:
                self[name].check_access("read")
