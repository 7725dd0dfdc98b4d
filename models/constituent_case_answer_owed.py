from odoo import fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain


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
        since = {case: case.answer_owed_since for case in answered}
        if answered:
            answered._settle_answer(self.env._("%(letter)s was sent.", letter=letter.reference))
        for case, moment in since.items():
            other = case._came_back_unanswered(moment)
            if other:
                case._owe_answer(other)

    def _came_back_unanswered(self, since):
        """Return a letter that came back and whose addressee was not written to again.

        :param datetime since: when the answer that was settled just now was owed; what came
            back before was settled before
        :return: a constituent.correspondence with superuser rights, or none
        """
        # What is owed does not depend on who sent the last letter.
        letters_sudo = self.env["constituent.correspondence"].sudo()
        of_case = Domain("case_id", "=", self.id) | Domain("also_case_ids", "in", self.ids)
        came_back_sudo = letters_sudo.search(
            of_case & Domain("state", "=", "returned_mail") & Domain("returned_at", ">=", since),
            order="returned_at, id",
        )
        for letter_sudo in came_back_sudo:
            again = Domain("partner_id", "=", letter_sudo.partner_id.id)
            again &= Domain("state", "in", ("sending", "sent"))
            again &= Domain("sent_at", ">=", letter_sudo.returned_at)
            if not letters_sudo.search_count(of_case & again, limit=1):
                return letter_sudo
        return letters_sudo.browse()

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
