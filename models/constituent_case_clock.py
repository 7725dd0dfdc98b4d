from datetime import timedelta

import pytz

from odoo import api, fields, models
from odoo.exceptions import UserError


class ConstituentCase(models.Model):
    """When a case is due, and its way through the stages."""

    _name = "constituent.case"
    _inherit = "constituent.case"

    @api.model
    def _intake_due(self, drafts):
        """Set when each open draft is due: so many working days after it was received."""
        cache = {}
        for draft in drafts:
            vals = draft.vals
            if vals.get("due_at") or not draft.is_live:
                continue
            key = (
                vals["company_id"],
                vals.get("department_id"),
                vals.get("category_id"),
                fields.Datetime.to_datetime(vals["received_at"]).replace(
                    minute=0, second=0, microsecond=0
                ),
            )
            if key not in cache:
                cache[key] = self._due_at(*key)
            vals["due_at"] = cache[key]

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
        # Due dates do not depend on what the user may read.
        company_sudo = self.env["res.company"].sudo().browse(company_id)
        department_sudo = self.env["constituent.department"].sudo().browse(department_id or [])
        days = company_sudo.constituent_response_days
        if category_id:
            days = self.env["constituent.category"]._routing_defaults(category_id)[1] or days
        calendar_sudo = department_sudo.resource_calendar_id or company_sudo.resource_calendar_id
        zone = pytz.timezone(company_sudo.constituent_tz or calendar_sudo.tz or "UTC")
        start = pytz.utc.localize(received_at).astimezone(zone)
        # From the next midnight: the day of receipt does not count.
        start = zone.localize(
            (start + timedelta(days=1)).replace(hour=0, minute=0, second=0, tzinfo=None)
        )
        horizon = start + timedelta(days=days * 3 + 30)
        ends = {}
        if calendar_sudo:
            # plan_days ignores holidays unless told, and is slow: the intervals once.
            intervals = calendar_sudo._work_intervals_batch(start, horizon)[False]
            for _begin, end, _meta in intervals:
                local = end.astimezone(zone)
                ends[local.date()] = local
        if len(ends) < days:  # no calendar, or one without working days
            end = horizon if ends else start + timedelta(days=max(days, 1) - 1, hours=17)
        else:
            end = sorted(ends.values())[max(days, 1) - 1]
        return end.astimezone(pytz.utc).replace(tzinfo=None)

    # Through the stages

    def write(self, vals):
        """Write, and keep the history of what matters."""
        vals = dict(vals)
        holders = self._holders() if {"department_id", "user_id"} & set(vals) else {}
        before = self._watched_values(vals)
        self._before_write(vals)
        result = super().write(vals)
        if holders:
            moved = self._log_hand_overs(holders)
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
        if vals.get("stage_id"):
            status = self.env["constituent.case.stage"].browse(vals["stage_id"]).status
            if status == "closed":
                vals.setdefault("closed_at", fields.Datetime.now())
            else:
                vals.setdefault("closed_at", False)
                vals.setdefault("outcome_id", False)

    def _log_changes(self, before):
        """Write events for the watched fields that changed, and send what follows."""
        events = []
        for case in self.filtered(lambda case: case.id in before):
            for name, old in before[case.id].items():
                if case[name] != old:
                    events.append(case._change_event(name, old))
        if events:
            # Only the case itself writes its history; nobody has the right to.
            self.env["constituent.case.event"].sudo().create(events)
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
            kind, note = "due", f"{old or '—'} → {new or '—'} (UTC)"
        else:
            labels = dict(self._fields[name]._description_selection(self.env))
            kind, note = "confidentiality", f"{labels.get(old)} → {labels.get(new)}"
        return {
            "case_id": self.id,
            "company_id": self.company_id.id,
            "kind": kind,
            "note": note,
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
                lambda case, status=status: "stage_id" in before.get(case.id, {})
                and case.status == status
                and before[case.id]["stage_id"].status != status
            )
            if changed:
                changed._notify_event(event)
        reopened = self.filtered(
            lambda case: "stage_id" in before.get(case.id, {})
            and case.status != "closed"
            and before[case.id]["stage_id"].status == "closed"
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
                    "reply_after_closing": False,
                }
            )

    def _reopen(self, reason):
        """Reopen closed cases; the reason stays in their history.

        :param str reason: why
        :raises UserError: no reason, or a case that is not closed
        """
        if not (reason or "").strip():
            raise UserError(self.env._("Say why the case is reopened."))
        still_open = self.filtered(lambda case: case.status != "closed")
        if still_open:
            raise UserError(
                self.env._("%(case)s is not closed.", case=still_open[0].display_name)
            )
        for company, cases in self.grouped("company_id").items():
            stage = self.env["constituent.case.stage"]._first_stage("open", company)
            cases.with_context(constituent_reopen_reason=reason.strip()).write(
                {"stage_id": stage.id, "reply_after_closing": False}
            )
