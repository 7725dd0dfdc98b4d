from markupsafe import Markup

from odoo import fields, models

from ..tools.approval import digest
from ..tools.letter import picture_number
from ..tools.letter_body import body_pictures, clean_body
from ..tools.letter_pictures import only_own_pictures

# Of the page's values, what comes from the office and not from the letter, or is only known
# when it is sent.
_NOT_APPROVED = frozenset(
    {
        "city", "office", "department", "contact", "seal", "seal_alt", "paper", "draft",
        "draft_size", "title", "date", "date_text", "page_label", "our_number", "closing",
        "signatories", "html_lang", "address_size",
    }
)  # fmt: skip


class ConstituentCorrespondence(models.Model):
    """What exactly is approved: a digest of everything that is printed for the addressee."""

    _name = "constituent.correspondence"
    _inherit = "constituent.correspondence"

    _approval_link = "correspondence_id"

    approval_ids = fields.One2many("constituent.approval", "correspondence_id")
    waiting_for_ids = fields.Many2many(
        "res.users",
        "constituent_correspondence_waiting_rel",
        "correspondence_id",
        "user_id",
        string="Waits For",
        readonly=True,
        copy=False,
    )
    decided_by_ids = fields.Many2many(
        "res.users",
        "constituent_correspondence_decided_rel",
        "correspondence_id",
        "user_id",
        readonly=True,
        copy=False,
        help="Whoever decided on a letter may read it from then on.",
    )

    def _approval_digest(self):
        """Return the SHA-256 of all that is approved: text, addressee and enclosures."""
        self.ensure_one()
        return digest(self._approval_content())

    def _approval_content(self):
        """Return what is approved, as plain values; other parts add theirs.

        :return dict: what is printed for the addressee, without letterhead, day of sending
            and number, and the pictures in the text by their checksum
        """
        # As it is printed, whichever contacts the user may open.
        letter_sudo = self.sudo()
        values = letter_sudo._page_values(approved=False)
        content = {
            name: str(value) if name == "body" else value
            for name, value in values.items()
            if name not in _NOT_APPROVED
        }
        numbers = {picture_number(address) for address in body_pictures(str(values["body"]))}
        pictures = sorted(numbers - {0})
        # Another picture behind the same address is another letter.
        found_sudo = letter_sudo.env["ir.attachment"].browse(pictures).exists()
        signatories = letter_sudo._signatories()
        return {
            **content,
            "medium": self.medium,
            "numbers": letter_sudo._letter_numbers(),
            "letter_date": fields.Date.to_string(letter_sudo.letter_date) or "",
            "pictures": {str(one.id): one.checksum for one in found_sudo},
            "signatories": [[user.name, letter_sudo._letter_title(user)] for user in signatories],
            "department": letter_sudo.department_id.name or "",
            "waiver": letter_sudo.translation_waiver or "",
            # Contacts have no order of their own, and the one they are read in may change.
            "cc": sorted(values["cc"]),
            "bcc": sorted(letter_sudo.bcc_partner_ids.mapped(lambda one: one.name or "")),
            "english": str(letter_sudo.body_english or ""),
            # Whose letterhead; and the letter of which it brings a copy is an enclosure.
            "office": letter_sudo.company_id.id,
            "covers": letter_sudo.covers_id.id or 0,
        }

    def _is_approved(self):
        """Return whether the letter, as it is, may go out or has gone."""
        self.ensure_one()
        if self.is_sealed:
            return True
        return self.state == "approved" and self.approved_digest == self._approval_digest()

    # For the approval

    def _approval_facts(self):
        """Return what the rules look at; see ``constituent.approval.rule._steps``."""
        self.ensure_one()
        # The rules look at the case and the addressee, whoever may see them.
        letter_sudo = self.sudo()
        return {
            "company": letter_sudo.company_id,
            "department": letter_sudo.department_id,
            "roles": {letter_sudo.partner_id.constituent_role},
            "kinds": set(letter_sudo._answered_cases().mapped("kind")),
            "signatories": letter_sudo._signatories(),
            "template": letter_sudo.template_id,
            "needs_counsel": letter_sudo._is_for_counsel(),
            "sign_together": len(letter_sudo.signatory_ids) > 1,
        }

    def _approval_is_restricted(self):
        """Return whether only those may read it who see restricted cases."""
        # Whoever asks may see less. Case by case of the letter itself, not of a set made of
        # them: of thousands of letters one after the other the cases are read together.
        letter_sudo = self.sudo()
        cases = (*letter_sudo.case_id, *letter_sudo.also_case_ids)
        return any(case.confidentiality == "restricted" for case in cases)

    def action_read_and_decide(self):
        """Open the window in which letters are read, one below the other, and decided on.

        Without letters: those that have waited longest for the user.

        :return dict: a window action
        :raises UserError: none waits for the user, or too many
        """
        return self.env["constituent.approval.wizard"]._open_for(self)

    def _reading_page(self):
        """Return the letter as it is read before a decision, as HTML.

        What will be printed, the English of a letter in another language beside it, and what
        is approved with it though it stands on no page.
        """
        self.ensure_one()
        english = clean_body(only_own_pictures(self.body_english)) if self.is_foreign else ""
        asked, values = self._asked_for(), self._letter_values()
        acting = ""
        if asked.state == "to_approve":
            acting, acts_for = asked._acting_note(), asked._acts_for()
            # Printed for whoever may read the letter, also of users they may not open.
            letter_sudo = self.with_context(lang=values["lang"]).sudo()
            values["signatories"] = letter_sudo._signatories_to_be(asked, acts_for)
        page = self.with_context(lang=values["lang"])
        return self._render_page(
            "letter_reading",
            {
                "v": values,
                "acting": acting,
                "re_line": page._letter_re_line(values["subject"]),
                "enclosures_line": page._letter_enclosures_line(values["enclosures"]),
                "english": Markup(english),
                "notes": self._reading_notes(),
                "medium": dict(self._fields["medium"]._description_selection(self.env))[
                    self.medium
                ],
                "files": self._enclosed_sudo(),
                # They go with the letter, whichever contacts the reader may open.
                "bcc": ", ".join(name for name in self.sudo().bcc_partner_ids.mapped("name")),
            },
        )

    def _asked_for(self):
        """Return what is decided on: the letter, or the batch it waits with."""
        # Who decides on a batch reads its letters.
        batch_sudo = self.sudo().batch_id
        return batch_sudo if batch_sudo.state == "to_approve" else self

    def _reading_notes(self):
        """Return what whoever decides has to know beside the words, a sentence each."""
        notes = self.sudo().clause_use_ids._trouble_today()  # as for `_clause_obstacle`
        if self.template_gaps:
            notes.append(
                self.env._(
                    "The case had nothing for: %(gaps)s",
                    gaps=", ".join(self.template_gaps.split("\n")),
                )
            )
        asked = self._asked_for()
        # Whom it waits for is looked at, whichever users the reader may open.
        if asked.state == "to_approve" and not asked.sudo().waiting_for_ids:
            notes += filter(None, [asked._unasked_note()])
        if self.is_english_missing:
            languages = dict(self._fields["lang"]._description_selection(self.env))
            notes.append(
                self.env._(
                    "The letter is in %(language)s, and nobody wrote beside it what it says in "
                    "English.",
                    language=languages.get(self.lang, self.lang),
                )
            )
        if self._is_translation_needed():
            notes.append(
                self.env._(
                    "The addressee needs another language. English explained by: %(how)s",
                    how=self._waiver() or "–",
                )
            )
        return notes
