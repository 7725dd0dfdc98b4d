from odoo import api, models
from odoo.exceptions import UserError
from odoo.tools import SQL

# One function a table, so that it can name the columns: a trigger's own WHEN clause
# would too, but then PostgreSQL refuses to change the type of such a column or to
# drop it when the addon is updated.
_FUNCTION = """
CREATE OR REPLACE FUNCTION %(function)s() RETURNS trigger LANGUAGE plpgsql AS $seal$
DECLARE
    refused text;
BEGIN
    IF TG_OP = 'TRUNCATE' THEN
        IF EXISTS (SELECT FROM %(table)s AS kept WHERE %(kept)s) THEN
            refused := 'Table ' || TG_TABLE_NAME || ' holds sealed records and is not emptied.';
        END IF;
    ELSIF (%(sealed)s) IS NOT TRUE THEN
        NULL;
    ELSIF TG_OP = 'DELETE' THEN
        refused := 'Record ' || old.id || ' of ' || TG_TABLE_NAME
            || ' is sealed and is not deleted.';
    ELSIF ROW(%(new)s) IS DISTINCT FROM ROW(%(old)s) OR (%(move)s) IS NOT TRUE THEN
        refused := 'Record ' || old.id || ' of ' || TG_TABLE_NAME
            || ' is sealed and is not changed.';
    END IF;
    IF refused IS NOT NULL THEN
        -- The table's name tells Odoo which model it is about.
        RAISE EXCEPTION USING MESSAGE = refused, TABLE = TG_TABLE_NAME,
            ERRCODE = 'restrict_violation';
    END IF;
    IF TG_OP = 'DELETE' THEN
        RETURN old;
    END IF;
    RETURN new;
END $seal$
"""
_TRIGGERS = {
    "constituent_seal_row": "BEFORE UPDATE OR DELETE ON %(table)s FOR EACH ROW",
    "constituent_seal_table": "BEFORE TRUNCATE ON %(table)s FOR EACH STATEMENT",
}


