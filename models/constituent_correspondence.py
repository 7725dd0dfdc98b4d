from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Command

from ..tools.letter_pictures import only_own_pictures
from ..tools.text import one_line
from ..tools.x2many import named_ids
from .constituent_approval_mixin import CAN_SEND_GROUP

# What only the steps of the letter's way write, never a form, an import or a call.
WORKFLOW_FIELDS = frozenset(
    {
        "state", "reference", "document_id", "document_sha256", "sent_at", "sent_by_id",
        "approved_by_id", "approved_at", "approved_digest", "returned_at",
        "returned_reason", "printed_name", "printed_address", "printed_email",
        "printed_body", "printed_signature", "printed_cc", "answers_numbers",
        "waiting_for_ids", "decided_by_ids", "submitted_at", "batch_id",
        "received_on", "scan_id", "scan_pages",
        # Of the verification code, the file copy, the post and returned mail
        "verification_code", "printed_bcc", "printed_initials",
        "post_state", "post_run_id", "post_order", "returned_kind", "forwarding_address",
        "counsel_kept",
    }
)  # fmt: skip
# What a letter refers to, and who writes it must be able to see.
REFERENCES = (
    "case_id", "also_case_ids", "partner_id", "cc_partner_ids", "corrects_id", "covers_id",
    "bcc_partner_ids", "enclosure_file_ids",
)  # fmt: skip
# What somebody approved: a change afterwards asks for another approval.
CONTENT_FIELDS = frozenset(
    {
        "direction", "medium", "case_id", "also_case_ids", "partner_id", "cc_partner_ids",
        "salutation", "subject",
        "body", "enclosures", "delivery_notation", "lang", "letter_date", "department_id",
        "signatory_ids", "their_reference", "their_date", "corrects_id", "company_id",
        "translation_waiver", "signing_order", "body_english", "covers_id", "bcc_partner_ids",
        "enclosure_file_ids", "for_counsel",
    }
)  # fmt: skip
# Printed as a line, or in a head of its mail, which a line break would end.
LINES = frozenset(
    {"subject", "salutation", "their_reference", "delivery_notation", "translation_waiver"}
)
TEXTS = frozenset({"body", "body_english"})
# Of a letter that is still to be sent.
OPEN_STATES = ("draft", "to_approve", "approved", "rejected")
# How a letter reaches its addressee: by which of mail and post.
MEDIA = [
    ("email", "Email"),
    ("post", "Post"),
    ("both", "Email and Post"),
    ("portal", "Portal Only"),
]
BY_EMAIL = ("email", "both")
BY_POST = ("post", "both")


