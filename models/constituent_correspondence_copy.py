from odoo import fields, models
from odoo.exceptions import UserError

from ..tools.letter import render_pdf
from ..tools.print_file import UnreadableError, overlay

COPY_REPORT = "constituent_services.correspondence_file_copy"
# As much as the foot of a page holds beside its margins.
FOOT_SIGNS = 300


class ConstituentCorrespondence(models.Model):
    """The file copy: the letter as it was sent, with what is for the file alone."""

    _name = "constituent.correspondence"
    _inherit = "constituent.correspondence"

    bcc_partner_ids = fields.Many2many(
        "res.partner",
        "constituent_correspondence_bcc_rel",
        "correspondence_id",
        "partner_id",
        string="Blind Copies To",
        help="Named on the file copy only; the addressee does not hear of it.",
    )
    printed_bcc = fields.Text(string="Blind Copies", readonly=True, copy=False)
    printed_initials = fields.Char(
        string="Initials",
        readonly=True,
        copy=False,
        help="Of who signed, in capitals, and of who drafted it; on the file copy only.",
    )

    def action_print_copy(self):
        """Return the action that downloads the file copy.

        :raises UserError: not sent yet
        """
        for letter in self:
            letter._check_has_copy()
        return self.env.ref("constituent_services.correspondence_report_file_copy").report_action(
            self
        )

    def _check_has_copy(self):
        if not self.is_sealed:
            raise UserError(
                self.env._(
                    "%(letter)s: the file copy shows the letter as it was sent. Send it first.",
                    letter=self.display_name,
                )
            )

    def _letter_snapshot(self, values):
        """Keep what the file copy says beside the page."""
        # Whoever was chosen is named, whichever contacts the sender may open.
        letter_sudo = self.with_context(lang=values["lang"]).sudo()
        bcc = [partner._letter_cc_name() for partner in letter_sudo.bcc_partner_ids]
        return {
            **super()._letter_snapshot(values),
            "printed_bcc": "\n".join(bcc) or False,
            "printed_initials": letter_sudo._letter_initials(
                [block["name"] for block in values["signatories"]]
            ),
        }

    def _letter_initials(self, names):
        """Return who signed and who drafted it: KL/TM:ab.

        :param list[str] names: under the letter; of the deputy where one signed
        """
        signed = "/".join(self._initials(name).upper() for name in names)
        return ":".join(filter(None, (signed, self._initials(self.create_uid.name).lower())))

    @staticmethod
    def _initials(name):
        return "".join(word[0] for word in (name or "").replace("-", " ").split())[:4]

    # What is printed

    def _copy_pdf(self):
        """Return the file copy: the sealed pages with what is for the file over them.

        :return bytes: a PDF for paper and file; the letter itself is the accessible one
        :raises UserError: not sent, or the stored PDF is not the one that was sent
        """
        self.ensure_one()
        self._check_has_copy()
        values = self._copy_values()
        content = self._letter_pdf()
        stamp = self._copy_render({**values, "part": "mark"})
        last = self._copy_render({**values, "part": "foot"})
        try:
            return overlay(content, stamp, last)
        except UnreadableError as error:
            raise UserError(
                self.env._(
                    "%(letter)s: nothing can be printed over its PDF.", letter=self.display_name
                )
            ) from error

    def _copy_render(self, values):
        views = self.env["ir.ui.view"].with_context(lang=values["lang"], inherit_branding=False)
        page = views._render_template(COPY_REPORT, {"docs": self, "sheets": [values]})
        return render_pdf(page, values["paper"], style="copy")

    def _copy_values(self):
        """Return what the file copy says beside the letter.

        :return dict: texts, ready to print
        """
        self.ensure_one()
        self.check_access("read")
        lang = self.env.lang or "en_US"
        bcc = "; ".join((self.printed_bcc or "").split("\n"))
        if len(bcc) > FOOT_SIGNS:
            bcc = bcc[:FOOT_SIGNS].rpartition("; ")[0] + "; …"
        # The office's paper is printed for whoever may read the letter.
        company_sudo = self.company_id.sudo()
        return {
            "part": "",
            "lang": lang,
            "html_lang": lang.replace("_", "-").split("@")[0],
            "paper": company_sudo.constituent_letter_paper or "letter",
            "title": self.env._("File Copy of %(reference)s", reference=self.reference),
            "bcc": bcc,
            "initials": self.printed_initials or "",
        }
