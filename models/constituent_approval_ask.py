from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import format_datetime

ACTIVITY = "constituent_services.mail_activity_type_approval"


class ConstituentApprovalMixin(models.AbstractModel):
    """Whom it asks for a decision, what was decided so far, and whose signature goes on it."""

    _name = "constituent.approval.mixin"
    _inherit = "constituent.approval.mixin"

    approval_trail = fields.Html(
        string="Decisions",
        compute="_compute_approval_trail",
        sanitize=False,
        help="The decisions on the letter, the newest first.",
    )
    may_sign = fields.Boolean(compute="_compute_may_sign")
    approval_note = fields.Char(compute="_compute_approval_note")
    sent_back_note = fields.Char(
        compute="_compute_sent_back_note", help="Who sent it back, and what is to be changed."
    )

    @api.constrains("signatory_ids", "company_id")
    def _check_signatories(self):
        """Refuse names under a letter that are not of its office's staff.

        :raises ValidationError: somebody else, whose name is not said
        """
        for record in self:
            # Whoever is named, also whom the user may not open.
            for user_sudo in record.sudo().signatory_ids:
                if user_sudo.share or record.company_id not in user_sudo.company_ids:
                    raise ValidationError(
                        self.env._(
                            "Who signs a letter of %(office)s works for it.",
                            office=record.company_id.display_name,
                        )
                    )

    def _ask_for_decision(self):
        """Give each who has to decide, or acts for them today, an activity without a mail."""
        delegations = self.env["constituent.approval.delegation"]
        for record in self:
            # Who submits a letter may ask colleagues whom they cannot open.
            record_sudo = record.sudo().with_context(mail_activity_quick_update=True)
            people_sudo = record_sudo.waiting_for_ids
            deputies_sudo = delegations._deputies_on(record._approval_today(), people_sudo)
            asked_sudo = people_sudo | deputies_sudo.filtered(record._may_be_decided_by)
            for user in asked_sudo - self.env.user:
                record_sudo.activity_schedule(
                    ACTIVITY, user_id=user.id, summary=self.env._("Read and Decide")
                )

    def _forget_activities(self):
        """Take the questions back: decided, withdrawn or changed."""
        # They are the letter's, whoever was asked.
        self.sudo().activity_unlink([ACTIVITY])

    @api.depends("approval_ids")
    def _compute_approval_trail(self):
        for record in self:
            # Who may read a letter may know who decided on it.
            rows_sudo = record.sudo().approval_ids
            record.approval_trail = bool(rows_sudo) and record._render_page(
                "approval_trail",
                {
                    "rows": rows_sudo,
                    "labels": self._decision_labels(),
                    "when": lambda moment: format_datetime(self.env, moment),
                },
            )

    @api.model
    def _decision_labels(self):
        field = self.env["constituent.approval"]._fields["decision"]
        return dict(field._description_selection(self.env))

    @api.model
    def _render_page(self, name, values):
        return self.env["ir.qweb"]._render(f"constituent_services.{name}", values)

    def _tell_void(self, changed):
        """Tell those who approved that it counts no more.

        :param str changed: what was changed, in words
        """
        approvals_sudo = self._approvals_given(self.approved_digest)
        people_sudo = approvals_sudo.user_id - self.env.user
        if people_sudo:
            # They are told, whichever users whoever changed it may open.
            self.sudo().message_post(
                body=self.env._(
                    "Your approval is void, this was changed afterwards: %(changed)s",
                    changed=changed,
                ),
                partner_ids=people_sudo.partner_id.ids,
            )

    @api.depends("state", "waiting_for_ids", "approved_digest")
    @api.depends_context("uid")
    def _compute_approval_note(self):
        for record in self:
            note = False
            # Whom it waits for is shown, whichever users the reader may open.
            people_sudo = record.sudo().waiting_for_ids
            if record.state == "to_approve" and people_sudo:
                waits = self.env._(
                    "Waits for %(people)s.", people=", ".join(people_sudo.mapped("name"))
                )
                note = " ".join(filter(None, (waits, record._acting_note())))
            elif record.state in ("to_approve", *self._approval_begins):
                note = record._unasked_note()
            elif record.state == "approved" and isinstance(record.id, int):
                if not record._is_approved():
                    note = self.env._(
                        "Not what was approved: the addressee, the one who signs or a picture "
                        "was changed since. It needs another approval."
                    )
            record.approval_note = note

    @api.depends("state", "approval_ids")
    def _compute_sent_back_note(self):
        for record in self:
            # Who may read a letter may know who sent it back, and why.
            rows_sudo = record.sudo().approval_ids.sorted("id")
            row_sudo = rows_sudo.filtered(lambda row: row.decision == "returned")[-1:]
            record.sent_back_note = (
                record.state == "rejected"
                and row_sudo
                and self.env._(
                    "%(name)s sent it back: %(comment)s",
                    name=row_sudo.user_id.name,
                    comment=row_sudo.comment or self.env._("no comment"),
                )
            )

    def _unasked_note(self):
        """Return that no rule asks anybody; nothing when one does, or it is not saved yet."""
        if not isinstance(self.id, int) or self._approval_steps():
            return False
        return self.env._(
            "No approval rule asks anybody: any caseworker who may write here can approve "
            "alone, also whoever drafted it."
        )

    def _acts_for(self):
        """Return for whom the user would decide, other than themself: {user id: delegation}."""
        if self.state != "to_approve" or not self.waits_for_me:
            return {}
        taken = self._steps_to_take(self._approval_steps(), self._approval_digest())
        return {
            person: delegation
            for step, person, delegation in taken
            if step and person != self.env.uid
        }

    def _acting_note(self):
        """Return for whom the user decides, when they act for somebody."""
        # For whom they act is no secret of theirs.
        people_sudo = self.env["res.users"].sudo().browse(self._acts_for())
        return people_sudo and self.env._(
            "You act for %(people)s.", people=", ".join(people_sudo.mapped("name"))
        )

    @api.depends("waiting_for_ids", "state", "signatory_ids")
    @api.depends_context("uid")
    def _compute_may_sign(self):
        has_signature = bool(self.env["constituent.signature"]._of(self.env.user)[1])
        for record in self:
            record.may_sign = has_signature and record.waits_for_me and record._is_mine_to_sign()

    def _is_mine_to_sign(self):
        """Return whether the user, or one they act for, signs the record."""
        return bool(set(self.signatory_ids.ids) & set(self._acting()))

    def _signature_to_print(self, with_signature):
        """Return the SHA-256 of the signature the user authorizes; empty when none.

        :raises UserError: they keep none, or do not sign this letter
        """
        if not with_signature:
            return ""
        signature = self.env["constituent.signature"]._of(self.env.user)[1]
        if not signature:
            raise UserError(
                self.env._("You keep no scanned signature: put one under My Signature first.")
            )
        if not self._is_mine_to_sign():
            raise UserError(
                self.env._("%(letter)s is not yours to sign.", letter=self.display_name)
            )
        return signature
