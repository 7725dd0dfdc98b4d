import base64

from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from ..tools.flow_chart import FlowError, Step, draw, follow
from ..tools.letter import render_pdf, titled_svg

REPORT = "constituent_services.category_task_chart"


class ConstituentCategoryTask(models.Model):
    """What is to be done about cases of a category, in order: copied to work orders."""

    _name = "constituent.category.task"
    _description = "Task of a Category"
    _order = "category_id, sequence, id"

    category_id = fields.Many2one(
        "constituent.category", required=True, index=True, ondelete="cascade"
    )
    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    note = fields.Text(translate=True, help="How it is done, for the crew's sheet.")
    needs_photo = fields.Boolean(
        string="Photo", help="The order is not done without a photo after the work."
    )
    after_ids = fields.Many2many(
        "constituent.category.task",
        "constituent_category_task_after_rel",
        "task_id",
        "after_id",
        string="Follows",
        domain="[('category_id', '=', category_id), ('id', '!=', id)]",
        help="The task before it in the list when empty.",
    )
    condition = fields.Char(
        string="Only If",
        translate=True,
        help="Only when this is so: the sidewalk is broken, nobody opens. The crew may leave "
        "the task out.",
    )
    company_id = fields.Many2one(related="category_id.company_id", store=True, index=True)

    @api.constrains("after_ids", "sequence", "category_id")
    def _check_order(self):
        for category in self.category_id:
            others = category.task_ids.after_ids.filtered(
                lambda task, category=category: task.category_id != category
            )
            if others:
                raise ValidationError(
                    self.env._(
                        "%(category)s: “%(task)s” is a task of another category.",
                        category=category.complete_name,
                        task=others[0].name,
                    )
                )
            try:
                follow(category._task_steps())
            except FlowError as error:
                raise ValidationError(
                    self.env._(
                        "%(category)s: these tasks follow each other in a circle: %(tasks)s",
                        category=category.complete_name,
                        tasks=", ".join(error.names),
                    )
                ) from error


class ConstituentCategory(models.Model):
    """The task list of a category, and its flow chart."""

    _name = "constituent.category"
    _inherit = "constituent.category"

    task_ids = fields.One2many("constituent.category.task", "category_id", string="Tasks")
    task_chart = fields.Binary(
        string="Flow Chart",
        compute="_compute_task_chart",
        help="Of its own tasks, or the nearest parent's.",
    )

    @api.depends("task_ids.name", "task_ids.sequence", "task_ids.after_ids", "task_ids.condition")
    def _compute_task_chart(self):
        for category in self:
            category.task_chart = base64.b64encode(category._draw_task_chart()) or False

    def _own_or_inherited_tasks(self):
        """Return the tasks of a category, the nearest parent's when it has none."""
        category = self
        while category and not category.task_ids:
            category = category.parent_id
        return category.task_ids

    def _task_steps(self):
        """Return the tasks as steps of a flow chart, in the order of the list."""
        # A form that is not saved yet names tasks by both kinds of id.
        tasks = self._own_or_inherited_tasks()
        return [
            Step(
                task._origin.id or task.id,
                task.name or "",
                tuple(other._origin.id or other.id for other in task.after_ids),
                task.condition or "",
                self.env._("Photo") if task.needs_photo else "",
            )
            for task in tasks.sorted(lambda task: (task.sequence, task._origin.id or 0))
        ]

    def _print_pdf(self):
        """Return the flow chart as PDF.

        :return bytes:
        """
        self.ensure_one()
        values = self._print_values()
        views = self.env["ir.ui.view"].with_context(inherit_branding=False)
        page = views._render_template(REPORT, {"docs": self, "sheets": [values]})
        return render_pdf(page, values["paper"], style="sheet")

    def _print_values(self):
        """Return what is printed of the task list; `chart` is markup.

        :return dict:
        :raises UserError: it has no tasks
        """
        self.ensure_one()
        self.check_access("read")
        chart = self._draw_task_chart()
        if not chart:
            raise UserError(self.env._("%(category)s has no tasks.", category=self.complete_name))
        company = self.company_id or self.env.company
        tasks = self._own_or_inherited_tasks()
        return {
            "lang": (self.env.lang or "en_US").replace("_", "-").split("@")[0],
            "paper": company.constituent_letter_paper or "letter",
            "office": company.name,
            "title": self.complete_name,
            "chart": Markup(titled_svg(chart.decode(), "; ".join(tasks.mapped("name")))),
            "notes": [(task.name, task.note) for task in tasks if task.note],
        }

    def _draw_task_chart(self):
        """Return the flow chart as SVG, empty when there are no tasks."""
        try:
            return draw(self._task_steps(), self.env._("Order received"), self.env._("Done"))
        except FlowError:
            # Refused by the constraint, with the reason.
            return b""
