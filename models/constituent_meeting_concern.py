from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import plaintext2html

from ..tools.split import propose_subject


class ConstituentMeetingConcern(models.Model):
    """What somebody raised in a meeting, until it is a case."""

    _name = "constituent.meeting.concern"
    _description = "Concern of a Meeting"
    _order = "sequence, id"
    _rec_name = "words"

    meeting_id = fields.Many2one(
        "constituent.meeting", required=True, index=True, ondelete="cascade"
    )
    sequence = fields.Integer(default=10)
    words = fields.Text(string="Concern", required=True)
    street = fields.Char()
    category_id = fields.Many2one("constituent.category", ondelete="restrict")
    raised_by = fields.Char(help="As somebody gave it: the lady from Elm Street.")
    partner_id = fields.Many2one(
        "res.partner",
        string="Constituent",
        index="btree_not_null",
        ondelete="restrict",
        help="When it is known who raised it: they are told of the case.",
    )
    answer_via = fields.Selection(
        [("direct", "Directly"), ("through", "Through them"), ("both", "Both")],
        string="Answer",
        help="As the meeting says when empty.",
    )
    case_id = fields.Many2one(
        "constituent.case", readonly=True, copy=False, index="btree_not_null", ondelete="restrict"
    )
    case_status = fields.Selection(related="case_id.status", string="Status")
    company_id = fields.Many2one(related="meeting_id.company_id", store=True, index=True)

    # CRUD

    @api.model_create_multi
    def create(self, vals_list):
        """Create; the case is made by the meeting's own step."""
        self._check_case_given(vals_list)
        return super().create(vals_list)

    def write(self, vals):
        """Write; the case is made by the meeting's own step."""
        self._check_case_given([vals])
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_with_case(self):
        for concern in self.filtered("case_id"):
            raise UserError(
                self.env._(
                    "“%(concern)s” is a case already, the line is kept.", concern=concern.words
                )
            )

    def _check_case_given(self, vals_list):
        if not self.env.su and any("case_id" in vals for vals in vals_list):
            raise AccessError(self.env._("Cases are made of concerns by the meeting's button."))

    # Becoming a case

    def _report(self, received_at):
        """Return the intake report of a concern.

        :param datetime received_at: of the meeting
        """
        self.ensure_one()
        meeting = self.meeting_id
        return {
            "channel": "meeting",
            "company_id": meeting.company_id.id,
            "received_at": received_at,
            "name": propose_subject(self.words),
            "description": plaintext2html(self.words),
            "street": self.street,
            "category_id": self.category_id.id,
            "partner_id": self.partner_id.id,
            "referrers": [
                {
                    "partner_id": meeting.group_id.id,
                    "reference": meeting.name,
                    "answer_via": self.answer_via or meeting.answer_via,
                }
            ],
        }

    def _link_cases(self, cases):
        """Write which concern became which case, and where each case comes from."""
        # The step has checked that the user may; nobody writes the link by hand.
        for concern_sudo, case in zip(self.sudo(), cases, strict=True):
            meeting_sudo = concern_sudo.meeting_id
            concern_sudo.case_id = case
            values = {
                "meeting": meeting_sudo.name,
                "date": meeting_sudo.date,
                "who": concern_sudo.raised_by or "",
            }
            note = (
                self.env._("Raised at “%(meeting)s” on %(date)s by %(who)s", **values)
                if values["who"]
                else self.env._("Raised at “%(meeting)s” on %(date)s", **values)
            )
            case._log_event(note, kind="linked")
