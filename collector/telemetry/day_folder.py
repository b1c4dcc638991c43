"""The last days' telemetry of a host, kept so that a day's second run adds to its first."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import Callable, Sequence

from collector.drives.reading import Row
from collector.errors import ConfigurationError
from collector.telemetry.day_csv import read_csv
from collector.telemetry.day_file import change_file, csv_of
from collector.telemetry.day_json import Document, with_documents

KEPT_DAYS = 7

FORMS = ("csv", "json")
"""Endings of a day's file: telemetry, or smartctl's own output, one object a line."""


def csv_so_far(folder: Path, date: str, rows: Sequence[Row]) -> bytes:
    """Add rows to a day, YYYY-MM-DD, in a host's folder, and return the whole day.

    A drive that sleeps at the day's second run stays in the file as the first run read it.
    """
    path = folder / f"{date}.csv"
    return _so_far(path, lambda content: csv_of(rows, read_csv(content, str(path))))


def json_so_far(folder: Path, date: str, documents: Sequence[Document]) -> bytes:
    """Add smartctl's outputs to a day and return the whole day, as `csv_so_far` does with rows."""
    path = folder / f"{date}.json"
    return _so_far(path, lambda content: with_documents(content, documents, str(path)))


def _so_far(path: Path, change: Callable[[bytes], bytes]) -> bytes:
    def mended(content: bytes) -> bytes:
        try:
            return change(content)
        except ConfigurationError:  # a disk damaged it: what was read now goes out all the same
            return change(b"")

    try:
        content = change_file(path, mended)
    except ConfigurationError:  # a disk is full, or read only
        content = mended(_content(path))
    for old in sorted(path.parent.glob(f"????-??-??{path.suffix}"))[:-KEPT_DAYS]:
        with suppress(OSError):
            old.unlink()
    return content


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""
