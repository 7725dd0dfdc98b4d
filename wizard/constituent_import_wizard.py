import base64
import io
import re

from odoo import Command, api, fields, models
from odoo.exceptions import UserError

from ..tools.import_plan import TARGETS
from ..tools.import_suggest import suggest_date_style, suggest_targets
from ..tools.table_file import TableError, guess_format, table_rows


class ConstituentImportWizard(models.TransientModel):
    """Choose a file and what its columns mean, see the first rows, start."""

    _name = "constituent.import.wizard"
    _inherit = ["constituent.wizard.mixin"]
    _description = "Import a File"

    kind = fields.Selection(
        [("case", "Service requests"), ("contact", "Contacts")],
        string="What Is in It",
        required=True,
        default="case",
    )
    file = fields.Binary(string="CSV File", required=True, attachment=False)
    file_name = fields.Char()
    mapping_id = fields.Many2one(
        "constituent.import.mapping",
        domain="[('kind', '=', kind)]",
        help="What the columns mean. For a new kind of file, make one from its columns.",
    )
    import_id = fields.Many2one("constituent.import", readonly=True)
    row_total = fields.Integer(related="import_id.row_total")
    preview = fields.Html(compute="_compute_preview", string="The First Rows, as They Would Become")

    @api.onchange("kind")
    def _onchange_kind(self):
        if self.mapping_id.kind != self.kind:
            mappings = self.mapping_id.search([("kind", "=", self.kind)], limit=2)
            self.mapping_id = mappings if len(mappings) == 1 else False

    @api.depends("import_id", "mapping_id")
    def _compute_preview(self):
        for wizard in self:
            wizard.preview = wizard.import_id._preview_html() if wizard.import_id else False

    def action_preview(self):
        """Check the file as a whole and show its first rows; nothing is imported.

        :return dict: an action that shows this window again
        :raises UserError: what is wrong with the file, and what to do
        """
        self.ensure_one()
        if not self.mapping_id:
            raise UserError(
                self.env._("Choose a mapping, or make one from the columns of the file.")
            )
        self.import_id = self.env["constituent.import"]._from_bytes(
            self.file_name or self.env._("file.csv"), self._content(), self.mapping_id
        )
        # The import keeps the file from here on.
        self.file = base64.b64encode(b"-")
        return self._again()

    def action_back(self):
        """Go back to the choice of file and mapping.

        :return dict: an action that shows an empty window
        """
        self.ensure_one()
        kind, mapping = self.kind, self.mapping_id
        self.import_id.unlink()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "constituent_services.constituent_import_wizard_action"
        )
        action["context"] = {"default_kind": kind, "default_mapping_id": mapping.id}
        return action

    def action_check(self):
        """Start the dry run and open the import.

        :return dict: a window action
        """
        self.import_id.action_check()
        return self._open_import()

    def action_import(self):
        """Start importing and open the import.

        :return dict: a window action
        """
        self.import_id.action_import()
        return self._open_import()

    def action_new_mapping(self):
        """Make a mapping from the columns of the file and open it.

        :return dict: a window action
        :raises UserError: the file is no table
        """
        self.ensure_one()
        mapping = self.env["constituent.import.mapping"].create(self._mapping_vals())
        return {
            "type": "ir.actions.act_window",
            "res_model": mapping._name,
            "res_id": mapping.id,
            "views": [(False, "form")],
            "target": "current",
        }

    def _content(self):
        if not self.file:
            raise UserError(self.env._("Choose a file."))
        return base64.b64decode(self.file)

    def _again(self):
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Import a File"),
            "res_model": self._name,
            "res_id": self.id,
            "views": [(False, "form")],
            "target": "new",
        }

    def _open_import(self):
        return {
            "type": "ir.actions.act_window",
            "res_model": "constituent.import",
            "res_id": self.import_id.id,
            "views": [(False, "form")],
            "target": "main",
        }

    def _mapping_vals(self):
        """Return the values of a mapping that fits the file as far as can be guessed.

        Columns nothing is known of are left out: the file has them still.
        """
        stream = io.BytesIO(self._content())
        table_format = guess_format(stream)
        try:
            rows = table_rows(stream, table_format)
            header = next(rows, None) or []
            samples = [row.cells for row, _n in zip(rows, range(50), strict=False) if row.cells]
        except (TableError, UnicodeError) as error:
            kind = error.kind if isinstance(error, TableError) else "not_a_table"
            raise UserError(
                self.env["constituent.import"]._sentence(kind, what="binary")
            ) from error
        name = re.sub(r"\.\w+$", "", self.file_name or "") or self.env._("New Mapping")
        code = re.sub(r"[^A-Za-z0-9_-]+", "-", name).strip("-_").lower() or "mapping"
        targets = suggest_targets(header, TARGETS[self.kind])
        if not targets:
            raise UserError(
                self.env._(
                    "None of the columns is known: %(columns)s. Make the mapping by hand, in "
                    "Imports → Mappings.",
                    columns=", ".join(header[:20]),
                )
            )
        return {
            "name": name,
            "code": self._free_code(code),
            "kind": self.kind,
            "external_source": code,
            "encoding": table_format.encoding,
            "delimiter": table_format.delimiter,
            "date_style": suggest_date_style(cell for cells in samples for cell in cells),
            "line_ids": [
                Command.create({"column": column, f"{self.kind}_target": target})
                for column, target in targets
            ],
        }

    def _free_code(self, code):
        taken = self.env["constituent.import.mapping"].with_context(active_test=False)
        number, free = 1, code
        while taken.search_count([("code", "=ilike", free)], limit=1):
            number += 1
            free = f"{code}-{number}"
        return free
