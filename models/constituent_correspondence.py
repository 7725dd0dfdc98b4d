from odoo import fields, models


class ConstituentCorrespondence(models.Model):
    """An official letter, in or out. Once sent it is sealed."""

    _name = "constituent.correspondence"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _description = "Correspondence"
    _order = "id desc"
    _rec_name = "subject"
    _rec_names_search = ["reference", "subject"]

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
    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company
    )
