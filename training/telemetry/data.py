"""Telemetry of any release, from any number of files, as one sorted table."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl
from rich.console import Console
from rich.progress import track

from training.errors import TelemetrySourceError
from training.telemetry.drive_names import name_drives
from training.telemetry.sources import TelemetryFile, find_files, lineage
from training.telemetry.tables import attributes_in, columns_of, raw_column, read_table

__all__ = ["ReadReport", "lineage", "read_telemetry", "read_with_report"]


@dataclass(frozen=True)
class ReadReport:
    """The fate of the rows while reading.

    Attributes
    ----------
    files : int
        Tables read.
    rows_read : int
        Rows found in them.
    unidentified : int
        Rows left out: no readable date, serial number, model, or failure flag of 0 or 1.
    duplicates : int
        Rows left out: the same drive on the same day again; the last one read is kept.
    """

    files: int
    rows_read: int
    unidentified: int
    duplicates: int

    def notes(self) -> list[str]:
        """Return what a person should know, one sentence each; empty when every row was kept."""
        notes = []
        if self.unidentified:
            notes.append(
                f"left out {self.unidentified:,} of {self.rows_read:,} rows without a readable date, serial "
                "number, model or failure flag"
            )
        if self.duplicates:
            notes.append(f"left out {self.duplicates:,} rows of a drive that was read again for the same day")
        return notes

    def tell(self) -> None:
        """Print the notes on stderr."""
        console = Console(stderr=True)
        for note in self.notes():
            console.print(f"note: {note}", highlight=False)


def read_telemetry(
    paths: Sequence[str | Path], attributes: Sequence[int] | None = None, progress: bool = True
) -> pl.DataFrame:
    """Read Backblaze telemetry into one table, and say on stderr what was left out.

    Parameters
    ----------
    paths : sequence of str or Path
        Day CSVs, ``.csv.gz``, folders or zips of day CSVs, Parquet files; any release, columns in any order.
    attributes : sequence of int or None
        SMART attributes to read; None for all that any file has.
    progress : bool
        Whether to show a progress bar and the notes on stderr.

    Returns
    -------
    polars.DataFrame
        One row per drive-day, sorted by (serial_number, date): date (Date), serial_number, model (String),
        capacity_bytes (Int64, null if absent), failure (Int8), ``smart_<id>_raw`` (Int64, null if absent) for
        every attribute.

    Raises
    ------
    TelemetrySourceError
        When a path is missing, holds no telemetry, or a file lacks an identity column.
    """
    frame, report = read_with_report(paths, attributes, progress)
    if progress:
        report.tell()
    return frame


def read_with_report(
    paths: Sequence[str | Path], attributes: Sequence[int] | None = None, progress: bool = False
) -> tuple[pl.DataFrame, ReadReport]:
    """Read telemetry as `read_telemetry` does, and return the counts of what was left out."""
    files = find_files(paths)
    attributes = chosen_attributes(files, attributes)
    shown: Iterable[int] = range(len(files))
    if progress:
        shown = track(shown, description="reading telemetry", console=Console(stderr=True), transient=True)
    tables: list[pl.DataFrame] = []
    rows_read = 0
    for index in shown:
        table = read_table(files[index], attributes)
        rows_read += table.height
        tables.append(identified_rows(table))
    frame = pl.concat(tables)
    tables.clear()
    identified = frame.height
    if rows_read and not identified:
        raise no_identified_row(files[0], rows_read)
    frame = sorted_last_wins(frame)
    report = ReadReport(len(files), rows_read, rows_read - identified, identified - frame.height)
    return frame.select(
        "date", "serial_number", "model", "capacity_bytes", "failure", *map(raw_column, attributes)
    ), report


def chosen_attributes(files: Sequence[TelemetryFile], attributes: Sequence[int] | None) -> list[int]:
    """Return the attributes to read: those asked for, each once, or all that any file has."""
    if attributes is None:
        attributes = sorted({a for file in files for a in attributes_in(columns_of(file))})
    return list(dict.fromkeys(attributes))


def identified_rows(table: pl.DataFrame) -> pl.DataFrame:
    """Return the rows that say which drive on which day, and whether it failed."""
    return table.drop_nulls(["date", "serial_number", "model", "failure"])


def no_identified_row(file: TelemetryFile, rows: int) -> TelemetrySourceError:
    """Return the error for telemetry of which no row can be used."""
    return TelemetrySourceError(
        f"{file.name}: not one of {rows:,} rows has a date (YYYY-MM-DD), serial number, model "
        "and failure flag (0 or 1) that can be read"
    )


def sorted_last_wins(frame: pl.DataFrame) -> pl.DataFrame:
    """Sort rows by (serial_number, date); of a drive's rows of one day, keep the one that came last.

    Drives of different models with one serial number are told apart, see `name_drives`.
    """
    serial, date = pl.col("serial_number"), pl.col("date")
    earlier, same = serial.shift(1), serial == serial.shift(1)
    in_order = frame.select(((earlier < serial) | (same & (date.shift(1) <= date))).all()).item()
    if not in_order:
        frame = frame.sort("serial_number", "date", maintain_order=True)
    named = name_drives(frame)
    if named is not frame:
        frame = named.sort("serial_number", "date", maintain_order=True)
    again = same.shift(-1).fill_null(False) & (date == date.shift(-1)).fill_null(False)
    return frame.filter(~again)
