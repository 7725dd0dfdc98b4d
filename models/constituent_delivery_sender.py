import logging
import smtplib
from datetime import timedelta

from psycopg2 import OperationalError

from odoo import api, fields, models
from odoo.tools import email_normalize, formataddr

from odoo.addons.base.models.ir_mail_server import MailDeliveryException

from ..tools.notice import mail_text, safe_colour, smtp_verdict
from ..tools.text import one_line

_logger = logging.getLogger(__name__)

BATCH = 500
# After each time the mail server was not reached: a night's outage loses nothing.
RETRY_MINUTES = (2, 10, 30, 120, 720)
# A case that is being edited makes the record of a sent mail wait and try again.
RECORD_TRIES = 5


class ConstituentDelivery(models.Model):
    """The one sender of notices and letters."""

    _name = "constituent.delivery"
    _inherit = "constituent.delivery"

    # The scheduled action

    @api.model
    def _cron_send(self):
        """Send what is queued, in slices of the time the scheduler gives (10 s).

        Each mail is committed before the next: a failure or a stop of the server
        touches no other.

        :raises OperationalError: so that the scheduler starts anew
        """
        cron = self.env["ir.cron"]
        domain = fields.Domain("state", "=", "queued") & (
            fields.Domain("retry_at", "=", False)
            | fields.Domain("retry_at", "<=", fields.Datetime.now())
        )
        queued = self.search(domain, order="id", limit=BATCH)
        remaining = len(queued) if len(queued) < BATCH else self.search_count(domain)
        seconds = cron._commit_progress(remaining=remaining)
        sessions = {}
        try:
            for delivery in queued:
                if not seconds:
                    break
                delivery._send(sessions)
                seconds = cron._commit_progress(1)
        finally:
            self._close_sessions(sessions)

    def _send(self, sessions):
        """Send one mail, unless another sender has it or a reason speaks against it.

        :param dict sessions: open connections by From address, kept for the slice
        """
        claimed = self.try_lock_for_update()
        if not claimed or claimed.state != "queued":
            return
        reason = self._refusal()
        if reason:
            self.write({"state": "cancelled", "error": reason})
            return
        content = self._render()
        if not content:
            return
        server = self._mail_server()
        session = self._session(sessions, server, content["email_from"])
        if isinstance(session, Exception):
            self._put_off(session)
            return
        self._start(content)
        error = self._hand_over(server, session, content)
        if error:
            # The state of the conversation is unknown: the next mail gets a new one.
            self._close_sessions({"": sessions.pop(content["email_from"])})
            self._note_failure(*error)
        else:
            self._record_sent(content)

    # Whether

    def _refusal(self):
        """Return why the mail is not sent after all, or an empty string.

        Decided when it is sent, as much may have changed since it was queued.
        """
        self.ensure_one()
        domains = self.env["mail.alias.domain"]
        if domains._find_aliases([self.email]):
            return self.env._("The address is one of our own: the mail would come back as a case.")
        partner = self.partner_id
        if partner.contact_preference == "none":
            return self.env._("The contact asked not to be contacted.")
        if partner.deceased:
            return self.env._("The contact is deceased.")
        if self.correspondence_id:
            return ""
        if not self.notice_id.active:
            return self.env._("This notice was switched off.")
        return self._refusal_of_case(self.case_id, self.subscription_id)

    def _refusal_of_case(self, case, subscription):
        """Return why a case, as it is now, is not told of, or an empty string.

        :param case: the case, or one of several that one mail tells of
        :param subscription: the reader's to it; none for a department
        """
        if subscription and not subscription.active:
            return self.env._("The reader stopped the notices of this case.")
        if case.confidentiality == "restricted" and self.audience != "constituent":
            return self.env._("The case is restricted now.")
        if case.identity == "anonymous" and self.audience == "constituent":
            return self.env._("The constituent is anonymous now.")
        if self.event == "closed" and case.status != "closed":
            return self.env._("The case was reopened meanwhile.")
        if self.event not in ("closed", "letter_sent", "letter_portal") and case.status == "closed":
            return self.env._("The case was closed meanwhile.")
        if self.event == "waiting" and not case.stage_id.waits_for_constituent:
            return self.env._("The case does not wait for the constituent any more.")
        return ""

    # What

    def _render(self):
        """Return what is sent, or an empty dict after noting why it cannot be made.

        :return dict: subject, body_html, body_text, chatter (HTML kept with the case), email_from,
            reply_to, headers, attachments as (name, bytes, mimetype)
        """
        try:
            with self.env.cr.savepoint():
                content = self._notice_content() if self.notice_id else self._letter_content()
                content["body_text"] = mail_text(content["body_html"])
        except OperationalError:
            raise
        except Exception as error:
            # The type only: the text of an error may carry personal data.
            _logger.warning("Mail %s cannot be made: %s", self.id, type(error).__name__)
            self.write(
                {
                    "state": "failed",
                    "error": self.env._("The mail could not be made: %(reason)s", reason=error),
                }
            )
            return {}
        office = self._office_address()
        return {
            "attachments": [],
            "headers": {},
            "email_from": office,
            **content,
            "reply_to": content.get("reply_to") or office,
        }

    def _letter_content(self):
        return self.correspondence_id._delivery_content(self)

    def _notice_content(self):
        """Render the notice's template in the reader's language, within the layout."""
        delivery = self._in_reader_lang()
        case = delivery.case_id
        notice = case._notice_values(self.audience, self.subscription_id)
        subject, text, page = delivery._notice_page(self._notice_template(), case, notice)
        return {
            "subject": subject,
            "body_html": page,
            "chatter": self._without_links(text, [notice]),
            "headers": self._notice_headers(notice),
            "reply_to": self._reply_address(),
        }

    def _notice_page(self, template, case, notice):
        """Render a template for a case, within the layout, in the language of the context.

        :param dict notice: what the template may say
        :return tuple: the subject, the text, and the text within the layout
        """
        company, lang = self.company_id, self.env.lang
        template = template.with_context(lang=lang)
        rendered = {
            name: template._render_field(name, case.ids, add_context={"notice": notice})[case.id]
            for name in ("subject", "body_html")
        }
        body = (
            self.env["ir.qweb"]
            .with_context(lang=lang)
            ._render(
                "constituent_services.notice_layout",
                {
                    "body": rendered["body_html"],
                    "colour": safe_colour(company.primary_color),
                    "company": company,
                    "html_lang": lang.replace("_", "-"),
                    "notice": notice,
                    "office": case._notice_office_values(company),
                    "subject": rendered["subject"],
                },
            )
        )
        return rendered["subject"], rendered["body_html"], f"<!DOCTYPE html>\n{body}"

    def _without_links(self, body, notices):
        """Return the text without the reader's private links: staff must not stop it."""
        for notice in notices:
            for name in ("private_url", "stop_url"):
                if notice[name]:
                    body = str(body).replace(notice[name], "#")
        return body

    def _notice_headers(self, notice):
        """Return the heads that say a machine wrote this and how to stop it (RFC 3834)."""
        is_reply = self.event == "received" and self.audience == "constituent"
        headers = {
            "Auto-Submitted": "auto-replied" if is_reply else "auto-generated",
            "X-Auto-Response-Suppress": "All",
        }
        if notice["stop_url"]:
            headers["List-Unsubscribe"] = f"<{notice['stop_url']}>"
            headers["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
        earlier = self._earlier_message_ids()
        if earlier:
            headers["In-Reply-To"] = earlier[-1]
            headers["References"] = " ".join(earlier)
        return headers

    def _earlier_message_ids(self):
        """Return the Message-Ids of the first mail and the last notice of this thread."""
        if self.audience == "department":
            return []
        first = self.case_id.inbound_mail_ids.filtered(
            lambda mail: (
                mail.state == "case" and self.audience == "constituent" and not mail.moved_to_id
            )
        )[:1]
        last = self.search(
            [("case_id", "=", self.case_id.id), ("email", "=", self.email), ("state", "=", "sent")],
            order="id desc",
            limit=1,
        )
        return [mail.message_id for mail in (first, last) if mail.message_id]

    # From whom, and in which language

    def _in_reader_lang(self):
        """Return the mail in its reader's language, or the office's when not installed."""
        installed = dict(self.env["res.lang"].get_installed())
        wanted = (self.lang, self.company_id.partner_id.lang, "en_US", *installed)
        return self.with_context(lang=next(code for code in wanted if code in installed))

    def _office_address(self):
        """Return the office's name with an address that takes answers."""
        company = self._in_reader_lang().company_id
        name = company.constituent_office_name or company.name
        address = (
            company.constituent_department_id.alias_email
            or email_normalize(company.email or "")
            or company.default_from_email
        )
        return formataddr((name, address)) if address else False

    def _reply_address(self):
        """Return the department's alias; the office's when it has none."""
        department = self._in_reader_lang().case_id.department_id
        if self.case_id.confidentiality == "restricted" or not department.alias_email:
            return self._office_address()
        return formataddr((department.name, department.alias_email))

    # Handing over

    def _mail_server(self):
        """Return the mail server with the office's addresses for bounces and notices."""
        company = self.company_id
        return self.env["ir.mail_server"].with_context(
            domain_notifications_email=company.default_from_email,
            domain_bounce_address=company.bounce_email,
        )

    def _session(self, sessions, server, email_from):
        """Return an open connection, or the exception that says there is none.

        After a failure nobody waits again in the same slice.
        """
        session = sessions.get(email_from)
        if session and not isinstance(session, Exception) and not self._is_alive(session):
            del sessions[email_from]
        if email_from not in sessions:
            try:
                sessions[email_from] = server._connect__(smtp_from=email_from)
            except OperationalError:
                raise
            except Exception as error:
                _logger.warning("No connection to the mail server: %s", type(error).__name__)
                sessions[email_from] = error
        return sessions[email_from]

    @api.model
    def _is_alive(self, session):
        try:
            return session.noop()[0] == 250
        except (smtplib.SMTPException, OSError):
            return False

    @api.model
    def _close_sessions(self, sessions):
        for session in sessions.values():
            if session is None or isinstance(session, Exception):
                continue
            try:
                session.quit()
            except (smtplib.SMTPException, OSError) as error:
                _logger.info("The mail server closed first: %s", type(error).__name__)

    def _build_message(self, server, content):
        """Return the message with its fixed Message-Id and a plain text alternative."""
        return server._build_email__(
            content["email_from"],
            [self.email],
            # Also of letters written before their subject had to be a line.
            one_line(content["subject"]),
            content["body_html"],
            subtype="html",
            body_alternative=content["body_text"],
            reply_to=content["reply_to"],
            message_id=self.message_id,
            headers=content["headers"],
            attachments=content["attachments"],
        )

    def _start(self, content):
        """Commit that the mail is on its way, before the mail server hears of it."""
        self.write(
            {
                "state": "sending",
                "subject": content["subject"],
                "message_id": self.message_id or self._new_message_id(),
                "started_at": fields.Datetime.now(),
                "error": False,
            }
        )
        self.env["ir.cron"]._commit_progress()

    def _hand_over(self, server, session, content):
        """Give the message to the mail server.

        :return tuple: (exception, verdict as ``smtp_verdict`` gives it) when it did not
            take it, or nothing
        """
        try:
            message = self._build_message(server, content)
            server.send_email(message, smtp_session=session)
        except OperationalError:
            raise
        except (MailDeliveryException, smtplib.SMTPException) as error:
            cause = error.__context__ if isinstance(error, MailDeliveryException) else error
            return cause, smtp_verdict(cause)
        except Exception as error:
            # Raised before the conversation about this message: nothing was sent.
            return error, "refused"
        return ()

    def _note_failure(self, error, verdict):
        """Write what became of a mail the server did not take.

        :param str verdict: as ``smtp_verdict`` gives it
        """
        _logger.warning("Mail %s was not taken: %s", self.id, type(error).__name__)
        if verdict == "later":
            self._put_off(error)
        elif verdict == "refused":
            self.write({"state": "failed", "error": self._describe(error)})
        else:
            self.write(
                {
                    "error": self.env._(
                        "The connection broke while the mail was handed over: it may have "
                        "been sent. %(reason)s",
                        reason=self._describe(error),
                    )
                }
            )

    def _put_off(self, error):
        """Queue again what was certainly not sent, or give up after the last attempt."""
        attempts = self.attempts + 1
        vals = {"attempts": attempts, "error": self._describe(error)}
        if attempts > len(RETRY_MINUTES):
            vals["state"] = "failed"
        else:
            vals["state"] = "queued"
            vals["retry_at"] = fields.Datetime.now() + timedelta(
                minutes=RETRY_MINUTES[attempts - 1]
            )
        self.write(vals)

    @api.model
    def _describe(self, error):
        """Return what the mail server said, for the person who looks at the list."""
        if isinstance(error, smtplib.SMTPRecipientsRefused):
            replies = error.recipients.values()
        elif isinstance(error, smtplib.SMTPResponseException):
            replies = [(error.smtp_code, error.smtp_error)]
        else:
            return f"{type(error).__name__}: {error}"
        said = "; ".join(
            f"{code} {text.decode(errors='replace') if isinstance(text, bytes) else text}"
            for code, text in replies
        )
        return self.env._("The mail server refused: %(said)s", said=said)

    # Afterwards

    def _record_sent(self, content):
        """Commit that the mail was sent, with history, chatter and acknowledgement.

        :raises OperationalError: the case stayed locked; the mail is listed in flight
        """
        for tries_left in reversed(range(RECORD_TRIES)):
            # A new transaction sees what others committed while SMTP took its time.
            self.env["ir.cron"]._commit_progress()
            try:
                self.write({"state": "sent", "sent_at": fields.Datetime.now(), "error": False})
                if self.correspondence_id:
                    self.correspondence_id._delivery_done(self)
                else:
                    self._record_notice(content)
                self.env["ir.cron"]._commit_progress()
                return
            except OperationalError:
                self.env.cr.rollback()
                if not tries_left:
                    raise

    def _record_notice(self, content):
        self._record_notice_of(self.case_id, content, self.message_id)

    def _record_notice_of(self, case, content, message_id):
        """Write into a case that it was told of: history, chatter, acknowledgement.

        :param message_id: the mail's, in the one case that answers to it belong to
        """
        acknowledged = self.event == "received" and self.audience == "constituent"
        self.env["constituent.case.event"].create(
            {
                "case_id": case.id,
                "company_id": self.company_id.id,
                "kind": "acknowledged" if acknowledged else "notice",
                "note": content["subject"],
                "recipient": self.email,
                "partner_id": self.partner_id.id,
            }
        )
        # Directly: posting would notify, subscribe and send.
        self.env["mail.message"].create(
            {
                "model": case._name,
                "res_id": case.id,
                "message_type": "auto_comment",
                "subtype_id": self.env.ref("mail.mt_note").id,
                "is_internal": True,
                "author_id": self.company_id.partner_id.id,
                "email_from": content["email_from"],
                "reply_to": content["reply_to"],
                "outgoing_email_to": self.email,
                "subject": content["subject"],
                "body": content["chatter"],
                **({"message_id": message_id} if message_id else {}),
                "email_add_signature": False,
            }
        )
        if acknowledged and not case.acknowledged_at:
            case.with_context(tracking_disable=True).write({"acknowledged_at": self.sent_at})
