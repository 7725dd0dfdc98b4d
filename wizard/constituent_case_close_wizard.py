from odoo import api, fields, models
from odoo.exceptions import UserError


class ConstituentCaseCloseWizard(models.TransientModel):
    """Close cases with an outcome and, where it asks for one, a note."""

    _name = "constituent.case.close.wizard"
    _inherit = ["constituent.wizard.mixin"]
    _description = "Close Cases"

    case_ids = fields.Many2many("constituent.case", string="Cases", required=True)
    case_count = fields.Integer(compute="_compute_case_count")
    hazard_count = fields.Integer(compute="_compute_case_count")
    outcome_id = fields.Many2one("constituent.case.outcome", string="How It Ended", required=True)
    requires_note = fields.Boolean(related="outcome_id.requires_note")
    public_text = fields.Text(related="outcome_id.public_text", string="The Constituent Reads")
    open_parts = fields.Char(compute="_compute_case_count", string="Parts Not Done")
    parts_reason = fields.Char(string="Why Before Its Parts")
    duplicate_count = fields.Integer(compute="_compute_case_count")
    duplicate_note = fields.Text(
        string="Note to Who Reported the Same",
        help="They learn nothing of each other: no names, no words of somebody else's.",
    )
    note = fields.Text(help="Goes to the constituent with the notice of closing.")

    @api.depends("case_ids")
    def _compute_case_count(self):
        for wizard in self:
            wizard.case_count = len(wizard.case_ids)
            wizard.hazard_count = len(wizard.case_ids.filtered("category_id.is_hazard"))
            wizard.open_parts = ", ".join(wizard.case_ids._open_parts().mapped("number"))
            # Who reported the same is answered with it, whoever sees their cases.
            duplicates_sudo = wizard.case_ids.sudo().duplicate_ids
            wizard.duplicate_count = len(
                duplicates_sudo.filtered(lambda case: case.status != "closed")
            )

    def action_close_cases(self):
        """Close the cases.

        :return dict: closes the window
        :raises UserError: the outcome asks for a note and there is none, parts are not done
            and nobody says why, or an intake clerk closes somebody else's case
        """
        self.ensure_one()
        note = (self.note or "").strip()
        if self.requires_note and not note:
            raise UserError(
                self.env._(
                    "The outcome “%(outcome)s” asks for a note: say why.",
                    outcome=self.outcome_id.name,
                )
            )
        if not self.env.user.has_group("constituent_services.group_caseworker"):
            self._check_clerk_may_close()
        parts_reason = (self.parts_reason or "").strip()
        if self.open_parts and not parts_reason:
            raise UserError(
                self.env._(
                    "Parts are not done: %(parts)s. Close them first, or say why you do not wait.",
                    parts=self.open_parts,
                )
            )
        # Duplicates end with their main case, in words of their own, also when chosen beside it.
        mains = self.case_ids.filtered(lambda case: case.duplicate_of_id not in self.case_ids)
        mains.with_context(
            constituent_parts_reason=parts_reason,
            constituent_duplicate_note=(self.duplicate_note or "").strip(),
        )._close(self.outcome_id, note or False)
        return {"type": "ir.actions.act_window_close"}

    def _check_clerk_may_close(self):
        """Refuse others' cases to intake clerks, who would lose sight of them.

        The case refuses it too, whatever the door; this names the case.

        :raises UserError: a case the clerk did not enter
        """
        others = self.case_ids.filtered(lambda case: case.create_uid != self.env.user)
        if others:
            raise UserError(
                self.env._(
                    "Intake clerks close only cases they entered themselves. "
                    "%(case)s is for a caseworker or coordinator.",
                    case=others[0].display_name,
                )
            )
