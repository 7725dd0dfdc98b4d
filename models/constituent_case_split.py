from markupsafe import Markup

from odoo import fields, models
from odoo.exceptions import UserError
from odoo.tools import plaintext2html

from ..tools.text import html_to_text


class ConstituentCase(models.Model):
    """One letter with several matters becomes several cases."""

    _name = "constituent.case"
    _inherit = "constituent.case"

    split_from_id = fields.Many2one(
        "constituent.case",
        index="btree_not_null",
        ondelete="restrict",
        readonly=True,
        copy=False,
        help="The case whose letter had this matter in it, too.",
    )
    split_into_ids = fields.One2many("constituent.case", "split_from_id")

    def action_split(self):
        """Open the window that divides the case.

        :return dict: a window action
        :raises UserError: a closed case, or one that is not live
        """
        self.ensure_one()
        self._check_may_split()
        wizard = self.env["constituent.case.split.wizard"]._propose(self)
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Split %(number)s", number=self.number),
            "res_model": wizard._name,
            "res_id": wizard.id,
            "views": [(False, "form")],
            "target": "new",
            "context": {"dialog_size": "extra-large"},
        }

    def _check_may_split(self):
        """Raise unless the user may divide the case.

        :raises AccessError: not the user's to write
        :raises UserError: a closed case, or an imported one, whose words are the file's
        """
        self.check_access("write")
        if self.status == "closed":
            raise UserError(
                self.env._("%(case)s is closed: reopen it first.", case=self.display_name)
            )
        if self.intake_mode == "import":
            raise UserError(
                self.env._(
                    "%(case)s is imported: its words are those of the file.",
                    case=self.display_name,
                )
            )

    def _split(self, own, others):
        """Divide the case: it keeps its number and its part, others become cases.

        All of them were received when the letter was. They are acknowledged together.

        :param dict own: subject, words and category_id of this case's part
        :param list[dict] others: the same of each new case, with department_id and
            attachment_ids, the attachments to take along
        :return: the new cases, in order
        :raises UserError: see ``_check_may_split``, or a part without words
        """
        self.ensure_one()
        self._check_may_split()
        if any(not (part["subject"] or "").strip() for part in (own, *others)):
            raise UserError(self.env._("Each part needs a subject."))
        cases = self.intake([self._split_report(part) for part in others])
        cases._write_kept({"split_from_id": self.id})
        for case, part in zip(cases, others, strict=True):
            self._split_attachments(case, part["attachment_ids"])
        self._split_keep_words(cases)
        self.write(
            {
                "name": own["subject"].strip(),
                "description": plaintext2html(own["words"] or ""),
                **({"category_id": own["category_id"]} if own["category_id"] else {}),
            }
        )
        self._log_links(cases)
        (self | cases)._acknowledge_together()
        return cases

    def _split_report(self, part):
        """Return the intake report of one part: all but the matter is this case's."""
        # Who splits the case may read whoever brought it.
        referrers_sudo = self.referrer_ids.sudo()
        same = (
            "received_at", "partner_name", "partner_email", "partner_phone",
            "identity", "lang", "street", "city", "zip", "location_note", "latitude",
            "longitude", "email_cc",
        )  # fmt: skip
        confidential = self.confidentiality if self.confidentiality == "restricted" else False
        return {
            **{name: self[name] for name in same},
            # What one matter of a letter really is the others are not: they are asked anew.
            "kind": self.kind_before if self.diversion_id else self.kind,
            "mode": self.intake_mode,
            "channel_id": self.channel_id.id,
            "partner_id": self.partner_id.id,
            "company_id": self.company_id.id,
            "confidentiality": confidential,
            "automatic": self._came_from_machine(),
            "referrers": [
                {
                    "partner_id": referrer_sudo.partner_id.id,
                    "reference": referrer_sudo.reference,
                    "answer_via": referrer_sudo.answer_via,
                }
                for referrer_sudo in referrers_sudo
            ],
            "name": part["subject"],
            "description": plaintext2html(part["words"] or ""),
            "category_id": part["category_id"],
            "department_id": part["department_id"],
        }

    def _came_from_machine(self):
        """Return whether the letter was a machine's, which is not acknowledged."""
        # Of the register only whether it was a machine is read.
        mails_sudo = self.inbound_mail_ids.sudo()
        return any(mail.is_automatic for mail in mails_sudo if mail.state == "case")

    def _split_attachments(self, case, attachments):
        """Copy attachments of this case into another; the stored file is the same.

        :raises UserError: an attachment of something else
        """
        if any((one.res_model, one.res_id) != (self._name, self.id) for one in attachments):
            raise UserError(self.env._("Only attachments of this case are taken along."))
        attachments.check_access("read")
        self.env["ir.attachment"].create(
            [
                {
                    "name": attachment.name,
                    "raw": attachment.raw,
                    "mimetype": attachment.mimetype,
                    "res_model": case._name,
                    "res_id": case.id,
                }
                for attachment in attachments.with_context(bin_size=False)
            ]
        )

    def _split_keep_words(self, cases):
        """Write into the history what the case said before, where no original does."""
        note = self.env._(
            "Split: %(numbers)s made of it.", numbers=", ".join(cases.mapped("number"))
        )
        # Whether there is an original, not what it says.
        mails_sudo = self.inbound_mail_ids.sudo()
        if not any(mail.state == "case" for mail in mails_sudo):
            words = html_to_text(self.description)
            note = self.env._(
                "%(note)s\nBefore: %(subject)s\n%(words)s",
                note=note,
                subject=self.name,
                words=words,
            )
        self._log_event(note, kind="split")

    def _log_links(self, cases):
        """Write into the history of both sides that cases belong to one letter."""
        self._log_event(
            self.env._(
                "Other matters of the same letter: %(numbers)s",
                numbers=self._numbers_of(cases),
            ),
            kind="linked",
        )
        made_of = self.env._("Made of a letter with several matters: %(number)s")
        self._log_events(
            [
                (case, {"kind": "linked", "note": made_of % {"number": case._numbers_of(self)}})
                for case in cases
            ]
        )

    def _split_family(self):
        """Return the cases of the same letter, this one among them, as far as seen."""
        self.ensure_one()
        origin = self.split_from_id or self
        return self.search(
            ["|", ("id", "=", origin.id), ("split_from_id", "=", origin.id)], order="id"
        )

    def action_split_family(self):
        """Open the cases that were made of the same letter.

        :return dict: a window action
        """
        family = self._split_family()
        return family._get_records_action(
            name=self.env._("Matters of One Letter"), context={"create": False}
        )

    def _words_markup(self):
        """Return the description as text, paragraphs apart."""
        return html_to_text(Markup(self.description or ""))
