from markupsafe import Markup

from odoo import SUPERUSER_ID, api, fields, models
from odoo.exceptions import UserError

from ..tools.letter import sha256


class ConstituentCorrespondence(models.Model):
    """Letters that came in on paper: registered from a scan and sealed at once.

    They are never drafted, approved or sent: no step of an outgoing letter takes them.
    """

    _name = "constituent.correspondence"
    _inherit = "constituent.correspondence"

    received_on = fields.Date(readonly=True, copy=False, help="As the mail room stamped it.")
    scan_id = fields.Many2one(
        "constituent.scan",
        string="Cut From",
        readonly=True,
        copy=False,
        ondelete="restrict",
        index="btree_not_null",
    )
    scan_pages = fields.Char(string="Pages of the Scan", readonly=True, copy=False)
    document_file = fields.Binary(compute="_compute_document_file", string="Letter as Received")

    @api.depends("document_id", "state")
    def _compute_document_file(self):
        """Show the pages to who may read the letter; outgoing ones are printed."""
        for letter in self:
            if letter.state == "received":
                # Who may read the letter may read its document.
                letter.document_file = letter.document_id.sudo().datas
            else:
                letter.document_file = False

    def action_correct(self):
        """Begin a letter that replaces one that was sent.

        :return dict: action that opens the new draft
        :raises UserError: a letter that came in, or as above
        """
        if "received" in self.mapped("state"):
            raise UserError(
                self.env._("A letter that came in is answered by a new letter, not corrected.")
            )
        return super().action_correct()

    def copy_data(self, default=None):
        """Refuse for letters that came in: they are answered, not written again.

        :raises UserError: a letter that came in
        """
        if "received" in self.mapped("state"):
            raise UserError(self.env._("A letter that came in is not duplicated."))
        return super().copy_data(default)

    def _incoming_action(self):
        """Return the action that lists these letters.

        A list also of one: its case may be restricted, and out of sight of who registered it.
        """
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "constituent_services.constituent_correspondence_action_incoming"
        )
        action["name"] = self.env._("Registered Letters")
        action["domain"] = [("id", "in", self.ids)]
        action["context"] = {"create": False}
        # Not the register itself, whose address would leave the domain out.
        action["path"] = False
        return action

    @api.model
    def _register_incoming(self, rows, documents):
        """Make sealed letters of what came in on paper.

        The caller has checked that the user may, and made or found the cases.

        :param list[dict] rows: as a piece's `_letter_values` gives them
        :param list[bytes] documents: the pages of each as PDF
        :return: the letters, in their order
        """
        references = self._draw_incoming_references(rows)
        kept = ("scan_id", "scan_pages", "received_on", "printed_name", "printed_address")
        letters = self._create_incoming(rows, {*kept, "joins", "day", "by_number"})
        for letter, row, document, reference in zip(
            letters, rows, documents, references, strict=True
        ):
            # Its name is the reference.
            letter._advance("draft", reference=reference)
            attachment_sudo = letter._store_document(document)
            letter._advance(
                "received",
                document_id=attachment_sudo.id,
                document_sha256=sha256(document),
                **{name: row[name] for name in kept},
            )
        # Now, so that the database guards them from here on.
        result = self.browse([letter.id for letter in letters])
        result.flush_recordset()
        for letter, row in zip(letters, rows, strict=True):
            letter._after_received(row["joins"], row["day"])
        return result

    @api.model
    def _create_incoming(self, rows, apart):
        """Create the drafts of letters that came in.

        :param list[dict] rows: as above
        :param set apart: of their keys those that are not written yet
        :return list: the letters, in the order of the rows; with superuser rights those
            whose number opened a case
        """

        def _create(letters, by_number):
            quiet = letters.with_context(mail_create_nolog=True, mail_create_nosubscribe=True)
            values = [
                {
                    "direction": "in",
                    "medium": "post",
                    "salutation": False,
                    **{name: value for name, value in row.items() if name not in apart},
                }
                for row in rows
                if row["by_number"] == by_number
            ]
            return iter(quiet.create(values).with_env(letters.env))

        own = _create(self, False)
        # The case knows the sender, which the piece has checked: it takes the letter, and
        # who registers it sees neither.
        joined_sudo = _create(self.sudo(), True)
        return [next(joined_sudo if row["by_number"] else own) for row in rows]

    @api.model
    def _draw_incoming_references(self, rows):
        """Return the next references of the register of incoming letters: I-2026-000123.

        The year is that in which the letter was received: the register of a year holds
        what came in that year, also what was entered in the first days of the next.
        """
        keys = [(row["company_id"], row["received_on"].year) for row in rows]
        drawn = {}
        for company_id, year in dict.fromkeys(keys):
            drawn[company_id, year] = iter(
                self.env["constituent.case"]._draw_sequence(
                    "constituent_incoming_reference",
                    company_id,
                    year,
                    keys.count((company_id, year)),
                )
            )
        return [f"I-{key[1]}-{next(drawn[key]):06}" for key in keys]

    def _after_received(self, joins, day):
        """Show the letter in its case, and wake the case up when it was there before.

        :param bool joins: whether the case was there before
        :param str day: when the letter was received, in words
        """
        self.ensure_one()
        case = self.case_id
        values = {"reference": self.reference, "day": day, "subject": self.subject}
        case._log_event(
            self.env._("%(reference)s of %(day)s: %(subject)s", **values),
            kind="letter_received",
            correspondence_id=self.id,
            partner_id=self.partner_id.id,
        )
        office_sudo = case._post_writer_sudo()
        office_sudo.message_post(
            body=Markup("<p>%s</p>")
            % self.env._("Letter %(reference)s received on %(day)s: %(subject)s", **values),
            attachment_ids=self.document_id.ids,
            # Who works the case learns that something came.
            partner_ids=case.user_id.partner_id.ids if joins else [],
            subtype_xmlid="mail.mt_note",
        )
        if joins:
            # As a mail does: who brings in the paper need not be who works the case.
            office_sudo.sudo()._wake_up()


class ConstituentCase(models.Model):
    """Who writes into a case that takes a letter unseen by its clerk."""

    _name = "constituent.case"
    _inherit = "constituent.case"

    def _post_writer_sudo(self):
        """Return the case as whoever writes into it what the post brought.

        The user where they may read it. Else the office, with superuser rights: who wrote a
        message, or had a change tracked, reads it with the name of its case for ever.
        """
        if self.with_env(self.env(su=False)).has_access("read"):
            return self
        return self.with_user(SUPERUSER_ID).with_context(mail_notrack=True)
