from collections import defaultdict

from odoo import api, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import email_normalize

from odoo.addons.phone_validation.tools.phone_validation import phone_format

from ..tools.identify import Known, weigh
from ..tools.text import fold


class ConstituentCase(models.Model):
    """Who it is: the pipeline's step that finds the constituent."""

    _name = "constituent.case"
    _inherit = "constituent.case"

    @api.model
    def _intake_identify(self, drafts):
        """Find the constituent by mail address or telephone with a name that fits.

        One clear match is linked, several wait for a person to choose. Without any a new
        contact is made, except for confidential and anonymous reports and imports without
        any way to reach the person. Who writes for an office or group brings the matter.
        """
        pending = []
        for draft in drafts:
            vals = draft.vals
            identity = vals.get("identity") or "identified"
            if identity != "identified":
                vals["partner_id"] = False
                if identity == "anonymous":
                    vals.update(partner_name=False, partner_email=False, partner_phone=False)
            elif vals.get("partner_id"):
                self._intake_contact_as_given(draft)
            elif draft.given("partner_email", "partner_phone", "partner_name"):
                pending.append(draft)
        if pending:
            self._intake_match_contacts(pending)

    @api.model
    def _intake_contact_as_given(self, draft):
        """Keep the contact's ways to be reached as they were on the day."""
        vals = draft.vals
        partner = self.env["res.partner"].browse(vals["partner_id"])
        for name, value in (
            ("partner_name", partner.name),
            ("partner_email", partner.email),
            ("partner_phone", partner.phone),
        ):
            vals[name] = vals.get(name) or value
        vals["lang"] = vals.get("lang") or partner.lang

    @api.model
    def _intake_match_contacts(self, drafts):
        """Match a batch of drafts to contacts in one query; make the missing ones."""
        keys = [self._intake_contact_keys(draft) for draft in drafts]
        by_email, by_phone = self._intake_candidates(drafts, keys)
        missing = defaultdict(list)
        for draft, (email, phone) in zip(drafts, keys, strict=True):
            name, company_id = draft.vals.get("partner_name"), draft.vals["company_id"]
            # Contacts of no office serve all, those of another office nobody here.
            same_email, same_phone = (
                known[False, key] | known[company_id, key] if key else known[False, ""]
                for known, key in ((by_email, email), (by_phone, phone))
            )
            verdict = weigh(name, self._intake_known(same_email), self._intake_known(same_phone))
            if verdict.contact_id:
                partner = same_email.browse(verdict.contact_id)
                self._intake_link_contact(draft, partner, verdict.how)
                self._intake_propose(draft, partner, by_email)
            elif verdict.candidates and draft.is_live:
                self._intake_ask_who(draft, verdict.candidates)
            else:
                missing[company_id, email or phone or id(draft), fold(name)].append(draft)
        self._intake_new_contacts(missing)

    @api.model
    def _intake_known(self, contacts):
        """Return contacts as ``tools.identify`` sees them."""
        # Who was merged still writes from the old address, and under the old name.
        return [
            Known(contact.id, one.name, contact._brings_matters())
            for one in contacts
            for contact in one._merged_at_last()
        ]

    @api.model
    def _intake_candidates(self, drafts, keys):
        """Return the contacts that share a mail address or telephone with the drafts.

        :param keys: (mail address, telephone) of each draft
        :return: two dicts, (company id or False, address or number) → contacts
        """
        # Whoever takes a report finds its contact; only ids and names are read here.
        partners_sudo = self.env["res.partner"].sudo().with_context(active_test=False)
        by_email = defaultdict(partners_sudo.browse)
        by_phone = defaultdict(partners_sudo.browse)
        emails = [email for email, _phone in keys if email]
        emails += [email for draft in drafts for _name, email in draft.door.forwarded if email]
        phones = [phone for _email, phone in keys if phone]
        if emails or phones:
            offices = {draft.vals["company_id"] for draft in drafts}
            for partner in partners_sudo.search_fetch(
                Domain("company_id", "in", [False, *offices])
                & (Domain("active", "=", True) | Domain("merged_into_id", "!=", False))
                & (
                    Domain("email_normalized", "in", emails)
                    | Domain("phone_sanitized", "in", phones)
                ),
                [
                    "name", "email_normalized", "phone_sanitized", "lang", "company_id",
                    "constituent_role", "parent_id", "partner_share", "merged_into_id",
                ],
                order="id",
            ):  # fmt: skip
                by_email[partner.company_id.id, partner.email_normalized] += partner
                by_phone[partner.company_id.id, partner.phone_sanitized] += partner
        return by_email, by_phone

    @api.model
    def _intake_contact_keys(self, draft):
        """Return the normalised mail address and the E.164 telephone, empty when unusable."""
        vals = draft.vals
        email = email_normalize(vals.get("partner_email") or "", strict=False) or ""
        phone = vals.get("partner_phone") or ""
        if phone:
            office = self.env["res.company"]._office(vals["company_id"])
            try:
                phone = phone_format(
                    phone, office.country_code, office.phone_code, force_format="E164"
                )
            except UserError:  # not a number anybody could have: kept as given, not matched
                phone = ""
        return email, phone

    @api.model
    def _intake_link_contact(self, draft, partner, how):
        draft.vals["partner_id"] = partner.id
        draft.vals["lang"] = draft.vals.get("lang") or partner.lang
        if how == "phone":
            note = self.env._("Identified by telephone")
        else:
            note = self.env._("Identified by mail address")
        draft.explain("identified", note, partner_id=partner.id)

    @api.model
    def _intake_new_contacts(self, groups):
        """Make one contact for each group of drafts of the same person.

        :param dict groups: key of the person → drafts
        """
        if not groups:
            return
        vals_list = []
        for drafts in groups.values():
            vals = drafts[0].vals
            vals_list.append(
                {
                    "name": vals.get("partner_name")
                    or vals.get("partner_email")
                    or vals.get("partner_phone"),
                    "email": vals.get("partner_email"),
                    "phone": vals.get("partner_phone"),
                    "lang": vals.get("lang") or self.env.lang,
                    "is_constituent": True,
                    "constituent_role": "resident",
                    "company_id": vals["company_id"],
                }
            )
        # Intake clerks may not edit contacts at will; the pipeline makes this one kind.
        # Where it comes from stands in the case's history: no message of its own.
        quiet_sudo = (
            self.env["res.partner"]
            .sudo()
            .with_context(mail_create_nolog=True, mail_create_nosubscribe=True)
        )
        partners_sudo = quiet_sudo.create(vals_list).with_env(self.sudo().env)
        for partner, drafts in zip(partners_sudo, groups.values(), strict=True):
            for draft in drafts:
                draft.vals["partner_id"] = partner.id
                draft.vals["lang"] = draft.vals.get("lang") or partner.lang
                draft.explain("identified", self.env._("New contact"), partner_id=partner.id)
            if drafts[0].door.journal:
                drafts[0].door.journal.made_contact = True
