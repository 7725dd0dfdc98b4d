from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Command


class ConstituentCorrespondence(models.Model):
    """The covering note: the office that brought a case gets a copy of the answer."""

    _name = "constituent.correspondence"
    _inherit = "constituent.correspondence"

    covers_id = fields.Many2one(
        "constituent.correspondence",
        string="Covering Note To",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
        help="The letter of which this one brings a copy.",
    )
    covered_by_ids = fields.One2many(
        "constituent.correspondence", "covers_id", string="Covering Notes"
    )
    can_cover = fields.Boolean(compute="_compute_can_cover", compute_sudo=False)

    def _compute_can_cover(self):
        for letter in self:
            letter.can_cover = letter.direction == "out" and bool(letter._to_cover())

    @api.constrains("covers_id", "case_id", "partner_id")
    def _check_covers(self):
        """Refuse a copy of a letter to anybody but who brought its case.

        :raises ValidationError: of another case, or to somebody else
        """
        # Who brought a case is looked at, whoever may open the case.
        for letter_sudo in self.filtered("covers_id").sudo():
            first_sudo = letter_sudo.covers_id
            if first_sudo.case_id != letter_sudo.case_id:
                raise ValidationError(
                    self.env._(
                        "%(letter)s brings a copy of a letter on another case.",
                        letter=letter_sudo.subject,
                    )
                )
            if letter_sudo.partner_id not in first_sudo.case_id.referrer_ids.partner_id:
                raise ValidationError(
                    self.env._(
                        "%(letter)s brings a copy of somebody's letter: it goes to who brought "
                        "their case, and to nobody else.",
                        letter=letter_sudo.subject,
                    )
                )

    def _to_cover(self):
        """Return who brought the case, is not the addressee, and has no covering note yet."""
        cases = self.case_id._filtered_access("read")
        live = self.covered_by_ids.filtered(lambda note: note.state != "cancelled")
        if self.covers_id:
            return cases.referrer_ids.browse()
        return cases.referrer_ids.filtered(
            lambda brought: brought.partner_id not in self.partner_id | live.partner_id
        )

    def action_cover(self):
        """Draft a covering note to each who brought the case; a draft names them in copy.

        :return dict: action that shows the notes
        :raises UserError: nobody brought the case or has no note yet, or there is no template
        """
        self.ensure_one()
        self.check_access("write")
        brought_by = self._to_cover()
        if self.direction != "out" or not brought_by:
            raise UserError(
                self.env._("Nobody else brought this case, or all have their covering note.")
            )
        template = self._cover_template()
        notes = self.create([self._cover_vals(template, brought) for brought in brought_by])
        if self.state in ("draft", "rejected"):
            # Said under the letter, too; one that was approved already stays as it is.
            living = notes.partner_id.filtered(lambda one: not one.deceased)
            self.write({"cc_partner_ids": [Command.link(one.id) for one in living]})
        if len(notes) == 1:
            return notes.action_open()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "constituent_services.constituent_correspondence_action"
        )
        return {**action, "domain": [("id", "in", notes.ids)], "context": {}}

    def _cover_template(self):
        templates = self.env["constituent.letter.template"].search(
            [
                ("is_covering_note", "=", True),
                ("company_id", "in", [False, self.company_id.id]),
            ]
        )
        fits = [(template._fit(self.case_id), template) for template in templates]
        fitting = sorted((fit, template.id) for fit, template in fits if fit)
        if not fitting:
            raise UserError(
                self.env._(
                    "There is no template for a covering note. A manager makes one under "
                    "Correspondence, Templates, with “Covering Note” ticked."
                )
            )
        return templates.browse(fitting[0][1])

    def _cover_vals(self, template, brought):
        """Return the values of the note to one of who brought the case.

        :param brought: constituent.case.referrer
        """
        partner, case = brought.partner_id, self.case_id
        copy = self.env._("Copy of our letter to %(name)s", name=self.partner_id.name)
        vals = template._letter_vals(case, lang=partner.lang or self.env.lang)
        return {
            **vals,
            "partner_id": partner.id,
            "medium": case._letter_medium(partner),
            "department_id": self.department_id.id,
            "their_reference": brought.reference,
            "their_date": False,
            "covers_id": self.id,
            "enclosures": "\n".join(filter(None, (vals.get("enclosures"), copy))),
        }

    def _reading_notes(self):
        """Return what is to be known; of a covering note, whose letter goes with it."""
        notes = super()._reading_notes()
        # It goes with what is decided on, whichever letters the reader may open.
        first_sudo = self.sudo().covers_id
        if first_sudo:
            notes.append(
                self.env._(
                    "A copy of our letter to %(name)s goes with it: “%(subject)s”.",
                    name=first_sudo.partner_id.name,
                    subject=first_sudo.subject,
                )
            )
        return notes

    def action_send(self):
        """Seal and send; a covering note after the letter it brings a copy of."""
        return super(
            ConstituentCorrespondence, self.sorted(lambda letter: bool(letter.covers_id))
        ).action_send()

    def _send_one(self):
        """Send, unless the letter that this one brings a copy of has not gone out.

        :raises UserError: the first letter is not sent
        """
        # Whether the first letter went counts, whoever may open it.
        first_sudo = self.covers_id.sudo()
        if first_sudo and first_sudo.state not in ("sent", "returned_mail"):
            raise UserError(
                self.env._(
                    "%(letter)s brings a copy of “%(first)s”, which has not been sent yet.",
                    letter=self.display_name,
                    first=first_sudo.display_name,
                )
            )
        return super()._send_one()

    def _delivery_content(self, delivery):
        """Return the mail; a covering note has the letter it covers with it."""
        content = super()._delivery_content(delivery)
        if self.covers_id:
            first = self.covers_id
            content["attachments"].append(
                (f"{first._letter_file_name()}.pdf", first._letter_pdf(), "application/pdf")
            )
        return content
