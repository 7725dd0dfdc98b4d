import secrets
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from .constituent_notice import NOTICE_AUDIENCES, NOTICE_EVENTS

# The mail server's time-out is 60 s: what is in flight longer was cut off.
IN_FLIGHT_MINUTES = 10


class ConstituentDelivery(models.Model):
    """One outgoing mail to one address, sent at most once.

    `sending` and a fixed Message-Id are committed before SMTP. What was in flight
    when the server stopped stays in `sending` and is listed for a person; it is
    never sent again by itself. The sender is in ``constituent_delivery_sender.py``.
    """

    _name = "constituent.delivery"
    _description = "Outgoing Mail"
    _order = "id desc"
    _rec_name = "subject"

    case_id = fields.Many2one(
        "constituent.case", readonly=True, index="btree_not_null", ondelete="restrict"
    )
    correspondence_id = fields.Many2one(
        "constituent.correspondence", readonly=True, index="btree_not_null", ondelete="restrict"
    )
    notice_id = fields.Many2one("constituent.notice", readonly=True, ondelete="set null")
    event = fields.Selection(NOTICE_EVENTS, readonly=True)
    audience = fields.Selection(NOTICE_AUDIENCES, readonly=True)
    subscription_id = fields.Many2one(
        "constituent.case.subscription",
        readonly=True,
        ondelete="restrict",
        index="btree_not_null",
    )
    partner_id = fields.Many2one(
        "res.partner", readonly=True, ondelete="restrict", index="btree_not_null"
    )
    email = fields.Char(readonly=True, required=True, index="trigram")
    lang = fields.Char(readonly=True, string="Language Code")
    subject = fields.Char(readonly=True)
    state = fields.Selection(
        [
            ("queued", "Queued"),
            ("sending", "In Flight"),
            ("sent", "Sent"),
            ("failed", "Failed"),
            ("cancelled", "Not Sent"),
        ],
        required=True,
        default="queued",
        readonly=True,
    )
    message_id = fields.Char(readonly=True, string="Message-Id", index="btree_not_null")
    error = fields.Text(readonly=True, string="Reason")
    attempts = fields.Integer(readonly=True, help="How often the mail server was not reached.")
    retry_at = fields.Datetime(readonly=True, string="Next Attempt")
    started_at = fields.Datetime(readonly=True)
    sent_at = fields.Datetime(readonly=True)
    resend_of_id = fields.Many2one(
        "constituent.delivery",
        readonly=True,
        ondelete="restrict",
        index="btree_not_null",
        string="Sent Again For",
    )
    resend_ids = fields.One2many("constituent.delivery", "resend_of_id", string="Sent Again As")
    company_id = fields.Many2one("res.company", required=True, readonly=True, index=True)

    _queue_idx = models.Index("(id) WHERE state IN ('queued', 'sending')")
    _failed_idx = models.Index("(id DESC) WHERE state = 'failed'")
    _cancelled_idx = models.Index("(id DESC) WHERE state = 'cancelled'")
    _create_date_idx = models.Index("(create_date)")

    # Queue

    @api.model
    def _queue(self, vals_list):
        """Queue mails and wake the sender when the transaction is through.

        :param list[dict] vals_list: email and company_id, and what it is about: case_id,
            or correspondence_id whose ``_delivery_content`` says what is sent
        :return: the queued deliveries
        """
        if not vals_list:
            return self.browse()
        # No role has the right to create outgoing mail; only code queues it.
        deliveries_sudo = self.sudo().create([{**vals, "state": "queued"} for vals in vals_list])
        self._wake_sender()
        return deliveries_sudo.with_env(self.env)

    @api.model
    def _wake_sender(self):
        """Trigger the sender once for a batch, however much it queues.

        The trigger is made with the next flush of the transaction or savepoint.
        """
        precommit = self.env.cr.precommit
        if not precommit.data.get("constituent_delivery_wake"):
            precommit.data["constituent_delivery_wake"] = True
            precommit.add(self._trigger_sender)

    @api.model
    def _trigger_sender(self):
        cron_id = self.env["ir.model.data"]._xmlid_to_res_id("constituent_services.ir_cron_send")
        # Whoever queues a mail may not read scheduled actions.
        cron_sudo = self.env["ir.cron"].sudo().browse(cron_id)
        cron_sudo._trigger()
        self.env.flush_all()

    def _new_message_id(self):
        """Return a Message-Id without personal data, of the office's mail domain."""
        self.ensure_one()
        domain = self.company_id.alias_domain_id.name or "constituent-services.invalid"
        return f"<constituent-{self.id}-{secrets.token_hex(12)}@{domain}>"

    # Actions

    def action_send_again(self):
        """Queue the same mail anew for deliveries that failed or whose fate is unknown.

        :raises AccessError: not a coordinator
        :raises UserError: sent, still queued, still on its way, or sent again already
        """
        self._check_may_settle()
        # Only coordinators get here; the rows themselves are written by code alone.
        deliveries_sudo = self.sudo()
        deliveries_sudo._queue(
            [
                {
                    **{
                        name: delivery_sudo[name].id
                        for name in (
                            "case_id", "correspondence_id", "notice_id", "subscription_id",
                            "partner_id", "company_id",
                        )
                    },
                    "also_case_ids": [fields.Command.set(delivery_sudo.also_case_ids.ids)],
                    "is_copy": delivery_sudo.is_copy,
                    "event": delivery_sudo.event,
                    "audience": delivery_sudo.audience,
                    "email": delivery_sudo.email,
                    "lang": delivery_sudo.lang,
                    "resend_of_id": delivery_sudo.id,
                }
                for delivery_sudo in deliveries_sudo
            ]
        )  # fmt: skip
        deliveries_sudo._settle(self.env._("Sent again by %(user)s.", user=self.env.user.name))
        return True

    def action_settle(self):
        """Take deliveries off the list without sending them again.

        :raises AccessError: not a coordinator
        :raises UserError: sent, still queued, still on its way, or sent again already
        """
        self._check_may_settle()
        # Only coordinators get here; the rows themselves are written by code alone.
        deliveries_sudo = self.sudo()
        deliveries_sudo._settle(self.env._("Settled by %(user)s.", user=self.env.user.name))
        return True

    def _check_may_settle(self):
        if not self.env.user.has_group("constituent_services.group_coordinator"):
            raise AccessError(self.env._("Coordinators decide what is sent again."))
        self.check_access("read")
        on_its_way = fields.Datetime.now() - timedelta(minutes=IN_FLIGHT_MINUTES)
        for delivery in self:
            if delivery.resend_ids:
                raise UserError(
                    self.env._("%(email)s: this mail was sent again already.", email=delivery.email)
                )
            if delivery.state == "sending" and delivery.started_at > on_its_way:
                raise UserError(
                    self.env._(
                        "%(email)s: this mail may still be on its way; wait %(minutes)s minutes.",
                        email=delivery.email,
                        minutes=IN_FLIGHT_MINUTES,
                    )
                )
            if delivery.state not in ("sending", "failed"):
                raise UserError(
                    self.env._(
                        "%(email)s: only mail that failed or is in flight can be settled.",
                        email=delivery.email,
                    )
                )

    def _settle(self, note):
        """Close what failed or was cut off, keeping why."""
        for delivery in self:
            reason = delivery.error or self.env._("Cut off while it was being sent.")
            delivery.write({"state": "cancelled", "error": f"{reason}\n{note}"})
