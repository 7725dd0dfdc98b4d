"""What the approval rules look at is changed elsewhere: what waits, waits for others then."""

from odoo import models
from odoo.fields import Domain


class ConstituentCase(models.Model):
    """Its kind, and whether counsel must see its letters."""

    _name = "constituent.case"
    _inherit = "constituent.case"

    def write(self, vals):
        """Write; letters about these cases wait for whom the rules name now."""
        result = super().write(vals)
        if {"kind", "needs_counsel"} & vals.keys():
            rules = self.env["constituent.approval.rule"]
            rules._refresh_waiting(
                Domain("case_id", "in", self.ids) | Domain("also_case_ids", "in", self.ids)
            )
        return result


class ResPartner(models.Model):
    """The role of an addressee."""

    _name = "res.partner"
    _inherit = "res.partner"

    def write(self, vals):
        """Write; letters to these contacts wait for whom the rules name now."""
        result = super().write(vals)
        if "constituent_role" in vals:
            rules = self.env["constituent.approval.rule"]
            rules._refresh_waiting(Domain("partner_id", "in", self.ids))
        return result


class ConstituentDepartment(models.Model):
    """The head of a department."""

    _name = "constituent.department"
    _inherit = "constituent.department"

    def write(self, vals):
        """Write; what waits for the head waits for the new one."""
        result = super().write(vals)
        if "head_id" in vals:
            self.env["constituent.approval.rule"]._refresh_waiting()
        return result


class ResUsers(models.Model):
    """Whether somebody is still there to decide."""

    _name = "res.users"
    _inherit = "res.users"

    def write(self, vals):
        """Write; what waited for somebody who is archived waits for the others."""
        result = super().write(vals)
        # Whoever uses the portal decides on nothing.
        if "active" in vals and not all(user.share for user in self):
            self.env["constituent.approval.rule"]._refresh_waiting()
        return result
