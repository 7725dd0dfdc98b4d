from odoo import api, fields, models
from odoo.exceptions import AccessError, ValidationError
from odoo.fields import Domain


class ConstituentApprovalDelegation(models.Model):
    """Somebody approves and signs for somebody else, between two days.

    Whoever acts cannot pass it on. A decision says for whom it was taken, and so does the
    signature block.
    """

    _name = "constituent.approval.delegation"
    _inherit = ["constituent.master.mixin"]
    _description = "Delegation of Approvals"
    _order = "date_from desc, id desc"
    _rec_name = "user_id"

    user_id = fields.Many2one(
        "res.users",
        string="For Whom",
        required=True,
        index=True,
        ondelete="cascade",
        default=lambda self: self.env.user,
        domain="[('share', '=', False)]",
    )
    delegate_id = fields.Many2one(
        "res.users",
        string="Who Acts",
        required=True,
        index=True,
        ondelete="cascade",
        domain="[('share', '=', False), ('id', '!=', user_id)]",
    )
    date_from = fields.Date(string="From", required=True, default=fields.Date.context_today)
    date_to = fields.Date(string="Through", required=True, default=fields.Date.context_today)
    style = fields.Selection(
        [("acting", "Acting Commissioner"), ("for", "for Jane Smith, Commissioner")],
        string="Signs As",
        required=True,
        default="acting",
    )

    @api.constrains("date_from", "date_to", "user_id", "delegate_id")
    def _check_delegation(self):
        for delegation in self:
            if delegation.date_to < delegation.date_from:
                raise ValidationError(
                    self.env._(
                        "%(name)s: the delegation ends before it begins.",
                        name=delegation.user_id.name,
                    )
                )
            if delegation.user_id == delegation.delegate_id:
                raise ValidationError(
                    self.env._("%(name)s cannot act for themself.", name=delegation.user_id.name)
                )
            # Whether somebody may open letters is no secret of whoever relies on them.
            if not delegation.delegate_id.sudo().has_group("constituent_services.group_clerk"):
                raise ValidationError(
                    self.env._(
                        "%(name)s has no part in Constituent Services and could open nothing.",
                        name=delegation.delegate_id.name,
                    )
                )

    @api.model_create_multi
    def create(self, vals_list):
        """Create; one's own, or a manager's word.

        :raises AccessError: somebody else's approvals
        """
        delegations = super().create(vals_list)
        delegations._check_whose()
        return delegations

    def write(self, vals):
        self._check_whose()
        result = super().write(vals)
        self._check_whose()
        return result

    def _check_whose(self):
        if self.env.su:
            return
        others = self.filtered(lambda one: one.user_id != self.env.user)
        if others and self.env.user.has_group("constituent_services.group_manager"):
            if self.env.user in others.delegate_id:
                raise AccessError(
                    self.env._(
                        "You can let somebody else act for %(name)s, not yourself: ask them, or "
                        "another manager.",
                        name=others[0].user_id.name,
                    )
                )
        elif others:
            raise AccessError(
                self.env._("You can let somebody act for yourself only; ask a manager.")
            )

    @api.model
    def _acting_on(self, day, delegate):
        """Return the delegations by which somebody acts on a day, the newest first.

        :param date day: of the office
        :param delegate: a user
        """
        # For whom somebody acts is no secret of those they act for.
        return self.sudo().search(
            Domain("delegate_id", "=", delegate.id)
            & Domain("date_from", "<=", day)
            & Domain("date_to", ">=", day)
        )

    @api.model
    def _deputies_on(self, day, users):
        """Return who acts for somebody on a day, with superuser rights.

        :param date day: of the office
        :param users: for whom
        """
        # Who acts for whom is no secret of those who are asked in their place.
        delegations_sudo = self.sudo().search(
            Domain("user_id", "in", users.ids)
            & Domain("date_from", "<=", day)
            & Domain("date_to", ">=", day)
        )
        return delegations_sudo.delegate_id
