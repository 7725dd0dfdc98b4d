from odoo import models
from odoo.exceptions import UserError


class ConstituentApprovalMixin(models.AbstractModel):
    """Who is able to decide: whoever the rules name must be able to open what waits."""

    _name = "constituent.approval.mixin"
    _inherit = "constituent.approval.mixin"

    def _check_steps(self, steps):
        """Raise unless each step has somebody who may read the record.

        :raises UserError: names the step, who cannot see it, why, and who mends that
        """
        for step in steps:
            people = self.env["res.users"].browse(step.people)
            obstacles = {user: self._deciding_obstacle(user) for user in people}
            missing = [why for why in obstacles.values() if why]
            if len(missing) == len(people) or (step.needs_all and missing):
                nobody = self.env._("it names nobody, a manager completes the approval rules")
                raise UserError(
                    self.env._(
                        "%(letter)s needs an approval that cannot be given, “%(step)s”: %(why)s.",
                        letter=self.display_name,
                        step=step.label,
                        why="; ".join(missing) or nobody,
                    )
                )

    def _may_be_decided_by(self, user):
        """Return whether somebody can read the letter once it waits for them."""
        return not self._deciding_obstacle(user)

    def _deciding_obstacle(self, user):
        """Return why somebody cannot read the letter once it waits for them, or nothing."""
        # Whether somebody may is no secret of theirs.
        user_sudo = user.sudo()
        if not user_sudo.active:
            return self.env._("%(name)s is archived", name=user_sudo.name)
        if self.company_id not in user_sudo.company_ids:
            return self.env._(
                "%(name)s is not of this office, the administrator adds them to it",
                name=user_sudo.name,
            )
        if not user_sudo.has_group("constituent_services.group_clerk"):
            return self.env._(
                "%(name)s has no role in Constituent Services, the administrator gives one "
                "under Users",
                name=user_sudo.name,
            )
        restricted = "constituent_services.group_restricted"
        if self._approval_is_restricted() and not user_sudo.has_group(restricted):
            return self.env._(
                "%(name)s does not see restricted cases, the administrator gives that right "
                "under Users",
                name=user_sudo.name,
            )
        return ""

    def _approval_is_restricted(self):
        """Return whether only those may read it who see restricted cases."""
        return False
