"""What rows of a file become: the steps that cases and contacts have in common."""

from odoo import fields, models

from ..tools.import_merge import fingerprint, fingerprints, merge


class ImportTarget:
    """Finds the records that rows became before, makes new ones, and brings old ones up to date.

    :cvar str model: of the records
    :cvar str column: of a row's work, and of its row in the report, that holds the record
    :cvar tuple plain: values of the mapping that are columns of the record as they stand
    :cvar silent: columns that go with others: nothing is said where they are kept
    """

    model = ""
    column = ""
    plain = ()
    silent = ()

    def __init__(self, run, lookup, dry):
        """Take an import, what the words of its file stand for, and whether to only look."""
        self.run, self.lookup, self.dry = run, lookup, dry
        self.env, self.company, self.mapping = run.env, run.company_id, run.mapping_id

    # What a kind of record says of itself

    def values(self, work):
        """Return a row's values for a record, the empty ones too; what is unknown is noted."""
        raise NotImplementedError

    def known(self, works):
        """Return {key of the row: record} of those that are here."""
        raise NotImplementedError

    def save_new(self, works):
        """Make the records of rows."""
        raise NotImplementedError

    def save_changed(self, works):
        """Write to the records of rows, and keep in each row what is replaced."""
        raise NotImplementedError

    def refusal(self, record):
        """Return (kind, values) of why this record is not written, None when it may be."""
        raise NotImplementedError

    def groups(self, works):
        """Return the rows in groups that are worked one after the other."""
        return [works]

    def prepare(self, works):
        """Look up at once what the rows of a group name."""

    def comparable(self, vals):
        """Return the values by which two versions of a row are told apart."""
        return dict(vals)

    def today(self, record, name):
        """Return what a record has, as comparable() would have it."""
        value = record[name]
        if isinstance(value, models.BaseModel):
            return value.ids if record._fields[name].type == "many2many" else value.id
        return value

    def merge(self, given, last, today):
        """Return which values are written and which are kept; see tools/import_merge.py."""
        return merge(given, last, today)

    # The steps

    def work(self, works):
        """Find out for each row whether it is new, changed or known, and save it.

        :param works: RowWork objects that are not refused yet
        """
        for group in self.groups(works):
            if group:
                self._work_group(group)

    def _work_group(self, works):
        """Do the steps for rows that do not depend on each other."""
        self.prepare(works)
        for work in works:
            work.vals = {name: value for name, value in self.values(work).items() if value}
            work.given = fingerprints(self.comparable(work.vals))
        known = self.known(works)
        last = self._last_given([record.id for record in known.values()])
        new, changed = [], []
        for work in works:
            record = known.get(work.ref)
            if not record:
                work.result = "created"
                new.append(work)
                continue
            setattr(work, self.column, record.id)
            if self._compare(work, record, last.get(record.id)):
                changed.append(work)
        if not self.dry:
            self.run._save(new, self.save_new)
            self.run._save(changed, self.save_changed)

    def _last_given(self, ids):
        """Return {record id: what the file said of it last time}."""
        if not ids:
            return {}
        # Other imports' rows too, of the same office: the records are.
        rows_sudo = self.env["constituent.import.row"].sudo()
        found_sudo = rows_sudo.search_fetch(
            [(self.column, "in", ids), ("given", "!=", False)], [self.column, "given"], order="id"
        )
        return {row[self.column].id: row.given for row in found_sudo}

    def _compare(self, work, record, last):
        """Set the result of a row whose record is here; return whether it is to be written."""
        # Compared only; what is written is checked then.
        record_sudo = record.sudo()
        today = {name: fingerprint(self.today(record_sudo, name)) for name in work.given}
        write, kept = self.merge(work.given, last, today)
        shown = [name for name in kept if name not in self.silent]
        if shown:
            work.notes.append(("kept_here", {"fields": self._labels(shown)}))
        work.vals = {name: work.vals[name] for name in write}
        if not write:
            work.result = "unchanged"
            # What the file says now counts next time, if it is not what it said last.
            work.given = work.given if kept or last is None else None
            return work.adopts
        work.result = "updated"
        refusal = self.refusal(record)
        if refusal:
            kind, values = refusal
            work.refuse(kind, **values)
            return False
        work.notes.append(("written", {"fields": self._labels(write)}))
        return True

    def _labels(self, names):
        """Return the labels of fields for a sentence."""
        described = self.env[self.model].fields_get(names, ["string"])
        return ", ".join(described[name]["string"] for name in names)

    # For the kinds

    def note_unknown(self, work, name, found):
        """Note that a word of the file stands for nothing here; return what was found."""
        if not found:
            work.notes.append((f"unknown_{name}", {"text": work.converted.values[name]}))
        return found

    def replaced(self, record, names):
        """Return what a record has in these fields, as JSON can keep it."""
        kept = {}
        for name in names:
            value, kind = record[name], record._fields[name].type
            if isinstance(value, models.BaseModel):
                value = value.ids if kind == "many2many" else value.id
            elif kind == "datetime":
                value = fields.Datetime.to_string(value)
            elif kind == "html":
                value = str(value or "")
            kept[name] = value or False
        return kept
