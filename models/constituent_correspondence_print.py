import base64
import re

from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date

from ..tools import letter as letter_tool
from ..tools.address_fit import address_size
from ..tools.letter_body import clean_body
from ..tools.letter_pictures import only_own_pictures
from ..tools.text import one_line
from .constituent_correspondence import BY_EMAIL

REPORT = "constituent_services.correspondence_letter"


class ConstituentCorrespondence(models.Model):
    """The page of a letter: what is on it, and the PDF."""

    _name = "constituent.correspondence"
    _inherit = "constituent.correspondence"

    def _letter_pdf(self):
        """Return the PDF: as sent once it was, rendered from the text until then.

        :return bytes: tagged PDF/UA-1
        :raises UserError: the stored PDF is not the one that was sent
        """
        self.ensure_one()
        if not self.document_id:
            return self._letter_render(self._letter_values())
        # Who may read the letter may read its document.
        content = self.document_id.sudo().raw
        if letter_tool.sha256(content) != self.document_sha256:
            raise UserError(
                self.env._(
                    "%(letter)s: the stored PDF is missing or damaged, it is not the one "
                    "that was sent. Ask the administrator to restore it from a backup.",
                    letter=self.display_name,
                )
            )
        return content

    def _letter_render(self, values):
        """Return a page rendered from what is to stand on it.

        :param dict values: as ``_letter_values`` gives them
        :return bytes: the PDF
        """
        views = self.env["ir.ui.view"].with_context(lang=values["lang"], inherit_branding=False)
        page = views._render_template(REPORT, {"docs": self, "letters": [values]})
        return letter_tool.render_pdf(page, values["paper"], self._letter_image)

    def _letter_file_name(self):
        """Return the document's name without its extension: the reference, once drawn."""
        self.ensure_one()
        return self.reference or self.env._("Draft %(number)s", number=self.id)

    def _letter_image(self, address):
        """Return a picture in the letter's text, when it is the letter's to show.

        :param str address: of this database, without host
        :return bytes: empty when it is not there, not this letter's, or not the user's
            who prints to read
        """
        number = letter_tool.picture_number(address)
        if not number:
            return b""
        attachment = self.env["ir.attachment"].browse(number).exists()
        if not attachment or not attachment.has_access("read"):
            return b""
        return attachment.raw if self._letter_owns(attachment) else b""

    def _letter_owns(self, attachment):
        """Return whether a picture is of this letter, its case or its office.

        Who prints may read more than who wrote the text: an address in it shows nothing
        else of what the reader has access to.
        """
        self.ensure_one()
        holder = (attachment.res_model, attachment.res_id)
        if holder == (self._name, 0):
            # Put into the text before the letter was saved for the first time.
            return attachment.create_uid == self.create_uid
        return bool(attachment.res_id) and holder in (
            (self._name, self.id),
            (self.case_id._name, self.case_id.id),
            (self.company_id._name, self.company_id.id),
            (self.company_id.partner_id._name, self.company_id.partner_id.id),
        )

    # What stands on it

    def _letter_values(self, approved=None):
        """Return all that is printed, in the letter's language.

        Sealing keeps these values, so nothing on the page comes from elsewhere.

        :param bool approved: whether it is what was approved, where that was just looked at
        :return dict: texts, ready to print; `body` and `page_label` are markup
        """
        return self._page_values(self._is_approved() if approved is None else approved)

    def _page_values(self, approved):
        """Return what is printed, as ``_letter_values`` does.

        :param bool approved: whether the page bears no DRAFT, and its signatures
        """
        self.ensure_one()
        self.check_access("read")
        lang = self.lang or self.company_id.partner_id.lang or self.env.lang or "en_US"
        # The letterhead, the addressee and who signs are printed for whoever may read
        # the letter, also of contacts and users they may not open.
        letter_sudo = self.with_context(lang=lang, bin_size=False).sudo()
        date = letter_sudo.letter_date or letter_sudo._approval_today()
        return {
            **letter_sudo._letterhead_values(),
            **letter_sudo._letter_addressee_values(),
            **letter_sudo._letter_reference_values(),
            **letter_sudo._letter_close_values(approved),
            "lang": lang,
            "html_lang": lang.replace("_", "-").split("@")[0],
            "paper": letter_sudo.company_id.constituent_letter_paper or "letter",
            "draft": not approved and letter_sudo.env._("DRAFT"),
            # The longer the word, the smaller: it goes across the page.
            "draft_size": min(110, 600 // max(1, len(letter_sudo.env._("DRAFT")))),
            "title": one_line(
                " – ".join(filter(None, (letter_sudo.reference, letter_sudo.subject)))
            ),
            "date": date,
            "date_text": letter_sudo._letter_day(date),
            "notation": letter_sudo.delivery_notation,
            "subject": letter_sudo.subject,
            "salutation": letter_sudo.salutation,
            # Also of what was written before addresses were looked at.
            "body": Markup(clean_body(only_own_pictures(letter_sudo.body))),
            "page_label": letter_sudo.env._(
                "Page %(page)s of %(pages)s",
                page=Markup('<span class="page-number"></span>'),
                pages=Markup('<span class="page-count"></span>'),
            ),
        }

    def _letter_day(self, date):
        """Return a date with its month spelled out: November 21, 2026."""
        return format_date(self.env, date, date_format="long") if date else ""

    def _letterhead_values(self):
        company, department = self.company_id, self.department_id
        if department == company.constituent_department_id:
            department_name = ""
        else:
            department_name = department.name or ""
        address = department.letterhead_address or "\n".join(company.partner_id._letter_place())
        contact = [
            *address.split("\n"),
            department.phone or company.phone,
            company.constituent_tty,
            re.sub(r"^https?://|/$", "", department.website or company.website or ""),
        ]
        # 1024 pixels are more than print shows, and less to read than the original.
        seal = letter_tool.logo_uri(base64.b64decode(company.partner_id.image_1024 or b""))
        return {
            "city": company.name,
            "office": company.constituent_office_name or "",
            "department": department_name,
            "contact": [line.strip() for line in contact if line and line.strip()],
            "seal": seal,
            "seal_alt": self.env._("Seal of %(city)s", city=company.name),
        }

    def _letter_addressee_values(self):
        partner = self.partner_id
        parent = partner.parent_id if partner.parent_id.is_company else partner.browse()
        place = partner._letter_place(self.company_id.country_id)
        lines = letter_tool.address_lines([partner.name, parent.name, *place])
        return {
            "addressee": one_line(partner.name) or "",
            "address": lines,
            "address_size": address_size(lines),
            "email": partner.email_normalized if self.medium in BY_EMAIL else False,
        }

    def _letter_reference_values(self):
        numbers = self._letter_numbers_line()
        theirs = self.their_reference or ""
        if self.their_date and theirs:
            theirs = self.env._(
                "Your letter of %(date)s (%(reference)s)",
                date=self._letter_day(self.their_date),
                reference=theirs,
            )
        elif self.their_date:
            theirs = self.env._("Your letter of %(date)s", date=self._letter_day(self.their_date))
        elif theirs:
            theirs = self.env._("Your reference: %(reference)s", reference=theirs)
        corrects = self.corrects_id
        return {
            "our_number": numbers and self.env._("Our number: %(number)s", number=numbers),
            "their_letter": theirs,
            "replaces": bool(corrects)
            and self.env._(
                "This letter replaces our letter %(reference)s of %(date)s.",
                reference=corrects.reference,
                date=self._letter_day(corrects.letter_date),
            ),
        }

    def _letter_close_values(self, approved):
        enclosures = [line.strip() for line in (self.enclosures or "").split("\n")]
        return {
            "closing": self._letter_closing(),
            "signatories": [self._signature_block(user, approved) for user in self._signatories()],
            "enclosures": [line for line in enclosures if line],
            "cc": [one_line(partner._letter_cc_name()) for partner in self.cc_partner_ids],
        }

    # On screen, where the page itself is not shown: in its words all the same.

    @api.model
    def _letter_re_line(self, subject):
        return self.env._("Re: %(subject)s", subject=subject or "")

    @api.model
    def _letter_enclosures_line(self, enclosures):
        """Return what is enclosed in a line.

        :param list[str] enclosures: as printed
        """
        names = "; ".join(enclosures)
        if len(enclosures) == 1:
            return self.env._("Enclosure: %(names)s", names=names)
        return names and self.env._("Enclosures: %(names)s", names=names)

    def _letter_closing(self):
        """Return the complimentary close; the one that comes with it in every language."""
        closing = self.company_id.constituent_letter_closing or ""
        return self.env._("Sincerely,") if closing == "Sincerely," else closing

    def _letter_title(self, user):
        """Return what is printed under a name: the department head's title, or the job."""
        if user == self.department_id.head_id and self.department_id.head_title:
            return self.department_id.head_title
        return user.partner_id.function or ""

    def _letter_snapshot(self, values):
        """Return the columns that keep a page as it was printed.

        :param dict values: as ``_letter_values`` gives them
        """
        return {
            "printed_name": values["addressee"],
            "printed_address": "\n".join(values["address"]),
            "printed_email": values["email"],
            "printed_body": values["body"],
            "printed_signature": "\n\n".join(
                "\n".join(filter(None, (block["name"], block["title"])))
                for block in values["signatories"]
            ),
            "printed_cc": "\n".join(values["cc"]),
            "letter_date": fields.Date.to_string(values["date"]),
        }
