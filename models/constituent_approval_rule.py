from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain

from ..tools.approval import Step


class ConstituentApprovalRule(models.Model):
    """Who must approve which letters, in which order.

    Every rule that fits a letter is a step of its way, in the order of the list. Where no
    rule fits, any caseworker who may write the letter approves it.
    """

    _name = "constituent.approval.rule"
    _inherit = ["constituent.shared.mixin", "constituent.master.mixin"]
    _description = "Approval Rule"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10, help="Steps are taken from the top down.")
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        "res.company", string="Office", index=True, help="Every office when empty."
    )
    # Which letters
    department_ids = fields.Many2many(
        "constituent.department",
        "constituent_approval_rule_department_rel",
        "rule_id",
        "department_id",
        string="Departments",
        help="Letters of these departments; of every one when empty.",
    )
    template_ids = fields.Many2many(
        "constituent.letter.template",
        "constituent_approval_rule_template_rel",
        "rule_id",
        "template_id",
        string="Templates",
        help="Letters begun from these; whichever they began from when empty.",
    )
    addressee_role = fields.Selection(
        selection=lambda self: self.env["res.partner"]._fields["constituent_role"].selection,
        string="To",
        help="Letters to addressees of this role; to everybody when empty.",
    )
    case_kind = fields.Selection(
        selection=lambda self: self.env["constituent.case"]._fields["kind"].selection,
        string="Kind of Case",
        help="Letters on cases of this kind; on every one when empty.",
    )
    # Who
    approver_kind = fields.Selection(
        [
            ("people", "People named here"),
            ("head", "The head of the letter's department"),
            ("signatories", "Each who signs, in their order"),
            ("counsel", "Counsel"),
        ],
        string="Who Approves",
        required=True,
        default="people",
    )
    approver_ids = fields.Many2many(
        "res.users",
        "constituent_approval_rule_user_rel",
        "rule_id",
        "user_id",
        string="People",
        domain="[('share', '=', False)]",
    )
    needs_all = fields.Boolean(
        string="All of Them", help="Each must approve; otherwise any one of them."
    )

    @api.constrains("approver_kind", "approver_ids")
    def _check_approvers(self):
        for rule in self:
            if rule.approver_kind == "people" and not rule.approver_ids:
                raise ValidationError(
                    self.env._("%(rule)s: name who approves.", rule=rule.display_name)
                )

    @api.constrains("company_id", "department_ids")
    def _check_same_office(self):
        for rule in self:
            others = rule.department_ids.company_id - rule.company_id
            if rule.company_id and others:
                raise ValidationError(
                    self.env._(
                        "%(rule)s: its departments must be of its office.", rule=rule.display_name
                    )
                )

    @api.model_create_multi
    def create(self, vals_list):
        rules = super().create(vals_list)
        self._refresh_waiting()
        return rules

    def write(self, vals):
        result = super().write(vals)
        self._refresh_waiting()
        return result

    def unlink(self):
        result = super().unlink()
        self._refresh_waiting()
        return result

    @api.model
    def _refresh_waiting(self, letters=None):
        """Let what waits for an approval wait for whom the rules name now.

        :param Domain letters: only these, and no batches; everything when empty
        """
        waits = Domain("state", "=", "to_approve")
        # Whoever may change what the rules look at need not see every letter that waits.
        letters_sudo = self.env["constituent.correspondence"].sudo()
        letters_sudo.search(waits & (letters or Domain.TRUE))._update_waiting()
        if letters is None:
            self.env["constituent.letter.batch"].sudo().search(waits)._update_waiting()

    @api.model
    def _steps(self, facts):
        """Return the steps for something that is to be approved.

        :param dict facts: company, department (records; several of a batch), roles and kinds
            (sets), signatories (users in their order), signatories_by_department (where
            letters are of several: {id: ids of users}), sign_together (whether several sign
            one letter), needs_counsel, and what other parts add
        :return list: Step objects, in their order
        """
        # Whoever writes a letter need not read the rules.
        rules_sudo = self.sudo().search(
            Domain("company_id", "in", (False, facts["company"].id)),
        )
        fitting_sudo = rules_sudo.filtered(lambda rule: rule._fits(facts))
        steps = [step for rule in fitting_sudo for step in rule._rule_steps(facts)]
        if facts["sign_together"] and "signatories" not in fitting_sudo.mapped("approver_kind"):
            # Nobody's name goes under a letter of several without their word.
            steps += self._signatory_steps("law", self.env._("Who signs"), facts)
        if facts["needs_counsel"] and not any(step.key.endswith(":counsel") for step in steps):
            steps.insert(0, self._counsel_step("law", facts))
        return steps

    def _fits(self, facts):
        """Return whether a letter is one of this rule's."""
        self.ensure_one()
        return (
            (not self.department_ids or bool(facts["department"] & self.department_ids))
            and (not self.template_ids or facts["template"] in self.template_ids)
            and (not self.addressee_role or self.addressee_role in facts["roles"])
            and (not self.case_kind or self.case_kind in facts["kinds"])
        )

    def _rule_steps(self, facts):
        self.ensure_one()
        key = f"rule:{self.id}"
        if self.approver_kind == "counsel":
            return [self._counsel_step(key, facts)]
        if self.approver_kind == "signatories":
            return self._signatory_steps(key, self.name, facts, self.department_ids)
        if self.approver_kind == "head":
            return self._head_steps(key, facts)
        active = self.approver_ids.filtered("active")
        return [Step(key, self.name, tuple(active.ids), self.needs_all)]

    def _head_steps(self, key, facts):
        """Return the step of the head; of each head, where letters are of several departments."""
        departments = facts["department"]
        if self.department_ids:
            departments &= self.department_ids
        if len(departments) < 2:
            heads = departments.head_id.filtered("active")
            return [Step(key, self.name, tuple(heads.ids), self.needs_all)]
        return [
            Step(
                f"{key}:{department.id}",
                f"{self.name}: {department.name}",
                tuple(department.head_id.filtered("active").ids),
            )
            for department in departments.sorted("id")
        ]

    @api.model
    def _signatory_steps(self, key, name, facts, departments=None):
        """Return a step for each who signs, in their order.

        :param departments: only who signs letters of these; everybody when empty
        """
        signing, by_department = facts["signatories"], facts.get("signatories_by_department")
        if departments and by_department is not None:
            wanted = {user for one in departments.ids for user in by_department.get(one, ())}
            signing = signing.filtered(lambda user: user.id in wanted)
        return [Step(f"{key}:{user.id}", f"{name}: {user.name}", (user.id,)) for user in signing]

    @api.model
    def _counsel_step(self, key, facts):
        counsel = facts["company"].constituent_counsel_ids.filtered("active")
        return Step(f"{key}:counsel", self.env._("Counsel"), tuple(counsel.ids))
