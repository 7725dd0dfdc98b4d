from odoo import api, models


class ConstituentCase(models.Model):
    """Writing the history: every step tells what it did by this one way."""

    _name = "constituent.case"
    _inherit = "constituent.case"

    def _log_event(self, note, kind="message", **values):
        """Write the same event into the history of all these cases.

        :param str note: what happened and why, in a sentence
        :param str kind: one of EVENT_KINDS
        :param values: more columns of the event
        """
        self._log_events([(case, {"kind": kind, "note": note, **values}) for case in self])

    def _numbers_of(self, others):
        """Return the numbers of other cases as they may stand in this one's history.

        The number of a restricted case says to every reader here that there is one.

        :param others: cases that have to do with this one
        :return str: numbers, and how many restricted ones where this is not
        """
        self.ensure_one()
        others_sudo = others.sudo()  # whether they are restricted, to say less
        hidden = others_sudo.filtered(lambda case: case.confidentiality == "restricted")
        if self.sudo().confidentiality == "restricted":
            hidden = others_sudo.browse()
        names = (others_sudo - hidden).mapped("number")
        if hidden:
            names.append(self.env._("restricted: %(count)s", count=len(hidden)))
        return ", ".join(names)

    @api.model
    def _log_events(self, rows):
        """Write events into the histories of cases, all at once.

        :param list rows: (case, values of the event) pairs
        """
        if not rows:
            return
        # Only the steps themselves write history; nobody has the right to.
        self.env["constituent.case.event"].sudo().create(
            [
                {"case_id": case.id, "company_id": case.company_id.id, **values}
                for case, values in rows
            ]
        )
