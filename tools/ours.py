"""What tells this addon's models from Odoo's."""

#: How their names begin.
OUR_MODELS = "constituent."
