from odoo import models
from odoo.tools import email_normalize, plaintext2html

from ..tools.import_merge import fingerprint, fingerprints, merge
from ..tools.intake import pick_contact
from ..tools.text import html_to_text

# Values of the mapping that are columns of the contact as they stand.
PLAIN = (
    "name", "is_company", "constituent_role", "honorific", "function", "email", "phone", "street",
    "street2", "city", "zip", "lang", "contact_preference", "language_needed",
    "accessibility_needs", "protected_address", "deceased", "website",
)  # fmt: skip
# Roles of which every contact is an organization, whatever else the file says.
ORGANIZATIONS = {"official_office", "neighborhood_association", "civic_group", "agency"}


class ConstituentImport(models.Model):
    """Rows that become contacts: constituents, offices, associations."""

    _name = "constituent.import"
    _inherit = "constituent.import"

    def _contact_steps(self, works, lookup, dry):
        """Find out for each row whether it is new, changed or known, and save it.

        :param works: RowWork objects that are not refused yet
        :param ImportLookup lookup: what the words of the file stand for
        :param bool dry: only find out
        """
        # Organizations first: people of the same file belong to them.
        people = [work for work in works if work.converted.values.get("parent")]
        offices = [work for work in works if not work.converted.values.get("parent")]
        if dry:
            lookup.expect(offices)
        for group in (offices, people):
            self._contact_group(group, lookup, dry)

    def _contact_group(self, works, lookup, dry):
        """Do the steps for rows that do not depend on each other."""
        for work in works:
            work.vals = self._contact_vals(work, lookup)
            work.given = fingerprints(self._contact_comparable(work.vals))
        known = self._known_contacts(works)
        last = self._last_given("partner_id", [partner.id for partner in known.values()])
        new, changed = [], []
        for work in works:
            partner = known.get(work.ref)
            if not partner:
                work.result = "created"
                new.append(work)
                continue
            work.partner_id = partner.id
            changes = self._compare_contact(work, partner, last.get(partner.id))
            if changes or (work.adopts and not work.refusal):
                changed.append(work)
        if not dry:
            self._save(new, self._create_contacts)
            self._save(changed, self._update_contacts)

    # Who is here

    def _known_contacts(self, works):
        """Return {key: contact} of those that are here: by key, or by who they are."""
        partners = self.env["res.partner"].with_context(active_test=False)
        offices = ("company_id", "in", (False, self.company_id.id))
        found = partners.search(
            [
                ("external_source", "=", self.mapping_id.external_source),
                ("external_ref", "in", [work.ref for work in works]),
                offices,
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
                offices,
                # One that came by a key of its own is another entry of that system.
                "|", ("external_source", "=", False),
                ("external_source", "!=", self.mapping_id.external_source),
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
        country = self.company_id.country_id
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

    def _contact_vals(self, work, lookup):
        """Return the values of a contact; what is not known here is noted."""
        values = work.converted.values
        vals = {name: values[name] for name in PLAIN if values.get(name)}
        if vals.get("constituent_role") in ORGANIZATIONS:
            vals["is_company"] = True
        if vals.get("email") and not _email(vals["email"]):
            work.notes.append(("bad_email", {"text": vals["email"]}))
        if values.get("country"):
            vals["country_id"] = lookup.country(values["country"])
            if not vals["country_id"]:
                work.notes.append(("unknown_country", {"text": values["country"]}))
        if values.get("state"):
            vals["state_id"] = lookup.state(values["state"], vals.get("country_id"))
            if not vals["state_id"]:
                work.notes.append(("unknown_state", {"text": values["state"]}))
        if values.get("parent"):
            vals["parent_id"] = lookup.organization(values["parent"])
            if not vals["parent_id"]:
                vals["company_name"] = values["parent"]
                work.notes.append(("unknown_parent", {"text": values["parent"]}))
        if values.get("comment"):
            vals["comment"] = plaintext2html(values["comment"])
        return {name: value for name, value in vals.items() if value}

    def _contact_comparable(self, vals):
        """Return the values by which two versions of a row are told apart."""
        comparable = dict(vals)
        if "comment" in comparable:
            comparable["comment"] = html_to_text(vals["comment"])
        if "website" in comparable:
            comparable["website"] = self.env["res.partner"]._clean_website(vals["website"])
        return comparable

    # What changed

    def _compare_contact(self, work, partner, last):
        """Set the result of a row whose contact is here; return whether it is to be written."""
        # Whoever imports may not read who has a login.
        partner_sudo = partner.sudo().with_context(active_test=False)
        office_ids = self.env["res.company"]._office_partner_ids()
        today = {}
        for name in work.given:
            value = partner[name]
            if name == "comment":
                value = html_to_text(value)
            elif isinstance(value, models.BaseModel):
                value = value.id
            today[name] = fingerprint(value)
        write, kept = merge(work.given, last, today)
        if kept:
            work.notes.append(("kept_here", {"fields": self._labels("res.partner", kept)}))
        if not write:
            work.result = "unchanged"
            work.given = work.given if kept or last is None else None
            work.vals = {}
            return False
        work.result = "updated"
        if partner_sudo.user_ids or partner.id in office_ids:
            work.refuse("has_login")
            return False
        work.notes.append(("written", {"fields": self._labels("res.partner", write)}))
        work.vals = {name: work.vals[name] for name in write}
        return True

    # Saving

    def _create_contacts(self, works):
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
                    "company_id": self.company_id.id,
                    "external_source": self.mapping_id.external_source,
                    "external_ref": work.ref,
                }
                for work in works
            ]
        )
        created.flush_recordset()
        for work, partner in zip(works, created, strict=True):
            work.partner_id, work.made_partner = partner.id, True

    def _update_contacts(self, works):
        partners = self.env["res.partner"].browse(work.partner_id for work in works)
        for work, partner in zip(works, partners, strict=True):
            work.replaced = {} if work.vals else None
            for name in work.vals:
                value = partner[name]
                value = value.id if isinstance(value, models.BaseModel) else value
                work.replaced[name] = str(value) if name == "comment" and value else value or False
            key = {}
            if work.adopts:
                # Found by key next time, whatever becomes of the mail address.
                key = {
                    "external_source": self.mapping_id.external_source,
                    "external_ref": work.ref,
                }
            partner.with_context(tracking_disable=True).write({**work.vals, **key})
        partners.flush_recordset()


def _email(text):
    """Return the normalised mail address of a text, empty when it is none."""
    return email_normalize(text or "", strict=False) or ""