class ConstituentSealedMixin(models.AbstractModel):
    """Records that nobody changes or deletes once they are sealed.

    Two guards that know the same rule: the ORM's methods, which refuse in clear
    words whatever the user, superuser or context, and a trigger of the database
    for everything that goes round them (merges, server actions, SQL). The trigger
    has the last word, and the table's owner alone can remove it.

    A model says what its seal is by the attributes below. A column that is not
    named stays open: those that contact merges rewrite, and bookkeeping.
    """

    _name = "constituent.sealed.mixin"
    _description = "Sealed Records"

    #: Field that says whether a record is sealed; every record is when empty.
    _seal_field = None
    #: Values of that field with which a record is sealed.
    _seal_values = ()
    #: {value: values it may still change to} of that field; no others are allowed.
    _seal_moves = {}
    #: Columns the seal covers, beside the field above, creation date and author.
    _seal_columns = ()
    #: Fields the ORM guards beside them: many2many, and what only merges may rewrite.
    _seal_fields = ()

    # Database

    def init(self):
        """Put the guard into the database; again with every update of the addon."""
        super().init()
        if not self._abstract:
            self._seal_init()

    def _seal_init(self):
        """Create the trigger's function, and the triggers that are not there yet."""
        cr = self.env.cr
        function = SQL.identifier(f"constituent_seal_{self._table}")
        table = SQL.identifier(self._table)
        columns = self._seal_all_columns()
        parts = {
            "function": function,
            "table": table,
            "sealed": self._seal_condition_sql("old"),
            "kept": self._seal_condition_sql("kept"),
            "new": SQL(", ").join(SQL.identifier("new", name) for name in columns),
            "old": SQL(", ").join(SQL.identifier("old", name) for name in columns),
            "move": self._seal_move_sql(),
        }
        cr.execute(SQL(_FUNCTION, **parts))
        cr.execute("SELECT tgname FROM pg_trigger WHERE tgrelid = %s::regclass", (self._table,))
        present = {name for (name,) in cr.fetchall()}
        for name, event in _TRIGGERS.items():
            if name not in present:
                cr.execute(
                    SQL(
                        "CREATE TRIGGER %s %s EXECUTE FUNCTION %s()",
                        SQL.identifier(name),
                        SQL(event, table=table),
                        function,
                    )
                )
                # Fires for replicated changes and in restored sessions too.
                cr.execute(
                    SQL("ALTER TABLE %s ENABLE ALWAYS TRIGGER %s", table, SQL.identifier(name))
                )

    @api.model
    def _seal_all_columns(self):
        """Return the columns that never change once sealed; the seal's own field moves."""
        columns = (*self._seal_columns, "id", "create_uid", "create_date")
        return tuple(dict.fromkeys(name for name in columns if name != self._seal_field))

    @api.model
    def _seal_condition_sql(self, row):
        """Return the SQL condition that the row of that name is sealed."""
        if not self._seal_field:
            return SQL("TRUE")
        return SQL(
            "%s IN (%s)",
            SQL.identifier(row, self._seal_field),
            SQL(", ").join(map(self._seal_literal, self._seal_values)),
        )

    @api.model
    def _seal_move_sql(self):
        """Return the SQL condition that the seal's field stays, or moves as allowed."""
        if not self._seal_field:
            return SQL("TRUE")
        old = SQL.identifier("old", self._seal_field)
        new = SQL.identifier("new", self._seal_field)
        conditions = [SQL("%s IS NOT DISTINCT FROM %s", old, new)]
        for value, following in self._seal_moves.items():
            allowed = SQL(", ").join(map(self._seal_literal, following))
            conditions.append(
                SQL("(%s = %s AND %s IN (%s))", old, self._seal_literal(value), new, allowed)
            )
        return SQL(" OR ").join(conditions)

    @api.model
    def _seal_literal(self, value):
        """Return a constant of this file's classes as SQL text.

        The body of a function is one string to the database driver: values cannot
        be parameters in it.
        """
        if value is True:
            return SQL("TRUE")
        if not value.replace("_", "").isalnum():
            raise ValueError(f"not a plain word: {value!r}")
        return SQL(f"'{value}'")  # pylint: disable=sql-injection

    # CRUD: nothing of the context, user or environment is looked at

    def write(self, vals):
        """Write, unless it touches what a seal covers.

        :raises AccessError: not the user's to write
        :raises UserError: a guarded field of a sealed record
        """
        # First, as the refusal below names the record.
        self.check_access("write")
        self._seal_flush()
        self._seal_check([vals] * len(self), (*self._seal_columns, *self._seal_fields))
        return super().write(vals)

    def _write_multi(self, vals_list):
        """Write columns, unless they are covered by a seal (computed ones come this way)."""
        self._seal_check(vals_list, self._seal_columns)
        return super()._write_multi(vals_list)

    def unlink(self):
        """Delete, unless sealed.

        :raises AccessError: not the user's to delete
        :raises UserError: one of the records is sealed
        """
        self.check_access("unlink")
        self._seal_flush()
        sealed = self._seal_state()
        if sealed:
            name = self._seal_name(next(iter(sealed)))
            raise UserError(self.env._("%(record)s is sealed and is not deleted.", record=name))
        return super().unlink()

    def _seal_flush(self):
        """Write out a pending seal: it holds for what comes after it in the same breath."""
        if self._seal_field:
            self.flush_recordset([self._seal_field])

    def _seal_check(self, vals_list, guarded):
        """Refuse values for a sealed record that its seal covers.

        :param list[dict] vals_list: what is to be written, a dict for each record
        :param guarded: names of the covered fields, beside the seal's own
        :raises UserError: a covered value, or a change of the seal's field not allowed
        """
        covered = {*guarded, self._seal_field, "create_uid", "create_date"}
        touched = [
            (rec_id, covered & vals.keys(), vals)
            for rec_id, vals in zip(self._ids, vals_list, strict=True)
        ]
        touched = [item for item in touched if item[1] and isinstance(item[0], int)]
        if not touched:
            return
        sealed = self.browse(rec_id for rec_id, _names, _vals in touched)._seal_state()
        for rec_id, names, vals in touched:
            if rec_id not in sealed:
                continue
            if names == {self._seal_field}:
                value = vals[self._seal_field]
                if value == sealed[rec_id] or value in self._seal_moves.get(sealed[rec_id], ()):
                    continue
            name = self._seal_name(rec_id)
            raise UserError(self.env._("%(record)s is sealed and is not changed.", record=name))

    def _seal_state(self):
        """Return {id: value of the seal's field} of the sealed records, as stored.

        Read from the table: the cache may hold what is just being written.
        """
        ids = [rec_id for rec_id in self._ids if isinstance(rec_id, int)]
        if not self._seal_field:
            return dict.fromkeys(ids)
        if not ids:
            return {}
        name = SQL.identifier("kept", self._seal_field)
        return dict(
            self.env.execute_query(
                SQL(
                    "SELECT kept.id, %s FROM %s AS kept WHERE kept.id IN %s AND %s",
                    name,
                    SQL.identifier(self._table),
                    tuple(ids),
                    self._seal_condition_sql("kept"),
                )
            )
        )

    @api.model
    def _seal_any(self):
        """Return whether the table holds a sealed record, whoever may see it."""
        return bool(
            self.env.execute_query(
                SQL(
                    "SELECT FROM %s AS kept WHERE %s LIMIT 1",
                    SQL.identifier(self._table),
                    self._seal_condition_sql("kept"),
                )
            )
        )

    def _seal_name(self, rec_id):
        # Who may write a record may hear its name, however that is put together.
        record_sudo = self.browse(rec_id).sudo()
        kind = self.env["ir.model"]._get(self._name).name
        return f"{kind} “{record_sudo.display_name}”"
