from odoo import models
from odoo.tools import format_date

from ..tools.address_fit import FACE, LABEL, address_size
from ..tools.letter import render_pdf
from ..tools.postal import label_sheets, zip_code
from ..tools.print_file import PrintFile

ENVELOPES = "constituent_services.post_run_envelopes"
LABEL_SHEETS = "constituent_services.post_run_labels"
LIST = "constituent_services.post_run_list"
ENVELOPE = "constituent_services.correspondence_envelope"
# WeasyPrint holds a whole document: thousands of envelopes are made in pieces.
PIECE = 200


class ConstituentPostRun(models.Model):
    """Envelopes, labels and the posting list of a run; addresses are those printed."""

    _name = "constituent.post.run"
    _inherit = "constituent.post.run"

    def _shown_letters(self):
        """Return the letters of the run the user may read, in its order."""
        self.check_access("read")
        letters = self.env["constituent.correspondence"]
        return letters.search([("post_run_id", "=", self.id)], order="post_order, id")

    def _sheet_values(self, title):
        lang = self.env.lang or "en_US"
        # The office's name and paper are printed for whoever may read the run.
        company_sudo = self.company_id.sudo()
        return {
            "lang": lang.replace("_", "-").split("@")[0],
            "paper": company_sudo.constituent_letter_paper or "letter",
            "title": title,
            "office": company_sudo.name,
        }

    def _render_sheet(self, report, values, style):
        views = self.env["ir.ui.view"].with_context(inherit_branding=False)
        page = views._render_template(report, {"docs": self, "sheets": [values]})
        return render_pdf(page, values["paper"], style=style)

    # Posting list

    def _list_pdf(self):
        """Return the posting list.

        :return bytes: tagged PDF/UA-1; a very long one, in pieces, is for paper: without tags,
            and each piece counts its own pages
        """
        self.ensure_one()
        values = self._list_values()
        # What is left out stands at the end.
        last = values.pop("left_out")

        def _piece(rows):
            ends = rows[-1:] == values["rows"][-1:]
            return {**values, "rows": rows, "left_out": last if ends else []}

        return self._in_pieces(values["rows"], _piece, LIST, "posting")

    def _list_values(self):
        """Return what the posting list says of each letter: number, name, ZIP, office.

        :return dict: texts, ready to print
        """
        self.ensure_one()
        letters = self._shown_letters()
        # The department is the office a letter comes from, whoever may open it.
        offices = {
            letter.id: letter.department_id.name or letter.company_id.name
            for letter in letters.sudo()
        }
        rows = [
            (
                letter.post_order,
                letter.reference,
                letter.printed_name,
                zip_code(letter.printed_address),
                offices[letter.id],
            )
            for letter in letters
        ]
        return {
            **self._sheet_values(self.env._("Posting List %(run)s", run=self.name)),
            "day": format_date(self.env, self.day, date_format="long"),
            "rows": rows,
            "count": len(rows),
            "pages": self.page_count,
            "left_out": (self.left_out or "").split("\n") if self.left_out else [],
        }

    # Envelopes

    def _envelopes_pdf(self):
        """Return the envelopes, in the order of the letters.

        :return bytes: a PDF with a page for each letter
        """
        self.ensure_one()
        envelopes = self._shown_letters()._envelope_values()
        return self._in_pieces(envelopes, self._envelopes_values, ENVELOPES, "envelope")

    def _envelopes_values(self, envelopes=None):
        """Return what stands on envelopes.

        :param list envelopes: as ``_envelope_values`` gives them; all of the run if not given
        :return dict: texts, ready to print
        """
        self.ensure_one()
        if envelopes is None:
            envelopes = self._shown_letters()._envelope_values()
        title = self.env._("Envelopes %(run)s", run=self.name)
        return {**self._sheet_values(title), "envelopes": envelopes}

    def _in_pieces(self, things, make_values, report, style):
        if len(things) <= PIECE:
            return self._render_sheet(report, make_values(things), style)
        print_file = PrintFile()
        for start in range(0, len(things), PIECE):
            values = make_values(things[start : start + PIECE])
            print_file.add(self._render_sheet(report, values, style))
        return print_file.content()

    # Labels

    def _labels_pdf(self):
        """Return sheets of Avery 5160 labels, from the run's first free label on.

        :return bytes: a PDF
        """
        self.ensure_one()
        sheets = self._label_sheets()
        return self._in_pieces(sheets, self._labels_values, LABEL_SHEETS, "labels")

    def _label_sheets(self):
        letters = self._shown_letters()
        sheets = label_sheets(letters.mapped("printed_address"), self.label_start)
        return [[(label, address_size(label.lines, LABEL)) for label in sheet] for sheet in sheets]

    def _labels_values(self, sheets=None):
        """Return what stands on labels, and where.

        :param list sheets: of (Label, its size) lists; all of the run if not given
        :return dict: texts, ready to print
        """
        self.ensure_one()
        if sheets is None:
            sheets = self._label_sheets()
        title = self.env._("Labels %(run)s", run=self.name)
        return {**self._sheet_values(title), "sheets": sheets}


class ConstituentCorrespondence(models.Model):
    """The envelope of a letter."""

    _name = "constituent.correspondence"
    _inherit = "constituent.correspondence"

    def _envelope_values(self):
        """Return what stands on each letter's envelope: as printed, once it was sent.

        :return list[dict]: sender, address (lists of lines), notation and size
        """
        self.check_access("read")
        senders = {}
        return [letter._one_envelope(senders) for letter in self]

    def _one_envelope(self, senders):
        # Who sends it is printed for whoever may read the letter.
        letter_sudo = self.sudo()
        key = letter_sudo.company_id, letter_sudo.department_id
        if key not in senders:
            company, department = key
            place = department.letterhead_address or "\n".join(company.partner_id._letter_place())
            office = department if department != company.constituent_department_id else None
            name = (office and office.name) or company.constituent_office_name
            lines = [company.name, name, *place.split("\n")]
            senders[key] = list(dict.fromkeys(line.strip() for line in lines if line))
        if self.is_sealed:
            address = (self.printed_address or "").split("\n")
        else:
            address = letter_sudo._letter_addressee_values()["address"]
        return {
            "sender": senders[key],
            "address": address,
            "notation": self.delivery_notation or "",
            "size": address_size(address, FACE),
        }

    def _envelope_pdf(self):
        """Return the letter's #10 envelope.

        :return bytes: a PDF of one page
        """
        self.ensure_one()
        values = self._envelope_sheet()
        views = self.env["ir.ui.view"].with_context(inherit_branding=False)
        page = views._render_template(ENVELOPE, {"docs": self, "sheets": [values]})
        return render_pdf(page, values["paper"], style="envelope")

    def _envelope_sheet(self):
        """Return all that is printed on the letter's envelope.

        :return dict: texts, ready to print
        """
        lang = self.env.lang or "en_US"
        return {
            "lang": lang.replace("_", "-").split("@")[0],
            "paper": "letter",
            "title": self.env._("Envelope %(letter)s", letter=self.reference or self.id),
            "envelopes": self._envelope_values(),
        }
