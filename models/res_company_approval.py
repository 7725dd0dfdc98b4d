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

    def _may_waive_counsel(self):
        """Return whether the user may say that something goes without counsel.

        Counsel themselves, who acts for them today, and managers.
        """
        if self.env.su or self.env.user.has_group("constituent_services.group_manager"):
            return True
        day = fields.Date.context_today(self.with_context(tz=self._office(self.id).tz))
        acting = self.env["constituent.approval.delegation"]._acting_on(day, self.env.user)
        # Whoever writes a letter need not read the office's settings.
        counsel_sudo = self.sudo().constituent_counsel_ids
        return bool(counsel_sudo & (self.env.user | acting.user_id))

    def write(self, vals):
        """Write; letters that wait for counsel wait for the new one."""
        result = super().write(vals)
        if "constituent_counsel_ids" in vals:
            self.env["constituent.approval.rule"]._refresh_waiting()
        return result
