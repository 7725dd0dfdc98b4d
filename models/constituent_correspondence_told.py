from odoo import api, fields, models

# Of templates whose letters say that the answer will come, or cannot come yet.
NO_ANSWER = ("acknowledgement", "holding", "unable_to_reach")


class ConstituentCorrespondence(models.Model):
    """Who is told by notices that a letter was sent: see constituent.notice.

    A letter on the portal tells its addressee where to read it. Who brought the case is
    told once that it was answered.
    """

    _name = "constituent.correspondence"
    _inherit = "constituent.correspondence"

    portal_note = fields.Char(
        compute="_compute_portal_note",
        compute_sudo=False,
        help="How the addressee hears of a letter that only lies on the portal.",
    )

    @api.depends("medium", "partner_id", "case_id", "state")
    @api.depends_context("uid", "allowed_company_ids")
    def _compute_portal_note(self):
        for letter in self:
            letter.portal_note = letter._portal_sentence()

    def _portal_sentence(self):
        """Return how the addressee hears of a letter on the portal, or False.

        A form may name any case: nothing is said of one that the user may not read.
        """
        partner = self.partner_id._origin
        case = self.case_id._origin._filtered_access("read")
        if self.medium != "portal" or self.is_sealed or not partner or not case:
            return False
        # Who writes on the case may hear how its people are told of a letter.
        if self._letter_portal_obstacle(partner.sudo()):
            # Said when it is submitted, like all that is missing.
            return False
        if self._portal_reader(case.sudo(), partner.sudo()):
            return self.env._("An email tells the addressee that the letter is on their page.")
        return self.env._(
            "No email tells the addressee that the letter is there: they find it when they log "
            "in. Send it by post if it must reach them."
        )

    # How who it is addressed to hears of it

    def _is_told_of_page(self, case, partner):
        """Return whether the addressee has a login, or is told by mail of the letter."""
        return bool(partner.user_ids) or bool(self._portal_reader(case, partner))

    def _portal_reader(self, case, partner):
        """Return the address to which a notice of a letter on the portal goes.

        :param case: whose page it lies on, with superuser rights
        :param partner: the addressee, with superuser rights
        :return str: empty where no mail would tell them
        """
        if partner.contact_preference == "none" or partner.deceased:
            return ""
        if case.intake_mode != "live":
            return ""
        audience = "constituent" if partner == case.partner_id else "referrer"
        notices = self.env["constituent.notice"]._notices_for("letter_portal", case.company_id.id)
        if audience not in dict(notices):
            return ""
        # Who stopped the notices gets none, whoever may read the subscriptions.
        known = self.env["constituent.case.subscription"].sudo()._by_case(case)[case.id]
        blocked = self.env["constituent.blocked.sender"].sudo()
        for reader in case._notice_readers(audience, known):
            stopped = reader.email in known and not known[reader.email].active
            if reader.partner_id != partner.id or stopped:
                continue
            if not blocked._entry(reader.email, case.company_id.id):
                return reader.email
        return ""

    # Telling

    def _tell_of_letter(self):
        """Queue the notices of a letter that was sent."""
        self.ensure_one()
        if self.medium == "portal":
            self.case_id.sudo()._notify_event("letter_portal", fits=self._is_addressee)
        told_sudo = self._answered_cases().filtered(self._is_to_constituent)
        if told_sudo:
            told_sudo._notify_event("letter_sent", fits=self._is_told_sent)

    def _is_to_constituent(self, case):
        """Return whether the letter goes to whose case it is: others are told of no other.

        :param case: with superuser rights
        """
        # Their contact may be closed to who sends the letter.
        addressee_sudo = self.partner_id.sudo()
        if addressee_sudo == case.partner_id:
            return True
        if self.covers_id or addressee_sudo in case.referrer_ids.partner_id:
            return False
        # A confidential case has no contact: whoever it is addressed to, nobody brought it.
        whose = case.partner_id.commercial_partner_id
        return not whose or addressee_sudo.commercial_partner_id == whose

    def _is_addressee(self, _case, reader):
        return reader.partner_id == self.partner_id.id

    def _is_told_sent(self, case, reader):
        """Return whether a reader of a case is told that the letter was sent.

        :param case: one of those it answers
        :param reader: a Reader of the case
        """
        if reader.audience != "referrer":
            # Of a letter on the portal its addressee was told just now.
            return self.medium != "portal" or not self._is_addressee(case, reader)
        if not self._is_answer() or self._is_addressee(case, reader):
            return False
        # The note brings them the answer itself.
        notes_sudo = self.sudo().covered_by_ids.filtered(lambda note: note.state != "cancelled")
        return reader.partner_id not in notes_sudo.partner_id.ids

    def _is_answer(self):
        """Return whether a letter answers its case for the first time.

        One that replaces another says again what was answered then.
        """
        # Whichever templates and letters the sender may open.
        letter_sudo = self.sudo()
        if letter_sudo.covers_id or letter_sudo.corrects_id:
            return False
        return letter_sudo.template_id.occasion not in NO_ANSWER
