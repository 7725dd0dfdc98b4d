from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

SHARED, INFORMED = (
    "constituent_case_shared_department_rel",
    "constituent_case_informed_department_rel",
)


class ConstituentCase(models.Model):
    """Departments beside the one that has a case: those that work on it, and those that look."""

    _name = "constituent.case"
    _inherit = "constituent.case"

    shared_department_ids = fields.Many2many(
        "constituent.department",
        SHARED,
        "case_id",
        "department_id",
        string="Shared With",
        help="They work on the case, too.",
    )
    informed_department_ids = fields.Many2many(
        "constituent.department",
        INFORMED,
        "case_id",
        "department_id",
        string="For Their Information",
        help="They see the case and its history, and change nothing.",
    )
    # For the record rule: a plain column that an index finds, before the relation is read.
    is_shared = fields.Boolean(compute="_compute_is_shared", store=True, precompute=True)
    is_shared_with_me = fields.Boolean(
        compute="_compute_is_shared_with_me", search="_search_is_shared_with_me"
    )
    is_shared_to_work = fields.Boolean(
        compute="_compute_is_shared_with_me", search="_search_is_shared_to_work"
    )

    _open_shared_idx = models.Index("(id) WHERE is_shared IS TRUE AND status != 'closed'")
    _shared_idx = models.Index("(id) WHERE is_shared IS TRUE")

    @api.depends("shared_department_ids", "informed_department_ids")
    def _compute_is_shared(self):
        for case in self:
            case.is_shared = bool(case.shared_department_ids or case.informed_department_ids)

    @api.depends("is_shared", "shared_department_ids", "informed_department_ids")
    @api.depends_context("uid")
    def _compute_is_shared_with_me(self):
        departments = self.env.user.constituent_department_ids
        for case in self:
            case.is_shared_to_work = case.is_shared and bool(
                case.shared_department_ids & departments
            )
            case.is_shared_with_me = case.is_shared_to_work or (
                case.is_shared and bool(case.informed_department_ids & departments)
            )

    def _search_is_shared_with_me(self, operator, value):
        return self._search_shared(operator, value, (SHARED, INFORMED))

    def _search_is_shared_to_work(self, operator, value):
        return self._search_shared(operator, value, (SHARED,))

    @api.model
    def _search_shared(self, operator, value, relations):
        """Search for record rules: one subquery, which does not depend on the case.

        A domain on the relation asks for each case anew, so that PostgreSQL would rather
        fetch all shared cases than look through an index.
        """
        if operator != "in" or set(value) != {True}:
            return NotImplemented
        department_ids = tuple(self.env.user.constituent_department_ids.ids)
        if not department_ids:
            return Domain.FALSE
        rows = SQL(" UNION ALL ").join(
            SQL(
                "SELECT case_id FROM %s WHERE department_id IN %s",
                SQL.identifier(relation),
                department_ids,
            )
            for relation in relations
        )

        def _to_sql(model, alias, _query):
            # The column before the subquery: as a domain, they are sorted by name.
            return SQL(
                "(%s IS TRUE AND %s IN (%s))",
                SQL.identifier(alias, "is_shared", to_flush=model._fields["is_shared"]),
                SQL.identifier(alias, "id"),
                rows,
            )

        return Domain.custom(to_sql=_to_sql)
