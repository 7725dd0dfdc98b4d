"""Reading tables, cells, mappings and merges: rules without a database."""

import csv
import io
import unittest
from datetime import datetime, timedelta, timezone
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from ..tools.import_cells import (
    DATE_STYLES,
    CellError,
    check_order,
    clean_text,
    neutral,
    parse_flag,
    parse_moment,
    parse_number,
    parse_place,
)
from ..tools.import_merge import fingerprint, fingerprints, merge
from ..tools.import_plan import (
    CASE_TARGETS,
    CONTACT_TARGETS,
    Plan,
    PlanLine,
    convert_row,
    split_translations,
)
from ..tools.import_suggest import suggest_date_style, suggest_targets
from ..tools.table_file import (
    TableError,
    TableFormat,
    check_table,
    find_columns,
    guess_format,
    table_rows,
)

# The machine may be slow; what is tested is not.
settings.register_profile("import", deadline=None)
settings.load_profile("import")

NEW_YORK = ZoneInfo("America/New_York")
NOW = datetime(2026, 5, 1)
TEXTS = st.text(st.characters(blacklist_categories=("Cs",), blacklist_characters="\0"), max_size=20)


def read(content, **options):
    """Return (head, rows) of a file given as bytes."""
    rows = list(table_rows(io.BytesIO(content), TableFormat(**options)))
    return rows[0], rows[1:]


class TestTableFile(unittest.TestCase):
    @given(st.lists(st.lists(TEXTS, min_size=2, max_size=2), min_size=1, max_size=8))
    def test_what_is_written_is_read(self, table):
        output = io.StringIO()
        csv.writer(output).writerows([["a", "b"], *table])
        _head, rows = read(output.getvalue().encode())
        kept = [row for row in table if any(cell.strip() for cell in row)]
        self.assertEqual([row.cells for row in rows], kept)
        self.assertFalse([row for row in rows if row.problem])

    @given(st.binary(max_size=200))
    def test_no_bytes_break_it(self, content):
        for encoding in ("utf-8", "cp1252", "latin-1", "utf-16"):
            try:
                facts = check_table(
                    io.BytesIO(content), TableFormat(encoding=encoding), max_bytes=1000
                )
            except TableError as error:
                self.assertTrue(error.kind)
            else:
                self.assertGreater(facts.rows, 0)

    def test_numbers_and_lines(self):
        _head, rows = read(b'a,b\n\n1,"x\ny"\n\n2,z\n')
        self.assertEqual([(row.number, row.line) for row in rows], [(1, 3), (2, 6)])

    def test_open_quote_costs_one_line(self):
        """The lines it swallowed are read all the same, each accounted for."""
        for tail in (b"5,6\n7,8\n", b'5,6\n7,"8"\n', b'5,6\n7,""\n'):
            with self.subTest(tail):
                _head, rows = read(b'a,b\n1,2\n3,"4\n' + tail)
                self.assertEqual([row.number for row in rows], [1, 2, 3, 4])
                self.assertEqual(rows[1].problem[0], "quote_open")
                self.assertEqual(rows[2].cells, ["5", "6"])
                self.assertFalse(rows[3].problem)

    def test_endless_cell(self):
        _head, rows = read(b'a,b\n1,"' + b"x" * 1_100_000 + b"\n2,3\n")
        self.assertEqual([bool(row.problem) for row in rows], [True, False])

    def test_format_is_guessed(self):
        for text, encoding, expected in (
            ("a,b\n1,é", "utf-8", ("utf-8", "comma")),
            ("a;b,c;d\n1;é", "cp1252", ("cp1252", "semicolon")),
            ("a\tb\n", "utf-16", ("utf-16", "tab")),
            ('"x|y",z\n', "utf-8", ("utf-8", "comma")),
        ):
            with self.subTest(text):
                found = guess_format(io.BytesIO(text.encode(encoding)))
                self.assertEqual((found.encoding, found.delimiter), expected)

    def test_columns(self):
        head = ["Unique Key", "STATUS", "Fecha de Creación", "x", "X"]
        found, missing, twice = find_columns(
            head, ["unique key", "Status", "fecha_de_creacion", "x", "y"]
        )
        self.assertEqual(found, {"unique key": 0, "Status": 1})
        self.assertEqual((missing, twice), (["fecha_de_creacion", "y"], ["x"]))

    def test_digest_is_of_the_cells(self):
        _head, rows = read(b"a,b\n1,2\n1,2\n12,\n,12\n")
        digests = [row.digest() for row in rows]
        self.assertEqual(digests[0], digests[1])
        self.assertEqual(len(set(digests)), 3)


