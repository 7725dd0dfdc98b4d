from odoo import api, models
from odoo.fields import Command

from ..tools.ours import OUR_MODELS


class Base(models.AbstractModel):
    """Forms show the names of what they link to, whoever may open it; and ids can be made up."""

    _inherit = "base"

    def onchange(self, values, field_names, fields_spec):
        """Compute a form; what it begins with is what the user may read.

        :raises AccessError: a case, letter or other record of this addon that is out of
            the user's sight is named by the first values or by the context's defaults
        """
        # Only the first call answers with all that it was given.
        if not field_names and not self.env.su:
            self._constituent_check_named(values)
            self._constituent_check_named(self._constituent_defaults())
        return super().onchange(values, field_names, fields_spec)

    @api.model
    def _constituent_defaults(self):
        mark = "default_"
        return {
            name.removeprefix(mark): value
            for name, value in self.env.context.items()
            if name.startswith(mark)
        }

    @api.model
    def _constituent_check_named(self, values):
        """Refuse values that link to records of ours out of the user's sight.

        :param dict values: as forms send them, lines within them too
        :raises AccessError: one of the records is out of sight
        """
        for name, value in values.items():
            field = self._fields.get(name)
            if not (field and field.relational and value):
                continue
            comodel = self.env[field.comodel_name]
            ids, lines = _links([value] if field.type == "many2one" else value)
            for line in lines:
                comodel._constituent_check_named(line)
            if ids and comodel._name.startswith(OUR_MODELS):
                comodel.browse(ids).check_access("read")


def _links(items):
    """Return what a link's value names.

    :param items: ids, dicts or commands, as Odoo takes them from a form
    :return tuple[list[int], list[dict]]: the ids; the values of lines, old and new
    """
    ids, lines = [], []
    for item in items if isinstance(items, (list, tuple)) else [items]:
        if isinstance(item, dict):
            lines.append(item)
            ids.append(item.get("id"))
        elif isinstance(item, (list, tuple)):
            command, target, values = (*item, None, None, None)[:3]
            if command in (Command.CREATE, Command.UPDATE) and isinstance(values, dict):
                lines.append(values)
            if command == Command.SET:
                ids += values or []
            elif command != Command.CREATE:
                ids.append(target)
        else:
            ids.append(item)
    return [one for one in ids if type(one) is int and one], lines
