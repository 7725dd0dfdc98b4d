import datetime

import pytz

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..tools.split import lines_of
from ..tools.text import fold


class ConstituentMeeting(models.Model):
    """A meeting of a neighborhood or a group, and the concerns that were raised there.

    A page of concerns becomes cases in one go, brought by the group; when they are
    answered, one letter says what became of each (``constituent_meeting_reply.py``).
    """

    _name = "constituent.meeting"
    _inherit = ["mail.thread"]
    _description = "Meeting"
    _order = "date desc, id desc"

    name = fields.Char(required=True, tracking=True)
    date = fields.Date(required=True, default=fields.Date.context_today, tracking=True)
    group_id = fields.Many2one(
        "res.partner",
        required=True,
        index=True,
        ondelete="restrict",
        tracking=True,
        help="The association or group: it is told of the cases and gets the reply.",
    )
    place = fields.Char()
    attendee_count = fields.Integer(string="Attendees")
    department_id = fields.Many2one(
        "constituent.department",
        index="btree_not_null",
        ondelete="restrict",
        help="The department whose meeting it was; it signs the reply.",
    )
    answer_via = fields.Selection(
        [("direct", "Directly"), ("through", "Through them"), ("both", "Both")],
        string="Answer",
        required=True,
        default="through",
        help="How whoever raised a concern gets the answer, unless the line says otherwise.",
    )
    page = fields.Text(
        string="Page of Concerns", help="As it was handed over or typed: a concern a line."
    )
    notes = fields.Html()
    concern_ids = fields.One2many("constituent.meeting.concern", "meeting_id", string="Concerns")
    letter_ids = fields.Many2many(
        "constituent.correspondence",
        "constituent_meeting_letter_rel",
        "meeting_id",
        "letter_id",
        string="Replies",
        readonly=True,
        copy=False,
    )
    concern_count = fields.Integer(compute="_compute_counts", string="Raised")
    case_count = fields.Integer(compute="_compute_counts", string="Cases")
    answered_count = fields.Integer(compute="_compute_counts", string="Answered")
    letter_count = fields.Integer(compute="_compute_letter_count", string="Replies Written")
    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company
    )

    @api.depends("concern_ids.case_id", "concern_ids.case_status")
    def _compute_counts(self):
        for meeting in self:
            concerns = meeting.concern_ids
            meeting.concern_count = len(concerns)
            meeting.case_count = len(concerns.filtered("case_id"))
            meeting.answered_count = len(
                concerns.filtered(lambda concern: concern.case_status == "closed")
            )

    @api.depends("letter_ids")
    def _compute_letter_count(self):
        for meeting in self:
            meeting.letter_count = len(meeting.letter_ids)

    @api.constrains("company_id", "department_id", "group_id")
    def _check_same_office(self):
        for meeting in self:
            others = (meeting.department_id.company_id, meeting.group_id.company_id)
            if any(other and other != meeting.company_id for other in others):
                raise UserError(
                    self.env._(
                        "%(meeting)s: its department and group must be of the same office.",
                        meeting=meeting.name,
                    )
                )

    @api.ondelete(at_uninstall=False)
    def _unlink_except_with_cases(self):
        for meeting in self:
            if meeting.concern_ids.filtered("case_id"):
                raise UserError(
                    self.env._(
                        "%(meeting)s: cases were made of its concerns; it is kept.",
                        meeting=meeting.name,
                    )
                )

    # Actions

    def action_read_page(self):
        """Make a line of each concern on the page that is not among the lines yet.

        :return bool: True
        :raises UserError: an empty page
        """
        self.ensure_one()
        known = {fold(concern.words) for concern in self.concern_ids}
        lines = dict.fromkeys(lines_of(self.page))
        if not lines:
            raise UserError(self.env._("Paste the page first: one concern a line."))
        sequence = max(self.concern_ids.mapped("sequence"), default=0)
        self.env["constituent.meeting.concern"].create(
            [
                {"meeting_id": self.id, "words": line, "sequence": sequence + number}
                for number, line in enumerate(lines, 1)
                if fold(line) not in known
            ]
        )
        return True

    def action_make_cases(self):
        """Make a case of each concern that has none yet, all in one go.

        :return dict: the action that shows the new cases
        :raises UserError: nothing to do
        """
        self.ensure_one()
        self.check_access("write")
        # Two who press the button at once make one set of cases.
        self.lock_for_update()
        concerns = self.concern_ids.filtered(lambda concern: not concern.case_id)
        if not concerns:
            raise UserError(self.env._("Every concern has its case already."))
        cases = self.env["constituent.case"].intake(
            [concern._report(self._received_at()) for concern in concerns]
        )
        concerns._link_cases(cases)
        cases._acknowledge_together()
        return cases._get_records_action(name=self.env._("Cases of %(name)s", name=self.name))

    def action_cases(self):
        """Open the cases that were made of the concerns.

        :return dict: a window action
        """
        return self.concern_ids.case_id._get_records_action(
            name=self.env._("Cases of %(name)s", name=self.name)
        )

    def action_letters(self):
        """Open the letters that reply to the group.

        :return dict: a window action
        """
        return self.letter_ids._get_records_action(name=self.env._("Replies"))

    def _received_at(self):
        """Return when the concerns reached the city: noon of the day, never in the future."""
        zone = pytz.timezone(self.env["res.company"]._office(self.company_id.id).tz)
        noon = zone.localize(datetime.datetime.combine(self.date, datetime.time(12)))
        return min(noon.astimezone(pytz.utc).replace(tzinfo=None), fields.Datetime.now())
