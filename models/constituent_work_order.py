import pytz

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

ORDER_STATES = [
    ("draft", "Draft"),
    ("dispatched", "Dispatched"),
    ("in_progress", "In Progress"),
    ("done", "Done"),
    ("cancelled", "Cancelled"),
]
# What the crew was told: a change of it is told in the cases' history.
PLAN_FIELDS = {"crew_id", "window_start", "window_end"}
PHOTO_FIELDS = {"before_photo_ids", "after_photo_ids"}
OPEN_STATES = ("draft", "dispatched", "in_progress")
# Given by the order's own steps, never by a form or over RPC.
KEPT_FIELDS = {
    "number", "state", "dispatched_at", "started_at", "done_at", "done_by_id", "cancel_reason",
    "follow_up_of_id", "is_reinspected", "is_restricted", "case_department_id",
}  # fmt: skip


class ConstituentWorkOrder(models.Model):
    """Work at one place, for one case or several: who does it, when, with what.

    This file holds the record; its way from draft to done is in `_steps`, its photos in
    `_photo`, what is printed for the crew in `_sheet`. It says nothing of who
    complained: a crew sees what stands here and no case.
    """

    _name = "constituent.work.order"
    _description = "Work Order"
    _order = "window_start, id"
    _rec_names_search = ["number", "name"]

    number = fields.Char(readonly=True, copy=False, index="trigram", help="WO-2026-000012")
    name = fields.Char(
        string="Work",
        required=True,
        index="trigram",
        help="What is to be done, in a line. The crew reads it: no names of residents.",
    )
    kind = fields.Selection(
        [("work", "Work"), ("code", "Code Enforcement")], required=True, default="work"
    )
    state = fields.Selection(
        ORDER_STATES,
        required=True,
        default="draft",
        readonly=True,
        copy=False,
        group_expand="_expand_states",
    )
    priority = fields.Selection(
        [("0", "Normal"), ("1", "Elevated"), ("2", "High"), ("3", "Urgent")],
        default="0",
        required=True,
    )
    # A case is a record and stays; the database refuses to take it from under an order.
    case_ids = fields.Many2many(
        "constituent.case",
        "constituent_work_order_case_rel",
        "order_id",
        "case_id",
        string="Cases",
        ondelete="restrict",
        help="What people reported about this one place.",
    )
    category_id = fields.Many2one(
        "constituent.category",
        index="btree_not_null",
        ondelete="restrict",
        help="Its task list is copied to the order.",
    )

    # Where
    street = fields.Char(index="trigram")
    city = fields.Char()
    zip = fields.Char(string="ZIP")
    location_note = fields.Char(string="Where Exactly")
    asset = fields.Char(help="Number of the lamp, hydrant, tree, sign...")
    latitude = fields.Float(digits=(10, 7))
    longitude = fields.Float(digits=(10, 7))

    # Who and when
    crew_id = fields.Many2one("constituent.crew", index="btree_not_null", ondelete="restrict")
    department_id = fields.Many2one(
        "constituent.department",
        required=True,
        index=True,
        ondelete="restrict",
        compute="_compute_department_id",
        store=True,
        readonly=False,
        precompute=True,
        help="The crew's, once one is chosen.",
    )
    supervisor_id = fields.Many2one(
        "res.users",
        index="btree_not_null",
        ondelete="restrict",
        domain="[('share', '=', False)]",
        compute="_compute_supervisor_id",
        store=True,
        readonly=False,
        precompute=True,
    )
    window_start = fields.Datetime(string="From", copy=False)
    window_end = fields.Datetime(string="To", copy=False)

    # With what
    hours_estimated = fields.Float(string="Estimated Hours")
    hours_actual = fields.Float(string="Hours Worked", copy=False)
    equipment = fields.Text()
    material = fields.Text()
    permit_note = fields.Text(string="Permits", help="Street closure, utility mark-out...")
    instructions = fields.Text(help="For the crew. No names of residents.")
    contact_on_site = fields.Char(
        string="Contact on Site",
        help="Who opens the gate: a custodian, a site manager. Typed in by hand, printed on the "
        "crew's sheet. Never somebody whose name is confidential.",
    )
    task_ids = fields.One2many(
        "constituent.work.order.task",
        "order_id",
        string="Tasks",
        compute="_compute_task_ids",
        store=True,
        readonly=False,
        copy=False,
    )

    # How it went
    report = fields.Text(
        string="What Was Done",
        copy=False,
        help="In words a resident understands: the answer is drafted from it.",
    )
    dispatched_at = fields.Datetime(readonly=True, copy=False)
    started_at = fields.Datetime(readonly=True, copy=False)
    done_at = fields.Datetime(readonly=True, copy=False)
    done_by_id = fields.Many2one("res.users", readonly=True, copy=False, ondelete="restrict")
    cancel_reason = fields.Char(string="Why Cancelled", readonly=True, copy=False)

    # Code enforcement
    notice_served_on = fields.Date(copy=False)
    compliance_on = fields.Date(
        string="Comply By", copy=False, help="Until when the violation is to be mended."
    )
    result = fields.Selection(
        [
            ("no_violation", "No Violation"),
            ("complied", "Complied"),
            ("violation", "Violation"),
            ("no_access", "No Access"),
        ],
        copy=False,
    )
    reinspection_on = fields.Date(string="Reinspect On", copy=False)
    follow_up_of_id = fields.Many2one(
        "constituent.work.order",
        string="Reinspection Of",
        readonly=True,
        copy=False,
        ondelete="restrict",
        index="btree_not_null",
    )
    follow_up_ids = fields.One2many(
        "constituent.work.order", "follow_up_of_id", string="Reinspections"
    )
    is_reinspected = fields.Boolean(compute="_compute_is_reinspected", store=True)

    # For the record rules: plain columns
    is_restricted = fields.Boolean(compute="_compute_is_restricted", store=True)
    case_department_id = fields.Many2one(
        "constituent.department",
        string="Department of the Case",
        compute="_compute_case_department_id",
        store=True,
        index="btree_not_null",
        help="Whoever works the case sees its orders, another department's too.",
    )
    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company
    )

    # For the form
    crew_color = fields.Integer(related="crew_id.color", string="Color of the Crew")
    place_warning = fields.Char(compute="_compute_place_warning")
    is_late = fields.Boolean(compute="_compute_is_late")

    _number_uniq = models.UniqueIndex(
        "(company_id, number)", "This office already has a work order with this number."
    )
    _window_in_order = models.Constraint(
        "CHECK (window_start IS NULL OR window_end IS NULL OR window_start <= window_end)",
        "The work cannot end before it begins.",
    )
    _hours_positive = models.Constraint(
        "CHECK (COALESCE(hours_estimated, 0) >= 0 AND COALESCE(hours_actual, 0) >= 0)",
        "Hours cannot be negative.",
    )
    _open_idx = models.Index(
        "(window_start, id) INCLUDE (company_id, is_restricted, department_id, crew_id)"
        " WHERE state IN ('draft', 'dispatched', 'in_progress')"
    )
    _window_idx = models.Index("(window_start, id)")
    _create_uid_idx = models.Index("(create_uid)")
    _reinspection_idx = models.Index("(reinspection_on) WHERE reinspection_on IS NOT NULL")

    # Computes

    @api.depends("number", "name")
    def _compute_display_name(self):
        for order in self:
            order.display_name = " ".join(filter(None, (order.number, order.name)))

    @api.depends("crew_id")
    def _compute_department_id(self):
        for order in self:
            order.department_id = order.crew_id.department_id or order.department_id

    @api.depends("crew_id")
    def _compute_supervisor_id(self):
        for order in self:
            order.supervisor_id = order.crew_id.supervisor_id or order.supervisor_id

    @api.depends("category_id")
    def _compute_task_ids(self):
        """Copy the category's tasks, as long as nobody has been sent out with others."""
        for order in self:
            if order.state != "draft":
                continue
            order.task_ids = [
                fields.Command.clear(),
                *(
                    fields.Command.create(
                        {
                            "sequence": number,
                            "name": task.name,
                            "note": task.note,
                            "condition": task.condition,
                            "needs_photo": task.needs_photo,
                        }
                    )
                    for number, task in enumerate(order.category_id._own_or_inherited_tasks())
                ),
            ]

    @api.depends("follow_up_ids.state")
    def _compute_is_reinspected(self):
        for order in self:
            order.is_reinspected = any(
                follow_up.state != "cancelled" for follow_up in order.follow_up_ids
            )

    @api.depends("case_ids.confidentiality")
    def _compute_is_restricted(self):
        for order in self:
            cases = order._every_case()
            order.is_restricted = "restricted" in cases.mapped("confidentiality")

    @api.depends("case_ids.department_id")
    def _compute_case_department_id(self):
        for order in self:
            order.case_department_id = order._every_case().sorted("id").department_id[:1]

    @api.depends("window_start", "window_end", "state")
    def _compute_is_late(self):
        now = fields.Datetime.now()
        for order in self:
            end = order.window_end or order.window_start
            order.is_late = bool(end and end < now and order.state in OPEN_STATES)

    @api.depends("case_ids")
    def _compute_place_warning(self):
        for order in self:
            order.place_warning = order.case_ids._apart_text()

    @api.model
    def _expand_states(self, states, domain):
        """Show the columns in the order of the way; of finished ones those that are asked for."""
        return [state for state, _label in ORDER_STATES if state in OPEN_STATES or state in states]

    # Constraints

    @api.constrains("company_id", "case_ids", "department_id", "crew_id")
    def _check_same_office(self):
        for order in self:
            others = (*order.case_ids, order.department_id, order.crew_id)
            if any(other and other.company_id != order.company_id for other in others):
                raise ValidationError(
                    self.env._(
                        "%(order)s: its cases, department and crew must be of the same office.",
                        order=order.display_name,
                    )
                )

    @api.constrains("latitude", "longitude")
    def _check_coordinates(self):
        for order in self:
            if not (-90 <= order.latitude <= 90 and -180 <= order.longitude <= 180):
                raise ValidationError(
                    self.env._(
                        "%(order)s: latitude must be within ±90 and longitude within ±180.",
                        order=order.display_name,
                    )
                )

    # CRUD

    @api.model_create_multi
    def create(self, vals_list):
        """Create drafts with numbers of their office.

        :raises AccessError: a case out of the user's sight
        """
        fresh = []
        for vals in vals_list:
            kept = {} if self.env.su else dict.fromkeys(KEPT_FIELDS, False)
            fresh.append({**vals, **kept, "state": "draft"})
        for vals in fresh:
            # Computed; a value given would stay.
            for name in ("is_reinspected", "is_restricted", "case_department_id"):
                vals.pop(name, None)
        self._draw_numbers(fresh)
        orders = super().create(fresh)
        cases = {order: order._every_case() for order in orders}
        orders._check_cases(cases)
        orders._log_cases(cases)
        orders._adopt_photos()
        return orders

    def write(self, vals):
        """Write; the state and what follows from it are changed by buttons only.

        :raises UserError: a kept field, or an order that is done or cancelled
        :raises AccessError: a case out of the user's sight
        """
        self._check_may_write(vals)
        plans = {order: order._plan_text() for order in self} if PLAN_FIELDS & vals.keys() else {}
        before = {o: o._every_case() for o in self} if "case_ids" in vals else {}
        result = super().write(vals)
        if before:
            added = {o: o._every_case() - cases for o, cases in before.items()}
            self._check_cases(added)
            self._log_cases(added)
        if PHOTO_FIELDS & vals.keys():
            self._adopt_photos()
        for order, plan in plans.items():
            order._log_plan(plan)
        return result

    def unlink(self):
        """Delete drafts; what was dispatched is a record and stays.

        :raises UserError: an order that is no draft
        """
        self.check_access("unlink")
        self._check_may_delete()
        for order in self:
            order._log(self.env._("%(order)s deleted: it was a draft", order=order.number))
        return super().unlink()

    def _check_may_delete(self):
        for order in self:
            if order.state != "draft" or order.dispatched_at:
                raise UserError(
                    self.env._(
                        "%(order)s was dispatched: it is a record and is not deleted. "
                        "Cancel it instead.",
                        order=order.display_name,
                    )
                )

    def _check_may_write(self, vals):
        """Refuse what only the order's own steps write, and changes of what is finished.

        :raises UserError: says which
        """
        names = KEPT_FIELDS & vals.keys()
        if "company_id" in vals and any(o.company_id.id != vals["company_id"] for o in self):
            names.add("company_id")
        if names:
            labels = self.fields_get(list(names), ["string"])
            raise UserError(
                self.env._(
                    "%(fields)s: changed by the order's buttons only.",
                    fields=", ".join(sorted(label["string"] for label in labels.values())),
                )
            )
        for order in self:
            if order.state not in OPEN_STATES:
                raise UserError(
                    self.env._(
                        "%(order)s is finished. Reopen it to change it.", order=order.display_name
                    )
                )

    def _every_case(self):
        """Return the cases of orders with superuser rights, also those the user does not see."""
        # Not by the field: what is cached of it is what its first reader may see.
        cases_sudo = self.env["constituent.case"].sudo()
        return cases_sudo.search([("work_order_ids", "in", self.ids)])

    def _check_cases(self, added):
        """Refuse cases the user does not work on: whoever sees the order learns of them.

        :param dict added: {order: cases}
        :raises AccessError: as Odoo words it
        """
        if not self.env.su:
            for cases in added.values():
                cases.with_env(self.env).check_access("write")

    def _advance(self, vals):
        """Write the next state past the guard of `write`: private, so no call reaches it.

        :param dict vals: the caller has checked who may
        """
        # pylint: disable-next=super-method-mismatch
        return super().write(vals)

    @api.model
    def _draw_numbers(self, vals_list):
        """Give new orders the next numbers of their office: WO-2026-000012."""
        by_company = {}
        for vals in vals_list:
            vals["company_id"] = (
                vals.get("company_id") or (self.default_get(["company_id"])["company_id"])
            )
            by_company.setdefault(vals["company_id"], []).append(vals)
        for company_id, company_vals in by_company.items():
            zone = pytz.timezone(self.env["res.company"]._office(company_id).tz)
            year = pytz.utc.localize(fields.Datetime.now()).astimezone(zone).year
            drawn = self.env["constituent.case"]._draw_sequence(
                "constituent_work_order_number", company_id, year, len(company_vals)
            )
            for vals, value in zip(company_vals, drawn, strict=True):
                vals["number"] = f"WO-{year}-{value:06}"
