from odoo import models


class MailAliasDomain(models.Model):
    """The addresses of the mail domains are read for every message, and kept."""

    _name = "mail.alias.domain"
    _inherit = ["mail.alias.domain", "constituent.master.mixin"]
