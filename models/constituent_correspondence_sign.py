from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command, Domain

from ..tools.text import one_line


class ConstituentCorrespondence(models.Model):
    """Who signs a letter: in which order, in whose place, with which signature, until when."""

    _name = "constituent.correspondence"
    _inherit = "constituent.correspondence"

    # A many2many has no order of its own.
    signing_order = fields.Char(help="Ids of who signs, in the order they were named.")

    @api.model_create_multi
    def create(self, vals_list):
        letters = super().create(vals_list)
        for letter, vals in zip(letters, vals_list, strict=True):
            if "signatory_ids" in vals and "signing_order" not in vals:
                letter._keep_signing_order(vals["signatory_ids"])
        return letters

    def write(self, vals):
        """Write, and keep in which order people were named who sign."""
        result = super().write(vals)
        if vals.get("signatory_ids") and "signing_order" not in vals:
            for letter in self:
                letter._keep_signing_order(vals["signatory_ids"])
        return result

    def _keep_signing_order(self, commands):
        """Put those who were just named behind those who sign already."""
        named = []
        for command in commands or ():
            if isinstance(command, int):
                named.append(command)
            elif command[0] == Command.LINK:
                named.append(command[1])
            elif command[0] == Command.SET:
                named = list(command[2])
        if any(command[0] == Command.SET for command in commands if not isinstance(command, int)):
            before = []
        else:
            before = [one for one in self._signatories().ids if one not in named]
        there = set(self.signatory_ids.ids)
        order = ",".join(str(one) for one in (*before, *named) if one in there)
        if order != (self.signing_order or ""):
            self.signing_order = order

    def _signatories(self):
        """Return who signs, in their order."""
        order = (self.signing_order or "").split(",")
        place = {user_id: number for number, user_id in enumerate(order)}
        return self.signatory_ids.sorted(
            lambda user: (place.get(str(user.id), len(order)), user.id)
        )

    # In whose place

    def _signature_block(self, user, approved):
        """Return what is printed for somebody who signs.

        :param user: one of `signatory_ids`
        :param bool approved: whether their approval counts
        :return dict: name, title, image (address or empty), image_alt
        """
        row_sudo = self._approval_of(user, approved)
        deputy = row_sudo.acting_for_id and row_sudo.user_id
        signer, title = self._signer(user, deputy, row_sudo.acting_style)
        image = ""
        if row_sudo.signature_sha256:
            image, sha256 = self.env["constituent.signature"]._of(signer)
            if sha256 != row_sudo.signature_sha256:
                raise UserError(
                    self.env._(
                        "%(letter)s: %(name)s has another scanned signature than the one "
                        "authorized for this letter. Have it approved again.",
                        letter=self.display_name,
                        name=signer.name,
                    )
                )
        return {
            "name": one_line(signer.name),
            "title": one_line(title),
            "image": image,
            "image_alt": self.env._("Signature of %(name)s", name=signer.name),
        }

    def _signer(self, user, deputy, style):
        """Return whose name is printed for somebody who signs, and the title under it."""
        title = self._letter_title(user)
        if deputy:
            return deputy, self._acting_title(style, user, title)
        return user, title

    def _signatories_to_be(self, asked, acts_for):
        """Return the names and titles that will be printed if the reader approves now.

        :param asked: the letter or its batch, whichever waits for approval
        :param dict acts_for: see ``_acts_for``
        """
        rows_sudo, blocks = asked._approvals_given(), []
        for user in self._signatories():
            row_sudo = self._row_of(user, rows_sudo)
            deputy, style = row_sudo.acting_for_id and row_sudo.user_id, row_sudo.acting_style
            if not row_sudo and user.id in acts_for:
                deputy, style = self.env.user, acts_for[user.id].style
            signer, title = self._signer(user, deputy, style)
            blocks.append({"name": signer.name, "title": title})
        return blocks

    def _acting_title(self, style, user, title):
        if style == "acting" and title:
            return self.env._("Acting %(title)s", title=title)
        return self.env._("for %(name)s", name=", ".join(filter(None, (user.name, title))))

    def _approval_of(self, user, approved):
        """Return the approval that stands for somebody's signature, with superuser rights.

        Their own, or of who acted for them; none before the letter is approved.
        """
        rows_sudo = self.env["constituent.approval"].sudo()  # printed on the letter
        if not approved:
            return rows_sudo
        return self._row_of(user, self._approvals_given(self.approved_digest))

    @api.model
    def _row_of(self, user, rows_sudo):
        own = rows_sudo.filtered(lambda row: row.user_id == user and not row.acting_for_id)
        return own[-1:] or rows_sudo.filtered(lambda row: row.acting_for_id == user)[-1:]

    # Until when

    def _letter_obstacle(self):
        """Return why a letter cannot be sent; nor after the term of one who signs it."""
        return super()._letter_obstacle() or self._signatory_obstacle()

    def _signatory_obstacle(self):
        today = self._approval_today()
        # Whether somebody may sign is looked at, whichever users the writer may open.
        for user_sudo in self.sudo().with_context(active_test=False)._signatories():
            if not user_sudo.active:
                return self.env._("%(name)s has left the office.", name=user_sudo.name)
            if self.env["constituent.signatory.term"]._is_over(user_sudo, today):
                return self.env._("the term of %(name)s has ended.", name=user_sudo.name)
        return ""

    @api.model
    def _cron_stop_after_term(self):
        """Take letters back whose signatory's term has ended: nothing goes out in their name."""
        open_letters = Domain("state", "in", ("to_approve", "approved"))
        # Also of those who are archived, whom a search does not find by itself.
        users = self.env["res.users"].with_context(active_test=False)
        gone = users.search([("active", "=", False), ("share", "=", False)])
        gone |= self.env["constituent.signatory.term"].search([]).user_id
        for letter in self.search(open_letters & Domain("signatory_ids", "in", gone.ids)):
            obstacle = letter._signatory_obstacle()
            if obstacle:
                letter._stop(obstacle)

    def _stop(self, obstacle):
        self._decide("withdrawn", comment=obstacle)
        self._forget_activities()
        self._take_back("draft")
        self.message_post(
            body=self.env._("Stopped: %(why)s", why=obstacle),
            subtype_xmlid="mail.mt_note",
            partner_ids=self.create_uid.partner_id.ids,
        )
