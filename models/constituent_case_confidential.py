from itertools import groupby

from odoo import models

from .constituent_case_confirm import GIVEN

# Paths of an export that lead to who a confidential caller is.
HIDDEN = {
    *GIVEN, "access_token", "delivery_ids", "email_cc", "inbound_mail_ids",
    "message_ids", "partner_id", "subscription_ids",
}  # fmt: skip


class ConstituentCase(models.Model):
    """Confidential: a number to call back, linked to nobody and handed on to nobody."""

    _name = "constituent.case"
    _inherit = "constituent.case"

    def _export_rows(self, fields, *, _is_toplevel_call=True):
        """Export; who a confidential caller is stays empty."""
        hidden = [index for index, path in enumerate(fields) if path and path[0] in HIDDEN]
        if not hidden:
            return super()._export_rows(fields, _is_toplevel_call=_is_toplevel_call)
        rows = []
        for confidential, ids in groupby(self, lambda case: case.identity == "confidential"):
            cases = self.browse([case.id for case in ids])
            part = super(ConstituentCase, cases)._export_rows(
                fields, _is_toplevel_call=_is_toplevel_call
            )
            if confidential:
                part = [
                    ["" if index in hidden else cell for index, cell in enumerate(row)]
                    for row in part
                ]
            rows += part
        return rows

    def write(self, vals):
        """Write; a case that becomes confidential or anonymous is linked to nobody."""
        if vals.get("identity") not in ("confidential", "anonymous"):
            return super().write(vals)
        result = True
        for case in self:
            values = {**vals, "partner_id": False}
            for name, key in zip(GIVEN, ("name", "email", "phone"), strict=True):
                if vals["identity"] == "anonymous":
                    values[name] = False
                elif name not in vals:
                    values[name] = case[name] or case.partner_id[key]
            result &= super(ConstituentCase, case).write(values)
        return result
