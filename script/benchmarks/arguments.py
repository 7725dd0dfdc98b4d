"""The arguments of script/bench; printed as a plan for the shell to prepare databases."""

import argparse

from . import catalogue

GROWTH_SIZES = (20_000, 1_000_000)


def parser():
    """Return the parser of script/bench."""
    names = ", ".join(work.name for work in catalogue.WORKS)
    result = argparse.ArgumentParser(
        prog="script/bench",
        description="Measure the product in a grown database: milliseconds and queries for "
        "each work, as coordinator and as caseworker, and what is not reached (exit code 1).",
        epilog=f"Measurements: {names}. A name stands for all that begin with it.",
    )
    add = result.add_argument
    add("names", nargs="*", metavar="NAME", help="only these measurements")
    add("--runs", type=positive, default=9, help="runs of each (9)")
    add("--cases", type=positive, default=200_000, help="cases in the database (200000)")
    add("--contacts", type=positive, default=1_000_000, help="contacts in it (1000000)")
    add("--letters", type=positive, default=400, help="letters of the batch (400; a city's: 5000)")
    add("--peer", action="store_true", help="measure OCA helpdesk_mgmt in turn; print ratios")
    add("--growth", action="store_true", help="also at 20,000 and 1,000,000 cases")
    add("--markdown", action="store_true", help="print the tables as for the README")
    add("--trace", action="store_true", help="print the statements of one run, with ms and plans")
    add("--keep", action="store_true", help="update a grown database, do not grow it anew")
    add("--reset", action="store_true", help="grow the databases anew")
    return result


def positive(text):
    """Return a positive whole number, underscores and commas allowed."""
    value = int(text.replace(",", ""))
    if value <= 0:
        raise argparse.ArgumentTypeError(f"{text} is not a positive number")
    return value


def read(arguments):
    """Return the checked options.

    :raises SystemExit: with one clear message
    """
    reader = parser()
    options = reader.parse_args(arguments)
    try:
        options.works = catalogue.chosen(options.names)
    except ValueError as error:
        reader.error(str(error))
    # Fetched when it is asked for; otherwise measured where it is.
    named = options.names and any(work.printer for work in options.works)
    options.printer = options.peer or bool(named)
    options.sizes = [options.cases]
    if options.growth:
        options.sizes = sorted({options.cases, *GROWTH_SIZES})
    return options


def plan(options):
    """Return the plan as assignments the shell can evaluate."""
    names = ("peer", "printer", "keep", "reset")
    flags = {name: int(getattr(options, name)) or "" for name in names}
    return "\n".join(
        [
            f"SIZES=({' '.join(map(str, options.sizes))})",
            f"REFERENCE={options.cases}",
            f"CONTACTS={options.contacts}",
            *(f"{name.upper()}={value}" for name, value in flags.items()),
        ]
    )
