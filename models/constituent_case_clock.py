import pytz

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_datetime


class ConstituentCase(models.Model):
    """When a case is due, and its way through the stages."""

    _name = "constituent.case"
    _inherit = "constituent.case"

    @api.model
    def _intake_due(self, drafts):
        """Set when each open draft is due: so many working days after it was received."""
        for draft in drafts:
            vals = draft.vals
            if draft.is_live and not vals.get("due_at"):
                vals["due_at"] = self._due_at(
                    vals["company_id"],
                    vals.get("department_id"),
                    vals.get("category_id"),
                    fields.Datetime.to_datetime(vals["received_at"]),
                )

    @api.model
    def _due_at(self, company_id, department_id, category_id, received_at):
        """Return the end of the working day on which a case is due.

        :param int company_id: the office
        :param int department_id: whose working days count; the office's when falsy
        :param int category_id: gives the number of days; the office's when falsy
        :param datetime received_at: naive UTC
        :return datetime: naive UTC; the n-th working day after the day of receipt, at
            the end of its working hours, public holidays left out
        """
        office = self.env["res.company"]._office(company_id)
        days, calendar_id = office.response_days, office.calendar_id
        if category_id:
            days = self.env["constituent.category"]._routing_defaults(category_id)[1] or days
        if department_id:
            department = self.env["constituent.department"]._facts(department_id)
            calendar_id = department.calendar_id or calendar_id
        received = pytz.utc.localize(received_at).astimezone(pytz.timezone(office.tz))
        return self.env["resource.calendar"]._constituent_nth_working_day_end(
            calendar_id, office.tz, received.date(), max(days, 1)
        )

    # Through the stages

    def write(self, vals):
        """Write, and keep the history of what matters."""
        vals = dict(vals)
        holders = self._holders() if {"department_id", "user_id"} & set(vals) else {}
        before = self._watched_values(vals)
        self._before_write(vals)
        result = super().write(vals)
        if holders:
            moved, now = self._log_hand_overs(holders)
            if moved:
                super(ConstituentCase, moved).write({"held_since": now})
            moved.filtered("department_id")._notify_routed(holders)
        self._log_changes(before)
        return result

    def _watched_values(self, vals):
        """Return {case id: {field: value}} of the watched fields about to change."""
        watched = [name for name in ("stage_id", "due_at", "confidentiality") if name in vals]
        if not watched:
            return {}
        return {case.id: {name: case[name] for name in watched} for case in self}

    def _before_write(self, vals):
        """Fill in what follows from a change of stage.

        :raises UserError: a number that changes
        """
        if "number" in vals and any(case.number != vals["number"] for case in self):
            raise UserError(self.env._("A case keeps its number."))
        # Both follow from other columns, whatever a caller sends.
        vals.pop("status", None)
        vals.pop("description_text", None)
        if vals.get("stage_id"):
            status = self.env["constituent.case.stage"]._status_by_id(vals["stage_id"])
            statuses = set(self.mapped("status"))
            if status == "closed" and statuses != {"closed"}:
                vals.setdefault("closed_at", fields.Datetime.now())
            elif status != "closed" and "closed" in statuses:
                self._check_reopen_reason()
                # How it ended then stays in the history.
                vals.update(closed_at=False, outcome_id=False, outcome_note=False)

    def _check_reopen_reason(self):
        """Refuse a closed case that is merely dragged to another stage.

        :raises UserError: nobody said why
        """
        live = self.filtered(lambda case: case.intake_mode != "import")
        if live and not self.env.context.get("constituent_reopen_reason"):
            raise UserError(
                self.env._(
                    "%(case)s is closed. Use the Reopen button, which asks why.",
                    case=live[0].display_name,
                )
            )

    def _log_changes(self, before):
        """Write events for the watched fields that changed, and send what follows."""
        events = []
        for case in self.filtered(lambda case: case.id in before):
            for name, old in before[case.id].items():
                if case[name] != old:
                    events.append((case, case._change_event(name, old)))
        self._log_events(events)
        self._notify_stage_changes(before)

    def _change_event(self, name, old):
        """Return the values of the event that tells of one changed field."""
        new = self[name]
        kind, note = "stage", ""
        if name == "stage_id":
            kind = self._stage_event_kind(old.status, new.status)
            note = f"{old.name} → {new.name}"
            if kind == "closed" and self.outcome_id:
                note = ": ".join(filter(None, (self.outcome_id.name, self.outcome_note)))
            elif kind == "reopened":
                note = self.env.context.get("constituent_reopen_reason") or note
        elif name == "due_at":
            zone = self.env["res.company"]._office(self.company_id.id).tz
            kind, note = (
                "due",
                " → ".join(
                    format_datetime(self.env, value, tz=zone, dt_format="d MMM y HH:mm")
                    if value
                    else "—"
                    for value in (old, new)
                ),
            )
        else:
            labels = dict(self._fields[name]._description_selection(self.env))
            kind, note = "confidentiality", f"{labels.get(old)} → {labels.get(new)}"
        return {
            "kind": kind,
            "note": note,
            "stage_to_id": new.id if name == "stage_id" else False,
        }

    @api.model
    def _stage_event_kind(self, old_status, new_status):
        if new_status == "closed" and old_status != "closed":
            return "closed"
        if old_status == "closed" and new_status != "closed":
            return "reopened"
        return "stage"

    def _notify_stage_changes(self, before):
        """Queue the notices of closing, reopening and waiting."""
        for status, event in (("closed", "closed"), ("waiting", "waiting")):
            changed = self.filtered(
                lambda case, status=status: (
                    "stage_id" in before.get(case.id, {})
                    and case.status == status
                    and (
                        before[case.id]["stage_id"].status != status
                        # From waiting for others to waiting for the constituent
                        or case.stage_id.waits_for_constituent
                        > before[case.id]["stage_id"].waits_for_constituent
                    )
                )
            )
            if changed:
                changed._notify_event(event)
        reopened = self.filtered(
            lambda case: (
                "stage_id" in before.get(case.id, {})
                and case.status != "closed"
                and before[case.id]["stage_id"].status == "closed"
            )
        )
        if reopened:
            reopened._notify_event("reopened")

    def _close(self, outcome, note=False):
        """Close cases.

        :param outcome: how they ended
        :param str note: what to say of it, where the outcome asks for one
        :raises ValidationError: the outcome asks for a note and there is none
        """
        for company, cases in self.grouped("company_id").items():
            stage = self.env["constituent.case.stage"]._first_stage("closed", company)
            cases.write(
                {
                    "stage_id": stage.id,
                    "outcome_id": outcome.id,
                    "outcome_note": note,
                }
            )
        self._reply_is_dealt_with()

    def _reopen(self, reason):
        """Reopen closed cases; the reason stays in their history.

        :param str reason: why
        :raises UserError: no reason, or a case that is not closed
        """
        if not (reason or "").strip():
            raise UserError(self.env._("Say why the case is reopened."))
        still_open = self.filtered(lambda case: case.status != "closed")
        if still_open:
            raise UserError(self.env._("%(case)s is not closed.", case=still_open[0].display_name))
        for company, cases in self.grouped("company_id").items():
            stage = self.env["constituent.case.stage"]._first_stage("open", company)
            cases.with_context(constituent_reopen_reason=reason.strip()).write(
                {"stage_id": stage.id}
            )
        self._reply_is_dealt_with()

    def _reply_is_dealt_with(self):
        """Take cases off the list of replies after closing."""
        flagged = self.filtered("reply_after_closing")
        if flagged:
            flagged._write_kept({"reply_after_closing": False})
