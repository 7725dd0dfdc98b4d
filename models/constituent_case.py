import uuid

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain

from ..tools.text import html_to_text
from .constituent_case_stage import CASE_STATUSES

CASE_KINDS = [
    ("complaint", "Complaint"),
    ("request", "Request"),
    ("inquiry", "Inquiry"),
    ("comment", "Comment"),
    ("records_request", "Records Request"),
    ("media", "Media Inquiry"),
    ("claim", "Claim"),
]
CONFIDENTIALITY = [
    ("public", "Public"),
    ("internal", "Internal"),
    ("restricted", "Restricted"),
]


class ConstituentCase(models.Model):
    """A matter somebody brought to the office, until it is answered.

    This file holds the record itself; how it comes in (`_intake`), where it goes
    (`_routing`), when it is due (`_clock`), its mail (`_mail`) and what outsiders
    see of it (`_portal`) are in files of their own.
    """

    _name = "constituent.case"
    # The order matters: others do not load (mail.thread must come after its readers).
    _inherit = ["portal.mixin", "rating.mixin", "mail.thread.cc", "mail.activity.mixin"]
    _description = "Case"
    _order = "id desc"
    _rec_names_search = ["number", "name"]
    _mail_post_access = "write"
    _primary_email = "partner_email"

    # What it is
    number = fields.Char(
        readonly=True, copy=False, index="trigram", help="CS-2026-000123; also the Open311 id."
    )
    name = fields.Char(string="Subject", required=True, tracking=True)
    kind = fields.Selection(CASE_KINDS, required=True, default="request", tracking=True)
    # Long texts are read where they are shown, not along with whatever else is.
    description = fields.Html(
        sanitize="email_outgoing", prefetch="texts", help="In the constituent's own words."
    )
    description_text = fields.Text(
        compute="_compute_description_text",
        store=True,
        precompute=True,
        prefetch="texts",
        help="The description without markup: what searches and rules read.",
    )
    category_id = fields.Many2one(
        "constituent.category", index=True, tracking=True, ondelete="restrict"
    )
    channel_id = fields.Many2one("constituent.channel", index=True, ondelete="restrict")
    received_at = fields.Datetime(
        required=True,
        default=fields.Datetime.now,
        index=True,
        help="When the matter reached the city, by whatever door.",
    )
    priority = fields.Selection(
        [("0", "Normal"), ("1", "Elevated"), ("2", "High"), ("3", "Urgent")],
        default="0",
        required=True,
        tracking=True,
    )
    tag_ids = fields.Many2many("constituent.case.tag", string="Tags")

    # Who brought it
    partner_id = fields.Many2one(
        "res.partner",
        string="Constituent",
        index="btree_not_null",
        tracking=True,
        ondelete="restrict",
    )
    identity = fields.Selection(
        [
            ("identified", "Identified"),
            ("confidential", "Confidential"),
            ("anonymous", "Anonymous"),
        ],
        required=True,
        default="identified",
        tracking=True,
        help="Confidential: for call-back only, not linked to a contact. "
        "Anonymous: no contact is kept.",
    )
    # The contact as given, kept through merges
    partner_name = fields.Char(string="Name as Given")
    partner_email = fields.Char(string="Email as Given")
    partner_phone = fields.Char(string="Telephone as Given")
    lang = fields.Selection(
        selection=lambda self: self.env["res.lang"].get_installed(),
        string="Language",
        help="Language of notices to the constituent.",
    )
    referrer_ids = fields.One2many("constituent.case.referrer", "case_id", string="Brought By")

    # The place of the matter, not the constituent's address
    street = fields.Char(string="Street of the Matter", index="trigram")
    city = fields.Char(string="City of the Matter")
    zip = fields.Char(string="ZIP of the Matter")
    location_note = fields.Char(
        string="Where Exactly", help="Behind the bus stop, second floor, north side..."
    )
    latitude = fields.Float(digits=(10, 7))
    longitude = fields.Float(digits=(10, 7))
    district_ids = fields.Many2many("constituent.district", string="Districts")

    # Who has it
    # Its index is the covering one of the totals.
    department_id = fields.Many2one("constituent.department", tracking=True, ondelete="restrict")
    user_id = fields.Many2one(
        "res.users",
        string="Assigned To",
        index="btree_not_null",
        tracking=True,
        domain="[('share', '=', False)]",
        ondelete="restrict",
    )
    held_since = fields.Datetime(
        readonly=True, copy=False, help="Since when the present department and person have it."
    )
    routing_rule_id = fields.Many2one(
        "constituent.routing.rule",
        readonly=True,
        copy=False,
        ondelete="set null",
        index="btree_not_null",
    )
    routing_note = fields.Char(readonly=True, copy=False, help="Why the case is where it is.")

    # Where it stands
    stage_id = fields.Many2one(
        "constituent.case.stage",
        required=True,
        tracking=True,
        ondelete="restrict",
        default=lambda self: self._default_stage_id(),
        group_expand="_read_group_stage_ids",
        copy=False,
    )
    # Required: where it could be NULL, Odoo asks for that too, and no index of the open
    # cases answers.
    status = fields.Selection(
        CASE_STATUSES, compute="_compute_status", store=True, precompute=True, required=True
    )
    outcome_id = fields.Many2one(
        "constituent.case.outcome",
        tracking=True,
        copy=False,
        ondelete="restrict",
        index="btree_not_null",
    )
    outcome_note = fields.Text(copy=False, prefetch="texts")
    closed_at = fields.Datetime(readonly=True, copy=False, index="btree_not_null")
    due_at = fields.Datetime(string="Due", tracking=True, copy=False, index=True)
    is_overdue = fields.Boolean(compute="_compute_is_overdue", search="_search_is_overdue")
    acknowledged_at = fields.Datetime(readonly=True, copy=False)
    reply_after_closing = fields.Boolean(
        readonly=True, copy=False, help="The constituent wrote after the case was closed."
    )
    parent_id = fields.Many2one(
        "constituent.case", index="btree_not_null", ondelete="restrict", string="Part Of"
    )
    child_ids = fields.One2many("constituent.case", "parent_id", string="Parts")
    duplicate_of_id = fields.Many2one(
        "constituent.case", index="btree_not_null", ondelete="restrict", copy=False
    )

    # How it is kept
    confidentiality = fields.Selection(
        CONFIDENTIALITY, required=True, default="internal", tracking=True
    )
    legal_hold = fields.Boolean(tracking=True, help="Nothing of this case may be destroyed.")
    external_source = fields.Char(readonly=True, copy=False)
    external_ref = fields.Char(readonly=True, copy=False)
    intake_mode = fields.Selection(
        [("live", "Live"), ("import", "Import"), ("test", "Test")],
        required=True,
        default="live",
        readonly=True,
        copy=False,
        help="Imported and test cases are not acknowledged, assigned or escalated.",
    )
    # Exists from creation: the readonly routes of the private link write nothing.
    # Whoever has it reads the constituent's page: not for staff.
    access_token = fields.Char(
        groups="base.group_system", default=lambda self: str(uuid.uuid4()), copy=False
    )
    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company
    )

    # Worked out before the row is written: sparing an UPDATE at each creation.
    rating_last_value = fields.Float(
        compute="_compute_rating_last_value", compute_sudo=True, store=True, precompute=True
    )

    # What hangs on it
    event_ids = fields.One2many("constituent.case.event", "case_id", string="History")
    subscription_ids = fields.One2many("constituent.case.subscription", "case_id")
    inbound_mail_ids = fields.One2many("constituent.inbound.mail", "case_id")
    delivery_ids = fields.One2many("constituent.delivery", "case_id")
    correspondence_ids = fields.One2many("constituent.correspondence", "case_id")
    import_row_ids = fields.One2many(
        "constituent.import.row", "case_id", groups="constituent_services.group_coordinator"
    )
    correspondence_count = fields.Integer(compute="_compute_correspondence_count")

    _number_uniq = models.UniqueIndex("(number)", "This case number exists already.")
    # Looked up for every private link.
    _access_token_idx = models.UniqueIndex("(access_token) WHERE access_token IS NOT NULL")
    _external_idx = models.Index("(external_source, external_ref) WHERE external_ref IS NOT NULL")
    # What lists and counts of open cases ask, record rules included, without the rows.
    _open_idx = models.Index(
        "(id DESC) INCLUDE (company_id, confidentiality, stage_id, department_id, user_id,"
        " category_id, channel_id, partner_id, create_uid, is_shared, status)"
        " WHERE status != 'closed'"
    )
    # Clerks see what they entered.
    _create_uid_idx = models.Index("(create_uid)")
    _open_department_idx = models.Index("(department_id, id DESC) WHERE status != 'closed'")
    _open_user_idx = models.Index("(user_id, id DESC) WHERE status != 'closed'")
    _open_due_idx = models.Index("(due_at) WHERE status != 'closed'")
    _triage_idx = models.Index("(id DESC) WHERE department_id IS NULL AND status != 'closed'")
    # A column that is NULL gives no order to an index's next one.
    _unassigned_idx = models.Index("(id DESC) WHERE user_id IS NULL AND status != 'closed'")
    # As Odoo asks: without IS TRUE the planner does not see that it is the same.
    _reply_after_closing_idx = models.Index("(id DESC) WHERE reply_after_closing IS TRUE")
    _legal_hold_idx = models.Index("(id DESC) WHERE legal_hold IS TRUE")

    # Defaults and computes

    def _default_stage_id(self):
        return self.env["constituent.case.stage"]._first_stage("new")

    @api.depends("number", "name")
    def _compute_display_name(self):
        for case in self:
            case.display_name = f"{case.number} {case.name}" if case.number else case.name

    @api.depends("stage_id.status")
    def _compute_status(self):
        stages = self.env["constituent.case.stage"]
        for case in self:
            # Cached: a new case does not read its stage.
            stage_id = case.stage_id._origin.id
            case.status = stage_id and stages._status_by_id(stage_id)

    @api.depends("description")
    def _compute_description_text(self):
        for case in self:
            case.description_text = html_to_text(case.description)

    @api.depends("due_at", "status")
    def _compute_is_overdue(self):
        now = fields.Datetime.now()
        for case in self:
            case.is_overdue = bool(case.due_at and case.due_at < now and case.status != "closed")

    def _search_is_overdue(self, operator, value):
        if operator != "in":
            return NotImplemented
        overdue = Domain("due_at", "<", fields.Datetime.now()) & Domain("status", "!=", "closed")
        domain = Domain.FALSE
        if True in value:
            domain |= overdue
        if False in value:
            domain |= ~overdue
        return domain

    def _compute_correspondence_count(self):
        letters = self.env["constituent.correspondence"]
        counts = dict(letters._read_group([("case_id", "in", self.ids)], ["case_id"], ["__count"]))
        also = dict(
            letters._read_group([("also_case_ids", "in", self.ids)], ["also_case_ids"], ["__count"])
        )
        for case in self:
            case.correspondence_count = counts.get(case, 0) + also.get(case, 0)

    @api.model
    def _read_group_stage_ids(self, stages, domain):
        """Show every stage as a kanban column, empty ones too."""
        return stages.search([])

    # Constraints

    @api.constrains("status", "outcome_id", "outcome_note", "intake_mode")
    def _check_outcome(self):
        for case in self:
            if case.status != "closed" or case.intake_mode == "import":
                continue
            if not case.outcome_id:
                raise ValidationError(
                    self.env._(
                        "%(case)s: choose how it ended (use the Close button).",
                        case=case.display_name,
                    )
                )
            if case.outcome_id.requires_note and not (case.outcome_note or "").strip():
                raise ValidationError(
                    self.env._(
                        "%(case)s: the outcome \u201c%(outcome)s\u201d asks for a note.",
                        case=case.display_name,
                        outcome=case.outcome_id.name,
                    )
                )

    @api.constrains("latitude", "longitude")
    def _check_coordinates(self):
        for case in self:
            if not (-90 <= case.latitude <= 90 and -180 <= case.longitude <= 180):
                raise ValidationError(
                    self.env._(
                        "%(case)s: latitude must be within ±90 and longitude within ±180.",
                        case=case.display_name,
                    )
                )

    @api.constrains("parent_id")
    def _check_parent_id(self):
        if self._has_cycle():
            raise ValidationError(self.env._("A case cannot be part of itself."))

    # CRUD

    def unlink(self):
        """Refuse: cases are public records and end by closing, not by deletion."""
        raise UserError(
            self.env._(
                "Cases are records and are not deleted. Close the case instead, "
                "for example as entered in error."
            )
        )

    def _unlink_imported(self):
        """Delete cases that an import has made and nobody has worked on.

        The database holds the line: what hangs on a case, its history above all, does
        not let it go.

        :raises UserError: a case that did not come by an import
        """
        if any(case.intake_mode != "import" for case in self):
            raise UserError(self.env._("Only imported cases can be taken back."))
        # Past this class's own refusal, with all else that goes with deleting a record.
        return super().unlink()  # pylint: disable=super-method-mismatch
