from odoo import models
from odoo.exceptions import UserError


class IrModel(models.Model):
    """Tables that hold sealed records are not dropped, not even for an uninstallation."""

    _name = "ir.model"
    _inherit = "ir.model"

    def _drop_table(self):
        """Drop tables, unless one holds sealed records.

        Odoo's own check is passed by a context key that is open to calls.

        :raises UserError: a table with sealed records
        """
        self._constituent_check_sealed(self.mapped("model"))
        return super()._drop_table()

    def _constituent_check_sealed(self, names, columns=None):
        """Raise when tables of these models hold sealed records.

        :param list names: of models
        :param dict columns: {model: names of columns about to go}; all when not given
        :raises UserError: a sealed record would lose what its seal covers
        """
        for name in names:
            model = self.env.get(name)
            if model is None or not hasattr(model, "_seal_columns") or model._abstract:
                continue
            if columns is not None and columns[name].isdisjoint(model._seal_all_columns()):
                if model._seal_field not in columns[name]:
                    continue
            # Whoever asks: all sealed records count.
            if model._seal_any():
                raise UserError(
                    self.env._(
                        "%(model)s holds sealed records, which are not destroyed with it.",
                        model=model._description,
                    )
                )


class IrModelFields(models.Model):
    """Columns that a seal covers are not dropped either."""

    _name = "ir.model.fields"
    _inherit = "ir.model.fields"

    def _drop_column(self):
        """Drop columns, unless they are covered by the seal of a record.

        :raises UserError: a column of sealed records
        """
        columns = {
            name: set(fields.mapped("name")) for name, fields in self.grouped("model").items()
        }
        self.env["ir.model"]._constituent_check_sealed(columns, columns)
        return super()._drop_column()


class IrModuleModule(models.Model):
    """The addon stays as long as there are sealed records."""

    _name = "ir.module.module"
    _inherit = "ir.module.module"

    def button_uninstall(self):
        """Uninstall, unless that would destroy sealed records.

        :raises UserError: the addon, or one it needs, while sealed records are kept
        """
        if "constituent_services" in (self + self.downstream_dependencies()).mapped("name"):
            sealed = [
                name
                for name, model in self.env.registry.items()
                if hasattr(model, "_seal_columns") and not model._abstract
            ]
            self.env["ir.model"]._constituent_check_sealed(sealed)
        return super().button_uninstall()
