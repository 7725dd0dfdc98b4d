from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL, format_date

from ..tools.letter_number import read_numbers
from ..tools.verification import draw_code, read_code

CHECK_PATH = "/letter/check"
# Two letters of ten places are never the same by chance; a fault must not go on for ever.
DRAWS = 5


class ConstituentCorrespondence(models.Model):
    """The code by which anybody can ask whether the office wrote a letter."""

    _name = "constituent.correspondence"
    _inherit = "constituent.correspondence"

    verification_code = fields.Char(
        readonly=True,
        copy=False,
        help="Printed at the letter's foot. Whoever has the letter can ask the public page "
        "whether it is ours.",
    )
    verification_search = fields.Char(
        string="Verification Code or Reference",
        compute="_compute_verification_search",
        search="_search_verification_search",
        help="Only to search by: the code or the number, as it was read out or typed.",
    )

    _verification_code_uniq = models.UniqueIndex(
        "(verification_code) WHERE verification_code IS NOT NULL",
        "Another letter has this verification code.",
    )

    def _compute_verification_search(self):
        self.verification_search = False

    @api.model
    def _search_verification_search(self, operator, value):
        if operator != "in":
            return NotImplemented
        texts = [text for text in value if isinstance(text, str)]
        codes = [code for code in map(read_code, texts) if code]
        numbers = [number for text in texts for number in read_numbers(text)]
        return Domain("verification_code", "in", codes) | Domain("reference", "in", numbers)

    @api.model
    def _search_display_name(self, operator, value):
        """Find a letter by its code as well, however that is written."""
        domain = super()._search_display_name(operator, value)
        code = read_code(value) if isinstance(value, str) else ""
        if code and operator in ("ilike", "=ilike", "like", "=like", "="):
            domain |= Domain("verification_code", "=", code)
        return domain

    def _send_one(self):
        """Send, with a code that is on the page and sealed with it."""
        self._advance(self.state, verification_code=self._draw_verification_code())
        return super()._send_one()

    @api.model
    def _draw_verification_code(self):
        """Return a code no letter has, of whichever office."""
        for _attempt in range(DRAWS):
            code = draw_code()
            # Whether it is taken, of all letters; what has it is not looked at.
            if not self.sudo().search_count([("verification_code", "=", code)], limit=1):
                return code
        raise RuntimeError("no free verification code found")

    def _letter_values(self, approved=None):
        """Add the line at the foot of the first page."""
        values = super()._letter_values(approved)
        letter = self.with_context(lang=values["lang"])
        return {**values, "verification": letter._verification_line()}

    def _verification_line(self):
        """Return the line with the code, and where to ask, once there is a code."""
        if not self.verification_code:
            return ""
        base = self.get_base_url()
        if not base.startswith("https://"):
            # Of a server nobody outside can ask, or not in private.
            return self.env._(
                "Letter %(reference)s · Verification code %(code)s",
                reference=self.reference,
                code=self.verification_code,
            )
        return self.env._(
            "Letter %(reference)s · Is it ours? Enter the code %(code)s at %(address)s",
            reference=self.reference,
            code=self.verification_code,
            address=base.removeprefix("https://") + CHECK_PATH,
        )

    @api.model
    def _find_by_code(self, text):
        """Return what anybody may know of the letter with a code, None when there is none.

        Nothing of who it is to, and of what, is read. One query whatever the answer, as
        how long it takes should not tell more than the answer.

        :param str text: as somebody typed it
        :return dict | None: reference, date (as text), company_id, is_replaced
        """
        rows = self.env.execute_query(
            SQL(
                """
                SELECT letter.reference, letter.letter_date, letter.company_id,
                       EXISTS (SELECT FROM constituent_correspondence AS later
                               WHERE later.corrects_id = letter.id AND later.state IN %s)
                  FROM constituent_correspondence AS letter
                 WHERE letter.verification_code = %s AND letter.state IN %s
                """,
                self._seal_values,
                read_code(text) or "-",
                self._seal_values,
            )
        )
        if not rows:
            return None
        reference, date, company_id, is_replaced = rows[0]
        return {
            "reference": reference,
            "date": format_date(self.env, date, date_format="long"),
            "company_id": company_id,
            "is_replaced": is_replaced,
        }
