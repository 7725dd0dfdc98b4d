"""The rules of script/bench that need no database: arguments, judgements, tables."""

import contextlib
import io
import pathlib
import subprocess
import sys
import unittest

SCRIPT = pathlib.Path(__file__).resolve().parent.parent / "script"


class BenchCase(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        if not SCRIPT.exists():
            raise unittest.SkipTest("there is no script/: this is not a checkout")
        sys.path.insert(0, str(SCRIPT))
        cls.addClassCleanup(sys.path.remove, str(SCRIPT))
        from benchmarks import arguments, catalogue, judge, table

        cls.arguments, cls.catalogue = arguments, catalogue
        cls.judge, cls.table = judge, table

    def figure(self, *rounds, queries=1):
        """Return a figure of these rounds of milliseconds."""
        count = sum(len(times) for times in rounds)
        return self.judge.Figure(
            rounds=[list(times) for times in rounds], queries=[queries] * count
        )

    def works(self, *names):
        return [self.catalogue.BY_NAME[name] for name in names]

    def reached(self, works, figures):
        """Return what is judged → reached."""
        return {j.what: j.reached for j in self.judge.judge(works, figures)}


class TestArguments(BenchCase):
    def assertStops(self, message, *arguments):
        error = io.StringIO()
        with contextlib.redirect_stderr(error), self.assertRaises(SystemExit) as caught:
            self.arguments.read(arguments)
        self.assertEqual(caught.exception.code, 2)
        self.assertIn(message, error.getvalue().splitlines()[-1])

    def test_defaults(self):
        options = self.arguments.read([])
        self.assertEqual((options.cases, options.contacts), (200_000, 1_000_000))
        self.assertEqual(options.sizes, [200_000])
        names = [work.name for work in options.works]
        self.assertIn("letter", names)
        self.assertIn("wkhtmltopdf", names)
        self.assertEqual(options.letters, 400)

    def test_wkhtmltopdf_is_fetched_when_asked_for(self):
        """Otherwise it is measured where it is installed already."""
        for arguments, fetched in (
            ([], False),
            (["letter"], False),
            (["--peer"], True),
            (["letter", "wkhtmltopdf"], True),
        ):
            with self.subTest(arguments=arguments):
                options = self.arguments.read(arguments)
                self.assertIs(options.printer, fetched)
                plan = self.arguments.plan(options).splitlines()
                self.assertIn(f"PRINTER={1 if fetched else ''}", plan)

    def test_how_many_letters(self):
        self.assertEqual(self.arguments.read(["letters", "--letters", "5,000"]).letters, 5000)

    def test_name_stands_for_what_begins_with_it(self):
        options = self.arguments.read(["search_name", "pivot"])
        self.assertEqual(
            [work.name for work in options.works],
            ["search_name", "search_name_rare", "search_name_common", "pivot"],
        )

    def test_growth_sizes(self):
        self.assertEqual(self.arguments.read(["--growth"]).sizes, [20_000, 200_000, 1_000_000])
        options = self.arguments.read(["--growth", "--cases", "20000"])
        self.assertEqual(options.sizes, [20_000, 1_000_000])

    def test_errors(self):
        self.assertStops("no such measurement: frob", "frob")
        self.assertStops("argument --runs", "--runs", "0")
        self.assertStops("argument --cases", "--cases", "many")
        self.assertStops("unrecognized arguments: --fast", "--fast")
        self.assertStops("argument --letters", "--letters", "0")

    def test_plan(self):
        plan = self.arguments.plan(self.arguments.read(["--growth", "--peer", "--cases", "5,000"]))
        self.assertEqual(
            plan.splitlines(),
            [
                "SIZES=(5000 20000 1000000)",
                "REFERENCE=5000",
                "CONTACTS=1000000",
                "PEER=1",
                "PRINTER=1",
                "KEEP=",
                "RESET=",
            ],
        )

    def test_script_stops_before_anything_is_made(self):
        for arguments, message in ((["frob"], "error: no such measurement: frob"), (["-x"], "-x")):
            result = subprocess.run(
                [SCRIPT / "bench", *arguments], capture_output=True, text=True, timeout=60
            )
            self.assertNotEqual(result.returncode, 0)
            self.assertFalse(result.stdout)
            self.assertIn(message, result.stderr.splitlines()[-1])

    def test_script_helps(self):
        result = subprocess.run(
            [SCRIPT / "bench", "--help"], capture_output=True, text=True, timeout=60
        )
        self.assertEqual(result.returncode, 0, result.stderr)
        for option in ("--peer", "--growth", "--markdown", "--runs", "--cases", "--contacts"):
            self.assertIn(option, result.stdout)


class TestCatalogue(BenchCase):
    def test_each_name_once(self):
        names = [work.name for work in self.catalogue.WORKS]
        self.assertEqual(len(names), len(set(names)))

    def test_compared_works_are_measured_together(self):
        groups = self.catalogue.groups(self.works("create", "letter", "pivot", "wkhtmltopdf"))
        names = [[work.name for work in group] for group in groups]
        self.assertEqual(names, [["create"], ["letter", "wkhtmltopdf"], ["pivot"]])


class TestRatio(BenchCase):
    def test_median_of_the_rounds(self):
        """A machine at half its speed in one round changes nothing."""
        ours = self.figure([10, 10, 12], [20, 20, 24], [10, 11, 10])
        theirs = self.figure([40, 40, 41], [80, 80, 90], [40, 40, 40])
        self.assertAlmostEqual(self.judge.ratio(ours, theirs), 0.25)

    def test_a_round_that_only_one_side_had(self):
        ours, theirs = self.figure([10], [10]), self.figure([20])
        self.assertAlmostEqual(self.judge.ratio(ours, theirs), 0.5)

    def test_against_the_peer(self):
        works = self.works("list")
        figures = {
            ("ours", "list", "coordinator"): self.figure([29]),
            ("peer", "list", "coordinator"): self.figure([100]),
            ("ours", "list", "caseworker"): self.figure([31]),
            ("peer", "list", "caseworker"): self.figure([100]),
        }
        self.assertEqual(
            self.reached(works, figures),
            {
                "list, first page, coordinator: of the peer's time ≤ 0.3 ×": True,
                "list, first page, caseworker: of the peer's time ≤ 0.3 ×": False,
                "list, first page: caseworker of the coordinator's time ≤ 1.5 ×": True,
            },
        )

    def test_caseworker(self):
        figures = {
            ("ours", "panel", "coordinator"): self.figure([10]),
            ("ours", "panel", "caseworker"): self.figure([16]),
        }
        self.assertEqual(list(self.reached(self.works("panel"), figures).values()), [False])


class TestLimits(BenchCase):
    def test_milliseconds(self):
        for time, reached in ((119, True), (121, False)):
            figures = {("ours", "letter", ""): self.figure([time])}
            self.assertEqual(
                self.reached(self.works("letter"), figures),
                {"letter, one page, logo of 20 kB ≤ 120 ms": reached},
            )

    def test_queries(self):
        for queries, reached in ((45, True), (46, False)):
            figures = {("ours", "mail", ""): self.figure([9], queries=queries)}
            self.assertEqual(list(self.reached(self.works("mail"), figures).values()), [reached])

    def test_rows_a_second(self):
        for rate, reached in ((151, True), (149, False)):
            figures = {("ours", "import", ""): self.figure([1000 / rate])}
            self.assertEqual(list(self.reached(self.works("import"), figures).values()), [reached])

    def test_wkhtmltopdf(self):
        for time, reached in ((251, True), (249, False)):
            figures = {
                ("ours", "letter", ""): self.figure([100]),
                ("ours", "wkhtmltopdf", ""): self.figure([time]),
            }
            found = self.reached(self.works("letter", "wkhtmltopdf"), figures)
            self.assertEqual(found["letter ≥ 2.5 × faster than wkhtmltopdf"], reached)

    def test_letters_a_second(self):
        for rate, reached in ((8.1, True), (7.9, False)):
            figures = {("ours", "letters_sent", ""): self.figure([1000 / rate])}
            found = self.reached(self.works("letters_sent"), figures)
            self.assertEqual(found["letter of a batch, sent by two processes ≤ 125 ms"], reached)

    def test_megabytes(self):
        for size, reached in ((699, True), (701, False)):
            figure = self.figure([100])
            figure.megabytes = size
            found = self.reached(self.works("letters_sent"), {("ours", "letters_sent", ""): figure})
            self.assertEqual(found["letter of a batch, sent by two processes ≤ 700 MB"], reached)

    def test_pages_of_the_print_file(self):
        """Five thousand in half a minute."""
        for time, reached in ((30_000 / 5000, True), (30_100 / 5000, False)):
            figures = {("ours", "letters_print_file", ""): self.figure([time])}
            found = self.reached(self.works("letters_print_file"), figures)
            self.assertEqual(list(found.values()), [reached])

    def test_what_failed_is_not_reached(self):
        figures = {("ours", "mail", ""): self.judge.Figure(error="LookupError: no case")}
        self.assertEqual(list(self.reached(self.works("mail"), figures).values()), [False])

    def test_what_the_peer_cannot_do_is_not_judged(self):
        figures = {
            ("ours", "batch", ""): self.figure([1]),
            ("peer", "batch", ""): self.judge.Figure(error="LookupError: no ticket"),
        }
        self.assertEqual(self.reached(self.works("batch"), figures), {})


class TestGrowth(BenchCase):
    SIZES = [20_000, 200_000, 1_000_000]

    def judged(self, name, medians):
        figures = {
            (size, name, role): self.figure([time])
            for size, time in zip(self.SIZES, medians, strict=True)
            for role in self.catalogue.BY_NAME[name].roles
        }
        judgements = self.judge.judge_growth(self.works(name), self.SIZES, figures)
        return {judgement.reached for judgement in judgements}

    def test_logarithm(self):
        self.assertEqual(self.judged("list", [20, 24, 27]), {True})

    def test_with_the_cases(self):
        self.assertEqual(self.judged("list", [20, 200, 1000]), {False})

    def test_one_step_is_enough(self):
        self.assertEqual(self.judged("list", [20, 21, 60]), {False})

    def test_a_page_that_fills(self):
        """Twenty rows become eighty: what they cost is not how the cases grow."""
        rows = {20_000: 20, 200_000: 80, 1_000_000: 80}
        for medians, reached in (
            ([10, 35, 38], True),
            ([10, 90, 95], False),
            ([10, 35, 90], False),
        ):
            figures = {}
            for (size, count), time in zip(rows.items(), medians, strict=True):
                figures[size, "list", "coordinator"] = self.figure([time])
                figures[size, "list", "coordinator"].rows = count
            (judgement,) = self.judge.judge_growth(self.works("list"), self.SIZES, figures)
            self.assertEqual(judgement.reached, reached)
        text = self.table.growth_table(self.works("list"), self.SIZES, figures)
        self.assertIn("10.0 (20 rows)", text)
        self.assertNotIn("80 rows", text)

    def test_noise(self):
        """Two milliseconds more are no growth."""
        self.assertEqual(self.judged("list", [1, 2.9, 3]), {True})

    def test_totals_are_exempt(self):
        self.assertEqual(self.judged("pivot", [20, 200, 1000]), set())

    def test_a_size_not_measured(self):
        figures = {(20_000, "create", ""): self.figure([1])}
        self.assertEqual(self.judge.judge_growth(self.works("create"), self.SIZES, figures), [])


class TestTable(BenchCase):
    def test_text(self):
        self.assertEqual(
            self.table.render(["work", "ms"], [["list", "9.00"], ["a case", "12.3"]]),
            "work      ms\nlist    9.00\na case  12.3",
        )

    def test_markdown(self):
        self.assertEqual(
            self.table.render(["work", "ms"], [["list", "9.00"]], markdown=True),
            "| work | ms |\n|---|---:|\n| list | 9.00 |",
        )

    def test_number(self):
        texts = [self.table.number(value) for value in (0.456, 45.67, 456.7, 4567, 45678)]
        self.assertEqual(texts, ["0.46", "45.7", "457", "4,567", "46 s"])

    def test_figures(self):
        figures = {("ours", "mail", ""): self.figure([50, 60], [70], queries=39)}
        lines = self.table.figures_table(self.works("mail"), figures, peer=False).splitlines()
        self.assertEqual(
            lines[1].split(), "mail to case, whole way 60.0 70.0 39.0 45 queries".split()
        )

    def test_limits_of_time_and_memory(self):
        figures = {("ours", "letters_sent", ""): self.figure([100])}
        text = self.table.figures_table(self.works("letters_sent"), figures, peer=False)
        self.assertTrue(text.endswith("125 ms, 700 MB"), text)

    def test_figures_with_the_peer(self):
        figures = {
            ("ours", "batch", ""): self.figure([3], queries=0.1),
            ("peer", "batch", ""): self.figure([12], queries=9),
        }
        lines = self.table.figures_table(self.works("batch"), figures, True, True).splitlines()
        self.assertEqual(len({line.count("|") for line in lines}), 1)
        self.assertIn("| 12.0 | 9.00 | 0.25 × | ≤ 0.4 × |", lines[2])

    def test_what_could_not_be_measured(self):
        figures = {("ours", "mail", ""): self.judge.Figure(error="LookupError: no case")}
        works = self.works("mail")
        self.assertIn("not measured", self.table.figures_table(works, figures, peer=False))
        self.assertIn("LookupError: no case", self.table.notes(works, figures))

    def test_growth(self):
        figures = {
            (size, "create", ""): self.figure([time])
            for size, time in ((20_000, 10), (200_000, 15))
        }
        text = self.table.growth_table(self.works("create"), [20_000, 200_000], figures)
        self.assertIn("1.50 ×", text)
        self.assertIn("log: 1.23", text)

    def test_judgements_end_with_what_is_not_reached(self):
        judgements = [
            self.judge.Judgement("slow", "2 ms", False),
            self.judge.Judgement("quick", "1 ms", True),
        ]
        lines = self.table.judgements_table(judgements).splitlines()
        self.assertTrue(lines[-1].startswith("slow") and lines[-1].endswith("NOT REACHED"))

    def test_machine(self):
        self.assertRegex(self.table.machine("18.1"), r"^\d+ cores, \d+ GiB, .+PostgreSQL 18\.1$")
