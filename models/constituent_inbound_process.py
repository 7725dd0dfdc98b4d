import logging
import random
import time
from datetime import timedelta
from email import message_from_bytes
from email.policy import compat32

from markupsafe import Markup
from psycopg2 import IntegrityError, OperationalError

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import email_normalize
from odoo.tools.mail import email_split_and_format_normalize, email_split_tuples

from ..tools.bounce import read_bounce
from ..tools.forward import attached_senders, forwarded_senders, is_forward
from ..tools.mail import parse, readable_text, sent_at
from ..tools.quotes import plain_markup, safe_links, split_html, without_remote
from ..tools.text import html_to_text
from .constituent_inbound_route import THREAD_MODELS

_logger = logging.getLogger(__name__)

TRIES = 5
# Who writes to the office every day, and more than others.
KNOWN_ROLES = {
    "elected_official", "official_office", "agency", "neighborhood_association", "civic_group",
    "employee",
}  # fmt: skip
OFFICIAL_ROLES = {"elected_official", "official_office"}
ENDED = ("case", "reply", "bounce", "not_understood", "spam")


class ConstituentInboundMail(models.Model):
    """How a message becomes a case, a reply, or whatever it is."""

    _name = "constituent.inbound.mail"
    _inherit = "constituent.inbound.mail"

    def _process(self, raw=None, last=False):
        """Bring a registered message to its final state in a transaction of its own.

        :param bytes raw: the message, read from the register when not given
        :param bool last: no later try: a database that stays busy is final, too
        :return: id of the case, or False; never raises for what is in the message
        """
        self.ensure_one()
        for attempt in range(1, TRIES + 1):
            try:
                with self._own_cursor() as own:
                    return own.browse(self.id)._process_now(raw)
            except (OperationalError, IntegrityError) as error:
                # A copy that came at the same moment, or a busy row: once more, with
                # fresh eyes.
                _logger.info("Inbound mail %s, try %s: %s", self.id, attempt, type(error).__name__)
                failure = error
                time.sleep(random.uniform(0, 0.05 * 2**attempt))
            except Exception as error:
                # The type only: the text of an error may carry personal data.
                _logger.warning("Inbound mail %s: %s", self.id, type(error).__name__)
                failure = error
                break
        if isinstance(failure, OperationalError) and not last:
            return False  # stays received; the scheduled action tries again
        with self._own_cursor() as own:
            own.browse(self.id)._end_as_not_understood(failure)
        return False

    def _process_now(self, raw=None):
        """Bring a registered message to its final state in this transaction."""
        self.ensure_one()
        if self.state != "received":
            return self.case_id.id
        raw = raw or self.raw.raw
        twin = self._twin()
        if twin:
            return self._end_as_duplicate(twin)
        if self.route.get("bounce"):
            return self._end_as_bounce(read_bounce(raw, self._domain_addresses()[0]))
        if self._end_as_blocked(raw):
            return False
        contacts = self._sender_contacts()
        refusal = self._refusal(contacts)
        if refusal:
            self._finish("not_understood", error=refusal)
            return False
        msg_dict = self._parse(raw)
        case = self.env["constituent.case"].browse(self.route.get("case") or [])
        if case:
            return self._end_as_reply(case, msg_dict, contacts)
        return self._end_as_case(msg_dict, contacts)

    def _twin(self):
        """Return the earlier copy of this message, if there is one."""
        # Without a limit, which would let the database walk the whole table in order.
        return self.search(
            Domain("id", "!=", self.id)
            & Domain("state", "in", ENDED)
            & Domain("company_id", "=", self.company_id.id)
            & (
                Domain("fingerprint", "=", self.fingerprint)
                | Domain("raw_sha256", "=", self.raw_sha256)
            ),
            order="id",
        )[:1]

    def _sender_contacts(self):
        """Return the contacts with the sender's address, those with a user first."""
        if not self.sender:
            return self.env["res.partner"]
        contacts = self.env["res.partner"].search_fetch(
            [("email_normalized", "=", self.sender)],
            ["name", "constituent_role", "partner_share", "parent_id"],
            order="id",
        )
        return contacts.sorted("partner_share")

    @api.model
    def _roles(self, contacts):
        """Return the roles of contacts, and of the offices whose staff they are."""
        return {
            *contacts.mapped("constituent_role"),
            *contacts.parent_id.mapped("constituent_role"),
        }

    def _refusal(self, contacts):
        """Say why a message is kept for a person to decide; empty when it is not."""
        contact = self.route.get("contact") or "everyone"
        internal = contacts.filtered(lambda partner: not partner.partner_share)
        if contact != "everyone" and not (contacts if contact == "partners" else internal):
            return self.env._("This address takes no mail from unknown senders.")
        if (
            not self.sender
            or (internal or self._roles(contacts) & KNOWN_ROLES)
            and (self.authentication == "pass" or not self._authserv_id())
        ):
            return ""
        return self._over_limit()

    def _over_limit(self):
        """Say so when one sender wrote more often than Odoo's loop limit allows."""
        get_param = self.env["ir.config_parameter"].get_param
        minutes = int(get_param("mail.gateway.loop.minutes", 120))
        threshold = int(get_param("mail.gateway.loop.threshold", 20))
        since = fields.Datetime.now() - timedelta(minutes=minutes)
        count = self.search_count(
            [
                ("sender", "=", self.sender),
                ("received_at", ">=", since),
                ("state", "in", ("case", "reply")),
            ],
            limit=threshold,
        )
        allowed = self.env["mail.gateway.allowed"]
        if count < threshold or allowed.search_count([("email_normalized", "=", self.sender)]):
            return ""
        return self.env._(
            "More than %(count)s messages from this sender in %(minutes)s minutes: kept here, "
            "so that two machines do not answer each other.",
            count=threshold,
            minutes=minutes,
        )

    def _parse(self, raw):
        """Return what Odoo posts of a message, and what a case needs beside it.

        Odoo's own ``message_parse`` looks up every address once more; the register has
        read the heads already.
        """
        thread = self.env["mail.thread"].with_context(attachments_mime_plainxml=True)
        payload = thread._message_parse_extract_payload(parse(raw), {})
        body = without_remote(payload["body"])
        # A forwarded message is the matter itself, not a quotation.
        description, quoted = (body, "") if is_forward(self.subject) else split_html(body)
        return {
            "message_id": self._free_message_id(self.message_id or ""),
            "subject": self.subject or "",
            "email_from": self._formatted(self.email_from)[0],
            "date": sent_at(self.mail_date, self.received_at),
            "to_filtered": ", ".join(self._formatted(self.email_to)),
            "cc_filtered": ", ".join(self._formatted(self.email_cc)),
            "body": Markup(safe_links(body)),
            "attachments": [] if self.route.get("strip") else payload["attachments"],
            "constituent_description": plain_markup(description),
            "constituent_quoted": plain_markup(quoted),
            "constituent_forwarded": self._forwarded(raw, body),
        }

    def _forwarded(self, raw, body):
        """Return who wrote what the message passes on, in its text or attached.

        :return list: (name, address) pairs; without the sender's and our own addresses
        """
        found = forwarded_senders(html_to_text(body))
        if b"message/rfc822" in raw.lower():
            found += attached_senders(message_from_bytes(raw, policy=compat32))
        known = {self.sender, *(self.route.get("own") or [])}
        return [(one.name, one.email) for one in found if one.email not in known]

    def _formatted(self, addresses):
        """Return the addresses of a head with their names, our own left out.

        :return list[str]: at least one; the head as it is when it has no address
        """
        own = self.route.get("own") or []
        found = email_split_and_format_normalize(addresses or "")
        others = [one for one in dict.fromkeys(found) if email_normalize(one) not in own]
        return others or ["" if found else addresses or ""]

    def _free_message_id(self, message_id):
        """Return the Message-Id, or a new one when another message has it.

        Answers find their case by it, so it must not be two messages' own. The
        register keeps the original.
        """
        if message_id and not self.env["mail.message"].search_count(
            [("message_id", "=", message_id)], limit=1
        ):
            return message_id
        return f"<inbound-{self.id}.{self.fingerprint[:16]}@constituent-services.invalid>"

    # Ends

    def _end_as_case(self, msg_dict, contacts):
        """Take in a new case and put the message into it."""
        # Whom the case is assigned to gets the message itself, not a notice besides.
        cases = self.env["constituent.case"].with_context(mail_auto_subscribe_no_notify=True)
        doors = self._own_doors()
        case = cases.with_company(self.company_id).message_new(
            msg_dict,
            {
                **self.route.get("values", {}),
                **self._report_base(),
                "door_department_id": doors[0] if doors else False,
                "shared_department_ids": doors[1:],
                "email_cc": self._people_in_copy(msg_dict),
                "automatic": self.is_automatic,
                "forwarded": msg_dict["constituent_forwarded"],
                "kind": "inquiry" if self._roles(contacts) & OFFICIAL_ROLES else False,
            },
        )
        self._post(case, msg_dict, contacts)
        self._warn_of_sender(case, contacts)
        self._finish("case", case_id=case.id, quoted=msg_dict["constituent_quoted"])
        return case.id

    def _own_doors(self):
        """Return the departments addressed; the office's own gives way to others."""
        doors = self.route.get("doors") or []
        if len(doors) > 1:
            office_id = self.company_id.constituent_department_id.id
            doors = [door for door in dict.fromkeys(doors) if door != office_id] or doors[:1]
        return doors

    def _report_base(self):
        """Return the part of an intake report that the register knows."""
        name, address = next(iter(email_split_tuples(self.email_from or "")), ("", ""))
        return {
            "channel": "mail",
            "company_id": self.company_id.id,
            "received_at": self.received_at,
            "name": self.subject,
            "partner_name": name,
            "partner_email": address or self.sender,
        }

    def _parse_for_hand(self):
        """Return the parsed message, or its plain text when it cannot be parsed."""
        try:
            with self.env.cr.savepoint():
                msg_dict = self._parse(self.raw.raw)
            if msg_dict["constituent_description"]:
                return msg_dict
        except OperationalError:
            raise
        except Exception as error:
            _logger.info("Inbound mail %s stays raw: %s", self.id, type(error).__name__)
        text = Markup("<pre>%s</pre>") % readable_text(self.raw.raw or b"", 20_000)
        return {
            "body": text,
            "subject": self.subject,
            "email_from": self.email_from,
            "message_id": self._free_message_id(self.message_id or ""),
            "constituent_description": text,
            "constituent_quoted": False,
        }

    def _people_in_copy(self, msg_dict):
        """Return who else got the message, without ourselves and the sender."""
        others = msg_dict.get("cc_filtered") or ""
        if self.route.get("doors"):
            # By a mailbox of its own, To is that mailbox's address.
            others = f"{msg_dict.get('to_filtered') or ''},{others}"
        return ", ".join(
            address
            for address in dict.fromkeys(email_split_and_format_normalize(others))
            if email_normalize(address) != self.sender
        )

    def _post(self, case, msg_dict, contacts, **values):
        """Put the message into the case's chatter, with all attachments."""
        author = (case.partner_id if case.partner_id in contacts else contacts[:1]) or self.env[
            "res.partner"
        ]
        if case.partner_id.email_normalized == self.sender:
            author = author or case.partner_id
        if not author.partner_share and not self._is_proven():
            author = author.browse()  # nobody's words are put into staff's mouth
        note = values.pop("note", False)
        if note and self.authentication == "fail":
            author = author.browse()  # nor into a constituent's, in a case they know
        subtype = "mail.mt_note" if note else "mail.mt_comment"
        values.setdefault("is_internal", note)
        return case.with_context(
            mail_post_autofollow_author_skip=True,
            mail_post_autofollow=False,
            constituent_first_message=not self.route.get("case"),
        ).message_post(
            body=msg_dict["body"],
            subject=msg_dict.get("subject"),
            message_type="email",
            email_from=msg_dict.get("email_from"),
            author_id=author.id,
            date=msg_dict.get("date"),
            message_id=msg_dict["message_id"],
            subtype_id=self.env["ir.model.data"]._xmlid_to_res_id(subtype),
            attachments=msg_dict.get("attachments"),
            incoming_email_to=msg_dict.get("to_filtered"),
            incoming_email_cc=msg_dict.get("cc_filtered"),
            **values,
        )

    def _is_proven(self):
        """Return whether the sender is proven to be who they say.

        Where our mail server checks nothing nobody is: then staff answer on the screen,
        and mail in their name stays inside.
        """
        return self.authentication == "pass"

    def _warn_of_sender(self, case, contacts):
        """Say so when the address is an official's and nothing proves the sender."""
        if self.authentication == "pass" or not self._roles(contacts) & OFFICIAL_ROLES:
            return
        if self.authentication == "fail":
            warning = self.env._(
                "The address %(address)s is an official's, but the mail does not prove that it "
                "is from there (%(detail)s). Ask back before you act on it.",
                address=self.sender,
                detail=self.authentication_detail,
            )
        else:
            warning = self.env._(
                "The address %(address)s is an official's. Our mail server did not check "
                "whether the mail is from there.",
                address=self.sender,
            )
        case.authentication_warning = warning
        case._log_event(warning)

    def _end_as_reply(self, case, msg_dict, contacts):
        """Put the message into its case, and wake the case up where it should."""
        case._receive_reply(self, msg_dict, contacts)
        self._finish("reply", case_id=case.id, quoted=msg_dict["constituent_quoted"])
        return case.id

    def _end_as_duplicate(self, twin):
        """Keep a copy as such; a door the first one did not name joins the case."""
        case = twin.case_id
        doors = set(self._own_doors()) - set(twin.route.get("doors") or [])
        doors -= {case.department_id.id, case.company_id.constituent_department_id.id}
        doors -= set(case.shared_department_ids.ids)
        if case and twin.state == "case" and doors:
            case.shared_department_ids = [fields.Command.link(door) for door in sorted(doors)]
            case._log_event(self.env._("The same message came by a further address of ours."))
        self._finish(
            "duplicate",
            case_id=case.id,
            error=self.env._("The same message as number %(number)s.", number=twin.id),
        )
        return False

    def _end_as_bounce(self, bounce):
        """Keep a delivery report, and mark what did not arrive."""
        case, _known = self._bounced_case(bounce.message_ids)
        if bounce.failed:
            self._mark_bounced(bounce)
        if case:
            note = (
                self.env._("Mail to %(address)s did not arrive: %(reason)s")
                if bounce.failed
                else self.env._("Report on mail to %(address)s: %(reason)s")
            )
            case._log_event(
                note
                % {"address": bounce.recipient or "?", "reason": bounce.reason or bounce.action},
                recipient=bounce.recipient,
            )
        self._finish("bounce", case_id=case.id, error=bounce.reason or bounce.action)
        return False

    def _mark_bounced(self, bounce):
        """Mark deliveries and notifications of a mail that came back."""
        self.env["constituent.delivery"]._mark_bounced(bounce.message_ids, bounce.reason)
        if not bounce.message_ids or not bounce.recipient:
            return
        self.env["mail.notification"].search(
            [
                ("mail_message_id.message_id", "in", bounce.message_ids),
                ("mail_message_id.model", "in", THREAD_MODELS),
                ("res_partner_id.email_normalized", "=", bounce.recipient),
            ]
        ).write(
            {
                "failure_reason": bounce.reason,
                "failure_type": "mail_bounce",
                "notification_status": "bounce",
            }
        )

    def _end_as_not_understood(self, error):
        """Keep a message that nothing could be made of, and say why."""
        self._finish(
            "not_understood",
            error=self.env._(
                "%(kind)s: the message could not be read (%(detail)s). The original is kept; "
                "make a case of it by hand.",
                kind=type(error).__name__,
                detail=" ".join(str(error).split())[:300],
            ),
        )
