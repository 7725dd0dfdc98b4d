from odoo import api, fields, models
from odoo.exceptions import UserError

# From so many refusals on, a named person decides.
REFUSALS = 2


class ConstituentCase(models.Model):
    """A department accepts a case or declines it with a reason; nobody plays ping-pong."""

    _name = "constituent.case"
    _inherit = "constituent.case"

    acceptance = fields.Selection(
        [
            ("pending", "To accept"),
            ("accepted", "Accepted"),
            ("declined", "Declined"),
            ("decided", "Decided"),
        ],
        readonly=True,
        copy=False,
        help="Decided: after two refusals somebody decided whose it is; it is not declined again.",
    )
    is_declined = fields.Boolean(
        string="Refused",
        readonly=True,
        copy=False,
        help="A department said that it is not theirs, and nobody has placed it since.",
    )
    decline_count = fields.Integer(string="Refusals", readonly=True, copy=False)
    proposed_department_id = fields.Many2one(
        "constituent.department",
        readonly=True,
        copy=False,
        ondelete="set null",
        index="btree_not_null",
        help="Whose it is, in the view of the department that declined it.",
    )
    may_decline = fields.Boolean(compute="_compute_may_decline")

    _declined_idx = models.Index("(id DESC) WHERE is_declined IS TRUE")
    _to_accept_idx = models.Index("(id DESC) WHERE acceptance = 'pending' AND status != 'closed'")

    @api.depends("acceptance", "department_id", "status")
    @api.depends_context("uid")
    def _compute_may_decline(self):
        mine = self.env.user.constituent_department_ids
        coordinates = self.env.user.has_group("constituent_services.group_coordinator")
        for case in self:
            case.may_decline = bool(
                case.department_id
                and case.status != "closed"
                and case.acceptance != "decided"
                and (coordinates or case.department_id in mine)
            )

    # At intake and when it moves

    @api.model
    def _intake_acceptance(self, drafts):
        """Ask the departments that want to be asked."""
        for draft in drafts:
            department_id = draft.vals.get("department_id")
            if draft.is_live and department_id and not draft.vals.get("closed_at"):
                draft.vals["acceptance"] = self._acceptance_of(department_id)

    @api.model
    def _acceptance_of(self, department_id):
        asks = department_id and self.env["constituent.department"]._facts(department_id).asks
        return "pending" if asks else False

    def write(self, vals):
        """Write; a case that gets a department waits for it to accept, where it wants that."""
        before = {case.id: case.department_id for case in self} if "department_id" in vals else {}
        result = super().write(vals)
        if before and "acceptance" not in vals:
            for case in self.filtered(lambda case: before[case.id] != case.department_id):
                # Kept by the code; the right to write the case was checked above.
                case.sudo().write(case._acceptance_after_move())
        elif vals.get("user_id"):
            self.filtered(lambda case: case.acceptance == "pending")._accept()
        return result

    def _acceptance_after_move(self):
        if not self.department_id:
            return {"acceptance": False}
        acceptance = self._acceptance_of(self.department_id.id)
        if self.decline_count >= REFUSALS:
            acceptance = "decided"
        return {"acceptance": acceptance, "is_declined": False, "proposed_department_id": False}

    # A person's word

    def action_accept(self):
        """Take the cases on for the department.

        :return bool: True
        :raises UserError: nothing to accept
        """
        self.check_access("write")
        pending = self.filtered(lambda case: case.acceptance == "pending")
        if not pending:
            raise UserError(self.env._("There is nothing to accept here."))
        pending._accept()
        return True

    def _accept(self):
        if not self:
            return
        # Kept by the code; callers have checked the right to write.
        self.sudo().write({"acceptance": "accepted"})
        for case in self:
            note = self.env._("Accepted by %(name)s", name=case.sudo().department_id.name)
            case._log_event(note, kind="accepted")

    def action_decline(self):
        """Ask why the cases are not the department's.

        :return dict: the action of the wizard
        :raises UserError: a case that cannot be declined
        """
        for case in self:
            case._check_may_decline()
        return self._wizard_action("constituent.case.decline.wizard", self.env._("Not Ours"))

    def _check_may_decline(self):
        """Refuse what cannot be declined.

        :raises UserError: why not
        """
        self.check_access("write")
        if self.acceptance == "decided":
            raise UserError(
                self.env._(
                    "It was decided that %(number)s is yours, after %(count)s refusals. Talk to who"
                    " decided; the constituent does not wait for it.",
                    number=self.number,
                    count=self.decline_count,
                )
            )
        if not self.may_decline:
            raise UserError(
                self.env._(
                    "%(number)s is not with a department of yours, or it is closed.",
                    number=self.number,
                )
            )

    def _decline(self, reason, proposed=None):
        """Send the cases back to the coordinators, the second time to who decides.

        The promise to the constituent stays as it is.

        :param str reason: why it is not the department's
        :param proposed: the department it belongs to, where that is known
        """
        for case in self:
            case._check_may_decline()
            # With the department, the case leaves the user's sight.
            case_sudo = case.sudo()
            department = case_sudo.department_id
            note = self.env._(
                "%(department)s declined: %(reason)s", department=department.name, reason=reason
            )
            decider = self.env["res.users"]
            if case_sudo.decline_count + 1 >= REFUSALS:
                decider = case_sudo.company_id.constituent_decider_id
            case_sudo.write(
                {
                    "department_id": False,
                    "user_id": decider.id,
                    "routing_rule_id": False,
                    "routing_note": note,
                    "acceptance": "declined",
                    "is_declined": True,
                    "decline_count": case_sudo.decline_count + 1,
                    "proposed_department_id": proposed.id if proposed else False,
                }
            )
            case_sudo._log_event(note, kind="declined", department_from_id=department.id)
            if decider:
                case_sudo._ask_decider(decider)

    def _ask_decider(self, decider):
        self.activity_schedule(
            "mail.mail_activity_data_todo",
            summary=self.env._("Decide whose it is: declined %(count)s times",
                               count=self.decline_count),
            user_id=decider.id,
        )  # fmt: skip
        self._log_event(
            self.env._("%(name)s decides whose it is", name=decider.name), kind="routed",
            user_to_id=decider.id,
        )  # fmt: skip

    def action_take_proposal(self):
        """Give the case to the department that the one before has named.

        :return bool: True
        :raises UserError: none was named
        """
        self.ensure_one()
        self.check_access("write")
        if not self.proposed_department_id:
            raise UserError(self.env._("No department was named."))
        # As for each hand-over: who gives it away need not see it there.
        self.sudo().write(
            {
                "department_id": self.proposed_department_id.id,
                "user_id": self._pick_members(self.proposed_department_id.ids)[0],
                "routing_note": self.env._("As the department before proposed"),
            }
        )
        return True
