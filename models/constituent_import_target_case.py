from odoo import fields
from odoo.tools import plaintext2html

from ..tools.import_merge import merge
from ..tools.intake import Journal
from ..tools.text import html_to_text
from .constituent_import_target import ImportTarget

# Columns that say when and how it ended: they go with the stage.
ENDING = {"closed_at", "outcome_id", "outcome_note"}


class CaseTarget(ImportTarget):
    """Rows that become cases."""

    model = "constituent.case"
    column = "case_id"
    plain = (
        "name", "kind", "received_at", "due_at", "priority", "confidentiality", "identity",
        "lang", "partner_name", "partner_email", "partner_phone", "street", "city", "zip",
        "location_note", "latitude", "longitude", "outcome_note",
    )  # fmt: skip
    # What an import keeps up to date; who a case belongs to is decided once.
    updated = (
        *plain, "description", "category_id", "department_id", "user_id", "channel_id",
        "stage_id", "closed_at", "outcome_id", "tag_ids",
    )  # fmt: skip
    silent = ENDING

    def known(self, works):
        """Return {key: case} of the cases this source has brought before."""
        # Whichever of them the user may see: a key is imported once.
        cases_sudo = self.env["constituent.case"].sudo()
        found_sudo = cases_sudo.search(
            [
                ("external_source", "=", self.mapping.external_source),
                ("external_ref", "in", [work.ref for work in works]),
                ("company_id", "=", self.company.id),
            ],
            order="id desc",
        )
        return {case.external_ref: case.sudo(False) for case in found_sudo}

    def refusal(self, record):
        """Return why a case is not written: the user may not."""
        if record._filtered_access("write"):
            return None
        return "not_yours", {"ref": record.sudo().external_ref}  # the key stands in the file

    # What a row says

    def prepare(self, works):
        """Look up the offices and groups that brought the cases."""
        self.lookup.find_organizations([work.converted.values.get("referrer") for work in works])

    def values(self, work):
        """Return a row's values for a case."""
        values, lookup = work.converted.values, self.lookup
        vals = {name: values.get(name) for name in self.plain}
        vals["kind"] = vals["kind"] or self.mapping.case_kind
        department_id = 0
        if values.get("department"):
            name = values.get("department_name", "")
            department_id = lookup.department(values["department"], name)
            self.note_unknown(work, "department", department_id)
        vals["department_id"] = department_id
        if values.get("category"):
            category_id = lookup.category(values["category"], department_id)
            vals["category_id"] = self.note_unknown(work, "category", category_id)
        vals["channel_id"] = self._channel(work)
        if values.get("user"):
            vals["user_id"] = self.note_unknown(work, "user", lookup.user(values["user"]))
        if values.get("description"):
            vals["description"] = plaintext2html(values["description"])
        if values.get("tags"):
            vals["tag_ids"] = lookup.tags(values["tags"])
        if values.get("referrer"):
            office_id = lookup.organization(values["referrer"])
            work.referrer_id = self.note_unknown(work, "referrer", office_id)
        self._ending(work, vals)
        return vals

    def _channel(self, work):
        """Return the id of the channel; an unknown one is entered as the mapping says."""
        text, default = work.converted.values.get("channel"), self.mapping.channel_id
        if not text:
            return default.id
        channel_id = self.lookup.channel(text)
        if not channel_id:
            work.notes.append(
                ("unknown_channel", {"text": text, "channel": default.display_name or "—"})
            )
        return channel_id or default.id

    def _ending(self, work, vals):
        """Put stage, closing and outcome into the values of a case."""
        values = work.converted.values
        status, vals["stage_id"] = values.get("status") or ("", 0)
        if status != "closed":
            return
        vals["closed_at"] = values.get("closed_at")
        if values.get("outcome"):
            vals["outcome_id"] = self.lookup.outcome(values["outcome"])
            if not self.note_unknown(work, "outcome", vals["outcome_id"]):
                note = filter(None, (values["outcome"], vals["outcome_note"]))
                vals["outcome_note"] = "\n".join(note)

    # What changed

    def comparable(self, vals):
        """Return the values by which two versions of a row are told apart."""
        comparable = {name: vals[name] for name in self.updated if vals.get(name)}
        if "description" in comparable:
            comparable["description"] = html_to_text(vals["description"])
        if "stage_id" in comparable:
            stages = self.env["constituent.case.stage"]
            comparable["stage_id"] = stages._status_by_id(vals["stage_id"])
        return comparable

    def today(self, record, name):
        """Return what a case has, as comparable() would have it."""
        if name == "description":
            return record.description_text
        if name == "stage_id":
            return record.status
        return super().today(record, name)

    def merge(self, given, last, today):
        """Return what is written and kept: where the stage is kept, its ending is, too."""
        write, kept = merge(given, last, today)
        if "stage_id" in kept:
            write = [name for name in write if name not in ENDING]
        return write, kept

    # Saving

    def save_new(self, works):
        """Let the pipeline take in the cases, as an import: nobody is told."""
        journals = [Journal() for _work in works]
        cases = self.env["constituent.case"].intake(
            [self._report(work, journal) for work, journal in zip(works, journals, strict=True)]
        )
        cases.flush_recordset()
        for work, case, journal in zip(works, cases, journals, strict=True):
            work.case_id = case.id
            work.partner_id = case.partner_id.id
            work.made_partner = journal.made_contact
            work.steps = journal.notes
            work.notes += [("step_failed", {"text": text}) for text in journal.failed]

    def _report(self, work, journal):
        """Return what the pipeline takes in; see tools/intake.py."""
        referrers = [{"partner_id": work.referrer_id, "answer_via": "direct"}]
        return {
            **work.vals,
            "mode": "import",
            "tag_ids": work.vals.get("tag_ids"),
            "referrers": referrers if work.referrer_id else [],
            "external_source": self.mapping.external_source,
            "external_ref": work.ref,
            "company_id": self.company.id,
            "journal": journal,
        }

    def save_changed(self, works):
        """Write what the file changed to the cases."""
        cases = self.env["constituent.case"].browse(work.case_id for work in works)
        for work, case in zip(works, cases, strict=True):
            # Who may write the case may keep what it had; its ending is kept by steps such
            # as this one. What changed stands in the report, and in the case's own history.
            case_sudo = case.sudo().with_context(tracking_disable=True)
            work.replaced = self.replaced(case_sudo, work.vals)
            vals = dict(work.vals)
            if "tag_ids" in vals:
                vals["tag_ids"] = [fields.Command.set(vals["tag_ids"])]
            case_sudo.write(vals)
        cases.flush_recordset()
