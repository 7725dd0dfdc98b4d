from odoo import api, fields, models
from odoo.exceptions import UserError


class ConstituentCaseHandOverWizard(models.TransientModel):
    """Give cases to another department or person and say why.

    A caseworker who gives a case away may not see it any more; a form that saves and
    reads it again would fail and undo the hand-over. This window writes and leaves.
    """

    _name = "constituent.case.hand.over.wizard"
    _inherit = ["constituent.wizard.mixin"]
    _description = "Hand Over Cases"

    case_ids = fields.Many2many("constituent.case", string="Cases", required=True)
    case_count = fields.Integer(compute="_compute_case_count")
    department_id = fields.Many2one(
        "constituent.department", required=True, default=lambda self: self._default_department_id()
    )
    member_ids = fields.Many2many(related="department_id.member_ids", string="Members")
    user_id = fields.Many2one(
        "res.users",
        string="Person",
        domain="[('share', '=', False), ('id', 'in', member_ids)]",
        help="The department decides when empty.",
    )
    note = fields.Char(string="Why", required=True)

    @api.model
    def _default_department_id(self):
        cases = self.env["constituent.case"].browse(self.env.context.get("default_case_ids", []))
        departments = cases.department_id
        return departments if len(departments) == 1 else False

    @api.depends("case_ids")
    def _compute_case_count(self):
        for wizard in self:
            wizard.case_count = len(wizard.case_ids)

    @api.onchange("department_id")
    def _onchange_department_id(self):
        if self.user_id not in self.department_id.member_ids:
            self.user_id = False

    def action_hand_over_cases(self):
        """Hand the cases over.

        :return dict: closes the window, or shows the list when a case is out of sight now
        :raises UserError: no reason given
        """
        self.ensure_one()
        note = (self.note or "").strip()
        if not note:
            raise UserError(self.env._("Say why you hand the case over."))
        cases = self.case_ids
        cases.check_access("write")
        # The right was checked; in the middle of writing the case leaves their sight.
        cases_sudo = cases.sudo()
        values = {
            "department_id": self.department_id.id,
            "routing_rule_id": False,
            "routing_note": note,
        }
        # Who is not named is picked as the department wants it.
        people = self.user_id.ids * len(cases) or cases._pick_members(
            self.department_id.ids * len(cases)
        )
        person_of = dict(zip(cases.ids, people, strict=True))
        for user_id, group in cases_sudo.grouped(lambda case: person_of[case.id]).items():
            group.write({**values, "user_id": user_id})
        if len(cases._filtered_access("read")) == len(cases):
            return {"type": "ir.actions.act_window_close"}
        return self._leave_action()

    def _leave_action(self):
        """Return the action that says where the cases went and shows the list."""
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success",
                "message": self.env._(
                    "Handed over to %(department)s, out of your sight now.",
                    department=self.department_id.name,
                ),
                "next": {
                    **self.env["ir.actions.act_window"]._for_xml_id(
                        "constituent_services.constituent_case_action"
                    ),
                    "target": "main",
                },
            },
        }
