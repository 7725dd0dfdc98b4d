from datetime import timedelta
from itertools import islice

from odoo import api, fields, models
from odoo.tools import format_datetime

from .constituent_import_lookup import ImportLookup
from .constituent_import_mapping import CASE_TARGET_LABELS, CONTACT_TARGET_LABELS

# In this order; longer texts are cut.
CASE_SHOWN = (
    "external_ref", "received_at", "category", "department", "status", "closed_at", "channel",
    "partner_name", "street", "description", "outcome_note",
)  # fmt: skip
CONTACT_SHOWN = (
    "external_ref", "constituent_role", "parent", "function", "email", "phone", "street", "lang",
    "contact_preference", "comment",
)  # fmt: skip
MAX_SHOWN = 160
PREVIEW_ROWS = 5
# A file somebody chose and never imported is kept for so long.
DRAFT_DAYS = 7


class ConstituentImport(models.Model):
    """The first rows of a file as they would become, before anything is done."""

    _name = "constituent.import"
    _inherit = "constituent.import"

    def _preview_html(self):
        """Return the first rows as they would become, for a window."""
        records = self._preview(PREVIEW_ROWS)
        return self.env["ir.qweb"]._render(
            "constituent_services.import_preview", {"records": records}
        )

    def _preview(self, count):
        """Return the first rows as they would become.

        :param int count: how many
        :return list[dict]: number, title, facts (label, text, is new), notes, problem
        """
        self.ensure_one()
        plan = self.mapping_id._plan(self.company_id)
        lookup = ImportLookup(self, dry=True)
        with self._open_file() as stream:
            items = list(islice(self._read_rows(stream), count))
        works = [self._convert(row, cells, plan) for row, cells in items]
        self._refuse_twice(works)
        self._target(lookup, dry=True).work([work for work in works if not work.result])
        return [self._preview_row(work) for work in works]

    def _preview_row(self, work):
        values = work.converted.values if work.converted else {}
        notes = [work.refusal] if work.refusal else work.notes
        is_case = self.kind == "case"
        labels = {
            name: self._target_label(name, label)
            for name, label in (CASE_TARGET_LABELS if is_case else CONTACT_TARGET_LABELS)
        }
        facts = []
        for name in CASE_SHOWN if is_case else CONTACT_SHOWN:
            text = work.ref if name == "external_ref" else self._preview_text(name, values)
            if text:
                cut = text if len(text) <= MAX_SHOWN else text[: MAX_SHOWN - 1] + "…"
                made = work.vals.get(f"{name}_id") == -1
                facts.append((labels[name], cut, made))
        return {
            "number": work.row.number,
            "line": work.row.line,
            "title": values.get("name") or "",
            "facts": facts,
            "notes": [self._sentence(kind, **params) for kind, params in notes],
            "result": work.result,
        }

    def _target_label(self, name, label):
        """Return the label of a target in the user's language."""
        field = "case_target" if self.kind == "case" else "contact_target"
        lines = self.env["constituent.import.mapping.line"]
        return dict(lines._fields[field]._description_selection(self.env)).get(name, label)

    def _preview_text(self, name, values):
        """Return a value as a person reads it."""
        value = values.get(name)
        if not value:
            return ""
        if name in ("received_at", "closed_at"):
            zone = self.env["res.company"]._office(self.company_id.id).tz
            return format_datetime(self.env, value, tz=zone, dt_format="medium")
        if name == "status":
            stages = self.env["constituent.case.stage"].browse(value[1])
            return stages.display_name
        if name in ("constituent_role", "lang", "contact_preference"):
            field = self.env["res.partner"]._fields[name]
            return dict(field._description_selection(self.env)).get(value, value)
        if name == "street":
            place = (value, values.get("city"), values.get("zip"), values.get("location_note"))
            return ", ".join(filter(None, place))
        if name == "department" and values.get("department_name"):
            return f"{values['department_name']} ({value})"
        if name == "partner_name":
            contact = (value, values.get("partner_phone"), values.get("partner_email"))
            return ", ".join(filter(None, contact))
        return value

    @api.autovacuum
    def _gc_drafts(self):
        """Forget files that somebody chose and did not import: they may name people."""
        limit = fields.Datetime.now() - timedelta(days=DRAFT_DAYS)
        drafts = self.search([("state", "in", ("draft", "checked")), ("write_date", "<", limit)])
        drafts.unlink()
