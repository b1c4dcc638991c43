"""Files of every kind: scored in one piece, in ranges, from gzip; with rejects, drives twice, and a past."""

from __future__ import annotations

import datetime as dt
import gzip
import random
from typing import NamedTuple

from tests.support.drives import WORN, row, table

WEEK = dt.timedelta(days=7)
"""A day is joined with the one a week before."""


class FleetFile(NamedTuple):
    """A file's name and what is uploaded under it."""

    name: str
    stored: bytes


def fleet_files(chance: random.Random, day: str, *, whole: int, ranges: int, zipped: int) -> list[FleetFile]:
    """Make files of one day, of sizes that differ.

    Parameters
    ----------
    whole, ranges, zipped : int
        How many with about a hundred rows, with about 700 (45 kB), and with about 700 compressed.
    """
    made = []
    for number in range(whole):
        rows = [row(f"W{number}-{n}", day, smart_5_raw=n % 50) for n in range(chance.randint(40, 140))]
        made.append(FleetFile(f"whole{number}.csv", table([*rows, "oops"])))
    made += [
        FleetFile(f"ranges{number}.csv", _large(chance, f"R{number}", day, twice=number > 0))
        for number in range(ranges)
    ]
    for number in range(zipped):
        data = _large(chance, f"Z{number}", day, twice=chance.random() < 0.5)
        made.append(FleetFile(f"zipped{number}.csv.gz", gzip.compress(data, mtime=0)))
    return made


def _large(chance: random.Random, serial: str, day: str, *, twice: bool) -> bytes:
    count = chance.randint(500, 800)
    rows = [row(f"{serial}-{n}", day, smart_5_raw=n % 50) for n in range(count)]
    rows.insert(chance.randrange(count), "oops")
    if twice:
        rows += [row(f"{serial}-{n}", day, **WORN) for n in range(0, 300, chance.randint(20, 90))]
    return table(rows)


def earlier_file(day: str) -> FleetFile:
    """Make the past of some of the drives of `fleet_files`."""
    serials = [f"{kind}{number}-{n}" for kind in "WRZ" for number in range(4) for n in range(0, 700, 40)]
    return FleetFile("earlier.csv", table([row(serial, day) for serial in serials]))
