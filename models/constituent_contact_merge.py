from odoo import fields, models


class ConstituentContactMerge(models.Model):
    """Which contact was merged into which, by whom, and what moved: sealed, so that a
    merge that was a mistake can be undone by hand, row by row.
    """

    _name = "constituent.contact.merge"
    _inherit = ["constituent.sealed.mixin"]
    _description = "Merged Contact"
    _order = "id desc"
    _rec_name = "source_name"
    _seal_columns = (
        "source_id", "destination_id", "user_id", "happened_at", "source_name", "source_facts",
        "moved", "moved_rows", "company_id",
    )  # fmt: skip

    happened_at = fields.Datetime(
        string="When", required=True, readonly=True, default=fields.Datetime.now
    )
    user_id = fields.Many2one(
        "res.users",
        string="By",
        required=True,
        readonly=True,
        default=lambda self: self.env.uid,
        ondelete="restrict",
    )
    # As they were then: later merges leave these alone.
    source_id = fields.Many2one(
        "res.partner",
        string="Merged",
        required=True,
        readonly=True,
        ondelete="restrict",
        index=True,
    )
    destination_id = fields.Many2one(
        "res.partner", string="Into", required=True, readonly=True, ondelete="restrict", index=True
    )
    source_name = fields.Char(string="Name Then", readonly=True)
    source_facts = fields.Text(
        string="Contact Then", readonly=True, help="Name, address and ways to be reached."
    )
    moved = fields.Text(readonly=True, help="How many of what.")
    moved_rows = fields.Json(
        readonly=True,
        groups="constituent_services.group_restricted",
        help="Which rows of which column were moved.",
    )
    company_id = fields.Many2one("res.company", readonly=True, index=True)
