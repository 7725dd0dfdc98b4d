from odoo import api, models

from ..tools.ours import OUR_MODELS
from ..tools.x2many import named_ids, named_lines


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
        """Return the values that the context gives to what is made."""
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
            for line in named_lines(value):
                comodel._constituent_check_named(line)
            if comodel._name.startswith(OUR_MODELS):
                comodel.browse(sorted(named_ids(value))).exists().check_access("read")
