"""Telemetry to decoded drive-days, now and earlier: what features are made of, as serving would see it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from functions.scoring.model.features import WINDOWS, Feature, FeaturePlan, HistoryWindow
from functions.scoring.model.stand_ins import StandIns
from functions.scoring.raw_values import EXACT_LIMIT, decode, layouts_of
from training.telemetry.tables import raw_column

_DAYS_PER_DRIVE = 1 << 20
"""Room for days in the key of a drive-day; 2**20 days are 2,870 years."""


@dataclass(frozen=True)
class Observed:
    """Decoded values of n drive-days.

    Attributes
    ----------
    attributes : tuple of int
        SMART attributes, the column order of the matrices.
    now : (n, k) array of float64
        NaN where missing.
    earlier : dict of int to (n, k) array of float64
        The same drives' values by history window (its days), NaN where there is no earlier row.
    """

    attributes: tuple[int, ...]
    now: npt.NDArray[np.float64]
    earlier: Mapping[int, npt.NDArray[np.float64]]

    def matrix(self, features: Sequence[Feature]) -> npt.NDArray[np.float32]:
        """Return the (n, len(features)) input of a model with these features."""
        plan = FeaturePlan(features)
        columns = [self.attributes.index(attribute) for attribute in plan.attributes]
        earlier = {days: values[:, columns] for days, values in self.earlier.items()}
        return plan.matrix(self.now[:, columns], earlier)

    def without_history(self) -> Observed:
        """Return the drive-days as a fleet scored for the first time shows them."""
        return Observed(self.attributes, self.now, {})

    def select(self, kept: npt.NDArray[np.bool_]) -> Observed:
        """Return some of the drive-days."""
        earlier = {days: values[kept] for days, values in self.earlier.items()}
        return Observed(self.attributes, self.now[kept], earlier)

    def standing_in(self, stand_ins: Mapping[int, int]) -> Observed:
        """Return the drive-days with a missing attribute's value taken from its stand-in, now and earlier."""
        known = {missing: other for missing, other in stand_ins.items() if other in self.attributes}
        fill = StandIns(self.attributes, known).fill
        earlier = {days: fill(values) for days, values in self.earlier.items()}
        return Observed(self.attributes, fill(self.now), earlier)


def stack(parts: Sequence[Observed]) -> Observed:
    """Return the drive-days of several parts, at least one, of the same attributes and windows, as one."""
    return Observed(
        parts[0].attributes,
        np.concatenate([part.now for part in parts]),
        {days: np.concatenate([part.earlier[days] for part in parts]) for days in parts[0].earlier},
    )


class FleetHistory:
    """Every drive-day of a fleet, ready to be looked up with its history.

    Which earlier day serves a history window is decided for the fleet, as it is in serving: the day nearest
    to the window's age on which there is any telemetry. A drive without a row on that day has no history
    there.

    Parameters
    ----------
    frame : polars.DataFrame
        Telemetry as `training.telemetry.data.read_telemetry` returns it, sorted by (serial_number, date).
        Rows are addressed by their position in it.
    attributes : sequence of int
        SMART attributes to keep; a column that is absent is missing everywhere, and so is a raw value that
        float64 does not count.
    days : polars.Series of Date, optional
        Every day with any telemetry, when ``frame`` holds some of the fleet's drives only; else those of
        ``frame``.
    """

    def __init__(self, frame: pl.DataFrame, attributes: Sequence[int], days: pl.Series | None = None) -> None:
        self.attributes = tuple(attributes)
        raw = pl.DataFrame([_raw(frame, attribute) for attribute in self.attributes]).to_numpy()
        self.values = decode(raw, self.attributes, _layouts(frame["model"]))
        drive = frame["serial_number"].rle_id().to_numpy().astype(np.int64)
        self._day = frame["date"].to_physical().to_numpy().astype(np.int64)
        self._key = drive * _DAYS_PER_DRIVE + self._day
        fleet_days = frame["date"] if days is None else days
        self._days = np.unique(fleet_days.to_physical().to_numpy().astype(np.int64))

    def observe(self, rows: npt.NDArray[np.integer], windows: Sequence[HistoryWindow] = WINDOWS) -> Observed:
        """Return the drive-days at some positions, with their history."""
        earlier = {window.days: self._earlier(rows, window) for window in windows}
        return Observed(self.attributes, self.values[rows], earlier)

    def _earlier(self, rows: npt.NDArray[np.integer], window: HistoryWindow) -> npt.NDArray[np.float64]:
        days, of_row = np.unique(self._day[rows], return_inverse=True)
        age_on = np.zeros(len(days), dtype=np.int64)
        for age in reversed(window.ages()):
            age_on[np.isin(days - age, self._days)] = age
        ages = age_on[of_row]
        wanted = self._key[rows] - ages
        index = np.searchsorted(self._key, wanted)
        values: npt.NDArray[np.float64] = self.values[index]
        values[(ages == 0) | (self._key[index] != wanted)] = np.nan
        return values


def _raw(frame: pl.DataFrame, attribute: int) -> pl.Series:
    name = raw_column(attribute)
    if name not in frame.columns:
        return pl.Series(name, np.full(frame.height, np.nan))
    inside = pl.when(pl.col(name).is_between(0, EXACT_LIMIT - 1)).then(pl.col(name))
    return frame.select(inside.cast(pl.Float64).fill_null(float("nan")).alias(name)).to_series()


def _layouts(models: pl.Series) -> npt.NDArray[np.uint8]:
    distinct = models.unique().to_list()
    layouts = dict(zip(distinct, layouts_of(distinct).tolist(), strict=True))
    return models.replace_strict(layouts, return_dtype=pl.UInt8).to_numpy()
