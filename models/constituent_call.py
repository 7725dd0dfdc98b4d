from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import format_datetime

CALL_OUTCOMES = [
    ("reached", "Reached"),
    ("voicemail", "Voicemail Left"),
    ("no_answer", "No Answer"),
    ("busy", "Busy"),
    ("wrong_number", "Wrong Number"),
    ("call_back", "Call-Back Requested"),
]
# Nobody was spoken to.
UNREACHED = ("voicemail", "no_answer", "busy", "wrong_number")
# Whoever sees a call may say that it was called back; all else is its author's.
CALL_BACK_FIELDS = frozenset({"called_back_at", "called_back_id"})
# What a call is about and who made it stays.
FIXED_FIELDS = frozenset({"case_id", "company_id", "department_id", "user_id", "partner_id"})


class ConstituentCall(models.Model):
    """A telephone call about a case, in or out, and the call-back that was promised."""

    _name = "constituent.call"
    _description = "Call"
    _order = "called_at desc, id desc"

    case_id = fields.Many2one("constituent.case", required=True, index=True, ondelete="restrict")
    partner_id = fields.Many2one(
        "res.partner",
        string="Constituent",
        compute="_compute_partner_id",
        store=True,
        precompute=True,
        readonly=False,
        index="btree_not_null",
        ondelete="restrict",
        help="Empty for confidential and anonymous callers: only the number is kept.",
    )
    phone = fields.Char(
        string="Telephone",
        compute="_compute_phone",
        store=True,
        precompute=True,
        readonly=False,
        help="The number that was used.",
    )
    direction = fields.Selection(
        [("out", "Outgoing"), ("in", "Incoming")], required=True, default="out"
    )
    called_at = fields.Datetime(string="When", required=True, default=fields.Datetime.now)
    user_id = fields.Many2one(
        "res.users",
        string="By",
        required=True,
        readonly=True,
        default=lambda self: self.env.uid,
        ondelete="restrict",
    )
    outcome = fields.Selection(CALL_OUTCOMES, required=True)
    note = fields.Text(help="What was said, in a sentence or two.")
    voicemail_note = fields.Char(
        string="Voicemail", help="What we said on it, or what theirs says."
    )
    duration = fields.Integer(string="Minutes")
    language = fields.Char(string="Language Spoken", help="Where it was not English.")
    interpreter_used = fields.Boolean(string="Interpreter on the Line")
    call_back_by = fields.Datetime(help="Promised to the caller: by when we call again.")
    called_back_at = fields.Datetime(string="Called Back", readonly=True, copy=False)
    called_back_id = fields.Many2one(
        "constituent.call",
        string="Called Back With",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
    )
    is_call_back_open = fields.Boolean(
        string="Call-Back Open", compute="_compute_is_call_back_open", store=True, precompute=True
    )
    is_call_back_overdue = fields.Boolean(
        string="Call-Back Overdue",
        compute="_compute_is_call_back_overdue",
        search="_search_is_call_back_overdue",
    )
    # The case's own, kept here for lists.
    department_id = fields.Many2one(
        related="case_id.department_id", store=True, precompute=True, index="btree_not_null"
    )
    company_id = fields.Many2one(
        related="case_id.company_id", store=True, precompute=True, index=True
    )

    _call_back_idx = models.Index("(call_back_by, id) WHERE is_call_back_open IS TRUE")
    _called_at_idx = models.Index("(called_at DESC, id DESC)")
    _user_idx = models.Index("(user_id, called_at DESC)")
    _duration_positive = models.Constraint(
        "CHECK (duration >= 0)", "A call cannot last less than no time."
    )

    # Computes

    @api.depends("case_id", "direction", "called_at")
    def _compute_display_name(self):
        labels = dict(self._fields["direction"]._description_selection(self.env))
        for call in self:
            call.display_name = " ".join(
                filter(None, (labels.get(call.direction), call.case_id.number))
            )

    @api.depends("case_id")
    def _compute_partner_id(self):
        for call in self:
            case = call.case_id
            call.partner_id = case.partner_id if case.identity == "identified" else False

    @api.depends("case_id")
    def _compute_phone(self):
        for call in self:
            case = call.case_id
            call.phone = call.phone or (case and case._call_phone())

    @api.depends("call_back_by", "called_back_at")
    def _compute_is_call_back_open(self):
        for call in self:
            call.is_call_back_open = bool(call.call_back_by and not call.called_back_at)

    @api.depends("call_back_by", "is_call_back_open")
    def _compute_is_call_back_overdue(self):
        now = fields.Datetime.now()
        for call in self:
            call.is_call_back_overdue = call.is_call_back_open and call.call_back_by < now

    def _search_is_call_back_overdue(self, operator, value):
        if operator != "in":
            return NotImplemented
        overdue = Domain("is_call_back_open", "=", True) & Domain(
            "call_back_by", "<", fields.Datetime.now()
        )
        return Domain.OR(overdue if wanted else ~overdue for wanted in value)

    # Constraints

    @api.constrains("partner_id", "case_id")
    def _check_partner_id(self):
        for call in self:
            if call.partner_id and call.case_id.identity != "identified":
                raise ValidationError(
                    self.env._(
                        "%(case)s: the caller gave no name to keep. Note the telephone only.",
                        case=call.case_id.number,
                    )
                )

    @api.constrains("call_back_by", "called_at")
    def _check_call_back_by(self):
        for call in self:
            if call.call_back_by and call.call_back_by <= call.called_at:
                raise ValidationError(
                    self.env._(
                        "%(call)s: the call-back must be later than the call.",
                        call=call.display_name,
                    )
                )

    @api.constrains("called_at")
    def _check_called_at(self):
        # The clock of a browser may be a little fast.
        limit = fields.Datetime.add(fields.Datetime.now(), minutes=5)
        for call in self:
            if call.called_at > limit:
                raise ValidationError(
                    self.env._(
                        "%(call)s: a call is logged after it was made, not before.",
                        call=call.display_name,
                    )
                )

    # CRUD

    @api.model_create_multi
    def create(self, vals_list):
        """Log calls: each writes into the history of its case.

        :raises AccessError: in somebody else's name, or about a contact out of sight
        """
        if not self.env.su:
            self._check_given(vals_list)
        calls = super().create(vals_list)
        calls._log_events()
        calls.filtered(lambda call: call._reaches_out())._keep_call_backs()
        return calls

    def write(self, vals):
        """Correct calls: their author or a coordinator; a call-back is done by anybody.

        :raises AccessError: somebody else's call, or what a call keeps
        """
        if not self.env.su:
            self._check_correction(set(vals))
        before = {call.id: call.call_back_by for call in self}
        result = super().write(vals)
        corrected = set(vals) - CALL_BACK_FIELDS - FIXED_FIELDS
        if corrected:
            self._log_correction(corrected, before)
        return result

    def unlink(self):
        """Refuse: calls are part of the record.

        :raises UserError: always
        """
        raise UserError(self.env._("Calls are records and are not deleted. Correct the call."))

    def _check_given(self, vals_list):
        """Refuse calls in somebody else's name or about a contact out of sight.

        :raises AccessError: as it says
        """
        if any(vals.get("user_id", self.env.uid) != self.env.uid for vals in vals_list):
            raise AccessError(self.env._("Everybody logs their own calls."))
        partner_ids = {vals["partner_id"] for vals in vals_list if vals.get("partner_id")}
        self.env["res.partner"].browse(partner_ids).check_access("read")
        if any(CALL_BACK_FIELDS & set(vals) for vals in vals_list):
            raise AccessError(self.env._("A new call was not called back yet."))

    def _check_correction(self, names):
        """Refuse what a call keeps, and corrections by others.

        :raises AccessError: as it says
        """
        self.check_access("write")
        if names & (FIXED_FIELDS | CALL_BACK_FIELDS):
            raise AccessError(
                self.env._("A call keeps its case, its constituent and who made it; log another.")
            )
        if self.env.user.has_group("constituent_services.group_coordinator"):
            return
        others = self.filtered(lambda call: call.user_id != self.env.user)
        if others:
            raise AccessError(
                self.env._(
                    "%(call)s was logged by %(user)s: they or a coordinator may correct it.",
                    call=others[0].display_name,
                    user=others[0].user_id.name,
                )
            )

    # Call-backs

    def _reaches_out(self):
        """Return whether this call keeps what was promised: they were called and spoken to."""
        return self.direction == "out" and self.outcome in ("reached", "call_back")

    def _keep_call_backs(self):
        """Close the promises of call-backs that these calls keep."""
        # Whoever promised it: the constituent was called.
        open_sudo = self.sudo().search(
            [
                ("case_id", "in", self.case_id.ids),
                ("is_call_back_open", "=", True),
                ("id", "not in", self.ids),
            ]
        )
        kept_by = {call.case_id: call for call in self}
        for case, promised_sudo in open_sudo.grouped("case_id").items():
            call = kept_by[case]
            earlier = promised_sudo.filtered(lambda one, call=call: one.called_at <= call.called_at)
            earlier.write({"called_back_at": call.called_at, "called_back_id": call.id})

    def action_called_back(self):
        """Say that promised call-backs are done, without another call logged.

        :raises UserError: no call-back is open
        """
        self.check_access("write")
        if not all(self.mapped("is_call_back_open")):
            raise UserError(self.env._("No call-back is open here."))
        # Anybody who sees the call may keep the promise; the column is not for users.
        self.sudo().write({"called_back_at": fields.Datetime.now()})
        for case in self.case_id:
            case._log_event(self.env._("Call-back done"), kind="call")
        return True

    def action_log_call(self):
        """Open the window in which the next call of the same case is logged.

        :return dict: a window action
        """
        self.ensure_one()
        return self.case_id.action_log_call()

    def action_open_case(self):
        """Open the case of the call.

        :return dict: a window action
        """
        self.ensure_one()
        return self.case_id._get_records_action()

    # History

    def _log_events(self):
        """Write each call into the history of its case; what was said stays in the call."""
        self.case_id._log_events(
            [
                (
                    call.case_id,
                    {
                        "kind": "call",
                        "happened_at": call.called_at,
                        "user_id": call.user_id.id,
                        "partner_id": call.partner_id.id,
                        "note": call._event_note(),
                    },
                )
                for call in self
            ]
        )

    def _event_note(self):
        """Return a call in a line, without the number and without what was said."""
        labels = {
            name: dict(self._fields[name]._description_selection(self.env))
            for name in ("direction", "outcome")
        }
        parts = [labels["direction"][self.direction], labels["outcome"][self.outcome]]
        if self.interpreter_used:
            parts.append(self.env._("with an interpreter"))
        if self.language:
            parts.append(self.language)
        if self.call_back_by:
            parts.append(self._promise_note(self.call_back_by))
        return ", ".join(parts)

    def _promise_note(self, moment):
        zone = self.env["res.company"]._office(self.company_id.id).tz
        return self.env._(
            "call-back promised by %(moment)s",
            moment=format_datetime(self.env, moment, tz=zone, dt_format="d MMM y HH:mm"),
        )

    def _log_correction(self, names, before):
        """Say in the history that calls were corrected, and what is promised now."""
        labels = ", ".join(sorted(self._fields[name].string for name in names))
        for call in self:
            note = self.env._("Call corrected: %(fields)s", fields=labels)
            if call.call_back_by and call.call_back_by != before[call.id]:
                note = f"{note}; {call._promise_note(call.call_back_by)}"
            call.case_id._log_event(note, kind="call")
