from odoo import models


class ConstituentCase(models.Model):
    """A case's mail: what comes in, what goes out, and who is never a follower."""

    _name = "constituent.case"
    _inherit = "constituent.case"

    # Notices (the queue and its sender are constituent.delivery)

    def _notify_event(self, event, automatic=False):
        """Queue the notices of an event; see constituent.notice.

        :param str event: one of NOTICE_EVENTS
        :param bool automatic: the report came from a machine, which is not answered
        """
        live = self.filtered(lambda case: case.intake_mode == "live")
        if live:
            self.env["constituent.notice"]._queue(live, event, automatic=automatic)

    def _notify_routed(self, holders_before):
        """Queue the notice of a new department."""
        moved = self.filtered(
            lambda case: holders_before[case.id][0] != case.department_id.id
        )
        if moved:
            moved._notify_event("routed")
