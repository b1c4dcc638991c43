"""Evidence for the leak probes: the rows as they were divided, and the recipe under test."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import polars as pl

from training.metrics.decisions import Drives, drives_of

Floats = npt.NDArray[np.float64]

type FitAndScore = Callable[[pl.DataFrame, pl.DataFrame], Floats]
"""Fit the recipe on training rows and score test rows; both are rows of `Evidence.rows`, labels included."""


@dataclass(frozen=True)
class Evidence:
    """An evaluation, open to inspection.

    Attributes
    ----------
    rows : polars.DataFrame
        Labelled rows: serial_number, model, date, period, label, days_to_failure, split, held_out,
        drive_seen; ``capacity_bytes`` and ``smart_9_raw`` (power-on hours) where the telemetry has them; and
        whatever ``fit_and_score`` needs.
    telemetry_ends : mapping of int to datetime.date
        The last day of telemetry of every period, by number.
    fit_and_score : callable
        The recipe whose figures are the headline.
    test_score : (n,) array of float64
        Its scores of the rows of the split "test", in their order.
    baseline_score : (n,) array of float64
        The baseline's scores of them: any of the five error counters above zero.
    also_trained_on : sequence of polars.DataFrame
        serial_number (String) and date of the rows of other fleets that the recipe is fitted on too.
    """

    rows: pl.DataFrame
    telemetry_ends: Mapping[int, dt.date]
    horizon_days: int
    fit_and_score: FitAndScore
    test_score: Floats
    baseline_score: Floats
    also_trained_on: Sequence[pl.DataFrame] = ()
    seed: int = 0

    @cached_property
    def train(self) -> pl.DataFrame:
        """Training rows."""
        return self.rows.filter(pl.col("split") == "train")

    @cached_property
    def test(self) -> pl.DataFrame:
        """Test rows."""
        return self.rows.filter(pl.col("split") == "test")

    @cached_property
    def baseline(self) -> Drives:
        """The test's drives as the baseline scores them."""
        return drives_of(self.test, self.baseline_score)
