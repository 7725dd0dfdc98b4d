from odoo import fields, models


class ResCompany(models.Model):
    """Whom an office asks before letters go that counsel must see."""

    _name = "res.company"
    _inherit = "res.company"

    constituent_counsel_ids = fields.Many2many(
        "res.users",
        "constituent_company_counsel_rel",
        "company_id",
        "user_id",
        string="Counsel",
        domain="[('share', '=', False)]",
        help="Approve letters on claims, and whatever else needs counsel.",
    )

    def write(self, vals):
        """Write; letters that wait for counsel wait for the new one."""
        result = super().write(vals)
        if "constituent_counsel_ids" in vals:
            self.env["constituent.approval.rule"]._refresh_waiting()
        return result
