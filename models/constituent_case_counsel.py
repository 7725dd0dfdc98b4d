from odoo import models
from odoo.exceptions import AccessError


class ConstituentCase(models.Model):
    """That counsel must see the letters of a case is taken back by counsel or a manager."""

    _name = "constituent.case"
    _inherit = "constituent.case"

    def write(self, vals):
        """Write; whether counsel must see the letters stays in the history.

        :raises AccessError: taken back by somebody who is neither counsel nor a manager
        """
        if self.env.su or "needs_counsel" not in vals:
            return super().write(vals)
        wanted = bool(vals["needs_counsel"])
        changed = self.filtered(lambda case: case.needs_counsel != wanted)
        if not wanted:
            for case in changed:
                case._check_waives_counsel()
        result = super().write(vals)
        changed._log_event(
            self.env._("Counsel must see its letters.")
            if wanted
            else self.env._("Counsel need not see its letters any more.")
        )
        return result

    def _check_waives_counsel(self):
        if not self.company_id._may_waive_counsel():
            raise AccessError(
                self.env._(
                    "%(number)s: only counsel or a manager lets its letters go without counsel.",
                    number=self.number,
                )
            )

    def _drops_counsel(self):
        """Return whether the need for counsel ends when the case is not what it was taken for.

        Not once a letter was handed over for approval: whoever says that it is no claim
        would take counsel off that letter.
        """
        if self.company_id._may_waive_counsel():
            return True
        # Whether there is such a letter counts, not whether the user may open it.
        letters_sudo = self.env["constituent.correspondence"].sudo()
        submitted = [("submitted_at", "!=", False), ("state", "not in", ("sent", "returned_mail"))]
        return not any(
            letters_sudo.search_count([(name, "in", self.ids), *submitted], limit=1)
            for name in ("case_id", "also_case_ids")
        )
