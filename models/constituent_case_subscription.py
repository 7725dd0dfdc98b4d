import uuid

from odoo import fields, models


class ConstituentCaseSubscription(models.Model):
    """Somebody outside the office who gets the status and outcome notices of a case.

    Outsiders are never mail followers: a follower by mail receives every public
    message of the case, with other people's words and addresses in it. Each
    subscriber is addressed alone, with a private link and a stop.
    """

    _name = "constituent.case.subscription"
    _description = "Case Subscription"
    _order = "id"
    _rec_name = "email"

    case_id = fields.Many2one("constituent.case", required=True, index=True, ondelete="restrict")
    partner_id = fields.Many2one("res.partner", index="btree_not_null", ondelete="restrict")
    email = fields.Char(required=True)
    email_normalized = fields.Char(index="btree_not_null", readonly=True)
    audience = fields.Selection(
        [
            ("constituent", "Constituent"),
            ("referrer", "Brought By"),
            ("subscriber", "Other Subscriber"),
        ],
        required=True,
        default="subscriber",
    )
    lang = fields.Selection(
        selection=lambda self: self.env["res.lang"].get_installed(), string="Language"
    )
    # Exists from creation: the readonly routes of the private link write nothing.
    access_token = fields.Char(
        required=True, default=lambda self: str(uuid.uuid4()), copy=False,
        groups="base.group_system",
    )
    active = fields.Boolean(default=True)
    stopped_at = fields.Datetime(readonly=True)
    company_id = fields.Many2one("res.company", required=True, index=True)

    _access_token_uniq = models.UniqueIndex("(access_token)")
    _once_per_case = models.UniqueIndex(
        "(case_id, email_normalized) WHERE active", "This address is subscribed already."
    )
