from contextlib import contextmanager

from odoo import api, models


class ConstituentCase(models.Model):
    """Saving a case that leaves the sight of who saves it, as a rule may want it."""

    _name = "constituent.case"
    _inherit = "constituent.case"

    @api.model
    @contextmanager
    def _restricted_afterwards(self, drafts):
        """Let a user create cases that a step of intake, not they, makes restricted.

        Odoo refuses to create what the user may not see. What is taken down is not to be
        lost for it: such cases are created first and restricted then, in one transaction.

        :param list drafts: their values are as before when the block is left
        :return: function to be called with the cases, in the order of the drafts
        """
        hidden = []
        if not self.env.su and not self.env.user.has_group("constituent_services.group_restricted"):
            hidden = [
                position
                for position, draft in enumerate(drafts)
                if draft.vals.get("confidentiality") == "restricted"
            ]
        for position in hidden:
            drafts[position].vals.pop("confidentiality")

        def restrict(cases):
            """Restrict those that are to be."""
            # By the office's rules: the user need not be one who sees them.
            cases_sudo = cases.browse([cases.ids[position] for position in hidden]).sudo()
            cases_sudo.with_context(tracking_disable=True).write({"confidentiality": "restricted"})

        yield restrict
        for position in hidden:
            drafts[position].vals["confidentiality"] = "restricted"

    def web_save(self, vals, specification, next_id=None):
        """Save from a form; what may not be read any more is kept all the same.

        A rule may make a new case restricted. Who took it down is told its number, which
        the caller waits for, and gets back no more than what they have typed in.
        """
        if self or next_id:
            return super().web_save(vals, specification, next_id=next_id)
        # Nothing to read yet: reading would refuse, and with it take the case back.
        (saved,) = super().web_save(vals, {})
        case = self.browse(saved["id"])
        if case._filtered_access("read"):
            return case.with_context(bin_size=True).web_read(specification)
        return case._tell_out_of_sight(vals, specification)

    def _tell_out_of_sight(self, vals, specification):
        """Return what the form shows of a case its reader may not see, and say why."""
        case_sudo = self.sudo()  # its number only, for who has just made it
        self.env.user._bus_send(
            "simple_notification",
            {
                "type": "warning",
                "sticky": True,
                "title": self.env._("Saved as %(number)s", number=case_sudo.number),
                "message": self.env._(
                    "By the office's rules this case is only for those who handle such matters."
                    " It is with them; you will not be able to open it again."
                ),
            },
        )
        shown = {"id": self.id, "number": case_sudo.number, "display_name": case_sudo.number}
        for name in specification:
            field = self._fields[name]
            if field.type in ("one2many", "many2many"):
                shown.setdefault(name, [])
            elif field.type in ("many2one", "reference", "many2one_reference", "properties"):
                shown.setdefault(name, False)
            else:
                shown.setdefault(name, vals.get(name, False))
        return [{name: shown[name] for name in ["id", *specification]}]