class TestCells(unittest.TestCase):
    def test_mojibake(self):
        text, notes = clean_text(
            "the Departmentâ\x80\x99s â\x80\x9cLearn Moreâ\x80\x9d link\xc2\xa0"
        )
        self.assertEqual((text, notes), ("the Department’s “Learn More” link", ["mojibake"]))
        self.assertEqual(clean_text("Peña, Ünal, 日本, “x”"), ("Peña, Ünal, 日本, “x”", []))
        self.assertEqual(clean_text("a\ufffdb")[1], ["lost_characters"])

    def test_empty_words_and_controls(self):
        words = frozenset({"n/a", "unspecified"})
        self.assertEqual(clean_text(" N/A ", words), ("", []))
        self.assertEqual(clean_text("N/A too", words), ("N/A too", []))
        self.assertEqual(clean_text("a\x07b\x00\r\nc\u2028"), ("ab\nc", []))

    @given(TEXTS)
    def test_cleaning_is_done_once(self, text):
        once = clean_text(text)[0]
        self.assertEqual(clean_text("'" + once)[0] if once[:1] in "=+-@" and once else once, once)
        self.assertFalse(once.startswith(" ") or once.endswith(" "))

    def test_moments(self):
        for style, text, expected in (
            ("mdy", "02/28/2023 11:45:00 PM", datetime(2023, 3, 1, 4, 45)),
            ("mdy", "2/8/23 23:05", datetime(2023, 2, 9, 4, 5)),
            ("mdy", "07/04/2023", datetime(2023, 7, 4, 4)),
            ("dmy", "28/02/2023 08:00", datetime(2023, 2, 28, 13)),
            ("dotted", "28.02.2023", datetime(2023, 2, 28, 5)),
            ("iso", "2023-02-28T23:45:00Z", datetime(2023, 2, 28, 23, 45)),
            ("iso", "2023-02-28 23:45:00.123", datetime(2023, 3, 1, 4, 45)),
        ):
            with self.subTest(text):
                self.assertEqual(parse_moment(text, DATE_STYLES[style], NEW_YORK), (expected, []))
        for style, text in (("mdy", "31/12/2023"), ("iso", "yesterday"), ("mdy", "01/01/1900")):
            with self.subTest(text), self.assertRaises(CellError):
                parse_moment(text, DATE_STYLES[style], NEW_YORK)

    @given(st.datetimes(datetime(1950, 1, 1), datetime(2100, 1, 1)))
    def test_any_moment_comes_back(self, moment):
        """What New York's clock shows is the moment meant, but for the hour that comes twice."""
        moment = moment.replace(microsecond=0)
        local = moment.replace(tzinfo=timezone.utc).astimezone(NEW_YORK)
        text = local.strftime("%m/%d/%Y %I:%M:%S %p")
        found, notes = parse_moment(text, DATE_STYLES["mdy"], NEW_YORK)
        if notes:
            self.assertEqual(notes, ["hour_twice"])
            self.assertIn(moment - found, (timedelta(0), timedelta(hours=1)))
        else:
            self.assertEqual(found, moment)

    def test_numbers_flags_places(self):
        self.assertEqual((parse_number("40.5"), parse_number("-73,9")), (40.5, -73.9))
        for text in ("x", "nan", "inf", "1.2.3"):
            with self.assertRaises(CellError):
                parse_number(text)
        self.assertEqual([parse_flag(word) for word in ("Yes", "SÍ", "no", "0")], [1, 1, 0, 0])
        with self.assertRaises(CellError):
            parse_flag("perhaps")
        self.assertEqual(parse_place(0, 0), (None, "no_place"))
        self.assertEqual(parse_place(40, 0), (None, "half_a_place"))
        self.assertEqual(parse_place(95, 10), (None, "place_impossible"))
        self.assertEqual(parse_place(40.7, -74), ((40.7, -74), ""))

    @given(
        st.datetimes(datetime(2000, 1, 1), NOW),
        st.lists(st.one_of(st.none(), st.datetimes(datetime(2000, 1, 1), NOW)), max_size=3),
        st.booleans(),
    )
    def test_never_closed_before_received(self, received, closings, is_closed):
        closed, _notes = check_order(received, closings, is_closed, NOW)
        self.assertEqual(closed is not None, is_closed)
        if is_closed:
            self.assertGreaterEqual(closed, received)
            later = [moment for moment in closings if moment and moment >= received]
            self.assertEqual(closed, later[0] if later else received)

    @given(st.text(max_size=10))
    def test_no_cell_is_a_formula(self, text):
        cell = neutral(text)
        self.assertFalse(cell.startswith(("=", "+", "-", "@", "\t", "\r")))
        self.assertTrue(cell.endswith(text))


