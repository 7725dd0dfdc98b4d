import pytz

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command, Domain

from ..tools.approval import Decision, waiting

CAN_SEND_GROUP = "constituent_services.group_caseworker"


class ConstituentApprovalMixin(models.AbstractModel):
    """What must be approved: submitted, decided on step by step, or sent back.

    Who decides follows the approval rules. What was decided on is kept as a digest; whoever
    inherits this says what is in it (`_approval_digest`), what the rules look at
    (`_approval_facts`), and has the fields `approval_ids`, `waiting_for_ids` and
    `decided_by_ids`.
    """

    _name = "constituent.approval.mixin"
    _description = "To Be Approved"
    #: Field of ``constituent.approval`` that names the record.
    _approval_link = None
    #: States in which something is handed over for approval.
    _approval_begins = ("draft", "rejected")

    submitted_at = fields.Datetime(readonly=True, copy=False)
    approved_by_id = fields.Many2one("res.users", readonly=True, copy=False, ondelete="restrict")
    approved_at = fields.Datetime(readonly=True, copy=False)
    # Compared when it is sent: contacts and pictures may be changed meanwhile
    approved_digest = fields.Char(
        string="Approved SHA-256",
        readonly=True,
        copy=False,
        help="Of text, addressee and enclosures when it was approved.",
    )
    content_digest = fields.Char(
        compute="_compute_content_digest", help="Of what is read here, while it waits."
    )
    waits_for_me = fields.Boolean(
        compute="_compute_waits_for_me", search="_search_waits_for_me", string="Waits for Me"
    )

    @api.depends("state")
    @api.depends_context("uid")
    def _compute_content_digest(self):
        for record in self:
            waits = isinstance(record.id, int) and record.state == "to_approve"
            record.content_digest = waits and record._approval_digest()

    def _approval_today(self):
        """Return the day in the office's time zone."""
        zone = pytz.timezone(self.env["res.company"]._office(self.company_id.id).tz)
        return fields.Datetime.now().replace(tzinfo=pytz.utc).astimezone(zone).date()

    # Who

    def _approval_steps(self):
        """Return the steps of the rules as they are now."""
        return self.env["constituent.approval.rule"]._steps(self._approval_facts())

    def _approvals_given(self, content_digest=None):
        """Return the approvals since the letter was last submitted, with superuser rights.

        :param str content_digest: only those of this text; of the letter as it is by default
        """
        self.ensure_one()
        content_digest = content_digest or self._approval_digest()
        # Who may read a letter may know who approved it.
        rows_sudo = self.sudo().approval_ids.sorted("id")
        last = rows_sudo.filtered(lambda row: row.decision == "submitted")[-1:]
        return rows_sudo.filtered(
            lambda row: (
                row.decision == "approved" and row.id > last.id and row.digest == content_digest
            )
        )

    def _approval_waiting(self, steps, content_digest):
        """Return the step that is open, and the ids of who still has to decide in it."""
        return waiting(steps, self._decisions_given(content_digest))

    def _decisions_given(self, content_digest):
        return [
            Decision(row.step, (row.acting_for_id or row.user_id).id)
            for row in self._approvals_given(content_digest)
        ]

    def _update_waiting(self):
        """Write down whom letters that wait for approval are waiting for, and ask them."""
        for record in self:
            _step, people = record._approval_waiting(
                record._approval_steps(), record._approval_digest()
            )
            # Also those who are archived by now: they come back to nothing that is decided.
            whole = record.with_context(active_test=False)
            if set(people) != set(whole.waiting_for_ids.ids):
                whole._advance(record.state, waiting_for_ids=[Command.set(people)])
                record._forget_activities()
                record._ask_for_decision()

    def _acting(self):
        """Return for whom the user decides, themself first: {user id: delegation or nothing}."""
        delegations = self.env["constituent.approval.delegation"]._acting_on(
            self._approval_today(), self.env.user
        )
        acting = {one.user_id.id: one for one in delegations.filtered("user_id.active")}
        return {self.env.uid: delegations.browse(), **acting}

    def _steps_to_take(self, steps, content_digest):
        """Return what the user takes who approves now: the open step, and those after it.

        :param list steps: of the rules
        :param str content_digest: of what is approved
        :return list: (Step, id of the person it counts for, delegation or nothing); without
            any rule one triple whose step is None
        """
        acting, taken = self._acting(), []
        decisions = self._decisions_given(content_digest)
        # Whoever acts for two decides once: where all of several must, it takes another.
        mine_sudo = self._approvals_given(content_digest).filtered(
            lambda row: row.user_id == self.env.user
        )
        done = set(mine_sudo.mapped("step"))
        step, people = waiting(steps, decisions)
        if not step:
            return [(None, None, None)]
        while step and step.key not in done:
            person = next((person for person in acting if person in people), None)
            if not person:
                break
            taken.append((step, person, acting[person]))
            done.add(step.key)
            decisions.append(Decision(step.key, person))
            step, people = waiting(steps, decisions)
        return taken

    @api.depends("waiting_for_ids", "state")
    @api.depends_context("uid")
    def _compute_waits_for_me(self):
        may_send = self.env.user.has_group(CAN_SEND_GROUP)
        acting = set(self[:1]._acting()) if self else set()
        for record in self:
            # Whom it waits for is looked at, whichever users the reader may open.
            people = set(record.sudo().waiting_for_ids.ids)
            record.waits_for_me = record.state == "to_approve" and bool(
                people & acting or (may_send and not people)
            )

    @api.model
    def _search_waits_for_me(self, operator, value):
        if operator != "in" or True not in value:
            return NotImplemented
        mine = Domain("waiting_for_ids", "in", list(self._acting()))
        if self.env.user.has_group(CAN_SEND_GROUP):
            mine |= Domain("waiting_for_ids", "=", False)
        return mine & Domain("state", "=", "to_approve")

    # Steps

    def action_submit(self):
        """Hand drafts over for approval.

        :raises UserError: not a draft, not fit to be sent, or nobody who has to approve may
            see the letter
        """
        self._check_step(self._approval_begins)
        self._check_complete()
        for record in self:
            steps = record._approval_steps()
            record._check_steps(steps)
            record._decide("submitted")
            record._advance("to_approve", submitted_at=fields.Datetime.now())
            record._update_waiting()

    def action_approve(self):
        """Approve letters as they are; the next step is asked, or the letter may go.

        Who reads a letter in a form or window approves what they read: its digest comes
        with the context, and another one is refused.

        :raises AccessError: somebody else decides
        :raises UserError: not waiting for approval, changed since it was read, or not fit
        """
        return self._approve()

    def action_approve_and_sign(self):
        """Approve, and let the scanned signature be printed on these letters.

        :raises AccessError: somebody else decides
        :raises UserError: see action_approve; no signature is kept, or it is not theirs to sign
        """
        return self._approve(with_signature=True)

    def _approve(self, comment="", with_signature=False):
        for record in self:
            record._check_may_decide()
            record._check_step(("to_approve",))
            record._check_complete()
            record._check_as_read()
            record._approve_one((comment or "").strip(), with_signature)

    def _check_may_decide(self):
        """Raise unless the user is one of those whom the letter waits for.

        :raises AccessError: somebody else decides, or it is not the user's to see
        """
        self.check_access("read")
        # Whom it waits for is looked at, whichever users the reader may open.
        people_sudo = self.sudo().waiting_for_ids
        if self.env.su and not people_sudo or self.state != "to_approve":
            return
        if not people_sudo:
            self._check_may_send()
        elif not set(people_sudo.ids) & set(self._acting()):
            raise AccessError(
                self.env._(
                    "%(letter)s waits for %(people)s.",
                    letter=self.display_name,
                    people=", ".join(people_sudo.mapped("name")),
                )
            )

    def _check_as_read(self):
        """Raise when the letter is not what the user read.

        :raises UserError: somebody changed it meanwhile
        """
        read = self.env.context.get("constituent_read_digest")
        read = read.get(str(self.id)) if isinstance(read, dict) else read
        if read and read != self._approval_digest():
            raise UserError(
                self.env._(
                    "%(letter)s was changed while you were reading it. Read it again.",
                    letter=self.display_name,
                )
            )

    def _approve_one(self, comment, with_signature):
        """Take the open step, and those after it that are the same person's."""
        steps, content_digest = self._approval_steps(), self._approval_digest()
        signature = self._signature_to_print(with_signature)
        taken = self._steps_to_take(steps, content_digest)
        if not taken:
            step, _people = self._approval_waiting(steps, content_digest)
            raise AccessError(
                self.env._(
                    "%(letter)s waits for somebody else first: %(step)s.",
                    letter=self.display_name,
                    step=step.label,
                )
            )
        for step, person, delegation in taken:
            self._decide(
                "approved",
                comment=comment,
                digest=content_digest,
                step=step and step.key,
                step_label=step and step.label,
                acting_for_id=person != self.env.uid and person,
                acting_style=bool(step) and delegation.style,
                signature_sha256=signature,
            )
        step, people = self._approval_waiting(steps, content_digest)
        self._after_decision(step, people, content_digest)

    def _after_decision(self, step, people, content_digest):
        """Ask the next people, or let the letter go; whoever decided stays a reader."""
        self._forget_activities()
        decided = [Command.link(self.env.uid)]
        # The step is its own right: who approves need not be a writer of the record.
        record_sudo = self.sudo()
        if step:
            record_sudo._advance(
                "to_approve", waiting_for_ids=[Command.set(people)], decided_by_ids=decided
            )
            self._ask_for_decision()
            return
        record_sudo._advance(
            "approved",
            approved_by_id=self.env.uid,
            approved_at=fields.Datetime.now(),
            approved_digest=content_digest,
            waiting_for_ids=[Command.clear()],
            decided_by_ids=decided,
        )
        # Who decides on their own letter knows.
        if record_sudo.create_uid != self.env.user:
            record_sudo.message_post(
                body=self.env._("Approved: it may be sent."),
                partner_ids=record_sudo.create_uid.partner_id.ids,
            )

    def action_reject(self, reason=""):
        """Send letters back to who drafted them.

        :param str reason: what to change, kept with the letter
        :raises AccessError: somebody else decides
        :raises UserError: not waiting for approval
        """
        reason_given = (reason or "").strip()
        for record in self:
            if record.state == "to_approve":
                record._check_may_decide()
            else:
                record._check_may_send()
            record._check_step(("to_approve", "approved"))
            record._decide("returned", comment=reason_given)
            record._forget_activities()
            # The step is its own right, and ends the right to write the record.
            record_sudo = record.sudo()
            record_sudo._take_back("rejected", decided_by_ids=[Command.link(self.env.uid)])
            record_sudo.message_post(
                body=self.env._("Sent back: %(reason)s", reason=reason_given)
                if reason_given
                else self.env._("Sent back."),
                partner_ids=record_sudo.create_uid.partner_id.ids,
            )

    def action_reset_draft(self):
        """Take letters that were not sent back to draft.

        :raises UserError: a draft already, or sealed
        """
        self._withdraw("draft", ("to_approve", "approved", "rejected", "cancelled"))

    def action_cancel(self):
        """Cancel letters that were not sent.

        :raises UserError: cancelled already, or sealed
        """
        self._withdraw("cancelled", ("draft", "to_approve", "approved", "rejected"))

    def _withdraw(self, state, states):
        self._check_step(states)
        for record in self:
            if record.state in ("to_approve", "approved"):
                record._decide("withdrawn")
        self._forget_activities()
        self._take_back(state)

    # Guards

    def _check_may_send(self):
        if not self.env.su and not self.env.user.has_group(CAN_SEND_GROUP):
            raise AccessError(
                self.env._("Clerks draft letters; a caseworker approves and sends them.")
            )

    def _check_step(self, states):
        """Raise unless the user may write the records and all stand in one of the states.

        :param tuple states: values of the field `state`
        """
        self.check_access("write")
        labels = dict(self._fields["state"]._description_selection(self.env))
        for record in self:
            if record.state not in states:
                raise UserError(
                    self.env._(
                        "%(letter)s is “%(state)s”: this step is not open to it.",
                        letter=record.display_name,
                        state=labels[record.state],
                    )
                )

    def _take_back(self, state, **vals):
        """Write a state before the approval, and forget who approved what.

        :param vals: see ``_advance``
        """
        self._advance(
            state,
            approved_by_id=False,
            approved_at=False,
            approved_digest=False,
            waiting_for_ids=[Command.clear()],
            **vals,
        )

    @api.model
    def _not_sent(self, message):
        """Return the notification that something was not sent; its form is loaded again."""
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "danger",
                "sticky": True,
                "title": self.env._("Not Sent"),
                "message": message,
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }

    # Rows

    @api.ondelete(at_uninstall=False)
    def _unlink_except_decided(self):
        # The database holds the line itself: decisions keep their record.
        for record_sudo in self.sudo():
            if record_sudo.approval_ids:
                raise UserError(
                    self.env._(
                        "%(letter)s was decided on and is not deleted: cancel it instead.",
                        letter=record_sudo.display_name,
                    )
                )

    def _decide(self, decision, **vals):
        """Write a decision on the letter as it is into its row."""
        self.ensure_one()
        row = {
            self._approval_link: self.id,
            "company_id": self.company_id.id,
            "decision": decision,
            "digest": vals.pop("digest", None) or self._approval_digest(),
            **{name: value or False for name, value in vals.items()},
        }
        self.env["constituent.approval"]._decide([row])

    def _note_void(self, changed):
        """Say in the rows that an approval is void, and what was changed.

        :param str changed: the fields, in words
        """
        for record in self:
            if record.state == "approved":
                record._tell_void(changed)
                record._decide("voided", comment=changed, digest=record.approved_digest)
        self._forget_activities()
