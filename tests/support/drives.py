"""Telemetry rows for tests: as text, as JSON, and what comes of scoring them."""

from __future__ import annotations

import copy
import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from functions.scoring.engine.whole_file import CsvEngine
from functions.scoring.history.folder_store import FolderSnapshotStore
from functions.scoring.history.snapshots import SnapshotStore, source_id
from functions.scoring.report.tally import Source, Tally

COLUMNS = ("date", "serial_number", "model", "capacity_bytes", "failure")
RAW = ("smart_5_raw", "smart_187_raw", "smart_188_raw", "smart_194_raw", "smart_197_raw", "smart_198_raw")
HEADER = ",".join([*COLUMNS, *RAW])

WORN: dict[str, Any] = {"smart_5_raw": 48, "smart_187_raw": 30, "smart_197_raw": 40}
"""Raw values of a drive that the small model takes for critical."""


def row(serial: str = "Z300AAAA", date: str = "2014-01-25", model: str = "ST4000DM000", **raw: object) -> str:
    """Write a line without its end; raw values not given are 0, and 25 for the temperature."""
    given: dict[str, object] = {**dict.fromkeys(RAW, 0), "smart_194_raw": 25, **raw}
    return ",".join([date, serial, model, "4000787030016", "0", *(str(given[name]) for name in RAW)])


def table(rows: Iterable[str]) -> bytes:
    """Write a telemetry CSV."""
    return "".join(f"{line}\n" for line in [HEADER, *rows]).encode()


def record(**fields: object) -> dict[str, Any]:
    """Make the JSON object of a drive."""
    return {"date": "2014-01-25", "serial_number": "Z300AAAA", "model": "ST4000DM000", **fields}


class Scored(NamedTuple):
    """Outputs of one run."""

    summary: dict[str, Any]
    scored: bytes
    rejects: bytes
    tally: Tally

    def rows(self) -> list[dict[str, str]]:
        """Read the scored CSV."""
        return read_csv(self.scored)

    def rejected(self) -> list[dict[str, str]]:
        """Read the rejects CSV."""
        return read_csv(self.rejects)


def read_csv(data: bytes) -> list[dict[str, str]]:
    """Read an output by Python's own reader, strictly."""
    return list(csv.DictReader(io.StringIO(data.decode(), newline=""), strict=True))


def cut(data: bytes, sizes: Sequence[int]) -> list[bytes]:
    """Cut bytes into chunks of these sizes, over and over; 0 gives an empty chunk."""
    if not any(sizes):
        return [data]
    chunks, at, turn = [], 0, 0
    while at < len(data):
        size = sizes[turn % len(sizes)]
        chunks.append(data[at : at + size])
        at, turn = at + size, turn + 1
    return chunks


def score(
    engine: CsvEngine,
    data: bytes | Iterable[bytes],
    *,
    name: str = "day.csv",
    etag: str = "1",
    store: SnapshotStore | None = None,
) -> Scored:
    """Score bytes in memory."""
    chunks = [data] if isinstance(data, bytes) else list(data)
    scored, rejects, tally = io.BytesIO(), io.BytesIO(), Tally()
    source = Source(name, etag, sum(map(len, chunks)))
    store = made_for(store, name, etag)
    summary = engine.score(chunks, source, scored, rejects, store, tally)
    return Scored(summary, scored.getvalue(), rejects.getvalue(), tally)


def made_for(store: SnapshotStore | None, name: str, etag: str) -> SnapshotStore | None:
    """Make a folder of snapshots the store of one file; others are made for one already."""
    if isinstance(store, FolderSnapshotStore):
        store = copy.copy(store)
        store._source = source_id(name, etag)
    return store


def faults(problem: Mapping[str, Any]) -> dict[str, str]:
    """Read which fields a problem document names, and what it found in them."""
    return {entry["field"]: entry["found"] for entry in problem["errors"]}
