from odoo import fields, models

ENGLISH = "en"


class ConstituentCorrespondence(models.Model):
    """A letter in English to somebody who needs another language says why, or stays."""

    _name = "constituent.correspondence"
    _inherit = "constituent.correspondence"

    translation_waiver = fields.Char(
        string="English Explained By",
        copy=False,
        help="The addressee needs another language: who explains the letter to them, or why "
        "English will do. Stays in the history of the case.",
    )
    is_translation_needed = fields.Boolean(compute="_compute_is_translation_needed")

    def _compute_is_translation_needed(self):
        for letter in self:
            letter.is_translation_needed = letter._is_translation_needed()

    def _is_translation_needed(self):
        """Return whether the letter is in English and its addressee needs another language."""
        # Its addressee counts, whichever contacts the user may open.
        partner_sudo = self.partner_id.sudo()
        if self.direction != "out" or not partner_sudo:
            return False
        if not (self.lang or ENGLISH).startswith(ENGLISH):
            return False
        # Whether the case says so counts for whoever may write the letter.
        case_sudo = self.case_id.sudo()
        return bool(
            partner_sudo.language_needed
            or (case_sudo.translation_needed and case_sudo.partner_id == partner_sudo)
        )

    def _letter_obstacle(self):
        """Return why a letter cannot be sent; without its translation it cannot."""
        obstacle = super()._letter_obstacle()
        if obstacle or not self._is_translation_needed() or self._waiver():
            return obstacle
        # What they need is said to whoever sends the letter.
        partner_sudo = self.partner_id.sudo()
        return self.env._(
            "the addressee needs %(language)s, and the letter is in English. Have it translated "
            "and choose its language, or say in “English Explained By” how they get to "
            "understand it.",
            language=partner_sudo.language_needed or self.env._("another language"),
        )

    def _waiver(self):
        """Return how the language was settled, for this letter or for its whole case."""
        # The case may be out of sight of who signs the letter.
        case_sudo = self.case_id.sudo()
        return (self.translation_waiver or case_sudo.translation_waiver or "").strip()

    def _send_one(self):
        """Send, and keep why it went in English."""
        waiver = self._is_translation_needed() and self._waiver()
        result = super()._send_one()
        if waiver and self.case_id:
            self.case_id._log_event(
                self.env._(
                    "%(letter)s went in English: %(how)s",
                    letter=self.reference,
                    how=waiver,
                ),
                correspondence_id=self.id,
            )
        return result
