from odoo import fields, models


class ConstituentCaseSplitLine(models.TransientModel):
    """One matter of a letter that is being divided."""

    _name = "constituent.case.split.line"
    _inherit = ["constituent.wizard.mixin"]
    _description = "Matter of a Letter"
    _order = "sequence, id"

    wizard_id = fields.Many2one(
        "constituent.case.split.wizard", required=True, ondelete="cascade", index=True
    )
    sequence = fields.Integer(default=100)
    subject = fields.Char(required=True)
    words = fields.Text(string="Their Words")
    category_id = fields.Many2one("constituent.category")
    department_id = fields.Many2one(
        "constituent.department", help="The routing rules decide when empty."
    )
    attachment_ids = fields.Many2many("ir.attachment", string="Takes Along")

    def _part(self):
        """Return what ``constituent.case._split`` takes."""
        self.ensure_one()
        return {
            "subject": self.subject,
            "words": self.words,
            "category_id": self.category_id.id,
            "department_id": self.department_id.id,
            "attachment_ids": self.attachment_ids,
        }
