from odoo import api, fields, models
from odoo.exceptions import UserError


class ConstituentCorrespondence(models.Model):
    """The last look before a letter goes: is it what was approved, by all who must?"""

    _name = "constituent.correspondence"
    _inherit = "constituent.correspondence"

    addressee_warning = fields.Char(compute="_compute_addressee_warning", compute_sudo=False)
    salutation_now = fields.Char(compute="_compute_salutation_now", string="Greeted by Now")

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
        self.action_take_salutation()
        return super().action_submit()

    def action_take_salutation(self):
        """Begin letters as their addressees are greeted by now; what was typed stays.

        A letter that was approved goes back to draft, as with every change.

        :raises AccessError: letters the user may not write
        """
        self.check_access("write")
        for letter in self:
            own = letter._salutation_by_now()
            if own:
                # First: with its words it may wait for others, and be theirs to write.
                letter._advance(letter.state, salutation_found=own)
                letter.write({"salutation": own})

    def _salutation_by_now(self):
        """Return how the addressee is greeted by now, when the letter begins otherwise.

        Empty when it begins so, and when somebody typed how it begins.
        """
        self.ensure_one()
        if self.is_sealed or self.salutation != self.salutation_found:
            return ""
        # The addressee's own words, whichever contacts the user may open.
        own = self.partner_id.sudo().with_context(lang=self.lang).salutation or ""
        return own if own != self.salutation else ""

    @api.depends("state", "salutation", "salutation_found", "partner_id", "lang")
    def _compute_salutation_now(self):
        for letter in self:
            waits = isinstance(letter.id, int) and letter.state in ("to_approve", "approved")
            letter.salutation_now = waits and letter._salutation_by_now() or False

    def _check_as_read(self):
        """Raise when the letter is not what the user read, or greets by a former name.

        :raises UserError: somebody changed it, or what its addressee is called
        """
        own = self._salutation_by_now()
        if own:
            raise UserError(
                self.env._(
                    "%(letter)s begins “%(old)s”, and its addressee is greeted “%(new)s” by "
                    "now. Take the new salutation and read the letter again.",
                    letter=self.display_name,
                    old=self.salutation,
                    new=own,
                )
            )
        return super()._check_as_read()

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
        own = self._salutation_by_now()
        if own:
            return self.env._("its addressee is greeted “%(salutation)s” by now", salutation=own)
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
            letter._tell_void(reason)
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
