from odoo import api, fields, models
from odoo.exceptions import UserError

from .constituent_work_order import OPEN_STATES

# Written by the buttons, with who and when.
KEPT_FIELDS = {"is_done", "is_skipped", "done_at", "done_by_id"}


class ConstituentWorkOrderTask(models.Model):
    """One thing to do of a work order."""

    _name = "constituent.work.order.task"
    _description = "Task of a Work Order"
    _order = "order_id, sequence, id"

    order_id = fields.Many2one(
        "constituent.work.order", required=True, index=True, ondelete="cascade"
    )
    sequence = fields.Integer(default=10)
    name = fields.Char(string="Task", required=True)
    note = fields.Text()
    condition = fields.Char(string="Only If")
    needs_photo = fields.Boolean(string="Photo")
    is_done = fields.Boolean(string="Done", readonly=True, copy=False)
    is_skipped = fields.Boolean(string="Not Needed", readonly=True, copy=False)
    done_at = fields.Datetime(readonly=True, copy=False)
    done_by_id = fields.Many2one("res.users", readonly=True, copy=False, ondelete="restrict")
    order_state = fields.Selection(related="order_id.state", string="State of the Order")
    company_id = fields.Many2one(related="order_id.company_id", store=True, index=True)

    @api.constrains("name", "note", "condition")
    def _check_privacy(self):
        self.order_id._check_privacy()

    # CRUD

    @api.model_create_multi
    def create(self, vals_list):
        fresh = [{**vals, **dict.fromkeys(KEPT_FIELDS, False)} for vals in vals_list]
        tasks = super().create(fresh)
        tasks._check_order_open()
        return tasks

    def write(self, vals):
        """Write; whether it is done is said by the buttons.

        :raises UserError: a kept field, or a finished order
        """
        if KEPT_FIELDS & vals.keys():
            raise UserError(self.env._("Tasks are ticked by their buttons."))
        if "order_id" in vals and any(task.order_id.id != vals["order_id"] for task in self):
            raise UserError(self.env._("A task stays with its work order."))
        self._check_order_open()
        return super().write(vals)

    def unlink(self):
        """Delete what nobody has done yet.

        :raises UserError: done, or of a finished order
        """
        self._check_order_open()
        for task in self:
            if task.is_done:
                raise UserError(
                    self.env._("“%(task)s” was done and is not deleted.", task=task.name)
                )
        return super().unlink()

    def _check_order_open(self):
        for order in self.order_id:
            if order.state not in OPEN_STATES:
                raise UserError(
                    self.env._(
                        "%(order)s is finished. Reopen it to change it.", order=order.display_name
                    )
                )

    # Buttons

    def action_toggle_done(self):
        """Tick tasks, or take the tick back.

        :raises UserError: a finished order, or one that was not dispatched
        """
        self._check_dispatched()
        for task in self:
            done = not task.is_done
            task._tick(is_done=done, is_skipped=False, by_me=done)

    def action_toggle_skipped(self):
        """Say that tasks are not needed, or that they are.

        :raises UserError: a finished order, or one that was not dispatched
        """
        self._check_dispatched()
        for task in self:
            skipped = not task.is_skipped
            task._tick(is_done=False, is_skipped=skipped, by_me=skipped)

    def _check_dispatched(self):
        self.check_access("write")
        self._check_order_open()
        for order in self.order_id:
            if order.state == "draft":
                raise UserError(
                    self.env._("%(order)s is not dispatched yet.", order=order.display_name)
                )

    def _tick(self, is_done, is_skipped, by_me):
        """Write who did it and when past the guard of `write`; the first tick begins the work."""
        # pylint: disable-next=super-method-mismatch
        result = super().write(
            {
                "is_done": is_done,
                "is_skipped": is_skipped,
                "done_at": by_me and fields.Datetime.now(),
                "done_by_id": by_me and self.env.uid,
            }
        )
        self.order_id.filtered(lambda order: order.state == "dispatched").action_start()
        return result
