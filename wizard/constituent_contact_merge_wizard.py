from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tools import format_date

COMPARED = (
    "email", "phone", "street", "city", "zip", "constituent_role", "contact_preference",
    "language_needed", "protected_address", "parent_id", "case_count", "correspondence_count",
    "create_date",
)  # fmt: skip


class ConstituentContactMergeWizard(models.TransientModel):
    """See two or more contacts side by side, and merge them into the one that stays."""

    _name = "constituent.contact.merge.wizard"
    _inherit = ["constituent.wizard.mixin"]
    _description = "Merge Contacts"

    partner_ids = fields.Many2many("res.partner", string="Contacts", required=True)
    destination_id = fields.Many2one(
        "res.partner",
        string="Stays",
        required=True,
        domain="[('id', 'in', partner_ids)]",
        help="This contact goes on; what it leaves open is filled from the others.",
    )
    comparison = fields.Html(compute="_compute_comparison", sanitize=False)

    @api.model
    def default_get(self, fields_list):
        """Take the contacts that were chosen; the one with a login or the oldest stays."""
        values = super().default_get(fields_list)
        if self.env.context.get("active_model") == "res.partner" and "partner_ids" in fields_list:
            partners = self.env["res.partner"].browse(self.env.context.get("active_ids", []))
            values["partner_ids"] = [Command.set(partners.ids)]
            # Whether somebody has a login is no secret to whoever merges.
            with_login = partners.filtered(lambda partner: partner.sudo().user_ids)
            values["destination_id"] = (with_login or partners.sorted("id"))[:1].id
        return values

    @api.depends("partner_ids", "destination_id")
    def _compute_comparison(self):
        fields_of = self.env["res.partner"].fields_get(COMPARED, ["string"])
        labels = {name: field["string"] for name, field in fields_of.items()}
        labels.update(
            case_count=self.env._("Cases"),
            correspondence_count=self.env._("Letters"),
            create_date=self.env._("Known Since"),
        )
        for wizard in self:
            contacts = wizard.partner_ids._origin
            rows = []
            for name in COMPARED:
                texts = [wizard._shown(contact, name) for contact in contacts]
                if any(texts):
                    rows.append((labels[name], texts, len(set(texts)) > 1))
            wizard.comparison = self.env["ir.qweb"]._render(
                "constituent_services.contact_comparison",
                {
                    "contacts": contacts,
                    "destination": wizard.destination_id._origin,
                    "rows": rows,
                },
            )

    @api.model
    def _shown(self, contact, name):
        """Return a value of a contact as text."""
        field, value = contact._fields[name], contact[name]
        if field.type == "boolean":
            return self.env._("Yes") if value else ""
        if field.type == "integer":
            return str(value)
        if field.type == "datetime":
            return format_date(self.env, value)
        return str(field.convert_to_export(value, contact) or "")

    def action_merge_contacts(self):
        """Merge the contacts.

        :return dict: the action that opens the contact that stays
        :raises UserError: one contact only, or the one that stays is none of them
        """
        self.ensure_one()
        if self.destination_id not in self.partner_ids:
            raise UserError(self.env._("Choose which of these contacts stays."))
        self.destination_id._constituent_merge(self.partner_ids - self.destination_id)
        return self.destination_id._get_records_action()
