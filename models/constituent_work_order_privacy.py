from odoo import api, models
from odoo.exceptions import ValidationError

from ..tools.dispatch import names_somebody
from ..tools.text import fold

# What stands on the crew's sheet, and on its screen.
PRINTED = (
    "name", "street", "location_note", "asset", "equipment", "material", "permit_note",
    "instructions", "contact_on_site",
)  # fmt: skip


class ConstituentWorkOrder(models.Model):
    """Nobody who asked not to be named is named to a crew."""

    _name = "constituent.work.order"
    _inherit = "constituent.work.order"

    @api.constrains(*PRINTED, "city", "latitude", "longitude", "case_ids", "task_ids")
    def _check_privacy(self):
        for order in self:
            problem = order._privacy_obstacle()
            if problem:
                # By its number: its title may be what names somebody.
                raise ValidationError(
                    self.env._("%(order)s: %(problem)s", order=order.number, problem=problem)
                )

    def _privacy_obstacle(self):
        """Return what must be taken off the order, or an empty string.

        The sentence goes to whoever types: it does not say whom the text names.
        """
        self.ensure_one()
        # A crew sees no case: whom it must not read of is looked up for it.
        order_sudo = self.sudo()
        cases_sudo = self._every_case()
        people = cases_sudo._people_not_to_name()
        for label, text in order_sudo._printed_texts():
            if any(names_somebody(text, *person) for person in people):
                return self.env._(
                    "“%(field)s” names or gives the number of somebody whose identity or "
                    "address is confidential. The crew reads it: take it out.",
                    field=label,
                )
        if any(order_sudo._is_home_of(case) for case in cases_sudo):
            return self.env._(
                "the place is a protected address. It is not printed or mapped: take street "
                "and coordinates out, and tell the supervisor in person."
            )
        return ""

    def _printed_texts(self):
        """Return (label, text) of all that a crew reads."""
        labels = self.fields_get(PRINTED, ["string"])
        texts = [(labels[name]["string"], self[name]) for name in PRINTED if self[name]]
        tasks = self.env._("Tasks")
        texts += [
            (tasks, task[name]) for task in self.task_ids for name in ("name", "note", "condition")
        ]
        return texts

    def _is_home_of(self, case):
        """Return whether the place is the protected address of a case's constituent."""
        partner = case.partner_id
        if not partner.protected_address or not partner.street:
            return False
        if self.street and fold(self.street) == fold(partner.street):
            return True
        same_point = (self.latitude, self.longitude) == (case.latitude, case.longitude)
        return case._is_at_protected_address() and same_point and bool(self.latitude)
