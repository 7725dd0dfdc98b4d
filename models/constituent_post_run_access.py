from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.fields import Domain
from odoo.tools import OrderedSet

RUN = "constituent.post.run"


class ConstituentPostRun(models.Model):
    """Who opens a print file: whoever may read every letter that is in it.

    A case may become restricted after the file was made. Not printed yet, the file is
    made anew without the letter; posted, it stays for who sees restricted cases.
    """

    _name = RUN
    _inherit = RUN

    is_partly_hidden = fields.Boolean(
        compute="_compute_is_partly_hidden",
        help="The user may not read every letter of the run, so not its print file either.",
    )

    @api.depends("letter_count", "state")
    @api.depends_context("uid", "allowed_company_ids")
    def _compute_is_partly_hidden(self):
        letters = self.env["constituent.correspondence"]
        domain, key = [("post_run_id", "in", self.ids)], ["post_run_id"]
        seen = dict(letters._read_group(domain, key, ["__count"]))
        # Only whether there are more than the user sees.
        every = dict(letters.sudo()._read_group(domain, key, ["__count"]))
        every = {run.id: count for run, count in every.items()}
        seen = {run.id: count for run, count in seen.items()}
        for run in self:
            run.is_partly_hidden = seen.get(run.id, 0) != every.get(run.id, 0)

    def action_download(self):
        """Download the print file.

        :return dict: an action that starts the download
        :raises AccessError: a letter in it is out of the user's sight
        :raises UserError: not made, or damaged
        """
        if self.is_partly_hidden and not self.env.su:
            raise AccessError(
                self.env._(
                    "The case of a letter in this print file is restricted now: only who sees "
                    "such cases opens it. Not printed yet, discard it and make it anew: that "
                    "letter is left out."
                )
            )
        return super().action_download()


class IrAttachment(models.Model):
    """A print file shows whole letters: it is read as they are."""

    _name = "ir.attachment"
    _inherit = "ir.attachment"

    @api.model
    def _search(self, domain, *args, bypass_access=False, **kwargs):
        """Search; by model Odoo asks whether the run is seen, and not for each attachment."""
        query = super()._search(domain, *args, bypass_access=bypass_access, **kwargs)
        if self.env.su or bypass_access or query.is_empty():
            return query
        if not any(
            condition.field_expr == "res_model"
            and condition.operator == "in"
            and RUN in condition.value
            for condition in Domain(domain).optimize(self).iter_conditions()
        ):
            return query
        ordered = bool(kwargs.get("order") or args[2:3])
        found = self.browse(query.get_result_ids())
        return found._filtered_access("read")._as_query(ordered)

    @api.model
    def _inaccessible_comodel_records(self, model_and_ids, operation):
        """Yield, beside what the user may not open, runs of which they may not read all."""
        model_and_ids = {name: OrderedSet(ids) for name, ids in model_and_ids.items()}
        yield from super()._inaccessible_comodel_records(model_and_ids, operation)
        run_ids = model_and_ids.get(RUN)
        # Whatever is done: a file that is moved elsewhere is read there.
        if run_ids and not self.env.su:
            runs = self.env[RUN].browse(run_ids)
            for run in runs.filtered("is_partly_hidden"):
                yield run._name, run.id
