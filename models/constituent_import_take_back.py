import logging

from psycopg2 import IntegrityError

from odoo import fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL, mute_logger

_logger = logging.getLogger(__name__)

# So many records are removed in one transaction.
SLICE = 250
# So many are named when somebody has worked on them.
NAMED = 5
# Tables that say by the name of the model what their rows hang on, and that column.
BY_NAME = (
    ("mail_message", "model"),
    ("mail_activity", "res_model"),
    ("ir_attachment", "res_model"),
)


class ConstituentImport(models.Model):
    """Taking an import back: what it made is removed, what it changed is as before.

    Only as a whole, and only until somebody has worked on any of it: from then on the
    records are the office's own. The database holds the same line: a case that has any
    history cannot be deleted, and imported cases begin without one.
    """

    _name = "constituent.import"
    _inherit = "constituent.import"

    def _check_take_back(self):
        """Refuse when somebody has worked on a record of this import.

        :raises UserError: names some of them
        """
        self.ensure_one()
        if self.state not in ("done", "stopped", "failed"):
            raise UserError(self.env._("“%(file)s” is not imported.", file=self.name))
        self.env.flush_all()
        ids = self._touched_ids()
        if not ids:
            return
        # Names only of what whoever asks may see.
        model = "constituent.case" if self.kind == "case" else "res.partner"
        records = self.env[model].browse(ids)._filtered_access("read")[:NAMED]
        raise UserError(
            self.env._(
                "%(count)s of the imported records have been worked on since, so this import "
                "is not taken back: %(records)s",
                count=len(ids),
                records=", ".join(records.mapped("display_name")) or "…",
            )
        )

    def _touched_ids(self):
        """Return the ids of records of this import that somebody has worked on since.

        A record counts as worked on when it was written after its row was, or when
        anything that hangs on it was made later.
        """
        column = "case_id" if self.kind == "case" else "partner_id"
        model = "constituent.case" if self.kind == "case" else "res.partner"
        row_column = SQL.identifier("r", column)
        later = SQL("hanging.create_date > r.create_date")
        conditions = [SQL("record.write_date > r.create_date")]
        conditions += [
            SQL(
                "EXISTS (SELECT FROM %s AS hanging WHERE hanging.%s = %s AND %s)",
                SQL.identifier(self.env[name]._table),
                SQL.identifier(field_name),
                row_column,
                later,
            )
            for name, field_name in self._hanging_on(model)
        ]
        conditions += [
            SQL(
                "EXISTS (SELECT FROM %s AS hanging"
                " WHERE hanging.%s = %s AND hanging.res_id = %s AND %s)",
                SQL.identifier(table),
                SQL.identifier(model_column),
                model,
                row_column,
                later,
            )
            for table, model_column in BY_NAME
        ]
        rows = self.env.execute_query(
            SQL(
                "SELECT record.id FROM constituent_import_row r JOIN %s record ON record.id = %s"
                " WHERE r.import_id = %s AND r.result IN ('created', 'updated') AND (%s)"
                " ORDER BY record.id",
                SQL.identifier(self.env[model]._table),
                row_column,
                self.id,
                SQL(" OR ").join(conditions),
            )
        )
        return [row[0] for row in rows]

    def _hanging_on(self, model):
        """Yield (model, many2one) of our records that point to a record of a model."""
        for name, other in self.env.registry.items():
            ours = name.startswith("constituent.") or name == model
            if not ours or other._abstract or other._transient or not other._auto:
                continue
            # A case that an import brings along with its contact is no work on it.
            if name.startswith("constituent.import"):
                continue
            for field in other._fields.values():
                if field.type == "many2one" and field.comodel_name == model and field.store:
                    yield name, field.name

    # Work

    def _work_back(self, seconds):
        """Remove and restore slice after slice, the last rows first.

        :param seconds: see ``_work``
        :raises UserError: somebody has worked on a record meanwhile
        """
        while True:
            rows = self._rows_to_take_back()
            if not rows:
                self._remove_masters()
                # The state is the import's own to write.
                self.sudo().write({"state": "taken_back", "finished_at": fields.Datetime.now()})
                seconds(0)
                return
            try:
                with mute_logger("odoo.sql_db"), self.env.cr.savepoint():
                    self._take_rows_back(rows)
            except IntegrityError as error:
                raise UserError(
                    self.env._(
                        "Somebody has worked on one of the records meanwhile: the import is "
                        "taken back as far as row %(number)s.",
                        number=rows[0].number,
                    )
                ) from error
            # The counts are the import's own to write.
            self.sudo().write({"row_done": max(self.row_done - len(rows), 0)})
            if not seconds(len(rows)):
                return

    def _rows_to_take_back(self):
        """Return the next rows, the last of the file first."""
        column = "case_id" if self.kind == "case" else "partner_id"
        # Only the import itself changes its rows.
        rows_sudo = self.env["constituent.import.row"].sudo()
        return rows_sudo.search(
            [
                ("import_id", "=", self.id),
                (column, "!=", False),
                "|",
                ("result", "=", "created"),
                "&",
                ("result", "=", "updated"),
                ("replaced", "!=", False),
            ],
            order="number desc",
            limit=SLICE,
        )

    def _take_rows_back(self, rows):
        for row in rows.filtered(lambda row: row.result == "updated"):
            record = row.case_id if self.kind == "case" else row.partner_id
            vals = dict(row.replaced)
            if "tag_ids" in vals:
                vals["tag_ids"] = [fields.Command.set(vals["tag_ids"])]
            record.with_context(tracking_disable=True).write(vals)
            row.replaced = False
        made = rows.filtered(lambda row: row.result == "created")
        partners = made.filtered("made_partner").partner_id
        if self.kind == "case":
            made.case_id._unlink_imported()
            self._remove_contacts(partners, made)
        else:
            partners.unlink()
        self.env.flush_all()

    def _remove_contacts(self, partners_sudo, rows):
        """Remove the contacts that cases of this import brought along, where unused.

        :param partners_sudo: contacts made by the rows
        :param rows: the rows
        """
        made_at = {row.partner_id.id: row.create_date for row in rows}
        for partner_sudo in partners_sudo:
            used = partner_sudo.case_ids or partner_sudo.user_ids or partner_sudo.child_ids
            if used or partner_sudo.write_date > made_at[partner_sudo.id]:
                continue
            try:
                with mute_logger("odoo.sql_db"), self.env.cr.savepoint():
                    partner_sudo.unlink()
            except (IntegrityError, UserError):
                # Something else refers to it by now: then it stays.
                _logger.info("Import %s: a contact stays, as it is used", self.id)

    def _remove_masters(self):
        """Remove departments and categories this import made and nobody has used since."""
        # They were made for a mapping that a manager let make them.
        for category_sudo in self.made_category_ids.sudo():
            used = category_sudo.child_ids or self._is_used(
                (
                    ("constituent.case", [("category_id", "=", category_sudo.id)]),
                    ("constituent.routing.rule", [("category_ids", "in", category_sudo.ids)]),
                )
            )
            if not used:
                category_sudo.unlink()
        # As above.
        for department_sudo in self.made_department_ids.sudo():
            domain = [("department_id", "=", department_sudo.id)]
            shared = [("shared_department_ids", "in", department_sudo.ids)]
            used = self._is_used(
                (
                    ("constituent.case", domain),
                    ("constituent.case", shared),
                    ("constituent.category", domain),
                    ("constituent.correspondence", domain),
                    ("constituent.routing.rule", domain),
                )
            )
            if not (used or department_sudo.member_ids or department_sudo.head_id):
                department_sudo.unlink()

    def _is_used(self, uses):
        """Return whether there is a record, archived or not, in one of (model, domain) pairs."""
        for model, domain in uses:
            # Whoever may see it.
            records_sudo = self.env[model].sudo().with_context(active_test=False)
            if records_sudo.search_count(domain, limit=1):
                return True
        return False
