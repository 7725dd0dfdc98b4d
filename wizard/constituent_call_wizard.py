from odoo import api, fields, models


class ConstituentCallWizard(models.TransientModel):
    """Log a call of a case: what was said, and one button that says how it ended."""

    _name = "constituent.call.wizard"
    _inherit = ["constituent.wizard.mixin"]
    _description = "Log a Call"

    case_id = fields.Many2one("constituent.case", required=True, readonly=True)
    direction = fields.Selection(
        [("out", "We Called"), ("in", "They Called")], required=True, default="out"
    )
    constituent_name = fields.Char(compute="_compute_case", string="Constituent")
    language_needed = fields.Char(compute="_compute_case")
    accessibility_needs = fields.Char(compute="_compute_case")
    phone = fields.Char(
        string="Telephone",
        compute="_compute_phone",
        compute_sudo=False,
        store=True,
        readonly=False,
        precompute=True,
    )
    note = fields.Text(string="What Was Said")
    voicemail_note = fields.Char(string="Voicemail")
    duration = fields.Integer(string="Minutes")
    language = fields.Char(string="Language Spoken")
    interpreter_used = fields.Boolean(string="Interpreter on the Line")
    call_back_by = fields.Datetime()

    @api.depends("case_id")
    def _compute_case(self):
        for wizard in self:
            case = wizard.case_id
            wizard.constituent_name = case.partner_id.display_name or case.partner_name
            wizard.language_needed = case.constituent_language_needed
            wizard.accessibility_needs = case.constituent_accessibility_needs

    @api.depends("case_id")
    def _compute_phone(self):
        for wizard in self:
            wizard.phone = wizard.case_id and wizard.case_id._call_phone()

    def action_reached(self):
        """Log that the constituent was spoken to."""
        return self._log("reached")

    def action_voicemail(self):
        """Log that a message was left on the voicemail."""
        return self._log("voicemail")

    def action_no_answer(self):
        """Log that nobody answered."""
        return self._log("no_answer")

    def action_busy(self):
        """Log that the line was busy."""
        return self._log("busy")

    def action_wrong_number(self):
        """Log that the number is not the constituent's."""
        return self._log("wrong_number")

    def action_call_back(self):
        """Log that the constituent asked to be called again."""
        return self._log("call_back")

    def _log(self, outcome):
        """Log the call.

        :param str outcome: one of CALL_OUTCOMES
        :return dict: closes the window
        """
        self.ensure_one()
        names = (
            "direction", "phone", "note", "voicemail_note", "duration", "language",
            "interpreter_used", "call_back_by",
        )  # fmt: skip
        vals = {name: self[name] for name in names}
        # A promise to call back says by when.
        if outcome == "call_back" and not vals["call_back_by"]:
            vals["call_back_by"] = self.case_id._default_call_back_by()
        self.env["constituent.call"].create(
            {**vals, "case_id": self.case_id.id, "outcome": outcome}
        )
        return {"type": "ir.actions.act_window_close"}
