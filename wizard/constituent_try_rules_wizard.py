from markupsafe import Markup

from odoo import fields, models
from odoo.exceptions import UserError
from odoo.tools import plaintext2html
from odoo.tools.mail import email_split_tuples

from ..tools.mail import parse, read_heads
from ..tools.quotes import plain_markup, split_html, without_remote

MAX_LETTERS = 200_000


class _TakenBackError(Exception):
    """What was tried is taken back."""


class ConstituentTryRulesWizard(models.TransientModel):
    """Try what intake would do with a mail or a description, and why; nothing is created."""

    _name = "constituent.try.rules.wizard"
    _inherit = ["constituent.wizard.mixin"]
    _description = "Try the Rules"

    channel_id = fields.Many2one("constituent.channel")
    subject = fields.Char()
    text = fields.Text(
        string="Mail or Description",
        help="A description, or a whole mail with its heads (From, Subject…) as “show original” "
        "gives it.",
    )
    partner_name = fields.Char(string="Name")
    partner_email = fields.Char(string="Email")
    partner_phone = fields.Char(string="Telephone")
    street = fields.Char()
    latitude = fields.Float(digits=(10, 7))
    longitude = fields.Float(digits=(10, 7))
    result = fields.Html(readonly=True)

    def action_try(self):
        """Run the steps, take everything back and show what they said.

        :return dict: the same window with the result
        :raises UserError: nothing to try, or too much
        """
        self.ensure_one()
        if not (self.subject or "").strip() and not (self.text or "").strip():
            raise UserError(self.env._("Paste a mail, or type a subject or a description."))
        if len(self.text or "") > MAX_LETTERS:
            raise UserError(
                self.env._(
                    "The text has more than %(count)s letters: paste its beginning.",
                    count=MAX_LETTERS,
                )
            )
        result = ""
        try:
            with self.env.cr.savepoint():
                result = self._try()
                raise _TakenBackError
        except _TakenBackError:
            self.env.invalidate_all()
        self.result = result
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Try the Rules"),
            "res_model": self._name,
            "res_id": self.id,
            "views": [(False, "form")],
            "target": "new",
        }

    def _try(self):
        """Return what the steps did, as HTML."""
        cases = self.env["constituent.case"]
        (draft,) = cases._intake_run([self._values()])
        return self._summary(draft) + self._reasons(draft)

    def _values(self):
        """Return the values of a case made of what was typed or pasted."""
        cases = self.env["constituent.case"]
        report = {
            "name": self.subject,
            "description": plaintext2html(self.text or ""),
            "company_id": self.env.company.id,
            "mode": "live",
            **{
                name: self[name]
                for name in (
                    "partner_name", "partner_email", "partner_phone", "street", "latitude",
                    "longitude",
                )
            },
        }  # fmt: skip
        report.update(self._of_mail())
        report = {key: value for key, value in report.items() if value}
        return {**cases._intake_vals(report), "channel_id": self.channel_id.id}

    def _of_mail(self):
        """Return what the heads of a pasted mail say; nothing when it has none."""
        first, _break, rest = (self.text or "").lstrip().partition("\n")
        if ":" not in first or not rest:
            return {}
        raw = self.text.lstrip().encode()
        heads = read_heads(raw)
        if not heads.email_from:
            return {}
        payload = self.env["mail.thread"]._message_parse_extract_payload(parse(raw), {})
        new, _quoted = split_html(without_remote(payload["body"]))
        name, address = (*email_split_tuples(heads.email_from), ("", ""))[0]
        return {
            "name": self.subject or heads.subject,
            "description": plain_markup(new),
            "partner_name": self.partner_name or name,
            "partner_email": self.partner_email or address,
        }

    def _summary(self, draft):
        """Return where the case would be and until when."""
        vals, env = draft.vals, self.env
        category = env["constituent.category"].browse(vals.get("category_id") or [])
        department = env["constituent.department"].browse(vals.get("department_id") or [])
        user = env["res.users"].browse(vals.get("user_id") or [])
        partner = env["res.partner"].browse(vals.get("partner_id") or [])
        due = env["constituent.case"]._phone_desk_day(vals.get("due_at"))
        rows = [
            (env._("Constituent"), partner.display_name or env._("Nobody")),
            (env._("Category"), category.complete_name or env._("None is clear")),
            (env._("Department"), department.name or env._("Triage")),
            (env._("Person"), user.name or env._("Nobody yet")),
            (env._("Promised By"), due),
        ]
        return Markup('<table class="table table-sm mb-3"><tbody>%s</tbody></table>') % Markup(
            ""
        ).join(
            Markup('<tr><th class="w-25">%s</th><td>%s</td></tr>') % (label, value or "—")
            for label, value in rows
        )

    def _reasons(self, draft):
        """Return what each step said, in order."""
        kinds = dict(
            self.env["constituent.case.event"]._fields["kind"]._description_selection(self.env)
        )
        items = Markup("").join(
            Markup("<li><strong>%s</strong>: %s</li>") % (kinds[event["kind"]], event["note"])
            for event in draft.events
        )
        return Markup("<p><strong>%s</strong></p><ol>%s</ol>") % (self.env._("Why"), items)
