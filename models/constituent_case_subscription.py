import uuid
from collections import defaultdict

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import email_normalize


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
    email_normalized = fields.Char(
        compute="_compute_email_normalized",
        store=True,
        precompute=True,
        index="btree_not_null",
    )
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
        required=True,
        default=lambda self: str(uuid.uuid4()),
        copy=False,
        groups="base.group_system",
    )
    active = fields.Boolean(default=True)
    stopped_at = fields.Datetime(readonly=True)
    company_id = fields.Many2one(
        "res.company",
        compute="_compute_company_id",
        store=True,
        precompute=True,
        required=True,
        index=True,
    )

    _access_token_uniq = models.UniqueIndex("(access_token)")
    _once_per_case = models.UniqueIndex(
        "(case_id, email_normalized) WHERE active", "This address is subscribed already."
    )

    # Computes

    @api.depends("email")
    def _compute_email_normalized(self):
        for subscription in self:
            subscription.email_normalized = email_normalize(subscription.email or "", strict=False)

    @api.depends("case_id")
    def _compute_company_id(self):
        for subscription in self:
            subscription.company_id = subscription.case_id.company_id

    # Constraints

    @api.constrains("email_normalized")
    def _check_email(self):
        for subscription in self:
            if not subscription.email_normalized:
                raise UserError(
                    self.env._("“%(email)s” is not a mail address.", email=subscription.email)
                )

    # CRUD

    @api.model_create_multi
    def create(self, vals_list):
        """Subscribe; a further subscriber is noted in the case's history."""
        if not self.env.su and any(
            {"access_token", "active", "stopped_at"} & set(vals) for vals in vals_list
        ):
            raise UserError(self.env._("The private link is made by the system."))
        subscriptions = super().create(vals_list)
        subscriptions.filtered(lambda sub: sub.audience == "subscriber")._log("subscribed")
        return subscriptions

    def write(self, vals):
        """Write; the address of a private link does not change hands.

        :raises UserError: another address, case or link, or a stop undone
        """
        fixed = {"case_id", "email", "access_token", "active", "stopped_at", "company_id"}
        if not self.env.su and fixed & set(vals):
            raise UserError(
                self.env._(
                    "A subscription keeps its address and its private link. "
                    "Stop it and add another one."
                )
            )
        return super().write(vals)

    # Links

    def _get_private_url(self):
        """Return the absolute address of the case's page for this reader."""
        self.ensure_one()
        # The link belongs into the reader's mail and nowhere else: no role may read it.
        subscription_sudo = self.sudo()
        token = subscription_sudo.access_token
        return f"{subscription_sudo.case_id.get_base_url()}/constituent/case/{token}"

    def _get_stop_url(self):
        """Return the absolute address that stops the notices to this reader."""
        self.ensure_one()
        # As above.
        subscription_sudo = self.sudo()
        token = subscription_sudo.access_token
        return f"{subscription_sudo.case_id.get_base_url()}/constituent/stop/{token}"

    # Stopping

    def action_stop(self):
        """Stop the notices, on the reader's request by telephone or letter."""
        self.check_access("write")
        # The right to write was checked; the ordinary write refuses to touch the stop.
        subscriptions_sudo = self.sudo()
        subscriptions_sudo._stop()
        return True

    def _stop(self):
        """Stop the notices to these readers, for good."""
        running = self.filtered("active")
        if running:
            running.write({"active": False, "stopped_at": fields.Datetime.now()})
            # Or the index of running ones would refuse who subscribes again at once.
            running.flush_recordset(["active"])
            running._log("unsubscribed")

    def _log(self, kind):
        """Note in the history of the cases that somebody joined or stopped."""
        # Nobody has the right to write history but the code itself.
        self.env["constituent.case.event"].sudo().create(
            [
                {
                    "case_id": subscription.case_id.id,
                    "company_id": subscription.company_id.id,
                    "kind": kind,
                    "recipient": subscription.email_normalized,
                }
                for subscription in self
            ]
        )

    # For the notices

    @api.model
    def _by_case(self, cases):
        """Return the subscriptions of cases, stopped ones too.

        :param cases: any cases
        :return dict: case id → {normalised address: subscription}; a running one hides
            a stopped one of the same address
        """
        known = defaultdict(dict)
        subscriptions = self.with_context(active_test=False).search_fetch(
            [("case_id", "in", cases.ids)],
            ["case_id", "email_normalized", "audience", "lang", "active", "partner_id"],
            order="id",
        )
        for subscription in subscriptions.sorted("active"):
            known[subscription.case_id.id][subscription.email_normalized] = subscription
        return known

    @api.model
    def _for_readers(self, pairs, known):
        """Return who may be written to, subscribing those who are new.

        :param list pairs: (case, Reader)
        :param dict known: as ``_by_case`` gives it
        :return dict: (case id, address) → subscription id; without those who stopped
        """
        ids, missing = {}, {}
        for case, reader in pairs:
            subscription = known[case.id].get(reader.email)
            if subscription:
                if subscription.active:
                    ids[case.id, reader.email] = subscription.id
            else:
                missing[case.id, reader.email] = {
                    "case_id": case.id,
                    "partner_id": reader.partner_id or False,
                    "email": reader.email,
                    "audience": reader.audience,
                    "lang": reader.lang or False,
                }
        if missing:
            created = self.create(list(missing.values()))
            ids.update(zip(missing, created.ids, strict=True))
        return ids
