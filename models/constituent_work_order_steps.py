from datetime import datetime, time

import pytz

from odoo import fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date, format_time

# Results of an inspection after which somebody must go there again.
AGAIN = ("violation", "no_access")


class ConstituentWorkOrder(models.Model):
    """The way of an order from draft to done; each step is told in its cases' history."""

    _name = "constituent.work.order"
    _inherit = "constituent.work.order"

    # Steps

    def action_dispatch(self):
        """Send the crew out.

        :raises UserError: no draft, or something is missing
        """
        self._check_step("draft")
        self._refuse(lambda order: order._dispatch_obstacle() or order._privacy_obstacle())
        for order in self:
            order._advance({"state": "dispatched", "dispatched_at": fields.Datetime.now()})
            order._log(
                self.env._(
                    "%(order)s dispatched to %(plan)s",
                    order=order.number,
                    plan=order._plan_text(),
                )
            )

    def action_take_back(self):
        """Take dispatched orders back to draft, before the crew has begun.

        :raises UserError: not dispatched, or begun
        """
        self._check_step("dispatched")
        for order in self:
            order._advance({"state": "draft"})
            order._log(self.env._("%(order)s taken back to draft", order=order.number))

    def action_start(self):
        """Begin the work.

        :raises UserError: not dispatched
        """
        self._check_step("dispatched")
        for order in self:
            order._advance({"state": "in_progress", "started_at": fields.Datetime.now()})
            order._log(self.env._("%(order)s begun", order=order.number))

    def action_done(self):
        """End the work.

        :raises UserError: not dispatched, or something is not done yet
        """
        self._check_step("dispatched", "in_progress")
        self._refuse(lambda order: order._done_obstacle())
        now = fields.Datetime.now()
        for order in self:
            begun = order.started_at or now
            order._advance(
                {
                    "state": "done",
                    "started_at": begun,
                    "done_at": now,
                    "done_by_id": self.env.uid,
                    "hours_actual": order.hours_actual or order._hours_between(begun, now),
                }
            )
            result = dict(self._fields["result"]._description_selection(self.env))
            order._log(
                self.env._(
                    "%(order)s done: %(result)s",
                    order=order.number,
                    result=result[order.result],
                )
                if order.result
                else self.env._("%(order)s done", order=order.number)
            )

    def _hours_between(self, begun, ended):
        """Return hours to the quarter; none over night, as nobody worked all of it."""
        if self._office_day(begun) != self._office_day(ended):
            return 0.0
        return round((ended - begun).total_seconds() / 900) / 4

    def action_cancel(self):
        """Ask why the orders are cancelled.

        :return dict: the action of the wizard
        :raises UserError: finished already
        """
        self._check_step("draft", "dispatched", "in_progress")
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Cancel Work Order"),
            "res_model": "constituent.work.order.cancel.wizard",
            "views": [(False, "form")],
            "target": "new",
            "context": {"default_order_ids": self.ids},
        }

    def _cancel(self, reason):
        """Cancel orders.

        :param str reason: why, for the history
        :raises UserError: no reason, or finished already
        """
        self._check_step("draft", "dispatched", "in_progress")
        reason = (reason or "").strip()
        if not reason:
            raise UserError(self.env._("Say why the work order is cancelled."))
        for order in self:
            order._advance({"state": "cancelled", "cancel_reason": reason})
            order._log(
                self.env._("%(order)s cancelled: %(reason)s", order=order.number, reason=reason)
            )

    def action_reopen(self):
        """Take finished orders up again: what was done goes on, the rest begins as draft.

        :raises UserError: not finished
        """
        self._check_step("done", "cancelled")
        for order in self:
            state = "in_progress" if order.state == "done" else "draft"
            order._advance(
                {"state": state, "done_at": False, "done_by_id": False, "cancel_reason": False}
            )
            order._log(self.env._("%(order)s reopened", order=order.number))

    def action_reinspect(self):
        """Make the order of the next inspection at the same place.

        :return dict: action with its form
        :raises UserError: nothing to inspect again, or that is ordered already
        """
        self.ensure_one()
        self._check_step("done")
        if not self.reinspection_on or self.is_reinspected:
            raise UserError(
                self.env._(
                    "%(order)s: no reinspection is due, or it is ordered already.",
                    order=self.display_name,
                )
            )
        # Its cases are the first one's, whichever of them the inspector may read.
        follow_up_sudo = self.sudo().copy()
        follow_up_sudo._advance(
            {
                "follow_up_of_id": self.id,
                "window_start": self._working_hour(self.reinspection_on, 9),
                "window_end": self._working_hour(self.reinspection_on, 10),
            }
        )
        follow_up_sudo._log(
            self.env._(
                "%(order)s: reinspection of %(first)s",
                order=follow_up_sudo.number,
                first=self.number,
            )
        )
        return {
            "type": "ir.actions.act_window",
            "res_model": self._name,
            "res_id": follow_up_sudo.id,
            "views": [(False, "form")],
        }

    # What a step asks for

    def _check_step(self, *states):
        """Raise unless the user may write the orders and all stand in one of the states.

        :param states: values of the field `state`
        """
        self.check_access("write")
        labels = dict(self._fields["state"]._description_selection(self.env))
        for order in self:
            if order.state not in states:
                raise UserError(
                    self.env._(
                        "%(order)s is “%(state)s”: this step is not open to it.",
                        order=order.display_name,
                        state=labels[order.state],
                    )
                )

    def _refuse(self, obstacle):
        """Raise what stands in the way of the first order that something does.

        :param obstacle: function of an order that returns a sentence, or an empty string
        """
        for order in self:
            problem = obstacle(order)
            if problem:
                raise UserError(
                    self.env._("%(order)s: %(problem)s", order=order.display_name, problem=problem)
                )

    def _dispatch_obstacle(self):
        """Return why nobody can be sent out yet, or an empty string."""
        if not self.crew_id:
            return self.env._("choose the crew.")
        if not self.window_start:
            return self.env._("say when the crew is to be there.")
        if not (self.street or "").strip() and not (self.location_note or "").strip():
            return self.env._("say where it is.")
        return ""

    def _done_obstacle(self):
        """Return why the work is not done yet, or an empty string."""
        left = self.task_ids.filtered(
            lambda task: not (task.is_done or task.is_skipped or task.condition)
        )
        if left:
            return self.env._(
                "not done yet: %(tasks)s. Mark what was not needed as such.",
                tasks=", ".join(left.mapped("name")),
            )
        pictured = self.task_ids.filtered(lambda task: task.needs_photo and task.is_done)
        if pictured and not self.after_photo_ids:
            return self.env._("“%(task)s” asks for a photo after the work.", task=pictured[0].name)
        return self._inspection_obstacle() if self.kind == "code" else ""

    def _inspection_obstacle(self):
        if not self.result:
            return self.env._("say what the inspection found.")
        if self.result == "violation" and not (self.notice_served_on and self.compliance_on):
            return self.env._(
                "a violation needs the day the notice was served and the day to comply by."
            )
        if self.result in AGAIN and not self.reinspection_on:
            return self.env._("say when it is inspected again.")
        return ""

    def _is_settled(self):
        """Return whether nothing is left to do: also no inspection."""
        if self.state == "cancelled":
            return True
        return self.state == "done" and (not self.reinspection_on or self.is_reinspected)

    # What the history says

    def _plan_text(self):
        """Return crew and window in words: Crew A, Nov 28, 2026, 8:00 AM – 12:00 PM."""
        self.ensure_one()
        return ", ".join(filter(None, (self.crew_id.name, self._window_text())))

    def _window_text(self):
        """Return the window in the office's time zone, the day once when it is one."""
        start, end = self.window_start, self.window_end
        if not start:
            return ""
        text = f"{self._day_text(start)}, {self._hour_text(start)}"
        if not end:
            return text
        if self._office_day(start) == self._office_day(end):
            return f"{text} – {self._hour_text(end)}"
        return f"{text} – {self._day_text(end)}, {self._hour_text(end)}"

    def _day_text(self, moment):
        return format_date(self.env, self._office_day(moment), date_format="medium")

    def _hour_text(self, moment):
        return format_time(self.env, moment, tz=self._zone().zone, time_format="short")

    def _office_day(self, moment):
        """Return the day of a moment in the office's time zone."""
        return pytz.utc.localize(moment).astimezone(self._zone()).date()

    def _working_hour(self, day, hour):
        """Return an hour of a day in the office's time zone, as it is stored."""
        local = self._zone().localize(datetime.combine(day, time(hour)))
        return local.astimezone(pytz.utc).replace(tzinfo=None)

    def _zone(self):
        return pytz.timezone(self.env["res.company"]._office(self.company_id.id).tz)

    def _log_plan(self, before):
        """Tell in the history that a crew comes at another time, or another one does.

        :param str before: crew and window as they were
        """
        plan = self._plan_text()
        if self.state == "draft" or plan == before:
            return
        self._log(self.env._("%(order)s moved to %(plan)s", order=self.number, plan=plan))

    def _log_cases(self, added):
        """Tell in the history of cases that an order was made for them.

        :param dict added: {order: cases}
        """
        for order, cases in added.items():
            if cases:
                order._log(
                    self.env._("%(order)s ordered: %(work)s", order=order.number, work=order.name),
                    cases,
                )

    def _log(self, note, cases=None):
        """Write into the history of an order's cases.

        :param str note: what happened, in a sentence
        :param cases: some of them; all when not given
        """
        self.ensure_one()
        # A crew sees no case; the step writes their history.
        cases_sudo = self._every_case() if cases is None else cases.sudo()
        cases_sudo._log_event(note, kind="work_order")
