import datetime

import babel.dates
import pytz

from odoo import api, fields, models
from odoo.tools import email_normalize
from odoo.tools.misc import babel_locale_parse

from ..tools.notice import INSIDE, Reader, safe_place


class ConstituentCase(models.Model):
    """What a case tells people outside by itself; see constituent.notice."""

    _name = "constituent.case"
    _inherit = "constituent.case"

    # Events

    def _notify_event(self, event, automatic=False, fits=None):
        """Queue the notices of an event; see constituent.notice.

        :param str event: one of NOTICE_EVENTS
        :param bool automatic: the report came from a machine, which is not answered
        :param fits: function of case and Reader that says who is told; None for everybody
        """
        live = self.filtered(lambda case: case.intake_mode == "live")
        if event == "waiting":
            live = live.filtered(lambda case: case.stage_id.waits_for_constituent)
        if live:
            self.env["constituent.notice"]._queue(live, event, automatic, fits)

    def _notify_routed(self, holders_before):
        """Queue the notice of a new department.

        :param dict holders_before: case id → (department id, user id) before the change
        """
        moved = self.filtered(lambda case: holders_before[case.id][0] != case.department_id.id)
        if moved:
            moved._notify_event("routed")

    # Who is told

    def _notice_readers(self, audience, subscriptions):
        """Return who of an audience has an address.

        A restricted case is told to the constituent alone: the mailbox of a
        department and the staff of an office are read by people who may not know.

        :param str audience: one of NOTICE_AUDIENCES
        :param dict subscriptions: normalised address → subscription of this case
        :return list[Reader]: distinct or not; whoever stopped is still in it
        """
        self.ensure_one()
        if self.confidentiality == "restricted" and audience != "constituent":
            return []
        return getattr(self, f"_notice_readers_{audience}")(subscriptions)

    def _notice_readers_constituent(self, _subscriptions):
        """Return the constituent, by the address given with this case.

        Confidential callers who gave an address get their notices there; it is not
        linked to a contact. Who asked that the answer go through an office or group
        is not written to beside it.
        """
        if self.identity == "anonymous":
            return []
        if "through" in self.referrer_ids.mapped("answer_via"):
            return []
        partner = self.partner_id if self.identity == "identified" else self.partner_id.browse()
        lang = self.lang or partner.lang
        email = self.partner_email or partner.email
        return self._notice_reader("constituent", email, lang, partner)

    def _notice_readers_referrer(self, _subscriptions):
        return [
            reader
            for partner in self.referrer_ids.partner_id
            for reader in self._notice_reader("referrer", partner.email, partner.lang, partner)
        ]

    def _notice_readers_subscriber(self, subscriptions):
        return [
            Reader("subscriber", email, sub.lang or "", sub.partner_id.id or 0)
            for email, sub in subscriptions.items()
            if sub.active and sub.audience == "subscriber"
        ]

    def _notice_readers_department(self, _subscriptions):
        """Return the department's mailbox, never its alias: that would make a new case.

        An outside agency gets its referral from a person and is not told by this.
        """
        department = self.department_id
        if department.is_external:
            return []
        return self._notice_reader("department", department.email, "")

    def _notice_reader(self, audience, email, lang, partner=None):
        """Return a list of one reader, or of none without a usable address."""
        email = email_normalize(email or "", strict=False)
        if not email:
            return []
        partner_id = partner.id if partner else 0
        return [Reader(audience, email, lang if self._is_installed(lang) else "", partner_id or 0)]

    @api.model
    def _is_installed(self, lang):
        return lang in dict(self.env["res.lang"].get_installed())

    # What is told

    def _notice_values(self, audience="constituent", subscription=None):
        """Return what a notice may say, in the language of the context.

        Nothing of it is the sender's text. Dates are of the office's time zone, with
        the month spelled out.

        :param str audience: referrers and subscribers get no word that may be about
            the constituent; a restricted case shows its number and dates only
        :param subscription: whose links they are; none for a department
        :return dict: strings, empty where there is nothing to say
        """
        self.ensure_one()
        company = self.company_id
        hidden = self.confidentiality == "restricted"
        is_due = self.due_at and self.due_at > fields.Datetime.now() and self.status != "closed"
        outcome = self.outcome_id
        values = {
            "number": self.number,
            "office": company.constituent_office_name or company.name,
            "received_on": self._notice_date(self.received_at),
            "channel": self.channel_id.name or "",
            **self._notice_matter(hidden),
            "due_on": self._notice_date(self.due_at) if is_due else "",
            "outcome": outcome.public_text or outcome.name or "",
            "outcome_note": "",
            "status": self.stage_id.public_name or self.stage_id.name,
            "private_url": subscription._get_private_url() if subscription else "",
            "stop_url": subscription._get_stop_url() if subscription else "",
            "staff_url": "",
            "matters": "",
            "is_outside": audience not in INSIDE,
        }
        if audience == "constituent" and not hidden:
            # Closing asks for it where the outcome alone would not explain itself.
            values["outcome_note"] = self.outcome_note or ""
        if audience in INSIDE:
            values["staff_url"] = (
                f"{self.get_base_url()}/mail/view?model=constituent.case&res_id={self.id}"
            )
        values["facts"] = self.env["ir.qweb"]._render(
            "constituent_services.notice_facts", {"notice": values}
        )
        return values

    def _notice_matter(self, hidden):
        """Return what and where it is and who has it, or empty strings when hidden."""
        department = self.department_id
        matter = {
            "category": self._notice_category(),
            "place": safe_place(self.street, self.city, self.zip),
            "department": department.name or "",
            "department_phone": department.phone or "",
        }
        return dict.fromkeys(matter, "") if hidden else matter

    def _notice_category(self):
        """Return the category with its parents, each in the language of the context."""
        names, category = [], self.category_id
        while category:
            names.insert(0, category.name)
            category = category.parent_id
        return " / ".join(names)

    def _notice_date(self, moment):
        """Return a date such as November 21, 2026, in the office's time zone.

        :param datetime moment: naive UTC
        """
        if not moment:
            return ""
        zone = pytz.timezone(self.company_id.constituent_tz or "UTC")
        local = pytz.utc.localize(moment).astimezone(zone)
        locale = babel_locale_parse(self.env.lang or "en_US")
        return babel.dates.format_date(
            datetime.date(local.year, local.month, local.day), format="long", locale=locale
        )

    @api.model
    def _notice_office_values(self, company):
        """Return the office's standing texts, in the language of the context.

        A text the office left as it came is shown in the reader's language even
        where nobody typed it in that language.
        """
        names = (
            "constituent_emergency_text",
            "constituent_records_notice",
            "constituent_language_line",
        )
        texts = {}
        for name in names:
            default = company._fields[name].default
            shipped = default(company.with_context(lang="en_US"))
            texts[name] = company[name] or ""
            if texts[name] == shipped:
                texts[name] = default(company)
        return texts
