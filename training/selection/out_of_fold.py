"""Scores of drives by models of a recipe that were not fitted on them, in folds by serial number."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl
from rich.console import Console
from rich.progress import track

from functions.scoring.model.manifest import Thresholds
from training.fitting.candidates import Candidate
from training.fitting.feature_sets import CHANGING_ATTRIBUTES
from training.fitting.fleet import Fleet
from training.fitting.fleet_draws import fleet_draws
from training.fitting.matched_counts import fit_matched
from training.fitting.members import decision
from training.fitting.platt import Calibration, Floats, fit_platt
from training.fitting.unique_values import DistinctValues
from training.metrics.thresholds import choose_thresholds, in_months, measured_on
from training.protocol.stable_hash import serial_hash

FOLDS = 4


@dataclass(frozen=True)
class Scored:
    """Rows at natural prevalence with the scores of models that do not know their drives.

    Attributes
    ----------
    frame : polars.DataFrame
        serial_number, model, date, period, label, days_to_failure, row.
    average : (n,) array of float64
        Uncalibrated log-odds.
    values : DistinctValues
        Looked up by ``row``, with stand-ins.
    reported : DistinctValues
        The same as telemetry has them.
    """

    frame: pl.DataFrame
    average: Floats
    values: DistinctValues
    reported: DistinctValues

    @property
    def label(self) -> npt.NDArray[np.int8]:
        """0 or 1, shape (n,)."""
        return self.frame["label"].to_numpy()

    def filter(self, kept: pl.Series) -> Scored:
        """Return some of the rows."""
        return Scored(self.frame.filter(kept), self.average[kept.to_numpy()], self.values, self.reported)

    def fit_matched(self) -> Calibration:
        """Calibrate by expected and seen failures, of rows with a counter above 0 and of others."""
        worn = self.values.worn(CHANGING_ATTRIBUTES)[self.frame["row"].to_numpy()]
        return fit_matched(self.average, self.label, worn)

    def fit_platt(self) -> Calibration:
        """Calibrate by maximum likelihood, as versions up to v3 were."""
        return fit_platt(self.average, self.label)

    def measured(self, calibration: Calibration, thresholds: Thresholds) -> Thresholds:
        """Return thresholds with the alerts they give among these drives."""
        return measured_on(in_months(self.frame, calibration.probability(self.average)), thresholds)

    def thresholds(self, calibration: Calibration) -> Thresholds:
        """Choose thresholds by alert budget, a drive counting anew every 30 days."""
        return choose_thresholds(in_months(self.frame, calibration.probability(self.average)))


def folds_of(serials: pl.Series, seed: int) -> npt.NDArray[np.uint64]:
    """Return the fold of every row's drive; a drive's fold is the same in every fleet."""
    return np.asarray(serial_hash(serials.cast(pl.String), seed, "calibration") % np.uint64(FOLDS))


def score_out_of_fold(
    candidate: Candidate, fleet: Fleet, before: dt.date | None, *, seed: int, progress: bool = False
) -> Scored:
    """Score the main fleet's drives that are not held out, each by a model that was not fitted on it.

    Parameters
    ----------
    before : datetime.date or None
        Rows from this day on are neither fitted on nor scored; None for every labelled row.
    """
    frame = fleet.trainable(before)
    fold = folds_of(frame["serial_number"], seed)
    average = np.zeros(frame.height)
    for number in track(
        range(FOLDS),
        f"calibrating {candidate.name}",
        console=Console(stderr=True),
        transient=True,
        disable=not progress,
    ):

        def of_others(rows: pl.DataFrame, number: int = number) -> pl.DataFrame:
            return rows.filter(pl.Series(folds_of(rows["serial_number"], seed) != number))

        mine = np.flatnonzero(fold == number)
        ranker = candidate.fit(fleet_draws(fleet, of_others(frame), before, of_others), seed)
        unseen, _, index = fleet.values.select(frame["row"].to_numpy()[mine], candidate.features)
        average[mine] = decision(ranker, unseen)[index]
    return Scored(frame, average, fleet.values, fleet.reported)
