import base64
import io
import os
from contextlib import closing

from odoo import api, models
from odoo.exceptions import UserError

from ..tools.import_cells import neutral
from ..tools.table_file import (
    TableError,
    check_table,
    find_columns,
    guess_delimiter,
    table_rows,
)

DEFAULT_MAX_MB = 100


class ConstituentImport(models.Model):
    """The file of an import: what it is, and reading it."""

    _name = "constituent.import"
    _inherit = "constituent.import"

    @api.model
    def _max_bytes(self):
        """Return how large a file may be."""
        # A limit that every importer meets; parameters are the administrator's.
        parameter_sudo = self.env["ir.config_parameter"].sudo()
        value = parameter_sudo.get_param("constituent_services.import_max_mb") or ""
        return (int(value) if value.isdigit() and int(value) else DEFAULT_MAX_MB) * 1_000_000

    @api.model
    def _from_bytes(self, name, content, mapping):
        """Return a new import of a file, checked as a whole.

        :param str name: of the file
        :param bytes content: what is in it
        :param mapping: a constituent.import.mapping
        :raises UserError: it is no table, or not one of this mapping
        """
        facts = self._check_content(io.BytesIO(content), mapping)
        run = self.create({"name": os.path.basename(name), "mapping_id": mapping.id})
        # The facts are the import's own to write.
        run.sudo().write(
            {
                "file": base64.b64encode(content),
                "file_size": facts.size,
                "file_sha256": facts.sha256,
                "row_total": facts.rows,
            }
        )
        return run

    @api.model
    def _check_content(self, stream, mapping):
        """Read a whole file once.

        :param stream: binary, seekable
        :param mapping: a constituent.import.mapping
        :return TableFacts:
        :raises UserError: what is wrong, and what to do about it
        """
        if not mapping.line_ids:
            raise UserError(
                self.env._("The mapping “%(mapping)s” has no columns yet.", mapping=mapping.name)
            )
        try:
            facts = check_table(stream, mapping._table_format(), self._max_bytes())
            self._columns(facts.header, mapping)
        except TableError as error:
            raise UserError(self._sentence(error.kind, **error.values)) from error
        return facts

    @api.model
    def _columns(self, header, mapping):
        """Return {column of the mapping: position in the file}.

        :raises TableError: columns missing, or not clear which
        """
        wanted = mapping.line_ids.mapped("column")
        found, missing, twice = find_columns(header, wanted)
        if not found:
            guess = guess_delimiter(",".join(header) if mapping.delimiter == "comma" else header[0])
            if len(header) == 1 and guess != mapping.delimiter:
                raise TableError(
                    "delimiter",
                    guess=self._delimiter_name(guess),
                    delimiter=self._delimiter_name(mapping.delimiter),
                )
        if missing:
            raise TableError(
                "columns_missing", columns=_listed(missing), header=_listed(list(header))
            )
        if twice:
            raise TableError("columns_twice", columns=_listed(twice))
        return found

    def _open_file(self):
        """Return the file as a binary stream; it is not read into memory where it lies on disk."""
        self.ensure_one()
        # Found by the import it belongs to, which the user has.
        attachment_sudo = (
            self.env["ir.attachment"]
            .sudo()
            .search(
                [
                    ("res_model", "=", self._name),
                    ("res_id", "=", self.id),
                    ("res_field", "=", "file"),
                ]
            )
        )
        if not attachment_sudo:
            raise UserError(self._sentence("no_file", name=self.name))
        if attachment_sudo.store_fname:
            try:
                return open(attachment_sudo._full_path(attachment_sudo.store_fname), "rb")
            except OSError as error:
                raise UserError(self._sentence("no_file", name=self.name)) from error
        return io.BytesIO(attachment_sudo.raw)

    def _open_check(self):
        """Refuse to start with a file that does not fit its mapping, which may have changed.

        :raises UserError: what is wrong
        """
        with self._open_file() as stream:
            self._check_content(stream, self.mapping_id)

    def _read_rows(self, stream, skip=0):
        """Iterate over the rows of the file as (TableRow, {column: cell}).

        :param stream: as ``_open_file`` returns it
        :param int skip: so many rows are done already
        """
        with closing(table_rows(stream, self.mapping_id._table_format())) as rows:
            columns = self._columns(next(rows), self.mapping_id)
            for row in rows:
                if row.number > skip:
                    names = {} if row.problem else columns
                    yield row, {name: row.cells[place] for name, place in names.items()}

    def _refused_lines(self):
        """Iterate over the lines of the file of refused rows, its head first.

        As the file has them, with the reason behind and without a cell that a
        spreadsheet would run; to be mended and imported again.
        """
        self.ensure_one()
        reasons = dict(
            self.env["constituent.import.row"]
            .search_fetch(
                [("import_id", "=", self.id), ("result", "=", "refused")],
                ["number", "message"],
            )
            .mapped(lambda row: (row.number, row.message))
        )
        with (
            self._open_file() as stream,
            closing(table_rows(stream, self.mapping_id._table_format())) as rows,
        ):
            yield [*map(neutral, next(rows)), self.env._("Row"), self.env._("Reason")]
            for row in rows:
                if row.number in reasons:
                    # What a row with a wrong number of cells has is the first thing to see.
                    yield [*map(neutral, row.cells), row.number, neutral(reasons[row.number])]


def _listed(names):
    """Return names for a sentence; a file may have hundreds."""
    shown = [name if len(name) <= 60 else name[:59] + "…" for name in names[:30]]
    return ", ".join(f"“{name}”" for name in shown) + (" …" if len(names) > 30 else "")
