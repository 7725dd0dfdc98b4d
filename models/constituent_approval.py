from odoo import api, fields, models

DECISIONS = [
    ("submitted", "Submitted"),
    ("read", "Sample Read"),
    ("approved", "Approved"),
    ("returned", "Sent Back"),
    ("voided", "Void: Changed"),
    ("withdrawn", "Withdrawn"),
    ("overridden", "Blackout Overridden"),
]


class ConstituentApproval(models.Model):
    """One decision on a letter or a batch; never changed, never deleted.

    Only the steps of what is approved write rows (`_decide`): no role may create one. The
    digest says what was decided on: text, addressee and enclosures.
    """

    _name = "constituent.approval"
    _inherit = ["constituent.sealed.mixin"]
    _description = "Approval"
    _order = "id desc"
    _rec_name = "decision"
    # Every row is sealed as it is written.
    _seal_field = None
    _seal_columns = (
        "correspondence_id", "batch_id", "user_id", "acting_for_id", "decided_at", "decision",
        "step", "step_label", "comment", "digest", "signature_sha256", "acting_style",
        "company_id",
    )  # fmt: skip

    correspondence_id = fields.Many2one(
        "constituent.correspondence",
        string="Letter",
        readonly=True,
        index="btree_not_null",
        ondelete="restrict",
    )
    batch_id = fields.Many2one(
        "constituent.letter.batch", readonly=True, index="btree_not_null", ondelete="restrict"
    )
    user_id = fields.Many2one("res.users", string="Who", required=True, ondelete="restrict")
    acting_for_id = fields.Many2one("res.users", ondelete="restrict")
    acting_style = fields.Selection([("acting", "Acting"), ("for", "For")])
    decided_at = fields.Datetime(string="When", required=True, default=fields.Datetime.now)
    decision = fields.Selection(DECISIONS, required=True)
    step = fields.Char(string="Key of Step", help="Key of the step of the rules that was taken.")
    step_label = fields.Char(string="Step")
    comment = fields.Text()
    digest = fields.Char(
        string="SHA-256", help="Of text, addressee and enclosures, as they were decided on."
    )
    signature_sha256 = fields.Char(
        string="Signature Authorized",
        help="SHA-256 of the scanned signature that may be printed on this letter.",
    )
    company_id = fields.Many2one("res.company", required=True, index=True)

    @api.model
    def _decide(self, vals_list):
        """Write decisions; the caller has checked who may decide.

        :param list[dict] vals_list: what was decided on, decision, and the facts of it
        :return: the rows, with superuser rights
        """
        # No role may create rows: only the steps do, which say who it was.
        return self.sudo().create([{"user_id": self.env.uid, **vals} for vals in vals_list])
