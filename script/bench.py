"""Leads script/bench: arguments, processes that measure, tables.

`plan ARGUMENTS…` prints what databases are needed, `run ARGUMENTS…` measures in those
that CS_BENCH_SIDES names: a line for each, "ours|peer cases database addons-path".
"""

import datetime
import os
import pathlib
import shutil
import sys
import textwrap
from contextlib import ExitStack

from benchmarks import arguments, catalogue, judge, table
from benchmarks.side import Failed, Side

NYC_FILE, NYC_DISTRICTS = "nyc311_2023-02-28.csv", "nyc_community_districts.geojson"
ROUND = 3  # runs of one side before it is the other's turn


def say(text):
    """Tell how far it is, beside the tables."""
    print(f"[bench] {text}", file=sys.stderr, flush=True)


def measure(work, role, side, figure, runs):
    """Add a round of runs to a figure; what fails is noted in it."""
    if figure.error:
        return
    per = work.per
    kwargs = {"name": work.name, "role": role, "runs": runs, "warm": not work.once, "per": per}
    try:
        times, queries, note, figure.rows, figure.megabytes = side.ask("run", **kwargs)
    except Failed as failure:
        figure.error = str(failure)
        return
    figure.rounds.append(times)
    figure.queries += queries
    figure.note = _rate(times[-1], note) if work.once else note


def _rate(time, note):
    return f"{1000 / time:,.0f} a second: {note}"


def growing(side):
    """Return how long the database's growing took, as its figure."""
    grown = side.ask("grown")
    if not grown:
        return judge.Figure(error="nobody noted how long it took")
    note = f"{side.cases:,} cases, {grown['contacts']:,} contacts, grown on {grown['date']}"
    return judge.Figure(rounds=[[grown["seconds"] * 1000]], note=note)


def measure_group(works, sides, runs):
    """Measure works in turn on all sides.

    :return dict: (side, name of the work, role) → Figure
    """
    entries = [
        (work, role, side)
        for work in works
        for role in work.roles
        for side in sides
        if work.peer or side.kind == "ours"
    ]
    figures = {(side, work.name, role): judge.Figure() for work, role, side in entries}
    once = all(work.once for work in works)
    left = 1 if once else runs
    while left > 0:
        for work, role, side in entries:
            measure(work, role, side, figures[side, work.name, role], min(left, ROUND))
        left -= ROUND
    return figures


def measure_all(options, sides):
    """Measure all that is asked for; return (side, name of the work, role) → Figure."""
    figures = {}
    for works in catalogue.groups(options.works):
        say(f"measuring {', '.join(work.name for work in works)}")
        if works[0].name == "grow":
            figures |= {(s, "grow", ""): growing(s) for s in sides if s.kind == "ours"}
        else:
            figures |= measure_group(works, sides, options.runs)
    return figures


def report(options, sides, figures, facts):
    """Print the tables; return whether all that is asked for is reached."""
    by_kind = {
        (side.kind, name, role): figure
        for (side, name, role), figure in figures.items()
        if side.cases == options.cases
    }
    by_size = {
        (side.cases, name, role): figure
        for (side, name, role), figure in figures.items()
        if side.kind == "ours"
    }
    judgements = judge.judge(options.works, by_kind)
    if options.growth:
        judgements += judge.judge_growth(options.works, options.sizes, by_size)
    print(f"{datetime.date.today()}; {table.machine(facts[options.cases]['postgresql'])}")
    print(f"{options.cases:,} cases, {options.contacts:,} contacts; median of {options.runs} runs")
    print(table.words(facts))
    print("\n" + table.figures_table(options.works, by_kind, options.peer, options.markdown))
    notes = table.notes(options.works, by_kind)
    if notes:
        print(f"\n{notes}")
    if options.growth:
        print(f"\n{options.contacts:,} contacts at each number of cases\n")
        print(table.growth_table(options.works, options.sizes, by_size, options.markdown))
    if judgements:
        print("\n" + table.judgements_table(judgements, options.markdown))
    return all(judgement.reached for judgement in judgements)


def print_trace(options, sides):
    """Print the statements of one run of each work, with their milliseconds."""
    for work in options.works:
        for role in work.roles:
            for side in sides:
                if work.once or not (work.peer or side.kind == "ours"):
                    continue
                print(f"\n=== {side.kind}, {side.cases:,} cases: {judge.title_of(work, role)}")
                for milliseconds, text, plan in side.ask("trace", name=work.name, role=role):
                    print(f"{milliseconds:8.2f} ms  {' '.join(text.split())}")
                    if plan:
                        print(textwrap.indent(plan, " " * 14))


def leave_out_files(options):
    """Measure nothing of a file that is not there; say so."""
    folder = pathlib.Path(os.environ["CS_BENCH_DATA"])
    needed = (
        ("import", NYC_FILE),
        ("locate", NYC_DISTRICTS),
        ("agreement", NYC_DISTRICTS),
        ("agreement", NYC_FILE),
        ("pipeline", NYC_DISTRICTS),
        ("rules", NYC_DISTRICTS),
    )
    for name, file in needed:
        asked = [work for work in options.works if work.name.startswith(name)]
        if asked and not (folder / file).exists():
            say(f"no {name} is measured, the file is not there: {folder / file} (CONSTITUENT_DATA)")
            options.works = [work for work in options.works if work not in asked]
    os.environ["CS_BENCH_FILE"] = str(folder / NYC_FILE)


def leave_out_printer(options):
    """Compare with no wkhtmltopdf where it is not there; say so."""
    if any(work.printer for work in options.works) and not shutil.which("wkhtmltopdf"):
        say("wkhtmltopdf is not measured, it is not installed: script/bench wkhtmltopdf fetches it")
        options.works = [work for work in options.works if not work.printer]


def run(options):
    """Measure and print; return the exit code."""
    leave_out_files(options)
    leave_out_printer(options)
    os.environ["CS_BENCH_LETTERS"] = str(options.letters)
    with ExitStack() as stack:
        sides = []
        for line in os.environ["CS_BENCH_SIDES"].splitlines():
            kind, cases, database, *addons_path = line.split()
            side = Side(kind, int(cases), database, "".join(addons_path))
            sides.append(stack.enter_context(side))
        say("reading words, texts and people of the grown databases")
        facts = {side.cases: side.ask("facts") for side in sides if side.kind == "ours"}
        for side in sides:
            side.ask("prepare", facts=facts[side.cases])
        if options.trace:
            print_trace(options, sides)
            return 0
        figures = measure_all(options, sides)
        return 0 if report(options, sides, figures, facts) else 1


if __name__ == "__main__":
    task, *rest = sys.argv[1:]
    chosen = arguments.read(rest)
    if task == "plan":
        print(arguments.plan(chosen))
    else:
        try:
            sys.exit(run(chosen))
        except Failed as error:
            say(f"error: {error}")
            sys.exit(1)
