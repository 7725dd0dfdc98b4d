from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import email_normalize, formataddr
from odoo.tools.mail import email_split_tuples

from ..tools.intake import CASE_KEYS, DOOR_KEYS
from ..tools.quotes import plain_markup, split_html, without_remote


class ConstituentCase(models.Model):
    """A case's mail: what comes in, what goes out, and who is never a follower."""

    _name = "constituent.case"
    _inherit = "constituent.case"

    authentication_warning = fields.Char(
        readonly=True,
        copy=False,
        string="Sender Not Proven",
        help="A mail came from an official's address and nothing proves that it did.",
    )

    # In: a new case

    @api.model
    def message_new(self, msg_dict, custom_values=None):
        """Take in a case from a message.

        :param dict msg_dict: as ``message_parse`` gives it
        :param dict custom_values: keys of an intake report; others are not for cases
        :return: the case
        """
        values = {
            key: value
            for key, value in (custom_values or {}).items()
            if key in CASE_KEYS or key in DOOR_KEYS
        }
        name, address = next(iter(email_split_tuples(msg_dict.get("email_from") or "")), ("", ""))
        description = msg_dict.get("constituent_description")
        if description is None:
            new, _quoted = split_html(without_remote(msg_dict.get("body")))
            description = plain_markup(new)
        copied = msg_dict.get("cc_filtered", msg_dict.get("cc")) or ""
        report = {
            "channel": "mail",
            "name": msg_dict.get("subject"),
            "partner_name": name,
            "partner_email": address,
            "email_cc": ", ".join(self._mail_cc_sanitized_raw_dict(copied).values()),
            "description": description,
        }
        return self.intake([{**report, **values}])

    # In: a reply

    def _knows_address(self, address):
        """Return whether the case has to do with somebody of this mail address.

        :param str address: lower case
        :return bool: the constituent, who brought it, a subscriber or somebody in copy
        """
        self.ensure_one()
        # The gateway compares addresses; nothing of them is shown.
        case_sudo = self.sudo()
        known = {
            email_normalize(case_sudo.partner_email or ""),
            case_sudo.partner_id.email_normalized,
            *case_sudo.referrer_ids.partner_id.mapped("email_normalized"),
            *case_sudo.subscription_ids.mapped("email_normalized"),
            *case_sudo._mail_cc_sanitized_raw_dict(case_sudo.email_cc),
        }
        return bool(address) and address in known

    def _staff_among(self, contacts):
        """Return the users behind contacts who may answer in this case."""
        # Users are read by the gateway, whoever runs it.
        users = contacts.sudo().user_ids.filtered(lambda user: user.active and not user.share)
        return users.filtered(
            lambda user: (
                user.has_group("constituent_services.group_caseworker")
                and self.with_user(user).has_access("read")
            )
        )

    def _receive_reply(self, inbound, msg_dict, contacts):
        """Put a reply into the case, and wake the case up where it should.

        What a machine or somebody unknown to the case wrote is a note, and so is a mail
        whose sender our mail server found forged: it is kept and seen in the office, and
        never passed on as the constituent's words.

        :param inbound: the registered message
        :param dict msg_dict: as the register parsed it
        :param contacts: contacts with the sender's address
        """
        self.ensure_one()
        users = self.env["res.users"]
        staff = self._staff_among(contacts) if inbound._is_proven() else users
        machine = inbound.is_automatic
        known = bool(staff) or (
            inbound.authentication != "fail" and self._knows_address(inbound.sender)
        )
        if known and not machine and msg_dict.get("cc_filtered"):
            self.message_update({"cc": msg_dict["cc_filtered"]})
        values = self._reply_values(inbound, staff, known)
        internal = values.pop("internal")
        values["note"] = machine or not known or internal
        inbound._post(self, msg_dict, contacts, **values)
        inbound._warn_of_sender(self, contacts)
        self._log_reply(inbound, staff, machine, known)
        if not staff and not machine:
            self._wake_up()

    def _reply_values(self, inbound, staff, known):
        """Return what a reply is attached to, who hears of it and whether it is internal."""
        parent = self.env["mail.message"].search(
            [
                ("message_id", "in", inbound.route.get("references") or []),
                ("model", "=", self._name),
                ("res_id", "=", self.id),
            ],
            order="id desc",
            limit=1,
        )
        # As Odoo has it: an answer to a note is a note.
        internal = parent.subtype_id.internal and parent.message_type != "auto_comment"
        partners = self.env["res.partner"]
        if staff and not internal and parent.author_id.partner_share:
            partners = parent.author_id  # the caseworker answers the constituent
        elif not known:
            partners = self.user_id.partner_id
        return {"parent_id": parent.id, "partner_ids": partners.ids, "internal": internal}

    def _log_reply(self, inbound, staff, machine, known):
        if machine:
            note = self.env._("Automatic reply from %(address)s", address=inbound.sender)
        elif staff:
            note = self.env._("Answer by mail of %(name)s", name=staff[0].name)
        elif known:
            note = self.env._("Reply by mail from %(address)s", address=inbound.sender)
        elif inbound.authentication == "fail" and self._knows_address(inbound.sender):
            note = self.env._(
                "Reply by mail that says it is from %(address)s, and the checks of our mail "
                "server say it is not (%(detail)s): kept as a note. Ask back before you act "
                "on it.",
                address=inbound.sender,
                detail=inbound.authentication_detail,
            )
        else:
            note = self.env._(
                "Reply by mail from %(address)s, an address this case does not know: kept as a "
                "note. Make sure who it is before you answer.",
                address=inbound.sender or "?",
            )
        self._log_event(note)

    def _wake_up(self):
        """Let a waiting case go on; a closed one stays closed and says it was answered."""
        if self.status == "closed":
            if not self.reply_after_closing:
                self.reply_after_closing = True
            self._log_event(
                self.env._("A reply came after the case was closed."), kind="reply_after_closing"
            )
        elif self.status == "waiting":
            self.stage_id = self._stage_in_progress()

    def _stage_in_progress(self):
        stage = self.env.ref("constituent_services.stage_in_progress", raise_if_not_found=False)
        if stage and stage.active and stage.status == "open":
            return stage
        return self.env["constituent.case.stage"]._first_stage("open", self.company_id)

    def _close_as_spam(self):
        """Close cases that were spam: nobody is told, and they do not count."""
        still_open = self.filtered(lambda case: case.status != "closed")
        if not still_open:
            return
        tag = self.env.ref("constituent_services.tag_spam", raise_if_not_found=False)
        values = {"intake_mode": "test"}  # not answered, escalated or counted
        if tag:
            values["tag_ids"] = [fields.Command.link(tag.id)]
        still_open._write_kept(values)
        still_open._close(self.env.ref("constituent_services.outcome_error"), self.env._("Spam"))

    # Replies after closing: the three buttons (reopening is a wizard's)

    def action_reply_file(self):
        """Say that a reply after closing needs no work."""
        flagged = self.filtered("reply_after_closing")
        flagged._reply_is_dealt_with()
        flagged._log_event(self.env._("Reply after closing filed: nothing to do."))
        return True

    def action_reply_new_case(self):
        """Make a new case of the last reply, linked to this one.

        :return dict: the action that opens the new case
        :raises UserError: no message came in
        """
        self.ensure_one()
        self.check_access("write")
        # The reply's original need not be readable to whoever works the case.
        message_sudo = (
            self.env["mail.message"]
            .sudo()
            .search(
                [
                    ("model", "=", self._name),
                    ("res_id", "=", self.id),
                    ("message_type", "=", "email"),
                ],
                order="id desc",
                limit=1,
            )
        )
        if not message_sudo:
            raise UserError(self.env._("No message came in on this case."))
        case = self._new_case_of(message_sudo)
        self._reply_is_dealt_with()
        return case._get_records_action()

    def _new_case_of(self, message):
        """Make a case of a message that starts a new matter, linked to this one.

        :param message: an incoming one of this case, which keeps it
        :return: the new case
        :raises AccessError: this case is not the user's to write
        :raises UserError: not an incoming message of this case
        """
        self.ensure_one()
        self.check_access("write")
        # As above.
        message_sudo = message.sudo()
        if message_sudo - self._incoming_messages():
            raise UserError(self.env._("Choose messages that came in on this case."))
        case = self.intake([self._report_of_reply(message_sudo)])
        attachments_sudo = message_sudo.attachment_ids
        case.message_post(
            body=message_sudo.body,
            subject=message_sudo.subject,
            message_type="comment",
            subtype_xmlid="mail.mt_note",
            author_id=message_sudo.author_id.id,
            email_from=message_sudo.email_from,
            attachments=[(attachment.name, attachment.raw) for attachment in attachments_sudo],
        )
        self._log_event(
            self.env._("New case of the reply: %(number)s", number=case.number), kind="linked"
        )
        case._log_event(
            self.env._("Made of a reply to %(number)s", number=self.number), kind="linked"
        )
        return case

    def _report_of_reply(self, message):
        """Return the intake report of a message that starts a new matter."""
        new, _quoted = split_html(message.body)
        name, address = next(iter(email_split_tuples(message.email_from or "")), ("", ""))
        known = self._knows_address(email_normalize(address or ""))
        return {
            "channel": "mail",
            "company_id": self.company_id.id,
            "name": message.subject or self.name,
            "description": new,
            "received_at": message.date,
            "parent_id": self.id,
            "partner_id": self.partner_id.id if known else False,
            "partner_name": name,
            "partner_email": address,
            "identity": self.identity if known else "identified",
        }

    # Followers: nobody from outside

    def _notify_get_recipients(self, message, msg_vals=False, **kwargs):
        """Leave out followers who have become outsiders since; named recipients stay."""
        recipients = super()._notify_get_recipients(message, msg_vals=msg_vals, **kwargs)
        named = (msg_vals or {}).get("partner_ids")
        if named is None:
            # Who is notified does not depend on what the author may read.
            named = message.sudo().partner_ids.ids
        return [
            recipient
            for recipient in recipients
            if not (recipient["is_follower"] and recipient["share"]) or recipient["id"] in named
        ]

    # Out

    def _notify_get_reply_to_batch(self, defaults=None, author_ids=None):
        """Let answers come to the department's address, or to the office's."""
        result, others = {}, self.browse()
        # Addresses of departments are public, whatever the author may read.
        for case_sudo in self.sudo():
            company_sudo = case_sudo.company_id
            departments_sudo = case_sudo.department_id + company_sudo.constituent_department_id
            aliases_sudo = departments_sudo.alias_id.filtered(
                lambda alias: alias.alias_name and alias.alias_domain_id
            )
            if aliases_sudo:
                office = company_sudo.constituent_office_name or company_sudo.name
                result[case_sudo.id] = formataddr((office, aliases_sudo[0].alias_full_name))
            else:
                others += self.browse(case_sudo.id)
        if others or not self:
            result |= super(ConstituentCase, others)._notify_get_reply_to_batch(
                defaults={
                    key: value for key, value in (defaults or {}).items() if key not in result
                }
                or None,
                author_ids={
                    key: value for key, value in (author_ids or {}).items() if key not in result
                }
                or None,
            )
        return result

    def _message_compute_parent_id(self, parent_id):
        """Spare the search for an older message where there is none yet."""
        if self.env.context.get("constituent_first_message"):
            return parent_id
        return super()._message_compute_parent_id(parent_id)

    def _notify_get_recipients_groups(self, message, model_description, msg_vals=False):
        """Give outsiders the private link, or no link; never one into the office."""
        # The portal signs with the private link's token, which staff do not read.
        case_sudo = self.sudo()
        groups = super(ConstituentCase, case_sudo)._notify_get_recipients_groups(
            message, model_description, msg_vals=msg_vals
        )
        if not self:
            return groups
        for name, _accepts, data in groups:
            if name == "user":
                continue
            data["has_button_access"] = name == "portal_customer"
            data["button_access"] = {"url": self._outside_url()}
        return groups

    def _outside_url(self):
        """Return the address at which the constituent sees the case."""
        self.ensure_one()
        private = getattr(self, "_get_private_url", None)
        return private() if private else self.get_base_url() + self.access_url
