from functools import partial

from odoo import fields, models
from odoo.exceptions import UserError
from odoo.fields import Command

from ..tools.notice import Reader
from .constituent_diversion import ALARMS, DIVERTED_KINDS

TASKS = {
    matter: f"constituent_services.mail_activity_type_{'alarm' if matter in ALARMS else 'diverted'}"
    for matter in (*ALARMS, *DIVERTED_KINDS)
}


class ConstituentCase(models.Model):
    """What follows when a case is diverted, by hand too, and how it is taken back."""

    _name = "constituent.case"
    _inherit = "constituent.case"

    # Who is told

    def _tell_diverted(self):
        """Give those named in the lines a task on each case; alert security of alarms."""
        tasks = []
        for case in self:
            # Whom a line names does not depend on what the user may read.
            case_sudo = case.sudo()
            for line_sudo in case_sudo.alarm_id | case_sudo.diversion_id:
                users_sudo = line_sudo.user_ids
                if line_sudo.matter in ALARMS:
                    users_sudo |= case_sudo._security_users()
                tasks += case_sudo._diverted_tasks(line_sudo, users_sudo)
        if tasks:
            # Without a mail for each: it would carry the subject. Nobody else may give
            # tasks to others on cases they do not see.
            activities_sudo = self.env["mail.activity"].sudo()
            activities_sudo.with_context(mail_activity_quick_update=True).create(tasks)
        alarmed = self.filtered("alarm_id")
        if alarmed:
            alarmed._notify_event("alarm")

    def _diverted_tasks(self, line, users):
        """Return the values of a task on the case for each user who may see it."""
        readers = users.filtered(
            lambda user: (
                user.active
                and (
                    user.has_group("constituent_services.group_restricted")
                    if self.alarm_id
                    else self.with_user(user).sudo(False).has_access("read")
                )
            )
        )
        return [
            {
                "res_model_id": self.env["ir.model"]._get_id(self._name),
                "res_id": self.id,
                "activity_type_id": self.env["ir.model.data"]._xmlid_to_res_id(TASKS[line.matter]),
                "summary": line.name,
                "user_id": user.id,
                "date_deadline": fields.Date.context_today(self),
            }
            for user in readers
        ]

    def _security_users(self):
        """Return the office's security contacts, or all who may see restricted cases."""
        self.ensure_one()
        users = self.company_id.constituent_security_ids.filtered("active")
        if users:
            return users
        group = self.env.ref("constituent_services.group_restricted")
        return group.all_user_ids.filtered(
            lambda user: (
                user.active
                and not user.share
                and user.id != 1
                and self.company_id in user.company_ids
            )
        )

    def _notice_readers_security(self, _subscriptions):
        """Return the security contacts: they get the number and a link, and no word of it."""
        # Whoever takes the report need not see who these are.
        users_sudo = self.sudo()._security_users()
        return [
            Reader(
                "security",
                user.partner_id.email_normalized,
                user.lang if self._is_installed(user.lang) else "",
                user.partner_id.id,
            )
            for user in users_sudo
            if user.partner_id.email_normalized
        ]

    def _notice_readers(self, audience, subscriptions):
        """Return who is told; of an alarm the security contacts alone."""
        if audience == "security":
            return self._notice_readers_security(subscriptions) if self.alarm_id else []
        if self.alarm_id:
            return []
        return super()._notice_readers(audience, subscriptions)

    def _notify_event(self, event, automatic=False, fits=None):
        """Queue notices, but no acknowledgement of what is not to be acknowledged."""
        cases = self
        if event == "received":
            cases = self.filtered(lambda case: not case._is_silent())
        return super(ConstituentCase, cases)._notify_event(event, automatic, fits)

    def _is_silent(self):
        """Return whether nothing is acknowledged by itself."""
        self.ensure_one()
        return bool(self.alarm_id) or self.diversion_id.acknowledgement == "none"

    def _own_acknowledgement(self):
        """Return the text by which the case is acknowledged in place of the ordinary one."""
        self.ensure_one()
        line = self.diversion_id
        return line.template_id if line.acknowledgement == "own" else line.template_id.browse()

    # By hand

    def write(self, vals):
        """Write; a kind given by hand has the same consequences as one recognized."""
        before = {case.id: case.kind for case in self} if vals.get("kind") else {}
        result = super().write(vals)
        for case in self:
            if case.id in before and before[case.id] != case.kind:
                case._kind_is_changed(before[case.id])
        return result

    def _kind_is_changed(self, before):
        """Divert an open case by the kind it was given, or take back what it was.

        :param str before: the kind it had
        """
        if self.status == "closed" or self.intake_mode != "live":
            return
        if self.diversion_id and self.diversion_id.matter != self.kind:
            self._take_back(self.kind)
        if self.kind in DIVERTED_KINDS and not self.diversion_id:
            line = self.env["constituent.diversion"]._of_matter(self.company_id.id, self.kind)
            if line:
                self._divert_as(line, before)

    def _divert_as(self, line, before, why=""):
        """Do what a line says, on a case that is there already.

        :param Diversion line: as ``constituent.diversion._compiled`` gives it
        :param str before: the kind it had
        :param str why: the words it was recognized by; empty when a person said so
        """
        values = {"needs_counsel": self.needs_counsel or line.needs_counsel}
        if line.matter in ALARMS:
            values["alarm_id"] = line.id
        else:
            values.update(diversion_id=line.id, kind_before=before)
        if line.sets_hold and not self.legal_hold:
            values.update(legal_hold=True, hold_by_diversion=True)
        self._write_kept(values)
        self._log_event(self._diverted_note(line, why), kind="diverted")
        if line.department_id and line.department_id != self.department_id.id:
            self._divert_to(line)
        if line.matter in ALARMS:
            self._restrict()
        self._tell_diverted()

    def _divert_to(self, line):
        """Hand the case over to a line's department; the former one keeps seeing it."""
        if self._stays_visible(line.department_id):
            self._divert_to_now(line)
        else:
            # At the end of the request: who gave the kind gets the case as an answer.
            self.env.cr.precommit.add(partial(self._divert_to_now, line))

    def _stays_visible(self, department_id):
        user = self.env.user
        mine = user.constituent_department_ids
        return (
            self.env.su
            or self.create_uid == user
            or user.has_group("constituent_services.group_coordinator")
            or department_id in mine.ids
            or bool((self.department_id | self.shared_department_ids) & mine)
        )

    def _divert_to_now(self, line):
        note = self._diverted_place_note(line)
        values = {"department_id": line.department_id, "user_id": False, "routing_note": note}
        # Who gives a case its kind need not see it where it goes.
        case_sudo = self.sudo()
        if case_sudo.department_id:
            values["shared_department_ids"] = [Command.link(case_sudo.department_id.id)]
        case_sudo.write(values)
        case_sudo.write({"routed_by": "diversion"})
        self.env.flush_all()

    def action_raise_alarm(self):
        """Say that there is a threat in a case that no word gave away.

        :raises UserError: no line for threats
        """
        for case in self.filtered(lambda case: not case.alarm_id):
            case.check_access("write")
            line = self.env["constituent.diversion"]._of_matter(case.company_id.id, "threat")
            if not line:
                raise UserError(self.env._("There is no line for threats among the diversions."))
            case._divert_as(line, case.kind)
        return True

    # Taking back

    def action_not_diverted(self):
        """Say that a case is not what it was taken for, and treat it as any other."""
        for case in self.filtered("diversion_id"):
            case.check_access("write")
            case._take_back(case.kind_before or "request")
        return True

    def _take_back(self, kind):
        """Undo a diversion: kind, hold, counsel, place, and the answer that was withheld.

        :param str kind: what the case is instead
        """
        line = self.diversion_id
        withheld = line.acknowledgement == "none"
        values = {"diversion_id": False, "kind_before": False, "hold_by_diversion": False}
        if line.needs_counsel and self._drops_counsel():
            values["needs_counsel"] = False
        if self.hold_by_diversion:
            values["legal_hold"] = False
        self._write_kept(values)
        if self.kind != kind:
            self.kind = kind
        self._close_tasks(line)
        self._log_event(
            self.env._("Not what it was taken for: %(what)s", what=line.name), kind="diverted"
        )
        if self.routed_by == "diversion" and self.status != "closed":
            self._route_again()
        if withheld and self.kind not in DIVERTED_KINDS and not self.acknowledged_at:
            self._notify_event("received")

    def action_no_alarm(self):
        """Say that there is no threat: the case is treated as any other.

        :raises UserError: an alarm in a case that the user may not see
        """
        for case in self.filtered("alarm_id"):
            case.check_access("write")
            line = case.alarm_id
            case._write_kept({"alarm_id": False})
            case.write({"confidentiality": "internal"})
            case._close_tasks(line)
            case._log_event(
                self.env._("Not what it was taken for: %(what)s", what=line.name), kind="diverted"
            )
            if case.routed_by == "diversion" and case.status != "closed":
                case._route_again()
            if not case.acknowledged_at and case.status != "closed":
                case._notify_event("received")
        return True

    def _close_tasks(self, line):
        """Take the tasks of a line off the case."""
        # They are other people's tasks, which need nothing done any more.
        tasks_sudo = self.sudo().activity_ids
        type_id = self.env["ir.model.data"]._xmlid_to_res_id(TASKS[line.matter])
        tasks_sudo.filtered(lambda task: task.activity_type_id.id == type_id).unlink()
