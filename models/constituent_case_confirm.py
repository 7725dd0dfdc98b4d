from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command

GIVEN = ("partner_name", "partner_email", "partner_phone")
CONFIRMED = {
    "identity_candidate_ids": [Command.clear()],
    "identity_to_confirm": False,
    "proposed_name": False,
    "proposed_email": False,
}


class ConstituentCase(models.Model):
    """Who it is, where a person has to say: several it may be, or somebody's mail brought on."""

    _name = "constituent.case"
    _inherit = "constituent.case"

    identity_to_confirm = fields.Boolean(readonly=True, copy=False)
    identity_candidate_ids = fields.Many2many(
        "res.partner",
        "constituent_case_identity_candidate_rel",
        "case_id",
        "partner_id",
        readonly=True,
        copy=False,
        help="Contacts with the same mail address or telephone, none of them clearly meant.",
    )
    proposed_name = fields.Char(
        readonly=True, copy=False, help="Who wrote the mail that an office or group passed on."
    )
    proposed_email = fields.Char(readonly=True, copy=False)
    answer_to_decide = fields.Boolean(
        readonly=True,
        copy=False,
        help="An office or group brought it, and nobody has said yet whether the constituent is "
        "answered directly. Until then the constituent is not written to by itself.",
    )
    identity_choices = fields.Json(compute="_compute_identity_choices")

    _identity_to_confirm_idx = models.Index("(id DESC) WHERE identity_to_confirm IS TRUE")
    _answer_to_decide_idx = models.Index("(id DESC) WHERE answer_to_decide IS TRUE")

    @api.depends("identity_to_confirm", "identity_candidate_ids", "proposed_name", "proposed_email")
    def _compute_identity_choices(self):
        for case in self:
            case.identity_choices = case._identity_question() if case.identity_to_confirm else False

    def _identity_question(self):
        """Return who it may be, for the screen.

        :return dict: question, and choices: a list of id (0: a new contact), name and detail
        """
        self.ensure_one()
        given = (
            [self.proposed_name, self.proposed_email]
            if self._is_proposed()
            else [self[name] for name in GIVEN]
        )
        person = ", ".join(filter(None, given))
        if self._is_proposed():
            sender = ", ".join(self.referrer_ids.partner_id.mapped("name")) or self.partner_id.name
            question = self.env._(
                "%(sender)s passed on a mail of %(person)s. Who is the constituent?",
                sender=sender or "?",
                person=person,
            )
        else:
            question = self.env._("Who is this? Given: %(person)s.", person=person)
        choices = [
            {
                "id": contact.id,
                "name": contact.name,
                "detail": ", ".join(
                    filter(
                        None,
                        (
                            not contact.protected_address and contact.street,
                            not contact.protected_address and contact.city,
                            contact.email,
                            contact.phone,
                        ),
                    )
                ),
            }
            for contact in self.identity_candidate_ids
        ]
        new = (
            self.env._("New contact: %(name)s", name=next(filter(None, given), ""))
            if choices or not self._is_proposed()
            else self.env._("Take %(name)s", name=next(filter(None, given), ""))
        )
        return {"question": question, "choices": [*choices, {"id": 0, "name": new, "detail": ""}]}

    def _is_proposed(self):
        return bool(self.proposed_name or self.proposed_email)

    # At intake

    @api.model
    def _intake_ask_who(self, draft, candidate_ids):
        """Leave open who it is, and say so."""
        draft.vals.update(
            identity_to_confirm=True, identity_candidate_ids=[Command.set(candidate_ids)]
        )
        draft.explain(
            "identified",
            self.env._(
                "Not clear who it is: %(count)s contacts share the address or telephone",
                count=len(candidate_ids),
            ),
        )

    @api.model
    def _intake_propose(self, draft, partner, by_email):
        """Let an office or group be who brought it, and propose whose mail it passes on.

        A city employee is a constituent as anybody, and may pass on a mail, too.

        :param partner: the contact the draft was linked to
        :param by_email: as ``_intake_candidates`` gives it
        """
        if not draft.is_live:
            return
        brings = partner._brings_matters()
        if brings:
            self._intake_bring(draft, partner)
        if brings or partner.constituent_role == "employee" or not partner.partner_share:
            self._intake_propose_quoted(draft, partner, by_email)

    @api.model
    def _intake_bring(self, draft, partner):
        """Put who writes for an office or group beside the constituent, who is another."""
        vals = draft.vals
        given = ", ".join(filter(None, (vals.get(name) for name in GIVEN)))
        vals.update(dict.fromkeys((*GIVEN, "partner_id"), False), answer_to_decide=True)
        commands = list(vals.get("referrer_ids") or [])
        if not any(command[-1].get("partner_id") == partner.id for command in commands):
            vals["referrer_ids"] = [*commands, Command.create({"partner_id": partner.id})]
        draft.events.pop()  # that it is the constituent
        draft.explain(
            "identified",
            self.env._("Brought by %(name)s (%(given)s)", name=partner.name, given=given),
            partner_id=partner.id,
        )

    @api.model
    def _intake_propose_quoted(self, draft, partner, by_email):
        """Propose the first quoted sender who is neither the sender nor brings matters."""
        company_id = draft.vals["company_id"]
        for name, email in draft.door.forwarded:
            contacts = (
                by_email[False, email] | by_email[company_id, email] if email else partner[:0]
            )
            contacts = contacts.browse({one._merged_at_last().id for one in contacts})
            if partner in contacts or any(one._brings_matters() for one in contacts):
                continue
            draft.vals.update(
                identity_to_confirm=True, proposed_name=name or False, proposed_email=email or False
            )
            if contacts:
                draft.vals["identity_candidate_ids"] = [Command.set(contacts.ids)]
            draft.explain("identified", self.env._("Passes on somebody's mail: to be confirmed"))
            return

    # A person says

    def action_identify_as(self, partner_id=0):
        """Say who the constituent is: one of the candidates, or somebody new.

        :param int partner_id: a candidate, or 0 for a new contact
        :return bool: True
        :raises UserError: nothing to confirm, or not one of the candidates
        """
        self.ensure_one()
        self.check_access("write")
        if not self.identity_to_confirm:
            raise UserError(
                self.env._("%(case)s: who it is has been said already.", case=self.display_name)
            )
        partner = self.identity_candidate_ids.filtered(lambda one: one.id == partner_id)
        if partner_id and not partner:
            raise UserError(
                self.env._(
                    "%(case)s: this contact is none of those it may be. Choose it in the case.",
                    case=self.display_name,
                )
            )
        self.write(self._identified_values(partner or self._identity_new_contact()))
        return True

    def _identified_values(self, partner):
        """Return what is written when the constituent is known."""
        values = {"partner_id": partner.id}
        if self._is_proposed():
            # Who passed it on stays as given only in the history.
            values.update(
                partner_name=self.proposed_name or partner.name,
                partner_email=self.proposed_email or partner.email,
                partner_phone=partner.phone,
            )
            if self.partner_id:
                # The employee who passed it on stays in the picture.
                values["referrer_ids"] = [Command.create({"partner_id": self.partner_id.id})]
        if not self.lang:
            values["lang"] = partner.lang
        return values

    def _identity_new_contact(self):
        name, email, phone = (
            (self.proposed_name, self.proposed_email, False)
            if self._is_proposed()
            else (self[given] for given in GIVEN)
        )
        return self.env["res.partner"].create(
            {
                "name": name or email or phone,
                "email": email,
                "phone": phone,
                "lang": self.lang or self.env.lang,
                "is_constituent": True,
                "constituent_role": "resident",
                "company_id": self.company_id.id,
            }
        )

    def action_identify_other(self):
        """Put the candidates aside: a person chooses the constituent in the case, or nobody."""
        cases = self.filtered("identity_to_confirm")
        cases._write_kept(CONFIRMED)
        cases._log_event(self.env._("None of the contacts proposed"), kind="identified")
        return True

    def action_answer_direct(self):
        """Answer the constituent directly."""
        return self._decide_answer("direct")

    def action_answer_through(self):
        """Answer the constituent through who brought it."""
        return self._decide_answer("through")

    def action_answer_both(self):
        """Answer the constituent and who brought it."""
        return self._decide_answer("both")

    def _decide_answer(self, way):
        """Set how the constituent is answered, for all who brought it."""
        self.check_access("write")
        self.referrer_ids.write({"answer_via": way})
        self._answer_is_decided()
        return True

    def _answer_is_decided(self):
        """Let notices go to the constituent as was decided, and say so."""
        labels = dict(self.referrer_ids._fields["answer_via"]._description_selection(self.env))
        for case in self.filtered("answer_to_decide"):
            case._write_kept({"answer_to_decide": False})
            ways = {labels[way] for way in case.referrer_ids.mapped("answer_via")}
            case._log_event(
                self.env._("Answer to the constituent: %(way)s", way=", ".join(sorted(ways))),
                kind="identified",
            )

    def write(self, vals):
        """Write; a constituent or identity that a person gives answers the question."""
        result = super().write(vals)
        if vals.get("partner_id") or vals.get("identity"):
            asked = self.filtered("identity_to_confirm")
            if asked:
                asked._write_kept(CONFIRMED)
                for case in asked.filtered("partner_id"):
                    case._log_event(
                        self.env._("Confirmed by %(user)s", user=self.env.user.name),
                        kind="identified",
                        partner_id=case.partner_id.id,
                    )
        return result

    # Who is told

    def _notice_readers_constituent(self, subscriptions):
        """Return the constituent, once it is decided that they are answered directly."""
        if self.answer_to_decide:
            return []
        return super()._notice_readers_constituent(subscriptions)
