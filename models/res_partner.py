from odoo import api, fields, models
from odoo.exceptions import AccessError

from ..tools.salutation import GROUP_ROLES, Addressee, salutation

CONSTITUENT_ROLES = [
    ("resident", "Resident"),
    ("business", "Business"),
    ("elected_official", "Elected Official"),
    ("official_office", "Official's Office"),
    ("neighborhood_association", "Neighborhood Association"),
    ("civic_group", "Civic Group"),
    ("agency", "Agency"),
    ("media", "Media"),
    ("employee", "City Employee"),
]
# Who brings other people's matters to the city: an official's office, a group, an agency.
BRINGING_ROLES = {
    "elected_official", "official_office", "neighborhood_association", "civic_group", "agency",
}  # fmt: skip


class ResPartner(models.Model):
    """The constituent is a contact."""

    _name = "res.partner"
    _inherit = "res.partner"

    # Odoo leaves both unindexed: 18 ms a look-up at 100,000 contacts.
    email_normalized = fields.Char(index="btree_not_null")
    phone_sanitized = fields.Char(index="btree_not_null")

    # For the staff alone: Odoo lets portal users read the contacts of their own company.
    is_constituent = fields.Boolean(
        string="Constituent", index="btree_not_null", groups="base.group_user"
    )
    constituent_role = fields.Selection(CONSTITUENT_ROLES, groups="base.group_user")
    salutation = fields.Char(
        groups="base.group_user",
        compute="_compute_salutation",
        inverse="_inverse_salutation",
        help="How letters begin. Worked out from the name and role unless overridden.",
    )
    salutation_override = fields.Char(groups="base.group_user")
    honorific = fields.Char(groups="base.group_user", help="Ms., Mr., Mx., Dr., Rev....")
    contact_preference = fields.Selection(
        [
            ("email", "Email"),
            ("phone", "Telephone"),
            ("letter", "Letter"),
            ("none", "Do Not Contact"),
        ],
        string="Preferred Contact",
        groups="base.group_user",
    )
    language_needed = fields.Char(string="Language or Interpreter Needed", groups="base.group_user")
    accessibility_needs = fields.Char(groups="base.group_user")
    protected_address = fields.Boolean(
        groups="base.group_user",
        help="A substitute address only: never mapped, geocoded or sent on.",
    )
    deceased = fields.Boolean(groups="base.group_user")
    # Where an import has it from
    external_source = fields.Char(readonly=True, copy=False, groups="base.group_user")
    external_ref = fields.Char(readonly=True, copy=False, groups="base.group_user")
    import_row_ids = fields.One2many(
        "constituent.import.row", "partner_id", groups="constituent_services.group_coordinator"
    )
    case_ids = fields.One2many(
        "constituent.case",
        "partner_id",
        string="Cases",
        groups="constituent_services.group_clerk",
    )
    case_count = fields.Integer(compute="_compute_case_count")
    correspondence_count = fields.Integer(compute="_compute_correspondence_count")

    _external_idx = models.Index("(external_source, external_ref) WHERE external_ref IS NOT NULL")

    def write(self, vals):
        """Write contacts; intake clerks leave those of offices and users alone.

        :raises AccessError: a clerk, and the contact is an office's own or has a login
        """
        self._check_clerk_may_write()
        result = super().write(vals)
        # An office's country is its contact's; `_office` keeps what it read of it.
        if "country_id" in vals and self.env["res.company"]._office_partner_ids() & set(self.ids):
            self.env.registry.clear_cache()
        return result

    def _check_clerk_may_write(self):
        """Refuse clerks the contacts that letterheads and passwords depend on."""
        if self.env.su or not self.env.user._is_constituent_clerk_only():
            return
        # Whichever users the clerk may see, those that left included: they may come back.
        contacts_sudo = self.sudo().with_context(active_test=False)
        office_ids = self.env["res.company"]._office_partner_ids()
        for contact_sudo in contacts_sudo:
            if contact_sudo.id in office_ids or contact_sudo.user_ids:
                raise AccessError(
                    self.env._(
                        "%(contact)s is an office's own contact or belongs to somebody with "
                        "a login. Ask a caseworker to change it.",
                        contact=contact_sudo.display_name,
                    )
                )

    def _brings_matters(self):
        """Return whether a contact is of an office or group that brings others' matters."""
        self.ensure_one()
        # Whoever takes a report finds its contact, and the office it is of.
        partner_sudo = self.sudo()
        return (
            partner_sudo.constituent_role in BRINGING_ROLES
            or partner_sudo.parent_id.constituent_role in BRINGING_ROLES
        )

    # Computes

    @api.depends(
        "name", "honorific", "function", "constituent_role", "is_company", "salutation_override"
    )
    @api.depends_context("lang")
    def _compute_salutation(self):
        phrases, honorifics = self._salutation_phrases(), self._honorifics()
        for partner in self:
            partner.salutation = partner.salutation_override or salutation(
                partner._salutation_addressee(honorifics), phrases
            )

    def _inverse_salutation(self):
        """Keep what was typed, unless it is what is worked out anyway."""
        phrases, honorifics = self._salutation_phrases(), self._honorifics()
        for partner in self:
            typed = (partner.salutation or "").strip()
            own = salutation(partner._salutation_addressee(honorifics), phrases)
            partner.salutation_override = typed if typed != own else False
            # What was typed is in the cache, which the write protects.
            partner.salutation = partner.salutation_override or own

    def _salutation_addressee(self, honorifics):
        """Return the contact as ``tools.salutation`` sees it."""
        self.ensure_one()
        is_official = self.constituent_role == "elected_official"
        return Addressee(
            self.name,
            honorific=honorifics.get(self.honorific, self.honorific or ""),
            title=(is_official and self.function) or "",
            is_group=self.is_company or self.constituent_role in GROUP_ROLES,
            lang=self.env.lang or "en_US",
        )

    @api.model
    def _salutation_phrases(self):
        """Return how letters begin in the present language; see tools.salutation."""
        return {
            "nobody": self.env._("To whom it may concern:"),
            "group": self.env._("Dear Friends at %(group_name)s:"),
            # Nothing is known but the full name: Estimado/a Jordan Smith
            "person": self.env._("Dear %(full_name)s:"),
            # A title that says neither: Dear Dr. Lee, Estimado/a Dr. Lee
            "titled": self.env._("Dear %(titled_name)s:"),
            "feminine": self.env._("Dear %(ms_name)s:"),
            "masculine": self.env._("Dear %(mr_name)s:"),
        }

    @api.model
    def _honorifics(self):
        """Return {honorific as kept: as written in the present language}."""
        return {
            "Ms.": self.env._("Ms."),
            "Mrs.": self.env._("Mrs."),
            "Mr.": self.env._("Mr."),
            "Mx.": self.env._("Mx."),
            "Dr.": self.env._("Dr."),
            "Rev.": self.env._("Rev."),
        }

    @api.depends_context("uid", "allowed_company_ids")
    def _compute_case_count(self):
        counts = self._constituent_counts("constituent.case")
        for partner in self:
            partner.case_count = counts.get(partner.id, 0)

    @api.depends_context("uid", "allowed_company_ids")
    def _compute_correspondence_count(self):
        counts = self._constituent_counts("constituent.correspondence")
        for partner in self:
            partner.correspondence_count = counts.get(partner.id, 0)

    def _constituent_counts(self, model_name):
        """Return {contact id: how many} of the records the user may read, none to outsiders."""
        records = self.env[model_name]
        if not records.has_access("read"):
            return {}
        return {
            partner.id: count
            for partner, count in records._read_group(
                [("partner_id", "in", self.ids)], ["partner_id"], ["__count"]
            )
        }

    # Actions

    def action_constituent_cases(self):
        """Return the action that lists the contact's cases, closed ones too."""
        return self._constituent_action("constituent_case_action")

    def action_constituent_correspondence(self):
        """Return the action that lists the letters to the contact."""
        return self._constituent_action("constituent_correspondence_action")

    def _constituent_action(self, name):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(f"constituent_services.{name}")
        return {
            **action,
            "domain": [("partner_id", "=", self.id)],
            "context": {"default_partner_id": self.id},
        }

    # On paper

    def _letter_place(self, home_country=None):
        """Return the lines of the postal address below the name.

        :param home_country: country whose name the post does not need
        :return list[str]: in the order of the address's country, without empty lines
        """
        self.ensure_one()
        text = self._display_address(without_company=True)
        country = self.country_id
        lines = [line.strip(" ,") for line in text.split("\n")]
        if country:
            lines = [line for line in lines if line != country.name]
            if home_country and country != home_country:
                lines.append(country.name.upper())
        return [line for line in lines if line]

    def _letter_cc_name(self):
        """Return how the contact is named under a letter that goes to it in copy."""
        self.ensure_one()
        return ", ".join(filter(None, (self.name, self.function, self.parent_id.name)))
