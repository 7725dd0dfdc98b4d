from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL, format_date

from ..tools.projection import (
    CONSTITUENT,
    REFERRER,
    CaseView,
    Day,
    Letter,
    Reader,
    Step,
    is_token,
)

PROGRESS = {"new": "received", "closed": "closed"}


class ConstituentCase(models.Model):
    """What outsiders see of a case: one whitelisted projection.

    Nobody outside the office has access rights on cases. Pages for the public find
    a case by a token or by who is logged in, and hand out plain values.
    """

    _name = "constituent.case"
    _inherit = "constituent.case"

    def _compute_access_url(self):
        for case in self:
            case.access_url = f"/my/cases/{case.id}"

    def _get_private_url(self, subscription=None):
        """Return the absolute address of the private page of one reader.

        :param subscription: the reader; the constituent's own link when empty
        """
        self.ensure_one()
        if subscription:
            return subscription._get_private_url()
        # The link goes to the constituent; staff do not read the token.
        case_sudo = self.sudo()
        return f"{self.get_base_url()}/constituent/case/{case_sudo.access_token}"

    # The portal's chatter stays shut

    @api.model
    def _get_thread_with_access(
        self, thread_id, *, mode="read", hash=None, pid=None, token=None, **kwargs
    ):
        """Give no thread for a token: the private link opens a page, not the chatter.

        Odoo's portal lets the holder of a record's token read its messages and post.
        """
        return super()._get_thread_with_access(thread_id, mode=mode, **kwargs)

    # Who reads what

    @api.model
    def _find_by_token(self, token):
        """Return the case and the reader a private link stands for.

        :param str token: of a subscription that was not stopped, or of the case
        :return: (case, Reader), or (empty, None) when there is none to show
        """
        # The token is the permission; the caller gets to see the projection only.
        cases_sudo = self.sudo()
        if not is_token(token):
            return cases_sudo.browse(), None
        by_token = [("access_token", "=", token)]
        subscription_sudo = cases_sudo.env["constituent.case.subscription"].search(
            by_token, limit=1
        )
        if subscription_sudo:
            case_sudo = subscription_sudo.case_id
            reader = case_sudo._subscription_reader(subscription_sudo)
        else:
            case_sudo = cases_sudo.search(by_token, limit=1)
            reader = case_sudo and case_sudo._constituent_reader()
        if not case_sudo or not case_sudo._is_shown_to(reader):
            return cases_sudo.browse(), None
        return case_sudo, reader

    def _subscription_reader(self, subscription):
        partner = subscription.partner_id
        is_office = subscription.audience == REFERRER
        return Reader(
            audience=subscription.audience,
            partner_id=partner.id or 0,
            office_id=partner.commercial_partner_id.id or 0 if is_office else 0,
            lang=subscription.lang or partner.lang or "",
        )

    def _constituent_reader(self):
        return Reader(
            CONSTITUENT,
            self.partner_id.id or 0,
            lang=self.lang or self.partner_id.lang or "",
        )

    def _portal_reader(self, user):
        """Return who a portal user is to this case: constituent or referrer."""
        partner = user.partner_id
        lang = self.env.lang or ""
        if partner == self.partner_id:
            return Reader(CONSTITUENT, partner.id, lang=lang)
        return Reader(REFERRER, partner.id, partner.commercial_partner_id.id, lang)

    def _is_shown_to(self, reader):
        """Return whether a reader may know of the case at all.

        A restricted case exists for its constituent only, who must not be told that
        there is none, and for nobody else outside.
        """
        return reader.is_constituent or self.confidentiality != "restricted"

    @api.model
    def _portal_domain(self, user):
        """Return the domain of the cases a portal user may see.

        Their own, and those brought by them or by anybody of the same office.

        :param user: with rights to read contacts (sudo)
        """
        partner = user.partner_id
        office = partner.commercial_partner_id
        colleagues = self.env["res.partner"]._search(
            [("commercial_partner_id", "=", office.id)], active_test=False
        )
        brought = self.env["constituent.case.referrer"]._search([("partner_id", "in", colleagues)])
        own = Domain("partner_id", "=", partner.id)
        own_query = self._search(own)
        # A union, as OR over two tables would read every case.
        seen = SQL(
            "(%s UNION %s)",
            own_query.select(),
            brought.select(SQL.identifier(brought.table, "case_id")),
        )
        whole = Domain("is_part", "!=", True)
        return (
            Domain("id", "in", seen) & whole & (own | Domain("confidentiality", "!=", "restricted"))
        )

    # What is read

    def _public_projection(self, reader, with_history=True):
        """Return what a reader may know of the case, and nothing else.

        Texts and dates come in the language of the environment and the office's time
        zone. The caller has found the case by token or by ``_portal_domain``.

        :param Reader reader: who reads
        :param bool with_history: with what happened and the letters; without, for lists
        :return CaseView: plain values
        """
        self.ensure_one()
        status = self.status
        values = {
            "number": self.number,
            "matter": self._public_matter(),
            "received": self._public_day(self.received_at),
            "progress": PROGRESS.get(status, "working"),
            "status": status,
            "status_label": self._public_status(self.stage_id),
            "office": self.company_id._public_office(),
        }
        if self.confidentiality == "restricted":
            # The category alone may tell too much to who looks over a shoulder.
            return CaseView(**{**values, "matter": ""}, is_minimal=True)
        values.update(self._public_whereabouts(reader), **self._public_end(reader))
        if with_history:
            values.update(self._public_history(reader))
        return CaseView(**values)

    def _public_matter(self):
        """Return what it is about in the office's words, internal categories not."""
        category = self.category_id
        if category and category.is_public:
            return category.name
        return dict(self._fields["kind"]._description_selection(self.env))[self.kind]

    def _public_status(self, stage):
        return stage.public_name or stage.name

    def _public_day(self, moment):
        """Return the day of a moment in the office's time zone, None when not given."""
        if not moment:
            return None
        local = fields.Datetime.context_timestamp(
            self.with_context(tz=self.company_id.constituent_tz or "UTC"), moment
        )
        return Day(
            local.date().isoformat(),
            format_date(self.env, local.date(), date_format="long"),
        )

    def _public_whereabouts(self, reader):
        """Return where the matter is, who has it, and until when."""
        department = self.department_id
        is_open = self.status != "closed"
        return {
            "subject": self.name if reader.is_constituent else "",
            "place": ", ".join(filter(None, (self.street, self.city, self.zip))),
            # Free text, which may speak of people: for who said it.
            "place_note": (reader.is_constituent and self.location_note) or "",
            "department": department.name or "",
            "phone": department.phone or self.company_id.phone or "",
            "due": self._public_day(self.due_at) if is_open else None,
            "is_late": self.is_overdue,
        }

    def _public_end(self, reader):
        """Return how the case ended."""
        if self.status != "closed":
            return {}
        outcome = self.outcome_id
        return {
            "closed": self._public_day(self.closed_at),
            "outcome": outcome.public_text or outcome.name or "",
            # Free text, which may speak of the constituent: for nobody else.
            "outcome_note": (reader.is_constituent and self.outcome_note) or "",
        }

    def _public_history(self, reader):
        """Return what happened, and the letters to this reader."""
        letters = self._public_letters(reader)
        views = [
            Letter(
                position,
                letter.subject,
                letter.reference or "",
                self._public_day(letter.sent_at or letter.create_date),
            )
            for position, letter in enumerate(letters, start=1)
        ]
        return {
            "steps": tuple(self._public_steps(reader, letters)),
            "letters": tuple(views),
        }

    def _public_letters(self, reader):
        """Return the letters that were sent to this reader, oldest first."""
        return self.correspondence_ids.filtered(
            lambda letter: (
                letter.direction == "out"
                and letter.state in ("sent", "returned_mail")
                and letter.document_id
                and self._is_addressee(letter.partner_id, reader)
            )
        ).sorted(lambda letter: (letter.sent_at or letter.create_date, letter.id))

    @api.model
    def _is_addressee(self, partner, reader):
        if not partner:
            return False
        if reader.office_id:
            return partner.commercial_partner_id.id == reader.office_id
        return partner.id == reader.partner_id

    def _public_steps(self, reader, letters):
        """Yield what happened, oldest first, without people, notes and repetitions."""
        last = None
        for event in self.event_ids:
            text = self._public_step_text(event, reader, letters)
            if text and text != last:
                last = text
                moment = self.received_at if event.kind == "received" else event.happened_at
                yield Step(self._public_day(moment), text)

    def _public_step_text(self, event, reader, letters):
        """Return what outsiders read of an event, empty when it is not theirs."""
        if event.kind == "received":
            return self.env._("We received it")
        if event.kind == "acknowledged" and reader.is_constituent:
            return self.env._("We wrote to you that we have it")
        if event.kind in ("routed", "handed_over") and event.department_to_id:
            return self.env._("It is with: %(department)s", department=event.department_to_id.name)
        if event.kind == "stage" and event.stage_to_id:
            return self.env._("Status: %(status)s", status=self._public_status(event.stage_to_id))
        if event.kind == "letter" and event.correspondence_id in letters:
            return self.env._("We sent you an official letter")
        if event.kind == "closed":
            return self.env._("We closed it")
        if event.kind == "reopened":
            return self.env._("We opened it again")
        return ""
