"""A day of New York City's 311, imported with the mapping that ships."""

import base64
import csv
import logging
import os
from collections import Counter, defaultdict
from pathlib import Path

from .import_common import ImportCommon

CHECKOUT = Path(__file__).resolve().parents[1]
DATA = Path(os.environ.get("CONSTITUENT_DATA") or CHECKOUT.parent / "shared" / "data")
FILE = DATA / "nyc311_2023-02-28.csv"
DISTRICTS = DATA / "nyc_community_districts.geojson"
BOROUGHS = {"MANHATTAN": 1, "BRONX": 2, "BROOKLYN": 3, "QUEENS": 4, "STATEN ISLAND": 5}
AGREEMENT = 0.985

_logger = logging.getLogger(__name__)

# Not skipped where the data is absent: left out.
if FILE.exists() and DISTRICTS.exists():

    class TestImportNyc(ImportCommon):
        def setUp(self):
            super().setUp()
            with FILE.open(encoding="utf-8", newline="") as stream:
                self.rows = list(csv.DictReader(stream))

        def _import(self):
            with self._process() as env:
                run_id = env["constituent.import"].run_file(FILE, "nyc311").id
            return self.Import.browse(run_id)

        def test_all_rows_are_accounted_for(self):
            self._load_districts()
            mails = self.env["mail.mail"].search_count([])
            run = self._import()
            self.assertEqual((len(self.rows), run.row_total), (4999, 4999))
            self.assertEqual(self._counts(run), (4999, 0, 0, 0))
            self.assertEqual(len(run.row_ids), 4999)
            self._check_against_file(run)
            self._check_repairs(run)
            self._check_districts(run)
            self._check_agencies(run)
            self.assertEqual(self.env["mail.mail"].search_count([]), mails)
            cases = run.row_ids.case_id
            self.assertFalse(cases.user_id or cases.delivery_ids or cases.activity_ids)
            self.assertFalse(cases.filtered("acknowledged_at"))
            self._check_again()

        def _load_districts(self):
            """The 71 community districts, by the wizard."""
            kind = self.env["constituent.district.type"].create({"name": "Community District"})
            wizard = self.env["constituent.district.import.wizard"].create(
                {
                    "district_type_id": kind.id,
                    "file": base64.b64encode(DISTRICTS.read_bytes()),
                    "code_property": "BoroCD",
                }
            )
            message = wizard.action_import()["params"]["message"]
            self.assertIn("71 districts made", message)

        def _check_districts(self, run):
            """The district of the place is the community board the record names itself."""
            by_ref = {case.external_ref: case for case in run.row_ids.case_id}
            labelled = agreed = 0
            for row in self.rows:
                number, _space, borough = row["Community Board"].partition(" ")
                if not (row["Latitude"] and number.isdigit() and borough in BOROUGHS):
                    continue
                labelled += 1
                code = str(BOROUGHS[borough] * 100 + int(number))
                agreed += by_ref[row["Unique Key"]].district_ids.mapped("code") == [code]
            _logger.info(
                "Districts: %s of %s labelled points agree with the record's own board (%.2f %%)",
                agreed, labelled, 100 * agreed / labelled,
            )  # fmt: skip
            self.assertEqual(labelled, 4894)
            self.assertGreaterEqual(agreed / labelled, AGREEMENT)

        def _check_agencies(self, run):
            """Routing by category gives the record's agency, where a type has only one."""
            agencies = defaultdict(set)
            for row in self.rows:
                agencies[row["Complaint Type"]].add(row["Agency"])
            categories = {c.name: c for c in run.row_ids.case_id.category_id}
            single = {kind: found for kind, found in agencies.items() if len(found) == 1}
            cases = self.Case.intake(
                [
                    {"channel": "phone", "name": "A matter", "category_id": categories[kind].id}
                    for kind in single
                ]
            )
            right = sum(
                {case.department_id.code} == found
                for case, found in zip(cases, single.values(), strict=True)
            )
            _logger.info(
                "Routing by category: %s of %s types of one agency go to it", right, len(single)
            )
            self.assertEqual(right, len(single))
            self.assertGreater(len(single), 80)

        def _check_against_file(self, run):
            by_ref = {case.external_ref: case for case in run.row_ids.case_id}
            self.assertEqual(set(by_ref), {row["Unique Key"] for row in self.rows})
            self.assertEqual(
                Counter(case.department_id.code for case in by_ref.values()),
                Counter(row["Agency"] for row in self.rows),
            )
            self.assertEqual(
                Counter(case.category_id.name for case in by_ref.values()),
                Counter(row["Complaint Type"] for row in self.rows),
            )
            self.assertEqual(len(run.row_ids.case_id.category_id), 113)
            statuses = {"Closed": "closed", "Open": "new", "Pending": "waiting"}
            self.assertEqual(
                Counter(case.status for case in by_ref.values()),
                Counter(statuses.get(row["Status"], "open") for row in self.rows),
            )
            # Whatever the file says, nothing ended before it began.
            self.assertFalse(
                [c for c in by_ref.values() if c.closed_at and c.closed_at < c.received_at]
            )
            case = by_ref["56923577"]
            self.assertEqual(str(case.received_at), "2023-03-01 04:45:00")
            self.assertEqual(str(case.closed_at), "2023-03-01 06:00:00")
            self.assertIn("Department of Transportation’s website", case.outcome_note)

        def _check_repairs(self, run):
            """What was mended is what the file has: counted there and here."""
            counts = Counter()
            for entry in run.note_counts.values():
                counts[entry["kind"]] += entry["count"]
            rows = self.rows
            self.assertEqual(
                counts["unknown_channel"],
                sum(row["Open Data Channel Type"] == "UNKNOWN" for row in rows),
            )
            self.assertEqual(counts["no_place"], sum(not row["Latitude"] for row in rows))
            self.assertEqual(
                counts["placeholder"],
                sum(row["Incident Zip"] in ("66666", "88888", "99999") for row in rows),
            )
            self.assertEqual(
                counts["mojibake"],
                sum("â\x80" in row[name] or "Â\xa0" in row[name] for row in rows for name in row),
            )
            self.assertEqual(
                counts["closed_date_but_open"],
                sum(row["Status"] != "Closed" and bool(row["Closed Date"]) for row in rows),
            )
            self.assertEqual(counts["closed_before_received"], 2)

        def _check_again(self):
            again = self._import()
            self.assertEqual(self._counts(again), (0, 0, 4999, 0))
