"""What figures mean: ratios, limits, growth. No database, no Odoo."""

import math
import statistics
from dataclasses import dataclass, field

from . import catalogue

# What two runs of the same work may differ by on a machine that others use, too.
NOISE_FACTOR, NOISE_MS = 1.25, 2


@dataclass
class Figure:
    """The measured runs of one work on one side in one role.

    :ivar rounds: milliseconds for one thing, a list for each round of runs
    :ivar queries: queries for one thing, of each run
    :ivar rows: how many a screen shows; 0 where it is no page of rows
    :ivar megabytes: the most memory a process of its own held; 0 where there is none
    :ivar note: what a step has to say about what it did
    :ivar error: why there are no figures
    """

    rounds: list = field(default_factory=list)
    queries: list = field(default_factory=list)
    rows: int = 0
    megabytes: float = 0
    note: str = ""
    error: str = ""

    @property
    def times(self):
        """All runs."""
        return [time for times in self.rounds for time in times]

    @property
    def median(self):
        return statistics.median(self.times)

    @property
    def slowest(self):
        return max(self.times)

    @property
    def median_queries(self):
        return statistics.median(self.queries)


@dataclass(frozen=True)
class Judgement:
    """One target, and whether it is reached.

    :ivar what: the target in words
    :ivar found: what was measured, in words
    """

    what: str
    found: str
    reached: bool


def ratio(ours, theirs):
    """Return ours as a part of theirs: the median of the rounds' own ratios.

    Rounds are measured in turn, so that a machine that slows down meets both.
    """
    return statistics.median(
        statistics.median(our) / statistics.median(their)
        for our, their in zip(ours.rounds, theirs.rounds, strict=False)
    )


def usable(*figures):
    """Return whether all of these were measured."""
    return all(figure and figure.rounds and not figure.error for figure in figures)


def title_of(work, role):
    """Return a work's title with who does it."""
    return f"{work.title}, {role}" if role else work.title


def judge(works, figures):
    """Return the judgements of the targets that could be measured.

    :param works: as in the catalogue
    :param dict figures: (side, name of the work, role) → Figure; sides ours and peer
    """
    result = []
    for work in works:
        for role in work.roles:
            ours = figures.get(("ours", work.name, role))
            if ours and ours.error:
                result.append(Judgement(title_of(work, role), ours.error, False))
            if not usable(ours):
                continue
            result += _judge_limits(work, role, ours)
            theirs = figures.get(("peer", work.name, role))
            if work.ratio and usable(theirs):
                result.append(
                    _at_most(
                        f"{title_of(work, role)}: of the peer's time", work.ratio, ours, theirs
                    )
                )
        result += _judge_roles(work, figures)
    return result + _judge_print(figures)


def _judge_limits(work, role, ours):
    title, result = title_of(work, role), []
    if work.limit_ms:
        found = f"{ours.median:.1f} ms"
        result.append(
            Judgement(f"{title} ≤ {work.limit_ms:.3g} ms", found, ours.median <= work.limit_ms)
        )
    if work.queries:
        found = f"{ours.median_queries:.0f}"
        result.append(
            Judgement(
                f"{title} ≤ {work.queries} queries", found, ours.median_queries <= work.queries
            )
        )
    if work.limit_mb:
        found = f"{ours.megabytes:,.0f} MB"
        result.append(
            Judgement(f"{title} ≤ {work.limit_mb:.0f} MB", found, ours.megabytes <= work.limit_mb)
        )
    return result


def _judge_roles(work, figures):
    coordinator, caseworker = (figures.get(("ours", work.name, role)) for role in catalogue.SCREEN)
    if not usable(coordinator, caseworker):
        return []
    what = f"{work.title}: caseworker of the coordinator's time"
    return [_at_most(what, catalogue.CASEWORKER_FACTOR, caseworker, coordinator)]


def _judge_print(figures):
    letter, other = (figures.get(("ours", name, "")) for name in ("letter", "wkhtmltopdf"))
    if not usable(letter, other):
        return []
    found = ratio(other, letter)
    what = f"letter ≥ {catalogue.PRINT_FACTOR} × faster than wkhtmltopdf"
    return [Judgement(what, f"{found:.2f} ×", found >= catalogue.PRINT_FACTOR)]


def _at_most(what, limit, ours, theirs):
    found = ratio(ours, theirs)
    return Judgement(f"{what} ≤ {limit} ×", f"{found:.2f} ×", found <= limit)


# Growth


def allowed_growth(small, large):
    """Return by what a figure may grow from one number of cases to another.

    >>> round(allowed_growth(20_000, 200_000), 2)
    1.23
    """
    return math.log(large) / math.log(small)


def grows_too_fast(small, figure, large, larger_figure):
    """Return whether a figure grows faster than the logarithm of the cases.

    Where more cases fill a page that was not full, it may grow as the rows do, too.

    :param int small: number of cases of the first figure, large: of the second
    """
    allowed = allowed_growth(small, large) * NOISE_FACTOR
    if figure.rows:
        allowed *= max(1, larger_figure.rows / figure.rows)
    return (
        larger_figure.median - figure.median > NOISE_MS and ratio(larger_figure, figure) > allowed
    )


def judge_growth(works, sizes, figures):
    """Return a judgement for each work and role that was measured at all sizes.

    :param list sizes: numbers of cases, ascending
    :param dict figures: (number of cases, name of the work, role) → Figure
    """
    result = []
    for work in works:
        if work.total or work.once:
            continue
        for role in work.roles:
            row = [figures.get((size, work.name, role)) for size in sizes]
            if usable(*row):
                pairs = list(zip(sizes, row, strict=True))
                steps = list(zip(pairs, pairs[1:], strict=False))
                found = ", ".join(f"{ratio(after[1], before[1]):.2f} ×" for before, after in steps)
                slow = any(grows_too_fast(*before, *after) for before, after in steps)
                what = f"{title_of(work, role)}: grows no faster than the logarithm"
                result.append(Judgement(what, found, not slow))
    return result
