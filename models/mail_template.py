from odoo import api, models
from odoo.exceptions import AccessError


class MailTemplate(models.Model):
    """Templates of notices: what they may say, and who may change them."""

    _name = "mail.template"
    _inherit = "mail.template"

    @api.model_create_multi
    def create(self, vals_list):
        """Create; templates of cases are the managers'."""
        templates = super().create(vals_list)
        templates._check_constituent_manager()
        return templates

    def write(self, vals):
        """Write; templates of cases are the managers'."""
        self._check_constituent_manager()
        result = super().write(vals)
        self._check_constituent_manager()
        return result

    def unlink(self):
        """Delete; templates of cases are the managers'."""
        self._check_constituent_manager()
        return super().unlink()

    def _check_constituent_manager(self):
        """Refuse everybody else: Odoo lets each internal user edit templates.

        :raises AccessError: templates of cases, and the user is no manager
        """
        if self.env.su or self.env.user.has_group("constituent_services.group_manager"):
            return
        # Only whether one of them belongs to cases is read.
        templates_sudo = self.sudo()
        if "constituent.case" in templates_sudo.mapped("model"):
            raise AccessError(
                self.env._("Managers of Constituent Services change the templates of cases.")
            )

    @api.model
    def _render_template_qweb(self, template_src, model, res_ids, add_context=None, options=None):
        """Give templates of cases what a notice may say, in previews too.

        The sender passes ``notice`` itself, with the reader's links.
        """
        if model != "constituent.case" or "notice" in (add_context or {}):
            return super()._render_template_qweb(
                template_src, model, res_ids, add_context=add_context, options=options
            )
        rendered = {}
        for case in self.env[model].browse(res_ids):
            rendered.update(
                super()._render_template_qweb(
                    template_src,
                    model,
                    case.ids,
                    add_context={**(add_context or {}), "notice": case._notice_values()},
                    options=options,
                )
            )
        return rendered
