from odoo import fields, models


class ConstituentDelivery(models.Model):
    """One automated mail to one address, sent at most once.

    `sending` and a fixed Message-Id are committed before SMTP. What was in flight
    when the server stopped stays in `sending` and is listed for a person; it is
    never sent again by itself.
    """

    _name = "constituent.delivery"
    _description = "Outgoing Mail"
    _order = "id desc"
    _rec_name = "subject"

    case_id = fields.Many2one(
        "constituent.case", readonly=True, index="btree_not_null", ondelete="restrict"
    )
    correspondence_id = fields.Many2one(
        "constituent.correspondence", readonly=True, index="btree_not_null", ondelete="restrict"
    )
    notice_id = fields.Many2one("constituent.notice", readonly=True, ondelete="set null")
    subscription_id = fields.Many2one(
        "constituent.case.subscription", readonly=True, ondelete="restrict",
        index="btree_not_null",
    )
    partner_id = fields.Many2one(
        "res.partner", readonly=True, ondelete="restrict", index="btree_not_null"
    )
    email = fields.Char(readonly=True, required=True)
    lang = fields.Char(readonly=True)
    subject = fields.Char(readonly=True)
    state = fields.Selection(
        [
            ("queued", "Queued"),
            ("sending", "In Flight"),
            ("sent", "Sent"),
            ("failed", "Failed"),
            ("cancelled", "Not Sent"),
        ],
        required=True,
        default="queued",
        readonly=True,
    )
    message_id = fields.Char(readonly=True, string="Message-Id", index="btree_not_null")
    error = fields.Text(readonly=True)
    started_at = fields.Datetime(readonly=True)
    sent_at = fields.Datetime(readonly=True)
    company_id = fields.Many2one("res.company", required=True, readonly=True, index=True)

    _queue_idx = models.Index("(id) WHERE state IN ('queued', 'sending')")
