from odoo import fields, models


class ConstituentCaseMoveLine(models.TransientModel):
    """One incoming message that may be moved."""

    _name = "constituent.case.move.line"
    _inherit = ["constituent.wizard.mixin"]
    _description = "Message to Move"
    _order = "date desc, id"

    wizard_id = fields.Many2one(
        "constituent.case.move.wizard", required=True, ondelete="cascade", index=True
    )
    # Its number alone: what it says is shown here to whoever may write the case.
    message_id = fields.Integer(required=True)
    chosen = fields.Boolean(string="This One")
    date = fields.Datetime(readonly=True)
    sender = fields.Char(string="From", readonly=True)
    subject = fields.Char(readonly=True)
    preview = fields.Text(string="Text", readonly=True)
    attachment_count = fields.Integer(string="Attachments", readonly=True)
