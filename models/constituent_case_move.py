from odoo import fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import email_normalize, email_normalize_all, format_datetime


class ConstituentCase(models.Model):
    """A message filed in the wrong case goes to the right one, and leaves a trace."""

    _name = "constituent.case"
    _inherit = "constituent.case"

    def action_move_message(self):
        """Open the window that lists the case's incoming messages.

        :return dict: a window action
        :raises UserError: nothing came in
        """
        self.ensure_one()
        self.check_access("write")
        wizard = self.env["constituent.case.move.wizard"]._propose(self)
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Move a Message of %(number)s", number=self.number),
            "res_model": wizard._name,
            "res_id": wizard.id,
            "views": [(False, "form")],
            "target": "new",
        }

    def _incoming_messages(self):
        """Return what people outside wrote in this case, the newest first."""
        self.ensure_one()
        # Which of a case's messages came from outside does not depend on their readers.
        messages_sudo = (
            self.env["mail.message"]
            .sudo()
            .search(
                [
                    ("model", "=", self._name),
                    ("res_id", "=", self.id),
                    ("message_type", "in", ("email", "comment")),
                ],
                order="id desc",
            )
        )
        return messages_sudo.filtered(
            lambda message: message.message_type == "email" or message.author_id.partner_share
        )

    def _move_messages(self, messages, target, reason):
        """Move incoming messages with their attachments to another case.

        The original stays in the register, with where it was filed first and where it
        is now. Nobody is told again.

        :param messages: of this case's incoming ones
        :param target: the case they belong to
        :param str reason: why, kept in the history of both
        :raises AccessError: one of the cases is not the user's to write
        :raises UserError: the same case, another office, or not this case's messages
        """
        self.ensure_one()
        self._check_may_move(messages, target)
        # Both cases may be written by the user; messages are moved by this step alone.
        messages_sudo = messages.sudo()
        attachments_sudo = messages_sudo.attachment_ids.filtered(
            lambda one: (one.res_model, one.res_id) == (self._name, self.id)
        )
        attachments_sudo.filtered(lambda one: not one.constituent_sealed).write(
            {"res_id": target.id}
        )
        self._move_register(messages_sudo, target)
        messages_sudo.write({"res_id": target.id, "parent_id": False})
        messages_sudo._constituent_forget_readers(target)
        self._move_people(messages_sudo, target)
        self._move_log(messages_sudo, target, reason)
        self._move_flags(target)

    def _check_may_move(self, messages, target):
        (self | target).check_access("write")
        if not target or target == self:
            raise UserError(self.env._("Choose another case to move it to."))
        if target.company_id != self.company_id:
            raise UserError(
                self.env._("%(number)s is another office's case.", number=target.number)
            )
        if not messages or messages - self._incoming_messages():
            raise UserError(self.env._("Choose messages that came in on this case."))

    def _move_register(self, messages_sudo, target):
        """Write into the register where the messages are now."""
        # Code alone writes the register; what is sealed of it stays.
        inbound_sudo = self.env["constituent.inbound.mail"].sudo()
        inbound_sudo.search(self._register_domain(messages_sudo)).write({"moved_to_id": target.id})

    def _register_domain(self, messages):
        """Return the domain of the register's rows of this case's messages.

        The gateway posts a message under its own Message-Id, or under one that names
        the row where another message had it.
        """
        ids = [one for one in messages.mapped("message_id") if one]
        rows = [
            int(one.removeprefix("<inbound-").split(".")[0])
            for one in ids
            if one.startswith("<inbound-") and one[9:].split(".")[0].isdigit()
        ]
        return (
            Domain("case_id", "=", self.id) & Domain("moved_to_id", "=", False)
            | Domain("moved_to_id", "=", self.id)
        ) & (Domain("message_id", "in", ids) | Domain("id", "in", rows))

    def _move_people(self, messages_sudo, target):
        """Take with a message who was made known to the case by it."""
        left = self._incoming_messages()
        remaining = {email_normalize(message.email_from or "") for message in left}
        remaining_copied = _addresses(left)
        gone = {email_normalize(message.email_from or "") for message in messages_sudo} - remaining
        # Only whether somebody was subscribed by this mail is read.
        case_sudo = self.sudo()
        since = min(messages_sudo.mapped("create_date"))
        own = {
            email_normalize(case_sudo.partner_id.email or ""),
            *(
                email_normalize(one or "")
                for one in case_sudo.referrer_ids.partner_id.mapped("email")
            ),
        }
        case_sudo.subscription_ids.filtered(
            lambda subscription: (
                subscription.email_normalized in gone - own and subscription.create_date >= since
            )
        )._stop()
        copied = (_addresses(messages_sudo) | gone) - remaining_copied - own
        known = case_sudo._mail_cc_sanitized_raw_dict(case_sudo.email_cc)
        kept = [text for address, text in known.items() if address not in copied]
        if len(kept) < len(known):
            case_sudo.email_cc = ", ".join(kept)
            # Who is in copy is kept by this step, not by who takes it.
            target_sudo = target.sudo()
            moved = [text for address, text in known.items() if address in copied]
            there = target_sudo._mail_cc_sanitized_raw_dict(target_sudo.email_cc)
            target_sudo.email_cc = ", ".join([*there.values(), *moved])

    def _move_log(self, messages_sudo, target, reason):
        """Write what was moved into the history of both cases, in the same words."""
        zone = self.env["res.company"]._office(self.company_id.id).tz
        for message_sudo in messages_sudo:
            values = {
                "date": format_datetime(self.env, message_sudo.date, tz=zone),
                "sender": message_sudo.email_from or message_sudo.author_id.name or "?",
                "subject": message_sudo.subject or self.env._("(no subject)"),
                "reason": reason,
            }
            self._log_event(
                self.env._(
                    "To %(number)s: “%(subject)s” of %(date)s. %(reason)s",
                    number=self._numbers_of(target),
                    subject=values["subject"],
                    date=values["date"],
                    reason=reason,
                ),
                kind="moved",
            )
            target._log_event(
                self.env._(
                    "From %(number)s: “%(subject)s” of %(date)s, by %(sender)s. %(reason)s",
                    number=target._numbers_of(self),
                    **values,
                ),
                kind="moved",
            )

    def _move_flags(self, target):
        """Let the reply count where it is now."""
        if self.reply_after_closing and not self._incoming_messages().filtered(
            lambda message: message.date > (self.closed_at or fields.Datetime.now())
        ):
            self._reply_is_dealt_with()
        # A closed case says that a reply came; that column is kept by the code.
        target_sudo = target.sudo()
        target_sudo._wake_up()

    # The register counts where a message is, not where it was first

    def _register_here_domain(self):
        return Domain("moved_to_id", "in", self.ids) | (
            Domain("moved_to_id", "=", False) & Domain("case_id", "in", self.ids)
        )

    def _compute_inbound_mail_count(self):
        counts = dict.fromkeys(self.ids, 0)
        for case, moved_to, count in self.env["constituent.inbound.mail"]._read_group(
            self._register_here_domain(), ["case_id", "moved_to_id"], ["__count"]
        ):
            counts[(moved_to or case).id] += count
        for case in self:
            case.inbound_mail_count = counts.get(case._origin.id, 0)

    def action_mails(self):
        """Open the originals of the messages that are in this case now.

        :return dict: a window action
        """
        return {**super().action_mails(), "domain": list(self._register_here_domain())}


def _addresses(messages):
    """Return the addresses in copy of messages, normalised."""
    return {
        address
        for message in messages
        for address in email_normalize_all(message.incoming_email_cc or "")
    }
