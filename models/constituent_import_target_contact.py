from odoo.tools import email_normalize, plaintext2html

from ..tools.intake import pick_contact
from ..tools.text import html_to_text
from .constituent_import_target import ImportTarget

# Roles of which every contact is an organization, whatever else the file says.
ORGANIZATIONS = {"official_office", "neighborhood_association", "civic_group", "agency"}


class ContactTarget(ImportTarget):
    """Rows that become contacts: constituents, offices, associations."""

    model = "res.partner"
    column = "partner_id"
    plain = (
        "name", "is_company", "constituent_role", "honorific", "function", "email", "phone",
        "street", "street2", "city", "zip", "lang", "contact_preference", "language_needed",
        "accessibility_needs", "protected_address", "deceased", "website",
    )  # fmt: skip

    def groups(self, works):
        """Return organizations first: people of the same file belong to them."""
        people = [work for work in works if work.converted.values.get("parent")]
        offices = [work for work in works if not work.converted.values.get("parent")]
        if self.dry:
            self.lookup.expect(offices)
        return [offices, people]

    def refusal(self, record):
        """Return why a contact is not written: whoever has a login changes it themselves."""
        # Whoever imports may not read who has a login.
        users_sudo = record.sudo().with_context(active_test=False).user_ids
        if users_sudo or record.id in self.env["res.company"]._office_partner_ids():
            return "has_login", {}
        return None

    # Who is here

    def known(self, works):
        """Return {key: contact} of those that are here: by key, or by who they are."""
        partners = self.env["res.partner"].with_context(active_test=False)
        found = partners.search(
            [
                ("external_source", "=", self.mapping.external_source),
                ("external_ref", "in", [work.ref for work in works]),
                self.lookup.of_office(),
            ]
        )
        known = {partner.external_ref: partner for partner in found}
        others = [work for work in works if work.ref not in known]
        emails = [email for work in others if (email := _email(work.vals.get("email")))]
        phones = [work.vals["phone"] for work in others if work.vals.get("phone")]
        if not emails and not phones:
            return known
        numbers = self._phone_numbers(phones)
        candidates = partners.search(
            [
                self.lookup.of_office(),
                # One that came by a key of its own is another entry of that system.
                "|", ("external_source", "=", False),
                ("external_source", "!=", self.mapping.external_source),
                "|", ("email_normalized", "in", emails),
                ("phone_sanitized", "in", list(numbers.values())),
            ],
            order="id",
        )  # fmt: skip
        for work in others:
            partner = self._same_contact(work, candidates, numbers)
            if partner and partner not in known.values():
                known[work.ref] = partner
                work.adopts = not partner.external_source
                work.notes.append(("same_person", {}))
        return known

    def _phone_numbers(self, phones):
        """Return {number as given: E.164} of those that are numbers."""
        partners = self.env["res.partner"]
        country = self.company.country_id
        numbers = {}
        for phone in dict.fromkeys(phones):
            number = partners._phone_format(number=phone, country=country, force_format="E164")
            if number:
                numbers[phone] = number
        return numbers

    def _same_contact(self, work, candidates, numbers):
        """Return the one candidate a row means: same mail address or number, fitting name."""
        email, phone = _email(work.vals.get("email")), numbers.get(work.vals.get("phone"))
        for column, value in (("email_normalized", email), ("phone_sanitized", phone)):
            if not value:
                continue
            same = candidates.filtered(
                lambda partner, column=column, value=value: (
                    partner[column] == value
                    and partner.is_company == bool(work.vals.get("is_company"))
                )
            )
            partner_id = pick_contact(work.vals["name"], [(p.id, p.name) for p in same])
            if partner_id:
                return same.browse(partner_id)
        return candidates.browse()

    # What a row says

    def prepare(self, works):
        """Look up the organizations that people belong to."""
        self.lookup.find_organizations([work.converted.values.get("parent") for work in works])

    def values(self, work):
        """Return a row's values for a contact."""
        values, lookup = work.converted.values, self.lookup
        vals = {name: values.get(name) for name in self.plain}
        if vals["constituent_role"] in ORGANIZATIONS:
            vals["is_company"] = True
        if vals["email"] and not _email(vals["email"]):
            work.notes.append(("bad_email", {"text": vals["email"]}))
        if values.get("country"):
            country_id = lookup.country(values["country"])
            vals["country_id"] = self.note_unknown(work, "country", country_id)
        if values.get("state"):
            state_id = lookup.state(values["state"], vals.get("country_id"))
            vals["state_id"] = self.note_unknown(work, "state", state_id)
        if values.get("parent"):
            parent_id = lookup.organization(values["parent"])
            vals["parent_id"] = self.note_unknown(work, "parent", parent_id)
            if not parent_id:
                vals["company_name"] = values["parent"]
        if values.get("comment"):
            vals["comment"] = plaintext2html(values["comment"])
        return vals

    # What changed

    def comparable(self, vals):
        """Return the values by which two versions of a row are told apart."""
        comparable = dict(vals)
        if "comment" in comparable:
            comparable["comment"] = html_to_text(vals["comment"])
        if "website" in comparable:
            comparable["website"] = self.env["res.partner"]._clean_website(vals["website"])
        return comparable

    def today(self, record, name):
        """Return what a contact has, as comparable() would have it."""
        value = super().today(record, name)
        return html_to_text(value) if name == "comment" else value

    # Saving

    def save_new(self, works):
        """Make the contacts of rows."""
        # Where they come from stands in the report: no message of their own.
        partners = self.env["res.partner"].with_context(
            mail_create_nolog=True, mail_create_nosubscribe=True, tracking_disable=True
        )
        created = partners.create(
            [
                {
                    "constituent_role": "resident",
                    **work.vals,
                    "is_constituent": True,
                    "company_id": self.company.id,
                    **self._key(work),
                }
                for work in works
            ]
        )
        created.flush_recordset()
        for work, partner in zip(works, created, strict=True):
            work.partner_id, work.made_partner = partner.id, True

    def save_changed(self, works):
        """Write what the file changed to the contacts."""
        partners = self.env["res.partner"].browse(work.partner_id for work in works)
        for work, partner in zip(works, partners, strict=True):
            work.replaced = self.replaced(partner, work.vals) if work.vals else None
            # Found by key next time, whatever becomes of the mail address.
            key = self._key(work) if work.adopts else {}
            partner.with_context(tracking_disable=True).write({**work.vals, **key})
        partners.flush_recordset()

    def _key(self, work):
        """Return where a row comes from, and its key there."""
        return {"external_source": self.mapping.external_source, "external_ref": work.ref}


def _email(text):
    """Return the normalised mail address of a text, empty when it is none."""
    return email_normalize(text or "", strict=False) or ""
