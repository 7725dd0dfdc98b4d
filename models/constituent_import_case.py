from odoo import fields, models
from odoo.tools import plaintext2html

from ..tools.import_merge import fingerprint, fingerprints, merge
from ..tools.intake import Journal
from ..tools.text import html_to_text

# Values of the mapping that are columns of the case as they stand.
PLAIN = (
    "name", "kind", "received_at", "due_at", "priority", "confidentiality", "identity", "lang",
    "partner_name", "partner_email", "partner_phone", "street", "city", "zip", "location_note",
    "latitude", "longitude", "outcome_note",
)  # fmt: skip
# What an import keeps up to date; who a case belongs to is decided once.
UPDATED = (
    *PLAIN, "description", "category_id", "department_id", "user_id", "channel_id", "stage_id",
    "closed_at", "outcome_id", "tag_ids",
)  # fmt: skip
# Columns that say when and how it ended: they go with the stage.
ENDING = {"closed_at", "outcome_id", "outcome_note"}


class ConstituentImport(models.Model):
    """Rows that become cases."""

    _name = "constituent.import"
    _inherit = "constituent.import"

    def _case_steps(self, works, lookup, dry):
        """Find out for each row whether it is new, changed or known, and save it.

        :param works: RowWork objects that are not refused yet
        :param ImportLookup lookup: what the words of the file stand for
        :param bool dry: only find out
        """
        if not works:
            return
        known = self._known_cases([work.ref for work in works])
        last = self._last_given("case_id", [case.id for case in known.values()])
        new, changed = [], []
        for work in works:
            work.vals = self._case_vals(work, lookup)
            work.given = fingerprints(self._case_comparable(work.vals))
            case = known.get(work.ref)
            if not case:
                work.result = "created"
                new.append(work)
                continue
            work.case_id = case.id
            if self._compare_case(work, case, last.get(case.id)):
                changed.append(work)
        if dry:
            return
        self._save(new, self._create_cases)
        self._save(changed, self._update_cases)

    def _known_cases(self, refs):
        """Return {key: case} of the cases this source has brought before."""
        # Whichever of them the user may see: a key is imported once.
        cases_sudo = self.env["constituent.case"].sudo()
        found_sudo = cases_sudo.search(
            [
                ("external_source", "=", self.mapping_id.external_source),
                ("external_ref", "in", refs),
                ("company_id", "=", self.company_id.id),
            ],
            order="id desc",
        )
        return {case.external_ref: case.sudo(False) for case in found_sudo}

    def _last_given(self, column, ids):
        """Return {record id: what the file said of it last time}.

        :param str column: case_id or partner_id
        :param ids: of the records
        """
        if not ids:
            return {}
        # Other imports' rows too, of the same office: the records are.
        rows_sudo = self.env["constituent.import.row"].sudo()
        found_sudo = rows_sudo.search_fetch(
            [(column, "in", ids), ("given", "!=", False)], [column, "given"], order="id"
        )
        return {row[column].id: row.given for row in found_sudo}

    # What a row says

    def _case_vals(self, work, lookup):
        """Return the values of a case; what is not known here is noted."""
        values = work.converted.values
        vals = {name: values[name] for name in PLAIN if values.get(name)}
        department_id = 0
        if values.get("department"):
            department_id = lookup.department(
                values["department"], values.get("department_name", "")
            )
            if not department_id:
                work.notes.append(("unknown_department", {"text": values["department"]}))
        vals["department_id"] = department_id
        if values.get("category"):
            vals["category_id"] = lookup.category(values["category"], department_id)
            if not vals["category_id"]:
                work.notes.append(("unknown_category", {"text": values["category"]}))
        vals["channel_id"] = self._case_channel(work, lookup)
        if values.get("user"):
            vals["user_id"] = lookup.user(values["user"])
            if not vals["user_id"]:
                work.notes.append(("unknown_user", {"text": values["user"]}))
        if values.get("description"):
            vals["description"] = plaintext2html(values["description"])
        if values.get("tags"):
            vals["tag_ids"] = lookup.tags(values["tags"])
        if values.get("referrer"):
            work.referrer_id = lookup.organization(values["referrer"])
            if not work.referrer_id:
                work.notes.append(("unknown_referrer", {"text": values["referrer"]}))
        self._case_ending(work, vals, lookup)
        return {name: value for name, value in vals.items() if value}

    def _case_channel(self, work, lookup):
        """Return the id of the channel; an unknown one is entered as the mapping says."""
        text = work.converted.values.get("channel")
        default = self.mapping_id.channel_id
        if not text:
            return default.id
        channel_id = lookup.channel(text)
        if not channel_id:
            work.notes.append(
                ("unknown_channel", {"text": text, "channel": default.display_name or "—"})
            )
        return channel_id or default.id

    def _case_ending(self, work, vals, lookup):
        """Put stage, closing and outcome into the values of a case."""
        values = work.converted.values
        status, vals["stage_id"] = values.get("status") or ("", 0)
        if status != "closed":
            return
        vals["closed_at"] = values.get("closed_at")
        if values.get("outcome"):
            vals["outcome_id"] = lookup.outcome(values["outcome"])
            if not vals["outcome_id"]:
                note = filter(None, (values["outcome"], vals.get("outcome_note")))
                vals["outcome_note"] = "\n".join(note)
                work.notes.append(("unknown_outcome", {"text": values["outcome"]}))

    def _case_comparable(self, vals):
        """Return the values by which two versions of a row are told apart."""
        comparable = {name: vals[name] for name in UPDATED if vals.get(name)}
        if "description" in comparable:
            comparable["description"] = html_to_text(vals["description"])
        if "stage_id" in comparable:
            stages = self.env["constituent.case.stage"]
            comparable["stage_id"] = stages._status_by_id(vals["stage_id"])
        return comparable

    # What changed

    def _compare_case(self, work, case, last):
        """Set the result of a row whose case is here; return whether it is to be written."""
        today = self._case_today(case, work.given)
        write, kept = merge(work.given, last, today)
        if "stage_id" in kept:
            write = [name for name in write if name not in ENDING]
        shown = [name for name in kept if name not in ENDING]
        if shown:
            work.notes.append(("kept_here", {"fields": self._labels("constituent.case", shown)}))
        if not write:
            work.result = "unchanged"
            # What the file says now counts next time, if it is not what it said last.
            work.given = work.given if kept else None
            return False
        work.result = "updated"
        if not case._filtered_access("write"):
            work.refuse("not_yours", ref=work.ref)
            return False
        work.notes.append(("written", {"fields": self._labels("constituent.case", write)}))
        work.vals = {name: work.vals[name] for name in write}
        return True

    def _case_today(self, case, names):
        """Return {name: fingerprint} of what a case has today."""
        # Compared only; what is written is checked then.
        case_sudo = case.sudo()
        today = {}
        for name in names:
            value = case_sudo[name]
            if name == "description":
                value = case_sudo.description_text
            elif name == "stage_id":
                value = case_sudo.status
            elif name == "tag_ids":
                value = value.ids
            elif isinstance(value, models.BaseModel):
                value = value.id
            today[name] = fingerprint(value)
        return today

    def _labels(self, model, names):
        """Return the labels of fields for a sentence."""
        described = self.env[model].fields_get(names, ["string"])
        return ", ".join(described[name]["string"] for name in names)

    # Saving

    def _create_cases(self, works):
        journals = [Journal() for _work in works]
        cases = self.env["constituent.case"].intake(
            [
                {
                    **work.vals,
                    "mode": "import",
                    "tag_ids": work.vals.get("tag_ids"),
                    "referrers": self._case_referrers(work),
                    "external_source": self.mapping_id.external_source,
                    "external_ref": work.ref,
                    "company_id": self.company_id.id,
                    "journal": journal,
                }
                for work, journal in zip(works, journals, strict=True)
            ]
        )
        cases.flush_recordset()
        for work, case, journal in zip(works, cases, journals, strict=True):
            work.case_id = case.id
            work.partner_id = case.partner_id.id
            work.made_partner = journal.made_contact
            work.steps = journal.notes
            work.notes += [("step_failed", {"text": text}) for text in journal.failed]

    def _case_referrers(self, work):
        """Return the office or group that brought the case, as the report takes it."""
        if not work.referrer_id:
            return []
        return [{"partner_id": work.referrer_id, "answer_via": "direct"}]

    def _update_cases(self, works):
        cases = self.env["constituent.case"].browse(work.case_id for work in works)
        for work, case in zip(works, cases, strict=True):
            work.replaced = self._case_replaced(case, work.vals)
            vals = dict(work.vals)
            if "tag_ids" in vals:
                vals["tag_ids"] = [fields.Command.set(vals["tag_ids"])]
            # The user may write the case; its ending is kept by steps such as this one.
            # What changed stands in the report, and in the case's own history.
            case.sudo().with_context(tracking_disable=True).write(vals)
        cases.flush_recordset()

    def _case_replaced(self, case, vals):
        """Return what an update replaces, as JSON can keep it."""
        # Who may write the case may keep what it had.
        case_sudo = case.sudo()
        replaced = {}
        for name in vals:
            value = case_sudo[name]
            if isinstance(value, models.BaseModel):
                value = value.ids if name == "tag_ids" else value.id
            elif name in ("received_at", "due_at", "closed_at"):
                value = fields.Datetime.to_string(value)
            replaced[name] = value or False
        return replaced
