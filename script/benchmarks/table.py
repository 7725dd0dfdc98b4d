"""Figures as tables, for the terminal and for the README."""

import os
import platform
import re

from . import judge

FULL_PAGE = 80


def render(head, rows, markdown=False):
    """Return a table as text.

    :param list head: titles of the columns; the first is flush left, others right
    :param list rows: lists of texts
    """
    if markdown:
        lines = [f"| {' | '.join(row)} |" for row in [head, *rows]]
        return "\n".join([lines[0], "|---" + "|---:" * (len(head) - 1) + "|", *lines[1:]])
    widths = [max(len(row[column]) for row in [head, *rows]) for column in range(len(head))]
    return "\n".join(
        "  ".join(
            text.rjust(width) if column else text.ljust(width)
            for column, (text, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in [head, *rows]
    )


def number(value):
    """Return milliseconds, or a count, with the digits that mean something.

    >>> number(0.4567), number(12.34), number(1234.5), number(123456)
    ('0.46', '12.3', '1,234', '123 s')
    """
    if value >= 10_000:
        return f"{value / 1000:,.0f} s"
    if value < 10:
        return f"{value:.2f}"
    return f"{value:.1f}" if value < 100 else f"{value:,.0f}"


def figures_table(works, figures, peer, markdown=False):
    """Return the table of all works.

    :param dict figures: (side, name of the work, role) → Figure; sides ours and peer
    :param bool peer: with the columns of the comparison
    """
    head = ["work", "ms", "slowest", "queries", "limit"]
    if peer:
        head += ["peer ms", "peer queries", "ratio", "wanted"]
    rows = []
    for work in works:
        for role in work.roles:
            ours = figures.get(("ours", work.name, role))
            if ours:
                theirs = figures.get(("peer", work.name, role))
                rows.append(_row(work, role, ours) + (_peer_cells(work, ours, theirs) * peer))
    return render(head, rows, markdown)


def notes(works, figures):
    """Return what there is to say about works of ours, and what could not be measured."""
    lines = []
    for (side, name, role), figure in figures.items():
        text = figure.error and f"not measured: {figure.error}" or figure.note
        work = next(work for work in works if work.name == name)
        if text:
            lines.append(f"{judge.title_of(work, role)} ({side}): {text}")
    return "\n".join(lines)


def _row(work, role, ours):
    title = judge.title_of(work, role)
    if not judge.usable(ours):
        return [title, "not measured", "", "", ""]
    limits = [f"{work.limit_ms:.3g} ms"] if work.limit_ms else []
    limits += [f"{work.queries} queries"] if work.queries else []
    limits += [f"{work.limit_mb:.0f} MB"] if work.limit_mb else []
    queries = number(ours.median_queries) if ours.queries else ""
    return [title, number(ours.median), number(ours.slowest), queries, ", ".join(limits)]


def _peer_cells(work, ours, theirs):
    wanted = f"≤ {work.ratio} ×" if work.ratio else ""
    if not judge.usable(ours, theirs):
        return ["not measured" if theirs else "", "", "", wanted]
    ratio = f"{judge.ratio(ours, theirs):.2f} ×"
    return [number(theirs.median), number(theirs.median_queries), ratio, wanted]


def growth_table(works, sizes, figures, markdown=False):
    """Return how the figures grow with the cases.

    :param list sizes: numbers of cases, ascending
    :param dict figures: (number of cases, name of the work, role) → Figure
    """
    head = ["ms at cases", *(f"{size:,}" for size in sizes)]
    for small, large in zip(sizes, sizes[1:], strict=False):
        head.append(f"step (log: {judge.allowed_growth(small, large):.2f})")
    rows = []
    for work in works:
        for role in work.roles:
            row = [figures.get((size, work.name, role)) for size in sizes]
            if judge.usable(*row):
                steps = zip(row, row[1:], strict=False)
                rows.append(
                    [
                        judge.title_of(work, role) + (" (total, exempt)" if work.total else ""),
                        *(number(figure.median) + _rows_shown(figure) for figure in row),
                        *(f"{judge.ratio(after, before):.2f} ×" for before, after in steps),
                    ]
                )
    return render(head, rows, markdown)


def _rows_shown(figure):
    """Return how many rows a page shows, where it is not full."""
    return f" ({figure.rows} rows)" if 0 < figure.rows < FULL_PAGE else ""


def judgements_table(judgements, markdown=False):
    """Return the targets, those that are not reached last."""
    rows = [
        [judgement.what, judgement.found, "reached" if judgement.reached else "NOT REACHED"]
        for judgement in sorted(judgements, key=lambda judgement: not judgement.reached)
    ]
    return render(["target", "found", ""], rows, markdown)


def words(facts):
    """Return which words were searched for.

    :param dict facts: number of cases → facts of the database with so many
    """
    lines = ["words searched for (cases with it)"]
    for size, found in facts.items():
        for where, kinds in found["words"].items():
            shown = ", ".join(f"{kind} “{word}” ({hits:,})" for kind, (word, hits) in kinds.items())
            lines.append(f"in the {where} of {size:,} cases: {shown}")
    return "\n".join(lines)


def machine(postgresql):
    """Return what the figures were taken on, in a line.

    :param str postgresql: the server's version
    """
    return (
        f"{os.cpu_count()} cores, {_memory()} GiB, {_system()}, "
        f"Python {platform.python_version()}, PostgreSQL {postgresql}"
    )


def _memory():
    with open("/proc/meminfo", encoding="utf-8") as lines:
        return round(int(re.search(r"MemTotal:\s+(\d+)", lines.read())[1]) / 1024**2)


def _system():
    try:
        return platform.freedesktop_os_release()["PRETTY_NAME"]
    except OSError:
        return platform.system()
