"""A made-up fleet in which worn drives fail, small enough to train on in a test."""

from __future__ import annotations

import datetime as dt

import numpy as np
import polars as pl

from functions.scoring.model.features import Feature
from training.fitting.feature_sets import WITH_CHANGES
from training.fitting.members import TreeSettings, fit_linear, fit_trees
from training.fitting.observations import FleetHistory
from training.fitting.training_rows import TrainingRows, drawer
from training.fitting.unique_values import DistinctValues, distinct
from training.log_odds_model import LogOddsModel
from training.protocol.labels import label_drive_days

START = dt.date(2020, 1, 1)
ATTRIBUTES = (5, 187, 188, 197, 198)


def telemetry(drives: int = 240, days: int = 160, seed: int = 0) -> pl.DataFrame:
    """Return sorted telemetry: one drive in three fails, most of those with rising counters before it."""
    random = np.random.default_rng(seed)
    parts = []
    for number in range(drives):
        fails = int(random.integers(20, days)) if number % 3 == 0 else None
        last = fails if fails is not None else days - 1
        day = np.arange(last + 1)
        shows = fails is not None and random.random() < 0.8
        wear = np.maximum(0, day - (last - 25)) * random.integers(1, 9) if shows else np.zeros(last + 1, int)
        noise = np.full(last + 1, random.integers(0, 4) if random.random() < 0.2 else 0)
        columns = {"smart_5_raw": wear * 8 + noise, "smart_187_raw": wear, "smart_188_raw": noise}
        columns |= {"smart_197_raw": wear * 2, "smart_198_raw": wear * 2}
        parts.append(
            pl.DataFrame(
                {
                    "date": pl.Series([START + dt.timedelta(days=int(d)) for d in day], dtype=pl.Date),
                    "serial_number": [f"D{number:04}"] * len(day),
                    "model": ["ST4000DM000"] * len(day),
                    "capacity_bytes": pl.Series([4_000_787_030_016] * len(day), dtype=pl.Int64),
                    "failure": pl.Series((day == (fails or -1)).astype(np.int8)),
                    **{name: pl.Series(values.astype(np.int64)) for name, values in columns.items()},
                }
            )
        )
    return pl.concat(parts)


def weekly_telemetry(drives: int = 120, weeks: int = 100, seed: int = 0) -> pl.DataFrame:
    """Return telemetry of every seventh day, of two other drive models, that ends after `START`."""
    random = np.random.default_rng(seed)
    first = START - dt.timedelta(weeks=weeks - 20)
    parts = []
    for number in range(drives):
        fails = int(random.integers(10, weeks)) if number % 2 == 0 else None
        week = np.arange(weeks if fails is None else fails + 1)
        shows = fails is not None and random.random() < 0.8
        wear = np.maximum(0, week - (week[-1] - 5)) * random.integers(1, 9) if shows else 0 * week
        noise = np.full(len(week), random.integers(0, 4) if random.random() < 0.2 else 0)
        parts.append(
            pl.DataFrame(
                {
                    "date": pl.Series([first + dt.timedelta(weeks=int(w)) for w in week], dtype=pl.Date),
                    "serial_number": [f"W{number:04}"] * len(week),
                    "model": ["Hitachi HDS5C3030ALA630" if number % 3 else "WDC WD30EFRX"] * len(week),
                    "failure": pl.Series((week == (fails or -1)).astype(np.int8)),
                    "smart_5_raw": wear * 8 + noise,
                    "smart_197_raw": wear,
                }
            )
        )
    return pl.concat(parts)


def training_rows(seed: int = 0, drives: int = 120) -> TrainingRows:
    """Return drawn rows of a made-up fleet."""
    return drawer(*labelled(telemetry(drives, 120, seed)))(seed)


def labelled(frame: pl.DataFrame) -> tuple[pl.DataFrame, DistinctValues]:
    """Return the labelled rows of telemetry, and the values their column ``row`` refers to."""
    values, rows = distinct(FleetHistory(frame, ATTRIBUTES).observe(np.arange(frame.height)))
    return label_drive_days(frame.with_columns(pl.Series("row", rows))), values


def random_matrix(features: tuple[Feature, ...], rows: int = 400, seed: int = 1) -> np.ndarray:
    """Return a float32 matrix with zeros, counts and missing values."""
    random = np.random.default_rng(seed)
    counts = random.integers(0, 60, (rows, len(features))) * (random.random((rows, len(features))) < 0.4)
    values = np.log1p(counts).astype(np.float32)
    values[random.random(values.shape) < 0.15] = np.nan
    return values


def blend() -> LogOddsModel:
    """Return a calibrated model of two boosted members and a linear one, on `WITH_CHANGES`."""
    rows = training_rows()
    members = [fit_trees(rows, WITH_CHANGES, TreeSettings(trees=30), seed) for seed in (0, 1)]
    linear = fit_linear(rows, WITH_CHANGES)
    return LogOddsModel([*members, linear], [0.35, 0.35, 0.3]).calibrate(0.9, -0.2)
