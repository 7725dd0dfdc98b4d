from odoo import api, fields, models, tools


class ConstituentChannel(models.Model):
    """How a matter reached the office: mail, telephone, web, letter, walk-in..."""

    _name = "constituent.channel"
    _inherit = ["constituent.master.mixin"]
    _description = "Channel"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    code = fields.Char(required=True, help="Short name used by doors, imports and rules.")
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    icon = fields.Char(help="Font Awesome name shown in lists, for example fa-phone.")
    company_id = fields.Many2one("res.company", index=True)

    _code_uniq = models.UniqueIndex(
        "(code, COALESCE(company_id, 0))", "A channel with this code exists already."
    )

    @api.model
    @tools.ormcache("code")
    def _id_by_code(self, code):
        """Return the id of a channel by code, False when there is none."""
        # Channels are configuration that every door may know.
        channels_sudo = self.sudo().with_context(active_test=False)
        return channels_sudo.search([("code", "=", code)], limit=1).id

    @api.model
    @tools.ormcache("channel_id", "self.env.lang")
    def _name_by_id(self, channel_id):
        """Return the name of a channel in the user's language, False without channel."""
        # Channels are configuration that every door may know.
        return channel_id and self.sudo().browse(channel_id).name
