from odoo import api, models
from odoo.exceptions import AccessError
from odoo.fields import Domain

from ..tools.ours import OUR_MODELS


class IrRule(models.Model):
    """Windows of ours belong to who opened them; a refusal names no record of ours."""

    _name = "ir.rule"
    _inherit = "ir.rule"

    @api.model
    def _compute_domain(self, model_name, mode="read"):
        """Add that a wizard's rows are its author's: Odoo has no such rule by itself."""
        domain = super()._compute_domain(model_name, mode)
        if model_name.startswith(OUR_MODELS) and self.env[model_name]._transient:
            return Domain(domain) & Domain("create_uid", "=", self.env.uid)
        return domain

    def _make_access_error(self, operation, records):
        """Return the refusal; of ours it gives ids alone, for those who look for a mistake.

        In debug mode, which any user switches on, Odoo names the records that are refused,
        and so does the server's log.
        """
        error = super()._make_access_error(operation, records)
        user = self.env.user
        # Without debug mode Odoo itself names no record.
        debug = user.has_group("base.group_no_one") and user._is_internal()
        if not (debug and records._name.startswith(OUR_MODELS)):
            return error
        self = self.with_context(**user.context_get())
        # Which rules there are is no secret in debug mode.
        rules_sudo = self._get_failing(records, mode=operation).sudo()
        # Odoo's own does so too: what the search for the rules read is not the user's.
        records.invalidate_recordset()
        nameless = AccessError(
            self.env._(
                "%(user)s has no \u201c%(operation)s\u201d access to %(model)s %(ids)s. The rules: "
                "%(rules)s.",
                user=user.name,
                operation=operation,
                model=records._name,
                ids=", ".join(map(str, records.ids[:6])),
                rules=", ".join(rules_sudo.mapped("name")),
            )
        )
        if hasattr(error, "context"):
            nameless.context = error.context
        return nameless
