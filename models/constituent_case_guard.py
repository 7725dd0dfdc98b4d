from odoo import api, models
from odoo.exceptions import AccessError

from ..tools.intake import Door

# Columns that follow from what happens to a case. The code that keeps them writes past
# this guard; nobody gives them by hand, by the form or over RPC.
KEPT = {
    "answer_owed", "answer_owed_letter_id", "answer_owed_since",
    "acceptance", "access_token", "acknowledged_at", "alarm_id", "also_letter_ids",
    "answer_to_decide", "authentication_warning", "closed_at", "closed_with_main",
    "decline_count", "diversion_id", "duplicate_candidate", "duplicate_of_id", "external_ref",
    "external_source", "held_since", "hold_by_diversion", "identity_candidate_ids",
    "identity_to_confirm", "intake_mode",
    "is_declined", "is_part", "kind_before", "not_duplicate_ids", "opinion_apart",
    "opinion_group_id", "place_state", "place_tries", "position", "position_own",
    "proposed_department_id", "proposed_email", "proposed_name", "reply_after_closing",
    "routed_by", "routing_note", "routing_rule_id", "split_from_id", "work_order_ids",
}  # fmt: skip
# What a user names must be what the user may see: names of records are shown unchecked.
LINKS = ("parent_id", "duplicate_of_id", "partner_id")


class ConstituentCase(models.Model):
    """What users may give and change, whatever door they come by."""

    _name = "constituent.case"
    _inherit = "constituent.case"

    @api.model_create_multi
    def create(self, vals_list):
        """Create cases; what is kept by the code is not taken from users.

        :raises AccessError: a linked record the user may not see
        """
        if not self.env.su:
            self._check_links(vals_list)
            self = self._without_kept_defaults()
            vals_list = [
                # A door has checked what it reports.
                vals
                if isinstance(vals.get("intake_door"), Door)
                else {name: value for name, value in vals.items() if name not in KEPT}
                for vals in vals_list
            ]
        return super().create(vals_list)

    def _without_kept_defaults(self):
        """Return the model without defaults, in the context, of what is kept by the code."""
        kept = {f"default_{name}" for name in KEPT} & self.env.context.keys()
        if not kept:
            return self
        context = {key: value for key, value in self.env.context.items() if key not in kept}
        return self.with_env(self.env(context=context))

    def write(self, vals):
        """Write; what is kept by the code is refused to users.

        :raises AccessError: a kept column, another office, a linked record the user may
            not see, or a closing that is not for an intake clerk
        """
        if not self.env.su:
            self._check_links([vals])
            self._check_kept(vals)
        self._check_clerk_closes(vals)
        return super().write(vals)

    def _check_links(self, vals_list):
        """Refuse links to records the user may not see.

        :raises AccessError: as Odoo words it
        """
        for name in LINKS:
            ids = {vals[name] for vals in vals_list if vals.get(name)}
            if ids:
                self.env[self._fields[name].comodel_name].browse(ids).check_access("read")

    def _check_kept(self, vals):
        names = KEPT & set(vals)
        if "company_id" in vals and any(case.company_id.id != vals["company_id"] for case in self):
            names.add("company_id")
        if names:
            labels = ", ".join(sorted(self._fields[name].string for name in names))
            raise AccessError(
                self.env._("%(fields)s: kept by the office's own steps.", fields=labels)
            )

    def _check_clerk_closes(self, vals):
        """Let intake clerks close what they entered, without a word to the constituent.

        Also for the code that clerks run: the closing notice carries the note.
        """
        stage_id = vals.get("stage_id")
        if not stage_id or self.env["constituent.case.stage"]._status_by_id(stage_id) != "closed":
            return
        if not self.env.user._is_constituent_clerk_only():
            return
        if self.env.su and all(case.duplicate_of_id.status == "closed" for case in self):
            return  # They end with the case under which they are worked, in words of the office.
        if any(case.create_uid != self.env.user for case in self) or vals.get("outcome_note"):
            raise AccessError(
                self.env._(
                    "Intake clerks close only cases they entered themselves, and without a "
                    "note to the constituent. This is for a caseworker or coordinator."
                )
            )

    def _write_kept(self, vals):
        """Write columns that are kept by the code, for a user who may write the cases.

        :raises AccessError: the user may not write them
        """
        self.check_access("write")
        # Users may not write these columns; the step they take does.
        return self.sudo().write(vals)

    # Who is told

    def _notify_get_recipients(self, message, msg_vals=False, **kwargs):
        """Leave out colleagues who no longer see the case: followers stay when it moves."""
        recipients = super()._notify_get_recipients(message, msg_vals=msg_vals, **kwargs)
        if not self:
            return recipients
        return [recipient for recipient in recipients if self._may_be_told(recipient)]

    def _may_be_told(self, recipient):
        user_id = recipient.get("uid")
        if not user_id or recipient["share"]:
            return True
        return self.with_user(user_id).sudo(False).has_access("read")

    def _sign_token(self, pid):
        """Sign with a token that staff who write a message do not read."""
        # The signature is all that leaves this method.
        return super(ConstituentCase, self.sudo())._sign_token(pid)
