from odoo import fields, models
from odoo.exceptions import UserError
from odoo.tools import email_normalize

from ..tools.letter import sha256
from ..tools.text import html_to_text
from .constituent_correspondence import BY_EMAIL


class ConstituentCorrespondence(models.Model):
    """A letter's way: what it must be to go, sent and sealed, and what comes after."""

    _name = "constituent.correspondence"
    _inherit = "constituent.correspondence"

    def _check_complete(self):
        """Raise when something is missing without which a letter is not sent.

        :raises UserError: says what, for the first letter that misses something
        """
        for letter in self:
            missing = letter._letter_obstacle()
            if missing:
                raise UserError(
                    self.env._(
                        "%(letter)s: %(missing)s",
                        letter=letter.display_name or self.env._("This letter"),
                        missing=missing,
                    )
                )

    def _letter_obstacle(self):
        """Return why a letter cannot be sent, or an empty string."""
        # Its addressee counts, whichever contacts the user may open.
        partner_sudo = self.partner_id.sudo()
        if self.direction != "out":
            return self.env._("an incoming letter is not sent.")
        if not partner_sudo:
            return self.env._("choose whom it is addressed to.")
        nobody = self._addressee_obstacle()
        if nobody:
            return nobody
        if not (self.subject or "").strip():
            return self.env._("the subject is missing.")
        if not html_to_text(self.body) and "<img" not in (self.body or ""):
            return self.env._("the text is missing.")
        if not self.salutation:
            return self.env._("the salutation is missing.")
        if not self.signatory_ids:
            return self.env._("choose who signs it.")
        return self._letter_medium_obstacle(partner_sudo)

    def _letter_email_obstacle(self, partner_sudo):
        if not email_normalize(partner_sudo.email):
            return self.env._("the addressee has no email address, or more than one.")
        if partner_sudo.contact_preference == "none":
            return self.env._("the addressee asked not to be contacted by email. Send it by post.")
        return ""

    # Sending

    def action_send(self):
        """Seal approved letters, and mail them or mark them for the post.

        A letter that is not what was approved goes back to draft.

        :return dict | None: a notification that names those letters
        :raises AccessError: a clerk
        :raises UserError: not approved, or something is missing
        :raises LockError: somebody else is sending one of them
        """
        self._check_may_send()
        self.lock_for_update(allow_referencing=True)
        self._check_step(("approved",))
        self._check_complete()
        stale, gaps = self.browse(), []
        for letter in self:
            gap = letter._approval_gap()
            if gap:
                stale |= letter
                gaps.append(gap)
            else:
                letter._send_one()
        return stale._withdraw_stale(gaps)

    def _send_one(self):
        """Number, print, store and seal one letter, and pass it on."""
        by_email = self.medium in BY_EMAIL
        # The number is on the page: it is drawn first, and lost when printing fails.
        self._advance(self.state, reference=self._draw_reference())
        # The caller has compared it with what was approved.
        values = self._letter_values(approved=True)
        document = self._letter_render(values)
        attachment_sudo = self._store_document(document)
        self._advance(
            "sending" if by_email else "sent",
            **self._letter_snapshot(values),
            document_id=attachment_sudo.id,
            document_sha256=sha256(document),
            sent_at=fields.Datetime.now(),
            sent_by_id=self.env.uid,
        )
        # Now, so that the database guards it from here on.
        self.flush_recordset()
        if by_email:
            self._queue_delivery(values)
        else:
            self._after_sent(self._letter_destination(values))

    def _draw_reference(self):
        """Return the next reference of the letter's office: L-2026-000123."""
        year = self._approval_today().year
        value = self.env["constituent.case"]._draw_sequence(
            "constituent_letter_reference", self.company_id.id, year, 1
        )[0]
        return f"L-{year}-{value:06}"

    def _store_document(self, document):
        """Store and seal the PDF.

        :param bytes document: as printed
        :return: the attachment, with superuser rights
        """
        # Sealing is not for users; this step has checked that they may send.
        attachment_sudo = (
            self.env["ir.attachment"]
            .sudo()
            .create(
                {
                    "name": f"{self._letter_file_name()}.pdf",
                    "raw": document,
                    "mimetype": "application/pdf",
                    "res_model": self._name,
                    "res_id": self.id,
                    "company_id": self.company_id.id,
                    "constituent_sealed": True,
                }
            )
        )
        return attachment_sudo

    def _queue_delivery(self, values):
        """Queue the one mail that carries the letter."""
        self.env["constituent.delivery"]._queue(
            [
                {
                    "case_id": self.case_id.id,
                    "correspondence_id": self.id,
                    "partner_id": self.partner_id.id,
                    "email": values["email"],
                    "lang": values["lang"],
                    "subject": self.subject,
                    "company_id": self.company_id.id,
                }
            ]
        )

    def _delivery_content(self, delivery):
        """Return the mail that carries the letter.

        :param delivery: the constituent.delivery that is about to be sent
        :return dict: subject, body_html, attachments as (name, bytes, mimetype), reply_to
        """
        self.ensure_one()
        letter = self.with_context(lang=self.lang or delivery.lang)
        content = letter._letter_pdf()
        body = (
            self.env["ir.qweb"]
            .with_context(lang=letter.env.lang)
            ._render(
                "constituent_services.correspondence_letter_mail",
                {
                    "letter": letter,
                    "company": letter.company_id,
                    "html_lang": (letter.env.lang or "en_US").replace("_", "-"),
                    "date_text": letter._letter_day(letter.letter_date),
                },
            )
        )
        return {
            "subject": letter.subject,
            "body_html": f"<!DOCTYPE html>\n{body}",
            "attachments": [(f"{letter._letter_file_name()}.pdf", content, "application/pdf")],
            "reply_to": delivery._reply_address() if letter.case_id else False,
        }

    def _delivery_done(self, delivery):
        """Note that the mail server took the letter.

        :param delivery: the constituent.delivery that was sent
        """
        for letter in self.filtered(lambda letter: letter.state == "sending"):
            letter._advance("sent")
            letter._after_sent(delivery.email)

    def _after_sent(self, recipient):
        """Write the event of the case and tell who waits for the letter.

        :param str recipient: the address it went to
        """
        self.ensure_one()
        self.message_post(
            body=self.env._("Sent to %(recipient)s.", recipient=recipient),
            subtype_xmlid="mail.mt_note",
        )
        self._log_case_event("letter", recipient, f"{self.reference} {self.subject}")
        self._tell_of_letter()

    def _log_case_event(self, kind, recipient, note):
        """Write into the history of each case the letter answers."""
        self._answered_cases()._log_event(
            note,
            kind=kind,
            recipient=recipient,
            partner_id=self.partner_id.id,
            correspondence_id=self.id,
        )

    # Afterwards

    def action_returned(self, reason=""):
        """Note that letters came back.

        :param str reason: what the post or the mail server said
        :raises AccessError: a clerk
        :raises UserError: not sent, marked already, or its mail still waits to be sent
        """
        self._check_may_send()
        self._check_step(("sending", "sent"))
        # Whether the mail went out, whichever deliveries the user may list.
        deliveries_sudo = self.sudo().delivery_ids.filtered(lambda mail: not mail.is_copy)
        if "queued" in deliveries_sudo.mapped("state"):
            raise UserError(self.env._("The mail has not left yet: wait until it was tried."))
        reason = (reason or "").strip()
        self._advance(
            "returned_mail", returned_at=fields.Datetime.now(), returned_reason=reason or False
        )
        for letter in self:
            letter._log_case_event(
                "letter_returned",
                letter.printed_email or letter.printed_address.replace("\n", ", "),
                ": ".join(filter(None, (letter.reference, reason))),
            )

    def action_correct(self):
        """Begin a letter that replaces one that was sent.

        :return dict: action that opens the new draft
        :raises UserError: not sent, or replaced already
        """
        self.ensure_one()
        self.check_access("read")
        if not self.is_sealed:
            raise UserError(self.env._("Only a letter that was sent is corrected by a new one."))
        replacements = self.corrected_by_ids.filtered(lambda letter: letter.state != "cancelled")
        if replacements:
            raise UserError(
                self.env._(
                    "%(letter)s is replaced already, by %(replacement)s.",
                    letter=self.display_name,
                    replacement=replacements[0].display_name,
                )
            )
        draft = self.copy({"corrects_id": self.id, "letter_date": False})
        return draft.action_open()

    def action_open(self):
        """Return the action that shows one letter."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": self._name,
            "res_id": self.id,
            "views": [(False, "form")],
            "name": self.display_name,
        }

    def action_print(self):
        """Return the action that downloads the PDF: as sent, once it was."""
        return self.env.ref("constituent_services.correspondence_report_letter").report_action(self)
