from odoo import fields, models

EVENT_KINDS = [
    ("received", "Received"),
    ("identified", "Identified"),
    ("classified", "Classified"),
    ("located", "Located"),
    ("diverted", "Diverted"),
    ("routed", "Routed"),
    ("handed_over", "Handed over"),
    ("accepted", "Accepted"),
    ("declined", "Declined"),
    ("acknowledged", "Acknowledged"),
    ("notice", "Notice sent"),
    ("message", "Message"),
    ("call", "Call"),
    ("alert", "Person on call alerted"),
    ("stage", "Stage changed"),
    ("letter", "Letter sent"),
    ("letter_posted", "Letter posted"),
    ("letter_returned", "Letter returned"),
    ("letter_received", "Letter received"),
    ("answer_owed", "Answer owed"),
    ("answer_settled", "Answer no longer owed"),
    ("work_order", "Work order"),
    ("closed", "Closed"),
    ("reopened", "Reopened"),
    ("disputed", "Disputed"),
    ("reply_after_closing", "Reply after closing"),
    ("due", "Due date changed"),
    ("subscribed", "Subscribed"),
    ("unsubscribed", "Notices stopped"),
    ("linked", "Linked"),
    ("opinion", "Opinion mail"),
    ("split", "Split"),
    ("moved", "Message moved"),
    ("confidentiality", "Confidentiality changed"),
    ("read", "Restricted case read"),
    ("error", "Step failed"),
]


class ConstituentCaseEvent(models.Model):
    """Append-only history of what matters in a case.

    Chatter messages can be deleted and tracking can be switched off by a context
    key; these rows can neither be changed nor deleted, by nobody. A hand-over says
    who held the case from when to when and who has it now: clocks and figures are
    computed from it.
    """

    _name = "constituent.case.event"
    _inherit = ["constituent.sealed.mixin"]
    _description = "Case Event"
    _order = "id"
    _rec_name = "kind"
    # Every event is sealed from the start; only merges of contacts rewrite partner_id.
    _seal_columns = (
        "case_id", "kind", "happened_at", "user_id", "note", "department_from_id",
        "user_from_id", "held_from", "held_to", "department_to_id", "user_to_id", "stage_to_id",
        "rule_id", "recipient", "correspondence_id", "company_id",
    )  # fmt: skip
    _seal_fields = ("partner_id",)

    case_id = fields.Many2one("constituent.case", required=True, index=True, ondelete="restrict")
    kind = fields.Selection(EVENT_KINDS, required=True)
    happened_at = fields.Datetime(required=True, default=fields.Datetime.now)
    user_id = fields.Many2one(
        "res.users", string="By", default=lambda self: self.env.uid, ondelete="restrict"
    )
    note = fields.Text(help="What happened and why, in a sentence.")
    # Hand-over: who held it from when to when, and who holds it now
    department_from_id = fields.Many2one("constituent.department", ondelete="restrict")
    user_from_id = fields.Many2one("res.users", ondelete="restrict")
    held_from = fields.Datetime()
    held_to = fields.Datetime()
    department_to_id = fields.Many2one("constituent.department", ondelete="restrict")
    user_to_id = fields.Many2one("res.users", ondelete="restrict")
    stage_to_id = fields.Many2one("constituent.case.stage", ondelete="restrict")
    # What it was about
    rule_id = fields.Many2one("constituent.routing.rule", ondelete="restrict")
    # How often a rule matched, and when last.
    _rule_idx = models.Index("(rule_id, happened_at) WHERE rule_id IS NOT NULL")
    partner_id = fields.Many2one("res.partner", ondelete="restrict", index="btree_not_null")
    recipient = fields.Char(help="The address a notice or letter went to.")
    correspondence_id = fields.Many2one("constituent.correspondence", ondelete="restrict")
    company_id = fields.Many2one("res.company", required=True, index=True)
