from odoo import fields, models
from odoo.fields import Command


class ResUsers(models.Model):
    """Who approves in the place of somebody who left."""

    _name = "res.users"
    _inherit = "res.users"

    # Read by the record rule of letters that wait for whoever somebody acts for.
    constituent_delegation_ids = fields.One2many("constituent.approval.delegation", "user_id")

    def _hand_over_masters(self, successor_of):
        """Switch rules to successors; those of approvals get somebody in the place of each."""
        # Named beforehand: they are taken out of the rules with everything else.
        rules = self.env["constituent.approval.rule"].search([("approver_ids", "in", self.ids)])
        counsel = self.env.companies.filtered(
            lambda company: self in company.constituent_counsel_ids
        )
        changed = super()._hand_over_masters(successor_of)
        successor = self._somebody(successor_of, self.env["constituent.department"])
        rules.write({"approver_ids": [Command.unlink(self.id), Command.link(successor.id)]})
        if counsel:
            # Managers may not write companies; whom their office asks is their business.
            counsel.sudo().write(
                {"constituent_counsel_ids": [Command.unlink(self.id), Command.link(successor.id)]}
            )
            changed.append(self.env._("Counsel"))
        return changed
