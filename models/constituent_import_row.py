from odoo import api, fields, models

ROW_RESULTS = [
    ("created", "Created"),
    ("updated", "Updated"),
    ("unchanged", "Unchanged"),
    ("refused", "Refused"),
]


class ConstituentImportRow(models.Model):
    """What became of a row of an imported file.

    For a record that an import made it is the beginning of its history: when, from
    which file and line, by whom, and what was mended on the way.
    """

    _name = "constituent.import.row"
    _description = "Row of an Import"
    _order = "import_id desc, number"
    _rec_name = "number"

    import_id = fields.Many2one(
        "constituent.import", required=True, readonly=True, ondelete="cascade"
    )
    company_id = fields.Many2one("res.company", required=True, readonly=True)
    number = fields.Integer(string="Row", required=True, readonly=True)
    line = fields.Integer(string="Line of the File", readonly=True)
    external_ref = fields.Char(string="Key", readonly=True)
    result = fields.Selection(ROW_RESULTS, required=True, readonly=True)
    message = fields.Text(
        string="Remarks", readonly=True, help="Why it was refused, or what was mended or left out."
    )
    case_id = fields.Many2one(
        "constituent.case", readonly=True, index="btree_not_null", ondelete="set null"
    )
    # A plain column for the record rule: reports have as many rows as there are cases.
    restricted = fields.Boolean(compute="_compute_restricted", store=True, precompute=True)
    partner_id = fields.Many2one(
        "res.partner",
        string="Contact",
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
    )
    made_partner = fields.Boolean(readonly=True, help="The contact was made by this row.")
    # What the row said (digests), for telling next time what changed in the file
    given = fields.Json(readonly=True)
    # What an update replaced, for taking it back
    replaced = fields.Json(readonly=True)

    _import_idx = models.Index("(import_id, number)")
    _import_refused_idx = models.Index("(import_id, number) WHERE result = 'refused'")

    @api.depends("case_id.confidentiality")
    def _compute_restricted(self):
        for row in self:
            row.restricted = row.case_id.confidentiality == "restricted"
