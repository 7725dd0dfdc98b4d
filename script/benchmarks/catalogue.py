"""What is measured, in the order of the table, and what is to be reached."""

from dataclasses import dataclass

SCREEN = ("coordinator", "caseworker")
ANYBODY = ("",)
CASEWORKER_FACTOR = 1.5  # a caseworker waits at most that much longer than a coordinator
PRINT_FACTOR = 2.5  # a letter is at least that much faster than wkhtmltopdf's


@dataclass(frozen=True)
class Work:
    """One thing that is timed.

    :ivar title: as printed
    :ivar per: how many things one run does
    :ivar roles: who does it; a screen is measured for each role
    :ivar limit_ms: the most milliseconds one thing may take; 0: nothing is asked
    :ivar queries: the most queries one thing may take; 0: nothing is asked
    :ivar ratio: the largest part of the peer's time; 0: nothing is asked
    :ivar peer: the peer can do it, too
    :ivar total: counts over all cases, so it may grow with them
    :ivar once: cannot be repeated in the same database
    :ivar limit_mb: the most memory a process of its own may hold; 0: nothing is asked
    :ivar printer: needs wkhtmltopdf
    """

    name: str
    title: str
    per: int = 1
    roles: tuple = ANYBODY
    limit_ms: float = 0
    queries: int = 0
    ratio: float = 0
    peer: bool = True
    total: bool = False
    once: bool = False
    limit_mb: float = 0
    printer: bool = False


ROWS_A_SECOND = 150
LETTERS_A_SECOND = 8  # by two processes
LETTERS_MB = 700  # each of them
PRINT_FILE = (30, 5000)  # seconds for so many pages

WORKS = (
    Work("create", "case, created alone"),
    Work("batch", "case, in a batch of 500", per=500, ratio=0.4),
    Work("mail", "mail to case, whole way", ratio=0.8, queries=45),
    Work("list", "list, first page", roles=SCREEN, ratio=0.3),
    Work("kanban", "kanban by stage", roles=SCREEN, ratio=0.5, total=True),
    Work("panel", "side panel's counts", roles=SCREEN, peer=False, total=True),
    Work("search_name", "search, a word in the name", roles=SCREEN, ratio=0.3),
    Work("search_name_rare", "search, a rare word in the name", roles=SCREEN),
    Work("search_name_common", "search, a common word in the name", roles=SCREEN),
    Work("search_description", "search, a word in the description", roles=SCREEN, ratio=0.3),
    Work("search_description_rare", "search, a rare word in the description", roles=SCREEN),
    Work("search_description_common", "search, a common word in the description", roles=SCREEN),
    Work("pivot", "pivot, department × month", roles=SCREEN, ratio=0.8, total=True),
    Work("letter", "letter, one page, logo of 20 kB", limit_ms=120, peer=False),
    Work(
        "wkhtmltopdf",
        "the same by wkhtmltopdf (waits 200 ms; in Odoo 1,000)",
        peer=False,
        printer=True,
    ),
    Work(
        "wkhtmltopdf_no_wait",
        "the same by wkhtmltopdf without its wait",
        peer=False,
        printer=True,
    ),
    Work("letter_sent", "letter, from record to stored PDF, posted", limit_ms=120, peer=False),
    Work("letter_values", "letter's words from its template", per=20, limit_ms=10, peer=False),
    Work("letters_list", "letters not sent yet, first page", roles=SCREEN, peer=False),
    Work("letters_all", "all letters, first page", roles=SCREEN, peer=False),
    Work("letters_search", "all letters, a word in the subject", roles=SCREEN, peer=False),
    Work("letters_number", "all letters, a number", roles=SCREEN, peer=False),
    Work("letters_stack", "letters to approve, first page", roles=SCREEN, peer=False),
    Work("letters_incoming", "register of incoming letters", roles=SCREEN, peer=False),
    Work("letters_outgoing", "register of outgoing letters", roles=SCREEN, peer=False),
    Work("letter_form", "letter opened, with what was written earlier", roles=SCREEN, peer=False),
    Work("desk", "start page with its counts", roles=SCREEN, peer=False),
    Work(
        "locate",
        "a place: which of the 71 districts of New York City",
        per=1000,
        limit_ms=0.1,
        peer=False,
    ),
    Work(
        "pipeline",
        "the steps of intake: 200 rules, 300 categories, 71 districts",
        limit_ms=8,
        queries=8,
        peer=False,
    ),
    Work("rules", "200 rules, none of which fits", per=50, limit_ms=2, peer=False),
    Work("duplicates", "duplicates of a case", per=50, limit_ms=5, peer=False),
    Work(
        "import",
        "row of the NYC file, imported",
        limit_ms=1000 / ROWS_A_SECOND,
        peer=False,
        once=True,
    ),
    Work(
        "import_again",
        "row of the NYC file, imported again",
        limit_ms=1000 / ROWS_A_SECOND,
        peer=False,
        once=True,
    ),
    Work(
        "agreement",
        "record of the NYC file, its district looked up and its agency compared",
        peer=False,
        once=True,
    ),
    Work("letters_written", "letter of a batch, written by two processes", peer=False, once=True),
    Work(
        "letters_sent",
        "letter of a batch, sent by two processes",
        limit_ms=1000 / LETTERS_A_SECOND,
        limit_mb=LETTERS_MB,
        peer=False,
        once=True,
    ),
    Work(
        "letters_print_file",
        "page of the print file",
        limit_ms=1000 * PRINT_FILE[0] / PRINT_FILE[1],
        peer=False,
        once=True,
    ),
    Work("grow", "growing the database", peer=False, once=True),
)
BY_NAME = {work.name: work for work in WORKS}

# Measured in turn with each other: what is compared meets the same machine.
TOGETHER = (("letter", "wkhtmltopdf", "wkhtmltopdf_no_wait"),)


def chosen(names):
    """Return the works that names ask for.

    :param list names: a name stands for all works whose name begins with it; empty: all
    :raises ValueError: a name that stands for none
    """
    unknown = [name for name in names if not any(w.name.startswith(name) for w in WORKS)]
    if unknown:
        raise ValueError(f"no such measurement: {', '.join(sorted(unknown))}")
    return [
        work for work in WORKS if not names or any(work.name.startswith(name) for name in names)
    ]


def groups(works):
    """Return the works in lists of those that are measured in turn with each other."""
    result, done = [], set()
    for work in works:
        if work.name in done:
            continue
        names = next((names for names in TOGETHER if work.name in names), (work.name,))
        result.append([other for other in works if other.name in names])
        done.update(names)
    return result