class ConstituentCorrespondence(models.Model):
    """An official letter, in or out. Once sent it is sealed.

    This file holds the record and its guards; its way to the mail is in `_send`, its
    page in `_print`, and how a case begins one in ``constituent_case_letter.py``.
    """

    _name = "constituent.correspondence"
    _inherit = [
        "constituent.sealed.mixin", "constituent.approval.mixin", "mail.thread",
        "mail.activity.mixin",
    ]  # fmt: skip
    _description = "Correspondence"
    _order = "id desc"
    _rec_name = "subject"
    _rec_names_search = ["reference", "subject"]
    # Open are only the addressee, whom merges of contacts rewrite (the name and address
    # as printed are sealed), what is known of a letter that came back, and bookkeeping.
    _seal_field = "state"
    _seal_values = ("sending", "sent", "returned_mail", "received")
    _seal_moves = {"sending": ("sent", "returned_mail"), "sent": ("returned_mail",)}
    _seal_columns = (
        "direction", "medium", "reference", "their_reference", "their_date", "case_id",
        "salutation", "subject", "body", "enclosures", "delivery_notation", "lang",
        "letter_date", "department_id", "corrects_id", "document_id", "document_sha256",
        "sent_at", "sent_by_id", "approved_by_id", "approved_at", "approved_digest",
        "company_id", "printed_name", "printed_address", "printed_email", "printed_body",
        "printed_signature", "printed_cc", "answers_numbers", "translation_waiver",
        "submitted_at", "signing_order", "batch_id", "salutation_found", "for_counsel",
        "counsel_kept",
        "template_id", "template_version_id", "template_gaps", "wanted_lang", "body_english",
        "covers_id",
        "received_on", "scan_id", "scan_pages",
        "verification_code", "printed_bcc", "printed_initials",
    )  # fmt: skip
    _seal_fields = (
        "partner_id", "cc_partner_ids", "signatory_ids", "also_case_ids", "bcc_partner_ids",
        "enclosure_file_ids",
    )  # fmt: skip

    direction = fields.Selection(
        [("out", "Outgoing"), ("in", "Incoming")], required=True, default="out"
    )
    medium = fields.Selection(MEDIA, required=True, default="post", tracking=True)
    reference = fields.Char(readonly=True, copy=False, help="Drawn when it is sent or registered.")
    their_reference = fields.Char(help="Number or reference on the letter this one answers.")
    their_date = fields.Date(help="Date of the letter this one answers.")
    case_id = fields.Many2one("constituent.case", index="btree_not_null", ondelete="restrict")
    partner_id = fields.Many2one(
        "res.partner",
        string="Addressee",
        index="btree_not_null",
        ondelete="restrict",
        tracking=True,
    )
    cc_partner_ids = fields.Many2many(
        "res.partner", string="Copies To", help="Named under the letter, in this order."
    )
    salutation = fields.Char(
        compute="_compute_salutation",
        store=True,
        readonly=False,
        precompute=True,
        help="The addressee's own unless changed here.",
    )
    salutation_found = fields.Char(
        compute="_compute_salutation_found",
        store=True,
        precompute=True,
        help="The addressee's own when the letter was begun: is it another by now?",
    )
    subject = fields.Char(required=True, tracking=True)
    body = fields.Html(sanitize="email_outgoing")
    enclosures = fields.Text(help="One a line, as printed.")
    delivery_notation = fields.Char(help="Via certified mail; personal and confidential...")
    lang = fields.Selection(
        selection=lambda self: self.env["res.lang"].get_installed(),
        string="Language",
        compute="_compute_lang",
        store=True,
        readonly=False,
        precompute=True,
    )
    letter_date = fields.Date(string="Date", help="The day it is sent when empty.")
    department_id = fields.Many2one(
        "constituent.department", index="btree_not_null", ondelete="restrict", tracking=True
    )
    signatory_ids = fields.Many2many(
        "res.users",
        string="Signed By",
        domain="[('share', '=', False)]",
        compute="_compute_signatory_ids",
        store=True,
        readonly=False,
        help="The department's head unless changed here.",
    )
    state = fields.Selection(
        [
            ("draft", "Draft"),
            ("rejected", "Sent Back"),
            ("to_approve", "To Approve"),
            ("approved", "Approved"),
            ("sending", "Sending"),
            ("sent", "Sent"),
            ("returned_mail", "Returned Mail"),
            ("cancelled", "Cancelled"),
            # Came in on paper: a letter's beginning and its end.
            ("received", "Received"),
        ],
        required=True,
        default="draft",
        readonly=True,
        copy=False,
        tracking=True,
        index=True,
    )
    corrects_id = fields.Many2one(
        "constituent.correspondence",
        string="Replaces",
        readonly=True,
        copy=False,
        ondelete="restrict",
        index="btree_not_null",
    )
    corrected_by_ids = fields.One2many(
        "constituent.correspondence", "corrects_id", string="Replaced By"
    )
    document_id = fields.Many2one(
        "ir.attachment", string="PDF as Sent", readonly=True, copy=False, ondelete="restrict"
    )
    document_sha256 = fields.Char(string="SHA-256", readonly=True, copy=False)
    sent_at = fields.Datetime(readonly=True, copy=False, index="btree_not_null")
    sent_by_id = fields.Many2one("res.users", readonly=True, copy=False, ondelete="restrict")
    returned_at = fields.Datetime(readonly=True, copy=False)
    returned_reason = fields.Char(readonly=True, copy=False)
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

    # For the form
    is_sealed = fields.Boolean(compute="_compute_is_sealed")
    case_description = fields.Html(
        compute="_compute_case_description",
        compute_sudo=False,
        string="Their Words",
    )
    delivery_ids = fields.One2many("constituent.delivery", "correspondence_id")

    _reference_uniq = models.UniqueIndex(
        "(company_id, reference) WHERE reference IS NOT NULL",
        "This office already has a letter with this reference.",
    )
    _to_approve_idx = models.Index("(id DESC) WHERE state = 'to_approve'")
    # As the desk shows them: what waits longest to be sent
    _approved_idx = models.Index("(approved_at, id) WHERE state = 'approved'")
    _create_uid_idx = models.Index("(create_uid)")

    # Computes

    @api.depends("reference", "subject")
    def _compute_display_name(self):
        for letter in self:
            letter.display_name = (
                f"{letter.reference} {letter.subject}" if letter.reference else letter.subject
            )

    @api.depends("partner_id")
    def _compute_lang(self):
        for letter in self.filtered(lambda letter: not letter.is_sealed):
            letter.lang = letter.case_id.lang or letter.partner_id.lang or letter.lang

    @api.depends("partner_id", "lang")
    def _compute_salutation(self):
        for letter in self.filtered(lambda letter: not letter.is_sealed):
            letter.salutation = letter._own_salutation()

    @api.depends("partner_id", "lang")
    def _compute_salutation_found(self):
        for letter in self.filtered(lambda letter: not letter.is_sealed):
            letter.salutation_found = letter._own_salutation()

    def _own_salutation(self):
        partner = self.partner_id.with_context(lang=self.lang)
        if not isinstance(self.id, int) and partner != self._origin.partner_id:
            # A form may name any contact, and what is stored is computed as superuser.
            partner = partner.sudo(False)._filtered_access("read")
        return partner.salutation

    @api.depends("department_id")
    def _compute_signatory_ids(self):
        for letter in self.filtered(lambda letter: not letter.is_sealed):
            letter.signatory_ids = letter.department_id.head_id or letter.signatory_ids

    @api.depends("state")
    def _compute_is_sealed(self):
        for letter in self:
            letter.is_sealed = letter.state in self._seal_values

    @api.depends("case_id.description")
    @api.depends_context("uid", "allowed_company_ids")
    def _compute_case_description(self):
        """Show the words of a case to who may read it; a form may name any case."""
        readable = self.case_id._filtered_access("read")
        for letter in self:
            letter.case_description = letter.case_id in readable and letter.case_id.description

    @api.constrains("company_id", "case_id", "department_id", "corrects_id")
    def _check_same_office(self):
        for letter in self:
            others = (letter.case_id, letter.department_id, letter.corrects_id)
            if any(other and other.company_id != letter.company_id for other in others):
                raise ValidationError(
                    self.env._(
                        "%(letter)s: its case, department and the letter it replaces "
                        "must be of the same office.",
                        letter=letter.display_name,
                    )
                )

    # CRUD

    @api.model_create_multi
    def create(self, vals_list):
        """Create drafts: whatever is asked for, a letter begins as one.

        :raises UserError: a state, reference or other trace of sending is given
        :raises AccessError: a case, contact or letter that is out of the user's sight
        """
        self._check_named(vals_list)
        fresh = []
        for vals in vals_list:
            given = {name for name in WORKFLOW_FIELDS & vals.keys() if vals[name]}
            if given and not (given == {"state"} and vals["state"] == "draft"):
                raise UserError(
                    self.env._(
                        "A letter begins as a draft: %(fields)s cannot be given.",
                        fields=self._field_labels(given),
                    )
                )
            # Written out, so that no default of the context gets in.
            fresh.append(
                {
                    **self._as_printed(self._context_words() | vals),
                    **dict.fromkeys(WORKFLOW_FIELDS, False),
                    "state": "draft",
                }
            )
        letters = super().create(fresh)
        # Afterwards, so that the context's defaults are among what is looked at.
        letters._check_references(REFERENCES)
        return letters

    def write(self, vals):
        """Write the text; what was approved and is changed goes back to draft.

        :raises UserError: a state, reference or other trace of sending, which only the
            letter's own steps write; a cancelled or sealed letter
        :raises AccessError: a case, contact or letter that is out of the user's sight
        """
        forbidden = WORKFLOW_FIELDS & vals.keys()
        if forbidden:
            raise UserError(
                self.env._(
                    "%(fields)s: changed by the letter's buttons only.",
                    fields=self._field_labels(forbidden),
                )
            )
        self._check_named([vals])
        changed = CONTENT_FIELDS & vals.keys()
        if changed:
            self._withdraw_approval(changed)
        result = super().write(self._as_printed(vals))
        self._check_references(name for name in REFERENCES if name in vals)
        if changed:
            # Who approved other words is asked again; who changed them goes on reading them.
            waiting_sudo = self.filtered(lambda letter: letter.state == "to_approve").sudo()
            waiting_sudo._advance("to_approve", decided_by_ids=[Command.link(self.env.uid)])
            waiting_sudo._update_waiting()
        return result

    def _check_named(self, vals_list):
        """Refuse what the user may not read before any constraint says something of it.

        Odoo runs constraints as superuser: they name cases and files.

        :raises AccessError: one of the records is out of the user's sight
        """
        if self.env.su:
            return
        given = self._constituent_defaults()
        for name in REFERENCES:
            ids = {one for vals in (given, *vals_list) for one in named_ids(vals.get(name))}
            # Of a form that has not been saved, a new record has no number yet.
            self.env[self._fields[name].comodel_name].browse(sorted(ids)).exists().check_access(
                "read"
            )

    @api.model
    def _context_words(self):
        """Return the words that a letter begins with by the context."""
        given = self._constituent_defaults()
        return {name: given[name] for name in (LINES | TEXTS) & given.keys()}

    @api.model
    def _as_printed(self, vals):
        """Return values whose words are what is printed.

        Lines are one line; a picture on another server is the placeholder that stands for it.
        """
        vals = dict(vals)
        for name in LINES & vals.keys():
            if isinstance(vals[name], str):
                vals[name] = one_line(vals[name])
        for name in TEXTS & vals.keys():
            vals[name] = only_own_pictures(vals[name])
        return vals

    def _check_references(self, names):
        """Refuse what the user may not read: a letter shows and sends it.

        :param names: of REFERENCES, those that were just written
        :raises AccessError: one of the records is out of the user's sight
        """
        if self.env.su:
            return
        for name in names:
            self[name].check_access("read")

    def _withdraw_approval(self, names):
        """Take letters whose text is about to change back to draft.

        Who may approve may change a word while deciding.

        :param names: of the fields that are written
        :raises UserError: a cancelled letter
        """
        if "cancelled" in self.mapped("state"):
            raise UserError(self.env._("A cancelled letter is not changed. Reset it to draft."))
        may_send = self.env.user.has_group(CAN_SEND_GROUP)
        changed = self.filtered(
            lambda letter: (
                letter.state == "approved"
                or (letter.state == "to_approve" and not may_send and not letter.waits_for_me)
            )
        )
        if changed:
            changed._note_void(self._field_labels(names))
            changed._take_back("draft")

    def _advance(self, state, **vals):
        """Write the next state past the guard of `write`: private, so no call reaches it.

        :param str state: one of the field's values; the caller has checked who may
        :param vals: other fields of the letter's way
        """
        # pylint: disable-next=super-method-mismatch
        return super().write({"state": state, **vals})

    def _field_labels(self, names):
        labels = self.fields_get(list(names), ["string"])
        return ", ".join(sorted(label["string"] for label in labels.values()))
