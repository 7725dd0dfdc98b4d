from odoo import api, models

from ..tools.ours import OUR_MODELS


class MailActivity(models.Model):
    """Activities keep the name of what they are about, and show it to whoever was asked."""

    _name = "mail.activity"
    _inherit = "mail.activity"

    @api.depends("res_model", "res_id")
    def _compute_res_name(self):
        """Name the record; of a restricted case and its letters nothing but the number.

        The name is stored, for all readers alike: who makes the activity may know more
        than who gets it.
        """
        ours = self.filtered(
            lambda activity: activity.res_id and (activity.res_model or "").startswith(OUR_MODELS)
        )
        result = super(MailActivity, self - ours)._compute_res_name()
        for model, activities in ours.grouped("res_model").items():
            # Together: each by itself would be a query.
            records = self.env[model].browse(activities.mapped("res_id"))
            hidden = hasattr(records, "_restricted_ones") and records._restricted_ones()
            by_id = {record.id: record for record in records}
            for activity in activities:
                record = by_id[activity.res_id]
                activity.res_name = (
                    record._restricted_label()
                    if hidden and record in hidden
                    else record.display_name
                )
        return result
