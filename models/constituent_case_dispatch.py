from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tools import format_date, plaintext2html

from ..tools.dispatch import Place, apart, names_somebody
from ..tools.text import fold

PREFILLED = "default_"


class ConstituentCase(models.Model):
    """How a case is worked in the street: its work orders, and what follows from them."""

    _name = "constituent.case"
    _inherit = "constituent.case"

    work_order_ids = fields.Many2many(
        "constituent.work.order",
        "constituent_work_order_case_rel",
        "case_id",
        "order_id",
        string="Work Orders",
        copy=False,
        groups="constituent_services.group_caseworker",
    )
    work_order_count = fields.Integer(
        compute="_compute_work_order_count", groups="constituent_services.group_caseworker"
    )
    is_work_done = fields.Boolean(
        string="All Work Done",
        compute="_compute_is_work_done",
        help="Its work orders are done, and none is to be inspected again.",
    )

    # Computes

    def _compute_work_order_count(self):
        counts = dict(
            self.env["constituent.work.order"]._read_group(
                [("case_ids", "in", self.ids)], ["case_ids"], ["__count"]
            )
        )
        for case in self:
            case.work_order_count = counts.get(case._origin, 0)

    @api.depends("status", "work_order_ids.state")
    def _compute_is_work_done(self):
        open_cases = self.filtered(lambda case: case.status != "closed")
        (self - open_cases).is_work_done = False
        if not open_cases:
            return
        # Another department's order counts, whoever looks: only whether all is done is told.
        orders_sudo = self.env["constituent.work.order"].sudo()
        by_case = {
            case.id: orders
            for case, orders in orders_sudo._read_group(
                [("case_ids", "in", open_cases.ids)], ["case_ids"], ["id:recordset"]
            )
        }
        for case in open_cases:
            orders = by_case.get(case._origin.id, orders_sudo)
            case.is_work_done = "done" in orders.mapped("state") and all(
                order._is_settled() for order in orders
            )

    # Dispatching

    def action_dispatch(self):
        """Open a new work order for these cases, filled in from what they know.

        :return dict: action with a form that is not saved yet
        :raises UserError: closed, or of several offices
        :raises AccessError: not a caseworker, or a case out of sight
        """
        self.env["constituent.work.order"].check_access("create")
        self.check_access("read")
        closed = self.filtered(lambda case: case.status == "closed")
        if closed:
            raise UserError(
                self.env._("%(case)s is closed: reopen it first.", case=closed[:1].display_name)
            )
        if len(self.company_id) > 1:
            raise UserError(self.env._("These cases are of several offices."))
        values = self._work_order_values()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Dispatch"),
            "res_model": "constituent.work.order",
            "views": [(False, "form")],
            "context": {PREFILLED + name: value for name, value in values.items()},
        }

    def _work_order_values(self):
        """Return what a new work order for these cases begins with."""
        main = self.sorted("id")[:1]
        # As one order is for one place, the first case that says where it is.
        placed = self.filtered(lambda case: not case._is_at_protected_address())
        place = (placed.filtered("has_location") or placed.filtered("street") or placed).sorted(
            "id"
        )[:1]
        return {
            "case_ids": [Command.set(self.ids)],
            "name": main._work_order_title(),
            "category_id": main.category_id.id,
            "department_id": (main.department_id or main.company_id.constituent_department_id).id,
            "company_id": main.company_id.id,
            "priority": max(self.mapped("priority")),
            "street": place.street,
            "city": place.city,
            "zip": place.zip,
            "location_note": place.location_note,
            "latitude": place.latitude,
            "longitude": place.longitude,
        }

    def _work_order_title(self):
        """Return a line for the crew: the subject, unless it might say who complained."""
        partner = self.partner_id
        people = [(self.partner_name, self.partner_phone, self.partner_email)]
        people.append((partner.name, partner.phone, partner.email))
        hidden = self._people_not_to_name()
        if hidden or any(names_somebody(self.name, *person) for person in people):
            return self.category_id.name or self.env._("Work at the place named below")
        return self.name

    def _apart_text(self):
        """Return why these cases are not at one place, or an empty string."""
        meters, streets = apart(
            [Place(case.street or "", case.latitude, case.longitude) for case in self]
        )
        if meters:
            return self.env._(
                "These cases are up to %(meters)s meters apart: are they one place?",
                meters=meters,
            )
        if streets:
            return self.env._(
                "These cases are at different streets: %(streets)s", streets=", ".join(streets)
            )
        return ""

    def action_work_orders(self):
        """Open the work orders of the case.

        :return dict: a window action
        """
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "constituent_services.constituent_work_order_action"
        )
        values = self._work_order_values()
        action.update(
            name=self.env._("Work Orders of %(number)s", number=self.number),
            domain=[("case_ids", "in", self.ids)],
            context={PREFILLED + name: value for name, value in values.items()},
        )
        return action

    # What does not go out with a crew

    def _people_not_to_name(self):
        """Return (name, telephone, email) of those whose identity or address is protected."""
        people = []
        for case in self:
            partner = case.partner_id
            if case.identity != "identified" or partner.protected_address:
                people.append((case.partner_name, case.partner_phone, case.partner_email))
                if partner:
                    people.append((partner.name, partner.phone, partner.email))
        return people

    def _is_at_protected_address(self):
        """Return whether the place of the matter is the constituent's protected address."""
        partner = self.partner_id
        return bool(
            partner.protected_address
            and partner.street
            and fold(self.street) == fold(partner.street)
        )

    # After the work

    def action_close_after_work(self):
        """Open the window that closes the case, with what the crews did as its note.

        :return dict: the action of the wizard
        :raises UserError: closed already
        """
        self.ensure_one()
        action = self.action_close()
        outcome = self.env["constituent.case.outcome"].search(
            [("code", "=", "resolved"), ("company_id", "in", (False, self.company_id.id))],
            order="company_id",
            limit=1,
        )
        lang = self.lang or self.partner_id.lang or self.env.lang
        action["context"] = {
            **action["context"],
            "default_outcome_id": outcome.id,
            "default_note": "\n".join(self.with_context(lang=lang)._work_sentences()),
        }
        return action

    def action_draft_work_answer(self):
        """Draft a letter to the constituent that tells what was done. Nothing is sent.

        :return dict: action with the form of the draft
        :raises UserError: anonymous, or nobody to write to
        """
        self.ensure_one()
        prepared = self.action_write_letter()
        vals = {
            name.removeprefix(PREFILLED): value
            for name, value in prepared["context"].items()
            if name.startswith(PREFILLED)
        }
        told = self.with_context(lang=vals["lang"])
        body = [plaintext2html(sentence) for sentence in told._work_sentences()]
        vals["body"] = Markup().join([told._work_thanks(), *body, told._work_ending()])
        letter = self.env["constituent.correspondence"].create(vals)
        return {
            "type": "ir.actions.act_window",
            "res_model": "constituent.correspondence",
            "res_id": letter.id,
            "views": [(False, "form")],
        }

    def _work_thanks(self):
        letters = self.env["constituent.correspondence"]
        thanks = self.env._(
            "Thank you for bringing this matter to our attention on %(date)s.",
            date=letters._letter_day(self._local_date(self.received_at)),
        )
        return Markup("<p>%s</p>") % thanks

    def _work_ending(self):
        ending = self.env._(
            "If you see that something was left undone, please tell us and name the number "
            "%(number)s.",
            number=self.number,
        )
        return Markup("<p>%s</p>") % ending

    def _work_sentences(self):
        """Return what was done, a sentence or more an order, in the language of the context."""
        # What another department did is told to the constituent, too.
        orders_sudo = self.env["constituent.work.order"].sudo()
        domain = [("case_ids", "in", self.ids), ("state", "=", "done")]
        sentences = []
        for order in orders_sudo.search(domain, order="done_at, id"):
            day = format_date(self.env, order._office_day(order.done_at), date_format="long")
            sentences.append(
                self.env._("We finished the work on %(date)s.", date=day)
                if order.kind == "work"
                else self.env._("We inspected the place on %(date)s.", date=day)
            )
            if (order.report or "").strip():
                sentences[-1] += " " + order.report.strip()
        return sentences
