"""A telemetry CSV on disk: written anew, or added to."""

from __future__ import annotations

from pathlib import Path
from typing import Sequence

from collector.drives.reading import Row
from collector.errors import ConfigurationError
from collector.files import only_run_in, write_whole
from collector.telemetry.day_csv import DayTable, csv_text, read_csv, with_rows

LOCK_SECONDS = 30.0
"""Writing takes milliseconds: whoever holds the lock longer hangs."""


def write_day(path: Path, rows: Sequence[Row]) -> bytes:
    """Write a CSV of these rows alone; return it. ConfigurationError where the disk refuses."""
    return _store(path, DayTable([], []), rows)


def append_day(path: Path, rows: Sequence[Row]) -> bytes:
    """Add rows to a CSV, which is made where it is missing, and return it whole.

    A drive-day that is there is replaced, so a run may be repeated.

    Raises
    ------
    ConfigurationError
        The file is no telemetry CSV, or cannot be read or written.
    """
    return _store(path, None, rows)


def _store(path: Path, table: DayTable | None, rows: Sequence[Row]) -> bytes:
    path = path.resolve()  # else a link would be replaced, not what it leads to
    with only_run_in(path.parent, LOCK_SECONDS):
        try:
            if table is None:
                table = read_csv(path.read_bytes() if path.exists() else b"", str(path))
            content = csv_text(with_rows(table, rows)).encode("utf-8")
            write_whole(path, content)
        except OSError as error:
            raise ConfigurationError(f"{path} cannot be written: {error.strerror}") from None
    return content
