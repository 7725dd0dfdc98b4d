from odoo.addons.web.controllers.export import (
    CSVExport,
    ExcelExport,
    ExportXlsxWriter,
    GroupExportXlsxWriter,
)

from ..tools.import_cells import neutral


class ConstituentCsvExport(CSVExport):
    """Lists taken out as CSV: what residents and other systems wrote stays text.

    Odoo guards against three of the four signs by which a spreadsheet knows a formula.
    """

    def from_data(self, fields, columns_headers, rows):
        """Return the file; see Odoo."""
        rows = [[neutral(cell) if _is_at(cell) else cell for cell in row] for row in rows]
        return super().from_data(fields, map(neutral, columns_headers), rows)


class _TextWriter(ExportXlsxWriter):
    def __init__(self, *arguments):
        super().__init__(*arguments)
        self.worksheet.strings_to_urls = False


class _GroupTextWriter(_TextWriter, GroupExportXlsxWriter):
    pass


class ConstituentExcelExport(ExcelExport):
    """Lists taken out as a workbook: what residents and other systems wrote stays text.

    The writer takes text that begins with = for a formula, and an address for a link that one
    click opens, also of a file on somebody's server.
    """

    def from_data(self, fields, columns_headers, rows):
        """Return the file; see Odoo."""
        with _TextWriter(fields, list(map(_text, columns_headers)), len(rows)) as writer:
            for number, row in enumerate(rows):
                for column, cell in enumerate(row):
                    writer.write_cell(number + 1, column, _text(cell))
        return writer.value

    def from_group_data(self, fields, columns_headers, groups):
        """Return the file with its groups; see Odoo."""
        _neutralise_groups(groups)
        with _GroupTextWriter(fields, list(map(_text, columns_headers)), groups.count) as writer:
            row, column = 1, 0
            for name, group in groups.children.items():
                row, column = writer.write_group(row, column, name, group)
        return writer.value


def _is_at(cell):
    """Return whether a cell begins with a sign that Odoo leaves as it is."""
    return isinstance(cell, str) and cell.startswith(("@", "\t", "\r"))


def _text(cell):
    """Return a cell that the workbook's writer takes for text."""
    if isinstance(cell, str) and cell.startswith(("=", "{=")):
        return "'" + cell
    return cell


def _label(label):
    """Return the name of a group as text; of records it comes with their id."""
    return tuple(map(_text, label)) if isinstance(label, tuple) else _text(label)


def _neutralise_groups(groups):
    groups.data = [[_text(cell) for cell in row] for row in groups.data]
    groups.children = {_label(label): group for label, group in groups.children.items()}
    for group in groups.children.values():
        _neutralise_groups(group)
