from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

SIDES = ("for", "against")


class ConstituentIssue(models.Model):
    """A question before the city on which people write for or against."""

    _name = "constituent.issue"
    _inherit = ["mail.thread"]
    _description = "Issue"
    _order = "state desc, name"

    name = fields.Char(required=True, tracking=True)
    description = fields.Html(help="What is decided, when and by whom; what the office answers.")
    state = fields.Selection(
        [("open", "Open"), ("closed", "Closed")],
        required=True,
        default="open",
        tracking=True,
        copy=False,
        help="Letters are counted for open issues; a closed one keeps its counts.",
    )
    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company
    )
    group_ids = fields.One2many("constituent.opinion.group", "issue_id", string="Opinion Mail")
    mail_count = fields.Integer(compute="_compute_mails", string="Letters")
    for_count = fields.Integer(compute="_compute_mails", string="Letters For")
    against_count = fields.Integer(compute="_compute_mails", string="Letters Against")
    unclear_count = fields.Integer(compute="_compute_mails", string="Letters Unclear")
    people_count = fields.Integer(
        compute="_compute_people",
        string="People",
        help="Each constituent once, as they wrote last; letters without a known constituent "
        "count by themselves.",
    )
    for_people = fields.Integer(compute="_compute_people", string="For")
    against_people = fields.Integer(compute="_compute_people", string="Against")
    unclear_people = fields.Integer(compute="_compute_people", string="Unclear")

    _name_uniq = models.UniqueIndex("(company_id, lower(name))", "This issue exists already.")

    # Counts as the reader sees them: of cases they may read

    @api.depends("group_ids.case_ids.position")
    @api.depends_context("uid")
    def _compute_mails(self):
        counts = self._counts(SQL("letters.id"))
        for issue in self:
            mine = counts.get(issue._origin.id, {})
            issue.for_count, issue.against_count = (mine.get(side, 0) for side in SIDES)
            issue.mail_count = sum(mine.values())
            issue.unclear_count = issue.mail_count - issue.for_count - issue.against_count

    @api.depends("group_ids.case_ids.position")
    @api.depends_context("uid")
    def _compute_people(self):
        # Whoever is not known as a contact cannot be told from others: one each.
        counts = self._counts(SQL("COALESCE(letters.partner_id, -letters.id)"))
        for issue in self:
            mine = counts.get(issue._origin.id, {})
            issue.for_people, issue.against_people = (mine.get(side, 0) for side in SIDES)
            issue.people_count = sum(mine.values())
            issue.unclear_people = issue.people_count - issue.for_people - issue.against_people

    def _counts(self, unit):
        """Count positions on the issues, each unit once as it was last.

        :param SQL unit: what is counted, of the letters
        :return dict: issue id → {position: count}
        """
        cases = self.env["constituent.case"]
        query = cases._search([("opinion_group_id.issue_id", "in", self.ids)])
        groups = self.env["constituent.opinion.group"]
        groups.flush_model(["issue_id"])
        cases.flush_model(["opinion_group_id", "position", "partner_id", "received_at"])
        self.env.cr.execute(
            SQL(
                """
                SELECT issue_id, position, count(*)
                  FROM (SELECT DISTINCT ON (family.issue_id, %(unit)s)
                               family.issue_id, letters.position
                          FROM constituent_case AS letters
                          JOIN constituent_opinion_group AS family
                            ON family.id = letters.opinion_group_id
                         WHERE letters.id IN %(seen)s
                         ORDER BY family.issue_id, %(unit)s, letters.received_at DESC,
                                  letters.id DESC) AS latest
                 GROUP BY issue_id, position
                """,
                unit=unit,
                seen=query.subselect(),
            )
        )
        counts = {}
        for issue_id, position, count in self.env.cr.fetchall():
            counts.setdefault(issue_id, {})[position] = count
        return counts

    # Actions

    def action_close(self):
        """Close the issues: no more letters are counted for them.

        :return bool: True
        """
        return self.write({"state": "closed"})

    def action_reopen(self):
        """Open the issues again.

        :return bool: True
        """
        return self.write({"state": "open"})

    def action_letters(self):
        """Open the letters on the issue, counted over time, by position and district.

        :return dict: a window action
        """
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "constituent_services.constituent_case_action_opinion"
        )
        action.update(
            name=self.env._("Letters on %(issue)s", issue=self.name),
            domain=[("opinion_group_id.issue_id", "=", self.id)],
        )
        return action

    @api.ondelete(at_uninstall=False)
    def _unlink_except_counted(self):
        for issue in self:
            if issue.group_ids:
                raise UserError(
                    self.env._(
                        "%(issue)s: letters are counted for it. Close it instead.",
                        issue=issue.name,
                    )
                )
