from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from .constituent_opinion_group import POSITIONS

DECIDERS = "constituent_services.group_coordinator"


class ConstituentCase(models.Model):
    """What a letter asks for in the issue it is about: as its group, or by itself."""

    _name = "constituent.case"
    _inherit = "constituent.case"

    position = fields.Selection(
        POSITIONS,
        compute="_compute_position",
        store=True,
        precompute=True,
        help="What the letter asks for: as its group's, unless somebody said otherwise of it.",
    )
    position_own = fields.Selection(
        POSITIONS,
        string="Position of Its Own",
        readonly=True,
        copy=False,
        help="Where a letter says something else than the others of its text.",
    )
    opinion_apart = fields.Boolean(
        readonly=True, copy=False, help="Somebody split it off: it is not compared again."
    )
    opinion_line = fields.Char(
        compute="_compute_opinion_line",
        string="Opinion",
        help="What it is counted as, and how many more of its text the reader may see.",
    )
    also_letter_ids = fields.Many2many(
        "constituent.correspondence",
        "constituent_correspondence_also_case_rel",
        "case_id",
        "correspondence_id",
        string="Also Answered By",
        readonly=True,
        copy=False,
    )

    @api.depends("position_own", "opinion_group_id.position")
    def _compute_position(self):
        for case in self:
            case.position = case.position_own or case.opinion_group_id.position

    @api.depends("opinion_group_id", "position", "opinion_group_id.issue_id.name")
    @api.depends_context("uid")
    def _compute_opinion_line(self):
        grouped = self.filtered("opinion_group_id")
        # Groups are not for everyone; the line says no more than the case's own history.
        groups_sudo = grouped.sudo().opinion_group_id
        counts = {
            group.id: count
            for group, count in self._read_group(
                [("opinion_group_id", "in", groups_sudo.ids)], ["opinion_group_id"], ["__count"]
            )
        }
        labels = dict(self._fields["position"]._description_selection(self.env))
        (self - grouped).opinion_line = False
        for case in grouped:
            # Clerks have no rights on groups; the line is all they get.
            group_sudo = case.sudo().opinion_group_id
            others = counts.get(group_sudo.id, 1) - 1
            case.opinion_line = " · ".join(
                filter(
                    None,
                    (
                        labels[case.position],
                        group_sudo.issue_id.name,
                        self.env._("like %(count)s others", count=others)
                        if others
                        else self.env._("one of many of its text"),
                    ),
                )
            )

    # A person's word

    def _check_may_decide(self):
        """Refuse whoever does not decide on opinion mail.

        :raises AccessError: below coordinator, or a case the user may not write
        :raises UserError: a case in no group
        """
        if not self.env.su and not self.env.user.has_group(DECIDERS):
            raise AccessError(self.env._("What letters are counted as is for coordinators to say."))
        self.check_access("write")
        for case in self:
            if not case.opinion_group_id:
                raise UserError(self.env._("%(number)s is in no group.", number=case.number))

    def action_position_for(self):
        """Count the letters as for, whatever their group is.

        :return bool: True
        """
        return self._take_position("for")

    def action_position_against(self):
        """Count the letters as against, whatever their group is.

        :return bool: True
        """
        return self._take_position("against")

    def action_position_as_group(self):
        """Count the letters as their group.

        :return bool: True
        """
        return self._take_position(False)

    def _take_position(self, position):
        self._check_may_decide()
        labels = dict(self._fields["position"]._description_selection(self.env))
        note = (
            self.env._("Counted by itself: %(position)s", position=labels[position])
            if position
            else self.env._("Counted as the others of its text")
        )
        changed = self.filtered(lambda case: case.position_own != position)
        changed._write_kept({"position_own": position})
        changed._log_event(note, kind="opinion")
        return True

    def action_split_off_opinion(self):
        """Take cases out of their group: they say something else, and are answered alone.

        :return bool: True
        """
        self._check_may_decide()
        # The columns are the code's own; the right was checked.
        cases_sudo = self.sudo()
        cases_sudo._leave_opinion(self.env._("Split off from the opinion mail"))
        cases_sudo.write({"opinion_apart": True, "position_own": False})
        return True

    def action_opinion_group(self):
        """Open the group of the case.

        :return dict: a window action
        :raises AccessError: groups are for caseworkers
        """
        self.ensure_one()
        self.opinion_group_id.check_access("read")
        return self.opinion_group_id._get_records_action(name=self.env._("Opinion Mail"))
