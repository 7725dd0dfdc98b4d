from odoo import models

from ..tools.ours import OUR_MODELS


class IrBinary(models.AbstractModel):
    """Files of cases and letters are for who may read them now, whatever link they have."""

    _name = "ir.binary"
    _inherit = "ir.binary"

    def _find_record(
        self, xmlid=None, res_model="ir.attachment", res_id=None, access_token=None, field=None
    ):
        """Return the record whose file is asked for; see Odoo.

        Odoo gives, to who reads a record, tokens that open its files for weeks and without
        a login. Of ours they count for nothing.

        :raises AccessError: a file of ours that the user may not read
        """
        record = super()._find_record(xmlid, res_model, res_id, access_token, field)
        if access_token and self._constituent_is_ours(record):
            return super()._find_record(xmlid, res_model, res_id, None, field)
        return record

    def _constituent_is_ours(self, record):
        return record._name.startswith(OUR_MODELS) or (
            record._name == "ir.attachment" and bool(record._constituent_ours())
        )
