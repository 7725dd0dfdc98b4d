import base64

from markupsafe import Markup

from odoo import fields, models
from odoo.tools import format_date

from ..tools.district_map import Outline, draw
from ..tools.letter import render_pdf, titled_svg
from ..tools.qr import qr_svg

REPORT = "constituent_services.work_order_sheet"


class ConstituentWorkOrder(models.Model):
    """What a crew takes along on paper: the place, the tasks, and nobody's name."""

    _name = "constituent.work.order"
    _inherit = "constituent.work.order"

    map_image = fields.Binary(string="Map", compute="_compute_map_image")

    def _compute_map_image(self):
        for order in self:
            order.map_image = base64.b64encode(order._draw_map()) or False

    def _print_pdf(self):
        """Return the sheet as PDF.

        :return bytes:
        :raises UserError: it would name somebody who is confidential
        """
        self.ensure_one()
        values = self._print_values()
        views = self.env["ir.ui.view"].with_context(inherit_branding=False)
        page = views._render_template(REPORT, {"docs": self, "sheets": [values]})
        return render_pdf(page, values["paper"], style="sheet")

    def _print_values(self):
        """Return all that is printed; nothing of a case or constituent is among it.

        :return dict: texts, ready to print; `map` and `qr` are markup
        :raises UserError: it would name somebody who is confidential
        """
        self.ensure_one()
        self.check_access("read")
        # Identities may have become confidential since it was written.
        self._refuse(lambda order: order._privacy_obstacle())
        # Crew, supervisor and office are printed for whoever may read the order.
        order_sudo = self.sudo()
        label = {name: field["string"] for name, field in self.fields_get().items()}
        priorities = dict(self._fields["priority"]._description_selection(self.env))
        place = (order_sudo.street, " ".join(filter(None, (order_sudo.city, order_sudo.zip))))
        facts = (
            (label["crew_id"], order_sudo.crew_id.name),
            (label["supervisor_id"], order_sudo.supervisor_id.name),
            (self.env._("When"), self._window_text()),
            (label["priority"], order_sudo.priority != "0" and priorities[order_sudo.priority]),
            (label["asset"], order_sudo.asset),
            (label["contact_on_site"], order_sudo.contact_on_site),
            (label["hours_estimated"], self._hours_text(order_sudo.hours_estimated)),
            *self._print_inspection(label),
        )
        notes = ("instructions", "equipment", "material", "permit_note")
        return {
            "lang": (self.env.lang or "en_US").replace("_", "-").split("@")[0],
            "paper": order_sudo.company_id.constituent_letter_paper or "letter",
            "office": order_sudo.company_id.name,
            "department": order_sudo.department_id.name,
            "number": order_sudo.number,
            "title": order_sudo.name,
            "place": [line for line in place if line],
            "where": order_sudo.location_note,
            "facts": [(name, text) for name, text in facts if text],
            "notes": [(label[name], order_sudo[name]) for name in notes if order_sudo[name]],
            "tasks": [
                (task.name, task.condition, task.needs_photo, task.note, task.is_done)
                for task in order_sudo.task_ids
            ],
            "map": Markup(titled_svg(self._draw_map().decode(), ", ".join(filter(None, place)))),
            "qr": Markup(self._qr_code()),
        }

    def _print_inspection(self, label):
        """Return (label, text) of the code enforcement, where it is one."""
        if self.kind != "code":
            return ()
        return tuple(
            (label[name], self[name] and format_date(self.env, self[name], date_format="medium"))
            for name in ("notice_served_on", "compliance_on", "reinspection_on")
        )

    def _hours_text(self, hours):
        """Return hours as 2:30, or an empty string."""
        if not hours:
            return ""
        minutes = round(hours * 60)
        return f"{minutes // 60}:{minutes % 60:02}"

    def _draw_map(self):
        """Return the districts around with a dot where the work is, as SVG.

        Empty without coordinates, without districts, or where the place is protected.
        """
        self.ensure_one()
        if not (self.latitude and self.longitude) or self._privacy_obstacle():
            return b""
        # The boundaries are public, and the same for everybody who goes there.
        districts_sudo = self.env["constituent.district"].sudo()
        here = districts_sudo.browse(
            districts_sudo._at(
                self.company_id.id, self.latitude, self.longitude, fields.Date.context_today(self)
            )
        )[:1]
        layer = districts_sudo.search_fetch(
            [
                ("company_id", "=", self.company_id.id),
                ("district_type_id", "=", here.district_type_id.id),
                ("has_boundary", "=", True),
                ("valid_to", "=", False),
            ],
            ["boundary_display", "code"],
        )
        outlines = [
            Outline(district.boundary_display, district.code)
            for district in layer
            if district.boundary_display
        ]
        return draw(outlines, (self.latitude, self.longitude))

    def _qr_code(self):
        """Return the QR code of the order's own page, as SVG."""
        address = f"{self.get_base_url()}/odoo/constituent-work-orders/{self.id}"
        return qr_svg(address, self.env._("QR code of this work order"))
