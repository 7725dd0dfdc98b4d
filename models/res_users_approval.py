from odoo import fields, models
from odoo.fields import Command, Domain


class ResUsers(models.Model):
    """Who approves in the place of somebody who left, and answers for their clauses."""

    _name = "res.users"
    _inherit = "res.users"

    # Read by the record rule of letters that wait for whoever somebody acts for.
    constituent_delegation_ids = fields.One2many("constituent.approval.delegation", "user_id")

    def _held(self):
        """Return also what waits for their decision, as far as the reader sees it."""
        waits = Domain("state", "=", "to_approve") & Domain("waiting_for_ids", "in", self.ids)
        return {
            **super()._held(),
            "approvals": self.env["constituent.correspondence"].search(waits),
            "batch_approvals": self.env["constituent.letter.batch"].search(waits),
        }

    def _named_in(self):
        """Return also the clauses they answer for."""
        # Which clauses are theirs is no secret of theirs.
        clauses_sudo = self.env["constituent.letter.clause"].sudo().with_context(active_test=False)
        clauses_sudo = clauses_sudo.search(
            Domain("owner_id", "in", self.ids)
            & Domain("company_id", "in", [False, *self.env.companies.ids])
        )
        found = super()._named_in()
        if clauses_sudo:
            found.append((clauses_sudo._fields["owner_id"], clauses_sudo))
        return found

    def _hand_over_further(self, held, successor_of):
        """Count what waits for others from now on; the rules say who they are."""
        done = super()._hand_over_further(held, successor_of)
        if self.env.user.has_group("constituent_services.group_manager"):
            done.update({name: len(held[name]) for name in ("approvals", "batch_approvals")})
        return done

    def _hand_over_masters(self, successor_of):
        """Switch rules to successors; those of approvals get somebody in the place of each."""
        successor = self._somebody(successor_of, self.env["constituent.department"])
        # Before they are taken out with everything else: a rule is never without anybody.
        rules = [
            (field, records)
            for field, records in self._named_in()
            if records._name == "constituent.approval.rule" and field.name == "approver_ids"
        ]
        lines = [self._named_line(field, records) for field, records in rules]
        for _field, records in rules:
            records.write({"approver_ids": [Command.link(successor.id), Command.unlink(self.id)]})
        counsel = self.env.companies.filtered(
            lambda company: self in company.constituent_counsel_ids
        )
        changed = [*lines, *super()._hand_over_masters(successor_of)]
        if counsel:
            # Managers may not write companies; whom their office asks is their business.
            counsel.sudo().write(
                {"constituent_counsel_ids": [Command.unlink(self.id), Command.link(successor.id)]}
            )
            changed.append(self.env._("Counsel"))
        return changed
