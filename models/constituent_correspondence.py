from odoo import fields, models


class ConstituentCorrespondence(models.Model):
    """An official letter, in or out. Once sent it is sealed."""

    _name = "constituent.correspondence"
    _inherit = ["constituent.sealed.mixin", "mail.thread", "mail.activity.mixin"]
    _description = "Correspondence"
    _order = "id desc"
    _rec_name = "subject"
    _rec_names_search = ["reference", "subject"]
    # Open are only the addressee, whom merges of contacts rewrite (the name and address
    # as printed are sealed), what is known of a letter that came back, and bookkeeping.
    _seal_field = "state"
    _seal_values = ("sending", "sent", "returned_mail")
    _seal_moves = {"sending": ("sent", "returned_mail"), "sent": ("returned_mail",)}
    _seal_columns = (
        "direction", "medium", "reference", "their_reference", "their_date", "case_id",
        "salutation", "subject", "body", "enclosures", "delivery_notation", "lang",
        "letter_date", "department_id", "corrects_id", "document_id", "document_sha256",
        "sent_at", "sent_by_id", "approved_by_id", "approved_at", "company_id",
        "printed_name", "printed_address", "printed_email", "printed_body",
        "printed_signature", "printed_cc",
    )  # fmt: skip
    _seal_fields = ("partner_id", "cc_partner_ids", "signatory_ids")

    direction = fields.Selection(
        [("out", "Outgoing"), ("in", "Incoming")], required=True, default="out"
    )
    medium = fields.Selection(
        [("email", "Email"), ("post", "Post")], required=True, default="post"
    )
    reference = fields.Char(readonly=True, copy=False)
    their_reference = fields.Char(help="Number or reference on the letter this one answers.")
    their_date = fields.Date(help="Date of the letter this one answers.")
    case_id = fields.Many2one(
        "constituent.case", index="btree_not_null", ondelete="restrict"
    )
    partner_id = fields.Many2one(
        "res.partner", string="Addressee", index="btree_not_null", ondelete="restrict"
    )
    cc_partner_ids = fields.Many2many("res.partner", string="Copies To")
    salutation = fields.Char()
    subject = fields.Char(required=True)
    body = fields.Html(sanitize="email_outgoing")
    enclosures = fields.Text(help="One a line, as printed.")
    delivery_notation = fields.Char(help="Via certified mail; personal and confidential...")
    lang = fields.Selection(
        selection=lambda self: self.env["res.lang"].get_installed(), string="Language"
    )
    letter_date = fields.Date()
    department_id = fields.Many2one(
        "constituent.department", index="btree_not_null", ondelete="restrict"
    )
    signatory_ids = fields.Many2many("res.users", string="Signed By")
    state = fields.Selection(
        [
            ("draft", "Draft"),
            ("to_approve", "To Approve"),
            ("approved", "Approved"),
            ("sending", "Sending"),
            ("sent", "Sent"),
            ("rejected", "Rejected"),
            ("returned_mail", "Returned Mail"),
            ("cancelled", "Cancelled"),
        ],
        required=True,
        default="draft",
        readonly=True,
        copy=False,
        tracking=True,
        index=True,
    )
    corrects_id = fields.Many2one(
        "constituent.correspondence", readonly=True, copy=False, ondelete="restrict",
        index="btree_not_null",
    )
    document_id = fields.Many2one(
        "ir.attachment", string="PDF as Sent", readonly=True, copy=False, ondelete="restrict"
    )
    document_sha256 = fields.Char(readonly=True, copy=False)
    sent_at = fields.Datetime(readonly=True, copy=False, index="btree_not_null")
    sent_by_id = fields.Many2one("res.users", readonly=True, copy=False, ondelete="restrict")
    approved_by_id = fields.Many2one("res.users", readonly=True, copy=False, ondelete="restrict")
    approved_at = fields.Datetime(readonly=True, copy=False)
    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company
    )

    # As printed: columns of their own, filled when the letter is sealed
    printed_name = fields.Char(string="Addressee as Printed", readonly=True, copy=False)
    printed_address = fields.Text(string="Address as Printed", readonly=True, copy=False)
    printed_email = fields.Char(string="Sent to Email", readonly=True, copy=False)
    printed_body = fields.Html(
        string="Text as Printed", readonly=True, copy=False, sanitize="email_outgoing"
    )
    printed_signature = fields.Text(string="Signed as Printed", readonly=True, copy=False)
    printed_cc = fields.Text(string="Copies as Printed", readonly=True, copy=False)
