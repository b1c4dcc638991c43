"""The command: ``python -m ops cost``."""

from __future__ import annotations

import argparse
from pathlib import Path

from ops.console import console
from ops.cost.bill import BilledFleet, examples_table
from ops.cost.prices import prices_table
from ops.errors import OpsError

PAGE = Path(__file__).resolve().parents[2] / "docs" / "cost.md"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("--drives", type=int, default=1_000, metavar="N", help="rows of a file (%(default)s)")
    parser.add_argument("--files", type=int, default=30, metavar="N", help="files a month (%(default)s)")
    parser.add_argument("--requests", type=int, default=0, metavar="N", help="calls a month (%(default)s)")
    parser.add_argument(
        "--months", type=int, default=1, metavar="N", help="months of files that are kept (%(default)s)"
    )
    parser.add_argument("--write", action="store_true", help="put the tables into docs/cost.md instead")


def run(args: argparse.Namespace) -> None:
    """Print a month's bill, or write the page's tables; OpsError for a number that no fleet has."""
    if args.write:
        PAGE.write_text(with_tables(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
        return
    if args.drives < 1 or args.months < 1 or args.files < 0 or args.requests < 0:
        raise OpsError("--drives and --months are 1 or more, --files and --requests 0 or more")
    name = f"{args.drives:,} drives, {args.files:,} files, {args.requests:,} requests"
    fleet = BilledFleet(name, args.drives, args.files, args.requests, args.months)
    console().print(examples_table((fleet,)), markup=False, soft_wrap=True)
    console().print("US dollars, an estimate; prices and assumptions are in docs/cost.md.")


def with_tables(page: str) -> str:
    """Return the page with its tables made anew; each stands between two comments.

    Raises
    ------
    OpsError
        A comment is missing.
    """
    for name, table in (("examples", examples_table()), ("prices", prices_table())):
        start, end = f"<!-- {name} -->\n", f"\n<!-- end of {name} -->"
        before, found, rest = page.partition(start)
        _, closed, after = rest.partition(end)
        if not found or not closed:
            raise OpsError(f"docs/cost.md lacks {start.strip()} or {end.strip()}")
        page = f"{before}{start}{table}{end}{after}"
    return page
