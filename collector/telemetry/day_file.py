"""A file of a day's telemetry on disk: written anew, or added to."""

from __future__ import annotations

from pathlib import Path
from typing import Callable, Sequence

from collector.drives.reading import Row
from collector.errors import ConfigurationError
from collector.files import only_run_in, write_whole
from collector.telemetry.day_csv import DayTable, csv_text, read_csv, with_rows

LOCK_SECONDS = 30.0
"""Writing takes milliseconds: whoever holds the lock longer hangs."""


def write_day(path: Path, rows: Sequence[Row]) -> bytes:
    """Write a CSV of these rows alone; return it. ConfigurationError where the disk refuses."""
    return change_file(path, lambda _: csv_of(rows))


def append_day(path: Path, rows: Sequence[Row]) -> bytes:
    """Add rows to a CSV, which is made where it is missing, and return it whole.

    A drive-day that is there is replaced, so a run may be repeated.

    Raises
    ------
    ConfigurationError
        The file is no telemetry CSV, or cannot be read or written.
    """
    return change_file(path, lambda content: csv_of(rows, read_csv(content, str(path))))


def csv_of(rows: Sequence[Row], before: DayTable | None = None) -> bytes:
    """Return rows as a CSV, after those of a table."""
    return csv_text(with_rows(before or DayTable([], []), rows)).encode("utf-8")


def change_file(path: Path, change: Callable[[bytes], bytes]) -> bytes:
    """Replace a file's content, b"" where there is none, by what *change* makes of it; return that.

    Of runs at the same time each sees what the one before wrote. ConfigurationError where the disk refuses.
    """
    path = path.resolve()  # else a link would be replaced, not what it leads to
    with only_run_in(path.parent, LOCK_SECONDS):
        try:
            content = change(path.read_bytes() if path.exists() else b"")
            write_whole(path, content)
        except OSError as error:
            raise ConfigurationError(f"{path} cannot be written: {error.strerror}") from None
    return content
