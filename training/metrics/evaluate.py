"""The figures of one part of the data: per row, per drive, at thresholds, with the prevalence beside them."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from training.metrics.bootstrap import bootstrap_intervals
from training.metrics.calibration import brier, expected_calibration_error
from training.metrics.curves import FPR_POINTS, Floats, Ranking
from training.metrics.decisions import decide, drives_of
from training.metrics.row_intervals import row_intervals


def evaluate(
    frame: pl.DataFrame,
    probability: npt.ArrayLike,
    thresholds: Mapping[str, float],
    *,
    seed: int = 0,
    resamples: int = 1000,
) -> dict[str, Any]:
    """Compute every figure of a scored part.

    Parameters
    ----------
    frame : polars.DataFrame
        Labelled rows at natural prevalence: serial_number, date, label, days_to_failure.
    probability : array-like of float, shape (frame.height,)
    thresholds : mapping of str to float
        Named thresholds, chosen elsewhere (validation), at which decisions are evaluated.
    seed, resamples : int
        Of the bootstrap; no intervals when resamples is 0.

    Returns
    -------
    dict
        Ready for JSON (None where a figure does not exist): ``rows`` and ``drives`` (count, positives,
        prevalence, average_precision, roc_auc; rows also brier, ece and ece_equal_width; drives also
        recall_at_fpr), ``decisions`` (per threshold) and ``intervals`` (95 %, over drives).
    """
    drives = drives_of(frame, probability)
    labels = frame["label"].to_numpy()
    by_row, by_drive = Ranking.of(labels, probability), Ranking.of(drives.label, drives.score)
    return {
        "rows": {
            "count": frame.height,
            "positives": int(labels.sum()),
            "prevalence": float(labels.mean()),
            "average_precision": _finite(by_row.average_precision()),
            "roc_auc": _finite(by_row.roc_auc()),
            "brier": brier(labels, probability),
            "ece": expected_calibration_error(labels, probability),
            "ece_equal_width": expected_calibration_error(labels, probability, binning="equal-width"),
        },
        "drives": {
            "count": drives.table.height,
            "positives": int(drives.label.sum()),
            "prevalence": drives.prevalence,
            "average_precision": _finite(by_drive.average_precision()),
            "roc_auc": _finite(by_drive.roc_auc()),
            "recall_at_fpr": {f"{rate:g}": _finite(by_drive.recall_at_fpr(rate)) for rate in FPR_POINTS},
        },
        "decisions": {name: decide(drives, threshold).as_json() for name, threshold in thresholds.items()},
        "intervals": {
            **bootstrap_intervals(drives, thresholds, resamples=resamples, seed=seed),
            **row_intervals(drives, resamples=resamples, seed=seed),
        }
        if resamples
        else {},
    }


def rank(label: npt.NDArray[np.int8], score: Floats) -> dict[str, Any]:
    """Return the ranking figures of drives with one score each, None where there is no failing drive."""
    ranking = Ranking.of(label, score)
    positives = int(label.sum())
    return {
        "drives": len(label),
        "positives": positives,
        "prevalence": float(label.mean()),
        "average_precision": float(ranking.average_precision()) if positives else None,
        "recall_at_fpr": {
            f"{rate:g}": float(ranking.recall_at_fpr(rate)) if positives else None for rate in FPR_POINTS
        },
    }


def _finite(value: npt.ArrayLike) -> float | None:
    number = float(value)  # type: ignore[arg-type]
    return number if math.isfinite(number) else None
