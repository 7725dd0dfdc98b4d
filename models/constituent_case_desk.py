from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain


class ConstituentCase(models.Model):
    """What a person at the desk sees beside the case, and the buttons of its screens."""

    _name = "constituent.case"
    _inherit = "constituent.case"

    # How to reach the constituent, as the contact says today
    constituent_email = fields.Char(related="partner_id.email", related_sudo=False, string="Email")
    constituent_phone = fields.Char(
        related="partner_id.phone", related_sudo=False, string="Telephone"
    )
    constituent_address = fields.Char(
        compute="_compute_constituent_address",
        string="Constituent's Address",
        help="Where the constituent gets mail; the place of the matter may be another.",
    )
    constituent_contact_preference = fields.Selection(
        related="partner_id.contact_preference", related_sudo=False, string="Prefers"
    )
    constituent_language_needed = fields.Char(
        related="partner_id.language_needed", related_sudo=False
    )
    constituent_accessibility_needs = fields.Char(
        related="partner_id.accessibility_needs", related_sudo=False
    )
    constituent_protected_address = fields.Boolean(
        related="partner_id.protected_address", related_sudo=False
    )
    constituent_deceased = fields.Boolean(related="partner_id.deceased", related_sudo=False)
    category_is_hazard = fields.Boolean(
        compute="_compute_category_is_hazard",
        search="_search_category_is_hazard",
        compute_sudo=True,
        string="Hazard",
    )
    in_my_departments = fields.Boolean(
        compute="_compute_in_my_departments",
        search="_search_in_my_departments",
        string="My Departments",
    )
    constituent_search = fields.Char(
        compute="_compute_constituent_search",
        search="_search_constituent_search",
        string="Constituent's Name, Email or Telephone",
        help="Only to search by: looks the constituent up in indexed columns.",
    )
    other_case_count = fields.Integer(compute="_compute_other_case_count")
    part_count = fields.Integer(compute="_compute_part_count")
    event_count = fields.Integer(compute="_compute_event_count")
    inbound_mail_count = fields.Integer(
        compute="_compute_inbound_mail_count", groups="constituent_services.group_caseworker"
    )

    # Computes

    @api.depends("partner_id")
    def _compute_constituent_address(self):
        for case in self:
            # With the reader's own rights: a contact of another office stays there.
            partner = case.partner_id
            lines = partner._letter_place(case.company_id.country_id) if partner else []
            case.constituent_address = ", ".join(lines)

    @api.depends("category_id.is_hazard")
    def _compute_category_is_hazard(self):
        for case in self:
            case.category_is_hazard = case.category_id.is_hazard

    def _search_category_is_hazard(self, operator, value):
        # Archived categories, too: their cases are there.
        categories = self.env["constituent.category"].with_context(active_test=False)
        hazards = categories.search([("is_hazard", "=", True)])
        return self._search_flag(operator, value, Domain("category_id", "in", hazards.ids))

    @api.depends("department_id")
    @api.depends_context("uid")
    def _compute_in_my_departments(self):
        departments = self.env.user.constituent_department_ids
        for case in self:
            case.in_my_departments = case.department_id in departments

    def _search_in_my_departments(self, operator, value):
        departments = self.env.user.constituent_department_ids
        return self._search_flag(operator, value, Domain("department_id", "in", departments.ids))

    @api.model
    def _search_flag(self, operator, value, domain):
        """Return the domain for a Boolean that is worked out.

        :param Domain domain: where it is true. With ids in place of a path: PostgreSQL
            knows then how many cases there are, and reads no others to find that there
            are none.
        """
        if operator != "in":
            return NotImplemented
        return Domain.OR(domain if wanted else ~domain for wanted in value)

    def _compute_constituent_search(self):
        self.constituent_search = False

    def _search_constituent_search(self, operator, value):
        if operator not in ("ilike", "="):
            return NotImplemented
        # Ids only, narrowed by the case's own rules.
        partners_sudo = self.env["res.partner"].sudo()
        domain = partners_sudo._constituent_search_domain(value)
        return Domain("partner_id", "in", partners_sudo._search(domain))

    @api.depends("partner_id")
    def _compute_other_case_count(self):
        counts = dict(
            self._read_group(
                [("partner_id", "in", self.partner_id.ids)], ["partner_id"], ["__count"]
            )
        )
        for case in self:
            own = 1 if case._origin.partner_id == case.partner_id else 0
            case.other_case_count = max(counts.get(case.partner_id._origin, 0) - own, 0)

    def _compute_part_count(self):
        counts = dict(self._read_group([("parent_id", "in", self.ids)], ["parent_id"], ["__count"]))
        for case in self:
            case.part_count = counts.get(case._origin, 0)

    def _compute_event_count(self):
        counts = dict(
            self.env["constituent.case.event"]._read_group(
                [("case_id", "in", self.ids)], ["case_id"], ["__count"]
            )
        )
        for case in self:
            case.event_count = counts.get(case._origin, 0)

    def _compute_inbound_mail_count(self):
        counts = dict(
            self.env["constituent.inbound.mail"]._read_group(
                [("case_id", "in", self.ids)], ["case_id"], ["__count"]
            )
        )
        for case in self:
            case.inbound_mail_count = counts.get(case._origin, 0)

    # Smart buttons

    def action_other_cases(self):
        """Open the constituent's other cases.

        :return dict: a window action
        """
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "constituent_services.constituent_case_action"
        )
        action.update(
            name=self.env._("Cases of %(name)s", name=self.partner_id.display_name),
            domain=[("partner_id", "=", self.partner_id.id), ("id", "!=", self.id)],
            context={},
        )
        return action

    def action_parts(self):
        """Open the cases that are part of this one.

        :return dict: a window action
        """
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "constituent_services.constituent_case_action"
        )
        action.update(
            name=self.env._("Parts of %(number)s", number=self.number),
            domain=[("parent_id", "=", self.id)],
            context={"default_parent_id": self.id},
        )
        return action

    def action_history(self):
        """Open the whole history of the case.

        :return dict: a window action
        """
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "constituent_services.constituent_case_event_action"
        )
        action.update(
            name=self.env._("History of %(number)s", number=self.number),
            domain=[("case_id", "=", self.id)],
        )
        return action

    def action_import_rows(self):
        """Open what imports say of the case: from which file and line, what was mended.

        :return dict: a window action
        """
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "constituent_services.constituent_import_row_action"
        )
        action.update(
            name=self.env._("Imports of %(number)s", number=self.number),
            domain=[("case_id", "=", self.id)],
        )
        return action

    def action_mails(self):
        """Open the mails that came in on this case, with their originals.

        :return dict: a window action
        """
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "constituent_services.constituent_inbound_mail_action"
        )
        action.update(
            name=self.env._("Mails of %(number)s", number=self.number),
            domain=[("case_id", "=", self.id)],
            context={},
        )
        return action

    # Steps a person takes once: their wizards

    def action_close(self):
        """Ask how the cases ended, and close them.

        :return dict: the action of the wizard
        :raises UserError: nothing to close
        """
        cases = self.filtered(lambda case: case.status != "closed")
        if not cases:
            raise UserError(self.env._("These cases are closed already."))
        return cases._wizard_action(
            "constituent.case.close.wizard",
            self.env._("Close %(number)s", number=cases.number)
            if len(cases) == 1
            else self.env._("Close %(count)s Cases", count=len(cases)),
        )

    def action_reopen(self):
        """Ask why the cases are taken up again, and reopen them.

        :return dict: the action of the wizard
        :raises UserError: nothing to reopen
        """
        cases = self.filtered(lambda case: case.status == "closed")
        if not cases:
            raise UserError(self.env._("These cases are not closed."))
        return cases._wizard_action("constituent.case.reopen.wizard", self.env._("Reopen"))

    def action_hand_over(self):
        """Ask which department or person takes the cases over, and why.

        :return dict: the action of the wizard
        :raises UserError: only closed cases
        """
        cases = self.filtered(lambda case: case.status != "closed")
        if not cases:
            raise UserError(self.env._("Closed cases are not handed over: reopen them first."))
        return cases._wizard_action("constituent.case.hand.over.wizard", self.env._("Hand Over"))

    def _wizard_action(self, model, name):
        """Return the action that opens a wizard on these cases.

        :param str model: the wizard's model, which has ``case_ids``
        :param str name: what its window is called
        """
        return {
            "type": "ir.actions.act_window",
            "name": name,
            "res_model": model,
            "view_mode": "form",
            "views": [(False, "form")],
            "target": "new",
            "context": {"default_case_ids": self.ids},
        }
