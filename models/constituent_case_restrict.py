from functools import partial

from odoo import api, models


class ConstituentCase(models.Model):
    """Cases that a word, a rule or a colleague makes restricted, maybe out of the user's sight.

    Odoo refuses to create what the user may not see and to read it back after saving, and
    what they took down would be lost for it. So such cases become restricted at the end of
    the request: at every door alike, and before anything is committed.
    """

    _name = "constituent.case"
    _inherit = "constituent.case"

    @api.model
    def _may_make_restricted(self):
        """Return whether the user still sees a case that becomes restricted."""
        return self.env.su or self.env.user.has_group("constituent_services.group_restricted")

    @api.model
    def _intake_restricted_later(self, drafts):
        """Take back, for the time of the request, that drafts are restricted.

        :return list[int]: the places of the drafts that become so at its end
        """
        if self._may_make_restricted():
            return []
        places = [
            place
            for place, draft in enumerate(drafts)
            if draft.vals.get("confidentiality") == "restricted"
        ]
        for place in places:
            del drafts[place].vals["confidentiality"]
        return places

    def _restrict(self):
        """Make cases restricted: now, or at the end of the request of who may not see them."""
        if not self:
            return
        if self._may_make_restricted():
            self._restrict_now()
            return
        # By the office's rules or an alarm: who gives the cause need not see the case.
        self_sudo = self.sudo()
        self.env.cr.precommit.add(partial(self_sudo._restrict_now))
        self._tell_out_of_sight()

    def _restrict_now(self):
        self.write({"confidentiality": "restricted"})
        self.env.flush_all()

    def _tell_out_of_sight(self):
        """Tell the user the numbers of cases they will not be able to open again."""
        self.env.user._bus_send(
            "simple_notification",
            {
                "type": "warning",
                "sticky": True,
                "title": self.env._(
                    "Kept as %(numbers)s", numbers=", ".join(self.mapped("number"))
                ),
                "message": self.env._(
                    "By the office's rules this is only for those who handle such matters."
                    " It is with them; you will not be able to open it again."
                ),
            },
        )
