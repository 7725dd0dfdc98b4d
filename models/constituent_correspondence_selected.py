from odoo import models
from odoo.exceptions import UserError

# A page of the list. Each is printed as it is sent: half a minute, within what a request may take.
AT_ONCE = 80


class ConstituentCorrespondence(models.Model):
    """Letters chosen in the list take a step together: all of them or none."""

    _name = "constituent.correspondence"
    _inherit = "constituent.correspondence"

    def action_submit_selected(self):
        """Hand the letters chosen over for approval.

        :raises UserError: names each letter that cannot be, and why; none was submitted then
        """
        self._each_or_none(lambda letter: letter.action_submit())

    def action_send_selected(self):
        """Send the letters chosen, each as its own medium says.

        A letter that is not what was approved stays as it is, with the others: its own form
        takes it back to draft.

        :raises AccessError: a clerk
        :raises UserError: names each letter that cannot be sent, and why; none was sent then
        """
        self._check_may_send()
        self._each_or_none(lambda letter: letter._send_unchanged())

    def _send_unchanged(self):
        """Send a letter.

        :raises UserError: not approved, incomplete, or not what was approved
        """
        self._check_step(("approved",))
        gap = self._approval_gap()
        if gap:
            raise UserError(gap)
        self.action_send()

    def _each_or_none(self, step):
        """Take a step with each letter, or say of which it cannot be taken.

        :param step: called with each letter
        :raises UserError: none or too many letters, or the step is not open to some
        """
        if not self:
            raise UserError(self.env._("Choose letters first."))
        if len(self) > AT_ONCE:
            raise UserError(
                self.env._(
                    "%(count)s letters are too many at once: choose up to %(most)s.",
                    count=len(self),
                    most=AT_ONCE,
                )
            )
        refused = []
        for letter in self:
            name = letter.display_name
            try:
                # What one letter began is undone before the next is looked at.
                with self.env.cr.savepoint():
                    step(letter)
            except UserError as error:
                reason = str(error)
                refused.append(reason if name in reason else f"{name}: {reason}")
        if refused:
            # Also undoes what was done with the others.
            raise UserError(
                self.env._(
                    "Nothing was done, because of %(count)s of %(all)s letters:\n\n%(reasons)s",
                    count=len(refused),
                    all=len(self),
                    reasons="\n".join(refused),
                )
            )
