"""A forecast asked about a nearer future: failures within 7 and 14 days."""

from __future__ import annotations

from typing import Any

import polars as pl

from training.metrics.curves import Floats
from training.metrics.decisions import drives_of
from training.metrics.evaluate import rank

SHORTER_HORIZONS = (7, 14)
"""Days. A row whose outcome is known for the whole horizon is known for a shorter one."""


def by_horizon(frame: pl.DataFrame, probability: Floats, horizon_days: int) -> dict[str, Any]:
    """Return ranking figures of shorter horizons, by days; none that is not shorter.

    Parameters
    ----------
    frame : polars.DataFrame
        Labelled rows of one part: serial_number, date, label, days_to_failure.
    probability : (n,) array of float64
    horizon_days : int
        That the probabilities are of.
    """
    found = {}
    for days in SHORTER_HORIZONS:
        if days < horizon_days:
            near = (pl.col("days_to_failure") <= days).fill_null(value=False).cast(pl.Int8)
            drives = drives_of(frame.with_columns(near.alias("label")), probability)
            found[str(days)] = rank(drives.label, drives.score)
    return found
