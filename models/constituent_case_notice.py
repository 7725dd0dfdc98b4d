from odoo import models


class ConstituentCase(models.Model):
    """What a case tells people outside by itself; see constituent.notice."""

    _name = "constituent.case"
    _inherit = "constituent.case"

    def _notify_event(self, event, automatic=False):
        """Queue the notices of an event; see constituent.notice.

        :param str event: one of NOTICE_EVENTS
        :param bool automatic: the report came from a machine, which is not answered
        """
        live = self.filtered(lambda case: case.intake_mode == "live")
        if live:
            self.env["constituent.notice"]._queue(live, event, automatic=automatic)

    def _notify_routed(self, holders_before):
        """Queue the notice of a new department.

        :param dict holders_before: case id → (department id, user id) before the change
        """
        moved = self.filtered(
            lambda case: holders_before[case.id][0] != case.department_id.id
        )
        if moved:
            moved._notify_event("routed")
