"""Labelled drive-days of any amount of telemetry, a shard of drives at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from training.protocol.labels import HORIZON_DAYS, label_drive_days
from training.telemetry.shards import ShardedFleet, open_shards


@dataclass(frozen=True)
class LabelledShard:
    """Some drives of a fleet.

    Attributes
    ----------
    frame : polars.DataFrame
        All their drive-days, as `training.telemetry.data.read_telemetry` returns them: what history is looked
        up in.
    rows : polars.DataFrame
        The drive-days whose outcome is known, as `training.protocol.labels.label_drive_days` returns them,
        with ``row`` (UInt32), the position in ``frame``.
    days : polars.Series of Date
        Every day with any row in the whole fleet.
    """

    frame: pl.DataFrame
    rows: pl.DataFrame
    days: pl.Series


def labelled_shards(fleet: ShardedFleet, horizon_days: int = HORIZON_DAYS) -> Iterator[LabelledShard]:
    """Label a fleet shard by shard; the labels are those of the whole fleet labelled at once."""
    for frame in fleet.frames():
        rows = label_drive_days(frame.with_row_index("row"), horizon_days, fleet.days)
        yield LabelledShard(frame, rows, fleet.days)


def map_labelled[Result](
    paths: Sequence[str | Path],
    function: Callable[[LabelledShard], Result],
    attributes: Sequence[int] | None = None,
    *,
    horizon_days: int = HORIZON_DAYS,
    shards: int | None = None,
    folder: Path | None = None,
    progress: bool = True,
) -> list[Result]:
    """Apply a function to every labelled shard and keep what it returns.

    Memory holds one shard and the results, so the function should sample (`training.protocol.sampling`)
    before it builds features. What it decides by (serial number, date, seed) does not depend on how drives
    are divided.

    Parameters
    ----------
    function : callable
        Gets a `LabelledShard`.
    paths, attributes, shards, folder, progress
        As for `training.telemetry.shards.open_shards`.
    horizon_days : int
        As for `training.protocol.labels.label_drive_days`.

    Returns
    -------
    list
        In order of shards. Drives are not in order of serial number across shards; sort what is concatenated.
    """
    with open_shards(paths, attributes, shards=shards, folder=folder, progress=progress) as fleet:
        results = [function(shard) for shard in labelled_shards(fleet, horizon_days)]
        if progress:
            fleet.report.tell()
    return results
