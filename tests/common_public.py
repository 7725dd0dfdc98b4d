"""What tests of pages for outsiders share."""

from lxml import html

from odoo.fields import Datetime
from odoo.tests import HttpCase, tagged

from ..controllers.main import UNKNOWN_LINKS
from .common import ConstituentSetup

PDF = b"%PDF-1.4\n% a letter\n%%EOF\n"


class OutsideSetup(ConstituentSetup):
    """A resident with a portal login, an official's office, and a letter."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        UNKNOWN_LINKS.clear()
        cls.streets.phone = "+1 555 0320"
        cls.company.write({"phone": "+1 555 0311", "email": "311@city.example.org"})
        cls.portal_user.partner_id.lang = "en_US"
        cls.official = cls.env["res.partner"].create(
            {"name": "Office of Councilmember Lee", "is_company": True}
        )

    @classmethod
    def _subscribe(cls, case, **vals):
        """Return a subscription of a case, of somebody else unless told otherwise."""
        return cls.env["constituent.case.subscription"].create(
            {"case_id": case.id, "email": "neighbor@example.org", **vals}
        )

    @classmethod
    def _make_letter(cls, case, partner, state="sent", **vals):
        """Return a letter with its document, in the state told."""
        document = cls.env["ir.attachment"].create(
            {"name": "letter.pdf", "raw": PDF, "mimetype": "application/pdf"}
        )
        letter = cls.env["constituent.correspondence"].create(
            {
                "case_id": case.id,
                "partner_id": partner.id,
                "subject": "Your pothole",
                "company_id": case.company_id.id,
                **vals,
            }
        )
        letter.flush_recordset()
        # Only the page is tested here, not the way to it: sending seals.
        cls.env.cr.execute(
            "UPDATE constituent_correspondence SET state = %s, document_id = %s,"
            " sent_at = %s, reference = %s WHERE id = %s",
            (state, document.id, Datetime.now(), f"L-{letter.id}", letter.id),
        )
        letter.invalidate_recordset()
        return letter


@tagged("post_install", "-at_install")
class OutsideHttpCase(OutsideSetup, HttpCase):
    """Base of the tests that ask for pages."""

    def _tree(self, response):
        """Return the page as a tree."""
        return html.fromstring(response.content)

    def _text(self, response):
        """Return the words of the page, spaces made one."""
        return " ".join(self._tree(response).find(".//main").text_content().split())

    def _open(self, token, follow=True):
        """Open a private link."""
        return self.url_open(f"/constituent/case/{token}", allow_redirects=follow)
