from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from .constituent_correspondence import OPEN_STATES

# As many as somebody reads while writing.
SHOWN = 20


class ConstituentCorrespondence(models.Model):
    """What is in view while writing: what was written earlier, what is still unanswered."""

    _name = "constituent.correspondence"
    _inherit = "constituent.correspondence"

    earlier_ids = fields.Many2many(
        "constituent.correspondence",
        compute="_compute_earlier_ids",
        compute_sudo=False,
        string="Written Earlier",
        help="Letters sent to this person and on this case.",
    )
    unanswered_case_ids = fields.Many2many(
        "constituent.case",
        compute="_compute_unanswered_case_ids",
        compute_sudo=False,
        string="Still Unanswered",
        help="Open cases of this person without a letter.",
    )
    unanswered_count = fields.Integer(
        compute="_compute_unanswered_case_ids", compute_sudo=False, string="Without a Letter"
    )
    prepared_id = fields.Many2one(
        "constituent.correspondence",
        compute="_compute_prepared_id",
        compute_sudo=False,
        string="In Preparation",
    )
    prepared_note = fields.Char(compute="_compute_prepared_id", compute_sudo=False)

    @api.depends("partner_id", "case_id")
    @api.depends_context("uid", "allowed_company_ids")
    def _compute_earlier_ids(self):
        for letter in self:
            letter.earlier_ids = letter._earlier()

    def _earlier(self):
        """Return sealed letters to the same person or on the same case, the latest first.

        Three searches: each has an index, one with "or" would have none.
        """
        partner, case = self.partner_id._origin.id, self.case_id._origin.id
        domains = [[("partner_id", "=", partner)]] if partner else []
        if case:
            domains += [[("case_id", "=", case)], [("also_case_ids", "in", [case])]]
        found = self.browse()
        sealed = [("state", "in", self._seal_values), ("id", "!=", self._origin.id)]
        for domain in domains:
            found |= self.search([*domain, *sealed], limit=SHOWN, order="id desc")
        return found.sorted("sent_at", reverse=True)[:SHOWN]

    @api.depends("partner_id", "case_id", "also_case_ids", "company_id")
    @api.depends_context("uid", "allowed_company_ids")
    def _compute_unanswered_case_ids(self):
        for letter in self:
            letter.unanswered_case_ids = letter._unanswered()
            letter.unanswered_count = len(letter.unanswered_case_ids)

    @api.depends("case_id", "covers_id", "state")
    @api.depends_context("uid", "allowed_company_ids")
    def _compute_prepared_id(self):
        """Say while a letter is written that its case has another one on its way."""
        for letter in self:
            other, note = self.browse(), False
            if letter.direction == "out" and letter.not_sent_yet and not letter.covers_id:
                other, note = letter.case_id._origin._letter_in_preparation(letter._origin)
            letter.prepared_id, letter.prepared_note = other, note

    def _unanswered(self):
        """Return open cases of the addressee that no letter answers yet."""
        cases = self.env["constituent.case"]
        partner = self.partner_id._origin
        if not partner or not self.company_id:
            return cases
        here = (self.case_id | self.also_case_ids)._origin
        theirs = [("partner_id", "=", partner.id), ("company_id", "=", self.company_id.id)]
        open_cases = cases.search(
            [*theirs, ("status", "!=", "closed"), ("id", "not in", here.ids)],
            limit=5 * SHOWN,
            order="id desc",
        )
        if not open_cases:
            return cases
        # Whether there is a letter counts, not whether the reader may open it.
        letters_sudo = self.sudo()
        live = [("direction", "=", "out"), ("state", "!=", "cancelled")]
        first = letters_sudo.search([("case_id", "in", open_cases.ids), *live]).case_id
        also = letters_sudo.search([("also_case_ids", "in", open_cases.ids), *live]).also_case_ids
        return (open_cases - cases.browse((first | also).ids))[:SHOWN]


class ConstituentCase(models.Model):
    """An unanswered case that joins a letter, and one that has a letter on its way."""

    _name = "constituent.case"
    _inherit = "constituent.case"

    def _letter_in_preparation(self, but=None):
        """Return the newest letter that is to answer the case and was not sent yet.

        A covering note is no answer. Two searches, as in `_earlier`.

        :param but: the letter that is being written
        :return tuple: the letter, of those the user may see, and in words how far it is; or
            no letter and False
        """
        letters = found = self.env["constituent.correspondence"]
        if not self:
            return letters, False
        live = Domain("direction", "=", "out") & Domain("state", "in", OPEN_STATES)
        live &= Domain("covers_id", "=", False)
        for field in ("case_id", "also_case_ids"):
            found |= letters.search(
                live & Domain(field, "in", self.ids), limit=SHOWN, order="id desc"
            )
        found = (found - but if but else found).sorted("id", reverse=True)
        if not found:
            return letters, False
        # Who wrote it is told to who may read it, whichever users they may open.
        writer_sudo = found[0].create_uid.sudo()
        states = dict(letters._fields["state"]._description_selection(self.env))
        note = [states[found[0].state], writer_sudo.name]
        if len(found) > 1:
            note.append(self.env._("and %(count)s more", count=len(found) - 1))
        return found[0], ", ".join(note)

    def action_answer_in_letter(self):
        """Let the letter that the button stands in answer these cases, too.

        :raises UserError: not pressed in a letter
        """
        letter_id = self.env.context.get("constituent_letter_id")
        if not isinstance(letter_id, int) or not letter_id:
            raise UserError(self.env._("Save the letter first."))
        letter = self.env["constituent.correspondence"].browse(letter_id)
        letter.write({"also_case_ids": [fields.Command.link(case_id) for case_id in self.ids]})
