from odoo import models

from ..tools.projection import Office


class ResCompany(models.Model):
    """What the public reads of an office on every page."""

    _name = "res.company"
    _inherit = "res.company"

    def _public_office(self):
        """Return whom outsiders may ask, in the language of the environment.

        :return Office: plain values
        """
        self.ensure_one()
        # The public user may not read companies; these are printed on every letter.
        company_sudo = self.sudo()
        return Office(
            company_id=company_sudo.id,
            name=company_sudo.constituent_office_name or company_sudo.name,
            city=company_sudo.name if company_sudo.constituent_office_name else "",
            phone=company_sudo.phone or "",
            tty=company_sudo.constituent_tty or "",
            email=company_sudo.email or "",
            website=company_sudo.website or "",
            has_logo=not company_sudo.uses_default_logo,
            emergency=company_sudo.constituent_emergency_text or "",
            after_hours_phone=company_sudo.constituent_after_hours_phone or "",
            language_line=company_sudo.constituent_language_line or "",
            records_notice=company_sudo.constituent_records_notice or "",
        )
