"""One drive's line of a day CSV as the JSON object that `POST /api/predict` takes."""

from __future__ import annotations

import csv
import gzip
from collections.abc import Iterator, Set
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

TEXT_COLUMNS = frozenset({"date", "serial_number", "model"})

type DriveRecord = dict[str, str | int | float]


@contextmanager
def open_day(path: Path) -> Iterator[TextIO]:
    """Open a day CSV, ``.csv`` or ``.csv.gz``, as UTF-8 text; a line ends at a line feed, as for the app.

    A byte order mark is skipped, bytes that are not UTF-8 are replaced (the app rejects such lines).
    """
    opener = gzip.open if path.name.endswith(".gz") else open
    with opener(path, "rt", encoding="utf-8-sig", errors="replace", newline="\n") as file:
        yield file


def find(
    path: Path, serial_number: str, model: str, date: str = "", rejected: Set[int] = frozenset()
) -> DriveRecord | None:
    """Return the telemetry of a drive in a day CSV, blank columns left out; None when it has no line.

    Of several lines the last one counts, as for the app.

    Parameters
    ----------
    date : str
        "" for any.
    rejected : set of int
        Numbers of lines that do not count; the header's is 1.
    """
    found = None
    with open_day(path) as file:
        columns = [name.strip() for name in next(csv.reader(file), [])]
        if not {"serial_number", "model"} <= {*columns}:
            return None
        wanted = {columns.index("serial_number"): serial_number, columns.index("model"): model}
        if date and "date" in columns:
            wanted[columns.index("date")] = date
        for number, line in enumerate(file, 2):
            if number in rejected or serial_number not in line:
                continue
            values = next(csv.reader([line]), [])
            if len(values) == len(columns) and all(values[at].strip() == text for at, text in wanted.items()):
                found = dict(zip(columns, values, strict=True))
    return None if found is None else record(found)


def rejected_lines(path: Path) -> frozenset[int]:
    """Return the numbers of the lines in a rejects CSV; none where there is no such file."""
    if not path.exists():
        return frozenset()
    with path.open(encoding="utf-8", newline="") as file:
        return frozenset(int(row["line"]) for row in csv.DictReader(file))


def record(row: dict[str, str]) -> DriveRecord:
    """Return a CSV line's values by column: identity columns as text, others as numbers where they are."""
    return {
        name: value if name in TEXT_COLUMNS else _number(value)
        for name, value in ((name, text.strip()) for name, text in row.items())
        if value
    }


def _number(text: str) -> int | float | str:
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return text
