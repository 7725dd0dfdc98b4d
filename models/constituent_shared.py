from odoo import api, models
from odoo.exceptions import AccessError


class ConstituentSharedMixin(models.AbstractModel):
    """Controls that hold for all offices while they name none: made by who works for all."""

    _name = "constituent.shared.mixin"
    _description = "Of One Office or of All"

    @api.model_create_multi
    def create(self, vals_list):
        """Create; for all offices only by who works for all.

        :raises AccessError: of other offices, too
        """
        records = super().create(vals_list)
        records._check_shared()
        return records

    def write(self, vals):
        """Write; what holds for all offices only by who works for all.

        :raises AccessError: of other offices, too
        """
        self._check_shared()
        result = super().write(vals)
        self._check_shared()
        return result

    def unlink(self):
        """Delete; what holds for all offices only by who works for all.

        :raises AccessError: of other offices, too
        """
        self._check_shared()
        return super().unlink()

    def _check_shared(self):
        if self.env.su or all(record.company_id for record in self):
            return
        # How many offices there are, whichever the user may see.
        if self.env["res.company"].sudo().search_count([]) > len(self.env.user.company_ids):
            raise AccessError(
                self.env._(
                    "This holds for all offices. Who works for all of them changes it; make one "
                    "of your own office beside it."
                )
            )
