from odoo import api, fields, models


class ConstituentCorrespondence(models.Model):
    """The last look before a letter goes: is it what was approved, by all who must?"""

    _name = "constituent.correspondence"
    _inherit = "constituent.correspondence"

    addressee_warning = fields.Char(compute="_compute_addressee_warning", compute_sudo=False)

    @api.depends("partner_id", "direction", "company_id", "state")
    @api.depends_context("uid", "allowed_company_ids")
    def _compute_addressee_warning(self):
        """Say while it is written why a letter to somebody will be refused."""
        for letter in self:
            partner = letter.partner_id._origin
            saved = letter._origin._filtered_access("read").partner_id
            # Of whom a letter is to, its readers know; but a form may name any contact.
            shown = partner if partner == saved else partner._filtered_access("read")
            warned = shown and letter.direction == "out" and not letter.is_sealed
            words = letter._addressee_obstacle() if warned else ""
            letter.addressee_warning = words[:1].upper() + words[1:]

    def _addressee_obstacle(self):
        """Return why nobody writes to the addressee, or an empty string."""
        # Its addressee counts, whichever contacts the user may open.
        if self.partner_id.sudo().deceased:
            return self.env._("the addressee is deceased. Write to the family or the estate.")
        return self._blocked_obstacle()

    def action_submit(self):
        """Hand over for approval; who is called otherwise by now is greeted so."""
        self._check_step(self._approval_begins)
        for letter in self:
            # The addressee's own words, whichever contacts the writer may open.
            own = letter.partner_id.sudo().with_context(lang=letter.lang).salutation
            if own != letter.salutation and letter.salutation == letter.salutation_found:
                # As it is computed for a new letter: what was typed by hand stays.
                letter.write({"salutation": own})
                letter._advance(letter.state, salutation_found=own)
        return super().action_submit()

    def _letter_obstacle(self):
        """Return why a letter cannot be sent; nor in copy to somebody who is dead."""
        # Who is in copy counts, whichever contacts the sender may open.
        gone_sudo = (self.sudo().cc_partner_ids | self.sudo().bcc_partner_ids).filtered("deceased")
        return super()._letter_obstacle() or (
            gone_sudo
            and self.env._("%(name)s, in copy, is deceased.", name=gone_sudo[0].name)
            or ""
        )

    def _approval_gap(self):
        """Return why an approved letter needs another approval, empty when it needs none."""
        self.ensure_one()
        if not self._is_approved():
            return self.env._(
                "the addressee's name, address or email, somebody in copy, who signs or a "
                "picture was changed after the approval"
            )
        step, _people = self._approval_waiting(self._approval_steps(), self.approved_digest)
        if step:
            return self.env._(
                "the rules ask for another approval by now: %(step)s", step=step.label
            )
        return ""

    def _withdraw_stale(self, gaps):
        """Take letters back to draft that are not what was approved.

        Not an error: it would undo the withdrawal.

        :param list gaps: why, for each
        :return dict | None: a notification, when there are any
        """
        if not self:
            return None
        reasons = []
        for letter, reason in zip(self, gaps, strict=True):
            reasons.append(f"{letter.display_name}: {reason}")
            letter._decide("voided", comment=reason)
            letter._take_back("draft")
            letter.message_post(
                body=self.env._(
                    "Not sent: %(reason)s. Read the letter again and have it approved anew.",
                    reason=reason,
                ),
                subtype_xmlid="mail.mt_note",
            )
        return self._not_sent(
            self.env._(
                "%(letters)s. A draft again, it needs another approval.",
                letters="; ".join(reasons),
            )
        )