class TestPlan(unittest.TestCase):
    def convert(self, lines, cells, kind="case", **options):
        options.setdefault("choices", {"status": {"open": ("new", 1), "closed": ("closed", 2)}})
        plan = Plan(kind, tuple(PlanLine(*line) for line in lines), NEW_YORK, DATE_STYLES["mdy"],
                    frozenset({"n/a"}), **options)  # fmt: skip
        return convert_row(plan, cells, NOW)

    def test_columns_are_joined_as_their_target_says(self):
        lines = [
            ("When", "received_at"),
            ("Type", "name"),
            ("Sort", "name"),
            ("Type", "category"),
            ("Place", "description", "Place:"),
            ("Car", "description", "Car:"),
            ("A", "location_note"),
            ("B", "location_note"),
            ("Street", "street"),
            ("Corner", "street"),
        ]
        row = self.convert(
            lines,
            {
                "When": "01/02/2023", "Type": "Noise", "Sort": "Loud  music", "Place": "Park",
                "Car": "N/A", "A": "1 ST", "B": "1 ST", "Street": "", "Corner": "2 AVE",
            },
        )  # fmt: skip
        values = row.values
        self.assertEqual(values["name"], "Noise: Loud music")
        self.assertEqual(values["category"], "Noise")
        self.assertEqual(values["description"], "Place: Park")
        self.assertEqual((values["location_note"], values["street"]), ("1 ST", "2 AVE"))
        self.assertFalse(row.refusal or row.notes)

    def test_words_of_the_file_stand_for_ours(self):
        translations = split_translations("SHUT = closed\n99999 =\n\n a=b = c")
        self.assertEqual(translations, {"shut": "closed", "99999": "", "a": "b = c"})
        with self.assertRaises(ValueError):
            split_translations("no sign")
        lines = [
            ("When", "received_at"),
            ("St", "status", "", translations),
            ("Zip", "zip", "", translations),
        ]
        row = self.convert(lines, {"When": "01/02/2023", "St": "Shut", "Zip": "99999"})
        self.assertEqual(row.values["status"], ("closed", 2))
        self.assertNotIn("zip", row.values)
        self.assertEqual(
            [kind for kind, _values in row.notes],
            ["placeholder", "closed_without_date", "no_subject"],
        )

    def test_required_and_unreadable(self):
        lines = [("When", "received_at", "", {}, True), ("Due", "due_at")]
        self.assertEqual(self.convert(lines, {"When": ""}).refusal[0], "required")
        self.assertEqual(self.convert(lines, {"When": "soon"}).refusal[0], "moment")
        row = self.convert(lines, {"When": "01/02/2023", "Due": "soon"})
        self.assertIsNone(row.refusal)
        self.assertEqual([kind for kind, _values in row.notes], ["moment", "no_subject"])
        row = self.convert([("When", "received_at")], {"When": ""})
        self.assertEqual(row.refusal[0], "no_received_at")

    def test_long_subjects_are_cut(self):
        lines = [("When", "received_at"), ("T", "name")]
        row = self.convert(lines, {"When": "01/02/2023", "T": "x" * 500})
        self.assertEqual(len(row.values["name"]), 200)

    def test_contacts(self):
        lines = [("F", "name"), ("L", "name"), ("Of", "parent"), ("Org", "is_company")]
        row = self.convert(lines, {"F": "Bo", "L": "Lind", "Of": "Bo Lind", "Org": "x"}, "contact")
        self.assertEqual(row.values, {"name": "Bo Lind", "is_company": True})
        self.assertEqual(self.convert(lines, {}, "contact").refusal[0], "no_name")

    @given(st.dictionaries(st.sampled_from(["a", "b", "c", "d", "e"]), TEXTS))
    def test_no_cells_break_it(self, cells):
        lines = [
            ("a", "received_at"),
            ("b", "latitude"),
            ("c", "status"),
            ("d", "closed_at"),
            ("e", "tags"),
        ]
        row = self.convert(lines, cells)
        self.assertTrue(row.refusal or row.values["received_at"])


