from odoo import api, fields, models
from odoo.exceptions import ValidationError

# More numbers than these would push the text off the page; the letter's body names them.
NUMBERS_PRINTED = 6


class ConstituentCorrespondence(models.Model):
    """A letter that answers several cases of its addressee at once."""

    _name = "constituent.correspondence"
    _inherit = "constituent.correspondence"

    also_case_ids = fields.Many2many(
        "constituent.case",
        "constituent_correspondence_also_case_rel",
        "correspondence_id",
        "case_id",
        string="Also Answers",
        help="Further cases of the same constituent, or brought by the same group, that "
        "this letter answers.",
    )
    case_partner_id = fields.Many2one(
        "res.partner",
        string="Of the Case",
        compute="_compute_case_partner_id",
        compute_sudo=False,
    )
    # The relation may be read of no more, or be rewritten by who owns the database.
    answers_numbers = fields.Text(
        string="Cases Answered as Printed", readonly=True, copy=False, help="One a line."
    )

    @api.depends("case_id.partner_id")
    @api.depends_context("uid", "allowed_company_ids")
    def _compute_case_partner_id(self):
        for letter in self:
            letter.case_partner_id = letter._shown_case_sudo().partner_id.id

    @api.constrains("also_case_ids", "case_id", "partner_id", "company_id")
    def _check_also_cases(self):
        """Refuse cases that are somebody else's matter.

        :raises ValidationError: of another office, of another constituent, or restricted
            while the letter's own case is not
        """
        for letter in self:
            # That a case is somebody else's is said without naming whose.
            letter_sudo = letter.sudo()
            for case_sudo in letter_sudo.also_case_ids:
                if case_sudo.company_id != letter_sudo.company_id:
                    raise ValidationError(
                        self.env._("%(number)s is of another office.", number=case_sudo.number)
                    )
                letter_sudo._check_also_case(case_sudo)

    def _check_also_case(self, case):
        first = self.case_id
        people = case.partner_id | case.referrer_ids.partner_id
        same = first.partner_id and first.partner_id == case.partner_id
        if not same and self.partner_id not in people:
            raise ValidationError(
                self.env._(
                    "%(number)s is another constituent's case: one letter does not answer both.",
                    number=case.number,
                )
            )
        if case.confidentiality == "restricted" and first.confidentiality != "restricted":
            raise ValidationError(
                self.env._(
                    "%(number)s is restricted: it gets a letter of its own.", number=case.number
                )
            )

    def _answered_cases(self):
        """Return the cases the letter answers, with superuser rights.

        Who may write and send the letter was checked against each when it was named.
        """
        # As above: the steps of the letter write into all of them.
        letter_sudo = self.sudo()
        return letter_sudo.case_id | letter_sudo.also_case_ids.sorted("id")

    def _letter_numbers(self):
        """Return the numbers of the cases, as printed once the letter was sent."""
        self.ensure_one()
        if self.is_sealed and self.answers_numbers:
            return self.answers_numbers.split("\n")
        return [number for number in self._answered_cases().mapped("number") if number]

    def _letter_numbers_line(self):
        """Return the numbers of cases and letter for the reference line.

        Of many, the first ones: the text names them all.
        """
        numbers = self._letter_numbers()
        if not self.case_id:
            numbers = []
        elif len(numbers) > NUMBERS_PRINTED:
            more = self.env._("and %(count)s more", count=len(numbers) - NUMBERS_PRINTED)
            numbers = [*numbers[:NUMBERS_PRINTED], more]
        return " / ".join(filter(None, (", ".join(numbers), self.reference)))

    def _letter_snapshot(self, values):
        """Keep the numbers beside the page as printed."""
        return {
            **super()._letter_snapshot(values),
            "answers_numbers": "\n".join(self._answered_cases().mapped("number")) or False,
        }
