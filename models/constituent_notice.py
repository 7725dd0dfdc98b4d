from odoo import api, fields, models, tools

from ..tools.notice import INSIDE

NOTICE_EVENTS = [
    ("received", "Received"),
    ("routed", "Routed to a department"),
    ("waiting", "Waiting for you"),
    ("closed", "Closed"),
    ("reopened", "Reopened"),
    ("letter_sent", "Letter sent"),
    ("letter_portal", "Letter on the portal"),
    ("alarm", "Threat or self-harm"),
]
NOTICE_AUDIENCES = [
    ("constituent", "Constituent"),
    ("referrer", "Who brought it"),
    ("subscriber", "Other subscribers"),
    ("department", "Department"),
    ("security", "Security contact"),
]


class ConstituentNotice(models.Model):
    """The table of automated mail: what goes to whom on which event."""

    _name = "constituent.notice"
    _inherit = ["constituent.master.mixin"]
    _description = "Automated Notice"
    _order = "sequence, id"

    name = fields.Char(compute="_compute_name")
    sequence = fields.Integer(default=10)
    event = fields.Selection(NOTICE_EVENTS, required=True)
    audience = fields.Selection(NOTICE_AUDIENCES, required=True)
    template_id = fields.Many2one(
        "mail.template",
        required=True,
        domain="[('model', '=', 'constituent.case')]",
        ondelete="restrict",
    )
    active = fields.Boolean(string="On", default=True)
    company_id = fields.Many2one(
        "res.company",
        string="Office",
        index=True,
        help="An office's own line replaces the line of all offices for the same "
        "event and audience, also when it is off.",
    )

    _once_per_office = models.UniqueIndex(
        "(event, audience, COALESCE(company_id, 0))",
        "This event and audience is in the table already.",
    )

    @api.depends("event", "audience")
    def _compute_name(self):
        events = dict(self._fields["event"]._description_selection(self.env))
        audiences = dict(self._fields["audience"]._description_selection(self.env))
        for notice in self:
            notice.name = f"{events.get(notice.event)} → {audiences.get(notice.audience)}"

    def action_open_template(self):
        """Open the text of the notice."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "mail.template",
            "res_id": self.template_id.id,
            "view_mode": "form",
        }

    @api.model
    @tools.ormcache("event", "company_id")
    def _notices_for(self, event, company_id):
        """Return which notices are on.

        :param str event: one of NOTICE_EVENTS
        :param int company_id: the case's office
        :return tuple: (audience, notice id) pairs in the order of NOTICE_AUDIENCES
        """
        # What mail goes out does not depend on what the user may read.
        rows_sudo = (
            self.sudo()
            .with_context(active_test=False)
            .search([("event", "=", event), ("company_id", "in", (False, company_id))])
        )
        table = {}
        for row_sudo in rows_sudo.sorted(lambda row: bool(row.company_id)):
            table[row_sudo.audience] = row_sudo.id if row_sudo.active else 0
        return tuple(
            (audience, table[audience])
            for audience, _label in NOTICE_AUDIENCES
            if table.get(audience)
        )

    @api.model
    def _queue(self, cases, event, automatic=False, fits=None):
        """Queue one mail for each case, notice that is on, and reader.

        Nobody gets two mails of one event: who is constituent and referrer at once
        gets the constituent's. Whether it may really be sent is decided when it is,
        see ``constituent.delivery``.

        :param cases: live cases
        :param str event: one of NOTICE_EVENTS
        :param bool automatic: the report came from a machine, which is not answered
        :param fits: function of case and Reader that says who is told; None for everybody
        :return: the queued deliveries
        """
        # Who enters or moves a case has no right to tokens and outgoing mail.
        cases_sudo = cases.sudo()
        # As above.
        subscriptions_sudo = self.env["constituent.case.subscription"].sudo()
        known = subscriptions_sudo._by_case(cases_sudo)
        wanted = [
            (case_sudo, notice_id, reader)
            for case_sudo, notice_id, reader in self._wanted(cases_sudo, event, automatic, known)
            if not fits or fits(case_sudo, reader)
        ]
        subscribed = subscriptions_sudo._for_readers(
            [(case_sudo, reader) for case_sudo, _notice, reader in wanted if reader.can_stop],
            known,
        )
        return self.env["constituent.delivery"]._queue(
            [
                {
                    "case_id": case_sudo.id,
                    "notice_id": notice_id,
                    "event": event,
                    "audience": reader.audience,
                    "subscription_id": subscribed.get((case_sudo.id, reader.email)),
                    "partner_id": reader.partner_id or False,
                    "email": reader.email,
                    "lang": reader.lang,
                    "company_id": case_sudo.company_id.id,
                }
                for case_sudo, notice_id, reader in wanted
                # A reader who stopped the notices of this case has no subscription.
                if not reader.can_stop or (case_sudo.id, reader.email) in subscribed
            ]
        )

    @api.model
    def _wanted(self, cases, event, automatic, known):
        """Return who is to be told, each address once a case.

        :param dict known: as ``constituent.case.subscription._by_case`` gives it
        :return list[tuple]: case, notice id, Reader
        """
        wanted = []
        for case in cases:
            seen = set()
            for audience, notice_id in self._notices_for(event, case.company_id.id):
                if automatic and audience not in INSIDE:
                    continue
                for reader in case._notice_readers(audience, known[case.id]):
                    if reader.email not in seen:
                        seen.add(reader.email)
                        wanted.append((case, notice_id, reader))
        return wanted
