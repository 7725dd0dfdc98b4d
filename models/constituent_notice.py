from odoo import fields, models

NOTICE_EVENTS = [
    ("received", "Received"),
    ("routed", "Routed to a department"),
    ("waiting", "Waiting for you"),
    ("closed", "Closed"),
    ("reopened", "Reopened"),
    ("letter_sent", "Letter sent"),
]
NOTICE_AUDIENCES = [
    ("constituent", "Constituent"),
    ("referrer", "Who brought it"),
    ("subscriber", "Other subscribers"),
    ("department", "Department"),
]


class ConstituentNotice(models.Model):
    """The table of automated mail: what goes to whom on which event."""

    _name = "constituent.notice"
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
    company_id = fields.Many2one("res.company", index=True)

    def _compute_name(self):
        events = dict(self._fields["event"]._description_selection(self.env))
        audiences = dict(self._fields["audience"]._description_selection(self.env))
        for notice in self:
            notice.name = f"{events.get(notice.event)} → {audiences.get(notice.audience)}"

    def _queue(self, cases, event, automatic=False):
        """Queue one delivery for each case, notice that is on, and reader.

        :param cases: live cases
        :param str event: one of NOTICE_EVENTS
        :param bool automatic: the report came from a machine, which is not answered
        """
