from odoo import api, fields, models


class ConstituentCorrespondence(models.Model):
    """Letters that counsel must see."""

    _name = "constituent.correspondence"
    _inherit = "constituent.correspondence"

    needs_counsel = fields.Boolean(compute="_compute_needs_counsel", compute_sudo=False)

    @api.depends("case_id.needs_counsel")
    @api.depends_context("uid", "allowed_company_ids")
    def _compute_needs_counsel(self):
        for letter in self:
            letter.needs_counsel = letter._shown_case_sudo().needs_counsel

    def _shown_case_sudo(self):
        """Return the letter's case, with superuser rights, as far as something of it is shown.

        Whoever may read the letter sees what it says of its case, whether or not they see
        the case; but a form may name any case.
        """
        case = self.case_id._origin
        saved = self._origin._filtered_access("read").case_id
        # The right to read the letter or the case is looked at here.
        return (case if case == saved else case._filtered_access("read")).sudo()
