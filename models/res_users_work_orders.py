from odoo import models
from odoo.fields import Domain

from .constituent_work_order import OPEN_STATES


class ResUsers(models.Model):
    """Work orders that somebody who leaves supervises go to those who stay."""

    _name = "res.users"
    _inherit = "res.users"

    def _held(self):
        """Return what somebody holds, with the open orders they supervise; see there."""
        orders = self.env["constituent.work.order"].search(
            Domain("supervisor_id", "=", self.id) & Domain("state", "in", OPEN_STATES)
        )
        return {**super()._held(), "orders": orders}

    def _hand_over_further(self, held, successor_of):
        """Let others supervise open orders; see there."""
        orders = held["orders"]
        orders.check_access("write")
        for successor, group in orders.grouped(
            lambda order: self._somebody(successor_of, order.department_id)
        ).items():
            group.write({"supervisor_id": successor.id})
        return {**super()._hand_over_further(held, successor_of), "orders": len(orders)}
