from odoo import fields, models


class ConstituentInboundMail(models.Model):
    """One message as it came in: never lost, always in a final state."""

    _name = "constituent.inbound.mail"
    _inherit = ["constituent.sealed.mixin"]
    _description = "Inbound Mail"
    _order = "id desc"
    _rec_name = "subject"
    # The original of a mail that became a case or a reply is a record.
    _seal_field = "state"
    _seal_values = ("case", "reply")
    _seal_columns = (
        "raw", "raw_sha256", "case_id", "received_at", "message_id", "mail_date", "email_from",
        "email_to", "email_cc", "subject", "body_sha256", "is_automatic", "authentication",
        "authentication_detail", "company_id",
    )  # fmt: skip

    raw = fields.Many2one("ir.attachment", string="Original", readonly=True, ondelete="restrict")
    raw_sha256 = fields.Char(readonly=True, index="btree_not_null")
    state = fields.Selection(
        [
            ("received", "Received"),
            ("case", "New Case"),
            ("reply", "Reply"),
            ("bounce", "Bounce"),
            ("duplicate", "Duplicate"),
            ("not_understood", "Not Understood"),
            ("spam", "Spam"),
        ],
        required=True,
        default="received",
        readonly=True,
        index=True,
    )
    case_id = fields.Many2one(
        "constituent.case", readonly=True, index="btree_not_null", ondelete="restrict"
    )
    error = fields.Text(readonly=True)
    received_at = fields.Datetime(readonly=True, default=fields.Datetime.now, index=True)
    message_id = fields.Char(readonly=True, index="btree_not_null", string="Message-Id")
    mail_date = fields.Char(readonly=True, string="Date Header")
    email_from = fields.Char(readonly=True, string="From")
    email_to = fields.Char(readonly=True, string="To")
    email_cc = fields.Char(readonly=True, string="Cc")
    subject = fields.Char(readonly=True)
    body_sha256 = fields.Char(readonly=True)
    is_automatic = fields.Boolean(readonly=True, help="Sent by a machine: not acknowledged.")
    authentication = fields.Selection(
        [("pass", "Passed"), ("fail", "Failed"), ("none", "Not Checked")],
        default="none",
        readonly=True,
        help="SPF, DKIM and DMARC as our own mail server found them.",
    )
    authentication_detail = fields.Char(readonly=True)
    company_id = fields.Many2one("res.company", readonly=True, index=True)
