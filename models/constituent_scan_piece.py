from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

# What registering writes, never a form, an import or a call.
KEPT = frozenset({"correspondence_id", "is_registered", "joined_by_number"})
# What whoever cuts the scan must be able to see.
REFERENCES = ("scan_id", "case_id", "partner_id", "category_id")


class ConstituentScanPiece(models.Model):
    """One letter in a scan: its pages, who wrote it, and the case it belongs to."""

    _name = "constituent.scan.piece"
    _inherit = ["constituent.sealed.mixin"]
    _description = "Letter in a Scan"
    _order = "sequence, id"
    _rec_name = "subject"
    _seal_field = "is_registered"
    _seal_values = (True,)
    _seal_columns = (
        "scan_id", "sequence", "pages", "sender_name", "sender_street", "sender_city",
        "sender_zip", "subject", "their_date", "case_id", "case_number", "category_id",
        "summary", "correspondence_id", "joined_by_number", "company_id",
    )  # fmt: skip
    _seal_fields = ("partner_id",)

    scan_id = fields.Many2one("constituent.scan", required=True, index=True, ondelete="cascade")
    sequence = fields.Integer(default=10)
    pages = fields.Char(help="1-2, or 4-6, 8 for pages that are not together.")
    partner_id = fields.Many2one(
        "res.partner",
        string="Sender",
        ondelete="restrict",
        index="btree_not_null",
        help="Who is known already. Somebody new: type the name and address instead.",
    )
    sender_name = fields.Char(string="Name on the Letter")
    sender_street = fields.Char(string="Street")
    sender_city = fields.Char(string="City")
    sender_zip = fields.Char(string="ZIP")
    subject = fields.Char(help="What it is about, in a line.")
    summary = fields.Text(help="What it says, as far as it helps to find the right department.")
    their_date = fields.Date(string="Date of the Letter")
    case_id = fields.Many2one(
        "constituent.case",
        string="Joins Case",
        ondelete="set null",
        index="btree_not_null",
        help="A new case is made when empty, or the number on the letter finds its case.",
    )
    case_number = fields.Char(
        string="Number on the Letter",
        help="The number of a case or of one of our letters that the letter names, such as "
        "CS-2026-000123 or L-2026-000123. If that case knows the sender, the letter joins it.",
    )
    category_id = fields.Many2one(
        "constituent.category",
        ondelete="restrict",
        help="Of a new case; found by the words when empty.",
    )
    correspondence_id = fields.Many2one(
        "constituent.correspondence",
        string="Registered As",
        readonly=True,
        copy=False,
        ondelete="restrict",
        index="btree_not_null",
    )
    letter_reference = fields.Char(related="correspondence_id.reference", string="Number")
    is_registered = fields.Boolean(readonly=True, copy=False)
    # The case itself stands with the letter alone: who registered it need not see either.
    joined_by_number = fields.Boolean(
        string="Joined the Case Named on the Letter", readonly=True, copy=False
    )
    is_letter_seen = fields.Boolean(compute="_compute_is_letter_seen", compute_sudo=False)
    company_id = fields.Many2one(related="scan_id.company_id", store=True, index=True)

    @api.depends("correspondence_id")
    @api.depends_context("uid", "allowed_company_ids")
    def _compute_is_letter_seen(self):
        """Say whether the user may open the letter that was registered."""
        seen = self.correspondence_id._filtered_access("read")
        for piece in self:
            piece.is_letter_seen = piece.correspondence_id in seen

    @api.constrains("case_id", "partner_id", "category_id", "scan_id")
    def _check_same_office(self):
        for piece in self:
            # Whose they are is compared, whatever of them the user may open.
            piece_sudo = piece.sudo()
            others = (piece_sudo.case_id, piece_sudo.partner_id, piece_sudo.category_id)
            if any(
                other.company_id and other.company_id != piece_sudo.company_id for other in others
            ):
                raise ValidationError(
                    self.env._(
                        "The letter on page %(pages)s: its case, sender and category must be of "
                        "the office that received it.",
                        pages=piece.pages,
                    )
                )

    # CRUD

    @api.model_create_multi
    def create(self, vals_list):
        """Create pieces of a scan that is not registered.

        :raises UserError: registered already, or a trace of registering is given
        :raises AccessError: a case, contact or scan that is out of the user's sight
        """
        if any(vals.get(name) for vals in vals_list for name in KEPT):
            self._refuse_kept()
        # Written out, so that no default of the context gets in.
        pieces = super().create([{**vals, **dict.fromkeys(KEPT, False)} for vals in vals_list])
        pieces._check_references(REFERENCES)
        pieces._check_scan_open()
        return pieces

    def write(self, vals):
        """Write what is known of a letter.

        :raises UserError: a trace of registering, or a piece that is registered
        :raises AccessError: a case, contact or scan that is out of the user's sight
        """
        if KEPT & vals.keys():
            self._refuse_kept()
        result = super().write(vals)
        self._check_references(name for name in REFERENCES if name in vals)
        if "scan_id" in vals:
            self._check_scan_open()
        return result

    def _check_references(self, names):
        if self.env.su:
            return
        for name in names:
            self[name].check_access("read")

    def _check_scan_open(self):
        # Pieces are made with their scan or later; the state is no secret.
        if any(scan_sudo.state != "draft" for scan_sudo in self.sudo().scan_id):
            raise UserError(self.env._("The scan is registered: nothing is added to it."))

    def _refuse_kept(self):
        raise UserError(self.env._("Letters are registered by the scan's button only."))

    def _advance(self, **vals):
        """Write what registering keeps past the guard of `write`: private."""
        # pylint: disable-next=super-method-mismatch
        return super().write(vals)

    # What it becomes

    def _sender(self):
        """Return name and address of who wrote, as on the paper.

        :return tuple[str, str]: name; lines of the address
        """
        self.ensure_one()
        typed = (
            self.sender_street,
            " ".join(filter(None, (self.sender_city, self.sender_zip))),
        )
        lines = [line.strip() for line in typed if line and line.strip()]
        if not lines and self.partner_id:
            lines = self.partner_id._letter_place(self.company_id.country_id)
        name = (self.sender_name or "").strip() or self.partner_id.name or ""
        return name, "\n".join(" ".join(line.split()) for line in lines if line)

    def _subject_line(self):
        """Return what the letter is about, or who wrote it when nobody said."""
        self.ensure_one()
        name, _address = self._sender()
        subject = (self.subject or "").strip()
        if subject:
            return subject
        if name:
            return self.env._("Letter from %(name)s", name=name)
        return self.env._("Letter without a name")
