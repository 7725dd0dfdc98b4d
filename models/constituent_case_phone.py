import re
from datetime import datetime

import pytz

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date, plaintext2html

from ..tools.intake import check_report

# What the screen may send; all are keys of an intake report.
PHONE_DESK_KEYS = {
    "partner_id", "partner_name", "partner_email", "partner_phone", "identity",
    "name", "category_id", "priority", "kind",
    "street", "city", "zip", "location_note",
}  # fmt: skip
BESIDE_THE_REPORT = {"details", "language_needed", "duplicate_of_id", "answers"}
# Of the call itself, not of the case
CALL_KEYS = {"call_back_by", "interpreter_used", "language"}
SOURCE = "phone_desk"
SEARCH_LIMIT = 8
EARLIER_CASES = 6
SUBJECT_LENGTH = 80


class ConstituentCase(models.Model):
    """The telephone desk: one screen while somebody is on the line.

    The screen is a client action (static/src/phone_desk). It reads little, from
    indexed columns, with the user's own rights, and saves by one call.
    """

    _name = "constituent.case"
    _inherit = "constituent.case"

    # Who is calling

    @api.model
    def phone_desk_search(self, term):
        """Find the caller while the clerk is typing.

        :param str term: a part of the name, the beginning of a mail address or
            telephone number, or a whole case number
        :return list[dict]: at most 8 contacts: id, name, detail
        :raises AccessError: the user may not enter cases
        """
        self.check_access("create")
        partners = self.env["res.partner"]
        found = self._phone_desk_by_number(term).partner_id
        # The latest first: by name, everybody of a common name would be read to sort them.
        found |= partners.search(
            partners._constituent_search_domain(term), limit=SEARCH_LIMIT, order="id desc"
        )
        return [
            {
                "id": partner.id,
                "name": partner.display_name,
                "detail": self._phone_desk_detail(partner),
            }
            for partner in found[:SEARCH_LIMIT]
        ]

    @api.model
    def _phone_desk_by_number(self, term):
        """Return the case whose whole number was typed, if the user may see it."""
        term = (term or "").strip().upper()
        if not re.fullmatch(r"[A-Z0-9]+-\d{4}-\d+", term):
            return self.browse()
        return self.search([("number", "=", term)], limit=1)

    @api.model
    def _phone_desk_detail(self, partner):
        """Return the line that tells people of the same name apart."""
        where = "" if partner.protected_address else partner.street
        return " · ".join(filter(None, (partner.phone, partner.email, where)))

    @api.model
    def phone_desk_partner(self, partner_id):
        """Return what to know of the caller: how to speak, and what we told them.

        :param int partner_id: a contact
        :return dict: the contact, `cases` (the latest the user may see) and
            `hidden_count`, of other departments
        :raises AccessError: the user may not enter cases or read the contact
        """
        self.check_access("create")
        partner = self.env["res.partner"].browse(partner_id)
        partner.check_access("read")
        domain = [("partner_id", "=", partner.id)]
        cases = self.search(domain, limit=EARLIER_CASES)
        labels = dict(partner._fields["contact_preference"]._description_selection(self.env))
        roles = dict(partner._fields["constituent_role"]._description_selection(self.env))
        visible_count = self.search_count(domain)
        return {
            "id": partner.id,
            "name": partner.display_name,
            "role": roles.get(partner.constituent_role, ""),
            "phone": partner.phone or "",
            "email": partner.email or "",
            "preference": labels.get(partner.contact_preference, ""),
            "language_needed": partner.language_needed or "",
            "accessibility_needs": partner.accessibility_needs or "",
            "protected": partner.protected_address,
            "deceased": partner.deceased,
            # A protected address is not read out, copied or shown.
            "address": {}
            if partner.protected_address
            else {name: partner[name] or "" for name in ("street", "city", "zip")},
            "cases": [case._phone_desk_case() for case in cases],
            "more_count": max(visible_count - len(cases), 0),
            "hidden_count": self._phone_desk_hidden_count(partner, visible_count),
        }

    @api.model
    def _phone_desk_hidden_count(self, partner, visible_count):
        """Return how many cases others have, so that nobody is told "you never called".

        Restricted cases are not counted: nobody may guess that there are any.
        """
        restricted = self.env.user.has_group("constituent_services.group_restricted")
        domain = [
            ("partner_id", "=", partner.id),
            ("company_id", "in", self.env.companies.ids),
        ]
        if not restricted:
            domain.append(("confidentiality", "!=", "restricted"))
        # Only a number leaves this method.
        count_sudo = self.sudo().search_count(domain)
        return max(count_sudo - visible_count, 0)

    def _phone_desk_case(self):
        """Return one earlier case as the desk shows it."""
        self.ensure_one()
        told = ""
        if self.status == "closed":
            told = ": ".join(filter(None, (self.outcome_id.name, self.outcome_note)))
        elif self.due_at:
            told = self.env._("Promised by %(date)s", date=self._phone_desk_day(self.due_at))
        return {
            "id": self.id,
            "number": self.number,
            "name": self.name,
            "status": self.status,
            "stage": self.stage_id.name,
            "overdue": self.is_overdue,
            "department": self.department_id.name or self.env._("In triage"),
            "received": format_date(self.env, self._phone_desk_local(self.received_at)),
            "told": told,
        }

    # What it is about

    @api.model
    def phone_desk_categories(self):
        """Return the categories to choose from.

        :return list[dict]: id, name (with those above it) and department
        :raises AccessError: the user may not enter cases
        """
        self.check_access("create")
        categories = self.env["constituent.category"].search_fetch(
            [], ["complete_name", "department_id"]
        )
        return [
            {
                "id": category.id,
                "name": category.complete_name,
                "detail": category.department_id.name or "",
            }
            for category in categories
        ]

    @api.model
    def phone_desk_preview(self, vals):
        """Say where the case will go and until when, before it is saved.

        :param dict vals: as `phone_desk_save` takes them
        :return dict: category (as given or found by keywords), suggestions where none is
            clear, duplicates (open cases that may be the same, as far as the user may see
            them), department, due (a day in words), information and emergency (what to tell
            the caller)
        :raises AccessError: the user may not enter cases
        """
        self.check_access("create")
        draft = self._intake_draft(self._intake_vals(check_report(self._phone_desk_report(vals))))
        given = draft.vals.get("category_id")
        for step in (
            self._intake_company,
            self._intake_divert,
            self._intake_classify,
            self._intake_route,
            self._intake_due,
        ):
            step([draft])
        category = self.env["constituent.category"].browse(draft.vals.get("category_id") or [])
        department = self.env["constituent.department"].browse(
            draft.vals.get("department_id") or []
        )
        ranked = []
        if not category:
            ranked = category._ranked(draft.vals["company_id"], *draft.folded())
        return {
            "category": {"id": category.id, "name": category.complete_name} if category else False,
            "suggested": bool(category and not given),
            "suggestions": self._suggestion_dicts(ranked),
            "questions": self._phone_desk_questions(category.id),
            "duplicates": self._duplicate_dicts([self._duplicate_query(draft.vals)])[0],
            "department": department.name or self.env._("Triage"),
            "due": self._phone_desk_day(draft.vals.get("due_at")),
            "information": category.information or "",
            "hazard": category.is_hazard,
            "emergency": self.env.company.constituent_emergency_text or "",
        }

    @api.model
    def _phone_desk_questions(self, category_id):
        """Return what to ask the caller.

        :return list[dict]: code, name, hint, datatype, required, choices
        """
        return [
            {
                "code": question.code,
                "name": name,
                "hint": hint,
                "datatype": question.datatype,
                "required": question.required,
                "choices": [
                    {"key": choice.key, "name": choice.name, "stops": choice.stops}
                    for choice in question.choices
                ],
            }
            for _id, name, hint, question in self._questions_of(category_id)
        ]

    # Saving

    @api.model
    def phone_desk_save(self, vals, key=False):
        """Take in a call.

        :param dict vals: keys of PHONE_DESK_KEYS and CALL_KEYS, `details` (what they said,
            plain text), `language_needed` (of a new contact), `duplicate_of_id` (the open
            case that is the same matter) and `answers` (variable → answer); `call_back_by`
            is the office's own time, 2026-11-27T15:00
        :param str key: made up by the screen once a call; the same key never makes a
            second case when an answer was lost on the way
        :return dict: id, number, department, due (a day in words), person
        :raises UserError: nothing to take in, or a key the screen does not have
        :raises AccessError: the user may not enter cases
        """
        self.check_access("create")
        case = self._phone_desk_saved(key)
        if not case:
            report = self._phone_desk_report(vals)
            if not report.get("name"):
                raise UserError(self.env._("Type what the call is about."))
            if key:
                report.update(external_source=SOURCE, external_ref=key)
            call = self._phone_desk_call(vals)
            case = self.intake([report])
            if vals.get("duplicate_of_id"):
                case.action_same_as(vals["duplicate_of_id"])
            self.env["constituent.call"].create({**call, "case_id": case.id})
            if vals.get("language_needed") and not case.partner_id.language_needed:
                case.partner_id.language_needed = vals["language_needed"]
        return {
            "id": case.id,
            "number": case.number,
            "name": case.name,
            "constituent": case.partner_id.name or "",
            "department": case.department_id.name or self.env._("Triage"),
            "person": case.user_id.name or "",
            "due": self._phone_desk_day(case.due_at),
        }

    @api.model
    def _phone_desk_saved(self, key):
        """Return the user's case that was saved under a key, if any."""
        if not key:
            return self.browse()
        return self.search(
            [
                ("external_source", "=", SOURCE),
                ("external_ref", "=", key),
                ("create_uid", "=", self.env.uid),
            ],
            limit=1,
        )

    @api.model
    def _phone_desk_report(self, vals):
        """Build the intake report of a call.

        :raises UserError: a key the screen does not have
        """
        unknown = set(vals) - PHONE_DESK_KEYS - CALL_KEYS - BESIDE_THE_REPORT
        if unknown:
            raise UserError(
                self.env._("Unknown fields: %(names)s", names=", ".join(sorted(unknown)))
            )
        report = {name: vals[name] for name in PHONE_DESK_KEYS if vals.get(name)}
        report["channel"] = "phone"
        report["answers"] = {
            code: value for code, value in (vals.get("answers") or {}).items() if value
        }
        details = (vals.get("details") or "").strip()
        if details:
            report["description"] = plaintext2html(details)
            # A clerk in a hurry types one text: its beginning is the subject.
            line = details.splitlines()[0].strip()
            if len(line) > SUBJECT_LENGTH:
                line = line[:SUBJECT_LENGTH].rsplit(" ", 1)[0] + "…"
            report.setdefault("name", line)
        return report

    # The call

    @api.model
    def phone_desk_office(self):
        """Say what the desk shows whoever is calling: closed by now, and whom to call then.

        :return dict: after_hours, emergency, phone (of after hours)
        :raises AccessError: the user may not enter cases
        """
        self.check_access("create")
        # Printed on every letter and public page.
        company_sudo = self.env.company.sudo()
        return {
            "after_hours": company_sudo._is_after_hours(),
            "emergency": company_sudo.constituent_emergency_text or "",
            "phone": company_sudo.constituent_after_hours_phone or "",
        }

    @api.model
    def _phone_desk_call(self, vals):
        """Return the values of the call that brought a matter.

        :raises UserError: a call-back promised for the past, or no time at all
        """
        return {
            "direction": "in",
            "outcome": "reached",
            "user_id": self.env.uid,
            "interpreter_used": bool(vals.get("interpreter_used")),
            "language": (vals.get("language") or "").strip() or False,
            "call_back_by": self._phone_desk_moment(vals.get("call_back_by")),
        }

    @api.model
    def _phone_desk_moment(self, value):
        """Return a moment in UTC of what the desk typed in the office's time.

        :param str value: 2026-11-27T15:00, or nothing
        :return datetime | bool: naive UTC
        :raises UserError: not a time, or in the past
        """
        if not value:
            return False
        zone = pytz.timezone(self.env["res.company"]._office(self.env.company.id).tz)
        try:
            typed = datetime.strptime(str(value)[:16], "%Y-%m-%dT%H:%M")
        except ValueError as error:
            raise UserError(
                self.env._("“Call back by” is not a date and time: %(value)s", value=value)
            ) from error
        moment = zone.localize(typed).astimezone(pytz.utc).replace(tzinfo=None)
        if moment <= fields.Datetime.now():
            raise UserError(self.env._("“Call back by” has passed already: choose a later time."))
        return moment

    # Days in words

    @api.model
    def _phone_desk_local(self, value):
        """Return a naive UTC datetime in the office's zone."""
        zone = self.env.company.constituent_tz or "UTC"
        return fields.Datetime.context_timestamp(self.with_context(tz=zone), value)

    @api.model
    def _phone_desk_day(self, value):
        """Return a day as it is read out: Friday, November 27; empty when there is none."""
        if not value:
            return ""
        return format_date(self.env, self._phone_desk_local(value), date_format="EEEE, MMMM d")
