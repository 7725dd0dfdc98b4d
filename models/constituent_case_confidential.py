from odoo import models

from .constituent_case_confirm import GIVEN

# Paths of an export that lead to who a confidential caller is.
HIDDEN = {
    *GIVEN, "access_token", "call_ids", "delivery_ids", "email_cc", "event_ids",
    "identity_candidate_ids", "inbound_mail_ids", "message_ids", "partner_id",
    "proposed_email", "proposed_name", "subscription_ids",
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
        for confidential, cases in self._confidential_runs():
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

    def _confidential_runs(self):
        """Return the cases in their order, those of one kind together: it is exported so."""
        runs = []
        for case in self:
            confidential = case.identity == "confidential"
            if not runs or runs[-1][0] != confidential:
                runs.append((confidential, []))
            runs[-1][1].append(case.id)
        return [(confidential, self.browse(ids)) for confidential, ids in runs]

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
        self._unlink_calls(vals["identity"])
        return result

    def _unlink_calls(self, identity):
        """Take the contact off the calls of cases that are linked to nobody any more.

        :param str identity: of who is anonymous, the number goes as well
        """
        # Calls keep their contact, whoever corrects them; the case's holder may change this.
        calls_sudo = self.env["constituent.call"].sudo().search([("case_id", "in", self.ids)])
        calls_sudo.write(
            {"partner_id": False}
            if identity == "confidential"
            else {"partner_id": False, "phone": False}
        )

    def _leave_constituent(self, old, vals):
        """Leave who it was: the same person, who asks not to be linked, keeps the link."""
        if vals.get("identity") not in ("confidential", "anonymous"):
            return super()._leave_constituent(old, vals)
        labels = dict(self._fields["identity"]._description_selection(self.env))
        self._log_event(
            self.env._(
                "%(identity)s: no longer linked to a contact", identity=labels[vals["identity"]]
            ),
            kind="identified",
        )
        return None
