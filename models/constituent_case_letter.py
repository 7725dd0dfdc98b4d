import pytz
from markupsafe import Markup

from odoo import fields, models
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
        lang = self._letter_lang()
        context = {f"default_{name}": value for name, value in self._letter_defaults(lang).items()}
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Letter"),
            "res_model": "constituent.correspondence",
            "views": [(False, "form")],
            "context": context,
        }

    def action_choose_letter(self):
        """Return the window with the templates that fit the case.

        :raises UserError: anonymous, or nobody to write to
        """
        self.ensure_one()
        # Refuses where there is nobody to write to.
        self.action_write_letter()
        templates = self.env["constituent.letter.template"]._for_case(self)
        wizard = self.env["constituent.letter.choose.wizard"].create(
            {
                "case_id": self.id,
                "line_ids": [
                    fields.Command.create(
                        {
                            "template_id": template.id,
                            "occasion": template.occasion,
                            "fits": fits,
                            "sequence": number,
                        }
                    )
                    for number, (template, fits) in enumerate(templates)
                ],
            }
        )
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Write Letter"),
            "res_model": wizard._name,
            "res_id": wizard.id,
            "views": [(False, "form")],
            "target": "new",
        }

    def _letter_defaults(self, lang):
        """Return what a letter about the case begins with, in a language.

        :param str lang: of the letter
        :return dict: values of constituent.correspondence
        """
        self.ensure_one()
        partner = self.partner_id
        department = self.department_id or self.company_id.constituent_department_id
        return {
            "case_id": self.id,
            "partner_id": partner.id,
            "company_id": self.company_id.id,
            "department_id": department.id,
            "medium": self._letter_medium(partner),
            "lang": lang,
            "subject": self._letter_subject(),
            "body": self.with_context(lang=lang)._letter_beginning(),
            "their_date": self._letter_their_date(),
        }

    def _letter_lang(self):
        """Return the language a letter to the constituent is wanted in."""
        return self.lang or self.partner_id.lang or self.env.lang or "en_US"

    def _letter_medium(self, partner):
        """Return how a contact gets letters: by email where they want it or have no address."""
        wanted = partner.contact_preference == "email" or not partner.street
        return "email" if wanted and partner.email else "post"

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