class TestMerge(unittest.TestCase):
    def test_three_ways(self):
        last = fingerprints({"a": "1", "b": "1", "c": "1", "d": "1"})
        now = fingerprints({"a": "1", "b": "2", "c": "2", "d": "1"})
        today = fingerprints({"a": "1", "b": "1", "c": "3", "d": "4"})
        self.assertEqual(merge(now, last, today), (["b"], ["c"]))
        self.assertEqual(merge(now, None, {**today, "b": ""}), (["b"], ["c", "d"]))

    values = st.dictionaries(st.sampled_from("abc"), st.sampled_from(["", "1", "2"]))

    @given(values, values, values)
    def test_peoples_work_is_never_overwritten(self, now, last, today):
        write, kept = merge(now, last, today)
        for name in now:
            touched_here = today.get(name, "") != last.get(name, "")
            self.assertFalse(name in write and touched_here)
            self.assertFalse(name in kept and not touched_here)
            if not touched_here and now[name] != last.get(name, ""):
                self.assertIn(name, write)

    def test_fingerprints(self):
        same = [
            (None, ""), (0, False), ([2, 1], (1, 2)), (40.70000000001, 40.7),
            (datetime(2023, 1, 1, 0, 0, 0, 5), datetime(2023, 1, 1)),
        ]  # fmt: skip
        for one, other in same:
            self.assertEqual(fingerprint(one), fingerprint(other))
        self.assertNotEqual(fingerprint("a"), fingerprint("b"))
        self.assertNotEqual(fingerprint(40.7), fingerprint(40.70001))


class TestSuggest(unittest.TestCase):
    def test_service_requests(self):
        head = ["Unique Key", "Created Date", "Complaint Type", "Name", "Latitude", "Whatever"]
        self.assertEqual(
            suggest_targets(head, CASE_TARGETS),
            [
                ("Unique Key", "external_ref"),
                ("Created Date", "received_at"),
                ("Complaint Type", "category"),
                ("Name", "partner_name"),
                ("Latitude", "latitude"),
            ],
        )

    def test_contacts(self):
        head = ["ID", "First Name", "Last Name", "Correo", "Company"]
        self.assertEqual(
            suggest_targets(head, CONTACT_TARGETS),
            [
                ("ID", "external_ref"),
                ("First Name", "name"),
                ("Last Name", "name"),
                ("Correo", "email"),
                ("Company", "parent"),
            ],
        )

    def test_dates(self):
        self.assertEqual(suggest_date_style(["02/28/2023", "02/03/2023", "x"]), "mdy")
        self.assertEqual(suggest_date_style(["28/02/2023", "02/03/2023"]), "dmy")
        self.assertEqual(suggest_date_style(["2023-02-28", "1-800-555-0100"]), "iso")
        self.assertEqual(suggest_date_style(["28.02.2023 10:00"]), "dotted")
