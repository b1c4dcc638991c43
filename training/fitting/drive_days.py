"""Every labelled drive-day of a fleet of any size, in some thirty bytes each.

Telemetry is read once and labelled a shard of drives at a time. What is kept of a row is its drive, day
and label, and the number of its combination of values (`training.fitting.unique_values`), so that thirty
million rows take about a gigabyte and validation and test need no sampling.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import polars as pl

from functions.scoring.smart import ERROR_ATTRIBUTES
from training.errors import SplitError
from training.fitting.observations import FleetHistory
from training.fitting.unique_values import DistinctValues, Places, distinct, merge
from training.protocol.labelled_shards import LabelledShard, map_labelled
from training.protocol.periods import find_periods
from training.telemetry.fleet_counts import FleetCounts
from training.telemetry.sources import source_files
from training.telemetry.tables import raw_column

POWER_ON_HOURS = 9
"""The SMART attribute that is a drive's age; no feature, but what a leak probe needs."""

_AGE = raw_column(POWER_ON_HOURS)


@dataclass(frozen=True)
class DriveDays:
    """A fleet's labelled drive-days.

    Attributes
    ----------
    rows : polars.DataFrame
        Sorted by (serial_number, date): serial_number and model (Enum, in order of the text), date, period,
        label, days_to_failure, ``row`` (UInt32, the number of the combination of values), and for the leak
        probes only capacity_bytes and smart_9_raw (Float32).
    lineage : dict
        As `training.telemetry.sources.lineage` describes it.
    telemetry_ends : dict of int to datetime.date
        The last day of telemetry of every period, by number.
    """

    rows: pl.DataFrame
    values: DistinctValues
    lineage: dict[str, Any]
    telemetry_ends: dict[int, dt.date]


@dataclass(frozen=True)
class _Part:
    rows: pl.DataFrame
    values: DistinctValues
    places: Places
    counts: FleetCounts
    days: pl.Series


def read_drive_days(
    paths: Sequence[Path], horizon_days: int, *, shards: int | None = None, progress: bool = False
) -> DriveDays:
    """Read and label telemetry.

    Parameters
    ----------
    paths : sequence of Path
        Files of one fleet.
    shards : int, optional
        As for `training.telemetry.shards.open_shards`; the result does not depend on it.

    Raises
    ------
    TelemetrySourceError, SplitError
        The telemetry cannot be read, or has no rows.
    """
    attributes = (*ERROR_ATTRIBUTES, POWER_ON_HOURS)
    parts = map_labelled(
        paths, _compact, attributes, horizon_days=horizon_days, shards=shards, progress=progress
    )
    counts = sum((part.counts for part in parts), FleetCounts())
    source = {**source_files(paths), **counts.document()}
    if not parts:
        raise SplitError(f"there is no drive-day in {', '.join(path.name for path in paths)}")
    ends = {period.number: period.last for period in find_periods(parts[0].days)}
    values, places = merge([(part.values, part.places) for part in parts])
    names = {
        name: pl.Enum(pl.concat([_categories(part.rows[name]) for part in parts]).unique().sort())
        for name in ("serial_number", "model")
    }
    rows = pl.concat(
        [
            part.rows.with_columns(
                *(pl.col(name).cast(pl.String).cast(kind) for name, kind in names.items()),
                pl.Series("row", of_part),
            )
            for part, of_part in zip(parts, places, strict=True)
        ]
    )
    return DriveDays(rows.sort("serial_number", "date"), values, source, ends)


def _compact(shard: LabelledShard) -> _Part:
    history = FleetHistory(shard.frame, ERROR_ATTRIBUTES, shard.days)
    values, places = distinct(history.observe(shard.rows["row"].to_numpy()))
    names = [_encode(shard.rows[name]) for name in ("serial_number", "model")]
    rows = shard.rows.select(
        *names,
        "date",
        "period",
        "label",
        "days_to_failure",
        pl.col("capacity_bytes").cast(pl.Float32),
        pl.col(_AGE).cast(pl.Float32),
    )
    return _Part(rows, values, places, FleetCounts.of(shard.frame), shard.days)


def _categories(names: pl.Series) -> pl.Series:
    return cast(pl.Enum, names.dtype).categories


def _encode(names: pl.Series) -> pl.Series:
    return names.cast(pl.Enum(names.unique().sort()))
