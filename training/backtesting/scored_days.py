"""Day CSVs through the scoring engine in order of date, each joined with the snapshots of the days before."""

from __future__ import annotations

import datetime as dt
import io
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from functions.errors import TelemetryFileError
from functions.scoring.engine.whole_file import CsvEngine
from functions.scoring.history.folder_store import FolderSnapshotStore
from functions.scoring.model.features import WINDOWS
from functions.scoring.report.tally import Source, Tally
from training.backtesting.day_spool import DaySpool

KEPT_DAYS = max(window.farthest for window in WINDOWS)
"""Age in days after which no history window looks for a snapshot; older ones expire."""

_CHUNK_BYTES = 4 << 20
_COLUMNS: dict[str, type[pl.DataType]] = {
    "date": pl.Date,
    "serial_number": pl.String,
    "model": pl.String,
    "probability": pl.Float64,
    "risk": pl.String,
    "history_days": pl.Int32,
}


@dataclass(frozen=True)
class ScoredDay:
    """One day as production would have answered it.

    Attributes
    ----------
    rows : polars.DataFrame
        Of the scored CSV: date, serial_number, model, probability, risk, history_days. Empty when the file
        failed. A drive of unknown scope has the probability 0: it raises no alarm.
    summary : dict
        The engine's; empty when the file failed.
    failure : str or None
        Why the file as a whole could not be scored.
    """

    day: dt.date
    rows: pl.DataFrame
    summary: dict[str, Any]
    failure: str | None = None


def scored_days(engine: CsvEngine, spool: DaySpool, history: Path) -> Iterator[ScoredDay]:
    """Score the days of a spool.

    Parameters
    ----------
    spool : DaySpool
        A day's file is removed once it is scored.
    history : Path
        Folder for the snapshots. Those too old to be joined are removed on the way, as a lifecycle rule
        would.

    Yields
    ------
    ScoredDay
        In order of date.
    """
    store = FolderSnapshotStore(history)
    written: list[dt.date] = []
    for day in spool.days:
        path = spool.path(day)
        yield _score(engine, path, day, store)
        path.unlink()
        written.append(day)
        while (day - written[0]).days >= KEPT_DAYS:
            shutil.rmtree(history / written.pop(0).isoformat(), ignore_errors=True)


def _score(engine: CsvEngine, path: Path, day: dt.date, store: FolderSnapshotStore) -> ScoredDay:
    size = path.stat().st_size
    scored = io.BytesIO()
    try:
        summary = engine.score(
            _chunks(path), Source(path.name, f"{size:x}", size), scored, io.BytesIO(), store, Tally()
        )
    except TelemetryFileError as error:
        return ScoredDay(day, pl.DataFrame(schema=_COLUMNS), {}, error.detail)
    scored.seek(0)
    rows = pl.read_csv(scored, columns=list(_COLUMNS), schema_overrides=_COLUMNS)
    rows = rows.select(list(_COLUMNS)).with_columns(pl.col("probability").fill_null(0.0))
    return ScoredDay(day, rows, summary)


def _chunks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK_BYTES):
            yield chunk
