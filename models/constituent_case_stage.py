from odoo import api, fields, models, tools

CASE_STATUSES = [
    ("new", "New"),
    ("open", "In Progress"),
    ("waiting", "Waiting"),
    ("closed", "Closed"),
]


class ConstituentCaseStage(models.Model):
    """A step of the office's own way of working; its status is what reports count."""

    _name = "constituent.case.stage"
    _inherit = ["constituent.master.mixin"]
    _description = "Case Stage"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    status = fields.Selection(
        CASE_STATUSES,
        required=True,
        default="open",
        help="What the stage means to officials, the public and reports.",
    )
    public_name = fields.Char(
        translate=True, help="What the constituent reads. The stage's name when empty."
    )
    waits_for_constituent = fields.Boolean(
        string="Waits for the Constituent",
        help="Entering this stage sends the notice “Waiting for you”, where it is on.",
    )
    fold = fields.Boolean(string="Folded in Kanban")
    active = fields.Boolean(default=True)
    company_id = fields.Many2one("res.company", index=True)

    @api.model
    def _first_stage(self, status, company=None):
        """Return the first stage of a status.

        :param str status: one of CASE_STATUSES
        :param company: office; stages of no office serve all
        :return: a stage, or an empty recordset when the office has none of this status
        """
        company = company or self.env.company
        return self.browse(self._first_stage_id(status, company.id))

    @api.model
    @tools.ormcache("status", "company_id")
    def _first_stage_id(self, status, company_id):
        # The stages are configuration that every role may know.
        stages_sudo = self.sudo().search(
            [("status", "=", status), ("company_id", "in", (False, company_id))], limit=1
        )
        return stages_sudo.id

    @api.model
    @tools.ormcache("stage_id")
    def _status_by_id(self, stage_id):
        """Return the status of a stage."""
        # The stages are configuration that every role may know.
        return self.sudo().browse(stage_id).status
