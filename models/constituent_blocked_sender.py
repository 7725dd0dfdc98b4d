import re

from odoo import api, fields, models, tools
from odoo.exceptions import ValidationError

from ..tools.divert import is_blocked

_ENTRY = re.compile(r"(?:[^@\s,;<>]{1,64}@)?[^@\s,;<>.]{1,63}(?:\.[^@\s,;<>.]{1,63})+")


class ConstituentBlockedSender(models.Model):
    """A mail address, or all of a domain, whose mail waits in a list and is not answered.

    Nothing of it is lost: every message is registered with its original, and a person can
    make a case of it. Threats among it come through.
    """

    _name = "constituent.blocked.sender"
    _inherit = ["constituent.master.mixin"]
    _description = "Blocked Sender"
    _order = "address, id"
    _rec_name = "address"

    address = fields.Char(
        required=True, help="A mail address, or a domain for all addresses of it and below it."
    )
    reason = fields.Char(required=True, help="Why, for whoever finds a message held back.")
    until = fields.Date(help="The last day. Without one, until somebody ends it.")
    user_id = fields.Many2one(
        "res.users",
        string="Blocked By",
        readonly=True,
        required=True,
        default=lambda self: self.env.uid,
        ondelete="restrict",
    )
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        "res.company",
        string="Office",
        required=True,
        index=True,
        default=lambda self: self.env.company,
    )

    _once = models.UniqueIndex(
        "(address, company_id) WHERE active", "This sender is blocked already."
    )

    @api.constrains("address")
    def _check_address(self):
        aliases = self.env["mail.alias.domain"]
        for blocked in self:
            if not _ENTRY.fullmatch(blocked.address):
                raise ValidationError(
                    self.env._(
                        "“%(address)s” is neither a mail address nor a domain.",
                        address=blocked.address,
                    )
                )
            if blocked._is_ours() or aliases._find_aliases([blocked.address]):
                raise ValidationError(
                    self.env._(
                        "“%(address)s” is of our own office: its mail cannot be blocked.",
                        address=blocked.address,
                    )
                )

    def _is_ours(self):
        """Return whether the entry is of one of the offices' mail domains."""
        self.ensure_one()
        # The mail domains are checked whoever blocks.
        domains_sudo = self.env["mail.alias.domain"].sudo().search([])
        return self.address.rpartition("@")[2] in domains_sudo.mapped("name")

    @api.model_create_multi
    def create(self, vals_list):
        """Block senders; who did it is kept."""
        vals_list = [self._clean(vals) for vals in vals_list]
        if not self.env.su:
            vals_list = [{**vals, "user_id": self.env.uid} for vals in vals_list]
        return super().create(vals_list)

    def write(self, vals):
        """Write; who blocked stays who did it first."""
        vals = self._clean(vals)
        if not self.env.su:
            vals.pop("user_id", None)
        return super().write(vals)

    @api.model
    def _clean(self, vals):
        """Return values with the address as senders are compared."""
        vals = dict(vals)
        if "address" in vals:
            address = (vals["address"] or "").strip().lower()
            vals["address"] = address.removeprefix("@").removeprefix("*@").strip(".")
        return vals

    @api.model
    @tools.ormcache("company_id")
    def _entries(self, company_id):
        # Who is blocked does not depend on who runs the gateway.
        blocked_sudo = self.sudo().search([("company_id", "=", company_id)])
        return tuple((one.address, one.until, one.reason) for one in blocked_sudo)

    @api.model
    def _entry(self, address, company_id):
        """Return by which entry a sender is blocked today, or nothing.

        :param str address: lower case
        :param int company_id: the office
        :return: (address or domain, last day, reason), or None
        """
        entries = self._entries(company_id)
        if not entries or not address:
            return None
        return is_blocked(address, entries, fields.Date.context_today(self))
