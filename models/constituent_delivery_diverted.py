from odoo import models


class ConstituentDelivery(models.Model):
    """What diverted cases and blocked senders mean for automated mail."""

    _name = "constituent.delivery"
    _inherit = "constituent.delivery"

    def _refusal_of_case(self, case, subscription):
        """Return why a case, as it is now, is not told of, or an empty string."""
        if self.audience == "security":
            # Of a restricted case, and of one that was closed since: they are to know.
            return "" if case.alarm_id else self.env._("The alarm was taken back meanwhile.")
        if case.alarm_id:
            return self.env._("Threat or self-harm: nothing is sent by itself.")
        if self.event == "received" and case._is_silent():
            return self.env._("What the case is now is not acknowledged by itself.")
        if self.env["constituent.blocked.sender"]._entry(self.email, self.company_id.id):
            return self.env._("The sender is blocked.")
        return super()._refusal_of_case(case, subscription)

    def _notice_template(self):
        """Return the text of a notice: what was diverted may have its own acknowledgement."""
        if self.event == "received" and self.audience in ("constituent", "referrer"):
            own = self.case_id._own_acknowledgement()
            if own:
                return own
        return self.notice_id.template_id
