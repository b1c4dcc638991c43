"""The model that is shipped: the tested recipe fitted once more on every labelled day.

The forward test needs half of the days for embargoes and test. A model for the days that come should not do
without them, so after the test the same recipe is fitted on all labelled days of the drives that are not held
out. Its calibration and thresholds cannot come from a validation period, since it has seen that; they come
from scores of drives by models of the same recipe that did not see them, in folds by serial number.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl
from rich.console import Console
from rich.progress import track

from functions.scoring.model.manifest import Thresholds
from training.fitting.candidates import Candidate, Ranker
from training.fitting.fleet import ExtraFleet, Fleet
from training.fitting.members import decision
from training.fitting.platt import fit_platt
from training.fitting.training_rows import Draw, drawer, mix
from training.log_odds_model import LogOddsModel
from training.metrics.calibration import expected_calibration_error
from training.metrics.curves import FPR_POINTS, average_precision, recall_at_fpr
from training.metrics.thresholds import choose_thresholds, in_months
from training.protocol.stable_hash import serial_hash
from training.selection.forward_test import Tested

CALIBRATION_FOLDS = 4


@dataclass(frozen=True)
class Release:
    """A model ready to be written.

    Attributes
    ----------
    model : LogOddsModel
        Calibrated.
    trained_on : polars.DataFrame
        The labelled rows it was drawn from.
    out_of_fold : dict
        Figures of the scores that calibration and thresholds come from; empty when these are validation's.
    """

    model: LogOddsModel
    thresholds: Thresholds
    trained_on: pl.DataFrame
    out_of_fold: dict[str, Any]


def as_tested(tested: Tested, trained_on: pl.DataFrame) -> Release:
    """Return the tested model itself as the release."""
    return Release(
        _convertible(tested.ranker).calibrate(*tested.calibration), tested.thresholds, trained_on, {}
    )


def refit(candidate: Candidate, fleet: Fleet, *, seed: int, progress: bool = True) -> Release:
    """Fit a candidate on all labelled drive-days of the drives not held out.

    Parameters
    ----------
    fleet : Fleet
        Calibration and thresholds come from its own drives, whatever else is trained on beside it.
    """
    frame = fleet.trainable()
    fold = _folds(frame, seed)
    average = np.zeros(frame.height)
    for number in track(
        range(CALIBRATION_FOLDS),
        f"calibrating {candidate.name}",
        console=Console(stderr=True),
        transient=True,
        disable=not progress,
    ):
        mine = np.flatnonzero(fold == number)
        others = frame[np.flatnonzero(fold != number)]
        ranker = candidate.fit(_draw(fleet, others, seed, without_fold=number), seed)
        unseen, _, index = fleet.values.select(frame["row"].to_numpy()[mine], candidate.features)
        average[mine] = decision(ranker, unseen)[index]
    calibration = fit_platt(average, frame["label"].to_numpy())
    probability = calibration.probability(average)
    months = in_months(frame, probability)
    thresholds = choose_thresholds(months)
    figures = {
        "drive_months": months.table.height,
        "prevalence": months.prevalence,
        "average_precision": average_precision(months.label, months.score),
        "recall_at_fpr": {
            f"{rate:g}": recall_at_fpr(months.label, months.score, rate) for rate in FPR_POINTS
        },
        "row_prevalence": float(frame["label"].mean()),  # type: ignore[arg-type]
        "row_ece": expected_calibration_error(frame["label"].to_numpy(), probability),
    }
    model = _convertible(candidate.fit(_draw(fleet, frame, seed), seed))
    return Release(model.calibrate(*calibration), thresholds, frame, figures)


def _folds(frame: pl.DataFrame, seed: int) -> npt.NDArray[np.uint64]:
    folds = serial_hash(frame["serial_number"], seed, "calibration") % np.uint64(CALIBRATION_FOLDS)
    return np.asarray(folds)


def _draw(fleet: Fleet, frame: pl.DataFrame, seed: int, without_fold: int | None = None) -> Draw:
    def rows(extra: ExtraFleet) -> pl.DataFrame:
        # A drive may have been in the other fleet before; its fold is the same there.
        every = extra.trainable()
        return every if without_fold is None else every.filter(pl.Series(_folds(every, seed) != without_fold))

    others = [(drawer(rows(one), one.days.values, fleet.horizon_days), one.weight) for one in fleet.extra]
    return mix(drawer(frame, fleet.values, fleet.horizon_days), others)


def _convertible(ranker: Ranker) -> LogOddsModel:
    if not isinstance(ranker, LogOddsModel):
        raise TypeError(f"a {type(ranker).__name__} does not convert to ONNX")
    return ranker
