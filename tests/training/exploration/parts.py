"""Telemetry for the figures: a part of a fleet from plain rows, and a small simulated fleet."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from pathlib import Path

import polars as pl

from training.commands.simulate import simulate
from training.exploration.part import DataPart
from training.protocol.labelled_shards import LabelledShard
from training.protocol.labels import label_drive_days
from training.telemetry.data import read_telemetry

START = dt.date(2025, 6, 1)


def part_of(frame: pl.DataFrame, attributes: Sequence[int]) -> DataPart:
    """Return a whole fleet as one part."""
    days = frame["date"].unique().sort()
    rows = label_drive_days(frame.with_row_index("row"), days=days)
    return DataPart.of(LabelledShard(frame, rows, days), attributes)


def simulated(folder: Path, *, drives: int = 400, days: int = 50) -> pl.DataFrame:
    """Write a fleet that fails a lot into a folder and return it, read whole."""
    simulate(folder, drives=drives, days=days, seed=11, start=START, failure_rate=3.0)
    return read_telemetry([folder], progress=False)
