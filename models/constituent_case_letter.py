import pytz
from markupsafe import Markup

from odoo import models
from odoo.exceptions import UserError


class ConstituentCase(models.Model):
    """How a case is answered by letter."""

    _name = "constituent.case"
    _inherit = "constituent.case"

    def action_write_letter(self):
        """Open a new letter to the constituent, begun from what the case knows.

        :return dict: action with the form of a letter that is not saved yet
        :raises UserError: anonymous, or nobody to write to
        """
        self.ensure_one()
        if not self.partner_id:
            raise UserError(
                self.env._(
                    "Nobody is named in this case. Choose the constituent first, or "
                    "write the letter from the menu Correspondence."
                )
            )
        lang = self.lang or self.partner_id.lang or self.env.lang
        department = self.department_id or self.company_id.constituent_department_id
        by_email = (
            self.partner_id.contact_preference == "email" or not self.partner_id.street
        ) and self.partner_id.email
        context = {
            "default_case_id": self.id,
            "default_partner_id": self.partner_id.id,
            "default_company_id": self.company_id.id,
            "default_department_id": department.id,
            "default_medium": "email" if by_email else "post",
            "default_lang": lang,
            "default_subject": self._letter_subject(),
            "default_body": self.with_context(lang=lang)._letter_beginning(),
            "default_their_date": self._letter_their_date(),
        }
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Letter"),
            "res_model": "constituent.correspondence",
            "views": [(False, "form")],
            "context": context,
        }

    def action_view_correspondence(self):
        """Return the action that lists the letters of this case."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "constituent_services.constituent_correspondence_action"
        )
        return {
            **action,
            "domain": ["|", ("case_id", "=", self.id), ("also_case_ids", "in", self.ids)],
            "context": {"default_case_id": self.id, "default_partner_id": self.partner_id.id},
        }

    def _letter_subject(self):
        """Return the line after "Re:": the matter and its place, once."""
        place = self.street or ""
        if place and place.lower() not in (self.name or "").lower():
            return f"{self.name}, {place}"
        return self.name

    def _letter_beginning(self):
        """Return the first words of the text, in the letter's language."""
        letters = self.env["constituent.correspondence"]
        day = letters._letter_day(self._local_date(self.received_at))
        thanks = self.env._(
            "Thank you for bringing this matter to our attention on %(date)s.", date=day
        )
        return Markup("<p>%s</p><p><br></p>") % thanks

    def _letter_their_date(self):
        """Return the date of their letter, where the matter came in writing."""
        if self.channel_id.code not in ("mail", "letter"):
            return False
        return self._local_date(self.received_at)

    def _local_date(self, moment):
        """Return the day of a moment in the office's time zone."""
        zone = pytz.timezone(self.env["res.company"]._office(self.company_id.id).tz)
        return pytz.utc.localize(moment).astimezone(zone).date()
