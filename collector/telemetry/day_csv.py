"""Telemetry as CSV: read, rows added without repeating a drive-day, written."""

from __future__ import annotations

import csv
import io
from typing import NamedTuple, Sequence

from collector.drives.reading import RAW_COLUMN, STATUS_COLUMN, Row
from collector.errors import ConfigurationError

IDENTITY = ("date", "serial_number", "model")
"""Columns that say which drive-day a row is; the app needs each of them in each row."""

ATTRIBUTES = (1, 5, 7, 9, 10, 184, 187, 188, 189, 190, 192, 193, 194, 196, 197, 198, 199, 241, 242)
"""SMART attributes whose columns are always there, those that the app knows; others follow where reported."""

COLUMNS = (*IDENTITY, "capacity_bytes", STATUS_COLUMN, *map(RAW_COLUMN.format, ATTRIBUTES))
"""The columns of a new table."""


class DayTable(NamedTuple):
    """A table of drive-days: its columns, and rows in their order."""

    columns: list[str]
    rows: list[Row]


def drive_day(row: Row) -> tuple[str, str, str]:
    """Return what must not be there twice: date, drive's model and serial number."""
    return (row.get("date", ""), row.get("model", ""), row.get("serial_number", ""))


def with_rows(table: DayTable, rows: Sequence[Row]) -> DayTable:
    """Return a table with rows added; one of a drive-day that is there takes the place of the earlier one.

    Adding the same rows again changes nothing. Columns that are there stay in their order, new ones follow.
    """
    merged: dict[tuple[str, str, str], Row] = {}
    for row in [*table.rows, *rows]:
        merged[drive_day(row)] = row
    columns = list(table.columns) or list(COLUMNS)
    known = set(columns)
    extra = {column for row in rows for column in row} | set(COLUMNS)
    return DayTable([*columns, *sorted(extra - known, key=_place)], list(merged.values()))


def csv_text(table: DayTable) -> str:
    """Return a table as CSV, lines ended by a line feed."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(table.columns)
    for row in table.rows:
        writer.writerow([row.get(column, "") for column in table.columns])
    return text.getvalue()


def read_csv(content: bytes, name: str) -> DayTable:
    """Read a table that rows shall be added to; of nothing, the empty table.

    Raises
    ------
    ConfigurationError
        It is not telemetry, or not a table: nothing of it would be lost, so it is left alone.
    """
    try:
        lines = csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""), strict=True)
        columns = next(lines, [])
        rows = [(lines.line_num, fields) for fields in lines if fields]
    except (UnicodeDecodeError, csv.Error) as error:
        raise ConfigurationError(f"{name} is no CSV in UTF-8 ({error}); name another file") from None
    missing = [column for column in IDENTITY if column not in columns]
    if columns and (missing or len(set(columns)) < len(columns)):
        raise ConfigurationError(
            "{} is no telemetry: its header {}; expected {}; name another file".format(
                name,
                "lacks " + ", ".join(missing) if missing else "has a column twice",
                ", ".join(IDENTITY),
            )
        )
    for number, fields in rows:
        if len(fields) != len(columns):
            raise ConfigurationError(
                f"{name} line {number} has {len(fields)} fields; expected {len(columns)}, as its header; "
                "mend the line"
            )
    return DayTable(columns, [dict(zip(columns, fields)) for _, fields in rows])


def _place(column: str) -> tuple[int, int, str]:
    """Return where a new column belongs: known ones first, then raw values by number, then others by name."""
    if column in COLUMNS:
        return (0, COLUMNS.index(column), column)
    number = column[len("smart_") : -len("_raw")]
    return (
        (1, int(number), column)
        if RAW_COLUMN.format(number) == column and number.isdigit()
        else (2, 0, column)
    )
