from markupsafe import Markup

from odoo import fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import format_date

from ..tools.letter import render_pdf
from ..tools.print_file import PrintFile

TEMPLATE = "constituent_services.correspondence_register"
# A day on which a batch of 5,000 went out: 40 seconds, within what a request may take.
MAX_ROWS = 6_000
# WeasyPrint holds a whole document: a longer register is made in pieces.
PIECE = 2000


class ConstituentRegisterWizard(models.TransientModel):
    """Print a register of letters: of a period, or of the letters chosen."""

    _name = "constituent.register.wizard"
    _inherit = ["constituent.wizard.mixin"]
    _description = "Print a Register"

    direction = fields.Selection(
        [("in", "Incoming"), ("out", "Outgoing")],
        required=True,
        default="in",
        string="Which Register",
    )
    date_from = fields.Date(
        string="From",
        required=True,
        default=lambda self: fields.Date.context_today(self).replace(day=1),
    )
    date_to = fields.Date(
        string="To", required=True, default=lambda self: fields.Date.context_today(self)
    )
    letter_ids = fields.Many2many(
        "constituent.correspondence",
        "constituent_register_wizard_letter_rel",
        "wizard_id",
        "letter_id",
        string="Letters",
    )
    company_id = fields.Many2one(
        "res.company", string="Office", required=True, default=lambda self: self.env.company
    )

    def action_print(self):
        """Download the register.

        :return dict: the action of the report
        :raises UserError: no letters, or too many
        :raises ValidationError: a period that ends before it begins
        """
        self.ensure_one()
        if self.date_to < self.date_from:
            raise ValidationError(self.env._("The period ends before it begins."))
        # Said in the window, not in the place of a PDF.
        self._letters()
        return self.env.ref("constituent_services.correspondence_report_register").report_action(
            self
        )

    def _date_field(self):
        return "received_on" if self.direction == "in" else "letter_date"

    def _letters(self):
        """Return the letters to print, in their order; those the user may see.

        :raises UserError: none, or too many
        """
        self.ensure_one()
        letters = self.env["constituent.correspondence"]
        date = self._date_field()
        registered = (
            ("state", "=", "received") if self.direction == "in" else ("sent_at", "!=", False)
        )
        chosen = (
            [("id", "in", self.letter_ids.ids)]
            if self.letter_ids
            else [(date, ">=", self.date_from), (date, "<=", self.date_to)]
        )
        found = letters.search(
            [registered, ("company_id", "=", self.company_id.id), *chosen],
            order=f"{date}, reference",
            limit=MAX_ROWS + 1,
        )
        if not found:
            raise UserError(self.env._("There are no letters in this period."))
        if len(found) > MAX_ROWS:
            raise UserError(
                self.env._("More than %(count)s letters: print a shorter period.", count=MAX_ROWS)
            )
        return found

    def _print_pdf(self):
        """Return the register as PDF.

        :return bytes: tagged PDF/UA-1; a very long one, in pieces, is for paper: without tags,
            and each piece counts its own pages
        :raises UserError: no letters, or too many
        """
        self.ensure_one()
        values = self._print_values()
        rows = values["rows"]
        if len(rows) <= PIECE:
            return self._render(values)
        print_file = PrintFile()
        for start in range(0, len(rows), PIECE):
            piece = rows[start : start + PIECE]
            print_file.add(
                self._render(
                    {
                        **values,
                        "rows": piece,
                        "count": self.env._(
                            "Letters %(first)s to %(last)s of %(count)s",
                            first=start + 1,
                            last=start + len(piece),
                            count=len(rows),
                        ),
                    }
                )
            )
        return print_file.content()

    def _render(self, values):
        views = self.env["ir.ui.view"].with_context(inherit_branding=False)
        page = views._render_template(TEMPLATE, {"docs": self, "sheets": [values]})
        return render_pdf(page, values["paper"], style="register")

    def _print_values(self):
        """Return all that is printed.

        :return dict: texts, ready to print; `page_label` is markup
        :raises UserError: no letters, or too many
        """
        self.check_access("read")
        letters = self._letters()
        # The office's name is on every letter.
        company_sudo = self.company_id.sudo()
        incoming = self.direction == "in"
        if self.letter_ids:
            dates = letters.mapped(self._date_field())
            first, last = min(dates), max(dates)
        else:
            first, last = self.date_from, self.date_to
        return {
            "lang": (self.env.lang or "en_US").replace("_", "-").split("@")[0],
            "paper": company_sudo.constituent_letter_paper or "letter",
            "office": ", ".join(
                filter(None, (company_sudo.name, company_sudo.constituent_office_name))
            ),
            "title": self.env._("Register of Incoming Letters")
            if incoming
            else self.env._("Register of Outgoing Letters"),
            "who": self.env._("From") if incoming else self.env._("To"),
            "period": f"{self._day(first)} – {self._day(last)}",
            "count": self.env._("Letters: %(count)s", count=len(letters)),
            "rows": self._rows(letters),
            "page_label": self.env._(
                "Page %(page)s of %(pages)s",
                page=Markup('<span class="page-number"></span>'),
                pages=Markup('<span class="page-count"></span>'),
            ),
        }

    def _rows(self, letters):
        """Return what is printed of each letter: as it stood on the paper."""
        media = dict(letters._fields["medium"]._description_selection(self.env))
        # A number says nothing of the case: who sees the letter sees it on the letter.
        numbers = {letter.id: letter.case_id.number for letter in letters.sudo()}
        return [
            {
                "number": letter.reference,
                "date": self._day(letter[self._date_field()]),
                "who": letter.printed_name or "",
                "address": ", ".join((letter.printed_address or "").split("\n")).strip(", ")
                if self.direction == "in"
                else self._sent_to(letter),
                "subject": letter.subject,
                "case": numbers[letter.id] or "",
                "medium": media[letter.medium],
            }
            for letter in letters
        ]

    def _sent_to(self, letter):
        """Return where a letter went, without the name, which stands before it."""
        if letter.printed_email:
            return letter.printed_email
        lines = (letter.printed_address or "").split("\n")
        return ", ".join(lines[1:] if lines[0] == letter.printed_name else lines)

    def _day(self, date):
        return format_date(self.env, date, date_format="medium") if date else ""
