"""Importing small files that a test writes itself, as a process of its own would."""

import csv
import io
import tempfile
from contextlib import contextmanager
from pathlib import Path

from odoo.fields import Command

from .common import ConstituentCommon

COLUMNS = {
    "Key": "external_ref",
    "Opened": "received_at",
    "Closed": "closed_at",
    "Changed": "closed_at",
    "Status": "status",
    "Type": "category",
    "Desk": "department",
    "Title": "name",
    "Text": "description",
    "By": "channel",
    "Name": "partner_name",
    "Mail": "partner_email",
    "Lat": "latitude",
    "Lon": "longitude",
    "Answer": "outcome_note",
}
CONTACT_COLUMNS = {
    "Key": "external_ref",
    "Name": "name",
    "Office": "parent",
    "Org": "is_company",
    "Role": "constituent_role",
    "Mail": "email",
    "Phone": "phone",
    "City": "city",
    "Country": "country",
    "Notes": "comment",
}
ROW = {
    "Key": "1",
    "Opened": "02/28/2023 11:45:00 PM",
    "Status": "Open",
    "Type": "Test Pothole",
    "Desk": "T-STR",
    "Title": "A hole",
    "By": "phone",
    "Lat": "40.7",
    "Lon": "-74.0",
}


class ImportCommon(ConstituentCommon):
    """A mapping for cases and one for contacts, and ways to run them."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Import = cls.env["constituent.import"]
        cls.mapping = cls._make_mapping("t-cases", "case", COLUMNS, required=("Key", "Opened"))
        cls.contact_mapping = cls._make_mapping("t-contacts", "contact", CONTACT_COLUMNS)

    @classmethod
    def _make_mapping(cls, code, kind, columns, required=(), **vals):
        return cls.env["constituent.import.mapping"].create(
            {
                "name": code,
                "code": code,
                "kind": kind,
                "external_source": code,
                "tz": "America/New_York",
                "line_ids": [
                    Command.create(
                        {
                            "column": column,
                            f"{kind}_target": target,
                            "sequence": number,
                            "required": column in required,
                        }
                    )
                    for number, (column, target) in enumerate(columns.items())
                ],
                **vals,
            }
        )

    def _csv(self, *rows, columns=None, base=None, delimiter=","):
        """Return a file as text: each row is the base with what it says itself."""
        output = io.StringIO()
        writer = csv.DictWriter(output, list(columns or COLUMNS), delimiter=delimiter)
        writer.writeheader()
        for row in rows:
            writer.writerow({**(ROW if base is None else base), **row})
        return output.getvalue()

    def _contacts(self, *rows):
        return self._csv(*rows, columns=CONTACT_COLUMNS, base={})

    def _write(self, content, name="requests.csv"):
        """Return the path of a file with this content."""
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        path = Path(folder.name, name)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    @contextmanager
    def _process(self, user=None):
        """Give the environment of a process that may commit."""
        with self.enter_registry_test_mode(), self.registry.cursor() as cr:
            user = user or self.coordinator
            yield self.env(cr=cr, user=user, context={"lang": user.lang or "en_US"})

    def _run(self, content, mapping="t-cases", user=None):
        """Import a file at once; return the import as the superuser sees it."""
        path = self._write(content)
        with self._process(user) as env:
            run_id = env["constituent.import"].run_file(path, mapping).id
        return self.Import.browse(run_id)

    def _new(self, content, mapping=None, user=None):
        """Return a new import that nothing was done with yet."""
        content = content if isinstance(content, bytes) else content.encode()
        imports = self.Import.with_user(user or self.coordinator)
        return imports._from_bytes("requests.csv", content, mapping or self.mapping)

    def _cron(self):
        """Let the scheduled action do its work."""
        with self.enter_registry_test_mode():
            self.env.ref("constituent_services.ir_cron_import").method_direct_trigger()

    def _case(self, ref, source="t-cases"):
        return self.Case.search([("external_source", "=", source), ("external_ref", "=", ref)])

    def _counts(self, run):
        return (run.created_count, run.updated_count, run.unchanged_count, run.refused_count)
