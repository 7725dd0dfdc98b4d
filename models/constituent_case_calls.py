from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import UserError

from .constituent_call import UNREACHED


class ConstituentCase(models.Model):
    """Telephone calls about a case, and what to do when nobody answers."""

    _name = "constituent.case"
    _inherit = "constituent.case"

    call_ids = fields.One2many("constituent.call", "case_id")
    call_count = fields.Integer(compute="_compute_call_count")
    call_back_by = fields.Datetime(
        compute="_compute_calls",
        help="The first call-back that was promised and is not done.",
    )
    unreached_count = fields.Integer(
        compute="_compute_calls", help="Calls in a row that reached nobody."
    )
    offers_unreachable_letter = fields.Boolean(compute="_compute_calls")

    # Computes

    def _compute_call_count(self):
        counts = dict(
            self.env["constituent.call"]._read_group(
                [("case_id", "in", self.ids)], ["case_id"], ["__count"]
            )
        )
        for case in self:
            case.call_count = counts.get(case._origin, 0)

    @api.depends("call_ids.outcome", "call_ids.call_back_by", "call_ids.called_back_at")
    def _compute_calls(self):
        calls = self.env["constituent.call"].search_fetch(
            [("case_id", "in", self.ids)],
            ["case_id", "direction", "outcome", "called_at", "call_back_by", "is_call_back_open"],
        )
        by_case = calls.grouped("case_id")
        for case in self:
            own = by_case.get(case._origin, calls.browse())
            missed = case._unreached_calls(own)
            promised = own.filtered("is_call_back_open").mapped("call_back_by")
            case.call_back_by = min(promised, default=False)
            case.unreached_count = len(missed)
            case.offers_unreachable_letter = case._offers_unreachable_letter(missed)

    @api.model
    def _unreached_calls(self, calls):
        """Return the calls since they were last spoken to, of the latest first.

        :param calls: of one case, the latest first
        """
        for index, call in enumerate(calls):
            if call.direction == "in" or call.outcome not in UNREACHED:
                return calls[:index]
        return calls

    def _offers_unreachable_letter(self, missed):
        """Return whether it is time to write instead, and nobody has since they were called."""
        # The number of attempts is no secret of the office.
        attempts = self.company_id.sudo().constituent_call_attempts
        if not attempts or len(missed) < attempts or self.status == "closed" or not self.partner_id:
            return False
        since = missed[len(missed) - attempts].called_at
        written = self.correspondence_ids.filtered(
            lambda letter: letter.state != "cancelled" and letter.create_date >= since
        )
        return not written

    def _default_call_back_by(self):
        """Return the end of the next working day: what is promised when nobody says more."""
        office = self.env["res.company"]._office(self.company_id.id)
        return self.env["resource.calendar"]._constituent_nth_working_day_end(
            self._calendar_id(),
            office.tz,
            self._local_date(fields.Datetime.now()),
            1,
        )

    def _calendar_id(self):
        """Return the working hours of who has the case: the department's or the office's."""
        office = self.env["res.company"]._office(self.company_id.id)
        department_id = self.department_id.id
        own = department_id and self.env["constituent.department"]._facts(department_id).calendar_id
        return own or office.calendar_id

    def _call_phone(self):
        """Return the number at which the constituent of this case is called."""
        if self.identity == "identified" and self.partner_id.phone:
            return self.partner_id.phone
        return self.partner_phone or ""

    # Buttons

    def action_log_call(self):
        """Open the window in which a call is logged by one button.

        :return dict: a window action
        """
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Call: %(number)s", number=self.number),
            "res_model": "constituent.call.wizard",
            "views": [(False, "form")],
            "target": "new",
            "context": {"default_case_id": self.id},
        }

    def action_calls(self):
        """Open the calls of the case.

        :return dict: a window action
        """
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "constituent_services.constituent_call_action"
        )
        action.update(
            name=self.env._("Calls of %(number)s", number=self.number),
            domain=[("case_id", "=", self.id)],
            context={"default_case_id": self.id},
        )
        return action

    # Nobody answers: a letter

    def action_unreachable_letter(self):
        """Draft the letter that says how to reach us, and open it.

        :return dict: a window action
        :raises UserError: not called in vain, or nobody to write to
        """
        self.ensure_one()
        if not self.unreached_count:
            raise UserError(
                self.env._("%(case)s: no call was made in vain.", case=self.display_name)
            )
        defaults = self.action_write_letter()["context"]
        vals = {name.removeprefix("default_"): value for name, value in defaults.items()}
        translated = self.with_context(lang=vals["lang"])
        vals.update(
            subject=translated.env._("We could not reach you: %(subject)s", subject=self.name),
            body=translated._unreachable_text(),
            their_date=False,
        )
        return self.env["constituent.correspondence"].create(vals).action_open()

    def _unreachable_text(self):
        """Return the text of the letter, in the language of the context."""
        company = self.company_id
        missed = self._unreached_calls(self.env["constituent.call"].search(self._calls_domain()))
        letters = self.env["constituent.correspondence"]
        days = sorted({self._local_date(call.called_at) for call in missed})
        tried = self.env._(
            "We tried to call you on %(dates)s about your matter number %(number)s and could "
            "not reach you.",
            dates="; ".join(letters._letter_day(day) for day in days),
            number=self.number,
        )
        # How to reach an office is printed on all its letters.
        company_sudo = company.sudo()
        department_sudo = self.department_id.sudo()
        phone = department_sudo.phone or company_sudo.phone
        if phone:
            ask = self.env._(
                "Please call us at %(phone)s, or answer this letter, and name the number above. "
                "Tell us, too, when and how you are best reached.",
                phone=phone,
            )
        else:
            ask = self.env._(
                "Please answer this letter and name the number above. Tell us, too, when and "
                "how you are best reached."
            )
        language = self.env._("If you would rather speak another language, we call an interpreter.")
        return Markup("").join(Markup("<p>%s</p>") % line for line in (tried, ask, language))

    def _calls_domain(self):
        return [("case_id", "=", self.id)]
