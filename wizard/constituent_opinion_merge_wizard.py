from odoo import fields, models


class ConstituentOpinionMergeWizard(models.TransientModel):
    """Say that letters of several groups are one, and which group stays."""

    _name = "constituent.opinion.merge.wizard"
    _inherit = ["constituent.wizard.mixin"]
    _description = "Merge Opinion Mail"

    group_ids = fields.Many2many("constituent.opinion.group", string="Groups", required=True)
    target_id = fields.Many2one(
        "constituent.opinion.group",
        string="Stays",
        required=True,
        domain="[('state', '!=', 'not_one')]",
        default=lambda self: self._default_target_id(),
        help="Its name, issue and position stay; the letters of the others are counted as its.",
    )

    def _default_target_id(self):
        """Of several chosen groups the one with most letters stays."""
        ids = self.env.context.get("default_group_ids", [])
        groups = self.env["constituent.opinion.group"].browse(ids)
        return max(groups, key=lambda group: group.mail_count) if len(groups) > 1 else False

    def action_merge(self):
        """Merge the groups into the one that stays.

        :return dict: opens it
        :raises UserError: none beside it, another office's, or refused ones
        """
        self.ensure_one()
        target = self.target_id
        self.group_ids._merge_into(target)
        return target._get_records_action()
