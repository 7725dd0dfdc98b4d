import ast
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL, format_date

# So many are chosen at most: a day's post of a big city.
MOST = 50_000
# Longer after it was closed, a letter about a case does not answer its inquiry any more.
ANSWER_DAYS = 90


class ConstituentLetterBatch(models.Model):
    """For whom the letters are: cases or constituents, by any filter."""

    _name = "constituent.letter.batch"
    _inherit = "constituent.letter.batch"

    choose_from = fields.Selection(
        [("constituent.case", "Cases"), ("res.partner", "Constituents")],
        default="constituent.case",
        required=True,
    )
    case_domain = fields.Char(string="Which Cases", default="[]")
    partner_domain = fields.Char(string="Which Constituents", default="[]")

    def action_add(self):
        """Add those who fit the filter: what the user may see, and each once.

        :return dict: says how many were added
        :raises UserError: not choosing any more, a broken filter, too many, or nobody
        """
        self.ensure_one()
        self.check_access("write")
        if self.choose_from == "constituent.case":
            records = self.env["constituent.case"].search(
                self._read_domain(self.case_domain), limit=MOST + 1
            )
        else:
            domain = self._read_domain(self.partner_domain) & Domain("is_constituent", "=", True)
            records = self.env["res.partner"].search(domain, limit=MOST + 1)
        if len(records) > MOST:
            raise UserError(self.env._("More than %(most)s fit the filter: narrow it.", most=MOST))
        added = self._add(records)
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success" if added else "warning",
                "message": self.env._("%(count)s added.", count=added),
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }

    def _read_domain(self, text):
        try:
            domain = Domain(ast.literal_eval(text or "[]"))
        except (ValueError, SyntaxError, TypeError) as error:
            raise UserError(self.env._("The filter cannot be read: %(why)s", why=error)) from error
        if domain.is_true():
            raise UserError(self.env._("Choose which: an empty filter would be everybody."))
        return domain

    def _add(self, records):
        """Add cases or constituents; return how many are new.

        Restricted cases get letters of their own, and cases in which nobody is named none.

        :param records: constituent.case or res.partner the user may read
        """
        self.ensure_one()
        if self.state != "draft":
            raise UserError(self.env._("The letters are being written: nobody is added now."))
        records.check_access("read")
        self.env.flush_all()
        if records._name == "constituent.case":
            source = SQL(
                "SELECT c.id, c.partner_id, c.intake_mode != 'import'"
                " AND (c.status != 'closed' OR COALESCE(c.closed_at > %s, false))"
                " FROM constituent_case c"
                " WHERE c.id = ANY(%s) AND c.partner_id IS NOT NULL AND c.company_id = %s"
                " AND c.confidentiality != 'restricted' AND c.identity = 'identified'",
                fields.Datetime.now() - timedelta(days=ANSWER_DAYS),
                list(records.ids),
                self.company_id.id,
            )
        else:
            source = SQL(
                "SELECT NULL::int, p.id, false FROM res_partner p"
                " WHERE p.id = ANY(%s) AND p.active AND NOT EXISTS (SELECT FROM"
                " constituent_letter_batch_line l WHERE l.batch_id = %s AND l.partner_id = p.id"
                " AND l.case_id IS NULL)",
                list(records.ids),
                self.id,
            )
        self.env.cr.execute(
            SQL(
                "INSERT INTO constituent_letter_batch_line (batch_id, company_id, case_id,"
                " partner_id, is_answer, state, create_uid, write_uid, create_date, write_date)"
                " SELECT %s, %s, source.*, 'waiting', %s, %s, now() AT TIME ZONE 'UTC',"
                " now() AT TIME ZONE 'UTC' FROM (%s) AS source(case_id, partner_id, is_answer)"
                " ORDER BY source.case_id, source.partner_id ON CONFLICT DO NOTHING",
                self.id, self.company_id.id, self.env.uid, self.env.uid, source,
            )
        )  # fmt: skip
        added = self.env.cr.rowcount
        self.invalidate_recordset(["line_ids"])
        return added

    @api.model
    def _open_for(self, records):
        """Begin a batch for records chosen in a list.

        :param records: constituent.case or res.partner
        :return dict: the action that shows it
        :raises UserError: none of them may get a letter
        """
        day = format_date(self.env, fields.Date.context_today(self))
        batch = self.create({"name": self.env._("Batch of %(day)s", day=day)})
        if not batch._add(records):
            raise UserError(
                self.env._(
                    "Nobody to write to: nobody is named in these cases, or they are restricted."
                )
            )
        return batch._open()

    def _open(self):
        """Return the action that shows one batch."""
        return {
            "type": "ir.actions.act_window",
            "res_model": self._name,
            "res_id": self.id,
            "views": [(False, "form")],
        }
