from odoo import fields, models
from odoo.exceptions import UserError


class ConstituentCase(models.Model):
    """An answer came back: the case is owed another one until somebody has seen to it."""

    _name = "constituent.case"
    _inherit = "constituent.case"

    answer_owed = fields.Boolean(
        readonly=True,
        copy=False,
        help="A letter about this case came back. Cleared when another letter goes to its "
        "addressee, or by hand with a reason.",
    )
    answer_owed_since = fields.Datetime(readonly=True, copy=False)
    answer_owed_letter_id = fields.Many2one(
        "constituent.correspondence",
        string="Letter That Came Back",
        readonly=True,
        copy=False,
        ondelete="restrict",
        index="btree_not_null",
    )

    _answer_owed_idx = models.Index("(answer_owed_since, id) WHERE answer_owed IS TRUE")

    def _owe_answer(self, letter):
        """Note that a letter of these cases came back.

        :param letter: the constituent.correspondence
        """
        cases = self.filtered(lambda case: not case.answer_owed)
        if not cases:
            return
        cases._write_kept(
            {
                "answer_owed": True,
                "answer_owed_since": fields.Datetime.now(),
                "answer_owed_letter_id": letter.id,
            }
        )
        cases._log_event(
            self.env._("%(letter)s came back: an answer is owed.", letter=letter.reference),
            kind="answer_owed",
            correspondence_id=letter.id,
        )

    def _answer_sent(self, letter):
        """Clear what is owed to the addressee of a letter that was sent.

        :param letter: the constituent.correspondence that left
        """
        answered = self.filtered(
            lambda case: (
                case.answer_owed
                and case.answer_owed_letter_id != letter
                and case.answer_owed_letter_id.partner_id == letter.partner_id
            )
        )
        if answered:
            answered._settle_answer(self.env._("%(letter)s was sent.", letter=letter.reference))

    def _settle_answer(self, reason):
        """Note that no answer is owed any more.

        :param str reason: why, kept in the history
        :raises UserError: no reason, or none is owed
        """
        reason = (reason or "").strip()
        if not reason:
            raise UserError(self.env._("Say why no answer is owed any more."))
        for case in self:
            if not case.answer_owed:
                raise UserError(
                    self.env._("%(number)s: no answer is owed.", number=case.display_name)
                )
        self._write_kept(
            {"answer_owed": False, "answer_owed_since": False, "answer_owed_letter_id": False}
        )
        self._log_event(reason, kind="answer_settled")

    def action_open_returned_letter(self):
        """Open the letter that came back.

        :return dict: a window action
        :raises UserError: none did
        """
        self.ensure_one()
        if not self.answer_owed_letter_id:
            raise UserError(self.env._("%(number)s: no answer is owed.", number=self.display_name))
        return self.answer_owed_letter_id.action_open()
