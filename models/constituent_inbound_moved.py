from odoo import fields, models


class ConstituentInboundMail(models.Model):
    """Where a message is now: the seal keeps where it was filed first."""

    _name = "constituent.inbound.mail"
    _inherit = "constituent.inbound.mail"

    moved_to_id = fields.Many2one(
        "constituent.case",
        readonly=True,
        index="btree_not_null",
        ondelete="restrict",
        help="The case the message was moved to. Where it was filed first is sealed.",
    )

    def action_open_case(self):
        """Open the case the message is in now.

        :return dict: a window action
        """
        self.ensure_one()
        if self.moved_to_id:
            return self.moved_to_id._get_records_action()
        return super().action_open_case()
