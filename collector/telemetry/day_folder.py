"""The last days' telemetry of a host, kept so that a day's second run adds to its first."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import Sequence

from collector.drives.reading import Row
from collector.errors import ConfigurationError
from collector.telemetry.day_csv import DayTable, csv_text, with_rows
from collector.telemetry.day_file import append_day

KEPT_DAYS = 7


def day_so_far(folder: Path, date: str, rows: Sequence[Row]) -> bytes:
    """Add rows to a day, YYYY-MM-DD, in a host's folder, and return the whole day as CSV.

    A drive that sleeps at the day's second run stays in the file as the first run read it.
    """
    path = folder / f"{date}.csv"
    try:
        content = append_day(path, rows)
    except ConfigurationError:
        # The disk is full, or damaged it: what was read now goes out all the same; the next run starts anew.
        content = csv_text(with_rows(DayTable([], []), rows)).encode("utf-8")
        with suppress(OSError):
            path.unlink()
    for old in sorted(folder.glob("????-??-??.csv"))[:-KEPT_DAYS]:
        with suppress(FileNotFoundError):
            old.unlink()
    return content
