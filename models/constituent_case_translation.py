from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import email_normalize, email_normalize_all


class ConstituentCase(models.Model):
    """Whoever needs another language gets no answer in English that nobody explained."""

    _name = "constituent.case"
    _inherit = "constituent.case"

    translation_needed = fields.Boolean(
        compute="_compute_translation_needed",
        store=True,
        precompute=True,
        readonly=False,
        help="The constituent needs another language or an interpreter. From the contact; "
        "for a caller without one, tick it here.",
    )
    translation_waiver = fields.Char(
        string="Language Settled",
        copy=False,
        help="How the answer reaches them: translated by whom, explained with an interpreter, "
        "or why English will do.",
    )

    _translation_needed_idx = models.Index(
        "(id DESC) WHERE translation_needed IS TRUE AND status != 'closed'"
    )

    @api.depends("partner_id.language_needed")
    def _compute_translation_needed(self):
        for case in self:
            # Without a contact it is what somebody ticked.
            case.translation_needed = (
                bool(case.partner_id.language_needed)
                if case.partner_id
                else case.translation_needed
            )

    def write(self, vals):
        """Write; how the language was settled stays in the history."""
        before = {case.id: case.translation_waiver for case in self if "translation_waiver" in vals}
        result = super().write(vals)
        for case in self.filtered(lambda case: case.id in before):
            if case.translation_waiver != before[case.id]:
                case._log_event(
                    self.env._("Language settled: %(how)s", how=case.translation_waiver)
                    if case.translation_waiver
                    else self.env._("Language is not settled any more")
                )
        return result

    def message_post(self, *, partner_ids=None, outgoing_email_to=False, **kwargs):
        """Post, unless it would reach the constituent in a language they do not read.

        What comes in, and what the code sends in the reader's language, is not asked.

        :raises UserError: a translation is needed and nobody said how it is settled
        """
        if kwargs.get("message_type") == "comment" and not self.env.su:
            self._check_translation(partner_ids, outgoing_email_to)
        return super().message_post(
            partner_ids=partner_ids, outgoing_email_to=outgoing_email_to, **kwargs
        )

    def _check_translation(self, partner_ids, addresses):
        """Raise when a message to the constituent waits for its translation.

        :param list partner_ids: to whom it is addressed
        :param str addresses: further mail addresses
        :raises UserError: says what to do
        """
        self.ensure_one()
        if not self.translation_needed or (self.translation_waiver or "").strip():
            return
        # Whether it is the constituent does not depend on which contacts the author reads.
        partner_sudo = self.partner_id.sudo()
        named_sudo = self.env["res.partner"].sudo().browse(partner_ids or [])
        own = {email_normalize(self.partner_email or ""), partner_sudo.email_normalized} - {False}
        written = set(email_normalize_all(addresses)) if addresses else set()
        written |= set(named_sudo.mapped("email_normalized"))
        if partner_sudo not in named_sudo and not own & written:
            return
        raise UserError(
            self.env._(
                "%(case)s: the constituent needs %(language)s. Say in “Language Settled” on the "
                "case how this message reaches them (translated, explained with an interpreter, "
                "English will do), and send it again.",
                case=self.number,
                language=partner_sudo.language_needed or self.env._("another language"),
            )
        )
