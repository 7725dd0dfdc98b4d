from odoo import models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain

# A letter in one of these states answers nobody.
NO_ANSWER = ("rejected", "cancelled", "returned_mail")


class ConstituentOpinionGroup(models.Model):
    """What a person says of letters of one text: for, against, of which issue, or not one."""

    _name = "constituent.opinion.group"
    _inherit = "constituent.opinion.group"

    def write(self, vals):
        """Write; what the steps keep is refused to users.

        :raises AccessError: a state or another office given by hand
        """
        if not self.env.su and {"state", "company_id", "case_ids"} & vals.keys():
            raise AccessError(
                self.env._("State, office and cases of opinion mail follow from its buttons.")
            )
        return super().write(vals)

    def action_for(self):
        """Say that the letters are for what the issue proposes.

        :return bool: True
        """
        return self._decide("for")

    def action_against(self):
        """Say that the letters are against what the issue proposes.

        :return bool: True
        """
        return self._decide("against")

    def action_neither(self):
        """Say that the letters are neither for nor against.

        :return bool: True
        """
        return self._decide("neutral")

    def _decide(self, position):
        self.check_access("write")
        if "not_one" in self.mapped("state"):
            raise UserError(self.env._("These were said not to be one group."))
        # The state is the steps' own; the right was checked.
        return self.sudo().write({"position": position, "state": "confirmed"})

    def action_not_one(self):
        """Say that these letters are not one group: each case goes on by itself.

        Letters of this text are not proposed again.

        :return bool: True
        """
        self.check_access("write")
        for group in self:
            # Every case leaves, also what the user does not see; the right was checked.
            group_sudo = group.sudo()
            group_sudo.case_ids._leave_opinion(
                self.env._("Not one group, somebody said: %(group)s", group=group.name)
            )
            group_sudo.state = "not_one"
        return True

    def action_choose_target(self):
        """Ask with which group these are merged.

        :return dict: the action of the window
        """
        self.check_access("write")
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Merge Opinion Mail"),
            "res_model": "constituent.opinion.merge.wizard",
            "view_mode": "form",
            "target": "new",
            "context": {"default_group_ids": self.ids},
        }

    def _merge_into(self, target):
        """Move the cases of these groups to another, by which their texts are known then.

        :param target: the group that stays
        :raises UserError: none to merge, another office's, or refused ones
        """
        others = self - target
        others.check_access("write")
        target.check_access("write")
        if not others:
            raise UserError(self.env._("Choose another group than this one."))
        if (others | target).company_id != target.company_id:
            raise UserError(self.env._("They are different offices'."))
        if "not_one" in (others | target).mapped("state"):
            raise UserError(self.env._("These were said not to be one group."))
        names = ", ".join(others.mapped("name"))
        # Whole groups are merged, also what the user does not see; the right was checked.
        others_sudo, target_sudo = others.sudo(), target.sudo()
        cases_sudo = others_sudo.case_ids
        others_sudo.print_ids.group_id = target_sudo
        cases_sudo.opinion_group_id = target_sudo
        others_sudo.batch_ids._advance_opinion(target_sudo)
        cases_sudo._log_event(
            self.env._("Opinion mail: counted with %(group)s", group=target.name), kind="opinion"
        )
        # Empty now, and found by its text under the other.
        others_sudo.unlink()
        target_sudo.message_post(body=self.env._("Merged with: %(names)s", names=names))

    def action_cases(self):
        """Open the cases of the group, as far as the user may see them.

        :return dict: a window action
        """
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "constituent_services.constituent_case_action_opinion"
        )
        action.update(name=self.name, domain=[("opinion_group_id", "=", self.id)])
        return action

    def _cases_to_answer(self):
        """Return the open cases that no letter answers or is about to answer.

        :return: cases, the oldest first, as far as the reader may see them
        """
        answered = Domain("direction", "=", "out") & Domain("state", "not in", NO_ANSWER)
        return self.env["constituent.case"].search(
            Domain("opinion_group_id", "in", self.ids)
            & Domain("status", "!=", "closed")
            & Domain("correspondence_ids", "not any!", answered)
            & Domain("also_letter_ids", "not any!", answered),
            order="received_at, id",
        )
