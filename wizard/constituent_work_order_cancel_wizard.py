from odoo import fields, models


class ConstituentWorkOrderCancelWizard(models.TransientModel):
    """Ask why work orders are cancelled."""

    _name = "constituent.work.order.cancel.wizard"
    _inherit = ["constituent.wizard.mixin"]
    _description = "Cancel Work Orders"

    order_ids = fields.Many2many(
        "constituent.work.order",
        "constituent_work_order_cancel_rel",
        "wizard_id",
        "order_id",
        string="Work Orders",
        required=True,
    )
    reason = fields.Char(required=True)

    def action_cancel_orders(self):
        """Cancel the orders.

        :return dict: closes the window
        :raises UserError: no reason, or finished already
        """
        self.ensure_one()
        self.order_ids._cancel(self.reason)
        return {"type": "ir.actions.act_window_close"}
