from odoo.addons.web.controllers.export import CSVExport, ExcelExport

from ..tools.import_cells import neutral


class ConstituentCsvExport(CSVExport):
    """Lists taken out as CSV: what residents and other systems wrote stays text.

    Odoo guards against three of the four signs by which a spreadsheet knows a formula.
    """

    def from_data(self, fields, columns_headers, rows):
        """Return the file; see Odoo."""
        rows = [[neutral(cell) if _is_at(cell) else cell for cell in row] for row in rows]
        return super().from_data(fields, map(neutral, columns_headers), rows)


class ConstituentExcelExport(ExcelExport):
    """Lists taken out as a workbook: the writer takes text that begins with = for a formula."""

    def from_data(self, fields, columns_headers, rows):
        """Return the file; see Odoo."""
        rows = [[_text(cell) for cell in row] for row in rows]
        return super().from_data(fields, [_text(name) for name in columns_headers], rows)

    def from_group_data(self, fields, columns_headers, groups):
        """Return the file with its groups; see Odoo."""
        _neutralise_groups(groups)
        return super().from_group_data(fields, [_text(name) for name in columns_headers], groups)


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
