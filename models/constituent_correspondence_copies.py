from odoo import api, fields, models
from odoo.tools import email_normalize


class ConstituentDelivery(models.Model):
    """The mail that brings a copy of a letter to somebody named under it."""

    _name = "constituent.delivery"
    _inherit = "constituent.delivery"

    is_copy = fields.Boolean(string="Copy of a Letter", readonly=True)

    def _letter_content(self):
        """Return the mail of a letter, or the one with a copy of it."""
        if self.is_copy:
            return self.correspondence_id._copy_content(self)
        return super()._letter_content()


class ConstituentCorrespondence(models.Model):
    """Who is named under "Copies To" gets one once the letter is on its way.

    By email where they have an address and may be written to; who has none is on the
    sender's list of what to do. The sealed PDF alone goes, without what was enclosed.
    """

    _name = "constituent.correspondence"
    _inherit = "constituent.correspondence"

    copies_by_email = fields.Char(
        string="Copies by Email", compute="_compute_copies", compute_sudo=False
    )
    copies_by_hand = fields.Char(
        string="Copies to Print", compute="_compute_copies", compute_sudo=False
    )

    @api.depends("cc_partner_ids", "partner_id", "state", "covered_by_ids.state")
    @api.depends_context("uid", "allowed_company_ids")
    def _compute_copies(self):
        """Say while the letter is written who will get a copy by themselves, and who not."""
        for letter in self:
            by_email, by_hand = letter._shown_copies()._copies_by_way(letter._origin)
            letter.copies_by_email = "; ".join(by_email.mapped(lambda one: one.name or "")) or False
            letter.copies_by_hand = "; ".join(by_hand.mapped(lambda one: one.name or "")) or False

    def _shown_copies(self):
        """Return whose copy may be talked of, with superuser rights.

        A form may name any contact; of who is named in the letter its readers know.
        """
        if self.is_sealed or self.direction != "out":
            return self.env["res.partner"]
        named = self.cc_partner_ids._origin
        saved = self._origin._filtered_access("read").cc_partner_ids
        shown = named.filtered(lambda one: one in saved or one.has_access("read"))
        # As above.
        return shown.sudo()

    # Sending

    def _approval_content(self):
        """Where copies go by mail is approved with the names."""
        content = super()._approval_content()
        # Whichever contacts the user may open. Also of who gets a covering note meanwhile:
        # to draft one takes no approval back.
        named_sudo = self.sudo().cc_partner_ids.filtered(lambda one: one._takes_copy_by_email())
        if named_sudo:
            content["copies"] = sorted(email_normalize(one.email) for one in named_sudo)
        return content

    def _reading_notes(self):
        """Whoever decides hears who gets a copy by mail."""
        notes = super()._reading_notes()
        if self.copies_by_email:
            notes.append(
                self.env._("A copy goes by email to: %(names)s", names=self.copies_by_email)
            )
        if self.copies_by_hand:
            notes.append(
                self.env._(
                    "No email brings them their copy, it is to be printed and posted: %(names)s",
                    names=self.copies_by_hand,
                )
            )
        return notes

    def _after_sent(self, recipient):
        """Tell, and send the copies: here a letter comes once, when it is on its way."""
        result = super()._after_sent(recipient)
        self._send_copies()
        return result

    def _send_copies(self):
        """Queue the mails with copies, and ask the sender to post the others."""
        # Whoever is named under the sealed letter, whichever contacts the sender may open.
        letter_sudo = self.sudo()
        if not letter_sudo.cc_partner_ids:
            return
        by_email, by_hand = letter_sudo.cc_partner_ids._copies_by_way(letter_sudo)
        self.env["constituent.delivery"]._queue(
            [
                {
                    "case_id": self.case_id.id,
                    "correspondence_id": self.id,
                    "is_copy": True,
                    "partner_id": partner.id,
                    "email": email_normalize(partner.email),
                    "lang": partner.lang,
                    "subject": self.subject,
                    "company_id": self.company_id.id,
                }
                for partner in by_email
            ]
        )
        if by_hand:
            self._ask_for_copies("; ".join(by_hand.mapped(lambda one: one.name or "")))

    def _ask_for_copies(self, whom):
        """Put on somebody's list to print copies and post them.

        :param str whom: names
        """
        # No rule of the reader is asked: whoever sees the letter sees its list.
        letter_sudo = self.sudo()
        user_sudo = letter_sudo._who_sees_to_it()
        note = self.env._(
            "No email brings them their copy. Print the letter and post it: %(whom)s", whom=whom
        )
        letter_sudo.message_post(body=note, subtype_xmlid="mail.mt_note")
        if user_sudo:
            # Without its own mail: letters are sent by the thousand.
            letter_sudo.with_context(mail_activity_quick_update=True).activity_schedule(
                "mail.mail_activity_data_todo",
                summary=self.env._("Post a copy of this letter"),
                note=note,
                user_id=user_sudo.id,
            )

    # The mail

    def _copy_content(self, delivery):
        """Return the mail that brings a copy.

        :param delivery: the constituent.delivery that is about to be sent
        :return dict: as ``_delivery_content``
        """
        self.ensure_one()
        lang = delivery._in_reader_lang().env.lang
        letter = self.with_context(lang=lang)
        body = letter.env["ir.qweb"]._render(
            "constituent_services.correspondence_copy_mail",
            {
                "letter": letter,
                "company": letter.company_id,
                "html_lang": lang.replace("_", "-"),
                "sentence": letter.env._(
                    "Attached is a copy, for your information, of our letter of %(day)s to "
                    "%(name)s:",
                    day=letter._letter_day(letter.letter_date),
                    name=letter.printed_name,
                ),
            },
        )
        return {
            "subject": letter.env._("Copy: %(subject)s", subject=letter.subject),
            "body_html": f"<!DOCTYPE html>\n{body}",
            "attachments": [
                (f"{letter._letter_file_name()}.pdf", letter._letter_pdf(), "application/pdf")
            ],
            "reply_to": delivery._reply_address() if letter.case_id else False,
        }

    def _delivery_done(self, delivery):
        """Note that the mail server took the letter, or a copy of it."""
        if not delivery.is_copy:
            return super()._delivery_done(delivery)
        for letter in self:
            letter.message_post(
                body=self.env._("A copy was sent to %(email)s.", email=delivery.email),
                subtype_xmlid="mail.mt_note",
            )
        return None

    def _delivery_failed(self, delivery):
        """Tell that the letter did not arrive; a copy is posted in place of its mail."""
        if not delivery.is_copy:
            return super()._delivery_failed(delivery)
        # Named in the letter: who sees it sees the name.
        partner_sudo = delivery.partner_id.sudo()
        reason = self.env._(
            "%(name)s (%(email)s: %(reason)s)",
            name=partner_sudo.name or "",
            email=delivery.email,
            reason=delivery.error or "",
        )
        return self._ask_for_copies(reason)


class ResPartner(models.Model):
    """By which way somebody gets the copy of a letter."""

    _name = "res.partner"
    _inherit = "res.partner"

    def _copies_by_way(self, letter):
        """Return who of these gets a copy by mail, and for whom one is printed.

        Left out are the addressee, who has the letter; who is to get it with a covering
        note; and the deceased.

        :param letter: the constituent.correspondence, or none before it is saved
        :return tuple: contacts
        """
        # Whether there is a note counts, whoever may open it.
        letter_sudo = letter.sudo()
        notes_sudo = letter_sudo.covered_by_ids.filtered(lambda note: note.state != "cancelled")
        told = letter_sudo.partner_id | notes_sudo.partner_id
        waiting = self.filtered(lambda one: one not in told and not one.deceased)
        by_email = waiting.filtered(lambda one: one._takes_copy_by_email())
        return by_email, waiting - by_email

    def _takes_copy_by_email(self):
        self.ensure_one()
        wants_paper = self.deceased or self.contact_preference in ("none", "letter")
        return bool(email_normalize(self.email)) and not wants_paper
