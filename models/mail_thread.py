import xmlrpc.client

from odoo import api, models
from odoo.exceptions import AccessError

from ..tools.ours import OUR_MODELS


class MailThread(models.AbstractModel):
    """The mail gateway: mail for cases is registered before anything else."""

    _name = "mail.thread"
    _inherit = "mail.thread"

    @api.model
    def message_process(
        self,
        model,
        message,
        custom_values=None,
        save_original=False,
        strip_attachments=False,
        thread_id=None,
    ):
        """Process an incoming message.

        Mail for cases is committed first, then brought to an end; other mail goes Odoo's way.

        :param str model: fallback model when no alias and no reference matches
        :param message: the source, as bytes, str or xmlrpc Binary
        :param dict custom_values: values for a new record of the fallback model
        :param bool save_original: Odoo's; mail for cases always keeps its original
        :param bool strip_attachments: leave attachments out
        :param int thread_id: record of the fallback model to reply to
        :return: id of the case or record, False when there is none
        :raises AccessError: mail for cases, and the user is no mail gateway
        """
        kwargs = {
            "custom_values": custom_values,
            "save_original": save_original,
            "strip_attachments": strip_attachments,
            "thread_id": thread_id,
        }
        if (model or "").startswith(OUR_MODELS):
            self._constituent_check_gateway()
        raw = self._constituent_raw(message)
        # The gateway writes the register whoever runs it.
        inbound_sudo = self.env["constituent.inbound.mail"].sudo()
        heads, routes, others = inbound_sudo._read_routes(raw, model, thread_id, custom_values)
        if not routes:
            return super().message_process(model, message, **kwargs)
        self._constituent_check_gateway()
        ids = inbound_sudo._receive(raw, heads, routes, strip_attachments)
        try:
            if others:
                apart = self.with_context(constituent_only_others=True)
                super(MailThread, apart).message_process(False, message, **kwargs)
        finally:
            results = [inbound_sudo.browse(row_id)._process(raw) for row_id in ids]
        return results[0]

    @api.model
    def _constituent_check_gateway(self):
        """Make sure the user may hand in mail: who may can write as anybody.

        :raises AccessError: they may not
        """
        allowed = self.env.su or any(
            self.env.user.has_group(group)
            for group in ("base.group_system", "constituent_services.group_mail_gateway")
        )
        if not allowed:
            raise AccessError(
                self.env._(
                    "Mail for cases is handed in by the mail server only: by an administrator or "
                    "by a user of the group “Constituent Services: Mail Gateway”."
                )
            )

    @api.model
    def _constituent_raw(self, message):
        """Return the bytes of a message, however the gateway got it."""
        if isinstance(message, xmlrpc.client.Binary):
            return bytes(message.data)
        return message.encode("utf-8", "surrogateescape") if isinstance(message, str) else message

    @api.model
    def message_route(self, message, message_dict, model=None, thread_id=None, custom_values=None):
        """Let no message past the register to a case, a letter or a department.

        :raises ValueError: the message was for nothing else, as Odoo says it of a
            message without a route
        """
        routes = super().message_route(message, message_dict, model, thread_id, custom_values)
        others = [route for route in routes if not (route[0] or "").startswith(OUR_MODELS)]
        if routes and not others and not self.env.context.get("constituent_only_others"):
            raise ValueError("No possible route found for incoming message: not by this way")
        return others

    def _message_subscribe(self, partner_ids=None, subtype_ids=None, customer_ids=None):
        """Leave outsiders out: a follower gets every public message of an office's record."""
        if not self._name.startswith(OUR_MODELS):
            return super()._message_subscribe(partner_ids, subtype_ids, customer_ids)
        # Whether somebody has an internal user is no secret.
        partners_sudo = self.env["res.partner"].sudo().browse(partner_ids or [])
        inside = partners_sudo.filtered(lambda partner: not partner.partner_share)
        if not inside:
            return True
        return super()._message_subscribe(inside.ids, subtype_ids, customer_ids)
